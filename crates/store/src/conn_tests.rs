//! Taken keys and savepoints, on both engines, in temporary tables that belong to the connection.

use super::Conn;
use crate::db::{Class, Db, DbConfig};
use crate::faults::{fault, unless_taken};
use diesel::{RunQueryDsl as _, sql_query};
use model::fault::{Fault, FaultKind};

fn on_both(test: fn(&Db)) {
    let folder = tempfile::tempdir().unwrap();
    let file = format!("sqlite://{}/conn.db", folder.path().display());
    let server =
        std::env::var("DOORWARD_TEST_POSTGRES").expect("run the tests by `make test`, or set DOORWARD_TEST_POSTGRES");
    for url in [file, server] {
        test(&Db::open(DbConfig { url, ..DbConfig::default() }).unwrap());
    }
}

fn insert(conn: &mut Conn, id: i64) -> Result<Option<usize>, Fault> {
    unless_taken(sql_query(format!("INSERT INTO keys (id) VALUES ({id})")).execute(conn.engine()))
        .map_err(fault("insert"))
}

fn keys(conn: &mut Conn) -> Result<(), Fault> {
    conn.execute_sql("CREATE TEMPORARY TABLE keys (id BIGINT PRIMARY KEY)")
}

#[test]
fn a_taken_key_in_a_savepoint_is_an_outcome() {
    on_both(|db| {
        let written = db.blocking().write("keys", Class::Durable, |conn| {
            keys(conn)?;
            let first = conn.savepoint(|conn| insert(conn, 1))?;
            let second = conn.savepoint(|conn| insert(conn, 1))?;
            let third = conn.savepoint(|conn| insert(conn, 2))?;
            Ok((first, second, third, conn.numbers_by_sql("SELECT id AS value FROM keys ORDER BY id")?))
        });
        assert_eq!(written.unwrap().into_inner(), (Some(1), None, Some(1), vec![1, 2]));
    });
}

#[test]
fn a_savepoint_with_a_taken_key_is_undone_whole() {
    on_both(|db| {
        let written = db.blocking().write("keys", Class::Durable, |conn| {
            keys(conn)?;
            insert(conn, 1)?;
            let taken = conn.savepoint(|conn| {
                insert(conn, 2)?;
                insert(conn, 1)
            })?;
            Ok((taken, conn.numbers_by_sql("SELECT id AS value FROM keys")?))
        });
        assert_eq!(written.unwrap().into_inner(), (None, vec![1]));
    });
}

#[test]
fn a_taken_key_outside_of_a_savepoint_commits_nothing() {
    on_both(|db| {
        let written = db.blocking().write("keys", Class::Durable, |conn| {
            keys(conn)?;
            insert(conn, 1)?;
            insert(conn, 1)
        });
        assert_eq!(written.unwrap_err().kind(), FaultKind::Broken);
    });
}

#[test]
fn one_body_serves_both_engines() {
    on_both(|db| {
        let written = db.blocking().write("keys", Class::Durable, |conn| {
            keys(conn)?;
            // Two rows of one statement, which the enum of both engines does not take.
            let rows = super::each_engine!(conn, |c| sql_query("INSERT INTO keys (id) VALUES (1), (2)").execute(c));
            rows.map_err(fault("rows"))
        });
        assert_eq!(written.unwrap().into_inner(), 2);
    });
}
