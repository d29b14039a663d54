//! Sign-ins that wait for a letter's answer.

use super::column;
use super::users::UserRow;
use crate::conn::{Conn, held};
use crate::faults::fault;
use crate::schema::{login_attempts, users};
use diesel::prelude::*;
use model::context::Origin;
use model::fault::Fault;
use model::id::{IdentityId, KnownDeviceId, LoginAttemptId, OrgId, UserId};
use model::login_attempt::{AttemptState, Letters, LoginAttempt, Onward};
use model::secret::Digest;
use model::time::Timestamp;
use model::user::User;

#[derive(Queryable, Selectable)]
#[diesel(table_name = login_attempts)]
struct AttemptRow {
    id: Vec<u8>,
    user_id: Vec<u8>,
    browser: Vec<u8>,
    known_device_id: Option<Vec<u8>>,
    state: String,
    wrong_numbers: i32,
    decided_at: Option<i64>,
    address: String,
    program: String,
    next: String,
    remember: bool,
    credentials_changed_at: i64,
    letters: i32,
    letter_at: i64,
    created_at: i64,
    only_org: Option<String>,
    identity_id: Option<Vec<u8>>,
}

impl AttemptRow {
    fn into_model(self) -> Result<LoginAttempt, Fault> {
        let impossible = || column::broken("login_attempts.state");
        let at = self.decided_at.map(column::time);
        let state = match (self.state.as_str(), at) {
            ("pending", None) => AttemptState::Pending { wrong_numbers: self.wrong_numbers },
            ("approved", Some(at)) => AttemptState::Approved { at },
            ("denied", Some(at)) => AttemptState::Denied { at },
            ("ended", Some(at)) => AttemptState::Ended { at },
            ("completed", Some(at)) => AttemptState::Completed { at },
            _ => return Err(impossible()),
        };
        let known = self.known_device_id.map(|id| column::uuid("login_attempts.known_device_id", &id)).transpose()?;
        let address = column::address("login_attempts.address", &self.address)?;
        Ok(LoginAttempt {
            id: LoginAttemptId::from_uuid(column::uuid("login_attempts.id", &self.id)?),
            user_id: UserId::from_uuid(column::uuid("login_attempts.user_id", &self.user_id)?),
            browser: column::digest("login_attempts.browser", &self.browser)?,
            known_device: known.map(KnownDeviceId::from_uuid),
            origin: Origin::new(address, &self.program),
            onward: Onward { next: self.next, remember: self.remember },
            entrance: column::entrance(("login_attempts.identity_id", self.identity_id), self.only_org.as_deref())?,
            credentials_changed_at: column::time(self.credentials_changed_at),
            created_at: column::time(self.created_at),
            letters: Letters { count: self.letters, last_at: column::time(self.letter_at) },
            state,
        })
    }
}

/// Begins to wait.
///
/// # Errors
/// The database's.
pub fn insert(conn: &mut Conn, attempt: &LoginAttempt, cookie: &Digest) -> Result<(), Fault> {
    diesel::insert_into(login_attempts::table)
        .values((
            login_attempts::id.eq(attempt.id.uuid().as_bytes().as_slice()),
            login_attempts::user_id.eq(attempt.user_id.uuid().as_bytes().as_slice()),
            login_attempts::browser.eq(attempt.browser.bytes().as_slice()),
            login_attempts::digest.eq(cookie.bytes().as_slice()),
            login_attempts::known_device_id.eq(attempt.known_device.map(|id| id.uuid().as_bytes().to_vec())),
            login_attempts::state.eq(attempt.state.as_str()),
            login_attempts::wrong_numbers.eq(0),
            login_attempts::address.eq(attempt.origin.address.to_string()),
            login_attempts::program.eq(&attempt.origin.program),
            login_attempts::next.eq(&attempt.onward.next),
            login_attempts::remember.eq(attempt.onward.remember),
            login_attempts::credentials_changed_at.eq(attempt.credentials_changed_at.millis()),
            login_attempts::letters.eq(attempt.letters.count),
            login_attempts::letter_at.eq(attempt.letters.last_at.millis()),
            login_attempts::created_at.eq(attempt.created_at.millis()),
            login_attempts::expires_at.eq(attempt.expires_at().millis()),
            login_attempts::only_org.eq(attempt.entrance.reach().only().map(OrgId::as_str)),
            login_attempts::identity_id.eq(attempt.entrance.identity().map(|id| id.uuid().as_bytes().to_vec())),
        ))
        .execute(conn.engine())
        .map(drop)
        .map_err(fault("insert login attempt"))
}

/// The attempts of a user that can still become a session, the oldest first. Only for a user that is held to be
/// changed: nobody begins another before what is decided on these is stored.
///
/// # Errors
/// The database's.
pub fn open_of_user(conn: &mut Conn, user: UserId, now: Timestamp) -> Result<Vec<LoginAttempt>, Fault> {
    login_attempts::table
        .filter(login_attempts::user_id.eq(user.uuid().as_bytes().as_slice()))
        .filter(login_attempts::state.eq_any(["pending", "approved"]))
        .filter(login_attempts::expires_at.gt(now.millis()))
        .order(login_attempts::id)
        .select(AttemptRow::as_select())
        .load(conn.engine())
        .map_err(fault("open login attempts"))?
        .into_iter()
        .map(AttemptRow::into_model)
        .collect()
}

/// The attempt with this cookie, and its account.
///
/// # Errors
/// The database's.
pub fn by_cookie(conn: &mut Conn, cookie: &Digest) -> Result<Option<(LoginAttempt, User)>, Fault> {
    login_attempts::table
        .inner_join(users::table.on(users::id.eq(login_attempts::user_id)))
        .filter(login_attempts::digest.eq(cookie.bytes().as_slice()))
        .select((AttemptRow::as_select(), UserRow::as_select()))
        .get_result::<(AttemptRow, UserRow)>(conn.engine())
        .optional()
        .map_err(fault("login attempt by cookie"))?
        .map(|(attempt, user)| Ok((attempt.into_model()?, user.into_model()?)))
        .transpose()
}

/// An attempt.
///
/// # Errors
/// The database's.
pub fn by_id(conn: &mut Conn, attempt: LoginAttemptId) -> Result<Option<LoginAttempt>, Fault> {
    login_attempts::table
        .filter(login_attempts::id.eq(attempt.uuid().as_bytes().as_slice()))
        .select(AttemptRow::as_select())
        .get_result(conn.engine())
        .optional()
        .map_err(fault("login attempt"))?
        .map(AttemptRow::into_model)
        .transpose()
}

/// As [`by_id`], and nobody else changes it until the transaction ends.
///
/// # Errors
/// The database's.
pub fn held(conn: &mut Conn, attempt: LoginAttemptId) -> Result<Option<LoginAttempt>, Fault> {
    let found: QueryResult<AttemptRow> = held!(
        conn,
        login_attempts::table
            .filter(login_attempts::id.eq(attempt.uuid().as_bytes().as_slice()))
            .select(AttemptRow::as_select()),
        for_no_key_update,
        get_result
    );
    found.optional().map_err(fault("hold login attempt"))?.map(AttemptRow::into_model).transpose()
}

/// Stores the state that follows that of `before`, where it is still that one; false where it is not.
///
/// # Errors
/// The database's.
pub fn advance(conn: &mut Conn, before: &LoginAttempt, next: AttemptState) -> Result<bool, Fault> {
    let wrong_numbers = |state: AttemptState| match state {
        AttemptState::Pending { wrong_numbers } => Some(wrong_numbers),
        _ => None,
    };
    let id = before.id.uuid();
    let same = login_attempts::table
        .filter(login_attempts::id.eq(id.as_bytes().as_slice()))
        .filter(login_attempts::state.eq(before.state.as_str()));
    let decided_at = login_attempts::decided_at.eq(next.decided_at().map(Timestamp::millis));
    let state = (login_attempts::state.eq(next.as_str()), decided_at);
    let changed = match (wrong_numbers(before.state), wrong_numbers(next)) {
        (Some(seen), Some(wrong)) => diesel::update(same.filter(login_attempts::wrong_numbers.eq(seen)))
            .set((state, login_attempts::wrong_numbers.eq(wrong)))
            .execute(conn.engine()),
        (Some(seen), None) => {
            diesel::update(same.filter(login_attempts::wrong_numbers.eq(seen))).set(state).execute(conn.engine())
        }
        (None, _) => diesel::update(same).set(state).execute(conn.engine()),
    };
    changed.map(|changed| changed == 1).map_err(fault("advance login attempt"))
}

/// Notes what the browser wants now: the same sign-in, asked for again from another page.
///
/// # Errors
/// The database's.
pub fn set_onward(conn: &mut Conn, attempt: LoginAttemptId, onward: &Onward) -> Result<(), Fault> {
    diesel::update(login_attempts::table.filter(login_attempts::id.eq(attempt.uuid().as_bytes().as_slice())))
        .set((login_attempts::next.eq(&onward.next), login_attempts::remember.eq(onward.remember)))
        .execute(conn.engine())
        .map(drop)
        .map_err(fault("note where a login attempt leads"))
}

/// Notes that another letter was posted. Only for an attempt that is [`held`].
///
/// # Errors
/// The database's.
pub fn note_letter(conn: &mut Conn, attempt: LoginAttemptId, letters: Letters) -> Result<(), Fault> {
    diesel::update(login_attempts::table.filter(login_attempts::id.eq(attempt.uuid().as_bytes().as_slice())))
        .set((login_attempts::letters.eq(letters.count), login_attempts::letter_at.eq(letters.last_at.millis())))
        .execute(conn.engine())
        .map(drop)
        .map_err(fault("note letter of login attempt"))
}

/// Removes every attempt of an account.
///
/// # Errors
/// The database's.
pub fn remove_of_user(conn: &mut Conn, user: UserId) -> Result<(), Fault> {
    diesel::delete(login_attempts::table.filter(login_attempts::user_id.eq(user.uuid().as_bytes().as_slice())))
        .execute(conn.engine())
        .map(drop)
        .map_err(fault("remove login attempts of user"))
}

/// Removes every attempt that these accounts at providers let in.
///
/// # Errors
/// The database's.
pub fn remove_let_in_by(conn: &mut Conn, identities: &[IdentityId]) -> Result<(), Fault> {
    let theirs = login_attempts::table.filter(login_attempts::identity_id.eq_any(column::bytes_of(identities)));
    diesel::delete(theirs).execute(conn.engine()).map(drop).map_err(fault("remove login attempts by identity"))
}
