//! PostgreSQL for tests: a migrated template is made once on a server, and each test's database is a copy of it.

use std::sync::OnceLock;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;
use std::{env, process, thread};
use store::{Conn, Db, DbConfig, MIGRATIONS};

const VARIABLE: &str = "DOORWARD_TEST_POSTGRES";
/// Keeps processes that start together from making the template twice. Any number that is not the migrations' own.
const LOCK: i64 = 7_236_028_135;

pub(crate) struct Database {
    name: String,
    url: String,
}

impl Database {
    pub(crate) fn new() -> Self {
        Self::copy_of(template())
    }

    pub(crate) fn empty() -> Self {
        Self::copy_of("template0")
    }

    fn copy_of(template: &str) -> Self {
        static NUMBER: AtomicU32 = AtomicU32::new(1);
        let name = format!("doorward_test_{}_{}", process::id(), NUMBER.fetch_add(1, Ordering::Relaxed));
        // What an earlier process of the same number left behind when it was killed.
        on_server(&format!("DROP DATABASE IF EXISTS {name} WITH (FORCE)"));
        on_server(&format!("CREATE DATABASE {name} TEMPLATE {template}"));
        let url = url_of(&name);
        Self { name, url }
    }

    pub(crate) fn url(&self) -> &str {
        &self.url
    }
}

impl Drop for Database {
    fn drop(&mut self) {
        let dropped =
            server().maintenance(|conn| conn.execute_sql(&format!("DROP DATABASE {} WITH (FORCE)", self.name)));
        // A test that stopped the server on purpose has no need of this.
        if let Err(fault) = dropped {
            eprintln!("{} is left behind: {fault}", self.name);
        }
    }
}

#[expect(clippy::panic, reason = "a test can't go on without its database")]
fn server_url() -> String {
    env::var(VARIABLE).unwrap_or_else(|_| {
        panic!("run the tests by `make test`, or set {VARIABLE} to the URL of a PostgreSQL server for tests, like postgres://me@127.0.0.1:5432/postgres")
    })
}

/// The server's URL with another database.
fn url_of(database: &str) -> String {
    let server = server_url();
    let (main, query) = server.split_once('?').map_or((server.as_str(), None), |(main, query)| (main, Some(query)));
    let start = main.find("://").map_or(0, |at| at + 3);
    let end = main[start..].find('/').map_or(main.len(), |at| start + at);
    let query = query.map(|query| format!("?{query}")).unwrap_or_default();
    format!("{}/{database}{query}", &main[..end])
}

fn open(url: String) -> Db {
    #[expect(clippy::panic, reason = "a test can't go on without its database")]
    Db::open(DbConfig { url, pg_threads: 2, ..DbConfig::default() })
        .unwrap_or_else(|error| panic!("{VARIABLE}: {error}"))
}

fn server() -> &'static Db {
    static SERVER: OnceLock<Db> = OnceLock::new();
    SERVER.get_or_init(|| open(server_url()))
}

#[expect(clippy::panic, reason = "a test can't go on without its database")]
fn on_server(sql: &str) {
    let mut last = String::new();
    for _ in 0..50 {
        match server().maintenance(|conn| conn.execute_sql(sql)) {
            Ok(()) => return,
            Err(fault) => last = fault.to_string(),
        }
        // A connection that has just been closed may still count as using the template.
        if !last.contains("being accessed by other users") && !last.contains("too many clients") {
            break;
        }
        thread::sleep(Duration::from_millis(100));
    }
    panic!("{sql}: {last}");
}

#[expect(clippy::expect_used, reason = "a test can't go on without its database")]
fn template() -> &'static str {
    static TEMPLATE: OnceLock<String> = OnceLock::new();
    TEMPLATE.get_or_init(|| {
        let name = format!("doorward_template_{MIGRATIONS}");
        let made = server().maintenance(|conn| {
            conn.execute_sql(&format!("SELECT pg_advisory_lock({LOCK})"))?;
            if !exists(conn, &name)? {
                let unfinished = format!("{name}_unfinished");
                conn.execute_sql(&format!("DROP DATABASE IF EXISTS {unfinished} WITH (FORCE)"))?;
                conn.execute_sql(&format!("CREATE DATABASE {unfinished} TEMPLATE template0"))?;
                open(url_of(&unfinished)).migrate()?;
                rename(conn, &unfinished, &name)?;
            }
            conn.execute_sql(&format!("SELECT pg_advisory_unlock({LOCK})"))
        });
        made.expect("a migrated template on the server");
        name
    })
}

fn exists(conn: &mut Conn, name: &str) -> Result<bool, model::fault::Fault> {
    let found = conn.numbers_by_sql(&format!("SELECT count(*) AS value FROM pg_database WHERE datname = '{name}'"))?;
    Ok(found.first() == Some(&1))
}

fn rename(conn: &mut Conn, from: &str, to: &str) -> Result<(), model::fault::Fault> {
    let sql = format!("ALTER DATABASE {from} RENAME TO {to}");
    // The migrating connection is closed, but the server may not have noticed yet.
    for _ in 0..50 {
        match conn.execute_sql(&sql) {
            Err(fault) if fault.to_string().contains("accessed by other users") => {
                thread::sleep(Duration::from_millis(100));
            }
            outcome => return outcome,
        }
    }
    conn.execute_sql(&sql)
}
