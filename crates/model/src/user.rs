//! Users and what they may do: permission is a value, never an `if` in a handler.
//!
//! [`SignedIn`], [`OrgMember`] and [`OrgAdmin`] can only be made from the rows that prove them, read in the same
//! transaction as the change that they permit.

use crate::id::{OrgId, UserId};
use crate::language::Language;
use crate::org::Role;
use crate::session::{Reach, Session};
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

    /// Whether a client that names somebody by this hint means them: by their id, or by their address (OpenID Connect Core
    /// §3.1.2.1).
    pub fn is_meant_by(&self, hint: &str) -> bool {
        hint == self.id.to_string() || email_key(hint).is_some_and(|key| Some(key) == email_key(&self.email))
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

/// Whoever reads a page of theirs: who, and by which session.
pub trait Reader {
    /// Who.
    fn user(&self) -> &User;
    /// By which session.
    fn session(&self) -> &Session;
}

/// Whether a session is a living one of an account that may be used.
fn is_good(session: &Session, user: &User, now: Timestamp) -> bool {
    session.lives(now)
        && session.user_id == user.id
        && user.state == UserState::Active
        && user.trusts(session.auth_time)
}

/// Somebody with a living session and an active account. The session goes everywhere: to who was let in by an
/// organization's own identity provider this is never given, and so nothing that asks for it is open to them.
#[derive(Clone, Debug)]
pub struct SignedIn {
    user: User,
    session: Session,
}

impl SignedIn {
    /// Proves a sign-in by its session and user; nothing where the session is over, another's, or
    /// older than the credentials, or goes to one organization only, or the account is disabled.
    pub fn prove(session: Session, user: User, now: Timestamp) -> Option<Self> {
        let good = is_good(&session, &user, now) && *session.reach() == Reach::Everywhere;
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

    /// The same at the pages of one organization.
    pub fn at(self, org: &OrgId) -> Present {
        Present { user: self.user, session: self.session, org_id: org.clone() }
    }
}

impl Reader for SignedIn {
    fn user(&self) -> &User {
        &self.user
    }

    fn session(&self) -> &Session {
        &self.session
    }
}

/// Somebody with a living session that goes to one organization, be it everywhere or there alone.
#[derive(Clone, Debug)]
pub struct Present {
    user: User,
    session: Session,
    org_id: OrgId,
}

impl Present {
    /// Proves it as [`SignedIn::prove`] does, for a session that goes to `org`.
    pub fn prove(session: Session, user: User, org: &OrgId, now: Timestamp) -> Option<Self> {
        let good = is_good(&session, &user, now) && session.reach().admits(org);
        good.then(|| Self { user, session, org_id: org.clone() })
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

impl Reader for Present {
    fn user(&self) -> &User {
        &self.user
    }

    fn session(&self) -> &Session {
        &self.session
    }
}

/// Somebody signed in who belongs to an organization.
#[derive(Clone, Debug)]
pub struct OrgMember {
    present: Present,
    membership: Membership,
}

impl OrgMember {
    /// Proves a membership; nothing where it is another's or of another organization, or needs a second factor that the
    /// session has not shown.
    pub fn prove(present: Present, membership: Membership, now: Timestamp) -> Option<Self> {
        let good = membership.user_id == present.user.id
            && membership.org_id == present.org_id
            && membership.is_open_to(&present.session, now);
        good.then_some(Self { present, membership })
    }

    /// From when on they need a second factor there that the session has not shown; nothing where they don't.
    pub fn factor_due(&self) -> Option<Timestamp> {
        self.membership.factor_due.filter(|_| self.session().factor_at.is_none())
    }

    /// Who is there.
    pub fn present(&self) -> &Present {
        &self.present
    }

    /// Who.
    pub fn user(&self) -> &User {
        self.present.user()
    }

    /// By which session.
    pub fn session(&self) -> &Session {
        self.present.session()
    }

    /// Where.
    pub fn org_id(&self) -> &OrgId {
        &self.membership.org_id
    }

    /// As what. Whom the organization's own provider let in is an admin at most: admins choose that provider, which could say
    /// of anybody that they are an owner.
    pub fn role(&self) -> Role {
        match self.session().reach() {
            Reach::Everywhere => self.membership.role,
            Reach::Only(_) => self.membership.role.min(Role::Admin),
        }
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
    use crate::id::IdentityId;
    use crate::session::Entrance;

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
    fn a_session_of_one_organization_is_no_sign_in_and_opens_no_other() {
        let (now, id) = (Timestamp::from_millis(10), uuid::Uuid::from_u128(1));
        let (acme, beta) = (OrgId::parse("acme").unwrap(), OrgId::parse("beta").unwrap());
        let user = User {
            id: UserId::from_uuid(id),
            email: "ada@acme.example".to_owned(),
            name: "Ada".to_owned(),
            email_verified_at: None,
            state: UserState::Active,
            credentials_changed_at: Timestamp::from_millis(1),
            language: None,
        };
        let session = |reach| Session {
            id: crate::id::SessionId::from_uuid(id),
            digest: crate::secret::Digest::from_bytes([1; 32]),
            user_id: user.id,
            auth_time: Timestamp::from_millis(2),
            factor_at: None,
            created_at: Timestamp::from_millis(2),
            expires_at: Timestamp::from_millis(20),
            entrance: match reach {
                Reach::Everywhere => Entrance::Account,
                reach => Entrance::Provider { identity: IdentityId::from_uuid(id), reach },
            },
        };
        let member_of =
            |org: &OrgId| Membership { org_id: org.clone(), user_id: user.id, role: Role::Owner, factor_due: None };
        let only = session(Reach::Only(acme.clone()));
        assert!(SignedIn::prove(only.clone(), user.clone(), now).is_none());
        assert!(Present::prove(only.clone(), user.clone(), &beta, now).is_none());
        let at_acme = Present::prove(only, user.clone(), &acme, now).unwrap();
        assert!(OrgMember::prove(at_acme.clone(), member_of(&beta), now).is_none());
        let owner = OrgMember::prove(at_acme, member_of(&acme), now).unwrap();
        assert_eq!(owner.role(), Role::Admin, "whom a provider of its own calls an owner makes nobody one");
        let whole = SignedIn::prove(session(Reach::Everywhere), user.clone(), now).unwrap();
        assert!(OrgMember::prove(whole.clone().at(&beta), member_of(&beta), now).is_some());
        assert!(OrgMember::prove(whole.at(&acme), member_of(&beta), now).is_none());
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
