//! The database's URL: which engine, which file or server, and what is refused before anything starts.

use std::fmt;
use std::path::{Path, PathBuf};

/// Why the database can't be opened: a sentence for the operator that names what to do. Never holds a password.
#[derive(Debug)]
pub struct OpenError(String);

impl OpenError {
    pub(crate) fn new(sentence: impl Into<String>) -> Self {
        Self(sentence.into())
    }
}

impl fmt::Display for OpenError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for OpenError {}

/// What a URL names.
#[derive(Clone)]
pub(crate) enum Target {
    /// A file of SQLite's, absolute.
    Sqlite(PathBuf),
    /// A connection string for libpq, with the password in it.
    Postgres { conninfo: String, secrets: Vec<String> },
}

/// Parameters that reach libpq. Others are refused: one that names a server or file elsewhere (`service`,
/// `hostaddr` with `host`, …) would pass by the rule on hosts.
const PARAMETERS: &[&str] = &[
    "host",
    "hostaddr",
    "port",
    "user",
    "password",
    "dbname",
    "sslmode",
    "application_name",
    "connect_timeout",
    "options",
    "keepalives",
    "keepalives_idle",
    "keepalives_interval",
    "keepalives_count",
    "tcp_user_timeout",
    "target_session_attrs",
    "passfile",
];

/// Seconds and milliseconds after which a server that does not answer counts as down, unless the URL says otherwise.
const DEFAULTS: &[(&str, &str)] = &[
    ("connect_timeout", "3"),
    ("tcp_user_timeout", "10000"),
    ("keepalives_idle", "30"),
    ("keepalives_interval", "5"),
    ("keepalives_count", "3"),
    ("application_name", "doorward"),
];

/// Reads a URL and checks what can be checked without a connection.
///
/// # Errors
/// A sentence for the operator.
pub(crate) fn parse(url: &str) -> Result<Target, OpenError> {
    if let Some(path) = url.strip_prefix("sqlite://") {
        sqlite(path)
    } else if let Some(rest) = url.strip_prefix("postgres://").or_else(|| url.strip_prefix("postgresql://")) {
        postgres(rest)
    } else {
        Err(OpenError::new(
            "The database URL must begin with sqlite:// (sqlite:///absolute/path or sqlite://relative/path) or postgres://.",
        ))
    }
}

/// A URL for people to read: without user, password and parameters.
pub(crate) fn redacted(url: &str) -> String {
    match url.split_once("://") {
        Some((scheme @ ("postgres" | "postgresql"), rest)) => {
            let rest = rest.split(['?', '#']).next().unwrap_or_default();
            let place = rest.rsplit_once('@').map_or(rest, |(_, place)| place);
            format!("{scheme}://{place}")
        }
        Some(("sqlite", _)) => url.to_owned(),
        _ => "(not a database URL)".to_owned(),
    }
}

fn sqlite(path: &str) -> Result<Target, OpenError> {
    if path.is_empty() || path.ends_with('/') || path == ":memory:" || path.contains(['?', '#', '\0']) {
        return Err(OpenError::new(
            "The database URL names no file: write sqlite:///absolute/path/doorward.db, without parameters.",
        ));
    }
    let path = std::path::absolute(path)
        .map_err(|error| OpenError::new(format!("The database file's path can't be resolved: {error}.")))?;
    let folder = path.parent().unwrap_or_else(|| Path::new("/"));
    if !folder.is_dir() {
        return Err(OpenError::new(format!(
            "The folder {} does not exist: create it, or name another in the database URL.",
            folder.display()
        )));
    }
    Ok(Target::Sqlite(path))
}

fn postgres(rest: &str) -> Result<Target, OpenError> {
    let (main, query) = rest.split_once('?').unwrap_or((rest, ""));
    let (authority, database) = main.split_once('/').unwrap_or((main, ""));
    let (login, places) = authority.rsplit_once('@').unwrap_or(("", authority));
    let (user, password) = login.split_once(':').unwrap_or((login, ""));

    let mut settings: Vec<(String, String)> = Vec::new();
    let (hosts, ports) = split_places(places);
    for (name, value) in
        [("user", user), ("password", password), ("host", &hosts), ("port", &ports), ("dbname", database)]
    {
        if !value.is_empty() {
            settings.push((name.to_owned(), decode(value)?));
        }
    }
    for pair in query.split('&').filter(|pair| !pair.is_empty()) {
        let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
        let known = PARAMETERS.iter().find(|known| **known == name);
        let Some(name) = known else {
            return Err(OpenError::new(format!(
                "The database URL has a parameter that is not supported; these are: {}.",
                PARAMETERS.join(", ")
            )));
        };
        settings.retain(|(earlier, _)| earlier != name);
        settings.push(((*name).to_owned(), decode(value)?));
    }
    check_hosts(&settings)?;

    let secrets = [password.to_owned(), find(&settings, "password").unwrap_or_default().to_owned()];
    for (name, value) in DEFAULTS {
        if find(&settings, name).is_none() {
            settings.push(((*name).to_owned(), (*value).to_owned()));
        }
    }
    let conninfo: Vec<_> = settings.iter().map(|(name, value)| format!("{name}={}", quoted(value))).collect();
    Ok(Target::Postgres {
        conninfo: conninfo.join(" "),
        secrets: secrets.into_iter().filter(|secret| !secret.is_empty()).collect(),
    })
}

/// `a:1,b:2` as `a,b` and `1,2`; an IPv6 address is in brackets.
fn split_places(places: &str) -> (String, String) {
    let mut hosts = Vec::new();
    let mut ports = Vec::new();
    for place in places.split(',') {
        let (host, port) = match place.strip_prefix('[').and_then(|rest| rest.split_once(']')) {
            Some((host, port)) => (host, port.strip_prefix(':').unwrap_or_default()),
            None => place.rsplit_once(':').unwrap_or((place, "")),
        };
        hosts.push(host);
        ports.push(port);
    }
    let ports = if ports.iter().all(|port| port.is_empty()) { String::new() } else { ports.join(",") };
    (hosts.join(","), ports)
}

fn check_hosts(settings: &[(String, String)]) -> Result<(), OpenError> {
    let sslmode = find(settings, "sslmode").unwrap_or_default();
    if matches!(sslmode, "require" | "verify-ca" | "verify-full") {
        return Err(OpenError::new(format!(
            "The database URL says sslmode={sslmode}, but this build speaks to PostgreSQL without TLS: use a unix socket, \
             a local address (for example a TLS tunnel or PgBouncer on this machine), or sslmode=disable on a network you trust."
        )));
    }
    let named: Vec<_> = ["host", "hostaddr"]
        .iter()
        .filter_map(|name| find(settings, name))
        .flat_map(|hosts| hosts.split(','))
        .collect();
    // Nothing named would let libpq look into the environment, and there find another host.
    if named.iter().all(|host| host.is_empty()) {
        return Err(OpenError::new(
            "The database URL names no host: write postgres://user@127.0.0.1/database, or ?host=/path/of/the/socket.",
        ));
    }
    match named.iter().find(|host| !is_local(host)) {
        Some(host) if sslmode != "disable" => Err(OpenError::new(format!(
            "PostgreSQL on {host} would be spoken to without TLS, which this build does not have: use a unix socket or a local address, \
             or add sslmode=disable to the database URL if you trust the network in between."
        ))),
        _ => Ok(()),
    }
}

fn is_local(host: &str) -> bool {
    host == "localhost"
        || host.starts_with(['/', '@'])
        || host.parse::<std::net::IpAddr>().is_ok_and(|address| address.is_loopback())
}

fn find<'a>(settings: &'a [(String, String)], name: &str) -> Option<&'a str> {
    settings.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
}

fn decode(text: &str) -> Result<String, OpenError> {
    let wrong = || {
        OpenError::new(
            "The database URL has a % that does not begin an encoded character: write %25 for a % in a password.",
        )
    };
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        if byte == b'%' {
            let digit = |byte: Option<u8>| {
                byte.and_then(|byte| char::from(byte).to_digit(16)).and_then(|digit| u8::try_from(digit).ok())
            };
            let (high, low) = (digit(rest.next()), digit(rest.next()));
            let (Some(high), Some(low)) = (high, low) else { return Err(wrong()) };
            bytes.push(high * 16 + low);
        } else {
            bytes.push(byte);
        }
    }
    String::from_utf8(bytes).ok().filter(|text| !text.contains('\0')).ok_or_else(wrong)
}

fn quoted(value: &str) -> String {
    format!("'{}'", value.replace('\\', "\\\\").replace('\'', "\\'"))
}

#[cfg(test)]
#[path = "url_tests.rs"]
mod tests;
