//! Signing keys of organizations.
//!
//! 1. A key is made outside of any transaction, since RSA takes long, and stored with its private part under a random
//!    data key and that one under the master key; both seals are bound to organization, kid, algorithm and purpose.
//! 2. A new key is published before it signs, for as long as a relying party may keep the old list.
//! 3. A replaced key stays published until its last token has expired.
//! 4. Parsed keys are kept in memory by (organization, kid); which of them count is read again every second.

use jose::{Algorithm, Jwk, Jwks, PrivateKey, Seal, SigningKey, VerifyingKey};
use model::audit::{Action, By};
use model::fault::Fault;
use model::id::OrgId;
use model::issue::Algorithms;
use model::moment::Moment;
use model::secret::{Key, Keyring, Purpose};
use model::time::Timestamp;
use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use store::Conn;
use store::tables::audit;
use store::tables::signing_keys::{self, KeyRecord};

/// How long relying parties may keep the list of keys: `max-age` of the JWKS answer.
pub const JWKS_MAX_AGE: Duration = Duration::from_secs(300);

/// The longest life of anything that a key signs, with room for clocks.
const LONGEST_TOKEN: Duration = Duration::from_secs(24 * 60 * 60 + 300);

/// How old what this node knows of an organization's keys may be.
const FRESH: Duration = Duration::from_secs(1);

/// Organizations whose keys are kept in memory at most.
const MOST_ORGANIZATIONS: usize = 4096;

/// Room for clocks and for answers under way, beyond what a list of keys may be kept.
const ROOM: Duration = Duration::from_secs(60);

/// Makes a key for `org` that signs at once, sealed for storing. Takes long for RSA: never inside a transaction.
///
/// # Errors
/// `Broken` where the library fails.
pub fn make(org: &OrgId, algorithm: Algorithm, keyring: &Keyring, moment: &Moment) -> Result<KeyRecord, Fault> {
    let failed = |error: jose::KeyError| Fault::broken("a signing key could not be made").because(error);
    let private = PrivateKey::generate(algorithm).map_err(failed)?;
    let kid = private.kid(algorithm).map_err(failed)?;
    let jwk = SigningKey::parse(algorithm, kid.clone(), &private).map_err(failed)?.public_jwk();
    let data_key = Key::from_bytes(moment.bytes::<32>());
    let context = [org.as_str().as_bytes(), kid.as_bytes(), algorithm.as_str().as_bytes()];
    Ok(KeyRecord {
        alg: algorithm.as_str().to_owned(),
        public_jwk: serde_json::to_string(&jwk)
            .map_err(|error| Fault::broken("a public key has no JSON").because(error))?,
        sealed_data_key: Seal::new(&keyring.key(Purpose::DataKey)).seal(moment, &context, data_key.expose())?,
        sealed_private_key: Seal::new(&data_key).seal(moment, &context, private.pkcs8())?,
        master_key_version: Keyring::VERSION,
        created_at: moment.now(),
        signs_from: moment.now(),
        published_until: None,
        kid,
    })
}

/// When a new key takes over from the one before it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TakesOver {
    /// Once nobody can hold a list of keys without it any more.
    OnceKnown,
    /// At once. Whoever holds an older list refuses its tokens until they look again.
    AtOnce,
    /// At once, and the ones before it are not published any more: somebody else may hold one. What they signed is
    /// refused, by this server at once and by others when they look at the list of keys again.
    AtOnceAlone,
}

/// Stores a new key, with its audit row, and ends the ones of its algorithm before it: they stay published until their
/// last token has expired, unless the new key is to stand alone. Gives the key with the time from which it signs.
///
/// # Errors
/// The database's.
pub fn rotate(
    conn: &mut Conn,
    org: &OrgId,
    made: &KeyRecord,
    takes_over: TakesOver,
    by: &By,
) -> Result<KeyRecord, Fault> {
    let now = by.now();
    let published = signing_keys::published(conn, org, now)?;
    let before = || published.iter().filter(|old| old.alg == made.alg);
    // Where none signs yet there is nothing to take over from, and nobody who could know an older list.
    let first = !before().any(|old| old.signs_from <= now);
    let signs_from = match takes_over {
        TakesOver::OnceKnown if !first => now.after(JWKS_MAX_AGE).after(ROOM),
        TakesOver::OnceKnown | TakesOver::AtOnce | TakesOver::AtOnceAlone => now,
    };
    let new = KeyRecord { signs_from, ..made.clone() };
    let mut entry = by.entry(Some(org), Action::KeyRotated, &new.kid);
    entry = entry.with("alg", new.alg.as_str()).with("signs_from", signs_from.millis());
    if takes_over == TakesOver::AtOnceAlone {
        let withdrawn: Vec<&str> = before().map(|old| old.kid.as_str()).collect();
        signing_keys::withdraw(conn, org, &made.alg, now)?;
        entry = entry.with("withdrawn", withdrawn.join(" "));
    }
    for old in before().filter(|old| takes_over != TakesOver::AtOnceAlone && old.published_until.is_none()) {
        signing_keys::publish_until(conn, org, &old.kid, signs_from.after(LONGEST_TOKEN))?;
    }
    signing_keys::insert(conn, org, &new)?;
    audit::insert(conn, &entry)?;
    Ok(new)
}

/// Stores a first key of its algorithm; does nothing where another node was faster.
///
/// # Errors
/// The database's.
pub fn add_first(conn: &mut Conn, org: &OrgId, new: &KeyRecord, now: Timestamp) -> Result<(), Fault> {
    if signing_keys::published(conn, org, now)?.iter().any(|key| key.alg == new.alg) {
        return Ok(());
    }
    signing_keys::insert(conn, org, new)
}

/// A key in memory, parsed once.
#[derive(Debug)]
struct ParsedKey {
    signing: SigningKey,
    verifying: VerifyingKey,
    jwk: Jwk,
}

/// The keys of one organization as they stood a moment ago.
#[derive(Debug)]
pub struct OrgKeys {
    keys: Vec<(KeyRecord, Arc<ParsedKey>)>,
    read_at: Timestamp,
}

impl OrgKeys {
    /// The key that signs with `algorithm` at `now`: of those whose time has come, the one that is published longest.
    /// One that was replaced before its time came ends before its replacement, and so never signs.
    pub fn signing(&self, algorithm: Algorithm, now: Timestamp) -> Option<&SigningKey> {
        let of_algorithm = || self.keys.iter().filter(|(_, parsed)| parsed.signing.alg() == algorithm);
        of_algorithm()
            .filter(|(record, _)| record.signs_from <= now)
            .max_by_key(|(record, _)| {
                let end = record.published_until;
                (end.is_none(), end, record.signs_from, record.created_at)
            })
            // A first key also signs for requests that began, or on nodes whose clocks are, a little before it.
            .or_else(|| {
                of_algorithm()
                    .filter(|(record, _)| record.signs_from <= now.after(ROOM))
                    .min_by_key(|(record, _)| record.signs_from)
            })
            .map(|(_, parsed)| &parsed.signing)
    }

    /// Whether there is a key to sign with for each of `algorithms` at `now`.
    pub fn can_sign(&self, algorithms: Algorithms, now: Timestamp) -> bool {
        [algorithms.access, algorithms.id_token].iter().all(|algorithm| self.signing(*algorithm, now).is_some())
    }

    /// The key to verify with, by name and algorithm.
    pub fn verifying(&self, kid: &str, algorithm: Algorithm) -> Option<&VerifyingKey> {
        self.keys
            .iter()
            .find(|(record, parsed)| record.kid == kid && parsed.verifying.alg() == algorithm)
            .map(|(_, parsed)| &parsed.verifying)
    }

    /// What is published.
    pub fn jwks(&self) -> Jwks {
        Jwks { keys: self.keys.iter().map(|(_, parsed)| parsed.jwk.clone()).collect() }
    }

    /// Whether this may still be relied on at `now`.
    pub fn is_fresh(&self, now: Timestamp) -> bool {
        now < self.read_at.after(FRESH) && now >= self.read_at
    }
}

/// Organizations' keys in memory.
#[derive(Debug, Default)]
pub struct KeyCache {
    organizations: Mutex<HashMap<OrgId, Arc<OrgKeys>>>,
}

impl KeyCache {
    /// The organization's keys, where they were read a moment ago. The server itself signs nothing: that it has none is known.
    pub fn fresh(&self, org: &OrgId, now: Timestamp) -> Option<Arc<OrgKeys>> {
        if org.is_instance() {
            return Some(Arc::new(OrgKeys { keys: Vec::new(), read_at: now }));
        }
        self.known(org).filter(|keys| keys.is_fresh(now))
    }

    fn known(&self, org: &OrgId) -> Option<Arc<OrgKeys>> {
        self.organizations.lock().unwrap_or_else(PoisonError::into_inner).get(org).cloned()
    }

    /// Reads which keys count. Nothing where the organization has none.
    ///
    /// # Errors
    /// The database's.
    pub fn read(conn: &mut Conn, org: &OrgId, now: Timestamp) -> Result<Vec<KeyRecord>, Fault> {
        signing_keys::published(conn, org, now)
    }

    /// Takes what was read at `now`, opening and parsing what is not known yet.
    ///
    /// # Errors
    /// `Broken` where a key does not open: the master key is not the one that sealed it.
    pub fn keep(
        &self,
        org: &OrgId,
        records: Vec<KeyRecord>,
        keyring: &Keyring,
        now: Timestamp,
    ) -> Result<Arc<OrgKeys>, Fault> {
        let known = self.known(org);
        let mut keys = Vec::with_capacity(records.len());
        for record in records {
            let parsed = known
                .iter()
                .flat_map(|known| &known.keys)
                .find(|(old, _)| old.kid == record.kid)
                .map(|(_, parsed)| parsed.clone());
            let parsed = match parsed {
                Some(parsed) => parsed,
                None => Arc::new(open(org, &record, keyring)?),
            };
            keys.push((record, parsed));
        }
        let keys = Arc::new(OrgKeys { keys, read_at: now });
        let mut organizations = self.organizations.lock().unwrap_or_else(PoisonError::into_inner);
        if keys.keys.is_empty() {
            // Every organization has a key from the start. What has none may be any name that a stranger thought of:
            // remembering those would fill memory and push out the ones that count.
            organizations.remove(org);
            return Ok(keys);
        }
        if organizations.len() >= MOST_ORGANIZATIONS && !organizations.contains_key(org) {
            // Whichever goes is read again when it is asked for.
            let some: Vec<OrgId> = organizations.keys().take(MOST_ORGANIZATIONS / 8).cloned().collect();
            some.iter().for_each(|org| drop(organizations.remove(org)));
        }
        organizations.insert(org.clone(), keys.clone());
        Ok(keys)
    }

    /// Whether an organization's keys are in memory, however old.
    pub fn holds(&self, org: &OrgId) -> bool {
        self.known(org).is_some()
    }

    /// Forgets an organization's keys, so that the next request reads them again.
    pub fn forget(&self, org: &OrgId) {
        self.organizations.lock().unwrap_or_else(PoisonError::into_inner).remove(org);
    }
}

fn open(org: &OrgId, record: &KeyRecord, keyring: &Keyring) -> Result<ParsedKey, Fault> {
    let wrong = || {
        Fault::broken(format!(
            "signing key {} of {org} does not open: is the master key the one that it was sealed with?",
            record.kid
        ))
    };
    let failed = |error: jose::KeyError| wrong().because(error);
    let algorithm = Algorithm::parse(&record.alg).map_err(|error| wrong().because(error))?;
    let context = [org.as_str().as_bytes(), record.kid.as_bytes(), record.alg.as_bytes()];
    let data_key =
        Seal::new(&keyring.key(Purpose::DataKey)).open(&context, &record.sealed_data_key).ok_or_else(wrong)?;
    let data_key = Key::from_bytes(data_key.try_into().map_err(|_| wrong())?);
    let private =
        PrivateKey::from_pkcs8(Seal::new(&data_key).open(&context, &record.sealed_private_key).ok_or_else(wrong)?);
    let signing = SigningKey::parse(algorithm, record.kid.clone(), &private).map_err(failed)?;
    let jwk = signing.public_jwk();
    Ok(ParsedKey { verifying: VerifyingKey::from_jwk(&jwk).map_err(failed)?, signing, jwk })
}
