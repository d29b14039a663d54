//! Which account at which identity provider lets in whom.

use super::column;
use crate::conn::Conn;
use crate::faults::{fault, unless_taken};
use crate::schema::upstream_identities;
use diesel::prelude::*;
use model::fault::Fault;
use model::id::{IdentityId, UserId};
use model::time::Timestamp;
use model::upstream::{Identity, ProviderKey};

/// An account at a provider that lets a user in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LinkedIdentity {
    /// What its owner's list calls it.
    pub id: IdentityId,
    /// Which account.
    pub identity: Identity,
    /// The address that the provider said when it was linked.
    pub email: String,
    /// When it was linked.
    pub created_at: Timestamp,
    /// When it was last signed in with.
    pub last_used_at: Option<Timestamp>,
}

/// Links an account to a user; false where it is linked already, be it to another user.
///
/// # Errors
/// The database's.
pub fn insert(conn: &mut Conn, user: UserId, linked: &LinkedIdentity) -> Result<bool, Fault> {
    let (owner, provider) = linked.identity.provider.columns();
    conn.savepoint(|conn| {
        let inserted = diesel::insert_into(upstream_identities::table)
            .values((
                upstream_identities::provider_owner.eq(&owner),
                upstream_identities::provider_id.eq(&provider),
                upstream_identities::issuer.eq(&linked.identity.issuer),
                upstream_identities::subject.eq(&linked.identity.subject),
                upstream_identities::id.eq(linked.id.uuid().as_bytes().as_slice()),
                upstream_identities::user_id.eq(user.uuid().as_bytes().as_slice()),
                upstream_identities::email.eq(&linked.email),
                upstream_identities::created_at.eq(linked.created_at.millis()),
                upstream_identities::last_used_at.eq(linked.last_used_at.map(Timestamp::millis)),
            ))
            .execute(conn.engine());
        Ok(unless_taken(inserted).map_err(fault("link identity"))?.is_some())
    })
}

/// Whom an account lets in.
///
/// # Errors
/// The database's.
pub fn user_of(conn: &mut Conn, identity: &Identity) -> Result<Option<(IdentityId, UserId)>, Fault> {
    let (owner, provider) = identity.provider.columns();
    let found = upstream_identities::table
        .filter(upstream_identities::provider_owner.eq(owner))
        .filter(upstream_identities::provider_id.eq(provider))
        .filter(upstream_identities::issuer.eq(&identity.issuer))
        .filter(upstream_identities::subject.eq(&identity.subject))
        .select((upstream_identities::id, upstream_identities::user_id))
        .get_result::<(Vec<u8>, Vec<u8>)>(conn.engine())
        .optional()
        .map_err(fault("user of identity"))?;
    let Some((id, user)) = found else { return Ok(None) };
    Ok(Some((
        IdentityId::from_uuid(column::uuid("upstream_identities.id", &id)?),
        UserId::from_uuid(column::uuid("upstream_identities.user_id", &user)?),
    )))
}

/// The accounts that let a user in, the oldest first.
///
/// # Errors
/// The database's.
pub fn of_user(conn: &mut Conn, user: UserId) -> Result<Vec<LinkedIdentity>, Fault> {
    type Columns = (Vec<u8>, String, String, String, String, String, i64, Option<i64>);
    let found = upstream_identities::table
        .filter(upstream_identities::user_id.eq(user.uuid().as_bytes().as_slice()))
        .order(upstream_identities::id)
        .select((
            upstream_identities::id,
            upstream_identities::provider_owner,
            upstream_identities::provider_id,
            upstream_identities::issuer,
            upstream_identities::subject,
            upstream_identities::email,
            upstream_identities::created_at,
            upstream_identities::last_used_at,
        ))
        .load::<Columns>(conn.engine())
        .map_err(fault("identities of user"))?;
    let linked = |(id, owner, provider, issuer, subject, email, created, used): Columns| {
        let key = ProviderKey::from_columns(&owner, &provider);
        Ok(LinkedIdentity {
            id: IdentityId::from_uuid(column::uuid("upstream_identities.id", &id)?),
            identity: Identity { provider: column::word("upstream_identities.provider_id", key)?, issuer, subject },
            email,
            created_at: column::time(created),
            last_used_at: used.map(column::time),
        })
    };
    found.into_iter().map(linked).collect()
}

/// The accounts at a provider that let anybody in.
///
/// # Errors
/// The database's.
pub fn of_provider(conn: &mut Conn, provider: &ProviderKey) -> Result<Vec<IdentityId>, Fault> {
    let (owner, id) = provider.columns();
    let found: Vec<Vec<u8>> = upstream_identities::table
        .filter(upstream_identities::provider_owner.eq(owner))
        .filter(upstream_identities::provider_id.eq(id))
        .select(upstream_identities::id)
        .load(conn.engine())
        .map_err(fault("identities of provider"))?;
    found.iter().map(|id| Ok(IdentityId::from_uuid(column::uuid("upstream_identities.id", id)?))).collect()
}

/// Notes that somebody signed in with an account.
///
/// # Errors
/// The database's.
pub fn note_use(conn: &mut Conn, id: IdentityId, now: Timestamp) -> Result<(), Fault> {
    diesel::update(upstream_identities::table.filter(upstream_identities::id.eq(id.uuid().as_bytes().as_slice())))
        .set(upstream_identities::last_used_at.eq(now.millis()))
        .execute(conn.engine())
        .map(drop)
        .map_err(fault("note use of identity"))
}

/// Takes an account away from a user; false where they have none such.
///
/// # Errors
/// The database's.
pub fn remove(conn: &mut Conn, user: UserId, id: IdentityId) -> Result<bool, Fault> {
    diesel::delete(
        upstream_identities::table
            .filter(upstream_identities::id.eq(id.uuid().as_bytes().as_slice()))
            .filter(upstream_identities::user_id.eq(user.uuid().as_bytes().as_slice())),
    )
    .execute(conn.engine())
    .map(|removed| removed == 1)
    .map_err(fault("unlink identity"))
}

/// Takes all accounts of a provider away from their users.
///
/// # Errors
/// The database's.
pub fn remove_of_provider(conn: &mut Conn, provider: &ProviderKey) -> Result<(), Fault> {
    let (owner, id) = provider.columns();
    diesel::delete(
        upstream_identities::table
            .filter(upstream_identities::provider_owner.eq(owner))
            .filter(upstream_identities::provider_id.eq(id)),
    )
    .execute(conn.engine())
    .map(drop)
    .map_err(fault("unlink identities of provider"))
}
