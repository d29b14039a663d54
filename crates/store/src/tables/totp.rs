//! What authenticator apps share with us: one a user, sealed.

use super::column;
use crate::conn::{Conn, each_engine};
use crate::faults::fault;
use crate::schema::totp;
use diesel::prelude::*;
use model::fault::Fault;
use model::id::UserId;
use model::time::Timestamp;

/// A user's authenticator app.
#[derive(Clone, Debug)]
pub struct TotpRow {
    /// The shared secret, sealed.
    pub sealed_secret: Vec<u8>,
    /// When it was set up.
    pub created_at: Timestamp,
    /// Since when it counts; nothing until a code has shown that the app has the secret.
    pub confirmed_at: Option<Timestamp>,
    /// The newest step that a code was taken of.
    pub last_step: i64,
}

/// A user's authenticator app, confirmed or not.
///
/// # Errors
/// The database's.
pub fn of_user(conn: &mut Conn, user: UserId) -> Result<Option<TotpRow>, Fault> {
    let found = totp::table
        .filter(totp::user_id.eq(user.uuid().as_bytes().as_slice()))
        .select((totp::sealed_secret, totp::created_at, totp::confirmed_at, totp::last_step))
        .get_result::<(Vec<u8>, i64, Option<i64>, i64)>(conn.engine())
        .optional()
        .map_err(fault("authenticator app"))?;
    Ok(found.map(|(sealed_secret, created_at, confirmed_at, last_step)| TotpRow {
        sealed_secret,
        created_at: column::time(created_at),
        confirmed_at: confirmed_at.map(column::time),
        last_step,
    }))
}

/// Sets a secret up that is still to be confirmed, in place of another such one; false where one is confirmed already.
///
/// # Errors
/// The database's.
pub fn put_unconfirmed(conn: &mut Conn, user: UserId, sealed_secret: &[u8], now: Timestamp) -> Result<bool, Fault> {
    use diesel::query_dsl::methods::FilterDsl as _;
    let set = (totp::sealed_secret.eq(sealed_secret), totp::created_at.eq(now.millis()), totp::last_step.eq(0));
    each_engine!(conn, |c| diesel::insert_into(totp::table)
        .values((totp::user_id.eq(user.uuid().as_bytes().as_slice()), set))
        .on_conflict(totp::user_id)
        .do_update()
        .set(set)
        .filter(totp::confirmed_at.is_null())
        .execute(c))
    .map(|put| put == 1)
    .map_err(fault("set authenticator app up"))
}

/// Confirms the secret that was set up at `created_at`, by a code of `step`; false where it is another one by now, or
/// confirmed already.
///
/// # Errors
/// The database's.
pub fn confirm(conn: &mut Conn, user: UserId, created_at: Timestamp, step: i64, now: Timestamp) -> Result<bool, Fault> {
    diesel::update(
        totp::table
            .filter(totp::user_id.eq(user.uuid().as_bytes().as_slice()))
            .filter(totp::created_at.eq(created_at.millis()))
            .filter(totp::confirmed_at.is_null()),
    )
    .set((totp::confirmed_at.eq(now.millis()), totp::last_step.eq(step)))
    .execute(conn.engine())
    .map(|confirmed| confirmed == 1)
    .map_err(fault("confirm authenticator app"))
}

/// Notes that a code of `step` was taken; false where one of that step or of a later one was taken before. Of two who
/// bring one code at once, one is taken.
///
/// # Errors
/// The database's.
pub fn advance(conn: &mut Conn, user: UserId, step: i64) -> Result<bool, Fault> {
    diesel::update(
        totp::table
            .filter(totp::user_id.eq(user.uuid().as_bytes().as_slice()))
            .filter(totp::confirmed_at.is_not_null())
            .filter(totp::last_step.lt(step)),
    )
    .set(totp::last_step.eq(step))
    .execute(conn.engine())
    .map(|advanced| advanced == 1)
    .map_err(fault("advance authenticator app"))
}

/// Removes a user's authenticator app; false where there was none that counted.
///
/// # Errors
/// The database's.
pub fn remove(conn: &mut Conn, user: UserId) -> Result<bool, Fault> {
    diesel::delete(
        totp::table
            .filter(totp::user_id.eq(user.uuid().as_bytes().as_slice()))
            .filter(totp::confirmed_at.is_not_null()),
    )
    .execute(conn.engine())
    .map(|removed| removed == 1)
    .map_err(fault("remove authenticator app"))
}
