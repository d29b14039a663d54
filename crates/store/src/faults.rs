//! What an error of the database means to a caller.

use diesel::QueryResult;
use diesel::result::{DatabaseErrorKind, Error};
use model::fault::{Fault, FaultKind};
use std::cell::Cell;

/// Messages that tell what the error's kind does not: diesel names neither SQLite's result code nor PostgreSQL's
/// SQLSTATE. SQLite's are never translated; a PostgreSQL server whose `lc_messages` is not English loses no more than
/// the second try.
const BUSY: &[&str] = &["database is locked", "database table is locked", "database schema is locked"];
const NO_ROOM: &[&str] =
    &["database or disk is full", "disk I/O error", "out of memory", "unable to open database file"];
const DEADLOCK: &str = "deadlock detected";
const OUTAGE: &[&str] = &[
    DEADLOCK,
    "canceling statement due to",
    "terminating connection",
    "server closed the connection",
    "the database system is",
    "No space left on device",
    "too many clients",
];

/// Turns an error of a query into a fault; `what` says which query, in a few words for the log.
pub(crate) fn fault(what: &'static str) -> impl FnOnce(Error) -> Fault {
    move |error| {
        let fault = match kind(&error) {
            FaultKind::Busy => Fault::busy(what),
            FaultKind::Unavailable => Fault::unavailable(what),
            FaultKind::Broken => Fault::broken(what),
        };
        fault.because(error)
    }
}

fn kind(error: &Error) -> FaultKind {
    use DatabaseErrorKind as Kind;
    match error {
        Error::DatabaseError(
            Kind::SerializationFailure | Kind::ClosedConnection | Kind::UnableToSendCommand | Kind::ReadOnlyTransaction,
            _,
        )
        | Error::BrokenTransactionManager => FaultKind::Unavailable,
        Error::DatabaseError(Kind::Unknown, information) => {
            let message = information.message();
            let says = |phrases: &[&str]| phrases.iter().any(|phrase| message.contains(phrase));
            if says(BUSY) {
                FaultKind::Busy
            } else if says(NO_ROOM) || says(OUTAGE) {
                FaultKind::Unavailable
            } else {
                FaultKind::Broken
            }
        }
        Error::RollbackErrorOnCommit { commit_error, .. } => kind(commit_error),
        _ => FaultKind::Broken,
    }
}

fn cause(fault: &Fault) -> Option<&Error> {
    std::error::Error::source(fault)?.downcast_ref()
}

/// Whether the transaction lost against another and would likely succeed if run again (SQLSTATE 40001 and 40P01).
pub(crate) fn lost_a_race(fault: &Fault) -> bool {
    match cause(fault) {
        Some(Error::DatabaseError(DatabaseErrorKind::SerializationFailure, _)) => true,
        Some(Error::DatabaseError(DatabaseErrorKind::Unknown, information)) => information.message().contains(DEADLOCK),
        _ => false,
    }
}

/// Whether the disk, not the job, is at fault, so that SQLite may have ended the transaction by itself.
pub(crate) fn leaves_doubt(fault: &Fault) -> bool {
    match cause(fault) {
        Some(Error::DatabaseError(DatabaseErrorKind::Unknown, information)) => {
            NO_ROOM.iter().any(|phrase| information.message().contains(phrase))
        }
        _ => false,
    }
}

thread_local! {
    /// Set where [`unless_taken`] answers `None`, read and cleared by the savepoint around it. A job never leaves its
    /// thread, so this is as good as a field of the connection, which the result of a query does not know.
    static TAKEN: Cell<bool> = const { Cell::new(false) };
}

/// Sees a unique violation as an outcome: `None` where the key is taken already.
///
/// Wrap the statement in `Conn::savepoint`. PostgreSQL refuses every further statement of a transaction in which one
/// has failed, SQLite does not; so that both do the same, the innermost savepoint is rolled back to where this
/// answered `None`, even though its body returns `Ok`.
///
/// # Errors
/// Any other error, as it was.
pub(crate) fn unless_taken<T>(result: QueryResult<T>) -> Result<Option<T>, Error> {
    match result {
        Ok(value) => Ok(Some(value)),
        Err(Error::DatabaseError(DatabaseErrorKind::UniqueViolation, _)) => {
            TAKEN.set(true);
            Ok(None)
        }
        Err(error) => Err(error),
    }
}

/// Runs `body` and tells whether [`unless_taken`] met a taken key in it, outside of any savepoint further in.
pub(crate) fn watching_for_taken_keys<T>(body: impl FnOnce() -> T) -> (T, bool) {
    let outside = TAKEN.replace(false);
    let value = body();
    (value, TAKEN.replace(outside))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn database(kind: DatabaseErrorKind, message: &str) -> Error {
        Error::DatabaseError(kind, Box::new(message.to_owned()))
    }

    #[test]
    fn errors_become_what_a_caller_can_do() {
        for (error, expected) in [
            (database(DatabaseErrorKind::SerializationFailure, "could not serialize"), FaultKind::Unavailable),
            (database(DatabaseErrorKind::ClosedConnection, "gone"), FaultKind::Unavailable),
            (database(DatabaseErrorKind::Unknown, "deadlock detected"), FaultKind::Unavailable),
            (database(DatabaseErrorKind::Unknown, "database is locked"), FaultKind::Busy),
            (database(DatabaseErrorKind::Unknown, "database or disk is full"), FaultKind::Unavailable),
            (database(DatabaseErrorKind::Unknown, "no such table: x"), FaultKind::Broken),
            (database(DatabaseErrorKind::UniqueViolation, "taken"), FaultKind::Broken),
            (Error::NotFound, FaultKind::Broken),
        ] {
            let text = error.to_string();
            assert_eq!(fault("a query")(error).kind(), expected, "{text}");
        }
    }

    #[test]
    fn only_a_lost_race_runs_again() {
        assert!(lost_a_race(&fault("x")(database(DatabaseErrorKind::SerializationFailure, ""))));
        assert!(lost_a_race(&fault("x")(database(DatabaseErrorKind::Unknown, "deadlock detected"))));
        assert!(!lost_a_race(&fault("x")(database(DatabaseErrorKind::ClosedConnection, ""))));
        assert!(!lost_a_race(&Fault::unavailable("something else")));
    }

    #[test]
    fn a_taken_key_is_noted_by_the_innermost_savepoint() {
        let taken = || unless_taken::<()>(Err(database(DatabaseErrorKind::UniqueViolation, ""))).unwrap();
        assert_eq!(watching_for_taken_keys(taken), (None, true));
        assert_eq!(watching_for_taken_keys(|| unless_taken(Ok(5)).unwrap()), (Some(5), false));
        let nested = watching_for_taken_keys(|| watching_for_taken_keys(taken));
        assert_eq!(nested, ((None, true), false), "a savepoint further in keeps it to itself");
        let before = watching_for_taken_keys(|| (taken(), watching_for_taken_keys(|| ())));
        assert_eq!(before, ((None, ((), false)), true), "and does not forget what was met before it");
    }
}
