//! QR codes as one path of an SVG: no image to load, and it scales.

use qrcode::{Color, EcLevel, QrCode};
use serde::Serialize;
use std::fmt::Write as _;

/// The margin that the standard wants, in modules.
const MARGIN: usize = 4;

/// A QR code to be drawn dark on light, whatever the page's colours are.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Qr {
    /// Width and height in modules, margin included.
    pub size: usize,
    /// The dark modules, as the `d` of a path.
    pub path: String,
}

impl Qr {
    /// The code of `text`; nothing where it is too long for any.
    pub fn of(text: &str) -> Option<Self> {
        let code = QrCode::with_error_correction_level(text, EcLevel::M).ok()?;
        let (width, modules) = (code.width(), code.to_colors());
        let mut path = String::new();
        for (at, _) in modules.iter().enumerate().filter(|(_, module)| **module == Color::Dark) {
            // Writing to a String does not fail.
            let _ = write!(path, "M{} {}h1v1h-1z", at % width + MARGIN, at / width + MARGIN);
        }
        Some(Self { size: width + 2 * MARGIN, path })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_has_its_three_corners_and_a_margin() {
        let qr = Qr::of("otpauth://totp/a:b?secret=JBSWY3DPEHPK3PXP").unwrap();
        for corner in [(MARGIN, MARGIN), (qr.size - MARGIN - 1, MARGIN), (MARGIN, qr.size - MARGIN - 1)] {
            assert!(qr.path.contains(&format!("M{} {}h", corner.0, corner.1)), "{corner:?}");
        }
        assert!(
            !qr.path.contains(&format!("M{} ", MARGIN - 1)) && !qr.path.contains(&format!("M{} ", qr.size - MARGIN))
        );
        assert_eq!(Qr::of(&"x".repeat(10_000)), None);
    }
}
