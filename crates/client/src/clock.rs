//! The one place that reads the clock.

use model::time::Timestamp;
use std::time::{SystemTime, UNIX_EPOCH};

/// What time it is; a clock set before 1970 counts as 1970.
#[expect(clippy::disallowed_methods, reason = "a program on a person's device is an edge: nobody hands it the time")]
pub fn now() -> Timestamp {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    Timestamp::from_millis(i64::try_from(since.as_millis()).unwrap_or(i64::MAX))
}
