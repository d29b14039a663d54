//! Signing in by way of somebody else's identity provider: a program that is not ours, in a real browser.

use e2e::acme::{Acme, EMAIL, PASSWORD, SCOPE, TICK};
use e2e::chromium::Chromium;
use e2e::database::Engine;
use e2e::places::{command, free_port, provided};
use e2e::process::Process;
use e2e::server::Server;

/// oidc-provider, and a server that knows it.
async fn acme_with_provider(engine: Engine) -> (Acme, Process, tempfile::TempDir) {
    let port = free_port();
    let issuer = format!("http://localhost:{port}");
    let mut server = Server::on(engine);
    server.set(
        "UPSTREAM",
        &format!(
            r#"[{{ id = "idp", kind = "oidc", name = "Other Login", issuer = "{issuer}", client_id = "doorward", client_secret = "secret" }}]"#
        ),
    );
    server.set("OUTBOUND_PRIVATE_HOSTS", &format!("localhost:{port}"));
    let redirect_uri = format!("{}/login/upstream/idp/callback", server.url());
    let mut node = command(provided("bin/node"));
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/tools/identity_provider.mjs");
    let code = std::fs::read_to_string(script).expect("the script");
    node.args(["--input-type=module", "--eval", &code]).current_dir(provided("npm"));
    node.env("ISSUER", &issuer).env("REDIRECT_URI", redirect_uri);
    node.env("CLIENT_ID", "doorward").env("CLIENT_SECRET", "secret");
    let folder = tempfile::tempdir().expect("a folder");
    let provider = Process::start("oidc-provider", node, &folder.path().join("log"));
    let mut acme = Acme::in_server(server);
    acme.server.start().await;
    let client = reqwest::Client::new();
    let metadata = format!("{issuer}/.well-known/openid-configuration");
    e2e::wait::until("the provider", async || client.get(&metadata).send().await.ok().map(drop)).await;
    (acme, provider, folder)
}

/// Presses the provider's button, and says there who one is.
async fn say_there(browser: &Chromium, who: &str) {
    browser.press("Continue with Other Login").await;
    browser.fill("Enter any login", who).await;
    browser.fill("and password", "any").await;
    browser.press("Sign-in").await;
    browser.press("Continue").await;
}

#[tokio::test]
async fn an_account_there_is_linked_and_then_a_device_approved_by_it() {
    let (acme, _provider, _folder) = acme_with_provider(Engine::Sqlite).await;
    let browser = Chromium::start().await;
    let device = format!("{}/device", acme.issuer());
    browser.open(&format!("{}/login?next=/orgs/acme-corp/device", acme.server.url())).await;
    say_there(&browser, EMAIL).await;
    browser.wait_for("/login/link").await;
    assert!(browser.text().await.contains("Other Login says that you are"), "{}", browser.text().await);
    let link = browser.named(&["link"], "Sign in").await;
    link.click().await.expect("a link that can be followed");
    browser.fill("E-mail address", EMAIL).await;
    browser.fill("Password", PASSWORD).await;
    browser.press("Sign in").await;
    browser.press("Link Other Login").await;
    browser.wait_for("/orgs/acme-corp/device").await;
    browser.press("Sign out").await;
    // From now on it is enough, with a code that was typed before.
    let code = acme.device().begin(SCOPE).await;
    browser.open(&device).await;
    browser.fill("Device code", code["user_code"].as_str().expect("a user code")).await;
    browser.press("Continue").await;
    browser.press("Continue with Other Login").await;
    browser.wait_for("/device/review").await;
    browser.tick(TICK).await;
    browser.press("Approve").await;
    browser.wait_for("/device/result").await;
    let (status, tokens) = acme.device().poll(code["device_code"].as_str().expect("a device code")).await;
    assert_eq!(status, reqwest::StatusCode::OK, "{tokens}");
}

#[tokio::test]
async fn an_address_that_is_not_verified_there_and_a_provider_that_is_down_cost_a_sentence() {
    let (acme, mut provider, _folder) = acme_with_provider(Engine::Postgres).await;
    let browser = Chromium::start().await;
    browser.open(&format!("{}/login", acme.server.url())).await;
    say_there(&browser, "unverified@acme.example").await;
    browser.wait_for("upstream=unverified").await;
    assert!(browser.text().await.contains("doesn't say that your e-mail address is yours"));
    provider.kill();
    // Its metadata are remembered: it is the browser that finds nobody there. All other ways are still open.
    browser.open(&format!("{}/login/upstream/idp/callback?state=x&code=y", acme.server.url())).await;
    assert!(browser.text().await.contains("This took too long, or began in another browser"));
    browser.fill("E-mail address", EMAIL).await;
    browser.fill("Password", PASSWORD).await;
    browser.press("Sign in").await;
    browser.wait_for("/orgs").await;
}
