//! When opaque tokens were last used: collected in memory and written together, so that no request writes for it. What a node has
//! collected and not written is lost with it, which costs a list some seconds of truth.

use model::id::{OpaqueTokenId, OrgId};
use model::time::Timestamp;
use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};
use store::tables::opaque_uses::Use;

/// The most tokens whose use is collected between two writes; of more, some are not noted.
const MOST: usize = 50_000;

/// Uses that are not written yet.
#[derive(Debug, Default)]
pub struct LastUsed(Mutex<HashMap<(OrgId, OpaqueTokenId), Timestamp>>);

impl LastUsed {
    /// Notes that a token was used.
    pub fn note(&self, org: &OrgId, token: OpaqueTokenId, at: Timestamp) {
        let mut uses = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let key = (org.clone(), token);
        if uses.len() < MOST || uses.contains_key(&key) {
            uses.entry(key).and_modify(|known| *known = at.max(*known)).or_insert(at);
        }
    }

    /// Takes out what has been collected, by the order of the tokens, so that those that are written together lie together.
    pub fn take(&self) -> Vec<Use> {
        let collected = std::mem::take(&mut *self.0.lock().unwrap_or_else(PoisonError::into_inner));
        let mut uses: Vec<_> = collected.into_iter().collect();
        uses.sort_unstable_by_key(|((_, token), _)| *token);
        uses
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use uuid::Uuid;

    #[test]
    fn the_latest_use_of_each_is_written_once() {
        let (acme, beta) = (OrgId::parse("acme").unwrap(), OrgId::parse("beta").unwrap());
        let token = |n| OpaqueTokenId::from_uuid(Uuid::from_u128(n));
        let at = Timestamp::from_seconds;
        let uses = LastUsed::default();
        for (org, n, seconds) in [(&beta, 2, 5), (&acme, 3, 7), (&acme, 1, 9), (&acme, 3, 6)] {
            uses.note(org, token(n), at(seconds));
        }
        let expected = vec![((acme.clone(), token(1)), at(9)), ((beta, token(2)), at(5)), ((acme, token(3)), at(7))];
        assert_eq!(uses.take(), expected);
        assert_eq!(uses.take(), vec![]);
    }
}
