//! What people do with their own accounts: name and language, another address, the end.

use crate::access::{self, Keys};
use crate::members::{self, Removed};
use model::audit::{Action, By};
use model::fault::Fault;
use model::language::Language;
use model::name::DisplayName;
use model::org::Organization;
use model::refresh::RevocationReason;
use model::user::{User, email_key};
use store::Conn;
use store::tables::{
    audit, email_changes, factor_attempts, invitations, known_devices, login_attempts, mail_links, memberships,
    organizations, outbox, passkeys, recovery_codes, totp, upstream_identities, users,
};

/// Sets name and language.
///
/// # Errors
/// The database's.
pub fn change(
    conn: &mut Conn,
    user: &User,
    (name, language): (&DisplayName, Option<Language>),
    by: &By,
) -> Result<(), Fault> {
    if user.name == name.as_str() && user.language == language {
        return Ok(());
    }
    users::set_name(conn, user.id, name.as_str())?;
    users::set_language(conn, user.id, language)?;
    audit::insert(conn, &by.entry(None, Action::UserChanged, user.id))
}

/// Gives an account another address, that its owner has proven; false where the address has another account. What
/// letters to the old address could still do ends: links, codes, approvals.
///
/// Only for a user that is held to be changed.
///
/// # Errors
/// The database's.
pub fn change_email(conn: &mut Conn, user: &User, email: &str, by: &By) -> Result<bool, Fault> {
    let Some(key) = email_key(email) else { return Ok(false) };
    if !users::set_email(conn, user.id, (email.trim(), &key), by.now())? {
        return Ok(false);
    }
    email_changes::remove(conn, user.id)?;
    mail_links::remove_of_user(conn, user.id)?;
    login_attempts::remove_of_user(conn, user.id)?;
    audit::insert(conn, &by.entry(None, Action::EmailChanged, user.id))?;
    Ok(true)
}

/// The organizations that would be left without an owner.
///
/// # Errors
/// The database's.
pub fn owned_alone(conn: &mut Conn, user: &User) -> Result<Vec<Organization>, Fault> {
    let mut alone = Vec::new();
    for (organization, _) in organizations::of_user(conn, user.id)? {
        if memberships::owners(conn, &organization.id)? == [user.id] {
            alone.push(organization);
        }
    }
    Ok(alone)
}

/// Deletes an account: everything that it let in ends, everywhere, and nothing is left that says whose it was but what
/// the log tells, and what ends by itself within minutes (a sign-in by a provider or a passkey that is under way). Letters
/// to its address go with it, and invitations. Nothing is deleted where an organization would be left without an owner; they are given.
///
/// Only for a user that is held to be changed.
///
/// # Errors
/// The database's.
pub fn delete(conn: &mut Conn, user: &User, by: &By) -> Result<Result<(), Vec<Organization>>, Fault> {
    let theirs = organizations::of_user(conn, user.id)?;
    // Of two owners who leave at once the second finds here that it is the last.
    for (organization, _) in &theirs {
        memberships::held_owners(conn, &organization.id)?;
    }
    let alone = owned_alone(conn, user)?;
    if !alone.is_empty() {
        return Ok(Err(alone));
    }
    for (organization, _) in theirs {
        if members::remove(conn, &organization.id, user.id, by)? == Removed::LastOwner {
            return Err(Fault::busy("the owners of an organization changed meanwhile"));
        }
    }
    access::withdraw_approvals(conn, user.id, None, RevocationReason::User, by)?;
    access::end_families(conn, user.id, RevocationReason::User, by)?;
    access::end_tokens(conn, user.id, Keys::All, RevocationReason::User, by)?;
    access::end_sessions(conn, user.id, by)?;
    known_devices::remove_of_user(conn, user.id)?;
    mail_links::remove_of_user(conn, user.id)?;
    email_changes::remove(conn, user.id)?;
    login_attempts::remove_of_user(conn, user.id)?;
    factor_attempts::remove_of_user(conn, user.id)?;
    totp::remove(conn, user.id)?;
    recovery_codes::remove_of_user(conn, user.id)?;
    passkeys::remove_of_user(conn, user.id)?;
    for linked in upstream_identities::of_user(conn, user.id)? {
        upstream_identities::remove(conn, user.id, linked.id)?;
    }
    outbox::remove_to(conn, &user.email)?;
    if let Some(key) = email_key(&user.email) {
        invitations::remove_of_address(conn, &key)?;
    }
    users::erase(conn, user.id, by.now())?;
    audit::insert(conn, &by.entry(None, Action::UserDeleted, user.id))?;
    Ok(Ok(()))
}
