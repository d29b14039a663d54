//! Applications with access to the account, in every organization, and the end of it.

use crate::answer;
use crate::context::Context;
use crate::extract::request::{id, organization};
use crate::refused::Refused;
use crate::web::gate::{Stopped, Visitor, own_form};
use crate::web::{frame, from_letter, page, unreadable};
use crate::words;
use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use directory::catalogue::Catalogue;
use directory::connections::{self, Connected};
use login::csrf::FormPurpose;
use model::audit::{Actor, By};
use model::id::{ApplicationId, OrgId};
use model::user::SignedIn;
use routes::url;
use std::collections::HashMap;
use store::Class;
use store::tables::organizations;
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
        let active = connections::of_user(conn, signed_in.user().id, now)?;
        let mut catalogues = HashMap::new();
        for connected in &active {
            // Its scopes are those of where it is registered.
            let org = &connected.application.org_id;
            if !catalogues.contains_key(org) {
                catalogues.insert(org.clone(), Catalogue::read(conn, org)?);
            }
        }
        let mine = organizations::of_user(conn, signed_in.user().id)?;
        Ok(Ok((signed_in, active, catalogues, mine)))
    });
    let (signed_in, active, catalogues, mine) = seen.await??;
    let row = |connected: &Connected| {
        let catalogue = catalogues.get(&connected.application.org_id).cloned().unwrap_or_default();
        connection(&context, &signed_in, connected, &catalogue)
    };
    let shown = Connections {
        side: frame::account_side(url::CONNECTIONS),
        notice,
        connections: active.iter().map(row).collect(),
        device_url: url::DEVICE.to_owned(),
    };
    page(&context, StatusCode::OK, &shown, &frame::of_account(&context, None, &signed_in, &mine))
}

fn connection(context: &Context, signed_in: &SignedIn, connected: &Connected, catalogue: &Catalogue) -> Connection {
    let (now, org, application) = (context.now(), &connected.organization.id, connected.application.id);
    Connection {
        app: AppFace::new(connected.app_name(), connected.application.client_id.is_registered())
            .with_logo(frame::logo_url(&connected.application)),
        organization: connected.organization.name.clone(),
        scopes: words::scopes(catalogue.in_words(&connected.scopes)),
        since: When::past(connected.since, now),
        collected: connected.collected,
        last_used: connected.used.map(|used| When::past(used, now)),
        disconnect: Form {
            action: url::disconnect(org, application),
            csrf_token: Visitor::of(context).form_token(
                &signed_in.session().digest,
                DISCONNECT,
                &object(org, application),
            ),
            hidden: Vec::new(),
        },
    }
}

/// What the form of a connection is bound to.
fn object(org: &OrgId, application: ApplicationId) -> String {
    format!("{org}/{application}")
}

/// Ends an application's access in an organization, whatever it came of.
///
/// # Errors
/// 403 for a form of another session, 404 for a connection that is not one of theirs.
pub async fn disconnect(context: Context) -> Result<HttpResponse, Refused> {
    let org = organization(&context)?;
    let form = own_form(&context)?;
    let application: ApplicationId = id(context.path("application"))?;
    let visitor = Visitor::of(&context);
    let purpose = FormPurpose { action: DISCONNECT, object: &object(&org, application) };
    visitor.check((), purpose, form.get("csrf_token"))?;
    let (moment, origin) = (context.moment.clone(), context.origin.clone());
    let written = context.state.db.write("disconnect", Class::Durable, move |conn| {
        let signed_in = match visitor.require_signed_in(conn)? {
            Ok(signed_in) => signed_in,
            Err(stopped) => return Ok(Err(stopped)),
        };
        let user = signed_in.user().id;
        let by = By::request(Actor::User(user), (&moment, &origin));
        let ended = connections::end(conn, &org, (user, application), &by)?;
        Ok(if ended { Ok(()) } else { Err(Stopped::NotFound) })
    });
    written.await?.into_inner()?;
    Ok(answer::see_other(&url::after(url::CONNECTIONS, DISCONNECTED)))
}
