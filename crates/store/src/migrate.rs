//! Migrations: embedded, applied all or none, safe with several starters at once.

use crate::conn::Conn;
use crate::engine::Engine;
use crate::faults::fault;
use diesel::migration::{Migration, MigrationSource};
use diesel::pg::Pg;
use diesel::sqlite::Sqlite;
use diesel_migrations::{EmbeddedMigrations, MigrationHarness as _, embed_migrations};
use model::fault::Fault;

const SQLITE: EmbeddedMigrations = embed_migrations!("../../migrations/sqlite");
const POSTGRES: EmbeddedMigrations = embed_migrations!("../../migrations/postgres");

/// A name for the whole set of migrations, different whenever one of them is.
pub const FINGERPRINT: &str = env!("DOORWARD_MIGRATIONS");

/// One transaction around all of it. A lock that ends with the transaction, since one of the session's would be left
/// behind at a pooler; the number is ours alone. An index built `CONCURRENTLY` can't be part of a migration.
const BEGIN_POSTGRES: &str = "BEGIN; SELECT pg_advisory_xact_lock(7236028134)";
const BEGIN_SQLITE: &str = "BEGIN IMMEDIATE";

/// Applies what is pending.
///
/// # Errors
/// The failing migration's; nothing is applied then.
pub(crate) fn run(conn: &mut Conn) -> Result<(), Fault> {
    let postgres = conn.is_postgres();
    if !postgres {
        // A table that is rebuilt is dropped in between, which must not cascade; checked before the commit instead.
        conn.execute_sql("PRAGMA foreign_keys = OFF")?;
    }
    conn.begin(if postgres { BEGIN_POSTGRES } else { BEGIN_SQLITE }).map_err(fault("begin of migrations"))?;
    apply(conn)?;
    crate::commit::commit(conn).map(drop).map_err(fault("commit of migrations"))
}

// Where this fails, the caller closes the connection and with it the transaction.
fn apply(conn: &mut Conn) -> Result<(), Fault> {
    let applied = match conn.engine() {
        Engine::Sqlite(c) => c.run_pending_migrations(SQLITE).map(|versions| versions.len()),
        Engine::Postgres(c) => c.run_pending_migrations(POSTGRES).map(|versions| versions.len()),
    };
    let applied = applied.map_err(|error| Fault::broken("a migration failed").because(error))?;
    if !conn.is_postgres() {
        let violations = conn.texts_by_sql("SELECT \"table\" AS value FROM pragma_foreign_key_check")?;
        if let Some(table) = violations.first() {
            return Err(Fault::broken(format!(
                "after the migrations, rows of {table} refer to rows that are not there"
            )));
        }
    }
    if applied > 0 {
        tracing::info!(applied, "migrated the database");
    }
    Ok(())
}

/// Whether every migration is applied. One that this program does not know is no obstacle: a newer one may be
/// starting beside it.
///
/// # Errors
/// `Unavailable` where one is missing, or the query's.
pub(crate) fn check(conn: &mut Conn) -> Result<(), Fault> {
    let expected = if conn.is_postgres() { versions::<Pg>(&POSTGRES) } else { versions::<Sqlite>(&SQLITE) }?;
    let applied = if is_set_up(conn)? {
        conn.texts_by_sql("SELECT version AS value FROM __diesel_schema_migrations")?
    } else {
        Vec::new()
    };
    let missing = expected.iter().filter(|version| !applied.contains(version)).count();
    if missing == 0 { Ok(()) } else { Err(Fault::unavailable(format!("{missing} migrations are not applied yet"))) }
}

fn is_set_up(conn: &mut Conn) -> Result<bool, Fault> {
    let tables = conn.numbers_by_sql(if conn.is_postgres() {
        "SELECT count(*) AS value FROM pg_class WHERE oid = to_regclass('__diesel_schema_migrations')"
    } else {
        "SELECT count(*) AS value FROM sqlite_master WHERE type = 'table' AND name = '__diesel_schema_migrations'"
    })?;
    Ok(tables.first() == Some(&1))
}

fn versions<DB>(source: &EmbeddedMigrations) -> Result<Vec<String>, Fault>
where
    DB: diesel::backend::Backend,
    EmbeddedMigrations: MigrationSource<DB>,
{
    let all: Vec<Box<dyn Migration<DB>>> =
        source.migrations().map_err(|error| Fault::broken("the embedded migrations can't be read").because(error))?;
    Ok(all.iter().map(|migration| migration.name().version().to_string()).collect())
}
