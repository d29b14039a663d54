//! Each kind of form, sent once by a real Chromium, whose own rules (origin of a form, content policy, required fields) are
//! not ours to imitate.

use e2e::acme::{Acme, EMAIL, ORGANIZATION, PASSWORD, SCOPE, TICK};
use e2e::chromium::Chromium;
use e2e::database::Engine;
use reqwest::StatusCode;
use serde_json::Value;
use thirtyfour::prelude::*;

const OTHER: &str = "bob@acme.example";
const OTHER_PASSWORD: &str = "lavender gravel trumpet 91";

async fn sign_in(chromium: &Chromium, email: &str, password: &str) {
    chromium.fill("E-mail address", email).await;
    chromium.fill("Password", password).await;
    chromium.press("Sign in").await;
}

/// Opens the account's menu, which has its own role, and signs out.
async fn sign_out(chromium: &Chromium) {
    let menu = chromium.driver().find(By::Css("details.account > summary")).await.expect("the account's menu");
    menu.click().await.expect("a menu that can be opened");
    chromium.press("Sign out").await;
    chromium.wait_for("You are signed out.").await;
}

async fn choose(chromium: &Chromium, name: &str) {
    let radio = chromium.named(&["radio"], name).await;
    radio.click().await.expect("a button that can be chosen");
}

async fn begin(acme: &Acme) -> (String, String) {
    let code = acme.device().begin(SCOPE).await;
    let get = |name: &str| code[name].as_str().expect("a code").to_owned();
    (get("device_code"), get("user_code"))
}

async fn enter(acme: &Acme, chromium: &Chromium, user_code: &str) {
    chromium.open(&format!("{}/device", acme.issuer())).await;
    chromium.fill("Device code", user_code).await;
    chromium.press("Continue").await;
}

async fn no_complaints(chromium: &Chromium) {
    assert_eq!(chromium.complaints().await, Vec::<String>::new());
}

/// Continue, sign in, *Not you?*, approve, disconnect, deny, sign out.
#[tokio::test]
async fn case_46_forms_of_users() {
    let acme = Acme::on(Engine::Postgres).await;
    let other = ["user", "create", "--email", OTHER, "--name", "Bob", "--org", ORGANIZATION, "--password-stdin"];
    acme.server.json(&other, &format!("{OTHER_PASSWORD}\n"));
    let (device_code, user_code) = begin(&acme).await;
    let chromium = Chromium::start().await;
    enter(&acme, &chromium, &user_code).await;
    sign_in(&chromium, EMAIL, PASSWORD).await;
    chromium.press("Not you?").await;
    // The code is kept while somebody else signs in.
    sign_in(&chromium, OTHER, OTHER_PASSWORD).await;
    chromium.wait_for(OTHER).await;
    chromium.wait_for(&user_code).await;
    chromium.tick(TICK).await;
    chromium.press("Approve").await;
    chromium.wait_for("/device/result").await;
    let (status, tokens) = acme.device().poll(&device_code).await;
    assert_eq!(status, StatusCode::OK, "{tokens}");

    chromium.open(&format!("{}/account/connections", acme.server.url())).await;
    chromium.press("Disconnect").await;
    chromium.wait_for("No app is connected").await;
    let refresh = tokens["refresh_token"].as_str().expect("a refresh token");
    let fields = [("grant_type", "refresh_token"), ("refresh_token", refresh)];
    let (_, error) = acme.device().post("token", &fields).await;
    assert_eq!(error["error"], "invalid_grant", "{error}");

    let (device_code, user_code) = begin(&acme).await;
    enter(&acme, &chromium, &user_code).await;
    chromium.press("Deny").await;
    chromium.wait_for("/device/result").await;
    let (_, error) = acme.device().poll(&device_code).await;
    assert_eq!(error["error"], "access_denied", "{error}");

    chromium.open(&format!("{}/orgs", acme.server.url())).await;
    sign_out(&chromium).await;
    chromium.open(&format!("{}/orgs", acme.server.url())).await;
    chromium.named(&["button"], "Sign in").await;
    no_complaints(&chromium).await;
}

/// Create, edit, rotate the secret, disable, enable, delete; revoke a device.
#[tokio::test]
async fn case_46_forms_of_admins() {
    let acme = Acme::on(Engine::Sqlite).await;
    let chromium = Chromium::start().await;
    chromium.open(&format!("{}/portal/applications", acme.issuer())).await;
    sign_in(&chromium, EMAIL, PASSWORD).await;
    chromium.press("Create application").await;
    chromium.fill("Name", "Lobby screen").await;
    choose(&chromium, "Confidential").await;
    for grant in ["Device code", "Refresh token"] {
        let tick = chromium.named(&["checkbox"], grant).await;
        if !tick.is_selected().await.expect("a box") {
            tick.click().await.expect("a box that can be ticked");
        }
    }
    chromium.press("Create application").await;
    chromium.wait_for("Copy it now").await;
    let first = secret(&chromium).await;
    let client_id = client_id(&chromium).await;
    assert_eq!(polls_as(&acme, &client_id, &first).await, "invalid_grant", "the secret is good");

    chromium.press("Rotate secret").await;
    chromium.wait_for("The new secret").await;
    assert_ne!(secret(&chromium).await, first);
    assert_eq!(polls_as(&acme, &client_id, &first).await, "invalid_grant", "both are good for a while");

    chromium.fill("Name", "Lobby display").await;
    chromium.fill("Polling interval, in seconds", "7").await;
    chromium.press("Save changes").await;
    chromium.wait_for("Lobby display").await;
    let field = chromium.named(&["textbox"], "Polling interval, in seconds").await;
    assert_eq!(field.value().await.expect("a field").as_deref(), Some("7"));

    chromium.press("Disable").await;
    chromium.named(&["button"], "Enable").await;
    assert_eq!(begins_as(&acme, &client_id, &first).await, "invalid_client");
    chromium.press("Enable").await;
    chromium.named(&["button"], "Disable").await;
    chromium.fill("Type Lobby display to delete it", "Lobby display").await;
    chromium.press("Delete application").await;
    chromium.wait_for("Applications").await;
    chromium.named(&["link"], "Acme CLI").await;
    assert!(!chromium.text().await.contains(&client_id), "{}", chromium.text().await);
    assert_eq!(polls_as(&acme, &client_id, &first).await, "invalid_client");
    shows_a_logo(&acme, &chromium).await;
    revokes_a_device(&acme, &chromium).await;
    no_complaints(&chromium).await;
}

/// Chooses a picture, and sees it on the organization's pages; then takes it away.
async fn shows_a_logo(acme: &Acme, chromium: &Chromium) {
    // A grey square of one pixel.
    const PICTURE: &[u8] = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\0\x01\0\0\0\x01\x08\0\0\0\0:~\x9bU\0\0\0\nIDATx\xdach\0\0\0\x82\0\x81\xdaE\x08;\0\0\0\0IEND\xaeB`\x82";
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("logo.png");
    std::fs::write(&file, PICTURE).expect("a picture");
    let settings = format!("{}/portal/settings", acme.issuer());
    chromium.open(&settings).await;
    let chooser = chromium.driver().find(By::Id("logo")).await.expect("a chooser");
    chooser.send_keys(file.to_str().expect("a path")).await.expect("a file that is chosen");
    chromium.press("Save changes").await;
    chromium.wait_for("Saved.").await;
    // It has come, and is a picture to the browser.
    chromium.open(&format!("{}/device", acme.issuer())).await;
    let width = chromium.ask("return document.querySelector('header img.face')?.naturalWidth ?? 0").await;
    assert_eq!(width, 1);
    chromium.open(&settings).await;
    chromium.tick("Remove the logo").await;
    chromium.press("Save changes").await;
    chromium.wait_for("Saved.").await;
    assert_eq!(chromium.ask("return document.querySelectorAll('img').length").await, 0);
}

async fn revokes_a_device(acme: &Acme, chromium: &Chromium) {
    let mut browser = acme.browser();
    acme.sign_in(&mut browser).await;
    let (device_code, user_code) = begin(acme).await;
    acme.approve(&mut browser, &user_code).await;
    let (_, tokens) = acme.device().poll(&device_code).await;
    chromium.open(&format!("{}/portal/devices", acme.issuer())).await;
    chromium.press("Revoke").await;
    chromium.wait_for("No device has access").await;
    let address = format!("{}/api/v1/oauth/userinfo", acme.issuer());
    let token = tokens["access_token"].as_str().expect("a token");
    let answer = reqwest::Client::new().get(address).bearer_auth(token).send().await.expect("an answer");
    assert_eq!(answer.status(), StatusCode::UNAUTHORIZED);
}

async fn content_of(chromium: &Chromium, id: &str) -> String {
    let element = chromium.driver().find(By::Id(id)).await.expect("it is shown");
    element.text().await.expect("text").trim().to_owned()
}

async fn secret(chromium: &Chromium) -> String {
    content_of(chromium, "new-secret").await
}

async fn client_id(chromium: &Chromium) -> String {
    content_of(chromium, "client-id").await
}

/// What a confidential client hears at an endpoint.
async fn error_at(acme: &Acme, endpoint: &str, fields: &[(&str, &str)], client: (&str, &str)) -> String {
    let request = reqwest::Client::new().post(format!("{}/api/v1/oauth/{endpoint}", acme.issuer()));
    let answer = request.basic_auth(client.0, Some(client.1)).form(fields).send().await.expect("an answer");
    let body: Value = answer.json().await.expect("JSON");
    body["error"].as_str().unwrap_or_default().to_owned()
}

async fn polls_as(acme: &Acme, client_id: &str, secret: &str) -> String {
    let fields = [("grant_type", e2e::device::DEVICE_CODE), ("device_code", "unknown")];
    error_at(acme, "token", &fields, (client_id, secret)).await
}

async fn begins_as(acme: &Acme, client_id: &str, secret: &str) -> String {
    error_at(acme, "device_authorization", &[], (client_id, secret)).await
}
