//! The `Authorization` header: `Basic` for clients (RFC 6749 §2.3.1), `Bearer` for tokens (RFC 6750 §2.1).

use crate::params::form_decode;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

/// The longest header that is looked at, in bytes.
const LONGEST: usize = 16 * 1024;

/// What a client presents by `Basic`, both halves form-decoded.
#[derive(Clone, PartialEq, Eq)]
pub struct Basic {
    /// The client's id.
    pub client_id: String,
    /// Its secret; a public client sends it empty.
    pub client_secret: String,
}

/// Why a header is not what the endpoint takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Malformed {
    /// Another scheme than the one asked for.
    OtherScheme,
    /// Not base64, no colon, or not text.
    Broken,
}

/// Reads `Basic` credentials.
///
/// # Errors
/// [`Malformed`] where the header is not that.
pub fn basic(header: &str) -> Result<Basic, Malformed> {
    let encoded = credentials_of("basic", header)?;
    let plain = STANDARD.decode(encoded).map_err(|_| Malformed::Broken)?;
    let colon = plain.iter().position(|byte| *byte == b':').ok_or(Malformed::Broken)?;
    let half = |bytes: &[u8]| form_decode(bytes).map_err(|_| Malformed::Broken);
    Ok(Basic { client_id: half(&plain[..colon])?, client_secret: half(&plain[colon + 1..])? })
}

/// Reads a `Bearer` token.
///
/// # Errors
/// [`Malformed`] where the header is not that.
pub fn bearer(header: &str) -> Result<&str, Malformed> {
    let token = credentials_of("bearer", header)?;
    if token.is_empty() || !token.bytes().all(is_plain) { Err(Malformed::Broken) } else { Ok(token) }
}

/// Reads an `ApiKey` token, as some programs send keys.
///
/// # Errors
/// [`Malformed`] where the header is not that.
pub fn api_key(header: &str) -> Result<&str, Malformed> {
    let token = credentials_of("apikey", header)?;
    if token.is_empty() || !token.bytes().all(is_plain) { Err(Malformed::Broken) } else { Ok(token) }
}

/// Whether a token may hold this byte (RFC 6750 §2.1).
const fn is_plain(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_' | b'~' | b'+' | b'/' | b'=')
}

/// What follows the scheme's name, which is compared without regard to case (RFC 9110 §11.1).
fn credentials_of<'a>(scheme: &str, header: &'a str) -> Result<&'a str, Malformed> {
    if header.len() > LONGEST {
        return Err(Malformed::Broken);
    }
    let (named, rest) = header.trim().split_once(' ').unwrap_or((header.trim(), ""));
    if named.eq_ignore_ascii_case(scheme) { Ok(rest.trim_start()) } else { Err(Malformed::OtherScheme) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn header(plain: &[u8]) -> String {
        format!("Basic {}", STANDARD.encode(plain))
    }

    #[test]
    fn both_halves_are_form_decoded() {
        let read = basic(&header(b"my%20id:a%3Ab+c")).ok().unwrap();
        assert_eq!((read.client_id.as_str(), read.client_secret.as_str()), ("my id", "a:b c"));
    }

    #[test]
    fn broken_credentials_are_told_from_another_scheme() {
        for bad in
            ["Basic !!!", "Basic", &header(b"no-colon"), &header(b"\xff\xfe:x"), &header(b"a:%zz"), &header(b"a%00:b")]
        {
            assert_eq!(basic(bad).err(), Some(Malformed::Broken), "{bad}");
        }
        assert_eq!(basic("Bearer abc").err(), Some(Malformed::OtherScheme));
        assert_eq!(basic("bAsIc YTpi").ok().map(|read| read.client_secret), Some("b".to_owned()));
    }

    #[test]
    fn a_bearer_token_has_one_word() {
        assert_eq!(bearer("Bearer a.b-c_d"), Ok("a.b-c_d"));
        assert_eq!(bearer("Bearer a b"), Err(Malformed::Broken));
        assert_eq!(bearer("Bearer "), Err(Malformed::Broken));
        assert_eq!(bearer("Basic a"), Err(Malformed::OtherScheme));
    }
}
