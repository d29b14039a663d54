//! Refresh families (RFC 9700 §4.14): rotation on every use, a short grace for repeats, an end for what comes later.
//!
//! 1. The first token of a family is random. Each further one is derived from the one before it by an HMAC under a key
//!    that is not in the database, and is not stored: a row per generation holds its digest and when it was first used.
//! 2. Using the newest generation makes the next one. Using a spent generation again within the grace window, counted
//!    from its own first use, derives the same successor again: parallel agents and lost answers log nobody out.
//! 3. A spent generation that comes back later means that two parties hold the family: it is revoked as a whole.

use crate::audit::Action;
use crate::id::{ApplicationId, FamilyId, GrantId, OrgId, UserId};
use crate::org::RefreshPolicy;
use crate::secret::{Key, Secret, base64url};
use crate::time::Timestamp;
use protocol::scope::Scopes;

/// One refresh-token lineage: one approved grant's access over time.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RefreshFamily {
    /// The organization whose tokens it gives.
    pub org_id: OrgId,
    /// Which.
    pub id: FamilyId,
    /// The grant that it came from.
    pub grant_id: GrantId,
    /// The organization where its client is registered.
    pub home_org_id: OrgId,
    /// Its client.
    pub application_id: ApplicationId,
    /// Its user.
    pub user_id: UserId,
    /// What was granted.
    pub scopes: Scopes,
    /// What its tokens are meant for (RFC 8707).
    pub resources: Vec<String>,
    /// When its user had last proved who they are.
    pub auth_time: Timestamp,
    /// The newest generation; the first is 0. Nothing where the family has no refresh token.
    pub generation: Option<i32>,
    /// When it began.
    pub created_at: Timestamp,
    /// When tokens were last issued from it.
    pub last_used_at: Timestamp,
    /// Its certain end.
    pub expires_at: Timestamp,
    /// Whether it is good.
    pub state: FamilyState,
}

/// Whether a family is good.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FamilyState {
    /// It is.
    Active,
    /// It is over, for good.
    Revoked {
        /// Why.
        reason: RevocationReason,
        /// When.
        at: Timestamp,
    },
}

/// Why a family is over.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RevocationReason {
    /// A spent token came back after its grace window.
    Reuse,
    /// The code that it came from was redeemed again. In the database it is the same word as [`Self::Reuse`].
    CodeReuse,
    /// The client gave it up (RFC 7009).
    Client,
    /// The user disconnected the application.
    User,
    /// An admin ended it.
    Admin,
    /// The user's password changed, or the user signed out everywhere.
    Credentials,
    /// Newer ones took its place: an application holds so many for a user at most. In the database it is the same word as
    /// [`Self::Client`], which versions before this one can read.
    Replaced,
}

impl RevocationReason {
    /// The word for it, in the database.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Reuse | Self::CodeReuse => "reuse",
            Self::Client | Self::Replaced => "client",
            Self::User => "user",
            Self::Admin => "admin",
            Self::Credentials => "credentials",
        }
    }

    /// The word for it, in the log.
    pub const fn in_log(self) -> &'static str {
        match self {
            Self::Replaced => "replaced",
            Self::Reuse | Self::CodeReuse | Self::Client | Self::User | Self::Admin | Self::Credentials => {
                self.as_str()
            }
        }
    }

    /// What the log calls the end that it brings.
    pub const fn action(self) -> Action {
        match self {
            Self::Reuse => Action::RefreshReused,
            Self::CodeReuse => Action::CodeReused,
            Self::Client | Self::User | Self::Admin | Self::Credentials | Self::Replaced => Action::FamilyRevoked,
        }
    }

    /// Reads the word.
    pub fn parse(text: &str) -> Option<Self> {
        [Self::Reuse, Self::Client, Self::User, Self::Admin, Self::Credentials]
            .into_iter()
            .find(|reason| reason.as_str() == text)
    }
}

/// What a presented refresh token was found to be: one generation of one family.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PresentedGeneration {
    /// Which.
    pub generation: i32,
    /// When it was first used; nothing where it has not been.
    pub first_used_at: Option<Timestamp>,
}

/// What becomes of a presented refresh token.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Rotation {
    /// It was the newest: `next` replaces it.
    Rotated {
        /// The new generation.
        next: i32,
    },
    /// It was spent a moment ago: `next` is given again.
    ReplayedWithinGrace {
        /// The generation that replaced it then.
        next: i32,
    },
    /// It was spent too long ago: the family ends.
    Reused,
    /// The family is over: revoked, too old, or idle for too long.
    Over,
}

impl RefreshFamily {
    /// Whether tokens may still come from it.
    pub fn lives(&self, now: Timestamp) -> bool {
        self.state == FamilyState::Active && now < self.expires_at
    }

    /// When it ends unless it is used before.
    pub fn ends_at(&self, policy: &RefreshPolicy) -> Timestamp {
        self.expires_at.min(self.last_used_at.after(policy.idle))
    }

    /// Decides what becomes of `presented` at `now`.
    pub fn rotate(&self, presented: PresentedGeneration, policy: &RefreshPolicy, now: Timestamp) -> Rotation {
        let Some(newest) = self.generation else { return Rotation::Over };
        if !self.lives(now) || now >= self.ends_at(policy) || presented.generation > newest {
            return Rotation::Over;
        }
        let next = presented.generation.saturating_add(1);
        match presented.first_used_at {
            None if presented.generation == newest => Rotation::Rotated { next },
            Some(first) if presented.generation < newest && now < first.after(policy.grace) => {
                Rotation::ReplayedWithinGrace { next }
            }
            _ => Rotation::Reused,
        }
    }
}

/// The token that follows `presented`: the same one however often it is asked for, and unknown to whoever has only the
/// database.
pub fn successor(key: &Key, family: FamilyId, next: i32, presented: &Secret) -> Secret {
    let mac = key.mac(&[b"successor", family.uuid().as_bytes(), &next.to_be_bytes(), presented.expose().as_bytes()]);
    Secret::new(base64url(mac.bytes()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::time::Duration;
    use uuid::Uuid;

    fn family() -> RefreshFamily {
        let now = Timestamp::from_seconds(1_000_000);
        RefreshFamily {
            org_id: OrgId::parse("acme").unwrap(),
            id: FamilyId::from_uuid(Uuid::from_u128(1)),
            grant_id: GrantId::from_uuid(Uuid::from_u128(2)),
            home_org_id: OrgId::parse("acme").unwrap(),
            application_id: ApplicationId::from_uuid(Uuid::from_u128(3)),
            user_id: UserId::from_uuid(Uuid::from_u128(4)),
            scopes: Scopes::default(),
            resources: Vec::new(),
            auth_time: now,
            generation: Some(0),
            created_at: now,
            last_used_at: now,
            expires_at: now.after(Duration::from_secs(90 * 86_400)),
            state: FamilyState::Active,
        }
    }

    #[test]
    fn successors_depend_on_everything() {
        let (a, b) = (Key::from_bytes([1; 32]), Key::from_bytes([2; 32]));
        let (one, two) = (FamilyId::from_uuid(Uuid::from_u128(1)), FamilyId::from_uuid(Uuid::from_u128(2)));
        let token = Secret::new("t".to_owned());
        let first = successor(&a, one, 1, &token);
        assert_eq!(first.expose(), successor(&a, one, 1, &token).expose());
        for other in [
            successor(&b, one, 1, &token),
            successor(&a, two, 1, &token),
            successor(&a, one, 2, &token),
            successor(&a, one, 1, &Secret::new("u".to_owned())),
        ] {
            assert_ne!(first.expose(), other.expose());
        }
    }

    #[test]
    fn grace_counts_from_the_tokens_own_first_use() {
        let policy = RefreshPolicy::default();
        let mut family = family();
        family.generation = Some(3);
        let used = family.created_at.after(Duration::from_secs(10));
        let old = PresentedGeneration { generation: 1, first_used_at: Some(used) };
        assert_eq!(
            family.rotate(old, &policy, used.after(Duration::from_secs(59))),
            Rotation::ReplayedWithinGrace { next: 2 }
        );
        assert_eq!(family.rotate(old, &policy, used.after(Duration::from_secs(60))), Rotation::Reused);
    }

    #[test]
    fn idle_and_absolute_ends_are_certain() {
        let policy = RefreshPolicy::default();
        let newest = PresentedGeneration { generation: 0, first_used_at: None };
        let mut family = family();
        assert_eq!(family.rotate(newest, &policy, family.last_used_at.after(policy.idle)), Rotation::Over);
        family.last_used_at = family.expires_at;
        assert_eq!(family.rotate(newest, &policy, family.expires_at), Rotation::Over);
        family.generation = None;
        assert_eq!(family.rotate(newest, &policy, family.created_at), Rotation::Over);
    }

    proptest! {
        /// Invariant 6: whatever is presented in whatever order, a family has one live leaf, and once revoked it stays so.
        #[test]
        fn at_most_one_live_leaf(events in proptest::collection::vec((0i32..6, 0u64..100), 1..40)) {
            let policy = RefreshPolicy::default();
            let mut family = family();
            let mut used: Vec<Option<Timestamp>> = vec![None];
            let mut now = family.created_at;
            for (generation, pause) in events {
                now = now.after(Duration::from_secs(pause));
                let Some(first_used_at) = used.get(usize::try_from(generation).unwrap()).copied() else { continue };
                let was_revoked = family.state != FamilyState::Active;
                match family.rotate(PresentedGeneration { generation, first_used_at }, &policy, now) {
                    Rotation::Rotated { next } => {
                        prop_assert!(!was_revoked && first_used_at.is_none());
                        prop_assert_eq!(usize::try_from(next).unwrap(), used.len());
                        *used.last_mut().unwrap() = Some(now);
                        used.push(None);
                        family.generation = Some(next);
                        family.last_used_at = now;
                    }
                    Rotation::ReplayedWithinGrace { next } => {
                        prop_assert!(!was_revoked);
                        prop_assert!(usize::try_from(next).unwrap() < used.len());
                    }
                    Rotation::Reused => family.state = FamilyState::Revoked { reason: RevocationReason::Reuse, at: now },
                    Rotation::Over => prop_assert!(was_revoked),
                }
                prop_assert_eq!(used.iter().filter(|first| first.is_none()).count(), 1);
            }
        }
    }
}
