//! Signing in by what a letter holds, in the browser that asked for it.
//!
//! 1. A link is looked up and used up. A code is charged as a password is, so that it is no cheaper to guess at, and is
//!    compared with that of the browser's newest letter; the right one is given back.
//! 2. The letter is in the place of the password, and of nothing else: an account with an authenticator app is asked for its
//!    code. A new browser is not held back, as the answer to a letter is what it would wait for.

use crate::attempt::Waiter;
use crate::budget::{self, Charging};
use crate::factor::Scales;
use crate::session::{self, Arriving};
use crate::sign_in::{self, factor_missing};
use model::budget::Budget;
use model::context::Origin;
use model::fault::Fault;
use model::id::KnownDeviceId;
use model::login_attempt::Onward;
use model::mail_link::{LinkKind, MailLink};
use model::moment::Moment;
use model::secret::{Digest, Purpose};
use model::session::{Entrance, SessionPolicy};
use model::user::{User, email_key};
use std::time::Duration;
use store::Conn;
use store::tables::{mail_links, users};

/// What a browser brings.
#[derive(Clone, Debug)]
pub enum Brought {
    /// The code, as typed.
    Code(String),
    /// The capability of the link.
    Link(String),
}

/// What it comes to.
#[derive(Clone, Debug)]
pub enum Outcome {
    /// It is right: a session, or the second factor is to come; with what the browser wants afterwards.
    Right(sign_in::Outcome, Onward),
    /// It is not, or not here, or not any more.
    Wrong,
    /// Too many codes were wrong; this one was not looked at.
    Spent {
        /// When to try again.
        retry_after: Duration,
    },
}

/// Signs in whoever reads the letter, in the browser with the pre-session `browser`. `known` says what that browser is to an
/// account.
///
/// # Errors
/// The database's.
pub fn complete(
    conn: &mut Conn,
    (brought, browser): (&Brought, &Digest),
    known: impl FnOnce(&mut Conn, &User) -> Result<Option<KnownDeviceId>, Fault>,
    (scales, policy): (&Scales, &SessionPolicy),
    (moment, origin): (&Moment, &Origin),
) -> Result<Outcome, Fault> {
    let now = moment.now();
    let found = match brought {
        Brought::Link(token) => {
            let link = super::live(conn, LinkKind::SignIn, token, &scales.keys, now)?;
            // Another browser's attempt uses nothing up.
            link.filter(|link| link.browser.is_some_and(|asked| asked.same(browser)))
        }
        Brought::Code(typed) => match by_code(conn, typed, browser, scales, (moment, origin))? {
            Ok(link) => link,
            Err(retry_after) => return Ok(Outcome::Spent { retry_after }),
        },
    };
    let Some(link) = found else { return Ok(Outcome::Wrong) };
    if !mail_links::spend(conn, link.id, now)? {
        return Ok(Outcome::Wrong);
    }
    let Some(user) = super::held_account(conn, &link)? else { return Ok(Outcome::Wrong) };
    // The mailbox was read in this very browser.
    users::note_verified(conn, user.id, now)?;
    let known = known(conn, &user)?;
    let onward = Onward { next: link.next, remember: link.remember };
    let waiter = Waiter { browser: *browser, onward: onward.clone(), keys: scales.keys.clone() };
    if let Some(cookie) = factor_missing(conn, &user, (known, &Entrance::Account), &waiter, moment)? {
        return Ok(Outcome::Right(sign_in::Outcome::FactorMissing(cookie), onward));
    }
    let lifetime = policy.lifetime(onward.remember);
    let arriving = Arriving { known, by_factor: false, lifetime, entrance: Entrance::Account };
    let completed = session::begin(conn, user, arriving, policy, (moment, origin))?;
    Ok(Outcome::Right(sign_in::Outcome::SignedIn(Box::new(completed)), onward))
}

/// The link of the browser's newest letter, where the code is that one's; when to try again where too many were wrong.
fn by_code(
    conn: &mut Conn,
    typed: &str,
    browser: &Digest,
    scales: &Scales,
    (moment, origin): (&Moment, &Origin),
) -> Result<Result<Option<MailLink>, Duration>, Fault> {
    let now = moment.now();
    let Some(link) = mail_links::newest_of_browser(conn, LinkKind::SignIn, browser)? else { return Ok(Ok(None)) };
    let budgets = [
        Budget::PasswordsByNetwork(origin.network()),
        Budget::PasswordsByAddress(email_key(&link.email).unwrap_or_default()),
    ];
    let receipt = match budget::charge(conn, &budgets, &scales.limits, &scales.keys.key(Purpose::Budget), now)? {
        Charging::Taken(receipt) => receipt,
        Charging::Spent { retry_after } => return Ok(Err(retry_after)),
    };
    if !link.lives(now) {
        return Ok(Ok(None));
    }
    if !link.is_code(typed, &scales.keys) {
        mail_links::count_wrong_code(conn, link.id)?;
        return Ok(Ok(None));
    }
    budget::refund(conn, &receipt)?;
    Ok(Ok(Some(link)))
}
