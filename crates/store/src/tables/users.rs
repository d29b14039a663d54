//! Users, with their password's hash kept apart from what the rest of the house sees.

use super::column;
use crate::conn::{Conn, held};
use crate::faults::{fault, unless_taken};
use crate::schema::users;
use diesel::prelude::*;
use model::fault::Fault;
use model::id::UserId;
use model::language::Language;
use model::secret::Secret;
use model::time::Timestamp;
use model::user::{User, UserState};

#[derive(Queryable, Selectable)]
#[diesel(table_name = users)]
pub(super) struct UserRow {
    id: Vec<u8>,
    email: String,
    name: String,
    email_verified_at: Option<i64>,
    state: String,
    credentials_changed_at: i64,
    language: Option<String>,
}

impl UserRow {
    pub(super) fn into_model(self) -> Result<User, Fault> {
        Ok(User {
            id: UserId::from_uuid(column::uuid("users.id", &self.id)?),
            email: self.email,
            name: self.name,
            email_verified_at: self.email_verified_at.map(column::time),
            state: column::word("users.state", UserState::parse(&self.state))?,
            credentials_changed_at: column::time(self.credentials_changed_at),
            // One that this version does not speak is passed over, as where none was chosen.
            language: self.language.as_deref().and_then(Language::parse),
        })
    }
}

/// Adds a user; false where the address has an account already.
///
/// # Errors
/// The database's.
pub fn insert(conn: &mut Conn, user: &User, email_key: &str, created_at: Timestamp) -> Result<bool, Fault> {
    conn.savepoint(|conn| {
        let inserted = diesel::insert_into(users::table)
            .values((
                users::id.eq(user.id.uuid().as_bytes().as_slice()),
                users::email.eq(&user.email),
                users::email_key.eq(email_key),
                users::name.eq(&user.name),
                users::email_verified_at.eq(user.email_verified_at.map(Timestamp::millis)),
                users::state.eq(user.state.as_str()),
                users::credentials_changed_at.eq(user.credentials_changed_at.millis()),
                users::language.eq(user.language.map(Language::tag)),
                users::created_at.eq(created_at.millis()),
            ))
            .execute(conn.engine());
        Ok(unless_taken(inserted).map_err(fault("insert user"))?.is_some())
    })
}

/// A user.
///
/// # Errors
/// The database's.
pub fn by_id(conn: &mut Conn, user: UserId) -> Result<Option<User>, Fault> {
    users::table
        .filter(users::id.eq(user.uuid().as_bytes().as_slice()))
        .select(UserRow::as_select())
        .get_result(conn.engine())
        .optional()
        .map_err(fault("user by id"))?
        .map(UserRow::into_model)
        .transpose()
}

/// Those of these users that there are.
///
/// # Errors
/// The database's.
pub fn by_ids(conn: &mut Conn, users: &[UserId]) -> Result<Vec<User>, Fault> {
    let ids: Vec<Vec<u8>> = users.iter().map(|user| user.uuid().as_bytes().to_vec()).collect();
    users::table
        .filter(users::id.eq_any(ids))
        .select(UserRow::as_select())
        .load(conn.engine())
        .map_err(fault("users by ids"))?
        .into_iter()
        .map(UserRow::into_model)
        .collect()
}

/// A user who stays as they are until the transaction ends: nobody switches them off or changes their credentials
/// before what is decided on them is stored.
///
/// # Errors
/// The database's.
pub fn held(conn: &mut Conn, user: UserId) -> Result<Option<User>, Fault> {
    let found: QueryResult<UserRow> = held!(
        conn,
        users::table.filter(users::id.eq(user.uuid().as_bytes().as_slice())).select(UserRow::as_select()),
        for_share,
        get_result
    );
    found.optional().map_err(fault("hold user"))?.map(UserRow::into_model).transpose()
}

/// A user whom nobody else changes or holds until the transaction ends.
///
/// # Errors
/// The database's.
pub fn held_to_change(conn: &mut Conn, user: UserId) -> Result<Option<User>, Fault> {
    let found: QueryResult<UserRow> = held!(
        conn,
        users::table.filter(users::id.eq(user.uuid().as_bytes().as_slice())).select(UserRow::as_select()),
        for_no_key_update,
        get_result
    );
    found.optional().map_err(fault("hold user to change"))?.map(UserRow::into_model).transpose()
}

/// As [`by_email`], held as by [`held_to_change`].
///
/// # Errors
/// The database's.
pub fn held_to_change_by_email(conn: &mut Conn, email_key: &str) -> Result<Option<(User, Option<Secret>)>, Fault> {
    let found: QueryResult<(UserRow, Option<String>)> = held!(
        conn,
        users::table.filter(users::email_key.eq(email_key)).select((UserRow::as_select(), users::password_hash)),
        for_no_key_update,
        get_result
    );
    let found = found.optional().map_err(fault("hold user by address"))?;
    found.map(|(row, hash)| Ok((row.into_model()?, hash.map(Secret::new)))).transpose()
}

/// A user by address, with the password's hash.
///
/// # Errors
/// The database's.
pub fn by_email(conn: &mut Conn, email_key: &str) -> Result<Option<(User, Option<Secret>)>, Fault> {
    let found = users::table
        .filter(users::email_key.eq(email_key))
        .select((UserRow::as_select(), users::password_hash))
        .get_result::<(UserRow, Option<String>)>(conn.engine())
        .optional()
        .map_err(fault("user by address"))?;
    found.map(|(row, hash)| Ok((row.into_model()?, hash.map(Secret::new)))).transpose()
}

/// The hash of a user's password; nothing where there is none.
///
/// # Errors
/// The database's.
pub fn password_hash(conn: &mut Conn, user: UserId) -> Result<Option<Secret>, Fault> {
    users::table
        .filter(users::id.eq(user.uuid().as_bytes().as_slice()))
        .select(users::password_hash)
        .get_result::<Option<String>>(conn.engine())
        .optional()
        .map(|found| found.flatten().map(Secret::new))
        .map_err(fault("password of user"))
}

/// All users who have not deleted their accounts, by address.
///
/// # Errors
/// The database's.
pub fn all(conn: &mut Conn) -> Result<Vec<User>, Fault> {
    users::table
        .filter(users::deleted_at.is_null())
        .order(users::email_key)
        .select(UserRow::as_select())
        .load(conn.engine())
        .map_err(fault("all users"))?
        .into_iter()
        .map(UserRow::into_model)
        .collect()
}

/// Sets the password's hash.
///
/// # Errors
/// The database's.
pub fn set_password(conn: &mut Conn, user: UserId, hash: &Secret) -> Result<(), Fault> {
    diesel::update(users::table.filter(users::id.eq(user.uuid().as_bytes().as_slice())))
        .set(users::password_hash.eq(hash.expose()))
        .execute(conn.engine())
        .map(drop)
        .map_err(fault("set password"))
}

/// Sets what people call the user.
///
/// # Errors
/// The database's.
pub fn set_name(conn: &mut Conn, user: UserId, name: &str) -> Result<(), Fault> {
    diesel::update(users::table.filter(users::id.eq(user.uuid().as_bytes().as_slice())))
        .set(users::name.eq(name))
        .execute(conn.engine())
        .map(drop)
        .map_err(fault("set name"))
}

/// Gives the user another address, which is proven; false where it has an account already.
///
/// # Errors
/// The database's.
pub fn set_email(conn: &mut Conn, user: UserId, (email, key): (&str, &str), now: Timestamp) -> Result<bool, Fault> {
    conn.savepoint(|conn| {
        let changed = diesel::update(users::table.filter(users::id.eq(user.uuid().as_bytes().as_slice())))
            .set((users::email.eq(email), users::email_key.eq(key), users::email_verified_at.eq(now.millis())))
            .execute(conn.engine());
        Ok(unless_taken(changed).map_err(fault("set address"))?.is_some())
    })
}

/// Takes out of a user's row what says who they are and what lets them in; it stays switched off, for what refers to it.
/// Its address is free for another account.
///
/// # Errors
/// The database's.
pub fn erase(conn: &mut Conn, user: UserId, now: Timestamp) -> Result<(), Fault> {
    diesel::update(users::table.filter(users::id.eq(user.uuid().as_bytes().as_slice())))
        .set((
            users::email.eq(""),
            // No address is like this, so that none finds it.
            users::email_key.eq(format!("deleted {user}")),
            users::name.eq(""),
            users::password_hash.eq(None::<String>),
            users::email_verified_at.eq(None::<i64>),
            users::language.eq(None::<String>),
            users::state.eq(UserState::Disabled.as_str()),
            users::deleted_at.eq(now.millis()),
        ))
        .execute(conn.engine())
        .map(drop)
        .map_err(fault("erase user"))
}

/// Sets the language that the user has chosen; none where their browser is to say it.
///
/// # Errors
/// The database's.
pub fn set_language(conn: &mut Conn, user: UserId, language: Option<Language>) -> Result<(), Fault> {
    diesel::update(users::table.filter(users::id.eq(user.uuid().as_bytes().as_slice())))
        .set(users::language.eq(language.map(Language::tag)))
        .execute(conn.engine())
        .map(drop)
        .map_err(fault("set language"))
}

/// Notes when the credentials changed. Only for a user that is [`held_to_change`].
///
/// # Errors
/// The database's.
pub fn set_credentials_changed_at(conn: &mut Conn, user: UserId, at: Timestamp) -> Result<(), Fault> {
    diesel::update(users::table.filter(users::id.eq(user.uuid().as_bytes().as_slice())))
        .set(users::credentials_changed_at.eq(at.millis()))
        .execute(conn.engine())
        .map(drop)
        .map_err(fault("set time of credentials"))
}

/// Notes that the address was proven to be the user's, where it never was.
///
/// # Errors
/// The database's.
pub fn note_verified(conn: &mut Conn, user: UserId, now: Timestamp) -> Result<(), Fault> {
    diesel::update(
        users::table.filter(users::id.eq(user.uuid().as_bytes().as_slice())).filter(users::email_verified_at.is_null()),
    )
    .set(users::email_verified_at.eq(now.millis()))
    .execute(conn.engine())
    .map(drop)
    .map_err(fault("note verified address"))
}

/// When the user first had a known device. Only for a user that is held to be changed.
///
/// # Errors
/// The database's.
pub fn first_known_device_at(conn: &mut Conn, user: UserId) -> Result<Option<Timestamp>, Fault> {
    users::table
        .filter(users::id.eq(user.uuid().as_bytes().as_slice()))
        .select(users::first_known_device_at)
        .get_result::<Option<i64>>(conn.engine())
        .map(|at| at.map(column::time))
        .map_err(fault("first known device"))
}

/// Notes that the user has a known device, where none was ever noted. Only for a user that is held to be changed.
///
/// # Errors
/// The database's.
pub fn note_known_device(conn: &mut Conn, user: UserId, now: Timestamp) -> Result<(), Fault> {
    diesel::update(
        users::table
            .filter(users::id.eq(user.uuid().as_bytes().as_slice()))
            .filter(users::first_known_device_at.is_null()),
    )
    .set(users::first_known_device_at.eq(now.millis()))
    .execute(conn.engine())
    .map(drop)
    .map_err(fault("note known device"))
}

/// Switches a user on or off; false where it was so already.
///
/// # Errors
/// The database's.
pub fn set_state(conn: &mut Conn, user: UserId, state: UserState) -> Result<bool, Fault> {
    diesel::update(
        users::table.filter(users::id.eq(user.uuid().as_bytes().as_slice())).filter(users::state.ne(state.as_str())),
    )
    .set(users::state.eq(state.as_str()))
    .execute(conn.engine())
    .map(|changed| changed == 1)
    .map_err(fault("set user's state"))
}
