//! User codes: what a person reads from one screen and types on another (RFC 8628 §6.1).

use crate::moment::Moment;
use crate::secret::{Digest, Key};
use std::fmt;
use std::time::Duration;

/// Letters and digits that are not taken for one another: no `I L O 0 1`.
pub const ALPHABET: &str = "ABCDEFGHJKMNPQRSTUVWXYZ23456789";

/// Formats with fewer combinations than this get shorter lives and a bound on how many live at once.
const ROOMY: u128 = 1 << 34;

/// The longest life of a code whose format has few combinations.
pub const SHORT_FORMAT_LIFETIME: Duration = Duration::from_secs(600);

/// The most live codes of one format with few combinations, in the whole server.
pub const SHORT_FORMAT_LIVE_CODES: i64 = 1000;

/// The most of them that one organization has, so that none locks the others out.
pub const SHORT_FORMAT_LIVE_CODES_OF_ORGANIZATION: i64 = SHORT_FORMAT_LIVE_CODES / 4;

/// The longest text that is looked at as a user code, in bytes.
const LONGEST_INPUT: usize = 64;

/// How an application's user codes look. Applies to new codes.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum UserCodeFormat {
    /// `WDJB-MJHT`: eight of [`ALPHABET`].
    FourFour,
    /// `WDJ-BMJ-HTX`: nine of [`ALPHABET`].
    ThreeThreeThree,
    /// `123-456-789`: nine digits.
    Digits,
    /// A length and a set of symbols of its own.
    Custom {
        /// 6 to 16.
        length: u8,
        /// At least ten different upper-case letters and digits, sorted.
        symbols: String,
    },
}

/// Why a text names no format.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NotAFormat {
    /// The length is not 6 to 16.
    Length,
    /// Not at least ten different upper-case letters and digits.
    Symbols,
    /// Not one of the known forms.
    Unknown,
}

impl UserCodeFormat {
    /// A format of its own.
    ///
    /// # Errors
    /// [`NotAFormat`] where the length or the symbols are out of bounds.
    pub fn custom(length: u8, symbols: &str) -> Result<Self, NotAFormat> {
        let mut sorted: Vec<char> = symbols.chars().collect();
        sorted.sort_unstable();
        sorted.dedup();
        if !(6..=16).contains(&length) {
            return Err(NotAFormat::Length);
        }
        if sorted.len() < 10 || !sorted.iter().all(|c| c.is_ascii_uppercase() || c.is_ascii_digit()) {
            return Err(NotAFormat::Symbols);
        }
        Ok(Self::Custom { length, symbols: sorted.into_iter().collect() })
    }

    /// Reads the form that the database keeps.
    ///
    /// # Errors
    /// [`NotAFormat`] where it is not one.
    pub fn parse(text: &str) -> Result<Self, NotAFormat> {
        match text {
            "XXXX-XXXX" => Ok(Self::FourFour),
            "XXX-XXX-XXX" => Ok(Self::ThreeThreeThree),
            "999-999-999" => Ok(Self::Digits),
            other => {
                let (length, symbols) =
                    other.strip_prefix("custom:").and_then(|rest| rest.split_once(':')).ok_or(NotAFormat::Unknown)?;
                Self::custom(length.parse().map_err(|_| NotAFormat::Length)?, symbols)
            }
        }
    }

    /// The symbols that codes are drawn from.
    pub fn symbols(&self) -> &str {
        match self {
            Self::FourFour | Self::ThreeThreeThree => ALPHABET,
            Self::Digits => "0123456789",
            Self::Custom { symbols, .. } => symbols,
        }
    }

    /// How many symbols a code has, hyphens not counted.
    pub fn length(&self) -> usize {
        match self {
            Self::FourFour => 8,
            Self::ThreeThreeThree | Self::Digits => 9,
            Self::Custom { length, .. } => usize::from(*length),
        }
    }

    /// How many symbols stand between two hyphens.
    fn group(&self) -> usize {
        match self {
            Self::FourFour => 4,
            Self::ThreeThreeThree | Self::Digits => 3,
            Self::Custom { length, .. } if length % 4 != 0 && length % 3 == 0 => 3,
            Self::Custom { .. } => 4,
        }
    }

    /// Whether there are so few combinations that lifetime and number of codes are bounded.
    pub fn is_short(&self) -> bool {
        let symbols = self.symbols().len() as u128;
        (0..self.length()).try_fold(1u128, |product, _| product.checked_mul(symbols)).is_some_and(|all| all < ROOMY)
    }

    /// A new code, each symbol equally likely.
    pub fn draw(&self, moment: &Moment) -> UserCode {
        let symbols = self.symbols().as_bytes();
        // Bytes from `fair` up would make the first symbols likelier, so they are drawn again.
        let fair = 256 - 256 % symbols.len();
        let mut code = String::with_capacity(self.length());
        while code.len() < self.length() {
            let bytes = moment.bytes::<32>();
            let drawn = bytes.iter().map(|byte| usize::from(*byte)).filter(|byte| *byte < fair);
            code.extend(drawn.take(self.length() - code.len()).map(|byte| char::from(symbols[byte % symbols.len()])));
        }
        UserCode { plain: code, group: self.group() }
    }

    /// An example that shows the form and can't be mistaken for a code.
    pub fn example(&self) -> String {
        let symbol = if self.symbols().bytes().all(|byte| byte.is_ascii_digit()) { "0" } else { "X" };
        UserCode { plain: symbol.repeat(self.length()), group: self.group() }.to_string()
    }
}

impl fmt::Display for UserCodeFormat {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::FourFour => f.write_str("XXXX-XXXX"),
            Self::ThreeThreeThree => f.write_str("XXX-XXX-XXX"),
            Self::Digits => f.write_str("999-999-999"),
            Self::Custom { length, symbols } => write!(f, "custom:{length}:{symbols}"),
        }
    }
}

/// A user code as it is shown: symbols with hyphens between groups. Its `Debug` shows nothing.
#[derive(Clone, PartialEq, Eq)]
pub struct UserCode {
    plain: String,
    group: usize,
}

impl UserCode {
    /// What the code is found by.
    pub fn typed(&self) -> TypedCode {
        TypedCode(self.plain.clone())
    }
}

impl fmt::Display for UserCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (at, symbol) in self.plain.chars().enumerate() {
            if at > 0 && at % self.group == 0 {
                f.write_str("-")?;
            }
            write!(f, "{symbol}")?;
        }
        Ok(())
    }
}

impl fmt::Debug for UserCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("UserCode(…)")
    }
}

/// What somebody typed: upper case, without hyphens and spaces. Look-alikes of other scripts stay what they are, and so
/// match nothing.
#[derive(Clone, PartialEq, Eq)]
pub struct TypedCode(String);

impl TypedCode {
    /// Reads what somebody typed. An overlong text becomes one that matches nothing.
    pub fn read(text: &str) -> Self {
        if text.len() > LONGEST_INPUT {
            return Self(String::new());
        }
        Self(text.chars().filter(|c| *c != '-' && !c.is_ascii_whitespace()).map(|c| c.to_ascii_uppercase()).collect())
    }

    /// The symbols, to be sealed.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// What it is stored and found as: an HMAC, since forty bits can be guessed from a plain digest.
    pub fn digest(&self, key: &Key) -> Digest {
        key.mac(&[self.0.as_bytes()])
    }

    /// The code in a format's grouping, to be shown.
    pub fn shown_as(&self, format: &UserCodeFormat) -> UserCode {
        UserCode { plain: self.0.clone(), group: format.group() }
    }
}

impl fmt::Debug for TypedCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("TypedCode(…)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::moment::RandomSource;
    use crate::time::Timestamp;
    use proptest::prelude::*;
    use std::sync::Arc;
    use std::sync::atomic::{AtomicU64, Ordering};

    struct Counting(AtomicU64);

    impl RandomSource for Counting {
        fn fill(&self, bytes: &mut [u8]) {
            for byte in bytes {
                // A full-period generator over its upper byte (constants of Knuth's MMIX).
                let step = |state: u64| {
                    Some(state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407))
                };
                let state = self.0.fetch_update(Ordering::Relaxed, Ordering::Relaxed, step).unwrap();
                *byte = state.to_be_bytes()[0];
            }
        }
    }

    fn moment(seed: u64) -> Moment {
        Moment::new(Timestamp::from_millis(0), Arc::new(Counting(AtomicU64::new(seed))))
    }

    #[test]
    fn the_alphabet_leaves_out_what_is_mistaken() {
        assert_eq!(ALPHABET.len(), 31);
        assert!("ILO01".chars().all(|c| !ALPHABET.contains(c)));
    }

    #[test]
    fn short_formats_are_told_from_roomy_ones() {
        assert!(!UserCodeFormat::FourFour.is_short());
        assert!(!UserCodeFormat::ThreeThreeThree.is_short());
        assert!(UserCodeFormat::Digits.is_short());
        assert!(UserCodeFormat::custom(6, ALPHABET).unwrap().is_short());
        assert!(!UserCodeFormat::custom(16, "ABCDEFGHIJ0123456789").unwrap().is_short());
    }

    #[test]
    fn a_format_of_its_own_has_bounds() {
        assert_eq!(UserCodeFormat::custom(5, ALPHABET), Err(NotAFormat::Length));
        assert_eq!(UserCodeFormat::custom(17, ALPHABET), Err(NotAFormat::Length));
        assert_eq!(UserCodeFormat::custom(8, "AAAAAAAAAAAA"), Err(NotAFormat::Symbols));
        assert_eq!(UserCodeFormat::custom(8, "abcdefghijkl"), Err(NotAFormat::Symbols));
        assert_eq!(UserCodeFormat::parse("custom:x:ABC"), Err(NotAFormat::Length));
        assert_eq!(UserCodeFormat::parse("8"), Err(NotAFormat::Unknown));
    }

    #[test]
    fn look_alikes_are_not_folded() {
        let code = TypedCode::read("wdjb mjht");
        assert_eq!(code, TypedCode::read("WDJB-MJHT"));
        assert_ne!(code, TypedCode::read("ＷDJB-MJHT"));
        assert_ne!(code, TypedCode::read("WDJB-MJНT"));
        assert_eq!(TypedCode::read(&"A".repeat(65)).as_str(), "");
    }

    #[test]
    fn every_symbol_is_equally_likely() {
        let moment = moment(7);
        let mut counts = std::collections::HashMap::new();
        for _ in 0..10_000 {
            for symbol in UserCodeFormat::FourFour.draw(&moment).typed().as_str().chars() {
                *counts.entry(symbol).or_insert(0u32) += 1;
            }
        }
        let expected = 80_000.0 / 31.0;
        let chi_squared: f64 = counts.values().map(|count| (f64::from(*count) - expected).powi(2) / expected).sum();
        // 30 degrees of freedom: beyond 85 has a probability under one in a million.
        assert!(counts.len() == 31 && chi_squared < 85.0, "{chi_squared}");
    }

    proptest! {
        #[test]
        fn a_shown_code_is_read_as_itself(seed in any::<u64>(), which in 0usize..4) {
            let format = [UserCodeFormat::FourFour, UserCodeFormat::ThreeThreeThree, UserCodeFormat::Digits, UserCodeFormat::custom(14, ALPHABET).unwrap()][which].clone();
            let code = format.draw(&moment(seed));
            prop_assert_eq!(TypedCode::read(&code.to_string()), code.typed());
            prop_assert_eq!(code.typed().shown_as(&format).to_string(), code.to_string());
            prop_assert_eq!(UserCodeFormat::parse(&format.to_string()), Ok(format));
        }
    }
}
