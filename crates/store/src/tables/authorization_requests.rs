//! Requests that clients posted to the authorization endpoint, until the browser comes back for them by GET.

use super::room::bounded;
use crate::conn::Conn;
use crate::faults::fault;
use crate::schema::authorization_requests;
use diesel::prelude::*;
use model::context::Network;
use model::fault::Fault;
use model::id::OrgId;
use model::secret::Digest;
use model::time::Timestamp;

bounded!(authorization_requests, "posted requests");

/// Keeps a request's parameters.
///
/// # Errors
/// The database's.
pub fn insert(
    conn: &mut Conn,
    org: &OrgId,
    (digest, parameters): (&Digest, &str),
    network: Network,
    expires_at: Timestamp,
) -> Result<(), Fault> {
    diesel::insert_into(authorization_requests::table)
        .values((
            authorization_requests::digest.eq(digest.bytes().as_slice()),
            authorization_requests::org_id.eq(org.as_str()),
            authorization_requests::parameters.eq(parameters),
            authorization_requests::network.eq(network.to_string()),
            authorization_requests::expires_at.eq(expires_at.millis()),
        ))
        .execute(conn.engine())
        .map(drop)
        .map_err(fault("keep posted request"))
}

/// A request's parameters, where it is not over at `now`.
///
/// # Errors
/// The database's.
pub fn by_digest(conn: &mut Conn, org: &OrgId, digest: &Digest, now: Timestamp) -> Result<Option<String>, Fault> {
    authorization_requests::table
        .filter(authorization_requests::digest.eq(digest.bytes().as_slice()))
        .filter(authorization_requests::org_id.eq(org.as_str()))
        .filter(authorization_requests::expires_at.gt(now.millis()))
        .select(authorization_requests::parameters)
        .get_result(conn.engine())
        .optional()
        .map_err(fault("posted request"))
}
