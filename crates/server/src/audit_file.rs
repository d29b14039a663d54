//! The audit log as a file, for programs and for spreadsheets. The names of its fields are for good.

use directory::audit_log::{Excerpt, Names, Person};
use model::audit::{Actor, SERVER_WIDE};
use model::fault::Fault;
use serde::Serialize;
use serde_json::Value;
use store::tables::audit::AuditRow;
use time::OffsetDateTime;
use time::format_description::BorrowedFormatItem;
use time::macros::format_description;
use uuid::Uuid;

/// Rows that are read and written at a time: no more of a log is in memory, however long it is.
pub(crate) const AT_ONCE: usize = 1000;

/// RFC 3339, to the millisecond: so exactly the log has it.
const TIME: &[BorrowedFormatItem<'_>] =
    format_description!("[year]-[month]-[day]T[hour]:[minute]:[second].[subsecond digits:3]Z");

/// How a file is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Format {
    /// A JSON object a line.
    Ndjson,
    /// Comma-separated values (RFC 4180).
    Csv,
}

impl Format {
    /// The word for it.
    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::Ndjson => "ndjson",
            Self::Csv => "csv",
        }
    }

    /// Reads the word.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        [Self::Ndjson, Self::Csv].into_iter().find(|format| format.as_str() == text)
    }

    /// What HTTP calls it.
    pub(crate) const fn media_type(self) -> &'static str {
        match self {
            Self::Ndjson => "application/x-ndjson",
            Self::Csv => "text/csv; charset=utf-8; header=present",
        }
    }

    /// What stands before the first row.
    pub(crate) fn heading(self) -> String {
        match self {
            Self::Ndjson => String::new(),
            Self::Csv => record(COLUMNS.map(str::to_owned)),
        }
    }

    /// A piece of a log, a line a row.
    ///
    /// # Errors
    /// `Broken` where a row can't be written as JSON.
    pub(crate) fn lines(self, excerpt: &Excerpt) -> Result<String, Fault> {
        let mut text = String::new();
        for row in &excerpt.rows {
            let line = Line::of(row, &excerpt.names);
            match self {
                Self::Ndjson => {
                    let json = serde_json::to_string(&line);
                    text.push_str(&json.map_err(|error| Fault::broken("an audit row as JSON").because(error))?);
                    text.push('\n');
                }
                Self::Csv => text.push_str(&record(line.cells(row))),
            }
        }
        Ok(text)
    }
}

/// The columns of the CSV file: the fields of [`Line`].
const COLUMNS: [&str; 13] = [
    "id",
    "at",
    "organization",
    "actor",
    "actor_name",
    "actor_email",
    "action",
    "object",
    "address",
    "details",
    "position",
    "previous_hash",
    "hash",
];

#[derive(Serialize)]
struct Line<'a> {
    id: String,
    at: String,
    organization: Option<&'a str>,
    actor: &'a str,
    actor_name: Option<&'a str>,
    actor_email: Option<&'a str>,
    action: &'a str,
    object: &'a str,
    address: Option<&'a str>,
    details: Value,
    position: Option<i64>,
    previous_hash: Option<String>,
    hash: Option<String>,
}

impl<'a> Line<'a> {
    fn of(row: &'a AuditRow, names: &'a Names) -> Self {
        let (actor_name, actor_email) = match Actor::parse(&row.actor) {
            Some(Actor::User(user)) => match names.person(user) {
                Some(Person::Known { name, email }) => (Some(name.as_str()), Some(email.as_str())),
                Some(Person::Former { name }) => (Some(name.as_str()), None),
                Some(Person::Deleted) | None => (None, None),
            },
            Some(Actor::Client(id)) => (names.client(&id).map(|application| application.name.as_str()), None),
            Some(Actor::Operator | Actor::Stranger) | None => (None, None),
        };
        Self {
            // The database checks no length, so an id that is none is written as nil.
            id: Uuid::from_slice(&row.id).unwrap_or_default().to_string(),
            at: exactly(row.at),
            organization: (row.org_id != SERVER_WIDE).then_some(row.org_id.as_str()),
            actor: &row.actor,
            actor_name: actor_name.filter(|name| !name.is_empty()),
            actor_email,
            action: &row.action,
            object: &row.object,
            address: row.address.as_deref(),
            // What somebody has altered by hand need not be JSON any more, and is kept as it is.
            details: serde_json::from_str(&row.details).unwrap_or_else(|_| Value::String(row.details.clone())),
            position: row.position,
            previous_hash: row.previous_hash.as_deref().map(hex),
            hash: row.hash.as_deref().map(hex),
        }
    }

    fn cells(self, row: &AuditRow) -> [String; 13] {
        let text = |text: Option<&str>| text.unwrap_or_default().to_owned();
        [
            self.id,
            self.at,
            text(self.organization),
            self.actor.to_owned(),
            text(self.actor_name),
            text(self.actor_email),
            self.action.to_owned(),
            self.object.to_owned(),
            text(self.address),
            row.details.clone(),
            self.position.map(|position| position.to_string()).unwrap_or_default(),
            self.previous_hash.unwrap_or_default(),
            self.hash.unwrap_or_default(),
        ]
    }
}

const FORMULA: [char; 11] = ['=', '+', '-', '@', '\t', '\r', '\n', '＝', '＋', '－', '＠'];

/// A record of RFC 4180, every cell in quotes.
///
/// A spreadsheet takes a cell that begins with one of these characters for a formula, which may send what stands beside it
/// to anybody: an apostrophe before it makes it a text. In some languages the wide forms of those characters count as well.
fn record<const N: usize>(cells: [String; N]) -> String {
    let quoted = cells.map(|cell| {
        let guard = if cell.starts_with(FORMULA) { "'" } else { "" };
        format!("\"{guard}{}\"", cell.replace('"', "\"\""))
    });
    format!("{}\r\n", quoted.join(","))
}

/// Lower-case hexadecimal digits.
pub(crate) fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn exactly(millis: i64) -> String {
    // Only years beyond 9999 can't be written.
    let moment = OffsetDateTime::from_unix_timestamp_nanos(i128::from(millis) * 1_000_000);
    moment.map(|moment| moment.format(TIME).unwrap_or_default()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cell_is_neither_a_formula_nor_two_cells() {
        for (cell, written) in [
            ("", "\"\""),
            ("plain", "\"plain\""),
            ("=1+1", "\"'=1+1\""),
            ("+1", "\"'+1\""),
            ("-1", "\"'-1\""),
            ("@SUM(A1)", "\"'@SUM(A1)\""),
            ("\tx", "\"'\tx\""),
            ("\rx", "\"'\rx\""),
            ("\nx", "\"'\nx\""),
            ("＝HYPERLINK(A1)", "\"'＝HYPERLINK(A1)\""),
            ("＠SUM(A1)", "\"'＠SUM(A1)\""),
            ("a=b", "\"a=b\""),
            ("a,b;c", "\"a,b;c\""),
            ("two\r\nlines", "\"two\r\nlines\""),
            ("say \"so\"", "\"say \"\"so\"\"\""),
            ("=\"a\",b", "\"'=\"\"a\"\",b\""),
        ] {
            assert_eq!(record([cell.to_owned()]), format!("{written}\r\n"));
        }
        assert_eq!(record(["a", "", "c"].map(str::to_owned)), "\"a\",\"\",\"c\"\r\n");
    }

    #[test]
    fn a_row_is_a_line_with_names_that_stay() {
        let row = AuditRow {
            org_id: "acme".to_owned(),
            id: vec![7; 16],
            at: 1_793_631_600_007,
            actor: "operator".to_owned(),
            action: "organization.changed".to_owned(),
            object: "acme".to_owned(),
            address: None,
            details: "{\"name\":\"-\\n\"}".to_owned(),
            position: Some(2),
            previous_hash: Some(vec![1; 2]),
            hash: Some(vec![0xab; 2]),
        };
        let excerpt = Excerpt { rows: vec![row.clone()], names: Names::default(), older: None };
        let json = "{\"id\":\"07070707-0707-0707-0707-070707070707\",\"at\":\"2026-11-02T15:00:00.007Z\",\
            \"organization\":\"acme\",\"actor\":\"operator\",\"actor_name\":null,\"actor_email\":null,\
            \"action\":\"organization.changed\",\"object\":\"acme\",\"address\":null,\"details\":{\"name\":\"-\\n\"},\
            \"position\":2,\"previous_hash\":\"0101\",\"hash\":\"abab\"}\n";
        assert_eq!(Format::Ndjson.lines(&excerpt).unwrap(), json);
        let csv = "\"07070707-0707-0707-0707-070707070707\",\"2026-11-02T15:00:00.007Z\",\"acme\",\"operator\",\"\",\"\",\
            \"organization.changed\",\"acme\",\"\",\"{\"\"name\"\":\"\"-\\n\"\"}\",\"2\",\"0101\",\"abab\"\r\n";
        assert_eq!(Format::Csv.lines(&excerpt).unwrap(), csv);
        // The columns are the fields, in their order.
        let places = COLUMNS.map(|column| json.find(&format!("\"{column}\":")).unwrap());
        assert!(places.is_sorted(), "{places:?}");
        let altered = AuditRow { details: "no JSON".to_owned(), org_id: SERVER_WIDE.to_owned(), ..row };
        let excerpt = Excerpt { rows: vec![altered], ..excerpt };
        let line = Format::Ndjson.lines(&excerpt).unwrap();
        assert!(line.contains("\"details\":\"no JSON\"") && line.contains("\"organization\":null"), "{line}");
    }
}
