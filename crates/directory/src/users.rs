//! Accounts as they are made and changed.

use crate::access::{self, Keys};
use model::audit::{Action, By};
use model::fault::Fault;
use model::id::UserId;
use model::language::Language;
use model::name::DisplayName;
use model::refresh::RevocationReason;
use model::secret::Secret;
use model::user::{User, UserState, email_key};
use store::Conn;
use store::tables::{audit, known_devices, users};

/// An account to be made.
#[derive(Clone, Debug)]
pub struct NewUser {
    /// The address.
    pub email: String,
    /// The name.
    pub name: DisplayName,
    /// Hash of the password, where one is set.
    pub password_hash: Option<Secret>,
    /// Whether the address counts as verified.
    pub verified: bool,
    /// The language that they read: that of the page on which they register, so that letters keep to it whoever causes
    /// them. Nothing where somebody else makes the account.
    pub language: Option<Language>,
}

/// Why an account is not made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NotCreated {
    /// The text is not an address.
    NotAnAddress,
    /// The address has an account.
    Taken,
}

/// Makes an account, with its audit row.
///
/// # Errors
/// The database's.
pub fn create(conn: &mut Conn, new: &NewUser, by: &By) -> Result<Result<User, NotCreated>, Fault> {
    create_with_id(conn, UserId::draw(&by.moment), new, by)
}

/// The same under an id that was drawn before, for who makes their own.
pub(crate) fn create_with_id(
    conn: &mut Conn,
    id: UserId,
    new: &NewUser,
    by: &By,
) -> Result<Result<User, NotCreated>, Fault> {
    let Some(key) = email_key(&new.email) else { return Ok(Err(NotCreated::NotAnAddress)) };
    let user = User {
        id,
        email: new.email.trim().to_owned(),
        name: new.name.clone().into(),
        email_verified_at: new.verified.then_some(by.now()),
        state: UserState::Active,
        credentials_changed_at: by.now(),
        language: new.language,
    };
    if !users::insert(conn, &user, &key, by.now())? {
        return Ok(Err(NotCreated::Taken));
    }
    if let Some(hash) = &new.password_hash {
        users::set_password(conn, user.id, hash)?;
    }
    audit::insert(conn, &by.entry(None, Action::UserCreated, user.id))?;
    Ok(Ok(user))
}

/// Switches an account on or off; false where it was so already. Switching off ends its sessions and families for good:
/// switching on again lets its owner sign in, and lets devices go on whose grants had not been collected.
///
/// # Errors
/// The database's.
pub fn set_state(conn: &mut Conn, user: UserId, state: UserState, by: &By) -> Result<bool, Fault> {
    let changed = users::set_state(conn, user, state)?;
    if changed {
        let action = match state {
            UserState::Active => Action::UserEnabled,
            UserState::Disabled => Action::UserDisabled,
        };
        audit::insert(conn, &by.entry(None, action, user))?;
        if state == UserState::Disabled {
            // After the change: a sign-in or a redemption that was under way has either been stored by now, and ends
            // here, or it finds the account switched off.
            access::end_sessions(conn, user, by)?;
            access::end_families(conn, user, RevocationReason::Admin, by)?;
            access::end_tokens(conn, user, Keys::All, RevocationReason::Admin, by)?;
        }
    }
    Ok(changed)
}

/// Sets a password, which ends everything that the old one let in; API keys and MCP tokens as far as `keys` says: whoever changes
/// their own password chooses, whoever has lost it or has it set keeps none.
///
/// # Errors
/// The database's.
pub fn set_password(conn: &mut Conn, user: UserId, hash: &Secret, keys: Keys, by: &By) -> Result<(), Fault> {
    users::set_password(conn, user, hash)?;
    credentials_changed(conn, user, keys, by)?;
    audit::insert(conn, &by.entry(None, Action::PasswordSet, user))
}

/// What follows a change of whatever proves that somebody is this user, in its transaction: every session and every
/// family of the account ends, and of its opaque tokens those that `keys` names; what it approved and nobody has collected yet is
/// withdrawn, and its known devices are forgotten, each of which could guess at the new password.
///
/// What runs at the same moment and can't be seen from here (a session's approval, a redemption, a refresh) stores
/// nothing that counts: it goes back to a proof that is older than the change, and is refused wherever it turns up.
///
/// # Errors
/// The database's.
pub fn credentials_changed(conn: &mut Conn, user: UserId, keys: Keys, by: &By) -> Result<(), Fault> {
    // Held by now, be it by this or by what changed the credentials: a sign-in that was under way has either begun its
    // session, and it ends here, or it waits and finds the change.
    let Some(account) = users::held_to_change(conn, user)? else { return Ok(()) };
    known_devices::remove_of_user(conn, user)?;
    let newest_proof = access::end_sessions(conn, user, by)?;
    users::set_credentials_changed_at(conn, user, account.changes_at(by.now(), newest_proof))?;
    access::withdraw_approvals(conn, user, None, RevocationReason::Credentials, by)?;
    access::end_families(conn, user, RevocationReason::Credentials, by)?;
    access::end_tokens(conn, user, keys, RevocationReason::Credentials, by)
}

/// Ends every session of an account, and the access of every application to it.
///
/// # Errors
/// The database's.
pub fn sign_out_everywhere(conn: &mut Conn, user: UserId, keys: Keys, by: &By) -> Result<(), Fault> {
    // Held, as by every sign-in: one that was under way has begun its session by now, or begins it after this.
    if users::held_to_change(conn, user)?.is_some() {
        access::end_sessions(conn, user, by)?;
        end_connections(conn, user, keys, by)?;
    }
    Ok(())
}

/// Ends the access of every application to an account, and takes back what its user has approved and no device has
/// collected, each with its audit row.
///
/// # Errors
/// The database's.
pub fn end_connections(conn: &mut Conn, user: UserId, keys: Keys, by: &By) -> Result<(), Fault> {
    access::withdraw_approvals(conn, user, None, RevocationReason::User, by)?;
    access::end_families(conn, user, RevocationReason::User, by)?;
    access::end_tokens(conn, user, keys, RevocationReason::User, by)
}
