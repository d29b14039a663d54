//! `cargo run -p doorward-e2e --example screenshots -- FOLDER [NAME…]`: every page of a real server, or those of these names,
//! on a phone, a narrow one and a desktop, light and dark, for people to look at. Needs the programs (`cargo build --bins`),
//! Chromium and what `crates/e2e/tools/provide` provides.
#![expect(clippy::expect_used, reason = "a tool for developers, which stops where something is missing")]

use std::path::PathBuf;

use e2e::chromium::Chromium;
use serde_json::json;

const SCREENS: [(&str, u32, u32); 3] = [("narrow", 320, 640), ("phone", 390, 844), ("desktop", 1280, 800)];

/// Takes what is shown, on every screen in both schemes.
async fn take(chromium: &Chromium, folder: &std::path::Path, name: &str) {
    for (screen, width, height) in SCREENS {
        chromium.resize(width, height).await;
        for scheme in ["light", "dark"] {
            chromium.prefer(scheme).await;
            let whole = json!({"captureBeyondViewport": true, "format": "png"});
            let picture = chromium.tell("Page.captureScreenshot", whole).await;
            let picture = picture["data"].as_str().expect("a picture");
            // Decoded by the browser itself would need a page of its own; this is Base64 as it is defined.
            std::fs::write(folder.join(format!("{name}.{screen}.{scheme}.png")), base64(picture)).expect("a file");
        }
    }
    chromium.resize_back().await;
}

fn base64(text: &str) -> Vec<u8> {
    const SYMBOLS: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let values = text.bytes().filter_map(|byte| SYMBOLS.iter().position(|symbol| *symbol == byte));
    let (mut bytes, mut bits, mut held) = (Vec::new(), 0_usize, 0);
    for value in values {
        bits = (bits << 6 | value) & 0xffff;
        held += 6;
        if held >= 8 {
            held -= 8;
            bytes.push(u8::try_from(bits >> held & 0xff).expect("eight bits"));
        }
    }
    bytes
}

#[tokio::main(flavor = "current_thread")]
async fn main() {
    let mut arguments = std::env::args().skip(1);
    let folder = PathBuf::from(arguments.next().expect("usage: screenshots FOLDER [NAME…]"));
    let names: Vec<String> = arguments.collect();
    std::fs::create_dir_all(&folder).expect("a folder");
    e2e::tour::walk(async |chromium, name| {
        if names.is_empty() || names.iter().any(|wanted| wanted == name) {
            take(chromium, &folder, name).await;
        }
    })
    .await;
}
