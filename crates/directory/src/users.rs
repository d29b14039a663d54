//! Accounts as the operator makes and changes them.

use model::audit::{Action, Actor, AuditEntry};
use model::fault::Fault;
use model::id::UserId;
use model::moment::Moment;
use model::refresh::RevocationReason;
use model::secret::Secret;
use model::user::{User, UserState, email_key};
use store::Conn;
use store::tables::{audit, families, grants, sessions, users};

/// An account to be made.
#[derive(Clone, Debug)]
pub struct NewUser {
    /// The address.
    pub email: String,
    /// The name.
    pub name: String,
    /// Hash of the password, where one is set.
    pub password_hash: Option<Secret>,
    /// Whether the address counts as verified.
    pub verified: bool,
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
pub fn create(
    conn: &mut Conn,
    new: &NewUser,
    actor: &Actor,
    moment: &Moment,
) -> Result<Result<User, NotCreated>, Fault> {
    let Some(key) = email_key(&new.email) else { return Ok(Err(NotCreated::NotAnAddress)) };
    let user = User {
        id: UserId::draw(moment),
        email: new.email.trim().to_owned(),
        name: new.name.clone(),
        email_verified_at: new.verified.then_some(moment.now()),
        state: UserState::Active,
    };
    if !users::insert(conn, &user, &key, moment.now())? {
        return Ok(Err(NotCreated::Taken));
    }
    if let Some(hash) = &new.password_hash {
        users::set_password(conn, user.id, hash)?;
    }
    audit::insert(conn, &AuditEntry::new(moment, None, actor.clone(), Action::UserCreated, user.id))?;
    Ok(Ok(user))
}

/// Switches an account on or off; false where it was so already.
///
/// # Errors
/// The database's.
pub fn set_state(
    conn: &mut Conn,
    user: UserId,
    state: UserState,
    actor: &Actor,
    moment: &Moment,
) -> Result<bool, Fault> {
    let changed = users::set_state(conn, user, state)?;
    if changed {
        let action = match state {
            UserState::Active => Action::UserEnabled,
            UserState::Disabled => Action::UserDisabled,
        };
        audit::insert(conn, &AuditEntry::new(moment, None, actor.clone(), action, user))?;
    }
    Ok(changed)
}

/// Sets a password, which ends every session and every family of the account, and withdraws what it approved and nobody
/// has collected yet.
///
/// # Errors
/// The database's.
pub fn set_password(conn: &mut Conn, user: UserId, hash: &Secret, actor: &Actor, moment: &Moment) -> Result<(), Fault> {
    users::set_password(conn, user, hash)?;
    sessions::remove_of_user(conn, user)?;
    grants::withdraw_approvals(conn, user, moment.now())?;
    for (family, ..) in families::active_of_user(conn, user, moment.now())? {
        if families::revoke(conn, &family.org_id, family.id, RevocationReason::Credentials, moment.now())? {
            let entry = AuditEntry::new(moment, Some(&family.org_id), actor.clone(), Action::FamilyRevoked, family.id);
            audit::insert(conn, &entry)?;
        }
    }
    audit::insert(conn, &AuditEntry::new(moment, None, actor.clone(), Action::PasswordSet, user))
}
