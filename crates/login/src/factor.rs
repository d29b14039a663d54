//! What somebody types in proof of a second factor, or once more in proof of who they are: charged before it is looked at.

use crate::budget::{self, Charging, Receipt};
use crate::{passkey, recovery, totp};
use model::audit::By;
use model::budget::{Budget, BudgetLimits};
use model::fault::Fault;
use model::id::UserId;
use model::secret::{Keyring, Purpose};
use model::session::Reach;
use std::time::Duration;
use store::Conn;
use store::tables::{passkeys, recovery_codes};

/// What guesses are weighed with.
#[derive(Clone, Debug)]
pub struct Scales {
    /// The keys that are not in the database.
    pub keys: Keyring,
    /// How many wrong guesses there may be.
    pub limits: BudgetLimits,
}

/// What a code turned out to be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Weighed {
    /// The authenticator app's.
    Totp,
    /// A recovery code, which is spent now: the letter about it is posted in this transaction.
    RecoveryCode,
    /// Neither.
    Wrong,
    /// Too many were neither; this one was not looked at.
    Spent {
        /// When to try again.
        retry_after: Duration,
    },
}

/// Looks at a code that somebody types for an account which they have shown to be theirs otherwise, as far as `reach`. Only
/// for a user that is held to be changed.
///
/// # Errors
/// The database's.
pub fn weigh(
    conn: &mut Conn,
    (user, reach): (UserId, &Reach),
    typed: &str,
    scales: &Scales,
    by: &By,
) -> Result<Weighed, Fault> {
    let recovers = recovery::looks_like_one(typed);
    // A recovery code can't be guessed, and is the way out for whose budget somebody else has spent.
    let own = (!recovers).then(|| match reach {
        Reach::Everywhere => Budget::FactorsByUser(user),
        Reach::Only(org) => Budget::FactorsByMember(user, org.clone()),
    });
    let receipt = match charge(conn, own, scales, by)? {
        Charging::Taken(receipt) => receipt,
        Charging::Spent { retry_after } => return Ok(Weighed::Spent { retry_after }),
    };
    let weighed = if recovers {
        if recovery::spend(conn, user, typed, by)? { Weighed::RecoveryCode } else { Weighed::Wrong }
    } else if totp::check(conn, user, typed, &scales.keys, by.now())? {
        Weighed::Totp
    } else {
        Weighed::Wrong
    };
    if weighed != Weighed::Wrong {
        budget::refund(conn, &receipt)?;
    }
    Ok(weighed)
}

/// Takes the first code of an app that is being set up, charged as any other.
///
/// # Errors
/// The database's.
pub fn confirm(
    conn: &mut Conn,
    user: UserId,
    typed: &str,
    scales: &Scales,
    by: &By,
) -> Result<Result<totp::Confirmed, Duration>, Fault> {
    let receipt = match charge(conn, Some(Budget::FactorsByUser(user)), scales, by)? {
        Charging::Taken(receipt) => receipt,
        Charging::Spent { retry_after } => return Ok(Err(retry_after)),
    };
    let confirmed = totp::confirm(conn, user, typed, &scales.keys, by)?;
    if confirmed != totp::Confirmed::WrongCode {
        budget::refund(conn, &receipt)?;
    }
    Ok(Ok(confirmed))
}

/// Charges a password that somebody signed in types once more, before it is compared.
///
/// # Errors
/// The database's.
pub fn charge_password(conn: &mut Conn, user: UserId, scales: &Scales, by: &By) -> Result<Charging, Fault> {
    charge(conn, Some(Budget::StepUpsByUser(user)), scales, by)
}

/// Gives a password's charge back, which was right or was not compared.
///
/// # Errors
/// The database's.
pub fn refund(conn: &mut Conn, receipt: &Receipt) -> Result<(), Fault> {
    budget::refund(conn, receipt)
}

fn charge(conn: &mut Conn, own: Option<Budget>, scales: &Scales, by: &By) -> Result<Charging, Fault> {
    let network = by.origin.as_ref().map(|origin| Budget::PasswordsByNetwork(origin.network()));
    let budgets: Vec<Budget> = network.into_iter().chain(own).collect();
    budget::charge(conn, &budgets, &scales.limits, &scales.keys.key(Purpose::Budget), by.now())
}

/// Second factors that were taken away from an account.
#[derive(Clone, Debug, Default)]
pub struct Removed {
    /// Its authenticator app.
    pub totp: bool,
    /// Its passkeys, by name.
    pub passkeys: Vec<String>,
}

/// Takes all second factors away from an account, each with its audit row, and its recovery codes with them: for whoever runs
/// the server, at the wish of somebody who has lost them. Only for a user that is held to be changed.
///
/// # Errors
/// The database's.
pub fn remove_all(conn: &mut Conn, user: UserId, by: &By) -> Result<Removed, Fault> {
    let mut removed = Removed { totp: totp::remove(conn, user, by)?, passkeys: Vec::new() };
    for own in passkeys::of_user(conn, user)? {
        removed.passkeys.extend(passkey::remove(conn, user, own.id, by)?);
    }
    recovery_codes::remove_of_user(conn, user)?;
    Ok(removed)
}

/// Which second factors an account has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Factors {
    /// An authenticator app.
    pub totp: bool,
    /// A passkey or more.
    pub passkeys: bool,
}

impl Factors {
    /// Those of a user.
    ///
    /// # Errors
    /// The database's.
    pub fn of(conn: &mut Conn, user: UserId) -> Result<Self, Fault> {
        Ok(Self { totp: totp::since(conn, user)?.is_some(), passkeys: !passkeys::of_user(conn, user)?.is_empty() })
    }

    /// Whether there is any.
    pub const fn any(self) -> bool {
        self.totp || self.passkeys
    }
}
