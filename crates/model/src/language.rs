//! The languages that pages and letters speak, and which of them somebody reads.

use serde::{Deserialize, Serialize};

/// A language that is spoken here, complete.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Language {
    /// What is spoken where nobody asks for anything else.
    #[default]
    #[serde(rename = "en")]
    English,
    /// German.
    #[serde(rename = "de")]
    German,
}

impl Language {
    /// All of them, the default first.
    pub const ALL: [Self; 2] = [Self::English, Self::German];

    /// Its tag (BCP 47), in `lang`, in `Content-Language` and in the database.
    pub const fn tag(self) -> &'static str {
        match self {
            Self::English => "en",
            Self::German => "de",
        }
    }

    /// What it is called by those who speak it.
    pub const fn own_name(self) -> &'static str {
        match self {
            Self::English => "English",
            Self::German => "Deutsch",
        }
    }

    /// The language with exactly this tag.
    pub fn parse(tag: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|language| language.tag() == tag)
    }

    /// The language that a range means, shortened until it is one of ours (RFC 4647 §3.4): `de-AT` is German.
    fn of_range(range: &str) -> Option<Self> {
        let primary = range.split('-').next().unwrap_or_default();
        Self::ALL.into_iter().find(|language| language.tag().eq_ignore_ascii_case(primary))
    }

    /// The first of ours in a list of tags between spaces, most wanted first: `ui_locales` (OpenID Connect Core §3.1.2.1).
    pub fn of_locales(locales: &str) -> Option<Self> {
        locales.split_ascii_whitespace().find_map(Self::of_range)
    }

    /// What an `Accept-Language` asks for (RFC 9110 §12.5.4): the language with the greatest weight, of equal ones the
    /// first. `*` stands for the first of ours that is not named. What can't be read is passed over; nothing where
    /// nothing of ours is wanted.
    pub fn accepted(header: &str) -> Option<Self> {
        let ranges: Vec<(&str, u16)> = header.split(',').filter_map(weighted).collect();
        let named = |language: &Self| ranges.iter().any(|(range, _)| Self::of_range(range) == Some(*language));
        let mut best: Option<(Self, u16)> = None;
        for (range, weight) in &ranges {
            let meant = match *range {
                "*" => Self::ALL.into_iter().find(|language| !named(language)),
                range => Self::of_range(range),
            };
            if let Some(language) = meant
                && *weight > best.map_or(0, |(_, weight)| weight)
            {
                best = Some((language, *weight));
            }
        }
        best.map(|(language, _)| language)
    }
}

/// A range with its weight in thousandths; 1000 where none is said.
fn weighted(item: &str) -> Option<(&str, u16)> {
    let (range, parameter) = item.split_once(';').map_or((item, None), |(range, rest)| (range, Some(rest)));
    let range = range.trim();
    let well_formed =
        range == "*" || (!range.is_empty() && range.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-'));
    let weight = match parameter {
        None => 1_000,
        Some(text) => {
            let (name, value) = text.trim().split_once('=')?;
            if !name.trim().eq_ignore_ascii_case("q") {
                return None;
            }
            thousandths(value.trim())?
        }
    };
    well_formed.then_some((range, weight))
}

/// A weight: `0` or `1`, with at most three digits after a point, and never more than 1.
fn thousandths(text: &str) -> Option<u16> {
    let (whole, digits) = text.split_once('.').unwrap_or((text, ""));
    if !matches!(whole, "0" | "1") || digits.len() > 3 || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let weight = format!("{whole}{digits:0<3}").parse().ok()?;
    (weight <= 1_000).then_some(weight)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tag_reads_as_it_is_written() {
        for language in Language::ALL {
            assert_eq!(Language::parse(language.tag()), Some(language));
            assert_eq!(serde_json::to_string(&language).unwrap(), format!("\"{}\"", language.tag()));
        }
        assert_eq!(Language::ALL[0], Language::default());
        assert_eq!(Language::parse("fr"), None);
        assert_eq!(Language::parse("DE"), None);
    }

    #[test]
    fn the_greatest_weight_wins_and_of_equal_ones_the_first() {
        use Language::{English, German};
        for (header, accepted) in [
            ("de", Some(German)),
            ("DE-at", Some(German)),
            ("en-GB, de", Some(English)),
            ("de, en", Some(German)),
            ("en;q=0.5, de;q=0.8", Some(German)),
            ("fr, de;q=0.001", Some(German)),
            ("fr-CH, fr;q=0.9, en;q=0.8, de;q=0.7, *;q=0.5", Some(English)),
            (" de ; q = 0.3 ,en;Q=0.2", Some(German)),
            ("*", Some(English)),
            ("en;q=0, *;q=0.1", Some(German)),
            ("de;q=0", None),
            ("fr", None),
            ("deu", None),
            ("", None),
            (", ,;;,=,q=1", None),
            ("de;q=2, en", Some(English)),
            ("de;q=1.001, en;q=0.1", Some(English)),
            ("de;q=0.1234, en;q=0.1", Some(English)),
            ("de;level=1, en;q=0.1", Some(English)),
            ("d\u{e9}, en", Some(English)),
        ] {
            assert_eq!(Language::accepted(header), accepted, "{header}");
        }
    }

    #[test]
    fn a_long_header_costs_little() {
        let long = "x-y;q=0.5,".repeat(800);
        assert_eq!(Language::accepted(&format!("{long}de")), Some(Language::German));
    }

    #[test]
    fn locales_are_taken_in_their_order() {
        assert_eq!(Language::of_locales("fr-CA de-CH en"), Some(Language::German));
        assert_eq!(Language::of_locales("fr"), None);
        assert_eq!(Language::of_locales(""), None);
    }
}
