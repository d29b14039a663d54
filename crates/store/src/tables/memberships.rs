//! Memberships.

use super::column;
use super::users::UserRow;
use crate::conn::Conn;
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
    let membership = |role: String| {
        let role = column::word("memberships.role", Role::parse(&role))?;
        Ok(Membership { org_id: org.clone(), user_id: user, role })
    };
    role.map(membership).transpose()
}

/// Begins a membership or changes its role; false where it is so already.
///
/// # Errors
/// The database's.
pub fn put(conn: &mut Conn, org: &OrgId, user: UserId, role: Role, now: Timestamp) -> Result<bool, Fault> {
    match of(conn, org, user)? {
        Some(membership) if membership.role == role => Ok(false),
        Some(_) => diesel::update(
            memberships::table
                .filter(memberships::org_id.eq(org.as_str()))
                .filter(memberships::user_id.eq(user.uuid().as_bytes().as_slice())),
        )
        .set(memberships::role.eq(role.as_str()))
        .execute(conn.engine())
        .map(|changed| changed == 1)
        .map_err(fault("change membership")),
        None => diesel::insert_into(memberships::table)
            .values((
                memberships::org_id.eq(org.as_str()),
                memberships::user_id.eq(user.uuid().as_bytes().as_slice()),
                memberships::role.eq(role.as_str()),
                memberships::created_at.eq(now.millis()),
            ))
            .execute(conn.engine())
            .map(|changed| changed == 1)
            .map_err(fault("insert membership")),
    }
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

/// How many owners an organization has.
///
/// # Errors
/// The database's.
pub fn owners(conn: &mut Conn, org: &OrgId) -> Result<i64, Fault> {
    memberships::table
        .filter(memberships::org_id.eq(org.as_str()))
        .filter(memberships::role.eq(Role::Owner.as_str()))
        .count()
        .get_result(conn.engine())
        .map_err(fault("count owners"))
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
