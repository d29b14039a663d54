//! The beginning and the end of an organization: what several rooms have to do in one transaction.

use directory::{members, organizations};
use login::upstream::own;
use model::algorithm::Algorithm;
use model::audit::By;
use model::fault::Fault;
use model::id::{OrgId, UserId};
use model::moment::Moment;
use model::name::DisplayName;
use model::org::Role;
use model::secret::Keyring;
use model::upstream::ProviderKey;
use registry::applications;
use store::Conn;
use store::tables::signing_keys::KeyRecord;
use store::tables::upstream_providers;

/// The key that a new organization signs with. Never made inside a transaction.
///
/// # Errors
/// `Broken` where the library fails.
pub fn first_key(org: &OrgId, keyring: &Keyring, moment: &Moment) -> Result<KeyRecord, Fault> {
    issuer::keys::make(org, Algorithm::Es256, keyring, moment)
}

/// Makes an organization with its key, the reference client and, where somebody founds it for themselves, its owner; false
/// where the id is taken, or has ever been.
///
/// # Errors
/// The database's.
pub fn found(
    conn: &mut Conn,
    (org, name): (&OrgId, &DisplayName),
    key: &KeyRecord,
    owner: Option<UserId>,
    by: &By,
) -> Result<bool, Fault> {
    if organizations::create(conn, org, name, by)?.is_none() {
        return Ok(false);
    }
    issuer::keys::add_first(conn, org, key, by.now())?;
    let registered = applications::register(conn, &applications::reference_client(org)?, by)?;
    registered.map_err(|problems| Fault::broken(format!("the reference client's settings: {problems:?}")))?;
    if let Some(owner) = owner {
        members::put(conn, org, (owner, Role::Owner), by)?;
    }
    Ok(true)
}

/// Deletes an organization for good; false where there is none. Its own identity providers go first, as what they have let
/// in ends with them.
///
/// # Errors
/// The database's.
pub fn delete(conn: &mut Conn, org: &OrgId, by: &By) -> Result<bool, Fault> {
    for provider in upstream_providers::all(conn, org)? {
        if let ProviderKey::Organizations(_, id) = provider.provider.key {
            own::remove(conn, org, id, by)?;
        }
    }
    organizations::delete(conn, org, by)
}
