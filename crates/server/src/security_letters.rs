//! Letters to a user about what keeps the account safe.

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

/// Tells a user that one of their recovery codes was used, and how many are left. Call it in the transaction that spends
/// the code.
///
/// # Errors
/// The database's.
pub fn recovery_code_used(conn: &mut Conn, user: &User, asked_in: Language, by: &By) -> Result<(), Fault> {
    let left = login::recovery::left(conn, user.id)?.map_or(0, |(left, _)| left);
    post(conn, (user, asked_in), AccountChange::RecoveryCodeUsed(left), by)
}
