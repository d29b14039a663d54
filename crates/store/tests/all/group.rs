//! SQLite's writer: groups, what one member does to the others, queues.

use crate::support::{Asked, Holding, ids, insert, kind, notes, queued};
use model::fault::{Fault, FaultKind};
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::thread;
use std::time::Duration;
use store::{Class, Conn, Db, DbConfig};
use testkit::{EngineKind, Scratch, run};

/// With all the time that a group of 64 needs on a machine that does other things as well.
fn scratch() -> (Scratch, Db) {
    scratch_with(Duration::from_secs(60))
}

fn scratch_with(group_time: Duration) -> (Scratch, Db) {
    let scratch = Scratch::new(EngineKind::Sqlite);
    let db = scratch.open(DbConfig { group_time, ..scratch.config() });
    notes(&db);
    (scratch, db)
}

/// Queues 64 inserts behind a held writer, the one at 17 doing something else after its insert.
fn group_of_64(db: &Db, odd_one: fn(&mut Conn) -> Result<(), Fault>) -> Vec<Asked<()>> {
    let one = |id: i64| {
        let db = db.clone();
        queued(async move {
            db.write("one of 64", Class::Durable, move |conn| {
                conn.execute_sql(&format!("INSERT INTO notes (id) VALUES ({id})"))?;
                if id == 17 { odd_one(conn) } else { Ok(()) }
            })
            .await
        })
    };
    (0..64).map(one).collect()
}

async fn only_17_fails(odd_one: fn(&mut Conn) -> Result<(), Fault>) -> FaultKind {
    let (_scratch, db) = scratch();
    let holding = Holding::writer(&db);
    let group = group_of_64(&db, odd_one);
    holding.let_go().await;
    let mut seen = None;
    for (id, asked) in group.into_iter().enumerate() {
        let outcome = asked.await;
        if id == 17 {
            seen = kind(&outcome);
        } else {
            assert_eq!(kind(&outcome), None, "{id}: {outcome:?}");
        }
    }
    let others: Vec<i64> = (0..64).filter(|id| *id != 17).collect();
    assert_eq!(ids(&db).await, others);
    // The thread lives, and so does a transaction within a transaction on it.
    let after = db.write("after", Class::Durable, |conn| {
        conn.savepoint(|conn| conn.execute_sql("INSERT INTO notes (id) VALUES (100)"))
    });
    after.await.unwrap();
    assert_eq!(ids(&db).await.len(), 64);
    seen.unwrap()
}

#[test]
fn one_of_64_fails_and_the_others_commit() {
    assert_eq!(run(only_17_fails(|_| Err(Fault::broken("on purpose")))), FaultKind::Broken);
}

#[test]
fn one_of_64_panics_and_the_others_commit() {
    assert_eq!(run(only_17_fails(|_| panic!("on purpose"))), FaultKind::Broken);
}

#[test]
fn one_of_64_panics_inside_a_savepoint_and_the_others_commit() {
    assert_eq!(run(only_17_fails(|conn| conn.savepoint(|_| panic!("on purpose")))), FaultKind::Broken);
}

#[test]
fn one_of_64_meets_a_full_disk_and_the_others_commit() {
    // The limit belongs to the connection: it goes with it when the writer drops it.
    fn fill(conn: &mut Conn) -> Result<(), Fault> {
        conn.execute_sql("PRAGMA max_page_count = 1")?;
        conn.execute_sql("CREATE TABLE big (body BLOB); INSERT INTO big VALUES (zeroblob(4000000))")
    }
    assert_eq!(run(only_17_fails(fill)), FaultKind::Unavailable);
}

#[test]
fn one_of_64_ends_the_transaction_and_the_others_commit() {
    // What SQLite does by itself after some failures of the disk.
    assert_eq!(run(only_17_fails(|conn| conn.execute_sql("ROLLBACK"))), FaultKind::Broken);
}

#[test]
fn a_failed_commit_is_unavailable_to_the_whole_group() {
    run(async {
        let (_scratch, db) = scratch();
        db.maintenance(|conn| {
            conn.execute_sql("CREATE TABLE replies (note BIGINT REFERENCES notes (id) DEFERRABLE INITIALLY DEFERRED)")
        })
        .unwrap();
        let runs = Arc::new(AtomicU32::new(0));
        let holding = Holding::writer(&db);
        let mut group: Vec<_> = (0..7).map(|id| queued(insert(&db, Class::Durable, id))).collect();
        let (counted, asking) = (runs.clone(), db.clone());
        group.push(queued(async move {
            let orphan = asking.write("orphan", Class::Durable, move |conn| {
                counted.fetch_add(1, Ordering::SeqCst);
                conn.execute_sql("INSERT INTO replies VALUES (12345)")
            });
            orphan.await
        }));
        holding.let_go().await;
        for asked in group {
            assert_eq!(kind(&asked.await), Some(FaultKind::Unavailable));
        }
        assert!(ids(&db).await.is_empty());
        assert_eq!(runs.load(Ordering::SeqCst), 1, "a failed commit is not run again");
        insert(&db, Class::Durable, 1).await.unwrap();
        assert_eq!(ids(&db).await, [1]);
    });
}

#[test]
fn a_group_is_as_durable_as_its_most_demanding_member() {
    run(async {
        let (_scratch, db) = scratch();
        let level = |class| {
            let db = db.clone();
            let see = |conn: &mut Conn| conn.numbers_by_sql("SELECT synchronous AS value FROM pragma_synchronous");
            async move { db.write("level", class, see).await.map(store::Committed::into_inner) }
        };
        const NORMAL: i64 = 1;
        const FULL: i64 = 2;
        assert_eq!(level(Class::Relaxed).await.unwrap(), [NORMAL]);
        assert_eq!(level(Class::Durable).await.unwrap(), [FULL]);
        let holding = Holding::writer(&db);
        let asking = db.clone();
        let relaxed = queued(async move {
            asking
                .write("level", Class::Relaxed, |conn| {
                    conn.numbers_by_sql("SELECT synchronous AS value FROM pragma_synchronous")
                })
                .await
        });
        let durable = queued(insert(&db, Class::Durable, 1));
        holding.let_go().await;
        assert_eq!(*relaxed.await.unwrap(), [FULL]);
        durable.await.unwrap();
        assert_eq!(level(Class::Relaxed).await.unwrap(), [NORMAL]);
    });
}

#[test]
fn those_that_a_group_has_no_time_for_come_next_and_in_order() {
    run(async {
        let (_scratch, db) = scratch_with(Duration::from_millis(3));
        let holding = Holding::writer(&db);
        let one = |id: i64| {
            let db = db.clone();
            queued(async move {
                let slow = move |conn: &mut Conn| {
                    thread::sleep(Duration::from_millis(2));
                    let before = conn.numbers_by_sql("SELECT count(*) AS value FROM notes")?;
                    conn.execute_sql(&format!("INSERT INTO notes (id) VALUES ({id})"))?;
                    Ok(before)
                };
                db.write("slow", Class::Relaxed, slow).await
            })
        };
        let asked: Vec<_> = (0..20).map(one).collect();
        holding.let_go().await;
        for (id, asked) in (0..).zip(asked) {
            assert_eq!(*asked.await.unwrap(), [id], "each sees those before it");
        }
    });
}

#[test]
fn a_full_queue_is_busy() {
    run(async {
        let scratch = Scratch::new(EngineKind::Sqlite);
        let db = scratch.open(DbConfig { request_queue: 8, background_queue: 2, ..scratch.config() });
        notes(&db);
        let holding = Holding::writer(&db);
        let shed = |id: i64| {
            let db = db.clone();
            let put = move |conn: &mut Conn| conn.execute_sql(&format!("INSERT INTO notes (id) VALUES ({id})"));
            async move { db.write_shedding("shedding", Class::Relaxed, put).await }
        };
        let mut asked: Vec<_> = (0..6).map(|id| queued(shed(id))).collect();
        assert_eq!(kind(&shed(90).await), Some(FaultKind::Busy), "strangers may fill three quarters");
        asked.extend((6..8).map(|id| queued(insert(&db, Class::Durable, id))));
        assert_eq!(kind(&insert(&db, Class::Durable, 91).await), Some(FaultKind::Busy));
        // The background has a queue of its own; what does not fit there is dropped.
        for id in [20, 21, 92] {
            db.write_later("later", move |conn| conn.execute_sql(&format!("INSERT INTO notes (id) VALUES ({id})")));
        }
        let swept = db.write_in_background("sweep", Class::Relaxed, |conn| conn.execute_sql("DELETE FROM notes")).await;
        assert_eq!(kind(&swept), Some(FaultKind::Busy));
        holding.let_go().await;
        for asked in asked {
            asked.await.unwrap();
        }
        let last = db
            .write_in_background("last", Class::Durable, |conn| conn.execute_sql("INSERT INTO notes (id) VALUES (22)"));
        last.await.unwrap();
        assert_eq!(ids(&db).await, [0, 1, 2, 3, 4, 5, 6, 7, 20, 21, 22]);
    });
}

#[test]
fn a_request_that_waited_too_long_is_not_run() {
    run(async {
        let scratch = Scratch::new(EngineKind::Sqlite);
        notes(&scratch.db());
        let db = scratch.open(DbConfig { patience: Duration::ZERO, ..scratch.config() });
        assert_eq!(kind(&insert(&db, Class::Durable, 1).await), Some(FaultKind::Busy));
        // Nobody sits and waits for the background.
        let swept = |conn: &mut Conn| conn.execute_sql("INSERT INTO notes (id) VALUES (2)");
        db.write_in_background("sweep", Class::Relaxed, swept).await.unwrap();
        assert_eq!(ids(&scratch.db()).await, [2]);
    });
}

#[test]
fn a_job_whose_caller_has_gone_is_not_run() {
    run(async {
        let (_scratch, db) = scratch();
        let holding = Holding::writer(&db);
        let gone = queued(insert(&db, Class::Durable, 1));
        let here = queued(insert(&db, Class::Durable, 2));
        drop(gone);
        holding.let_go().await;
        here.await.unwrap();
        assert_eq!(ids(&db).await, [2]);
    });
}
