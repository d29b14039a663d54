//! A sign-in from a new browser, in two real ones: the first waits, the second answers the letter.

use std::collections::BTreeSet;
use std::time::Duration;

use e2e::acme::{Acme, EMAIL, ORGANIZATION, PASSWORD, SCOPE, TICK};
use e2e::chromium::Chromium;
use e2e::database::Engine;
use e2e::mail::{Letter, MailServer};
use e2e::server::Server;
use thirtyfour::By;

const SUBJECT: &str = "Is this you signing in?";

/// Acme, whose owner has signed in before, and the server that takes its letters.
async fn acme_with_mail(engine: Engine) -> (Acme, MailServer) {
    let mail = MailServer::start().await;
    let mut server = Server::on(engine);
    server.set("MAIL_URL", &mail.url());
    let mut acme = Acme::in_server(server);
    acme.server.json(&["org", "set", ORGANIZATION, "--new-device", "unknown"], "");
    acme.server.start().await;
    acme.sign_in(&mut acme.browser()).await;
    (acme, mail)
}

/// Signs in on the page that is shown, and waits; gives the number.
async fn held_back(browser: &Chromium) -> String {
    browser.fill("E-mail address", EMAIL).await;
    browser.fill("Password", PASSWORD).await;
    browser.press("Sign in").await;
    browser.named(&["button"], "Continue").await;
    assert!(browser.text().await.contains("New Device Detected"));
    let output = browser.driver().find(By::Tag("output")).await.expect("the only output");
    output.text().await.expect("the number")
}

/// The link of the letter that stands after these words.
async fn link(mail: &MailServer, words: &str) -> String {
    let letter = mail.letter(EMAIL, SUBJECT).await;
    let line = letter.text.lines().find_map(|line| line.strip_prefix(words)).map(str::to_owned);
    line.unwrap_or_else(|| panic!("no {words} in {}", letter.text)).trim().to_owned()
}

async fn is_signed_in(browser: &Chromium, acme: &Acme) -> bool {
    browser.open(&format!("{}/orgs", acme.server.url())).await;
    browser.text().await.contains("Acme Corp")
}

#[tokio::test]
async fn a_device_is_approved_by_a_sign_in_that_another_browser_approved() {
    let (acme, mail) = acme_with_mail(Engine::Postgres).await;
    let code = acme.device().begin(SCOPE).await;
    let (first, second) = (Chromium::start().await, Chromium::start().await);
    first.open(&format!("{}/device", acme.issuer())).await;
    first.fill("Device code", code["user_code"].as_str().expect("a user code")).await;
    first.press("Continue").await;
    let number = held_back(&first).await;

    let approve = link(&mail, "Approve Login: ").await;
    second.open(&approve).await;
    second.fill("Number", &number).await;
    second.press("Approve Login").await;
    assert!(second.text().await.contains("The sign-in is approved"), "{}", second.text().await);
    // The first goes on by itself, with the code that was typed before.
    first.named(&["checkbox"], TICK).await;
    first.tick(TICK).await;
    first.press("Approve").await;
    first.wait_for("/device/result").await;
    let (status, tokens) = acme.device().poll(code["device_code"].as_str().expect("a device code")).await;
    assert_eq!(status, reqwest::StatusCode::OK, "{tokens}");
    assert!(is_signed_in(&first, &acme).await);
    assert!(!is_signed_in(&second, &acme).await);
    for browser in [&first, &second] {
        assert_eq!(browser.complaints().await, Vec::<String>::new());
    }
}

/// Every address in a letter.
fn addresses(letter: &Letter) -> BTreeSet<&str> {
    let parts = letter.text.split_whitespace().chain(letter.html.split('"'));
    parts.filter(|part| part.starts_with("http://") || part.starts_with("https://")).collect()
}

/// How long a program that looks through mail stays on a page.
const SCAN: Duration = Duration::from_secs(30);

#[tokio::test]
async fn case_55_a_program_that_opens_every_link_of_a_letter_and_clicks_nothing_changes_nothing() {
    let (acme, mail) = acme_with_mail(Engine::Sqlite).await;
    let (first, scanner) = (Chromium::start().await, Chromium::start().await);
    first.open(&format!("{}/login", acme.server.url())).await;
    let number = held_back(&first).await;
    let letter = mail.letter(EMAIL, SUBJECT).await;
    let (approve, deny) = (link(&mail, "Approve Login: ").await, link(&mail, "Deny Login: ").await);
    let found = addresses(&letter);
    assert!(found.contains(approve.as_str()) && found.contains(deny.as_str()), "{found:?}");
    let known = || {
        let questions = [
            "SELECT state || wrong_numbers || letters FROM login_attempts",
            "SELECT count(*) FROM audit",
            "SELECT count(*) FROM sessions",
            "SELECT count(*) FROM known_devices",
        ];
        questions.map(|question| acme.server.ask(question))
    };
    let before = known();
    assert_eq!(before[0], "pending01");
    // Its scripts run: a page that pressed a button by itself would do so here.
    for address in &found {
        scanner.open_another(address).await;
        scanner.named(&["button"], "Deny Login").await;
    }
    tokio::time::sleep(SCAN).await;
    assert_eq!(known(), before);
    assert!(first.text().await.contains("New Device Detected"), "still waiting");
    assert_eq!(scanner.complaints().await, Vec::<String>::new());
    assert!(!is_signed_in(&scanner, &acme).await);
    // The links still are good, for somebody who reads them.
    let second = Chromium::start().await;
    second.open(&approve).await;
    second.fill("Number", &number).await;
    second.press("Approve Login").await;
    second.wait_for("The sign-in is approved").await;
    first.wait_for("Acme Corp").await;
}

#[tokio::test]
async fn with_scripts_off_a_button_goes_on() {
    let (acme, mail) = acme_with_mail(Engine::Postgres).await;
    let (first, second) = (Chromium::start().await, Chromium::start().await);
    for browser in [&first, &second] {
        browser.without_scripts().await;
    }
    first.open(&format!("{}/login", acme.server.url())).await;
    // What a script shows stays hidden.
    let hidden = first.driver().execute("return document.querySelector('[data-passkey]').hidden", Vec::new()).await;
    assert!(hidden.and_then(|hidden| hidden.convert::<bool>()).expect("a form that needs scripts"));
    let number = held_back(&first).await;
    first.press("Continue").await;
    first.wait_for("Nobody has approved this sign-in yet").await;
    second.open(&link(&mail, "Approve Login: ").await).await;
    second.fill("Number", &number).await;
    second.press("Approve Login").await;
    second.wait_for("The sign-in is approved").await;
    assert!(first.text().await.contains("New Device Detected"), "nothing goes on by itself");
    first.press("Continue").await;
    first.wait_for("Acme Corp").await;
    assert!(is_signed_in(&first, &acme).await);
    assert!(!is_signed_in(&second, &acme).await);
}

#[tokio::test]
async fn a_denial_is_final() {
    let (acme, mail) = acme_with_mail(Engine::Sqlite).await;
    let (first, second) = (Chromium::start().await, Chromium::start().await);
    first.open(&format!("{}/login", acme.server.url())).await;
    held_back(&first).await;
    second.open(&link(&mail, "Deny Login: ").await).await;
    second.press("Deny Login").await;
    assert!(second.text().await.contains("The sign-in was denied"), "{}", second.text().await);
    e2e::wait::until("the first browser's page", async || {
        first.text().await.contains("This sign-in was denied").then_some(())
    })
    .await;
    assert!(!is_signed_in(&first, &acme).await && !is_signed_in(&second, &acme).await);
}
