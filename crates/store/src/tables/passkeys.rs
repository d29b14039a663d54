//! Passkeys.

use super::column;
use crate::conn::Conn;
use crate::faults::{fault, unless_taken};
use crate::schema::passkeys;
use diesel::prelude::*;
use model::fault::Fault;
use model::id::{PasskeyId, UserId};
use model::time::Timestamp;

/// A passkey.
#[derive(Clone, Debug)]
pub struct PasskeyRow {
    /// What its owner's list names it by.
    pub id: PasskeyId,
    /// Whose.
    pub user_id: UserId,
    /// What its authenticator names it by.
    pub credential_id: Vec<u8>,
    /// What its owner calls it.
    pub name: String,
    /// The public key and what belongs to it, JSON.
    pub credential: String,
    /// How often it has signed, as far as its authenticator says.
    pub counter: i64,
    /// When it was registered.
    pub created_at: Timestamp,
    /// When it was last used.
    pub last_used_at: Option<Timestamp>,
}

type Columns = (Vec<u8>, Vec<u8>, Vec<u8>, String, String, i64, i64, Option<i64>);

const COLUMNS: (
    passkeys::id,
    passkeys::user_id,
    passkeys::credential_id,
    passkeys::name,
    passkeys::credential,
    passkeys::counter,
    passkeys::created_at,
    passkeys::last_used_at,
) = (
    passkeys::id,
    passkeys::user_id,
    passkeys::credential_id,
    passkeys::name,
    passkeys::credential,
    passkeys::counter,
    passkeys::created_at,
    passkeys::last_used_at,
);

fn row((id, user, credential_id, name, credential, counter, created, used): Columns) -> Result<PasskeyRow, Fault> {
    Ok(PasskeyRow {
        id: PasskeyId::from_uuid(column::uuid("passkeys.id", &id)?),
        user_id: UserId::from_uuid(column::uuid("passkeys.user_id", &user)?),
        credential_id,
        name,
        credential,
        counter,
        created_at: column::time(created),
        last_used_at: used.map(column::time),
    })
}

/// Adds a passkey; false where the credential has been registered already, by whomever.
///
/// # Errors
/// The database's.
pub fn insert(conn: &mut Conn, passkey: &PasskeyRow) -> Result<bool, Fault> {
    conn.savepoint(|conn| {
        let inserted = diesel::insert_into(passkeys::table)
            .values((
                passkeys::id.eq(passkey.id.uuid().as_bytes().as_slice()),
                passkeys::user_id.eq(passkey.user_id.uuid().as_bytes().as_slice()),
                passkeys::credential_id.eq(passkey.credential_id.as_slice()),
                passkeys::name.eq(&passkey.name),
                passkeys::credential.eq(&passkey.credential),
                passkeys::counter.eq(passkey.counter),
                passkeys::created_at.eq(passkey.created_at.millis()),
                passkeys::last_used_at.eq(passkey.last_used_at.map(Timestamp::millis)),
            ))
            .execute(conn.engine());
        Ok(unless_taken(inserted).map_err(fault("insert passkey"))?.is_some())
    })
}

/// A user's passkeys, the oldest first.
///
/// # Errors
/// The database's.
pub fn of_user(conn: &mut Conn, user: UserId) -> Result<Vec<PasskeyRow>, Fault> {
    passkeys::table
        .filter(passkeys::user_id.eq(user.uuid().as_bytes().as_slice()))
        .order((passkeys::created_at, passkeys::id))
        .select(COLUMNS)
        .load::<Columns>(conn.engine())
        .map_err(fault("passkeys of user"))?
        .into_iter()
        .map(row)
        .collect()
}

/// The passkey that an authenticator names so.
///
/// # Errors
/// The database's.
pub fn by_credential(conn: &mut Conn, credential_id: &[u8]) -> Result<Option<PasskeyRow>, Fault> {
    passkeys::table
        .filter(passkeys::credential_id.eq(credential_id))
        .select(COLUMNS)
        .get_result::<Columns>(conn.engine())
        .optional()
        .map_err(fault("passkey by credential"))?
        .map(row)
        .transpose()
}

/// Notes a use, with the credential as it is after it; false where the passkey is gone or was used meanwhile.
///
/// # Errors
/// The database's.
pub fn used(conn: &mut Conn, before: &PasskeyRow, after: (&str, i64), now: Timestamp) -> Result<bool, Fault> {
    let (credential, counter) = after;
    diesel::update(
        passkeys::table
            .filter(passkeys::id.eq(before.id.uuid().as_bytes().as_slice()))
            .filter(passkeys::counter.eq(before.counter)),
    )
    .set((passkeys::credential.eq(credential), passkeys::counter.eq(counter), passkeys::last_used_at.eq(now.millis())))
    .execute(conn.engine())
    .map(|used| used == 1)
    .map_err(fault("note use of passkey"))
}

/// Gives a user's passkey another name; false where they have no such passkey.
///
/// # Errors
/// The database's.
pub fn rename(conn: &mut Conn, user: UserId, passkey: PasskeyId, name: &str) -> Result<bool, Fault> {
    diesel::update(
        passkeys::table
            .filter(passkeys::user_id.eq(user.uuid().as_bytes().as_slice()))
            .filter(passkeys::id.eq(passkey.uuid().as_bytes().as_slice())),
    )
    .set(passkeys::name.eq(name))
    .execute(conn.engine())
    .map(|renamed| renamed == 1)
    .map_err(fault("rename passkey"))
}

/// Removes a user's passkey; gives its name, or nothing where they have no such passkey.
///
/// # Errors
/// The database's.
pub fn remove(conn: &mut Conn, user: UserId, passkey: PasskeyId) -> Result<Option<String>, Fault> {
    let found = of_user(conn, user)?.into_iter().find(|row| row.id == passkey);
    let Some(found) = found else { return Ok(None) };
    let removed = diesel::delete(passkeys::table.filter(passkeys::id.eq(passkey.uuid().as_bytes().as_slice())))
        .execute(conn.engine())
        .map_err(fault("remove passkey"))?;
    Ok((removed == 1).then_some(found.name))
}

/// Removes every one of a user.
///
/// # Errors
/// The database's.
pub fn remove_of_user(conn: &mut Conn, user: UserId) -> Result<(), Fault> {
    diesel::delete(passkeys::table.filter(passkeys::user_id.eq(user.uuid().as_bytes().as_slice())))
        .execute(conn.engine())
        .map(drop)
        .map_err(fault("remove passkeys of user"))
}
