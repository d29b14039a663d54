//! Posting, taking and marking letters.

use delivery::outbox::{LEASE_SPAN, Ready, lease_due, mark, post, release, renew};
use delivery::{DeviceAuthorized, Letter, SendProblem, To};
use model::id::{LetterId, OrgId};
use std::time::Duration;
use store::tables::leases::Lease;
use store::{Class, Db};
use testkit::both_engines;
use testkit::clock::TestClock;

const ADA: To<'static> = To { address: "ada@acme.example", language: model::language::Language::German };

fn letter(app_name: &str) -> Letter {
    Letter::DeviceAuthorized(DeviceAuthorized {
        user_name: "Ada".to_owned(),
        app_name: app_name.to_owned(),
        app_verified: true,
        organization: "Acme Corp".to_owned(),
        colour: None,
        org_id: OrgId::parse("acme").unwrap(),
        scopes: vec!["Know who you are".to_owned()],
        approved_at: TestClock::default().now(),
        address: "192.0.2.7".parse().unwrap(),
        program: String::new(),
    })
}

async fn posted(db: &Db, clock: &TestClock, app_name: &str) -> LetterId {
    let (letter, moment) = (letter(app_name), clock.moment());
    let post = db.write("post", Class::Durable, move |conn| post(conn, &letter, ADA, &moment));
    post.await.unwrap().into_inner()
}

async fn taken(db: &Db, clock: &TestClock, holder: &'static str) -> Option<(Lease, Vec<Ready>)> {
    let now = clock.now();
    db.write("take", Class::Durable, move |conn| lease_due(conn, holder, now, 10)).await.unwrap().into_inner()
}

async fn due(db: &Db, clock: &TestClock) -> Vec<LetterId> {
    taken(db, clock, "a").await.unwrap().1.iter().map(|ready| ready.row.id).collect()
}

type Outcome = Result<(), SendProblem>;

async fn marked(db: &Db, clock: &TestClock, lease: Lease, ready: &Ready, outcome: &Outcome) -> bool {
    let (now, row, outcome) = (clock.now(), ready.row.clone(), outcome.clone());
    let mark = db.write("mark", Class::Durable, move |conn| mark(conn, lease, &row, &outcome, now));
    mark.await.unwrap().into_inner()
}

fn failure(permanent: bool) -> Outcome {
    Err(SendProblem { permanent, server_wide: false, what: "451 later".to_owned() })
}

/// Each letter's state, attempts and last problem, by time of posting.
async fn states(db: &Db) -> Vec<String> {
    let sql = "SELECT state || ' ' || attempts || ' ' || coalesce(problem, '-') AS value FROM outbox ORDER BY id";
    db.read("states", |conn| conn.texts_by_sql(sql)).await.unwrap()
}

/// PostgreSQL tells its own time about leases, so a test moves their end instead of waiting.
async fn lapse(db: &Db) {
    let lapse = "UPDATE leases SET held_until = 0 WHERE name = 'outbox'";
    let changed = db.write("lapse", Class::Durable, move |conn| conn.changed_by_sql(lapse)).await.unwrap();
    assert_eq!(changed.into_inner(), 1);
}

both_engines! {
    async fn a_letter_is_taken_as_it_was_posted_and_once(engine: testkit::Scratch) {
        let db = engine.db();
        let clock = TestClock::default();
        assert_eq!(due(&db, &clock).await, []);
        let first = posted(&db, &clock, "first").await;
        clock.advance(Duration::from_millis(1));
        let second = posted(&db, &clock, "second").await;
        let (lease, ready) = taken(&db, &clock, "a").await.unwrap();
        let seen: Vec<_> = ready.iter().map(|ready| (ready.row.id, ready.letter.clone())).collect();
        assert_eq!(seen, [(first, letter("first")), (second, letter("second"))]);
        assert_eq!(ready[0].row.recipient, "ada@acme.example");
        assert!(marked(&db, &clock, lease, &ready[0], &Ok(())).await);
        assert_eq!(due(&db, &clock).await, [second]);
        assert_eq!(states(&db).await, ["sent 0 -", "waiting 0 -"]);
    }

    async fn a_change_that_fails_posts_no_letter(engine: testkit::Scratch) {
        let db = engine.db();
        let clock = TestClock::default();
        let moment = clock.moment();
        let failed = db.write("change", Class::Durable, move |conn| {
            post(conn, &letter("never"), ADA, &moment)?;
            conn.execute_sql("INSERT INTO no_such_table VALUES (1)")
        });
        assert!(failed.await.is_err());
        assert_eq!(due(&db, &clock).await, []);
    }

    async fn failures_are_tried_again_later_and_later_for_a_day(engine: testkit::Scratch) {
        let db = engine.db();
        let clock = TestClock::default();
        let id = posted(&db, &clock, "app").await;
        let written = clock.now();
        for (attempt, pause) in [10, 60, 300, 1_800, 7_200, 21_600, 21_600, 21_600, 12_230].into_iter().enumerate() {
            let (lease, ready) = taken(&db, &clock, "a").await.unwrap();
            assert_eq!(ready.len(), 1, "try {attempt}");
            assert!(marked(&db, &clock, lease, &ready[0], &failure(false)).await);
            assert_eq!(states(&db).await, [format!("waiting {} 451 later", attempt + 1)]);
            clock.advance(Duration::from_secs(pause) - Duration::from_millis(1));
            assert_eq!(due(&db, &clock).await, [], "not yet");
            clock.advance(Duration::from_millis(1));
        }
        assert_eq!(clock.now().since(written), Duration::from_secs(86_400));
        let (lease, ready) = taken(&db, &clock, "a").await.unwrap();
        assert_eq!(ready[0].row.id, id);
        assert!(marked(&db, &clock, lease, &ready[0], &failure(false)).await);
        assert_eq!(states(&db).await, ["dead 10 451 later"]);
        clock.advance(Duration::from_secs(86_400));
        assert_eq!(due(&db, &clock).await, []);
    }

    async fn a_refusal_for_good_ends_it_at_once(engine: testkit::Scratch) {
        let db = engine.db();
        let clock = TestClock::default();
        posted(&db, &clock, "app").await;
        let (lease, ready) = taken(&db, &clock, "a").await.unwrap();
        assert!(marked(&db, &clock, lease, &ready[0], &failure(true)).await);
        assert_eq!(states(&db).await, ["dead 1 451 later"]);
        assert!(!marked(&db, &clock, lease, &ready[0], &Ok(())).await, "what is over stays as it is");
        assert_eq!(states(&db).await, ["dead 1 451 later"]);
    }

    async fn one_node_sends_at_a_time(engine: testkit::Scratch) {
        let db = engine.db();
        let clock = TestClock::default();
        let id = posted(&db, &clock, "app").await;
        let (old, ready) = taken(&db, &clock, "a").await.unwrap();
        assert_eq!(taken(&db, &clock, "b").await, None, "a has it");
        let now = clock.now();
        let kept = db.write("renew", Class::Durable, move |conn| renew(conn, "a", old, now)).await.unwrap();
        assert!(kept.into_inner());
        // a falls silent, b goes on.
        lapse(&db).await;
        clock.advance(LEASE_SPAN);
        let (new, again) = taken(&db, &clock, "b").await.unwrap();
        assert_eq!(again.iter().map(|ready| ready.row.id).collect::<Vec<_>>(), [id]);
        for outcome in [Ok(()), failure(false), failure(true)] {
            assert!(!marked(&db, &clock, old, &ready[0], &outcome).await, "a's word counts no more");
        }
        assert_eq!(states(&db).await, ["waiting 0 -"]);
        let now = clock.now();
        let kept = db.write("renew", Class::Durable, move |conn| renew(conn, "a", old, now)).await.unwrap();
        assert!(!kept.into_inner());
        assert!(marked(&db, &clock, new, &again[0], &Ok(())).await);
        assert_eq!(states(&db).await, ["sent 0 -"]);
    }

    async fn who_gives_it_back_keeps_nobody_waiting(engine: testkit::Scratch) {
        let db = engine.db();
        let clock = TestClock::default();
        let (old, _) = taken(&db, &clock, "a").await.unwrap();
        let give_back = |lease| db.write("release", Class::Durable, move |conn| release(conn, lease));
        give_back(old).await.unwrap();
        let (new, _) = taken(&db, &clock, "b").await.unwrap();
        assert_ne!(old, new);
        give_back(old).await.unwrap();
        assert_eq!(taken(&db, &clock, "a").await, None, "a gives back only what is a's");
    }

    async fn a_letter_that_can_not_be_read_keeps_none_waiting(engine: testkit::Scratch) {
        let db = engine.db();
        let clock = TestClock::default();
        posted(&db, &clock, "from the future").await;
        let newer = r#"UPDATE outbox SET letter = 'later', payload = '{"letter":"later"}'"#;
        db.write("newer", Class::Durable, move |conn| conn.changed_by_sql(newer)).await.unwrap();
        clock.advance(Duration::from_millis(1));
        let readable = posted(&db, &clock, "app").await;
        assert_eq!(due(&db, &clock).await, [readable]);
        assert_eq!(states(&db).await, ["waiting 1 this version can't read it", "waiting 0 -"]);
    }

    async fn a_mark_and_the_next_holder_do_not_cross(engine: testkit::Scratch) {
        let db = engine.db();
        let clock = TestClock::default();
        for round in 0..20 {
            posted(&db, &clock, "app").await;
            let (lease, ready) = taken(&db, &clock, "a").await.unwrap();
            lapse(&db).await;
            let mark = {
                let (db, clock) = (db.clone(), clock.clone());
                tokio::spawn(async move { marked(&db, &clock, lease, &ready[0], &Ok(())).await })
            };
            let take = {
                let (db, clock) = (db.clone(), clock.clone());
                tokio::spawn(async move { taken(&db, &clock, "b").await })
            };
            let (noted, (next, seen)) = (mark.await.unwrap(), take.await.unwrap().unwrap());
            assert_eq!(noted, seen.is_empty(), "round {round}: either a's mark counts, or b sees the letter");
            for ready in &seen {
                assert!(marked(&db, &clock, next, ready, &Ok(())).await);
            }
            lapse(&db).await;
        }
    }
}
