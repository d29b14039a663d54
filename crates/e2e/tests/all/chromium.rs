//! The tests' own way with Chromium, as a check of the harness.

use e2e::chromium::Chromium;
use thirtyfour::prelude::*;

#[tokio::test]
async fn things_are_found_by_their_accessible_names() {
    let chromium = Chromium::start().await;
    chromium
        .open("data:text/html,<label>Device code <input></label><label><input type=checkbox> Mine</label><button hidden>Go</button><button aria-label=Go onclick='this.after(document.activeElement.tagName+document.querySelector(`input`).value)'>x</button>")
        .await;
    chromium.fill("Device code", "abc").await;
    chromium.tick("Mine").await;
    chromium.press("Go").await;
    chromium.wait_for("BUTTONabc").await;
    chromium.open("about:blank").await;
    chromium.open("data:text/html,<a href=/>Home</a><button onclick='this.after(`pressed`)'>Go</button>").await;
    chromium.tab_to("Go").await;
    chromium.keys(Key::Enter + "").await;
    chromium.wait_for("pressed").await;
}
