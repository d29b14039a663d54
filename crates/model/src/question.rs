//! A question that a page asks somebody who came with a request: may this application have that? Nothing is stored while it is
//! open. Its page counts for half an hour, for one decision, and not at all once another page of the same request was decided
//! after it was shown.

use crate::id::{ApplicationId, OrgId, SessionId, UserId};
use crate::secret::{Digest, Key};
use crate::time::Timestamp;
use crate::user::OrgMember;
use std::time::Duration;

/// How long a page counts that asks for a decision.
pub const PAGE_LIFETIME: Duration = Duration::from_secs(30 * 60);

/// Whose request it is: what decides which pages belong together.
#[derive(Clone, Copy, Debug)]
pub struct Asker<'a> {
    /// The organization.
    pub org_id: &'a OrgId,
    /// The application that asks.
    pub application_id: ApplicationId,
    /// Who is asked.
    pub user_id: UserId,
    /// In which session.
    pub session_id: SessionId,
    /// The request, as it came.
    pub request: &'a str,
}

impl<'a> Asker<'a> {
    /// A member, in their session, who is asked for an application.
    pub fn of(member: &'a OrgMember, application_id: ApplicationId, request: &'a str) -> Self {
        Self {
            org_id: member.org_id(),
            application_id,
            user_id: member.user().id,
            session_id: member.session().id,
            request,
        }
    }

    /// What stands for the request in this session.
    pub fn digest(&self, key: &Key) -> Digest {
        self.mac(key, &[])
    }

    pub(crate) fn mac(&self, key: &Key, more: &[&[u8]]) -> Digest {
        let (application, user, session) = (self.application_id.uuid(), self.user_id.uuid(), self.session_id.uuid());
        let mut parts: Vec<&[u8]> = vec![
            self.org_id.as_str().as_bytes(),
            application.as_bytes(),
            user.as_bytes(),
            session.as_bytes(),
            self.request.as_bytes(),
        ];
        parts.extend_from_slice(more);
        key.mac(&parts)
    }
}

/// A page that asks for a decision.
#[derive(Clone, Copy, Debug)]
pub struct Shown {
    /// When it was shown.
    pub at: Timestamp,
    /// What stands for the request that it showed.
    pub request: Digest,
}

impl Shown {
    /// Whether it is young enough to count.
    pub fn is_fresh(&self, now: Timestamp) -> bool {
        now < self.at.after(PAGE_LIFETIME)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Timestamp = Timestamp::from_millis(1_000_000_000);

    #[test]
    fn a_page_counts_for_half_an_hour() {
        let shown = Shown { at: NOW, request: Digest::from_bytes([1; 32]) };
        assert!(shown.is_fresh(NOW) && shown.is_fresh(NOW.after(PAGE_LIFETIME).before(Duration::from_millis(1))));
        assert!(!shown.is_fresh(NOW.after(PAGE_LIFETIME)));
        assert!(shown.is_fresh(NOW.before(Duration::from_millis(1))), "shown by a node whose clock is ahead");
    }
}
