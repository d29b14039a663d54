//! The machine's table, and random event sequences against the invariants.

use super::*;
use crate::moment::RandomSource;
use crate::terms::{OrgBinding, TokenProfile};
use crate::user_code::UserCodeFormat;
use proptest::prelude::*;
use std::net::IpAddr;
use std::sync::Arc;
use uuid::Uuid;

struct Ones;

impl RandomSource for Ones {
    fn fill(&self, bytes: &mut [u8]) {
        bytes.fill(1);
    }
}

const START: Timestamp = Timestamp::from_seconds(1_000_000);

fn user(n: u8) -> UserId {
    UserId::from_uuid(Uuid::from_u128(u128::from(n)))
}

fn acme() -> OrgId {
    OrgId::parse("acme").unwrap()
}

fn scopes(text: &str) -> Scopes {
    Scopes::parse(text).unwrap()
}

fn opened() -> Grant {
    let terms = GrantTerms {
        profile: TokenProfile::Jwt,
        binding: OrgBinding::Fixed(acme()),
        backoff: Backoff::AddFive,
        interval: Duration::from_secs(5),
        lifetime: Duration::from_secs(1800),
        scopes: scopes("a b c"),
        resources: Vec::new(),
        code_challenge: None,
        user_code_format: UserCodeFormat::FourFour,
    };
    let origin = Origin::new(IpAddr::from([127, 0, 0, 1]), "curl");
    Grant::open(
        &Moment::new(START, Arc::new(Ones)),
        (acme(), ApplicationId::from_uuid(Uuid::from_u128(9))),
        None,
        terms,
        origin,
    )
}

fn claim(by: u8, at: Timestamp) -> Claim {
    Claim { by: user(by), at, sealed_code: vec![1] }
}

fn approval(by: u8, at: Timestamp) -> Approval {
    Approval { by: user(by), org_id: acme(), scopes: scopes("a b x"), at, auth_time: at }
}

fn approved() -> Grant {
    opened().claim(claim(1, START)).unwrap().approve(approval(1, START)).unwrap()
}

fn later(seconds: u64) -> Timestamp {
    START.after(Duration::from_secs(seconds))
}

#[test]
fn a_poll_is_too_fast_only_against_the_one_before() {
    let grant = opened();
    let five = Duration::from_secs(5);
    assert_eq!(grant.poll_facts().poll(START, None, five), PollOutcome::Pending);
    assert_eq!(grant.poll_facts().poll(later(1), Some(START), five), PollOutcome::TooFast(Duration::from_secs(10)));
    let tolerated = START.after(Duration::from_millis(4500));
    assert_eq!(grant.poll_facts().poll(tolerated, Some(START), five), PollOutcome::Pending);
    assert_eq!(
        grant.poll_facts().poll(tolerated.before(Duration::from_millis(1)), Some(START), five),
        PollOutcome::TooFast(Duration::from_secs(10))
    );
    // What this node remembers counts where it is longer than what is stored.
    assert_eq!(
        grant.poll_facts().poll(later(6), Some(START), Duration::from_secs(10)),
        PollOutcome::TooFast(Duration::from_secs(15))
    );
}

#[test]
fn outcomes_are_decided_in_order() {
    let five = Duration::from_secs(5);
    let (redeemed, _) = approved().redeem(Some(&scopes("a b c")), later(1)).unwrap();
    assert_eq!(redeemed.poll_facts().poll(later(2000), Some(later(2000)), five), PollOutcome::AlreadyRedeemed);
    let denied = opened().claim(claim(1, START)).unwrap().deny(user(1), START).unwrap();
    assert_eq!(denied.poll_facts().poll(later(2000), Some(later(2000)), five), PollOutcome::Denied);
    assert_eq!(approved().poll_facts().poll(later(1800), Some(later(1800)), five), PollOutcome::Expired);
    assert_eq!(
        approved().poll_facts().poll(later(1), Some(START), five),
        PollOutcome::TooFast(Duration::from_secs(10))
    );
    assert_eq!(approved().poll_facts().poll(later(6), Some(START), five), PollOutcome::Approved);
}

#[test]
fn a_claimed_code_is_nobody_elses() {
    let grant = opened().claim(claim(1, START)).unwrap();
    assert_eq!(grant.clone().claim(claim(2, START)), Err(NotClaimable));
    assert!(grant.clone().claim(claim(1, later(3))).is_ok());
    assert_eq!(grant.clone().approve(approval(2, START)), Err(NotDecidable::NotYours));
    assert_eq!(grant.clone().deny(user(2), START), Err(NotDecidable::NotYours));
    assert_eq!(grant.clone().release(user(2), START), Err(NotDecidable::NotYours));
    let released = grant.release(user(1), START).unwrap();
    assert!(released.claim(claim(2, START)).is_ok());
}

#[test]
fn an_unclaimed_grant_is_not_decided() {
    assert_eq!(opened().approve(approval(1, START)), Err(NotDecidable::NotYours));
    assert_eq!(opened().deny(user(1), START), Err(NotDecidable::NotYours));
}

#[test]
fn another_organization_is_refused() {
    let other = Approval { org_id: OrgId::parse("beta").unwrap(), ..approval(1, START) };
    assert_eq!(opened().claim(claim(1, START)).unwrap().approve(other), Err(NotDecidable::WrongOrganization));
}

#[test]
fn what_is_issued_is_asked_for_approved_and_still_allowed() {
    let (_, issued) = approved().redeem(Some(&scopes("b c")), later(1)).unwrap();
    assert_eq!(issued.scopes, scopes("b"));
    assert_eq!(approved().redeem(None, later(1)), Err(NotRedeemable::NoLongerEntitled));
    assert_eq!(approved().redeem(Some(&scopes("a")), later(1800)), Err(NotRedeemable::NotApproved));
}

#[derive(Clone, Debug)]
enum Event {
    Claim(u8),
    Release(u8),
    Approve(u8, bool),
    Deny(u8),
    Redeem(bool),
    Poll,
    Wait(u64),
}

fn events() -> impl Strategy<Value = Vec<Event>> {
    let event = prop_oneof![
        (1u8..4).prop_map(Event::Claim),
        (1u8..4).prop_map(Event::Release),
        (1u8..4, any::<bool>()).prop_map(|(by, home)| Event::Approve(by, home)),
        (1u8..4).prop_map(Event::Deny),
        any::<bool>().prop_map(Event::Redeem),
        Just(Event::Poll),
        (0u64..400).prop_map(Event::Wait),
    ];
    proptest::collection::vec(event, 1..60)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2000))]

    /// Invariants 1 to 5 on any sequence of events: at most one redemption, none without an approval by the claimant,
    /// nothing beyond what was asked, approved and allowed, and no way out of denied, redeemed, expired.
    #[test]
    fn invariants_hold_for_any_sequence(events in events()) {
        let mut grant = opened();
        let (mut now, mut previous, mut redemptions) = (START, None, 0);
        let allowed = scopes("a c x");
        for event in events {
            let before = grant.clone();
            let finished = matches!(before.state, GrantState::Denied { .. } | GrantState::Redeemed { .. }) || before.is_expired(now);
            match event {
                Event::Claim(by) => if let Ok(next) = grant.clone().claim(claim(by, now)) {
                    prop_assert!(before.claimant().is_none_or(|claimant| claimant == user(by)));
                    grant = next;
                },
                Event::Release(by) => if let Ok(next) = grant.clone().release(user(by), now) {
                    prop_assert_eq!(before.claimant(), Some(user(by)));
                    grant = next;
                },
                Event::Approve(by, home) => {
                    let org_id = if home { acme() } else { OrgId::parse("beta").unwrap() };
                    if let Ok(next) = grant.clone().approve(Approval { org_id, ..approval(by, now) }) {
                        prop_assert!(home && before.claimant() == Some(user(by)));
                        let GrantState::Approved(given) = &next.state else { panic!("approved") };
                        prop_assert!(given.scopes.within(&before.terms.scopes) && given.org_id == before.org_id);
                        grant = next;
                    }
                }
                Event::Deny(by) => if let Ok(next) = grant.clone().deny(user(by), now) {
                    prop_assert_eq!(before.claimant(), Some(user(by)));
                    grant = next;
                },
                Event::Redeem(entitled) => if let Ok((next, issued)) = grant.clone().redeem(entitled.then_some(&allowed), now) {
                    redemptions += 1;
                    let GrantState::Approved(given) = &before.state else { panic!("redeemed without approval") };
                    prop_assert!(entitled && issued.scopes.within(&given.scopes) && issued.scopes.within(&allowed));
                    prop_assert_eq!(&issued.by, &given.by);
                    grant = next;
                },
                Event::Poll => {
                    let outcome = grant.poll_facts().poll(now, previous, Duration::from_secs(5));
                    if !matches!(outcome, PollOutcome::TooFast(_)) { previous = Some(now); }
                    if outcome == PollOutcome::Approved {
                        prop_assert!(matches!(grant.state, GrantState::Approved(_)) && !grant.is_expired(now));
                    }
                }
                Event::Wait(seconds) => now = now.after(Duration::from_secs(seconds)),
            }
            if finished {
                prop_assert_eq!(&grant.state, &before.state);
            }
            prop_assert_eq!(grant.expires_at, before.expires_at);
            prop_assert!(redemptions <= 1);
        }
    }

    /// Invariant 15: approved at least one interval before expiry, a device that polls at its interval gets its answer.
    #[test]
    fn a_patient_device_is_answered(approved_at in 0u64..1790, phase in 0u64..5) {
        let mut grant = opened().claim(claim(1, START)).unwrap();
        let (mut previous, mut now, mut answered) = (None, later(phase), false);
        while !grant.is_expired(now) {
            if now >= later(approved_at) && grant.claimant().is_some() {
                grant = grant.approve(approval(1, now)).unwrap();
            }
            match grant.poll_facts().poll(now, previous, Duration::from_secs(5)) {
                PollOutcome::Approved => { answered = true; break; }
                outcome => prop_assert_eq!(outcome, PollOutcome::Pending),
            }
            previous = Some(now);
            now = now.after(Duration::from_secs(5));
        }
        prop_assert!(answered);
    }
}
