//! Recovery codes: ten of a user at once, each good for one use.

use super::column;
use crate::conn::Conn;
use crate::faults::fault;
use crate::schema::recovery_codes;
use diesel::prelude::*;
use model::fault::Fault;
use model::id::UserId;
use model::secret::Digest;
use model::time::Timestamp;

/// Adds a code.
///
/// # Errors
/// The database's.
pub fn insert(conn: &mut Conn, user: UserId, digest: &Digest, now: Timestamp) -> Result<(), Fault> {
    diesel::insert_into(recovery_codes::table)
        .values((
            recovery_codes::user_id.eq(user.uuid().as_bytes().as_slice()),
            recovery_codes::digest.eq(digest.bytes().as_slice()),
            recovery_codes::created_at.eq(now.millis()),
        ))
        .execute(conn.engine())
        .map(drop)
        .map_err(fault("insert recovery code"))
}

/// Removes all codes of a user, spent or not.
///
/// # Errors
/// The database's.
pub fn remove_of_user(conn: &mut Conn, user: UserId) -> Result<(), Fault> {
    diesel::delete(recovery_codes::table.filter(recovery_codes::user_id.eq(user.uuid().as_bytes().as_slice())))
        .execute(conn.engine())
        .map(drop)
        .map_err(fault("remove recovery codes"))
}

/// Spends a code; false where the user has no such code that is not spent. Of two who spend one at once, one does.
///
/// # Errors
/// The database's.
pub fn spend(conn: &mut Conn, user: UserId, digest: &Digest, now: Timestamp) -> Result<bool, Fault> {
    diesel::update(
        recovery_codes::table
            .filter(recovery_codes::user_id.eq(user.uuid().as_bytes().as_slice()))
            .filter(recovery_codes::digest.eq(digest.bytes().as_slice()))
            .filter(recovery_codes::spent_at.is_null()),
    )
    .set(recovery_codes::spent_at.eq(now.millis()))
    .execute(conn.engine())
    .map(|spent| spent == 1)
    .map_err(fault("spend recovery code"))
}

/// How many codes a user has that are not spent, and when they were made; nothing where none were.
///
/// # Errors
/// The database's.
pub fn left(conn: &mut Conn, user: UserId) -> Result<Option<(usize, Timestamp)>, Fault> {
    let codes: Vec<(i64, Option<i64>)> = recovery_codes::table
        .filter(recovery_codes::user_id.eq(user.uuid().as_bytes().as_slice()))
        .select((recovery_codes::created_at, recovery_codes::spent_at))
        .load(conn.engine())
        .map_err(fault("recovery codes"))?;
    let left = codes.iter().filter(|(_, spent)| spent.is_none()).count();
    Ok(codes.first().map(|(made, _)| (left, column::time(*made))))
}
