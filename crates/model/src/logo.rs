//! Logos of organizations and applications: pictures that their admins have uploaded, which everybody who meets them sees.
//!
//! A logo is looked at before it is kept, and served as what it was found to be. Its name is the digest of its content, so that
//! browsers may keep it for good, and one that is replaced has another address.

use crate::secret::base64url;
use sha2::{Digest as _, Sha256};
use std::fmt;

/// The largest file, in bytes.
pub const LARGEST: usize = 32 * 1024;

/// The most pixels of a side.
pub const MOST_PIXELS: usize = 1024;

/// What kind of picture it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LogoKind {
    /// `image/png`
    Png,
    /// `image/jpeg`
    Jpeg,
    /// `image/webp`
    Webp,
}

impl LogoKind {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Png, Self::Jpeg, Self::Webp];

    /// Its media type, on the wire and in the database.
    pub const fn media_type(self) -> &'static str {
        match self {
            Self::Png => "image/png",
            Self::Jpeg => "image/jpeg",
            Self::Webp => "image/webp",
        }
    }

    /// Reads a media type.
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.media_type() == text)
    }
}

/// What finds a logo: the digest of its content.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LogoName(String);

impl LogoName {
    /// Takes a name as it stands in an address or in the database.
    pub fn from_wire(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    /// The name.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for LogoName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// A logo.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Logo {
    /// What it is.
    pub kind: LogoKind,
    /// The file.
    pub bytes: Vec<u8>,
}

/// Why a file can't be a logo.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NotALogo {
    /// It is larger than [`LARGEST`].
    TooLarge,
    /// It is no picture of a kind that we take.
    Unknown,
    /// A side has more than [`MOST_PIXELS`] pixels, or none.
    Pixels,
}

impl Logo {
    /// Looks at a file.
    ///
    /// # Errors
    /// Why it is none.
    pub fn parse(bytes: &[u8]) -> Result<Self, NotALogo> {
        if bytes.len() > LARGEST {
            return Err(NotALogo::TooLarge);
        }
        let kind = match imagesize::image_type(bytes) {
            Ok(imagesize::ImageType::Png) => LogoKind::Png,
            Ok(imagesize::ImageType::Jpeg) => LogoKind::Jpeg,
            Ok(imagesize::ImageType::Webp) => LogoKind::Webp,
            _ => return Err(NotALogo::Unknown),
        };
        // A browser makes room for what the header says.
        let size = imagesize::blob_size(bytes).map_err(|_| NotALogo::Unknown)?;
        let sides = 1..=MOST_PIXELS;
        if !sides.contains(&size.width) || !sides.contains(&size.height) {
            return Err(NotALogo::Pixels);
        }
        Ok(Self { kind, bytes: bytes.to_vec() })
    }

    /// What finds it.
    pub fn name(&self) -> LogoName {
        LogoName(base64url(&Sha256::digest(&self.bytes)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The beginning of a PNG of this size.
    fn png(width: u32, height: u32) -> Vec<u8> {
        let mut bytes = b"\x89PNG\r\n\x1a\n\0\0\0\x0dIHDR".to_vec();
        bytes.extend_from_slice(&width.to_be_bytes());
        bytes.extend_from_slice(&height.to_be_bytes());
        bytes.extend_from_slice(&[8, 6, 0, 0, 0]);
        bytes
    }

    #[test]
    fn a_picture_is_taken_for_what_it_is() {
        let logo = Logo::parse(&png(64, 1024)).unwrap();
        assert_eq!((logo.kind, logo.bytes.len()), (LogoKind::Png, 29));
        assert_eq!(logo.name(), Logo::parse(&png(64, 1024)).unwrap().name());
        assert_ne!(logo.name(), Logo::parse(&png(64, 1023)).unwrap().name());
        assert_eq!(logo.name().as_str().len(), 43);
        for kind in LogoKind::ALL {
            assert_eq!(LogoKind::parse(kind.media_type()), Some(kind));
        }
        assert_eq!(LogoKind::parse("image/svg+xml"), None);
    }

    #[test]
    fn what_is_none_is_refused() {
        let mut large = png(64, 64);
        large.resize(LARGEST, 0);
        assert!(Logo::parse(&large).is_ok());
        large.push(0);
        for (bytes, why) in [
            (large.as_slice(), NotALogo::TooLarge),
            (&png(1025, 64), NotALogo::Pixels),
            (&png(64, u32::MAX), NotALogo::Pixels),
            (&png(0, 64), NotALogo::Pixels),
            (&png(64, 64)[..20], NotALogo::Unknown),
            (b"", NotALogo::Unknown),
            (b"<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>", NotALogo::Unknown),
            (b"GIF89a\x01\0\x01\0", NotALogo::Unknown),
            (b"<html><script>alert(1)</script>", NotALogo::Unknown),
        ] {
            assert_eq!(Logo::parse(bytes), Err(why), "{bytes:?}");
        }
    }
}
