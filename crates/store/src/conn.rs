//! A connection inside a job: what use cases and tables are handed.

use crate::engine::Engine;
use crate::faults::{fault, watching_for_taken_keys};
use diesel::connection::{AnsiTransactionManager, SimpleConnection as _, TransactionManager as _};
use diesel::deserialize::QueryableByName;
use diesel::result::{Error, QueryResult};
use diesel::sql_types::{BigInt, Text};
use diesel::{RunQueryDsl as _, sql_query};
use model::fault::Fault;
use model::time::Timestamp;

/// Runs a body that the enum of both engines can't express (batch inserts, `on_conflict`, …) on the connection's own
/// engine: written once, compiled for each. `each_engine!(conn, |c| diesel::insert_into(…).values(&rows).execute(c))`.
macro_rules! each_engine {
    ($conn:expr, |$c:ident| $body:expr) => {
        match $conn.engine() {
            $crate::engine::Engine::Sqlite($c) => $body,
            $crate::engine::Engine::Postgres($c) => $body,
        }
    };
}
pub(crate) use each_engine;

/// Runs a query and holds the rows that it finds until the transaction ends: `held!(conn, users::table.find(id),
/// for_share, get_result)`. On SQLite the one writer holds everything anyway, and the query runs as it is.
///
/// Every transaction takes its locks, by this and by what it writes, in one order, so that two never wait for each
/// other: mail links, invitations, budgets of letters, users, memberships, organizations, applications, logos, budgets of
/// passwords, login attempts, known devices, sessions, waiting codes, page decisions,
/// budgets of codes, the code directory, grants, families, refresh tokens, opaque tokens. Several rows of one table are taken in one
/// order too; `login::budget` has that of the budgets. What is only added (the audit log, letters, a row of a key just
/// drawn) holds nobody up, and is written at any point.
macro_rules! held {
    ($conn:expr, $query:expr, $lock:ident, $run:ident) => {
        match $conn.engine() {
            $crate::engine::Engine::Sqlite(c) => $query.$run(c),
            $crate::engine::Engine::Postgres(c) => $query.$lock().$run(c),
        }
    };
}
pub(crate) use held;

/// A connection to the database, lent to a job by one of the database threads.
pub struct Conn {
    engine: Engine,
    doubtful: bool,
}

impl Conn {
    pub(crate) fn new(engine: Engine) -> Self {
        Self { engine, doubtful: false }
    }

    /// The connection that queries run on.
    pub(crate) fn engine(&mut self) -> &mut Engine {
        &mut self.engine
    }

    /// Whether this is PostgreSQL.
    pub fn is_postgres(&self) -> bool {
        matches!(self.engine, Engine::Postgres(_))
    }

    /// Runs `body` so that a fault undoes it and nothing else of the transaction. The only nesting there is.
    ///
    /// # Errors
    /// The fault of `body`. `Broken` outside of a transaction, and where a statement of `body` failed although `body`
    /// did not.
    pub fn savepoint<T>(&mut self, body: impl FnOnce(&mut Self) -> Result<T, Fault>) -> Result<T, Fault> {
        if self.is_idle() {
            return Err(Fault::broken("a savepoint needs a transaction: use write or snapshot"));
        }
        Engine::begin_transaction(&mut self.engine).map_err(|error| self.doubt(error))?;
        let (outcome, undone) = watching_for_taken_keys(|| body(self));
        match outcome {
            Ok(value) if undone => self.undo().map(|()| value),
            Ok(value) => match Engine::commit_transaction(&mut self.engine) {
                Ok(()) => Ok(value),
                Err(error) => Err(self.doubt(error)),
            },
            Err(failed) => {
                // The cause is worth more to the log than what went wrong while undoing it.
                let _in_doubt = self.undo().is_err();
                Err(failed)
            }
        }
    }

    fn undo(&mut self) -> Result<(), Fault> {
        Engine::rollback_transaction(&mut self.engine).map_err(|error| self.doubt(error))
    }

    fn doubt(&mut self, error: Error) -> Fault {
        self.doubtful = true;
        fault("savepoint")(error)
    }

    /// Whether nobody can say any more what the transaction holds.
    pub(crate) fn is_doubtful(&self) -> bool {
        self.doubtful
    }

    /// Whether no transaction is open and the connection is usable.
    pub(crate) fn is_idle(&mut self) -> bool {
        matches!(self.depth(), Ok(None))
    }

    /// Whether the connection has been lost.
    pub(crate) fn is_lost(&mut self) -> bool {
        self.depth().is_err()
    }

    fn depth(&mut self) -> QueryResult<Option<std::num::NonZeroU32>> {
        Engine::transaction_manager_status_mut(&mut self.engine).transaction_depth()
    }

    /// Opens a transaction with this statement.
    pub(crate) fn begin(&mut self, sql: &str) -> QueryResult<()> {
        each_engine!(self, |c| AnsiTransactionManager::begin_transaction_sql(c, sql))
    }

    /// Ends the transaction without a trace.
    pub(crate) fn roll_back(&mut self) -> QueryResult<()> {
        Engine::rollback_transaction(&mut self.engine)
    }

    /// The time that decides who holds a lease: the database's on PostgreSQL, so that nodes whose clocks differ
    /// agree, and `now` on SQLite, which has one node.
    ///
    /// # Errors
    /// The query's.
    pub fn clock(&mut self, now: Timestamp) -> Result<Timestamp, Fault> {
        if !self.is_postgres() {
            return Ok(now);
        }
        let millis = self.numbers_by_sql("SELECT (extract(epoch FROM clock_timestamp()) * 1000)::bigint AS value")?;
        millis.first().copied().map(Timestamp::from_millis).ok_or_else(|| Fault::broken("the database told no time"))
    }

    /// Runs statements as they are. For migrations, checks by the operator and tests; use cases go by `tables`.
    ///
    /// # Errors
    /// The first failing statement's.
    pub fn execute_sql(&mut self, sql: &str) -> Result<(), Fault> {
        self.engine.batch_execute(sql).map_err(fault("statements by hand"))
    }

    /// Runs one statement as it is and tells how many rows it changed. For checks and tests.
    ///
    /// # Errors
    /// The statement's.
    pub fn changed_by_sql(&mut self, sql: &str) -> Result<usize, Fault> {
        sql_query(sql).execute(&mut self.engine).map_err(fault("statement by hand"))
    }

    /// The 64-bit column `value` of each row of a query as it is. For checks and tests.
    ///
    /// # Errors
    /// The query's; `Broken` where it has no such column.
    pub fn numbers_by_sql(&mut self, sql: &str) -> Result<Vec<i64>, Fault> {
        let rows: Vec<Number> = sql_query(sql).load(&mut self.engine).map_err(fault("query by hand"))?;
        Ok(rows.into_iter().map(|row| row.value).collect())
    }

    /// The text column `value` of each row of a query as it is. For checks and tests.
    ///
    /// # Errors
    /// The query's; `Broken` where it has no such column.
    pub fn texts_by_sql(&mut self, sql: &str) -> Result<Vec<String>, Fault> {
        let rows: Vec<Words> = sql_query(sql).load(&mut self.engine).map_err(fault("query by hand"))?;
        Ok(rows.into_iter().map(|row| row.value).collect())
    }
}

#[derive(QueryableByName)]
struct Number {
    #[diesel(sql_type = BigInt)]
    value: i64,
}

#[derive(QueryableByName)]
struct Words {
    #[diesel(sql_type = Text)]
    value: String,
}

#[cfg(test)]
#[path = "conn_tests.rs"]
mod tests;
