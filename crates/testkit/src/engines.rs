//! A database of a test's own, gone when the test is.

use crate::{postgres, sqlite};
use std::fmt;
use std::sync::OnceLock;
use store::{Db, DbConfig};

/// Which engine.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum EngineKind {
    /// A file in a temporary folder.
    Sqlite,
    /// A database on the server that `DOORWARD_TEST_POSTGRES` names.
    Postgres,
}

enum Place {
    Sqlite(sqlite::File),
    Postgres(postgres::Database),
}

/// A migrated database that nobody else uses. Dropped with everything in it.
pub struct Scratch {
    // Before the place, so that its threads have ended when the database goes.
    db: OnceLock<Db>,
    kind: EngineKind,
    place: Place,
}

impl Scratch {
    /// A fresh database.
    ///
    /// # Panics
    /// Where it can't be made, saying why.
    pub fn new(kind: EngineKind) -> Self {
        let place = match kind {
            EngineKind::Sqlite => Place::Sqlite(sqlite::File::new()),
            EngineKind::Postgres => Place::Postgres(postgres::Database::new()),
        };
        Self { db: OnceLock::new(), kind, place }
    }

    /// A database with nothing in it, for tests of migrations.
    ///
    /// # Panics
    /// As [`Scratch::new`].
    pub fn unmigrated(kind: EngineKind) -> Self {
        let place = match kind {
            EngineKind::Sqlite => Place::Sqlite(sqlite::File::empty()),
            EngineKind::Postgres => Place::Postgres(postgres::Database::empty()),
        };
        Self { db: OnceLock::new(), kind, place }
    }

    /// Which engine it is.
    pub fn kind(&self) -> EngineKind {
        self.kind
    }

    /// The database's URL, for another process or a [`Db`] of the test's own.
    pub fn url(&self) -> &str {
        match &self.place {
            Place::Sqlite(file) => file.url(),
            Place::Postgres(database) => database.url(),
        }
    }

    /// What [`Scratch::db`] is opened with; a test changes what it is about. A machine that is busy with other tests
    /// makes no request of this one fail.
    pub fn config(&self) -> DbConfig {
        let patience = std::time::Duration::from_secs(60);
        DbConfig { url: self.url().to_owned(), pg_threads: 4, patience, ..DbConfig::default() }
    }

    /// The database, the same each time.
    ///
    /// # Panics
    /// Where it can't be opened, saying why.
    pub fn db(&self) -> Db {
        self.db.get_or_init(|| self.open(self.config())).clone()
    }

    /// The same database once more, as another process would have it.
    ///
    /// # Panics
    /// Where it can't be opened, saying why.
    #[expect(clippy::panic, reason = "a test can't go on without its database")]
    pub fn open(&self, config: DbConfig) -> Db {
        Db::open(config).unwrap_or_else(|error| panic!("the scratch database can't be opened: {error}"))
    }
}

impl fmt::Debug for Scratch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Scratch").field(&self.kind).finish()
    }
}
