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
use model::audit::{Action, Actor, By};
use model::code_grant::Consent;
use model::grant::{Grant, GrantState};
use model::id::{FamilyId, GrantId};
use model::org::Organization;
use model::refresh::{RefreshFamily, RevocationReason};
use model::time::Timestamp;
use model::user::SignedIn;
use protocol::scope::Scopes;
use routes::url;
use std::collections::HashMap;
use store::Class;
use store::tables::{approvals, audit, authorization_codes, consents, families, organizations};
use uuid::Uuid;
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
        let user = signed_in.user().id;
        let approved = approvals::of_user(conn, user, now)?.into_iter().filter_map(Connected::by_approval);
        let active = families::active_of_user(conn, user, now)?.into_iter().map(Connected::by_family);
        let mut active: Vec<Connected> = approved.chain(active).collect();
        // What was agreed to stays agreed to when its tokens are over, until it is ended here.
        for agreed in consents::of_user(conn, user)? {
            let of_same = |known: &Connected| known.application.id == agreed.2.id && known.collected;
            if !active.iter().any(of_same) {
                active.push(Connected::by_consent(agreed));
            }
        }
        let mut catalogues = HashMap::new();
        for connected in &active {
            let org = &connected.organization.id;
            if !catalogues.contains_key(org) {
                catalogues.insert(org.clone(), Catalogue::read(conn, org)?);
            }
        }
        let mine = organizations::of_user(conn, signed_in.user().id)?;
        Ok(Ok((signed_in, active, catalogues, mine)))
    });
    let (signed_in, active, catalogues, mine) = seen.await??;
    let row = |connected: &Connected| {
        let catalogue = catalogues.get(&connected.organization.id).cloned().unwrap_or_default();
        connection(&context, &signed_in, connected, &catalogue)
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

/// An application with access, one that gets it as soon as its device asks, or one that need not ask again: the family's id,
/// the grant's, or the application's.
struct Connected {
    id: Uuid,
    application: Application,
    organization: Organization,
    scopes: Scopes,
    since: Timestamp,
    used: Option<Timestamp>,
    collected: bool,
}

impl Connected {
    fn by_family((family, application, organization): (RefreshFamily, Application, Organization)) -> Self {
        Self {
            id: family.id.uuid(),
            application,
            organization,
            scopes: family.scopes,
            since: family.created_at,
            used: Some(family.last_used_at).filter(|used| *used > family.created_at),
            collected: true,
        }
    }

    fn by_consent(
        (consent, since, application, organization): (Consent, Timestamp, Application, Organization),
    ) -> Self {
        Self {
            id: application.id.uuid(),
            application,
            organization,
            scopes: consent.scopes,
            since,
            used: None,
            collected: true,
        }
    }

    fn by_approval((grant, application, organization): (Grant, Application, Organization)) -> Option<Self> {
        let GrantState::Approved(approval) = grant.state else { return None };
        Some(Self {
            id: grant.id.uuid(),
            application,
            organization,
            scopes: approval.scopes,
            since: approval.at,
            used: None,
            collected: false,
        })
    }
}

fn connection(context: &Context, signed_in: &SignedIn, connected: &Connected, catalogue: &Catalogue) -> Connection {
    let (now, id) = (context.now(), connected.id.to_string());
    Connection {
        app: AppFace::new(connected.application.settings.name.as_str(), true),
        organization: connected.organization.name.clone(),
        scopes: words::scopes(catalogue.in_words(&connected.scopes)),
        since: When::past(connected.since, now),
        collected: connected.collected,
        last_used: connected.used.map(|used| When::past(used, now)),
        disconnect: Form {
            action: url::disconnect(FamilyId::from_uuid(connected.id)),
            csrf_token: Visitor::of(context).form_token(&signed_in.session().digest, DISCONNECT, &id),
            hidden: Vec::new(),
        },
    }
}

/// Ends one application's access, or takes back what no device has collected yet.
///
/// # Errors
/// 403 for a form of another session, 404 for a connection that is not one of theirs.
pub async fn disconnect(context: Context) -> Result<HttpResponse, Refused> {
    let form = own_form(&context)?;
    let family: FamilyId = id(context.path("family"))?;
    let approval = GrantId::from_uuid(family.uuid());
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
        let by = By::request(Actor::User(user), (&moment, &origin));
        if directory::users::withdraw_approval(conn, user, approval, &by)? {
            return Ok(Ok(()));
        }
        let active = families::active_of_user(conn, user, moment.now())?;
        // What was approved may have been collected since the page was loaded: then it is the family that came of it.
        let found = active.iter().map(|(own, ..)| own).find(|own| own.id == family || own.grant_id == approval);
        let Some(own) = found else {
            // Or what was agreed to, by its application.
            let agreed = consents::of_user(conn, user)?.into_iter().find(|agreed| agreed.2.id.uuid() == family.uuid());
            let Some((.., application, organization)) = agreed else { return Ok(Err(Stopped::NotFound)) };
            consents::remove(conn, &organization.id, user, Some(application.id))?;
            authorization_codes::withdraw(conn, &organization.id, user, application.id)?;
            audit::insert(conn, &by.entry(Some(&organization.id), Action::ConsentWithdrawn, application.id))?;
            return Ok(Ok(()));
        };
        families::end(conn, &own.org_id, own.id, RevocationReason::User, &by)?;
        // With what the same application has been let in to by the browser: it would be back by it without a question.
        consents::remove(conn, &own.org_id, user, Some(own.application_id))?;
        authorization_codes::withdraw(conn, &own.org_id, user, own.application_id)?;
        Ok(Ok(()))
    });
    written.await?.into_inner()?;
    Ok(answer::see_other(&url::after(url::CONNECTIONS, DISCONNECTED)))
}
