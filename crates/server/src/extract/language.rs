//! What whoever sent a request reads, as far as the request says it; an account's own setting goes before it.
//!
//! 1. `ui_locales` in the address (OpenID Connect Core §3.1.2.1). An app says it once, on the first page of a walk over
//!    several: a cookie of ours remembers it until the browser is closed.
//! 2. That cookie.
//! 3. `Accept-Language` (RFC 9110 §12.5.4).
//! 4. English.

use crate::extract::cookies;
use crate::refused::speaks_json;
use actix_web::http::header::ACCEPT_LANGUAGE;
use actix_web::{HttpRequest, HttpResponse};
use model::language::Language;
use protocol::params::Params;
use routes::PublicUrl;

/// The language of the answer to a request. Programs are answered in English, and nothing is read for them.
pub fn of(request: &HttpRequest, url: &PublicUrl) -> Language {
    if speaks_json(request.path()) {
        return Language::default();
    }
    asked(request).or_else(|| cookies::language(request, url)).or_else(|| accepted(request)).unwrap_or_default()
}

/// Remembers what `ui_locales` asks for, for the pages that follow.
pub fn keep(request: &HttpRequest, url: &PublicUrl, response: &mut HttpResponse) {
    if !speaks_json(request.path())
        && let Some(language) = asked(request)
        && cookies::language(request, url) != Some(language)
    {
        cookies::set_language(response, url, language);
    }
}

fn asked(request: &HttpRequest) -> Option<Language> {
    let query = request.query_string();
    if !query.contains("ui_locales") {
        return None;
    }
    Language::of_locales(Params::parse(query.as_bytes()).ok()?.get("ui_locales")?)
}

/// Several headers are one list (RFC 9110 §5.3).
fn accepted(request: &HttpRequest) -> Option<Language> {
    let mut headers = request.headers().get_all(ACCEPT_LANGUAGE).filter_map(|value| value.to_str().ok());
    let first = headers.next()?;
    match headers.next() {
        None => Language::accepted(first),
        Some(second) => {
            let all: Vec<&str> = [first, second].into_iter().chain(headers).collect();
            Language::accepted(&all.join(","))
        }
    }
}
