//! Where a request came from, as a value made once at the edge.

use serde::{Deserialize, Serialize};
use std::net::{IpAddr, Ipv6Addr};

/// The longest program name that is kept of a `User-Agent`, in characters.
const LONGEST_PROGRAM: usize = 120;

/// Address and program of whoever sent a request.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Origin {
    /// The peer's address, or what a trusted proxy says it is.
    pub address: IpAddr,
    /// The program in words ("Firefox (Linux)", "curl/8.5"), printable and short; empty where none was named.
    pub program: String,
}

impl Origin {
    /// An origin whose program is stripped of control and bidirectional characters and cut short.
    pub fn new(address: IpAddr, program: &str) -> Self {
        Self { address: address.to_canonical(), program: plain_text(program, LONGEST_PROGRAM) }
    }

    /// The network that limits are counted by.
    pub fn network(&self) -> Network {
        Network::of(self.address)
    }
}

/// The part of an address that one subscriber holds: all of an IPv4 address, the first 64 bits of an IPv6 one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Network(IpAddr);

impl Network {
    /// The network of `address`.
    pub fn of(address: IpAddr) -> Self {
        Self(match address.to_canonical() {
            IpAddr::V6(v6) => {
                let [a, b, c, d, ..] = v6.segments();
                IpAddr::V6(Ipv6Addr::new(a, b, c, d, 0, 0, 0, 0))
            }
            v4 => v4,
        })
    }
}

impl std::fmt::Display for Network {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.0.fmt(f)
    }
}

/// `text` without control, bidirectional and other invisible characters, at most `longest` characters, trimmed.
/// For words that come from strangers and are shown to users.
pub fn plain_text(text: &str, longest: usize) -> String {
    let shown: String = text.chars().filter(|c| !c.is_control() && !is_formatting(*c)).take(longest).collect();
    shown.trim().to_owned()
}

/// Whether `c` is there without being seen: the Default_Ignorable_Code_Points of Unicode (among them fillers, variation
/// selectors and tags), what parts lines or annotates, and the Braille pattern without a dot.
pub fn is_formatting(c: char) -> bool {
    matches!(c,
        '\u{00ad}' | '\u{034f}' | '\u{061c}' | '\u{115f}'..='\u{1160}' | '\u{17b4}'..='\u{17b5}' | '\u{180b}'..='\u{180f}'
        | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{2800}' | '\u{3164}'
        | '\u{fe00}'..='\u{fe0f}' | '\u{feff}' | '\u{ffa0}' | '\u{fff0}'..='\u{fffb}' | '\u{1bca0}'..='\u{1bca3}'
        | '\u{1d173}'..='\u{1d17a}' | '\u{e0000}'..='\u{e0fff}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_ipv6_subscriber_is_one_network() {
        let of = |text: &str| Network::of(text.parse().unwrap());
        assert_eq!(of("2001:db8:1:2::1"), of("2001:db8:1:2:ffff::9"));
        assert_ne!(of("2001:db8:1:2::1"), of("2001:db8:1:3::1"));
        assert_eq!(of("::ffff:192.0.2.7"), of("192.0.2.7"));
        assert_ne!(of("192.0.2.7"), of("192.0.2.8"));
    }

    #[test]
    fn words_from_strangers_hold_nothing_invisible() {
        assert_eq!(plain_text(" a\u{202e}b\u{200b}\nc ", 80), "abc");
        assert_eq!(plain_text("\u{3164}\u{115f}\u{1160}\u{ffa0}\u{2800}\u{fe0f}\u{e0100}\u{34f}\u{1d173}", 80), "");
        assert_eq!(plain_text("Größe 東京 ⠓ é 🚀", 80), "Größe 東京 ⠓ é 🚀");
        assert_eq!(plain_text(&"x".repeat(500), 80).len(), 80);
    }
}
