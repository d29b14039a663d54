//! The organizations of who is signed in, and the ways to found one and to leave one.

use crate::config::OrgCreation;
use crate::context::Context;
use crate::refused::Refused;
use crate::web::gate::Visitor;
use crate::web::leave::{LEAVE, LEFT};
use crate::web::{frame, page, security, unreadable};
use crate::words;
use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use login::factor::Factors;
use model::org::{Organization, Role};
use model::user::SignedIn;
use routes::url;
use store::tables::memberships;
use views::pages::{Form, OrganizationRow, Organizations};
use views::say;

/// In the address of the list: whoever opens it has just deleted one.
pub(crate) const DELETED: &str = "deleted";

/// Shows them.
///
/// # Errors
/// To the sign-in page where nobody is signed in.
pub async fn list(context: Context) -> Result<HttpResponse, Refused> {
    let notice = match context.query().map_err(unreadable)?.get("done") {
        Some(LEFT) => Some(say::organization_left()),
        Some(DELETED) => Some(say::organization_deleted()),
        _ => None,
    };
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
        new_url: (context.state.config.org_creation == OrgCreation::Anyone).then(|| url::NEW_ORGANIZATION.to_owned()),
        notice,
        organizations: organizations.iter().map(|mine| row(&context, &signed_in, mine)).collect(),
    };
    page(&context, StatusCode::OK, &shown, &frame::of_account(&context, None, &signed_in, &organizations))
}

fn row(context: &Context, signed_in: &SignedIn, (organization, role): &(Organization, Role)) -> OrganizationRow {
    let token = Visitor::of(context).form_token(&signed_in.session().digest, LEAVE, organization.id.as_str());
    OrganizationRow {
        org_id: organization.id.to_string(),
        name: organization.name.clone(),
        role: words::role(*role),
        portal_url: role.administers().then(|| url::portal_applications(&organization.id)),
        device_url: url::device(&organization.id),
        leave: Form { action: url::leave(&organization.id), csrf_token: token, hidden: Vec::new() },
    }
}
