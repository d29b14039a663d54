//! The two databases that everything is tested on.

use std::path::Path;
use std::process::Command;
use std::sync::atomic::{AtomicU32, Ordering};

use url::Url;

use crate::places::{command, provided};

/// The database below a server.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Engine {
    /// A file in the server's data folder.
    Sqlite,
    /// A database of its own in the PostgreSQL that `DOORWARD_TEST_POSTGRES` names.
    Postgres,
}

/// A fresh database for one test.
#[derive(Debug)]
pub struct Database(Place);

#[derive(Debug)]
enum Place {
    /// `doorward.db` in the server's data folder.
    File,
    /// Made in the shared PostgreSQL, and dropped with this value.
    Made { server: Url, name: String },
    /// In a PostgreSQL that goes with its test.
    Given(Url),
}

impl Database {
    /// Creates it, empty.
    ///
    /// # Panics
    /// When PostgreSQL is asked for and not there.
    pub fn create(engine: Engine) -> Self {
        static NEXT: AtomicU32 = AtomicU32::new(0);
        if engine == Engine::Sqlite {
            return Self(Place::File);
        }
        let server = std::env::var("DOORWARD_TEST_POSTGRES").unwrap_or_else(|_| {
            panic!("DOORWARD_TEST_POSTGRES names no PostgreSQL: run the tests below crates/e2e/tools/with-postgres")
        });
        let server = Url::parse(&server).expect("DOORWARD_TEST_POSTGRES is an address");
        let name = format!("e2e_{}_{}", std::process::id(), NEXT.fetch_add(1, Ordering::Relaxed));
        assert!(execute(&server, &format!("CREATE DATABASE {name}")), "no database could be created at {server}");
        Self(Place::Made { server, name })
    }

    /// The database at this address, which the caller has made.
    pub fn at(url: Url) -> Self {
        Self(Place::Given(url))
    }

    /// The value of `DOORWARD_DATABASE_URL`, where it is not the default.
    pub fn url(&self) -> Option<String> {
        match &self.0 {
            Place::File => None,
            Place::Made { server, name } => {
                let mut url = server.clone();
                url.set_path(name);
                Some(url.into())
            }
            Place::Given(url) => Some(url.to_string()),
        }
    }

    /// The one value that a query gives, as text; `data` is the server's data folder.
    ///
    /// # Panics
    /// When the query fails.
    pub fn ask(&self, data: &Path, query: &str) -> String {
        let mut program = match self.url() {
            Some(url) => {
                let mut psql = Command::new("psql");
                psql.args(["--no-psqlrc", "--quiet", "--tuples-only", "--no-align", "--command", query, &url]);
                psql
            }
            None => {
                let mut python = command(provided("venv/bin/python"));
                python.args([
                    "-c",
                    "import sqlite3, sys; print(sqlite3.connect(sys.argv[1], 30).execute(sys.argv[2]).fetchone()[0])",
                ]);
                python.arg(data.join("doorward.db")).arg(query);
                python
            }
        };
        let output = program.output().expect("the program starts");
        assert!(output.status.success(), "{query}: {}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8_lossy(&output.stdout).trim().to_owned()
    }
}

impl Drop for Database {
    fn drop(&mut self) {
        if let Place::Made { server, name } = &self.0 {
            execute(server, &format!("DROP DATABASE {name} WITH (FORCE)"));
        }
    }
}

/// Runs one statement; whether it succeeded.
pub fn execute(server: &Url, statement: &str) -> bool {
    let psql = Command::new("psql").args(["--no-psqlrc", "--quiet", "--command", statement, server.as_str()]).status();
    psql.is_ok_and(|status| status.success())
}
