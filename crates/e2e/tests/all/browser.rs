//! A real Chromium walks through the device pages.

use e2e::acme::{Acme, EMAIL, PASSWORD, SCOPE, TICK};
use e2e::chromium::Chromium;
use e2e::database::Engine;
use reqwest::StatusCode;
use serde_json::Value;
use thirtyfour::prelude::*;

/// What a device holds while someone decides.
struct Waiting {
    device_code: String,
    user_code: String,
    complete: String,
}

async fn begin(acme: &Acme) -> Waiting {
    let code = acme.device().begin(SCOPE).await;
    let get = |name: &str| code[name].as_str().unwrap_or_else(|| panic!("{name} in {code}")).to_owned();
    Waiting { device_code: get("device_code"), user_code: get("user_code"), complete: get("verification_uri_complete") }
}

async fn assert_tokens(acme: &Acme, device_code: &str) {
    let (status, tokens) = acme.device().poll(device_code).await;
    assert_eq!(status, StatusCode::OK, "{tokens}");
    assert!(tokens["access_token"].is_string(), "{tokens}");
}

async fn assert_no_complaints(chromium: &Chromium) {
    assert_eq!(chromium.complaints().await, Vec::<String>::new());
}

#[tokio::test]
async fn approve_with_the_mouse() {
    let acme = Acme::on(Engine::Postgres).await;
    let waiting = begin(&acme).await;
    let chromium = Chromium::start().await;
    chromium.open(&format!("{}/device", acme.issuer())).await;
    chromium.fill("Device code", &waiting.user_code).await;
    chromium.press("Continue").await;
    chromium.fill("E-mail address", EMAIL).await;
    chromium.fill("Password", PASSWORD).await;
    chromium.press("Sign in").await;

    chromium.named(&["button"], "Deny").await;
    let review = chromium.text().await;
    for fact in [waiting.user_code.as_str(), EMAIL, "Acme CLI", "Acme Corp"] {
        assert!(review.contains(fact), "{fact}: {review}");
    }
    chromium.tick(TICK).await;
    chromium.press("Approve").await;
    chromium.wait_for("/device/result").await;
    assert!(chromium.text().await.contains("Acme Corp"), "{}", chromium.text().await);
    assert_tokens(&acme, &waiting.device_code).await;
    assert_no_complaints(&chromium).await;
}

/// The page with this control is there, and what has the focus is what one reads first or fills first.
async fn assert_begins(chromium: &Chromium, roles: &[&str], control: &str, focus: &str) {
    chromium.named(roles, control).await;
    let begins = chromium.focus().await;
    assert_eq!(begins.name, focus, "{}", chromium.text().await);
    assert!(begins.seen, "{begins:?} is not to be seen: {}", chromium.text().await);
}

/// Nothing is clicked: the focus begins in the field where there is one to fill, at the complaint where there is one, else
/// at the top of the page; and it is to be seen all the way.
#[tokio::test]
async fn approve_with_the_keyboard_alone() {
    let acme = Acme::on(Engine::Sqlite).await;
    let waiting = begin(&acme).await;
    let chromium = Chromium::start().await;
    chromium.open(&format!("{}/device", acme.issuer())).await;
    assert_begins(&chromium, &["textbox"], "Device code", "Device code").await;
    chromium.keys(waiting.user_code.to_lowercase()).await;
    chromium.tab_to("Continue").await;
    chromium.keys(Key::Enter + "").await;
    assert_begins(&chromium, &["button"], "Sign in", "E-mail address").await;
    chromium.keys(EMAIL).await;
    chromium.tab_to("Password").await;
    chromium.keys("not her password").await;
    chromium.keys(Key::Enter + "").await;
    assert_begins(&chromium, &["alert"], "", "errors").await;
    chromium.tab_to("Password").await;
    chromium.keys(PASSWORD).await;
    chromium.tab_to("Stay signed in on this browser").await;
    chromium.keys(" ").await;
    chromium.tab_to("Sign in").await;
    chromium.keys(Key::Enter + "").await;
    assert_begins(&chromium, &["checkbox"], TICK, "").await;
    chromium.tab_to(TICK).await;
    chromium.keys(" ").await;
    chromium.tab_to("Approve").await;
    chromium.keys(Key::Enter + "").await;
    chromium.wait_for("/device/result").await;
    assert_begins(&chromium, &["link"], "Connected apps", "").await;
    assert_tokens(&acme, &waiting.device_code).await;
    chromium.tab_to("Connected apps").await;
    chromium.keys(Key::Enter + "").await;
    // What stands before the content can be passed over.
    chromium.named(&["button"], "Disconnect").await;
    chromium.tab_to("Skip to the content").await;
    chromium.keys(Key::Enter + "").await;
    chromium.tab_to("Disconnect").await;
    chromium.keys(" ").await;
    chromium.wait_for("The app is disconnected.").await;
}

/// The address of the QR code: filled in, never sent by itself.
#[tokio::test]
async fn a_code_that_is_filled_in_is_sent_by_a_key_alone() {
    let acme = Acme::on(Engine::Sqlite).await;
    let waiting = begin(&acme).await;
    let chromium = Chromium::start().await;
    chromium.open(&waiting.complete).await;
    assert_begins(&chromium, &["textbox"], "Device code", "Device code").await;
    let field = chromium.named(&["textbox"], "Device code").await;
    assert_eq!(field.value().await.expect("a field").as_deref(), Some(waiting.user_code.as_str()));
    chromium.keys(Key::Enter + "").await;
    assert_begins(&chromium, &["button"], "Sign in", "E-mail address").await;
}

#[tokio::test]
async fn deny_needs_no_tick_and_is_final() {
    let acme = Acme::on(Engine::Sqlite).await;
    let waiting = begin(&acme).await;
    let chromium = Chromium::start().await;
    chromium.open(&waiting.complete).await;
    chromium.press("Continue").await;
    chromium.fill("E-mail address", EMAIL).await;
    chromium.fill("Password", PASSWORD).await;
    chromium.press("Sign in").await;
    chromium.press("Deny").await;
    chromium.wait_for("/device/result").await;
    let (status, error) = acme.device().poll(&waiting.device_code).await;
    assert_eq!((status, &error["error"]), (StatusCode::BAD_REQUEST, &Value::from("access_denied")));

    // The same code again gets what a wrong one gets.
    chromium.open(&waiting.complete).await;
    chromium.press("Continue").await;
    chromium.named(&["textbox"], "Device code").await;
    let (_, error) = acme.device().poll(&waiting.device_code).await;
    assert_eq!(error["error"], "access_denied");
}

/// An approval without the tick stays on the page: the browser itself asks for it first.
#[tokio::test]
async fn the_tick_is_asked_for() {
    let acme = Acme::on(Engine::Sqlite).await;
    let waiting = begin(&acme).await;
    let chromium = Chromium::start().await;
    chromium.open(&waiting.complete).await;
    chromium.press("Continue").await;
    chromium.fill("E-mail address", EMAIL).await;
    chromium.fill("Password", PASSWORD).await;
    chromium.press("Sign in").await;
    chromium.press("Approve").await;
    chromium.named(&["checkbox"], TICK).await;
    let (_, error) = acme.device().poll(&waiting.device_code).await;
    assert_eq!(error["error"], "authorization_pending");
}
