//! A PostgreSQL of the test's own, which it may stop and start again, unlike the one that all tests share.

use std::os::unix::fs::chown;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use tempfile::TempDir;
use url::Url;

use crate::places::{command, free_port};
use crate::process::{Process, signal};
use crate::wait::until;

/// How a PostgreSQL ends.
#[derive(Debug, Clone, Copy)]
pub enum Stop {
    /// In order, and at once: sessions are ended, transactions rolled back.
    Fast,
    /// As by a crash: nothing is finished; the next start recovers.
    Crash,
}

/// The running server, or the place for one.
#[derive(Debug)]
pub struct OwnPostgres {
    process: Option<Process>,
    programs: PathBuf,
    port: u16,
    folder: TempDir,
}

impl OwnPostgres {
    /// Makes one and starts it.
    ///
    /// # Panics
    /// When PostgreSQL is not installed, or does not start.
    pub async fn start() -> Self {
        let programs = std::fs::read_dir("/usr/lib/postgresql").into_iter().flatten().flatten();
        let programs = programs.map(|version| version.path().join("bin")).find(|path| path.join("initdb").exists());
        let programs = programs.expect("PostgreSQL is missing: run crates/e2e/tools/provide first");
        let folder = TempDir::with_prefix("doorward-postgres.").expect("a temporary folder");
        if let Some(owner) = owner() {
            chown(folder.path(), Some(owner), Some(owner)).expect("root may give folders away");
        }
        let mut own = Self { process: None, programs, port: free_port(), folder };
        let mut initdb = own.command("initdb");
        initdb.args(["-U", "postgres", "-A", "trust", "--encoding", "UTF8", "--locale", "C.UTF-8", "--no-sync", "-D"]);
        initdb.arg(own.folder.path().join("data")).stdout(Stdio::null());
        assert!(initdb.status().is_ok_and(|status| status.success()), "initdb failed");
        own.start_again().await;
        own
    }

    /// Starts it, anew where it was stopped, and waits until it answers.
    ///
    /// # Panics
    /// When it does not.
    pub async fn start_again(&mut self) {
        let mut postgres = self.command("postgres");
        postgres.arg("-D").arg(self.folder.path().join("data")).args(["-p", &self.port.to_string()]);
        postgres.arg("-k").arg(self.folder.path());
        // The machine stays up, so that what was written to a file stays written.
        postgres.args(["-c", "listen_addresses=127.0.0.1", "-c", "fsync=off"]);
        let process = Process::start("postgres", postgres, &self.log());
        let port = self.port.to_string();
        until("PostgreSQL to be ready", async || {
            let mut ready = Command::new(self.programs.join("pg_isready"));
            ready.args(["--quiet", "--host", "127.0.0.1", "--port", &port]);
            ready.status().is_ok_and(|status| status.success()).then_some(())
        })
        .await;
        self.process = Some(process);
    }

    /// Ends it and waits until it has ended.
    ///
    /// # Panics
    /// When it does not run.
    pub async fn stop(&mut self, how: Stop) {
        let mut process = self.process.take().expect("PostgreSQL runs");
        signal(if matches!(how, Stop::Fast) { "INT" } else { "QUIT" }, process.pid());
        until("PostgreSQL to end", async || process.ended()).await;
    }

    /// The address of its first database.
    ///
    /// # Panics
    /// Never: it is an address.
    pub fn url(&self) -> Url {
        Url::parse(&format!("postgres://postgres@127.0.0.1:{}/postgres", self.port)).expect("an address")
    }

    fn log(&self) -> PathBuf {
        // Beside its data, where only its owner writes, but root too.
        self.folder.path().join("log")
    }

    /// One of its programs; PostgreSQL refuses to run as root.
    fn command(&self, name: &str) -> Command {
        let path: &Path = &self.programs.join(name);
        let mut command = match owner() {
            None => command(path),
            Some(owner) => {
                let mut changed = command("setpriv");
                changed.args([&format!("--reuid={owner}"), &format!("--regid={owner}"), "--clear-groups"]).arg(path);
                changed
            }
        };
        command.current_dir(self.folder.path());
        command
    }
}

impl Drop for OwnPostgres {
    fn drop(&mut self) {
        // Killed by itself, its helpers would notice only after a while; asked to quit, it takes them along.
        if let Some(mut process) = self.process.take() {
            signal("QUIT", process.pid());
            for _ in 0..100 {
                if process.ended().is_some() {
                    return;
                }
                std::thread::sleep(std::time::Duration::from_millis(50));
            }
        }
    }
}

/// The user that PostgreSQL runs as where the test runs as root: the one that its package made.
fn owner() -> Option<u32> {
    let root = std::fs::metadata("/proc/self").is_ok_and(|own| std::os::unix::fs::MetadataExt::uid(&own) == 0);
    if !root {
        return None;
    }
    let users = std::fs::read_to_string("/etc/passwd").unwrap_or_default();
    let line = users.lines().find(|line| line.starts_with("postgres:")).expect("PostgreSQL's package makes its user");
    Some(line.split(':').nth(2).and_then(|uid| uid.parse().ok()).expect("a user has a number"))
}
