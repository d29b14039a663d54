//! Sessions: a random cookie, its digest in the database, so that ending one works at once on every node.

use model::audit::{Action, Actor, AuditEntry};
use model::context::Origin;
use model::fault::Fault;
use model::id::{KnownDeviceId, SessionId};
use model::moment::Moment;
use model::secret::{Digest, Purpose, Secret};
use model::session::Session;
use model::time::Timestamp;
use model::user::{SignedIn, User};
use std::time::Duration;
use store::Conn;
use store::tables::{audit, sessions};

/// Who the browser with this cookie is signed in as; nothing where the session is over or
/// older than the credentials, or the account is disabled.
///
/// # Errors
/// The database's.
pub fn signed_in(conn: &mut Conn, cookie: &Digest, now: Timestamp) -> Result<Option<SignedIn>, Fault> {
    let found = sessions::by_cookie(conn, cookie)?;
    Ok(found.and_then(|(session, user)| SignedIn::prove(session, user, now)))
}

/// A session just begun, with the cookie that is set this once.
#[derive(Clone, Debug)]
pub struct NewSession {
    /// The session.
    pub session: Session,
    /// Its cookie.
    pub cookie: Secret,
}

/// Begins a session for a user who has just proved who they are.
///
/// # Errors
/// The database's.
pub fn begin(
    conn: &mut Conn,
    user: &User,
    device: KnownDeviceId,
    at: (&Moment, &Origin),
    lifetime: Duration,
) -> Result<NewSession, Fault> {
    begin_as(conn, (user, false), device, at, lifetime)
}

/// The same for a user who has proved a second factor, or a passkey, which is two in one.
///
/// # Errors
/// The database's.
pub fn begin_by_factor(
    conn: &mut Conn,
    user: &User,
    device: KnownDeviceId,
    at: (&Moment, &Origin),
    lifetime: Duration,
) -> Result<NewSession, Fault> {
    begin_as(conn, (user, true), device, at, lifetime)
}

fn begin_as(
    conn: &mut Conn,
    (user, by_factor): (&User, bool),
    device: KnownDeviceId,
    (moment, origin): (&Moment, &Origin),
    lifetime: Duration,
) -> Result<NewSession, Fault> {
    let cookie = Secret::draw(moment);
    let now = moment.now();
    let session = Session {
        id: SessionId::draw(moment),
        digest: Digest::of(Purpose::Session, cookie.expose()),
        user_id: user.id,
        auth_time: user.proves_at(now),
        factor_at: by_factor.then_some(now),
        created_at: now,
        expires_at: now.after(lifetime),
    };
    sessions::insert(conn, &session, device, origin)?;
    audit::insert(
        conn,
        &AuditEntry::new(moment, None, Actor::User(user.id), Action::SignedIn, session.id).from(origin),
    )?;
    Ok(NewSession { session, cookie })
}

/// Ends a session; false where it had ended.
///
/// # Errors
/// The database's.
pub fn end(conn: &mut Conn, signed_in: &SignedIn, moment: &Moment, origin: &Origin) -> Result<bool, Fault> {
    let session = signed_in.session();
    let ended = sessions::remove(conn, session.id)?;
    if ended {
        let actor = Actor::User(session.user_id);
        audit::insert(conn, &AuditEntry::new(moment, None, actor, Action::SignedOut, session.id).from(origin))?;
    }
    Ok(ended)
}
