//! The way in, and what leads nowhere.

use crate::answer;
use crate::context::Context;
use crate::refused::Refused;
use crate::web::gate::Visitor;
use actix_web::HttpResponse;
use routes::url;

/// To the organizations of who is signed in, else to the sign-in page.
///
/// # Errors
/// The database's.
pub async fn home(context: Context) -> Result<HttpResponse, Refused> {
    let visitor = Visitor::of(&context);
    let signed_in = context.state.db.read("home", move |conn| visitor.signed_in(conn)).await?;
    Ok(answer::see_other(if signed_in.is_some() { url::ORGANIZATIONS } else { url::LOGIN }))
}

/// What matches no route.
///
/// # Errors
/// Always: 404.
pub async fn not_found(_context: Context) -> Result<HttpResponse, Refused> {
    Err(Refused::NotFound)
}
