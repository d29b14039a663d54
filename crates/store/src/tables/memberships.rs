//! Memberships.

use super::column;
use super::users::UserRow;
use crate::conn::{Conn, each_engine, held};
use crate::faults::fault;
use crate::schema::{memberships, users};
use diesel::prelude::*;
use model::fault::Fault;
use model::id::{OrgId, UserId};
use model::org::Role;
use model::time::Timestamp;
use model::user::{Membership, User};

/// A user's place in an organization.
///
/// # Errors
/// The database's.
pub fn of(conn: &mut Conn, org: &OrgId, user: UserId) -> Result<Option<Membership>, Fault> {
    let role = memberships::table
        .filter(memberships::org_id.eq(org.as_str()))
        .filter(memberships::user_id.eq(user.uuid().as_bytes().as_slice()))
        .select(memberships::role)
        .get_result::<String>(conn.engine())
        .optional()
        .map_err(fault("membership"))?;
    role.map(|role| membership(org, user, &role)).transpose()
}

/// As [`of`], and the membership does not end before the transaction does.
///
/// # Errors
/// The database's.
pub fn held(conn: &mut Conn, org: &OrgId, user: UserId) -> Result<Option<Membership>, Fault> {
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
    role.map(|role| membership(org, user, &role)).transpose()
}

fn membership(org: &OrgId, user: UserId, role: &str) -> Result<Membership, Fault> {
    let role = column::word("memberships.role", Role::parse(role))?;
    Ok(Membership { org_id: org.clone(), user_id: user, role })
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
