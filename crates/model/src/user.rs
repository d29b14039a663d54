//! Users and what they may do: permission is a value, never an `if` in a handler.
//!
//! [`SignedIn`], [`OrgMember`] and [`OrgAdmin`] can only be made from the rows that prove them, read in the same
//! transaction as the change that they permit.

use crate::id::{OrgId, UserId};
use crate::language::Language;
use crate::org::Role;
use crate::session::Session;
use crate::time::Timestamp;
use std::time::Duration;

/// The longest e-mail address that is taken, in bytes (RFC 5321 §4.5.3.1.3, less the angle brackets).
pub const LONGEST_EMAIL: usize = 254;

/// One global account.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct User {
    /// `sub` of its tokens.
    pub id: UserId,
    /// The address as its owner writes it.
    pub email: String,
    /// What people call them.
    pub name: String,
    /// When the address was verified.
    pub email_verified_at: Option<Timestamp>,
    /// Whether the account may be used.
    pub state: UserState,
    /// When what proves that somebody is this user last changed. Whatever was proven before counts no more.
    pub credentials_changed_at: Timestamp,
    /// The language that they have chosen; none where their browser says it.
    pub language: Option<Language>,
}

/// The smallest step of time that is stored.
const TICK: Duration = Duration::from_millis(1);

/// What was proven, and when the proof stops counting. Times come from several nodes, whose clocks differ, and have
/// whole milliseconds, so that they alone don't say which of two came first. These three functions make them say it:
/// a change is later than every proof before it ([`User::changes_at`]), a proof after a change is not earlier than the
/// change ([`User::proves_at`]), and so a tie is always a proof made after the change, which counts ([`User::trusts`]).
/// Whoever has just changed a password is never locked out by it.
impl User {
    /// Whether a proof that was made at `proven_at` still counts: a session's, an approval's, a family's `auth_time`.
    pub fn trusts(&self, proven_at: Timestamp) -> bool {
        proven_at >= self.credentials_changed_at
    }

    /// The time of a proof that is made now, by the credentials as they are stored.
    pub fn proves_at(&self, now: Timestamp) -> Timestamp {
        now.max(self.credentials_changed_at)
    }

    /// The time of a change that is made now, `newest_proof` being the latest proof that it has to end.
    pub fn changes_at(&self, now: Timestamp, newest_proof: Option<Timestamp>) -> Timestamp {
        let proof = newest_proof.map_or(now, |proof| proof.after(TICK));
        now.max(proof).max(self.credentials_changed_at.after(TICK))
    }
}

/// Whether an account may be used.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum UserState {
    /// It may.
    Active,
    /// The operator switched it off.
    Disabled,
}

impl UserState {
    /// The word for it, in the database.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Active => "active",
            Self::Disabled => "disabled",
        }
    }

    /// Reads the word.
    pub fn parse(text: &str) -> Option<Self> {
        [Self::Active, Self::Disabled].into_iter().find(|state| state.as_str() == text)
    }
}

/// An e-mail address in the form that accounts are found by: trimmed, lower case.
///
/// Nothing where the text can't be an address that we could write to.
pub fn email_key(text: &str) -> Option<String> {
    let text = text.trim();
    let (local, domain) = text.rsplit_once('@')?;
    let plain = |c: char| !c.is_control() && !c.is_whitespace() && !"<>()[]\\,;:\"".contains(c);
    let fits = text.len() <= LONGEST_EMAIL
        && !local.is_empty()
        && local.len() <= 64
        && !local.contains('@')
        && local.chars().all(|c| plain(c) && !crate::context::is_formatting(c))
        // The Kelvin sign is a `k` in lower case: two mailboxes would be one account.
        && local.chars().all(|c| c.is_ascii() || c.to_lowercase().all(|lower| !lower.is_ascii()))
        && domain.split('.').all(|label| !label.is_empty() && label.len() <= 63)
        && domain.chars().all(|c| c.is_ascii_alphanumeric() || c == '-' || c == '.');
    fits.then(|| text.to_lowercase())
}

/// Somebody's place in an organization.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Membership {
    /// Where.
    pub org_id: OrgId,
    /// Who.
    pub user_id: UserId,
    /// As what.
    pub role: Role,
    /// From when on they need a second factor there; nothing where they never do.
    pub factor_due: Option<Timestamp>,
}

impl Membership {
    /// Whether a session is enough to act as this member.
    pub fn is_open_to(&self, session: &Session, now: Timestamp) -> bool {
        session.factor_at.is_some() || self.factor_due.is_none_or(|due| now < due)
    }
}

/// Somebody with a living session and an active account.
#[derive(Clone, Debug)]
pub struct SignedIn {
    user: User,
    session: Session,
}

impl SignedIn {
    /// Proves a sign-in by its session and user; nothing where the session is over, another's, or
    /// older than the credentials, or the account is disabled.
    pub fn prove(session: Session, user: User, now: Timestamp) -> Option<Self> {
        let good = session.lives(now)
            && session.user_id == user.id
            && user.state == UserState::Active
            && user.trusts(session.auth_time);
        good.then_some(Self { user, session })
    }

    /// Who.
    pub fn user(&self) -> &User {
        &self.user
    }

    /// By which session.
    pub fn session(&self) -> &Session {
        &self.session
    }
}

/// Somebody signed in who belongs to an organization.
#[derive(Clone, Debug)]
pub struct OrgMember {
    signed_in: SignedIn,
    membership: Membership,
}

impl OrgMember {
    /// Proves a membership; nothing where it is another's, or needs a second factor that the session has not shown.
    pub fn prove(signed_in: SignedIn, membership: Membership, now: Timestamp) -> Option<Self> {
        let good = membership.user_id == signed_in.user.id && membership.is_open_to(&signed_in.session, now);
        good.then_some(Self { signed_in, membership })
    }

    /// From when on they need a second factor there that the session has not shown; nothing where they don't.
    pub fn factor_due(&self) -> Option<Timestamp> {
        self.membership.factor_due.filter(|_| self.session().factor_at.is_none())
    }

    /// The sign-in.
    pub fn signed_in(&self) -> &SignedIn {
        &self.signed_in
    }

    /// Who.
    pub fn user(&self) -> &User {
        self.signed_in.user()
    }

    /// By which session.
    pub fn session(&self) -> &Session {
        self.signed_in.session()
    }

    /// Where.
    pub fn org_id(&self) -> &OrgId {
        &self.membership.org_id
    }

    /// As what.
    pub fn role(&self) -> Role {
        self.membership.role
    }
}

/// A member who may use the portal.
#[derive(Clone, Debug)]
pub struct OrgAdmin(OrgMember);

impl OrgAdmin {
    /// Proves the right to administer; gives the member back where the role does not allow it.
    ///
    /// # Errors
    /// The member, who may be told that an admin is needed.
    pub fn prove(member: OrgMember) -> Result<Self, Box<OrgMember>> {
        if member.role().administers() { Ok(Self(member)) } else { Err(Box::new(member)) }
    }

    /// The member.
    pub fn member(&self) -> &OrgMember {
        &self.0
    }

    /// Where.
    pub fn org_id(&self) -> &OrgId {
        self.0.org_id()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_proof_counts_unless_the_credentials_changed_after_it() {
        let at = Timestamp::from_millis;
        let user = |changed| User {
            id: UserId::from_uuid(uuid::Uuid::from_u128(1)),
            email: "ada@acme.example".to_owned(),
            name: "Ada".to_owned(),
            email_verified_at: None,
            state: UserState::Active,
            credentials_changed_at: at(changed),
            language: None,
        };
        // The clock stands still, runs, or is another node's, behind or ahead.
        for now in [1_000, 1_001, 400, 9_000] {
            let before = user(1_000);
            let proof = before.proves_at(at(1_000));
            assert!(before.trusts(proof));
            let after = user(before.changes_at(at(now), Some(proof)).millis());
            assert!(!after.trusts(proof), "{now}");
            assert!(after.trusts(after.proves_at(at(now))), "{now}: nobody locks themselves out");
            assert!(after.changes_at(at(now), None) > after.credentials_changed_at, "{now}: each change is another");
        }
    }

    #[test]
    fn addresses_are_found_without_regard_to_case() {
        assert_eq!(email_key(" Ada@Acme.Example ").as_deref(), Some("ada@acme.example"));
        for bad in [
            "",
            "ada",
            "@acme.example",
            "ada@",
            "a b@acme.example",
            "a@b@c.d",
            "ada@acme..example",
            "ada@acme.example>",
            "ada\n@acme.example",
            "\u{202e}a@b.c",
            "mi\u{212a}e@acme.example",
            "\u{130}da@acme.example",
        ] {
            assert_eq!(email_key(bad), None, "{bad:?}");
        }
    }
}
