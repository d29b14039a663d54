//! How many live grants somebody has opened, counted where requests come in.
//!
//! Kept in the memory of each node, not in the database: a column that the grants of a network are counted by would need
//! an index, which slows every insert, for a bound that only has to keep one asker from crowding out the others. What a
//! node forgets with its restart is still bounded by what the database counts for the organization.

use model::time::Timestamp;
use std::collections::{BTreeMap, HashMap};
use std::hash::Hash;
use std::sync::{Mutex, PoisonError};

/// The most askers that are counted at a time. Past it new ones are let through uncounted: the organization's bound
/// holds for them all the same.
const MOST_ASKERS: usize = 100_000;

/// Live grants by who asked for them.
pub(crate) struct LiveGrants<K> {
    most: u32,
    askers: Mutex<HashMap<K, Open>>,
}

/// How many grants of one asker end in which minute, all of them together, and how many are about to be opened.
#[derive(Default)]
struct Open {
    ends: BTreeMap<i64, u32>,
    all: u32,
    reserved: u32,
}

impl Open {
    /// Forgets what is over. A grant counts until the minute is over in which it ends.
    fn at(&mut self, now: Timestamp) -> &mut Self {
        while let Some(first) = self.ends.first_entry().filter(|first| *first.key() < minute(now)) {
            self.all = self.all.saturating_sub(first.remove());
        }
        self
    }
}

fn minute(time: Timestamp) -> i64 {
    time.seconds().div_euclid(60)
}

impl<K: Hash + Eq> LiveGrants<K> {
    /// No grants yet, and at most `most` for each asker.
    pub(crate) fn new(most: u32) -> Self {
        Self { most, askers: Mutex::default() }
    }

    /// Takes room for one more; false where there is none. Followed by [`Self::keep`] or [`Self::release`].
    pub(crate) fn reserve(&self, asker: K, now: Timestamp) -> bool {
        let mut askers = self.askers.lock().unwrap_or_else(PoisonError::into_inner);
        if askers.len() >= MOST_ASKERS && !askers.contains_key(&asker) {
            return true;
        }
        let open = askers.entry(asker).or_default().at(now);
        let room = open.all.saturating_add(open.reserved) < self.most;
        open.reserved += u32::from(room);
        room
    }

    /// The room is taken until `ends`.
    pub(crate) fn keep(&self, asker: &K, ends: Timestamp) {
        let mut askers = self.askers.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(open) = askers.get_mut(asker) {
            open.reserved = open.reserved.saturating_sub(1);
            *open.ends.entry(minute(ends)).or_default() += 1;
            open.all = open.all.saturating_add(1);
        }
    }

    /// Gives the room back.
    pub(crate) fn release(&self, asker: &K) {
        let mut askers = self.askers.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(open) = askers.get_mut(asker) {
            open.reserved = open.reserved.saturating_sub(1);
        }
    }

    /// Forgets those who have no live grant.
    pub(crate) fn forget_idle(&self, now: Timestamp) {
        let mut askers = self.askers.lock().unwrap_or_else(PoisonError::into_inner);
        askers.retain(|_, open| open.at(now).all > 0 || open.reserved > 0);
        askers.shrink_to_fit();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    const NOW: Timestamp = Timestamp::from_seconds(1_800_000_000);

    #[test]
    fn an_asker_has_so_many_live_grants_and_no_more() {
        let live = LiveGrants::new(3);
        let at = |seconds| NOW.after(Duration::from_secs(seconds));
        let has_room = |asker, now| {
            let room = live.reserve(asker, now);
            if room {
                live.release(&asker);
            }
            room
        };
        for lifetime in [60, 600, 600] {
            assert!(live.reserve("a", NOW));
            live.keep(&"a", at(lifetime));
        }
        assert!(!has_room("a", NOW));
        assert!(has_room("b", NOW), "another has its own");
        assert!(!has_room("a", at(60)), "the minute in which one ends");
        assert!(live.reserve("a", at(120)));
        assert!(!has_room("a", at(120)), "what is about to be opened counts");
        live.keep(&"a", at(720));
        assert!(!has_room("a", at(120)));
        assert!(has_room("a", at(700)));
        live.forget_idle(at(700));
        assert_eq!(live.askers.lock().unwrap().len(), 1);
        live.forget_idle(at(780));
        assert_eq!(live.askers.lock().unwrap().len(), 0);
    }
}
