//! A code that somebody typed before signing in. It waits sealed, for the browser that typed it, for half an hour.

use jose::{open_code, seal_code};
use model::context::Origin;
use model::fault::Fault;
use model::id::OrgId;
use model::moment::Moment;
use model::secret::{Digest, Keyring, Purpose};
use model::user_code::TypedCode;
use std::time::Duration;
use store::Conn;
use store::tables::room::Most;
use store::tables::waiting_codes::{self, WaitingCode};

/// How long a code waits.
const WAITS: Duration = Duration::from_secs(30 * 60);

/// The most codes that wait for sign-ins. Whoever types one is a stranger with a cookie that costs nothing, so there has to
/// be a bound.
pub const MOST: Most = Most { from_network: 100, in_server: 10_000 };

/// Keeps a code for the browser with this pre-session cookie, typed on this organization's page, in place of an earlier
/// one; false where too many of its network wait already: then no code of this browser waits.
///
/// # Errors
/// The database's.
pub fn keep(
    conn: &mut Conn,
    (cookie, org): (&Digest, &OrgId),
    code: &TypedCode,
    keys: &Keyring,
    (moment, origin): (&Moment, &Origin),
) -> Result<bool, Fault> {
    let (network, now) = (origin.network(), moment.now());
    if !waiting_codes::make_room(conn, (network, cookie), MOST, now)? {
        // Who types a second code means that one: the first must not come up instead.
        waiting_codes::remove(conn, cookie)?;
        return Ok(false);
    }
    let context: [&[u8]; 2] = [cookie.bytes(), org.as_str().as_bytes()];
    let sealed_code = seal_code(keys, Purpose::WaitingCode, &context, code, moment)?;
    let code = WaitingCode { org_id: org.clone(), sealed_code };
    waiting_codes::put(conn, cookie, &code, network, now.after(WAITS))?;
    Ok(true)
}

/// Forgets the code of the browser with this cookie.
///
/// # Errors
/// The database's.
pub fn forget(conn: &mut Conn, cookie: &Digest) -> Result<(), Fault> {
    waiting_codes::remove(conn, cookie)
}

/// Takes the code of the browser with this cookie out, with the organization on whose page it was typed.
///
/// # Errors
/// The database's.
pub fn take(
    conn: &mut Conn,
    cookie: &Digest,
    keys: &Keyring,
    moment: &Moment,
) -> Result<Option<(OrgId, TypedCode)>, Fault> {
    let Some(waiting) = waiting_codes::take(conn, cookie, moment.now())? else { return Ok(None) };
    let context: [&[u8]; 2] = [cookie.bytes(), waiting.org_id.as_str().as_bytes()];
    let code = open_code(keys, Purpose::WaitingCode, &context, &waiting.sealed_code);
    Ok(code.map(|code| (waiting.org_id, code)))
}
