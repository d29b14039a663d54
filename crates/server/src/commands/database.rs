//! The database as commands use it: waiting for their turn beside a busy server.

use super::failure::Failure;
use crate::clock::Stopwatch;
use crate::config::Config;
use crate::engine::{Engine, unusable};
use model::fault::{Fault, FaultKind};
use model::secret::Keyring;
use std::time::Duration;
use store::{Class, Conn};

/// How long a command waits where another program keeps the database busy.
const PATIENCE: Duration = Duration::from_secs(10);

/// The time between two tries.
const PAUSE: Duration = Duration::from_millis(50);

/// The database, migrated, with the keys that are not in it.
pub(super) struct Database(Engine);

impl Database {
    /// Opens it.
    ///
    /// # Errors
    /// A sentence why it can't be used.
    pub(super) fn open(config: &Config) -> Result<Self, Failure> {
        Ok(Self(Engine::open(config)?))
    }

    /// The keys that are not in it.
    pub(super) fn keyring(&self) -> &Keyring {
        &self.0.keyring
    }

    /// Reads; all statements see the same state.
    ///
    /// # Errors
    /// A sentence about the database.
    pub(super) fn read<T, F>(&self, name: &'static str, f: F) -> Result<T, Failure>
    where
        T: Send + 'static,
        F: FnMut(&mut Conn) -> Result<T, Fault> + Clone + Send + 'static,
    {
        patiently(PATIENCE, || self.0.db.blocking().snapshot(name, f.clone())).map_err(|fault| sentence(&fault))
    }

    /// Changes, all or nothing. A closure that refuses does so before it changes anything.
    ///
    /// # Errors
    /// A sentence about the database.
    pub(super) fn write<T, F>(&self, name: &'static str, f: F) -> Result<T, Failure>
    where
        T: Send + 'static,
        F: FnMut(&mut Conn) -> Result<T, Fault> + Clone + Send + 'static,
    {
        patiently(PATIENCE, || self.0.db.blocking().write(name, Class::Durable, f.clone()))
            .map(store::Committed::into_inner)
            .map_err(|fault| sentence(&fault))
    }
}

fn sentence(fault: &Fault) -> Failure {
    unusable(fault).into()
}

/// Tries again while the database is busy: then nothing was done, whereas any other fault may leave that open.
fn patiently<T>(patience: Duration, mut attempt: impl FnMut() -> Result<T, Fault>) -> Result<T, Fault> {
    let waited = Stopwatch::start();
    loop {
        match attempt() {
            Err(fault) if fault.kind() == FaultKind::Busy && waited.elapsed() < patience => std::thread::sleep(PAUSE),
            outcome => return outcome,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tries(patience: Duration, answers: &[fn() -> Result<u8, Fault>]) -> (Result<u8, Failure>, usize) {
        let mut tried = 0;
        let outcome = patiently(patience, || {
            tried += 1;
            answers[(tried - 1).min(answers.len() - 1)]()
        });
        (outcome.map_err(|fault| sentence(&fault)), tried)
    }

    #[test]
    fn busy_is_tried_again_and_in_the_end_a_sentence() {
        let busy = || Err(Fault::busy("database is locked"));
        let (outcome, tried) = tries(PATIENCE, &[busy, busy, || Ok(7)]);
        assert_eq!((outcome.unwrap(), tried), (7, 3));
        let (outcome, tried) = tries(PAUSE * 3, &[busy]);
        let said = outcome.unwrap_err().to_string();
        assert!(said.contains("is busy") && said.contains("Try again"), "{said}");
        assert!(tried > 1, "{tried}");
    }

    #[test]
    fn what_may_have_been_done_is_not_tried_again() {
        for fault in [|| Err(Fault::unavailable("commit")), || Err(Fault::broken("a defect"))] {
            let fault: fn() -> Result<u8, Fault> = fault;
            assert_eq!(tries(PATIENCE, &[fault, || Ok(7)]).1, 1);
        }
    }
}
