//! The `doorward` program, as the person at a terminal or a script runs it.

use std::path::{Path, PathBuf};
use std::process::Command;

use tempfile::TempDir;

use crate::clock::Clock;
use crate::lines::JsonLines;
use crate::places::{command, program};
use crate::server::{Answer, Server};
use crate::terminal::Terminal;

/// One person's `doorward`, with a configuration folder of its own.
#[derive(Debug)]
pub struct Cli {
    config: TempDir,
    server: String,
    organization: String,
    clock: Option<Clock>,
}

impl Cli {
    /// For this server and organization.
    ///
    /// # Panics
    /// When there is no room for its folder.
    pub fn new(server: &Server, organization: &str) -> Self {
        let config = TempDir::with_prefix("doorward-cli.").expect("a temporary folder");
        Self { config, server: server.url(), organization: organization.to_owned(), clock: None }
    }

    /// Makes it live by this clock from its next start on.
    pub fn live_by(&mut self, clock: Clock) {
        self.clock = Some(clock);
    }

    fn command(&self, arguments: &[&str]) -> Command {
        let mut command = command(program("doorward"));
        command
            .args(arguments)
            .env("XDG_CONFIG_HOME", self.config.path())
            .env("HOME", self.config.path())
            .env("DOORWARD_SERVER", &self.server)
            .env("DOORWARD_ORG", &self.organization);
        if let Some(clock) = &self.clock {
            clock.apply(&mut command);
        }
        command
    }

    /// Runs it to its end, off a terminal.
    pub fn run(&self, arguments: &[&str]) -> Answer {
        Answer::of(self.command(arguments), "")
    }

    /// Starts it off a terminal and listens, for `login`.
    pub fn start(&self, arguments: &[&str]) -> JsonLines {
        JsonLines::start(self.command(arguments))
    }

    /// Starts it on a terminal of this size.
    pub fn on_terminal(&self, arguments: &[&str], columns: u16, rows: u16) -> Terminal {
        Terminal::start(&self.command(arguments), columns, rows)
    }

    /// The file that holds what it was given.
    pub fn credentials(&self) -> PathBuf {
        self.folder().join("doorward/credentials.json")
    }

    /// Its configuration folder.
    pub fn folder(&self) -> &Path {
        self.config.path()
    }
}
