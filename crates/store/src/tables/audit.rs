//! The audit log: rows are added in the transaction of what they tell, and sealed into a chain per organization later.

use super::column;
use crate::conn::{Conn, each_engine};
use crate::faults::fault;
use crate::prepared::Prepared;
use crate::schema::audit;
use diesel::prelude::*;
use model::audit::{AuditEntry, SERVER_WIDE};
use model::fault::Fault;
use model::id::OrgId;
use model::secret::Digest;
use uuid::Uuid;

/// A row of the log as it is stored. The texts are hashed as they stand.
#[derive(Clone, Debug, PartialEq, Eq, Queryable, Selectable)]
#[diesel(table_name = audit)]
pub struct AuditRow {
    /// Whose log.
    pub org_id: String,
    /// Which row.
    pub id: Vec<u8>,
    /// When, in milliseconds.
    pub at: i64,
    /// Who.
    pub actor: String,
    /// What.
    pub action: String,
    /// To which thing.
    pub object: String,
    /// From where.
    pub address: Option<String>,
    /// More, as JSON.
    pub details: String,
    /// Its place in the chain.
    pub position: Option<i64>,
    /// Hash of the row before it.
    pub previous_hash: Option<Vec<u8>>,
    /// Its own.
    pub hash: Option<Vec<u8>>,
}

fn log_of(org: Option<&OrgId>) -> &str {
    org.map_or(SERVER_WIDE, OrgId::as_str)
}

/// Adds a row.
///
/// # Errors
/// The database's.
pub fn insert(conn: &mut Conn, entry: &AuditEntry) -> Result<(), Fault> {
    let details =
        serde_json::to_string(&entry.details).map_err(|error| Fault::broken("audit details").because(error))?;
    each_engine!(conn, |c| diesel::insert_into(audit::table)
        .values((
            audit::org_id.eq(log_of(entry.org_id.as_ref())),
            audit::id.eq(entry.id.as_bytes().as_slice()),
            audit::at.eq(entry.at.millis()),
            audit::actor.eq(entry.actor.text()),
            audit::action.eq(entry.action.as_str()),
            audit::object.eq(&entry.object),
            audit::address.eq(entry.address.as_deref()),
            audit::details.eq(details),
        ))
        .execute(c))
    .map(drop)
    .map_err(fault("insert audit row"))
}

/// The logs that hold rows not sealed yet and older than `before`, a UUIDv7.
///
/// # Errors
/// The database's.
pub fn unsealed_logs(conn: &mut Conn, before: Uuid, most: i64) -> Result<Vec<String>, Fault> {
    audit::table
        .filter(audit::position.is_null())
        .filter(audit::id.lt(before.as_bytes().as_slice()))
        .select(audit::org_id)
        .distinct()
        .limit(most)
        .load(conn.engine())
        .map_err(fault("unsealed logs"))
}

/// The rows of a log that are not sealed and older than `before`, oldest first.
///
/// # Errors
/// The database's.
pub fn unsealed(conn: &mut Conn, log: &str, before: Uuid, most: i64) -> Result<Vec<AuditRow>, Fault> {
    audit::table
        .filter(audit::org_id.eq(log))
        .filter(audit::position.is_null())
        .filter(audit::id.lt(before.as_bytes().as_slice()))
        .order(audit::id)
        .limit(most)
        .select(AuditRow::as_select())
        .load(conn.engine())
        .map_err(fault("unsealed rows"))
}

/// The end of a log's chain: position and hash of its last sealed row.
///
/// # Errors
/// The database's.
pub fn chain_end(conn: &mut Conn, log: &str) -> Result<Option<(i64, Digest)>, Fault> {
    let found = audit::table
        .filter(audit::org_id.eq(log))
        .filter(audit::position.is_not_null())
        .order(audit::position.desc())
        .limit(1)
        .select((audit::position, audit::hash))
        .get_result::<(Option<i64>, Option<Vec<u8>>)>(conn.engine())
        .optional()
        .map_err(fault("end of chain"))?;
    match found {
        None => Ok(None),
        Some((Some(position), Some(hash))) => Ok(Some((position, column::digest("audit.hash", &hash)?))),
        Some(_) => Err(column::broken("audit.position")),
    }
}

/// Gives a row its place in the chain; false where it has one.
///
/// # Errors
/// The database's.
pub fn seal(conn: &mut Conn, row: &AuditRow, position: i64, previous: &Digest, hash: &Digest) -> Result<bool, Fault> {
    each_engine!(conn, |c| Prepared(
        diesel::update(
            audit::table
                .filter(audit::org_id.eq(&row.org_id))
                .filter(audit::id.eq(&row.id))
                .filter(audit::position.is_null()),
        )
        .set((
            audit::position.eq(position),
            audit::previous_hash.eq(previous.bytes().as_slice()),
            audit::hash.eq(hash.bytes().as_slice()),
        ))
    )
    .execute(c))
    .map(|changed| changed == 1)
    .map_err(fault("seal audit row"))
}

/// The sealed rows of a log after `position`, in the order of the chain.
///
/// # Errors
/// The database's.
pub fn sealed_after(conn: &mut Conn, org: Option<&OrgId>, position: i64, most: i64) -> Result<Vec<AuditRow>, Fault> {
    audit::table
        .filter(audit::org_id.eq(log_of(org)))
        .filter(audit::position.is_not_null())
        .filter(audit::position.gt(position))
        .order(audit::position)
        .limit(most)
        .select(AuditRow::as_select())
        .load(conn.engine())
        .map_err(fault("sealed rows"))
}

/// Which rows of a log are wanted.
#[derive(Clone, Debug, Default)]
pub struct Wanted {
    /// What was done, by its word.
    pub action: Option<String>,
    /// Who did it, by the word for them.
    pub actor: Option<String>,
    /// The least id.
    pub from: Option<Uuid>,
    /// An id above all that are wanted.
    pub before: Option<Uuid>,
}

/// The newest rows of a log that are wanted, newest first.
///
/// # Errors
/// The database's.
pub fn newest(conn: &mut Conn, org: Option<&OrgId>, wanted: &Wanted, most: i64) -> Result<Vec<AuditRow>, Fault> {
    each_engine!(conn, |c| {
        let mut rows = audit::table.filter(audit::org_id.eq(log_of(org))).into_boxed();
        if let Some(action) = &wanted.action {
            rows = rows.filter(audit::action.eq(action));
        }
        if let Some(actor) = &wanted.actor {
            rows = rows.filter(audit::actor.eq(actor));
        }
        if let Some(from) = &wanted.from {
            rows = rows.filter(audit::id.ge(from.as_bytes().as_slice()));
        }
        if let Some(before) = &wanted.before {
            rows = rows.filter(audit::id.lt(before.as_bytes().as_slice()));
        }
        rows.order(audit::id.desc()).limit(most).select(AuditRow::as_select()).load(c)
    })
    .map_err(fault("newest audit rows"))
}

/// How many rows of a log have no place in its chain yet.
///
/// # Errors
/// The database's.
pub fn count_unsealed(conn: &mut Conn, org: Option<&OrgId>) -> Result<i64, Fault> {
    audit::table
        .filter(audit::org_id.eq(log_of(org)))
        .filter(audit::position.is_null())
        .count()
        .get_result(conn.engine())
        .map_err(fault("count unsealed rows"))
}

/// The first log, by its name, that comes after `log` and has rows: all of them in turn, without reading every row.
///
/// # Errors
/// The database's.
pub fn log_after(conn: &mut Conn, log: &str) -> Result<Option<String>, Fault> {
    audit::table
        .filter(audit::org_id.gt(log))
        .order(audit::org_id)
        .limit(1)
        .select(audit::org_id)
        .get_result(conn.engine())
        .optional()
        .map_err(fault("next log"))
}
