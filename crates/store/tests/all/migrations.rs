//! Migrations: once, by whoever comes first, and known to be missing until then.

use crate::support::kind;
use model::fault::FaultKind;
use std::sync::Barrier;
use std::thread;
use testkit::{EngineKind, Scratch, run};

fn four_starters(engine: EngineKind) {
    let scratch = Scratch::unmigrated(engine);
    let db = scratch.db();
    assert_eq!(kind(&run(db.ready())), Some(FaultKind::Unavailable));
    let together = Barrier::new(4);
    thread::scope(|scope| {
        let starters: Vec<_> = (0..4)
            .map(|_| {
                scope.spawn(|| {
                    let db = scratch.open(scratch.config());
                    together.wait();
                    db.migrate()
                })
            })
            .collect();
        for starter in starters {
            starter.join().unwrap().unwrap();
        }
    });
    run(db.ready()).unwrap();
    db.migrate().unwrap();
    let applied = db.blocking().read("versions", |conn| {
        conn.numbers_by_sql("SELECT count(*) - count(DISTINCT version) AS value FROM __diesel_schema_migrations")
    });
    assert_eq!(applied.unwrap(), [0]);
}

#[test]
fn four_starters_migrate_once_on_sqlite() {
    four_starters(EngineKind::Sqlite);
}

#[test]
fn four_starters_migrate_once_on_postgres() {
    four_starters(EngineKind::Postgres);
}
