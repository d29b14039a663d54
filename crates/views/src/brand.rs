//! An organization's colour, made legible.
//!
//! The colour serves as text on the page's ground and as the ground of a button's text, in a light and in a dark
//! scheme. Where its contrast is under 4.5:1 (WCAG 2.2, success criterion 1.4.3), it is darkened or lightened just as
//! far as needed.

use std::fmt;

/// The least contrast of text.
const LEGIBLE: f64 = 4.5;
/// The page's ground in the light scheme: the darkest ground that the accent meets there, `--ground` of `app.css`.
const LIGHT_GROUND: Colour = Colour([244, 246, 247]);
/// A card's ground in the dark scheme: the lightest ground that the accent meets there, `--surface` of `app.css`.
const DARK_GROUND: Colour = Colour([28, 32, 34]);

/// The stylesheet that sets `--accent` to `colour` (`#rgb` or `#rrggbb`), corrected for both schemes. Empty for any
/// other text, so that the page keeps Doorward's own accent.
pub fn stylesheet(colour: &str) -> String {
    let Some(colour) = Colour::parse(colour) else { return String::new() };
    let light = colour.mixed_until_legible(Colour([0; 3]), LIGHT_GROUND);
    let dark = colour.mixed_until_legible(Colour([255; 3]), DARK_GROUND);
    format!(":root{{--accent:{light}}}@media (prefers-color-scheme:dark){{:root{{--accent:{dark}}}}}")
}

/// A colour in sRGB.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Colour([u8; 3]);

impl Colour {
    fn parse(text: &str) -> Option<Self> {
        let digits = text.strip_prefix('#')?.as_bytes();
        let digit = |at: usize| char::from(digits[at]).to_digit(16).and_then(|value| u8::try_from(value).ok());
        match digits.len() {
            3 => Some(Self([digit(0)? * 17, digit(1)? * 17, digit(2)? * 17])),
            6 => Some(Self([digit(0)? * 16 + digit(1)?, digit(2)? * 16 + digit(3)?, digit(4)? * 16 + digit(5)?])),
            _ => None,
        }
    }

    /// Relative luminance, from 0 (black) to 1 (white), as WCAG 2.2 defines it.
    fn luminance(self) -> f64 {
        let [red, green, blue] = self.0.map(|channel| {
            let value = f64::from(channel) / 255.0;
            if value <= 0.04045 { value / 12.92 } else { ((value + 0.055) / 1.055).powf(2.4) }
        });
        0.2126 * red + 0.7152 * green + 0.0722 * blue
    }

    /// The contrast ratio with another colour, from 1 to 21, as WCAG 2.2 defines it.
    fn contrast(self, other: Self) -> f64 {
        let (one, two) = (self.luminance(), other.luminance());
        (one.max(two) + 0.05) / (one.min(two) + 0.05)
    }

    /// This colour with as little of `end` as makes it legible on `ground`.
    fn mixed_until_legible(self, end: Self, ground: Self) -> Self {
        (0..=u8::MAX).map(|share| self.mixed(end, share)).find(|mixed| mixed.contrast(ground) >= LEGIBLE).unwrap_or(end)
    }

    /// This colour with `share` 255ths of `other`.
    fn mixed(self, other: Self, share: u8) -> Self {
        let (share, rest) = (u16::from(share), u16::from(u8::MAX - share));
        let mut channels = self.0;
        for (channel, toward) in channels.iter_mut().zip(other.0) {
            let sum = u16::from(*channel) * rest + u16::from(toward) * share;
            *channel = u8::try_from(sum / 255).unwrap_or(u8::MAX);
        }
        Self(channels)
    }
}

impl fmt::Display for Colour {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let [red, green, blue] = self.0;
        write!(f, "#{red:02x}{green:02x}{blue:02x}")
    }
}

#[cfg(test)]
mod tests;
