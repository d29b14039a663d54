//! Sign-in sessions.

use super::column;
use super::organizations::OrganizationRow;
use super::users::UserRow;
use crate::conn::{Conn, each_engine};
use crate::faults::fault;
use crate::schema::{memberships, organizations, sessions, users};
use diesel::prelude::*;
use model::context::Origin;
use model::fault::Fault;
use model::id::{IdentityId, KnownDeviceId, OrgId, SessionId, UserId};
use model::org::{Organization, Role};
use model::secret::Digest;
use model::session::Session;
use model::time::Timestamp;
use model::user::User;

#[derive(Queryable, Selectable)]
#[diesel(table_name = sessions)]
struct SessionRow {
    id: Vec<u8>,
    digest: Vec<u8>,
    user_id: Vec<u8>,
    auth_time: i64,
    factor_at: Option<i64>,
    created_at: i64,
    expires_at: i64,
    only_org: Option<String>,
    identity_id: Option<Vec<u8>>,
}

impl SessionRow {
    fn into_model(self) -> Result<Session, Fault> {
        Ok(Session {
            id: SessionId::from_uuid(column::uuid("sessions.id", &self.id)?),
            digest: column::digest("sessions.digest", &self.digest)?,
            user_id: UserId::from_uuid(column::uuid("sessions.user_id", &self.user_id)?),
            auth_time: column::time(self.auth_time),
            factor_at: self.factor_at.map(column::time),
            created_at: column::time(self.created_at),
            expires_at: column::time(self.expires_at),
            entrance: column::entrance(("sessions.identity_id", self.identity_id), self.only_org.as_deref())?,
        })
    }
}

/// Begins a session, in a browser that its user knows from now on, or in one that stays unknown.
///
/// # Errors
/// The database's.
pub fn insert(
    conn: &mut Conn,
    session: &Session,
    known_device: Option<KnownDeviceId>,
    origin: &Origin,
) -> Result<(), Fault> {
    diesel::insert_into(sessions::table)
        .values((
            sessions::id.eq(session.id.uuid().as_bytes().as_slice()),
            sessions::digest.eq(session.digest.bytes().as_slice()),
            sessions::user_id.eq(session.user_id.uuid().as_bytes().as_slice()),
            sessions::known_device_id.eq(known_device.map(|id| id.uuid().as_bytes().to_vec())),
            sessions::auth_time.eq(session.auth_time.millis()),
            sessions::factor_at.eq(session.factor_at.map(Timestamp::millis)),
            sessions::created_at.eq(session.created_at.millis()),
            sessions::expires_at.eq(session.expires_at.millis()),
            sessions::address.eq(origin.address.to_string()),
            sessions::program.eq(&origin.program),
            sessions::only_org.eq(session.reach().only().map(OrgId::as_str)),
            sessions::identity_id.eq(session.entrance.identity().map(|id| id.uuid().as_bytes().to_vec())),
        ))
        .execute(conn.engine())
        .map(drop)
        .map_err(fault("insert session"))
}

/// A session by its cookie, with its user. Whether either is good is for the caller to prove.
///
/// # Errors
/// The database's.
pub fn by_cookie(conn: &mut Conn, cookie: &Digest) -> Result<Option<(Session, User)>, Fault> {
    let found = each_engine!(conn, |c| sessions::table
        .inner_join(users::table.on(users::id.eq(sessions::user_id)))
        .filter(sessions::digest.eq(cookie.bytes().as_slice()))
        .select((SessionRow::as_select(), UserRow::as_select()))
        .get_result::<(SessionRow, UserRow)>(c))
    .optional()
    .map_err(fault("session by cookie"))?;
    let Some((row, user)) = found else { return Ok(None) };
    Ok(Some((row.into_model()?, user.into_model()?)))
}

/// A session with what its user is to an organization.
#[derive(Clone, Debug)]
pub struct SessionAt {
    /// The session.
    pub session: Session,
    /// Its user.
    pub user: User,
    /// The organization, where there is a living one.
    pub organization: Option<Organization>,
    /// The user's role in it and since when, where they belong to it.
    pub membership: Option<(Role, Timestamp)>,
}

/// A session by its cookie, with its user and their place in `org`: all that a page of the organization asks first, in
/// one read. Whether any of it is good is for the caller to prove.
///
/// # Errors
/// The database's.
pub fn at_organization(conn: &mut Conn, org: &OrgId, cookie: &Digest) -> Result<Option<SessionAt>, Fault> {
    let living = organizations::org_id.eq(org.as_str().to_owned()).and(organizations::state.eq("active"));
    let theirs = memberships::org_id.eq(org.as_str().to_owned()).and(memberships::user_id.eq(users::id));
    let found = sessions::table
        .inner_join(users::table.on(users::id.eq(sessions::user_id)))
        .left_join(organizations::table.on(living))
        .left_join(memberships::table.on(theirs))
        .filter(sessions::digest.eq(cookie.bytes().as_slice()))
        .select((
            SessionRow::as_select(),
            UserRow::as_select(),
            Option::<OrganizationRow>::as_select(),
            (memberships::role, memberships::created_at).nullable(),
        ))
        .get_result::<(SessionRow, UserRow, Option<OrganizationRow>, Option<(String, i64)>)>(conn.engine())
        .optional()
        .map_err(fault("session at organization"))?;
    let Some((row, user, organization, membership)) = found else { return Ok(None) };
    Ok(Some(SessionAt {
        session: row.into_model()?,
        user: user.into_model()?,
        organization: organization.map(OrganizationRow::into_model).transpose()?,
        membership: membership
            .map(|(role, since)| Ok((column::word("memberships.role", Role::parse(&role))?, column::time(since))))
            .transpose()?,
    }))
}

/// Puts a session's new cookie and what was proven with it in the place of the old; false where it has ended, or has
/// another cookie by now.
///
/// # Errors
/// The database's.
pub fn renew(conn: &mut Conn, before: &Session, after: &Session) -> Result<bool, Fault> {
    diesel::update(
        sessions::table
            .filter(sessions::id.eq(before.id.uuid().as_bytes().as_slice()))
            .filter(sessions::digest.eq(before.digest.bytes().as_slice())),
    )
    .set((
        sessions::digest.eq(after.digest.bytes().as_slice()),
        sessions::auth_time.eq(after.auth_time.millis()),
        sessions::factor_at.eq(after.factor_at.map(Timestamp::millis)),
    ))
    .execute(conn.engine())
    .map(|renewed| renewed == 1)
    .map_err(fault("renew session"))
}

/// Notes that a second factor was proven in a session.
///
/// # Errors
/// The database's.
pub fn note_factor(conn: &mut Conn, session: SessionId, at: Timestamp) -> Result<(), Fault> {
    diesel::update(sessions::table.filter(sessions::id.eq(session.uuid().as_bytes().as_slice())))
        .set(sessions::factor_at.eq(at.millis()))
        .execute(conn.engine())
        .map(drop)
        .map_err(fault("note second factor of session"))
}

/// Whether a session is there whose time is not over at `now`.
///
/// # Errors
/// The database's.
pub fn lives(conn: &mut Conn, session: SessionId, now: Timestamp) -> Result<bool, Fault> {
    let session = session.uuid();
    let living = sessions::table
        .filter(sessions::id.eq(session.as_bytes().as_slice()))
        .filter(sessions::expires_at.gt(now.millis()));
    diesel::select(diesel::dsl::exists(living)).get_result(conn.engine()).map_err(fault("session lives"))
}

/// Ends a session; false where it had ended.
///
/// # Errors
/// The database's.
pub fn remove(conn: &mut Conn, session: SessionId) -> Result<bool, Fault> {
    diesel::delete(sessions::table.filter(sessions::id.eq(session.uuid().as_bytes().as_slice())))
        .execute(conn.engine())
        .map(|removed| removed == 1)
        .map_err(fault("remove session"))
}

/// A session as lists show it.
#[derive(Clone, Debug)]
pub struct ListedSession {
    /// The session.
    pub session: Session,
    /// The known device that it began in, where that is not forgotten.
    pub known_device: Option<KnownDeviceId>,
    /// Where it began.
    pub origin: Origin,
}

/// The living sessions of a user, the newest first.
///
/// # Errors
/// The database's.
pub fn of_user(conn: &mut Conn, user: UserId, now: Timestamp) -> Result<Vec<ListedSession>, Fault> {
    let found = sessions::table
        .filter(sessions::user_id.eq(user.uuid().as_bytes().as_slice()))
        .filter(sessions::expires_at.gt(now.millis()))
        .order((sessions::created_at.desc(), sessions::id.desc()))
        .select((SessionRow::as_select(), (sessions::known_device_id, sessions::address, sessions::program)))
        .load::<(SessionRow, (Option<Vec<u8>>, String, String))>(conn.engine())
        .map_err(fault("sessions of user"))?;
    let listed = |(row, (device, address, program)): (SessionRow, (Option<Vec<u8>>, String, String))| {
        let device = device.map(|id| column::uuid("sessions.known_device_id", &id)).transpose()?;
        Ok(ListedSession {
            session: row.into_model()?,
            known_device: device.map(KnownDeviceId::from_uuid),
            origin: Origin::new(column::address("sessions.address", &address)?, &program),
        })
    };
    found.into_iter().map(listed).collect()
}

/// Lets the sessions that began in one known device of a user be of another.
///
/// # Errors
/// The database's.
pub fn move_to_device(
    conn: &mut Conn,
    user: UserId,
    (before, after): (KnownDeviceId, KnownDeviceId),
) -> Result<(), Fault> {
    diesel::update(
        sessions::table
            .filter(sessions::user_id.eq(user.uuid().as_bytes().as_slice()))
            .filter(sessions::known_device_id.eq(before.uuid().as_bytes().as_slice())),
    )
    .set(sessions::known_device_id.eq(after.uuid().as_bytes().as_slice()))
    .execute(conn.engine())
    .map(drop)
    .map_err(fault("move sessions to another device"))
}

/// Ends the sessions that these accounts at providers let in; gives them with their users.
///
/// # Errors
/// The database's.
pub fn remove_let_in_by(conn: &mut Conn, identities: &[IdentityId]) -> Result<Vec<(SessionId, UserId)>, Fault> {
    let theirs = || sessions::table.filter(sessions::identity_id.eq_any(column::bytes_of(identities)));
    let removed: QueryResult<Vec<(Vec<u8>, Vec<u8>)>> =
        each_engine!(conn, |c| diesel::delete(theirs()).returning((sessions::id, sessions::user_id)).get_results(c));
    let ended = |(id, user): (Vec<u8>, Vec<u8>)| {
        let id = SessionId::from_uuid(column::uuid("sessions.id", &id)?);
        Ok((id, UserId::from_uuid(column::uuid("sessions.user_id", &user)?)))
    };
    removed.map_err(fault("remove sessions by identity"))?.into_iter().map(ended).collect()
}

/// A session that was ended for its user.
#[derive(Clone, Copy, Debug)]
pub struct EndedSession {
    /// Which.
    pub id: SessionId,
    /// When its user had last proved who they are.
    pub auth_time: Timestamp,
    /// When it would have ended by itself.
    pub expires_at: Timestamp,
}

/// Ends all sessions of a user.
///
/// # Errors
/// The database's.
pub fn remove_of_user(conn: &mut Conn, user: UserId) -> Result<Vec<EndedSession>, Fault> {
    let removed: QueryResult<Vec<(Vec<u8>, i64, i64)>> = each_engine!(conn, |c| diesel::delete(
        sessions::table.filter(sessions::user_id.eq(user.uuid().as_bytes().as_slice()))
    )
    .returning((sessions::id, sessions::auth_time, sessions::expires_at))
    .get_results(c));
    let ended = |(id, auth_time, expires_at): (Vec<u8>, i64, i64)| {
        let id = SessionId::from_uuid(column::uuid("sessions.id", &id)?);
        Ok(EndedSession { id, auth_time: column::time(auth_time), expires_at: column::time(expires_at) })
    };
    removed.map_err(fault("remove sessions"))?.into_iter().map(ended).collect()
}
