//! Whose turn it is: how many requests are under way, for whom.
//!
//! Whoever's server is slow holds what is theirs, and nobody else's: each asker has a share of its own. What tenants have
//! together is bounded besides, as there may be any number of them; what the operator wants is none of that.

use crate::fetch::{Failed, Limits};
use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::timeout;

/// On whose behalf a request is made.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Asker {
    /// The operator's, for what they have configured under this name.
    Operator(String),
    /// The tenant of this name.
    Tenant(String),
}

/// As many askers are kept before those are forgotten that have nothing under way.
const MOST_IDLE: usize = 1_000;

/// The turns of all askers.
#[derive(Debug)]
pub(crate) struct Turns {
    each: Mutex<HashMap<Asker, Arc<Semaphore>>>,
    tenants: Arc<Semaphore>,
    limits: Limits,
}

/// A turn, until it is dropped.
#[derive(Debug)]
pub(crate) struct Turn {
    _own: OwnedSemaphorePermit,
    _of_tenants: Option<OwnedSemaphorePermit>,
}

impl Turns {
    pub(crate) fn new(limits: Limits) -> Self {
        Self { each: Mutex::default(), tenants: Arc::new(Semaphore::new(limits.tenants_together)), limits }
    }

    /// Waits for a turn, a little.
    pub(crate) async fn take(&self, asker: &Asker) -> Result<Turn, Failed> {
        let own = self.own(asker);
        let both = async {
            // One's own first: who waits for that keeps nobody else waiting.
            let own = own.acquire_owned().await.ok()?;
            let of_tenants = match asker {
                Asker::Operator(_) => None,
                Asker::Tenant(_) => Some(self.tenants.clone().acquire_owned().await.ok()?),
            };
            Some(Turn { _own: own, _of_tenants: of_tenants })
        };
        timeout(self.limits.queue, both).await.ok().flatten().ok_or(Failed::Busy)
    }

    fn own(&self, asker: &Asker) -> Arc<Semaphore> {
        let mut each = self.each.lock().unwrap_or_else(PoisonError::into_inner);
        if each.len() >= MOST_IDLE {
            each.retain(|_, turns| Arc::strong_count(turns) > 1);
        }
        let most = match asker {
            Asker::Operator(_) => self.limits.operator_each,
            Asker::Tenant(_) => self.limits.tenant_each,
        };
        each.entry(asker.clone()).or_insert_with(|| Arc::new(Semaphore::new(most))).clone()
    }
}
