//! Another address for an account, that has still to be proven.

use crate::id::{MailLinkId, UserId};
use crate::mail_link::{capability, open_capability};
use crate::secret::{Keyring, Purpose};
use crate::time::Timestamp;
use crate::user::User;
use std::time::Duration;

/// How long the link of the letter is good.
pub const LIFE: Duration = Duration::from_secs(60 * 60);

/// A change that was asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EmailChange {
    /// Its id, from which the letter's capability is derived.
    pub id: MailLinkId,
    /// Whose.
    pub user_id: UserId,
    /// The address that they want.
    pub email: String,
    /// When the account's credentials had changed: what was asked for before a change is dead after it.
    pub credentials_changed_at: Timestamp,
    /// When it ends.
    pub expires_at: Timestamp,
}

impl EmailChange {
    /// Whether `user` may still complete it.
    pub fn is_open_to(&self, user: &User, now: Timestamp) -> bool {
        self.user_id == user.id && self.credentials_changed_at == user.credentials_changed_at && now < self.expires_at
    }
}

/// The capability of the change with this id, as it stands in the letter.
pub fn token(id: MailLinkId, keys: &Keyring) -> String {
    capability(&keys.key(Purpose::EmailChangeLink), id.uuid())
}

/// The id in a capability; nothing where it is none of ours.
pub fn open(token: &str, keys: &Keyring) -> Option<MailLinkId> {
    open_capability(&keys.key(Purpose::EmailChangeLink), token).map(MailLinkId::from_uuid)
}
