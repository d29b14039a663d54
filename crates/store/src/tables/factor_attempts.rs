//! Sign-ins whose password was right and whose second factor is missing.

use super::column;
use crate::conn::Conn;
use crate::faults::fault;
use crate::schema::factor_attempts;
use diesel::prelude::*;
use model::fault::Fault;
use model::id::{IdentityId, KnownDeviceId, OrgId, UserId};
use model::secret::Digest;
use model::session::Entrance;
use model::time::Timestamp;

/// A sign-in that waits for its second factor.
#[derive(Clone, Debug)]
pub struct FactorAttempt {
    /// Digest of the cookie that its browser got for it.
    pub digest: Digest,
    /// Whose account.
    pub user_id: UserId,
    /// Digest of the browser's pre-session cookie.
    pub browser: Digest,
    /// The browser, where the account knows it.
    pub known_device: Option<KnownDeviceId>,
    /// Where it goes afterwards; checked.
    pub next: String,
    /// Whether it is to stay signed in.
    pub remember: bool,
    /// The account's time of credentials when the password was right.
    pub credentials_changed_at: Timestamp,
    /// When it is over.
    pub expires_at: Timestamp,
    /// By what its user got in.
    pub entrance: Entrance,
}

/// Begins to wait.
///
/// # Errors
/// The database's.
pub fn insert(conn: &mut Conn, attempt: &FactorAttempt) -> Result<(), Fault> {
    diesel::insert_into(factor_attempts::table)
        .values((
            factor_attempts::digest.eq(attempt.digest.bytes().as_slice()),
            factor_attempts::user_id.eq(attempt.user_id.uuid().as_bytes().as_slice()),
            factor_attempts::browser.eq(attempt.browser.bytes().as_slice()),
            factor_attempts::known_device_id.eq(attempt.known_device.map(|id| id.uuid().as_bytes().to_vec())),
            factor_attempts::next.eq(&attempt.next),
            factor_attempts::remember.eq(attempt.remember),
            factor_attempts::credentials_changed_at.eq(attempt.credentials_changed_at.millis()),
            factor_attempts::expires_at.eq(attempt.expires_at.millis()),
            factor_attempts::only_org.eq(attempt.entrance.reach().only().map(OrgId::as_str)),
            factor_attempts::identity_id.eq(attempt.entrance.identity().map(|id| id.uuid().as_bytes().to_vec())),
        ))
        .execute(conn.engine())
        .map(drop)
        .map_err(fault("insert factor attempt"))
}

/// The sign-in of the browser with this cookie, where it is not over at `now`.
///
/// # Errors
/// The database's.
pub fn by_cookie(conn: &mut Conn, cookie: &Digest, now: Timestamp) -> Result<Option<FactorAttempt>, Fault> {
    type Columns = (Vec<u8>, Vec<u8>, Option<Vec<u8>>, String, bool, i64, i64, Option<String>, Option<Vec<u8>>);
    let found = factor_attempts::table
        .filter(factor_attempts::digest.eq(cookie.bytes().as_slice()))
        .filter(factor_attempts::expires_at.gt(now.millis()))
        .select((
            factor_attempts::user_id,
            factor_attempts::browser,
            factor_attempts::known_device_id,
            factor_attempts::next,
            factor_attempts::remember,
            factor_attempts::credentials_changed_at,
            factor_attempts::expires_at,
            factor_attempts::only_org,
            factor_attempts::identity_id,
        ))
        .get_result::<Columns>(conn.engine())
        .optional()
        .map_err(fault("factor attempt by cookie"))?;
    let Some((user, browser, known, next, remember, changed, expires, only, identity)) = found else { return Ok(None) };
    let known = known.map(|id| column::uuid("factor_attempts.known_device_id", &id)).transpose()?;
    Ok(Some(FactorAttempt {
        digest: *cookie,
        user_id: UserId::from_uuid(column::uuid("factor_attempts.user_id", &user)?),
        browser: column::digest("factor_attempts.browser", &browser)?,
        known_device: known.map(KnownDeviceId::from_uuid),
        next,
        remember,
        credentials_changed_at: column::time(changed),
        expires_at: column::time(expires),
        entrance: column::entrance(("factor_attempts.identity_id", identity), only.as_deref())?,
    }))
}

/// Ends a sign-in's waiting; false where somebody else has. Of two who complete it at once, one does.
///
/// # Errors
/// The database's.
pub fn remove(conn: &mut Conn, cookie: &Digest) -> Result<bool, Fault> {
    diesel::delete(factor_attempts::table.filter(factor_attempts::digest.eq(cookie.bytes().as_slice())))
        .execute(conn.engine())
        .map(|removed| removed == 1)
        .map_err(fault("remove factor attempt"))
}

/// Removes every one of a user.
///
/// # Errors
/// The database's.
pub fn remove_of_user(conn: &mut Conn, user: UserId) -> Result<(), Fault> {
    diesel::delete(factor_attempts::table.filter(factor_attempts::user_id.eq(user.uuid().as_bytes().as_slice())))
        .execute(conn.engine())
        .map(drop)
        .map_err(fault("remove factor attempts of user"))
}

/// Removes every one that these accounts at providers let in.
///
/// # Errors
/// The database's.
pub fn remove_let_in_by(conn: &mut Conn, identities: &[IdentityId]) -> Result<(), Fault> {
    let theirs = factor_attempts::table.filter(factor_attempts::identity_id.eq_any(column::bytes_of(identities)));
    diesel::delete(theirs).execute(conn.engine()).map(drop).map_err(fault("remove factor attempts by identity"))
}
