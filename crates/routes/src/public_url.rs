//! The address under which the server is reached.

use crate::url::organization;
use model::id::OrgId;

/// The address under which people and programs reach the server: scheme, host and, where it has one, port and prefix;
/// never a trailing slash.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PublicUrl(String);

impl PublicUrl {
    /// Takes an address that configuration has checked; trailing slashes are dropped.
    pub fn new(checked: &str) -> Self {
        Self(checked.trim_end_matches('/').to_owned())
    }

    /// The address.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// `path` below it.
    pub fn join(&self, path: &str) -> String {
        format!("{}{path}", self.0)
    }

    /// Scheme, host and port: what a browser sends as `Origin`.
    pub fn origin(&self) -> &str {
        let after_scheme = self.0.find("://").map_or(0, |at| at + 3);
        let end = self.0[after_scheme..].find('/').map_or(self.0.len(), |at| after_scheme + at);
        &self.0[..end]
    }

    /// Host and port, as the address bar shows them.
    pub fn host(&self) -> &str {
        let origin = self.origin();
        origin.find("://").map_or(origin, |at| &origin[at + 3..])
    }

    /// The host alone, without a port; an IPv6 address keeps its brackets.
    pub fn host_name(&self) -> &str {
        let host = self.host();
        match host.rsplit_once(':') {
            Some((name, port)) if port.bytes().all(|byte| byte.is_ascii_digit()) => name,
            _ => host,
        }
    }

    /// Whether cookies can be `Secure`.
    pub fn is_https(&self) -> bool {
        self.0.starts_with("https://")
    }

    /// The organization's issuer (RFC 8414 §2), or that of the whole server: equal byte by byte wherever it stands.
    pub fn issuer(&self, home: &OrgId) -> String {
        if home.is_instance() { self.0.clone() } else { self.join(&organization(home)) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_origin_has_no_path() {
        let url = PublicUrl::new("https://auth.example:8443/sso/");
        assert_eq!(
            (url.origin(), url.host(), url.as_str()),
            ("https://auth.example:8443", "auth.example:8443", "https://auth.example:8443/sso")
        );
        assert_eq!(PublicUrl::new("http://localhost:8080").origin(), "http://localhost:8080");
        let names = ["https://a.example", "http://localhost:8080", "http://[::1]:8080", "http://[::1]"]
            .map(|url| PublicUrl::new(url).host_name().to_owned());
        assert_eq!(names, ["a.example", "localhost", "[::1]", "[::1]"]);
    }
}
