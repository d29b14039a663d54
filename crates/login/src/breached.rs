//! Passwords that were stolen somewhere, by a list that the operator supplies.
//!
//! The list is a file as *Have I Been Pwned* gives it: a line a password, its SHA-1 digest in hexadecimal digits, perhaps a
//! colon and a number behind it, the lines sorted. It may have billions of lines: nothing of it is kept in memory, and a
//! password is looked for by some forty short reads.

use model::fault::Fault;
use sha1::{Digest as _, Sha1};
use std::fmt;
use std::fs::File;
use std::io;
use std::os::unix::fs::FileExt as _;
use std::path::Path;
use std::sync::Arc;

/// Hexadecimal digits of a SHA-1 digest.
const DIGITS: usize = 40;

/// What is read at once to find the end of a line.
const BLOCK: usize = 256;

/// A list of stolen passwords.
#[derive(Clone, Debug)]
pub struct Breached {
    file: Arc<File>,
    length: u64,
}

/// Why a file is no such list.
#[derive(Debug)]
pub enum NotAList {
    /// It can't be read.
    Unreadable(io::Error),
    /// A line does not begin with the digits of a digest.
    Form,
    /// Its last line sorts before its first.
    Unsorted,
}

impl fmt::Display for NotAList {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unreadable(error) => error.fmt(f),
            Self::Form => f.write_str("its lines are not SHA-1 digests in hexadecimal digits"),
            Self::Unsorted => f.write_str("its lines are not sorted by their digests"),
        }
    }
}

impl std::error::Error for NotAList {}

impl From<io::Error> for NotAList {
    fn from(error: io::Error) -> Self {
        Self::Unreadable(error)
    }
}

impl Breached {
    /// Opens a list, and looks at its first and its last line.
    ///
    /// # Errors
    /// Why it is none.
    pub fn open(path: &Path) -> Result<Self, NotAList> {
        let file = File::open(path)?;
        let length = file.metadata()?.len();
        let list = Self { file: Arc::new(file), length };
        let first = list.digest_at(0)?;
        // Whole lines but for the last newline: within the last block one begins.
        let last = list.last_line()?;
        if list.digest_at(last)? < first { Err(NotAList::Unsorted) } else { Ok(list) }
    }

    /// Whether a password is in it. Reads from the disk: not for a thread that others wait for.
    ///
    /// # Errors
    /// `Broken` where the file can't be read, or is not what it was when it was opened.
    pub fn holds(&self, password: &str) -> Result<bool, Fault> {
        let wanted = hex(&Sha1::digest(password.as_bytes()));
        self.look(&wanted).map_err(|error| Fault::broken("the list of stolen passwords").because(error))
    }

    /// A binary search by offset: the line that is looked for, if any, begins at `low` or after it, and before `high`.
    fn look(&self, wanted: &[u8; DIGITS]) -> Result<bool, NotAList> {
        let (mut low, mut high) = (0, self.length);
        while low < high {
            let middle = low + (high - low) / 2;
            let start = self.line_from(middle)?;
            if start >= high {
                high = middle;
                continue;
            }
            match self.digest_at(start)?.cmp(wanted) {
                std::cmp::Ordering::Equal => return Ok(true),
                std::cmp::Ordering::Less => low = start + 1,
                std::cmp::Ordering::Greater => high = middle,
            }
        }
        Ok(false)
    }

    /// Where the first line begins that begins at `offset` or after it; the end of the file where none does.
    fn line_from(&self, offset: u64) -> Result<u64, NotAList> {
        let Some(mut at) = offset.checked_sub(1) else { return Ok(0) };
        while at < self.length {
            let mut block = [0; BLOCK];
            let read = self.file.read_at(&mut block, at)?;
            if read == 0 {
                break;
            }
            if let Some(end) = block[..read].iter().position(|byte| *byte == b'\n') {
                // A newline that ends the file begins no line.
                return Ok((at + end as u64 + 1).min(self.length));
            }
            at += read as u64;
        }
        Ok(self.length)
    }

    fn last_line(&self) -> Result<u64, NotAList> {
        let (mut line, mut next) = (0, self.line_from(self.length.saturating_sub(BLOCK as u64))?);
        while next < self.length {
            line = next;
            next = self.line_from(line + 1)?;
        }
        Ok(line)
    }

    /// The digest of the line that begins there, in capitals.
    fn digest_at(&self, start: u64) -> Result<[u8; DIGITS], NotAList> {
        let mut digits = [0; DIGITS];
        self.file.read_exact_at(&mut digits, start).map_err(|error| match error.kind() {
            io::ErrorKind::UnexpectedEof => NotAList::Form,
            _ => NotAList::Unreadable(error),
        })?;
        if !digits.iter().all(u8::is_ascii_hexdigit) {
            return Err(NotAList::Form);
        }
        digits.make_ascii_uppercase();
        Ok(digits)
    }
}

fn hex(bytes: &[u8]) -> [u8; DIGITS] {
    const CAPITALS: &[u8; 16] = b"0123456789ABCDEF";
    let mut digits = [0; DIGITS];
    for (pair, byte) in digits.chunks_exact_mut(2).zip(bytes) {
        pair[0] = CAPITALS[usize::from(byte >> 4)];
        pair[1] = CAPITALS[usize::from(byte & 15)];
    }
    digits
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Write as _;

    fn list(text: &str) -> Result<Breached, NotAList> {
        let mut file = tempfile::NamedTempFile::new().unwrap();
        file.write_all(text.as_bytes()).unwrap();
        Breached::open(file.path())
    }

    fn line(password: &str) -> String {
        String::from_utf8(hex(&Sha1::digest(password.as_bytes())).to_vec()).unwrap()
    }

    #[test]
    fn the_digest_is_the_one_that_lists_have() {
        assert_eq!(line("password"), "5BAA61E4C9B93F3F0682250B6CF8331B7EE68FD8");
    }

    #[test]
    fn each_password_is_found_and_no_other() {
        // Lines of several lengths, with and without a newline at the end, from one to hundreds.
        for count in [1_usize, 2, 3, 7, 500] {
            for (ending, lower) in [("", false), ("\n", false), ("\r\n", true)] {
                let mut lines: Vec<String> = (0..count)
                    .map(|number| format!("{}:{}", line(&format!("password {number}")), "9".repeat(number % 9 + 1)))
                    .collect();
                lines.sort_unstable();
                let newline = if ending == "\r\n" { "\r\n" } else { "\n" };
                let text = lines.join(newline) + ending;
                let list = list(&if lower { text.to_lowercase() } else { text }).unwrap();
                for number in 0..count {
                    assert!(list.holds(&format!("password {number}")).unwrap(), "{number} of {count}");
                }
                for absent in ["", "password", "password -1", "correct horse battery staple"] {
                    assert!(!list.holds(absent).unwrap(), "{absent} of {count}");
                }
            }
        }
    }

    #[test]
    fn what_is_no_list_is_refused() {
        for (text, why) in [
            ("", "SHA-1"),
            ("hunter2\npassword\n", "SHA-1"),
            (&format!("{}\nhunter2\n", line("password")), "SHA-1"),
            (&format!("{}\n{}\n", "F".repeat(40), "0".repeat(40)), "sorted"),
        ] {
            let said = list(text).unwrap_err().to_string();
            assert!(said.contains(why), "{text:?}: {said}");
        }
        assert!(Breached::open(Path::new("/nowhere")).is_err());
    }

    #[test]
    fn a_list_that_is_spoiled_later_is_a_fault() {
        let file = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(file.path(), format!("{}\n", line("password"))).unwrap();
        let list = Breached::open(file.path()).unwrap();
        std::fs::write(file.path(), "spoiled").unwrap();
        assert!(list.holds("password").is_err());
    }
}
