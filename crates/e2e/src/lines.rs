//! A program that tells what happens, one JSON object a line.

use std::io::{BufRead, BufReader, Read};
use std::process::{Child, Command, Stdio};
use std::thread::JoinHandle;

use serde_json::Value;
use tokio::sync::mpsc;

use crate::wait::{PATIENCE, until};

/// A running program, heard line by line. It is killed with this value, unless it has ended.
#[derive(Debug)]
pub struct JsonLines {
    child: Child,
    lines: mpsc::UnboundedReceiver<String>,
    stderr: Option<JoinHandle<String>>,
}

impl JsonLines {
    /// Starts the command.
    ///
    /// # Panics
    /// When it can't be started.
    pub fn start(command: Command) -> Self {
        Self::start_with(command, Stdio::null())
    }

    /// Starts the command with this standard input.
    ///
    /// # Panics
    /// When it can't be started.
    pub fn start_with(mut command: Command, input: Stdio) -> Self {
        command.stdin(input).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().expect("the program starts");
        let (say, lines) = mpsc::unbounded_channel();
        let stdout = BufReader::new(child.stdout.take().expect("a pipe was asked for"));
        std::thread::spawn(move || stdout.lines().map_while(Result::ok).try_for_each(|line| say.send(line)));
        let mut errors = child.stderr.take().expect("a pipe was asked for");
        let stderr = std::thread::spawn(move || {
            let mut text = Vec::new();
            // What could be read before a failure is what there is to show.
            drop(errors.read_to_end(&mut text));
            String::from_utf8_lossy(&text).into_owned()
        });
        Self { child, lines, stderr: Some(stderr) }
    }

    /// The next line's object.
    ///
    /// # Panics
    /// When the program ends or stays silent, or says something else.
    pub async fn next(&mut self) -> Value {
        let line = tokio::time::timeout(PATIENCE, self.lines.recv()).await.expect("the program says something in time");
        let Some(line) = line else { panic!("the program ended without saying more: {}", self.errors()) };
        serde_json::from_str(&line).unwrap_or_else(|why| panic!("not a JSON object: {why}: {line}"))
    }

    /// The next line, which must be of this `event`.
    ///
    /// # Panics
    /// When it is another.
    pub async fn event(&mut self, event: &str) -> Value {
        let line = self.next().await;
        assert_eq!(line["event"], event, "{line}");
        line
    }

    /// Waits for its end: the exit status (-1 after a signal), and what it wrote to standard error.
    ///
    /// # Panics
    /// When it does not end.
    pub async fn end(mut self) -> (i32, String) {
        let status = until("the program to end", async || self.child.try_wait().expect("a child's status")).await;
        (status.code().unwrap_or(-1), self.errors())
    }

    fn errors(&mut self) -> String {
        self.stderr.take().and_then(|thread| thread.join().ok()).unwrap_or_default()
    }
}

impl Drop for JsonLines {
    fn drop(&mut self) {
        drop(self.child.kill());
        drop(self.child.wait());
    }
}
