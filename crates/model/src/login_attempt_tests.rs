use super::*;
use proptest::prelude::*;
use std::net::{IpAddr, Ipv4Addr};

const NUMBER: u8 = 42;

fn at(seconds: i64) -> Timestamp {
    Timestamp::from_seconds(1_793_631_600 + seconds)
}

fn attempt(state: AttemptState) -> LoginAttempt {
    LoginAttempt {
        id: LoginAttemptId::from_uuid(Uuid::from_u128(7)),
        user_id: UserId::from_uuid(Uuid::from_u128(1)),
        browser: Digest::from_bytes([1; 32]),
        known_device: None,
        origin: Origin::new(IpAddr::V4(Ipv4Addr::LOCALHOST), "Firefox (Linux)"),
        onward: Onward { next: "/orgs".to_owned(), remember: false },
        entrance: Entrance::Account,
        credentials_changed_at: at(-60),
        created_at: at(0),
        letters: Letters { count: 1, last_at: at(0) },
        state,
    }
}

fn user() -> User {
    User {
        id: UserId::from_uuid(Uuid::from_u128(1)),
        email: "ada@acme.example".to_owned(),
        name: "Ada".to_owned(),
        email_verified_at: None,
        state: UserState::Active,
        credentials_changed_at: at(-60),
        language: None,
    }
}

const PENDING: AttemptState = AttemptState::Pending { wrong_numbers: 0 };

fn approve(number: u8) -> Answer {
    Answer::Approve { number: Some(number) }
}

#[test]
fn what_is_answered_in_time_with_the_number_is_approved_and_nothing_else() {
    let now = at(899);
    let pending = attempt(PENDING);
    assert_eq!(
        pending.answer(approve(NUMBER), NUMBER, now),
        (Some(AttemptState::Approved { at: now }), Answered::Approved)
    );
    assert_eq!(pending.answer(Answer::Deny, NUMBER, now), (Some(AttemptState::Denied { at: now }), Answered::Denied));
    let slip = Answer::Approve { number: None };
    assert_eq!(pending.answer(slip, NUMBER, now), (None, Answered::WrongNumber { left: 3 }));
    for answer in [approve(NUMBER), Answer::Deny, slip, approve(11)] {
        assert_eq!(pending.answer(answer, NUMBER, at(900)), (None, Answered::Over), "{answer:?} at the end");
        let settled = [
            AttemptState::Approved { at: at(1) },
            AttemptState::Denied { at: at(1) },
            AttemptState::Ended { at: at(1) },
            AttemptState::Completed { at: at(1) },
        ];
        for state in settled {
            assert_eq!(attempt(state).answer(answer, NUMBER, at(2)), (None, Answered::Over), "{answer:?} {state:?}");
        }
    }
}

#[test]
fn the_third_wrong_number_ends_it() {
    let mut now = attempt(PENDING);
    for left in [2, 1] {
        let (next, answered) = now.answer(approve(NUMBER + 1), NUMBER, at(5));
        assert_eq!(answered, Answered::WrongNumber { left });
        now.state = next.unwrap();
    }
    assert_eq!(
        now.answer(approve(NUMBER - 1), NUMBER, at(5)),
        (Some(AttemptState::Ended { at: at(5) }), Answered::Ended)
    );
    assert_eq!(
        now.answer(approve(NUMBER), NUMBER, at(5)).1,
        Answered::Approved,
        "after two the right one still counts"
    );
}

#[test]
fn only_an_approved_attempt_of_an_account_that_has_not_changed_completes() {
    let approved = attempt(AttemptState::Approved { at: at(5) });
    assert_eq!(approved.completes(&user(), at(899)), Completes::Now);
    assert_eq!(approved.completes(&user(), at(900)), Completes::Never);
    assert_eq!(attempt(PENDING).completes(&user(), at(899)), Completes::Waits);
    assert_eq!(attempt(PENDING).completes(&user(), at(900)), Completes::Never);
    for state in
        [AttemptState::Denied { at: at(1) }, AttemptState::Ended { at: at(1) }, AttemptState::Completed { at: at(1) }]
    {
        assert_eq!(attempt(state).completes(&user(), at(5)), Completes::Never, "{state:?}");
    }
    let changed = [
        User { state: UserState::Disabled, ..user() },
        User { credentials_changed_at: at(1), ..user() },
        User { id: UserId::from_uuid(Uuid::from_u128(2)), ..user() },
    ];
    for user in changed {
        assert_eq!(approved.completes(&user, at(5)), Completes::Never, "{user:?}");
    }
}

#[test]
fn three_letters_at_most_a_minute_apart_and_none_after_the_answer() {
    let mut pending = attempt(PENDING);
    assert!(!pending.may_write(at(59)) && pending.may_write(at(60)) && !pending.may_write(at(900)));
    pending.letters = Letters { count: 3, last_at: at(0) };
    assert!(!pending.may_write(at(600)));
    assert!(!attempt(AttemptState::Approved { at: at(1) }).may_write(at(600)));
}

#[test]
fn a_link_permits_one_thing_about_one_attempt_and_can_t_be_made_without_the_key() {
    let keys = Keyring::new(Key::from_bytes([3; 32]));
    let id = attempt(PENDING).id;
    for capability in [Capability::Approve, Capability::Deny] {
        let token = capability.token(&keys, id);
        assert_eq!(token.expose().len(), 64);
        assert_eq!(Capability::of(&keys, token.expose()), Some((capability, id)));
        assert_eq!(Capability::of(&Keyring::new(Key::from_bytes([4; 32])), token.expose()), None);
        for position in 0..64 {
            let mut changed = token.expose().clone().into_bytes();
            changed[position] = if changed[position] == b'A' { b'B' } else { b'A' };
            assert_eq!(Capability::of(&keys, &String::from_utf8(changed).unwrap()), None, "{position}");
        }
    }
    for none in ["", "x", "!", &"A".repeat(64), &"A".repeat(1000)] {
        assert_eq!(Capability::of(&keys, none), None);
    }
    assert_ne!(Capability::Approve.token(&keys, id).expose(), Capability::Deny.token(&keys, id).expose());
    assert_eq!(cookie(&keys, id).expose(), cookie(&keys, id).expose());
    assert_eq!(cookie(&keys, id).expose().len(), 43);
}

#[test]
fn numbers_have_two_digits_and_each_of_them_comes_up() {
    let keys = Keyring::new(Key::from_bytes([3; 32]));
    let drawn: std::collections::BTreeSet<u8> =
        (0..2_000u128).map(|id| number(&keys, LoginAttemptId::from_uuid(Uuid::from_u128(id)))).collect();
    assert_eq!(drawn, (10..=99).collect());
}

#[test]
fn the_strictest_policy_holds_and_an_account_has_one_first_browser() {
    use NewDevicePolicy::{Always, Off, Unknown};
    assert_eq!(NewDevicePolicy::strictest([]), Unknown);
    assert_eq!(NewDevicePolicy::strictest([Off]), Off);
    assert_eq!(NewDevicePolicy::strictest([Off, Unknown]), Unknown);
    assert_eq!(NewDevicePolicy::strictest([Always, Off, Unknown]), Always);
    let held = |policy: NewDevicePolicy| {
        [(true, true), (false, true), (false, false)].map(|(known, had_any)| policy.holds_back(known, had_any))
    };
    assert_eq!(held(Off), [false, false, false]);
    assert_eq!(held(Unknown), [false, true, false]);
    assert_eq!(held(Always), [true, true, true]);
    for policy in NewDevicePolicy::ALL {
        assert_eq!(NewDevicePolicy::parse(policy.as_str()), Some(policy));
    }
    assert_eq!(NewDevicePolicy::parse("never"), None);
}

fn events() -> impl Strategy<Value = Vec<(u32, Option<Option<u8>>)>> {
    // Seconds that pass, then: a number typed, no number, or *Deny*.
    let number = prop_oneof![Just(NUMBER), 10..100u8];
    let event = prop_oneof![number.prop_map(|number| Some(Some(number))), Just(Some(None)), Just(None)];
    prop::collection::vec((0..200u32, event), 1..12)
}

proptest! {
    /// Whatever is answered in whatever order: it is approved once at most, by its number, in time, with fewer than three
    /// wrong numbers before, and never after a denial or an end.
    #[test]
    fn an_attempt_is_approved_by_its_number_or_not_at_all(events in events()) {
        let mut attempt = attempt(PENDING);
        let (mut now, mut wrong, mut approvals, mut over) = (0, 0, 0, false);
        for (passes, event) in events {
            now += i64::from(passes);
            let answer = event.map_or(Answer::Deny, |number| Answer::Approve { number });
            let (next, answered) = attempt.answer(answer, NUMBER, at(now));
            match answered {
                Answered::Approved => {
                    prop_assert!(!over && now < 900 && wrong < 3 && event == Some(Some(NUMBER)));
                    approvals += 1;
                    over = true;
                }
                Answered::WrongNumber { left } => {
                    prop_assert!(!over && now < 900);
                    wrong += i32::from(event != Some(None));
                    prop_assert_eq!(left, 3 - wrong);
                }
                Answered::Denied => {
                    prop_assert!(!over && event.is_none());
                    over = true;
                }
                Answered::Ended => {
                    wrong += 1;
                    prop_assert!(!over && wrong == 3);
                    over = true;
                }
                Answered::Over => prop_assert!(over || now >= 900),
            }
            if let Some(next) = next {
                attempt.state = next;
            }
            let completes = attempt.completes(&user(), at(now));
            prop_assert_eq!(completes == Completes::Now, approvals == 1 && now < 900);
        }
        prop_assert!(approvals <= 1);
    }
}
