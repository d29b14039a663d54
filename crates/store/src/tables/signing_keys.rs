//! Signing keys: the public part in the clear, the private part sealed under a data key of its own, that one under the
//! master key, which is not in the database.

use super::column;
use crate::conn::Conn;
use crate::faults::fault;
use crate::schema::signing_keys;
use diesel::prelude::*;
use model::fault::Fault;
use model::id::OrgId;
use model::time::Timestamp;

/// One key as it is stored.
#[derive(Clone, Debug)]
pub struct KeyRecord {
    /// Its name; with the issuer and the algorithm it is unique.
    pub kid: String,
    /// `ES256`, `RS256` or `EdDSA`.
    pub alg: String,
    /// The public part as a JSON Web Key.
    pub public_jwk: String,
    /// The data key under the master key.
    pub sealed_data_key: Vec<u8>,
    /// The private part under the data key.
    pub sealed_private_key: Vec<u8>,
    /// Which master key.
    pub master_key_version: i32,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it begins to sign; before that it is only published.
    pub signs_from: Timestamp,
    /// When it stops being published; nothing while it may still sign.
    pub published_until: Option<Timestamp>,
}

#[derive(Queryable, Selectable, Insertable)]
#[diesel(table_name = signing_keys)]
struct KeyRow {
    org_id: String,
    kid: String,
    alg: String,
    public_jwk: String,
    sealed_data_key: Vec<u8>,
    sealed_private_key: Vec<u8>,
    master_key_version: i32,
    created_at: i64,
    signs_from: i64,
    published_until: Option<i64>,
}

/// The keys of an organization that are published at `now`, oldest first.
///
/// # Errors
/// The database's.
pub fn published(conn: &mut Conn, org: &OrgId, now: Timestamp) -> Result<Vec<KeyRecord>, Fault> {
    Ok(signing_keys::table
        .filter(signing_keys::org_id.eq(org.as_str()))
        .filter(signing_keys::published_until.is_null().or(signing_keys::published_until.gt(now.millis())))
        .order((signing_keys::created_at, signing_keys::kid))
        .select(KeyRow::as_select())
        .load::<KeyRow>(conn.engine())
        .map_err(fault("signing keys"))?
        .into_iter()
        .map(|row| KeyRecord {
            kid: row.kid,
            alg: row.alg,
            public_jwk: row.public_jwk,
            sealed_data_key: row.sealed_data_key,
            sealed_private_key: row.sealed_private_key,
            master_key_version: row.master_key_version,
            created_at: column::time(row.created_at),
            signs_from: column::time(row.signs_from),
            published_until: row.published_until.map(column::time),
        })
        .collect())
}

/// How many keys an organization has made since.
///
/// # Errors
/// The database's.
pub fn made_since(conn: &mut Conn, org: &OrgId, since: Timestamp) -> Result<i64, Fault> {
    signing_keys::table
        .filter(signing_keys::org_id.eq(org.as_str()))
        .filter(signing_keys::created_at.gt(since.millis()))
        .count()
        .get_result(conn.engine())
        .map_err(fault("signing keys of a day"))
}

/// Adds a key.
///
/// # Errors
/// The database's.
pub fn insert(conn: &mut Conn, org: &OrgId, key: &KeyRecord) -> Result<(), Fault> {
    let row = KeyRow {
        org_id: org.as_str().to_owned(),
        kid: key.kid.clone(),
        alg: key.alg.clone(),
        public_jwk: key.public_jwk.clone(),
        sealed_data_key: key.sealed_data_key.clone(),
        sealed_private_key: key.sealed_private_key.clone(),
        master_key_version: key.master_key_version,
        created_at: key.created_at.millis(),
        signs_from: key.signs_from.millis(),
        published_until: key.published_until.map(Timestamp::millis),
    };
    diesel::insert_into(signing_keys::table)
        .values(&row)
        .execute(conn.engine())
        .map(drop)
        .map_err(fault("insert signing key"))
}

/// Sets the end of a key that has none yet.
///
/// # Errors
/// The database's.
pub fn publish_until(conn: &mut Conn, org: &OrgId, kid: &str, until: Timestamp) -> Result<bool, Fault> {
    diesel::update(
        signing_keys::table
            .filter(signing_keys::org_id.eq(org.as_str()))
            .filter(signing_keys::kid.eq(kid))
            .filter(signing_keys::published_until.is_null()),
    )
    .set(signing_keys::published_until.eq(until.millis()))
    .execute(conn.engine())
    .map(|changed| changed == 1)
    .map_err(fault("end signing key"))
}

/// Ends all keys of an algorithm at `now`, those whose end was set before among them.
///
/// # Errors
/// The database's.
pub fn withdraw(conn: &mut Conn, org: &OrgId, alg: &str, now: Timestamp) -> Result<usize, Fault> {
    diesel::update(
        signing_keys::table
            .filter(signing_keys::org_id.eq(org.as_str()))
            .filter(signing_keys::alg.eq(alg))
            .filter(signing_keys::published_until.is_null().or(signing_keys::published_until.gt(now.millis()))),
    )
    .set(signing_keys::published_until.eq(now.millis()))
    .execute(conn.engine())
    .map_err(fault("withdraw signing keys"))
}

/// The organization whose key is the newest of the server.
///
/// # Errors
/// The database's.
pub fn newest_owner(conn: &mut Conn) -> Result<Option<OrgId>, Fault> {
    signing_keys::table
        .order(signing_keys::created_at.desc())
        .select(signing_keys::org_id)
        .first::<String>(conn.engine())
        .optional()
        .map_err(fault("newest signing key"))?
        .map(|org| column::org("signing_keys.org_id", &org))
        .transpose()
}

/// Whether the server holds any key: then the master key that they are sealed under must be the one at hand.
///
/// # Errors
/// The database's.
pub fn any(conn: &mut Conn) -> Result<bool, Fault> {
    signing_keys::table
        .count()
        .get_result::<i64>(conn.engine())
        .map(|count| count > 0)
        .map_err(fault("any signing key"))
}
