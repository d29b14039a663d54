//! What every request and every answer goes through: an id, the path as it was sent, and the headers that browsers obey.

use crate::context::RequestId;
use crate::refused::Refused;
use crate::state::State;
use crate::unread::Unread;
use crate::web::authorize::answer::FormsLeadTo;
use actix_web::body::MessageBody;
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::StatusCode;
use actix_web::http::header::{self, HeaderMap, HeaderName, HeaderValue};
use actix_web::middleware::Next;
use actix_web::web::Data;
use actix_web::{Error, HttpMessage as _};

/// No script, style, frame or form from elsewhere; nothing inline.
const CONTENT_SECURITY_POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'";

/// The same for a page that does nothing: an answer is in its address, which is nobody's to read there.
const INERT: &str =
    "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'none'; base-uri 'none'; frame-ancestors 'none'";

/// The same for a page whose form leads to `target` in the end: browsers hold it against every address on the way.
fn policy_leading_to(target: &str) -> Option<HeaderValue> {
    let policy = CONTENT_SECURITY_POLICY.replace("form-action 'self'", &format!("form-action 'self' {target}"));
    HeaderValue::from_str(&policy).ok()
}

/// Gives each request an id, refuses paths that would have to be decoded, and sets the headers of the answer.
///
/// A path with `%` is decoded by the router before it is matched, so that `/orgs/%61cme` would be `acme`; none of our
/// paths needs an escape, so none is let through.
///
/// # Errors
/// Those of the service below.
pub async fn guard<B: MessageBody + 'static>(
    mut request: ServiceRequest,
    next: Next<B>,
) -> Result<ServiceResponse<impl MessageBody>, Error> {
    let state = request.app_data::<Data<State>>().cloned();
    let id =
        state.as_ref().map(|state| model::secret::base64url(&state.time.moment().bytes::<12>())).unwrap_or_default();
    request.extensions_mut().insert(RequestId(id.clone()));
    let path = request.path();
    let quiet = routes::url::keeps_to_itself(path);
    let inert = path == routes::url::EMBEDDED_TARGET;
    let strange = path.contains(['%', ';', '\\']) || path.contains("//");
    let mut response = match &state {
        Some(state) if strange => {
            let unread = Unread::new(request.take_payload());
            state.metrics.answered(None, StatusCode::NOT_FOUND, None);
            let answer = unread.ends_with(Refused::NotFound.answer(request.request(), state));
            request.into_response(answer).map_into_left_body()
        }
        _ => next.call(request).await?.map_into_right_body(),
    };
    let https = state.is_some_and(|state| state.config.public_url.is_https());
    let forms = response.response().extensions().get::<FormsLeadTo>().cloned();
    set_headers(response.headers_mut(), &id, https, quiet);
    if inert {
        response.headers_mut().insert(header::CONTENT_SECURITY_POLICY, HeaderValue::from_static(INERT));
    }
    if let Some(policy) = forms.and_then(|FormsLeadTo(target)| policy_leading_to(&target)) {
        response.headers_mut().insert(header::CONTENT_SECURITY_POLICY, policy);
    }
    Ok(response)
}

fn set_headers(headers: &mut HeaderMap, id: &str, https: bool, quiet: bool) {
    let mut set = |name: HeaderName, value: &'static str| headers.insert(name, HeaderValue::from_static(value));
    set(header::X_CONTENT_TYPE_OPTIONS, "nosniff");
    if https {
        set(header::STRICT_TRANSPORT_SECURITY, "max-age=31536000");
    }
    if let Ok(id) = HeaderValue::from_str(id) {
        headers.insert(HeaderName::from_static("x-request-id"), id);
    }
    let html = headers.get(header::CONTENT_TYPE).is_some_and(|value| value.as_bytes().starts_with(b"text/html"));
    if html {
        let mut set = |name: HeaderName, value: &'static str| headers.insert(name, HeaderValue::from_static(value));
        set(header::CONTENT_SECURITY_POLICY, CONTENT_SECURITY_POLICY);
        set(header::CACHE_CONTROL, "no-store");
        set(header::X_FRAME_OPTIONS, "DENY");
        set(HeaderName::from_static("cross-origin-opener-policy"), "same-origin");
        // Not `no-referrer` everywhere, with which browsers send a form's origin as `null`. What a letter leads to has that: its
        // address is a secret, and its form passes by what the browser says of the page that it is on. So has the page whose
        // fragment is an answer, which has no form.
        set(header::REFERRER_POLICY, if quiet { "no-referrer" } else { "same-origin" });
    }
}

/// Lets programs in any origin read the answer (there are no cookies in it), and answers what they ask beforehand.
///
/// # Errors
/// Those of the service below.
pub async fn cors<B: MessageBody + 'static>(
    request: ServiceRequest,
    next: Next<B>,
) -> Result<ServiceResponse<B>, Error> {
    let preflight = request.method() == actix_web::http::Method::OPTIONS;
    let mut response = next.call(request).await?;
    let headers = response.headers_mut();
    let mut set = |name: HeaderName, value: &'static str| headers.insert(name, HeaderValue::from_static(value));
    set(header::ACCESS_CONTROL_ALLOW_ORIGIN, "*");
    set(header::ACCESS_CONTROL_EXPOSE_HEADERS, "WWW-Authenticate, DPoP-Nonce, Retry-After");
    if preflight {
        set(header::ACCESS_CONTROL_ALLOW_METHODS, "GET, POST, OPTIONS");
        set(header::ACCESS_CONTROL_ALLOW_HEADERS, "Authorization, Content-Type, DPoP");
        set(header::ACCESS_CONTROL_MAX_AGE, "86400");
    }
    Ok(response)
}
