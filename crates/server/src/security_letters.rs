//! Letters to a user about what keeps the account safe, and the uses that never go without one.

use delivery::{AccountChange, AccountChanged, Letter, To};
use model::audit::By;
use model::fault::Fault;
use model::language::Language;
use model::user::User;
use store::Conn;

/// Tells the owner of an account what has happened to it, in their language or that of the request. Call it in the transaction in which it does.
///
/// # Errors
/// The database's.
pub fn post(conn: &mut Conn, (user, asked_in): (&User, Language), change: AccountChange, by: &By) -> Result<(), Fault> {
    let letter = Letter::AccountChanged(AccountChanged {
        user_name: user.name.clone(),
        change,
        changed_at: by.now(),
        address: by.origin.as_ref().map(|origin| origin.address),
        program: by.origin.as_ref().map(|origin| origin.program.clone()).unwrap_or_default(),
    });
    delivery::outbox::post(conn, &letter, To::user(user, asked_in), &by.moment).map(drop)
}

/// Spends one of a user's recovery codes, as typed, and tells them so; false where they have no such code that is not
/// spent.
///
/// # Errors
/// The database's.
pub fn spend_recovery_code(
    conn: &mut Conn,
    (user, asked_in): (&User, Language),
    code: &str,
    by: &By,
) -> Result<bool, Fault> {
    if !login::recovery::spend(conn, user.id, code, by)? {
        return Ok(false);
    }
    let left = login::recovery::left(conn, user.id)?.map_or(0, |(left, _)| left);
    post(conn, (user, asked_in), AccountChange::RecoveryCodeUsed(left), by)?;
    Ok(true)
}
