//! Pages for people: sign-in, the device pages, the account.

pub mod connections;
pub mod device;
pub mod device_decision;
pub mod device_review;
pub mod frame;
pub mod gate;
pub mod home;
pub mod login;
pub mod login_factor;
pub mod organizations;
pub mod security;
pub mod security_codes;
pub mod security_password;
pub mod security_totp;
pub mod static_files;
pub mod step_up;

use crate::answer;
use crate::context::Context;
use crate::refused::Refused;
use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use protocol::error::OAuthError;
use views::{Frame, Page};

/// Renders a page.
///
/// # Errors
/// `Broken` where its template is.
pub fn page(context: &Context, status: StatusCode, page: &impl Page, frame: &Frame) -> Result<HttpResponse, Refused> {
    Ok(answer::html(status, context.state.views.page(page, frame)?, frame.language))
}

/// What the OAuth errors of pages look like when a query can't be read.
pub fn unreadable(_: OAuthError) -> Refused {
    Refused::NotFound
}
