//! Known devices: browsers that a user has signed in from before. A random cookie per browser and user.
//!
//! The cookie's name depends on the account, so that people who share a browser each have their own.

use crate::session;
use model::audit::{Action, By};
use model::context::Origin;
use model::fault::Fault;
use model::id::{KnownDeviceId, UserId};
use model::moment::Moment;
use model::secret::{Digest, Key, Purpose, Secret};
use model::session::{KnownDevice, SessionPolicy};
use model::user::SignedIn;
use store::Conn;
use store::tables::{audit, known_devices, users};

/// The most browsers that one account knows: each may guess at its password, so there are no more than people have.
pub const MOST_OF_ACCOUNT: i64 = 50;

/// What a cookie of this account is called, after the common prefix: short, and saying nothing about the address.
pub fn cookie_suffix(key: &Key, email_key: &str) -> String {
    model::secret::base64url(&key.mac(&[b"cookie", email_key.as_bytes()]).bytes()[..9])
}

/// Makes the browser known, or renews it where it is; gives the cookie that is to be set where it is new. Past the most
/// that an account knows, that which was not used for longest is forgotten. Only for a user that is held to be changed,
/// so that two sign-ins at once don't pass the bound.
///
/// # Errors
/// The database's.
pub fn remember(
    conn: &mut Conn,
    user: UserId,
    known: Option<KnownDeviceId>,
    (moment, origin): (&Moment, &Origin),
    policy: &SessionPolicy,
) -> Result<(KnownDeviceId, Option<Secret>), Fault> {
    let expires_at = moment.now().after(policy.known_device);
    if let Some(id) = known {
        let renewed = KnownDevice { id, user_id: user, expires_at };
        if known_devices::renew(conn, &renewed, origin, moment.now())? {
            return Ok((renewed.id, None));
        }
    }
    known_devices::keep_newest(conn, user, MOST_OF_ACCOUNT - 1)?;
    users::note_known_device(conn, user, moment.now())?;
    let cookie = Secret::draw(moment);
    let device = KnownDevice { id: KnownDeviceId::draw(moment), user_id: user, expires_at };
    known_devices::insert(conn, &device, &Digest::of(Purpose::KnownDevice, cookie.expose()), origin, moment.now())?;
    Ok((device.id, Some(cookie)))
}

/// Gives a browser that the account knows another cookie, for one of another name; the old one is worth nothing from now
/// on. Only for a user that is held to be changed.
///
/// # Errors
/// The database's.
pub fn renamed(
    conn: &mut Conn,
    user: UserId,
    before: KnownDeviceId,
    at: (&Moment, &Origin),
    policy: &SessionPolicy,
) -> Result<Option<Secret>, Fault> {
    let (after, cookie) = remember(conn, user, None, at, policy)?;
    store::tables::sessions::move_to_device(conn, user, (before, after))?;
    known_devices::remove(conn, user, before)?;
    Ok(cookie)
}

/// Forgets browsers of who is signed in, those that `chosen` chooses, and ends the sessions that began in them, but never
/// the one that says so. Gives how many were forgotten.
///
/// # Errors
/// The database's.
pub fn forget(
    conn: &mut Conn,
    signed_in: &SignedIn,
    by: &By,
    chosen: impl Fn(KnownDeviceId) -> bool,
) -> Result<usize, Fault> {
    let user = signed_in.user().id;
    let mut forgotten = Vec::new();
    for listed in known_devices::of_user(conn, user, by.now())? {
        let device = listed.device.id;
        if chosen(device) && known_devices::remove(conn, user, device)? {
            audit::insert(conn, &by.entry(None, Action::DeviceForgotten, device))?;
            forgotten.push(device);
        }
    }
    session::end_others(conn, signed_in, by, |listed| {
        listed.known_device.is_some_and(|device| forgotten.contains(&device))
    })?;
    Ok(forgotten.len())
}
