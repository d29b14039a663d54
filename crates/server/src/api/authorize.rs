//! The authorization endpoint, as long as there is no code flow.

use crate::context::Context;
use crate::extract::request::organization;
use crate::refused::Refused;
use crate::web::{frame, page};
use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use store::tables::organizations;
use views::pages::ErrorPage;
use views::say;

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
    let told =
        ErrorPage { status: 400, heading: say::no_code_flow(), sentence: say::no_code_flow_sentence(), next: None };
    let frame = frame::bare(&context.state, &context.request_id(), context.language);
    page(&context, StatusCode::BAD_REQUEST, &told, &frame)
}
