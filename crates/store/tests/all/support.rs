//! What several of these tests need: a table, a job that holds its thread, futures queued in order.

use model::fault::{Fault, FaultKind};
use std::future::Future;
use std::pin::Pin;
use std::sync::mpsc;
use std::task::{Context, Waker};
use store::{Class, Committed, Db};

/// A table `notes(id, body)`.
pub(crate) fn notes(db: &Db) {
    db.maintenance(|conn| {
        conn.execute_sql("CREATE TABLE notes (id BIGINT PRIMARY KEY, body BIGINT NOT NULL DEFAULT 0)")
    })
    .unwrap();
}

/// All ids in `notes`, in order.
pub(crate) async fn ids(db: &Db) -> Vec<i64> {
    db.read("ids", |conn| conn.numbers_by_sql("SELECT id AS value FROM notes ORDER BY id")).await.unwrap()
}

/// A write that is asked for.
pub(crate) type Asked<T> = Pin<Box<dyn Future<Output = Result<Committed<T>, Fault>> + Send>>;

/// Polls a future once, which queues its job, so that jobs wait in the order of these calls.
pub(crate) fn queued<T>(asked: impl Future<Output = Result<Committed<T>, Fault>> + Send + 'static) -> Asked<T> {
    let mut asked: Asked<T> = Box::pin(asked);
    assert!(asked.as_mut().poll(&mut Context::from_waker(Waker::noop())).is_pending(), "the job has to wait");
    asked
}

/// A write that inserts a note.
pub(crate) fn insert(
    db: &Db,
    class: Class,
    id: i64,
) -> impl Future<Output = Result<Committed<()>, Fault>> + Send + use<> {
    let db = db.clone();
    async move {
        db.write("insert", class, move |conn| conn.execute_sql(&format!("INSERT INTO notes (id) VALUES ({id})"))).await
    }
}

/// Keeps the writer busy until it is let go.
pub(crate) struct Holding {
    go: mpsc::Sender<()>,
    held: Asked<()>,
}

impl Holding {
    pub(crate) fn writer(db: &Db) -> Self {
        let (go, wait) = mpsc::channel::<()>();
        let (running, started) = mpsc::channel::<()>();
        let db = db.clone();
        let held = queued(async move {
            db.write("holding", Class::Relaxed, move |_| {
                running.send(()).map_err(|_| Fault::broken("the test has ended"))?;
                wait.recv().map_err(|_| Fault::broken("the test has ended"))
            })
            .await
        });
        started.recv().unwrap();
        Self { go, held }
    }

    pub(crate) async fn let_go(self) {
        self.go.send(()).unwrap();
        self.held.await.unwrap();
    }
}

/// The fault's kind, where there is one.
pub(crate) fn kind<T>(outcome: &Result<T, Fault>) -> Option<FaultKind> {
    outcome.as_ref().err().map(Fault::kind)
}
