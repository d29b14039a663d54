//! Letters about accounts that begin, and are recovered.

use model::id::{InvitationId, MailLinkId, OrgId};
use model::org::Role;
use model::time::Timestamp;
use serde::{Deserialize, Serialize};
use std::net::IpAddr;

/// What somebody asked for: who is written to, and from where it was asked. Of a letter without a link it is all there is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AskedFor {
    /// The name of the account's owner; may be empty.
    pub user_name: String,
    /// When it was asked for, or done.
    pub at: Timestamp,
    /// From which address.
    pub address: IpAddr,
    /// With which program, by what it says of itself; may be empty.
    pub program: String,
}

/// A letter that carries the capability of a link.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LinkLetter {
    /// The link.
    pub link: MailLinkId,
    /// When it ends.
    pub expires_at: Timestamp,
    /// Who asked for it.
    #[serde(flatten)]
    pub asked: AskedFor,
}

/// A letter that carries the capability by which an account is made.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RegistrationLetter {
    /// The link.
    pub link: MailLinkId,
    /// When it ends.
    pub expires_at: Timestamp,
    /// The name of the organization at which somebody registers.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub organization: Option<String>,
    /// Who asked for it.
    #[serde(flatten)]
    pub asked: AskedFor,
}

/// That somebody is invited into an organization.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct InvitationLetter {
    /// The organization.
    pub org_id: OrgId,
    /// Its name, as it was then.
    pub organization: String,
    /// Its colour, as it was then; absent where it had none, and in letters of versions that did not say it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub colour: Option<String>,
    /// The invitation, whose capability the letter carries.
    pub invitation: InvitationId,
    /// When it ends.
    pub expires_at: Timestamp,
    /// The name of who invites; may be empty.
    pub inviter: String,
    /// The address of who invites.
    pub inviter_email: String,
    /// As what.
    pub role: InvitedAs,
}

/// What somebody is invited to be.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum InvitedAs {
    /// A member.
    Member,
    /// An admin.
    Admin,
    /// An owner.
    Owner,
}

impl From<Role> for InvitedAs {
    fn from(role: Role) -> Self {
        match role {
            Role::Member => Self::Member,
            Role::Admin => Self::Admin,
            Role::Owner => Self::Owner,
        }
    }
}

impl InvitedAs {
    /// The word for it, for templates.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Member => "member",
            Self::Admin => "admin",
            Self::Owner => "owner",
        }
    }
}
