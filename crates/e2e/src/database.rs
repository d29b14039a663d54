//! The two databases that everything is tested on.

use std::process::Command;
use std::sync::atomic::{AtomicU32, Ordering};

use url::Url;

/// The database below a server.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Engine {
    /// A file in the server's data folder.
    Sqlite,
    /// A database of its own in the PostgreSQL that `DOORWARD_TEST_POSTGRES` names.
    Postgres,
}

/// A fresh database for one test; a PostgreSQL one is dropped with this value.
#[derive(Debug)]
pub struct Database {
    /// The PostgreSQL database, with the address of the one that it was created from.
    postgres: Option<(Url, String)>,
}

impl Database {
    /// Creates it, empty.
    ///
    /// # Panics
    /// When PostgreSQL is asked for and not there.
    pub fn create(engine: Engine) -> Self {
        static NEXT: AtomicU32 = AtomicU32::new(0);
        if engine == Engine::Sqlite {
            return Self { postgres: None };
        }
        let server = std::env::var("DOORWARD_TEST_POSTGRES").unwrap_or_else(|_| {
            panic!("DOORWARD_TEST_POSTGRES names no PostgreSQL: run the tests below crates/e2e/tools/with-postgres")
        });
        let server = Url::parse(&server).expect("DOORWARD_TEST_POSTGRES is an address");
        let name = format!("e2e_{}_{}", std::process::id(), NEXT.fetch_add(1, Ordering::Relaxed));
        assert!(execute(&server, &format!("CREATE DATABASE {name}")), "no database could be created at {server}");
        Self { postgres: Some((server, name)) }
    }

    /// The value of `DOORWARD_DATABASE_URL`, where it is not the default.
    pub fn url(&self) -> Option<String> {
        let (server, name) = self.postgres.as_ref()?;
        let mut url = server.clone();
        url.set_path(name);
        Some(url.into())
    }
}

impl Drop for Database {
    fn drop(&mut self) {
        if let Some((server, name)) = &self.postgres {
            execute(server, &format!("DROP DATABASE {name} WITH (FORCE)"));
        }
    }
}

fn execute(server: &Url, statement: &str) -> bool {
    let psql = Command::new("psql").args(["--no-psqlrc", "--quiet", "--command", statement, server.as_str()]).status();
    psql.is_ok_and(|status| status.success())
}
