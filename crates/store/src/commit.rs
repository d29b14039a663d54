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

impl<T> Committed<Option<T>> {
    /// The committed value, where there is one.
    pub fn transpose(self) -> Option<Committed<T>> {
        self.0.map(Committed)
    }
}

impl<T, E> Committed<Result<T, E>> {
    /// The committed value, or the refusal.
    ///
    /// # Errors
    /// The refusal that was committed.
    pub fn transpose_result(self) -> Result<Committed<T>, E> {
        self.0.map(Committed)
    }
}

/// An outcome that carries, in some of its variants, something whose commit matters.
///
/// Implemented beside the outcome's type and nowhere else: `Kept` must be what the write itself returned, unchanged.
pub trait Split {
    /// What stays committed.
    type Kept;
    /// Every other variant.
    type Rest;

    /// Takes the outcome apart.
    ///
    /// # Errors
    /// The rest, which is no failure of the split.
    fn split(self) -> Result<Self::Kept, Self::Rest>;
}

impl<T: Split> Committed<T> {
    /// Takes an outcome apart, keeping the proof on what its type says it belongs to.
    ///
    /// # Errors
    /// The variants that carry nothing whose commit matters.
    pub fn split(self) -> Result<Committed<T::Kept>, T::Rest> {
        self.0.split().map(Committed)
    }
}
