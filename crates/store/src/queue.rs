//! Where jobs wait: one bounded queue for requests, one for background work. What does not fit is refused at once, so
//! that a caller hears `Busy` instead of waiting behind work that nobody will be there to receive.

use crate::job::Ticket;
use model::fault::Fault;
use std::collections::VecDeque;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

/// How urgently a job asks for room.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Entrance {
    /// A request.
    Request,
    /// A request of somebody unknown, which may fill three quarters of the queue.
    Shedding,
    /// A sweep or a statistic.
    Background,
}

#[derive(Default)]
struct Waiting {
    requests: VecDeque<Ticket>,
    background: VecDeque<Ticket>,
    background_running: bool,
    closed: bool,
}

/// Both queues, shared by those who ask and the threads that serve.
pub(crate) struct Queue {
    waiting: Mutex<Waiting>,
    arrival: Condvar,
    requests: usize,
    background: usize,
    patience: Duration,
    refused: AtomicU64,
}

/// How much waits in a queue, and how much was turned away.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct QueueLoad {
    /// Which queue: `read` and `write`, or `all` where every thread does both.
    pub name: &'static str,
    /// Requests that wait.
    pub requests: usize,
    /// Background jobs that wait.
    pub background: usize,
    /// Jobs that found no room, or waited too long, since the start.
    pub refused: u64,
}

impl Queue {
    /// Queues with room for so many jobs, whose requests wait no longer than `patience`.
    pub(crate) fn with_room_for(requests: usize, background: usize, patience: Duration) -> Self {
        Self {
            waiting: Mutex::default(),
            arrival: Condvar::new(),
            requests: requests.max(1),
            background: background.max(1),
            patience,
            refused: AtomicU64::new(0),
        }
    }

    /// How long a request may wait here.
    pub(crate) fn patience(&self) -> Duration {
        self.patience
    }

    /// Lets a job in.
    ///
    /// # Errors
    /// The ticket with `Busy` where there is no room; `Unavailable` once closed.
    pub(crate) fn admit(&self, entrance: Entrance, mut ticket: Ticket) -> Result<(), (Ticket, Fault)> {
        let mut waiting = self.lock();
        if waiting.closed {
            return Err((ticket, Fault::unavailable("the database is being closed")));
        }
        let (queue, room) = match entrance {
            Entrance::Request => (&mut waiting.requests, self.requests),
            Entrance::Shedding => (&mut waiting.requests, (self.requests * 3).div_ceil(4)),
            Entrance::Background => (&mut waiting.background, self.background),
        };
        if queue.len() >= room {
            self.count_refused();
            return Err((ticket, Fault::busy("too many jobs wait for the database")));
        }
        ticket.background = entrance == Entrance::Background;
        queue.push_back(ticket);
        drop(waiting);
        self.arrival.notify_one();
        Ok(())
    }

    /// For one writer: waits for work, then takes what already waits, at most `most` requests in order of arrival and
    /// one background job, last. Nothing once the queue is closed and empty.
    pub(crate) fn next_group(&self, most: usize) -> Option<Vec<Ticket>> {
        let mut waiting = self.lock();
        while waiting.requests.is_empty() && waiting.background.is_empty() {
            if waiting.closed {
                return None;
            }
            waiting = self.arrival.wait(waiting).unwrap_or_else(PoisonError::into_inner);
        }
        let taken = waiting.requests.len().min(most);
        let mut group: Vec<_> = waiting.requests.drain(..taken).collect();
        group.extend(waiting.background.pop_front());
        Some(group)
    }

    /// Gives requests back that their group had no time for, to be the first of the next.
    pub(crate) fn give_back(&self, unrun: Vec<Ticket>) {
        let mut waiting = self.lock();
        for ticket in unrun.into_iter().rev() {
            waiting.requests.push_front(ticket);
        }
    }

    /// For one of several threads: waits for a job. Background jobs go one at a time, so that sweeps never occupy
    /// more than one thread. Nothing once the queue is closed and empty.
    pub(crate) fn next(&self) -> Option<Ticket> {
        let mut waiting = self.lock();
        loop {
            if !waiting.background_running
                && let Some(ticket) = waiting.background.pop_front()
            {
                waiting.background_running = true;
                return Some(ticket);
            }
            if let Some(ticket) = waiting.requests.pop_front() {
                return Some(ticket);
            }
            // What is left in the background is for the thread that runs the one before it.
            if waiting.closed {
                return None;
            }
            waiting = self.arrival.wait(waiting).unwrap_or_else(PoisonError::into_inner);
        }
    }

    /// Says that the background job which [`Queue::next`] gave out has ended.
    pub(crate) fn background_done(&self) {
        self.lock().background_running = false;
        self.arrival.notify_one();
    }

    /// Counts a job that is turned away.
    pub(crate) fn count_refused(&self) {
        self.refused.fetch_add(1, Ordering::Relaxed);
    }

    /// How it stands.
    pub(crate) fn load(&self, name: &'static str) -> QueueLoad {
        let waiting = self.lock();
        let (requests, background) = (waiting.requests.len(), waiting.background.len());
        QueueLoad { name, requests, background, refused: self.refused.load(Ordering::Relaxed) }
    }

    /// Lets nothing more in; what waits is still served.
    pub(crate) fn close(&self) {
        self.lock().closed = true;
        self.arrival.notify_all();
    }

    fn lock(&self) -> MutexGuard<'_, Waiting> {
        // Nothing that can panic runs under the lock, so a poisoned one still holds whole queues.
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
