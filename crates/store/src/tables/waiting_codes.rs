//! Codes that were typed before signing in: sealed, found by the pre-session cookie, kept for half an hour.

use super::column;
use super::room::bounded;
use crate::conn::{Conn, each_engine};
use crate::faults::fault;
use crate::schema::waiting_codes;
use diesel::prelude::*;
use model::context::Network;
use model::fault::Fault;
use model::id::OrgId;
use model::secret::Digest;
use model::time::Timestamp;

/// A code that waits for a sign-in.
#[derive(Clone, Debug)]
pub struct WaitingCode {
    /// On whose page it was typed.
    pub org_id: OrgId,
    /// The code, sealed.
    pub sealed_code: Vec<u8>,
}

bounded!(waiting_codes, "waiting codes");

/// Forgets the code of the browser with this cookie.
///
/// # Errors
/// The database's.
pub fn remove(conn: &mut Conn, cookie: &Digest) -> Result<(), Fault> {
    diesel::delete(waiting_codes::table.filter(waiting_codes::digest.eq(cookie.bytes().as_slice())))
        .execute(conn.engine())
        .map(drop)
        .map_err(fault("forget waiting code"))
}

/// Keeps a code for the browser with this cookie, in place of an earlier one.
///
/// # Errors
/// The database's.
pub fn put(
    conn: &mut Conn,
    cookie: &Digest,
    code: &WaitingCode,
    network: Network,
    expires_at: Timestamp,
) -> Result<(), Fault> {
    let kept = (
        waiting_codes::org_id.eq(code.org_id.as_str()),
        waiting_codes::sealed_code.eq(code.sealed_code.as_slice()),
        waiting_codes::network.eq(network.to_string()),
        waiting_codes::expires_at.eq(expires_at.millis()),
    );
    each_engine!(conn, |c| diesel::insert_into(waiting_codes::table)
        .values((waiting_codes::digest.eq(cookie.bytes().as_slice()), kept.clone()))
        .on_conflict(waiting_codes::digest)
        .do_update()
        .set(kept)
        .execute(c))
    .map(drop)
    .map_err(fault("keep waiting code"))
}

/// Takes the code of the browser with this cookie out, where there is one that is not too old at `now`.
///
/// # Errors
/// The database's.
pub fn take(conn: &mut Conn, cookie: &Digest, now: Timestamp) -> Result<Option<WaitingCode>, Fault> {
    let found = waiting_codes::table
        .filter(waiting_codes::digest.eq(cookie.bytes().as_slice()))
        .select((waiting_codes::org_id, waiting_codes::sealed_code, waiting_codes::expires_at))
        .get_result::<(String, Vec<u8>, i64)>(conn.engine())
        .optional()
        .map_err(fault("waiting code"))?;
    let Some((org, sealed_code, expires_at)) = found else { return Ok(None) };
    let removed = diesel::delete(waiting_codes::table.filter(waiting_codes::digest.eq(cookie.bytes().as_slice())))
        .execute(conn.engine())
        .map_err(fault("take waiting code"))?;
    // Of two sign-ins that complete at once one takes it.
    if removed == 0 || now.millis() >= expires_at {
        return Ok(None);
    }
    Ok(Some(WaitingCode { org_id: column::org("waiting_codes.org_id", &org)?, sealed_code }))
}
