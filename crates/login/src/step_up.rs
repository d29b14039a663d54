//! Proving again who one is: before something dangerous, and where an organization wants a second factor that the session
//! has not shown yet. The session goes on with a new cookie; the old one is dead.

use crate::session::NewSession;
use model::audit::{Action, By};
use model::fault::Fault;
use model::secret::{Digest, Purpose, Secret};
use model::session::Session;
use model::user::SignedIn;
use store::Conn;
use store::tables::{audit, sessions, users};

/// What was proven.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Proof {
    /// The password.
    Password,
    /// A second factor: an authenticator app's code, a recovery code, a passkey.
    Factor,
}

/// Notes the proof in the session, under a new cookie, with the audit row. Nothing where the session ended meanwhile.
///
/// # Errors
/// The database's.
pub fn complete(conn: &mut Conn, signed_in: &SignedIn, proof: Proof, by: &By) -> Result<Option<NewSession>, Fault> {
    let before = signed_in.session();
    let Some(user) = users::held_to_change(conn, before.user_id)? else { return Ok(None) };
    let cookie = Secret::draw(&by.moment);
    let session = Session {
        digest: Digest::of(Purpose::Session, cookie.expose()),
        auth_time: user.proves_at(by.now()),
        factor_at: match proof {
            Proof::Factor => Some(by.now()),
            Proof::Password => before.factor_at,
        },
        ..before.clone()
    };
    if !sessions::renew(conn, before, &session)? {
        return Ok(None);
    }
    audit::insert(conn, &by.entry(None, Action::SteppedUp, session.id))?;
    Ok(Some(NewSession { session, cookie }))
}
