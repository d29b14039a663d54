//! Request parameters, read strictly (RFC 6749 §3.1, §3.2): a repeated one is refused, an empty one counts as absent,
//! an unknown one is ignored. Text must be UTF-8 without control characters.

use crate::error::OAuthError;

/// The parameters that may be given more than once in any request (RFC 8707 §2).
const REPEATABLE: [&str; 1] = ["resource"];

/// More parameters than any request of ours has.
const MOST: usize = 64;

/// More fields than any page of ours has: two ticks for each of a hundred scopes, and some.
const MOST_OF_PAGE: usize = 512;

/// The parameters of one `application/x-www-form-urlencoded` body or query string.
///
/// Values are not shown by `Debug`: they may hold secrets.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Params {
    pairs: Vec<(String, String)>,
}

impl Params {
    /// Reads an `application/x-www-form-urlencoded` text.
    ///
    /// # Errors
    /// `invalid_request` where a parameter is repeated, is not UTF-8, holds control characters or a broken escape, or
    /// where there are too many.
    pub fn parse(text: &[u8]) -> Result<Self, OAuthError> {
        Self::read(text, &REPEATABLE, MOST)
    }

    /// Reads the form of a page, in which the boxes of one name are each a field: as [`Params::parse`], but for the
    /// fields named by `repeatable`, which may repeat, and a bound that leaves room for them.
    ///
    /// # Errors
    /// As [`Params::parse`].
    pub fn parse_page_form(text: &[u8], repeatable: &[&str]) -> Result<Self, OAuthError> {
        Self::read(text, repeatable, MOST_OF_PAGE)
    }

    fn read(text: &[u8], repeatable: &[&str], most: usize) -> Result<Self, OAuthError> {
        let mut pairs: Vec<(String, String)> = Vec::new();
        for piece in text.split(|byte| *byte == b'&').filter(|piece| !piece.is_empty()) {
            if pairs.len() == most {
                return Err(OAuthError::invalid_request("The request has too many parameters."));
            }
            let (name, value) = match piece.iter().position(|byte| *byte == b'=') {
                Some(at) => (&piece[..at], &piece[at + 1..]),
                None => (piece, &[][..]),
            };
            let (name, value) = (form_decode(name)?, form_decode(value)?);
            if !repeatable.contains(&name.as_str()) && pairs.iter().any(|(known, _)| *known == name) {
                return Err(OAuthError::invalid_request("A parameter is given more than once."));
            }
            pairs.push((name, value));
        }
        Ok(Self { pairs })
    }

    /// The value of `name`; nothing where it is absent or empty.
    pub fn get(&self, name: &str) -> Option<&str> {
        self.pairs.iter().find(|(known, value)| known == name && !value.is_empty()).map(|(_, value)| value.as_str())
    }

    /// The value of `name`.
    ///
    /// # Errors
    /// `invalid_request` with the sentence `missing` where it is absent or empty.
    pub fn require(&self, name: &str, missing: &'static str) -> Result<&str, OAuthError> {
        self.get(name).ok_or(OAuthError::invalid_request(missing))
    }

    /// Every value of `name` that is not empty, in order.
    pub fn all<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a str> {
        self.pairs
            .iter()
            .filter(move |(known, value)| known == name && !value.is_empty())
            .map(|(_, value)| value.as_str())
    }

    /// Whether `name` was given at all, be it empty.
    pub fn has(&self, name: &str) -> bool {
        self.pairs.iter().any(|(known, _)| known == name)
    }
}

impl std::fmt::Debug for Params {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_list().entries(self.pairs.iter().map(|(name, _)| name)).finish()
    }
}

/// Decodes one name or value: `+` is a space, `%XX` a byte; the result must be UTF-8 without control characters.
///
/// # Errors
/// `invalid_request` where it is not.
pub fn form_decode(text: &[u8]) -> Result<String, OAuthError> {
    const BROKEN: OAuthError = OAuthError::invalid_request("A parameter is not well-formed text.");
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.iter();
    while let Some(byte) = rest.next() {
        bytes.push(match byte {
            b'+' => b' ',
            b'%' => {
                let (high, low) = (rest.next().ok_or(BROKEN)?, rest.next().ok_or(BROKEN)?);
                hex(*high).ok_or(BROKEN)? << 4 | hex(*low).ok_or(BROKEN)?
            }
            other => *other,
        });
    }
    let text = String::from_utf8(bytes).map_err(|_| BROKEN)?;
    if text.chars().any(char::is_control) { Err(BROKEN) } else { Ok(text) }
}

const fn hex(digit: u8) -> Option<u8> {
    match digit {
        b'0'..=b'9' => Some(digit - b'0'),
        b'a'..=b'f' => Some(digit - b'a' + 10),
        b'A'..=b'F' => Some(digit - b'A' + 10),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn an_empty_value_counts_as_absent_and_an_unknown_one_is_kept_out_of_the_way() {
        let params = Params::parse(b"a=1&b=&c&x=y+z%21").unwrap();
        assert_eq!(params.get("a"), Some("1"));
        assert_eq!(params.get("b"), None);
        assert_eq!(params.get("c"), None);
        assert!(params.has("b") && params.has("c") && !params.has("d"));
        assert_eq!(params.get("x"), Some("y z!"));
    }

    #[test]
    fn a_repeated_parameter_is_refused_even_when_empty_but_resources_may_repeat() {
        assert!(Params::parse(b"a=1&a=1").is_err());
        assert!(Params::parse(b"a=1&a=").is_err());
        let many = Params::parse(b"resource=https%3A%2F%2Fa&resource=https%3A%2F%2Fb").unwrap();
        assert_eq!(many.all("resource").count(), 2);
        // Token exchange alone may repeat it (RFC 8693 §2.1).
        assert!(Params::parse(b"audience=a&audience=b").is_err());
    }

    #[test]
    fn a_page_says_which_of_its_fields_repeat_and_no_other_does() {
        let form = Params::parse_page_form(b"name=a&scope=x&scope=y&scope=", &["scope"]).unwrap();
        assert_eq!(form.all("scope").collect::<Vec<_>>(), ["x", "y"]);
        assert!(Params::parse_page_form(b"name=a&name=b", &["scope"]).is_err());
        assert!(Params::parse_page_form(b"resource=a&resource=b", &["scope"]).is_err());
        assert!(Params::parse(b"scope=x&scope=y").is_err());
        let many = |fields| "scope=x&".repeat(fields);
        assert!(Params::parse_page_form(many(512).as_bytes(), &["scope"]).is_ok());
        assert!(Params::parse_page_form(many(513).as_bytes(), &["scope"]).is_err());
    }

    #[test]
    fn control_characters_broken_escapes_and_bad_utf8_are_refused() {
        for bad in ["a=%00", "a=%ff", "a=x%0d%0ay", "a=%0", "a=%zz", "a=%c3", "%00=a", "a=%7f"] {
            assert!(Params::parse(bad.as_bytes()).is_err(), "{bad}");
        }
        assert!(Params::parse(&[b'a', b'=', 0xff]).is_err());
    }

    #[test]
    fn values_are_not_printed() {
        assert_eq!(format!("{:?}", Params::parse(b"client_secret=hunter2").unwrap()), r#"["client_secret"]"#);
    }

    proptest! {
        #[test]
        fn no_input_panics(bytes in proptest::collection::vec(any::<u8>(), 0..256)) {
            let _ = Params::parse(&bytes);
        }
    }
}
