//! Single access tokens that were revoked before their time.

use crate::conn::{Conn, each_engine};
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
        let inserted = each_engine!(conn, |c| diesel::insert_into(revoked_tokens::table)
            .values((
                revoked_tokens::org_id.eq(org.as_str()),
                revoked_tokens::jti.eq(jti),
                revoked_tokens::expires_at.eq(expires_at.millis()),
            ))
            .execute(c));
        Ok(unless_taken(inserted).map_err(fault("revoke token"))?.is_some())
    })
}
