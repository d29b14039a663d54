//! Where letters go, as one URL: `smtp://`, `smtps://` or `file:///folder`.

use crate::folder::Folder;
use crate::smtp::{Server, Smtp};
use crate::transport::Transport;
use lettre::transport::smtp::authentication::Credentials;
use lettre::transport::smtp::client::{Tls, TlsParameters};
use std::fmt;
use std::net::IpAddr;
use std::path::Path;
use std::sync::Arc;
use url::Url;

/// Between mail servers (RFC 5321).
const PORT_PLAIN: u16 = 25;
/// For programs that hand in letters (RFC 6409).
const PORT_SUBMISSION: u16 = 587;
/// The same, with TLS from the first byte (RFC 8314 §3.3).
const PORT_SUBMISSIONS: u16 = 465;

/// What is wrong with a mail URL: a sentence for the operator. Holds nothing of the URL, in which any part may be a
/// piece of a password that was written without encoding.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BadMailUrl(&'static str);

impl fmt::Display for BadMailUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0)
    }
}

impl std::error::Error for BadMailUrl {}

impl Transport {
    /// Reads a mail URL. Nothing is connected or created yet.
    ///
    /// - `smtp://[user:password@]host[:port][?tls=required|opportunistic|none]`: STARTTLS, without which nothing is
    ///   sent, unless the host is this machine or `tls` says otherwise. The port is 587 with `tls=required` and else 25.
    /// - `smtps://[user:password@]host[:port]`: TLS from the first byte, port 465.
    /// - `file:///folder`: one `.eml` file a letter. The path is taken as it stands, without percent-decoding.
    ///
    /// # Errors
    /// A sentence that says what is wrong.
    pub fn from_url(text: &str) -> Result<Self, BadMailUrl> {
        if let Some(path) = text.strip_prefix("file://") {
            return folder(path);
        }
        let url = Url::parse(text).map_err(|_| {
            BadMailUrl(
                "The mail URL can't be read: write smtp://user:password@host:port, with :, /, ?, #, @ and % of a password as %3A, %2F, %3F, %23, %40 and %25.",
            )
        })?;
        let smtps = match url.scheme() {
            "smtps" => true,
            "smtp" => false,
            _ => return Err(BadMailUrl("The mail URL must begin with smtp://, smtps:// or file:///.")),
        };
        let host = host(&url)?;
        let login = login(&url)?;
        let tls = Encryption::asked_for(&url, smtps, is_this_machine(&host))?;
        if tls == Encryption::Opportunistic && login.is_some() && !is_this_machine(&host) {
            return Err(BadMailUrl(
                "The mail URL has a password and tls=opportunistic, so that whoever is in between could have the password sent in the clear: use tls=required.",
            ));
        }
        let port = url.port().unwrap_or(tls.port());
        let tls = tls.for_host(&host)?;
        Ok(Self::Smtp(Arc::new(Smtp::new(Server { host, port, tls, login }))))
    }
}

fn folder(path: &str) -> Result<Transport, BadMailUrl> {
    if !Path::new(path).is_absolute() || path.contains(['?', '#', '\0']) {
        return Err(BadMailUrl("The mail URL names no folder: write file:///absolute/path, without parameters."));
    }
    Ok(Transport::Folder(Arc::new(Folder::new(Path::new(path)))))
}

fn host(url: &Url) -> Result<String, BadMailUrl> {
    if !matches!(url.path(), "" | "/") || url.fragment().is_some() {
        return Err(BadMailUrl(
            "The mail URL has something after the host: write / and # of a password as %2F and %23.",
        ));
    }
    let host = url.host_str().unwrap_or_default();
    // An IPv6 address stands in brackets in a URL, and nowhere else.
    let host = host.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')).unwrap_or(host);
    let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_' | ':');
    if host.is_empty() || !host.chars().all(plain) {
        return Err(BadMailUrl("The mail URL names no host: write smtp://host:port."));
    }
    Ok(host.to_owned())
}

fn login(url: &Url) -> Result<Option<Credentials>, BadMailUrl> {
    let decoded = |text: &str| {
        let percent = BadMailUrl(
            "The mail URL has a % that does not begin an encoded character: write %25 for a % in a password.",
        );
        decode(text).filter(|text| !text.contains(char::is_control)).ok_or(percent)
    };
    match (url.username(), url.password()) {
        ("", None) => Ok(None),
        ("", Some(_)) | (_, None) => Err(BadMailUrl(
            "The mail URL needs both a user and a password, or neither: write smtp://user:password@host.",
        )),
        (user, Some(password)) => Ok(Some(Credentials::new(decoded(user)?, decoded(password)?))),
    }
}

fn decode(text: &str) -> Option<String> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        if byte != b'%' {
            bytes.push(byte);
            continue;
        }
        let mut digit = || char::from(rest.next()?).to_digit(16).and_then(|digit| u8::try_from(digit).ok());
        bytes.push(digit()? * 16 + digit()?);
    }
    String::from_utf8(bytes).ok()
}

fn is_this_machine(host: &str) -> bool {
    host.eq_ignore_ascii_case("localhost") || host.parse::<IpAddr>().is_ok_and(|address| address.is_loopback())
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Encryption {
    None,
    Opportunistic,
    Required,
    FromTheStart,
}

impl Encryption {
    fn asked_for(url: &Url, smtps: bool, this_machine: bool) -> Result<Self, BadMailUrl> {
        match (url.query(), smtps) {
            (None, true) => Ok(Self::FromTheStart),
            (None, false) if this_machine => Ok(Self::None),
            (None | Some("tls=required"), false) => Ok(Self::Required),
            (Some("tls=opportunistic"), false) => Ok(Self::Opportunistic),
            (Some("tls=none"), false) => Ok(Self::None),
            (Some(_), true) => {
                Err(BadMailUrl("The mail URL has parameters: smtps:// takes none, as it is always TLS."))
            }
            (Some(_), false) => Err(BadMailUrl(
                "The mail URL may have one parameter, tls=required, tls=opportunistic or tls=none; write ? of a password as %3F.",
            )),
        }
    }

    const fn port(self) -> u16 {
        match self {
            Self::None | Self::Opportunistic => PORT_PLAIN,
            Self::Required => PORT_SUBMISSION,
            Self::FromTheStart => PORT_SUBMISSIONS,
        }
    }

    fn for_host(self, host: &str) -> Result<Tls, BadMailUrl> {
        let parameters = || {
            TlsParameters::new(host.to_owned())
                .map_err(|_| BadMailUrl("TLS with the mail server can't be set up on this machine."))
        };
        Ok(match self {
            Self::None => Tls::None,
            Self::Opportunistic => Tls::Opportunistic(parameters()?),
            Self::Required => Tls::Required(parameters()?),
            Self::FromTheStart => Tls::Wrapper(parameters()?),
        })
    }
}

#[cfg(test)]
#[path = "mail_url_tests.rs"]
mod tests;
