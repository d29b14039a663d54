//! Each dialect once from its beginning to its end: a real client process, and a person in a real Chromium.

use e2e::acme::{Acme, EMAIL, ORGANIZATION, PASSWORD, TICK};
use e2e::chromium::Chromium;
use e2e::database::Engine;
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};
use thirtyfour::components::SelectElement;

/// Types a code that a page asks for, signs Ada in, and ticks that it is hers.
async fn sign_in_and_tick(chromium: &Chromium, address: &str, user_code: &str) {
    chromium.open(address).await;
    chromium.fill("Device code", user_code).await;
    chromium.press("Continue").await;
    chromium.fill("E-mail address", EMAIL).await;
    chromium.fill("Password", PASSWORD).await;
    chromium.press("Sign in").await;
    chromium.tick(TICK).await;
}

/// The same by somebody who is signed in.
async fn enter(chromium: &Chromium, address: &str, user_code: &str) {
    chromium.open(address).await;
    chromium.fill("Device code", user_code).await;
    chromium.press("Continue").await;
}

#[tokio::test]
async fn rfc8628_by_the_reference_client() {
    let acme = Acme::on(Engine::Postgres).await;
    let (cli, chromium) = (acme.cli(), Chromium::start().await);
    let mut login = cli.start(&["login", "--no-browser", "--client-id", &acme.client_id]);
    let code = login.event("code").await;
    let text = |name: &str| code[name].as_str().expect(name).to_owned();
    sign_in_and_tick(&chromium, &text("verification_uri"), &text("user_code")).await;
    chromium.press("Approve").await;
    chromium.wait_for("/device/result").await;
    login.event("done").await;
    assert_eq!(login.end().await.0, 0);
    let whoami = cli.run(&["whoami"]);
    assert!(whoami.status == 0 && whoami.stdout.contains(EMAIL), "{whoami:?}");
}

/// A program that speaks JSON and knows nothing of OAuth.
struct JsonClient {
    server: String,
}

impl JsonClient {
    async fn send(&self, route: &str, body: Value) -> (StatusCode, Value) {
        let url = format!("{}/api/auth/device/{route}", self.server);
        let answer = reqwest::Client::new().request(Method::POST, url).json(&body).send().await.expect("an answer");
        (answer.status(), answer.json().await.expect("JSON"))
    }

    async fn begin(&self) -> Value {
        let (status, codes) = self.send("code", json!({ "client_name": "Report tool", "scope": "read" })).await;
        assert_eq!(status, StatusCode::OK, "{codes}");
        codes
    }

    async fn poll(&self, codes: &Value) -> (u16, Value) {
        let (status, told) = self.send("token", json!({ "device_code": codes["device_code"] })).await;
        (status.as_u16(), told)
    }
}

#[tokio::test]
async fn api_key_by_a_plain_json_client() {
    let mut acme = Acme::prepared(Engine::Sqlite);
    acme.server.set("UNREGISTERED_CLIENTS", "true");
    acme.server.start().await;
    let (client, chromium) = (JsonClient { server: acme.server.url() }, Chromium::start().await);
    let codes = client.begin().await;
    let (status, told) = client.poll(&codes).await;
    assert_eq!((status, &told["code"]), (202, &json!("AUTHORIZATION_PENDING")));
    let (status, told) = client.poll(&codes).await;
    assert_eq!((status, &told["code"], &told["interval"]), (429, &json!("SLOW_DOWN"), &json!(10)));

    let text = |name: &str| codes[name].as_str().expect(name).to_owned();
    sign_in_and_tick(&chromium, &text("verification_uri"), &text("user_code")).await;
    let review = chromium.text().await;
    for told in ["Report tool", "Nobody has checked it", "Acme Corp", "See what you can see"] {
        assert!(review.contains(told), "{told}: {review}");
    }
    chromium.press("Approve").await;
    chromium.wait_for("/device/result").await;
    // As long as it was told to wait.
    tokio::time::sleep(std::time::Duration::from_secs(10)).await;
    let (status, key) = client.poll(&codes).await;
    assert_eq!((status, &key["org_id"], &key["scopes"]), (200, &json!(ORGANIZATION), &json!(["read"])), "{key}");
    let (status, told) = client.poll(&codes).await;
    assert_eq!((status, &told["code"]), (410, &json!("EXPIRED_TOKEN")));
    let me = reqwest::Client::new().get(format!("{}/api/v1/me", acme.server.url()));
    let me = me.header("x-api-key", key["api_key"].as_str().expect("a key")).send().await.expect("an answer");
    let me: Value = me.json().await.expect("JSON");
    assert_eq!((&me["kind"], &me["email"], &me["org_id"]), (&json!("api_key"), &json!(EMAIL), &json!(ORGANIZATION)));

    let unwanted = client.begin().await;
    let complete = unwanted["verification_uri_complete"].as_str().expect("an address");
    chromium.open(complete).await;
    chromium.press("Continue").await;
    chromium.press("Deny").await;
    chromium.wait_for("/device/result").await;
    let (status, told) = client.poll(&unwanted).await;
    assert_eq!((status, &told["code"]), (403, &json!("ACCESS_DENIED")));
    assert_eq!(chromium.complaints().await, Vec::<String>::new());
    let log = acme.server.log();
    for secret in [text("device_code"), text("user_code"), key["api_key"].as_str().unwrap_or_default().to_owned()] {
        assert!(!log.contains(&secret), "the log holds a secret");
    }
}

#[tokio::test]
async fn mcp_for_a_user_of_three_organizations() {
    let mut acme = Acme::prepared(Engine::Postgres);
    for (org, name) in [("beta", "Beta Laboratories"), ("gamma", "Gamma Works")] {
        acme.server.json(&["org", "create", org, "--name", name], "");
        acme.server.json(&["org", "set", org, "--new-device", "off"], "");
        acme.server.json(&["member", "add", "--org", org, "--email", EMAIL, "--role", "member"], "");
    }
    acme.server.start().await;
    let (cli, chromium) = (acme.cli(), Chromium::start().await);
    let mut login = cli.start(&["login", "--no-browser", "--dialect", "mcp", "--scope", "read write"]);
    let code = login.event("code").await;
    let text = |name: &str| code[name].as_str().expect(name).to_owned();
    assert_eq!(text("verification_uri"), format!("{}/device", acme.server.url()));
    sign_in_and_tick(&chromium, &text("verification_uri"), &text("user_code")).await;
    // The browser itself asks for the organization first.
    chromium.press_for_script("Approve").await;
    let picker = chromium.named(&["combobox"], "Organization").await;
    let picker = SelectElement::new(&picker).await.expect("a selector");
    let options = picker.options().await.expect("options");
    assert_eq!(options.len(), 4, "none, and three organizations");
    picker.select_by_value("beta").await.expect("beta to be there");
    chromium.press("Approve").await;
    chromium.wait_for("/device/result").await;
    assert!(chromium.text().await.contains("Beta Laboratories"), "{}", chromium.text().await);
    let done = login.event("done").await;
    assert_eq!(done["org"].as_str().or(done["org_id"].as_str()), Some("beta"), "{done}");
    assert_eq!(login.end().await.0, 0);

    // The surroundings name another organization, so it has to be said.
    let token = cli.run(&["token", "--dialect", "mcp", "--org", "beta"]);
    assert_eq!(token.status, 0, "{token:?}");
    assert!(token.stdout.starts_with("dwm_"), "{token:?}");
    let me = |path: String| {
        let request = reqwest::Client::new().get(format!("{}{path}", acme.server.url()));
        request.bearer_auth(token.stdout.trim()).send()
    };
    let told: Value = me("/orgs/beta/api/v1/me".to_owned()).await.expect("an answer").json().await.expect("JSON");
    assert_eq!(
        (&told["kind"], &told["scope"], &told["client_id"]),
        (&json!("mcp"), &json!("read"), &json!("doorward-mcp"))
    );
    let elsewhere = me(format!("/orgs/{ORGANIZATION}/api/v1/me")).await.expect("an answer").status();
    assert_eq!(elsewhere, StatusCode::UNAUTHORIZED);
    let whoami = cli.run(&["whoami", "--dialect", "mcp", "--org", "beta"]);
    assert!(whoami.status == 0 && whoami.stdout.contains(EMAIL), "{whoami:?}");
    let logout = cli.run(&["logout", "--dialect", "mcp", "--org", "beta"]);
    assert_eq!(logout.status, 0, "{logout:?}");
    let ended = me("/orgs/beta/api/v1/me".to_owned()).await.expect("an answer").status();
    assert_eq!(ended, StatusCode::UNAUTHORIZED);

    // A session of hers decides without a password, and the entry page alone decides nothing.
    let mut again = cli.start(&["login", "--no-browser", "--dialect", "mcp"]);
    let code = again.event("code").await;
    enter(
        &chromium,
        code["verification_uri"].as_str().expect("an address"),
        code["user_code"].as_str().expect("a code"),
    )
    .await;
    chromium.press("Deny").await;
    chromium.wait_for("/device/result").await;
    again.event("error").await;
    assert_eq!(again.end().await.0, 3);
}
