//! A passkey is registered, by somebody signed in.

use super::{MOST_OF_ACCOUNT, Options, RelyingParty, keep};
use model::audit::{Action, By};
use model::context::Origin;
use model::fault::Fault;
use model::id::PasskeyId;
use model::moment::Moment;
use model::name::DisplayName;
use model::secret::Digest;
use model::time::Timestamp;
use model::user::User;
use store::Conn;
use store::tables::audit;
use store::tables::ceremonies::{self, CeremonyKind};
use store::tables::passkeys::{self, PasskeyRow};
use webauthn_rs::prelude::RegisterPublicKeyCredential;

/// Begins to register one for the session with this cookie; nothing where too many ceremonies run. Authenticators that
/// have a passkey of the account are told not to make another.
///
/// # Errors
/// The database's.
pub fn begin(
    conn: &mut Conn,
    relying_party: &RelyingParty,
    (user, session): (&User, &Digest),
    at: (&Moment, &Origin),
) -> Result<Option<Options>, Fault> {
    let existing = passkeys::of_user(conn, user.id)?;
    let begun = relying_party.begin_registration(user, &existing)?;
    keep(conn, (session, CeremonyKind::Registration), begun, at)
}

/// What a browser has brought, and what it was asked.
#[derive(Clone, Debug)]
pub struct Registration {
    pub(super) state: String,
    pub(super) credential: RegisterPublicKeyCredential,
}

/// What became of what a browser has brought.
#[derive(Clone, Debug)]
pub enum Brought {
    /// It is to be verified by the [`RelyingParty`].
    Verify(Box<Registration>),
    /// It is not what authenticators answer.
    Unreadable,
    /// Nothing of the kind was begun in this session, or not lately, or it was used.
    Over,
}

/// Reads what the session with this cookie brings.
///
/// # Errors
/// The database's.
pub fn read(conn: &mut Conn, session: &Digest, credential: &str, now: Timestamp) -> Result<Brought, Fault> {
    let Ok(credential) = serde_json::from_str(credential) else { return Ok(Brought::Unreadable) };
    let state = ceremonies::live(conn, (session, CeremonyKind::Registration), now)?;
    Ok(state.map_or(Brought::Over, |state| Brought::Verify(Box::new(Registration { state, credential }))))
}

/// A passkey that has been verified and is not kept yet.
#[derive(Clone, Debug)]
pub struct NewPasskey {
    pub(super) ceremony: String,
    pub(super) credential_id: Vec<u8>,
    pub(super) credential: String,
}

/// What becomes of a new passkey.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Added {
    /// It counts from now on.
    Yes,
    /// It is registered already, by whomever.
    Known,
    /// The account has as many as it may have.
    TooMany,
    /// The ceremony was used, or is too old by now.
    Over,
}

/// Keeps a verified passkey, with the audit row. Only for a user that is held to be changed.
///
/// # Errors
/// The database's.
pub fn add(
    conn: &mut Conn,
    (user, session): (&User, &Digest),
    new: &NewPasskey,
    name: &DisplayName,
    by: &By,
) -> Result<Added, Fault> {
    if !ceremonies::spend(conn, (session, CeremonyKind::Registration), &new.ceremony, by.now())? {
        return Ok(Added::Over);
    }
    if passkeys::of_user(conn, user.id)?.len() >= MOST_OF_ACCOUNT {
        return Ok(Added::TooMany);
    }
    let row = PasskeyRow {
        id: PasskeyId::draw(&by.moment),
        user_id: user.id,
        credential_id: new.credential_id.clone(),
        name: name.as_str().to_owned(),
        credential: new.credential.clone(),
        // Authenticators that count begin somewhere; the credential has where. From here on it is the last use's.
        counter: 0,
        created_at: by.now(),
        last_used_at: None,
    };
    if !passkeys::insert(conn, &row)? {
        return Ok(Added::Known);
    }
    audit::insert(conn, &by.entry(None, Action::PasskeyAdded, row.id))?;
    Ok(Added::Yes)
}
