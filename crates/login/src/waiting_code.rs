//! A code that somebody typed before signing in. It waits sealed, for the browser that typed it, for half an hour.

use jose::Seal;
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

/// Keeps a code for the browser with this pre-session cookie, typed on this organization's page.
///
/// # Errors
/// The database's.
pub fn keep(
    conn: &mut Conn,
    (cookie, org): (&Digest, &OrgId),
    code: &TypedCode,
    keys: &Keyring,
    moment: &Moment,
) -> Result<(), Fault> {
    let sealed_code = Seal::new(&keys.key(Purpose::WaitingCode)).seal(
        moment,
        &[cookie.bytes(), org.as_str().as_bytes()],
        code.as_str().as_bytes(),
    )?;
    waiting_codes::put(conn, cookie, &WaitingCode { org_id: org.clone(), sealed_code }, moment.now().after(WAITS))
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
    let opened = Seal::new(&keys.key(Purpose::WaitingCode))
        .open(&[cookie.bytes(), waiting.org_id.as_str().as_bytes()], &waiting.sealed_code);
    let code = opened.and_then(|bytes| String::from_utf8(bytes).ok());
    Ok(code.map(|code| (waiting.org_id, TypedCode::read(&code))))
}
