//! Accounts at identity providers that wait in a browser for a proof of the account with the same address.

use super::column;
use crate::conn::Conn;
use crate::faults::fault;
use crate::schema::pending_links;
use diesel::prelude::*;
use model::fault::Fault;
use model::secret::Digest;
use model::time::Timestamp;
use model::upstream::{Identity, ProviderKey};

/// One of them. Its provider has said that the address is verified: others are not kept.
#[derive(Clone, Debug)]
pub struct PendingLink {
    /// Digest of the cookie that its browser got for it.
    pub digest: Digest,
    /// The account at the provider.
    pub identity: Identity,
    /// Its verified address.
    pub email: String,
    /// Where the browser goes afterwards; checked.
    pub next: String,
    /// When it is over.
    pub expires_at: Timestamp,
}

/// Keeps one.
///
/// # Errors
/// The database's.
pub fn insert(conn: &mut Conn, pending: &PendingLink) -> Result<(), Fault> {
    let (owner, provider) = pending.identity.provider.columns();
    diesel::insert_into(pending_links::table)
        .values((
            pending_links::digest.eq(pending.digest.bytes().as_slice()),
            pending_links::provider_owner.eq(owner),
            pending_links::provider_id.eq(provider),
            pending_links::issuer.eq(&pending.identity.issuer),
            pending_links::subject.eq(&pending.identity.subject),
            pending_links::email.eq(&pending.email),
            pending_links::next.eq(&pending.next),
            pending_links::expires_at.eq(pending.expires_at.millis()),
        ))
        .execute(conn.engine())
        .map(drop)
        .map_err(fault("keep pending link"))
}

/// That of the browser with this cookie, where it is not over at `now`.
///
/// # Errors
/// The database's.
pub fn by_cookie(conn: &mut Conn, cookie: &Digest, now: Timestamp) -> Result<Option<PendingLink>, Fault> {
    type Columns = (String, String, String, String, String, String, i64);
    let found = pending_links::table
        .filter(pending_links::digest.eq(cookie.bytes().as_slice()))
        .filter(pending_links::expires_at.gt(now.millis()))
        .select((
            pending_links::provider_owner,
            pending_links::provider_id,
            pending_links::issuer,
            pending_links::subject,
            pending_links::email,
            pending_links::next,
            pending_links::expires_at,
        ))
        .get_result::<Columns>(conn.engine())
        .optional()
        .map_err(fault("pending link"))?;
    let Some((owner, provider, issuer, subject, email, next, expires)) = found else { return Ok(None) };
    let key = ProviderKey::from_columns(&owner, &provider);
    Ok(Some(PendingLink {
        digest: *cookie,
        identity: Identity { provider: column::word("pending_links.provider_id", key)?, issuer, subject },
        email,
        next,
        expires_at: column::time(expires),
    }))
}

/// Uses one up; false where somebody else has.
///
/// # Errors
/// The database's.
pub fn remove(conn: &mut Conn, cookie: &Digest) -> Result<bool, Fault> {
    diesel::delete(pending_links::table.filter(pending_links::digest.eq(cookie.bytes().as_slice())))
        .execute(conn.engine())
        .map(|removed| removed == 1)
        .map_err(fault("remove pending link"))
}

/// Removes all of a provider.
///
/// # Errors
/// The database's.
pub fn remove_of_provider(conn: &mut Conn, provider: &ProviderKey) -> Result<(), Fault> {
    let (owner, id) = provider.columns();
    let theirs =
        pending_links::table.filter(pending_links::provider_owner.eq(owner)).filter(pending_links::provider_id.eq(id));
    diesel::delete(theirs).execute(conn.engine()).map(drop).map_err(fault("remove pending links of provider"))
}
