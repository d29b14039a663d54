//! The portal, where an organization's admins register applications and watch devices.

pub mod application;
pub mod application_form;
pub mod applications;
pub mod devices;

use crate::answer;
use crate::context::Context;
use crate::extract::request::organization;
use crate::refused::Refused;
use crate::web::gate::Visitor;
use actix_web::HttpResponse;

/// To the first section.
///
/// # Errors
/// As the gate says.
pub async fn start(context: Context) -> Result<HttpResponse, Refused> {
    let org = organization(&context)?;
    let (visitor, wanted) = (Visitor::of(&context), org.clone());
    context.state.db.snapshot("portal", move |conn| visitor.admin(conn, &wanted)).await??;
    Ok(answer::see_other(&routes::url::portal_applications(&org)))
}
