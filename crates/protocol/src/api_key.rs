//! The JSON dialect of the device login: what goes over the wire below `/api/auth/device/`.

use serde::{Deserialize, Serialize};
use std::fmt;

/// The longest name that a program may give itself, in characters; the shortest has one.
pub const LONGEST_CLIENT_NAME: usize = 80;

/// What a program gets that asks for no scope.
pub const DEFAULT_SCOPE: &str = "read write";

/// `token_type` of a successful answer.
pub const TOKEN_TYPE: &str = "bearer";

/// `POST code`: a program asks for a pair of codes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CodeRequest {
    /// How the program names itself. Nobody has checked it.
    pub client_name: String,
    /// What it wants to do, words separated by spaces; [`DEFAULT_SCOPE`] where absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub scope: Option<String>,
}

/// What the program gets to show and to poll with.
#[derive(Clone, Serialize, Deserialize)]
pub struct CodeAnswer {
    /// What the program polls with. A secret.
    pub device_code: String,
    /// What the person types.
    pub user_code: String,
    /// Where the person types it.
    pub verification_uri: String,
    /// The same with the code filled in, for QR codes.
    pub verification_uri_complete: String,
    /// Lifetime of both codes, in seconds.
    pub expires_in: u64,
    /// Seconds to wait between polls.
    pub interval: u64,
}

/// `POST token`: a poll.
#[derive(Clone, Serialize, Deserialize)]
pub struct TokenRequest {
    /// What the program got to poll with.
    pub device_code: String,
}

/// The answer to the poll that finds an approval: the key, once.
#[derive(Clone, Serialize, Deserialize)]
pub struct TokenAnswer {
    /// The key.
    pub access_token: String,
    /// [`TOKEN_TYPE`].
    pub token_type: String,
    /// The key again, under the name that older programs look for.
    pub api_key: String,
    /// The organization that the person picked, and the only one that the key is good in.
    pub org_id: String,
    /// What the key allows.
    pub scopes: Vec<String>,
}

/// `GET lookup`: what a page of the person's may show before asking for a decision.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LookupAnswer {
    /// How the program names itself. Nobody has checked it.
    pub client_name: String,
    /// How far the request is.
    pub status: Status,
    /// What the program wants to do.
    pub scopes: Vec<String>,
    /// Seconds until the code ends.
    pub expires_in: u64,
    /// What the decision must bring as `X-CSRF-Token`.
    pub csrf_token: String,
}

/// `POST authorize`: the person says yes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AuthorizeRequest {
    /// What the person read off the device.
    pub user_code: String,
    /// The organization that the key is to be good in; needed where the person has more than one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub org_id: Option<String>,
}

/// The answer to a yes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AuthorizeAnswer {
    /// [`Status::Approved`].
    pub status: Status,
    /// The organization that the key will be good in.
    pub org_id: String,
}

/// `POST deny`: the person says no.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DenyRequest {
    /// What the person read off the device.
    pub user_code: String,
}

/// The answer to a no.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DenyAnswer {
    /// [`Status::Denied`].
    pub status: Status,
}

/// How far a request is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Status {
    /// Nobody has decided.
    Pending,
    /// The person said yes.
    Approved,
    /// The person said no.
    Denied,
}

/// The body of every answer that is not what was asked for, a poll's without a decision included.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ErrorBody {
    /// The code; kept as text, since a client must survive codes that it does not know.
    pub code: String,
    /// A plain sentence.
    #[serde(default)]
    pub error: String,
    /// What the server's log knows the request by.
    #[serde(default)]
    pub request_id: String,
    /// With [`Code::SlowDown`]: how many seconds are to pass between polls from now on.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub interval: Option<u64>,
}

/// The codes that [`ErrorBody`] comes with.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Code {
    /// The body is not what the route takes.
    InvalidRequest,
    /// Nobody is signed in.
    Unauthorized,
    /// This may not be done, or not from here.
    Forbidden,
    /// No live code of this person's.
    CodeNotFound,
    /// The person has decided already.
    AlreadyDecided,
    /// Too many requests; never the answer to a poll.
    RateLimited,
    /// A poll: nobody has decided yet.
    AuthorizationPending,
    /// A poll: it came too soon, and the interval is longer now.
    SlowDown,
    /// A poll: the person said no, or may no longer say yes.
    AccessDenied,
    /// A poll: the code's time is over, or it never was one.
    ExpiredToken,
    /// The server is at fault.
    ServerError,
    /// The server is busy or at its limits; try again.
    TemporarilyUnavailable,
}

impl Code {
    /// All of them.
    pub const ALL: [Self; 12] = [
        Self::InvalidRequest,
        Self::Unauthorized,
        Self::Forbidden,
        Self::CodeNotFound,
        Self::AlreadyDecided,
        Self::RateLimited,
        Self::AuthorizationPending,
        Self::SlowDown,
        Self::AccessDenied,
        Self::ExpiredToken,
        Self::ServerError,
        Self::TemporarilyUnavailable,
    ];

    /// The code as it stands on the wire.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::InvalidRequest => "INVALID_REQUEST",
            Self::Unauthorized => "UNAUTHORIZED",
            Self::Forbidden => "FORBIDDEN",
            Self::CodeNotFound => "CODE_NOT_FOUND",
            Self::AlreadyDecided => "ALREADY_DECIDED",
            Self::RateLimited => "RATE_LIMITED",
            Self::AuthorizationPending => "AUTHORIZATION_PENDING",
            Self::SlowDown => "SLOW_DOWN",
            Self::AccessDenied => "ACCESS_DENIED",
            Self::ExpiredToken => "EXPIRED_TOKEN",
            Self::ServerError => "SERVER_ERROR",
            Self::TemporarilyUnavailable => "TEMPORARILY_UNAVAILABLE",
        }
    }

    /// Reads the wire form.
    pub fn from_wire(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|code| code.as_str() == text)
    }

    /// The status that goes with it.
    pub const fn status(self) -> u16 {
        match self {
            Self::AuthorizationPending => 202,
            Self::InvalidRequest => 400,
            Self::Unauthorized => 401,
            Self::Forbidden | Self::AccessDenied => 403,
            Self::CodeNotFound => 404,
            Self::AlreadyDecided => 409,
            Self::ExpiredToken => 410,
            Self::RateLimited | Self::SlowDown => 429,
            Self::ServerError => 500,
            Self::TemporarilyUnavailable => 503,
        }
    }
}

impl fmt::Display for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashSet;

    #[test]
    fn each_code_is_read_again_and_none_stands_for_two() {
        let names: HashSet<_> = Code::ALL.into_iter().map(Code::as_str).collect();
        assert_eq!(names.len(), Code::ALL.len());
        for code in Code::ALL {
            assert_eq!(Code::from_wire(code.as_str()), Some(code));
        }
        assert_eq!(Code::from_wire("slow_down"), None);
    }
}
