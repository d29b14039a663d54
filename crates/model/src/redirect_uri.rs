//! Addresses that a client is called back at (RFC 6749 §3.1.2, RFC 8252 §7). One that was registered is compared whole and
//! character by character; the port of a program on the user's own machine is the one thing that may differ.

use serde::Serialize;
use std::fmt;
use std::net::Ipv6Addr;

/// The longest, in bytes.
pub const LONGEST: usize = 1024;

/// The most of an application.
pub const MOST: usize = 20;

/// Schemes that a browser keeps to itself, or that run what they hold.
const NEVER: [&str; 11] =
    ["javascript", "data", "vbscript", "file", "blob", "about", "filesystem", "view-source", "ftp", "ws", "wss"];

/// A registered address.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(transparent)]
pub struct RedirectUri(String);

/// Why an address is not taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NotARedirectUri {
    /// It is no absolute address, or has spaces or characters that an address must escape.
    Malformed,
    /// It is longer than [`LONGEST`].
    TooLong,
    /// It has a fragment, which belongs to the answer (RFC 6749 §3.1.2).
    Fragment,
    /// It has a user or a password.
    UserInfo,
    /// It is plain `http` and not on the user's own machine.
    Plain,
    /// Its scheme is not one that a program can own (RFC 8252 §7.1): such a scheme has a dot.
    Scheme,
}

/// How an address comes apart, as far as it matters here.
struct Parts<'a> {
    scheme: &'a str,
    /// Host with port; nothing where there is no `//`.
    authority: Option<&'a str>,
    /// Everything after that.
    rest: &'a str,
}

fn parts(text: &str) -> Option<Parts<'_>> {
    let (scheme, after) = text.split_once(':')?;
    let (first, others) = scheme.split_at_checked(1)?;
    let named = first.bytes().all(|byte| byte.is_ascii_lowercase())
        && others.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || b"+-.".contains(&byte));
    if !named || after.is_empty() {
        return None;
    }
    let Some(hierarchy) = after.strip_prefix("//") else { return Some(Parts { scheme, authority: None, rest: after }) };
    let end = hierarchy.find(['/', '?', '#']).unwrap_or(hierarchy.len());
    Some(Parts { scheme, authority: Some(&hierarchy[..end]), rest: &hierarchy[end..] })
}

/// The host of an authority, and its port with the colon.
fn host_and_port(authority: &str) -> (&str, &str) {
    let from = if authority.starts_with('[') { authority.find(']').unwrap_or(0) } else { 0 };
    match authority[from..].find(':') {
        Some(at) => authority.split_at(from + at),
        None => (authority, ""),
    }
}

/// A name or an address as browsers write it, which is in lower case.
fn is_host(host: &str) -> bool {
    match host.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')) {
        Some(number) => number.parse::<Ipv6Addr>().is_ok_and(|parsed| parsed.to_string() == number),
        None => host.split('.').all(|label| {
            (1..=63).contains(&label.len())
                && label.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-')
        }),
    }
}

/// The port of `:80`: digits alone.
fn port_number(port: &str) -> Option<u16> {
    port.strip_prefix(':').filter(|digits| digits.bytes().all(|byte| byte.is_ascii_digit()))?.parse().ok()
}

fn is_loopback(host: &str) -> bool {
    matches!(host, "127.0.0.1" | "[::1]" | "localhost")
}

impl RedirectUri {
    /// Reads an address as an admin registers it.
    ///
    /// # Errors
    /// Why it is not taken.
    pub fn parse(text: &str) -> Result<Self, NotARedirectUri> {
        use NotARedirectUri as N;
        if text.len() > LONGEST {
            return Err(N::TooLong);
        }
        // What another program might read differently is not registered: no backslash, no quotes, nothing unescaped.
        let plain = |byte: u8| byte.is_ascii_graphic() && !b"\"<>\\^`{|}*".contains(&byte);
        if !text.bytes().all(plain) {
            return Err(N::Malformed);
        }
        let found = parts(text).ok_or(N::Malformed)?;
        if text.contains('#') {
            return Err(N::Fragment);
        }
        if NEVER.contains(&found.scheme) {
            return Err(N::Scheme);
        }
        let web = matches!(found.scheme, "http" | "https");
        match found.authority {
            Some(authority) if authority.contains('@') => return Err(N::UserInfo),
            Some(authority) if web => {
                let (host, port) = host_and_port(authority);
                let numbered = port.is_empty() || port_number(port).is_some();
                if !is_host(host) || !numbered {
                    return Err(N::Malformed);
                }
                if found.scheme == "http" && !is_loopback(host) {
                    return Err(N::Plain);
                }
            }
            None if web => return Err(N::Malformed),
            _ if !found.scheme.contains('.') => return Err(N::Scheme),
            _ => {}
        }
        Ok(Self(text.to_owned()))
    }

    /// The text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether it is a page of a site, rather than an address that a program has made its own.
    pub fn is_page(&self) -> bool {
        self.0.starts_with("https://") || self.0.starts_with("http://")
    }

    /// Whether a request that names `asked` means this one: the same text; for a program on the user's own machine, with
    /// whatever port it was given (RFC 8252 §7.3).
    pub fn admits(&self, asked: &str) -> bool {
        if asked == self.0 {
            return true;
        }
        let (Some(own), Some(other)) = (parts(&self.0), parts(asked)) else { return false };
        let (Some(own_authority), Some(other_authority)) = (own.authority, other.authority) else { return false };
        let ((host, _), (other_host, port)) = (host_and_port(own_authority), host_and_port(other_authority));
        own.scheme == "http"
            && other.scheme == "http"
            && is_loopback(host)
            && host == other_host
            && own.rest == other.rest
            && port_number(port).is_some_and(|port| port != 0)
    }
}

/// Whether an address leads to a site by TLS, and so, unlike a scheme or a port of the user's machine, to whoever owns the name
/// (RFC 8252 §7.2).
pub fn is_claimed(uri: &str) -> bool {
    uri.starts_with("https://")
}

/// What a page that leads there lists as a target of its forms, for a Content-Security-Policy: the origin, or the scheme.
pub fn form_target(uri: &str) -> Option<String> {
    let found = parts(uri)?;
    Some(match found.authority {
        // A policy has no way to write an address by number in brackets (CSP 3 §2.3.1).
        Some(authority) if matches!(found.scheme, "http" | "https") && !authority.starts_with('[') => {
            format!("{}://{authority}", found.scheme)
        }
        _ => format!("{}:", found.scheme),
    })
}

impl fmt::Display for RedirectUri {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_can_be_registered() {
        for good in [
            "https://app.example/cb",
            "https://app.example:8443/cb?tenant=1",
            "http://127.0.0.1/cb",
            "http://127.0.0.1:8400/cb",
            "http://[::1]/cb",
            "http://localhost:3000/callback",
            "com.example.app:/oauth",
            "com.example.app://oauth/back",
        ] {
            assert_eq!(RedirectUri::parse(good).map(|uri| uri.0), Ok(good.to_owned()));
        }
    }

    #[test]
    fn what_can_not_and_why() {
        use NotARedirectUri as N;
        let long = format!("https://app.example/{}", "a".repeat(LONGEST));
        for (bad, why) in [
            ("", N::Malformed),
            ("/cb", N::Malformed),
            ("https:", N::Malformed),
            ("https:app.example", N::Malformed),
            ("https://", N::Malformed),
            ("HTTPS://app.example/cb", N::Malformed),
            ("https://app.example/ cb", N::Malformed),
            ("https://app.example/\u{e4}", N::Malformed),
            ("https://app.example/*", N::Malformed),
            ("https://*.example/cb", N::Malformed),
            ("https://APP.example/cb", N::Malformed),
            ("https://a..example/cb", N::Malformed),
            ("http://[::01]/cb", N::Malformed),
            ("https://app.example\\@evil.example/cb", N::Malformed),
            ("https://app.example:99999/cb", N::Malformed),
            ("https://app.example/cb#part", N::Fragment),
            ("https://ada:secret@app.example/cb", N::UserInfo),
            ("http://app.example/cb", N::Plain),
            ("http://127.0.0.1.evil.example/cb", N::Plain),
            ("javascript:alert(1)", N::Scheme),
            ("data:text/html,x", N::Scheme),
            ("myapp:/cb", N::Scheme),
            (long.as_str(), N::TooLong),
        ] {
            assert_eq!(RedirectUri::parse(bad), Err(why), "{bad}");
        }
    }

    #[test]
    fn a_request_names_it_whole_but_for_the_port_of_the_users_own_machine() {
        let registered = |text| RedirectUri::parse(text).unwrap();
        let site = registered("https://app.example/cb");
        assert!(site.admits("https://app.example/cb"));
        for other in [
            "https://app.example/cb/",
            "https://app.example/cb?x=1",
            "https://app.example/CB",
            "https://app.example:443/cb",
            "https://app.example/cb#x",
            "https://app.example.evil.example/cb",
            "https://app.example@evil.example/cb",
            "http://app.example/cb",
            "",
        ] {
            assert!(!site.admits(other), "{other}");
        }
        let program = registered("http://127.0.0.1/cb");
        for good in ["http://127.0.0.1/cb", "http://127.0.0.1:1/cb", "http://127.0.0.1:65535/cb"] {
            assert!(program.admits(good), "{good}");
        }
        for bad in [
            "http://127.0.0.1:0/cb",
            "http://127.0.0.1:/cb",
            "http://127.0.0.1:99999/cb",
            "http://127.0.0.1:+80/cb",
            "http://127.0.0.1:80@evil.example/cb",
            "http://127.0.0.1:8080/other",
            "http://127.0.0.1:8080/cb?x=1",
            "http://localhost:8080/cb",
            "http://[::1]:8080/cb",
            "https://127.0.0.1:8080/cb",
            "http://127.0.0.1.evil.example:80/cb",
        ] {
            assert!(!program.admits(bad), "{bad}");
        }
        assert!(registered("http://[::1]:9/cb").admits("http://[::1]:8080/cb"));
        assert!(!registered("com.example.app://a:1/cb").admits("com.example.app://a:2/cb"));
    }

    #[test]
    fn a_page_is_of_a_site() {
        for (uri, page) in [
            ("https://app.example/welcome", true),
            ("http://127.0.0.1:1/welcome", true),
            ("com.example.app:/welcome", false),
        ] {
            assert_eq!(RedirectUri::parse(uri).unwrap().is_page(), page, "{uri}");
        }
    }

    #[test]
    fn forms_may_lead_to_the_origin_or_the_scheme() {
        for (uri, target) in [
            ("https://app.example:8443/cb?x=1", "https://app.example:8443"),
            ("http://127.0.0.1:1/cb", "http://127.0.0.1:1"),
            ("http://[::1]:1/cb", "http:"),
            ("com.example.app:/cb", "com.example.app:"),
            ("com.example.app://host/cb", "com.example.app:"),
        ] {
            assert_eq!(form_target(uri).as_deref(), Some(target));
        }
    }
}
