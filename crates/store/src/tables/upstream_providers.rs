//! Organizations' own identity providers.

use super::column;
use crate::conn::{Conn, held};
use crate::faults::fault;
use crate::schema::upstream_providers;
use diesel::prelude::*;
use model::fault::Fault;
use model::id::{OrgId, ProviderId};
use model::time::Timestamp;
use model::upstream::{Provider, ProviderKey, ProviderKind};

/// An organization's own provider, with what only we and the provider know.
#[derive(Clone, Debug)]
pub struct OwnProvider {
    /// How it is spoken with.
    pub provider: Provider,
    /// Our secret there, sealed.
    pub sealed_secret: Vec<u8>,
    /// Whether it lets anybody in.
    pub enabled: bool,
    /// Grows with each change.
    pub revision: i64,
}

type Columns = (Vec<u8>, String, String, String, String, Vec<u8>, String, bool, i64);

const COLUMNS: (
    upstream_providers::id,
    upstream_providers::kind,
    upstream_providers::name,
    upstream_providers::issuer,
    upstream_providers::client_id,
    upstream_providers::sealed_secret,
    upstream_providers::scopes,
    upstream_providers::enabled,
    upstream_providers::revision,
) = (
    upstream_providers::id,
    upstream_providers::kind,
    upstream_providers::name,
    upstream_providers::issuer,
    upstream_providers::client_id,
    upstream_providers::sealed_secret,
    upstream_providers::scopes,
    upstream_providers::enabled,
    upstream_providers::revision,
);

fn into_model(
    org: &OrgId,
    (id, kind, name, issuer, client_id, sealed_secret, scopes, enabled, revision): Columns,
) -> Result<OwnProvider, Fault> {
    let id = ProviderId::from_uuid(column::uuid("upstream_providers.id", &id)?);
    let provider = Provider {
        key: ProviderKey::Organizations(org.clone(), id),
        kind: column::word("upstream_providers.kind", ProviderKind::parse(&kind))?,
        name,
        issuer,
        client_id,
        scopes: scopes.split(' ').filter(|scope| !scope.is_empty()).map(str::to_owned).collect(),
    };
    Ok(OwnProvider { provider, sealed_secret, enabled, revision })
}

/// Adds a provider.
///
/// # Errors
/// The database's.
pub fn insert(conn: &mut Conn, org: &OrgId, id: ProviderId, own: &OwnProvider, now: Timestamp) -> Result<(), Fault> {
    let OwnProvider { provider, sealed_secret, enabled, revision } = own;
    diesel::insert_into(upstream_providers::table)
        .values((
            upstream_providers::org_id.eq(org.as_str()),
            upstream_providers::id.eq(id.uuid().as_bytes().as_slice()),
            upstream_providers::kind.eq(provider.kind.as_str()),
            upstream_providers::name.eq(&provider.name),
            upstream_providers::issuer.eq(&provider.issuer),
            upstream_providers::client_id.eq(&provider.client_id),
            upstream_providers::sealed_secret.eq(sealed_secret),
            upstream_providers::scopes.eq(provider.scopes.join(" ")),
            upstream_providers::enabled.eq(*enabled),
            upstream_providers::created_at.eq(now.millis()),
            upstream_providers::revision.eq(revision),
        ))
        .execute(conn.engine())
        .map(drop)
        .map_err(fault("insert provider"))
}

/// Puts a provider's settings in the place of those with the same revision; false where there are none. Its kind stays.
///
/// # Errors
/// The database's.
pub fn update(conn: &mut Conn, org: &OrgId, id: ProviderId, own: &OwnProvider) -> Result<bool, Fault> {
    let OwnProvider { provider, sealed_secret, enabled, revision } = own;
    diesel::update(
        upstream_providers::table
            .filter(upstream_providers::org_id.eq(org.as_str()))
            .filter(upstream_providers::id.eq(id.uuid().as_bytes().as_slice()))
            .filter(upstream_providers::revision.eq(revision)),
    )
    .set((
        upstream_providers::name.eq(&provider.name),
        upstream_providers::issuer.eq(&provider.issuer),
        upstream_providers::client_id.eq(&provider.client_id),
        upstream_providers::sealed_secret.eq(sealed_secret),
        upstream_providers::scopes.eq(provider.scopes.join(" ")),
        upstream_providers::enabled.eq(*enabled),
        upstream_providers::revision.eq(revision + 1),
    ))
    .execute(conn.engine())
    .map(|changed| changed == 1)
    .map_err(fault("update provider"))
}

/// A provider.
///
/// # Errors
/// The database's.
pub fn by_id(conn: &mut Conn, org: &OrgId, id: ProviderId) -> Result<Option<OwnProvider>, Fault> {
    upstream_providers::table
        .filter(upstream_providers::org_id.eq(org.as_str()))
        .filter(upstream_providers::id.eq(id.uuid().as_bytes().as_slice()))
        .select(COLUMNS)
        .get_result::<Columns>(conn.engine())
        .optional()
        .map_err(fault("provider by id"))?
        .map(|columns| into_model(org, columns))
        .transpose()
}

/// As [`by_id`], and nobody else changes it until the transaction ends.
///
/// # Errors
/// The database's.
pub fn held(conn: &mut Conn, org: &OrgId, id: ProviderId) -> Result<Option<OwnProvider>, Fault> {
    let found: QueryResult<Columns> = held!(
        conn,
        upstream_providers::table
            .filter(upstream_providers::org_id.eq(org.as_str()))
            .filter(upstream_providers::id.eq(id.uuid().as_bytes().as_slice()))
            .select(COLUMNS),
        for_no_key_update,
        get_result
    );
    found.optional().map_err(fault("hold provider"))?.map(|columns| into_model(org, columns)).transpose()
}

/// An organization's providers, the oldest first.
///
/// # Errors
/// The database's.
pub fn all(conn: &mut Conn, org: &OrgId) -> Result<Vec<OwnProvider>, Fault> {
    upstream_providers::table
        .filter(upstream_providers::org_id.eq(org.as_str()))
        .order(upstream_providers::id)
        .select(COLUMNS)
        .load::<Columns>(conn.engine())
        .map_err(fault("providers"))?
        .into_iter()
        .map(|columns| into_model(org, columns))
        .collect()
}

/// Removes a provider; false where there was none.
///
/// # Errors
/// The database's.
pub fn remove(conn: &mut Conn, org: &OrgId, id: ProviderId) -> Result<bool, Fault> {
    diesel::delete(
        upstream_providers::table
            .filter(upstream_providers::org_id.eq(org.as_str()))
            .filter(upstream_providers::id.eq(id.uuid().as_bytes().as_slice())),
    )
    .execute(conn.engine())
    .map(|removed| removed == 1)
    .map_err(fault("remove provider"))
}
