//! Our cookies: the session, the browser that has none yet, the browsers that are known, a language.

use crate::context::Context;
use actix_web::cookie::{Cookie, SameSite, time};
use actix_web::{HttpRequest, HttpResponse};
use model::language::Language;
use model::secret::{Digest, Purpose, Secret};
use routes::PublicUrl;
use std::collections::BTreeMap;
use std::time::Duration;

const SESSION: &str = "doorward_session";
const PRE_SESSION: &str = "doorward_presession";
const FACTOR_ATTEMPT: &str = "doorward_factor";
const KNOWN_DEVICE: &str = "doorward_device_";
const LANGUAGE: &str = "doorward_language";
const PENDING_LINK: &str = "doorward_link";
const LOGIN_ATTEMPT: &str = "doorward_attempt";

/// `__Host-` binds a cookie to this host and to TLS; a browser refuses it over plain http, which is for loopback only.
fn name(url: &PublicUrl, base: &str) -> String {
    if url.is_https() { format!("__Host-{base}") } else { base.to_owned() }
}

fn read(context: &Context, base: &str) -> Option<String> {
    let name = name(&context.state.config.public_url, base);
    let value = context.request.cookie(&name)?.value().to_owned();
    // Ours are 43 characters; anything else is not worth hashing.
    (value.len() == 43).then_some(value)
}

/// Digest of the session's cookie.
pub fn session(context: &Context) -> Option<Digest> {
    read(context, SESSION).map(|value| Digest::of(Purpose::Session, &value))
}

/// Digest of the cookie of a browser that is not signed in.
pub fn pre_session(context: &Context) -> Option<Digest> {
    read(context, PRE_SESSION).map(|value| Digest::of(Purpose::PreSession, &value))
}

/// Digest of the cookie of a sign-in whose second factor is missing.
pub fn factor_attempt(context: &Context) -> Option<Digest> {
    read(context, FACTOR_ATTEMPT).map(|value| Digest::of(Purpose::FactorAttempt, &value))
}

/// Digest of the cookie of a browser whose sign-in waits.
pub fn login_attempt(context: &Context) -> Option<Digest> {
    read(context, LOGIN_ATTEMPT).map(|value| Digest::of(Purpose::LoginAttempt, &value))
}

/// Digest of the cookie of a browser in which an account at a provider waits to be linked.
pub fn pending_link(context: &Context) -> Option<Digest> {
    read(context, PENDING_LINK).map(|value| Digest::of(Purpose::PendingLink, &value))
}

/// Sets that cookie.
pub fn set_pending_link(response: &mut HttpResponse, url: &PublicUrl, secret: &Secret, lives: Duration) {
    add(response, &cookie(url, PENDING_LINK, secret.expose().clone(), Some(lives)));
}

/// Takes it back.
pub fn clear_pending_link(response: &mut HttpResponse, url: &PublicUrl) {
    add(response, &cookie(url, PENDING_LINK, String::new(), Some(Duration::ZERO)));
}

/// Digest of the cookie that makes this browser known to the account with this suffix.
pub fn known_device(context: &Context, suffix: &str) -> Option<Digest> {
    read(context, &format!("{KNOWN_DEVICE}{suffix}")).map(|value| Digest::of(Purpose::KnownDevice, &value))
}

/// The cookies of a request that make this browser known to accounts; of which, nothing tells but the suffix.
#[derive(Clone)]
pub struct KnownHere(BTreeMap<String, Digest>);

impl KnownHere {
    /// Reads them.
    pub fn of(context: &Context) -> Self {
        let prefix = name(&context.state.config.public_url, KNOWN_DEVICE);
        let cookies = context.request.cookies().map(|cookies| cookies.clone()).unwrap_or_default();
        Self(
            cookies
                .iter()
                .filter_map(|cookie| {
                    let suffix = cookie.name().strip_prefix(&prefix)?;
                    Some((suffix.to_owned(), Digest::of(Purpose::KnownDevice, cookie.value())))
                })
                .collect(),
        )
    }

    /// Of the one for the account with this suffix.
    pub fn by_suffix(&self, suffix: &str) -> Option<&Digest> {
        self.0.get(suffix)
    }
}

/// The language that an app asked for, on an earlier page.
pub fn language(request: &HttpRequest, url: &PublicUrl) -> Option<Language> {
    Language::parse(request.cookie(&name(url, LANGUAGE))?.value())
}

/// Remembers the language that an app asked for, until the browser is closed.
pub fn set_language(response: &mut HttpResponse, url: &PublicUrl, language: Language) {
    add(response, &cookie(url, LANGUAGE, language.tag().to_owned(), None));
}

fn cookie(url: &PublicUrl, base: &str, value: String, lives: Option<Duration>) -> Cookie<'static> {
    let mut cookie =
        Cookie::build(name(url, base), value).path("/").http_only(true).same_site(SameSite::Lax).secure(url.is_https());
    if let Some(lives) = lives {
        cookie = cookie.max_age(time::Duration::try_from(lives).unwrap_or(time::Duration::MAX));
    }
    cookie.finish()
}

/// Sets the session's cookie; without a lifetime it ends with the browser.
pub fn set_session(response: &mut HttpResponse, url: &PublicUrl, secret: &Secret, lives: Option<Duration>) {
    add(response, &cookie(url, SESSION, secret.expose().clone(), lives));
}

/// Sets the cookie of a browser that is not signed in.
pub fn set_pre_session(response: &mut HttpResponse, url: &PublicUrl, secret: &Secret) {
    add(response, &cookie(url, PRE_SESSION, secret.expose().clone(), None));
}

/// Sets the cookie that makes this browser known to an account.
pub fn set_known_device(response: &mut HttpResponse, url: &PublicUrl, suffix: &str, secret: &Secret, lives: Duration) {
    add(response, &cookie(url, &format!("{KNOWN_DEVICE}{suffix}"), secret.expose().clone(), Some(lives)));
}

/// Sets the cookie of a sign-in whose second factor is missing.
pub fn set_factor_attempt(response: &mut HttpResponse, url: &PublicUrl, secret: &Secret, lives: Duration) {
    add(response, &cookie(url, FACTOR_ATTEMPT, secret.expose().clone(), Some(lives)));
}

/// Takes it back.
pub fn clear_factor_attempt(response: &mut HttpResponse, url: &PublicUrl) {
    add(response, &cookie(url, FACTOR_ATTEMPT, String::new(), Some(Duration::ZERO)));
}

/// Sets the cookie of a browser whose sign-in waits.
pub fn set_login_attempt(response: &mut HttpResponse, url: &PublicUrl, secret: &Secret, lives: Duration) {
    add(response, &cookie(url, LOGIN_ATTEMPT, secret.expose().clone(), Some(lives)));
}

/// Takes that cookie back.
pub fn clear_login_attempt(response: &mut HttpResponse, url: &PublicUrl) {
    add(response, &cookie(url, LOGIN_ATTEMPT, String::new(), Some(Duration::ZERO)));
}

/// Takes the session's cookie back.
pub fn clear_session(response: &mut HttpResponse, url: &PublicUrl) {
    add(response, &cookie(url, SESSION, String::new(), Some(Duration::ZERO)));
}

/// Takes the cookie of a browser that was not signed in back.
pub fn clear_pre_session(response: &mut HttpResponse, url: &PublicUrl) {
    add(response, &cookie(url, PRE_SESSION, String::new(), Some(Duration::ZERO)));
}

fn add(response: &mut HttpResponse, cookie: &Cookie<'static>) {
    // Names and values are ours: base64url and fixed text, which every header takes.
    if let Err(error) = response.add_cookie(cookie) {
        tracing::error!(%error, "a cookie could not be set");
    }
}
