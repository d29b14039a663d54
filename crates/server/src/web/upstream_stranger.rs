//! Somebody whom a provider vouches for and whom nobody here is linked to.

use crate::web::embedded::belongs_now;
use crate::web::onward::{Arrival, Settled};
use crate::web::upstream::{Came, UNKNOWN, UNVERIFIED};
use directory::registration;
use directory::users::NewUser;
use login::attempt::Waiter;
use login::upstream::link;
use model::context::Origin;
use model::fault::Fault;
use model::id::OrgId;
use model::moment::Moment;
use model::name::DisplayName;
use model::secret::Keyring;
use model::session::Entrance;
use model::upstream::Person;
use routes::url;
use store::Conn;
use store::tables::{organizations, users};

/// What it comes to:
///
/// - Without an address that the provider has verified: nothing.
/// - The operator's provider, and no account has the address: an account is made where the organization that they are on
///   the way to lets them in, or has invited them. Such a provider verifies addresses for the whole server.
/// - Else their account there waits to be linked. Of an organization's own provider that is so whether there is an account
///   or not: whoever runs it must not learn by it who has one, and it verifies nothing beyond its organization.
pub(super) fn meet(
    conn: &mut Conn,
    person: &Person,
    (arrival, waiter): (&Arrival, &Waiter),
    (moment, origin): (&Moment, &Origin),
) -> Result<Came, Fault> {
    let Some((email, key)) = person.verified_email() else { return Ok(Came::Nothing(UNVERIFIED)) };
    let next = &waiter.onward.next;
    let operators = person.identity.provider.vouches_for_addresses();
    if !operators || users::by_email(conn, &key)?.is_some() {
        let waits = link::wait(conn, person, next, moment)?;
        return Ok(waits.map_or(Came::Nothing(UNVERIFIED), Came::Pending));
    }
    let Some(door) = door(conn, &key, next, (&waiter.keys, moment))? else { return Ok(Came::Nothing(UNKNOWN)) };
    let Some(name) = name_of(person, email) else { return Ok(Came::Nothing(UNKNOWN)) };
    let new = NewUser {
        email: email.to_owned(),
        name,
        password_hash: None,
        verified: true,
        language: Some(arrival.language()),
    };
    let Ok((user, by)) = registration::create(conn, &new, (moment, origin))? else {
        return Ok(Came::Nothing(UNKNOWN));
    };
    let Some(identity) = link::add(conn, &user, person, Some(moment.now()), &by)? else {
        return Ok(Came::Nothing(UNKNOWN));
    };
    if let Door::Open(org) = door {
        registration::join(conn, &org, &user, &by)?;
        belongs_now(conn, &org, user.id, (next, moment))?;
    }
    let entrance = Entrance::Provider { identity, reach: person.identity.provider.reach() };
    Ok(Came::In(Settled::Arrived(Box::new(arrival.begin(conn, (user, entrance), &waiter.onward)?))))
}

/// By what somebody without an account gets in.
enum Door {
    /// The organization lets them in by itself.
    Open(OrgId),
    /// Somebody has invited them: they accept on the page that they are on the way to.
    Invitation,
}

fn door(
    conn: &mut Conn,
    email_key: &str,
    next: &str,
    (keys, moment): (&Keyring, &Moment),
) -> Result<Option<Door>, Fault> {
    if let Some(org) = url::organization_of(next) {
        let found = organizations::by_id(conn, &org)?;
        let open = found.is_some_and(|organization| organization.registration.admits(email_key));
        return Ok(open.then_some(Door::Open(org)));
    }
    let Some(token) = url::invitation_of(next) else { return Ok(None) };
    let invitation = directory::invitations::live(conn, token, keys, moment.now())?;
    Ok(invitation.filter(|invitation| invitation.email_key == email_key).map(|_| Door::Invitation))
}

/// What they are called: as the provider says, else as their address begins.
fn name_of(person: &Person, email: &str) -> Option<DisplayName> {
    let local = email.split('@').next().unwrap_or_default();
    let said = person.name.as_deref().and_then(|name| DisplayName::parse(name).ok());
    said.or_else(|| DisplayName::parse(local).ok())
}
