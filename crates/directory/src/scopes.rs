//! Changing an organization's catalogue of scopes.

use crate::catalogue::Catalogue;
use model::audit::{Action, AuditEntry, By};
use model::catalogue::{MOST_SCOPES, Scope, ScopeChanges, ScopeProblem, is_standard};
use model::fault::Fault;
use model::id::OrgId;
use protocol::scope::Scopes;
use store::Conn;
use store::tables::{applications, audit, organizations, scopes};

/// Which scope is changed.
#[derive(Clone, Copy, Debug)]
pub struct Target<'a> {
    /// Whose.
    pub org_id: &'a OrgId,
    /// What programs call it.
    pub name: &'a str,
    /// The revision that the admin saw; the newest where absent.
    pub revision: Option<i32>,
}

/// What becomes of a change.
#[derive(Clone, Debug)]
pub enum Changed {
    /// It is so now, or was so before.
    Made(Scope),
    /// The organization has it already.
    Already,
    /// There is no such organization, or no such scope.
    NotFound,
    /// Somebody else changed it meanwhile.
    Stale,
    /// It can't be taken.
    Problem(ScopeProblem),
    /// The catalogue is full.
    Full,
    /// It is a standard one, which stays.
    Standard,
    /// It stays while these applications may ask for it.
    InUse(Vec<String>),
}

/// Adds a scope.
///
/// # Errors
/// The database's.
pub fn create(conn: &mut Conn, org: &OrgId, name: &str, settings: &ScopeChanges, by: &By) -> Result<Changed, Fault> {
    // Held, so that of two who add one the second counts the first's.
    if !organizations::hold(conn, org)? {
        return Ok(Changed::NotFound);
    }
    let catalogue = Catalogue::read(conn, org)?;
    let scope = match Scope::named(name).with(settings, &catalogue.names()) {
        Ok(scope) => scope,
        Err(problem) => return Ok(Changed::Problem(problem)),
    };
    if catalogue.named(name).is_some() {
        return Ok(Changed::Already);
    }
    if catalogue.entries().len() >= MOST_SCOPES {
        return Ok(Changed::Full);
    }
    if !scopes::insert(conn, org, &scope)? {
        return Ok(Changed::Already);
    }
    audit::insert(conn, &entry(org, Action::ScopeCreated, &scope, by))?;
    Ok(Changed::Made(scope))
}

/// Changes what a scope means. Grants that there are stay as they were approved.
///
/// # Errors
/// The database's.
pub fn change(conn: &mut Conn, target: Target<'_>, changes: &ScopeChanges, by: &By) -> Result<Changed, Fault> {
    let (catalogue, before) = match find(conn, target)? {
        Ok(found) => found,
        Err(changed) => return Ok(changed),
    };
    let mut after = match before.with(changes, &catalogue.names()) {
        Ok(after) => after,
        Err(problem) => return Ok(Changed::Problem(problem)),
    };
    if after == before {
        return Ok(Changed::Made(after));
    }
    if !scopes::advance(conn, target.org_id, &after)? {
        return Ok(Changed::Stale);
    }
    after.revision += 1;
    audit::insert(conn, &entry(target.org_id, Action::ScopeChanged, &after, by))?;
    Ok(Changed::Made(after))
}

/// Removes a scope that no application may ask for. What implied it does so no more, and whatever was granted loses it: a scope
/// that is added later under the same name is another one.
///
/// # Errors
/// The database's.
pub fn remove(conn: &mut Conn, target: Target<'_>, by: &By) -> Result<Changed, Fault> {
    let org = target.org_id;
    let (catalogue, scope) = match find(conn, target)? {
        Ok(found) => found,
        Err(changed) => return Ok(changed),
    };
    if is_standard(&scope.name) {
        return Ok(Changed::Standard);
    }
    let listing = applications::scopes_of_all(conn, org)?.into_iter().filter(|(_, listed)| listed.has(&scope.name));
    let listing: Vec<String> = listing.map(|(name, _)| name).collect();
    if !listing.is_empty() {
        return Ok(Changed::InUse(listing));
    }
    for other in catalogue.entries().iter().filter(|other| other.implies.has(&scope.name)) {
        let left = other.implies.names().filter(|name| *name != scope.name).map(str::to_owned).collect();
        if !scopes::advance(conn, org, &Scope { implies: left, ..other.clone() })? {
            return Err(Fault::busy("the catalogue changed meanwhile"));
        }
    }
    if !scopes::remove(conn, org, &scope)? {
        return Err(Fault::busy("the scope changed meanwhile"));
    }
    scopes::take_back(conn, org, &scope.name)?;
    audit::insert(conn, &entry(org, Action::ScopeRemoved, &scope, by))?;
    Ok(Changed::Made(scope))
}

/// How many applications may ask for each scope of a catalogue.
///
/// # Errors
/// The database's.
pub fn listed_by(conn: &mut Conn, org: &OrgId) -> Result<Vec<Scopes>, Fault> {
    Ok(applications::scopes_of_all(conn, org)?.into_iter().map(|(_, scopes)| scopes).collect())
}

/// The catalogue, held, and the scope in it; why there is nothing to change otherwise.
fn find(conn: &mut Conn, target: Target<'_>) -> Result<Result<(Catalogue, Scope), Changed>, Fault> {
    if !organizations::hold(conn, target.org_id)? {
        return Ok(Err(Changed::NotFound));
    }
    let catalogue = Catalogue::read(conn, target.org_id)?;
    let Some(scope) = catalogue.named(target.name).cloned() else { return Ok(Err(Changed::NotFound)) };
    if target.revision.is_some_and(|seen| seen != scope.revision) {
        return Ok(Err(Changed::Stale));
    }
    Ok(Ok((catalogue, scope)))
}

fn entry(org: &OrgId, action: Action, scope: &Scope, by: &By) -> AuditEntry {
    by.entry(Some(org), action, &scope.name)
        .with("sentence", scope.sentence.as_str())
        .with("access", scope.access.as_str())
        .with("implies", scope.implies.to_string())
}
