//! A `doorward-server` of the test's own: a process, a database, a data folder, commands.

use std::io::Write;
use std::path::Path;
use std::process::{Command, Stdio};

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

/// A server, or the place for one: commands work before it is started and after it was killed.
#[derive(Debug)]
pub struct Server {
    // Ended before its database and its folder go.
    process: Option<Process>,
    database: Database,
    folder: TempDir,
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
        Self {
            process: None,
            database: Database::create(engine),
            folder: TempDir::with_prefix("doorward-e2e.").expect("a temporary folder"),
            port: free_port(),
            settings: Vec::new(),
            clock: None,
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
        format!("http://localhost:{}", self.port)
    }

    /// The folder that it runs in; its data folder is `data` below it.
    pub fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// All that the server has logged, over all its lives.
    pub fn log(&self) -> String {
        std::fs::read_to_string(self.log_path()).unwrap_or_default()
    }

    fn log_path(&self) -> std::path::PathBuf {
        self.folder.path().join("server.log")
    }

    fn command(&self, arguments: &[&str]) -> Command {
        let mut command = command(program("doorward-server"));
        command
            .current_dir(self.folder.path())
            .args(arguments)
            .env("DOORWARD_PUBLIC_URL", self.url())
            .env("DOORWARD_LISTEN", format!("127.0.0.1:{}", self.port))
            .env("DOORWARD_DATA_DIR", self.folder.path().join("data"));
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
        let mut process = Process::start("doorward-server", self.command(&["serve"]), &self.log_path());
        let ready = format!("{}/readyz", self.url());
        let http = reqwest::Client::new();
        until("the server to be ready", async || {
            if let Some(status) = process.ended() {
                panic!("the server ended at once ({status}): {}", process.log());
            }
            let answer = http.get(&ready).send().await.ok()?;
            answer.status().is_success().then_some(())
        })
        .await;
        self.process = Some(process);
    }

    /// `kill -9`.
    ///
    /// # Panics
    /// When it does not run.
    pub fn kill(&mut self) {
        self.process.take().expect("the server runs").kill();
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
