//! Invitations: an organization's admin asks somebody in, by a letter.

use crate::id::{InvitationId, OrgId, UserId};
use crate::mail_link::{capability, open_capability};
use crate::org::Role;
use crate::secret::{Keyring, Purpose};
use crate::time::Timestamp;
use crate::user::{User, UserState};
use std::time::Duration;

/// An invitation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Invitation {
    /// Where to.
    pub org_id: OrgId,
    /// Its id, from which the capability is derived.
    pub id: InvitationId,
    /// The address that it goes to, as it was typed.
    pub email: String,
    /// The same in the form that accounts are found by: only its account can accept.
    pub email_key: String,
    /// As what.
    pub role: Role,
    /// What has become of it.
    pub state: InvitationState,
    /// When it was made.
    pub created_at: Timestamp,
    /// When its letter was written last.
    pub sent_at: Timestamp,
    /// When it ends.
    pub expires_at: Timestamp,
    /// Who sent it last: it is their word.
    pub invited_by: Option<UserId>,
}

/// What has become of an invitation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum InvitationState {
    /// Nobody has accepted it.
    Open,
    /// It made somebody a member.
    Accepted,
    /// An admin took it back, or whoever was invited declined: the audit log says which.
    Revoked,
}

impl InvitationState {
    /// The word for it, in the database.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Accepted => "accepted",
            Self::Revoked => "revoked",
        }
    }

    /// Reads the word.
    pub fn parse(text: &str) -> Option<Self> {
        [Self::Open, Self::Accepted, Self::Revoked].into_iter().find(|state| state.as_str() == text)
    }
}

impl Invitation {
    /// How long it is good.
    pub const LIFETIME: Duration = Duration::from_secs(7 * 24 * 60 * 60);

    /// Whether it may still be accepted.
    pub fn lives(&self, now: Timestamp) -> bool {
        self.state == InvitationState::Open && now < self.expires_at
    }

    /// Whether an account that has this role in its organization could send it: nobody makes others what they are not.
    pub fn may_be_sent_by(&self, account: &User, role: Role) -> bool {
        account.state == UserState::Active && role >= self.role
    }

    /// Its capability, as it stands in the letter: the organization, which is no secret, and what only we can make.
    pub fn token(&self, keys: &Keyring) -> String {
        token(&self.org_id, self.id, keys)
    }
}

/// The capability of the invitation with this id.
pub fn token(org: &OrgId, invitation: InvitationId, keys: &Keyring) -> String {
    format!("{org}.{}", capability(&keys.key(Purpose::Invitation), invitation.uuid()))
}

/// What a capability is for; nothing where it is not ours. That the organization is the invitation's shows when it is
/// looked up there.
pub fn open_token(token: &str, keys: &Keyring) -> Option<(OrgId, InvitationId)> {
    let (org, capability) = token.split_once('.')?;
    let id = open_capability(&keys.key(Purpose::Invitation), capability)?;
    Some((OrgId::parse(org).ok()?, InvitationId::from_uuid(id)))
}
