//! Signing in by way of somebody else's identity provider: a program that is not ours, in a real browser.

use std::net::TcpListener;

use e2e::acme::{Acme, EMAIL, ORGANIZATION, PASSWORD, SCOPE, TICK};
use e2e::chromium::Chromium;
use e2e::database::Engine;
use e2e::identity_provider::IdentityProvider;
use e2e::places::free_port;
use e2e::server::Server;

const NEW: &str = "grace@new.example";
const DEVICE: &str = "/orgs/acme-corp/device";

/// Acme in a server that knows oidc-provider, which runs beside it, as *Other Login*.
struct Scene {
    acme: Acme,
    provider: IdentityProvider,
}

impl Scene {
    async fn on(engine: Engine) -> Self {
        Self::with(engine, &[], "").await
    }

    async fn with(engine: Engine, more: &[(&str, &str, &str)], elsewhere: &str) -> Self {
        let mut server = Server::on(engine);
        let provider = IdentityProvider::among(&mut server, more, elsewhere).await;
        let mut acme = Acme::in_server(server);
        acme.server.start().await;
        Self { acme, provider }
    }

    /// Goes to the provider from the sign-in page on the way to Acme, as somebody whom it does not remember, and says there
    /// who that is.
    async fn go(&self, browser: &Chromium, who: &str) {
        browser.tell("Network.clearBrowserCookies", serde_json::json!({})).await;
        browser.open(&format!("{}/login?next={DEVICE}", self.acme.server.url())).await;
        IdentityProvider::say_there(browser, who).await;
    }

    /// That the sign-in page says this, with the other ways to sign in, and that nobody is signed in.
    async fn refused(&self, browser: &Chromium, sentence: &str) {
        browser.wait_for(sentence).await;
        browser.named(&["textbox"], "Password").await;
        browser.named(&["button"], "Continue with Other Login").await;
        browser.open(&format!("{}/orgs", self.acme.server.url())).await;
        browser.named(&["button"], "Sign in").await;
    }

    /// How often the server's log says this.
    fn logged(&self, words: &str) -> usize {
        self.acme.server.log().matches(words).count()
    }
}

const FAILED: &str = "Signing in by the other provider didn't work";
const AWAY: &str = "The other provider doesn't answer";

#[tokio::test]
async fn somebody_new_gets_an_account_with_the_address_that_the_provider_has_verified() {
    let scene = Scene::on(Engine::Postgres).await;
    let (acme, browser) = (&scene.acme, Chromium::start().await);
    acme.server.json(&["org", "set", ORGANIZATION, "--registration", "domain:new.example"], "");
    // A code is typed first, and is still there when the browser comes back.
    let code = acme.device().begin(SCOPE).await;
    browser.open(&format!("{}/device", acme.issuer())).await;
    browser.fill("Device code", code["user_code"].as_str().expect("a user code")).await;
    browser.press("Continue").await;
    IdentityProvider::say_there(&browser, NEW).await;
    browser.wait_for("/device/review").await;
    browser.tick(TICK).await;
    browser.press("Approve").await;
    browser.wait_for("/device/result").await;
    let (status, tokens) = acme.device().poll(code["device_code"].as_str().expect("a device code")).await;
    assert_eq!(status, reqwest::StatusCode::OK, "{tokens}");
    let made = acme.server.ask(&format!(
        "SELECT u.name || ', ' || m.role FROM users u JOIN memberships m ON m.user_id = u.id \
         WHERE u.email_key = '{NEW}' AND u.email_verified_at IS NOT NULL AND u.password_hash IS NULL"
    ));
    assert_eq!(made, "Grace Hopper, member");
    // What there is to say about the provider's own pages is its own affair.
    let complaints = browser.complaints().await.into_iter().filter(|complaint| complaint.contains(&acme.server.url()));
    assert_eq!(complaints.collect::<Vec<_>>(), Vec::<String>::new());
}

#[tokio::test]
async fn an_account_there_is_linked_and_then_a_device_approved_by_it() {
    let scene = Scene::on(Engine::Sqlite).await;
    let (acme, browser) = (&scene.acme, Chromium::start().await);
    browser.open(&format!("{}/login?next={DEVICE}", acme.server.url())).await;
    IdentityProvider::say_there(&browser, EMAIL).await;
    browser.wait_for("/login/link").await;
    browser.wait_for("Other Login says that you are").await;
    let link = browser.named(&["link"], "Sign in").await;
    link.click().await.expect("a link that can be followed");
    browser.fill("E-mail address", EMAIL).await;
    browser.fill("Password", PASSWORD).await;
    browser.press("Sign in").await;
    browser.press("Link Other Login").await;
    browser.wait_for(DEVICE).await;
    // From now on it is enough, wherever nobody is signed in.
    browser.tell("Network.clearBrowserCookies", serde_json::json!({})).await;
    let code = acme.device().begin(SCOPE).await;
    browser.open(&format!("{}/device", acme.issuer())).await;
    browser.fill("Device code", code["user_code"].as_str().expect("a user code")).await;
    browser.press("Continue").await;
    IdentityProvider::say_there(&browser, EMAIL).await;
    browser.wait_for("/device/review").await;
    browser.tick(TICK).await;
    browser.press("Approve").await;
    browser.wait_for("/device/result").await;
    let (status, tokens) = acme.device().poll(code["device_code"].as_str().expect("a device code")).await;
    assert_eq!(status, reqwest::StatusCode::OK, "{tokens}");
}

#[tokio::test]
async fn what_a_provider_must_not_say_lets_nobody_in() {
    let scene = Scene::on(Engine::Postgres).await;
    let browser = Chromium::start().await;
    scene.acme.server.json(&["org", "set", ORGANIZATION, "--registration", "open"], "");
    for (who, sentence, reason) in [
        ("nonce@acme.example", FAILED, "the nonce is another sign-in's"),
        ("issuer@acme.example", FAILED, "the token is from another issuer"),
        ("answer@acme.example", FAILED, "iss is another provider's"),
        ("unverified@acme.example", "The other provider doesn't say that your e-mail address is yours", ""),
    ] {
        scene.go(&browser, who).await;
        scene.refused(&browser, sentence).await;
        assert!(scene.logged(reason) > 0, "not for {reason}: {}", scene.acme.server.log());
    }
    assert_eq!(scene.acme.server.ask("SELECT count(*) FROM users"), "1");
    assert_eq!(scene.acme.server.ask("SELECT count(*) FROM upstream_identities"), "0");
}

#[tokio::test]
async fn a_provider_that_is_down_costs_a_sentence_and_no_other_way_in() {
    let gone = format!("http://127.0.0.1:{}", free_port());
    let mut scene = Scene::with(Engine::Sqlite, &[("gone", "Gone Login", &gone)], "").await;
    let browser = Chromium::start().await;
    // Down from the beginning.
    browser.open(&format!("{}/login", scene.acme.server.url())).await;
    browser.press("Continue with Gone Login").await;
    scene.refused(&browser, AWAY).await;
    // Down while the browser is there.
    scene.go(&browser, "dies@acme.example").await;
    browser.wait_for(AWAY).await;
    scene.provider.ended().await;
    browser.fill("E-mail address", EMAIL).await;
    browser.fill("Password", PASSWORD).await;
    browser.press("Sign in").await;
    browser.wait_for(DEVICE).await;
    browser.named(&["textbox"], "Device code").await;
}

#[tokio::test]
async fn no_provider_leads_the_server_into_its_own_network() {
    // Something that is for nobody out there: whoever comes is heard.
    let inner = TcpListener::bind(("127.0.0.1", 0)).expect("a port");
    inner.set_nonblocking(true).expect("a listener that does not wait");
    let port = inner.local_addr().expect("its address").port();
    let (by_number, by_name) = (format!("https://127.0.0.1:{port}"), format!("https://localhost:{port}"));
    let more = [("number", "Number Login", by_number.as_str()), ("name", "Name Login", by_name.as_str())];
    let scene = Scene::with(Engine::Sqlite, &more, &format!("http://127.0.0.1:{port}/token")).await;
    let browser = Chromium::start().await;
    // An issuer there, by its number and by a name that leads there.
    for (button, times) in [("Continue with Number Login", 1), ("Continue with Name Login", 2)] {
        browser.open(&format!("{}/login", scene.acme.server.url())).await;
        browser.press(button).await;
        scene.refused(&browser, AWAY).await;
        assert_eq!(scene.logged("the address is not public"), times, "{}", scene.acme.server.log());
    }
    // A redirect that leads there, by a provider that may be asked.
    scene.go(&browser, "moved@acme.example").await;
    scene.refused(&browser, AWAY).await;
    assert_eq!(scene.logged("the server answered by a redirect"), 1, "{}", scene.acme.server.log());
    let came = inner.accept().map_err(|why| why.kind());
    assert!(matches!(came, Err(std::io::ErrorKind::WouldBlock)), "{came:?}");
}
