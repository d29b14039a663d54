//! A mail server on a real socket that speaks by a script.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::thread;

/// What it does at a step.
#[derive(Clone, Copy, Debug)]
pub(super) enum Line {
    /// Says this.
    Say(&'static str),
    /// Says nothing and keeps the connection.
    Stall,
    /// Closes the connection.
    HangUp,
}

/// A step is `greeting`, the first word of a command, or `.` for the end of a letter.
type Script = Vec<(&'static str, Line)>;

#[derive(Default)]
struct Notes {
    lines: Mutex<Vec<String>>,
    connections: AtomicUsize,
    stopped: AtomicBool,
}

pub(super) struct Scripted {
    port: u16,
    notes: Arc<Notes>,
}

impl Scripted {
    /// Starts one that follows `script`, and else takes everything.
    pub(super) fn start(script: &[(&'static str, Line)]) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let notes = Arc::<Notes>::default();
        let (script, shared) = (script.to_vec(), notes.clone());
        thread::spawn(move || {
            for stream in listener.incoming() {
                if shared.stopped.load(Ordering::SeqCst) {
                    break;
                }
                shared.connections.fetch_add(1, Ordering::SeqCst);
                let (script, shared) = (script.clone(), shared.clone());
                // Clients that go away end the conversation with an error, which is no matter.
                thread::spawn(move || drop(converse(&stream.unwrap(), &script, &shared)));
            }
        });
        Self { port, notes }
    }

    pub(super) fn port(&self) -> u16 {
        self.port
    }

    /// The commands so far, and each letter as one text.
    pub(super) fn seen(&self) -> Vec<String> {
        self.notes.lines.lock().unwrap().clone()
    }

    pub(super) fn connections(&self) -> usize {
        self.notes.connections.load(Ordering::SeqCst)
    }

    /// Stops listening.
    pub(super) fn stop(&self) {
        self.notes.stopped.store(true, Ordering::SeqCst);
        // Two: the first one wakes the listener, the second is refused once the socket is closed.
        while TcpStream::connect(("127.0.0.1", self.port)).is_ok() {
            thread::yield_now();
        }
    }
}

impl Drop for Scripted {
    fn drop(&mut self) {
        self.stop();
    }
}

fn converse(stream: &TcpStream, script: &Script, notes: &Notes) -> std::io::Result<()> {
    let mut input = BufReader::new(stream.try_clone()?);
    // `{ stream }` is another copy of the reference, which is what reads and writes.
    let answer = |step: &str, usual: &str| -> std::io::Result<bool> {
        match script.iter().find(|(known, _)| *known == step).map(|(_, line)| *line) {
            Some(Line::HangUp) => stream.shutdown(Shutdown::Both).map(|()| false),
            Some(Line::Stall) => { stream }.read_to_end(&mut Vec::new()).map(|_| false),
            Some(Line::Say(text)) => { stream }.write_all(format!("{text}\r\n").as_bytes()).map(|()| true),
            None => { stream }.write_all(format!("{usual}\r\n").as_bytes()).map(|()| true),
        }
    };
    if !answer("greeting", "220 mail.test")? {
        return Ok(());
    }
    loop {
        let mut bytes = Vec::new();
        if input.read_until(b'\n', &mut bytes)? == 0 {
            return Ok(());
        }
        let command = String::from_utf8_lossy(&bytes).trim_end().to_owned();
        let word = command.split(' ').next().unwrap_or_default().to_owned();
        notes.lines.lock().unwrap().push(command);
        let usual = match word.as_str() {
            "DATA" => "354 go on",
            "QUIT" => "221 bye",
            _ => "250 fine",
        };
        if !answer(&word, usual)? || word == "QUIT" {
            return Ok(());
        }
        let refused = script.iter().any(|(step, _)| *step == "DATA");
        if word == "DATA" && !refused {
            let mut letter = String::new();
            while !letter.ends_with("\r\n.\r\n") {
                if input.read_line(&mut letter)? == 0 {
                    return Ok(());
                }
            }
            notes.lines.lock().unwrap().push(letter.trim_end_matches(".\r\n").to_owned());
            if !answer(".", "250 taken")? {
                return Ok(());
            }
        }
    }
}
