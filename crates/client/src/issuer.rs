//! Which organization at which server, and to which addresses a secret and a person may be sent.

use crate::Error;
use crate::http::shown;
use model::id::OrgId;
use std::fmt;
use std::net::IpAddr;
use url::Url;

/// The longest address that a server may name, in characters; browsers and QR codes do not take many more.
const LONGEST: usize = 2048;

/// An organization at a server, or a server that leaves the organization to the person. Its text is the issuer,
/// `{server}/orgs/{org}` or `{server}`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Issuer {
    server: String,
    org: Option<OrgId>,
}

impl Issuer {
    /// The organization `org` at `server`, such as `https://auth.example`. Plain http is for loopback hosts only.
    ///
    /// # Errors
    /// [`Error::Address`] where the address can't be a server's or the id can't be an organization's.
    pub fn new(server: &str, org: &str) -> Result<Self, Error> {
        Self::of_server(server)?.within(org)
    }

    /// `server` itself, such as `https://auth.example`.
    ///
    /// # Errors
    /// [`Error::Address`] where the address can't be a server's.
    pub fn of_server(server: &str) -> Result<Self, Error> {
        let wrong = |why: &str| Error::Address(format!("“{server}” is not a server's address: {why}."));
        let url = Url::parse(server).map_err(|_| wrong("it should look like https://auth.example"))?;
        if !is_safe(&url) {
            return Err(wrong("it must begin with https:// (http:// is for this computer only)"));
        }
        if url.query().is_some() || url.fragment().is_some() || !url.username().is_empty() || url.password().is_some() {
            return Err(wrong("it must have no user, ? or #"));
        }
        let server = format!("{}{}", url.origin().ascii_serialization(), url.path().trim_end_matches('/'));
        Ok(Self { server, org: None })
    }

    /// The organization `org` at the same server.
    pub(crate) fn within(&self, org: &str) -> Result<Self, Error> {
        let org =
            OrgId::parse(org).map_err(|why| Error::Address(format!("“{org}” is no organization's id: {why}.")))?;
        Ok(Self { server: self.server.clone(), org: Some(org) })
    }

    pub(crate) fn without_org(&self) -> Self {
        Self { server: self.server.clone(), org: None }
    }

    /// The server's address, without a slash at its end.
    pub fn server(&self) -> &str {
        &self.server
    }

    /// The organization's id, where there is one.
    pub fn org(&self) -> Option<&str> {
        self.org.as_ref().map(OrgId::as_str)
    }

    /// Where the organization, or the server, describes itself: the issuer with the well-known part between host and path
    /// (RFC 8414 §3.1).
    pub(crate) fn metadata_url(&self) -> Result<Url, Error> {
        let mut url = Url::parse(&self.to_string()).map_err(|_| Error::Answer("address"))?;
        let path = format!("/.well-known/oauth-authorization-server{}", url.path().trim_end_matches('/'));
        url.set_path(&path);
        Ok(url)
    }

    /// Where the organization says who a token speaks for.
    pub(crate) fn me_url(&self) -> String {
        format!("{self}/api/v1/me")
    }

    /// Lets an address pass that the server names, for requests or for a person, where it is the server's own. One that
    /// could name another server's would be handed what is meant for that one: a person approves a code on the page of a
    /// server that is to be trusted, and this program presents it to the one that is not (a mix-up).
    ///
    /// # Errors
    /// [`Error::Discovery`] for any other address.
    pub(crate) fn checked(&self, address: &str) -> Result<(), Error> {
        if self.owns(address) {
            return Ok(());
        }
        Err(Error::Discovery(format!(
            "The server at {} names an address that is not plainly its own: {}. Do not open it; ask whoever runs the \
             server for its right address.",
            self.server,
            shown(address)
        )))
    }

    /// Whether an address is of the server's own scheme, host and port: over https thereby, or on this computer where the
    /// server is on it.
    fn owns(&self, address: &str) -> bool {
        let server = Url::parse(&self.server);
        // `blob:https://auth.example/x` has the origin that it holds, hence the look at the scheme.
        named(address).is_some_and(|url| is_safe(&url) && server.is_ok_and(|server| server.origin() == url.origin()))
    }
}

/// An address as a server may name it: short, of the symbols that an address is made of (RFC 3986 §2), which a parser would
/// drop rather than refuse, and without a user's name before the host, which makes it look like another one.
fn named(address: &str) -> Option<Url> {
    let plain = address.len() <= LONGEST && address.bytes().all(|byte| byte.is_ascii_graphic());
    let url = Url::parse(address).ok().filter(|_| plain && !address.contains('\\'))?;
    (url.username().is_empty() && url.password().is_none()).then_some(url)
}

impl fmt::Display for Issuer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.org {
            Some(org) => write!(f, "{}/orgs/{org}", self.server),
            None => f.write_str(&self.server),
        }
    }
}

/// Whether a secret may be sent to this address, and a person be sent there: https, or http on this very computer.
pub fn is_safe_address(address: &str) -> bool {
    Url::parse(address).is_ok_and(|url| is_safe(&url))
}

fn is_safe(url: &Url) -> bool {
    match url.scheme() {
        "https" => url.host().is_some(),
        "http" => is_loopback(url),
        _ => false,
    }
}

pub(crate) fn is_loopback(url: &Url) -> bool {
    match url.host() {
        Some(url::Host::Domain(name)) => name == "localhost" || name.ends_with(".localhost"),
        Some(url::Host::Ipv4(address)) => IpAddr::V4(address).is_loopback(),
        Some(url::Host::Ipv6(address)) => IpAddr::V6(address).is_loopback(),
        None => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_well_known_part_stands_between_host_and_path() {
        let issuer = Issuer::new("https://auth.example/", "acme").unwrap();
        assert_eq!(issuer.to_string(), "https://auth.example/orgs/acme");
        assert_eq!(
            issuer.metadata_url().unwrap().as_str(),
            "https://auth.example/.well-known/oauth-authorization-server/orgs/acme"
        );
        let below = Issuer::new("https://example.com/auth/", "acme").unwrap();
        assert_eq!(
            below.metadata_url().unwrap().as_str(),
            "https://example.com/.well-known/oauth-authorization-server/auth/orgs/acme"
        );
        let server = Issuer::of_server("https://auth.example/").unwrap();
        assert_eq!((server.to_string().as_str(), server.org()), ("https://auth.example", None));
        assert_eq!(
            server.metadata_url().unwrap().as_str(),
            "https://auth.example/.well-known/oauth-authorization-server"
        );
    }

    #[test]
    fn an_address_is_taken_at_the_origin_of_the_server_alone() {
        let at = |server: &str| Issuer::new(server, "acme").unwrap();
        let (away, here) = (at("https://auth.example"), at("http://127.0.0.1:8080"));
        for own in ["https://auth.example/device?a=b", "https://auth.example:443/token", "HTTPS://Auth.Example"] {
            assert!(away.owns(own) && at("https://auth.example/below").owns(own) && !here.owns(own), "{own}");
        }
        assert!(here.owns("http://127.0.0.1:8080/token") && !away.owns("http://127.0.0.1:8080/token"));
        assert!(at("http://localhost:8080").owns("http://localhost:8080/device?user_code=WDJB-MJHT"));
        assert!(at("https://auth.example:8443").owns("https://auth.example:8443/token"));
        for bad in [
            "https://evil.example/token",
            "https://auth.example.evil.example/token",
            "https://tokens.auth.example/token",
            "https://example/token",
            "https://auth.example./token",
            "https://auth.example:8443/token",
            "https://auth.example:80/token",
            "http://auth.example/token",
            "http://auth.example:443/token",
            "https://127.0.0.1:8080/token",
            "http://127.0.0.1:8081/token",
            "http://127.0.0.1/token",
            "http://localhost:8080/token",
            "https://auth.example@evil.example/token",
            "https://evil@auth.example/token",
            "https://:secret@auth.example/token",
            "http://evil@127.0.0.1:8080/token",
            "https://auth.example/\u{202e}nekot",
            "https://auth.example/\u{1b}[2J",
            "https://auth.example/to ken",
            "https://auth.exa\tmple/token",
            "\nhttps://auth.example/token",
            "https:\\\\auth.example/token",
            "blob:https://auth.example/token",
            "blob:http://127.0.0.1:8080/token",
            "file:///etc/passwd",
            "javascript:alert(1)",
            "//auth.example/token",
            "/token",
            "",
        ] {
            assert!(!away.owns(bad) && !here.owns(bad), "{bad:?}");
        }
        assert!(!away.owns(&format!("https://auth.example/{}", "x".repeat(LONGEST))));
    }

    #[test]
    fn another_server_points_to_nothing_on_this_computer() {
        let away = Issuer::new("https://auth.example", "acme").unwrap();
        for host in [
            "localhost",
            "LOCALHOST:8443",
            "localhost.",
            "a.localhost",
            "127.0.0.1",
            "127.1.2.3:9000",
            "2130706433",
            "0x7f.1",
            "0.0.0.0",
            "[::1]:8443",
            "[::]",
            "[::ffff:127.0.0.1]",
        ] {
            for scheme in ["http", "https"] {
                let address = format!("{scheme}://{host}/device");
                assert!(!away.owns(&address), "{address}");
            }
        }
    }

    #[test]
    fn an_address_that_is_not_taken_is_told_with_what_to_do() {
        let issuer = Issuer::new("https://auth.example", "acme").unwrap();
        assert!(issuer.checked("https://auth.example/device").is_ok());
        let sentence = issuer.checked("https://evil.example/\u{1b}[2Jdevice").unwrap_err().to_string();
        assert_eq!(
            sentence,
            "The server at https://auth.example names an address that is not plainly its own: \
             https://evil.example/[2Jdevice. Do not open it; ask whoever runs the server for its right address."
        );
    }

    #[test]
    fn plain_http_is_for_this_computer() {
        for good in
            ["http://localhost:8080", "http://127.0.0.1:1", "http://[::1]:1", "http://a.localhost", "https://a.example"]
        {
            assert!(Issuer::new(good, "acme").is_ok(), "{good}");
        }
        for bad in [
            "http://auth.example",
            "http://127.0.0.1.example",
            "http://localhost.example",
            "http://10.0.0.1",
            "ftp://localhost",
            "auth.example",
            "localhost:8080",
            "https://u:p@auth.example",
            "https://auth.example?x",
            "",
        ] {
            assert!(matches!(Issuer::new(bad, "acme"), Err(Error::Address(_))), "{bad}");
        }
        assert!(matches!(Issuer::new("https://auth.example", "Acme/x"), Err(Error::Address(_))));
    }
}
