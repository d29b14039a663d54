//! The two engines behind one type, so that a query is written once.

use diesel::{MultiConnection, PgConnection, SqliteConnection};

/// A connection to one of the engines. Queries on it compile for both.
///
/// Batch inserts, `on_conflict`, `FOR UPDATE` and a few more don't compile on the enum: [`crate::conn::each_engine`].
#[derive(MultiConnection)]
pub(crate) enum Engine {
    /// SQLite, compiled in.
    Sqlite(SqliteConnection),
    /// PostgreSQL by libpq, compiled in.
    Postgres(PgConnection),
}
