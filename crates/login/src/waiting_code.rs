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
use store::tables::waiting_codes::{self, WaitingCode};

/// How long a code waits.
pub const WAITS: Duration = Duration::from_secs(30 * 60);

/// The most codes that wait for sign-ins from one network.
pub const MOST_FROM_NETWORK: i64 = 100;

/// The most codes that wait in the whole server.
pub const MOST_IN_SERVER: i64 = 10_000;

/// Keeps a code for the browser with this pre-session cookie, typed on this organization's page; false where too many
/// wait already. Whoever asks is a stranger with a cookie that costs nothing, so there has to be a bound; transactions
/// that run at the same moment may pass it by one each, which does no harm.
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
    let waiting = waiting_codes::count(conn, network, cookie, now)?;
    if waiting.from_network >= MOST_FROM_NETWORK || waiting.in_server >= MOST_IN_SERVER {
        return Ok(false);
    }
    let context: [&[u8]; 2] = [cookie.bytes(), org.as_str().as_bytes()];
    let sealed_code = seal_code(keys, Purpose::WaitingCode, &context, code, moment)?;
    let code = WaitingCode { org_id: org.clone(), sealed_code };
    waiting_codes::put(conn, cookie, &code, network, now.after(WAITS))?;
    Ok(true)
}

/// On whose page the code of the browser with this cookie was typed; the code stays where it is.
///
/// # Errors
/// The database's.
pub fn organization(conn: &mut Conn, cookie: &Digest, moment: &Moment) -> Result<Option<OrgId>, Fault> {
    waiting_codes::organization(conn, cookie, moment.now())
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
