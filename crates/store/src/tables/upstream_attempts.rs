//! Browsers on their way to an identity provider and back.

use super::column;
use super::room::bounded;
use crate::conn::Conn;
use crate::faults::fault;
use crate::schema::upstream_attempts;
use diesel::prelude::*;
use model::context::Network;
use model::fault::Fault;
use model::id::UserId;
use model::secret::Digest;
use model::time::Timestamp;
use model::upstream::ProviderKey;

/// One of them.
#[derive(Clone, Debug)]
pub struct UpstreamAttempt {
    /// Digest of what it brings back.
    pub digest: Digest,
    /// Digest of the cookie that makes it this browser's.
    pub browser: Digest,
    /// Which provider it went to.
    pub provider: ProviderKey,
    /// Who links an account; nothing where somebody signs in.
    pub user_id: Option<UserId>,
    /// Where it goes afterwards; checked.
    pub next: String,
    /// When it is over.
    pub expires_at: Timestamp,
}

bounded!(upstream_attempts, "upstream attempts");

/// Notes that a browser sets out.
///
/// # Errors
/// The database's.
pub fn insert(conn: &mut Conn, attempt: &UpstreamAttempt, network: Network) -> Result<(), Fault> {
    let (owner, provider) = attempt.provider.columns();
    diesel::insert_into(upstream_attempts::table)
        .values((
            upstream_attempts::digest.eq(attempt.digest.bytes().as_slice()),
            upstream_attempts::browser.eq(attempt.browser.bytes().as_slice()),
            upstream_attempts::provider_owner.eq(owner),
            upstream_attempts::provider_id.eq(provider),
            upstream_attempts::user_id.eq(attempt.user_id.map(|id| id.uuid().as_bytes().to_vec())),
            upstream_attempts::next.eq(&attempt.next),
            upstream_attempts::network.eq(network.to_string()),
            upstream_attempts::expires_at.eq(attempt.expires_at.millis()),
        ))
        .execute(conn.engine())
        .map(drop)
        .map_err(fault("insert upstream attempt"))
}

/// The attempt that this was brought back from, where it is not over at `now`.
///
/// # Errors
/// The database's.
pub fn by_digest(conn: &mut Conn, digest: &Digest, now: Timestamp) -> Result<Option<UpstreamAttempt>, Fault> {
    type Columns = (Vec<u8>, String, String, Option<Vec<u8>>, String, i64);
    let found = upstream_attempts::table
        .filter(upstream_attempts::digest.eq(digest.bytes().as_slice()))
        .filter(upstream_attempts::expires_at.gt(now.millis()))
        .select((
            upstream_attempts::browser,
            upstream_attempts::provider_owner,
            upstream_attempts::provider_id,
            upstream_attempts::user_id,
            upstream_attempts::next,
            upstream_attempts::expires_at,
        ))
        .get_result::<Columns>(conn.engine())
        .optional()
        .map_err(fault("upstream attempt"))?;
    let Some((browser, owner, provider, user, next, expires)) = found else { return Ok(None) };
    let user = user.map(|id| column::uuid("upstream_attempts.user_id", &id)).transpose()?;
    let key = ProviderKey::from_columns(&owner, &provider);
    Ok(Some(UpstreamAttempt {
        digest: *digest,
        browser: column::digest("upstream_attempts.browser", &browser)?,
        provider: column::word("upstream_attempts.provider_id", key)?,
        user_id: user.map(UserId::from_uuid),
        next,
        expires_at: column::time(expires),
    }))
}

/// Uses an attempt up; false where somebody else has. Of two who come back with the same, one does.
///
/// # Errors
/// The database's.
pub fn remove(conn: &mut Conn, digest: &Digest) -> Result<bool, Fault> {
    diesel::delete(upstream_attempts::table.filter(upstream_attempts::digest.eq(digest.bytes().as_slice())))
        .execute(conn.engine())
        .map(|removed| removed == 1)
        .map_err(fault("remove upstream attempt"))
}
