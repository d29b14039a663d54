//! SQLite's one writer: jobs that wait at the same time share one transaction, and so one sync of the disk.
//!
//! 1. What already waits, in order of arrival, becomes a group. `PRAGMA synchronous` is set for its most demanding
//!    member before `BEGIN IMMEDIATE`, because inside a transaction SQLite refuses it.
//! 2. Each job runs in a savepoint. A fault undoes that job; the others go on.
//! 3. COMMIT, and only then the answers.
//! 4. Where nobody can say what the transaction holds (a panic, a failed savepoint, a full disk), the connection is
//!    closed with the transaction open, and every other job runs once more, alone.

use crate::commit::commit;
use crate::conn::Conn;
use crate::faults::{fault, leaves_doubt, watching_for_taken_keys};
use crate::job::{Class, Mode, Ticket};
use crate::queue::Queue;
use crate::source::Seat;
use crate::stopwatch::Stopwatch;
use crate::threads::panicked;
use model::fault::{Fault, FaultKind};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::time::Duration;

/// The most requests in a group.
const GROUP: usize = 64;
/// A job that takes longer is logged by name, since every other write waits for it.
const SLOW: Duration = Duration::from_millis(20);

/// The writer thread's state.
pub(crate) struct Writer {
    queue: Arc<Queue>,
    seat: Seat,
    /// How long after BEGIN a group still starts on another request.
    group_time: Duration,
    /// The class that the connection's `synchronous` is set for; unknown on a new connection.
    level: Option<Class>,
}

enum Step {
    Done,
    Undone(Fault),
    Doubt(Fault),
}

impl Writer {
    pub(crate) fn new(queue: Arc<Queue>, seat: Seat, group_time: Duration) -> Self {
        Self { queue, seat, group_time, level: None }
    }

    /// Serves the queue until it is closed.
    pub(crate) fn serve(&mut self) {
        while let Some(group) = self.queue.next_group(GROUP) {
            let wanted: Vec<_> = group.into_iter().filter_map(|ticket| ticket.still_wanted(&self.queue)).collect();
            for ticket in self.run(wanted) {
                // Alone, a job leaves no others to run again.
                self.run(vec![ticket]);
            }
        }
    }

    /// Runs a group and answers it. Returns those that have to run once more, alone.
    fn run(&mut self, group: Vec<Ticket>) -> Vec<Ticket> {
        if group.is_empty() {
            return group;
        }
        let durable = group.iter().any(|ticket| ticket.mode == Mode::Write(Class::Durable));
        let class = if durable { Class::Durable } else { Class::Relaxed };
        let conn = match open(&mut self.seat, &mut self.level, class) {
            Ok(conn) => conn,
            Err(fault) => {
                for ticket in group {
                    ticket.fail(same(&fault));
                }
                return Vec::new();
            }
        };
        let begun = Stopwatch::start();
        let (mut done, mut undone, mut late) = (Vec::new(), Vec::new(), Vec::new());
        let mut waiting = group.into_iter();
        while let Some(mut ticket) = waiting.next() {
            let first = done.is_empty() && undone.is_empty();
            if !first && !ticket.background && begun.elapsed() >= self.group_time {
                late.push(ticket);
                continue;
            }
            match step(conn, &mut ticket) {
                Step::Done => done.push(ticket),
                Step::Undone(fault) => undone.push((ticket, fault)),
                Step::Doubt(fault) => {
                    self.discard();
                    ticket.fail(fault);
                    self.queue.give_back(late);
                    return done
                        .into_iter()
                        .chain(undone.into_iter().map(|(ticket, _)| ticket))
                        .chain(waiting)
                        .collect();
                }
            }
        }
        self.queue.give_back(late);
        self.commit(done);
        for (ticket, fault) in undone {
            ticket.fail(fault);
        }
        Vec::new()
    }

    fn commit(&mut self, done: Vec<Ticket>) {
        let committed = self.seat.conn().and_then(|conn| commit(conn).map_err(fault("commit")));
        match committed {
            Ok(proof) => {
                for ticket in done {
                    ticket.succeed(Some(proof));
                }
                if !self.seat.keep_if_sound() {
                    self.level = None;
                }
            }
            Err(cause) => {
                self.discard();
                for ticket in done {
                    ticket.fail(Fault::unavailable("commit failed").because(cause.to_string()));
                }
            }
        }
    }

    fn discard(&mut self) {
        self.seat.discard();
        self.level = None;
    }
}

fn open<'a>(seat: &'a mut Seat, level: &mut Option<Class>, class: Class) -> Result<&'a mut Conn, Fault> {
    let conn = seat.conn()?;
    if *level != Some(class) {
        *level = None;
        conn.execute_sql(match class {
            Class::Durable => "PRAGMA synchronous = FULL",
            Class::Relaxed => "PRAGMA synchronous = NORMAL",
        })?;
        *level = Some(class);
    }
    conn.begin("BEGIN IMMEDIATE").map_err(fault("begin"))?;
    Ok(conn)
}

fn step(conn: &mut Conn, ticket: &mut Ticket) -> Step {
    let begun = Stopwatch::start();
    let ran = catch_unwind(AssertUnwindSafe(|| conn.savepoint(|conn| in_full(|| ticket.run(conn)))));
    let taken = begun.elapsed();
    if taken > SLOW {
        tracing::warn!(job = ticket.name, millis = taken.as_millis(), "a slow write held up the others");
    }
    match ran {
        Err(_panic) => Step::Doubt(panicked(ticket.name)),
        Ok(Ok(())) => Step::Done,
        Ok(Err(fault)) if conn.is_doubtful() || conn.is_lost() || leaves_doubt(&fault) => Step::Doubt(fault),
        Ok(Err(fault)) => Step::Undone(fault),
    }
}

/// Refuses a job that saw a taken key outside of any savepoint of its own: PostgreSQL would have refused its commit.
fn in_full(run: impl FnOnce() -> Result<(), Fault>) -> Result<(), Fault> {
    match watching_for_taken_keys(run) {
        (Ok(()), true) => Err(Fault::broken("a taken key was met outside of a savepoint; nothing was committed")),
        (outcome, _) => outcome,
    }
}

fn same(fault: &Fault) -> Fault {
    match fault.kind() {
        FaultKind::Busy => Fault::busy(fault.to_string()),
        FaultKind::Unavailable => Fault::unavailable(fault.to_string()),
        FaultKind::Broken => Fault::broken(fault.to_string()),
    }
}
