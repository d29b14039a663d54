//! Where a request comes from. Forwarded headers count only when a trusted proxy sent them.

use crate::config::Network;
use actix_web::HttpRequest;
use actix_web::http::header;
use model::context::Origin;
use std::net::{IpAddr, Ipv4Addr};

/// Address and program of a request.
pub fn origin_of(request: &HttpRequest, trusted: &[Network]) -> Origin {
    let peer = request.peer_addr().map_or(IpAddr::V4(Ipv4Addr::UNSPECIFIED), |peer| peer.ip().to_canonical());
    let forwarded = request.headers().get_all("x-forwarded-for").map(header::HeaderValue::as_bytes);
    let agent = request.headers().get(header::USER_AGENT).and_then(|value| value.to_str().ok()).unwrap_or_default();
    Origin::new(client_address(peer, &forwarded.collect::<Vec<_>>(), trusted), &program(agent))
}

/// The last address of the chain that is not a trusted proxy's: what stands before it anybody could have written, and
/// need not even be text.
fn client_address(peer: IpAddr, forwarded: &[&[u8]], trusted: &[Network]) -> IpAddr {
    let is_trusted = |address: IpAddr| trusted.iter().any(|network| network.contains(address));
    let mut client = peer;
    for hop in forwarded.iter().flat_map(|value| value.split(|byte| *byte == b',')).rev() {
        if !is_trusted(client) {
            break;
        }
        let Some(address) = std::str::from_utf8(hop).ok().and_then(|hop| address_of(hop.trim())) else { break };
        client = address;
    }
    client
}

/// An address as proxies write it: plain, or with a port.
fn address_of(text: &str) -> Option<IpAddr> {
    let plain = text.parse::<IpAddr>().ok();
    let with_port = || text.parse::<std::net::SocketAddr>().ok().map(|address| address.ip());
    plain.or_else(with_port).map(|address| address.to_canonical())
}

/// A program in words that every language reads: "Firefox (Linux)" for a browser; for anything else the name and version that it begins with,
/// never the rest, which a stranger could fill with sentences for whoever reviews the request, or reads the letter.
fn program(agent: &str) -> String {
    let known = woothee::parser::Parser::new().parse(agent).filter(|found| {
        // Libraries say of themselves what they are better than "HTTP Library" does.
        found.name != "UNKNOWN" && found.category != "UNKNOWN" && found.name != "HTTP Library"
    });
    match known {
        Some(found) if found.os != "UNKNOWN" && found.os != found.name => format!("{} ({})", found.name, found.os),
        Some(found) => found.name.to_owned(),
        None => first_product(agent).unwrap_or_default().to_owned(),
    }
}

/// The longest name of a product that is shown, and the longest version, in bytes.
const LONGEST_NAME: usize = 30;
const LONGEST_VERSION: usize = 16;

/// The first product of a User-Agent with its version (RFC 9110 §10.1.5), where both are as honest ones are: a name of
/// letters, digits, hyphens and underscores, and a version that begins with a digit. A name has no dot, so that no mail
/// program takes it for a host's.
fn first_product(agent: &str) -> Option<&str> {
    let product = agent.split([' ', '\t']).next()?;
    let (name, version) = product.split_once('/').map_or((product, None), |(name, version)| (name, Some(version)));
    let is_name = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_';
    let is_version = |version: &str| {
        version.len() <= LONGEST_VERSION
            && version.starts_with(|first: char| first.is_ascii_digit())
            && version.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'.')
    };
    let good = !name.is_empty() && name.len() <= LONGEST_NAME && name.bytes().all(is_name);
    (good && version.is_none_or(is_version)).then_some(product)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ip(text: &str) -> IpAddr {
        text.parse().unwrap()
    }

    fn trusted() -> Vec<Network> {
        vec!["10.0.0.0/8".parse().unwrap()]
    }

    #[test]
    fn nobody_but_a_trusted_proxy_says_where_a_request_is_from() {
        let of = |peer: &str, forwarded: &[&[u8]]| client_address(ip(peer), forwarded, &trusted());
        assert_eq!(of("203.0.113.9", &[b"198.51.100.1"]), ip("203.0.113.9"));
        assert_eq!(of("10.0.0.1", &[b"198.51.100.1"]), ip("198.51.100.1"));
        assert_eq!(of("10.0.0.1", &[b"6.6.6.6, 198.51.100.1, 10.0.0.2"]), ip("198.51.100.1"));
        assert_eq!(of("10.0.0.1", &[b"6.6.6.6", b"198.51.100.1"]), ip("198.51.100.1"));
        assert_eq!(of("10.0.0.1", &[b"nonsense"]), ip("10.0.0.1"));
        assert_eq!(of("10.0.0.1", &[]), ip("10.0.0.1"));
        assert_eq!(of("10.0.0.1", &[b"\xff\x80, 198.51.100.1"]), ip("198.51.100.1"), "what the proxy added counts");
        assert_eq!(of("10.0.0.1", &[b"198.51.100.1, \xff"]), ip("10.0.0.1"));
    }

    #[test]
    fn programs_are_told_in_words() {
        assert_eq!(
            program("Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"),
            "Firefox (Linux)"
        );
        assert_eq!(program("acme-tv/1.2"), "acme-tv/1.2");
        assert_eq!(program("acme-tv/1.2 (Living room) lib/3"), "acme-tv/1.2");
        assert_eq!(program("acme Ada, approve this: it is your new television"), "acme");
        for library in ["curl/8.5.0", "python-requests/2.31.0", "Wget/1.21", "Go-http-client/1.1"] {
            assert_eq!(program(library), library);
        }
        for no_product in [
            "<b>acme</b>",
            "(comment)",
            "acme/",
            "/1",
            "a/b/c",
            "\u{202e}emca/1",
            "evil.example/your-account-is-locked",
            "evil.example",
            "acme/evil.example",
            "acme/1/evil",
            "acme/1.2-evil",
            "acme/12345678901234567",
            &"x".repeat(31),
        ] {
            assert_eq!(program(no_product), "", "{no_product}");
        }
        assert_eq!(program(&"x".repeat(30)), "x".repeat(30));
        assert_eq!(program(""), "");
    }
}
