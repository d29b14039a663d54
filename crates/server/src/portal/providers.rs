//! The portal's list of the organization's own identity providers.

use super::{Inside, just_done};
use crate::context::Context;
use crate::extract::request::organization;
use crate::refused::Refused;
use crate::web::gate::Visitor;
use crate::web::{frame, page};
use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use login::budget::{self, Charging};
use model::budget::Budget;
use model::fault::Fault;
use model::id::OrgId;
use model::secret::Purpose;
use model::upstream::ProviderKey;
use routes::url;
use store::Class;
use store::tables::upstream_providers::{self, OwnProvider};
use views::pages::{ProviderRow, Providers};

/// Shows it.
///
/// # Errors
/// As the gate says.
pub async fn list(context: Context) -> Result<HttpResponse, Refused> {
    let org = organization(&context)?;
    let visitor = Visitor::of(&context);
    let notice = just_done(&context)?;
    let read = context.state.db.snapshot("providers page", move |conn| {
        let inside = match Inside::enter(conn, &visitor, &org)? {
            Ok(inside) => inside,
            Err(stopped) => return Ok(Err(stopped)),
        };
        let providers = upstream_providers::all(conn, &org)?;
        Ok(Ok((inside, providers)))
    });
    let (inside, providers) = read.await??;
    let here = url::portal_providers(inside.org_id());
    let row = |own: &OwnProvider| ProviderRow {
        name: own.provider.name.clone(),
        url: match &own.provider.key {
            ProviderKey::Organizations(org, id) => url::portal_provider(org, *id),
            ProviderKey::Operators(_) => here.clone(),
        },
        issuer: own.provider.issuer.clone(),
        enabled: own.enabled,
    };
    let shown = Providers {
        side: frame::portal_side(&inside.organization, &here),
        notice,
        providers: providers.iter().map(row).collect(),
        new_url: url::portal_new_provider(inside.org_id()),
    };
    page(&context, StatusCode::OK, &shown, &inside.frame(&context))
}

/// Charges the request to the provider, which goes wherever an admin says.
pub(super) async fn charge_check(context: &Context, org: OrgId) -> Result<Charging, Fault> {
    let (limits, now) = (context.state.config.budgets, context.now());
    let key = context.state.keyring.key(Purpose::Budget);
    let wanted = [Budget::ProviderChecksByOrganization(org)];
    let written = context
        .state
        .db
        .write("charge provider check", Class::Durable, move |conn| budget::charge(conn, &wanted, &limits, &key, now));
    Ok(written.await?.into_inner())
}
