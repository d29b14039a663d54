//! Grants. Every change is guarded by the revision that it was decided on.

use super::applications::ApplicationRow;
use super::column;
use crate::conn::{Conn, each_engine};
use crate::faults::fault;
use crate::prepared::Prepared;
use crate::schema::{applications, grants};
use diesel::prelude::*;
use model::application::Application;
use model::context::Origin;
use model::fault::Fault;
use model::grant::{Approval, Claim, Flow, Grant, GrantState};
use model::id::{ApplicationId, GrantId, OrgId, UserId};
use model::name::ClientName;
use model::secret::Digest;
use model::terms::{Backoff, GrantTerms, OrgBinding, TokenProfile};
use model::time::Timestamp;
use model::user_code::UserCodeFormat;
use std::time::Duration;

#[derive(Queryable, Selectable)]
#[diesel(table_name = grants)]
pub(super) struct GrantRow {
    org_id: String,
    id: Vec<u8>,
    revision: i32,
    state: String,
    application_id: Vec<u8>,
    profile: String,
    binding: String,
    backoff: String,
    interval_ms: i64,
    scopes: String,
    resources: String,
    code_challenge: Option<String>,
    user_code_format: String,
    origin_address: String,
    origin_program: String,
    opened_at: i64,
    expires_at: i64,
    claimed_by: Option<Vec<u8>>,
    claimed_at: Option<i64>,
    claimed_code: Option<Vec<u8>>,
    decided_by: Option<Vec<u8>>,
    decided_at: Option<i64>,
    granted_org_id: Option<String>,
    granted_scopes: Option<String>,
    auth_time: Option<i64>,
    redeemed_at: Option<i64>,
    client_name: Option<String>,
}

impl GrantRow {
    pub(super) fn into_model(self) -> Result<Grant, Fault> {
        let org_id = column::org("grants.org_id", &self.org_id)?;
        let state = self.state()?;
        let interval = column::span("grants.interval_ms", self.interval_ms)?;
        let lifetime = column::span("grants.expires_at", self.expires_at - self.opened_at)?;
        let address = self.origin_address.parse().map_err(|_| column::broken("grants.origin_address"))?;
        let binding = match self.binding.as_str() {
            "fixed" => OrgBinding::Fixed(org_id.clone()),
            "chosen" => OrgBinding::ChosenAtApproval,
            _ => return Err(column::broken("grants.binding")),
        };
        let client_name = self.client_name.as_deref().map(ClientName::parse);
        let client_name = client_name.map(|name| column::word("grants.client_name", name)).transpose()?;
        Ok(Grant {
            id: GrantId::from_uuid(column::uuid("grants.id", &self.id)?),
            application_id: ApplicationId::from_uuid(column::uuid("grants.application_id", &self.application_id)?),
            client_name,
            revision: self.revision,
            terms: GrantTerms {
                profile: column::word("grants.profile", TokenProfile::parse(&self.profile))?,
                binding,
                backoff: column::word("grants.backoff", Backoff::parse(&self.backoff))?,
                interval,
                lifetime,
                scopes: column::scopes("grants.scopes", &self.scopes)?,
                resources: column::resources(&self.resources),
                code_challenge: self.code_challenge,
                user_code_format: UserCodeFormat::parse(&self.user_code_format)
                    .map_err(|_| column::broken("grants.user_code_format"))?,
            },
            origin: Origin { address, program: self.origin_program },
            opened_at: column::time(self.opened_at),
            expires_at: column::time(self.expires_at),
            flow: Flow::Device { interval },
            state,
            org_id,
        })
    }

    fn state(&self) -> Result<GrantState, Fault> {
        let impossible = || column::broken("grants.state");
        let by = |id: &Option<Vec<u8>>| {
            id.as_ref()
                .ok_or_else(impossible)
                .and_then(|id| column::uuid("grants.decided_by", id))
                .map(UserId::from_uuid)
        };
        let at = |millis: Option<i64>| millis.map(column::time).ok_or_else(impossible);
        let approval = || {
            Ok::<_, Fault>(Approval {
                by: by(&self.decided_by)?,
                org_id: column::org("grants.granted_org_id", self.granted_org_id.as_ref().ok_or_else(impossible)?)?,
                scopes: column::scopes("grants.granted_scopes", self.granted_scopes.as_ref().ok_or_else(impossible)?)?,
                at: at(self.decided_at)?,
                auth_time: at(self.auth_time)?,
            })
        };
        Ok(match self.state.as_str() {
            "pending" if self.claimed_by.is_none() => GrantState::Pending { claim: None },
            "pending" => GrantState::Pending {
                claim: Some(Claim {
                    by: by(&self.claimed_by)?,
                    at: at(self.claimed_at)?,
                    sealed_code: self.claimed_code.clone().ok_or_else(impossible)?,
                }),
            },
            "approved" => GrantState::Approved(approval()?),
            "denied" => GrantState::Denied { by: by(&self.decided_by)?, at: at(self.decided_at)? },
            "redeemed" => GrantState::Redeemed { approval: approval()?, at: at(self.redeemed_at)? },
            _ => return Err(impossible()),
        })
    }
}

/// The columns that a transition changes; each is written every time, so that nothing of an earlier state stays.
#[derive(AsChangeset)]
#[diesel(table_name = grants)]
#[diesel(treat_none_as_null = true)]
pub(super) struct StateColumns {
    revision: i32,
    state: &'static str,
    claimed_by: Option<Vec<u8>>,
    claimed_at: Option<i64>,
    claimed_code: Option<Vec<u8>>,
    decided_by: Option<Vec<u8>>,
    decided_at: Option<i64>,
    granted_org_id: Option<String>,
    granted_scopes: Option<String>,
    auth_time: Option<i64>,
    redeemed_at: Option<i64>,
}

impl StateColumns {
    pub(super) fn of(grant: &Grant) -> Self {
        let blank = Self {
            revision: grant.revision.saturating_add(1),
            state: "pending",
            claimed_by: None,
            claimed_at: None,
            claimed_code: None,
            decided_by: None,
            decided_at: None,
            granted_org_id: None,
            granted_scopes: None,
            auth_time: None,
            redeemed_at: None,
        };
        let bytes = |user: &UserId| Some(user.uuid().as_bytes().to_vec());
        let approved = |approval: &Approval, blank: Self| Self {
            state: "approved",
            decided_by: bytes(&approval.by),
            decided_at: Some(approval.at.millis()),
            granted_org_id: Some(approval.org_id.as_str().to_owned()),
            granted_scopes: Some(approval.scopes.to_string()),
            auth_time: Some(approval.auth_time.millis()),
            ..blank
        };
        match &grant.state {
            GrantState::Pending { claim: None } => blank,
            GrantState::Pending { claim: Some(claim) } => Self {
                claimed_by: bytes(&claim.by),
                claimed_at: Some(claim.at.millis()),
                claimed_code: Some(claim.sealed_code.clone()),
                ..blank
            },
            GrantState::Approved(approval) => approved(approval, blank),
            GrantState::Denied { by, at } => {
                Self { state: "denied", decided_by: bytes(by), decided_at: Some(at.millis()), ..blank }
            }
            GrantState::Redeemed { approval, at } => {
                Self { state: "redeemed", redeemed_at: Some(at.millis()), ..approved(approval, blank) }
            }
        }
    }
}

/// Digests of the two codes of a grant.
#[derive(Clone, Copy, Debug)]
pub struct CodeDigests {
    /// Of what the device polls with.
    pub device_code: Digest,
    /// Of what the person types.
    pub user_code: Digest,
}

/// Adds a grant.
///
/// # Errors
/// The database's.
pub fn insert(conn: &mut Conn, org: &OrgId, grant: &Grant, codes: &CodeDigests) -> Result<(), Fault> {
    let binding = match grant.terms.binding {
        OrgBinding::Fixed(_) => "fixed",
        OrgBinding::ChosenAtApproval => "chosen",
    };
    each_engine!(conn, |c| diesel::insert_into(grants::table)
        .values((
            (
                grants::org_id.eq(org.as_str()),
                grants::id.eq(grant.id.uuid().as_bytes().as_slice()),
                grants::revision.eq(grant.revision),
                grants::flow.eq("device"),
                grants::state.eq("pending"),
                grants::application_id.eq(grant.application_id.uuid().as_bytes().as_slice()),
                grants::profile.eq(grant.terms.profile.as_str()),
                grants::binding.eq(binding),
                grants::backoff.eq(grant.terms.backoff.as_str()),
                grants::interval_ms.eq(column::millis(grant.terms.interval)),
            ),
            (
                grants::scopes.eq(grant.terms.scopes.to_string()),
                grants::resources.eq(grant.terms.resources.join(" ")),
                grants::code_challenge.eq(grant.terms.code_challenge.as_deref()),
                grants::user_code_format.eq(grant.terms.user_code_format.to_string()),
                grants::device_code_digest.eq(codes.device_code.bytes().as_slice()),
                grants::user_code_digest.eq(codes.user_code.bytes().as_slice()),
                grants::origin_address.eq(grant.origin.address.to_string()),
                grants::origin_program.eq(&grant.origin.program),
                grants::opened_at.eq(grant.opened_at.millis()),
                grants::expires_at.eq(grant.expires_at.millis()),
                grants::client_name.eq(grant.client_name.as_ref().map(ClientName::as_str)),
            ),
        ))
        .execute(c))
    .map(drop)
    .map_err(fault("insert grant"))
}

/// A grant.
///
/// # Errors
/// The database's.
pub fn by_id(conn: &mut Conn, org: &OrgId, grant: GrantId) -> Result<Option<Grant>, Fault> {
    each_engine!(conn, |c| grants::table
        .filter(grants::org_id.eq(org.as_str()))
        .filter(grants::id.eq(grant.uuid().as_bytes().as_slice()))
        .select(GrantRow::as_select())
        .get_result(c))
    .optional()
    .map_err(fault("grant by id"))?
    .map(GrantRow::into_model)
    .transpose()
}

/// Stores the state of a grant where its revision is still the one that the state was decided on. False where it is
/// not: decide again on what is stored.
///
/// # Errors
/// The database's.
pub fn advance(conn: &mut Conn, org: &OrgId, grant: &Grant) -> Result<bool, Fault> {
    each_engine!(conn, |c| Prepared(
        diesel::update(
            grants::table
                .filter(grants::org_id.eq(org.as_str()))
                .filter(grants::id.eq(grant.id.uuid().as_bytes().as_slice()))
                .filter(grants::revision.eq(grant.revision)),
        )
        .set(StateColumns::of(grant))
    )
    .execute(c))
    .map(|changed| changed == 1)
    .map_err(fault("advance grant"))
}

/// Lengthens the time between polls; never shortens it, and never waits for a decision: it is not part of the revision.
///
/// # Errors
/// The database's.
pub fn grow_interval(conn: &mut Conn, org: &OrgId, grant: GrantId, interval: Duration) -> Result<(), Fault> {
    let millis = column::millis(interval);
    each_engine!(conn, |c| Prepared(
        diesel::update(
            grants::table
                .filter(grants::org_id.eq(org.as_str()))
                .filter(grants::id.eq(grant.uuid().as_bytes().as_slice()))
                .filter(grants::interval_ms.lt(millis)),
        )
        .set(grants::interval_ms.eq(millis))
    )
    .execute(c))
    .map(drop)
    .map_err(fault("grow interval"))
}

/// The pending grants of an organization that are not over, newest first, with their applications.
///
/// # Errors
/// The database's.
pub fn live(conn: &mut Conn, org: &OrgId, now: Timestamp, most: i64) -> Result<Vec<(Grant, Application)>, Fault> {
    grants::table
        .inner_join(
            applications::table
                .on(applications::org_id.eq(grants::org_id).and(applications::id.eq(grants::application_id))),
        )
        .filter(grants::org_id.eq(org.as_str()))
        .filter(grants::state.eq("pending"))
        .filter(grants::expires_at.gt(now.millis()))
        .order(grants::id.desc())
        .limit(most)
        .select((GrantRow::as_select(), ApplicationRow::as_select()))
        .load::<(GrantRow, ApplicationRow)>(conn.engine())
        .map_err(fault("live grants"))?
        .into_iter()
        .map(|(grant, application)| Ok((grant.into_model()?, application.into_model()?)))
        .collect()
}

/// How many grants of an organization are not over. Counted by a job, not by requests.
///
/// # Errors
/// The database's.
pub fn count_live(conn: &mut Conn, now: Timestamp) -> Result<Vec<(OrgId, i64)>, Fault> {
    grants::table
        .filter(grants::expires_at.gt(now.millis()))
        .group_by(grants::org_id)
        .select((grants::org_id, diesel::dsl::count_star()))
        .load::<(String, i64)>(conn.engine())
        .map_err(fault("count live grants"))?
        .into_iter()
        .map(|(org, count)| Ok((column::org("grants.org_id", &org)?, count)))
        .collect()
}
