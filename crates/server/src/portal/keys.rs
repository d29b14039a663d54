//! API keys and MCP tokens of an organization's members: rows of the page about devices, and the end of one.

use super::{Inside, KEY_REVOKED, by};
use crate::answer;
use crate::context::Context;
use crate::extract::request::{id, organization};
use crate::refused::Refused;
use crate::web::gate::{Stopped, Visitor, own_form};
use actix_web::HttpResponse;
use login::csrf::FormPurpose;
use model::application::Application;
use model::id::OpaqueTokenId;
use model::opaque::{OpaqueKind, OpaqueToken};
use model::refresh::RevocationReason;
use model::user::User;
use routes::url;
use store::Class;
use store::tables::opaque_tokens;
use views::pages::HeldKey;
use views::say;
use views::text::When;

/// *Revoke*; its object is the key.
const REVOKE: &str = "portal-key-revoke";

/// A key as the page shows it.
pub(super) fn row(context: &Context, inside: &Inside, (token, _, user): &(OpaqueToken, Application, User)) -> HeldKey {
    let now = context.now();
    let object = token.id.to_string();
    HeldKey {
        email: user.email.clone(),
        name: token.name.clone(),
        by_device: token.grant_id.is_some(),
        kind: match token.kind {
            OpaqueKind::ApiKey => say::api_key(),
            OpaqueKind::Mcp => say::mcp_token(),
            OpaqueKind::Embedded => say::embedded_token(),
        },
        scopes: token.scopes.names().map(str::to_owned).collect(),
        since: When::past(token.created_at, now),
        last_used: token.last_used_at.map(|used| When::past(used, now)),
        revoke: inside.form(
            context,
            url::portal_key_revoke(inside.org_id(), token.id),
            FormPurpose { action: REVOKE, object: &object },
        ),
    }
}

/// Ends one.
///
/// # Errors
/// As the gate says; 404 for a key of another organization.
pub async fn revoke(context: Context) -> Result<HttpResponse, Refused> {
    let org = organization(&context)?;
    let key: OpaqueTokenId = id(context.path("key"))?;
    let form = own_form(&context)?;
    let visitor = Visitor::of(&context);
    let object = key.to_string();
    visitor.check((), FormPurpose { action: REVOKE, object: &object }, form.get("csrf_token"))?;
    let target = url::after(&url::portal_devices(&org), KEY_REVOKED);
    let (moment, origin) = (context.moment.clone(), context.origin.clone());
    let written = context.state.db.write("revoke key", Class::Durable, move |conn| {
        let (_, admin) = match visitor.admin(conn, &org)? {
            Ok(admin) => admin,
            Err(stopped) => return Ok(Err(stopped)),
        };
        if !opaque_tokens::exists(conn, &org, key)? {
            return Ok(Err(Stopped::NotFound));
        }
        opaque_tokens::end(conn, &org, key, RevocationReason::Admin, &by(&admin, (&moment, &origin)))?;
        Ok(Ok(()))
    });
    written.await?.into_inner()?;
    Ok(answer::see_other(&target))
}
