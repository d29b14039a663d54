//! Texts for people.

use client::{LoginKey, Timestamp};
use serde_json::Value;
use std::time::Duration;
use time::OffsetDateTime;
use time::macros::format_description;

/// A text from elsewhere, without what would move the cursor, change colours or turn the reading direction.
pub(crate) fn plain(text: &str) -> String {
    text.chars().filter(|symbol| !plays(*symbol)).collect()
}

/// JSON as one line, with the same symbols escaped: a program reads what was said, and a person who looks at the output
/// is not played with. They can stand in texts alone, so that escaping them changes no value.
pub(crate) fn json_line(value: &Value) -> String {
    let mut line = String::new();
    let mut units = [0; 2];
    for symbol in value.to_string().chars() {
        if plays(symbol) {
            for unit in symbol.encode_utf16(&mut units) {
                line.push_str(&format!("\\u{unit:04x}"));
            }
        } else {
            line.push(symbol);
        }
    }
    line
}

/// Whether a terminal may act on it, or show its neighbours otherwise because of it.
fn plays(symbol: char) -> bool {
    symbol.is_control() || client::is_formatting(symbol)
}

/// The app of a sign-in, for scripts; nothing where there is none.
pub(crate) fn client_id(key: &LoginKey) -> Option<&str> {
    Some(key.client_id.as_str()).filter(|client_id| !client_id.is_empty())
}

/// Time that is left, as a clock shows it: `29:41`, `1:00:00`.
pub(crate) fn clock(left: Duration) -> String {
    // A second that has begun still counts, so that the last thing shown is not a long 0:00.
    let seconds = left.as_millis().div_ceil(1000);
    let (hours, minutes, seconds) = (seconds / 3600, seconds / 60 % 60, seconds % 60);
    if hours > 0 { format!("{hours}:{minutes:02}:{seconds:02}") } else { format!("{minutes}:{seconds:02}") }
}

/// A span as people say it: `59 minutes`, `1 hour`, `3 days`.
pub(crate) fn span(span: Duration) -> String {
    let seconds = span.as_secs();
    let (count, unit) = match seconds {
        0..=89 => (seconds, "second"),
        90..=5_399 => ((seconds + 30) / 60, "minute"),
        5_400..=129_599 => ((seconds + 1_800) / 3_600, "hour"),
        _ => ((seconds + 43_200) / 86_400, "day"),
    };
    format!("{count} {unit}{}", if count == 1 { "" } else { "s" })
}

/// A point in time: `20:56 UTC` within a day, else `2026-11-21 20:56 UTC`.
pub(crate) fn moment(moment: Timestamp, now: Timestamp) -> String {
    let near = moment.since(now) < Duration::from_secs(86_400) && moment >= now;
    let Ok(date) = OffsetDateTime::from_unix_timestamp(moment.seconds()) else { return "the end of time".to_owned() };
    let text = if near {
        date.format(format_description!("[hour]:[minute] UTC"))
    } else {
        date.format(format_description!("[year]-[month]-[day] [hour]:[minute] UTC"))
    };
    text.unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_from_elsewhere_can_not_play_with_the_terminal() {
        assert_eq!(plain("a\u{1b}[2Jb\r\nc\u{202e}d\u{7}é"), "a[2Jbcdé");
        assert_eq!(plain("a\u{9b}2Jb\u{200b}c\u{ad}d\u{2028}e\u{feff}f\u{e0041}g"), "a2Jbcdefg");
    }

    #[test]
    fn json_says_the_same_without_playing_with_the_terminal() {
        let said = serde_json::json!({"na\u{202e}me": "a\u{1b}[2J\u{9b}2J\u{7f}\u{2028}\u{e0041}é \"quoted\""});
        let line = json_line(&said);
        assert_eq!(line, plain(&line), "nothing is left to filter");
        assert!(line.contains("\\u009b") && line.contains("\\udb40\\udc41") && line.contains('é'), "{line}");
        assert_eq!(serde_json::from_str::<Value>(&line).unwrap(), said);
    }

    #[test]
    fn clocks_and_spans() {
        let s = Duration::from_secs;
        assert_eq!([clock(s(1781)), clock(s(3600)), clock(s(5)), clock(s(0))], ["29:41", "1:00:00", "0:05", "0:00"]);
        assert_eq!(clock(Duration::from_millis(1)), "0:01");
        assert_eq!(
            [span(s(1)), span(s(60)), span(s(3599)), span(s(5400)), span(s(86_400 * 90))],
            ["1 second", "60 seconds", "60 minutes", "2 hours", "90 days"]
        );
    }

    #[test]
    fn moments_have_a_date_when_it_is_not_near() {
        let now = Timestamp::from_seconds(1_700_000_000);
        assert_eq!(moment(now.after(Duration::from_secs(60)), now), "22:14 UTC");
        assert_eq!(moment(now.after(Duration::from_secs(86_400)), now), "2023-11-15 22:13 UTC");
        assert_eq!(moment(Timestamp::from_seconds(0), now), "1970-01-01 00:00 UTC");
    }
}
