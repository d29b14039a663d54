//! Letters that somebody who is not signed in asks for: to register, to choose a new password, to sign in.
//!
//! 1. [`ask`] looks for the address's account, charges the budgets, and stores what is asked for. It does the same whether
//!    there is an account or not; the letter alone says which. What a stranger can spend is what letters from one network
//!    to one address cost, so that nobody locks others out by naming their address; and in a browser that the account knows
//!    a letter costs none of what strangers share.
//! 2. The letter holds a capability that is derived from the stored row, and nothing else does.
//! 3. [`live`] shows what a capability is for, and changes nothing, as mail scanners open every link. [`take`] uses it up.
//!
//! A sign-in by code or link is bound to the browser that asked for it, and completed by [`sign_in`]; the others are their
//! reader's, wherever they read.

pub mod sign_in;

use crate::budget::{self, Charging};
use model::budget::{Budget, BudgetLimits};
use model::context::Origin;
use model::fault::Fault;
use model::id::{MailLinkId, OrgId};
use model::mail_link::{LinkAccount, LinkKind, MailLink, open_capability};
use model::moment::Moment;
use model::secret::{Digest, Key, Keyring};
use model::time::Timestamp;
use model::user::{User, UserState};
use std::time::Duration;
use store::Conn;
use store::tables::{known_devices, mail_links, users};

/// What is asked for.
#[derive(Clone, Debug)]
pub struct Asked {
    /// What the letter is for.
    pub kind: LinkKind,
    /// The address, as it was typed.
    pub email: String,
    /// The same in the form that accounts are found by.
    pub email_key: String,
    /// The organization that one registers at.
    pub org_id: Option<OrgId>,
    /// The pre-session of the browser that asks, where no other may use what the letter holds.
    pub browser: Option<Digest>,
    /// Where that browser goes on to.
    pub next: String,
    /// Whether it stays signed in.
    pub remember: bool,
}

/// What comes of asking.
#[derive(Clone, Debug)]
pub enum Outcome {
    /// A letter is to be written about this link, to this account or to the address without one.
    Write(Box<MailLink>, Option<Box<User>>),
    /// Too many letters.
    Spent {
        /// When to ask again.
        retry_after: Duration,
    },
}

/// Charges the letter and stores what it is for. `device_cookie` is the digest of the cookie that makes the browser known
/// to the address's account, where it has one.
///
/// # Errors
/// The database's.
pub fn ask(
    conn: &mut Conn,
    (asked, device_cookie): (&Asked, Option<&Digest>),
    (limits, key): (&BudgetLimits, &Key),
    (moment, origin): (&Moment, &Origin),
) -> Result<Outcome, Fault> {
    let (now, network) = (moment.now(), origin.network());
    let account = users::by_email(conn, &asked.email_key)?.map(|(user, _)| user);
    let known = match (&account, device_cookie) {
        (Some(user), Some(cookie)) => known_devices::by_cookie(conn, user.id, cookie, now)?,
        _ => None,
    };
    let mut budgets = vec![Budget::LettersByNetwork(network)];
    match known {
        Some(device) => budgets.push(Budget::LettersByKnownDevice(device.id)),
        None => {
            budgets.push(Budget::LettersByAddressFromNetwork(asked.email_key.clone(), network));
            budgets.push(Budget::LettersByAddress(asked.email_key.clone()));
        }
    }
    if let Charging::Spent { retry_after } = budget::charge(conn, &budgets, limits, key, now)? {
        return Ok(Outcome::Spent { retry_after });
    }
    let link = open(conn, asked, account.as_ref(), moment)?;
    Ok(Outcome::Write(Box::new(link), account.map(Box::new)))
}

/// Stores a link without charging anybody, for whoever may make as many as they like. Only an active account's link is
/// bound to it; for any other the link leads nowhere.
///
/// # Errors
/// The database's.
pub fn open(conn: &mut Conn, asked: &Asked, account: Option<&User>, moment: &Moment) -> Result<MailLink, Fault> {
    let now = moment.now();
    let link = MailLink {
        id: MailLinkId::draw(moment),
        kind: asked.kind,
        email: asked.email.trim().to_owned(),
        account: account.filter(|user| user.state == UserState::Active).map(LinkAccount::of),
        org_id: asked.org_id.clone(),
        browser: asked.browser,
        next: asked.next.clone(),
        remember: asked.remember,
        wrong_codes: 0,
        created_at: now,
        expires_at: now.after(asked.kind.lifetime()),
        used_at: None,
    };
    mail_links::insert(conn, &link)?;
    Ok(link)
}

/// What a capability is for; nothing where it is not ours, of another kind, used or over.
///
/// # Errors
/// The database's.
pub fn live(
    conn: &mut Conn,
    kind: LinkKind,
    token: &str,
    keys: &Keyring,
    now: Timestamp,
) -> Result<Option<MailLink>, Fault> {
    let Some(id) = open_capability(&keys.key(kind.purpose()), token) else { return Ok(None) };
    let found = mail_links::by_id(conn, MailLinkId::from_uuid(id))?;
    Ok(found.filter(|link| link.kind == kind && link.lives(now)))
}

/// As [`live`], and uses it up: of two who come at once one gets it.
///
/// # Errors
/// The database's.
pub fn take(
    conn: &mut Conn,
    kind: LinkKind,
    token: &str,
    keys: &Keyring,
    now: Timestamp,
) -> Result<Option<MailLink>, Fault> {
    let Some(link) = live(conn, kind, token, keys, now)? else { return Ok(None) };
    Ok(mail_links::spend(conn, link.id, now)?.then_some(link))
}

/// The account of a link, where it is as it was when the link was asked for.
///
/// # Errors
/// The database's.
pub fn account(conn: &mut Conn, link: &MailLink) -> Result<Option<User>, Fault> {
    let Some(account) = link.account else { return Ok(None) };
    let found = users::by_id(conn, account.user_id)?;
    Ok(found.filter(|user| user.state == UserState::Active && account.is(user)))
}

/// As [`account`], and nobody else changes it until the transaction ends.
///
/// # Errors
/// The database's.
pub fn held_account(conn: &mut Conn, link: &MailLink) -> Result<Option<User>, Fault> {
    let Some(account) = link.account else { return Ok(None) };
    let found = users::held_to_change(conn, account.user_id)?;
    Ok(found.filter(|user| user.state == UserState::Active && account.is(user)))
}
