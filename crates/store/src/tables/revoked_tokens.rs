//! Single access tokens that were revoked before their time.

use crate::conn::Conn;
use crate::faults::{fault, unless_taken};
use crate::schema::revoked_tokens;
use diesel::prelude::*;
use model::fault::Fault;
use model::id::OrgId;
use model::time::Timestamp;

/// Revokes one access token; false where it was so already.
///
/// # Errors
/// The database's.
pub fn insert(conn: &mut Conn, org: &OrgId, jti: &str, expires_at: Timestamp) -> Result<bool, Fault> {
    conn.savepoint(|conn| {
        let inserted = diesel::insert_into(revoked_tokens::table)
            .values((
                revoked_tokens::org_id.eq(org.as_str()),
                revoked_tokens::jti.eq(jti),
                revoked_tokens::expires_at.eq(expires_at.millis()),
            ))
            .execute(conn.engine());
        Ok(unless_taken(inserted).map_err(fault("revoke token"))?.is_some())
    })
}

/// Whether an access token was revoked.
///
/// # Errors
/// The database's.
pub fn has(conn: &mut Conn, org: &OrgId, jti: &str) -> Result<bool, Fault> {
    revoked_tokens::table
        .filter(revoked_tokens::org_id.eq(org.as_str()))
        .filter(revoked_tokens::jti.eq(jti))
        .select(revoked_tokens::jti)
        .get_result::<String>(conn.engine())
        .optional()
        .map(|found| found.is_some())
        .map_err(fault("revoked token"))
}
