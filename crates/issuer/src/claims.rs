//! The claims of our tokens (RFC 9068 §2.2 for access tokens, OIDC Core §2 for id_tokens).

use model::id::FamilyId;
use model::secret::{base64url, from_base64url};
use protocol::introspection::Audience;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// An access token's claims.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AccessClaims {
    /// The organization's issuer.
    pub iss: String,
    /// The user's id, or the client's where there is no user.
    pub sub: String,
    /// Who may rely on it.
    pub aud: Audience,
    /// Expiry, in seconds since the epoch.
    pub exp: i64,
    /// Issue, in seconds since the epoch.
    pub iat: i64,
    /// Family and randomness, or randomness alone; see [`TokenId`].
    pub jti: String,
    /// The client.
    pub client_id: String,
    /// What it allows.
    pub scope: String,
    /// The organization.
    pub org_id: String,
    /// When the user had last proved who they are, in seconds since the epoch.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub auth_time: Option<i64>,
}

/// An id_token's claims.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct IdClaims {
    /// The organization's issuer.
    pub iss: String,
    /// The user's id.
    pub sub: String,
    /// The client.
    pub aud: String,
    /// Expiry, in seconds since the epoch.
    pub exp: i64,
    /// Issue, in seconds since the epoch.
    pub iat: i64,
    /// When the user had last proved who they are, in seconds since the epoch.
    pub auth_time: i64,
    /// Binds it to the access token beside it (OIDC Core §3.1.3.6).
    pub at_hash: String,
    /// What the request sent along (OIDC Core §3.1.2.1).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub nonce: Option<String>,
    /// The session in which the user agreed (OIDC Front-Channel Logout §3), for a sign-out that names it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sid: Option<String>,
    /// The organization.
    pub org_id: String,
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

/// `jti` of an access token: the family's id and 128 random bits, or the random bits alone where there is no family.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TokenId {
    /// The family, where there is one.
    pub family: Option<FamilyId>,
    /// What tells tokens of a family apart.
    pub random: [u8; 16],
}

impl TokenId {
    /// The claim's text.
    pub fn text(&self) -> String {
        match self.family {
            None => base64url(&self.random),
            Some(family) => base64url(&[family.uuid().as_bytes().as_slice(), &self.random].concat()),
        }
    }

    /// Reads the claim's text.
    pub fn parse(text: &str) -> Option<Self> {
        let bytes = from_base64url(text)?;
        match bytes.len() {
            16 => Some(Self { family: None, random: bytes.try_into().ok()? }),
            32 => Some(Self {
                family: Some(FamilyId::from_uuid(Uuid::from_slice(&bytes[..16]).ok()?)),
                random: bytes[16..].try_into().ok()?,
            }),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_id_is_read_as_it_was_written() {
        for family in [None, Some(FamilyId::from_uuid(Uuid::from_u128(5)))] {
            let id = TokenId { family, random: [9; 16] };
            assert_eq!(TokenId::parse(&id.text()), Some(id));
        }
        assert_eq!(TokenId::parse("AAAA"), None);
        assert_eq!(TokenId::parse("*"), None);
    }
}
