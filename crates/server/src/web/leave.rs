//! Leaving an organization.

use crate::answer;
use crate::context::Context;
use crate::extract::request::organization;
use crate::refused::Refused;
use crate::web::gate::{At, Stopped, Visitor, own_form};
use actix_web::HttpResponse;
use directory::members::{self, Removed};
use login::csrf::FormPurpose;
use model::audit::{Actor, By};
use routes::url;
use store::Class;
use views::say;

/// *Leave*; its object is the organization.
pub(super) const LEAVE: &str = "organization-leave";

/// In the address of the list: whoever opens it has just left one.
pub(super) const LEFT: &str = "left";

/// Ends the membership of who is signed in, also where the organization asks for a second factor that they have not shown.
///
/// # Errors
/// 403 for a form of another session and for who does not belong to it, 404 where there is no such organization, 409 for its
/// last owner.
pub async fn leave(context: Context) -> Result<HttpResponse, Refused> {
    let org = organization(&context)?;
    let form = own_form(&context)?;
    let visitor = Visitor::of(&context);
    visitor.check((), FormPurpose { action: LEAVE, object: org.as_str() }, form.get("csrf_token"))?;
    let (moment, origin) = (context.moment.clone(), context.origin.clone());
    let written = context.state.db.write("leave organization", Class::Durable, move |conn| {
        let user = match visitor.at(conn, &org)? {
            None => return Ok(Err(Stopped::NotFound)),
            Some(At::Guest(_)) => return Ok(Err(Stopped::SignedOut)),
            Some(At::Stranger(..)) => return Ok(Err(Stopped::Stranger)),
            Some(At::FactorMissing(_, present)) => present.user().id,
            Some(At::Member(_, member)) => member.user().id,
        };
        let by = By::request(Actor::User(user), (&moment, &origin));
        Ok(Ok(members::remove(conn, &org, user, &by)?))
    });
    match written.await?.into_inner()? {
        Removed::Ended | Removed::NoMember => Ok(answer::see_other(&url::after(url::ORGANIZATIONS, LEFT))),
        Removed::LastOwner => Err(Refused::Conflict(say::last_owner_stays())),
    }
}
