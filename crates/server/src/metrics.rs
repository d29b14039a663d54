//! What the server counts of itself, for a monitoring system that asks on a listener of its own.
//!
//! Counting is an addition to a number in memory: no lock, no label made for a request. Names and labels are put to the
//! numbers when somebody asks.

mod exposition;
mod listener;

pub use listener::{bind, listen};

use actix_web::http::StatusCode;
use routes::{Route, TABLE};
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

/// Upper bounds of the classes of durations, in microseconds; what took longer is in one more.
const BOUNDS: [u64; 12] =
    [500, 1_000, 2_500, 5_000, 10_000, 25_000, 50_000, 100_000, 250_000, 500_000, 1_000_000, 5_000_000];

/// Classes of statuses: 2xx to 5xx.
const CLASSES: [&str; 4] = ["2xx", "3xx", "4xx", "5xx"];

/// What happens to device grants.
#[derive(Clone, Copy, Debug)]
pub enum GrantEvent {
    /// A device got a code.
    Begun,
    /// A user approved.
    Approved,
    /// A user denied.
    Denied,
    /// A device got its tokens.
    Redeemed,
}

impl GrantEvent {
    const NAMES: [&str; 4] = ["begun", "approved", "denied", "redeemed"];
}

/// What was not looked at because there had been too much of it.
#[derive(Clone, Copy, Debug)]
pub enum Spent {
    /// Codes that users type.
    Codes,
    /// Passwords.
    Passwords,
    /// Requests of devices for a code.
    DeviceRequests,
    /// Codes that are typed before signing in.
    WaitingCodes,
    /// Letters.
    Letters,
    /// Codes of authenticator apps, and recovery codes.
    Factors,
    /// Codes that letters hold to sign in with.
    EmailCodes,
}

impl Spent {
    const NAMES: [&str; 7] =
        ["codes", "passwords", "device_requests", "waiting_codes", "letters", "factors", "email_codes"];
}

#[derive(Debug, Default)]
struct Answers {
    by_class: [AtomicU64; CLASSES.len()],
    by_duration: [AtomicU64; BOUNDS.len() + 1],
    micros: AtomicU64,
}

/// The numbers of one node since it started.
#[derive(Debug)]
pub struct Metrics {
    /// By route, in the order of the table; last, what matches none.
    answers: Box<[Answers]>,
    grants: [AtomicU64; GrantEvent::NAMES.len()],
    spent: [AtomicU64; Spent::NAMES.len()],
}

impl Default for Metrics {
    fn default() -> Self {
        let answers = (0..=TABLE.len()).map(|_| Answers::default()).collect();
        Self { answers, grants: Default::default(), spent: Default::default() }
    }
}

impl Metrics {
    /// Counts an answer, and how long it took from the end of the request's body.
    pub fn answered(&self, route: Option<Route>, status: StatusCode, took: Option<Duration>) {
        let Some(answers) = self.answers.get(route.map_or(TABLE.len(), Route::index)) else { return };
        if let Some(class) = usize::from(status.as_u16() / 100).checked_sub(2).and_then(|at| answers.by_class.get(at)) {
            add(class, 1);
        }
        if let Some(took) = took {
            let micros = u64::try_from(took.as_micros()).unwrap_or(u64::MAX);
            let at = BOUNDS.partition_point(|bound| *bound < micros);
            answers.by_duration.get(at).into_iter().for_each(|count| add(count, 1));
            add(&answers.micros, micros);
        }
    }

    /// Counts what happened to a device grant.
    pub fn grant(&self, event: GrantEvent) {
        add(&self.grants[event as usize], 1);
    }

    /// Counts something that was refused unlooked at.
    pub fn spent(&self, what: Spent) {
        add(&self.spent[what as usize], 1);
    }
}

/// The numbers stand for themselves: nothing else is read by their order.
fn add(number: &AtomicU64, more: u64) {
    number.fetch_add(more, Ordering::Relaxed);
}
