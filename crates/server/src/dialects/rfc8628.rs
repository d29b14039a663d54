//! The device authorization grant as RFC 8628 speaks it: forms in, JSON out, errors by `error`; at an organization, or at the
//! server itself for clients that leave it to the user which organization it is.
//!
//! 1. The device asks for a code (§3.1) and gets one to show and one to poll with (§3.2).
//! 2. It polls the token endpoint (§3.4) until the answer is neither `authorization_pending` nor `slow_down` (§3.5).

use crate::answer;
use crate::context::Context;
use crate::exchange::{self, PollAnswer};
use crate::extract::client::{presented_client, refuse_query_credentials};
use crate::extract::request::{code_challenge, home, resources, scopes};
use crate::refused::{Refused, client_refused};
use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use model::secret::{Digest, Purpose};
use model::terms::Backoff;
use protocol::device::DeviceAuthorization;
use protocol::error::{ErrorCode, OAuthError};
use protocol::params::Params;
use registry::grants::begin::{Begun, DeviceCodeForm, DeviceCodes, DeviceRequest};
use registry::grants::poll::Poll;
use std::time::Duration;

/// Answers a device that asks for a code.
///
/// # Errors
/// What the RFC calls an error.
pub async fn device_authorization(context: Context) -> Result<HttpResponse, Refused> {
    let org = home(&context)?;
    refuse_query_credentials(&context)?;
    let form = context.form()?;
    let request = DeviceRequest {
        client: presented_client(&context, &form)?,
        scopes: scopes(&form)?,
        resources: resources(&form)?,
        code_challenge: code_challenge(&form)?,
        client_name: None,
        backoff: Backoff::AddFive,
        code_form: DeviceCodeForm::Base64Url,
        origin: context.origin.clone(),
        bounded: context.state.limits.are_on(),
        org_id: org,
    };
    match exchange::begin(&context, &request).await? {
        Begun::Opened(codes) => Ok(answer::json(StatusCode::OK, &authorization(&context, &request, &codes))),
        Begun::Client(refusal) => Err(client_refused(refusal, request.client.by_header)),
        Begun::GrantNotAllowed => {
            Err(told(ErrorCode::UnauthorizedClient, "This application may not use device codes."))
        }
        Begun::ScopeNotAllowed => {
            Err(told(ErrorCode::InvalidScope, "The scope is beyond what this application may ask for."))
        }
        Begun::ResourceUnknown => Err(told(
            ErrorCode::InvalidTarget,
            "This resource is not known here. Ask an admin, or the operator, to add it.",
        )),
        Begun::TooManyCodes => Err(Refused::TooMany { retry_after: Duration::from_secs(60) }),
    }
}

fn authorization(context: &Context, request: &DeviceRequest, codes: &DeviceCodes) -> DeviceAuthorization {
    let url = |path: String| context.state.config.public_url.join(&path);
    let user_code = codes.user_code.to_string();
    DeviceAuthorization {
        device_code: codes.device_code.expose().clone(),
        verification_uri: url(routes::url::device(&request.org_id)),
        verification_uri_complete: codes
            .prefilled_uri
            .then(|| url(routes::url::device_with_code(&request.org_id, &user_code))),
        user_code,
        expires_in: codes.lifetime.as_secs(),
        interval: codes.interval.as_secs(),
    }
}

/// Answers a poll, once the token endpoint has seen that it is one.
///
/// # Errors
/// What the RFC calls an error.
pub async fn poll(context: &Context, form: &Params) -> Result<HttpResponse, Refused> {
    let client = presented_client(context, form)?;
    let by_header = client.by_header;
    let device_code = form.require("device_code", "device_code is missing.")?;
    let poll = Poll {
        org_id: home(context)?,
        client,
        device_code: Digest::of(Purpose::DeviceCode, device_code),
        code_verifier: form.get("code_verifier").map(str::to_owned),
    };
    match exchange::poll(context, poll).await? {
        PollAnswer::Tokens(tokens) => Ok(answer::json(StatusCode::OK, &tokens)),
        PollAnswer::Client(refusal) => Err(client_refused(refusal, by_header)),
        PollAnswer::GrantNotAllowed => {
            Err(told(ErrorCode::UnauthorizedClient, "This application may not use device codes."))
        }
        PollAnswer::UnknownCode => {
            Err(told(ErrorCode::InvalidGrant, "The device code is unknown, or not this client's."))
        }
        PollAnswer::AlreadyRedeemed => Err(told(ErrorCode::InvalidGrant, "The device code has been used.")),
        PollAnswer::Denied => Err(told(ErrorCode::AccessDenied, "The user denied the request.")),
        PollAnswer::NoLongerEntitled => {
            Err(told(ErrorCode::AccessDenied, "The user or the application may no longer do what was asked for."))
        }
        PollAnswer::Expired => Err(told(ErrorCode::ExpiredToken, "The device code has expired. Ask for a new one.")),
        PollAnswer::TooFast { .. } => {
            Err(told(ErrorCode::SlowDown, "Too fast. Wait five seconds longer between polls from now on."))
        }
        PollAnswer::Pending => {
            Err(told(ErrorCode::AuthorizationPending, "The user has not yet completed authorization"))
        }
    }
}

fn told(code: ErrorCode, sentence: &'static str) -> Refused {
    OAuthError::new(code, sentence).into()
}
