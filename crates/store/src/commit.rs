//! The proof that something has been committed. Tokens are signed for [`Committed`] values alone.

use crate::conn::Conn;
use crate::engine::Engine;
use diesel::connection::{SimpleConnection as _, TransactionManager as _};
use diesel::result::QueryResult;
use std::ops::Deref;

/// That a COMMIT has returned. Made by [`commit`] and by nothing else.
#[derive(Clone, Copy)]
pub(crate) struct AfterCommit(());

/// Commits the open transaction.
pub(crate) fn commit(conn: &mut Conn) -> QueryResult<AfterCommit> {
    match conn.engine() {
        sqlite @ Engine::Sqlite(_) => Engine::commit_transaction(sqlite)?,
        // PostgreSQL answers a COMMIT of a failed transaction with success, having rolled it back. A statement before
        // it, in the same message, fails instead, so that an error which somebody swallowed can't pass for a commit.
        Engine::Postgres(postgres) => postgres.batch_execute("SELECT 1; COMMIT")?,
    }
    Ok(AfterCommit(()))
}

/// A value that a write has returned and whose transaction is committed.
///
/// Whoever asks for one can rely on it:
///
/// ```
/// fn sign(redeemed: store::Committed<u8>) -> u8 {
///     redeemed.into_inner()
/// }
/// ```
///
/// since nobody else can make one:
///
/// ```compile_fail
/// fn forge() -> store::Committed<u8> {
///     store::Committed(7)
/// }
/// ```
///
/// nor of what was committed one that was not:
///
/// ```compile_fail
/// fn swap(committed: store::Committed<u8>) -> store::Committed<u8> {
///     committed.map(|_| 8)
/// }
/// ```
#[derive(Debug)]
pub struct Committed<T>(T);

impl<T> Committed<T> {
    /// The one constructor: whoever calls it has seen the COMMIT return.
    pub(crate) fn after(_proof: AfterCommit, value: T) -> Self {
        Self(value)
    }

    /// The value, which by itself proves nothing any more.
    pub fn into_inner(self) -> T {
        self.0
    }
}

impl<T> AsRef<T> for Committed<T> {
    fn as_ref(&self) -> &T {
        &self.0
    }
}

impl<T> Deref for Committed<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.0
    }
}

// No `map`: it would let anyone make a `Committed` of anything. What follows keeps the value and changes the shape.

impl<T, E> Committed<Result<T, E>> {
    /// The committed value, or the refusal.
    ///
    /// # Errors
    /// The refusal that was committed.
    pub fn transpose(self) -> Result<Committed<T>, E> {
        self.0.map(Committed)
    }
}
