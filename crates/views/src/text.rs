//! Times as people say them, in each language. `now` is always a parameter.

use crate::say;
use crate::words::{Message, Words};
use model::time::Timestamp;
use serde::Serialize;
use time::OffsetDateTime;
use time::format_description::BorrowedFormatItem;
use time::macros::format_description;

const MINUTE: u64 = 60;
const HOUR: u64 = 60 * MINUTE;
const DAY: u64 = 24 * HOUR;

const TIME: &[BorrowedFormatItem<'_>] = format_description!("[hour]:[minute]");
const ISO: &[BorrowedFormatItem<'_>] = format_description!("[year]-[month]-[day]T[hour]:[minute]:[second]Z");

/// A point in time as a page shows it: in words, with the exact time beside it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct When {
    /// In words: "2 minutes ago".
    pub said: Message,
    /// Exactly: "21 November 2026, 19:55 UTC".
    pub exact: Words,
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
pub fn ago(then: Timestamp, now: Timestamp) -> Message {
    let seconds = now.since(then).as_secs();
    match seconds {
        0..MINUTE => say::just_now(),
        MINUTE..HOUR => say::minutes_ago(seconds / MINUTE),
        HOUR..DAY => say::hours_ago(seconds / HOUR),
        _ if seconds < 30 * DAY => say::days_ago(seconds / DAY),
        _ => {
            let (day, month, year) = date(then);
            say::on_date(day, month, year)
        }
    }
}

/// How soon `then` is: "in 12 minutes" (rounded up), "in 3 hours"; "now" once it has passed.
pub fn within(then: Timestamp, now: Timestamp) -> Message {
    let minutes = minutes_left(then, now);
    match minutes {
        0 => say::now(),
        1..120 => say::in_minutes(minutes),
        _ if minutes < 2 * 24 * 60 => say::in_hours(minutes / 60),
        _ => say::in_days(minutes / (24 * 60)),
    }
}

/// The exact time: "21 November 2026, 19:55 UTC". Empty where it is beyond the calendar (year 9999), which no expiry
/// reaches.
pub fn exact(then: Timestamp) -> Words {
    let time = written(then, TIME);
    if time.is_empty() {
        return Words::verbatim(time);
    }
    let (day, month, year) = date(then);
    say::exact_time(day, month, year, time).into()
}

/// Day, month (1 to 12) and year, in UTC; zeros beyond the calendar.
fn date(then: Timestamp) -> (u64, u64, String) {
    OffsetDateTime::from_unix_timestamp(then.seconds())
        .map(|moment| (u64::from(moment.day()), u64::from(u8::from(moment.month())), moment.year().to_string()))
        .unwrap_or_default()
}

/// The exact time for programs, in UTC (RFC 3339).
pub fn iso(then: Timestamp) -> String {
    written(then, ISO)
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
            (-5, say::just_now()),
            (0, say::just_now()),
            (59, say::just_now()),
            (60, say::minutes_ago(1)),
            (119, say::minutes_ago(1)),
            (3_599, say::minutes_ago(59)),
            (3_600, say::hours_ago(1)),
            (86_399, say::hours_ago(23)),
            (86_400, say::days_ago(1)),
            (30 * 86_400 - 1, say::days_ago(29)),
            (30 * 86_400, say::on_date(19, 10, "2026")),
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
            (-1, say::now()),
            (1, say::in_minutes(1)),
            (720, say::in_minutes(12)),
            (7_140, say::in_minutes(119)),
            (7_200, say::in_hours(2)),
            (86_400, say::in_hours(24)),
            (172_800, say::in_days(2)),
        ] {
            assert_eq!(within(earlier(-seconds), NOW), said, "{seconds} s");
        }
    }

    #[test]
    fn the_exact_time() {
        assert_eq!(exact(NOW), say::exact_time(18, 11, "2026", "11:06").into());
        assert_eq!(iso(NOW), "2026-11-18T11:06:40Z");
        assert_eq!(exact(Timestamp::from_millis(i64::MAX)), Words::verbatim(""));
    }
}
