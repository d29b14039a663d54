//! Browsers that a user has signed in from before.

use super::column;
use crate::conn::Conn;
use crate::faults::fault;
use crate::schema::known_devices;
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Binary};
use model::context::Origin;
use model::fault::Fault;
use model::id::{KnownDeviceId, UserId};
use model::secret::Digest;
use model::session::KnownDevice;
use model::time::Timestamp;

/// A user's known device by its cookie, while it is known.
///
/// # Errors
/// The database's.
pub fn by_cookie(conn: &mut Conn, user: UserId, cookie: &Digest, now: Timestamp) -> Result<Option<KnownDevice>, Fault> {
    let found = known_devices::table
        .filter(known_devices::user_id.eq(user.uuid().as_bytes().as_slice()))
        .filter(known_devices::digest.eq(cookie.bytes().as_slice()))
        .filter(known_devices::expires_at.gt(now.millis()))
        .select((known_devices::id, known_devices::expires_at))
        .get_result::<(Vec<u8>, i64)>(conn.engine())
        .optional()
        .map_err(fault("known device"))?;
    let device = |(id, expires_at): (Vec<u8>, i64)| {
        Ok(KnownDevice {
            id: KnownDeviceId::from_uuid(column::uuid("known_devices.id", &id)?),
            user_id: user,
            expires_at: column::time(expires_at),
        })
    };
    found.map(device).transpose()
}

/// Makes a browser known.
///
/// # Errors
/// The database's.
pub fn insert(
    conn: &mut Conn,
    device: &KnownDevice,
    cookie: &Digest,
    origin: &Origin,
    now: Timestamp,
) -> Result<(), Fault> {
    diesel::insert_into(known_devices::table)
        .values((
            known_devices::id.eq(device.id.uuid().as_bytes().as_slice()),
            known_devices::user_id.eq(device.user_id.uuid().as_bytes().as_slice()),
            known_devices::digest.eq(cookie.bytes().as_slice()),
            known_devices::created_at.eq(now.millis()),
            known_devices::last_used_at.eq(now.millis()),
            known_devices::expires_at.eq(device.expires_at.millis()),
            known_devices::address.eq(origin.address.to_string()),
            known_devices::program.eq(&origin.program),
        ))
        .execute(conn.engine())
        .map(drop)
        .map_err(fault("insert known device"))
}

/// Forgets all devices of a user but the `most` that were used last.
///
/// # Errors
/// The database's.
pub fn keep_newest(conn: &mut Conn, user: UserId, most: i64) -> Result<(), Fault> {
    diesel::sql_query(
        "DELETE FROM known_devices WHERE user_id = $1 AND id NOT IN \
         (SELECT id FROM known_devices WHERE user_id = $1 ORDER BY last_used_at DESC, id DESC LIMIT $2)",
    )
    .bind::<Binary, _>(user.uuid().as_bytes().as_slice())
    .bind::<BigInt, _>(most)
    .execute(conn.engine())
    .map(drop)
    .map_err(fault("keep newest known devices"))
}

/// A known device as lists show it.
#[derive(Clone, Debug)]
pub struct ListedDevice {
    /// The device.
    pub device: KnownDevice,
    /// Since when it is known.
    pub created_at: Timestamp,
    /// When somebody last signed in with it.
    pub last_used_at: Timestamp,
    /// From where.
    pub origin: Origin,
}

/// The known devices of a user, those used last first.
///
/// # Errors
/// The database's.
pub fn of_user(conn: &mut Conn, user: UserId, now: Timestamp) -> Result<Vec<ListedDevice>, Fault> {
    let found = known_devices::table
        .filter(known_devices::user_id.eq(user.uuid().as_bytes().as_slice()))
        .filter(known_devices::expires_at.gt(now.millis()))
        .order((known_devices::last_used_at.desc(), known_devices::id.desc()))
        .select((
            known_devices::id,
            (known_devices::created_at, known_devices::last_used_at, known_devices::expires_at),
            (known_devices::address, known_devices::program),
        ))
        .load::<(Vec<u8>, (i64, i64, i64), (String, String))>(conn.engine())
        .map_err(fault("known devices of user"))?;
    let listed = |(id, (created, used, expires), (address, program)): (Vec<u8>, (i64, i64, i64), (String, String))| {
        let id = KnownDeviceId::from_uuid(column::uuid("known_devices.id", &id)?);
        Ok(ListedDevice {
            device: KnownDevice { id, user_id: user, expires_at: column::time(expires) },
            created_at: column::time(created),
            last_used_at: column::time(used),
            origin: Origin::new(column::address("known_devices.address", &address)?, &program),
        })
    };
    found.into_iter().map(listed).collect()
}

/// Forgets a device of a user; false where it is none of theirs.
///
/// # Errors
/// The database's.
pub fn remove(conn: &mut Conn, user: UserId, device: KnownDeviceId) -> Result<bool, Fault> {
    diesel::delete(
        known_devices::table
            .filter(known_devices::user_id.eq(user.uuid().as_bytes().as_slice()))
            .filter(known_devices::id.eq(device.uuid().as_bytes().as_slice())),
    )
    .execute(conn.engine())
    .map(|removed| removed == 1)
    .map_err(fault("forget known device"))
}

/// Forgets all devices of a user.
///
/// # Errors
/// The database's.
pub fn remove_of_user(conn: &mut Conn, user: UserId) -> Result<(), Fault> {
    diesel::delete(known_devices::table.filter(known_devices::user_id.eq(user.uuid().as_bytes().as_slice())))
        .execute(conn.engine())
        .map(drop)
        .map_err(fault("forget known devices"))
}

/// Notes that a known device was used, which lengthens its time; false where it has been forgotten.
///
/// # Errors
/// The database's.
pub fn renew(conn: &mut Conn, device: &KnownDevice, origin: &Origin, now: Timestamp) -> Result<bool, Fault> {
    diesel::update(known_devices::table.filter(known_devices::id.eq(device.id.uuid().as_bytes().as_slice())))
        .set((
            known_devices::last_used_at.eq(now.millis()),
            known_devices::expires_at.eq(device.expires_at.millis()),
            known_devices::address.eq(origin.address.to_string()),
            known_devices::program.eq(&origin.program),
        ))
        .execute(conn.engine())
        .map(|renewed| renewed == 1)
        .map_err(fault("renew known device"))
}
