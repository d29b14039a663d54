//! Threads that run one job at a time: SQLite's readers, and all of PostgreSQL's.
//!
//! PostgreSQL's jobs are not grouped: one transaction a job on several connections was measured at twice the rate of
//! groups on one.

use crate::commit::{AfterCommit, commit};
use crate::conn::Conn;
use crate::faults::{fault, lost_a_race};
use crate::job::{Class, Mode, Ticket};
use crate::queue::Queue;
use crate::source::Seat;
use diesel::result::Error;
use model::fault::Fault;
use std::panic::{AssertUnwindSafe, catch_unwind};

/// How often a transaction that lost against another runs again.
const RERUNS: u32 = 3;

/// Serves a queue until it is closed.
pub(crate) fn serve(queue: &Queue, seat: &mut Seat) {
    while let Some(ticket) = queue.next() {
        let background = ticket.background;
        if let Some(ticket) = ticket.still_wanted(queue) {
            serve_one(seat, ticket);
        }
        if background {
            queue.background_done();
        }
    }
}

fn serve_one(seat: &mut Seat, mut ticket: Ticket) {
    let mut races = 0;
    let mut reconnected = false;
    loop {
        let stale = seat.is_used();
        match attempt(seat, &mut ticket) {
            Ok(proof) => return ticket.succeed(proof),
            // The connection died while nobody used it, and nothing has happened yet: the server may be back.
            Err(failure) if failure.without_effect && stale && !reconnected => reconnected = true,
            Err(failure) if failure.may_run_again && races < RERUNS && lost_a_race(&failure.fault) => races += 1,
            Err(failure) => return ticket.fail(failure.fault),
        }
    }
}

struct Failure {
    fault: Fault,
    /// The connection was lost before it could change anything.
    without_effect: bool,
    /// The transaction is known not to have been committed.
    may_run_again: bool,
}

impl Failure {
    fn of(fault: Fault) -> Self {
        Self { fault, without_effect: false, may_run_again: true }
    }
}

fn attempt(seat: &mut Seat, ticket: &mut Ticket) -> Result<Option<AfterCommit>, Failure> {
    let mode = ticket.mode;
    let conn = seat.conn().map_err(Failure::of)?;
    if let Some(sql) = opening(mode, conn.is_postgres())
        && let Err(error) = conn.begin(sql)
    {
        let without_effect = conn.is_lost();
        seat.discard();
        return Err(Failure { without_effect, ..Failure::of(fault("begin")(error)) });
    }
    let Ok(ran) = catch_unwind(AssertUnwindSafe(|| ticket.run(conn))) else {
        seat.discard();
        return Err(Failure::of(panicked(ticket.name)));
    };
    let ended = match ran {
        Ok(()) => end(conn, mode),
        Err(failed) => Err(give_up(conn, mode, failed)),
    };
    seat.keep_if_sound();
    ended
}

/// What a job that panicked is answered.
pub(crate) fn panicked(name: &str) -> Fault {
    Fault::broken(format!("the job {name} panicked"))
}

fn opening(mode: Mode, postgres: bool) -> Option<&'static str> {
    match (mode, postgres) {
        (Mode::Read, _) => None,
        (Mode::Snapshot, true) => Some("BEGIN ISOLATION LEVEL REPEATABLE READ, READ ONLY"),
        (Mode::Write(Class::Durable), true) => Some("BEGIN"),
        (Mode::Write(Class::Relaxed), true) => Some("BEGIN; SET LOCAL synchronous_commit = off"),
        (Mode::Snapshot, false) => Some("BEGIN"),
        (Mode::Write(_), false) => Some("BEGIN IMMEDIATE"),
    }
}

fn end(conn: &mut Conn, mode: Mode) -> Result<Option<AfterCommit>, Failure> {
    match mode {
        Mode::Read => Ok(None),
        Mode::Snapshot => commit(conn).map(|_| None).map_err(|error| Failure::of(fault("end of a snapshot")(error))),
        Mode::Write(_) => commit(conn).map(Some).map_err(|error| uncommitted(conn, error)),
    }
}

fn uncommitted(conn: &mut Conn, error: Error) -> Failure {
    // Lost in COMMIT: nobody knows whether it happened, so the job must not run again by itself.
    let may_run_again = !conn.is_lost();
    let swallowed = matches!(&error, Error::DatabaseError(_, information) if information.message().contains("transaction is aborted"));
    let fault = if swallowed {
        Fault::broken("a statement failed and its job did not say so; nothing was committed")
    } else {
        Fault::unavailable("commit failed")
    };
    Failure { fault: fault.because(error), without_effect: false, may_run_again }
}

fn give_up(conn: &mut Conn, mode: Mode, failed: Fault) -> Failure {
    if conn.is_lost() {
        let fault = Fault::unavailable("the connection to the database was lost").because(failed);
        return Failure { without_effect: !matches!(mode, Mode::Write(_)), ..Failure::of(fault) };
    }
    if mode != Mode::Read
        && let Err(error) = conn.roll_back()
    {
        // The seat drops a connection whose transaction is still open; that ends it as well.
        tracing::debug!(%error, "rollback failed");
    }
    Failure::of(failed)
}
