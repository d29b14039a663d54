//! What is part of the program, whether it is alive, and the organizations' colours.

use crate::context::Context;
use crate::extract::request::organization;
use crate::refused::Refused;
use crate::web::gate::Visitor;
use crate::{answer, fault};
use actix_web::HttpResponse;
use actix_web::http::{StatusCode, header};
use protocol::error::OAuthError;
use serde_json::json;
use std::borrow::Cow;
use store::tables::organizations;

/// A static file. Its name changes with its content, so that browsers may keep it for good.
///
/// # Errors
/// 404 where there is none of this name.
pub async fn asset(context: Context) -> Result<HttpResponse, Refused> {
    let asset = context.state.assets.get(context.path("name")).ok_or(Refused::NotFound)?;
    let bytes = match &asset.bytes {
        Cow::Borrowed(bytes) => actix_web::web::Bytes::from_static(bytes),
        Cow::Owned(bytes) => actix_web::web::Bytes::copy_from_slice(bytes),
    };
    Ok(HttpResponse::Ok()
        .content_type(asset.content_type)
        .insert_header((header::CACHE_CONTROL, "public, max-age=31536000, immutable"))
        .body(bytes))
}

/// The organization's colour as a stylesheet.
///
/// # Errors
/// 404 where there is no such organization.
pub async fn brand_css(context: Context) -> Result<HttpResponse, Refused> {
    let org = organization(&context)?;
    let found =
        context.state.db.read("brand", move |conn| organizations::by_id(conn, &org)).await?.ok_or(Refused::NotFound)?;
    let css = found.colour.as_deref().map(views::brand::stylesheet).unwrap_or_default();
    Ok(HttpResponse::Ok()
        .content_type("text/css; charset=utf-8")
        .insert_header((header::CACHE_CONTROL, "public, max-age=60"))
        .body(css))
}

/// Alive.
///
/// # Errors
/// None: an answer is the proof.
pub async fn healthz(_context: Context) -> Result<HttpResponse, Refused> {
    Ok(answer::json(StatusCode::OK, &json!({"status": "ok"})))
}

/// Able to serve: the database answers and its schema is the program's.
///
/// # Errors
/// None: what is wrong is the answer, 503.
pub async fn readyz(context: Context) -> Result<HttpResponse, Refused> {
    match context.state.db.ready().await {
        Ok(()) => Ok(answer::json(StatusCode::OK, &json!({"status": "ready"}))),
        Err(cause) => {
            fault::log(&cause, &context.request_id());
            let told = json!({"status": "unavailable", "reason": "The database can't be reached, or its schema is not up to date."});
            Ok(answer::json(StatusCode::SERVICE_UNAVAILABLE, &told))
        }
    }
}

/// To the organizations of who is signed in, else to the sign-in page.
///
/// # Errors
/// The database's.
pub async fn home(context: Context) -> Result<HttpResponse, Refused> {
    let visitor = Visitor::of(&context);
    let signed_in = context.state.db.read("home", move |conn| visitor.signed_in(conn)).await?;
    Ok(answer::see_other(if signed_in.is_some() { routes::url::ORGANIZATIONS } else { routes::url::LOGIN }))
}

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
    let page = views::pages::ErrorPage {
        status: 400,
        heading: "This app can't sign you in here yet".to_owned(),
        sentence: "It asked for a way of signing in that this server does not have. Tell whoever makes the app to use a device code.".to_owned(),
        next: None,
    };
    let frame = crate::web::frame::bare(&context.state, &context.request_id());
    crate::web::page(&context, StatusCode::BAD_REQUEST, &page, &frame)
}

/// What matches no route.
///
/// # Errors
/// Always: 404.
pub async fn not_found(_context: Context) -> Result<HttpResponse, Refused> {
    Err(Refused::NotFound)
}

/// What the OAuth errors of pages look like when a query can't be read.
pub fn unreadable(_: OAuthError) -> Refused {
    Refused::NotFound
}
