//! Passkeys in a real Chromium, whose authenticator is Chromium's own for tests.

use std::time::Duration;

use e2e::acme::{Acme, EMAIL, PASSWORD, SCOPE, TICK};
use e2e::chromium::Chromium;
use e2e::clock::Clock;
use e2e::database::Engine;
use thirtyfour::By;

/// What the page of the account's security says of itself.
const SECURITY: &str = "Each change is told to you by letter.";

/// Acme with a clock, and its owner signed in, in a browser with an authenticator.
async fn acme_with_owner(engine: Engine, transport: &str) -> (Acme, Clock, Chromium) {
    let mut acme = Acme::prepared(engine);
    let clock = acme.server.put_clock();
    acme.server.start().await;
    let chromium = Chromium::start().await;
    chromium.add_authenticator(transport).await;
    sign_in(&acme, &chromium).await;
    (acme, clock, chromium)
}

async fn sign_in(acme: &Acme, chromium: &Chromium) {
    chromium.open(&format!("{}/login", acme.server.url())).await;
    chromium.fill("E-mail address", EMAIL).await;
    chromium.fill("Password", PASSWORD).await;
    chromium.press("Sign in").await;
    chromium.wait_for("/orgs").await;
}

async fn security(acme: &Acme, chromium: &Chromium) {
    chromium.open(&format!("{}/account/security", acme.server.url())).await;
}

async fn add_passkey(acme: &Acme, chromium: &Chromium) {
    security(acme, chromium).await;
    chromium.fill("Name of the new passkey", "Test key").await;
    chromium.press_for_script("Add a passkey").await;
    chromium.wait_for("The passkey is added.").await;
    assert!(chromium.text().await.contains("Test key"), "{}", chromium.text().await);
}

/// Signs out by the menu's form.
async fn sign_out(chromium: &Chromium) {
    let script = "document.querySelector('form[action=\"/logout\"]').submit()";
    chromium.driver().execute(script, Vec::new()).await.expect("a form to sign out");
    chromium.wait_for("You are signed out.").await;
}

async fn no_complaints(chromium: &Chromium) {
    assert_eq!(chromium.complaints().await, Vec::<String>::new());
}

on_both_engines!(a_passkey_signs_in_with_nothing_typed);

async fn a_passkey_signs_in_with_nothing_typed(engine: Engine) {
    let (acme, _, chromium) = acme_with_owner(engine, "usb").await;
    add_passkey(&acme, &chromium).await;
    // The same authenticator once more.
    chromium.fill("Name of the new passkey", "Test key again").await;
    chromium.press_for_script("Add a passkey").await;
    chromium.wait_for("This passkey is added already.").await;
    assert!(!chromium.text().await.contains("used no passkey"), "{}", chromium.text().await);
    sign_out(&chromium).await;
    chromium.open(&format!("{}/login?next=/account/security", acme.server.url())).await;
    chromium.press_for_script("Sign in with a passkey").await;
    chromium.wait_for(SECURITY).await;
    assert!(chromium.text().await.contains("Test key"), "{}", chromium.text().await);

    // The authenticator still has it; the account does not know it any more.
    chromium.press("Remove").await;
    chromium.wait_for("The passkey is removed.").await;
    no_complaints(&chromium).await;
    sign_out(&chromium).await;
    chromium.press_for_script("Sign in with a passkey").await;
    chromium.wait_for("This passkey doesn't work here.").await;
    chromium.open(&format!("{}/orgs", acme.server.url())).await;
    chromium.named(&["button"], "Sign in").await;
}

#[tokio::test]
async fn a_passkey_confirms_who_it_is_before_what_is_dangerous() {
    let (acme, clock, chromium) = acme_with_owner(Engine::Sqlite, "usb").await;
    add_passkey(&acme, &chromium).await;
    clock.set_ahead(Duration::from_secs(31 * 60));
    security(&acme, &chromium).await;
    chromium.press("Make new recovery codes").await;
    chromium.wait_for("/login/again").await;
    chromium.press_for_script("Confirm with a passkey").await;
    chromium.wait_for(SECURITY).await;
    chromium.press("Make new recovery codes").await;
    chromium.wait_for("Your new codes").await;

    // To add one, too: the script leads to where the proof is asked for.
    clock.set_ahead(Duration::from_secs(62 * 60));
    security(&acme, &chromium).await;
    chromium.press_for_script("Add a passkey").await;
    chromium.wait_for("/login/again").await;
}

#[tokio::test]
async fn a_device_is_approved_by_a_sign_in_with_a_passkey() {
    let (acme, _, chromium) = acme_with_owner(Engine::Postgres, "usb").await;
    add_passkey(&acme, &chromium).await;
    sign_out(&chromium).await;
    let code = acme.device().begin(SCOPE).await;
    chromium.open(&format!("{}/device", acme.issuer())).await;
    chromium.fill("Device code", code["user_code"].as_str().expect("a user code")).await;
    chromium.press("Continue").await;
    // The box stands in the form of the password, and is meant for both.
    chromium.tick("Stay signed in on this browser").await;
    chromium.press_for_script("Sign in with a passkey").await;
    chromium.tick(TICK).await;
    let session = chromium.driver().get_named_cookie("doorward_session").await.expect("a session");
    assert!(session.expiry.is_some(), "it outlives the browser: {session:?}");
    chromium.press("Approve").await;
    chromium.wait_for("/device/result").await;
    let (status, tokens) = acme.device().poll(code["device_code"].as_str().expect("a device code")).await;
    assert_eq!(status, reqwest::StatusCode::OK, "{tokens}");
    no_complaints(&chromium).await;
}

#[tokio::test]
async fn a_browser_offers_passkeys_by_itself() {
    let (acme, _, chromium) = acme_with_owner(Engine::Sqlite, "internal").await;
    add_passkey(&acme, &chromium).await;
    chromium.driver().delete_all_cookies().await.expect("a browser that forgets");
    // What is offered this authenticator's user takes at once: nothing is typed and nothing pressed.
    chromium.open(&format!("{}/login?next=/account/security", acme.server.url())).await;
    chromium.wait_for(SECURITY).await;
    no_complaints(&chromium).await;
}

#[tokio::test]
async fn without_passkeys_nothing_of_them_is_offered() {
    let acme = Acme::on(Engine::Sqlite).await;
    let chromium = Chromium::start().await;
    let hide = serde_json::json!({"source": "delete window.PublicKeyCredential"});
    chromium.tell("Page.addScriptToEvaluateOnNewDocument", hide).await;
    sign_in(&acme, &chromium).await;
    security(&acme, &chromium).await;
    let text = chromium.text().await;
    assert!(text.contains("This browser can't add passkeys.") && !text.contains("Add a passkey"), "{text}");
    sign_out(&chromium).await;
    let forms = chromium.driver().find_all(By::Css("form[data-passkey]")).await.expect("the page's forms");
    assert_eq!(forms.len(), 1);
    assert!(!forms[0].is_displayed().await.expect("a form"), "it stays hidden");
    no_complaints(&chromium).await;
}
