//! Another address for an account.
//!
//! 1. [`ask`] charges the letter to budgets that no letter of a stranger is charged to, and stores the address that somebody signed in wants. A
//!    letter goes there, whoever has the address: it alone says whether it is free.
//! 2. Its link is good for whoever reads the letter *and* is signed in to the account: [`find`]. Somebody else's mailbox,
//!    reached by a slip of the pen, has nothing of it.
//! 3. The caller changes the address, and tells both.

use crate::budget::{self, Charging};
use model::budget::{Budget, BudgetLimits};
use model::context::Origin;
use model::email_change::{self, EmailChange, LIFE};
use model::fault::Fault;
use model::id::MailLinkId;
use model::moment::Moment;
use model::secret::{Key, Keyring};
use model::time::Timestamp;
use model::user::User;
use std::time::Duration;
use store::Conn;
use store::tables::{email_changes, users};

/// What comes of asking.
#[derive(Clone, Debug)]
pub enum Outcome {
    /// A letter is to be written to the address, with the link.
    Write(EmailChange),
    /// A letter is to be written to the address, which has an account already.
    Taken,
    /// Too many letters.
    Spent {
        /// When to ask again.
        retry_after: Duration,
    },
}

/// Charges the letter and stores what is asked for. Only for a user that is held to be changed.
///
/// # Errors
/// The database's.
pub fn ask(
    conn: &mut Conn,
    user: &User,
    (email, email_key): (&str, &str),
    (limits, key): (&BudgetLimits, &Key),
    (moment, origin): (&Moment, &Origin),
) -> Result<Outcome, Fault> {
    let now = moment.now();
    let budgets = [
        Budget::LettersByNetwork(origin.network()),
        Budget::EmailChangesByUser(user.id),
        Budget::EmailChangesByAddress(email_key.to_owned()),
    ];
    if let Charging::Spent { retry_after } = budget::charge(conn, &budgets, limits, key, now)? {
        return Ok(Outcome::Spent { retry_after });
    }
    let change = EmailChange {
        id: MailLinkId::draw(moment),
        user_id: user.id,
        email: email.to_owned(),
        credentials_changed_at: user.credentials_changed_at,
        expires_at: now.after(LIFE),
    };
    email_changes::put(conn, &change)?;
    // Another way of writing their own address is theirs.
    let taken = users::by_email(conn, email_key)?.is_some_and(|(holder, _)| holder.id != user.id);
    Ok(if taken { Outcome::Taken } else { Outcome::Write(change) })
}

/// What the letter's capability is for, where it is for this user; nothing where it is over, or another's.
///
/// # Errors
/// The database's.
pub fn find(
    conn: &mut Conn,
    user: &User,
    token: &str,
    keys: &Keyring,
    now: Timestamp,
) -> Result<Option<EmailChange>, Fault> {
    let Some(id) = email_change::open(token, keys) else { return Ok(None) };
    let change = email_changes::of_user(conn, user.id)?;
    Ok(change.filter(|change| change.id == id && change.is_open_to(user, now)))
}
