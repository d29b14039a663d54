//! What the file holds, and how.

use super::{Login, LoginKey};
use crate::Tokens;
use model::secret::Secret;
use model::time::Timestamp;
use serde::{Deserialize, Serialize};

/// The version that this code writes, and the only one that it reads.
pub(super) const VERSION: u32 = 1;

#[derive(Serialize, Deserialize)]
pub(super) struct Contents {
    pub(super) version: u32,
    pub(super) current: Option<LoginKey>,
    pub(super) logins: Vec<Written>,
}

impl Default for Contents {
    fn default() -> Self {
        Self { version: VERSION, current: None, logins: Vec::new() }
    }
}

impl Contents {
    pub(super) fn put(&mut self, login: Login) {
        self.logins.retain(|other| other.key != login.key);
        self.logins.push(login.into());
    }
}

/// A login as the file has it: the only place where its secrets are plain text.
#[derive(Serialize, Deserialize)]
pub(super) struct Written {
    #[serde(flatten)]
    pub(super) key: LoginKey,
    pub(super) access_token: String,
    /// Seconds since the epoch.
    expires_at: i64,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    refresh_token: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    id_token: Option<String>,
    #[serde(default)]
    scope: String,
}

impl From<Login> for Written {
    fn from(login: Login) -> Self {
        let tokens = login.tokens;
        let plain = |secret: &Secret| secret.expose().clone();
        Self {
            key: login.key,
            access_token: plain(&tokens.access_token),
            expires_at: tokens.expires_at.seconds(),
            refresh_token: tokens.refresh_token.as_ref().map(plain),
            id_token: tokens.id_token.as_ref().map(plain),
            scope: tokens.scope,
        }
    }
}

impl From<Written> for Login {
    fn from(written: Written) -> Self {
        Self {
            key: written.key,
            tokens: Tokens {
                access_token: Secret::new(written.access_token),
                expires_at: Timestamp::from_seconds(written.expires_at),
                refresh_token: written.refresh_token.map(Secret::new),
                id_token: written.id_token.map(Secret::new),
                scope: written.scope,
            },
        }
    }
}
