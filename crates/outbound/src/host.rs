//! Hosts that the operator allows by name.

use std::fmt;
use std::str::FromStr;
use url::{Host, Url};

/// A host and a port: `idp.internal` (port 443) or `idp.internal:8443`, `10.0.0.7`, `[fd00::7]:8443`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HostPort {
    host: Host,
    port: u16,
}

/// The text is not a host with or without a port.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NotAHost;

impl HostPort {
    /// Whether `url` leads there.
    pub(crate) fn is_of(&self, url: &Url) -> bool {
        let host = url.host().map(|host| host.to_owned());
        host.as_ref() == Some(&self.host) && url.port_or_known_default() == Some(self.port)
    }
}

impl FromStr for HostPort {
    type Err = NotAHost;

    fn from_str(text: &str) -> Result<Self, NotAHost> {
        if text.is_empty() || text.contains(['/', '@', '?', '#', '\\', ' ']) {
            return Err(NotAHost);
        }
        // A scheme that is special, so that the host is read as browsers read it; 443 where the text names no port.
        let url = Url::parse(&format!("https://{text}")).map_err(|_| NotAHost)?;
        let host = url.host().ok_or(NotAHost)?.to_owned();
        Ok(Self { host, port: url.port_or_known_default().ok_or(NotAHost)? })
    }
}

impl fmt::Display for HostPort {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.host, self.port)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_host_is_its_name_and_its_port() {
        let host = |text: &str| text.parse::<HostPort>().unwrap();
        let url = |text: &str| Url::parse(text).unwrap();
        assert!(host("idp.internal").is_of(&url("https://IDP.internal/x")));
        assert!(!host("idp.internal").is_of(&url("http://idp.internal/x")), "that is port 80");
        assert!(!host("idp.internal").is_of(&url("https://idp.internal:22/x")));
        assert!(!host("idp.internal").is_of(&url("https://idp.internal.evil.example/")));
        assert!(host("127.0.0.1:8080").is_of(&url("http://127.0.0.1:8080/")));
        assert!(host("[::1]:8080").is_of(&url("http://[::1]:8080/")));
        assert!(host("idp.internal:80").is_of(&url("http://idp.internal/")));
        for bad in ["", "a b", "https://idp", "idp/x", "u@idp", "idp:99999", ":80"] {
            assert_eq!(bad.parse::<HostPort>(), Err(NotAHost), "{bad}");
        }
    }
}
