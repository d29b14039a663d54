//! The ways in which a program and a server can speak of a login.

use serde::{Deserialize, Serialize};
use std::fmt;

/// How a login is asked for, and what it yields.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum Dialect {
    /// RFC 8628 at one organization: tokens that are renewed.
    #[default]
    #[serde(rename = "rfc8628")]
    Rfc8628,
    /// JSON, at the server: an API key for the organization that the person picks.
    #[serde(rename = "api_key")]
    ApiKey,
    /// RFC 8628 at the server: a read-only token, for the organization that the person picks.
    #[serde(rename = "mcp")]
    Mcp,
}

impl Dialect {
    /// The name, as the command line and the credentials have it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Rfc8628 => "rfc8628",
            Self::ApiKey => "api_key",
            Self::Mcp => "mcp",
        }
    }

    /// Whether this is the one of credentials that name none.
    #[expect(clippy::trivially_copy_pass_by_ref, reason = "serde hands a reference")]
    pub(crate) fn is_default(&self) -> bool {
        *self == Self::default()
    }
}

impl fmt::Display for Dialect {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}
