//! A member types a code: the one place in which the budgets of wrong codes and the grants meet.

use login::budget::{self, Charging};
use model::budget::{Budget, BudgetLimits};
use model::context::Origin;
use model::fault::Fault;
use model::id::GrantId;
use model::moment::Moment;
use model::secret::{Keyring, Purpose};
use model::user::OrgMember;
use model::user_code::TypedCode;
use registry::grants::claim;
use std::time::Duration;
use store::Conn;

/// What becomes of a code that a member has typed.
#[derive(Clone, Debug)]
pub enum Continued {
    /// It is theirs to decide.
    Claimed(GrantId),
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
pub fn claim(conn: &mut Conn, member: &OrgMember, code: &TypedCode, with: &Claiming) -> Result<Continued, Fault> {
    let key = with.keyring.key(Purpose::Budget);
    let budgets =
        [Budget::CodesByNetwork(with.origin.network()), Budget::CodesByUser(member.user().id), Budget::CodesInServer];
    let receipt = match budget::charge(conn, &budgets, &with.limits, &key, with.moment.now())? {
        Charging::Taken(receipt) => receipt,
        Charging::Spent { retry_after } => return Ok(Continued::Spent { retry_after }),
    };
    Ok(match claim::claim(conn, member, code, &with.keyring, &with.moment)? {
        None => Continued::WrongCode,
        Some(grant) => {
            budget::refund(conn, &receipt)?;
            Continued::Claimed(grant)
        }
    })
}
