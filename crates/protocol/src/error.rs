//! Error answers (RFC 6749 §5.2, RFC 8628 §3.5, RFC 6750 §3.1).

use serde::{Deserialize, Serialize};
use std::fmt;

/// The codes of `error` that Doorward's endpoints answer with.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ErrorCode {
    /// A parameter is missing, repeated or malformed.
    InvalidRequest,
    /// The client is unknown or its credentials are wrong.
    InvalidClient,
    /// The code or token is unknown, spent, another client's, or no longer good.
    InvalidGrant,
    /// The client may not use this grant.
    UnauthorizedClient,
    /// The server does not have this grant.
    UnsupportedGrantType,
    /// The scope is unknown, malformed or beyond what the client may ask for.
    InvalidScope,
    /// The resource is unknown or malformed (RFC 8707 §2).
    InvalidTarget,
    /// The user said no, or may no longer say yes.
    AccessDenied,
    /// The user has not decided yet (RFC 8628 §3.5).
    AuthorizationPending,
    /// The device polls too fast (RFC 8628 §3.5).
    SlowDown,
    /// The device code's time is over (RFC 8628 §3.5).
    ExpiredToken,
    /// The access token is not good (RFC 6750 §3.1).
    InvalidToken,
    /// The access token lacks the scope (RFC 6750 §3.1).
    InsufficientScope,
    /// The authorization endpoint does not answer in this way (RFC 6749 §4.1.2.1).
    UnsupportedResponseType,
    /// Nobody may be asked, and somebody has to sign in (OIDC Core §3.1.2.6).
    LoginRequired,
    /// Nobody may be asked, and somebody has to agree.
    ConsentRequired,
    /// Nobody may be asked, and something else is to be settled first.
    InteractionRequired,
    /// Nobody may be asked, and another account is meant than the one that is signed in.
    AccountSelectionRequired,
    /// Requests as signed objects are not taken.
    RequestNotSupported,
    /// Requests by reference are not taken.
    RequestUriNotSupported,
    /// Registrations inside a request are not taken.
    RegistrationNotSupported,
    /// The server is at fault.
    ServerError,
    /// The server is busy or at its limits; try again.
    TemporarilyUnavailable,
}

impl ErrorCode {
    /// The code as it stands on the wire.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::InvalidRequest => "invalid_request",
            Self::InvalidClient => "invalid_client",
            Self::InvalidGrant => "invalid_grant",
            Self::UnauthorizedClient => "unauthorized_client",
            Self::UnsupportedGrantType => "unsupported_grant_type",
            Self::InvalidScope => "invalid_scope",
            Self::InvalidTarget => "invalid_target",
            Self::AccessDenied => "access_denied",
            Self::AuthorizationPending => "authorization_pending",
            Self::SlowDown => "slow_down",
            Self::ExpiredToken => "expired_token",
            Self::InvalidToken => "invalid_token",
            Self::InsufficientScope => "insufficient_scope",
            Self::UnsupportedResponseType => "unsupported_response_type",
            Self::LoginRequired => "login_required",
            Self::ConsentRequired => "consent_required",
            Self::InteractionRequired => "interaction_required",
            Self::AccountSelectionRequired => "account_selection_required",
            Self::RequestNotSupported => "request_not_supported",
            Self::RequestUriNotSupported => "request_uri_not_supported",
            Self::RegistrationNotSupported => "registration_not_supported",
            Self::ServerError => "server_error",
            Self::TemporarilyUnavailable => "temporarily_unavailable",
        }
    }
}

impl fmt::Display for ErrorCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// An error answer: the code for programs, a sentence for whoever debugs one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OAuthError {
    /// What programs decide by.
    pub code: ErrorCode,
    /// One plain sentence; fixed text, so that nothing of the request or the server leaks into it.
    pub description: &'static str,
}

impl OAuthError {
    /// An error with this code and sentence.
    pub const fn new(code: ErrorCode, description: &'static str) -> Self {
        Self { code, description }
    }

    /// `invalid_request` with this sentence.
    pub const fn invalid_request(description: &'static str) -> Self {
        Self::new(ErrorCode::InvalidRequest, description)
    }
}

/// The JSON body of an error answer, for writing and reading.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ErrorBody {
    /// The code; kept as text, since a client must survive codes that it does not know.
    pub error: String,
    /// A sentence for the developer.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub error_description: Option<String>,
}

impl From<&OAuthError> for ErrorBody {
    fn from(error: &OAuthError) -> Self {
        Self { error: error.code.as_str().to_owned(), error_description: Some(error.description.to_owned()) }
    }
}
