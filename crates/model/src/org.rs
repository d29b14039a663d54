//! Organizations: the tenants.

use crate::algorithm::Algorithm;
use crate::id::OrgId;
use crate::time::Timestamp;
use std::time::Duration;

/// A tenant. Everything that belongs to it is stored under its id.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Organization {
    /// Chosen at creation, part of the issuer, never reused.
    pub id: OrgId,
    /// What people call it; may change.
    pub name: String,
    /// The accent colour of its pages, `#rrggbb`.
    pub colour: Option<String>,
    /// Algorithm of its access tokens.
    pub signing_alg: Algorithm,
    /// How long its refresh tokens live.
    pub refresh: RefreshPolicy,
    /// When it was created.
    pub created_at: Timestamp,
}

/// How long refresh tokens live, and how long a repeat of a spent one is forgiven.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RefreshPolicy {
    /// From the family's start to its certain end.
    pub absolute: Duration,
    /// From one use to the next at most.
    pub idle: Duration,
    /// How long after a token's own first use a repeat gets the same successor; 0 to 300 s.
    pub grace: Duration,
}

impl Default for RefreshPolicy {
    fn default() -> Self {
        const DAY: u64 = 24 * 60 * 60;
        Self {
            absolute: Duration::from_secs(90 * DAY),
            idle: Duration::from_secs(30 * DAY),
            grace: Duration::from_secs(60),
        }
    }
}

/// What a member may do in an organization.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Role {
    /// Uses its applications.
    Member,
    /// Registers applications and sees the portal.
    Admin,
    /// Does what an admin does; an organization always keeps one.
    Owner,
}

impl Role {
    /// The word for it, in the database and on the command line.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Member => "member",
            Self::Admin => "admin",
            Self::Owner => "owner",
        }
    }

    /// Reads the word.
    pub fn parse(text: &str) -> Option<Self> {
        [Self::Member, Self::Admin, Self::Owner].into_iter().find(|role| role.as_str() == text)
    }

    /// Whether the portal is open to this role.
    pub const fn administers(self) -> bool {
        matches!(self, Self::Admin | Self::Owner)
    }
}
