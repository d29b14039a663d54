//! The organizations of who is signed in.

use crate::context::Context;
use crate::refused::Refused;
use crate::web::gate::Visitor;
use crate::web::{frame, page, security};
use crate::words;
use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use login::factor::Factors;
use model::org::{Organization, Role};
use routes::url;
use store::tables::memberships;
use views::pages::{OrganizationRow, Organizations};

/// Shows them.
///
/// # Errors
/// To the sign-in page where nobody is signed in.
pub async fn list(context: Context) -> Result<HttpResponse, Refused> {
    let visitor = Visitor::of(&context);
    let seen = context.state.db.snapshot("organizations", move |conn| {
        Ok(match visitor.require_signed_in(conn)? {
            Err(stopped) => Err(stopped),
            Ok(signed_in) => {
                let user = signed_in.user().id;
                let organizations = store::tables::organizations::of_user(conn, user)?;
                let due = memberships::factors_due(conn, user)?;
                let due = if due.is_empty() || Factors::of(conn, user)?.any() { Vec::new() } else { due };
                Ok((signed_in, organizations, due))
            }
        })
    });
    let (signed_in, organizations, due) = seen.await??;
    let shown = Organizations {
        side: frame::account_side(url::ORGANIZATIONS),
        needed: security::needed(&due, context.now()),
        security_url: url::SECURITY.to_owned(),
        organizations: organizations.iter().map(row).collect(),
    };
    page(&context, StatusCode::OK, &shown, &frame::of_account(&context, None, &signed_in, &organizations))
}

fn row((organization, role): &(Organization, Role)) -> OrganizationRow {
    OrganizationRow {
        org_id: organization.id.to_string(),
        name: organization.name.clone(),
        role: words::role(*role),
        portal_url: role.administers().then(|| url::portal_applications(&organization.id)),
        device_url: url::device(&organization.id),
    }
}
