//! Addresses that people want for their accounts, and have not proven yet.

use super::column;
use crate::conn::Conn;
use crate::faults::fault;
use crate::schema::email_changes;
use diesel::prelude::*;
use model::email_change::EmailChange;
use model::fault::Fault;
use model::id::{MailLinkId, UserId};

#[derive(Queryable, Selectable)]
#[diesel(table_name = email_changes)]
struct EmailChangeRow {
    id: Vec<u8>,
    user_id: Vec<u8>,
    email: String,
    credentials_changed_at: i64,
    expires_at: i64,
}

impl EmailChangeRow {
    fn into_model(self) -> Result<EmailChange, Fault> {
        Ok(EmailChange {
            id: MailLinkId::from_uuid(column::uuid("email_changes.id", &self.id)?),
            user_id: UserId::from_uuid(column::uuid("email_changes.user_id", &self.user_id)?),
            email: self.email,
            credentials_changed_at: column::time(self.credentials_changed_at),
            expires_at: column::time(self.expires_at),
        })
    }
}

/// Stores what a user asks for in place of what they had asked for. Only for a user that is held to be changed.
///
/// # Errors
/// The database's.
pub fn put(conn: &mut Conn, change: &EmailChange) -> Result<(), Fault> {
    remove(conn, change.user_id)?;
    diesel::insert_into(email_changes::table)
        .values((
            email_changes::id.eq(change.id.uuid().as_bytes().as_slice()),
            email_changes::user_id.eq(change.user_id.uuid().as_bytes().as_slice()),
            email_changes::email.eq(&change.email),
            email_changes::credentials_changed_at.eq(change.credentials_changed_at.millis()),
            email_changes::expires_at.eq(change.expires_at.millis()),
        ))
        .execute(conn.engine())
        .map(drop)
        .map_err(fault("insert change of address"))
}

/// What a user has asked for.
///
/// # Errors
/// The database's.
pub fn of_user(conn: &mut Conn, user: UserId) -> Result<Option<EmailChange>, Fault> {
    email_changes::table
        .filter(email_changes::user_id.eq(user.uuid().as_bytes().as_slice()))
        .select(EmailChangeRow::as_select())
        .get_result(conn.engine())
        .optional()
        .map_err(fault("change of address"))?
        .map(EmailChangeRow::into_model)
        .transpose()
}

/// Forgets what a user has asked for; false where they had asked for nothing.
///
/// # Errors
/// The database's.
pub fn remove(conn: &mut Conn, user: UserId) -> Result<bool, Fault> {
    diesel::delete(email_changes::table.filter(email_changes::user_id.eq(user.uuid().as_bytes().as_slice())))
        .execute(conn.engine())
        .map(|removed| removed == 1)
        .map_err(fault("remove change of address"))
}
