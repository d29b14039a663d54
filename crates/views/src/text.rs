//! Times as people say them. `now` is always a parameter.

use model::time::Timestamp;
use serde::Serialize;
use time::OffsetDateTime;
use time::format_description::BorrowedFormatItem;
use time::macros::format_description;

const MINUTE: u64 = 60;
const HOUR: u64 = 60 * MINUTE;
const DAY: u64 = 24 * HOUR;

const EXACT: &[BorrowedFormatItem<'_>] =
    format_description!("[day padding:none] [month repr:long] [year], [hour]:[minute] UTC");
const DATE: &[BorrowedFormatItem<'_>] = format_description!("[day padding:none] [month repr:long] [year]");
const ISO: &[BorrowedFormatItem<'_>] = format_description!("[year]-[month]-[day]T[hour]:[minute]:[second]Z");

/// A point in time as a page shows it: in words, with the exact time beside it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct When {
    /// In words: "2 minutes ago".
    pub said: String,
    /// Exactly: "21 November 2026, 19:55 UTC".
    pub exact: String,
    /// For programs (RFC 3339).
    pub iso: String,
}

impl When {
    /// A point in the past.
    pub fn past(then: Timestamp, now: Timestamp) -> Self {
        Self { said: ago(then, now), exact: exact(then), iso: iso(then) }
    }

    /// A point in the future, such as an expiry.
    pub fn coming(then: Timestamp, now: Timestamp) -> Self {
        Self { said: within(then, now), exact: exact(then), iso: iso(then) }
    }
}

/// Minutes from `now` until `until`, rounded up; 0 once it has passed.
pub fn minutes_left(until: Timestamp, now: Timestamp) -> u64 {
    let millis = until.since(now).as_millis();
    u64::try_from(millis.div_ceil(60_000)).unwrap_or(u64::MAX)
}

/// How long ago `then` was: "just now", "2 minutes ago", "3 days ago"; the date after 30 days.
pub fn ago(then: Timestamp, now: Timestamp) -> String {
    let seconds = now.since(then).as_secs();
    match seconds {
        0..MINUTE => "just now".to_owned(),
        MINUTE..HOUR => format!("{} ago", count(seconds / MINUTE, "minute")),
        HOUR..DAY => format!("{} ago", count(seconds / HOUR, "hour")),
        _ if seconds < 30 * DAY => format!("{} ago", count(seconds / DAY, "day")),
        _ => format!("on {}", written(then, DATE)),
    }
}

/// How soon `then` is: "in 12 minutes" (rounded up), "in 3 hours"; "now" once it has passed.
pub fn within(then: Timestamp, now: Timestamp) -> String {
    let minutes = minutes_left(then, now);
    match minutes {
        0 => "now".to_owned(),
        1..120 => format!("in {}", count(minutes, "minute")),
        _ if minutes < 2 * 24 * 60 => format!("in {}", count(minutes / 60, "hour")),
        _ => format!("in {}", count(minutes / (24 * 60), "day")),
    }
}

/// The exact time: "21 November 2026, 19:55 UTC".
pub fn exact(then: Timestamp) -> String {
    written(then, EXACT)
}

/// The exact time for programs, in UTC (RFC 3339).
pub fn iso(then: Timestamp) -> String {
    written(then, ISO)
}

fn count(number: u64, unit: &str) -> String {
    if number == 1 { format!("1 {unit}") } else { format!("{number} {unit}s") }
}

/// Empty where the time is beyond the calendar (year 9999), which no expiry reaches.
fn written(then: Timestamp, format: &[BorrowedFormatItem<'_>]) -> String {
    OffsetDateTime::from_unix_timestamp(then.seconds())
        .ok()
        .and_then(|moment| moment.format(format).ok())
        .unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Timestamp = Timestamp::from_seconds(1_795_000_000);

    fn earlier(seconds: i64) -> Timestamp {
        Timestamp::from_seconds(NOW.seconds() - seconds)
    }

    #[test]
    fn the_past_in_words() {
        for (seconds, said) in [
            (-5, "just now"),
            (0, "just now"),
            (59, "just now"),
            (60, "1 minute ago"),
            (119, "1 minute ago"),
            (3_599, "59 minutes ago"),
            (3_600, "1 hour ago"),
            (86_399, "23 hours ago"),
            (86_400, "1 day ago"),
            (30 * 86_400 - 1, "29 days ago"),
            (30 * 86_400, "on 19 October 2026"),
        ] {
            assert_eq!(ago(earlier(seconds), NOW), said, "{seconds} s");
        }
    }

    #[test]
    fn minutes_left_are_rounded_up_and_never_negative() {
        for (millis, minutes) in [(-1, 0), (0, 0), (1, 1), (60_000, 1), (60_001, 2), (1_800_000, 30)] {
            assert_eq!(minutes_left(Timestamp::from_millis(NOW.millis() + millis), NOW), minutes, "{millis} ms");
        }
    }

    #[test]
    fn the_future_in_words() {
        for (seconds, said) in [
            (-1, "now"),
            (1, "in 1 minute"),
            (720, "in 12 minutes"),
            (7_140, "in 119 minutes"),
            (7_200, "in 2 hours"),
            (86_400, "in 24 hours"),
            (172_800, "in 2 days"),
        ] {
            assert_eq!(within(earlier(-seconds), NOW), said, "{seconds} s");
        }
    }

    #[test]
    fn the_exact_time() {
        assert_eq!(exact(NOW), "18 November 2026, 11:06 UTC");
        assert_eq!(iso(NOW), "2026-11-18T11:06:40Z");
        assert_eq!(exact(Timestamp::from_millis(i64::MAX)), "");
    }
}
