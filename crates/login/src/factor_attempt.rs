//! A sign-in whose password was right, of an account that has an authenticator app: no session yet, but an attempt that
//! waits for a code.
//!
//! 1. [`open`] gives the browser a cookie for it. The attempt is this browser's: known by that cookie and by the
//!    pre-session's.
//! 2. [`complete`] takes a code of the app, or a recovery code, and begins the session. No new-device approval is asked.
//!
//! It ends after ten minutes, with a change of the credentials, and with its session.

use crate::factor::{self, Scales, Weighed};
use crate::session::{self, Arriving, Completed};
use model::audit::{Actor, By};
use model::context::Origin;
use model::fault::Fault;
use model::id::KnownDeviceId;
use model::login_attempt::Onward;
use model::moment::Moment;
use model::secret::{Digest, Purpose, Secret};
use model::session::{Entrance, SessionPolicy};
use model::user::{User, UserState};
use std::time::Duration;
use store::Conn;
use store::tables::factor_attempts::{self, FactorAttempt};
use store::tables::users;

/// How long an attempt waits for its code.
pub const LIFE: Duration = Duration::from_secs(10 * 60);

/// Begins to wait for a user whose first proof was right, in the browser with this pre-session, which wants that
/// afterwards, and who got in by `entrance`; gives the attempt's cookie.
///
/// # Errors
/// The database's.
pub fn open(
    conn: &mut Conn,
    user: &User,
    (browser, onward): (&Digest, &Onward),
    (known_device, entrance): (Option<KnownDeviceId>, &Entrance),
    moment: &Moment,
) -> Result<Secret, Fault> {
    let cookie = Secret::draw(moment);
    let attempt = FactorAttempt {
        digest: Digest::of(Purpose::FactorAttempt, cookie.expose()),
        user_id: user.id,
        browser: *browser,
        known_device,
        next: onward.next.clone(),
        remember: onward.remember,
        credentials_changed_at: user.credentials_changed_at,
        expires_at: moment.now().after(LIFE),
        entrance: entrance.clone(),
    };
    factor_attempts::insert(conn, &attempt)?;
    Ok(cookie)
}

/// Whether the browser with these cookies, the attempt's and the pre-session's, waits for a code.
///
/// # Errors
/// The database's.
pub fn waits(conn: &mut Conn, cookies: (&Digest, &Digest), moment: &Moment) -> Result<bool, Fault> {
    Ok(found(conn, cookies, moment)?.is_some())
}

fn found(
    conn: &mut Conn,
    (cookie, browser): (&Digest, &Digest),
    moment: &Moment,
) -> Result<Option<FactorAttempt>, Fault> {
    let attempt = factor_attempts::by_cookie(conn, cookie, moment.now())?;
    Ok(attempt.filter(|attempt| attempt.browser.same(browser)))
}

/// What becomes of a code.
#[derive(Clone, Debug)]
pub enum Outcome {
    /// It was right.
    SignedIn {
        /// The session and what belongs to it.
        completed: Box<Completed>,
        /// What the browser wanted.
        onward: Onward,
        /// Whether a recovery code was spent, about which the caller posts the letter.
        recovered: bool,
    },
    /// It was not.
    Wrong,
    /// Too many were not; this one was not looked at.
    Spent {
        /// When to try again.
        retry_after: Duration,
    },
    /// Nothing waits for it any more.
    Over,
}

/// Takes the code that somebody types in the browser with these cookies.
///
/// # Errors
/// The database's.
pub fn complete(
    conn: &mut Conn,
    cookies: (&Digest, &Digest),
    typed: &str,
    (scales, policy): (&Scales, &SessionPolicy),
    (moment, origin): (&Moment, &Origin),
) -> Result<Outcome, Fault> {
    let Some(attempt) = found(conn, cookies, moment)? else { return Ok(Outcome::Over) };
    let user = users::held_to_change(conn, attempt.user_id)?.filter(|user| {
        user.state == UserState::Active && user.credentials_changed_at == attempt.credentials_changed_at
    });
    let Some(user) = user else { return Ok(Outcome::Over) };
    // Again, with the user held: of two who bring a code at once, the second finds the attempt used.
    if found(conn, cookies, moment)?.is_none() {
        return Ok(Outcome::Over);
    }
    let by = By::request(Actor::User(user.id), (moment, origin));
    let recovered = match factor::weigh(conn, (user.id, attempt.entrance.reach()), typed, scales, &by)? {
        Weighed::Wrong => return Ok(Outcome::Wrong),
        Weighed::Spent { retry_after } => return Ok(Outcome::Spent { retry_after }),
        weighed => weighed == Weighed::RecoveryCode,
    };
    if !factor_attempts::remove(conn, &attempt.digest)? {
        return Ok(Outcome::Over);
    }
    let lifetime = policy.lifetime(attempt.remember);
    let arriving = Arriving { known: attempt.known_device, by_factor: true, lifetime, entrance: attempt.entrance };
    let completed = Box::new(session::begin(conn, user, arriving, policy, (moment, origin))?);
    let onward = Onward { next: attempt.next, remember: attempt.remember };
    Ok(Outcome::SignedIn { completed, onward, recovered })
}
