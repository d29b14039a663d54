//! Invitations into organizations.

use super::column;
use crate::conn::Conn;
use crate::faults::{fault, unless_taken};
use crate::schema::invitations;
use diesel::prelude::*;
use model::fault::Fault;
use model::id::{InvitationId, OrgId, UserId};
use model::invitation::{Invitation, InvitationState};
use model::org::Role;
use model::time::Timestamp;

#[derive(Queryable, Selectable, Insertable)]
#[diesel(table_name = invitations)]
struct InvitationRow {
    org_id: String,
    id: Vec<u8>,
    email: String,
    email_key: String,
    role: String,
    state: String,
    created_at: i64,
    sent_at: i64,
    expires_at: i64,
    invited_by: Option<Vec<u8>>,
}

impl InvitationRow {
    fn into_model(self) -> Result<Invitation, Fault> {
        Ok(Invitation {
            org_id: column::org("invitations.org_id", &self.org_id)?,
            id: InvitationId::from_uuid(column::uuid("invitations.id", &self.id)?),
            email: self.email,
            email_key: self.email_key,
            role: column::word("invitations.role", Role::parse(&self.role))?,
            state: column::word("invitations.state", InvitationState::parse(&self.state))?,
            created_at: column::time(self.created_at),
            sent_at: column::time(self.sent_at),
            expires_at: column::time(self.expires_at),
            invited_by: self.invited_by.as_deref().map(inviter).transpose()?,
        })
    }
}

fn inviter(id: &[u8]) -> Result<UserId, Fault> {
    Ok(UserId::from_uuid(column::uuid("invitations.invited_by", id)?))
}

/// Adds an invitation; false where the address has an open one already.
///
/// # Errors
/// The database's.
pub fn insert(conn: &mut Conn, org: &OrgId, invitation: &Invitation) -> Result<bool, Fault> {
    let row = InvitationRow {
        org_id: org.as_str().to_owned(),
        id: invitation.id.uuid().as_bytes().to_vec(),
        email: invitation.email.clone(),
        email_key: invitation.email_key.clone(),
        role: invitation.role.as_str().to_owned(),
        state: invitation.state.as_str().to_owned(),
        created_at: invitation.created_at.millis(),
        sent_at: invitation.sent_at.millis(),
        expires_at: invitation.expires_at.millis(),
        invited_by: invitation.invited_by.map(|user| user.uuid().as_bytes().to_vec()),
    };
    conn.savepoint(|conn| {
        let inserted = diesel::insert_into(invitations::table).values(&row).execute(conn.engine());
        Ok(unless_taken(inserted).map_err(fault("insert invitation"))?.is_some())
    })
}

/// The addresses that these invitations went to, of those that there still are.
///
/// # Errors
/// The database's.
pub fn addresses(conn: &mut Conn, org: &OrgId, ids: &[InvitationId]) -> Result<Vec<(InvitationId, String)>, Fault> {
    let ids: Vec<Vec<u8>> = ids.iter().map(|id| id.uuid().as_bytes().to_vec()).collect();
    invitations::table
        .filter(invitations::org_id.eq(org.as_str()))
        .filter(invitations::id.eq_any(ids))
        .select((invitations::id, invitations::email))
        .load::<(Vec<u8>, String)>(conn.engine())
        .map_err(fault("addresses of invitations"))?
        .into_iter()
        .map(|(id, email)| Ok((InvitationId::from_uuid(column::uuid("invitations.id", &id)?), email)))
        .collect()
}

/// An invitation of the organization.
///
/// # Errors
/// The database's.
pub fn by_id(conn: &mut Conn, org: &OrgId, invitation: InvitationId) -> Result<Option<Invitation>, Fault> {
    invitations::table
        .filter(invitations::org_id.eq(org.as_str()))
        .filter(invitations::id.eq(invitation.uuid().as_bytes().as_slice()))
        .select(InvitationRow::as_select())
        .get_result(conn.engine())
        .optional()
        .map_err(fault("invitation by id"))?
        .map(InvitationRow::into_model)
        .transpose()
}

/// The open invitation of an address.
///
/// # Errors
/// The database's.
pub fn open_of_address(conn: &mut Conn, org: &OrgId, email_key: &str) -> Result<Option<Invitation>, Fault> {
    invitations::table
        .filter(invitations::org_id.eq(org.as_str()))
        .filter(invitations::email_key.eq(email_key))
        .filter(invitations::state.eq(InvitationState::Open.as_str()))
        .select(InvitationRow::as_select())
        .get_result(conn.engine())
        .optional()
        .map_err(fault("invitation of address"))?
        .map(InvitationRow::into_model)
        .transpose()
}

/// The open invitations of the organization, those that have run out among them, by address.
///
/// # Errors
/// The database's.
pub fn open(conn: &mut Conn, org: &OrgId) -> Result<Vec<Invitation>, Fault> {
    invitations::table
        .filter(invitations::org_id.eq(org.as_str()))
        .filter(invitations::state.eq(InvitationState::Open.as_str()))
        .order(invitations::email_key)
        .select(InvitationRow::as_select())
        .load(conn.engine())
        .map_err(fault("open invitations"))?
        .into_iter()
        .map(InvitationRow::into_model)
        .collect()
}

/// Lengthens an open invitation, which somebody sends again; false where it is not open.
///
/// # Errors
/// The database's.
pub fn renew(
    conn: &mut Conn,
    org: &OrgId,
    invitation: InvitationId,
    (sent_at, expires_at): (Timestamp, Timestamp),
    by: UserId,
) -> Result<bool, Fault> {
    diesel::update(
        invitations::table
            .filter(invitations::org_id.eq(org.as_str()))
            .filter(invitations::id.eq(invitation.uuid().as_bytes().as_slice()))
            .filter(invitations::state.eq(InvitationState::Open.as_str())),
    )
    .set((
        invitations::sent_at.eq(sent_at.millis()),
        invitations::expires_at.eq(expires_at.millis()),
        invitations::invited_by.eq(by.uuid().as_bytes().to_vec()),
    ))
    .execute(conn.engine())
    .map(|changed| changed == 1)
    .map_err(fault("renew invitation"))
}

/// Ends an open invitation: revoked, or accepted before it runs out; false where it is not open, or too late. Of two who
/// come at once one ends it.
///
/// # Errors
/// The database's.
pub fn finish(
    conn: &mut Conn,
    org: &OrgId,
    invitation: InvitationId,
    state: InvitationState,
    now: Timestamp,
) -> Result<bool, Fault> {
    let alive_after = if state == InvitationState::Accepted { now.millis() } else { i64::MIN };
    diesel::update(
        invitations::table
            .filter(invitations::org_id.eq(org.as_str()))
            .filter(invitations::id.eq(invitation.uuid().as_bytes().as_slice()))
            .filter(invitations::state.eq(InvitationState::Open.as_str()))
            .filter(invitations::expires_at.gt(alive_after)),
    )
    .set(invitations::state.eq(state.as_str()))
    .execute(conn.engine())
    .map(|changed| changed == 1)
    .map_err(fault("finish invitation"))
}

/// Removes all invitations of an organization, whatever has become of them.
///
/// # Errors
/// The database's.
pub fn remove_all(conn: &mut Conn, org: &OrgId) -> Result<(), Fault> {
    diesel::delete(invitations::table.filter(invitations::org_id.eq(org.as_str())))
        .execute(conn.engine())
        .map(drop)
        .map_err(fault("remove invitations"))
}

/// Removes all invitations of an address, whatever has become of them.
///
/// # Errors
/// The database's.
pub fn remove_of_address(conn: &mut Conn, email_key: &str) -> Result<(), Fault> {
    diesel::delete(invitations::table.filter(invitations::email_key.eq(email_key)))
        .execute(conn.engine())
        .map(drop)
        .map_err(fault("remove invitations of an address"))
}
