//! Which account at a provider lets in whom.
//!
//! It takes two things: the provider says that the address is verified, and it is that of the account; and whoever links
//! has proven the account otherwise, lately. Neither suffices alone: an address can be somebody else's tomorrow, and a
//! provider can be wrong. Until then the account at the provider waits in its browser, known by a cookie of its own.

use super::let_in;
use model::audit::{Action, By};
use model::fault::Fault;
use model::id::{IdentityId, UserId};
use model::moment::Moment;
use model::secret::{Digest, Purpose, Secret};
use model::time::Timestamp;
use model::upstream::{Identity, Person, SaidAddress};
use model::user::{SignedIn, User};
use std::time::Duration;
use store::Conn;
use store::tables::pending_links::{self, PendingLink};
use store::tables::upstream_identities::{self, LinkedIdentity};
use store::tables::{audit, passkeys, users};

/// How long an account at a provider waits for the proof.
pub const LIFE: Duration = Duration::from_secs(15 * 60);

/// Lets an account at a provider wait in its browser; gives the browser's cookie for it. Nothing where the provider does
/// not say that the address is verified.
///
/// # Errors
/// The database's.
pub fn wait(conn: &mut Conn, person: &Person, next: &str, moment: &Moment) -> Result<Option<Secret>, Fault> {
    let Some((email, _)) = person.verified_email() else { return Ok(None) };
    let cookie = Secret::draw(moment);
    let pending = PendingLink {
        digest: Digest::of(Purpose::PendingLink, cookie.expose()),
        identity: person.identity.clone(),
        email: email.to_owned(),
        next: next.to_owned(),
        expires_at: moment.now().after(LIFE),
    };
    pending_links::insert(conn, &pending)?;
    Ok(Some(cookie))
}

/// What waits in the browser with this cookie.
///
/// # Errors
/// The database's.
pub fn waiting(conn: &mut Conn, cookie: &Digest, now: Timestamp) -> Result<Option<PendingLink>, Fault> {
    pending_links::by_cookie(conn, cookie, now)
}

/// What waits, as its provider said it.
pub fn person_of(pending: &PendingLink) -> Person {
    let address = SaidAddress { email: pending.email.clone(), verified: true };
    Person { identity: pending.identity.clone(), address: Some(address), name: None }
}

/// What becomes of linking.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Linked {
    /// It lets its owner in from now on.
    Now,
    /// It does already.
    Already,
    /// It lets somebody else in.
    Taken,
    /// Its address is not verified, or not that of the account.
    OtherAddress,
}

/// Links what waits to whoever is signed in; nothing where it is over.
///
/// # Errors
/// The database's.
pub fn complete(
    conn: &mut Conn,
    cookie: &Digest,
    signed_in: &SignedIn,
    by: &By,
) -> Result<Option<(Linked, PendingLink)>, Fault> {
    let Some(pending) = pending_links::by_cookie(conn, cookie, by.now())? else { return Ok(None) };
    // First, so that of two who come at once one links; and where its provider has let go of it meanwhile, nobody does.
    if !pending_links::remove(conn, cookie)? {
        return Ok(None);
    }
    let linked = to(conn, &person_of(&pending), signed_in, by)?;
    if linked == Linked::OtherAddress {
        pending_links::insert(conn, &pending)?;
    }
    Ok(Some((linked, pending)))
}

/// Links an account at a provider to whoever is signed in, with the audit row.
///
/// # Errors
/// The database's.
pub fn to(conn: &mut Conn, person: &Person, signed_in: &SignedIn, by: &By) -> Result<Linked, Fault> {
    let Some(user) = users::held_to_change(conn, signed_in.user().id)? else { return Ok(Linked::OtherAddress) };
    if !person.has_address_of(&user) {
        return Ok(Linked::OtherAddress);
    }
    match upstream_identities::user_of(conn, &person.identity)? {
        Some((_, linked)) if linked == user.id => return Ok(Linked::Already),
        Some(_) => return Ok(Linked::Taken),
        None => {}
    }
    let added = add(conn, &user, person, None, by)?;
    Ok(if added.is_some() { Linked::Now } else { Linked::Taken })
}

/// Links an account at a provider to a user, with the audit row: of one just made by it, or one proven otherwise. Nothing
/// where it is linked already.
///
/// # Errors
/// The database's.
pub fn add(
    conn: &mut Conn,
    user: &User,
    person: &Person,
    used_at: Option<Timestamp>,
    by: &By,
) -> Result<Option<IdentityId>, Fault> {
    let linked = LinkedIdentity {
        id: IdentityId::draw(&by.moment),
        identity: person.identity.clone(),
        email: person.address.as_ref().map(|said| said.email.clone()).unwrap_or_default(),
        created_at: by.now(),
        last_used_at: used_at,
    };
    if !upstream_identities::insert(conn, user.id, &linked)? {
        return Ok(None);
    }
    if person.identity.provider.vouches_for_addresses() && person.has_address_of(user) {
        users::note_verified(conn, user.id, by.now())?;
    }
    let entry = by.entry(None, Action::UpstreamLinked, user.id);
    audit::insert(conn, &entry.with("provider", person.identity.provider.to_string()))?;
    Ok(Some(linked.id))
}

/// What becomes of unlinking.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Unlinked {
    /// It lets nobody in any more.
    Done(Identity),
    /// There is no such.
    None,
    /// It is the only way in that the account has.
    LastWayIn,
}

/// Takes an account at a provider away from whoever is signed in, with the audit row, and ends what it let in. Not the last one of an account that
/// has neither a password nor a passkey: its owner would be left with letters alone.
///
/// # Errors
/// The database's.
pub fn remove(conn: &mut Conn, user: UserId, id: IdentityId, by: &By) -> Result<Unlinked, Fault> {
    if users::held_to_change(conn, user)?.is_none() {
        return Ok(Unlinked::None);
    }
    let mine = upstream_identities::of_user(conn, user)?;
    let Some(found) = mine.iter().find(|linked| linked.id == id) else { return Ok(Unlinked::None) };
    let whole = |linked: &&LinkedIdentity| linked.identity.provider.vouches_for_addresses();
    let others = mine.iter().filter(|linked| linked.id != id).filter(whole).count();
    if whole(&found)
        && others == 0
        && users::password_hash(conn, user)?.is_none()
        && passkeys::of_user(conn, user)?.is_empty()
    {
        return Ok(Unlinked::LastWayIn);
    }
    let removed = take_away(conn, user, found, by)?;
    Ok(if removed { Unlinked::Done(found.identity.clone()) } else { Unlinked::None })
}

/// Takes every account at a provider away from a user, each with its audit row, and ends what they let in: for an account that
/// is given back to its owner, whoever linked them. Gives how many there were.
///
/// Only for a user that is held to be changed.
///
/// # Errors
/// The database's.
pub fn remove_all(conn: &mut Conn, user: UserId, by: &By) -> Result<usize, Fault> {
    let all = upstream_identities::of_user(conn, user)?;
    for linked in &all {
        take_away(conn, user, linked, by)?;
    }
    Ok(all.len())
}

fn take_away(conn: &mut Conn, user: UserId, linked: &LinkedIdentity, by: &By) -> Result<bool, Fault> {
    if !upstream_identities::remove(conn, user, linked.id)? {
        return Ok(false);
    }
    let_in::end(conn, &[linked.id], None, by)?;
    let entry = by.entry(None, Action::UpstreamUnlinked, user);
    audit::insert(conn, &entry.with("provider", linked.identity.provider.to_string()))?;
    Ok(true)
}
