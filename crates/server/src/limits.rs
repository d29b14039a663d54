//! Limits that one node keeps in memory: request rates per network, live codes per organization, client and network.
//! What guards secrets is durable and elsewhere.

use crate::config::{LimitsSwitch, Rates};
use crate::live_grants::LiveGrants;
use governor::clock::{Clock as _, DefaultClock};
use governor::{DefaultKeyedRateLimiter, Quota, RateLimiter};
use model::context::Network;
use model::id::{ClientId, OrgId, UserId};
use model::time::Timestamp;
use std::collections::HashMap;
use std::hash::Hash;
use std::num::NonZeroU32;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

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

fn count<K: Hash + Eq + Clone>(limiter: Option<&DefaultKeyedRateLimiter<K>>, asker: &K) -> Result<(), Duration> {
    limiter.map_or(Ok(()), |limiter| {
        limiter.check_key(asker).map_err(|not_until| not_until.wait_time_from(DefaultClock::default().now()))
    })
}

/// The limits of one node.
pub struct Limits {
    device_authorization: Option<DefaultKeyedRateLimiter<Network>>,
    waiting_codes: Option<DefaultKeyedRateLimiter<Network>>,
    unregistered_codes: Option<DefaultKeyedRateLimiter<Network>>,
    decisions: Option<DefaultKeyedRateLimiter<UserId>>,
    most_live_codes: Option<i64>,
    of_client: LiveGrants<(OrgId, ClientId)>,
    of_network: LiveGrants<Network>,
    live_codes: Mutex<HashMap<OrgId, OfOrganization>>,
}

/// The live codes of an organization: those that the database has counted and that were opened since, and those that are
/// about to be opened.
#[derive(Default)]
struct OfOrganization {
    live: i64,
    reserved: i64,
}

/// Room for one more code. Given back where it is dropped before it is kept.
#[must_use]
pub struct Reservation<'a> {
    limits: &'a Limits,
    client: (OrgId, ClientId),
    network: Network,
    now: Timestamp,
    settled: bool,
}

impl Reservation<'_> {
    /// The code is opened: it counts for the organization until the database is counted again, for client and network as
    /// long as it lives.
    pub fn keep(mut self, lifetime: Duration) {
        self.settled = true;
        if self.limits.are_on() {
            let ends = self.now.after(lifetime);
            self.limits.organization(&self.client.0, |open| {
                open.reserved -= 1;
                open.live += 1;
            });
            self.limits.of_network.keep(&self.network, ends);
            self.limits.of_client.keep(&self.client, ends);
        }
    }
}

impl Drop for Reservation<'_> {
    fn drop(&mut self) {
        if self.limits.are_on() && !self.settled {
            self.limits.organization(&self.client.0, |open| open.reserved -= 1);
            self.limits.of_network.release(&self.network);
            self.limits.of_client.release(&self.client);
        }
    }
}

impl Limits {
    /// Limits with these numbers; none where they are switched off.
    pub fn new(switch: LimitsSwitch, rates: &Rates) -> Self {
        let on = switch.are_on();
        let per_minute = |most: u32| NonZeroU32::new(most).filter(|_| on).map(Quota::per_minute);
        let quota = per_minute(rates.device_authorization_per_minute);
        Self {
            device_authorization: quota.map(RateLimiter::keyed),
            waiting_codes: quota.map(RateLimiter::keyed),
            unregistered_codes: per_minute(rates.unregistered_codes_per_minute).map(RateLimiter::keyed),
            decisions: per_minute(rates.decisions_per_minute).map(RateLimiter::keyed),
            most_live_codes: on.then_some(i64::from(rates.live_codes_per_organization)),
            of_client: LiveGrants::new(rates.live_codes_per_client.unwrap_or(rates.live_codes_per_organization)),
            of_network: LiveGrants::new(rates.live_codes_per_network),
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
        count(self.device_authorization.as_ref(), &network)
    }

    /// Counts a code that somebody typed before signing in. No network types more than it may ask for.
    ///
    /// # Errors
    /// How long to wait, where there were too many from this network.
    pub fn waiting_code(&self, network: Network) -> Result<(), Duration> {
        count(self.waiting_codes.as_ref(), &network)
    }

    /// Counts a request for a code by a program that nobody registered.
    ///
    /// # Errors
    /// How long to wait, where there were too many from this network.
    pub fn unregistered_code(&self, network: Network) -> Result<(), Duration> {
        count(self.unregistered_codes.as_ref(), &network)
    }

    /// Counts an approval that a user asks for by the interface for programs' own pages.
    ///
    /// # Errors
    /// How long to wait, where there were too many by this user.
    pub fn decision(&self, user: UserId) -> Result<(), Duration> {
        count(self.decisions.as_ref(), &user)
    }

    /// Takes room for one more live code of organization, client and network, before it is opened: looking first and
    /// counting afterwards would let in as many as ask meanwhile. Nothing where one of them has no room.
    pub fn reserve(&self, asking: &Asking<'_>) -> Option<Reservation<'_>> {
        let (client, network, now) = ((asking.org.clone(), asking.client.clone()), asking.network, asking.now);
        if let Some(most) = self.most_live_codes {
            let take = |open: &mut OfOrganization| {
                let room = open.live + open.reserved < most;
                open.reserved += i64::from(room);
                room
            };
            if !self.organization(asking.org, take) {
                return None;
            }
            if !self.of_network.reserve(network, now) {
                self.organization(asking.org, |open| open.reserved -= 1);
                return None;
            }
            if !self.of_client.reserve(client.clone(), now) {
                self.organization(asking.org, |open| open.reserved -= 1);
                self.of_network.release(&network);
                return None;
            }
        }
        Some(Reservation { limits: self, client, network, now, settled: false })
    }

    /// Looks at what an organization has open. One of which nothing is left is forgotten: anybody may ask for a code of
    /// an organization that does not exist.
    fn organization<T>(&self, org: &OrgId, look: impl FnOnce(&mut OfOrganization) -> T) -> T {
        let mut all = self.live_codes.lock().unwrap_or_else(PoisonError::into_inner);
        let open = all.entry(org.clone()).or_default();
        let seen = look(open);
        if open.live == 0 && open.reserved == 0 {
            all.remove(org);
        }
        seen
    }

    /// Takes what the database has counted.
    pub fn counted(&self, counts: Vec<(OrgId, i64)>) {
        let mut all = self.live_codes.lock().unwrap_or_else(PoisonError::into_inner);
        for open in all.values_mut() {
            open.live = 0;
        }
        for (org, live) in counts {
            all.entry(org).or_default().live = live;
        }
        all.retain(|_, open| open.live > 0 || open.reserved > 0);
    }

    /// Forgets networks that have not been seen for a while, and who has no live code.
    pub fn forget_idle(&self, now: Timestamp) {
        self.of_network.forget_idle(now);
        self.of_client.forget_idle(now);
        if let Some(limiter) = &self.decisions {
            limiter.retain_recent();
            limiter.shrink_to_fit();
        }
        let by_network = [&self.device_authorization, &self.waiting_codes, &self.unregistered_codes];
        for limiter in by_network.into_iter().flatten() {
            limiter.retain_recent();
            limiter.shrink_to_fit();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::net::{IpAddr, Ipv4Addr};

    const NOW: Timestamp = Timestamp::from_seconds(1_800_000_000);

    #[test]
    fn room_is_taken_beforehand_and_given_back() {
        let (acme, beta) = (OrgId::parse("acme").unwrap(), OrgId::parse("beta").unwrap());
        let (client, other) = (ClientId::from_wire("a"), ClientId::from_wire("b"));
        let network = Network::of(IpAddr::V4(Ipv4Addr::LOCALHOST));
        let rates = Rates { live_codes_per_organization: 3, live_codes_per_client: Some(2), ..Rates::default() };
        let limits = Limits::new(LimitsSwitch::On, &rates);
        let reserve = |org, client| limits.reserve(&Asking { org, client, network, now: NOW });
        let (first, second) = (reserve(&acme, &client).unwrap(), reserve(&acme, &client).unwrap());
        assert!(reserve(&acme, &client).is_none(), "the client's two are taken");
        let third = reserve(&acme, &other).unwrap();
        assert!(reserve(&acme, &other).is_none(), "the organization's three are taken");
        let _ = reserve(&beta, &client).unwrap();
        drop(first);
        let first = reserve(&acme, &client).unwrap();
        limits.counted(Vec::new());
        assert!(reserve(&acme, &client).is_none(), "a count of the database leaves what is reserved");
        for taken in [first, second, third] {
            taken.keep(Duration::from_secs(600));
        }
        assert!(reserve(&acme, &other).is_none());
        limits.counted(vec![(acme.clone(), 1)]);
        drop(reserve(&acme, &other).unwrap());
        assert!(reserve(&acme, &client).is_none(), "the client's live on");
        limits.counted(Vec::new());
        assert!(limits.live_codes.lock().unwrap().is_empty());
        let off = Limits::new(LimitsSwitch::Off, &rates);
        let many: Vec<_> =
            (0..9).map(|_| off.reserve(&Asking { org: &acme, client: &client, network, now: NOW })).collect();
        assert!(many.iter().all(Option::is_some));
    }
}
