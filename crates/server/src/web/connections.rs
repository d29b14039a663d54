//! Applications with access to the account, in every organization, and the end of it.

use crate::answer;
use crate::context::Context;
use crate::extract::request::id;
use crate::refused::Refused;
use crate::web::gate::{Stopped, Visitor, own_form};
use crate::web::{frame, from_letter, page, unreadable};
use crate::words;
use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use directory::catalogue::Catalogue;
use login::csrf::FormPurpose;
use model::application::Application;
use model::audit::{Actor, By};
use model::id::FamilyId;
use model::org::Organization;
use model::refresh::{RefreshFamily, RevocationReason};
use model::user::SignedIn;
use routes::url;
use std::collections::HashMap;
use store::Class;
use store::tables::{families, organizations};
use views::pages::{AppFace, Connection, Connections, Form};
use views::say;
use views::text::When;

const DISCONNECT: &str = "disconnect";

/// In the address, after *Disconnect*.
const DISCONNECTED: &str = "disconnected";

/// Shows them.
///
/// # Errors
/// To the sign-in page where nobody is signed in.
pub async fn list(context: Context) -> Result<HttpResponse, Refused> {
    if let Some(onward) = from_letter(&context, url::CONNECTIONS)? {
        return Ok(onward);
    }
    let (visitor, now) = (Visitor::of(&context), context.now());
    let query = context.query().map_err(unreadable)?;
    let notice = (query.get("done") == Some(DISCONNECTED)).then(say::disconnected);
    let seen = context.state.db.snapshot("connections", move |conn| {
        let signed_in = match visitor.require_signed_in(conn)? {
            Ok(signed_in) => signed_in,
            Err(stopped) => return Ok(Err(stopped)),
        };
        let active = families::active_of_user(conn, signed_in.user().id, now)?;
        let mut catalogues = HashMap::new();
        for (family, ..) in &active {
            if !catalogues.contains_key(&family.org_id) {
                catalogues.insert(family.org_id.clone(), Catalogue::read(conn, &family.org_id)?);
            }
        }
        let mine = organizations::of_user(conn, signed_in.user().id)?;
        Ok(Ok((signed_in, active, catalogues, mine)))
    });
    let (signed_in, active, catalogues, mine) = seen.await??;
    let row = |(family, application, organization): &(RefreshFamily, Application, Organization)| {
        let catalogue = catalogues.get(&family.org_id).cloned().unwrap_or_default();
        connection(&context, &signed_in, (family, application, organization), &catalogue)
    };
    let shown = Connections {
        side: frame::account_side(url::CONNECTIONS),
        notice,
        connections: active.iter().map(row).collect(),
        device_url: mine
            .first()
            .map_or_else(|| url::ORGANIZATIONS.to_owned(), |(organization, _)| url::device(&organization.id)),
    };
    page(&context, StatusCode::OK, &shown, &frame::of_account(&context, None, &signed_in, &mine))
}

fn connection(
    context: &Context,
    signed_in: &SignedIn,
    (family, application, organization): (&RefreshFamily, &Application, &Organization),
    catalogue: &Catalogue,
) -> Connection {
    let now = context.now();
    Connection {
        app: AppFace::new(application.settings.name.as_str(), true),
        organization: organization.name.clone(),
        scopes: words::scopes(catalogue.in_words(&family.scopes)),
        since: When::past(family.created_at, now),
        last_used: (family.last_used_at > family.created_at).then(|| When::past(family.last_used_at, now)),
        disconnect: Form {
            action: url::disconnect(family.id),
            csrf_token: Visitor::of(context).form_token(
                &signed_in.session().digest,
                DISCONNECT,
                &family.id.to_string(),
            ),
            hidden: Vec::new(),
        },
    }
}

/// Ends one application's access.
///
/// # Errors
/// 403 for a form of another session, 404 for a connection that is not one of theirs.
pub async fn disconnect(context: Context) -> Result<HttpResponse, Refused> {
    let form = own_form(&context)?;
    let family: FamilyId = id(context.path("family"))?;
    let visitor = Visitor::of(&context);
    let purpose = FormPurpose { action: DISCONNECT, object: &family.to_string() };
    visitor.check((), purpose, form.get("csrf_token"))?;
    let (moment, origin) = (context.moment.clone(), context.origin.clone());
    let written = context.state.db.write("disconnect", Class::Durable, move |conn| {
        let signed_in = match visitor.require_signed_in(conn)? {
            Ok(signed_in) => signed_in,
            Err(stopped) => return Ok(Err(stopped)),
        };
        let user = signed_in.user().id;
        let active = families::active_of_user(conn, user, moment.now())?;
        let Some((own, ..)) = active.into_iter().find(|(own, ..)| own.id == family) else {
            return Ok(Err(Stopped::NotFound));
        };
        let by = By::request(Actor::User(user), (&moment, &origin));
        families::end(conn, &own.org_id, own.id, RevocationReason::User, &by)?;
        Ok(Ok(()))
    });
    written.await?.into_inner()?;
    Ok(answer::see_other(&url::after(url::CONNECTIONS, DISCONNECTED)))
}
