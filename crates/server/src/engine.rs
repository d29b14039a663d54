//! What server and commands both stand on: the data folder, the database, the master key.

pub mod master_key;

use crate::clock;
use crate::config::{Config, Problem};
use issuer::keys::KeyCache;
use model::fault::{Fault, FaultKind};
use model::secret::{Key, Keyring};
use std::fs::DirBuilder;
use std::os::unix::fs::DirBuilderExt as _;
use std::path::{Path, PathBuf};
use std::time::Duration;
use store::{Conn, Db};

/// The time between two tries to reach a database that is not there yet.
const PAUSE: Duration = Duration::from_secs(1);

/// The open database and the keys that are not in it.
#[derive(Clone, Debug)]
pub struct Engine {
    /// The only door to the database.
    pub db: Db,
    /// The keys below the master key.
    pub keyring: Keyring,
}

impl Engine {
    /// Opens the database, migrates it where need be, and reads the master key, which is made for an empty database.
    ///
    /// # Errors
    /// A sentence about the folder, the database or the key.
    pub fn open(config: &Config) -> Result<Self, Problem> {
        let db = open_db(config)?;
        migrate(&db).map_err(|fault| unusable(&fault))?;
        let keyring = keyring(config, &db)?;
        Ok(Self { db, keyring })
    }

    /// Like [`Engine::open`], but a PostgreSQL server that can't be reached is no obstacle: the database is migrated
    /// once it can be reached, and until then `db.ready()` says no.
    ///
    /// A master key that is missing is drawn then too, and written only once the database has proved to be empty. Until
    /// then nothing can be sealed with it, since there is nowhere to keep what is sealed.
    ///
    /// `give_up` is called, in a thread of its own, with what makes the database one that must not be served after all: requests
    /// are refused already then.
    ///
    /// # Errors
    /// As [`Engine::open`].
    pub fn open_to_serve(config: &Config, give_up: impl FnOnce(&Problem) + Send + 'static) -> Result<Self, Problem> {
        let db = open_db(config)?;
        match migrate(&db) {
            Err(fault) if fault.kind() == FaultKind::Unavailable => {
                tracing::warn!(%fault, "the database can't be reached yet; starting without it");
                let known = master_key::read(&config.master_key_file)?;
                let master = known.unwrap_or_else(|| Key::from_bytes(clock::moment().bytes::<32>()));
                let engine = Self { db, keyring: Keyring::new(master.clone()) };
                engine.clone().settle_once_reachable(config.master_key_file.clone(), master, give_up)?;
                Ok(engine)
            }
            Err(fault) => Err(unusable(&fault)),
            Ok(()) => Ok(Self { keyring: keyring(config, &db)?, db }),
        }
    }

    fn settle_once_reachable(
        self,
        key_file: PathBuf,
        master: Key,
        give_up: impl FnOnce(&Problem) + Send + 'static,
    ) -> Result<(), Problem> {
        let tries = move || loop {
            match self.settle(&key_file, &master) {
                Ok(()) => return tracing::info!("the database can be reached now"),
                Err(Unsettled::NotYet) => std::thread::sleep(PAUSE),
                Err(Unsettled::Never(problem)) => return give_up(&problem),
            }
        };
        let started = std::thread::Builder::new().name("db-migrate".to_owned()).spawn(tries);
        started.map(drop).map_err(|error| {
            Problem::new(format!("A thread can't be started: {error}. Free some memory, then try again."))
        })
    }

    /// Migrates a database that has turned up, and makes sure that the key which the server runs with is its own.
    fn settle(&self, key_file: &Path, master: &Key) -> Result<(), Unsettled> {
        migrate(&self.db)?;
        let empty = self.db.blocking().snapshot("is the server empty", is_empty)?;
        let kept = master_key::read_or_keep(key_file, master, || Ok(empty), &clock::moment());
        let same = kept.map_err(Unsettled::Never)?.expose() == master.expose();
        if !opens_its_keys(&self.db, &self.keyring)? {
            return Err(Unsettled::Never(wrong_key(key_file)));
        }
        if !same {
            let other = "Another process has made the master key meanwhile. Start again: it is read then.";
            return Err(Unsettled::Never(Problem::new(other)));
        }
        Ok(())
    }
}

/// Why a database that was waited for can't be served.
enum Unsettled {
    /// It can't be reached, or not any more.
    NotYet,
    /// It is not one that this server may serve.
    Never(Problem),
}

impl From<Fault> for Unsettled {
    fn from(fault: Fault) -> Self {
        if fault.kind() == FaultKind::Broken { Self::Never(unusable(&fault)) } else { Self::NotYet }
    }
}

/// Makes the data folder where it is missing and opens the database, without asking it anything.
fn open_db(config: &Config) -> Result<Db, Problem> {
    make_folder(&config.data_dir)?;
    Db::open(config.database()).map_err(|error| Problem::new(error.to_string()))
}

/// Makes a folder that nobody else may look into, and those above it.
fn make_folder(folder: &Path) -> Result<(), Problem> {
    if folder.is_dir() {
        return Ok(());
    }
    DirBuilder::new().recursive(true).mode(0o700).create(folder).map_err(|error| {
        Problem::new(format!(
            "The data folder {} can't be made: {error}. Make it yourself, for the user that runs the server, or name another by data_dir (DOORWARD_DATA_DIR).",
            folder.display()
        ))
    })
}

/// Migrates, but takes no write lock where there is nothing to do: commands run beside a busy server.
fn migrate(db: &Db) -> Result<(), Fault> {
    if db.blocking().ready().is_ok() { Ok(()) } else { db.migrate() }
}

/// The sentence about a database that can't be used.
pub(crate) fn unusable(fault: &Fault) -> Problem {
    Problem::new(match fault.kind() {
        FaultKind::Busy => format!("The database is busy ({fault}). Try again in a moment."),
        FaultKind::Unavailable => {
            format!(
                "The database can't be reached or did not answer ({fault}). Check that it runs and that database_url (DOORWARD_DATABASE_URL) is right, then try again."
            )
        }
        FaultKind::Broken => format!("The database refused ({fault}). doorward-server doctor may tell more."),
    })
}

fn keyring(config: &Config, db: &Db) -> Result<Keyring, Problem> {
    let empty = || db.blocking().snapshot("is the server empty", is_empty).map_err(|fault| unusable(&fault));
    let master = master_key::read_or_make(&config.master_key_file, empty, &clock::moment())?;
    let keyring = Keyring::new(master);
    if opens_its_keys(db, &keyring).map_err(|fault| unusable(&fault))? {
        return Ok(keyring);
    }
    Err(wrong_key(&config.master_key_file))
}

fn wrong_key(key_file: &Path) -> Problem {
    Problem::new(format!(
        "The master key in {} does not open the keys in this database. Restore the key's file that belongs to it, or name it by \
         master_key_file (DOORWARD_MASTER_KEY_FILE).",
        key_file.display()
    ))
}

/// Whether the newest signing key opens. Noticed at the start, a wrong master key is a sentence; noticed later, there
/// are keys under two master keys side by side.
fn opens_its_keys(db: &Db, keyring: &Keyring) -> Result<bool, Fault> {
    let now = clock::now();
    let newest = db.blocking().snapshot("newest signing key", move |conn| {
        let Some(org) = store::tables::signing_keys::newest_owner(conn)? else { return Ok(None) };
        Ok(Some((KeyCache::read(conn, &org, now)?, org)))
    })?;
    Ok(newest.is_none_or(|(records, org)| KeyCache::default().keep(&org, records, keyring, now).is_ok()))
}

/// Whether the database holds nothing that a master key has sealed.
pub(crate) fn is_empty(conn: &mut Conn) -> Result<bool, Fault> {
    Ok(!store::tables::signing_keys::any(conn)? && store::tables::organizations::all(conn)?.is_empty())
}

#[cfg(test)]
mod tests;
