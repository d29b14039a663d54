//! Between columns and the model's types. What the database should never hold is a fault that names the column.

use model::algorithm::Algorithm;
use model::fault::Fault;
use model::id::{ClientId, IdentityId, OrgId};
use model::secret::Digest;
use model::session::{Entrance, Reach};
use model::time::Timestamp;
use protocol::scope::Scopes;
use std::collections::BTreeSet;
use std::net::IpAddr;
use std::time::Duration;
use uuid::Uuid;

pub(super) fn broken(column: &'static str) -> Fault {
    Fault::broken(format!("the database holds something impossible in {column}"))
}

pub(super) fn uuid(column: &'static str, bytes: &[u8]) -> Result<Uuid, Fault> {
    Uuid::from_slice(bytes).map_err(|_| broken(column))
}

pub(super) fn digest(column: &'static str, bytes: &[u8]) -> Result<Digest, Fault> {
    bytes.try_into().map(Digest::from_bytes).map_err(|_| broken(column))
}

pub(super) fn org(column: &'static str, text: &str) -> Result<OrgId, Fault> {
    OrgId::stored(text).map_err(|_| broken(column))
}

/// By what somebody got in: by this account at a provider, where there is one, into the only organization that it goes to.
pub(super) fn entrance(
    (column, identity): (&'static str, Option<Vec<u8>>),
    only: Option<&str>,
) -> Result<Entrance, Fault> {
    let reach = only.map(|only| org(column, only)).transpose().map(Reach::of)?;
    match (identity, reach) {
        (Some(identity), reach) => {
            Ok(Entrance::Provider { identity: IdentityId::from_uuid(uuid(column, &identity)?), reach })
        }
        (None, Reach::Everywhere) => Ok(Entrance::Account),
        (None, Reach::Only(_)) => Err(broken(column)),
    }
}

/// Identities as a query names several.
pub(super) fn bytes_of(identities: &[IdentityId]) -> Vec<Vec<u8>> {
    identities.iter().map(|id| id.uuid().as_bytes().to_vec()).collect()
}

pub(super) fn span(column: &'static str, millis: i64) -> Result<Duration, Fault> {
    u64::try_from(millis).map(Duration::from_millis).map_err(|_| broken(column))
}

pub(super) fn millis(span: Duration) -> i64 {
    i64::try_from(span.as_millis()).unwrap_or(i64::MAX)
}

pub(super) fn scopes(column: &'static str, text: &str) -> Result<Scopes, Fault> {
    Scopes::parse(text).map_err(|_| broken(column))
}

pub(super) fn algorithm(column: &'static str, name: &str) -> Result<Algorithm, Fault> {
    Algorithm::parse(name).map_err(|_| broken(column))
}

/// Resources hold no spaces, so one space parts them.
pub(super) fn resources(text: &str) -> Vec<String> {
    text.split(' ').filter(|resource| !resource.is_empty()).map(str::to_owned).collect()
}

/// Client ids hold no spaces, so one space parts them.
pub(super) fn client_ids(text: &str) -> BTreeSet<ClientId> {
    text.split(' ').filter(|id| !id.is_empty()).map(|id| ClientId::from_wire(id.to_owned())).collect()
}

/// The same as text.
pub(super) fn client_ids_text(ids: &BTreeSet<ClientId>) -> String {
    ids.iter().map(ClientId::as_str).collect::<Vec<_>>().join(" ")
}

pub(super) fn address(column: &'static str, text: &str) -> Result<IpAddr, Fault> {
    text.parse().map_err(|_| broken(column))
}

pub(super) fn time(millis: i64) -> Timestamp {
    Timestamp::from_millis(millis)
}

/// A word of an enum, by its own `parse`.
pub(super) fn word<T>(column: &'static str, parsed: Option<T>) -> Result<T, Fault> {
    parsed.ok_or_else(|| broken(column))
}
