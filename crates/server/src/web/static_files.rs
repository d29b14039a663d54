//! Files that are part of the program, and the organizations' colours and logos.

use crate::context::Context;
use crate::extract::request::organization;
use crate::refused::Refused;
use actix_web::HttpResponse;
use actix_web::http::header;
use model::logo::LogoName;
use std::borrow::Cow;
use store::tables::{logos, organizations};

/// Of what has another address with each content.
const FOR_GOOD: &str = "public, max-age=31536000, immutable";

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
    Ok(HttpResponse::Ok().content_type(asset.content_type).insert_header((header::CACHE_CONTROL, FOR_GOOD)).body(bytes))
}

/// The organization's colour as a stylesheet.
///
/// # Errors
/// 404 where there is no such organization.
pub async fn brand_css(context: Context) -> Result<HttpResponse, Refused> {
    let org = organization(&context)?;
    let found = context
        .state
        .db
        .read_shedding("brand", move |conn| organizations::by_id(conn, &org))
        .await?
        .ok_or(Refused::NotFound)?;
    let css = found.colour.as_deref().map(views::brand::stylesheet).unwrap_or_default();
    Ok(HttpResponse::Ok()
        .content_type("text/css; charset=utf-8")
        .insert_header((header::CACHE_CONTROL, "public, max-age=60"))
        .body(css))
}

/// A logo. Its name changes with its content, so that browsers may keep it for good.
///
/// # Errors
/// 404 where the organization has none of this name.
pub async fn logo(context: Context) -> Result<HttpResponse, Refused> {
    let (org, name) = (organization(&context)?, LogoName::from_wire(context.path("logo")));
    let found = context.state.db.read_shedding("logo", move |conn| logos::by_name(conn, &org, &name)).await?;
    let logo = found.ok_or(Refused::NotFound)?;
    Ok(HttpResponse::Ok()
        .content_type(logo.kind.media_type())
        // For whoever opens it as a page: it is somebody's upload.
        .insert_header((header::CONTENT_SECURITY_POLICY, "default-src 'none'; sandbox"))
        .insert_header((header::CACHE_CONTROL, FOR_GOOD))
        .body(logo.bytes))
}
