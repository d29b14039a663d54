//! What a letter gives its reader: a link that is a capability, or a code to be typed.
//!
//! Neither is stored. Both are derived, under a key that is not in the database, from the id of a row that says what they
//! are for; whoever reads the database can make none of them, and a letter that is sent again holds the same.

use crate::id::{MailLinkId, OrgId, UserId};
use crate::secret::{Digest, Key, Keyring, Purpose, base64url, from_base64url};
use crate::time::Timestamp;
use crate::user::User;
use std::time::Duration;
use subtle::ConstantTimeEq as _;
use uuid::Uuid;

/// What a link is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LinkKind {
    /// To make an account for the address.
    Registration,
    /// To choose a new password.
    Reset,
    /// To sign in with, in the browser that asked for it.
    SignIn,
}

impl LinkKind {
    /// The word for it, in the database.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Registration => "registration",
            Self::Reset => "reset",
            Self::SignIn => "sign_in",
        }
    }

    /// Reads the word.
    pub fn parse(text: &str) -> Option<Self> {
        [Self::Registration, Self::Reset, Self::SignIn].into_iter().find(|kind| kind.as_str() == text)
    }

    /// What its capability is derived for: a link of one kind is none of another.
    pub const fn purpose(self) -> Purpose {
        match self {
            Self::Registration => Purpose::RegistrationLink,
            Self::Reset => Purpose::ResetLink,
            Self::SignIn => Purpose::SignInLink,
        }
    }

    /// The code of the link to sign in with this id: eight digits.
    pub fn code(link: MailLinkId, keys: &Keyring) -> String {
        let mac = keys.key(Self::SignIn.purpose()).mac(&[b"code", link.uuid().as_bytes()]);
        let mut first = [0; 8];
        first.copy_from_slice(&mac.bytes()[..8]);
        // 2^64 is not a multiple of 10^8; the excess favours some codes by less than one in 10^11.
        format!("{:08}", u64::from_be_bytes(first) % 100_000_000)
    }

    /// How long it is good.
    pub const fn lifetime(self) -> Duration {
        match self {
            Self::Registration => Duration::from_secs(24 * 60 * 60),
            Self::Reset => Duration::from_secs(30 * 60),
            Self::SignIn => Duration::from_secs(15 * 60),
        }
    }
}

/// A link that was asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MailLink {
    /// Its id, from which the capability is derived.
    pub id: MailLinkId,
    /// What it is for.
    pub kind: LinkKind,
    /// The address that the letter goes to, as it was typed.
    pub email: String,
    /// The account of the address; nothing where it has none, or none that may be used.
    pub account: Option<LinkAccount>,
    /// The organization that one registers at.
    pub org_id: Option<OrgId>,
    /// The pre-session of the browser that asked, where no other may use it.
    pub browser: Option<Digest>,
    /// Where that browser goes on to.
    pub next: String,
    /// Whether it stays signed in.
    pub remember: bool,
    /// How many wrong codes were typed for it.
    pub wrong_codes: u32,
    /// When it was asked for.
    pub created_at: Timestamp,
    /// When it ends.
    pub expires_at: Timestamp,
    /// When it was used.
    pub used_at: Option<Timestamp>,
}

/// The account of a link's address, as it was when the link was asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LinkAccount {
    /// Whose.
    pub user_id: UserId,
    /// When its credentials had changed: a link from before a change is as dead as a session from before it.
    pub credentials_changed_at: Timestamp,
}

impl LinkAccount {
    /// The account of `user`.
    pub fn of(user: &User) -> Self {
        Self { user_id: user.id, credentials_changed_at: user.credentials_changed_at }
    }

    /// Whether `user` is this account, unchanged.
    pub fn is(&self, user: &User) -> bool {
        *self == Self::of(user)
    }
}

impl MailLink {
    /// The most wrong codes that may be typed for one link.
    pub const MOST_WRONG_CODES: u32 = 5;

    /// Whether it may still be used.
    pub fn lives(&self, now: Timestamp) -> bool {
        self.used_at.is_none() && now < self.expires_at && self.wrong_codes < Self::MOST_WRONG_CODES
    }

    /// Its capability, as it stands in the letter.
    pub fn token(&self, keys: &Keyring) -> String {
        capability(&keys.key(self.kind.purpose()), self.id.uuid())
    }

    /// Its code, eight digits, which is good only together with [`MailLink::browser`].
    pub fn code(&self, keys: &Keyring) -> String {
        LinkKind::code(self.id, keys)
    }

    /// Whether `typed` is its code. Spaces and hyphens between the digits don't count.
    pub fn is_code(&self, typed: &str, keys: &Keyring) -> bool {
        let digits: String = typed.chars().filter(|c| !c.is_whitespace() && *c != '-').collect();
        self.code(keys).as_bytes().ct_eq(digits.as_bytes()).into()
    }
}

/// The capability of the row with this id: the id, and an HMAC that only the holder of the key can make; base64url.
pub fn capability(key: &Key, id: Uuid) -> String {
    let mut bytes = id.as_bytes().to_vec();
    bytes.extend_from_slice(key.mac(&[b"capability", id.as_bytes()]).bytes());
    base64url(&bytes)
}

/// The id in a capability; nothing where the key did not make it.
pub fn open_capability(key: &Key, token: &str) -> Option<Uuid> {
    let bytes = from_base64url(token)?;
    let (id, mac) = bytes.split_at_checked(16)?;
    let id = Uuid::from_slice(id).ok()?;
    let expected = key.mac(&[b"capability", id.as_bytes()]);
    bool::from(expected.bytes().as_slice().ct_eq(mac)).then_some(id)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn link(kind: LinkKind) -> MailLink {
        MailLink {
            id: MailLinkId::from_uuid(Uuid::from_u128(7)),
            kind,
            email: "ada@acme.example".to_owned(),
            account: None,
            org_id: None,
            browser: None,
            next: "/orgs".to_owned(),
            remember: false,
            wrong_codes: 0,
            created_at: Timestamp::from_seconds(0),
            expires_at: Timestamp::from_seconds(60),
            used_at: None,
        }
    }

    #[test]
    fn a_capability_is_good_for_its_row_and_purpose_alone() {
        let keys = Keyring::new(Key::from_bytes([5; 32]));
        let token = link(LinkKind::Reset).token(&keys);
        let open = |purpose, token: &str| open_capability(&keys.key(purpose), token);
        assert_eq!(open(Purpose::ResetLink, &token), Some(Uuid::from_u128(7)));
        assert_eq!(open(Purpose::SignInLink, &token), None);
        assert_eq!(open(Purpose::Invitation, &token), None);
        let other = Keyring::new(Key::from_bytes([6; 32]));
        assert_eq!(open_capability(&other.key(Purpose::ResetLink), &token), None);
        let bytes = from_base64url(&token).unwrap();
        for at in 0..bytes.len() {
            let mut spoiled = bytes.clone();
            spoiled[at] ^= 1;
            assert_eq!(open(Purpose::ResetLink, &base64url(&spoiled)), None, "{at}");
        }
        for bad in ["", "x", &token[..63], &format!("{token}A"), &base64url(&bytes[..16])] {
            assert_eq!(open(Purpose::ResetLink, bad), None, "{bad}");
        }
    }

    #[test]
    fn a_code_has_eight_digits_and_is_read_as_people_type_it() {
        let keys = Keyring::new(Key::from_bytes([5; 32]));
        let link = link(LinkKind::SignIn);
        let code = link.code(&keys);
        assert!(code.len() == 8 && code.bytes().all(|byte| byte.is_ascii_digit()), "{code}");
        assert!(link.is_code(&format!(" {} {}\n", &code[..4], &code[4..]), &keys));
        assert!(!link.is_code(&code[1..], &keys) && !link.is_code("", &keys));
    }

    #[test]
    fn a_link_lives_until_it_is_used_or_over_or_guessed_at_too_often() {
        let at = Timestamp::from_seconds;
        let fresh = link(LinkKind::SignIn);
        assert!(fresh.lives(at(59)) && !fresh.lives(at(60)));
        assert!(!MailLink { used_at: Some(at(1)), ..fresh.clone() }.lives(at(2)));
        assert!(!MailLink { wrong_codes: 5, ..fresh }.lives(at(2)));
    }
}
