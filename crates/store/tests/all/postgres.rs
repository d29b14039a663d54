//! PostgreSQL as a server that goes away, comes back, and lets transactions lose against each other.

use crate::support::{ids, insert, kind, notes};
use model::fault::{Fault, FaultKind};
use model::id::{GrantId, OrgId};
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Barrier};
use std::time::Duration;
use store::{Class, Db, DbConfig};
use testkit::{EngineKind, Scratch, run};

fn scratch() -> (Scratch, Db) {
    let scratch = Scratch::new(EngineKind::Postgres);
    let db = scratch.db();
    notes(&db);
    (scratch, db)
}

/// Cuts every connection to the scratch database but the one that asks.
fn cut_all(db: &Db) {
    let cut = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()";
    db.maintenance(|conn| conn.execute_sql(cut)).unwrap();
}

#[test]
fn a_connection_cut_in_a_transaction_is_unavailable_and_the_next_works() {
    run(async {
        let (_scratch, db) = scratch();
        for round in 0..8 {
            let cut = db.write("is cut", Class::Durable, |conn| {
                conn.execute_sql("INSERT INTO notes (id) VALUES (1000)")?;
                conn.execute_sql("SELECT pg_terminate_backend(pg_backend_pid())")
            });
            assert_eq!(kind(&cut.await), Some(FaultKind::Unavailable));
            insert(&db, Class::Durable, round).await.unwrap();
        }
        assert_eq!(ids(&db).await.len(), 8);
    });
}

#[test]
fn connections_cut_while_idle_are_not_noticed() {
    run(async {
        let (_scratch, db) = scratch();
        for round in 0..5 {
            // Enough at once to have every thread hold a connection.
            let warm = || db.read("warm", |conn| conn.execute_sql("SELECT pg_sleep(0.05)"));
            let (a, b, c, d) = tokio::join!(warm(), warm(), warm(), warm());
            assert!([a, b, c, d].iter().all(Result::is_ok));
            cut_all(&db);
            tokio::time::sleep(Duration::from_millis(50)).await;
            for step in 0..4 {
                insert(&db, Class::Durable, round * 10 + step).await.unwrap();
                ids(&db).await;
            }
        }
    });
}

#[test]
fn a_connection_cut_before_commit_commits_nothing() {
    run(async {
        let (_scratch, db) = scratch();
        let cutting = db.clone();
        let cut = db.write("is cut", Class::Durable, move |conn| {
            conn.execute_sql("INSERT INTO notes (id) VALUES (1)")?;
            cut_all(&cutting);
            Ok(())
        });
        assert_eq!(kind(&cut.await), Some(FaultKind::Unavailable));
        assert!(ids(&db).await.is_empty());
    });
}

#[test]
fn a_server_that_is_down_is_unavailable_and_stops_nobody_from_starting() {
    let config = DbConfig { url: "postgres://me:hunter2@127.0.0.1:1/door".to_owned(), ..DbConfig::default() };
    assert!(!format!("{config:?}").contains("hunter2"));
    let db = Db::open(config).unwrap();
    assert!(!format!("{db:?}").contains("hunter2"));
    run(async {
        for _ in 0..20 {
            let ready = tokio::time::timeout(Duration::from_secs(5), db.ready()).await.unwrap();
            let fault = ready.unwrap_err();
            assert_eq!(fault.kind(), FaultKind::Unavailable);
            assert!(!format!("{fault} {fault:?}").contains("hunter2"));
        }
    });
    assert_eq!(db.migrate().unwrap_err().kind(), FaultKind::Unavailable);
}

#[test]
fn a_lost_race_runs_again_three_times_at_most() {
    run(async {
        let (_scratch, db) = scratch();
        let losing = |first: u32, until: u32| {
            let runs = Arc::new(AtomicU32::new(0));
            let counted = runs.clone();
            let job = db.write("loses", Class::Durable, move |conn| {
                let run = counted.fetch_add(1, Ordering::SeqCst);
                conn.execute_sql(&format!("INSERT INTO notes (id) VALUES ({})", first + run))?;
                if run < until {
                    conn.execute_sql("DO $$ BEGIN RAISE EXCEPTION 'on purpose' USING ERRCODE = '40001'; END $$")
                } else {
                    Ok(())
                }
            });
            async move { (job.await.map(store::Committed::into_inner), runs.load(Ordering::SeqCst)) }
        };
        let (outcome, runs) = losing(100, 3).await;
        assert_eq!((kind(&outcome), runs), (None, 4));
        assert_eq!(ids(&db).await, [103], "the earlier runs left nothing");
        let (outcome, runs) = losing(200, 9).await;
        assert_eq!((kind(&outcome), runs), (Some(FaultKind::Unavailable), 4));
        assert_eq!(ids(&db).await, [103]);
    });
}

#[test]
fn a_serializable_transaction_that_loses_runs_again() {
    run(async {
        let (_scratch, db) = scratch();
        insert(&db, Class::Durable, 1).await.unwrap();
        let together = Arc::new(Barrier::new(2));
        let add = |first: Arc<AtomicU32>| {
            let together = together.clone();
            db.write("adds", Class::Durable, move |conn| {
                conn.execute_sql("SET TRANSACTION ISOLATION LEVEL SERIALIZABLE")?;
                let seen = conn.numbers_by_sql("SELECT body AS value FROM notes WHERE id = 1")?;
                // Both have read before either writes, in their first run.
                if first.fetch_add(1, Ordering::SeqCst) == 0 {
                    together.wait();
                }
                conn.execute_sql(&format!("UPDATE notes SET body = {} WHERE id = 1", seen[0] + 1))
            })
        };
        let (runs_a, runs_b) = (Arc::new(AtomicU32::new(0)), Arc::new(AtomicU32::new(0)));
        let (a, b) = tokio::join!(add(runs_a.clone()), add(runs_b.clone()));
        assert!(a.is_ok() && b.is_ok());
        assert_eq!(runs_a.load(Ordering::SeqCst) + runs_b.load(Ordering::SeqCst), 3, "one of them ran again");
        let sum = db.read("sum", |conn| conn.numbers_by_sql("SELECT body AS value FROM notes")).await.unwrap();
        assert_eq!(sum, [2]);
    });
}

#[test]
fn a_deadlock_is_survived_by_both() {
    run(async {
        let (_scratch, db) = scratch();
        insert(&db, Class::Durable, 1).await.unwrap();
        insert(&db, Class::Durable, 2).await.unwrap();
        let together = Arc::new(Barrier::new(2));
        let cross = |first: i64, second: i64| {
            let (together, mut runs) = (together.clone(), 0);
            db.write("crosses", Class::Durable, move |conn| {
                conn.execute_sql(&format!("UPDATE notes SET body = body + 1 WHERE id = {first}"))?;
                runs += 1;
                if runs == 1 {
                    together.wait();
                }
                conn.execute_sql(&format!("UPDATE notes SET body = body + 1 WHERE id = {second}"))
            })
        };
        let (a, b) = tokio::join!(cross(1, 2), cross(2, 1));
        assert!(a.is_ok() && b.is_ok(), "{a:?} {b:?}");
        let sum =
            db.read("sum", |conn| conn.numbers_by_sql("SELECT sum(body)::bigint AS value FROM notes")).await.unwrap();
        assert_eq!(sum, [4]);
    });
}

#[test]
fn a_swallowed_error_is_no_commit() {
    run(async {
        let (_scratch, db) = scratch();
        let swallowed = db.write("swallows", Class::Durable, |conn| {
            conn.execute_sql("INSERT INTO notes (id) VALUES (1)")?;
            Ok(conn.execute_sql("SELECT 1 FROM no_such_table").is_err())
        });
        assert_eq!(kind(&swallowed.await), Some(FaultKind::Broken));
        let in_savepoint = db.write("swallows", Class::Durable, |conn| {
            conn.execute_sql("INSERT INTO notes (id) VALUES (2)")?;
            conn.savepoint(|conn| Ok(conn.execute_sql("SELECT 1 FROM no_such_table").is_err()))
        });
        assert_eq!(kind(&in_savepoint.await), Some(FaultKind::Broken));
        assert!(ids(&db).await.is_empty());
        insert(&db, Class::Durable, 3).await.unwrap();
    });
}

#[test]
fn a_relaxed_commit_does_not_wait_for_the_disk() {
    run(async {
        let (_scratch, db) = scratch();
        let level = |class| {
            db.write("level", class, |conn| conn.texts_by_sql("SELECT current_setting('synchronous_commit') AS value"))
        };
        assert_eq!(*level(Class::Relaxed).await.unwrap(), ["off"]);
        assert_eq!(*level(Class::Durable).await.unwrap(), ["on"]);
    });
}

#[test]
fn a_pooler_that_keeps_no_statements_is_spoken_to_without_names() {
    run(async {
        let scratch = Scratch::new(EngineKind::Postgres);
        let prepared = |named| {
            let db = scratch.open(DbConfig { pg_prepared_statements: named, pg_threads: 2, ..scratch.config() });
            async move {
                let count = "SELECT count(*) AS value FROM pg_prepared_statements";
                let twice = move |conn: &mut store::Conn| -> Result<Vec<i64>, Fault> {
                    conn.clock(testkit::clock::TestClock::default().now())?;
                    conn.numbers_by_sql(count)
                };
                db.read("statements", twice).await.unwrap()
            }
        };
        assert_eq!(prepared(false).await, [0]);
    });
}

#[test]
fn sweeps_occupy_one_thread_at_most() {
    run(async {
        let (_scratch, db) = scratch();
        let (now, most) = (Arc::new(AtomicU32::new(0)), Arc::new(AtomicU32::new(0)));
        for _ in 0..6 {
            let (now, most) = (now.clone(), most.clone());
            db.write_later("sweep", move |conn| {
                most.fetch_max(now.fetch_add(1, Ordering::SeqCst) + 1, Ordering::SeqCst);
                conn.execute_sql("SELECT pg_sleep(0.03)")?;
                now.fetch_sub(1, Ordering::SeqCst);
                Ok(())
            });
        }
        db.write_in_background("last", Class::Relaxed, |_| Ok(())).await.unwrap();
        assert_eq!(most.load(Ordering::SeqCst), 1);
    });
}

#[test]
fn an_update_is_prepared_once_on_a_connection() {
    run(async {
        let (_scratch, db) = scratch();
        let prepared = db.maintenance(|conn| {
            let org = OrgId::parse("acme").unwrap();
            let grant = GrantId::from_uuid(uuid::Uuid::nil());
            for seconds in 10..13 {
                store::tables::grants::grow_interval(conn, &org, grant, Duration::from_secs(seconds))?;
            }
            let kept = "SELECT count(*) AS value FROM pg_prepared_statements WHERE statement LIKE 'UPDATE \"grants\"%'";
            conn.numbers_by_sql(kept)
        });
        assert_eq!(prepared.unwrap(), [1]);
    });
}
