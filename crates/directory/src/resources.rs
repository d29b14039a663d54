//! What an organization's tokens may be meant for.

use model::audit::{Action, By};
use model::fault::Fault;
use model::id::OrgId;
use model::resource::{MOST_RESOURCES, Resource, ResourceUri};
use store::Conn;
use store::tables::{audit, organizations, resources};

/// What becomes of adding one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Added {
    /// It is there now.
    Done,
    /// It was there before.
    Already,
    /// There are as many as there may be.
    Full,
    /// There is no such organization.
    NotFound,
}

/// Adds a resource.
///
/// # Errors
/// The database's.
pub fn add(conn: &mut Conn, org: &OrgId, resource: &Resource, by: &By) -> Result<Added, Fault> {
    // Held, so that of two who add one the second counts the first's.
    if !organizations::hold(conn, org)? {
        return Ok(Added::NotFound);
    }
    let known = resources::all(conn, org)?;
    if known.iter().any(|known| known.uri == resource.uri) {
        return Ok(Added::Already);
    }
    if known.len() >= MOST_RESOURCES {
        return Ok(Added::Full);
    }
    if !resources::insert(conn, org, resource, by.now())? {
        return Ok(Added::Already);
    }
    let entry = by.entry(Some(org), Action::ResourceAdded, resource.uri.as_str());
    audit::insert(conn, &entry.with("name", resource.name.as_str()))?;
    Ok(Added::Done)
}

/// Removes a resource; false where there is none. No token is issued for it any more, whatever was approved before; tokens
/// that there are live to their end.
///
/// # Errors
/// The database's.
pub fn remove(conn: &mut Conn, org: &OrgId, uri: &ResourceUri, by: &By) -> Result<bool, Fault> {
    if !resources::remove(conn, org, uri)? {
        return Ok(false);
    }
    audit::insert(conn, &by.entry(Some(org), Action::ResourceRemoved, uri.as_str()))?;
    Ok(true)
}
