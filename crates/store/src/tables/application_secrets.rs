//! Secrets of confidential applications: digests of the one or two that are live.

use super::column;
use crate::conn::Conn;
use crate::faults::fault;
use crate::schema::application_secrets;
use diesel::prelude::*;
use model::fault::Fault;
use model::id::{ApplicationId, OrgId};
use model::secret::Digest;
use model::time::Timestamp;

/// Digests of an application's live secrets.
///
/// # Errors
/// The database's.
pub fn digests(conn: &mut Conn, org: &OrgId, application: ApplicationId) -> Result<Vec<Digest>, Fault> {
    application_secrets::table
        .filter(application_secrets::org_id.eq(org.as_str()))
        .filter(application_secrets::application_id.eq(application.uuid().as_bytes().as_slice()))
        .select(application_secrets::digest)
        .load::<Vec<u8>>(conn.engine())
        .map_err(fault("secrets"))?
        .iter()
        .map(|digest| column::digest("application_secrets.digest", digest))
        .collect()
}

/// When each of an application's live secrets was made, newest first.
///
/// # Errors
/// The database's.
pub fn made(conn: &mut Conn, org: &OrgId, application: ApplicationId) -> Result<Vec<Timestamp>, Fault> {
    let made: Vec<i64> = application_secrets::table
        .filter(application_secrets::org_id.eq(org.as_str()))
        .filter(application_secrets::application_id.eq(application.uuid().as_bytes().as_slice()))
        .order(application_secrets::created_at.desc())
        .select(application_secrets::created_at)
        .load(conn.engine())
        .map_err(fault("secrets of application"))?;
    Ok(made.into_iter().map(column::time).collect())
}

/// Adds a secret and drops all but the newest `keep`, the new one among them.
///
/// # Errors
/// The database's.
pub fn add(
    conn: &mut Conn,
    org: &OrgId,
    application: ApplicationId,
    secret: (&Digest, Timestamp),
    keep: i64,
) -> Result<(), Fault> {
    let (digest, now) = secret;
    diesel::insert_into(application_secrets::table)
        .values((
            application_secrets::org_id.eq(org.as_str()),
            application_secrets::application_id.eq(application.uuid().as_bytes().as_slice()),
            application_secrets::digest.eq(digest.bytes().as_slice()),
            application_secrets::created_at.eq(now.millis()),
        ))
        .execute(conn.engine())
        .map_err(fault("insert secret"))?;
    let surplus: Vec<Vec<u8>> = application_secrets::table
        .filter(application_secrets::org_id.eq(org.as_str()))
        .filter(application_secrets::application_id.eq(application.uuid().as_bytes().as_slice()))
        .filter(application_secrets::digest.ne(digest.bytes().as_slice()))
        .order(application_secrets::created_at.desc())
        .offset(keep - 1)
        .limit(i64::MAX)
        .select(application_secrets::digest)
        .load(conn.engine())
        .map_err(fault("surplus secrets"))?;
    for old in surplus {
        diesel::delete(
            application_secrets::table
                .filter(application_secrets::org_id.eq(org.as_str()))
                .filter(application_secrets::application_id.eq(application.uuid().as_bytes().as_slice()))
                .filter(application_secrets::digest.eq(old)),
        )
        .execute(conn.engine())
        .map_err(fault("drop secret"))?;
    }
    Ok(())
}
