//! Grants that are approved and that no client has collected: a yes that can still be taken back.

use super::applications::ApplicationRow;
use super::column;
use super::grants::GrantRow;
use super::organizations::OrganizationRow;
use crate::conn::{Conn, each_engine};
use crate::faults::fault;
use crate::schema::{applications, grants, organizations};
use diesel::prelude::*;
use diesel::sql_types::{Bool, Nullable};
use model::application::Application;
use model::fault::Fault;
use model::grant::Grant;
use model::id::{ApplicationId, GrantId, OrgId, UserId};
use model::org::Organization;
use model::time::Timestamp;

/// What a yes that was taken back is: a no.
macro_rules! withdrawal {
    ($now:expr) => {
        (
            grants::revision.eq(grants::revision + 1),
            grants::state.eq("denied"),
            grants::decided_at.eq($now.millis()),
            grants::granted_org_id.eq(None::<String>),
            grants::granted_scopes.eq(None::<String>),
            grants::auth_time.eq(None::<i64>),
        )
    };
}

/// Turns every yes of a user that no client has collected into a no, whichever organization it is in or in `org` alone;
/// gives which they were, each with the organization that it was for: what was said with credentials or as a member must not
/// outlive them.
///
/// # Errors
/// The database's.
pub fn withdraw_all(
    conn: &mut Conn,
    user: UserId,
    org: Option<&OrgId>,
    now: Timestamp,
) -> Result<Vec<(OrgId, GrantId)>, Fault> {
    let any = org.is_none();
    let theirs = || {
        grants::table
            .filter(grants::decided_by.eq(user.uuid().as_bytes().to_vec()))
            .filter(grants::state.eq("approved"))
            .filter(grants::expires_at.gt(now.millis()))
            .filter(grants::granted_org_id.eq(org.map(OrgId::as_str)).or(any.into_sql::<Nullable<Bool>>()))
    };
    // Before, as a no is for no organization.
    let approved = theirs()
        .select((grants::granted_org_id.assume_not_null(), grants::id))
        .load::<(String, Vec<u8>)>(conn.engine())
        .map_err(fault("approvals to withdraw"))?;
    let withdrawn: QueryResult<Vec<Vec<u8>>> =
        each_engine!(conn, |c| diesel::update(theirs()).set(withdrawal!(now)).returning(grants::id).get_results(c));
    let withdrawn = withdrawn.map_err(fault("withdraw approvals"))?;
    let grant = |(granted, id): (String, Vec<u8>)| {
        Ok((column::org("grants.granted_org_id", &granted)?, GrantId::from_uuid(column::uuid("grants.id", &id)?)))
    };
    approved.into_iter().filter(|(_, id)| withdrawn.contains(id)).map(grant).collect()
}

/// The same of what an application may have in one organization; gives which they were.
///
/// # Errors
/// The database's.
pub fn withdraw_of(
    conn: &mut Conn,
    granted: &OrgId,
    (user, application): (UserId, ApplicationId),
    now: Timestamp,
) -> Result<Vec<GrantId>, Fault> {
    let these = || {
        grants::table
            .filter(grants::application_id.eq(application.uuid().as_bytes().to_vec()))
            .filter(grants::granted_org_id.eq(granted.as_str()))
            .filter(grants::decided_by.eq(user.uuid().as_bytes().to_vec()))
            .filter(grants::state.eq("approved"))
            .filter(grants::expires_at.gt(now.millis()))
    };
    let withdrawn: QueryResult<Vec<Vec<u8>>> =
        each_engine!(conn, |c| diesel::update(these()).set(withdrawal!(now)).returning(grants::id).get_results(c));
    let grant = |id: Vec<u8>| Ok(GrantId::from_uuid(column::uuid("grants.id", &id)?));
    withdrawn.map_err(fault("withdraw approvals of application"))?.into_iter().map(grant).collect()
}

/// What a user has approved and no client has collected, the newest first, with the application and the organization that it
/// is for.
///
/// # Errors
/// The database's.
pub fn of_user(
    conn: &mut Conn,
    user: UserId,
    now: Timestamp,
) -> Result<Vec<(Grant, Application, Organization)>, Fault> {
    grants::table
        .inner_join(
            applications::table
                .on(applications::org_id.eq(grants::org_id).and(applications::id.eq(grants::application_id))),
        )
        .inner_join(organizations::table.on(organizations::org_id.nullable().eq(grants::granted_org_id)))
        .filter(grants::decided_by.eq(user.uuid().as_bytes().to_vec()))
        .filter(grants::state.eq("approved"))
        .filter(grants::expires_at.gt(now.millis()))
        .order(grants::id.desc())
        .select((GrantRow::as_select(), ApplicationRow::as_select(), OrganizationRow::as_select()))
        .load::<(GrantRow, ApplicationRow, OrganizationRow)>(conn.engine())
        .map_err(fault("approved grants"))?
        .into_iter()
        .map(|(grant, application, organization)| {
            Ok((grant.into_model()?, application.into_model()?, organization.into_model()?))
        })
        .collect()
}
