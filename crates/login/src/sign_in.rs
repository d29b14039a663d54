//! Signing in with e-mail and password.
//!
//! 1. [`begin`] charges the budgets of the network and of the address, and fetches the hash. A browser that the account
//!    knows has a budget of its own instead of the address's, and one together with all others that the account knows.
//!    The attempt is charged before anything is evaluated, so that parallel guesses can't outrun the budget. Where the
//!    address's is spent, its owner is told: see [`alarm`](crate::alarm).
//! 2. The password is compared on its own threads, with no connection held.
//! 3. [`complete`] looks at the account again and gives the charges back. In a browser that the account knows, or in its
//!    very first, it makes the browser known and begins the session; in another one the sign-in waits for the answer to
//!    a letter: see [`attempt`](crate::attempt). A wrong password leaves the charges where they are; [`not_evaluated`] gives them back where too many wait to be
//!    compared.
//!
//! An address without an account goes the same way with the same charges and the same work, and fails at the end.

use crate::alarm::{self, Alarm};
use crate::attempt::{self, Waiter, Waiting};
use crate::budget::{Charging, Receipt};
use crate::session::{self, Arriving, Completed};
use crate::{budget, factor_attempt, totp};
use model::budget::{Budget, BudgetLimits};
use model::context::Origin;
use model::fault::Fault;
use model::id::KnownDeviceId;
use model::login_attempt::NewDevicePolicy;
use model::moment::Moment;
use model::secret::{Digest, Key, Secret};
use model::session::{Entrance, KnownDevice, Reach, SessionPolicy};
use model::user::{User, UserState};
use std::time::Duration;
use store::Conn;
use store::tables::{known_devices, organizations, users};

/// An attempt to sign in.
#[derive(Clone, Debug)]
pub struct Attempt {
    /// The address, as accounts are found by it.
    pub email_key: String,
    /// Digest of the cookie that makes this browser known to that account, where it has one.
    pub device_cookie: Option<Digest>,
    /// Where it comes from.
    pub origin: Origin,
}

/// What an attempt has come to before the password is looked at.
#[derive(Clone, Debug)]
pub enum Begun {
    /// The password is to be compared.
    Compare(Box<Comparison>),
    /// Too many wrong ones.
    Spent {
        /// When to try again.
        retry_after: Duration,
        /// Whom to tell of it, in this transaction.
        alarm: Option<Box<Alarm>>,
    },
}

/// A password that is to be compared.
#[derive(Clone, Debug)]
pub struct Comparison {
    /// The account, where the address has an active one.
    account: Option<User>,
    /// The hash to compare with.
    hash: Option<Secret>,
    known: Option<KnownDevice>,
    charged: Receipt,
}

impl Comparison {
    /// The hash to compare with; nothing where there is no account, which costs the same.
    pub fn hash(&self) -> Option<Secret> {
        self.hash.clone()
    }
}

/// Charges the attempt and fetches what to compare with.
///
/// # Errors
/// The database's.
pub fn begin(
    conn: &mut Conn,
    attempt: &Attempt,
    limits: &BudgetLimits,
    key: &Key,
    moment: &Moment,
) -> Result<Begun, Fault> {
    let now = moment.now();
    let found = users::by_email(conn, &attempt.email_key)?;
    let known = match (&found, &attempt.device_cookie) {
        (Some((user, _)), Some(cookie)) => known_devices::by_cookie(conn, user.id, cookie, now)?,
        _ => None,
    };
    let mut budgets = vec![Budget::PasswordsByNetwork(attempt.origin.network())];
    match &known {
        Some(device) => {
            budgets.push(Budget::PasswordsByKnownDevice(device.id));
            budgets.push(Budget::PasswordsByKnownDevices(device.user_id));
        }
        None => budgets.push(Budget::PasswordsByAddress(attempt.email_key.clone())),
    }
    let charged = match budget::charge(conn, &budgets, limits, key, now)? {
        Charging::Taken(receipt) => receipt,
        Charging::Spent { retry_after } => {
            let account = found.map(|(user, _)| user);
            let alarm = match known {
                Some(_) => None,
                None => alarm::of_spent(conn, (&attempt.email_key, account), (limits, key), moment)?,
            };
            return Ok(Begun::Spent { retry_after, alarm: alarm.map(Box::new) });
        }
    };
    let (account, hash) = match found {
        Some((user, hash)) => (Some(user).filter(|user| user.state == UserState::Active), hash),
        None => (None, None),
    };
    Ok(Begun::Compare(Box::new(Comparison { account, hash, known, charged })))
}

/// Gives the charges of a comparison back that was not made, by our own fault.
///
/// # Errors
/// The database's.
pub fn not_evaluated(conn: &mut Conn, comparison: &Comparison) -> Result<(), Fault> {
    budget::refund(conn, &comparison.charged)
}

/// What a right password comes to.
#[derive(Clone, Debug)]
pub enum Outcome {
    /// The account has changed meanwhile, so that the password is not right any more.
    Refused,
    /// A session.
    SignedIn(Box<Completed>),
    /// The account has an authenticator app: its code is to come, from the browser with this cookie.
    FactorMissing(Secret),
    /// The account does not know the browser: its sign-in waits for the answer to a letter.
    Waits(Box<Waiting>, User),
    /// It would have to wait, and too many others do.
    TooManyWait,
}

/// Completes an attempt whose password was right, for the browser `waiter`.
///
/// # Errors
/// The database's.
pub fn complete(
    conn: &mut Conn,
    comparison: &Comparison,
    waiter: &Waiter,
    policy: &SessionPolicy,
    (moment, origin): (&Moment, &Origin),
) -> Result<Outcome, Fault> {
    let Some(account) = &comparison.account else { return Ok(Outcome::Refused) };
    let email_key = model::user::email_key(&account.email).unwrap_or_default();
    // Held until the session is stored: a change of password that comes now waits, and ends the session. So does another
    // sign-in: of the account's known browsers there are never more than the most.
    let still = users::held_to_change_by_email(conn, &email_key)?.filter(|(user, hash)| {
        let same_hash = hash.as_ref().map(Secret::expose) == comparison.hash.as_ref().map(Secret::expose);
        let unchanged = same_hash && user.credentials_changed_at == account.credentials_changed_at;
        user.id == account.id && user.state == UserState::Active && unchanged
    });
    let Some((user, _)) = still else { return Ok(Outcome::Refused) };
    budget::refund(conn, &comparison.charged)?;
    let known = comparison.known.as_ref().map(|device| device.id);
    go_on(conn, user, (known, Entrance::Account), (waiter, policy), (moment, origin))
}

/// What a first proof of an account comes to, be it the password or what an identity provider says. Only for a user that
/// is held to be changed.
pub(crate) fn go_on(
    conn: &mut Conn,
    user: User,
    (known, entrance): (Option<KnownDeviceId>, Entrance),
    (waiter, policy): (&Waiter, &SessionPolicy),
    (moment, origin): (&Moment, &Origin),
) -> Result<Outcome, Fault> {
    // Whoever has a second factor is not asked for the answer to a letter.
    if let Some(cookie) = factor_missing(conn, &user, (known, &entrance), waiter, moment)? {
        return Ok(Outcome::FactorMissing(cookie));
    }
    if holds_back(conn, &user, known.is_some(), entrance.reach())? {
        return Ok(match attempt::open(conn, &user, waiter, (known, &entrance), (moment, origin))? {
            Some(waiting) => Outcome::Waits(Box::new(waiting), user),
            None => Outcome::TooManyWait,
        });
    }
    let lifetime = policy.lifetime(waiter.onward.remember);
    let arriving = Arriving { known, by_factor: false, lifetime, entrance };
    let completed = session::begin(conn, user, arriving, policy, (moment, origin))?;
    Ok(Outcome::SignedIn(Box::new(completed)))
}

/// Begins to wait for the code of the account's authenticator app, where it has one; gives the attempt's cookie.
pub(crate) fn factor_missing(
    conn: &mut Conn,
    user: &User,
    from: (Option<KnownDeviceId>, &Entrance),
    waiter: &Waiter,
    moment: &Moment,
) -> Result<Option<Secret>, Fault> {
    if totp::since(conn, user.id)?.is_none() {
        return Ok(None);
    }
    factor_attempt::open(conn, user, (&waiter.browser, &waiter.onward), from, moment).map(Some)
}

/// Whether the account's organizations want the sign-in to wait.
///
/// Where an organization's own provider says who it is, only an organization that wants it always is asked: it has let
/// that provider decide, and the session opens nothing else. A browser never becomes known by such a sign-in, so that
/// *unknown* would ask every time.
fn holds_back(conn: &mut Conn, user: &User, known: bool, reach: &Reach) -> Result<bool, Fault> {
    if let Reach::Only(org) = reach {
        let policy = organizations::by_id(conn, org)?.map(|organization| organization.sign_in.new_device);
        return Ok(policy == Some(NewDevicePolicy::Always));
    }
    let policy = NewDevicePolicy::strictest(organizations::new_device_policies_of(conn, user.id)?);
    let had_any = users::first_known_device_at(conn, user.id)?.is_some();
    Ok(policy.holds_back(known, had_any))
}
