//! What becomes of somebody who has come back from a provider.

use crate::attempt::Waiter;
use crate::sign_in::{self, go_on};
use model::context::Origin;
use model::fault::Fault;
use model::id::KnownDeviceId;
use model::moment::Moment;
use model::session::{Entrance, Reach, SessionPolicy};
use model::upstream::{Identity, Person};
use model::user::{User, UserState};
use store::Conn;
use store::tables::{upstream_identities, users};

/// What it comes to.
#[derive(Clone, Debug)]
pub enum Outcome {
    /// They are linked to an account: as after a right password.
    Known(sign_in::Outcome),
    /// Nobody is linked to them.
    Stranger,
}

/// Whom an account at a provider lets in, as far as its browser has to be found by it.
///
/// # Errors
/// The database's.
pub fn user_of(conn: &mut Conn, identity: &Identity) -> Result<Option<User>, Fault> {
    match upstream_identities::user_of(conn, identity)? {
        Some((_, user)) => users::by_id(conn, user),
        None => Ok(None),
    }
}

/// Signs in whoever is linked to this account, in the browser `waiter`, which the account may know. A
/// second factor is asked for and new browsers are held back as after a right password: a provider is in the place of
/// that, and of nothing else.
///
/// # Errors
/// The database's.
pub fn complete(
    conn: &mut Conn,
    person: &Person,
    (waiter, known): (&Waiter, Option<KnownDeviceId>),
    policy: &SessionPolicy,
    (moment, origin): (&Moment, &Origin),
) -> Result<Outcome, Fault> {
    let Some((_, found)) = upstream_identities::user_of(conn, &person.identity)? else { return Ok(Outcome::Stranger) };
    let user = users::held_to_change(conn, found)?.filter(|user| user.state == UserState::Active);
    let Some(user) = user else { return Ok(Outcome::Known(sign_in::Outcome::Refused)) };
    // Again, with the user held: it may have been unlinked meanwhile.
    let still = upstream_identities::user_of(conn, &person.identity)?.filter(|(_, linked)| *linked == user.id);
    let Some((identity, _)) = still else { return Ok(Outcome::Known(sign_in::Outcome::Refused)) };
    upstream_identities::note_use(conn, identity, moment.now())?;
    let entrance = Entrance::Provider { identity, reach: person.identity.provider.reach() };
    // For a session that goes to one organization only, the browser is known to nobody.
    let known = known.filter(|_| *entrance.reach() == Reach::Everywhere);
    go_on(conn, user, (known, entrance), (waiter, policy), (moment, origin)).map(Outcome::Known)
}
