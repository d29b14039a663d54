//! The organizations of who is signed in.

use crate::context::Context;
use crate::refused::Refused;
use crate::web::gate::Visitor;
use crate::web::{frame, page};
use crate::words;
use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use model::org::{Organization, Role};
use routes::url;
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
                let organizations = store::tables::organizations::of_user(conn, signed_in.user().id)?;
                Ok((signed_in, organizations))
            }
        })
    });
    let (signed_in, organizations) = seen.await??;
    let shown = Organizations {
        side: frame::account_side(url::ORGANIZATIONS),
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
