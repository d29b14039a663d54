//! The one change of a grant that tokens come from.

use super::authorization_codes;
use super::grants::StateColumns;
use crate::conn::{Conn, each_engine};
use crate::faults::fault;
use crate::prepared::Prepared;
use crate::schema::grants;
use diesel::prelude::*;
use model::code_grant::CodeGrant;
use model::fault::Fault;
use model::grant::{Approval, Grant, GrantState};
use model::id::{GrantId, OrgId};
use model::issue::SignInOf;
use model::name::ClientName;
use model::secret::Digest;
use model::time::Timestamp;

/// A redemption in the database. [`store`] and [`store_code`] alone make one:
///
/// ```
/// fn look(stored: &store::tables::redemptions::StoredRedemption) -> &model::grant::Approval {
///     stored.approval()
/// }
/// ```
///
/// ```compile_fail
/// fn forge(redeemed: store::tables::redemptions::Redeemed) -> store::tables::redemptions::StoredRedemption {
///     store::tables::redemptions::StoredRedemption(redeemed)
/// }
/// ```
#[derive(Clone, Debug)]
pub struct StoredRedemption(Redeemed);

/// What was redeemed, whatever the flow.
#[derive(Clone, Debug)]
pub struct Redeemed {
    /// Which grant.
    pub grant_id: GrantId,
    /// Where its client is registered.
    pub home_org_id: OrgId,
    /// What was approved and still allowed.
    pub approval: Approval,
    /// What the tokens are meant for.
    pub resources: Vec<String>,
    /// What its client calls itself, where nobody has registered it.
    pub client_name: Option<ClientName>,
    /// The sign-in that it answers; nothing where a device asked, which has no part in one.
    pub sign_in: Option<SignInOf>,
}

impl StoredRedemption {
    /// What was redeemed.
    pub fn redeemed(&self) -> &Redeemed {
        &self.0
    }

    /// What was approved and still allowed.
    pub fn approval(&self) -> &Approval {
        &self.0.approval
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
    let redeemed = Redeemed {
        grant_id: grant.id,
        home_org_id: grant.org_id,
        approval,
        resources: grant.terms.resources,
        client_name: grant.client_name,
        sign_in: None,
    };
    Ok((changed == 1).then_some(StoredRedemption(redeemed)))
}

/// Stores a redeemed code where nobody was faster, and its time is not over; nothing where that is not so.
///
/// # Errors
/// The database's; `Broken` where `grant` is not redeemed.
pub fn store_code(
    conn: &mut Conn,
    org: &OrgId,
    code: &Digest,
    grant: CodeGrant,
) -> Result<Option<StoredRedemption>, Fault> {
    if !authorization_codes::spend(conn, org, code, &grant)? {
        return Ok(None);
    }
    Ok(Some(StoredRedemption(Redeemed {
        grant_id: grant.id,
        home_org_id: grant.org_id,
        approval: grant.approval,
        resources: grant.terms.resources,
        client_name: None,
        sign_in: Some(SignInOf { nonce: grant.terms.nonce, session: grant.session }),
    })))
}
