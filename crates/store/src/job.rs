//! A job: a closure on its way to a database thread, and the answer on its way back.

use crate::commit::AfterCommit;
use crate::conn::Conn;
use crate::queue::Queue;
use crate::stopwatch::Stopwatch;
use model::fault::Fault;
use std::sync::mpsc;
use tokio::sync::oneshot;

/// How soon a commit must survive a power failure.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Class {
    /// Before it is answered: all that grants, refuses, ends or charges.
    Durable,
    /// With the next durable commit, or within moments: undecided device codes, grown intervals, statistics.
    Relaxed,
}

/// What a job needs around it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Mode {
    /// No transaction: each statement sees what is committed when it runs. For one statement; and for a poll's few, where
    /// each check stands alone and the write that may follow decides everything again.
    Read,
    /// Several statements that see one state.
    Snapshot,
    /// A transaction.
    Write(Class),
}

/// What a job comes to: its value, with a proof where it was a committed write.
pub(crate) type Answer<T> = Result<(T, Option<AfterCommit>), Fault>;

/// Where an answer goes.
pub(crate) enum Reply<T> {
    /// To a future.
    Future(oneshot::Sender<Answer<T>>),
    /// To a thread that waits.
    Thread(mpsc::SyncSender<Answer<T>>),
    /// Nowhere; a fault is logged under the job's name.
    Nobody(&'static str),
}

/// A closure with its outcome, its types erased.
pub(crate) trait Job: Send {
    /// Runs the closure and keeps its value. May be called again, which forgets the value before.
    fn run(&mut self, conn: &mut Conn) -> Result<(), Fault>;
    /// Whether nobody waits for the answer any more.
    fn is_abandoned(&self) -> bool;
    /// Answers: after COMMIT, after a read, or with a fault.
    fn finish(self: Box<Self>, end: Result<Option<AfterCommit>, Fault>);
}

struct Task<T, F> {
    closure: F,
    outcome: Option<T>,
    reply: Reply<T>,
}

impl<T, F> Job for Task<T, F>
where
    T: Send,
    F: FnMut(&mut Conn) -> Result<T, Fault> + Send,
{
    fn run(&mut self, conn: &mut Conn) -> Result<(), Fault> {
        self.outcome = None;
        self.outcome = Some((self.closure)(conn)?);
        Ok(())
    }

    fn is_abandoned(&self) -> bool {
        matches!(&self.reply, Reply::Future(sender) if sender.is_closed())
    }

    fn finish(self: Box<Self>, end: Result<Option<AfterCommit>, Fault>) {
        let task = *self;
        let outcome = task.outcome;
        let answer = end.and_then(|proof| match outcome {
            Some(value) => Ok((value, proof)),
            None => Err(Fault::broken("a job was answered before it ran")),
        });
        // A caller that has gone meanwhile is no failure of the job.
        match task.reply {
            Reply::Future(sender) => drop(sender.send(answer)),
            Reply::Thread(sender) => drop(sender.send(answer)),
            Reply::Nobody(name) => {
                if let Err(fault) = answer {
                    tracing::debug!(job = name, %fault, "a background write was lost");
                }
            }
        }
    }
}

/// A job with what the queues and threads need to know of it.
pub(crate) struct Ticket {
    /// For the log.
    pub(crate) name: &'static str,
    /// What it needs around it.
    pub(crate) mode: Mode,
    /// Whether it came by the background queue.
    pub(crate) background: bool,
    job: Box<dyn Job>,
    queued: Stopwatch,
}

impl Ticket {
    pub(crate) fn new<T, F>(name: &'static str, mode: Mode, closure: F, reply: Reply<T>) -> Self
    where
        T: Send + 'static,
        F: FnMut(&mut Conn) -> Result<T, Fault> + Send + 'static,
    {
        let job = Box::new(Task { closure, outcome: None, reply });
        Self { name, mode, background: false, job, queued: Stopwatch::start() }
    }

    /// This ticket, or nothing where running it would be in vain; the caller, if any, is told, and `queue` counts it.
    pub(crate) fn still_wanted(self, queue: &Queue) -> Option<Self> {
        if self.job.is_abandoned() {
            None
        } else if !self.background && self.queued.elapsed() > queue.patience() {
            queue.count_refused();
            self.fail(Fault::busy("the job waited too long for a database thread"));
            None
        } else {
            Some(self)
        }
    }

    pub(crate) fn run(&mut self, conn: &mut Conn) -> Result<(), Fault> {
        self.job.run(conn)
    }

    pub(crate) fn succeed(self, proof: Option<AfterCommit>) {
        self.job.finish(Ok(proof));
    }

    pub(crate) fn fail(self, fault: Fault) {
        self.job.finish(Err(fault));
    }
}
