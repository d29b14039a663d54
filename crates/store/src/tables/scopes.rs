//! Each organization's catalogue of scopes: a name for programs, a sentence for people.

use crate::conn::Conn;
use crate::faults::{fault, unless_taken};
use crate::schema::scopes;
use diesel::prelude::*;
use model::fault::Fault;
use model::id::OrgId;

/// The catalogue: name and sentence, by name.
///
/// # Errors
/// The database's.
pub fn all(conn: &mut Conn, org: &OrgId) -> Result<Vec<(String, String)>, Fault> {
    scopes::table
        .filter(scopes::org_id.eq(org.as_str()))
        .order(scopes::name)
        .select((scopes::name, scopes::sentence))
        .load(conn.engine())
        .map_err(fault("scopes"))
}

/// Adds a scope; false where the organization has it.
///
/// # Errors
/// The database's.
pub fn insert(conn: &mut Conn, org: &OrgId, name: &str, sentence: &str) -> Result<bool, Fault> {
    conn.savepoint(|conn| {
        let inserted = diesel::insert_into(scopes::table)
            .values((scopes::org_id.eq(org.as_str()), scopes::name.eq(name), scopes::sentence.eq(sentence)))
            .execute(conn.engine());
        Ok(unless_taken(inserted).map_err(fault("insert scope"))?.is_some())
    })
}
