//! SQLite as a file among other programs.

use crate::support::{ids, insert, kind, notes};
use model::fault::FaultKind;
use std::sync::mpsc;
use std::thread;
use store::{Class, Db, DbConfig};
use testkit::{EngineKind, Scratch, run};

fn open(url: &str) -> Result<Db, store::OpenError> {
    Db::open(DbConfig { url: url.to_owned(), ..DbConfig::default() })
}

#[test]
fn a_file_that_another_program_locks_is_busy_until_it_is_free() {
    let scratch = Scratch::new(EngineKind::Sqlite);
    let db = scratch.db();
    notes(&db);
    let other = scratch.open(scratch.config());
    let (locked, is_locked) = mpsc::channel();
    let (free, may_free) = mpsc::channel::<()>();
    let program = thread::spawn(move || {
        other.maintenance(|conn| {
            conn.execute_sql("BEGIN IMMEDIATE")?;
            locked.send(()).unwrap();
            may_free.recv().unwrap();
            conn.execute_sql("INSERT INTO notes (id) VALUES (1)")?;
            conn.execute_sql("COMMIT")
        })
    });
    is_locked.recv().unwrap();
    run(async {
        assert_eq!(kind(&insert(&db, Class::Durable, 2).await), Some(FaultKind::Busy));
        assert!(ids(&db).await.is_empty(), "reading goes on");
        free.send(()).unwrap();
        program.join().unwrap().unwrap();
        insert(&db, Class::Durable, 3).await.unwrap();
        assert_eq!(ids(&db).await, [1, 3]);
    });
}

#[test]
fn readers_do_not_write() {
    run(async {
        let scratch = Scratch::new(EngineKind::Sqlite);
        let db = scratch.db();
        notes(&db);
        let wrote = db.read("writes", |conn| conn.execute_sql("INSERT INTO notes (id) VALUES (1)")).await;
        assert_eq!(kind(&wrote), Some(FaultKind::Broken));
    });
}

#[test]
fn a_new_file_keeps_a_log_ahead_and_its_rows_to_its_owner() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("new.db");
    let db = open(&format!("sqlite://{}", path.display())).unwrap();
    let mode =
        db.blocking().read("mode", |conn| conn.texts_by_sql("SELECT journal_mode AS value FROM pragma_journal_mode"));
    assert_eq!(mode.unwrap(), ["wal"]);
    let permissions = std::fs::metadata(&path).unwrap().permissions();
    assert_eq!(std::os::unix::fs::PermissionsExt::mode(&permissions) & 0o077, 0);
}

#[test]
fn what_cannot_be_opened_is_named() {
    let missing = open("sqlite:///no/such/folder/doorward.db").unwrap_err().to_string();
    assert!(missing.contains("/no/such/folder"), "{missing}");
    // Not even the superuser makes a file there.
    let readonly = open("sqlite:///proc/doorward.db").unwrap_err().to_string();
    assert!(readonly.contains("/proc/doorward.db"), "{readonly}");
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("text.db");
    std::fs::write(&path, "this is a letter, not a database; ".repeat(100)).unwrap();
    let text = open(&format!("sqlite://{}", path.display())).unwrap_err().to_string();
    assert!(text.contains("text.db"), "{text}");
}
