//! Where a user code leads, for look-ups that know no organization. Unique among all live codes of the server.

use super::column;
use crate::conn::{Conn, each_engine};
use crate::faults::fault;
use crate::schema::code_directory;
use diesel::prelude::*;
use diesel::sql_types::{Bool, Text};
use model::fault::Fault;
use model::id::{GrantId, OrgId};
use model::secret::Digest;
use model::time::Timestamp;
use std::time::Duration;

const USER_CODE: &str = "user_code";

/// Where a code leads.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Directions {
    /// The organization of the grant.
    pub org_id: OrgId,
    /// The grant.
    pub grant_id: GrantId,
}

/// Adds a user code; false where one like it is kept already.
///
/// # Errors
/// The database's.
pub fn insert(
    conn: &mut Conn,
    code: &Digest,
    to: &Directions,
    expires_at: Timestamp,
    counted_format: Option<&str>,
) -> Result<bool, Fault> {
    each_engine!(conn, |c| diesel::insert_into(code_directory::table)
        .values((
            code_directory::kind.eq(USER_CODE),
            code_directory::digest.eq(code.bytes().as_slice()),
            code_directory::org_id.eq(to.org_id.as_str()),
            code_directory::grant_id.eq(to.grant_id.uuid().as_bytes().as_slice()),
            code_directory::expires_at.eq(expires_at.millis()),
            code_directory::counted_format.eq(counted_format),
        ))
        .on_conflict_do_nothing()
        .execute(c))
    .map(|inserted| inserted == 1)
    .map_err(fault("insert code"))
}

/// Where a user code leads, while it lives.
///
/// # Errors
/// The database's.
pub fn find(conn: &mut Conn, code: &Digest, now: Timestamp) -> Result<Option<Directions>, Fault> {
    let found = each_engine!(conn, |c| code_directory::table
        .filter(code_directory::kind.eq(USER_CODE))
        .filter(code_directory::digest.eq(code.bytes().as_slice()))
        .filter(code_directory::expires_at.gt(now.millis()))
        .select((code_directory::org_id, code_directory::grant_id))
        .get_result::<(String, Vec<u8>)>(c))
    .optional()
    .map_err(fault("find code"))?;
    let directions = |(org, grant): (String, Vec<u8>)| {
        Ok(Directions {
            org_id: column::org("code_directory.org_id", &org)?,
            grant_id: GrantId::from_uuid(column::uuid("code_directory.grant_id", &grant)?),
        })
    };
    found.map(directions).transpose()
}

/// How many codes of a format with few combinations live.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LiveCodes {
    /// In the whole server.
    pub in_server: i64,
    /// In one organization.
    pub in_organization: i64,
}

/// How often a format is tried to be held, and how long apart: long enough for one that others open a code of, too short
/// for many who ask at once to keep the database's threads waiting.
const TRIES: usize = 8;
const BETWEEN_TRIES: Duration = Duration::from_millis(5);

/// Counts the live codes of a format with few combinations. Until the transaction ends nobody else counts that format,
/// so that what is opened by this count stays within the bound. Nothing where others are counting it all the time.
///
/// # Errors
/// The database's.
pub fn count_live(
    conn: &mut Conn,
    org: &OrgId,
    counted_format: &str,
    now: Timestamp,
) -> Result<Option<LiveCodes>, Fault> {
    if conn.is_postgres() && !hold(conn, counted_format)? {
        return Ok(None);
    }
    let counts: Vec<(String, i64)> = code_directory::table
        .filter(code_directory::counted_format.eq(counted_format))
        .filter(code_directory::expires_at.gt(now.millis()))
        .group_by(code_directory::org_id)
        .select((code_directory::org_id, diesel::dsl::count_star()))
        .load(conn.engine())
        .map_err(fault("count codes"))?;
    let of = |(_, count): &(String, i64)| *count;
    Ok(Some(LiveCodes {
        in_server: counts.iter().map(of).sum(),
        in_organization: counts.iter().filter(|(owner, _)| owner == org.as_str()).map(of).sum(),
    }))
}

/// Holds a format until the transaction ends; false where somebody else does.
fn hold(conn: &mut Conn, counted_format: &str) -> Result<bool, Fault> {
    let name = format!("code_directory {counted_format}");
    for attempt in 0..TRIES {
        if attempt > 0 {
            std::thread::sleep(BETWEEN_TRIES);
        }
        let lock =
            diesel::dsl::sql::<Bool>("pg_try_advisory_xact_lock(hashtextextended(").bind::<Text, _>(&name).sql(", 0))");
        if diesel::select(lock).get_result::<bool>(conn.engine()).map_err(fault("hold format"))? {
            return Ok(true);
        }
    }
    Ok(false)
}
