//! Organizations' own providers, as their admins set them. Whoever changes one ends what it has let in, and what it was about
//! to let in.

use super::let_in;
use jose::Seal;
use model::audit::{Action, By};
use model::fault::Fault;
use model::id::{OrgId, ProviderId};
use model::moment::Moment;
use model::secret::{Keyring, Purpose, Secret};
use model::upstream::{Provider, ProviderKey};
use store::Conn;
use store::tables::upstream_providers::{self, OwnProvider};
use store::tables::{audit, organizations, pending_links, upstream_identities};

/// The most providers of one organization.
pub const MOST: usize = 10;

/// Seals our secret at a provider, bound to that provider.
///
/// # Errors
/// As [`Seal::seal`].
pub fn seal(org: &OrgId, id: ProviderId, secret: &Secret, keys: &Keyring, moment: &Moment) -> Result<Vec<u8>, Fault> {
    Seal::new(&keys.key(Purpose::UpstreamSecret)).seal(
        moment,
        &[org.as_str().as_bytes(), id.uuid().as_bytes()],
        secret.expose().as_bytes(),
    )
}

/// Our secret at a provider.
///
/// # Errors
/// `Broken` where it does not open.
pub fn secret(own: &OwnProvider, keys: &Keyring) -> Result<Secret, Fault> {
    let broken = || Fault::broken("the secret of an identity provider does not open");
    let ProviderKey::Organizations(org, id) = &own.provider.key else { return Err(broken()) };
    let seal = Seal::new(&keys.key(Purpose::UpstreamSecret));
    let opened = seal.open(&[org.as_str().as_bytes(), id.uuid().as_bytes()], &own.sealed_secret).ok_or_else(broken)?;
    String::from_utf8(opened).map(Secret::new).map_err(|_| broken())
}

/// A provider of `org` that lets people in, with our secret there.
///
/// # Errors
/// The database's.
pub fn enabled(
    conn: &mut Conn,
    org: &OrgId,
    id: ProviderId,
    keys: &Keyring,
) -> Result<Option<(Provider, Secret)>, Fault> {
    match upstream_providers::by_id(conn, org, id)?.filter(|own| own.enabled) {
        Some(own) => secret(&own, keys).map(|secret| Some((own.provider, secret))),
        None => Ok(None),
    }
}

/// Adds a provider, with its audit row; false where the organization has as many as there may be.
///
/// # Errors
/// The database's.
pub fn create(conn: &mut Conn, org: &OrgId, id: ProviderId, own: &OwnProvider, by: &By) -> Result<bool, Fault> {
    // Held, so that two at once don't both take the last place.
    if !organizations::hold(conn, org)? || upstream_providers::all(conn, org)?.len() >= MOST {
        return Ok(false);
    }
    upstream_providers::insert(conn, org, id, own, by.now())?;
    note(conn, org, (id, Action::ProviderCreated), &own.provider, by)?;
    Ok(true)
}

/// What becomes of a change.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Changed {
    /// It is so now.
    Done,
    /// Somebody else has changed it meanwhile.
    Meanwhile,
    /// There is no such provider.
    Gone,
}

/// Changes a provider as it was at the revision that `own` names, with its audit row. What it has let in ends, unless its
/// name alone has changed.
///
/// # Errors
/// The database's.
pub fn change(conn: &mut Conn, org: &OrgId, id: ProviderId, own: &OwnProvider, by: &By) -> Result<Changed, Fault> {
    let Some(before) = upstream_providers::held(conn, org, id)? else { return Ok(Changed::Gone) };
    if !upstream_providers::update(conn, org, id, own)? {
        return Ok(Changed::Meanwhile);
    }
    let renamed = Provider { name: before.provider.name.clone(), ..own.provider.clone() };
    if renamed != before.provider || !own.enabled {
        end(conn, (org, &before.provider.key), by)?;
    }
    note(conn, org, (id, Action::ProviderChanged), &own.provider, by)?;
    Ok(Changed::Done)
}

/// Removes a provider with all that is linked to it, with its audit row; false where there is none.
///
/// # Errors
/// The database's.
pub fn remove(conn: &mut Conn, org: &OrgId, id: ProviderId, by: &By) -> Result<bool, Fault> {
    let Some(before) = upstream_providers::held(conn, org, id)? else { return Ok(false) };
    if !upstream_providers::remove(conn, org, id)? {
        return Ok(false);
    }
    end(conn, (org, &before.provider.key), by)?;
    upstream_identities::remove_of_provider(conn, &before.provider.key)?;
    note(conn, org, (id, Action::ProviderRemoved), &before.provider, by)?;
    Ok(true)
}

fn note(
    conn: &mut Conn,
    org: &OrgId,
    (id, action): (ProviderId, Action),
    provider: &Provider,
    by: &By,
) -> Result<(), Fault> {
    audit::insert(conn, &by.entry(Some(org), action, id).with("issuer", provider.issuer.as_str()))
}

/// Ends what a provider has let in, and what waits to be linked.
fn end(conn: &mut Conn, (org, provider): (&OrgId, &ProviderKey), by: &By) -> Result<(), Fault> {
    pending_links::remove_of_provider(conn, provider)?;
    let identities = upstream_identities::of_provider(conn, provider)?;
    let_in::end(conn, &identities, Some(org), by)
}

/// Whether a provider lets people in as it did when it was asked about somebody; it does not change until the transaction
/// ends. The operator's change only with the configuration.
///
/// # Errors
/// The database's.
pub fn still_lets_in(conn: &mut Conn, provider: &Provider) -> Result<bool, Fault> {
    let ProviderKey::Organizations(org, id) = &provider.key else { return Ok(true) };
    let now = upstream_providers::held(conn, org, *id)?.filter(|own| own.enabled);
    Ok(now.is_some_and(|own| Provider { name: provider.name.clone(), ..own.provider } == *provider))
}
