//! What apps can ask for in an organization, in words, for everybody: nothing of it is a secret, as any app may ask.

use crate::context::Context;
use crate::extract::request::organization;
use crate::refused::Refused;
use crate::web::{frame, page};
use crate::words;
use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use directory::catalogue::Catalogue;
use model::catalogue::{Scope, ScopeAccess};
use store::tables::organizations;
use views::pages::{Permission, Permissions};

/// Shows it.
///
/// # Errors
/// 404 where there is no such organization.
pub async fn show(context: Context) -> Result<HttpResponse, Refused> {
    let org = organization(&context)?;
    let read = context.state.db.snapshot("permissions", move |conn| {
        let Some(organization) = organizations::by_id(conn, &org)? else { return Ok(None) };
        Ok(Some((Catalogue::read(conn, &org)?, organization)))
    });
    let (catalogue, organization) = read.await?.ok_or(Refused::NotFound)?;
    let of = |access: ScopeAccess| {
        let scopes = catalogue.entries().iter().filter(|scope| scope.access == access);
        scopes.map(|scope| permission(&catalogue, scope)).collect()
    };
    let shown = Permissions {
        organization: organization.name.clone(),
        reads: of(ScopeAccess::Read),
        writes: of(ScopeAccess::Write),
    };
    page(&context, StatusCode::OK, &shown, &frame::of_organization(&context, Some(&organization)))
}

fn permission(catalogue: &Catalogue, scope: &Scope) -> Permission {
    Permission {
        name: scope.name.clone(),
        sentence: words::scope(scope.sentence.clone()),
        implies: words::scopes(catalogue.in_words(&scope.implies)),
    }
}
