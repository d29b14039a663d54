//! What a command prints: one JSON value for programs, or a sentence or a table for people.

use super::failure::Failure;
use model::context::plain_text;
use serde_json::Value;
use std::io::Write;

/// The longest cell of a table, in characters.
const LONGEST_CELL: usize = 120;

/// Standard output.
pub(super) struct Output<'a> {
    json: bool,
    out: &'a mut dyn Write,
}

impl<'a> Output<'a> {
    pub(super) fn new(json: bool, out: &'a mut dyn Write) -> Self {
        Self { json, out }
    }

    /// What was done: the value, or the sentence.
    pub(super) fn done(&mut self, value: &Value, sentence: &str) -> Result<(), Failure> {
        if self.json { self.value(value) } else { self.text(&format!("{sentence}\n")) }
    }

    /// A list: an array, or a table with a heading for each column.
    pub(super) fn list<const N: usize>(
        &mut self,
        headings: [&str; N],
        rows: Vec<(Value, [String; N])>,
    ) -> Result<(), Failure> {
        if self.json {
            return self.value(&rows.into_iter().map(|(value, _)| value).collect());
        }
        // Cells may hold words that others chose: nothing in them may steer the terminal.
        let cells = rows.into_iter().map(|(_, cells)| cells.map(|cell| plain_text(&cell, LONGEST_CELL)));
        let lines: Vec<[String; N]> = std::iter::once(headings.map(str::to_owned)).chain(cells).collect();
        let widths: [usize; N] = std::array::from_fn(|column| {
            lines.iter().map(|line| line[column].chars().count()).max().unwrap_or_default()
        });
        let mut text = String::new();
        for line in &lines {
            let padded: Vec<String> = line.iter().zip(widths).map(|(cell, width)| format!("{cell:width$}")).collect();
            text.push_str(padded.join("  ").trim_end());
            text.push('\n');
        }
        self.text(&text)
    }

    /// Findings: an array, or a line each.
    pub(super) fn findings(&mut self, findings: Vec<(Value, [String; 2])>) -> Result<(), Failure> {
        if self.json {
            return self.value(&findings.into_iter().map(|(value, _)| value).collect());
        }
        let lines = findings.into_iter().map(|(_, [level, finding])| format!("{level:7} {finding}\n"));
        self.text(&lines.collect::<String>())
    }

    /// A text as it is.
    pub(super) fn text(&mut self, text: &str) -> Result<(), Failure> {
        let written = self.out.write_all(text.as_bytes()).and_then(|()| self.out.flush());
        written.map_err(|error| Failure::refused(format!("It is done, but the result can't be printed: {error}.")))
    }

    fn value(&mut self, value: &Value) -> Result<(), Failure> {
        self.text(&format!("{value}\n"))
    }
}
