//! Limits that one node keeps in memory: request rates per network, live codes per organization. What guards secrets is
//! durable and elsewhere.

use governor::clock::{Clock as _, DefaultClock};
use governor::{DefaultKeyedRateLimiter, Quota, RateLimiter};
use model::context::Network;
use model::id::OrgId;
use std::collections::HashMap;
use std::num::NonZeroU32;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

/// The limits of one node.
pub struct Limits {
    device_authorization: Option<DefaultKeyedRateLimiter<Network>>,
    most_live_codes: Option<i64>,
    live_codes: Mutex<HashMap<OrgId, i64>>,
}

impl Limits {
    /// Limits with these numbers; none where they are switched off.
    pub fn new(on: bool, device_authorization_per_minute: u32, most_live_codes: u32) -> Self {
        let quota = NonZeroU32::new(device_authorization_per_minute).filter(|_| on).map(Quota::per_minute);
        Self {
            device_authorization: quota.map(RateLimiter::keyed),
            most_live_codes: on.then_some(i64::from(most_live_codes)),
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

    /// Whether an organization has room for one more live code.
    pub fn has_room(&self, org: &OrgId) -> bool {
        let live = self.live_codes.lock().unwrap_or_else(PoisonError::into_inner);
        self.most_live_codes.is_none_or(|most| live.get(org).is_none_or(|count| *count < most))
    }

    /// Counts a code that was just opened, until the database is counted again.
    pub fn count_code(&self, org: &OrgId) {
        if self.are_on() {
            *self.live_codes.lock().unwrap_or_else(PoisonError::into_inner).entry(org.clone()).or_insert(0) += 1;
        }
    }

    /// Takes what the database has counted.
    pub fn counted(&self, counts: Vec<(OrgId, i64)>) {
        *self.live_codes.lock().unwrap_or_else(PoisonError::into_inner) = counts.into_iter().collect();
    }

    /// Forgets networks that have not been seen for a while.
    pub fn forget_idle(&self) {
        if let Some(limiter) = &self.device_authorization {
            limiter.retain_recent();
            limiter.shrink_to_fit();
        }
    }
}
