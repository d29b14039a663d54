//! The static files, inside the binary, with the names under which they may be cached for good.

use rust_embed::RustEmbed;
use std::borrow::Cow;
use std::fmt::Write as _;

#[derive(RustEmbed)]
#[folder = "../../static"]
struct Files;

/// A static file.
#[derive(Clone, Debug)]
pub struct Asset {
    /// Its name below `static/`.
    pub name: String,
    /// The name with a digest of the content in it (`app.3f8a….css`): another content has another name.
    pub hashed_name: String,
    /// Its media type.
    pub content_type: &'static str,
    /// Its content.
    pub bytes: Cow<'static, [u8]>,
}

/// Every static file.
pub fn all() -> Vec<Asset> {
    Files::iter().filter_map(|name| find(&name)).collect()
}

/// The static file of this name.
pub fn find(name: &str) -> Option<Asset> {
    let file = Files::get(name)?;
    let (stem, suffix) = name.rsplit_once('.')?;
    let mut hashed_name = format!("{stem}.");
    for byte in &file.metadata.sha256_hash()[..8] {
        // Writing to a String does not fail.
        let _ = write!(hashed_name, "{byte:02x}");
    }
    hashed_name.push('.');
    hashed_name.push_str(suffix);
    let content_type = match suffix {
        "css" => "text/css; charset=utf-8",
        "js" => "text/javascript; charset=utf-8",
        "svg" => "image/svg+xml",
        _ => "application/octet-stream",
    };
    Some(Asset { name: name.to_owned(), hashed_name, content_type, bytes: file.data })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_file_has_a_name_of_its_content_and_a_known_type() {
        let assets = all();
        assert_eq!(assets.len(), 3, "{assets:?}");
        for asset in &assets {
            assert_ne!(asset.content_type, "application/octet-stream", "{}", asset.name);
            let (stem, suffix) = asset.name.rsplit_once('.').unwrap();
            assert_eq!(asset.hashed_name.len(), stem.len() + suffix.len() + 18, "{}", asset.hashed_name);
        }
        assert!(find("nothing.css").is_none());
    }

    #[test]
    fn the_stylesheet_stays_small() {
        assert!(find("app.css").unwrap().bytes.len() <= 14_000);
    }
}
