//! An authenticator app that is not ours, and recovery codes, at the running server.

use e2e::acme::{Acme, EMAIL, PASSWORD};
use e2e::authenticator_app::{code, told};
use e2e::database::Engine;
use e2e::form_browser::FormBrowser;
use e2e::html;
use serde_json::json;

/// A fresh browser in which the password was right, and which is asked for a code.
async fn asked(acme: &Acme) -> FormBrowser {
    let mut browser = acme.browser();
    browser.open("/login").await;
    let page = browser.press("Sign in", &[("email", EMAIL), ("password", PASSWORD)]).await;
    assert_eq!(page.url.path(), "/login/factor", "{}", page.text());
    browser
}

/// Sends a code; whether it was let in.
async fn lets_in(browser: &mut FormBrowser, code: &str) -> bool {
    let page = browser.press("Sign in", &[("code", code)]).await;
    let refused = page.status == reqwest::StatusCode::BAD_REQUEST && page.text().contains("This code doesn't work.");
    assert!(refused || page.url.path() == "/orgs", "{} {}: {}", page.status, page.url, page.text());
    !refused
}

on_both_engines!(another_app_signs_in_and_each_code_once);

async fn another_app_signs_in_and_each_code_once(engine: Engine) {
    let acme = Acme::on(engine).await;
    let mut owner = acme.browser();
    acme.sign_in(&mut owner).await;
    owner.open("/account/security").await;
    let setup = owner.press("Set up authenticator app", &[]).await;
    let links = html::links(&setup.html);
    let address = links.iter().map(|(_, address)| address).find(|address| address.starts_with("otpauth:"));
    let address = address.unwrap_or_else(|| panic!("no address for an app: {}", setup.html)).clone();
    let told = told(&address, 0).await;
    assert_eq!((&told["issuer"], &told["name"]), (&json!("localhost"), &json!(EMAIL)));
    let first = told["code"].as_str().expect("a code").to_owned();
    let page = owner.press("Confirm", &[("code", &first)]).await;
    assert!(page.text().contains("The authenticator app is set up."), "{}", page.text());

    // The code that set it up is used. The next one is good already, as clocks differ; once.
    let mut browser = asked(&acme).await;
    assert!(!lets_in(&mut browser, &first).await);
    let next = code(&address, 1).await;
    assert!(lets_in(&mut browser, &next).await);
    let mut again = asked(&acme).await;
    assert!(!lets_in(&mut again, &next).await);
    let far = code(&address, 5).await;
    assert!(!lets_in(&mut again, &far).await);

    let made = browser.open("/account/security").await;
    assert!(made.has_button("Make new recovery codes"), "{}", made.text());
    let made = browser.press("Make new recovery codes", &[]).await;
    let codes = made.html.split("<code>").nth(1).and_then(|rest| rest.split("</code>").next()).unwrap_or_default();
    let codes: Vec<String> = codes.lines().map(str::to_owned).collect();
    assert_eq!(codes.len(), 10, "{}", made.html);
    assert!(lets_in(&mut again, &codes[4]).await);
    let mut third = asked(&acme).await;
    assert!(!lets_in(&mut third, &codes[4]).await, "a recovery code works once");
    assert!(lets_in(&mut third, &codes[5].to_lowercase()).await);
}
