//! What holds on both engines.

use crate::support::{ids, insert, kind, notes};
use model::fault::{Fault, FaultKind};
use store::{Class, Committed};
use testkit::both_engines;

both_engines! {
    async fn a_savepoint_undoes_its_fault_and_nothing_else(engine: testkit::Scratch) {
        let db = engine.db();
        notes(&db);
        let inner = db.write("savepoints", Class::Durable, |conn| {
            conn.execute_sql("INSERT INTO notes (id) VALUES (1)")?;
            let undone: Result<(), _> = conn.savepoint(|conn| {
                conn.execute_sql("INSERT INTO notes (id) VALUES (2)")?;
                conn.savepoint(|conn| conn.execute_sql("INSERT INTO notes (id) VALUES (3)"))?;
                conn.execute_sql("INSERT INTO notes (id) VALUES (1)")
            });
            conn.savepoint(|conn| conn.execute_sql("INSERT INTO notes (id) VALUES (4)"))?;
            Ok(undone.err().map(|fault| fault.kind()))
        });
        assert_eq!(inner.await.unwrap().into_inner(), Some(FaultKind::Broken));
        assert_eq!(ids(&db).await, [1, 4]);
    }

    async fn a_savepoint_needs_a_transaction(engine: testkit::Scratch) {
        let outside = engine.db().read("outside", |conn| conn.savepoint(|_| Ok(()))).await;
        assert_eq!(kind(&outside), Some(FaultKind::Broken));
    }

    async fn whoever_was_answered_reads_the_write(engine: testkit::Scratch) {
        let db = engine.db();
        notes(&db);
        let one = |lane: i64| {
            let db = db.clone();
            tokio::spawn(async move {
                for id in (lane * 750)..((lane + 1) * 750) {
                    insert(&db, Class::Relaxed, id).await.unwrap();
                    let count = format!("SELECT count(*) AS value FROM notes WHERE id = {id}");
                    assert_eq!(db.read("mine", move |conn| conn.numbers_by_sql(&count)).await.unwrap(), [1]);
                }
            })
        };
        for lane in (0..4).map(one).collect::<Vec<_>>() {
            lane.await.unwrap();
        }
        assert_eq!(ids(&db).await.len(), 3_000);
    }

    async fn two_hundred_guarded_updates_at_once_all_count(engine: testkit::Scratch) {
        let db = engine.db();
        notes(&db);
        db.write("start", Class::Durable, |conn| conn.execute_sql("INSERT INTO notes (id, body) VALUES (1, 0)")).await.unwrap();
        let one = |_| {
            let db = db.clone();
            tokio::spawn(async move {
                // Zero rows mean that somebody was faster: decide again on what is there now.
                loop {
                    let added = db.write("add one", Class::Relaxed, |conn| {
                        let seen = conn.numbers_by_sql("SELECT body AS value FROM notes WHERE id = 1")?;
                        let seen = seen.first().copied().ok_or_else(|| Fault::broken("the note is gone"))?;
                        conn.changed_by_sql(&format!("UPDATE notes SET body = {} WHERE id = 1 AND body = {seen}", seen + 1))
                    });
                    if added.await.unwrap().into_inner() == 1 {
                        break;
                    }
                }
            })
        };
        for task in (0..200).map(one).collect::<Vec<_>>() {
            task.await.unwrap();
        }
        let sum = db.read("sum", |conn| conn.numbers_by_sql("SELECT body AS value FROM notes WHERE id = 1")).await.unwrap();
        assert_eq!(sum, [200]);
    }

    async fn a_panic_is_broken_and_ends_no_thread(engine: testkit::Scratch) {
        let db = engine.db();
        notes(&db);
        for _ in 0..10 {
            let read: Result<(), _> = db.read("panics", |_| panic!("on purpose")).await;
            assert_eq!(kind(&read), Some(FaultKind::Broken));
            let written = db.write("panics", Class::Durable, |conn| {
                conn.execute_sql("INSERT INTO notes (id) VALUES (9)")?;
                conn.savepoint(|_| -> Result<(), Fault> { panic!("on purpose") })
            });
            assert_eq!(kind(&written.await), Some(FaultKind::Broken));
        }
        insert(&db, Class::Durable, 1).await.unwrap();
        assert_eq!(ids(&db).await, [1]);
    }

    async fn a_fault_commits_nothing(engine: testkit::Scratch) {
        let db = engine.db();
        notes(&db);
        let failed: Result<Committed<()>, _> = db.write("fails", Class::Durable, |conn| {
            conn.execute_sql("INSERT INTO notes (id) VALUES (1)")?;
            Err(Fault::busy("on purpose"))
        }).await;
        assert_eq!(kind(&failed), Some(FaultKind::Busy));
        assert!(ids(&db).await.is_empty());
    }

    async fn a_failed_commit_is_unavailable_and_commits_nothing(engine: testkit::Scratch) {
        let db = engine.db();
        notes(&db);
        db.maintenance(|conn| conn.execute_sql("CREATE TABLE replies (note BIGINT REFERENCES notes (id) DEFERRABLE INITIALLY DEFERRED)")).unwrap();
        let failed = db.write("orphan", Class::Durable, |conn| {
            conn.execute_sql("INSERT INTO notes (id) VALUES (1)")?;
            conn.execute_sql("INSERT INTO replies VALUES (12345)")
        });
        assert_eq!(kind(&failed.await), Some(FaultKind::Unavailable));
        assert!(ids(&db).await.is_empty());
    }

    async fn a_snapshot_sees_one_state(engine: testkit::Scratch) {
        let db = engine.db();
        notes(&db);
        let other = db.clone();
        let seen = db.snapshot("twice", move |conn| {
            let mut seen = conn.numbers_by_sql("SELECT count(*) AS value FROM notes")?;
            // The other write ends before the second look, on the writer's thread or on another connection.
            other.maintenance(|other| other.execute_sql("INSERT INTO notes (id) VALUES (1)"))?;
            seen.extend(conn.numbers_by_sql("SELECT count(*) AS value FROM notes")?);
            Ok(seen)
        });
        assert_eq!(seen.await.unwrap(), [0, 0]);
        assert_eq!(ids(&db).await, [1]);
        let wrote = db.snapshot("writes", |conn| conn.execute_sql("INSERT INTO notes (id) VALUES (2)")).await;
        assert!(wrote.is_err());
        assert_eq!(ids(&db).await, [1]);
    }

    async fn later_writes_come_to_pass(engine: testkit::Scratch) {
        let db = engine.db();
        notes(&db);
        db.write_later("later", |conn| conn.execute_sql("INSERT INTO notes (id) VALUES (1)"));
        // The background goes one at a time, so this one ends after the one above.
        db.write_in_background("after", Class::Durable, |conn| conn.execute_sql("INSERT INTO notes (id) VALUES (2)")).await.unwrap();
        assert_eq!(ids(&db).await, [1, 2]);
    }

    async fn outcomes_keep_their_proof_when_taken_apart(engine: testkit::Scratch) {
        let db = engine.db();
        let redeemed = db.write("redeem", Class::Durable, |_| Ok(Ok::<_, &str>(7))).await.unwrap();
        assert_eq!(redeemed.transpose().map(|kept: Committed<i64>| *kept), Ok(7));
        let refused: Result<Committed<i64>, _> = db.write("no", Class::Durable, |_| Ok(Err("pending"))).await.unwrap().transpose();
        assert_eq!(refused.err(), Some("pending"));
    }

    async fn the_clock_is_the_databases_on_postgres(engine: testkit::Scratch) {
        let now = testkit::clock::TestClock::default().now();
        let told = engine.db().read("clock", move |conn| conn.clock(now)).await.unwrap();
        match engine.kind() {
            testkit::EngineKind::Sqlite => assert_eq!(told, now),
            testkit::EngineKind::Postgres => assert_ne!(told, now),
        }
    }
}

testkit::both_engines_sync! {
    fn threads_may_wait(engine: testkit::Scratch) {
        let db = engine.db();
        notes(&db);
        let written = db.blocking().write("blocking", Class::Durable, |conn| conn.changed_by_sql("INSERT INTO notes (id) VALUES (5)"));
        assert_eq!(written.unwrap().into_inner(), 1);
        let seen = db.blocking().snapshot("blocking", |conn| conn.numbers_by_sql("SELECT id AS value FROM notes")).unwrap();
        assert_eq!(seen, [5]);
    }
}
