//! Opaque tokens that end together: with what they rest on, or as newer ones take their place.

use super::column;
use super::opaque_tokens::log_end;
use super::sweep::BATCH;
use crate::conn::{Conn, each_engine, held};
use crate::faults::fault;
use crate::schema::opaque_tokens;
use diesel::prelude::*;
use model::audit::By;
use model::fault::Fault;
use model::id::{ApplicationId, OpaqueTokenId, OrgId, UserId};
use model::opaque::{OpaqueKind, OpaqueToken};
use model::refresh::RevocationReason;
use model::time::Timestamp;
use std::collections::BTreeMap;

/// The good tokens that the application of `new` holds for its user beyond the `most` newest, `new` among these, which is not
/// stored yet; at most [`BATCH`], in the order in which they are to be ended. What was made by hand is no application's.
///
/// # Errors
/// The database's.
pub fn beyond(conn: &mut Conn, org: &OrgId, new: &OpaqueToken, most: i64) -> Result<Vec<OpaqueTokenId>, Fault> {
    let mut found: Vec<Vec<u8>> = opaque_tokens::table
        .filter(opaque_tokens::user_id.eq(new.user_id.uuid().as_bytes().as_slice()))
        .filter(opaque_tokens::state.eq("active"))
        .filter(opaque_tokens::org_id.eq(org.as_str()))
        .filter(opaque_tokens::application_id.eq(new.application_id.uuid().as_bytes().as_slice()))
        .filter(opaque_tokens::kind.eq(new.kind.as_str()))
        .filter(opaque_tokens::expires_at.gt(new.created_at.millis()))
        .filter(opaque_tokens::grant_id.is_not_null())
        .order((opaque_tokens::created_at.desc(), opaque_tokens::id.desc()))
        .offset(most - 1)
        .limit(BATCH)
        .select(opaque_tokens::id)
        .load(conn.engine())
        .map_err(fault("opaque tokens beyond the most"))?;
    found.sort_unstable();
    found.iter().map(|id| column::uuid("opaque_tokens.id", id).map(OpaqueTokenId::from_uuid)).collect()
}

/// Which good tokens of a user are meant.
#[derive(Clone, Copy, Debug)]
pub enum Which<'a> {
    /// All, in every organization.
    All,
    /// Those of embedded pages, in every organization.
    Embedded,
    /// Those of one organization.
    Of(&'a OrgId),
    /// Those that an application holds in one organization.
    HeldBy {
        /// The organization.
        org: &'a OrgId,
        /// The application.
        application: ApplicationId,
    },
}

/// Ends good tokens of a user, each with its audit row; gives how many.
///
/// # Errors
/// The database's.
pub fn end_all(
    conn: &mut Conn,
    user: UserId,
    which: Which<'_>,
    reason: RevocationReason,
    by: &By,
) -> Result<usize, Fault> {
    let mut all = 0;
    loop {
        let ended = end_some(conn, user, which, reason, by)?;
        all += ended;
        if i64::try_from(ended).unwrap_or(i64::MAX) < BATCH {
            return Ok(all);
        }
    }
}

/// The same of up to [`BATCH`] of them, the oldest.
fn end_some(
    conn: &mut Conn,
    user: UserId,
    which: Which<'_>,
    reason: RevocationReason,
    by: &By,
) -> Result<usize, Fault> {
    let mut by_org: BTreeMap<String, Vec<Vec<u8>>> = BTreeMap::new();
    for (org, id) in some_good(conn, user, which, by.now())? {
        by_org.entry(org).or_default().push(id);
    }
    let mut ended = 0;
    for (org, ids) in by_org {
        let org = column::org("opaque_tokens.org_id", &org)?;
        let these = || {
            opaque_tokens::table
                .filter(opaque_tokens::org_id.eq(org.as_str()))
                .filter(opaque_tokens::id.eq_any(&ids))
                .filter(opaque_tokens::state.eq("active"))
        };
        let now_over: QueryResult<Vec<Vec<u8>>> = each_engine!(conn, |c| diesel::update(these())
            .set((
                opaque_tokens::state.eq("revoked"),
                opaque_tokens::revoked_reason.eq(reason.as_str()),
                opaque_tokens::revoked_at.eq(by.now().millis()),
            ))
            .returning(opaque_tokens::id)
            .get_results(c));
        for id in now_over.map_err(fault("end opaque tokens"))? {
            let id = OpaqueTokenId::from_uuid(column::uuid("opaque_tokens.id", &id)?);
            log_end(conn, &org, id, reason, by)?;
            ended += 1;
        }
    }
    Ok(ended)
}

/// The oldest good tokens of a user, held in the order of their ids, in which uses are noted too.
fn some_good(conn: &mut Conn, user: UserId, which: Which<'_>, now: Timestamp) -> Result<Vec<(String, Vec<u8>)>, Fault> {
    let theirs = opaque_tokens::table
        .filter(opaque_tokens::user_id.eq(user.uuid().as_bytes().to_vec()))
        .filter(opaque_tokens::state.eq("active"))
        .filter(opaque_tokens::expires_at.gt(now.millis()))
        // As their ids are ordered, which begin with that time. By the ids alone, SQLite would go through the primary key.
        .order((opaque_tokens::created_at, opaque_tokens::id))
        .limit(BATCH)
        .select((opaque_tokens::org_id, opaque_tokens::id));
    let found: QueryResult<Vec<(String, Vec<u8>)>> = match which {
        Which::All => held!(conn, theirs, for_no_key_update, load),
        Which::Embedded => {
            let embedded = opaque_tokens::kind.eq(OpaqueKind::Embedded.as_str());
            held!(conn, theirs.filter(embedded), for_no_key_update, load)
        }
        Which::Of(org) => held!(conn, theirs.filter(opaque_tokens::org_id.eq(org.as_str())), for_no_key_update, load),
        Which::HeldBy { org, application } => {
            let held_by_it = opaque_tokens::org_id
                .eq(org.as_str())
                .and(opaque_tokens::application_id.eq(application.uuid().as_bytes().to_vec()))
                .and(opaque_tokens::grant_id.is_not_null());
            held!(conn, theirs.filter(held_by_it), for_no_key_update, load)
        }
    };
    found.map_err(fault("opaque tokens to end"))
}
