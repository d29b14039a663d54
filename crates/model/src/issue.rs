//! What tokens are made of: the committed facts that an access token, a refresh token and an id_token speak of.

use crate::algorithm::Algorithm;
use crate::application::Application;
use crate::id::{ClientId, FamilyId, OrgId, SessionId};
use crate::org::Organization;
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

/// The algorithms that the tokens of one answer are signed with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Algorithms {
    /// The organization's, for access tokens.
    pub access: Algorithm,
    /// The application's, for id_tokens; the organization's where it has none.
    pub id_token: Algorithm,
}

impl Algorithms {
    /// Those of an application's tokens in an organization.
    pub fn of(organization: &Organization, application: &Application) -> Self {
        let (access, own) = (organization.signing_alg, application.settings.tokens.id_token_alg);
        Self { access, id_token: own.unwrap_or(access) }
    }
}

/// The sign-in that an id_token tells of (OIDC Core §2, OIDC Front-Channel Logout §3).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SignInOf {
    /// What the request sent along.
    pub nonce: Option<String>,
    /// The session.
    pub session: SessionId,
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
    /// What they are signed with.
    pub algorithms: Algorithms,
    /// What ties an id_token to the request and the session that it answers; nothing where none does.
    pub sign_in: Option<SignInOf>,
    /// When they are issued.
    pub at: Timestamp,
}
