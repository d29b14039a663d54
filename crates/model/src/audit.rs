//! What the audit log tells: who did what to which thing, when and from where. Ids, never secrets.

use crate::context::Origin;
use crate::id::{OrgId, UserId};
use crate::moment::Moment;
use crate::time::Timestamp;
use serde_json::{Map, Value};
use uuid::Uuid;

/// What was done.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Action {
    /// A device was approved.
    GrantApproved,
    /// A device was denied.
    GrantDenied,
    /// An approved device collected its tokens.
    GrantRedeemed,
    /// A spent refresh token came back after its grace window; its family was ended.
    RefreshReused,
    /// A client or the user ended a refresh family.
    FamilyRevoked,
    /// A client ended one access token.
    AccessTokenRevoked,
    /// Somebody signed in.
    SignedIn,
    /// Somebody signed out.
    SignedOut,
    /// An application was registered.
    ApplicationCreated,
    /// An application's settings were changed.
    ApplicationChanged,
    /// An application was switched off.
    ApplicationDisabled,
    /// An application was switched on again.
    ApplicationEnabled,
    /// An application was deleted.
    ApplicationDeleted,
    /// An application got a new secret.
    ApplicationSecretRotated,
    /// An organization was created.
    OrganizationCreated,
    /// A user was created.
    UserCreated,
    /// A user was switched off.
    UserDisabled,
    /// A user was switched on again.
    UserEnabled,
    /// A password was set.
    PasswordSet,
    /// A membership began or its role changed.
    MemberAdded,
    /// A membership ended.
    MemberRemoved,
    /// A new signing key was made.
    KeyRotated,
}

impl Action {
    /// The word for it, in the log.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::GrantApproved => "grant.approved",
            Self::GrantDenied => "grant.denied",
            Self::GrantRedeemed => "grant.redeemed",
            Self::RefreshReused => "refresh.reused",
            Self::FamilyRevoked => "family.revoked",
            Self::AccessTokenRevoked => "access_token.revoked",
            Self::SignedIn => "session.started",
            Self::SignedOut => "session.ended",
            Self::ApplicationCreated => "application.created",
            Self::ApplicationChanged => "application.changed",
            Self::ApplicationDisabled => "application.disabled",
            Self::ApplicationEnabled => "application.enabled",
            Self::ApplicationDeleted => "application.deleted",
            Self::ApplicationSecretRotated => "application.secret_rotated",
            Self::OrganizationCreated => "organization.created",
            Self::UserCreated => "user.created",
            Self::UserDisabled => "user.disabled",
            Self::UserEnabled => "user.enabled",
            Self::PasswordSet => "user.password_set",
            Self::MemberAdded => "member.added",
            Self::MemberRemoved => "member.removed",
            Self::KeyRotated => "key.rotated",
        }
    }
}

/// Who did it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Actor {
    /// Somebody signed in.
    User(UserId),
    /// A client, by its `client_id`.
    Client(String),
    /// Whoever runs the server, by the command line.
    Operator,
}

impl Actor {
    /// The actor in one word, in the log.
    pub fn text(&self) -> String {
        match self {
            Self::User(id) => format!("user:{id}"),
            Self::Client(id) => format!("client:{id}"),
            Self::Operator => "operator".to_owned(),
        }
    }
}

/// The organization of what belongs to none: sign-ins, accounts. No orgId can spell it.
pub const SERVER_WIDE: &str = "~server";

/// One row of the log, written in the transaction of what it tells.
#[derive(Clone, Debug)]
pub struct AuditEntry {
    /// Its id; sorts by time.
    pub id: Uuid,
    /// Where it happened; nothing for the whole server.
    pub org_id: Option<OrgId>,
    /// When.
    pub at: Timestamp,
    /// Who.
    pub actor: Actor,
    /// What.
    pub action: Action,
    /// To which thing, by its id.
    pub object: String,
    /// From which address; nothing for the command line.
    pub address: Option<String>,
    /// More about it: ids and words, never secrets.
    pub details: Map<String, Value>,
}

impl AuditEntry {
    /// An entry of this moment in `org_id`.
    pub fn new(moment: &Moment, org_id: Option<&OrgId>, actor: Actor, action: Action, object: impl ToString) -> Self {
        Self {
            id: moment.uuid(),
            org_id: org_id.cloned(),
            at: moment.now(),
            actor,
            action,
            object: object.to_string(),
            address: None,
            details: Map::new(),
        }
    }

    /// Adds where it came from.
    #[must_use]
    pub fn from(mut self, origin: &Origin) -> Self {
        self.address = Some(origin.address.to_string());
        self
    }

    /// Adds a detail.
    #[must_use]
    pub fn with(mut self, name: &str, value: impl Into<Value>) -> Self {
        self.details.insert(name.to_owned(), value.into());
        self
    }
}
