//! What accounts at providers have let in, and its end.

use model::audit::{Action, Actor, By};
use model::fault::Fault;
use model::id::{IdentityId, OrgId};
use store::Conn;
use store::tables::{audit, factor_attempts, login_attempts, sessions};

/// As many as one statement names.
const AT_ONCE: usize = 500;

/// Ends what these accounts at providers have let in, each session with its audit row, of `org` where the provider is its
/// own: and the sign-ins that wait for a second factor, or for the answer to a letter.
///
/// # Errors
/// The database's.
pub(super) fn end(conn: &mut Conn, identities: &[IdentityId], org: Option<&OrgId>, by: &By) -> Result<(), Fault> {
    for some in identities.chunks(AT_ONCE) {
        factor_attempts::remove_let_in_by(conn, some)?;
        login_attempts::remove_let_in_by(conn, some)?;
        // Last: what waited a moment ago is a session by now.
        for (session, user) in sessions::remove_let_in_by(conn, some)? {
            let entry = by.entry(org, Action::SignedOut, session);
            audit::insert(conn, &entry.with("user", Actor::User(user).text()))?;
        }
    }
    Ok(())
}
