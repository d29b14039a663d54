//! What has access to an account: applications, each in the organizations that it was let in to, and the end of it.
//!
//! An application may have been let in many times: by one device after the other, by an approval that no device has collected
//! yet, by a consent that is remembered. To its user all of that is one connection, which ends as one.

use model::application::Application;
use model::audit::{Action, By};
use model::code_grant::Consent;
use model::fault::Fault;
use model::grant::{Grant, GrantState};
use model::id::{ApplicationId, OrgId, UserId};
use model::org::Organization;
use model::refresh::{RefreshFamily, RevocationReason};
use model::time::Timestamp;
use protocol::scope::Scopes;
use store::Conn;
use store::tables::opaque_ends::{self, Which};
use store::tables::opaque_tokens::{self, Listed};
use store::tables::{approvals, audit, authorization_codes, consents, families, organizations, users};

/// An application that has access to an account in one organization, gets it as soon as its device asks, or need not ask again.
#[derive(Clone, Debug)]
pub struct Connected {
    /// The application. It may be registered elsewhere than in the organization.
    pub application: Application,
    /// What it called itself, where nobody has registered it: all such programs are one application.
    names: Vec<String>,
    /// The organization that it was let in to.
    pub organization: Organization,
    /// What it can do, by whichever of its accesses.
    pub scopes: Scopes,
    /// Since when.
    pub since: Timestamp,
    /// When it last used one, if ever.
    pub used: Option<Timestamp>,
    /// Whether it has come for one.
    pub collected: bool,
}

impl Connected {
    fn by_family((family, application, organization): (RefreshFamily, Application, Organization)) -> Self {
        Self {
            names: Vec::new(),
            application,
            organization,
            scopes: family.scopes,
            since: family.created_at,
            used: Some(family.last_used_at).filter(|used| *used > family.created_at),
            collected: true,
        }
    }

    fn by_token((token, application, organization): Listed) -> Self {
        Self {
            names: vec![token.name],
            application,
            organization,
            scopes: token.scopes,
            since: token.created_at,
            used: token.last_used_at,
            collected: true,
        }
    }

    /// What people read of it: what its application is called, or what it called itself where nobody has registered it.
    pub fn app_name(&self) -> String {
        if self.application.client_id.is_registered() || self.names.is_empty() {
            return self.application.settings.name.clone();
        }
        self.names.join(", ")
    }

    fn by_approval((grant, application, organization): (Grant, Application, Organization)) -> Option<Self> {
        let names = grant.client_name.iter().map(|name| name.as_str().to_owned()).collect();
        let GrantState::Approved(approval) = grant.state else { return None };
        let (scopes, since) = (approval.scopes, approval.at);
        Some(Self { names, application, organization, scopes, since, used: None, collected: false })
    }

    /// What was agreed to stays agreed to when its tokens are over.
    fn by_consent(
        (consent, since, application, organization): (Consent, Timestamp, Application, Organization),
    ) -> Self {
        Self {
            names: Vec::new(),
            application,
            organization,
            scopes: consent.scopes,
            since,
            used: None,
            collected: true,
        }
    }

    /// Single accesses as connections: one for each application and organization, in the order in which they first come.
    pub fn joined(accesses: impl IntoIterator<Item = Self>) -> Vec<Self> {
        let mut joined: Vec<Self> = Vec::new();
        for access in accesses {
            match joined.iter_mut().find(|known| known.key() == access.key()) {
                Some(known) => known.join(&access),
                None => joined.push(access),
            }
        }
        joined
    }

    /// By what one is told from another: the organization that it is for, where the application is registered, which it is.
    fn key(&self) -> (&OrgId, &OrgId, ApplicationId) {
        (&self.organization.id, &self.application.org_id, self.application.id)
    }

    fn join(&mut self, other: &Self) {
        self.scopes = self.scopes.joined_by(&other.scopes);
        self.since = self.since.min(other.since);
        self.used = self.used.max(other.used);
        self.collected |= other.collected;
        let new = other.names.iter().filter(|name| !self.names.contains(name));
        let new: Vec<String> = new.cloned().collect();
        self.names.extend(new);
    }
}

/// The most keys that connections are made of, the newest: twenty times what one application holds in one organization.
const MOST_KEYS: i64 = 2_000;

/// The connections of a user, in every organization.
///
/// # Errors
/// The database's.
pub fn of_user(conn: &mut Conn, user: UserId, now: Timestamp) -> Result<Vec<Connected>, Fault> {
    let approved = approvals::of_user(conn, user, now)?.into_iter().filter_map(Connected::by_approval);
    let active = families::active_of_user(conn, user, now)?.into_iter().map(Connected::by_family);
    let agreed = consents::of_user(conn, user)?.into_iter().map(Connected::by_consent);
    // What its user made by hand is nobody's but theirs, and stands among their keys alone.
    let keys = opaque_tokens::held_by_apps(conn, user, now, MOST_KEYS)?.into_iter().map(Connected::by_token);
    Ok(Connected::joined(approved.chain(active).chain(keys).chain(agreed)))
}

/// Ends a connection of a user to an application in `org`, with an audit row for all that ends: what it holds, what it could
/// still collect, and what it would be let back in by without a question. False where there is no such connection.
///
/// # Errors
/// The database's.
pub fn end(conn: &mut Conn, org: &OrgId, (user, application): (UserId, ApplicationId), by: &By) -> Result<bool, Fault> {
    // Held: what is being agreed to or collected at this moment has been stored by now, and ends here, or it comes after this.
    users::held_to_change(conn, user)?;
    if organizations::by_id(conn, org)?.is_none() {
        return Ok(false);
    }
    // What it holds is asked for, and no list of all that its user has, which may be long. Its id says where it is registered.
    // First what could still be collected: whoever collects it later finds nothing, whoever was faster has a family by now.
    let withdrawn = approvals::withdraw_of(conn, org, (user, application), by.now())?;
    for grant in &withdrawn {
        let entry = by.entry(Some(org), Action::GrantWithdrawn, grant);
        audit::insert(conn, &entry.with("user", user.to_string()).with("reason", RevocationReason::User.as_str()))?;
    }
    let codes = authorization_codes::withdraw(conn, org, (user, application), RevocationReason::User, by)?;
    let families = families::active_of_app(conn, org, (user, application), by.now())?;
    for family in &families {
        families::end(conn, org, *family, RevocationReason::User, by)?;
    }
    let held = Which::HeldBy { org, application };
    let tokens = opaque_ends::end_all(conn, user, held, RevocationReason::User, by)?;
    let agreed = consents::withdraw(conn, org, (user, application), by)?;
    Ok(agreed || withdrawn.len() + codes + families.len() + tokens > 0)
}
