//! Files that are part of the program, and the organizations' colours.

use crate::context::Context;
use crate::extract::request::organization;
use crate::refused::Refused;
use actix_web::HttpResponse;
use actix_web::http::header;
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
