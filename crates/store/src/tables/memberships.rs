//! Memberships.

use super::column;
use super::users::UserRow;
use crate::conn::{Conn, each_engine, held};
use crate::faults::fault;
use crate::schema::{memberships, organizations, users};
use diesel::prelude::*;
use model::fault::Fault;
use model::id::{OrgId, UserId};
use model::org::{FactorPolicy, Role};
use model::time::Timestamp;
use model::user::{Membership, User};
use std::collections::HashMap;

/// A user's places in all their organizations, living or not.
///
/// # Errors
/// The database's.
pub fn of_user(conn: &mut Conn, user: UserId) -> Result<HashMap<OrgId, Membership>, Fault> {
    memberships::table
        .inner_join(organizations::table.on(organizations::org_id.eq(memberships::org_id)))
        .filter(memberships::user_id.eq(user.uuid().as_bytes().as_slice()))
        .select((
            memberships::org_id,
            memberships::role,
            memberships::created_at,
            organizations::factor_required_since,
            organizations::factor_grace_ms,
        ))
        .load::<(String, String, i64, Option<i64>, i64)>(conn.engine())
        .map_err(fault("memberships of user"))?
        .into_iter()
        .map(|(org, role, joined, since, grace)| {
            let org = column::org("memberships.org_id", &org)?;
            Ok((org.clone(), into_model(org, user, (role, joined, since, grace))?))
        })
        .collect()
}

/// A user's place in an organization.
///
/// # Errors
/// The database's.
pub fn of(conn: &mut Conn, org: &OrgId, user: UserId) -> Result<Option<Membership>, Fault> {
    let found = memberships::table
        .inner_join(organizations::table.on(organizations::org_id.eq(memberships::org_id)))
        .filter(memberships::org_id.eq(org.as_str()))
        .filter(memberships::user_id.eq(user.uuid().as_bytes().as_slice()))
        .select((
            memberships::role,
            memberships::created_at,
            organizations::factor_required_since,
            organizations::factor_grace_ms,
        ))
        .get_result::<Place>(conn.engine())
        .optional()
        .map_err(fault("membership"))?;
    found.map(|found| into_model(org.clone(), user, found)).transpose()
}

/// Role, since when, and from when on and after how long the organization needs a second factor.
type Place = (String, i64, Option<i64>, i64);

fn into_model(org_id: OrgId, user_id: UserId, (role, joined_at, since, grace): Place) -> Result<Membership, Fault> {
    let policy = FactorPolicy {
        required_since: since.map(column::time),
        grace: column::span("organizations.factor_grace_ms", grace)?,
    };
    Ok(Membership {
        org_id,
        user_id,
        role: column::word("memberships.role", Role::parse(&role))?,
        factor_due: policy.due(column::time(joined_at)),
    })
}

/// Those of these users who are members.
///
/// # Errors
/// The database's.
pub fn among(conn: &mut Conn, org: &OrgId, users: &[UserId]) -> Result<Vec<UserId>, Fault> {
    let ids: Vec<Vec<u8>> = users.iter().map(|user| user.uuid().as_bytes().to_vec()).collect();
    memberships::table
        .filter(memberships::org_id.eq(org.as_str()))
        .filter(memberships::user_id.eq_any(ids))
        .select(memberships::user_id)
        .load::<Vec<u8>>(conn.engine())
        .map_err(fault("members among users"))?
        .iter()
        .map(|id| column::uuid("memberships.user_id", id).map(UserId::from_uuid))
        .collect()
}

/// The organizations that need a second factor of a user, with their names and from when on they do.
///
/// # Errors
/// The database's.
pub fn factors_due(conn: &mut Conn, user: UserId) -> Result<Vec<(OrgId, String, Timestamp)>, Fault> {
    let found = memberships::table
        .inner_join(organizations::table.on(organizations::org_id.eq(memberships::org_id)))
        .filter(memberships::user_id.eq(user.uuid().as_bytes().as_slice()))
        .filter(organizations::state.eq("active"))
        .filter(organizations::factor_required_since.is_not_null())
        .order(organizations::org_id)
        .select((
            organizations::org_id,
            organizations::name,
            memberships::created_at,
            organizations::factor_required_since,
            organizations::factor_grace_ms,
        ))
        .load::<(String, String, i64, Option<i64>, i64)>(conn.engine())
        .map_err(fault("second factors due"))?;
    let mut dues = Vec::new();
    for (org, name, joined_at, since, grace) in found {
        let policy = FactorPolicy {
            required_since: since.map(column::time),
            grace: column::span("organizations.factor_grace_ms", grace)?,
        };
        if let Some(due) = policy.due(column::time(joined_at)) {
            dues.push((column::org("organizations.org_id", &org)?, name, due));
        }
    }
    Ok(dues)
}

/// The role of a member whose membership does not end before the transaction does.
///
/// # Errors
/// The database's.
pub fn held(conn: &mut Conn, org: &OrgId, user: UserId) -> Result<Option<Role>, Fault> {
    let role: QueryResult<String> = held!(
        conn,
        memberships::table
            .filter(memberships::org_id.eq(org.as_str()))
            .filter(memberships::user_id.eq(user.uuid().as_bytes().as_slice()))
            .select(memberships::role),
        for_key_share,
        get_result
    );
    let role = role.optional().map_err(fault("hold membership"))?;
    role.map(|role| column::word("memberships.role", Role::parse(&role))).transpose()
}

/// Begins a membership or changes its role; false where it is so already.
///
/// # Errors
/// The database's.
pub fn put(conn: &mut Conn, org: &OrgId, user: UserId, role: Role, now: Timestamp) -> Result<bool, Fault> {
    use diesel::query_dsl::methods::FilterDsl as _;
    each_engine!(conn, |c| diesel::insert_into(memberships::table)
        .values((
            memberships::org_id.eq(org.as_str()),
            memberships::user_id.eq(user.uuid().as_bytes().as_slice()),
            memberships::role.eq(role.as_str()),
            memberships::created_at.eq(now.millis()),
        ))
        .on_conflict((memberships::org_id, memberships::user_id))
        .do_update()
        .set(memberships::role.eq(role.as_str()))
        .filter(memberships::role.ne(role.as_str()))
        .execute(c))
    .map(|changed| changed == 1)
    .map_err(fault("put membership"))
}

/// Ends all memberships of an organization.
///
/// # Errors
/// The database's.
pub fn remove_all(conn: &mut Conn, org: &OrgId) -> Result<(), Fault> {
    diesel::delete(memberships::table.filter(memberships::org_id.eq(org.as_str())))
        .execute(conn.engine())
        .map(drop)
        .map_err(fault("end memberships"))
}

/// Ends a membership; false where there was none.
///
/// # Errors
/// The database's.
pub fn remove(conn: &mut Conn, org: &OrgId, user: UserId) -> Result<bool, Fault> {
    diesel::delete(
        memberships::table
            .filter(memberships::org_id.eq(org.as_str()))
            .filter(memberships::user_id.eq(user.uuid().as_bytes().as_slice())),
    )
    .execute(conn.engine())
    .map(|changed| changed == 1)
    .map_err(fault("remove membership"))
}

/// The owners of an organization. Until the transaction ends nobody else removes one of them or changes their role: of
/// two who decide by this list at once, the second sees what the first has left.
///
/// # Errors
/// The database's.
pub fn held_owners(conn: &mut Conn, org: &OrgId) -> Result<Vec<UserId>, Fault> {
    // In one order, so that two never wait for each other.
    let owners: QueryResult<Vec<Vec<u8>>> = held!(
        conn,
        memberships::table
            .filter(memberships::org_id.eq(org.as_str()))
            .filter(memberships::role.eq(Role::Owner.as_str()))
            .order(memberships::user_id)
            .select(memberships::user_id),
        for_update,
        load
    );
    let user = |id: Vec<u8>| Ok(UserId::from_uuid(column::uuid("memberships.user_id", &id)?));
    owners.map_err(fault("hold owners"))?.into_iter().map(user).collect()
}

/// The owners of an organization, as they are now: see [`held_owners`] for a decision.
///
/// # Errors
/// The database's.
pub fn owners(conn: &mut Conn, org: &OrgId) -> Result<Vec<UserId>, Fault> {
    memberships::table
        .filter(memberships::org_id.eq(org.as_str()))
        .filter(memberships::role.eq(Role::Owner.as_str()))
        .select(memberships::user_id)
        .load::<Vec<u8>>(conn.engine())
        .map_err(fault("owners"))?
        .into_iter()
        .map(|id| Ok(UserId::from_uuid(column::uuid("memberships.user_id", &id)?)))
        .collect()
}

/// The members of an organization, by address.
///
/// # Errors
/// The database's.
pub fn all(conn: &mut Conn, org: &OrgId) -> Result<Vec<(User, Role)>, Fault> {
    memberships::table
        .inner_join(users::table.on(users::id.eq(memberships::user_id)))
        .filter(memberships::org_id.eq(org.as_str()))
        .order(users::email_key)
        .select((UserRow::as_select(), memberships::role))
        .load::<(UserRow, String)>(conn.engine())
        .map_err(fault("members"))?
        .into_iter()
        .map(|(row, role)| Ok((row.into_model()?, column::word("memberships.role", Role::parse(&role))?)))
        .collect()
}
