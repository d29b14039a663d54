//! What an organization's tokens may be meant for (RFC 8707), by the exact text of the address.

use super::column;
use crate::conn::Conn;
use crate::faults::{fault, unless_taken};
use crate::schema::resources;
use diesel::prelude::*;
use model::fault::Fault;
use model::id::OrgId;
use model::resource::{Resource, ResourceUri};
use model::time::Timestamp;

fn into_model((uri, name): (String, String)) -> Result<Resource, Fault> {
    Ok(Resource { uri: column::word("resources.uri", ResourceUri::parse(&uri).ok())?, name })
}

/// The organization's resources, by address.
///
/// # Errors
/// The database's.
pub fn all(conn: &mut Conn, org: &OrgId) -> Result<Vec<Resource>, Fault> {
    resources::table
        .filter(resources::org_id.eq(org.as_str()))
        .order(resources::uri)
        .select((resources::uri, resources::name))
        .load::<(String, String)>(conn.engine())
        .map_err(fault("resources"))?
        .into_iter()
        .map(into_model)
        .collect()
}

/// Those of `wanted` that the organization has, in this order. Reads nothing where nothing is wanted, as most grants name
/// no resource.
///
/// # Errors
/// The database's.
pub fn known(conn: &mut Conn, org: &OrgId, wanted: &[String]) -> Result<Vec<Resource>, Fault> {
    if wanted.is_empty() {
        return Ok(Vec::new());
    }
    let found = resources::table
        .filter(resources::org_id.eq(org.as_str()))
        .filter(resources::uri.eq_any(wanted))
        .select((resources::uri, resources::name))
        .load::<(String, String)>(conn.engine())
        .map_err(fault("known resources"))?;
    let named = |uri: &String| found.iter().find(|(known, _)| known == uri).cloned();
    wanted.iter().filter_map(named).map(into_model).collect()
}

/// Adds a resource; false where the organization has it.
///
/// # Errors
/// The database's.
pub fn insert(conn: &mut Conn, org: &OrgId, resource: &Resource, now: Timestamp) -> Result<bool, Fault> {
    conn.savepoint(|conn| {
        let inserted = diesel::insert_into(resources::table)
            .values((
                resources::org_id.eq(org.as_str()),
                resources::uri.eq(resource.uri.as_str()),
                resources::name.eq(&resource.name),
                resources::created_at.eq(now.millis()),
            ))
            .execute(conn.engine());
        Ok(unless_taken(inserted).map_err(fault("insert resource"))?.is_some())
    })
}

/// Removes a resource; false where there is none.
///
/// # Errors
/// The database's.
pub fn remove(conn: &mut Conn, org: &OrgId, uri: &ResourceUri) -> Result<bool, Fault> {
    diesel::delete(resources::table.filter(resources::org_id.eq(org.as_str())).filter(resources::uri.eq(uri.as_str())))
        .execute(conn.engine())
        .map(|removed| removed == 1)
        .map_err(fault("remove resource"))
}
