//! Pages for people: sign-in, the device pages, the account.

pub(crate) mod ask_by_mail;
pub mod authorize;
pub mod client_logout;
pub mod connections;
pub mod delete_account;
pub mod desk;
pub mod device;
pub mod device_decision;
pub mod device_review;
pub mod email_change;
pub mod email_sign_in;
pub mod embedded;
pub mod export;
pub mod frame;
pub mod gate;
pub mod home;
pub mod invitation;
pub mod known_devices;
pub mod leave;
pub mod letters_page;
pub mod login;
pub mod login_decision;
pub mod login_factor;
pub mod login_passkey;
mod new_account;
pub mod new_device;
pub mod new_device_recovery;
pub mod new_organization;
mod new_password;
mod onward;
pub mod organizations;
mod own_password;
mod passkeys;
pub mod permissions;
pub mod profile;
pub mod register;
pub mod reset;
pub mod security;
pub mod security_codes;
pub mod security_passkeys;
pub mod security_password;
pub mod security_totp;
pub mod security_upstream;
pub mod sessions;
pub mod static_files;
pub mod step_up;
pub mod step_up_passkey;
pub mod token_form;
pub mod tokens;
pub mod upstream;
pub mod upstream_link;
mod upstream_stranger;

use crate::answer;
use crate::context::Context;
use crate::metrics::Spent;
use crate::refused::{Refused, set_retry_after};
use actix_web::HttpResponse;
use actix_web::http::{StatusCode, header};
use protocol::error::OAuthError;
use protocol::params::Params;
use routes::url;
use std::time::Duration;
use views::pages::{ErrorPage, Link};
use views::{Frame, Page, say};

/// Renders a page.
///
/// # Errors
/// `Broken` where its template is.
pub fn page(context: &Context, status: StatusCode, page: &impl Page, frame: &Frame) -> Result<HttpResponse, Refused> {
    Ok(answer::html(status, context.state.views.page(page, frame)?, frame.language))
}

/// Leads on who comes from a letter to `page`: what a letter leads to says nothing of itself to other pages, and a page that
/// did so would have its forms come with `Origin: null`. Nothing for who has been led on already.
///
/// # Errors
/// Where the query can't be read.
pub fn from_letter(context: &Context, page: &str) -> Result<Option<HttpResponse>, Refused> {
    if context.query().map_err(unreadable)?.get("from") != Some("letter") {
        return Ok(None);
    }
    let mut onward = answer::see_other(page);
    onward.headers_mut().insert(header::REFERRER_POLICY, header::HeaderValue::from_static("no-referrer"));
    Ok(Some(onward))
}

/// That a link of a letter does not work, whatever is the matter with it, and where to ask for another.
///
/// # Errors
/// `Broken` where the template is.
pub fn dead_link(context: &Context, again: &str) -> Result<HttpResponse, Refused> {
    let mut gone = ErrorPage::of_status(410);
    gone.next = Some(Link { label: say::start_again(), url: again.to_owned() });
    page(context, StatusCode::GONE, &gone, &frame::bare(&context.state, &context.request_id(), context.language))
}

/// The page that says that there was too much of `what`: counted, and with when to try again.
fn spent(context: &Context, what: Spent, retry_after: Duration, mut response: HttpResponse) -> HttpResponse {
    context.state.metrics.spent(what);
    set_retry_after(&mut response, Some(retry_after));
    response
}

/// Where somebody goes on to who signs in.
fn next_of(params: &Params) -> String {
    params.get("next").and_then(url::own_path).unwrap_or(url::ORGANIZATIONS).to_owned()
}

/// What the OAuth errors of pages look like when a query can't be read.
pub fn unreadable(_: OAuthError) -> Refused {
    Refused::NotFound
}
