//! Turns at making an organization's key of an algorithm: of many requests that need one at once, one makes it.

use model::algorithm::Algorithm;
use model::id::OrgId;
use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError, Weak};

/// Held by whoever makes the key.
type Turn = tokio::sync::Mutex<()>;

/// The turns that somebody holds or waits for.
#[derive(Debug, Default)]
pub struct FirstKeys(Mutex<HashMap<(OrgId, Algorithm), Weak<Turn>>>);

impl FirstKeys {
    /// The lock to hold while the organization's key of `algorithm` is looked for and made.
    pub fn turn(&self, org: &OrgId, algorithm: Algorithm) -> Arc<Turn> {
        let mut turns = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        turns.retain(|_, turn| turn.strong_count() > 0);
        let which = (org.clone(), algorithm);
        if let Some(turn) = turns.get(&which).and_then(Weak::upgrade) {
            return turn;
        }
        let turn = Arc::default();
        turns.insert(which, Arc::downgrade(&turn));
        turn
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_turn_is_one_organizations_and_algorithms_and_forgotten_after_it() {
        let (turns, acme, beta) = (FirstKeys::default(), OrgId::parse("acme").unwrap(), OrgId::parse("beta").unwrap());
        let held = turns.turn(&acme, Algorithm::Rs256);
        assert!(Arc::ptr_eq(&held, &turns.turn(&acme, Algorithm::Rs256)));
        let others = [turns.turn(&acme, Algorithm::EdDsa), turns.turn(&beta, Algorithm::Rs256)];
        assert!(others.iter().all(|other| !Arc::ptr_eq(&held, other)));
        drop((held, others));
        drop(turns.turn(&beta, Algorithm::Es256));
        assert_eq!(turns.0.lock().unwrap().len(), 1);
    }
}
