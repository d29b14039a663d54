//! What is remembered of providers for a while, within bounds. Organizations name their providers, and providers choose how
//! much they say: so each organization has as much room as any other, and what the operator's have said is never what makes
//! room for an organization's.

use model::id::OrgId;
use model::time::Timestamp;
use model::upstream::ProviderKey;
use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

/// The most that is remembered of one organization's providers, twice as many as it may have: and in bytes, about.
const MOST_OF_ONE: usize = 20;
const LARGEST_OF_ONE: usize = 512 * 1024;

/// The same of all organizations' together.
const MOST_OF_ALL: usize = 1_000;
const LARGEST_OF_ALL: usize = 32 * 1024 * 1024;

#[derive(Debug)]
struct Entry<T> {
    value: Arc<T>,
    at: Timestamp,
    size: usize,
}

/// Whose it is, nobody's where it is the operator's, and what it is called.
type Name = (Option<OrgId>, String);

fn owner(provider: &ProviderKey) -> Option<OrgId> {
    match provider {
        ProviderKey::Operators(_) => None,
        ProviderKey::Organizations(org, _) => Some(org.clone()),
    }
}

/// What was said, with when.
#[derive(Debug)]
pub(super) struct Remembered<T> {
    all: Mutex<HashMap<Name, Entry<T>>>,
    lasts: Duration,
}

impl<T> Remembered<T> {
    /// Remembers for as long as this.
    pub(super) fn new(lasts: Duration) -> Self {
        Self { all: Mutex::default(), lasts }
    }

    fn all(&self) -> MutexGuard<'_, HashMap<Name, Entry<T>>> {
        self.all.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// What `name` has said to whom this provider is.
    pub(super) fn get(&self, provider: &ProviderKey, name: &str, now: Timestamp) -> Option<(Arc<T>, Timestamp)> {
        let all = self.all();
        let entry = all.get(&(owner(provider), name.to_owned()))?;
        (now < entry.at.after(self.lasts)).then(|| (entry.value.clone(), entry.at))
    }

    /// Remembers it, and forgets the oldest of the same organization, or of all organizations, where that is too much. What
    /// takes up more than one organization may is not remembered.
    pub(super) fn keep(&self, (provider, name): (&ProviderKey, &str), value: T, size: usize, now: Timestamp) -> Arc<T> {
        let (mut all, value) = (self.all(), Arc::new(value));
        let owner = owner(provider);
        all.insert((owner.clone(), name.to_owned()), Entry { value: value.clone(), at: now, size });
        if owner.is_some() {
            forget_oldest(&mut all, (MOST_OF_ONE, LARGEST_OF_ONE), |whose| *whose == owner);
            forget_oldest(&mut all, (MOST_OF_ALL, LARGEST_OF_ALL), Option::is_some);
        }
        value
    }
}

/// Forgets the oldest of those that are `counted` until there are no more, and no larger ones, than this.
fn forget_oldest<T>(
    all: &mut HashMap<Name, Entry<T>>,
    (most, largest): (usize, usize),
    counted: impl Fn(&Option<OrgId>) -> bool,
) {
    loop {
        let ours = || all.iter().filter(|((whose, _), _)| counted(whose));
        let (number, size) = ours().fold((0, 0), |(number, size), (_, entry)| (number + 1, size + entry.size));
        if number <= most && size <= largest {
            return;
        }
        let Some(oldest) = ours().min_by_key(|(_, entry)| entry.at).map(|(name, _)| name.clone()) else { return };
        all.remove(&oldest);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use model::id::ProviderId;
    use model::upstream::ProviderName;

    fn of(org: &str) -> ProviderKey {
        let id: ProviderId = "019a0000-0000-7000-8000-000000000001".parse().unwrap();
        ProviderKey::Organizations(OrgId::parse(org).unwrap(), id)
    }

    fn at(second: usize) -> Timestamp {
        Timestamp::from_seconds(1_800_000_000 + i64::try_from(second).unwrap())
    }

    #[test]
    fn an_organization_pushes_out_what_it_has_said_itself_and_nothing_else() {
        let remembered = Remembered::new(Duration::from_secs(3600));
        let operators = ProviderKey::Operators(ProviderName::parse("google").unwrap());
        remembered.keep((&operators, "x"), 0, LARGEST_OF_ALL, at(0));
        remembered.keep((&of("beta"), "x"), 0, 1, at(0));
        for number in 0..MOST_OF_ONE + 5 {
            remembered.keep((&of("acme"), &number.to_string()), number, 1, at(number));
        }
        let known = |key: &ProviderKey, name: &str| remembered.get(key, name, at(30)).is_some();
        assert!(known(&operators, "x") && known(&of("beta"), "x"));
        assert!(!known(&of("acme"), "x"), "each knows what was said to itself");
        for number in 0..MOST_OF_ONE + 5 {
            assert_eq!(known(&of("acme"), &number.to_string()), number >= 5, "{number}");
        }
        // By size too, and what is too large by itself is not remembered at all.
        remembered.keep((&of("acme"), "half"), 0, LARGEST_OF_ONE - 2, at(31));
        assert!(known(&of("acme"), "half") && known(&of("acme"), "24") && !known(&of("acme"), "22"));
        remembered.keep((&of("acme"), "whole"), 0, LARGEST_OF_ONE + 1, at(32));
        assert!(!known(&of("acme"), "whole") && known(&of("beta"), "x") && known(&operators, "x"));
    }

    #[test]
    fn all_organizations_together_have_bounds_too() {
        let remembered = Remembered::new(Duration::from_secs(3600));
        let operators = ProviderKey::Operators(ProviderName::parse("google").unwrap());
        remembered.keep((&operators, "x"), 0, 1, at(0));
        for number in 0..=MOST_OF_ALL {
            remembered.keep((&of(&format!("org-{number}")), "x"), 0, 1, at(number + 1));
        }
        let known = |number: usize| remembered.get(&of(&format!("org-{number}")), "x", at(1_100)).is_some();
        assert!(!known(0) && known(1) && known(MOST_OF_ALL));
        assert!(remembered.get(&operators, "x", at(1_100)).is_some());
        assert!(remembered.get(&operators, "x", at(3_600)).is_none(), "it is over");
    }
}
