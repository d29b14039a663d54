//! Writing to standard output, which may be closed at any time.

use crate::failure::Failure;
use crate::words::json_line;
use serde_json::Value;
use std::io::{self, Write as _};

/// One line, seen at once.
pub(crate) fn line(text: &str) -> Result<(), Failure> {
    part(&format!("{text}\n"))
}

/// One line of JSON, seen at once.
pub(crate) fn json(value: &Value) -> Result<(), Failure> {
    line(&json_line(value))
}

/// Text as it is, seen at once.
pub(crate) fn part(text: &str) -> Result<(), Failure> {
    let mut stdout = io::stdout().lock();
    stdout.write_all(text.as_bytes()).and_then(|()| stdout.flush()).map_err(|error| Failure::no_output(&error))
}

/// A sentence beside the output, for people. Where nobody reads it, nothing is lost.
pub(crate) fn note(text: &str) {
    let _ = writeln!(io::stderr(), "{text}");
}
