//! How long something has taken: the age of a job and of a group. Nothing that is stored or decided for a user
//! depends on it.

use std::time::{Duration, Instant};

/// A monotonic measurement that began at [`Stopwatch::start`].
#[derive(Clone, Copy)]
pub(crate) struct Stopwatch(Instant);

impl Stopwatch {
    /// Begins to measure.
    #[expect(
        clippy::disallowed_methods,
        reason = "durations of the database threads' own work, never a time of the domain"
    )]
    pub(crate) fn start() -> Self {
        Self(Instant::now())
    }

    /// The time since the start.
    pub(crate) fn elapsed(self) -> Duration {
        self.0.elapsed()
    }
}
