//! Standard input, which holds passwords.

use rustix::termios::{LocalModes, OptionalActions, SpecialCodeIndex, Termios, tcgetattr, tcsetattr};
use std::io::{self, IsTerminal as _, Read};

/// Standard input. At a terminal it asks, shows nothing of what is typed, and ends with the line: nobody guesses that
/// Ctrl-D is waited for.
#[derive(Default)]
pub(crate) struct Stdin {
    asked: bool,
    ended: bool,
}

impl Read for Stdin {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let mut stdin = io::stdin().lock();
        if !stdin.is_terminal() {
            return stdin.read(buffer);
        }
        if self.ended {
            return Ok(0);
        }
        let silent = Silent::start();
        if !self.asked {
            self.asked = true;
            let shown = if silent.is_some() { "is not shown" } else { "will be seen" };
            eprint!("Type the password, which {shown}, and press Enter: ");
        }
        let count = stdin.read(buffer)?;
        let typed = &buffer[..count];
        self.ended = count == 0 || typed.ends_with(b"\n");
        if silent.is_some_and(|silent| silent.is_interrupted(typed)) {
            eprintln!();
            return Err(io::Error::other("it was stopped by Ctrl-C"));
        }
        Ok(count)
    }
}

/// The terminal, showing nothing of what is typed but the end of the line. As it was before once this is dropped; for that
/// to happen, Ctrl-C ends the line here, not the program.
struct Silent {
    before: Termios,
    interrupt: u8,
}

impl Silent {
    fn start() -> Option<Self> {
        let before = tcgetattr(io::stdin()).ok()?;
        let interrupt = before.special_codes[SpecialCodeIndex::VINTR];
        let mut silent = before.clone();
        silent.local_modes.remove(LocalModes::ECHO);
        silent.local_modes.insert(LocalModes::ECHONL);
        silent.special_codes[SpecialCodeIndex::VINTR] = 0;
        silent.special_codes[SpecialCodeIndex::VEOL] = interrupt;
        tcsetattr(io::stdin(), OptionalActions::Flush, &silent).ok()?;
        Some(Self { before, interrupt })
    }

    fn is_interrupted(&self, typed: &[u8]) -> bool {
        self.interrupt != 0 && typed.last() == Some(&self.interrupt)
    }
}

impl Drop for Silent {
    fn drop(&mut self) {
        // Where this fails the terminal is gone, and with it what it shows.
        let _ = tcsetattr(io::stdin(), OptionalActions::Now, &self.before);
    }
}
