//! Photographs every page of a running server, on a phone and on a desktop, light and dark, for somebody to look at:
//! `crates/e2e/tools/with-postgres cargo run --package doorward-e2e --example pictures FOLDER`.
#![expect(clippy::expect_used, reason = "a picture that can't be taken ends the round")]

use std::path::PathBuf;

use e2e::chromium::Chromium;

/// CSS pixels.
const SCREENS: [(&str, u32, u32); 2] = [("phone", 390, 844), ("desktop", 1280, 800)];
/// CSS pixels of a page that is longer, which says no more than what is above.
const LONGEST: u32 = 4_000;

#[tokio::main(flavor = "current_thread")]
async fn main() {
    let folder = PathBuf::from(std::env::args().nth(1).expect("into which folder"));
    std::fs::create_dir_all(&folder).expect("the folder");
    e2e::tour::walk(async |chromium, page| {
        for (screen, width, height) in SCREENS {
            chromium.resize(width, height).await;
            for scheme in ["light", "dark"] {
                chromium.prefer(scheme).await;
                let picture = whole_page(chromium, width, height).await;
                std::fs::write(folder.join(format!("{page}-{screen}-{scheme}.png")), picture).expect("the picture");
            }
        }
        chromium.prefer("light").await;
        chromium.resize_back().await;
    })
    .await;
}

/// The page as on a screen that is as long as it.
async fn whole_page(chromium: &Chromium, width: u32, height: u32) -> Vec<u8> {
    let long = chromium.ask("return document.documentElement.scrollHeight").await.as_u64().expect("a length");
    let long = u32::try_from(long).map_or(LONGEST, |long| long.clamp(height, LONGEST));
    chromium.resize(width, long).await;
    let picture = chromium.driver().screenshot_as_png().await.expect("a picture");
    chromium.resize(width, height).await;
    picture
}
