//! The only doors to the database: [`Db::read`], [`Db::snapshot`] and [`Db::write`], and their variants.
//!
//! A closure goes to a thread of the database's own and its answer comes back. It may run more than once, so it
//! touches nothing but the connection: no signing, no hashing, no mail, no network.

pub use crate::commit::Committed;
use crate::conn::Conn;
pub use crate::job::Class;
use crate::job::{Answer, Mode, Reply, Ticket};
use crate::migrate;
use crate::queue::{Entrance, Queue, QueueLoad};
use crate::source::{Role, Seat, Source, prepare_file};
use crate::threads::serve;
pub use crate::url::OpenError;
use crate::url::{Target, parse, redacted};
use crate::writer::Writer;
use diesel::r2d2::ManageConnection as _;
use model::fault::Fault;
use std::fmt;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError, mpsc};
use std::thread::{self, JoinHandle};
use std::time::Duration;
use tokio::sync::oneshot;

/// How to reach the database, and how much of it to use.
#[derive(Clone)]
pub struct DbConfig {
    /// `sqlite:///absolute/path`, `sqlite://relative/path`, `postgres://…` or `postgresql://…`.
    pub url: String,
    /// Threads that read from SQLite.
    pub readers: usize,
    /// Threads of PostgreSQL, each with a connection; at least 2.
    pub pg_threads: usize,
    /// Requests that may wait for a thread; unauthenticated ones fill three quarters at most.
    pub request_queue: usize,
    /// Background jobs that may wait.
    pub background_queue: usize,
    /// A request that has waited longer is dropped unrun: whoever asked has likely given up, and the next ones should
    /// not wait for it.
    pub patience: Duration,
    /// SQLite: how long after BEGIN a group still starts on another request: everyone in it waits for the slowest.
    pub group_time: Duration,
    /// Whether PostgreSQL keeps prepared statements by name. False for a pooler in transaction mode that can't follow
    /// them (PgBouncer before 1.21, or without `max_prepared_statements`).
    pub pg_prepared_statements: bool,
}

impl Default for DbConfig {
    fn default() -> Self {
        Self {
            url: "sqlite://doorward.db".to_owned(),
            readers: 2,
            pg_threads: 8,
            request_queue: 1024,
            background_queue: 64,
            patience: Duration::from_secs(2),
            group_time: Duration::from_millis(3),
            pg_prepared_statements: true,
        }
    }
}

impl fmt::Debug for DbConfig {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("DbConfig")
            .field("url", &redacted(&self.url))
            .field("readers", &self.readers)
            .field("pg_threads", &self.pg_threads)
            .field("request_queue", &self.request_queue)
            .field("background_queue", &self.background_queue)
            .field("patience", &self.patience)
            .field("pg_prepared_statements", &self.pg_prepared_statements)
            .finish()
    }
}

/// The database. Cheap to clone; its threads end when the last clone is dropped.
#[derive(Clone)]
pub struct Db(Arc<Threads>);

struct Threads {
    source: Source,
    shown: String,
    /// The same queue as `writes` on PostgreSQL, where every thread does both.
    reads: Arc<Queue>,
    writes: Arc<Queue>,
    hops: AtomicU64,
    running: Mutex<Vec<JoinHandle<()>>>,
}

impl Db {
    /// Checks the URL and starts the threads. PostgreSQL need not be reachable: connections are opened when they are
    /// needed, and again after they are lost.
    ///
    /// # Errors
    /// A sentence for the operator: a URL that is not understood or not safe, an SQLite file that can't be written.
    pub fn open(config: DbConfig) -> Result<Self, OpenError> {
        let DbConfig { url, readers, pg_threads, request_queue, background_queue, patience, .. } = config;
        let (group_time, pg_prepared_statements) = (config.group_time, config.pg_prepared_statements);
        let target = parse(&url)?;
        let postgres = matches!(target, Target::Postgres { .. });
        let source = Source::new(target, Role::Writer, pg_prepared_statements);
        prepare_file(&source)?;
        let queue = || Arc::new(Queue::with_room_for(request_queue, background_queue, patience));
        let writes = queue();
        let reads = if postgres { writes.clone() } else { queue() };
        let shown = redacted(&url);
        let db = Self(Arc::new(Threads {
            source,
            shown,
            reads,
            writes,
            hops: AtomicU64::new(0),
            running: Mutex::default(),
        }));
        if postgres {
            db.start("db-pg", pg_threads.max(2), Role::Writer)?;
        } else {
            db.start("db-read", readers.max(1), Role::Reader)?;
            let mut writer = Writer::new(db.0.writes.clone(), Seat::new(db.0.source.clone()), group_time);
            db.spawn("db-write".to_owned(), move || writer.serve())?;
        }
        Ok(db)
    }

    fn start(&self, name: &str, count: usize, role: Role) -> Result<(), OpenError> {
        for number in 1..=count {
            let queue = self.0.reads.clone();
            let mut seat = Seat::new(self.0.source.for_role(role));
            self.spawn(format!("{name}-{number}"), move || serve(&queue, &mut seat))?;
        }
        Ok(())
    }

    fn spawn(&self, name: String, body: impl FnOnce() + Send + 'static) -> Result<(), OpenError> {
        let started = thread::Builder::new().name(name).spawn(body);
        let thread =
            started.map_err(|error| OpenError::new(format!("A database thread can't be started: {error}.")))?;
        self.0.running.lock().unwrap_or_else(PoisonError::into_inner).push(thread);
        Ok(())
    }

    /// Runs a statement that only reads; or several, of which each may see a newer state than the one before.
    ///
    /// # Errors
    /// The closure's fault; `Busy` where too much waits; `Unavailable` where the database can't be reached.
    pub async fn read<T, F>(&self, name: &'static str, f: F) -> Result<T, Fault>
    where
        T: Send + 'static,
        F: FnMut(&mut Conn) -> Result<T, Fault> + Send + 'static,
    {
        self.ask(Entrance::Request, name, Mode::Read, f).await.map(|(value, _)| value)
    }

    /// Like [`Db::read`], for work that nobody has authenticated: it may fill three quarters of the queue.
    ///
    /// # Errors
    /// As [`Db::read`].
    pub async fn read_shedding<T, F>(&self, name: &'static str, f: F) -> Result<T, Fault>
    where
        T: Send + 'static,
        F: FnMut(&mut Conn) -> Result<T, Fault> + Send + 'static,
    {
        self.ask(Entrance::Shedding, name, Mode::Read, f).await.map(|(value, _)| value)
    }

    /// Runs several statements that only read and all see the same state.
    ///
    /// # Errors
    /// As [`Db::read`].
    pub async fn snapshot<T, F>(&self, name: &'static str, f: F) -> Result<T, Fault>
    where
        T: Send + 'static,
        F: FnMut(&mut Conn) -> Result<T, Fault> + Send + 'static,
    {
        self.ask(Entrance::Request, name, Mode::Snapshot, f).await.map(|(value, _)| value)
    }

    /// Runs a transaction. What comes back has been committed; on a fault nothing of it was, but for `Unavailable`,
    /// which also says that nobody knows: every write is guarded, so trying again is safe.
    ///
    /// # Errors
    /// As [`Db::read`].
    pub async fn write<T, F>(&self, name: &'static str, class: Class, f: F) -> Result<Committed<T>, Fault>
    where
        T: Send + 'static,
        F: FnMut(&mut Conn) -> Result<T, Fault> + Send + 'static,
    {
        committed(self.ask(Entrance::Request, name, Mode::Write(class), f).await)
    }

    /// Like [`Db::write`], for work that nobody has authenticated: it may fill three quarters of the queue.
    ///
    /// # Errors
    /// As [`Db::write`].
    pub async fn write_shedding<T, F>(&self, name: &'static str, class: Class, f: F) -> Result<Committed<T>, Fault>
    where
        T: Send + 'static,
        F: FnMut(&mut Conn) -> Result<T, Fault> + Send + 'static,
    {
        committed(self.ask(Entrance::Shedding, name, Mode::Write(class), f).await)
    }

    /// Like [`Db::write`], by the background queue: sweeps, sealing.
    ///
    /// # Errors
    /// As [`Db::write`].
    pub async fn write_in_background<T, F>(&self, name: &'static str, class: Class, f: F) -> Result<Committed<T>, Fault>
    where
        T: Send + 'static,
        F: FnMut(&mut Conn) -> Result<T, Fault> + Send + 'static,
    {
        committed(self.ask(Entrance::Background, name, Mode::Write(class), f).await)
    }

    /// Queues a relaxed write that nobody waits for and that may be lost: where the background queue is full, or the
    /// write fails, that is logged.
    pub fn write_later<F>(&self, name: &'static str, f: F)
    where
        F: FnMut(&mut Conn) -> Result<(), Fault> + Send + 'static,
    {
        let ticket = Ticket::new(name, Mode::Write(Class::Relaxed), f, Reply::Nobody(name));
        if let Err((ticket, fault)) = self.0.writes.admit(Entrance::Background, ticket) {
            ticket.fail(fault);
        }
    }

    /// The same doors for threads that may wait: commands.
    pub fn blocking(&self) -> Blocking<'_> {
        Blocking(self)
    }

    /// Whether a request could be served: the database answers, and every migration is applied.
    ///
    /// # Errors
    /// Why not.
    pub async fn ready(&self) -> Result<(), Fault> {
        self.read("readiness", migrate::check).await
    }

    /// Applies all pending migrations, or none. Several programs may do so at once. Waits; not for async code.
    ///
    /// # Errors
    /// The failing migration's; `Unavailable` where the database can't be reached.
    pub fn migrate(&self) -> Result<(), Fault> {
        self.maintenance(migrate::run)
    }

    /// Runs `body` on this thread and on a connection of its own, outside of transactions, queues and time limits:
    /// integrity checks, copies, `CREATE DATABASE`. For commands and tests.
    ///
    /// # Errors
    /// The body's; `Unavailable` where the database can't be reached.
    pub fn maintenance<T>(&self, body: impl FnOnce(&mut Conn) -> Result<T, Fault>) -> Result<T, Fault> {
        let opened = self.0.source.for_role(Role::Maintenance).connect();
        let mut conn = opened.map_err(|error| Fault::unavailable("the database can't be reached").because(error))?;
        body(&mut conn)
    }

    /// How often somebody has waited for one of the database threads, without blocking a thread of their own. A request
    /// should do so once.
    pub fn hops(&self) -> u64 {
        self.0.hops.load(Ordering::Relaxed)
    }

    /// How much waits for the database's threads.
    pub fn load(&self) -> Vec<QueueLoad> {
        if self.is_postgres() {
            vec![self.0.writes.load("all")]
        } else {
            vec![self.0.reads.load("read"), self.0.writes.load("write")]
        }
    }

    /// Whether this is PostgreSQL.
    pub fn is_postgres(&self) -> bool {
        Arc::ptr_eq(&self.0.reads, &self.0.writes)
    }

    async fn ask<T, F>(&self, entrance: Entrance, name: &'static str, mode: Mode, f: F) -> Answer<T>
    where
        T: Send + 'static,
        F: FnMut(&mut Conn) -> Result<T, Fault> + Send + 'static,
    {
        self.0.hops.fetch_add(1, Ordering::Relaxed);
        let (sender, answer) = oneshot::channel();
        let ticket = Ticket::new(name, mode, f, Reply::Future(sender));
        self.queue(mode).admit(entrance, ticket).map_err(|(_, fault)| fault)?;
        answer.await.map_err(|_| ended())?
    }

    fn ask_and_wait<T, F>(&self, name: &'static str, mode: Mode, f: F) -> Answer<T>
    where
        T: Send + 'static,
        F: FnMut(&mut Conn) -> Result<T, Fault> + Send + 'static,
    {
        let (sender, answer) = mpsc::sync_channel(1);
        let ticket = Ticket::new(name, mode, f, Reply::Thread(sender));
        self.queue(mode).admit(Entrance::Request, ticket).map_err(|(_, fault)| fault)?;
        answer.recv().map_err(|_| ended())?
    }

    fn queue(&self, mode: Mode) -> &Queue {
        match mode {
            Mode::Read | Mode::Snapshot => &self.0.reads,
            Mode::Write(_) => &self.0.writes,
        }
    }
}

fn ended() -> Fault {
    Fault::unavailable("a database thread ended")
}

fn committed<T>(answer: Answer<T>) -> Result<Committed<T>, Fault> {
    match answer? {
        (value, Some(proof)) => Ok(Committed::after(proof, value)),
        (_, None) => Err(Fault::broken("a write was answered without a commit")),
    }
}

impl fmt::Debug for Db {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Db").field(&self.0.shown).finish()
    }
}

impl Drop for Threads {
    fn drop(&mut self) {
        self.reads.close();
        self.writes.close();
        let running = self.running.get_mut().unwrap_or_else(PoisonError::into_inner);
        for thread in running.drain(..) {
            // A closure that held the last clone drops it on a database thread, which can't wait for itself.
            if thread.thread().id() != thread::current().id() {
                let _panicked = thread.join().is_err();
            }
        }
    }
}

/// [`Db`] for threads that may wait.
#[derive(Debug)]
pub struct Blocking<'a>(&'a Db);

impl Blocking<'_> {
    /// [`Db::ready`], waiting.
    ///
    /// # Errors
    /// The same.
    pub fn ready(&self) -> Result<(), Fault> {
        self.read("readiness", migrate::check)
    }

    /// [`Db::read`], waiting.
    ///
    /// # Errors
    /// The same.
    pub fn read<T, F>(&self, name: &'static str, f: F) -> Result<T, Fault>
    where
        T: Send + 'static,
        F: FnMut(&mut Conn) -> Result<T, Fault> + Send + 'static,
    {
        self.0.ask_and_wait(name, Mode::Read, f).map(|(value, _)| value)
    }

    /// [`Db::snapshot`], waiting.
    ///
    /// # Errors
    /// The same.
    pub fn snapshot<T, F>(&self, name: &'static str, f: F) -> Result<T, Fault>
    where
        T: Send + 'static,
        F: FnMut(&mut Conn) -> Result<T, Fault> + Send + 'static,
    {
        self.0.ask_and_wait(name, Mode::Snapshot, f).map(|(value, _)| value)
    }

    /// [`Db::write`], waiting.
    ///
    /// # Errors
    /// The same.
    pub fn write<T, F>(&self, name: &'static str, class: Class, f: F) -> Result<Committed<T>, Fault>
    where
        T: Send + 'static,
        F: FnMut(&mut Conn) -> Result<T, Fault> + Send + 'static,
    {
        committed(self.0.ask_and_wait(name, Mode::Write(class), f))
    }
}
