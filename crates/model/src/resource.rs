//! Resources (RFC 8707): the services that an organization's tokens may be meant for, by their addresses.

use std::net::{Ipv4Addr, Ipv6Addr};

/// The most resources of an organization.
pub const MOST_RESOURCES: usize = 100;

/// The address of a resource: `https`, or `http` on this machine for whoever tries something out; without fragment. It is
/// compared as it was written, as resource servers do with `aud`: nothing about it is tidied up.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ResourceUri(String);

/// A text that is no address of a resource.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NotAResource;

impl ResourceUri {
    /// The longest address, in bytes.
    pub const LONGEST: usize = 255;

    /// Takes an address as it was written.
    ///
    /// # Errors
    /// Where it is none.
    pub fn parse(text: &str) -> Result<Self, NotAResource> {
        let (scheme, rest) = text.split_once("://").ok_or(NotAResource)?;
        let authority = rest.split(['/', '?']).next().unwrap_or_default();
        let plain = text.bytes().all(|byte| byte.is_ascii_graphic() && !b"\"#<>\\^`{|}".contains(&byte));
        let placed = match scheme {
            "https" => is_authority(authority),
            "http" => is_authority(authority) && is_loopback(host_of(authority)),
            _ => false,
        };
        if plain && placed && text.len() <= Self::LONGEST { Ok(Self(text.to_owned())) } else { Err(NotAResource) }
    }

    /// The address.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// A resource of an organization.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Resource {
    /// Its address.
    pub uri: ResourceUri,
    /// What people call it.
    pub name: String,
}

fn host_of(authority: &str) -> &str {
    match authority.strip_prefix('[').and_then(|rest| rest.split_once(']')) {
        Some((host, _)) => host,
        None => authority.split(':').next().unwrap_or_default(),
    }
}

/// A host, and maybe a port; nobody's name and password.
fn is_authority(authority: &str) -> bool {
    let (host, port) = match authority.strip_prefix('[').and_then(|rest| rest.split_once(']')) {
        Some((host, port)) => {
            (host.parse::<Ipv6Addr>().is_ok(), port.strip_prefix(':').or(port.is_empty().then_some("")))
        }
        None => match authority.split_once(':') {
            Some((host, port)) => (is_host(host), Some(port)),
            None => (is_host(authority), Some("")),
        },
    };
    let with_port = authority.ends_with(|last: char| last != ':');
    host && with_port && port.is_some_and(|port| port.is_empty() || port.parse::<u16>().is_ok())
}

fn is_host(host: &str) -> bool {
    host.split('.').all(|label| {
        (1..=63).contains(&label.len())
            && label.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_'))
    })
}

fn is_loopback(host: &str) -> bool {
    host == "localhost"
        || host.parse::<Ipv4Addr>().is_ok_and(|address| address.is_loopback())
        || host.parse::<Ipv6Addr>().is_ok_and(|address| address.is_loopback())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_absolute_and_safe() {
        let longest = format!("https://api.example/{}", "x".repeat(235));
        for good in [
            "https://api.example",
            "https://api.example/",
            "https://api.example:8443/v1/things?tenant=acme",
            "https://API.example/%7Ea",
            "https://[2001:db8::1]:443/x",
            "https://10.0.0.1/mcp",
            "http://localhost:3000/mcp",
            "http://127.0.0.2",
            "http://[::1]:80/",
            &longest,
        ] {
            assert_eq!(ResourceUri::parse(good).map(|uri| uri.as_str().to_owned()), Ok(good.to_owned()));
        }
        for bad in [
            "",
            "api.example",
            "/v1",
            "urn:example:api",
            "http://api.example",
            "http://localhost.evil.example",
            "http://127.0.0.1.evil.example",
            "ftp://api.example",
            "HTTPS://api.example",
            "https://",
            "https:///v1",
            "https://?x",
            "https://api.example#part",
            "https://api.example/#",
            "https://user@api.example",
            "https://user:pass@api.example",
            "https://api.example:",
            "https://api.example:99999",
            "https://[::1",
            "https://[::1]x",
            "https://a..b",
            "https://api.example/a b",
            "https://api.example/\u{e4}",
            "https://api.example/\\x",
            "https://api.example/\"x\"",
            &format!("{longest}x"),
        ] {
            assert_eq!(ResourceUri::parse(bad), Err(NotAResource), "{bad}");
        }
    }
}
