//! The token endpoint (RFC 6749 §3.2): which grant is it?

use crate::answer;
use crate::context::Context;
use crate::dialects::rfc8628;
use crate::exchange::{self, TokenOutcome};
use crate::extract::client::{presented_client, refuse_query_credentials};
use crate::extract::request::{home, organization, resources, scopes};
use crate::refused::{Refused, client_refused};
use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use issuer::refresh::RefreshRequest;
use model::client_grant::ClientRequest;
use model::code_grant::Presented;
use model::secret::{Digest, Purpose, Secret};
use protocol::error::{ErrorCode, OAuthError};
use protocol::params::Params;
use protocol::token::GrantType;
use registry::grants::code::CodeRequest;

/// Answers a token request.
///
/// # Errors
/// What the RFCs call an error.
pub async fn token(context: Context) -> Result<HttpResponse, Refused> {
    let home = home(&context)?;
    refuse_query_credentials(&context)?;
    let form = context.form()?;
    let grant = form.require("grant_type", "grant_type is missing.")?;
    // Clients that belong to no organization have device codes alone.
    match GrantType::from_wire(grant).filter(|grant| !home.is_instance() || *grant == GrantType::DeviceCode) {
        Some(GrantType::DeviceCode) => rfc8628::poll(&context, &form).await,
        Some(GrantType::AuthorizationCode) => code(&context, &form).await,
        Some(GrantType::RefreshToken) => refresh(&context, &form).await,
        Some(GrantType::ClientCredentials) => client_credentials(&context, &form).await,
        None => {
            Err(OAuthError::new(ErrorCode::UnsupportedGrantType, "The server does not have this grant_type.").into())
        }
    }
}

/// RFC 6749 §4.1.3, RFC 7636 §4.5.
async fn code(context: &Context, form: &Params) -> Result<HttpResponse, Refused> {
    let client = presented_client(context, form)?;
    let by_header = client.by_header;
    let request = CodeRequest {
        org_id: organization(context)?,
        client,
        code: Digest::of(Purpose::AuthorizationCode, form.require("code", "code is missing.")?),
        presented: Presented {
            redirect_uri: form.get("redirect_uri").map(str::to_owned),
            code_verifier: form.get("code_verifier").map(str::to_owned),
        },
        resources: resources(form)?,
    };
    said(
        exchange::redeem_code(context, request).await?,
        by_header,
        "The code is unknown, spent or expired, or came with another redirect_uri or code_verifier than it was asked for with.",
    )
}

async fn refresh(context: &Context, form: &Params) -> Result<HttpResponse, Refused> {
    let client = presented_client(context, form)?;
    let by_header = client.by_header;
    let request = RefreshRequest {
        token: Secret::new(form.require("refresh_token", "refresh_token is missing.")?.to_owned()),
        scopes: scopes(form)?,
        resources: resources(form)?,
        origin: context.origin.clone(),
    };
    let outcome = exchange::refresh(context, organization(context)?, client, request).await?;
    said(outcome, by_header, "The refresh token is unknown, spent, revoked or expired. Log in again.")
}

async fn client_credentials(context: &Context, form: &Params) -> Result<HttpResponse, Refused> {
    let client = presented_client(context, form)?;
    let by_header = client.by_header;
    let request = ClientRequest { scopes: scopes(form)?, resources: resources(form)? };
    let outcome = exchange::client_credentials(context, organization(context)?, client, request).await?;
    said(outcome, by_header, "Log in again.")
}

fn said(outcome: TokenOutcome, by_header: bool, not_good: &'static str) -> Result<HttpResponse, Refused> {
    let told = |code, sentence| Err(OAuthError::new(code, sentence).into());
    match outcome {
        TokenOutcome::Tokens(tokens) => Ok(answer::json(StatusCode::OK, &tokens)),
        TokenOutcome::Client(refusal) => Err(client_refused(refusal, by_header)),
        TokenOutcome::GrantNotAllowed => {
            told(ErrorCode::UnauthorizedClient, "This application may not use this grant.")
        }
        TokenOutcome::NotGood => told(ErrorCode::InvalidGrant, not_good),
        TokenOutcome::ResourceNotAllowed => {
            told(ErrorCode::InvalidTarget, "The resource is not one that tokens can be had for here.")
        }
        TokenOutcome::ScopeNotAllowed => told(ErrorCode::InvalidScope, "The scope is beyond what may be had here."),
    }
}
