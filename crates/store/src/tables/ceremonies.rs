//! Passkeys' ceremonies that have begun: kept for five minutes, for the browser that began them, used once.

use super::room::bounded;
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

bounded!(ceremonies, "ceremonies");

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

/// The ceremony of the browser with this cookie, where there is one that is not too old at `now`.
///
/// # Errors
/// The database's.
pub fn live(conn: &mut Conn, (cookie, kind): (&Digest, CeremonyKind), now: Timestamp) -> Result<Option<String>, Fault> {
    ceremonies::table
        .filter(ceremonies::digest.eq(cookie.bytes().as_slice()))
        .filter(ceremonies::kind.eq(kind.as_str()))
        .filter(ceremonies::expires_at.gt(now.millis()))
        .select(ceremonies::state)
        .get_result(conn.engine())
        .optional()
        .map_err(fault("ceremony of browser"))
}

/// Uses up the ceremony whose state was read; false where it is used, too old at `now`, or another one is in its place. Of
/// two who bring it to its end at once, one does.
///
/// # Errors
/// The database's.
pub fn spend(
    conn: &mut Conn,
    (cookie, kind): (&Digest, CeremonyKind),
    state: &str,
    now: Timestamp,
) -> Result<bool, Fault> {
    diesel::delete(
        ceremonies::table
            .filter(ceremonies::digest.eq(cookie.bytes().as_slice()))
            .filter(ceremonies::kind.eq(kind.as_str()))
            .filter(ceremonies::state.eq(state))
            .filter(ceremonies::expires_at.gt(now.millis())),
    )
    .execute(conn.engine())
    .map(|spent| spent == 1)
    .map_err(fault("spend ceremony"))
}
