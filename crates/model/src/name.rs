//! What people call an organization, an application, a user.

use crate::context::plain_text;

/// A name that can be shown: not empty, not too long, without spaces around it, all of it visible.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DisplayName(String);

/// Why a text is no name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NotAName {
    /// There is nothing in it.
    Empty,
    /// It has too many characters.
    TooLong,
    /// It holds characters that can't be seen.
    Invisible,
}

impl DisplayName {
    /// The longest name, in characters.
    pub const LONGEST: usize = 80;

    /// Takes a name as it was given, less the spaces around it.
    ///
    /// # Errors
    /// Why it is none.
    pub fn parse(text: &str) -> Result<Self, NotAName> {
        visible(text, Self::LONGEST).map(Self)
    }

    /// The name.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// A text that can be shown, less the spaces around it: not empty, of at most `longest` characters, all of it visible.
///
/// # Errors
/// Why it is none.
pub(crate) fn visible(text: &str, longest: usize) -> Result<String, NotAName> {
    let text = text.trim();
    if text.is_empty() {
        return Err(NotAName::Empty);
    }
    if text.chars().count() > longest {
        return Err(NotAName::TooLong);
    }
    if plain_text(text, longest) != text {
        return Err(NotAName::Invisible);
    }
    Ok(text.to_owned())
}

impl From<DisplayName> for String {
    fn from(name: DisplayName) -> Self {
        name.0
    }
}

/// What a client that nobody has registered calls itself: a stranger's words, of which what can't be seen is left out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ClientName(String);

impl ClientName {
    /// The longest name, in characters.
    pub const LONGEST: usize = 80;

    /// Takes a name as it was given; nothing where it is too long, or nothing of it can be seen.
    pub fn parse(text: &str) -> Option<Self> {
        let fits = text.chars().count() <= Self::LONGEST;
        Some(plain_text(text, Self::LONGEST)).filter(|seen| fits && !seen.is_empty()).map(Self)
    }

    /// The name.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_a_strangers_name_what_can_be_seen_is_kept() {
        let parsed = |text: &str| ClientName::parse(text).map(|name| name.0);
        assert_eq!(parsed(" Re\u{202e}port\u{7} tool\n").as_deref(), Some("Report tool"));
        assert_eq!(parsed("<script>").as_deref(), Some("<script>"));
        assert!(parsed(&"ä".repeat(80)).is_some());
        for none in ["", "  ", "\u{202e}\u{200b}", &"x".repeat(81)] {
            assert_eq!(parsed(none), None, "{none:?}");
        }
    }

    #[test]
    fn names_can_be_seen() {
        assert_eq!(DisplayName::parse(" Acme Corp ").unwrap().as_str(), "Acme Corp");
        assert!(DisplayName::parse(&"ä".repeat(80)).is_ok());
        let table = [
            ("", NotAName::Empty),
            (" ", NotAName::Empty),
            ("a\nb", NotAName::Invisible),
            ("a\u{202e}b", NotAName::Invisible),
            ("\u{3164}", NotAName::Invisible),
            ("Acme\u{ffa0}", NotAName::Invisible),
            ("\u{2800}\u{2800}", NotAName::Invisible),
            ("Acme\u{fe0f}", NotAName::Invisible),
            (&"x".repeat(81), NotAName::TooLong),
        ];
        for (text, why) in table {
            assert_eq!(DisplayName::parse(text), Err(why), "{text:?}");
        }
    }
}
