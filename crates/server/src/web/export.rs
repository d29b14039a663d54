//! What is stored about somebody, as a file for them.

use crate::context::Context;
use crate::refused::Refused;
use crate::web::gate::{Visitor, own_form};
use crate::web::profile::EXPORT;
use actix_web::HttpResponse;
use actix_web::http::header;
use model::audit::{Action, Actor, By};
use model::context::Origin;
use model::fault::Fault;
use model::language::Language;
use model::opaque::{OpaqueKind, OpaqueState};
use model::time::Timestamp;
use model::user::User;
use routes::url;
use serde_json::{Value, json};
use std::cmp::Reverse;
use store::tables::{
    audit, families, known_devices, opaque_tokens, organizations, passkeys, recovery_codes, sessions, totp,
    upstream_identities,
};
use store::{Class, Conn};

/// The most keys of each kind in it, the newest: what else there is has ended, unless somebody belongs to very many organizations.
const MOST_KEYS: i64 = 1_000;

/// Gives it.
///
/// # Errors
/// 403 for a form of another session; to the step-up where the last proof is too old.
pub async fn take(context: Context) -> Result<HttpResponse, Refused> {
    let form = own_form(&context)?;
    let visitor = Visitor::of(&context);
    visitor.check((), EXPORT, form.get("csrf_token"))?;
    let (moment, origin) = (context.moment.clone(), context.origin.clone());
    let written = context.state.db.write("export account", Class::Durable, move |conn| {
        let signed_in = match visitor.require_fresh(conn)? {
            Ok(signed_in) => signed_in,
            Err(stopped) => return Ok(Err(stopped)),
        };
        let by = By::request(Actor::User(signed_in.user().id), (&moment, &origin));
        audit::insert(conn, &by.entry(None, Action::UserExported, signed_in.user().id))?;
        everything(conn, signed_in.user(), moment.now()).map(Ok)
    });
    let exported = written.await?.into_inner().map_err(|stopped| stopped.leading_back_to(url::PROFILE))?;
    let text = serde_json::to_string_pretty(&exported).map_err(|error| Fault::broken("an export").because(error))?;
    Ok(HttpResponse::Ok()
        .insert_header((header::CONTENT_TYPE, "application/json"))
        .insert_header((header::CACHE_CONTROL, "no-store"))
        .insert_header((header::CONTENT_DISPOSITION, "attachment; filename=\"account.json\""))
        .body(text))
}

/// All that is theirs, without what is a secret and without what belongs to an organization.
fn everything(conn: &mut Conn, user: &User, now: Timestamp) -> Result<Value, Fault> {
    let id = user.id;
    let memberships: Vec<_> = organizations::of_user(conn, id)?
        .iter()
        .map(|(organization, role)| {
            json!({ "organization": organization.id, "name": organization.name, "role": role.as_str() })
        })
        .collect();
    let browsers: Vec<_> = known_devices::of_user(conn, id, now)?
        .iter()
        .map(|listed| {
            json!({
                "known_since": at(listed.created_at),
                "last_used": at(listed.last_used_at),
                "known_until": at(listed.device.expires_at),
                "from": from(&listed.origin),
            })
        })
        .collect();
    let sessions: Vec<_> = sessions::of_user(conn, id, now)?
        .iter()
        .map(|listed| {
            json!({
                "signed_in": at(listed.session.created_at),
                "ends": at(listed.session.expires_at),
                "from": from(&listed.origin),
            })
        })
        .collect();
    let apps: Vec<_> = families::active_of_user(conn, id, now)?
        .iter()
        .map(|(family, application, organization)| {
            json!({
                "app": application.settings.name.as_str(),
                "organization": organization.id,
                "scopes": family.scopes.to_string(),
                "since": at(family.created_at),
                "last_used": at(family.last_used_at),
            })
        })
        .collect();
    let mut keys = Vec::new();
    for kind in OpaqueKind::ALL {
        keys.extend(opaque_tokens::of_user(conn, id, kind, MOST_KEYS)?);
    }
    keys.sort_by_key(|(token, ..)| Reverse(token.id));
    let keys: Vec<_> = keys
        .iter()
        .map(|(token, application, organization)| {
            let asked = token.grant_id.is_some() && application.client_id.is_registered();
            json!({
                "kind": token.kind.as_str(),
                "name": token.name,
                "begins_with": token.beginning,
                "app": asked.then_some(application.settings.name.as_str()),
                "organization": organization.id,
                "scopes": token.scopes.to_string(),
                "made": at(token.created_at),
                "last_used": token.last_used_at.map(at),
                "ends": at(token.expires_at),
                "revoked": match token.state {
                    OpaqueState::Active => None,
                    OpaqueState::Revoked { at: when, .. } => Some(at(when)),
                },
            })
        })
        .collect();
    let passkeys: Vec<_> = passkeys::of_user(conn, id)?
        .iter()
        .map(|passkey| json!({ "name": passkey.name, "registered": at(passkey.created_at) }))
        .collect();
    let linked: Vec<_> = upstream_identities::of_user(conn, id)?
        .iter()
        .map(|linked| {
            json!({
                "issuer": linked.identity.issuer,
                "subject": linked.identity.subject,
                "email": linked.email,
                "linked": at(linked.created_at),
                "last_used": linked.last_used_at.map(at),
            })
        })
        .collect();
    Ok(json!({
        "id": id,
        "email": user.email,
        "email_verified": user.email_verified_at.map(at),
        "name": user.name,
        "language": user.language.map(Language::tag),
        "memberships": memberships,
        "authenticator_app": totp::of_user(conn, id)?.is_some(),
        "recovery_codes_left": recovery_codes::left(conn, id)?.map(|(left, _)| left),
        "passkeys": passkeys,
        "linked_accounts": linked,
        "known_browsers": browsers,
        "sessions": sessions,
        "connected_apps": apps,
        "keys": keys,
    }))
}

fn at(time: Timestamp) -> String {
    views::text::When::past(time, time).iso
}

fn from(origin: &Origin) -> Value {
    json!({ "address": origin.address.to_string(), "program": origin.program })
}
