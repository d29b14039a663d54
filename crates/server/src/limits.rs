//! Limits that one node keeps in memory: request rates per network, live codes per organization, client and network.
//! What guards secrets is durable and elsewhere.

use crate::live_grants::LiveGrants;
use governor::clock::{Clock as _, DefaultClock};
use governor::{DefaultKeyedRateLimiter, Quota, RateLimiter};
use model::context::Network;
use model::id::{ClientId, OrgId};
use model::time::Timestamp;
use std::collections::HashMap;
use std::num::NonZeroU32;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

/// The most live codes that one network has asked this node for. Above what the rate allows for codes of the usual
/// half an hour, so it concerns those that live longer.
const MOST_LIVE_CODES_OF_NETWORK: u32 = 2_000;

/// Who asks for a code, and when.
#[derive(Clone, Copy, Debug)]
pub struct Asking<'a> {
    /// At which organization.
    pub org: &'a OrgId,
    /// Which client.
    pub client: &'a ClientId,
    /// From where.
    pub network: Network,
    /// When.
    pub now: Timestamp,
}

/// The limits of one node.
pub struct Limits {
    device_authorization: Option<DefaultKeyedRateLimiter<Network>>,
    most_live_codes: Option<i64>,
    of_client: LiveGrants<(OrgId, ClientId)>,
    of_network: LiveGrants<Network>,
    live_codes: Mutex<HashMap<OrgId, i64>>,
}

impl Limits {
    /// Limits with these numbers; none where they are switched off.
    pub fn new(on: bool, device_authorization_per_minute: u32, most_live_codes: u32) -> Self {
        let quota = NonZeroU32::new(device_authorization_per_minute).filter(|_| on).map(Quota::per_minute);
        Self {
            device_authorization: quota.map(RateLimiter::keyed),
            most_live_codes: on.then_some(i64::from(most_live_codes)),
            // Half of the organization's, so that no client of it locks the others out.
            of_client: LiveGrants::new((most_live_codes / 2).max(1)),
            of_network: LiveGrants::new(MOST_LIVE_CODES_OF_NETWORK),
            live_codes: Mutex::default(),
        }
    }

    /// Whether limits are on.
    pub fn are_on(&self) -> bool {
        self.most_live_codes.is_some()
    }

    /// Counts a device authorization request.
    ///
    /// # Errors
    /// How long to wait, where there were too many from this network.
    pub fn device_authorization(&self, network: Network) -> Result<(), Duration> {
        match &self.device_authorization {
            None => Ok(()),
            Some(limiter) => {
                limiter.check_key(&network).map_err(|not_until| not_until.wait_time_from(DefaultClock::default().now()))
            }
        }
    }

    /// Whether organization, client and network have room for one more live code.
    pub fn has_room(&self, asking: &Asking<'_>) -> bool {
        let Some(most) = self.most_live_codes else { return true };
        let live = self.live_codes.lock().unwrap_or_else(PoisonError::into_inner).get(asking.org).copied();
        live.is_none_or(|count| count < most)
            && self.of_network.has_room(&asking.network, asking.now)
            && self.of_client.has_room(&(asking.org.clone(), asking.client.clone()), asking.now)
    }

    /// Counts a code that was just opened: for the organization until the database is counted again, for client and
    /// network as long as it lives.
    pub fn count_code(&self, asking: &Asking<'_>, lifetime: Duration) {
        if self.are_on() {
            let mut live = self.live_codes.lock().unwrap_or_else(PoisonError::into_inner);
            *live.entry(asking.org.clone()).or_insert(0) += 1;
            drop(live);
            let ends = asking.now.after(lifetime);
            self.of_network.count(asking.network, asking.now, ends);
            self.of_client.count((asking.org.clone(), asking.client.clone()), asking.now, ends);
        }
    }

    /// Takes what the database has counted.
    pub fn counted(&self, counts: Vec<(OrgId, i64)>) {
        *self.live_codes.lock().unwrap_or_else(PoisonError::into_inner) = counts.into_iter().collect();
    }

    /// Forgets networks that have not been seen for a while, and who has no live code.
    pub fn forget_idle(&self, now: Timestamp) {
        self.of_network.forget_idle(now);
        self.of_client.forget_idle(now);
        if let Some(limiter) = &self.device_authorization {
            limiter.retain_recent();
            limiter.shrink_to_fit();
        }
    }
}
