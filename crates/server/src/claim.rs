//! Somebody types a code: the one place in which the budgets of wrong codes and the grants meet.

use login::budget::{self, Charging};
use model::application::Application;
use model::budget::{Budget, BudgetLimits};
use model::context::Origin;
use model::fault::Fault;
use model::grant::Grant;
use model::id::OrgId;
use model::moment::Moment;
use model::secret::{Keyring, Purpose};
use model::user_code::TypedCode;
use registry::grants::claim::{self, Claimant, Claimed};
use std::time::Duration;
use store::Conn;
use store::tables::code_directory::Directions;

/// What becomes of a code that somebody has typed.
#[derive(Clone, Debug)]
pub enum Continued {
    /// It is theirs to decide.
    Claimed(Directions),
    /// It is a code of an organization of theirs that needs a second factor first.
    FactorMissing(OrgId),
    /// It does not work.
    WrongCode,
    /// Too many did not work before; this one was not looked at.
    Spent {
        /// When to try again.
        retry_after: Duration,
    },
}

/// What a claim needs beside the member and the code.
#[derive(Clone)]
pub struct Claiming {
    /// The keys that are not in the database.
    pub keyring: Keyring,
    /// How many wrong codes there may be.
    pub limits: BudgetLimits,
    /// When.
    pub moment: Moment,
    /// From where.
    pub origin: Origin,
}

impl Claiming {
    /// What a request brings.
    pub fn of(context: &crate::context::Context) -> Self {
        Self {
            keyring: context.state.keyring.clone(),
            limits: context.state.config.budgets,
            moment: context.moment.clone(),
            origin: context.origin.clone(),
        }
    }
}

/// Claims the grant of a code: charged before it is looked at, given back where it works.
///
/// # Errors
/// The database's.
pub fn claim(conn: &mut Conn, claimant: Claimant<'_>, code: &TypedCode, with: &Claiming) -> Result<Continued, Fault> {
    let receipt = match charge(conn, claimant, with)? {
        Charging::Taken(receipt) => receipt,
        Charging::Spent { retry_after } => return Ok(Continued::Spent { retry_after }),
    };
    Ok(match claim::claim(conn, claimant, code, &with.keyring, &with.moment)? {
        Claimed::Nothing => Continued::WrongCode,
        Claimed::FactorMissing(org) => {
            budget::refund(conn, &receipt)?;
            Continued::FactorMissing(org)
        }
        Claimed::Theirs(found) => {
            budget::refund(conn, &receipt)?;
            Continued::Claimed(found)
        }
    })
}

/// What a look at a code finds.
#[derive(Debug)]
pub enum Seen {
    /// A grant that is this person's to decide, or that they have decided, with its application.
    Found(Box<(Grant, Application)>),
    /// It does not work.
    WrongCode,
    /// Too many did not work before; this one was not looked at.
    Spent {
        /// When to try again.
        retry_after: Duration,
    },
}

/// Looks at the grant of a code without claiming it: charged and given back as [`claim`] does.
///
/// # Errors
/// The database's.
pub fn look(conn: &mut Conn, claimant: Claimant<'_>, code: &TypedCode, with: &Claiming) -> Result<Seen, Fault> {
    let receipt = match charge(conn, claimant, with)? {
        Charging::Taken(receipt) => receipt,
        Charging::Spent { retry_after } => return Ok(Seen::Spent { retry_after }),
    };
    Ok(match claim::look(conn, claimant, code, &with.keyring, &with.moment)? {
        None => Seen::WrongCode,
        Some(found) => {
            budget::refund(conn, &receipt)?;
            Seen::Found(Box::new(found))
        }
    })
}

fn charge(conn: &mut Conn, claimant: Claimant<'_>, with: &Claiming) -> Result<Charging, Fault> {
    let key = with.keyring.key(Purpose::Budget);
    let user = claimant.user().id;
    let budgets = [Budget::CodesByNetwork(with.origin.network()), Budget::CodesByUser(user), Budget::CodesInServer];
    budget::charge(conn, &budgets, &with.limits, &key, with.moment.now())
}
