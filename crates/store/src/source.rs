//! Where connections come from, and the seat in which a database thread keeps one.

use crate::conn::Conn;
use crate::engine::Engine;
use crate::url::{OpenError, Target};
use diesel::connection::{CacheSize, Connection as _, SimpleConnection as _};
use diesel::r2d2::{Error, ManageConnection, R2D2Connection as _};
use diesel::{ConnectionError, PgConnection, SqliteConnection};
use model::fault::Fault;
use std::fs::OpenOptions;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;
use std::thread;
use std::time::Duration;

/// What a connection is for.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Role {
    /// Jobs that write; on PostgreSQL, all jobs.
    Writer,
    /// Jobs that only read, on SQLite.
    Reader,
    /// Migrations and checks: no limit on how long a statement runs.
    Maintenance,
}

/// Pages that a connection keeps, in KiB. Digests fall anywhere in their index, so that with SQLite's own 2 MiB most inserts
/// among 100,000 live codes read a page back first.
const CACHE_KIB: u32 = 16 * 1024;

/// Pages in the log before they are moved into the database file. Few pages hold many scattered changes each, so that
/// moving less often writes less; 16 MiB are moved in some 50 ms.
const CHECKPOINT_PAGES: u32 = 4_000;

/// Opens connections of one role.
#[derive(Clone)]
pub(crate) struct Source {
    target: Target,
    role: Role,
    prepared: bool,
}

impl Source {
    /// Connections to `target`. `prepared` false: no named prepared statements, for a pooler that can't keep them.
    pub(crate) fn new(target: Target, role: Role, prepared: bool) -> Self {
        Self { target, role, prepared }
    }

    /// The same for another role.
    pub(crate) fn for_role(&self, role: Role) -> Self {
        Self { role, ..self.clone() }
    }

    fn sqlite(&self, path: &Path) -> Result<SqliteConnection, Error> {
        let mut conn = SqliteConnection::establish(&path.to_string_lossy())?;
        // A time-out comes first, so that the other pragmas wait too; each alone, as SQLite wants it.
        let (patience, more) = match self.role {
            Role::Writer => (2_000, "PRAGMA synchronous = FULL"),
            Role::Reader => (2_000, "PRAGMA query_only = ON"),
            Role::Maintenance => (30_000, "PRAGMA synchronous = FULL"),
        };
        conn.batch_execute(&format!("PRAGMA busy_timeout = {patience}"))?;
        conn.batch_execute(more)?;
        conn.batch_execute("PRAGMA foreign_keys = ON")?;
        conn.batch_execute(&format!("PRAGMA cache_size = -{CACHE_KIB}"))?;
        conn.batch_execute(&format!("PRAGMA wal_autocheckpoint = {CHECKPOINT_PAGES}"))?;
        Ok(conn)
    }

    fn postgres(&self, conninfo: &str, secrets: &[String]) -> Result<PgConnection, Error> {
        let mut conn = PgConnection::establish(conninfo).map_err(|error| without(secrets, &error))?;
        if !self.prepared {
            conn.set_prepared_statement_cache_size(CacheSize::Disabled);
        }
        if self.role != Role::Maintenance {
            conn.batch_execute("SET statement_timeout = '10s'; SET lock_timeout = '5s'; SET idle_in_transaction_session_timeout = '30s'")?;
        }
        Ok(conn)
    }
}

/// libpq may repeat parts of what it was given; a password must not be among them.
fn without(secrets: &[String], error: &ConnectionError) -> Error {
    let message = secrets.iter().fold(error.to_string(), |message, secret| message.replace(secret, "…"));
    Error::ConnectionError(ConnectionError::BadConnection(message))
}

impl ManageConnection for Source {
    type Connection = Conn;
    type Error = Error;

    fn connect(&self) -> Result<Conn, Error> {
        Ok(Conn::new(match &self.target {
            Target::Sqlite(path) => Engine::Sqlite(self.sqlite(path)?),
            Target::Postgres { conninfo, secrets } => Engine::Postgres(self.postgres(conninfo, secrets)?),
        }))
    }

    fn is_valid(&self, conn: &mut Conn) -> Result<(), Error> {
        conn.engine().ping().map_err(Error::QueryError)
    }

    fn has_broken(&self, conn: &mut Conn) -> bool {
        conn.is_doubtful() || !conn.is_idle()
    }
}

/// Makes sure that an SQLite file is there, can be written, and keeps a write-ahead log, so that readers don't wait
/// for the writer.
///
/// # Errors
/// A sentence that names the file or folder.
pub(crate) fn prepare_file(source: &Source) -> Result<(), OpenError> {
    let Target::Sqlite(path) = &source.target else { return Ok(()) };
    let mut options = OpenOptions::new();
    options.append(true).create(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let shown = path.display();
    if let Err(error) = options.open(path) {
        return Err(OpenError::new(format!(
            "The database file {shown} can't be written: {error}. Check its folder's permissions."
        )));
    }
    let mut last = String::new();
    // Changing the mode needs the file for itself for a moment, and SQLite does not always wait for that by itself.
    for _ in 0..50 {
        let changed = source.connect().map_err(|error| error.to_string()).and_then(|mut conn| {
            let mode = conn.execute_sql("PRAGMA journal_mode = WAL").map_err(|fault| fault.to_string());
            mode.map(drop)
        });
        match changed {
            Ok(()) => return Ok(()),
            Err(error) => last = error,
        }
        if !last.contains("locked") {
            break;
        }
        thread::sleep(Duration::from_millis(20));
    }
    Err(OpenError::new(format!("The database file {shown} can't be opened: {last}.")))
}

/// One thread's connection: opened when it is needed, dropped when it is not to be trusted.
pub(crate) struct Seat {
    source: Source,
    conn: Option<Conn>,
    used: bool,
}

impl Seat {
    pub(crate) fn new(source: Source) -> Self {
        Self { source, conn: None, used: false }
    }

    /// The connection, opened if there is none.
    ///
    /// # Errors
    /// `Unavailable` where the database can't be reached.
    pub(crate) fn conn(&mut self) -> Result<&mut Conn, Fault> {
        let conn = match self.conn.take() {
            Some(conn) => conn,
            None => {
                self.used = false;
                self.source
                    .connect()
                    .map_err(|error| Fault::unavailable("the database can't be reached").because(error))?
            }
        };
        Ok(self.conn.insert(conn))
    }

    /// Whether the connection that is open has served a job before, and so may have been lost while it was idle.
    pub(crate) fn is_used(&self) -> bool {
        self.conn.is_some() && self.used
    }

    /// Looks at the connection after a job: keeps a sound one. Tells whether it did.
    pub(crate) fn keep_if_sound(&mut self) -> bool {
        self.used = true;
        let sound = self.conn.as_mut().is_some_and(|conn| !self.source.has_broken(conn));
        if !sound {
            self.discard();
        }
        sound
    }

    /// Closes the connection, whatever it holds. An open transaction ends with it; after a panic or a failed
    /// savepoint that is the one way to be sure that it did.
    pub(crate) fn discard(&mut self) {
        let conn = self.conn.take();
        // Closing reports a statement that failed by a panic; here it has been reported already.
        let _reported = catch_unwind(AssertUnwindSafe(|| drop(conn)));
    }
}
