//! What tokens are made of: the committed facts that an access token, a refresh token and an id_token speak of.

use crate::id::{ClientId, FamilyId, OrgId};
use crate::secret::Secret;
use crate::time::Timestamp;
use crate::user::User;
use protocol::scope::Scopes;
use std::time::Duration;

/// Whom an access token speaks for.
#[derive(Clone, Debug)]
pub enum Subject {
    /// A user, through a family.
    User {
        /// Who.
        user: User,
        /// When they had last proved who they are.
        auth_time: Timestamp,
        /// The family that the token belongs to.
        family: FamilyId,
    },
    /// The client itself (RFC 6749 §4.4).
    Client,
}

/// Everything that goes into the tokens of one answer.
#[derive(Clone, Debug)]
pub struct Issue {
    /// The organization whose tokens they are.
    pub org_id: OrgId,
    /// The client that they are for.
    pub client_id: ClientId,
    /// Whom they speak for.
    pub subject: Subject,
    /// What they allow.
    pub scopes: Scopes,
    /// What they are meant for; the issuer where empty.
    pub resources: Vec<String>,
    /// How long the access token lives.
    pub access_lifetime: Duration,
    /// Algorithm of the id_token; the organization's where none is set.
    pub id_token_alg: Option<String>,
    /// When they are issued.
    pub at: Timestamp,
}

/// A grant that has been redeemed.
#[derive(Clone, Debug)]
pub struct RedeemedGrant {
    /// What to issue.
    pub issue: Issue,
    /// The family's first refresh token, where the application may refresh.
    pub refresh_token: Option<Secret>,
}

/// A family whose token has been used, for the first time or again within its grace window.
#[derive(Clone, Debug)]
pub struct RotatedFamily {
    /// What to issue.
    pub issue: Issue,
    /// The successor of the token that was presented.
    pub refresh_token: Secret,
}

/// A client that may have a token for itself.
#[derive(Clone, Debug)]
pub struct ClientGrant {
    /// What to issue.
    pub issue: Issue,
}
