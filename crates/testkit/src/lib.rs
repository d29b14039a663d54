//! Engines for tests: throw-away databases on SQLite and PostgreSQL, seeded clock and randomness.
//!
//! A test that touches the database is written once, inside [`both_engines!`], and runs on each engine.

pub mod clock;
mod engines;
mod postgres;
mod sqlite;

pub use engines::{EngineKind, Scratch};

use std::future::Future;
use std::time::Duration;

/// Writes each test once and runs it on both engines:
///
/// ```ignore
/// testkit::both_engines! {
///     async fn case_06_one_of_a_hundred_polls_redeems(engine: testkit::Scratch) {
///         let db = engine.db();
///     }
/// }
/// ```
///
/// makes the tests `case_06_…::sqlite` and `case_06_…::postgres`.
#[macro_export]
macro_rules! both_engines {
    ($($(#[$meta:meta])* async fn $name:ident($engine:ident : $scratch:ty) $body:block)*) => {$(
        $(#[$meta])*
        async fn $name($engine: $scratch) $body

        mod $name {
            #[test]
            fn sqlite() {
                $crate::run(super::$name($crate::Scratch::new($crate::EngineKind::Sqlite)));
            }

            #[test]
            fn postgres() {
                $crate::run(super::$name($crate::Scratch::new($crate::EngineKind::Postgres)));
            }
        }
    )*};
}

/// [`both_engines!`] for tests that wait on threads instead of futures.
#[macro_export]
macro_rules! both_engines_sync {
    ($($(#[$meta:meta])* fn $name:ident($engine:ident : $scratch:ty) $body:block)*) => {$(
        $(#[$meta])*
        fn $name($engine: $scratch) $body

        mod $name {
            #[test]
            fn sqlite() {
                super::$name($crate::Scratch::new($crate::EngineKind::Sqlite));
            }

            #[test]
            fn postgres() {
                super::$name($crate::Scratch::new($crate::EngineKind::Postgres));
            }
        }
    )*};
}

/// Longer than any test takes on a busy machine: one that waits for what never comes should fail, not hang.
const DEADLINE: Duration = Duration::from_secs(600);

/// Runs a test's future on two threads, so that what it starts really runs at the same time.
///
/// # Panics
/// Where the test does, where it has not ended within three minutes, or where no thread can be started.
#[expect(clippy::expect_used, reason = "a test can't go on without a runtime")]
pub fn run<T>(test: impl Future<Output = T>) -> T {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build();
    let in_time = async { tokio::time::timeout(DEADLINE, test).await };
    runtime.expect("a runtime of two threads").block_on(in_time).expect("the test should have ended by now")
}
