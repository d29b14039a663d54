//! The only place that reads the clock and the operating system's randomness. Everything below is handed the result as
//! a [`Moment`], so that a test decides what time it is.

use model::moment::{Moment, RandomSource};
use model::time::Timestamp;
use std::sync::{Arc, LazyLock};
use std::time::{Duration, Instant};

/// Where moments come from: [`SystemTime`] in the server, a closure over a clock of its own in a test.
pub trait Time: Send + Sync {
    /// Now, with randomness for what is decided now.
    fn moment(&self) -> Moment;
}

impl<F: Fn() -> Moment + Send + Sync> Time for F {
    fn moment(&self) -> Moment {
        self()
    }
}

/// The machine's clock and the operating system's generator.
#[derive(Clone, Copy, Debug, Default)]
pub struct SystemTime;

impl Time for SystemTime {
    fn moment(&self) -> Moment {
        moment()
    }
}

/// The operating system's generator.
#[derive(Clone, Copy, Debug, Default)]
pub struct OsRandom;

impl RandomSource for OsRandom {
    #[expect(clippy::disallowed_methods, reason = "this is the source that everything else is handed")]
    fn fill(&self, bytes: &mut [u8]) {
        if let Err(error) = getrandom::fill(bytes) {
            // There is no safe way on: a secret that can be guessed is worse than no server, and unwinding could be
            // caught and leave the half-filled bytes in use.
            tracing::error!(%error, "the operating system gives no random values; stopping at once");
            std::process::abort();
        }
    }
}

/// What time it is.
#[expect(clippy::disallowed_methods, reason = "this is the clock that everything else is handed")]
pub fn now() -> Timestamp {
    let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
    // A clock before 1970 is one that was never set.
    let millis = since.unwrap_or_default().as_millis();
    Timestamp::from_millis(i64::try_from(millis).unwrap_or(i64::MAX))
}

/// Now, with the operating system's randomness.
pub fn moment() -> Moment {
    static RANDOM: LazyLock<Arc<OsRandom>> = LazyLock::new(Arc::default);
    Moment::new(now(), RANDOM.clone())
}

/// How long something has taken, whatever happens to the clock meanwhile.
#[derive(Clone, Copy, Debug)]
pub struct Stopwatch(Instant);

impl Stopwatch {
    /// Begins to measure.
    #[expect(clippy::disallowed_methods, reason = "this is where durations are measured")]
    pub fn start() -> Self {
        Self(Instant::now())
    }

    /// The time since the start.
    pub fn elapsed(self) -> Duration {
        self.0.elapsed()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn moments_draw_different_values() {
        let (first, second) = (moment(), moment());
        assert_ne!(first.bytes::<32>(), second.bytes::<32>());
        assert!(first.now() <= second.now());
        assert!(first.now() > Timestamp::from_seconds(1_700_000_000));
    }

    #[test]
    fn a_closure_is_a_clock() {
        let fixed = Moment::new(Timestamp::from_seconds(7), Arc::new(OsRandom));
        let clock: Arc<dyn Time> = Arc::new(move || fixed.clone());
        assert_eq!(clock.moment().now(), Timestamp::from_seconds(7));
        assert!(SystemTime.moment().now() > Timestamp::from_seconds(7));
    }
}
