//! That strangers have used up the attempts at an account's password, told to its owner once a day.
//!
//! 1. [`of_spent`] finds out, as an attempt is refused, whether it was for this, and whether somebody is to be told: not a
//!    second time in a day, and not where the address has had as many letters as it may.
//! 2. [`Alarm::tell`] writes the audit row and the letter, in the same transaction.
//!
//! An address without an account goes the same way with the same charges, and the same rows are written. Then they are
//! taken back.

use crate::budget::{self, Charging};
use model::audit::{Action, Actor, By};
use model::budget::{Budget, BudgetLimits};
use model::context::Origin;
use model::fault::Fault;
use model::id::UserId;
use model::moment::Moment;
use model::secret::Key;
use model::user::{User, UserState};
use store::Conn;
use store::tables::audit;

/// Whom to tell.
#[derive(Clone, Debug)]
pub struct Alarm {
    account: User,
    /// Whether there is such an account, and its owner can sign in with it.
    usable: bool,
}

/// Whom to tell after a refused attempt by a browser that the account of `email_key` does not know. Nobody where that
/// account's attempts are not spent, or were told of.
pub(crate) fn of_spent(
    conn: &mut Conn,
    (email_key, account): (&str, Option<User>),
    (limits, key): (&BudgetLimits, &Key),
    moment: &Moment,
) -> Result<Option<Alarm>, Fault> {
    let now = moment.now();
    // It may have been the network's attempts that were spent.
    if !budget::is_spent(conn, &Budget::PasswordsByAddress(email_key.to_owned()), limits, key, now)? {
        return Ok(None);
    }
    let letter = [Budget::AlarmsByAddress(email_key.to_owned()), Budget::LettersByAddress(email_key.to_owned())];
    if let Charging::Spent { .. } = budget::charge(conn, &letter, limits, key, now)? {
        return Ok(None);
    }
    let usable = account.as_ref().is_some_and(|user| user.state == UserState::Active);
    let account = account.unwrap_or_else(|| nobody(email_key, moment));
    Ok(Some(Alarm { account, usable }))
}

/// Stands for the account of an address that has none.
fn nobody(email_key: &str, moment: &Moment) -> User {
    User {
        id: UserId::draw(moment),
        email: email_key.to_owned(),
        name: String::new(),
        email_verified_at: None,
        state: UserState::Disabled,
        credentials_changed_at: moment.now(),
        language: None,
    }
}

impl Alarm {
    /// Writes the audit row and, by `post`, the letter. Where there is nobody to tell, both are written and taken back.
    ///
    /// # Errors
    /// The database's.
    pub fn tell(
        &self,
        conn: &mut Conn,
        (moment, origin): (&Moment, &Origin),
        post: impl FnOnce(&mut Conn, &User, &By) -> Result<(), Fault>,
    ) -> Result<(), Fault> {
        let by = By::request(Actor::Stranger, (moment, origin));
        let mut written = false;
        let outcome = conn.savepoint(|conn| {
            audit::insert(conn, &by.entry(None, Action::PasswordsSpent, self.account.id))?;
            post(conn, &self.account, &by)?;
            written = true;
            if self.usable { Ok(()) } else { Err(Fault::broken("there is nobody to tell")) }
        });
        if written && !self.usable { Ok(()) } else { outcome }
    }
}
