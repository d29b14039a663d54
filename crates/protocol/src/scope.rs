//! Scopes (RFC 6749 §3.3): a set of words, each of visible ASCII without `"` and `\`.

use crate::error::{ErrorCode, OAuthError};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use std::collections::BTreeSet;
use std::fmt;

/// The longest `scope` parameter, in bytes. Checked before it is split.
pub const LONGEST: usize = 4096;

/// The most scopes in one request.
pub const MOST: usize = 100;

/// The longest single scope, in bytes.
pub const LONGEST_NAME: usize = 128;

/// A set of scopes, printed in alphabetical order with one space between.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Scopes(BTreeSet<String>);

const INVALID: OAuthError = OAuthError::new(ErrorCode::InvalidScope, "The scope is not well-formed, or too long.");

impl Scopes {
    /// Reads a `scope` value. Repeated words count once; more than one space between words is taken.
    ///
    /// # Errors
    /// `invalid_scope` where it is too long or a word has a forbidden character.
    pub fn parse(text: &str) -> Result<Self, OAuthError> {
        if text.len() > LONGEST {
            return Err(INVALID);
        }
        let mut names = BTreeSet::new();
        for name in text.split(' ').filter(|name| !name.is_empty()) {
            if !is_name(name) || names.len() == MOST && !names.contains(name) {
                return Err(INVALID);
            }
            names.insert(name.to_owned());
        }
        Ok(Self(names))
    }

    /// Whether `name` is among them.
    pub fn has(&self, name: &str) -> bool {
        self.0.contains(name)
    }

    /// Whether each of them is among `other`.
    pub fn within(&self, other: &Self) -> bool {
        self.0.is_subset(&other.0)
    }

    /// Those that are in both.
    #[must_use]
    pub fn narrowed_to(&self, other: &Self) -> Self {
        Self(self.0.intersection(&other.0).cloned().collect())
    }

    /// Those that are in either.
    #[must_use]
    pub fn joined_by(&self, other: &Self) -> Self {
        Self(self.0.union(&other.0).cloned().collect())
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The names, in alphabetical order.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.0.iter().map(String::as_str)
    }
}

/// Whether `name` can be a scope's name: `scope-token` of RFC 6749 §3.3, at most [`LONGEST_NAME`] bytes.
pub fn is_name(name: &str) -> bool {
    (1..=LONGEST_NAME).contains(&name.len())
        && name.bytes().all(|byte| matches!(byte, 0x21 | 0x23..=0x5b | 0x5d..=0x7e))
}

impl FromIterator<String> for Scopes {
    /// Collects names that are known to be well-formed, such as those of a catalogue.
    fn from_iter<I: IntoIterator<Item = String>>(names: I) -> Self {
        Self(names.into_iter().filter(|name| is_name(name)).collect())
    }
}

impl fmt::Display for Scopes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (at, name) in self.0.iter().enumerate() {
            if at > 0 {
                f.write_str(" ")?;
            }
            f.write_str(name)?;
        }
        Ok(())
    }
}

impl Serialize for Scopes {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Scopes {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        Self::parse(&text).map_err(|error| serde::de::Error::custom(error.description))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn ten_thousand_words_are_refused() {
        assert_eq!(Scopes::parse(&"a ".repeat(10_000)).unwrap_err().code, ErrorCode::InvalidScope);
        let many: String = (0..101).map(|n| format!("s{n} ")).collect();
        assert_eq!(Scopes::parse(&many).unwrap_err().code, ErrorCode::InvalidScope);
    }

    #[test]
    fn quotes_backslashes_and_other_scripts_are_refused() {
        for bad in ["a\"b", "a\\b", "ä", "a\tb"] {
            assert!(Scopes::parse(bad).is_err(), "{bad}");
        }
    }

    proptest! {
        #[test]
        fn what_is_printed_is_read_again(names in proptest::collection::btree_set("[!#-\\[\\]-~]{1,12}", 0..20)) {
            let scopes: Scopes = names.into_iter().collect();
            prop_assert_eq!(Scopes::parse(&scopes.to_string()).unwrap(), scopes);
        }
    }
}
