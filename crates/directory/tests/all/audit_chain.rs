//! Sealing the audit log and finding what was done to it.

use directory::audit_chain::{BATCH, Flaw, Verdict, seal, verify};
use model::audit::{Action, Actor, AuditEntry};
use model::id::OrgId;
use std::time::Duration;
use store::tables::audit;
use store::{Class, Db};
use testkit::both_engines;
use testkit::clock::TestClock;

const SECOND: Duration = Duration::from_secs(1);

fn org(name: &str) -> OrgId {
    OrgId::parse(name).unwrap()
}

/// Writes `count` rows, one a millisecond.
async fn log(db: &Db, clock: &TestClock, org: Option<&OrgId>, count: usize) {
    let entries: Vec<_> = (0..count)
        .map(|number| {
            clock.advance(Duration::from_millis(1));
            AuditEntry::new(&clock.moment(), org, Actor::Operator, Action::ApplicationChanged, number).with("n", number)
        })
        .collect();
    db.write("log", Class::Durable, move |conn| entries.iter().try_for_each(|entry| audit::insert(conn, entry)))
        .await
        .unwrap();
}

async fn sealed_by(db: &Db, clock: &TestClock, holder: &'static str, most: usize) -> usize {
    let now = clock.now();
    db.write("seal", Class::Durable, move |conn| seal(conn, holder, now, most)).await.unwrap().into_inner()
}

async fn verdict(db: &Db, org: Option<&OrgId>) -> Verdict {
    let org = org.cloned();
    db.snapshot("verify", move |conn| verify(conn, org.as_ref())).await.unwrap()
}

async fn sql(db: &Db, statement: &'static str) {
    let changed = db.write("tamper", Class::Durable, move |conn| conn.changed_by_sql(statement)).await.unwrap();
    assert!(changed.into_inner() > 0, "{statement}");
}

fn rows(verdict: Verdict) -> i64 {
    match verdict {
        Verdict::Verified { rows, .. } => rows,
        Verdict::Broken { .. } => panic!("{verdict:?}"),
    }
}

/// A chain of ten rows in acme.
async fn chain_of_ten(db: &Db) -> TestClock {
    let clock = TestClock::default();
    log(db, &clock, Some(&org("acme")), 10).await;
    clock.advance(2 * SECOND);
    assert_eq!(sealed_by(db, &clock, "a", BATCH).await, 10);
    assert_eq!(rows(verdict(db, Some(&org("acme"))).await), 10);
    clock
}

both_engines! {
    async fn a_chain_goes_on_where_it_ended(engine: testkit::Scratch) {
        let db = engine.db();
        let clock = TestClock::default();
        let (acme, beta) = (org("acme"), org("beta"));
        for round in 1..=3 {
            log(&db, &clock, Some(&acme), 3).await;
            log(&db, &clock, Some(&beta), 1).await;
            log(&db, &clock, None, 2).await;
            clock.advance(2 * SECOND);
            assert_eq!(sealed_by(&db, &clock, "a", BATCH).await, 6);
            assert_eq!(rows(verdict(&db, Some(&acme)).await), 3 * round);
            assert_eq!(rows(verdict(&db, Some(&beta)).await), round);
            assert_eq!(rows(verdict(&db, None).await), 2 * round);
        }
        assert_eq!(sealed_by(&db, &clock, "a", BATCH).await, 0);
        assert_eq!(rows(verdict(&db, Some(&org("gamma"))).await), 0);
        let order = "SELECT org_id AS value FROM (SELECT org_id, row_number() OVER (PARTITION BY org_id ORDER BY id) AS turn, position FROM audit) AS places WHERE turn <> position";
        let out_of_order = db.read("order", move |conn| conn.texts_by_sql(order)).await.unwrap();
        assert!(out_of_order.is_empty(), "the order of time: {out_of_order:?}");
    }

    async fn only_what_has_settled_is_sealed(engine: testkit::Scratch) {
        let db = engine.db();
        let clock = TestClock::default();
        log(&db, &clock, None, 2).await;
        clock.advance(Duration::from_millis(1999));
        assert_eq!(sealed_by(&db, &clock, "a", BATCH).await, 1, "one is 2 s old, the other a millisecond younger");
        clock.advance(Duration::from_millis(1));
        assert_eq!(sealed_by(&db, &clock, "a", BATCH).await, 1);
        assert_eq!(rows(verdict(&db, None).await), 2);
    }

    async fn a_row_that_came_late_follows_its_successors(engine: testkit::Scratch) {
        let db = engine.db();
        let clock = chain_of_ten(&db).await;
        let late = TestClock::new(clock.now().before(60 * SECOND), 9);
        log(&db, &late, Some(&org("acme")), 1).await;
        assert_eq!(sealed_by(&db, &clock, "a", BATCH).await, 1);
        assert_eq!(rows(verdict(&db, Some(&org("acme"))).await), 11);
    }

    async fn a_busy_log_leaves_room_for_the_others(engine: testkit::Scratch) {
        let db = engine.db();
        let clock = TestClock::default();
        let (acme, beta) = (org("acme"), org("beta"));
        log(&db, &clock, Some(&acme), 30).await;
        log(&db, &clock, Some(&beta), 3).await;
        clock.advance(2 * SECOND);
        assert_eq!(sealed_by(&db, &clock, "a", 20).await, 20);
        assert_eq!(rows(verdict(&db, Some(&beta)).await), 3);
        assert_eq!(rows(verdict(&db, Some(&acme)).await), 17, "what beta left of its share");
        assert_eq!(sealed_by(&db, &clock, "a", 20).await, 13);
        assert_eq!(rows(verdict(&db, Some(&acme)).await), 30);
    }

    async fn one_node_seals_at_a_time(engine: testkit::Scratch) {
        let db = engine.db();
        let clock = chain_of_ten(&db).await;
        log(&db, &clock, Some(&org("acme")), 1).await;
        clock.advance(2 * SECOND);
        assert_eq!(sealed_by(&db, &clock, "b", BATCH).await, 0, "a holds the lease");
        assert_eq!(sealed_by(&db, &clock, "a", BATCH).await, 1);
    }

    async fn nodes_that_seal_at_once_make_one_chain(engine: testkit::Scratch) {
        let db = engine.db();
        let clock = TestClock::default();
        log(&db, &clock, Some(&org("acme")), 200).await;
        clock.advance(2 * SECOND);
        let tasks: Vec<_> = ["a", "b", "c", "d"]
            .into_iter()
            .map(|holder| {
                let (db, clock) = (db.clone(), clock.clone());
                tokio::spawn(async move { sealed_by(&db, &clock, holder, 200).await })
            })
            .collect();
        let mut sealed = 0;
        for task in tasks {
            sealed += task.await.unwrap();
        }
        assert_eq!(sealed, 200);
        assert_eq!(rows(verdict(&db, Some(&org("acme"))).await), 200);
    }

    async fn a_long_chain_is_walked_in_batches(engine: testkit::Scratch) {
        let db = engine.db();
        let clock = TestClock::default();
        log(&db, &clock, None, 2_100).await;
        clock.advance(2 * SECOND);
        assert_eq!(sealed_by(&db, &clock, "a", 3_000).await, 2_100);
        assert_eq!(rows(verdict(&db, None).await), 2_100);
        sql(&db, "UPDATE audit SET object = 'x' WHERE position = 2050").await;
        assert!(matches!(verdict(&db, None).await, Verdict::Broken { position: 2_050, flaw: Flaw::Altered { .. } }));
    }

    async fn an_altered_row_is_found(engine: testkit::Scratch) {
        let db = engine.db();
        chain_of_ten(&db).await;
        for alteration in [
            "UPDATE audit SET at = at + 1 WHERE position = 4",
            "UPDATE audit SET actor = 'user:1' WHERE position = 4",
            "UPDATE audit SET action = 'grant.denied' WHERE position = 4",
            "UPDATE audit SET object = 'x' WHERE position = 4",
            "UPDATE audit SET address = '' WHERE position = 4",
            "UPDATE audit SET details = '{}' WHERE position = 4",
            "UPDATE audit SET hash = previous_hash WHERE position = 4",
            "UPDATE audit SET previous_hash = hash WHERE position = 4",
        ] {
            let before = "CREATE TABLE kept AS SELECT * FROM audit";
            db.write("keep", Class::Durable, move |conn| conn.execute_sql(before)).await.unwrap();
            sql(&db, alteration).await;
            let found = verdict(&db, Some(&org("acme"))).await;
            assert!(matches!(found, Verdict::Broken { position: 4, flaw: Flaw::Altered { .. } }), "{alteration}: {found:?}");
            let again = "DELETE FROM audit; INSERT INTO audit SELECT * FROM kept; DROP TABLE kept";
            db.write("restore", Class::Durable, move |conn| conn.execute_sql(again)).await.unwrap();
        }
        assert_eq!(rows(verdict(&db, Some(&org("acme"))).await), 10);
    }

    async fn a_deleted_row_is_found(engine: testkit::Scratch) {
        let db = engine.db();
        chain_of_ten(&db).await;
        sql(&db, "DELETE FROM audit WHERE position = 6").await;
        let gap = verdict(&db, Some(&org("acme"))).await;
        assert_eq!(gap, Verdict::Broken { position: 6, flaw: Flaw::Missing });
        // Closing the gap does not help: a row's place is in its hash.
        for position in 7..=10 {
            let closed = format!("UPDATE audit SET position = position - 1 WHERE position = {position}");
            db.write("renumber", Class::Durable, move |conn| conn.execute_sql(&closed)).await.unwrap();
        }
        let closed = verdict(&db, Some(&org("acme"))).await;
        assert!(matches!(closed, Verdict::Broken { position: 6, flaw: Flaw::Altered { .. } }), "{closed:?}");
    }

    async fn the_first_row_can_not_be_deleted_either(engine: testkit::Scratch) {
        let db = engine.db();
        chain_of_ten(&db).await;
        sql(&db, "DELETE FROM audit WHERE position = 1").await;
        assert_eq!(verdict(&db, Some(&org("acme"))).await, Verdict::Broken { position: 1, flaw: Flaw::Missing });
    }

    async fn rows_in_another_order_are_found(engine: testkit::Scratch) {
        let db = engine.db();
        chain_of_ten(&db).await;
        for (from, to) in [(3, 100), (4, 3), (100, 4)] {
            let moved = format!("UPDATE audit SET position = {to} WHERE position = {from}");
            db.write("move", Class::Durable, move |conn| conn.execute_sql(&moved)).await.unwrap();
        }
        let found = verdict(&db, Some(&org("acme"))).await;
        assert!(matches!(found, Verdict::Broken { position: 3, flaw: Flaw::Altered { .. } }), "{found:?}");
    }

    async fn a_chain_that_was_cut_shorter_has_another_end(engine: testkit::Scratch) {
        let db = engine.db();
        chain_of_ten(&db).await;
        let Verdict::Verified { end: noted, .. } = verdict(&db, Some(&org("acme"))).await else { panic!("verified") };
        sql(&db, "DELETE FROM audit WHERE position = 10").await;
        let Verdict::Verified { rows: 9, end } = verdict(&db, Some(&org("acme"))).await else { panic!("nine") };
        assert_ne!(end, noted);
    }
}
