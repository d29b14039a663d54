//! Texts as the values that settings hold.

use delivery::Mailbox;
use std::ops::RangeInclusive;
use std::path::PathBuf;
use std::str::FromStr;
use std::time::Duration;
use tracing_subscriber::EnvFilter;
use url::{Host, Url};

/// A whole number in a range.
pub(super) fn number<T: FromStr + PartialOrd>(text: &str, range: RangeInclusive<T>) -> Option<T> {
    let digits = text.bytes().all(|byte| byte.is_ascii_digit());
    text.parse().ok().filter(|number| digits && range.contains(number))
}

/// `true` or `false`.
pub(super) fn truth(text: &str) -> Option<bool> {
    text.parse().ok()
}

/// A path; nothing where it is empty.
pub(super) fn path(text: &str) -> Option<PathBuf> {
    (!text.is_empty() && !text.contains('\0')).then(|| PathBuf::from(text))
}

const MINUTE: u64 = 60;
const DAY: u64 = 24 * 60 * MINUTE;

/// A number with its unit: `90s`, `15m`, `24h`, `30d`; one minute to 400 days.
pub(super) fn span(text: &str) -> Option<Duration> {
    span_within(text, MINUTE..=400 * DAY)
}

/// The same, one second to five minutes.
pub(super) fn short_span(text: &str) -> Option<Duration> {
    span_within(text, 1..=5 * MINUTE)
}

fn span_within(text: &str, seconds_allowed: RangeInclusive<u64>) -> Option<Duration> {
    let (digits, unit) = text.split_at_checked(text.len().checked_sub(1)?)?;
    let unit = match unit {
        "s" => 1,
        "m" => MINUTE,
        "h" => 60 * MINUTE,
        "d" => DAY,
        _ => return None,
    };
    let seconds = number(digits, 1..=400 * DAY)?.checked_mul(unit)?;
    seconds_allowed.contains(&seconds).then(|| Duration::from_secs(seconds))
}

/// Scheme, host and port, in the form in which browsers send them as an origin.
pub(super) fn public_url(text: &str) -> Option<Url> {
    let url = Url::parse(text).ok()?;
    // What a parser would quietly repair is a mistake in a setting that ends up in every token.
    let plain = text.contains("://")
        && !text.contains(['\\', '@', '?', '#'])
        && text.bytes().all(|byte| byte.is_ascii_graphic());
    let bare =
        url.username().is_empty() && url.password().is_none() && url.query().is_none() && url.fragment().is_none();
    let rooted = matches!(url.path(), "" | "/");
    (matches!(url.scheme(), "http" | "https") && url.has_host() && plain && bare && rooted).then_some(url)
}

/// Whether the address leads to this machine only.
pub(super) fn is_loopback(url: &Url) -> bool {
    match url.host() {
        Some(Host::Domain(name)) => name == "localhost",
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        None => false,
    }
}

/// The host in the address that letters are from; mail servers take no bare IP addresses.
pub(super) fn mail_host(url: &Url) -> &str {
    match url.host() {
        Some(Host::Domain(name)) => name,
        _ => "localhost",
    }
}

/// Where the database is; more is checked when it is opened.
pub(super) fn database_url(text: &str) -> Option<String> {
    let known = ["sqlite://", "postgres://", "postgresql://"].iter().any(|scheme| text.starts_with(scheme));
    (known && !text.contains(char::is_control)).then(|| text.to_owned())
}

/// Who letters are from: `name@host` or `Name <name@host>`.
pub(super) fn mail_from(text: &str) -> Option<String> {
    Mailbox::parse(text).ok().map(|_| text.to_owned())
}

/// Which log lines are written.
pub(super) fn log_filter(text: &str) -> Option<String> {
    EnvFilter::builder().parse(text).ok().map(|_| text.to_owned())
}

/// Values between commas; spaces around them don't count.
pub(super) fn list<T: FromStr>(text: &str) -> Option<Vec<T>> {
    text.split(',').map(str::trim).filter(|item| !item.is_empty()).map(|item| item.parse().ok()).collect()
}
