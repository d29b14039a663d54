//! Sign-ins in a web view of an application's own (RFC 6749 §4.2, which RFC 9700 discourages).
//!
//! 1. A request names an application that may do so, what for, and a `state`. Whoever is not signed in signs in or registers.
//! 2. Whoever has registered on the way takes a step at a page of the application's, where it has one ([`Step`]): the browser
//!    goes there with a way back ([`WayBack`]), and what comes back by it has taken the step.
//! 3. They are asked, always ([`crate::question`]).
//! 4. A yes is a token, there and then: no code stands between that could be redeemed, and nothing refreshes it.

use crate::question::Asker;
use crate::secret::{Digest, Key, base64url, from_base64url};
use crate::time::Timestamp;
use std::time::Duration;
use subtle::ConstantTimeEq as _;

/// How long the way back from an application's step is good.
pub const WAY_BACK_LIFETIME: Duration = Duration::from_secs(30 * 60);

/// The step that somebody takes who has registered for an application.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Step {
    /// When they registered.
    pub due_at: Timestamp,
    /// When they came back from it.
    pub done_at: Option<Timestamp>,
}

impl Step {
    /// Whether it is still to be taken.
    pub const fn is_due(&self) -> bool {
        self.done_at.is_none()
    }
}

/// The way back from an application's step: for this asker, from the step that was due then. It holds until when it is good,
/// and what proves that we have said so.
#[derive(Clone, Copy, Debug)]
pub struct WayBack<'a> {
    /// Whose.
    pub asker: Asker<'a>,
    /// Since when the step was due.
    pub due_at: Timestamp,
}

/// Why a way back leads nowhere.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NoWayBack {
    /// It is not ours, or somebody else's, or another session's.
    Foreign,
    /// Its time is over.
    Over,
}

impl WayBack<'_> {
    /// What it is carried by, good from `now` on for half an hour.
    pub fn ticket(&self, key: &Key, now: Timestamp) -> String {
        let until = now.after(WAY_BACK_LIFETIME);
        let mut bytes = until.millis().to_be_bytes().to_vec();
        bytes.extend_from_slice(self.proof(key, until).bytes());
        base64url(&bytes)
    }

    /// Looks at what somebody brings.
    ///
    /// # Errors
    /// Why it leads nowhere.
    pub fn check(&self, key: &Key, ticket: &str, now: Timestamp) -> Result<(), NoWayBack> {
        let bytes = from_base64url(ticket).ok_or(NoWayBack::Foreign)?;
        let (until, proof) = bytes.split_first_chunk::<8>().ok_or(NoWayBack::Foreign)?;
        let until = Timestamp::from_millis(i64::from_be_bytes(*until));
        if !bool::from(self.proof(key, until).bytes().as_slice().ct_eq(proof)) {
            return Err(NoWayBack::Foreign);
        }
        if now < until { Ok(()) } else { Err(NoWayBack::Over) }
    }

    fn proof(&self, key: &Key, until: Timestamp) -> Digest {
        self.asker.mac(key, &[&self.due_at.millis().to_be_bytes(), &until.millis().to_be_bytes()])
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::id::{ApplicationId, OrgId, SessionId, UserId};
    use uuid::Uuid;

    const NOW: Timestamp = Timestamp::from_millis(1_000_000_000);

    fn key() -> Key {
        Key::from_bytes([3; 32])
    }

    fn asker(org_id: &OrgId) -> Asker<'_> {
        Asker {
            org_id,
            application_id: ApplicationId::from_uuid(Uuid::from_u128(1)),
            user_id: UserId::from_uuid(Uuid::from_u128(2)),
            session_id: SessionId::from_uuid(Uuid::from_u128(3)),
            request: "client_id=a&state=b",
        }
    }

    #[test]
    fn a_way_back_is_good_for_half_an_hour_and_for_nobody_else() {
        let (acme, beta) = (OrgId::parse("acme").unwrap(), OrgId::parse("beta").unwrap());
        let own = WayBack { asker: asker(&acme), due_at: NOW };
        let ticket = own.ticket(&key(), NOW);
        let over = NOW.after(WAY_BACK_LIFETIME);
        assert_eq!(own.check(&key(), &ticket, over.before(Duration::from_millis(1))), Ok(()));
        assert_eq!(own.check(&key(), &ticket, over), Err(NoWayBack::Over));
        let other = |asker| WayBack { asker, due_at: NOW };
        let mine = asker(&acme);
        for foreign in [
            other(Asker { org_id: &beta, ..mine }),
            other(Asker { application_id: ApplicationId::from_uuid(Uuid::from_u128(9)), ..mine }),
            other(Asker { user_id: UserId::from_uuid(Uuid::from_u128(9)), ..mine }),
            other(Asker { session_id: SessionId::from_uuid(Uuid::from_u128(9)), ..mine }),
            other(Asker { request: "client_id=a&state=c", ..mine }),
            WayBack { due_at: NOW.after(Duration::from_millis(1)), ..own },
        ] {
            assert_eq!(foreign.check(&key(), &ticket, NOW), Err(NoWayBack::Foreign), "{foreign:?}");
        }
        assert_eq!(own.check(&Key::from_bytes([4; 32]), &ticket, NOW), Err(NoWayBack::Foreign));
        // Nobody makes it last longer.
        let mut longer = from_base64url(&ticket).unwrap();
        longer[7] ^= 1;
        for forged in ["", "x", "AAAAAAAAAAA", &base64url(&longer)] {
            assert_eq!(own.check(&key(), forged, NOW), Err(NoWayBack::Foreign), "{forged}");
        }
    }
}
