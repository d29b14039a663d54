//! A program that runs beside the test.

use std::fs::File;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::time::Duration;

use crate::wait::{PATIENCE, until};

/// A running program whose output goes into a file. It ends with this value.
#[derive(Debug)]
pub struct Process {
    child: Child,
    name: String,
    log: PathBuf,
}

impl Process {
    /// Starts the command; what it prints is appended to `log`.
    ///
    /// # Panics
    /// When it can't be started.
    pub fn start(name: &str, mut command: Command, log: &Path) -> Self {
        let output = || File::options().create(true).append(true).open(log).expect("the log can be written");
        command.stdin(Stdio::null()).stdout(output()).stderr(output());
        let child = command.spawn().unwrap_or_else(|why| panic!("{name} does not start: {why}"));
        Self { child, name: name.to_owned(), log: log.to_owned() }
    }

    /// Its number in the system.
    pub fn pid(&self) -> u32 {
        self.child.id()
    }

    /// What it has printed so far, and what earlier runs with the same log have.
    pub fn log(&self) -> String {
        std::fs::read_to_string(&self.log).unwrap_or_default()
    }

    /// Its status, once it has ended by itself.
    ///
    /// # Panics
    /// When the system does not say.
    pub fn ended(&mut self) -> Option<ExitStatus> {
        self.child.try_wait().expect("the system knows its children")
    }

    /// Waits until this address, where it is to listen, answers that all is well.
    ///
    /// # Panics
    /// When the program ends instead, or does not answer for long; with what it has printed.
    pub async fn listens_at(&mut self, address: &str) {
        if !self.listens_within(PATIENCE, address).await {
            panic!("waited {} s in vain for {}: {}", PATIENCE.as_secs(), self.name, self.log());
        }
    }

    /// Whether this address answers that all is well before `limit` is over.
    ///
    /// # Panics
    /// When the program ends instead; with what it has printed.
    pub async fn listens_within(&mut self, limit: Duration, address: &str) -> bool {
        // A connection that was taken and forgotten must not use up the time of all those after it.
        const ONE_REQUEST: Duration = Duration::from_secs(5);
        const PAUSE: Duration = Duration::from_millis(40);
        let http = reqwest::Client::new();
        let listens = async {
            loop {
                if let Some(status) = self.ended() {
                    panic!("{} ended at once ({status}): {}", self.name, self.log());
                }
                let answer = http.get(address).timeout(ONE_REQUEST).send().await;
                if answer.is_ok_and(|answer| answer.status().is_success()) {
                    return;
                }
                tokio::time::sleep(PAUSE).await;
            }
        };
        tokio::time::timeout(limit, listens).await.is_ok()
    }

    /// `kill -9`: no chance to finish anything. Returns when it is gone.
    ///
    /// # Panics
    /// When the system refuses.
    pub fn kill(&mut self) {
        self.child.kill().expect("one's own child can be killed");
        self.child.wait().expect("the system knows its children");
    }

    /// Asks it to stop (SIGTERM) and waits until it has.
    ///
    /// # Panics
    /// When it goes on for long.
    pub async fn terminate(&mut self) -> ExitStatus {
        signal("TERM", self.pid());
        let what = format!("{} to stop", self.name);
        until(&what, async || self.ended()).await
    }

    /// The processes that it started and that still run.
    fn children(&self) -> Vec<u32> {
        let threads = std::fs::read_dir(format!("/proc/{}/task", self.pid())).into_iter().flatten().flatten();
        threads
            .filter_map(|thread| std::fs::read_to_string(thread.path().join("children")).ok())
            .flat_map(|list| list.split_whitespace().filter_map(|pid| pid.parse().ok()).collect::<Vec<_>>())
            .collect()
    }
}

/// Sends a signal by the system's own program, as this crate holds no unsafe code.
pub fn signal(name: &str, pid: u32) {
    let sent = Command::new("kill").args(["-s", name, &pid.to_string()]).stderr(Stdio::null()).status();
    // A process that has just ended by itself is as good.
    drop(sent);
}

impl Drop for Process {
    fn drop(&mut self) {
        if std::thread::panicking() {
            let log = self.log();
            let tail = log.lines().rev().take(40).collect::<Vec<_>>();
            eprintln!("--- the last lines of {}:", self.name);
            tail.iter().rev().for_each(|line| eprintln!("{line}"));
        }
        if self.child.try_wait().is_ok_and(|status| status.is_none()) {
            // A driver's browser would outlive it.
            for pid in self.children() {
                signal("KILL", pid);
            }
            drop(self.child.kill());
            drop(self.child.wait());
        }
    }
}
