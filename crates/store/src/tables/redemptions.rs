//! The one change of a grant that tokens come from.

use super::grants::StateColumns;
use crate::conn::{Conn, each_engine};
use crate::faults::fault;
use crate::prepared::Prepared;
use crate::schema::grants;
use diesel::prelude::*;
use model::fault::Fault;
use model::grant::{Approval, Grant, GrantState};
use model::id::OrgId;
use model::time::Timestamp;

/// A redemption in the database. [`store`] alone makes one:
///
/// ```
/// fn look(stored: &store::tables::redemptions::StoredRedemption) -> &model::grant::Approval {
///     stored.approval()
/// }
/// ```
///
/// ```compile_fail
/// fn forge(grant: model::grant::Grant, approval: model::grant::Approval) -> store::tables::redemptions::StoredRedemption {
///     store::tables::redemptions::StoredRedemption { grant, approval }
/// }
/// ```
#[derive(Clone, Debug)]
pub struct StoredRedemption {
    grant: Grant,
    approval: Approval,
}

impl StoredRedemption {
    /// The grant.
    pub fn grant(&self) -> &Grant {
        &self.grant
    }

    /// What was approved and still allowed.
    pub fn approval(&self) -> &Approval {
        &self.approval
    }
}

/// Stores a redeemed grant: guarded as [`super::grants::advance`], and only where the stored one is approved and not
/// over at `now`. Nothing where the guard found otherwise.
///
/// # Errors
/// The database's; `Broken` where `grant` is not redeemed.
pub fn store(conn: &mut Conn, org: &OrgId, grant: Grant, now: Timestamp) -> Result<Option<StoredRedemption>, Fault> {
    let GrantState::Redeemed { approval, .. } = &grant.state else {
        return Err(Fault::broken("a grant was to be stored as redeemed that is not"));
    };
    let changed = each_engine!(conn, |c| Prepared(
        diesel::update(
            grants::table
                .filter(grants::org_id.eq(org.as_str()))
                .filter(grants::id.eq(grant.id.uuid().as_bytes().as_slice()))
                .filter(grants::revision.eq(grant.revision))
                .filter(grants::application_id.eq(grant.application_id.uuid().as_bytes().as_slice()))
                .filter(grants::state.eq("approved"))
                .filter(grants::expires_at.gt(now.millis())),
        )
        .set(StateColumns::of(&grant))
    )
    .execute(c))
    .map_err(fault("redeem grant"))?;
    let approval = approval.clone();
    Ok((changed == 1).then_some(StoredRedemption { grant, approval }))
}
