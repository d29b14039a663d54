//! A sign-in inside an app's own web view, as big as a phone, of somebody who has never been here.

use std::time::Duration;

use e2e::acme::{Acme, ORGANIZATION};
use e2e::chromium::Chromium;
use e2e::database::Engine;
use e2e::mail::MailServer;
use e2e::server::Server;
use e2e::wait::until;
use reqwest::Url;
use serde_json::Value;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpListener;
use tokio::sync::mpsc;

const GRACE: &str = "grace@new.example";
const STATE: &str = "app state & more";

/// The app's own step after registering: sends whoever comes straight back, and tells where to.
async fn step() -> (String, mpsc::UnboundedReceiver<String>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let address = format!("http://{}/welcome?lang=en", listener.local_addr().expect("an address"));
    let (tell, told) = mpsc::unbounded_channel();
    tokio::spawn(async move {
        while let Ok((mut connection, _)) = listener.accept().await {
            let mut request = vec![0; 16 * 1024];
            let length = connection.read(&mut request).await.unwrap_or_default();
            let request = String::from_utf8_lossy(&request[..length]).into_owned();
            let target = request.split(' ').nth(1).unwrap_or_default();
            let target = Url::parse(&format!("http://127.0.0.1{target}")).expect("a target");
            let back = target.query_pairs().find(|(name, _)| name == "return_to").map(|(_, back)| back.into_owned());
            let answer = match &back {
                Some(back) => {
                    format!("HTTP/1.1 302 Found\r\nLocation: {back}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
                }
                None => "HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\nConnection: close\r\n\r\n".to_owned(),
            };
            connection.write_all(answer.as_bytes()).await.expect("a browser that listens");
            if let Some(back) = back {
                tell.send(back).expect("a test that listens");
            }
        }
    });
    (address, told)
}

/// Where the browser is, once that begins so.
async fn arrives_at(browser: &Chromium, beginning: &str) -> String {
    let there = until(beginning, async || {
        let here = browser.ask("return location.href").await;
        here.as_str().filter(|here| here.starts_with(beginning)).map(str::to_owned)
    });
    match tokio::time::timeout(Duration::from_secs(60), there).await {
        Ok(there) => there,
        Err(_) => panic!("never at {beginning}: {}", browser.text().await),
    }
}

/// Whether nothing on the page is wider than a phone.
async fn fits(browser: &Chromium) {
    let wide = browser.ask("return document.documentElement.scrollWidth").await;
    assert!(wide.as_i64().is_some_and(|wide| wide <= 375), "{wide} wide: {}", browser.text().await);
}

#[tokio::test]
async fn somebody_new_registers_inside_an_app_and_the_app_gets_its_token() {
    let mail = MailServer::start().await;
    let mut server = Server::on(Engine::Postgres);
    server.set("MAIL_URL", &mail.url());
    let mut acme = Acme::in_server(server);
    acme.server.json(&["org", "set", ORGANIZATION, "--registration", "open"], "");
    let (step, mut came_back) = step().await;
    let app = ["app", "create", "--org", ORGANIZATION, "--name", "Acme Mobile", "--public", "--embedded"];
    let app = [&app[..], &["--post-registration-url", &step, "--scope", "openid email"]].concat();
    let client_id = acme.server.json(&app, "")["client_id"].as_str().expect("a client_id").to_owned();
    acme.server.start().await;

    let browser = Chromium::start().await;
    browser.resize(375, 667).await;
    let request = [
        ("client_id", client_id.as_str()),
        ("response_type", "token"),
        ("embedded", "true"),
        ("scope", "openid email"),
        ("state", STATE),
        ("login_hint", GRACE),
        ("first_name", "Grace"),
        ("last_name", "Hopper"),
    ];
    let request = Url::parse_with_params(&format!("{}/oauth2/authorizations/new", acme.server.url()), request);
    browser.open(request.expect("an address").as_str()).await;
    browser.wait_for("Sign in to Acme Corp").await;
    fits(&browser).await;
    browser.named(&["link"], "Create account").await.click().await.expect("a link that can be followed");
    // What the app says about her is filled in.
    browser.press("Create account").await;
    browser.wait_for("Look at your mailbox").await;
    fits(&browser).await;
    let letter = mail.letter(GRACE, "Create your account").await;
    let link = letter.text.lines().find_map(|line| line.strip_prefix("Create account: ")).expect("a link");
    browser.open(link.trim()).await;
    let name = browser.ask("return document.getElementById('name').value").await;
    assert_eq!(name, Value::from("Grace Hopper"));
    browser.fill("Password", "seven unrelated purple umbrellas").await;
    browser.press("Create account").await;

    // To the app's step and back, by themselves.
    browser.named(&["button"], "Approve").await;
    let back = came_back.recv().await.expect("somebody at the step");
    assert!(back.starts_with(&format!("{}/orgs/{ORGANIZATION}/embedded/return?", acme.server.url())), "{back}");
    let text = browser.text().await;
    assert!(text.contains("Acme Mobile") && text.contains(GRACE), "{text}");
    fits(&browser).await;
    browser.press("Approve").await;

    let target = format!("{}/oauth2/authorizations/fake_target#", acme.server.url());
    let there = arrives_at(&browser, &target).await;
    let answer =
        Url::parse(&format!("http://app.example/?{}", &there[target.len()..])).expect("a fragment of parameters");
    let of = |name: &str| answer.query_pairs().find(|(known, _)| known == name).map(|(_, value)| value.into_owned());
    assert_eq!(of("state").as_deref(), Some(STATE));
    fits(&browser).await;
    assert_eq!(browser.complaints().await, Vec::<String>::new());
    let me = reqwest::Client::new().get(format!("{}/api/v1/me", acme.issuer()));
    let me: Value = me
        .bearer_auth(of("access_token").expect("a token"))
        .send()
        .await
        .expect("an answer")
        .json()
        .await
        .expect("JSON");
    assert_eq!((me["kind"].as_str(), me["email"].as_str()), (Some("embedded"), Some(GRACE)), "{me}");
}
