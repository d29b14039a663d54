//! Texts that several commands read or print.

use super::failure::Failure;
use model::id::OrgId;
use model::name::{DisplayName, NotAName};
use model::time::Timestamp;
use serde_json::Value;
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

/// A display name, without spaces around it.
///
/// # Errors
/// Where it is empty, too long, or holds characters that can't be seen.
pub(super) fn name(text: &str) -> Result<DisplayName, Failure> {
    DisplayName::parse(text).map_err(|problem| Failure::usage(not_a_name(problem)))
}

/// What to do about a text that is no name.
pub(super) fn not_a_name(problem: NotAName) -> String {
    match problem {
        NotAName::Empty => "The name is empty. Give one with --name.".to_owned(),
        NotAName::TooLong => {
            format!("The name is too long. Choose one of at most {} characters.", DisplayName::LONGEST)
        }
        NotAName::Invisible => "The name holds characters that can't be seen. Type it anew.".to_owned(),
    }
}

/// A time to the second, as RFC 3339 writes it.
pub(super) fn time(at: Timestamp) -> String {
    // Only years beyond 9999 can't be written.
    let date = OffsetDateTime::from_unix_timestamp(at.seconds()).ok();
    date.and_then(|date| date.format(&Rfc3339).ok()).unwrap_or_else(|| at.seconds().to_string())
}

/// An organization, or the server itself, at the beginning of a sentence.
pub(super) fn home(home: &OrgId) -> String {
    if home.is_instance() { "The server itself".to_owned() } else { format!("The organization {home}") }
}

/// How the command line names it.
pub(super) fn home_flag(home: &OrgId) -> String {
    if home.is_instance() { "--instance".to_owned() } else { format!("--org {home}") }
}

/// What JSON says of it: the organization's id; nothing for the server itself.
pub(super) fn home_json(home: &OrgId) -> Value {
    if home.is_instance() { Value::Null } else { Value::from(home.as_str()) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_rfc_3339() {
        assert_eq!(time(Timestamp::from_millis(1_793_631_600_999)), "2026-11-02T15:00:00Z");
    }
}
