//! The moment of a request: what time it is, and a source of random values, read once at the edge and passed on.

use crate::time::Timestamp;
use std::fmt;
use std::sync::Arc;
use uuid::Uuid;

/// A source of random bytes. The server's is the operating system's generator; tests bring a seeded one.
pub trait RandomSource: Send + Sync {
    /// Fills `bytes` with random values.
    fn fill(&self, bytes: &mut [u8]);
}

/// Now, and randomness for what is decided now. Cheap to clone into a closure that may run again.
#[derive(Clone)]
pub struct Moment {
    now: Timestamp,
    random: Arc<dyn RandomSource>,
}

impl Moment {
    /// The moment `now`, drawing from `random`.
    pub fn new(now: Timestamp, random: Arc<dyn RandomSource>) -> Self {
        Self { now, random }
    }

    /// What time it is.
    pub fn now(&self) -> Timestamp {
        self.now
    }

    /// `N` random bytes.
    pub fn bytes<const N: usize>(&self) -> [u8; N] {
        let mut bytes = [0; N];
        self.random.fill(&mut bytes);
        bytes
    }

    /// A UUIDv7 of this moment.
    pub fn uuid(&self) -> Uuid {
        let millis = u64::try_from(self.now.millis()).unwrap_or(0);
        uuid::Builder::from_unix_timestamp_millis(millis, &self.bytes::<10>()).into_uuid()
    }
}

impl fmt::Debug for Moment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Moment").field("now", &self.now).finish_non_exhaustive()
    }
}
