//! The terms of a grant: everything that a dialect chooses, as values that the engine carries without knowing why.

use crate::id::OrgId;
use crate::opaque::OpaqueKind;
use crate::user_code::UserCodeFormat;
use protocol::scope::Scopes;
use std::time::Duration;

/// What an approved grant is exchanged for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TokenProfile {
    /// A signed access token with, where the application has it, a refresh token and an id_token.
    Jwt,
    /// A token that says nothing by itself.
    Opaque(OpaqueKind),
}

impl TokenProfile {
    /// The word for it, in the database.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Jwt => "jwt",
            Self::Opaque(kind) => kind.as_str(),
        }
    }

    /// Reads the word.
    pub fn parse(text: &str) -> Option<Self> {
        if text == Self::Jwt.as_str() { Some(Self::Jwt) } else { OpaqueKind::parse(text).map(Self::Opaque) }
    }
}

/// Whose tokens an approval gives.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum OrgBinding {
    /// Those of the organization where the client is registered.
    Fixed(OrgId),
    /// Those of an organization that the user picks.
    ChosenAtApproval,
}

impl OrgBinding {
    /// That of clients which are registered in `home`: the server's own belong to no organization.
    pub fn of_home(home: &OrgId) -> Self {
        if home.is_instance() { Self::ChosenAtApproval } else { Self::Fixed(home.clone()) }
    }

    /// Whether it lets tokens of `org_id` be given.
    pub fn admits(&self, org_id: &OrgId) -> bool {
        match self {
            Self::Fixed(fixed) => fixed == org_id,
            Self::ChosenAtApproval => !org_id.is_instance(),
        }
    }
}

/// How the interval grows when a device polls too fast.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Backoff {
    /// By five seconds (RFC 8628 §3.5).
    AddFive,
    /// To twice what it was.
    Double,
}

/// The longest that any interval grows to.
pub const LONGEST_INTERVAL: Duration = Duration::from_secs(60);

impl Backoff {
    /// The interval after one more poll that was too fast.
    pub fn grown(self, interval: Duration) -> Duration {
        let grown = match self {
            Self::AddFive => interval.saturating_add(Duration::from_secs(5)),
            Self::Double => interval.saturating_mul(2),
        };
        grown.min(LONGEST_INTERVAL.max(interval))
    }

    /// The word for it, in the database.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::AddFive => "add_five",
            Self::Double => "double",
        }
    }

    /// Reads the word.
    pub fn parse(text: &str) -> Option<Self> {
        [Self::AddFive, Self::Double].into_iter().find(|backoff| backoff.as_str() == text)
    }
}

/// The terms of one grant, fixed when it is opened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GrantTerms {
    /// What it is exchanged for.
    pub profile: TokenProfile,
    /// Whose tokens it gives.
    pub binding: OrgBinding,
    /// How its interval grows.
    pub backoff: Backoff,
    /// How long a poll has to wait, at first.
    pub interval: Duration,
    /// How long both codes live.
    pub lifetime: Duration,
    /// What is asked for, within what the application may.
    pub scopes: Scopes,
    /// The resources that the tokens are meant for (RFC 8707).
    pub resources: Vec<String>,
    /// SHA-256 of the verifier that the poll must bring, base64url (RFC 7636 §4.2).
    pub code_challenge: Option<String>,
    /// How the user code looks.
    pub user_code_format: UserCodeFormat,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn intervals_grow_to_a_minute_and_never_shrink() {
        let seconds = Duration::from_secs;
        assert_eq!(Backoff::AddFive.grown(seconds(5)), seconds(10));
        assert_eq!(Backoff::AddFive.grown(seconds(58)), seconds(60));
        assert_eq!(Backoff::Double.grown(seconds(5)), seconds(10));
        assert_eq!(Backoff::Double.grown(seconds(40)), seconds(60));
        assert_eq!(Backoff::Double.grown(seconds(60)), seconds(60));
    }
}
