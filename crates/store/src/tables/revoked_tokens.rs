//! Single access tokens that were revoked before their time.

use crate::conn::{Conn, each_engine};
use crate::faults::fault;
use crate::prepared::Prepared;
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
    each_engine!(conn, |c| Prepared(
        diesel::insert_into(revoked_tokens::table)
            .values((
                revoked_tokens::org_id.eq(org.as_str()),
                revoked_tokens::jti.eq(jti),
                revoked_tokens::expires_at.eq(expires_at.millis()),
            ))
            .on_conflict_do_nothing()
    )
    .execute(c))
    .map(|inserted| inserted == 1)
    .map_err(fault("revoke token"))
}
