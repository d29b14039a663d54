//! Sessions: a random cookie, its digest in the database, so that ending one works at once on every node.

use crate::known_device;
use model::audit::{Action, Actor, AuditEntry, By};
use model::context::Origin;
use model::fault::Fault;
use model::id::{KnownDeviceId, SessionId};
use model::moment::Moment;
use model::secret::{Digest, Purpose, Secret};
use model::session::{Entrance, Reach, Session, SessionPolicy};
use model::time::Timestamp;
use model::user::{Reader, SignedIn, User};
use std::time::Duration;
use store::Conn;
use store::tables::sessions::ListedSession;
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

/// How somebody arrives who has just proved who they are.
#[derive(Clone, Debug)]
pub struct Arriving {
    /// Their browser, where the account knows it.
    pub known: Option<KnownDeviceId>,
    /// Whether a second factor was proved, or a passkey, which is two in one.
    pub by_factor: bool,
    /// How long the session is to last.
    pub lifetime: Duration,
    /// By what.
    pub entrance: Entrance,
}

/// A sign-in that has been completed.
#[derive(Clone, Debug)]
pub struct Completed {
    /// Who.
    pub user: User,
    /// The session and its cookie.
    pub new: NewSession,
    /// The cookie that makes this browser known, where it was not.
    pub device_cookie: Option<Secret>,
}

/// Makes the browser known and begins its session. Only for a user who is held to be changed: a change of password that
/// comes now waits, and ends the session.
///
/// Where the session goes to one organization only, the browser does not become known: what an organization's own provider
/// says must not ease a sign-in that goes further.
///
/// # Errors
/// The database's.
pub fn begin(
    conn: &mut Conn,
    user: User,
    arriving: Arriving,
    policy: &SessionPolicy,
    at: (&Moment, &Origin),
) -> Result<Completed, Fault> {
    let (device, device_cookie) = match arriving.entrance.reach() {
        Reach::Everywhere => {
            let (device, cookie) = known_device::remember(conn, user.id, arriving.known, at, policy)?;
            (Some(device), cookie)
        }
        Reach::Only(_) => (None, None),
    };
    let now = at.0.now();
    let arrived = (arriving.by_factor.then_some(now), now.after(arriving.lifetime), arriving.entrance);
    let new = insert(conn, &user, device, arrived, at)?;
    Ok(Completed { user, new, device_cookie })
}

/// Begins the session of whoever has just set a new password in `before`, which ended by that: as long as that would have
/// lasted, and with no fresher second factor. The browser becomes known anew.
///
/// # Errors
/// The database's.
pub fn begin_anew(
    conn: &mut Conn,
    user: User,
    before: &Session,
    policy: &SessionPolicy,
    at: (&Moment, &Origin),
) -> Result<Completed, Fault> {
    let (device, device_cookie) = known_device::remember(conn, user.id, None, at, policy)?;
    let carried = (before.factor_at, before.expires_at, before.entrance.clone());
    let new = insert(conn, &user, Some(device), carried, at)?;
    Ok(Completed { user, new, device_cookie })
}

fn insert(
    conn: &mut Conn,
    user: &User,
    device: Option<KnownDeviceId>,
    (factor_at, expires_at, entrance): (Option<Timestamp>, Timestamp, Entrance),
    (moment, origin): (&Moment, &Origin),
) -> Result<NewSession, Fault> {
    let cookie = Secret::draw(moment);
    let now = moment.now();
    let session = Session {
        id: SessionId::draw(moment),
        digest: Digest::of(Purpose::Session, cookie.expose()),
        user_id: user.id,
        auth_time: user.proves_at(now),
        factor_at,
        created_at: now,
        expires_at,
        entrance,
    };
    sessions::insert(conn, &session, device, origin)?;
    audit::insert(
        conn,
        &AuditEntry::new(moment, None, Actor::User(user.id), Action::SignedIn, session.id).from(origin),
    )?;
    Ok(NewSession { session, cookie })
}

/// Ends the session that the browser with this cookie has, however far it goes; false where it has none.
///
/// # Errors
/// The database's.
pub fn end_of_browser(conn: &mut Conn, cookie: &Digest, (moment, origin): (&Moment, &Origin)) -> Result<bool, Fault> {
    match sessions::by_cookie(conn, cookie)? {
        Some((session, _)) if session.lives(moment.now()) => end_session(conn, &session, moment, origin),
        _ => Ok(false),
    }
}

/// Ends a session; false where it had ended.
///
/// # Errors
/// The database's.
pub fn end(conn: &mut Conn, signed_in: &impl Reader, moment: &Moment, origin: &Origin) -> Result<bool, Fault> {
    end_session(conn, signed_in.session(), moment, origin)
}

fn end_session(conn: &mut Conn, session: &Session, moment: &Moment, origin: &Origin) -> Result<bool, Fault> {
    let ended = sessions::remove(conn, session.id)?;
    if ended {
        let actor = Actor::User(session.user_id);
        audit::insert(conn, &AuditEntry::new(moment, None, actor, Action::SignedOut, session.id).from(origin))?;
    }
    Ok(ended)
}

/// Ends sessions of who is signed in, but never the one that says so: those that `chosen` chooses. Gives how many.
///
/// # Errors
/// The database's.
pub fn end_others(
    conn: &mut Conn,
    signed_in: &SignedIn,
    by: &By,
    chosen: impl Fn(&ListedSession) -> bool,
) -> Result<usize, Fault> {
    let mut ended = 0;
    for listed in sessions::of_user(conn, signed_in.user().id, by.now())? {
        if listed.session.id != signed_in.session().id && chosen(&listed) && sessions::remove(conn, listed.session.id)?
        {
            audit::insert(conn, &by.entry(None, Action::SignedOut, listed.session.id))?;
            ended += 1;
        }
    }
    Ok(ended)
}
