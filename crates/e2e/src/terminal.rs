//! A pseudo-terminal, by Debian's `script`: what a program shows to a person, and what happens when the person types.

use std::ffi::OsStr;
use std::io::{Read, Write};
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Mutex};

use crate::places::command;
use crate::wait::until;

/// A program on a terminal. It ends with this value.
#[derive(Debug)]
pub struct Terminal {
    child: Child,
    shown: Arc<Mutex<String>>,
}

impl Terminal {
    /// Starts the command, with its arguments and environment, on a terminal of this size.
    ///
    /// # Panics
    /// When it can't be started.
    pub fn start(inner: &Command, columns: u16, rows: u16) -> Self {
        // Whoever runs the tests in the background has them ignore Ctrl-C, which programs inherit and a shell can't undo.
        let fresh = "exec env -i --default-signal=INT,QUIT TERM=xterm-256color";
        let mut line = format!("stty cols {columns} rows {rows} && {fresh}");
        let variables = inner.get_envs().filter_map(|(name, value)| Some((name, value?)));
        for (name, value) in variables {
            line.push_str(&format!(" {}={}", quoted(name), quoted(value)));
        }
        for word in std::iter::once(inner.get_program()).chain(inner.get_args()) {
            line.push_str(&format!(" {}", quoted(word)));
        }
        let mut script = command("script");
        script.args(["--quiet", "--return", "--flush", "--command", &line, "/dev/null"]);
        script.env("SHELL", "/bin/sh").stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null());
        let mut child = script.spawn().expect("script, of Debian's bsdutils, is there");
        let mut output = child.stdout.take().expect("a pipe was asked for");
        let shown = Arc::new(Mutex::new(String::new()));
        let screen = Arc::clone(&shown);
        std::thread::spawn(move || {
            let mut bytes = Vec::new();
            let mut piece = [0; 4096];
            while let Ok(read @ 1..) = output.read(&mut piece) {
                bytes.extend_from_slice(&piece[..read]);
                // From the start each time, as a piece may end in the middle of a character.
                *screen.lock().expect("no one fails while holding it") = String::from_utf8_lossy(&bytes).into_owned();
            }
        });
        Self { child, shown }
    }

    /// Everything shown so far, with the terminal's control sequences.
    ///
    /// # Panics
    /// Never, as nothing fails while it holds the text.
    pub fn shown(&self) -> String {
        self.shown.lock().expect("no one fails while holding it").clone()
    }

    /// What a person reads of it: without colours and movements of the cursor.
    pub fn text(&self) -> String {
        let shown = self.shown();
        let mut pieces = shown.split("\u{1b}[");
        let mut text = pieces.next().unwrap_or_default().to_owned();
        for piece in pieces {
            // A sequence ends with its first letter.
            let end = piece.find(|sign: char| ('@'..='~').contains(&sign)).map_or(piece.len(), |at| at + 1);
            text.push_str(&piece[end..]);
        }
        text
    }

    /// Waits until this text has been shown.
    ///
    /// # Panics
    /// When it never is; the message holds what was.
    pub async fn wait_for(&self, text: &str) {
        let waiting = until(text, async || self.text().contains(text).then_some(()));
        if tokio::time::timeout(crate::wait::PATIENCE / 2, waiting).await.is_err() {
            panic!("{text:?} was not shown, but: {}", self.shown());
        }
    }

    /// Types; `"\u{3}"` is Ctrl-C.
    ///
    /// # Panics
    /// When the program has ended.
    pub fn press(&mut self, keys: &str) {
        let keyboard = self.child.stdin.as_mut().expect("a pipe was asked for");
        keyboard.write_all(keys.as_bytes()).and_then(|()| keyboard.flush()).expect("the terminal is there");
    }

    /// Waits for the program's end and gives its exit status.
    ///
    /// # Panics
    /// When it does not end.
    pub async fn end(mut self) -> i32 {
        let ended = until("the program to end", async || self.child.try_wait().expect("a child's status")).await;
        ended.code().unwrap_or(-1)
    }
}

impl Drop for Terminal {
    fn drop(&mut self) {
        // The terminal goes with script, and its hang-up ends the program.
        drop(self.child.kill());
        drop(self.child.wait());
    }
}

fn quoted(word: &OsStr) -> String {
    format!("'{}'", word.to_string_lossy().replace('\'', r"'\''"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_program_sees_a_terminal_of_that_size_and_its_keys() {
        let mut command = Command::new("sh");
        command
            .args(["-c", r#"test -t 1 && stty size && printf "\033[1;32mit's\033[0m %s\n" "$WORD" && read answer && exit "$answer""#])
            .env("WORD", "a 'word'");
        let mut terminal = Terminal::start(&command, 80, 24);
        terminal.wait_for("24 80").await;
        terminal.wait_for("it's a 'word'").await;
        terminal.press("7\n");
        assert_eq!(terminal.end().await, 7);
    }

    #[tokio::test]
    async fn ctrl_c_interrupts() {
        let mut command = Command::new("sh");
        // The shell itself waits: one that starts programs one after the other may lose the signal between two of them.
        command.args(["-c", "trap 'echo stopped; exit 5' INT; echo waiting; read -r answer"]);
        let mut terminal = Terminal::start(&command, 80, 24);
        terminal.wait_for("waiting").await;
        terminal.press("\u{3}");
        terminal.wait_for("stopped").await;
        assert_eq!(terminal.end().await, 5);
    }
}
