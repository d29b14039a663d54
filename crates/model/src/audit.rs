//! What the audit log tells: who did what to which thing, when and from where. Ids, never secrets.

use crate::context::Origin;
use crate::id::{OrgId, UserId};
use crate::moment::Moment;
use crate::secret::Digest;
use crate::time::Timestamp;
use serde_json::{Map, Value};
use sha2::{Digest as _, Sha256};
use uuid::Uuid;

/// What was done.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Action {
    /// A device was approved.
    GrantApproved,
    /// A device was denied.
    GrantDenied,
    /// An approval that no device had collected was taken back with what it was given by.
    GrantWithdrawn,
    /// An approved device collected its tokens.
    GrantRedeemed,
    /// A spent refresh token came back after its grace window; its family was ended.
    RefreshReused,
    /// A code was redeemed again; what came of it has ended.
    CodeReused,
    /// What somebody had agreed to for an application is to be asked for again.
    ConsentWithdrawn,
    /// A client or the user ended a refresh family.
    FamilyRevoked,
    /// A client ended one access token.
    AccessTokenRevoked,
    /// Somebody made an API key or an MCP token by hand.
    KeyMade,
    /// An API key, an MCP token or an embedded page's token was ended.
    KeyRevoked,
    /// Somebody signed in.
    SignedIn,
    /// A right password from a browser that the account does not know: the sign-in waits for a letter's answer.
    SignInHeldBack,
    /// Whoever read the letter approved the sign-in.
    SignInApproved,
    /// Whoever read the letter denied the sign-in.
    SignInDenied,
    /// Whoever followed the letter's link typed too many wrong numbers.
    SignInEnded,
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
    /// An organization's settings were changed.
    OrganizationChanged,
    /// An organization was deleted.
    OrganizationDeleted,
    /// A user was created.
    UserCreated,
    /// A user was switched off.
    UserDisabled,
    /// A user was switched on again.
    UserEnabled,
    /// A password was set.
    PasswordSet,
    /// A name or a language was changed.
    UserChanged,
    /// An address was changed.
    EmailChanged,
    /// Somebody deleted their account.
    UserDeleted,
    /// Somebody took along what is stored about them.
    UserExported,
    /// A browser was forgotten.
    DeviceForgotten,
    /// A membership began or its role changed.
    MemberAdded,
    /// A membership ended.
    MemberRemoved,
    /// Somebody was invited, or an invitation was sent again.
    InvitationSent,
    /// An invitation was taken back.
    InvitationRevoked,
    /// Whoever was invited said no.
    InvitationDeclined,
    /// The operator made a link by which a user chooses a new password.
    ResetLinkMade,
    /// A new signing key was made.
    KeyRotated,
    /// Somebody proved again who they are.
    SteppedUp,
    /// An authenticator app counts as a second factor from now on.
    TotpAdded,
    /// It does not any more.
    TotpRemoved,
    /// A passkey was registered.
    PasskeyAdded,
    /// A passkey got another name.
    PasskeyRenamed,
    /// A passkey was removed.
    PasskeyRemoved,
    /// A passkey was used whose counter had gone backwards: there may be a copy of it.
    PasskeyRefused,
    /// Strangers have used up the attempts at a password, and its owner is told.
    PasswordsSpent,
    /// Recovery codes were made, in place of those before.
    RecoveryCodesMade,
    /// A recovery code was used.
    RecoveryCodeUsed,
    /// An account at an identity provider lets its owner in from now on.
    UpstreamLinked,
    /// It does not any more.
    UpstreamUnlinked,
    /// An organization got an identity provider of its own.
    ProviderCreated,
    /// Its settings were changed.
    ProviderChanged,
    /// It was removed.
    ProviderRemoved,
    /// The log was taken along as a file.
    AuditExported,
    /// An organization's catalogue got a scope.
    ScopeCreated,
    /// A scope of it was changed.
    ScopeChanged,
    /// A scope of it was removed.
    ScopeRemoved,
    /// An organization got a resource that tokens may be meant for.
    ResourceAdded,
    /// It was removed.
    ResourceRemoved,
}

impl Action {
    /// The word for it, in the log.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::GrantApproved => "grant.approved",
            Self::GrantDenied => "grant.denied",
            Self::GrantWithdrawn => "grant.withdrawn",
            Self::GrantRedeemed => "grant.redeemed",
            Self::RefreshReused => "refresh.reused",
            Self::CodeReused => "code.reused",
            Self::ConsentWithdrawn => "consent.withdrawn",
            Self::FamilyRevoked => "family.revoked",
            Self::AccessTokenRevoked => "access_token.revoked",
            Self::KeyMade => "token.made",
            Self::KeyRevoked => "token.revoked",
            Self::SignedIn => "session.started",
            Self::SignInHeldBack => "login.held_back",
            Self::SignInApproved => "login.approved",
            Self::SignInDenied => "login.denied",
            Self::SignInEnded => "login.ended",
            Self::SignedOut => "session.ended",
            Self::ApplicationCreated => "application.created",
            Self::ApplicationChanged => "application.changed",
            Self::ApplicationDisabled => "application.disabled",
            Self::ApplicationEnabled => "application.enabled",
            Self::ApplicationDeleted => "application.deleted",
            Self::ApplicationSecretRotated => "application.secret_rotated",
            Self::OrganizationCreated => "organization.created",
            Self::OrganizationChanged => "organization.changed",
            Self::OrganizationDeleted => "organization.deleted",
            Self::UserCreated => "user.created",
            Self::UserDisabled => "user.disabled",
            Self::UserEnabled => "user.enabled",
            Self::PasswordSet => "user.password_set",
            Self::UserChanged => "user.changed",
            Self::EmailChanged => "user.email_changed",
            Self::UserDeleted => "user.deleted",
            Self::UserExported => "user.exported",
            Self::DeviceForgotten => "user.browser_forgotten",
            Self::MemberAdded => "member.added",
            Self::MemberRemoved => "member.removed",
            Self::InvitationSent => "invitation.sent",
            Self::InvitationRevoked => "invitation.revoked",
            Self::InvitationDeclined => "invitation.declined",
            Self::ResetLinkMade => "user.reset_link_made",
            Self::KeyRotated => "key.rotated",
            Self::SteppedUp => "session.renewed",
            Self::TotpAdded => "user.totp_added",
            Self::TotpRemoved => "user.totp_removed",
            Self::PasskeyAdded => "user.passkey_added",
            Self::PasskeyRenamed => "user.passkey_renamed",
            Self::PasskeyRemoved => "user.passkey_removed",
            Self::PasskeyRefused => "user.passkey_refused",
            Self::PasswordsSpent => "user.passwords_spent",
            Self::RecoveryCodesMade => "user.recovery_codes_made",
            Self::RecoveryCodeUsed => "user.recovery_code_used",
            Self::UpstreamLinked => "user.upstream_linked",
            Self::UpstreamUnlinked => "user.upstream_unlinked",
            Self::ProviderCreated => "provider.created",
            Self::ProviderChanged => "provider.changed",
            Self::ProviderRemoved => "provider.removed",
            Self::AuditExported => "audit.exported",
            Self::ScopeCreated => "scope.created",
            Self::ScopeChanged => "scope.changed",
            Self::ScopeRemoved => "scope.removed",
            Self::ResourceAdded => "resource.added",
            Self::ResourceRemoved => "resource.removed",
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
    /// Somebody who has proved nothing about who they are.
    Stranger,
}

impl Actor {
    /// The actor in one word, in the log.
    pub fn text(&self) -> String {
        match self {
            Self::User(id) => format!("user:{id}"),
            Self::Client(id) => format!("client:{id}"),
            Self::Operator => "operator".to_owned(),
            Self::Stranger => "stranger".to_owned(),
        }
    }

    /// Reads that word; nothing where this version does not know it.
    pub fn parse(text: &str) -> Option<Self> {
        match (text, text.split_once(':')) {
            ("operator", _) => Some(Self::Operator),
            ("stranger", _) => Some(Self::Stranger),
            (_, Some(("user", id))) => id.parse().ok().map(Self::User),
            (_, Some(("client", id))) => Some(Self::Client(id.to_owned())),
            _ => None,
        }
    }
}

/// Who makes an administrative change, from where and when: what every such change is told, so that its row in the log
/// can say so.
#[derive(Clone, Debug)]
pub struct By {
    /// Who.
    pub actor: Actor,
    /// From where; nothing for the command line, which is at home.
    pub origin: Option<Origin>,
    /// When.
    pub moment: Moment,
}

impl By {
    /// Whoever runs the server, by the command line.
    pub fn operator(moment: &Moment) -> Self {
        Self { actor: Actor::Operator, origin: None, moment: moment.clone() }
    }

    /// Somebody whose request came from `origin`.
    pub fn request(actor: Actor, (moment, origin): (&Moment, &Origin)) -> Self {
        Self { actor, origin: Some(origin.clone()), moment: moment.clone() }
    }

    /// When.
    pub fn now(&self) -> Timestamp {
        self.moment.now()
    }

    /// The row about what they do.
    pub fn entry(&self, org_id: Option<&OrgId>, action: Action, object: impl ToString) -> AuditEntry {
        let entry = AuditEntry::new(&self.moment, org_id, self.actor.clone(), action, object);
        match &self.origin {
            Some(origin) => entry.from(origin),
            None => entry,
        }
    }
}

/// The organization of what belongs to none: sign-ins, accounts. No orgId can spell it.
pub const SERVER_WIDE: &str = "~server";

/// The smallest id that a row of this millisecond, or of a later one, can have: ids sort by time, so that a span of time
/// is a span of ids.
pub fn first_id_at(time: Timestamp) -> Uuid {
    let millis = u128::try_from(time.millis()).unwrap_or(0);
    Uuid::from_u128(millis << 80)
}

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
    #[expect(clippy::needless_pass_by_value, reason = "callers hand over ids, which are small, or texts of their own")]
    pub fn new(moment: &Moment, org_id: Option<&OrgId>, actor: Actor, action: Action, object: impl ToString) -> Self {
        Self {
            id: moment.uuid(),
            // What belongs to the server's own applications belongs to no organization.
            org_id: org_id.filter(|org| !org.is_instance()).cloned(),
            at: moment.now(),
            actor,
            action,
            object: object.to_string(),
            address: None,
            details: Map::new(),
        }
    }

    /// Adds where it came from: the address, and the program where one was named.
    #[must_use]
    pub fn from(mut self, origin: &Origin) -> Self {
        self.address = Some(origin.address.to_string());
        if origin.program.is_empty() { self } else { self.with("program", origin.program.as_str()) }
    }

    /// Adds a detail.
    #[must_use]
    pub fn with(mut self, name: &str, value: impl Into<Value>) -> Self {
        self.details.insert(name.to_owned(), value.into());
        self
    }
}

/// What a chain's first row follows.
pub const CHAIN_START: Digest = Digest::from_bytes([0; 32]);

/// Fixed for good: another label would make every chain look broken.
const ROW_LABEL: &[u8] = b"doorward/audit-row";

/// A row of the log exactly as it is stored, at its place in the chain. Texts are hashed as they stand, so that
/// checking a chain never depends on how this version would write the same thing.
#[derive(Clone, Copy, Debug)]
pub struct ChainedRow<'a> {
    /// Whose log.
    pub log: &'a str,
    /// Its place in the log, from 1.
    pub position: i64,
    /// Its id.
    pub id: &'a [u8],
    /// When, in milliseconds.
    pub at: i64,
    /// Who.
    pub actor: &'a str,
    /// What.
    pub action: &'a str,
    /// To which thing.
    pub object: &'a str,
    /// From where; absent and empty are different things.
    pub address: Option<&'a str>,
    /// More, as JSON.
    pub details: &'a str,
}

/// The hash of `row` after the row whose hash is `previous`: SHA-256 under a label, each part preceded by its length,
/// so that moving text from one column to the next gives another hash.
///
/// There is no key in it: whoever can write to the whole table can make a chain anew. What the chain proves, it proves
/// against a hash that was noted elsewhere.
pub fn row_hash(previous: &Digest, row: &ChainedRow<'_>) -> Digest {
    let mut hash = Sha256::new();
    let mut part = |bytes: &[u8]| {
        hash.update((bytes.len() as u64).to_be_bytes());
        hash.update(bytes);
    };
    part(ROW_LABEL);
    part(previous.bytes());
    part(row.log.as_bytes());
    part(&row.position.to_be_bytes());
    part(row.id);
    part(&row.at.to_be_bytes());
    for text in [row.actor, row.action, row.object] {
        part(text.as_bytes());
    }
    part(&[u8::from(row.address.is_some())]);
    part(row.address.unwrap_or_default().as_bytes());
    part(row.details.as_bytes());
    Digest::from_bytes(hash.finalize().into())
}

#[cfg(test)]
#[path = "audit_tests.rs"]
mod tests;
