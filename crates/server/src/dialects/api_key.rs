//! The device login as programs speak it that want a key and JSON, and that nobody has registered.
//!
//! 1. The program says what it calls itself and gets a code to show and one to poll with (`code`).
//! 2. The person types the code at the page of the whole server, or at a page of the program's own, which asks here what the code
//!    is for (`lookup`) and says what the person decided (`authorize`, `deny`), by the person's own session.
//! 3. The program polls (`token`) until the answer is neither 202 nor 429, and gets its key, once.

use crate::answer;
use crate::context::Context;
use crate::exchange::{self, PollAnswer};
use crate::json_desk::{self, Authorized, Denied, LookedUp};
use crate::metrics::Spent;
use crate::refused::{Refused, set_retry_after};
use actix_web::http::{StatusCode, header};
use actix_web::{HttpMessage as _, HttpResponse};
use model::client::PresentedClient;
use model::id::{ClientId, OrgId};
use model::name::ClientName;
use model::secret::{Digest, Purpose};
use model::terms::Backoff;
use protocol::api_key::{
    AuthorizeAnswer, AuthorizeRequest, Code, CodeAnswer, CodeRequest, DEFAULT_SCOPE, DenyAnswer, DenyRequest,
    ErrorBody, LookupAnswer, Status, TOKEN_TYPE, TokenAnswer, TokenRequest,
};
use protocol::scope::Scopes;
use registry::grants::begin::{Begun, DeviceCodeForm, DeviceRequest};
use registry::grants::poll::Poll;
use routes::url;
use serde::de::DeserializeOwned;
use std::time::Duration;

/// Answers a program that asks for a code.
///
/// # Errors
/// 403 where programs that nobody registered are not let in, 400 for a body that is none.
pub async fn code(context: Context) -> Result<HttpResponse, Refused> {
    if !context.state.config.unregistered_clients {
        return Ok(told(&context, Code::Forbidden, NOT_LET_IN));
    }
    let limits = &context.state.limits;
    limits
        .unregistered_code(context.origin.network())
        .map_err(|retry_after| Refused::TooMany { retry_after })
        .inspect_err(|_| context.state.metrics.spent(Spent::DeviceRequests))?;
    let Some(asked) = body::<CodeRequest>(&context) else { return Ok(told(&context, Code::InvalidRequest, NO_BODY)) };
    let Some(client_name) = ClientName::parse(&asked.client_name) else {
        return Ok(told(
            &context,
            Code::InvalidRequest,
            "client_name has to have 1 to 80 characters that can be seen.",
        ));
    };
    let Ok(scopes) = Scopes::parse(asked.scope.as_deref().unwrap_or(DEFAULT_SCOPE)) else {
        return Ok(told(&context, Code::InvalidRequest, "scope is not a list of words with spaces between them."));
    };
    let request = DeviceRequest {
        org_id: OrgId::instance(),
        client: unregistered(),
        scopes: Some(scopes).filter(|scopes| !scopes.is_empty()),
        resources: Vec::new(),
        code_challenge: None,
        client_name: Some(client_name),
        backoff: Backoff::Double,
        code_form: DeviceCodeForm::Plain48,
        origin: context.origin.clone(),
        bounded: limits.are_on(),
    };
    Ok(match exchange::begin(&context, &request).await? {
        Begun::Opened(codes) => {
            let url = |path: String| context.state.config.public_url.join(&path);
            let user_code = codes.user_code.to_string();
            let answered = CodeAnswer {
                device_code: codes.device_code.expose().clone(),
                verification_uri: url(url::DEVICE.to_owned()),
                verification_uri_complete: url(url::device_with_short_code(&user_code)),
                user_code,
                expires_in: codes.lifetime.as_secs(),
                interval: codes.interval.as_secs(),
            };
            answer::json(StatusCode::OK, &answered)
        }
        Begun::Client(_) | Begun::GrantNotAllowed => told(&context, Code::Forbidden, NOT_LET_IN),
        Begun::ScopeNotAllowed => told(&context, Code::InvalidRequest, "The server does not have one of these scopes."),
        Begun::ResourceUnknown => told(&context, Code::InvalidRequest, "The server does not have this resource."),
        Begun::TooManyCodes => return Err(Refused::TooMany { retry_after: Duration::from_secs(60) }),
    })
}

const NOT_LET_IN: &str =
    "This server takes no programs that nobody has registered. Ask its operator to allow them, or to register yours.";
const NO_BODY: &str = "Send a JSON object as application/json, with the fields that this address takes.";
const NOT_FOUND: &str = "This code does not work. Check it, or ask for a new one.";
const DECIDED: &str = "This code has been decided about already.";

/// Answers what a code asks for.
///
/// # Errors
/// 401 without a session, 429 after too many wrong codes.
pub async fn lookup(context: Context) -> Result<HttpResponse, Refused> {
    let typed = context.query()?.get("user_code").unwrap_or_default().to_owned();
    let now = context.now();
    Ok(match json_desk::look_up(&context, &typed).await? {
        LookedUp::Found(found) => {
            let answered = LookupAnswer {
                client_name: found.client_name,
                status: match found.approved {
                    None => Status::Pending,
                    Some(true) => Status::Approved,
                    Some(false) => Status::Denied,
                },
                scopes: found.scopes.names().map(str::to_owned).collect(),
                expires_in: found.expires_at.since(now).as_secs(),
                csrf_token: found.csrf_token,
            };
            answer::json(StatusCode::OK, &answered)
        }
        LookedUp::NotFound => told(&context, Code::CodeNotFound, NOT_FOUND),
    })
}

/// Takes a yes.
///
/// # Errors
/// 401 without a session, 403 for a request that did not come from a page of ours, 429 for too many.
pub async fn authorize(context: Context) -> Result<HttpResponse, Refused> {
    json_desk::of_own_page(&context)?;
    let Some(asked) = body::<AuthorizeRequest>(&context) else {
        json_desk::signed_in(&context).await?;
        return Ok(told(&context, Code::InvalidRequest, NO_BODY));
    };
    Ok(match json_desk::authorize(&context, &asked.user_code, asked.org_id.as_deref()).await? {
        Authorized::Approved(org) => {
            let answered = AuthorizeAnswer { status: Status::Approved, org_id: org.to_string() };
            answer::json(StatusCode::OK, &answered)
        }
        Authorized::NotFound => told(&context, Code::CodeNotFound, NOT_FOUND),
        Authorized::AlreadyDecided => told(&context, Code::AlreadyDecided, DECIDED),
        Authorized::WhichOrganization => {
            told(&context, Code::InvalidRequest, "You belong to several organizations: say which one by org_id.")
        }
        Authorized::NoOrganization => {
            told(&context, Code::Forbidden, "You don't belong to any organization. Ask an admin to invite you.")
        }
        Authorized::NotTheirs => told(&context, Code::Forbidden, "You don't belong to this organization."),
        Authorized::FactorMissing => told(
            &context,
            Code::Forbidden,
            "This organization needs a second factor. Sign in again with yours, or set one up on its pages.",
        ),
        Authorized::NotLetIn => told(&context, Code::Forbidden, "This organization does not let such a program in."),
    })
}

/// Takes a no.
///
/// # Errors
/// As [`authorize`].
pub async fn deny(context: Context) -> Result<HttpResponse, Refused> {
    json_desk::of_own_page(&context)?;
    let Some(asked) = body::<DenyRequest>(&context) else {
        json_desk::signed_in(&context).await?;
        return Ok(told(&context, Code::InvalidRequest, NO_BODY));
    };
    Ok(match json_desk::deny(&context, &asked.user_code).await? {
        Denied::Done => answer::json(StatusCode::OK, &DenyAnswer { status: Status::Denied }),
        Denied::NotFound => told(&context, Code::CodeNotFound, NOT_FOUND),
        Denied::AlreadyDecided => told(&context, Code::AlreadyDecided, DECIDED),
    })
}

/// Answers a poll.
///
/// # Errors
/// Our own faults.
pub async fn token(context: Context) -> Result<HttpResponse, Refused> {
    if !context.state.config.unregistered_clients {
        return Ok(told(&context, Code::Forbidden, NOT_LET_IN));
    }
    let Some(asked) = body::<TokenRequest>(&context) else { return Ok(told(&context, Code::InvalidRequest, NO_BODY)) };
    let poll = Poll {
        org_id: OrgId::instance(),
        client: unregistered(),
        device_code: Digest::of(Purpose::DeviceCode, &asked.device_code),
        code_verifier: None,
    };
    Ok(match exchange::poll(&context, poll).await? {
        PollAnswer::Tokens(tokens) => {
            let scopes = tokens.scope.unwrap_or_default();
            let answered = TokenAnswer {
                api_key: tokens.access_token.clone(),
                access_token: tokens.access_token,
                token_type: TOKEN_TYPE.to_owned(),
                org_id: tokens.org_id.unwrap_or_default(),
                scopes: scopes.split_ascii_whitespace().map(str::to_owned).collect(),
            };
            answer::json(StatusCode::OK, &answered)
        }
        PollAnswer::Pending => told(&context, Code::AuthorizationPending, "Nobody has decided yet. Poll again."),
        PollAnswer::TooFast { interval } => too_fast(&context, interval),
        PollAnswer::Denied => told(&context, Code::AccessDenied, "The request was denied."),
        PollAnswer::NoLongerEntitled => {
            told(&context, Code::AccessDenied, "Whoever approved the request may no longer do so.")
        }
        PollAnswer::UnknownCode | PollAnswer::AlreadyRedeemed | PollAnswer::Expired => {
            told(&context, Code::ExpiredToken, "This code is unknown, used or expired. Ask for a new one.")
        }
        PollAnswer::Client(_) | PollAnswer::GrantNotAllowed => told(&context, Code::Forbidden, NOT_LET_IN),
    })
}

/// As which client the engine knows every program that speaks so.
fn unregistered() -> PresentedClient {
    PresentedClient { client_id: ClientId::from_wire(ClientId::UNREGISTERED), secret: None, by_header: false }
}

/// The JSON object in the body; nothing where there is none of this kind.
fn body<T: DeserializeOwned>(context: &Context) -> Option<T> {
    let is_json = context.request.content_type().eq_ignore_ascii_case("application/json");
    // A list would be read as the fields in their order.
    let is_object = context.body.trim_ascii_start().starts_with(b"{");
    serde_json::from_slice(&context.body).ok().filter(|_| is_json && is_object)
}

fn too_fast(context: &Context, interval: Duration) -> HttpResponse {
    let sentence = "Too fast. Wait as many seconds between polls as interval says.";
    let body =
        ErrorBody { interval: Some(interval.as_secs()), ..error_body(Code::SlowDown, sentence, &context.request_id()) };
    let mut response = answer::json(StatusCode::TOO_MANY_REQUESTS, &body);
    set_retry_after(&mut response, Some(interval));
    response
}

fn told(context: &Context, code: Code, sentence: &str) -> HttpResponse {
    let status = StatusCode::from_u16(code.status()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    refusal((status, code), sentence, &context.request_id())
}

/// What is not done, in the words of this dialect.
pub(crate) fn refusal((status, code): (StatusCode, Code), sentence: &str, request_id: &str) -> HttpResponse {
    let mut response = answer::json(status, &error_body(code, sentence, request_id));
    if code == Code::Unauthorized {
        // RFC 9110 §11.6.1: a 401 says how to authenticate. By the session of a browser, here.
        response.headers_mut().insert(header::WWW_AUTHENTICATE, header::HeaderValue::from_static("Cookie"));
    }
    response
}

fn error_body(code: Code, sentence: &str, request_id: &str) -> ErrorBody {
    ErrorBody {
        code: code.as_str().to_owned(),
        error: sentence.to_owned(),
        request_id: request_id.to_owned(),
        interval: None,
    }
}

/// The code that stands for a status.
pub(crate) fn code_of(status: StatusCode) -> Code {
    match status.as_u16() {
        401 => Code::Unauthorized,
        403 => Code::Forbidden,
        404 => Code::CodeNotFound,
        409 => Code::AlreadyDecided,
        429 => Code::RateLimited,
        503 => Code::TemporarilyUnavailable,
        500..=599 => Code::ServerError,
        _ => Code::InvalidRequest,
    }
}
