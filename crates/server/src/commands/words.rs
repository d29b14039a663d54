//! Texts that several commands read or print.

use super::failure::Failure;
use model::context::plain_text;
use model::time::Timestamp;
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

/// A display name, without spaces around it.
///
/// # Errors
/// Where it is empty, too long, or holds characters that can't be seen.
pub(super) fn name(text: &str, longest: usize) -> Result<String, Failure> {
    let name = text.trim();
    if name.is_empty() {
        return Err(Failure::usage("The name is empty. Give one with --name."));
    }
    if name.chars().count() > longest {
        return Err(Failure::usage(format!("The name is too long. Choose one of at most {longest} characters.")));
    }
    if plain_text(name, longest) != name {
        return Err(Failure::usage("The name holds characters that can't be seen. Type it anew."));
    }
    Ok(name.to_owned())
}

/// A time to the second, as RFC 3339 writes it.
pub(super) fn time(at: Timestamp) -> String {
    // Only years beyond 9999 can't be written.
    let date = OffsetDateTime::from_unix_timestamp(at.seconds()).ok();
    date.and_then(|date| date.format(&Rfc3339).ok()).unwrap_or_else(|| at.seconds().to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_rfc_3339() {
        assert_eq!(time(Timestamp::from_millis(1_793_631_600_999)), "2026-11-02T15:00:00Z");
    }

    #[test]
    fn names_can_be_seen() {
        assert_eq!(name(" Acme Corp ", 80).unwrap(), "Acme Corp");
        for bad in ["", " ", "a\nb", "a\u{202e}b", &"x".repeat(81)] {
            assert_eq!(name(bad, 80).unwrap_err().exit(), 2, "{bad:?}");
        }
    }
}
