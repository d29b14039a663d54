//! A `doorward-server` of the test's own: a process, a database, a data folder, commands.

use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitStatus, Stdio};
use std::sync::Arc;
use std::time::Duration;

use serde_json::Value;
use tempfile::TempDir;

use crate::clock::Clock;
use crate::database::{Database, Engine};
use crate::places::{command, free_port, program};
use crate::process::Process;
use crate::wait::until;

/// What a command of ours answered.
#[derive(Debug)]
pub struct Answer {
    /// The exit status; -1 when a signal ended it.
    pub status: i32,
    /// Standard output.
    pub stdout: String,
    /// Standard error.
    pub stderr: String,
}

impl Answer {
    /// Runs the command to its end, giving it `input`.
    ///
    /// # Panics
    /// When it can't be run.
    pub fn of(mut command: Command, input: &str) -> Self {
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().expect("the program starts");
        // Whether a program reads its input is its own affair.
        drop(child.stdin.take().map(|mut stdin| stdin.write_all(input.as_bytes())));
        let output = child.wait_with_output().expect("the program ends");
        Self {
            status: output.status.code().unwrap_or(-1),
            stdout: String::from_utf8_lossy(&output.stdout).into_owned(),
            stderr: String::from_utf8_lossy(&output.stderr).into_owned(),
        }
    }

    /// The one JSON value on standard output.
    ///
    /// # Panics
    /// When the command failed or printed anything else.
    pub fn json(&self) -> Value {
        assert_eq!(self.status, 0, "{self:?}");
        serde_json::from_str(&self.stdout).unwrap_or_else(|why| panic!("not one JSON value: {why}: {self:?}"))
    }
}

/// Memory of a process, in bytes.
#[derive(Debug, Clone, Copy)]
pub struct Memory {
    /// What is in the machine's memory now.
    pub resident: u64,
    /// The most that ever was.
    pub highest: u64,
}

/// A server, or the place for one: commands work before it is started and after it was killed.
#[derive(Debug)]
pub struct Server {
    // Ended before its database and its folder go.
    process: Option<Process>,
    // Shared by the nodes of one server, as is the folder of the first node, which holds the master key.
    database: Arc<Database>,
    folder: Arc<TempDir>,
    first: Option<Arc<TempDir>>,
    public_port: u16,
    port: u16,
    settings: Vec<(String, String)>,
    clock: Option<Clock>,
}

impl Server {
    /// A place for a server that does not run yet, with an empty database.
    ///
    /// # Panics
    /// When the machine has no room for it.
    pub fn on(engine: Engine) -> Self {
        Self::with(Database::create(engine))
    }

    /// The same with this database.
    ///
    /// # Panics
    /// When the machine has no room for it.
    pub fn with(database: Database) -> Self {
        let port = free_port();
        Self {
            process: None,
            database: Arc::new(database),
            folder: new_folder(),
            first: None,
            public_port: port,
            port,
            settings: Vec::new(),
            clock: None,
        }
    }

    /// A place for another node of this server: the same database, master key, settings and public address; a port and a
    /// folder of its own.
    ///
    /// # Panics
    /// When the machine has no room for it.
    pub fn another_node(&self) -> Self {
        Self {
            process: None,
            database: Arc::clone(&self.database),
            folder: new_folder(),
            first: Some(Arc::clone(self.first.as_ref().unwrap_or(&self.folder))),
            public_port: self.public_port,
            port: free_port(),
            settings: self.settings.clone(),
            clock: self.clock.clone(),
        }
    }

    /// Sets `DOORWARD_{name}` for the server and its commands from their next start on.
    pub fn set(&mut self, name: &str, value: &str) {
        self.settings.push((format!("DOORWARD_{name}"), value.to_owned()));
    }

    /// Gives the server and its commands a clock that can be put forward, from their next start on.
    pub fn put_clock(&mut self) -> Clock {
        self.clock.get_or_insert_with(|| Clock::new(self.folder.path())).clone()
    }

    /// The address that people and programs use, without a slash at its end.
    pub fn url(&self) -> String {
        format!("http://localhost:{}", self.public_port)
    }

    /// The address that this node listens on: [`Self::url`], but for the second node of a server and those after it.
    pub fn address(&self) -> String {
        format!("http://localhost:{}", self.port)
    }

    /// The folder that it runs in; its data folder is `data` below it.
    pub fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// Its data folder.
    pub fn data(&self) -> PathBuf {
        self.folder.path().join("data")
    }

    /// The one value that a query on its database gives, as text.
    ///
    /// # Panics
    /// When the query fails.
    pub fn ask(&self, query: &str) -> String {
        self.database.ask(&self.data(), query)
    }

    /// All that the server has logged, over all its lives.
    pub fn log(&self) -> String {
        std::fs::read_to_string(self.log_path()).unwrap_or_default()
    }

    /// What the running server holds of the machine's memory.
    ///
    /// # Panics
    /// When it does not run.
    pub fn memory(&self) -> Memory {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.pid())).expect("the server runs");
        let of = |name: &str| {
            let line = status.lines().find_map(|line| line.strip_prefix(name)).expect("the system knows");
            let kilobytes = line.trim_start_matches(':').trim_end_matches("kB").trim();
            kilobytes.parse::<u64>().expect("a number") * 1024
        };
        Memory { resident: of("VmRSS"), highest: of("VmHWM") }
    }

    /// From now on [`Memory::highest`] counts anew.
    ///
    /// # Panics
    /// When the server does not run.
    pub fn watch_memory_anew(&self) {
        std::fs::write(format!("/proc/{}/clear_refs", self.pid()), "5").expect("the server runs");
    }

    /// How long the running server has kept a core busy, to a hundredth of a second.
    ///
    /// # Panics
    /// When it does not run.
    pub fn processor_time(&self) -> Duration {
        let stat = std::fs::read_to_string(format!("/proc/{}/stat", self.pid())).expect("the server runs");
        // Behind the program's name, which stands in parentheses: the 12th and 13th are its own time and the kernel's for it.
        let (_, fields) = stat.rsplit_once(')').expect("a name in parentheses");
        let ticks = fields.split_whitespace().skip(11).take(2).map(|ticks| ticks.parse::<u64>().expect("a number"));
        Duration::from_millis(ticks.sum::<u64>() * 10)
    }

    fn pid(&self) -> u32 {
        self.process.as_ref().expect("the server runs").pid()
    }

    fn log_path(&self) -> PathBuf {
        self.folder.path().join("server.log")
    }

    /// A command of `doorward-server` in this server's place, to be run.
    pub fn command(&self, arguments: &[&str]) -> Command {
        let mut command = command(program("doorward-server"));
        command
            .current_dir(self.folder.path())
            .args(arguments)
            .env("DOORWARD_PUBLIC_URL", self.url())
            .env("DOORWARD_LISTEN", format!("127.0.0.1:{}", self.port))
            .env("DOORWARD_DATA_DIR", self.data());
        if let Some(first) = &self.first {
            command.env("DOORWARD_MASTER_KEY_FILE", first.path().join("data/master.key"));
        }
        if let Some(url) = self.database.url() {
            command.env("DOORWARD_DATABASE_URL", url);
        }
        command.envs(self.settings.iter().map(|(name, value)| (name, value)));
        if let Some(clock) = &self.clock {
            clock.apply(&mut command);
        }
        command
    }

    /// Runs a command of `doorward-server`, whether the server runs or not.
    pub fn run(&self, arguments: &[&str], input: &str) -> Answer {
        Answer::of(self.command(arguments), input)
    }

    /// Runs a command with `--json` and gives its value.
    ///
    /// # Panics
    /// When the command fails.
    pub fn json(&self, arguments: &[&str], input: &str) -> Value {
        let answer = self.run(&[arguments, &["--json"]].concat(), input);
        assert_eq!(answer.status, 0, "doorward-server {}: {answer:?}", arguments.join(" "));
        answer.json()
    }

    /// Starts the server, anew where it was ended before, and waits until it is ready.
    ///
    /// # Panics
    /// When it ends instead, or never gets ready.
    pub async fn start(&mut self) {
        self.start_until("readyz").await;
    }

    /// Starts the server and waits until it listens, whether it can serve or not.
    ///
    /// # Panics
    /// When it ends instead.
    pub async fn start_unready(&mut self) {
        self.start_until("healthz").await;
    }

    async fn start_until(&mut self, sign: &str) {
        let mut process = Process::start("doorward-server", self.command(&["serve"]), &self.log_path());
        process.listens_at(&format!("{}/{sign}", self.address())).await;
        self.process = Some(process);
    }

    /// `kill -9`.
    ///
    /// # Panics
    /// When it does not run.
    pub fn kill(&mut self) {
        self.process.take().expect("the server runs").kill();
    }

    /// Waits until the server has ended by itself.
    ///
    /// # Panics
    /// When it does not run, or goes on.
    pub async fn ended(&mut self) -> ExitStatus {
        let mut process = self.process.take().expect("the server runs");
        until("the server to end", async || process.ended()).await
    }

    /// Asks the server to stop and waits until it has.
    ///
    /// # Panics
    /// When it does not run, or its status says that it failed.
    pub async fn terminate(&mut self) {
        let status = self.process.take().expect("the server runs").terminate().await;
        assert!(status.success(), "the server stopped with {status}");
    }
}

fn new_folder() -> Arc<TempDir> {
    Arc::new(TempDir::with_prefix("doorward-e2e.").expect("a temporary folder"))
}
