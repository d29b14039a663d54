//! Users and what they may do: permission is a value, never an `if` in a handler.
//!
//! [`SignedIn`], [`OrgMember`] and [`OrgAdmin`] can only be made from the rows that prove them, read in the same
//! transaction as the change that they permit.

use crate::id::{OrgId, UserId};
use crate::org::Role;
use crate::session::Session;
use crate::time::Timestamp;

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
}

/// Somebody with a living session and an active account.
#[derive(Clone, Debug)]
pub struct SignedIn {
    user: User,
    session: Session,
}

impl SignedIn {
    /// Proves a sign-in by its session and user; nothing where the session is over, another's, or the account disabled.
    pub fn prove(session: Session, user: User, now: Timestamp) -> Option<Self> {
        (session.lives(now) && session.user_id == user.id && user.state == UserState::Active)
            .then_some(Self { user, session })
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
    /// Proves a membership; nothing where it is another's.
    pub fn prove(signed_in: SignedIn, membership: Membership) -> Option<Self> {
        (membership.user_id == signed_in.user.id).then_some(Self { signed_in, membership })
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
        ] {
            assert_eq!(email_key(bad), None, "{bad:?}");
        }
    }
}
