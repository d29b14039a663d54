//! The authorization endpoint, as long as there is no code flow.

use crate::context::Context;
use crate::extract::request::organization;
use crate::refused::Refused;
use crate::web::{frame, page};
use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use store::tables::organizations;
use views::pages::ErrorPage;

/// Where the code flow will be: discovery has to name the address, and it has to say what it is.
///
/// # Errors
/// Always: 400 as a page.
pub async fn authorize(context: Context) -> Result<HttpResponse, Refused> {
    let org = organization(&context)?;
    let exists = context.state.db.read("organization", move |conn| organizations::by_id(conn, &org)).await?.is_some();
    if !exists {
        return Err(Refused::NotFound);
    }
    let told = ErrorPage {
        status: 400,
        heading: "This app can't sign you in here yet".to_owned(),
        sentence: "It asked for a way of signing in that this server does not have. Tell whoever makes the app to use a device code.".to_owned(),
        next: None,
    };
    let frame = frame::bare(&context.state, &context.request_id());
    page(&context, StatusCode::BAD_REQUEST, &told, &frame)
}
