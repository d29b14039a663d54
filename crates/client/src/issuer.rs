//! Which organization at which server, and which addresses a secret may be sent to.

use crate::Error;
use model::id::OrgId;
use std::fmt;
use std::net::IpAddr;
use url::Url;

/// An organization at a server. Its text is the issuer, `{server}/orgs/{org}`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Issuer {
    server: String,
    org: OrgId,
}

impl Issuer {
    /// The organization `org` at `server`, such as `https://auth.example`. Plain http is for loopback hosts only.
    ///
    /// # Errors
    /// [`Error::Address`] where the address can't be a server's or the id can't be an organization's.
    pub fn new(server: &str, org: &str) -> Result<Self, Error> {
        let wrong = |why: &str| Error::Address(format!("“{server}” is not a server's address: {why}."));
        let url = Url::parse(server).map_err(|_| wrong("it should look like https://auth.example"))?;
        if !is_safe(&url) {
            return Err(wrong("it must begin with https:// (http:// is for this computer only)"));
        }
        if url.query().is_some() || url.fragment().is_some() || !url.username().is_empty() || url.password().is_some() {
            return Err(wrong("it must have no user, ? or #"));
        }
        let org =
            OrgId::parse(org).map_err(|why| Error::Address(format!("“{org}” is no organization's id: {why}.")))?;
        let server = format!("{}{}", url.origin().ascii_serialization(), url.path().trim_end_matches('/'));
        Ok(Self { server, org })
    }

    /// The server's address, without a slash at its end.
    pub fn server(&self) -> &str {
        &self.server
    }

    /// The organization's id.
    pub fn org(&self) -> &str {
        self.org.as_str()
    }

    /// Where the organization describes itself: the issuer with the well-known part between host and path
    /// (RFC 8414 §3.1).
    pub(crate) fn metadata_url(&self) -> Result<Url, Error> {
        let mut url = Url::parse(&self.to_string()).map_err(|_| Error::Answer("address"))?;
        let path = format!("/.well-known/oauth-authorization-server{}", url.path());
        url.set_path(&path);
        Ok(url)
    }

    /// Where the organization says who a token speaks for.
    pub(crate) fn me_url(&self) -> String {
        format!("{self}/api/v1/me")
    }
}

impl fmt::Display for Issuer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/orgs/{}", self.server, self.org)
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
