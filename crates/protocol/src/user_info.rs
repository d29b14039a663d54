//! Answers about a token's user: userinfo (OIDC Core §5.3.2) and Doorward's `me`.

use serde::{Deserialize, Serialize};

/// Userinfo: `sub` always, the rest by scope (OIDC Core §5.4).
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct UserInfo {
    /// The user's id.
    pub sub: String,
    /// With `profile`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// With `email`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub email: Option<String>,
    /// With `email`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub email_verified: Option<bool>,
}

/// Who and what the presented token is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Me {
    /// The user's id, or the client's where there is no user.
    pub sub: String,
    /// The user's e-mail address.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub email: Option<String>,
    /// The organization that the token is good in.
    pub org_id: String,
    /// The client that it was issued to; nothing where that is not registered, or its owner made the token by hand.
    pub client_id: Option<String>,
    /// What it allows.
    pub scope: String,
    /// `jwt`, `api_key`, `mcp` or `embedded`.
    pub kind: String,
    /// Expiry, in seconds since the epoch.
    pub exp: i64,
}
