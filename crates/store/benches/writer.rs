//! What the writer and the threads of PostgreSQL sustain: the closures of a device grant, without the server.

#![expect(clippy::unwrap_used, reason = "a benchmark that can't go on has nobody to tell but its reader")]

use criterion::{Criterion, Throughput};
use model::fault::Fault;
use std::hint::black_box;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use store::{Class, Conn, Db, DbConfig};
use testkit::{EngineKind, Scratch};
use tokio::runtime::Runtime;

/// Callers that wait at the same time.
const CALLERS: u64 = 64;

/// A table with the indexes of a grant's: by key, by digest, by code, by expiry.
const TABLE: &str = "CREATE TABLE bench_grants (org_id TEXT NOT NULL, id BIGINT NOT NULL, digest TEXT NOT NULL, code TEXT NOT NULL, \
     expires_at BIGINT NOT NULL, state TEXT NOT NULL, revision BIGINT NOT NULL, PRIMARY KEY (org_id, id)); \
     CREATE UNIQUE INDEX bench_digest ON bench_grants (org_id, digest); \
     CREATE UNIQUE INDEX bench_code ON bench_grants (code); \
     CREATE INDEX bench_expiry ON bench_grants (expires_at)";

fn main() {
    let mut criterion = Criterion::default().sample_size(20).configure_from_args();
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).build().unwrap();
    sqlite(&mut criterion, &runtime);
    if std::env::var_os("DOORWARD_TEST_POSTGRES").is_some() {
        postgres(&mut criterion, &runtime);
    } else {
        println!("PostgreSQL is left out: DOORWARD_TEST_POSTGRES names no server");
    }
    criterion.final_summary();
}

fn insert(conn: &mut Conn, id: i64) -> Result<(), Fault> {
    conn.execute_sql(&format!(
        "INSERT INTO bench_grants VALUES ('acme', {id}, 'digest-{id:043}', 'code-{id:043}', {}, 'pending', 1)",
        id + 1_800_000
    ))
}

/// One closure a savepoint, as many to a group as wait.
fn sqlite(criterion: &mut Criterion, runtime: &Runtime) {
    let mut group = criterion.benchmark_group("sqlite group commit");
    group.throughput(Throughput::Elements(CALLERS));
    for (name, class) in [("NORMAL", Class::Relaxed), ("FULL", Class::Durable)] {
        let scratch = Scratch::new(EngineKind::Sqlite);
        let db = scratch.db();
        db.maintenance(|conn| conn.execute_sql(TABLE)).unwrap();
        let next = Arc::new(AtomicI64::new(0));
        group.bench_function(name, |bencher| {
            bencher.iter(|| {
                all_at_once(runtime, &db, class, || {
                    let id = next.fetch_add(1, Ordering::Relaxed);
                    move |conn: &mut Conn| insert(conn, id)
                });
            });
        });
    }
    group.finish();
}

/// Select, insert, update, insert in a transaction on each of eight connections.
fn postgres(criterion: &mut Criterion, runtime: &Runtime) {
    let scratch = Scratch::new(EngineKind::Postgres);
    let db = scratch.open(DbConfig { pg_threads: 8, ..scratch.config() });
    db.maintenance(|conn| conn.execute_sql(TABLE)).unwrap();
    let next = Arc::new(AtomicI64::new(0));
    let mut group = criterion.benchmark_group("postgres, 8 connections");
    group.throughput(Throughput::Elements(CALLERS));
    for (name, class) in [("relaxed", Class::Relaxed), ("durable", Class::Durable)] {
        group.bench_function(name, |bencher| {
            bencher.iter(|| {
                all_at_once(runtime, &db, class, || {
                    let id = next.fetch_add(2, Ordering::Relaxed);
                    move |conn: &mut Conn| {
                        black_box(conn.numbers_by_sql("SELECT count(*) AS value FROM bench_grants WHERE org_id = 'acme' AND id = 1")?);
                        insert(conn, id)?;
                        let redeem = format!("UPDATE bench_grants SET state = 'redeemed', revision = 2 WHERE org_id = 'acme' AND id = {id} AND revision = 1");
                        conn.changed_by_sql(&redeem)?;
                        insert(conn, id + 1)
                    }
                });
            });
        });
    }
    group.finish();
}

fn all_at_once<F>(runtime: &Runtime, db: &Db, class: Class, job: impl Fn() -> F)
where
    F: FnMut(&mut Conn) -> Result<(), Fault> + Send + 'static,
{
    runtime.block_on(async {
        let asked: Vec<_> = (0..CALLERS)
            .map(|_| {
                let (db, job) = (db.clone(), job());
                tokio::spawn(async move { db.write("bench", class, job).await })
            })
            .collect();
        for answer in asked {
            answer.await.unwrap().unwrap();
        }
    });
}
