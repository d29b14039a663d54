//! New-device verification: a right password from a browser that the account does not know begins no session, but an
//! attempt that waits for the answer to a letter.
//!
//! 1. [`open`] begins the attempt, or finds the one that waits for the same browser: however often somebody presses
//!    *Sign in*, there is one attempt and one letter. The caller posts the letter in the same transaction.
//! 2. [`seen`] shows where it stands, to the waiting page, which changes nothing by it. [`write_again`] says whether another
//!    letter may go out.
//! 3. [`found`] shows it to whoever follows a link of the letter, and [`decide`] takes their answer.
//! 4. [`complete`] gives the browser that waits its session, once, and makes it known; [`recover`] does so for a recovery
//!    code, without any answer.
//!
//! What the waiting browser asks for is bound to two cookies of its own: the attempt's, and the pre-session cookie that it
//! began with. Neither alone is any good.
//!
//! What an attempt may become is `model::login_attempt`'s; that only one of several answers counts is the row's, which is
//! held while it is decided.

use crate::factor::{self, Scales, Weighed};
use crate::session::{self, Arriving, Completed};
use crate::totp;
use model::audit::{Action, Actor, By};
use model::context::Origin;
use model::fault::Fault;
use model::id::{KnownDeviceId, LoginAttemptId};
use model::login_attempt::{
    self, Answer, Answered, AttemptState, Capability, Completes, Letters, LoginAttempt, MOST_WAITING, Onward,
};
use model::moment::Moment;
use model::secret::{Digest, Keyring, Purpose, Secret};
use model::session::{Entrance, SessionPolicy};
use model::user::User;
use std::time::Duration;
use store::Conn;
use store::tables::{login_attempts, users};

/// A browser that is to wait.
#[derive(Clone, Debug)]
pub struct Waiter {
    /// Digest of its pre-session cookie.
    pub browser: Digest,
    /// What it wants afterwards.
    pub onward: Onward,
    /// The keys that are not in the database.
    pub keys: Keyring,
}

/// A browser that waits.
#[derive(Clone, Debug)]
pub struct Waiting {
    /// For what.
    pub attempt: LoginAttempt,
    /// The cookie that makes the attempt this browser's.
    pub cookie: Secret,
    /// Whether a letter is to be posted, with this transaction.
    pub letter_due: bool,
}

/// Begins to wait for the session of a user who got in by `entrance`, or goes on waiting; nothing where too many other browsers do.
/// Only for a user who is held to be changed.
///
/// # Errors
/// The database's.
pub fn open(
    conn: &mut Conn,
    user: &User,
    waiter: &Waiter,
    (known_device, entrance): (Option<KnownDeviceId>, &Entrance),
    (moment, origin): (&Moment, &Origin),
) -> Result<Option<Waiting>, Fault> {
    let now = moment.now();
    let open = login_attempts::open_of_user(conn, user.id, now)?;
    let same = |attempt: &&LoginAttempt| {
        attempt.browser.same(&waiter.browser)
            && attempt.credentials_changed_at == user.credentials_changed_at
            && attempt.entrance == *entrance
    };
    if let Some(before) = open.iter().find(same) {
        login_attempts::set_onward(conn, before.id, &waiter.onward)?;
        let cookie = login_attempt::cookie(&waiter.keys, before.id);
        let attempt = LoginAttempt { onward: waiter.onward.clone(), ..before.clone() };
        return Ok(Some(Waiting { attempt, cookie, letter_due: false }));
    }
    if open.iter().filter(|attempt| attempt.entrance.reach() == entrance.reach()).count() >= MOST_WAITING {
        return Ok(None);
    }
    let attempt = LoginAttempt {
        id: LoginAttemptId::draw(moment),
        user_id: user.id,
        browser: waiter.browser,
        known_device,
        origin: origin.clone(),
        onward: waiter.onward.clone(),
        entrance: entrance.clone(),
        credentials_changed_at: user.credentials_changed_at,
        created_at: now,
        letters: Letters { count: 1, last_at: now },
        state: AttemptState::Pending { wrong_numbers: 0 },
    };
    let cookie = login_attempt::cookie(&waiter.keys, attempt.id);
    login_attempts::insert(conn, &attempt, &digest_of(&cookie))?;
    audit(conn, &attempt, Action::SignInHeldBack, (moment, origin))?;
    Ok(Some(Waiting { attempt, cookie, letter_due: true }))
}

fn digest_of(cookie: &Secret) -> Digest {
    Digest::of(Purpose::LoginAttempt, cookie.expose())
}

fn audit(
    conn: &mut Conn,
    attempt: &LoginAttempt,
    action: Action,
    (moment, origin): (&Moment, &Origin),
) -> Result<(), Fault> {
    // The password or the mailbox has been proven, each of which is the user's alone.
    let by = By::request(Actor::User(attempt.user_id), (moment, origin));
    store::tables::audit::insert(conn, &by.entry(None, action, attempt.id))
}

/// Where an attempt stands, with its account.
#[derive(Clone, Debug)]
pub struct Seen {
    /// The attempt.
    pub attempt: LoginAttempt,
    /// Its account as it is now.
    pub user: User,
}

impl Seen {
    fn of(conn: &mut Conn, attempt: Option<LoginAttempt>) -> Result<Option<Self>, Fault> {
        let Some(attempt) = attempt else { return Ok(None) };
        Ok(users::by_id(conn, attempt.user_id)?.map(|user| Self { attempt, user }))
    }

    /// Whether its browser gets a session now.
    pub fn completes(&self, moment: &Moment) -> Completes {
        self.attempt.completes(&self.user, moment.now())
    }
}

/// The attempt of the browser with these cookies: the attempt's, and its pre-session cookie.
///
/// # Errors
/// The database's.
pub fn seen(conn: &mut Conn, (cookie, browser): (&Digest, &Digest)) -> Result<Option<Seen>, Fault> {
    let found = login_attempts::by_cookie(conn, cookie)?;
    Ok(found.filter(|(attempt, _)| attempt.browser.same(browser)).map(|(attempt, user)| Seen { attempt, user }))
}

/// The attempt of a letter's link.
///
/// # Errors
/// The database's.
pub fn found(conn: &mut Conn, attempt: LoginAttemptId) -> Result<Option<Seen>, Fault> {
    let attempt = login_attempts::by_id(conn, attempt)?;
    Seen::of(conn, attempt)
}

/// Whether another letter may be posted about the attempt of this browser, which is noted; with what it is about.
///
/// # Errors
/// The database's.
pub fn write_again(conn: &mut Conn, cookies: (&Digest, &Digest), moment: &Moment) -> Result<Option<Seen>, Fault> {
    let Some(seen) = seen(conn, cookies)? else { return Ok(None) };
    let held = login_attempts::held(conn, seen.attempt.id)?;
    let Some(seen) = Seen::of(conn, held)? else { return Ok(None) };
    if !seen.attempt.may_write(moment.now()) || seen.completes(moment) != Completes::Waits {
        return Ok(None);
    }
    let letters = Letters { count: seen.attempt.letters.count + 1, last_at: moment.now() };
    login_attempts::note_letter(conn, seen.attempt.id, letters)?;
    Ok(Some(seen))
}

/// Takes the answer of whoever followed a link of the letter. A link for denying approves nothing.
///
/// # Errors
/// The database's.
pub fn decide(
    conn: &mut Conn,
    (capability, id): (Capability, LoginAttemptId),
    answer: Answer,
    keys: &Keyring,
    (moment, origin): (&Moment, &Origin),
) -> Result<Answered, Fault> {
    if capability == Capability::Deny && answer != Answer::Deny {
        return Ok(Answered::Over);
    }
    let held = login_attempts::held(conn, id)?;
    let Some(seen) = Seen::of(conn, held)? else { return Ok(Answered::Over) };
    // Of an account whose password was changed meanwhile nothing waits any more.
    if seen.completes(moment) == Completes::Never {
        return Ok(Answered::Over);
    }
    let (next, answered) = seen.attempt.answer(answer, login_attempt::number(keys, id), moment.now());
    let Some(next) = next else { return Ok(answered) };
    if !login_attempts::advance(conn, &seen.attempt, next)? {
        return Ok(Answered::Over);
    }
    let action = match answered {
        Answered::Approved => Action::SignInApproved,
        Answered::Denied => Action::SignInDenied,
        Answered::Ended => Action::SignInEnded,
        Answered::WrongNumber { .. } | Answered::Over => return Ok(answered),
    };
    audit(conn, &seen.attempt, action, (moment, origin))?;
    Ok(answered)
}

/// What becomes of a browser that asks for its session.
#[derive(Clone, Debug)]
pub enum Outcome {
    /// It has one, and goes on to where it wanted.
    SignedIn(Box<Completed>, Onward),
    /// Nobody has answered yet.
    Waits,
    /// It gets none: denied, ended, too late, used, or never there.
    Never,
}

/// The attempt of the browser with these cookies, held with its account, and whether it becomes a session.
fn held(
    conn: &mut Conn,
    cookies: (&Digest, &Digest),
    moment: &Moment,
) -> Result<Option<(LoginAttempt, User, Completes)>, Fault> {
    let Some(seen) = seen(conn, cookies)? else { return Ok(None) };
    // The user first, as every sign-in does.
    let Some(user) = users::held_to_change(conn, seen.user.id)? else { return Ok(None) };
    let Some(attempt) = login_attempts::held(conn, seen.attempt.id)? else { return Ok(None) };
    // An account that has got an authenticator app meanwhile wants its code: the sign-in begins anew.
    let completes = match totp::since(conn, user.id)? {
        Some(_) => Completes::Never,
        None => attempt.completes(&user, moment.now()),
    };
    Ok(Some((attempt, user, completes)))
}

/// Turns a held attempt into the session of its browser; nothing where it has become one already.
fn finish(
    conn: &mut Conn,
    (attempt, user): (LoginAttempt, User),
    by_factor: bool,
    policy: &SessionPolicy,
    (moment, origin): (&Moment, &Origin),
) -> Result<Option<(Box<Completed>, Onward)>, Fault> {
    if !login_attempts::advance(conn, &attempt, AttemptState::Completed { at: moment.now() })? {
        return Ok(None);
    }
    let lifetime = policy.lifetime(attempt.onward.remember);
    let arriving = Arriving { known: attempt.known_device, by_factor, lifetime, entrance: attempt.entrance };
    let completed = session::begin(conn, user, arriving, policy, (moment, origin))?;
    Ok(Some((Box::new(completed), attempt.onward)))
}

/// Gives the browser with these cookies its session, where its sign-in was approved.
///
/// # Errors
/// The database's.
pub fn complete(
    conn: &mut Conn,
    cookies: (&Digest, &Digest),
    policy: &SessionPolicy,
    at: (&Moment, &Origin),
) -> Result<Outcome, Fault> {
    let Some((attempt, user, completes)) = held(conn, cookies, at.0)? else { return Ok(Outcome::Never) };
    match completes {
        Completes::Now => {}
        Completes::Waits => return Ok(Outcome::Waits),
        Completes::Never => return Ok(Outcome::Never),
    }
    let finished = finish(conn, (attempt, user), false, policy, at)?;
    Ok(finished.map_or(Outcome::Never, |(completed, onward)| Outcome::SignedIn(completed, onward)))
}

/// What becomes of a recovery code that is typed where a sign-in waits.
#[derive(Clone, Debug)]
pub enum Recovered {
    /// It stands for the answer to the letter, and is spent: the caller posts the letter about it.
    SignedIn(Box<Completed>, Onward),
    /// The account has no such code.
    Wrong,
    /// Too many were wrong; this one was not looked at.
    Spent {
        /// When to try again.
        retry_after: Duration,
    },
    /// Nothing waits in this browser any more.
    Never,
}

/// Gives the browser with these cookies its session for a recovery code instead of the answer to the letter: for whoever
/// can't reach their mailbox.
///
/// # Errors
/// The database's.
pub fn recover(
    conn: &mut Conn,
    cookies: (&Digest, &Digest),
    typed: &str,
    (scales, policy): (&Scales, &SessionPolicy),
    at: (&Moment, &Origin),
) -> Result<Recovered, Fault> {
    let Some((attempt, user, completes)) = held(conn, cookies, at.0)? else { return Ok(Recovered::Never) };
    // What was denied stays denied.
    if completes == Completes::Never {
        return Ok(Recovered::Never);
    }
    let by = By::request(Actor::User(user.id), at);
    match factor::weigh(conn, (user.id, attempt.entrance.reach()), typed, scales, &by)? {
        Weighed::RecoveryCode => {}
        Weighed::Spent { retry_after } => return Ok(Recovered::Spent { retry_after }),
        Weighed::Wrong | Weighed::Totp => return Ok(Recovered::Wrong),
    }
    let finished = finish(conn, (attempt, user), true, policy, at)?;
    Ok(finished.map_or(Recovered::Never, |(completed, onward)| Recovered::SignedIn(completed, onward)))
}
