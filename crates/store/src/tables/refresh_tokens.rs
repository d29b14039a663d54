//! Generations of refresh families: a digest and the time of first use for each; never the token.

use crate::conn::{Conn, each_engine};
use crate::faults::fault;
use crate::prepared::Prepared;
use crate::schema::refresh_tokens;
use diesel::prelude::*;
use model::fault::Fault;
use model::id::{FamilyId, OrgId};
use model::secret::Digest;
use model::time::Timestamp;

/// Adds a generation.
///
/// # Errors
/// The database's.
pub fn insert(conn: &mut Conn, org: &OrgId, family: FamilyId, generation: i32, token: &Digest) -> Result<(), Fault> {
    each_engine!(conn, |c| diesel::insert_into(refresh_tokens::table)
        .values((
            refresh_tokens::org_id.eq(org.as_str()),
            refresh_tokens::family_id.eq(family.uuid().as_bytes().as_slice()),
            refresh_tokens::generation.eq(generation),
            refresh_tokens::digest.eq(token.bytes().as_slice()),
        ))
        .execute(c))
    .map(drop)
    .map_err(fault("insert refresh token"))
}

/// Notes the first use of a generation; false where it had been used before.
///
/// # Errors
/// The database's.
pub fn spend(conn: &mut Conn, org: &OrgId, family: FamilyId, generation: i32, now: Timestamp) -> Result<bool, Fault> {
    each_engine!(conn, |c| Prepared(
        diesel::update(
            refresh_tokens::table
                .filter(refresh_tokens::org_id.eq(org.as_str()))
                .filter(refresh_tokens::family_id.eq(family.uuid().as_bytes().as_slice()))
                .filter(refresh_tokens::generation.eq(generation))
                .filter(refresh_tokens::first_used_at.is_null()),
        )
        .set(refresh_tokens::first_used_at.eq(now.millis()))
    )
    .execute(c))
    .map(|changed| changed == 1)
    .map_err(fault("spend refresh token"))
}
