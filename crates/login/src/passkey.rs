//! Passkeys (WebAuthn Level 3).
//!
//! 1. [`register::begin`], [`prove::begin_sign_in`] or [`prove::begin_step_up`] gives the options that the browser hands to
//!    its authenticator, a random challenge among them, and keeps the ceremony's state on our side for five minutes: for
//!    the browser with this cookie, one of a kind.
//! 2. The browser brings what the authenticator has signed. [`register::read`] or [`prove::read`] finds what it is to be
//!    compared with.
//! 3. [`RelyingParty`] compares, with no connection held: origin, domain, challenge, signature, and that the authenticator
//!    has verified its user, by a finger, a face or a PIN. That makes a passkey two factors in one.
//! 4. [`register::add`], [`prove::sign_in`] or [`prove::step_up`] uses the ceremony up, by a guarded delete, in the
//!    transaction of what it was for: of two who bring it to its end at once, one does.
//!
//! No address is typed: the passkey itself names its account, and only one who does so signs in. A signature counter that
//! has not grown since the last use means that there may be a copy: it is refused, written down by [`prove::refuse_copy`],
//! and its owner told.

pub mod prove;
pub mod register;
mod relying_party;

pub use relying_party::RelyingParty;

use model::audit::{Action, By};
use model::context::Origin;
use model::fault::Fault;
use model::id::{PasskeyId, UserId};
use model::moment::Moment;
use model::name::DisplayName;
use model::secret::Digest;
use std::time::Duration;
use store::Conn;
use store::tables::ceremonies::{self, CeremonyKind};
use store::tables::room::Most;
use store::tables::{audit, passkeys};

/// How long a ceremony waits for its end.
pub const LIFE: Duration = Duration::from_secs(5 * 60);

/// The most passkeys of one account.
pub const MOST_OF_ACCOUNT: usize = 25;

/// The most ceremonies that run. Whoever asks at the sign-in page is a stranger with a cookie that costs nothing, so there
/// has to be a bound; a large office behind one address stays below it.
pub const MOST: Most = Most { from_network: 1_000, in_server: 50_000 };

/// What the browser hands to its authenticator, as JSON in which bytes are base64url.
pub type Options = serde_json::Value;

/// A ceremony as it begins.
struct Begun {
    options: Options,
    state: String,
}

/// Keeps a ceremony for the browser with this cookie and gives its options; nothing where too many of its network run already.
fn keep(
    conn: &mut Conn,
    (cookie, kind): (&Digest, CeremonyKind),
    begun: Begun,
    (moment, origin): (&Moment, &Origin),
) -> Result<Option<Options>, Fault> {
    let (network, now) = (origin.network(), moment.now());
    if !ceremonies::make_room(conn, (network, cookie), MOST, now)? {
        return Ok(None);
    }
    ceremonies::put(conn, (cookie, kind), &begun.state, network, now.after(LIFE))?;
    Ok(Some(begun.options))
}

/// Gives a user's passkey another name, with the audit row; false where they have no such passkey.
///
/// # Errors
/// The database's.
pub fn rename(conn: &mut Conn, user: UserId, passkey: PasskeyId, name: &DisplayName, by: &By) -> Result<bool, Fault> {
    let renamed = passkeys::rename(conn, user, passkey, name.as_str())?;
    if renamed {
        audit::insert(conn, &by.entry(None, Action::PasskeyRenamed, passkey))?;
    }
    Ok(renamed)
}

/// Removes a user's passkey, with the audit row; gives its name, or nothing where they have no such passkey.
///
/// # Errors
/// The database's.
pub fn remove(conn: &mut Conn, user: UserId, passkey: PasskeyId, by: &By) -> Result<Option<String>, Fault> {
    let removed = passkeys::remove(conn, user, passkey)?;
    if removed.is_some() {
        audit::insert(conn, &by.entry(None, Action::PasskeyRemoved, passkey))?;
    }
    Ok(removed)
}
