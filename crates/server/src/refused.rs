//! What is not done, and how that is said: JSON for programs, a page for people.

use crate::answer;
use crate::context::{Context, request_id};
use crate::dialects::api_key;
use crate::extract::language;
use crate::fault;
use crate::state::State;
use crate::web::frame;
use actix_web::http::{StatusCode, header};
use actix_web::{HttpRequest, HttpResponse};
use model::fault::Fault;
use protocol::error::{ErrorBody, ErrorCode, OAuthError};
use registry::clients::ClientRefusal;
use std::time::Duration;
use views::pages::{ErrorPage, Link};
use views::{Message, say};

/// Why a request is not answered as it was asked.
#[derive(Debug)]
pub enum Refused {
    /// An error of an OAuth endpoint, 400.
    OAuth(OAuthError),
    /// The client is not let in, 401; with `WWW-Authenticate` where it sent an `Authorization` header.
    Client {
        /// Whether it did.
        by_header: bool,
    },
    /// No good access token, 401 (RFC 6750 §3).
    Token {
        /// Whether one was presented at all.
        presented: bool,
    },
    /// The access token does not allow this, 403.
    Scope,
    /// There is nothing here for this caller, 404.
    NotFound,
    /// This is not for this person, 403; the sentence says what to do.
    Forbidden(Message),
    /// The page is for somebody signed in: to the sign-in page for a GET, 403 for a POST.
    SignIn,
    /// What is dangerous wants a fresh proof of who it is: to where that is asked for, and from there to this page.
    StepUp(String),
    /// The organization needs a second factor that the session has not shown: to where it is shown or set up for a GET, 403
    /// for a POST.
    SecondFactor,
    /// A form of another page, another session or another site, 403.
    Forged,
    /// Decided or changed meanwhile, 409.
    Conflict(Message),
    /// The form does not say what is wanted, 400.
    Unclear(Message),
    /// Too many, 429.
    TooMany {
        /// When to try again.
        retry_after: Duration,
    },
    /// The body did not arrive in time, 408; the connection ends with the answer.
    TooSlow,
    /// The body is too large, 413.
    TooLarge,
    /// The body is not a form, 415.
    NotAForm,
    /// Our own fault.
    Fault(Fault),
}

impl From<Fault> for Refused {
    fn from(fault: Fault) -> Self {
        Self::Fault(fault)
    }
}

impl From<OAuthError> for Refused {
    fn from(error: OAuthError) -> Self {
        Self::OAuth(error)
    }
}

/// A client that is not let in, as every OAuth endpoint says it.
pub fn client_refused(refusal: ClientRefusal, by_header: bool) -> Refused {
    match refusal {
        ClientRefusal::NoOrganization => Refused::NotFound,
        ClientRefusal::UnknownClient => Refused::Client { by_header },
    }
}

/// What is below it says what it refuses in words of its own.
const JSON_DIALECT: &str = "/api/auth/device/";

/// Whether what is below this path speaks JSON when it fails.
pub fn speaks_json(path: &str) -> bool {
    // Browsers are sent here.
    const PAGES: [&str; 2] = ["api/v1/oauth/authorize", "api/v1/oauth/logout"];
    let below_organization = path.strip_prefix("/orgs/").and_then(|rest| rest.split_once('/')).map(|(_, rest)| rest);
    path.starts_with("/api/")
        || path.starts_with("/.well-known/")
        || below_organization.is_some_and(|rest| {
            (rest.starts_with("api/") && !PAGES.contains(&rest)) || rest.starts_with(".well-known/")
        })
}

/// A sentence as programs are told it at this request's address.
pub(crate) fn told_in_json(context: &Context, status: StatusCode, sentence: &'static str) -> HttpResponse {
    if context.request.path().starts_with(JSON_DIALECT) {
        return api_key::refusal((status, api_key::code_of(status)), sentence, &context.request_id());
    }
    answer::json(status, &ErrorBody::from(&OAuthError::invalid_request(sentence)))
}

impl Refused {
    /// The answer to a request on this path.
    pub fn answer(self, request: &HttpRequest, state: &State) -> HttpResponse {
        let id = request_id(request);
        if speaks_json(request.path()) {
            return self.in_json(&id, request.path().starts_with(JSON_DIALECT));
        }
        if let Self::StepUp(page) = self {
            return answer::see_other(&routes::url::step_up_to(&page));
        }
        if matches!(request.method().as_str(), "GET" | "HEAD") {
            let here = request.uri().path_and_query().map_or("/", |path| path.as_str());
            match self {
                Self::SignIn => return answer::see_other(&routes::url::login_to(here)),
                Self::SecondFactor => return answer::see_other(&routes::url::security_for(here)),
                _ => {}
            }
        }
        let status = self.status();
        let retry_after = self.retry_after();
        let language = language::of(request, &state.config.public_url);
        let mut page = ErrorPage::of_status(status.as_u16());
        match self {
            Self::Conflict(sentence) => {
                // What is decided is over; all else can be looked at again where it was done.
                if sentence != say::decision_over() {
                    page.heading = say::conflict();
                    page.next = came_from(request, state).map(|url| Link { label: say::go_back(), url });
                }
                page.sentence = sentence;
            }
            Self::Unclear(sentence) => page.sentence = sentence,
            Self::Forbidden(sentence) => {
                page.sentence = sentence;
                page.next = Some(start());
            }
            Self::NotFound => page.next = Some(start()),
            Self::Forged => page.sentence = say::form_forged(),
            Self::SignIn => {
                page.heading = say::signed_out_meanwhile_heading();
                page.sentence = say::signed_out_meanwhile();
                let url = came_from(request, state)
                    .map_or_else(|| routes::url::LOGIN.to_owned(), |page| routes::url::login_to(&page));
                page.next = Some(Link { label: say::sign_in(), url });
            }
            Self::SecondFactor => {
                page.sentence = say::factor_missing();
                page.next = Some(Link { label: say::go_to_security(), url: routes::url::SECURITY.to_owned() });
            }
            Self::Fault(fault) => fault::log(&fault, &id),
            _ => {}
        }
        let mut response = match state.views.page(&page, &frame::bare(state, &id, language)) {
            Ok(html) => answer::html(status, html, language),
            Err(fault) => {
                fault::log(&fault, &id);
                HttpResponse::build(status).finish()
            }
        };
        set_retry_after(&mut response, retry_after);
        response
    }

    fn in_json(self, id: &str, in_json_dialect: bool) -> HttpResponse {
        let status = self.status();
        let retry_after = self.retry_after();
        let error = |code, description| OAuthError::new(code, description);
        let told = match &self {
            Self::OAuth(told) => told.clone(),
            Self::Client { .. } => {
                error(ErrorCode::InvalidClient, "The client is unknown, or its credentials are wrong.")
            }
            Self::Token { .. } => {
                error(ErrorCode::InvalidToken, "The access token is missing, expired, revoked or not for this server.")
            }
            Self::Scope => error(ErrorCode::InsufficientScope, "The access token does not allow this."),
            Self::NotFound => error(ErrorCode::InvalidRequest, "There is nothing at this address."),
            Self::Forbidden(_) => error(ErrorCode::InvalidRequest, "This is not for the caller."),
            Self::Conflict(_) => error(ErrorCode::InvalidRequest, "It was decided or changed meanwhile."),
            Self::Unclear(_) => error(ErrorCode::InvalidRequest, "The form does not say what is wanted."),
            Self::SignIn | Self::StepUp(_) => error(ErrorCode::InvalidToken, "Sign in first."),
            Self::SecondFactor => error(ErrorCode::InvalidRequest, "The organization needs a second factor."),
            Self::Forged => error(ErrorCode::InvalidRequest, "The form is not one of this session."),
            Self::TooMany { .. } => error(
                ErrorCode::TemporarilyUnavailable,
                "Too many requests. Wait as long as Retry-After says, then try again.",
            ),
            Self::TooSlow => error(ErrorCode::InvalidRequest, "The request's body took too long to arrive."),
            Self::TooLarge => error(ErrorCode::InvalidRequest, "The request is larger than 64 KiB."),
            Self::NotAForm => {
                error(ErrorCode::InvalidRequest, "Send the parameters as application/x-www-form-urlencoded.")
            }
            Self::Fault(fault) => {
                fault::log(fault, id);
                fault::told(fault)
            }
        };
        if in_json_dialect {
            // A page leads to the sign-in; a program is told that there is no credential.
            let status = if matches!(self, Self::SignIn) { StatusCode::UNAUTHORIZED } else { status };
            let mut response = api_key::refusal((status, api_key::code_of(status)), told.description, id);
            set_retry_after(&mut response, retry_after);
            return response;
        }
        let mut response = answer::json(status, &ErrorBody::from(&told));
        set_retry_after(&mut response, retry_after);
        let challenge = match self {
            Self::Client { by_header: true } => Some("Basic realm=\"doorward\""),
            Self::Token { presented: true } => Some("Bearer realm=\"doorward\", error=\"invalid_token\""),
            Self::Token { presented: false } => Some("Bearer realm=\"doorward\""),
            Self::Scope => Some("Bearer realm=\"doorward\", error=\"insufficient_scope\", scope=\"openid\""),
            _ => None,
        };
        if let Some(challenge) = challenge {
            response.headers_mut().insert(header::WWW_AUTHENTICATE, header::HeaderValue::from_static(challenge));
        }
        response
    }

    fn status(&self) -> StatusCode {
        match self {
            Self::OAuth(_) | Self::Unclear(_) => StatusCode::BAD_REQUEST,
            Self::Client { .. } | Self::Token { .. } => StatusCode::UNAUTHORIZED,
            Self::Scope | Self::Forbidden(_) | Self::Forged | Self::SignIn | Self::StepUp(_) | Self::SecondFactor => {
                StatusCode::FORBIDDEN
            }
            Self::NotFound => StatusCode::NOT_FOUND,
            Self::Conflict(_) => StatusCode::CONFLICT,
            Self::TooMany { .. } => StatusCode::TOO_MANY_REQUESTS,
            Self::TooSlow => StatusCode::REQUEST_TIMEOUT,
            Self::TooLarge => StatusCode::PAYLOAD_TOO_LARGE,
            Self::NotAForm => StatusCode::UNSUPPORTED_MEDIA_TYPE,
            Self::Fault(fault) => fault::status(fault),
        }
    }

    fn retry_after(&self) -> Option<Duration> {
        match self {
            Self::TooMany { retry_after } => Some(*retry_after),
            Self::Fault(fault) => fault::retry_after(fault),
            _ => None,
        }
    }
}

/// The page of ours that a form was sent from, where the browser says so.
fn came_from(request: &HttpRequest, state: &State) -> Option<String> {
    let referer = request.headers().get(header::REFERER)?.to_str().ok()?;
    let path = referer.strip_prefix(state.config.public_url.as_str())?;
    routes::url::own_path(path).map(str::to_owned)
}

/// The way on from a page that is a dead end: to the organizations, from where one can sign out, or to the sign-in.
fn start() -> Link {
    Link { label: say::start_page(), url: routes::url::HOME.to_owned() }
}

/// Says when to try again.
pub fn set_retry_after(response: &mut HttpResponse, span: Option<Duration>) {
    if let Some(span) = span {
        // Whole seconds, rounded up: who waits exactly that long is not too early.
        let seconds = span.as_millis().div_ceil(1000).max(1);
        if let Ok(value) = header::HeaderValue::from_str(&seconds.to_string()) {
            response.headers_mut().insert(header::RETRY_AFTER, value);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::speaks_json;

    #[test]
    fn programs_are_told_in_json() {
        for path in
            ["/api/v1/me", "/orgs/acme/api/v1/oauth/token", "/orgs/acme/.well-known/jwks.json", "/.well-known/x"]
        {
            assert!(speaks_json(path), "{path}");
        }
        for path in [
            "/orgs/acme/api/v1/oauth/authorize",
            "/",
            "/login",
            "/orgs/acme/device",
            "/orgs/api/device",
            "/orgs",
            "/apiary",
        ] {
            assert!(!speaks_json(path), "{path}");
        }
    }
}
