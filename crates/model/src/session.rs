//! Sign-in sessions and known devices.

use crate::id::{IdentityId, KnownDeviceId, OrgId, SessionId, UserId};
use crate::secret::Digest;
use crate::time::Timestamp;
use std::time::Duration;

/// How far a session goes.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Reach {
    /// To all that its user may do.
    #[default]
    Everywhere,
    /// To this organization's pages and no others: an identity provider of its own said who it is.
    Only(OrgId),
}

impl Reach {
    /// The reach by the only organization that it goes to, as the database keeps it.
    pub fn of(only: Option<OrgId>) -> Self {
        only.map_or(Self::Everywhere, Self::Only)
    }

    /// The only organization that it goes to, where there is one.
    pub const fn only(&self) -> Option<&OrgId> {
        match self {
            Self::Everywhere => None,
            Self::Only(org) => Some(org),
        }
    }

    /// Whether it goes to `org`.
    pub fn admits(&self, org: &OrgId) -> bool {
        self.only().is_none_or(|only| only == org)
    }
}

/// By what somebody got in.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Entrance {
    /// Something of the account's own: its password, its mailbox, a passkey.
    #[default]
    Account,
    /// An account at an identity provider that is linked to it. Once that is unlinked, or its provider lets nobody in any
    /// more, what it let in ends.
    Provider {
        /// Which account there.
        identity: IdentityId,
        /// How far its provider lets people in.
        reach: Reach,
    },
}

impl Entrance {
    /// How far whoever got in so may go.
    pub const fn reach(&self) -> &Reach {
        match self {
            Self::Account => &Reach::Everywhere,
            Self::Provider { reach, .. } => reach,
        }
    }

    /// The account at a provider, where it was one.
    pub const fn identity(&self) -> Option<IdentityId> {
        match self {
            Self::Account => None,
            Self::Provider { identity, .. } => Some(*identity),
        }
    }
}

/// A signed-in browser. Its cookie is a random secret, stored as a digest.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Session {
    /// What lists show.
    pub id: SessionId,
    /// Digest of the cookie.
    pub digest: Digest,
    /// Whose.
    pub user_id: UserId,
    /// When the user last proved who they are: `auth_time`.
    pub auth_time: Timestamp,
    /// When the user last proved a second factor in it; nothing where they never did.
    pub factor_at: Option<Timestamp>,
    /// When it began.
    pub created_at: Timestamp,
    /// When it ends.
    pub expires_at: Timestamp,
    /// By what its user got in.
    pub entrance: Entrance,
}

impl Session {
    /// How far it goes.
    pub const fn reach(&self) -> &Reach {
        self.entrance.reach()
    }

    /// Whether it is still good.
    pub fn lives(&self, now: Timestamp) -> bool {
        now < self.expires_at
    }

    /// Whether the last proof of who it is still counts for what is dangerous.
    pub fn is_fresh(&self, now: Timestamp, policy: &SessionPolicy) -> bool {
        now < self.auth_time.after(policy.step_up)
    }

    /// Whether that proof was of a second factor.
    pub fn is_fresh_by_factor(&self, now: Timestamp, policy: &SessionPolicy) -> bool {
        self.factor_at.is_some_and(|at| now < at.after(policy.step_up))
    }
}

/// How long sessions and known devices last.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SessionPolicy {
    /// A session without *remember me*.
    pub plain: Duration,
    /// A session with it.
    pub remembered: Duration,
    /// A known device, from its last use.
    pub known_device: Duration,
    /// The last proof of who somebody is, for what is dangerous.
    pub step_up: Duration,
}

impl SessionPolicy {
    /// How long a session lasts that begins with or without *remember me*.
    pub fn lifetime(&self, remember: bool) -> Duration {
        if remember { self.remembered } else { self.plain }
    }
}

impl Default for SessionPolicy {
    fn default() -> Self {
        const DAY: u64 = 24 * 60 * 60;
        Self {
            plain: Duration::from_secs(DAY),
            remembered: Duration::from_secs(30 * DAY),
            known_device: Duration::from_secs(90 * DAY),
            step_up: Duration::from_secs(30 * 60),
        }
    }
}

/// A browser that this user has signed in from before.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KnownDevice {
    /// What lists show.
    pub id: KnownDeviceId,
    /// Whose.
    pub user_id: UserId,
    /// When it stops being known, unless used again.
    pub expires_at: Timestamp,
}
