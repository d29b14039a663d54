//! A clock that stands still until a test moves it, and randomness that is the same in every run.

use model::moment::{Moment, RandomSource};
use model::time::Timestamp;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};
use std::time::Duration;

/// Where [`TestClock::default`] stands: the afternoon of 2026-11-02, in seconds since 1970.
const START: i64 = 1_793_631_600;

/// A clock and a source of randomness under a test's control. Clones show the same time.
#[derive(Clone, Debug)]
pub struct TestClock {
    millis: Arc<AtomicI64>,
    random: Arc<SeededRandom>,
}

impl TestClock {
    /// A clock that stands at `now`, with randomness that follows from `seed`.
    pub fn new(now: Timestamp, seed: u64) -> Self {
        Self { millis: Arc::new(AtomicI64::new(now.millis())), random: Arc::new(SeededRandom::new(seed)) }
    }

    /// What time it is.
    pub fn now(&self) -> Timestamp {
        Timestamp::from_millis(self.millis.load(Ordering::SeqCst))
    }

    /// Sets the time, back or forth.
    pub fn set(&self, now: Timestamp) {
        self.millis.store(now.millis(), Ordering::SeqCst);
    }

    /// Moves the time forth.
    pub fn advance(&self, span: Duration) {
        let later = |millis| Some(Timestamp::from_millis(millis).after(span).millis());
        let _before = self.millis.fetch_update(Ordering::SeqCst, Ordering::SeqCst, later);
    }

    /// The moment of a request that comes now.
    pub fn moment(&self) -> Moment {
        Moment::new(self.now(), self.random.clone())
    }

    /// The source of randomness, for what draws without a moment.
    pub fn random(&self) -> Arc<SeededRandom> {
        self.random.clone()
    }
}

impl Default for TestClock {
    fn default() -> Self {
        Self::new(Timestamp::from_seconds(START), 1)
    }
}

/// A moment that never changes, for tests of pure functions.
#[derive(Debug)]
pub struct FixedMoment;

impl FixedMoment {
    /// The moment `now`; two of the same seed draw the same values.
    pub fn at(now: Timestamp, seed: u64) -> Moment {
        TestClock::new(now, seed).moment()
    }
}

/// SplitMix64: well spread, and the same in every run. For tests only; anyone can predict it.
#[derive(Debug)]
pub struct SeededRandom(AtomicU64);

impl SeededRandom {
    /// The sequence that follows from `seed`.
    pub fn new(seed: u64) -> Self {
        Self(AtomicU64::new(seed))
    }

    fn next(&self) -> u64 {
        const STEP: u64 = 0x9E37_79B9_7F4A_7C15;
        let mut mixed = self.0.fetch_add(STEP, Ordering::Relaxed).wrapping_add(STEP);
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        mixed ^ (mixed >> 31)
    }
}

impl RandomSource for SeededRandom {
    fn fill(&self, bytes: &mut [u8]) {
        for chunk in bytes.chunks_mut(8) {
            let drawn = self.next().to_le_bytes();
            chunk.copy_from_slice(&drawn[..chunk.len()]);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_sequence_is_splitmix64s() {
        // The reference implementation's first values for the seed 1234567.
        let random = SeededRandom::new(1_234_567);
        assert_eq!([random.next(), random.next()], [6_457_827_717_110_365_317, 3_203_168_211_198_807_973]);
    }

    #[test]
    fn time_passes_when_told() {
        let clock = TestClock::default();
        let before = clock.now();
        clock.clone().advance(Duration::from_secs(1801));
        assert_eq!(clock.now().since(before), Duration::from_secs(1801));
        assert_eq!(clock.moment().now(), clock.now());
        clock.set(before);
        assert_eq!(clock.now(), before);
    }

    #[test]
    fn the_same_seed_draws_the_same() {
        let draw = |seed| FixedMoment::at(Timestamp::from_seconds(0), seed).bytes::<20>();
        assert_eq!(draw(7), draw(7));
        assert_ne!(draw(7), draw(8));
    }
}
