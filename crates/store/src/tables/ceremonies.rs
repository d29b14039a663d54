//! Passkeys' ceremonies that have begun: kept for five minutes, for the browser that began them, used once.

use super::column;
use crate::conn::{Conn, each_engine};
use crate::faults::fault;
use crate::schema::ceremonies;
use diesel::prelude::*;
use model::context::Network;
use model::fault::Fault;
use model::secret::Digest;
use model::time::Timestamp;

/// What a ceremony is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CeremonyKind {
    /// Registering a passkey.
    Registration,
    /// Signing in with one.
    SignIn,
    /// Proving again who one is.
    StepUp,
}

impl CeremonyKind {
    const fn as_str(self) -> &'static str {
        match self {
            Self::Registration => "registration",
            Self::SignIn => "sign_in",
            Self::StepUp => "step_up",
        }
    }
}

/// Whether `most` ceremonies run already that a network has begun, that of the browser with this cookie not counted.
///
/// # Errors
/// The database's.
pub fn is_full(conn: &mut Conn, network: Network, cookie: &Digest, most: i64, now: Timestamp) -> Result<bool, Fault> {
    let last: QueryResult<i64> = ceremonies::table
        .filter(ceremonies::network.eq(network.to_string()))
        .filter(ceremonies::expires_at.gt(now.millis()))
        .filter(ceremonies::digest.ne(cookie.bytes().as_slice()))
        .select(ceremonies::expires_at)
        .offset(most.saturating_sub(1))
        .limit(1)
        .get_result(conn.engine());
    Ok(last.optional().map_err(fault("count ceremonies of network"))?.is_some())
}

/// Keeps a ceremony of the browser with this cookie, in place of an earlier one of its kind.
///
/// # Errors
/// The database's.
pub fn put(
    conn: &mut Conn,
    (cookie, kind): (&Digest, CeremonyKind),
    state: &str,
    network: Network,
    expires_at: Timestamp,
) -> Result<(), Fault> {
    let kept = (
        ceremonies::state.eq(state),
        ceremonies::network.eq(network.to_string()),
        ceremonies::expires_at.eq(expires_at.millis()),
    );
    each_engine!(conn, |c| diesel::insert_into(ceremonies::table)
        .values((ceremonies::digest.eq(cookie.bytes().as_slice()), ceremonies::kind.eq(kind.as_str()), kept.clone()))
        .on_conflict((ceremonies::digest, ceremonies::kind))
        .do_update()
        .set(kept)
        .execute(c))
    .map(drop)
    .map_err(fault("keep ceremony"))
}

/// Takes the ceremony of the browser with this cookie out, where there is one that is not too old at `now`. Of two who
/// take one at once, one gets it.
///
/// # Errors
/// The database's.
pub fn take(conn: &mut Conn, (cookie, kind): (&Digest, CeremonyKind), now: Timestamp) -> Result<Option<String>, Fault> {
    let taken: QueryResult<Vec<(String, i64)>> = each_engine!(conn, |c| diesel::delete(
        ceremonies::table
            .filter(ceremonies::digest.eq(cookie.bytes().as_slice()))
            .filter(ceremonies::kind.eq(kind.as_str()))
    )
    .returning((ceremonies::state, ceremonies::expires_at))
    .get_results(c));
    let taken = taken.map_err(fault("take ceremony"))?;
    Ok(taken.into_iter().find(|(_, ends)| column::time(*ends) > now).map(|(state, _)| state))
}
