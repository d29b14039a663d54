//! The database goes away, was never there, or is held by somebody else.

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader};
use std::process::Stdio;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use e2e::acme::{Acme, EMAIL, ORGANIZATION, PASSWORD, SCOPE};
use e2e::database::{Database, Engine, execute};
use e2e::form_browser::FormBrowser;
use e2e::places::{command, provided};
use e2e::postgres::{OwnPostgres, Stop};
use e2e::server::Server;
use e2e::wait::until;
use reqwest::StatusCode;
use reqwest::header::RETRY_AFTER;
use serde_json::Value;

/// What one code came to, as its device and the one who approves it have heard.
#[derive(Default)]
struct Heard {
    approved: bool,
    tokens: u32,
    /// A poll that nobody knows the outcome of: 503, or no answer.
    unclear: u32,
}

/// What all codes came to, by their device codes.
#[derive(Default)]
struct Told {
    codes: Mutex<BTreeMap<String, Heard>>,
    stopped: AtomicBool,
}

impl Told {
    fn note(&self, device_code: &str, what: impl FnOnce(&mut Heard)) {
        what(self.codes.lock().expect("no one fails while holding it").entry(device_code.to_owned()).or_default());
    }

    fn collected(&self) -> usize {
        self.codes.lock().expect("no one fails while holding it").values().filter(|heard| heard.tokens > 0).count()
    }

    /// Polls once, and notes what came of it.
    async fn poll(&self, acme: &Acme, device_code: &str) {
        match acme.device().try_poll(device_code).await {
            Some((StatusCode::OK, _)) => self.note(device_code, |heard| heard.tokens += 1),
            Some((StatusCode::BAD_REQUEST, _)) => {}
            Some((status, body)) => {
                assert_eq!(status, StatusCode::SERVICE_UNAVAILABLE, "{body}");
                self.note(device_code, |heard| heard.unclear += 1);
            }
            None => self.note(device_code, |heard| heard.unclear += 1),
        }
    }
}

/// Approves a code, where the server can; whether that was acknowledged.
async fn try_to_approve(acme: &Acme, browser: &mut FormBrowser, user_code: &str) -> bool {
    browser.open(&format!("/orgs/{ORGANIZATION}/device")).await;
    for (button, fields) in [("Continue", [("user_code", user_code)]), ("Approve", [("confirm", "yes")])] {
        if !browser.page().has_button(button) {
            let page = browser.page();
            assert_eq!(page.status, StatusCode::SERVICE_UNAVAILABLE, "{}: {}", acme.issuer(), page.text());
            return false;
        }
        browser.press(button, &fields).await;
    }
    browser.page().status == StatusCode::OK && browser.page().url.path().ends_with("/device/result")
}

/// One household: it opens a code, approves it, polls for it from three devices at once, and begins again.
async fn live(acme: Arc<Acme>, told: Arc<Told>) {
    let mut browser = acme.browser();
    acme.sign_in(&mut browser).await;
    while !told.stopped.load(Ordering::Relaxed) {
        let (status, code) = acme.device().post("device_authorization", &[("scope", SCOPE)]).await;
        if status != StatusCode::OK {
            assert_eq!(status, StatusCode::SERVICE_UNAVAILABLE, "{code}");
            tokio::time::sleep(Duration::from_millis(50)).await;
            continue;
        }
        let get = |name: &str| code[name].as_str().expect("a code").to_owned();
        let device_code = get("device_code");
        told.note(&device_code, |_| {});
        if try_to_approve(&acme, &mut browser, &get("user_code")).await {
            told.note(&device_code, |heard| heard.approved = true);
        }
        tokio::join!(told.poll(&acme, &device_code), told.poll(&acme, &device_code), told.poll(&acme, &device_code));
    }
}

/// Asks until the server refuses, and looks at how it does.
async fn refuses(acme: &Acme) {
    let http = reqwest::Client::new();
    let endpoint = format!("{}/api/v1/oauth/device_authorization", acme.issuer());
    let answer = until("a refusal", async || {
        let answer = http.post(&endpoint).form(&[("client_id", &acme.client_id)]).send().await.expect("an answer");
        (answer.status() != StatusCode::OK).then_some(answer)
    })
    .await;
    assert_eq!(answer.status(), StatusCode::SERVICE_UNAVAILABLE);
    let seconds = answer.headers().get(RETRY_AFTER).expect("Retry-After").to_str().expect("a number");
    assert!((1..=60).contains(&seconds.parse::<u32>().expect("seconds")), "{seconds}");
    let body: Value = answer.json().await.expect("JSON");
    assert_eq!(body["error"], "temporarily_unavailable", "{body}");

    let ready = http.get(format!("{}/readyz", acme.server.url())).send().await.expect("an answer");
    assert_eq!(ready.status(), StatusCode::SERVICE_UNAVAILABLE);
    let alive = http.get(format!("{}/healthz", acme.server.url())).send().await.expect("an answer");
    assert_eq!(alive.status(), StatusCode::OK);
    let mut browser = acme.browser();
    let page = browser.open(&format!("/orgs/{ORGANIZATION}/device")).await;
    assert_eq!(page.status, StatusCode::SERVICE_UNAVAILABLE, "{}", page.text());
    assert!(page.headers.contains_key(RETRY_AFTER) && page.text().contains("again"), "{}", page.text());
}

#[tokio::test]
async fn case_59_postgres_is_restarted_under_load() {
    let mut postgres = OwnPostgres::start().await;
    let mut acme = Acme::in_server(Server::with(Database::at(postgres.url())));
    acme.server.start().await;
    let acme = Arc::new(acme);
    let told = Arc::new(Told::default());
    let lives = (0..4).map(|_| tokio::spawn(live(Arc::clone(&acme), Arc::clone(&told)))).collect::<Vec<_>>();
    for how in [Stop::Fast, Stop::Crash] {
        let before = told.collected();
        until("tokens to flow", async || (told.collected() > before + 5).then_some(())).await;
        postgres.stop(how).await;
        refuses(&acme).await;
        postgres.start_again().await;
        let before = told.collected();
        until("tokens to flow again", async || (told.collected() > before).then_some(())).await;
    }
    told.stopped.store(true, Ordering::Relaxed);
    for life in lives {
        life.await.expect("a life without a failed assertion");
    }
    assert!(!acme.server.log().contains("a defect"), "{}", acme.server.log());
    settle(&acme, &told).await;
}

/// Once more for each code: whatever was acknowledged is there, and no code has brought more than one token.
async fn settle(acme: &Acme, told: &Told) {
    let codes = std::mem::take(&mut *told.codes.lock().expect("no one fails while holding it"));
    assert!(codes.values().any(|heard| heard.approved && heard.tokens == 1));
    let (mut approved, mut tokens) = (0, 0);
    for (device_code, mut heard) in codes {
        let (status, answer) = acme.device().poll(&device_code).await;
        heard.tokens += u32::from(status == StatusCode::OK);
        assert!(heard.tokens <= 1, "one code brought {} tokens", heard.tokens);
        if heard.approved && heard.tokens == 0 {
            let lost = answer["error"] == "invalid_grant" && heard.unclear > 0;
            assert!(lost, "an acknowledged approval brought no token, and nothing was lost on the way: {answer}");
        }
        approved += u32::from(heard.approved);
        tokens += heard.tokens;
    }
    let count = |what: &str| acme.server.ask(what).parse::<u32>().expect("a number");
    let redeemed = count("SELECT count(*) FROM grants WHERE state = 'redeemed'");
    assert_eq!(count("SELECT count(*) FROM families"), redeemed, "a family for each redeemed grant, and no other");
    let decided = count("SELECT count(*) FROM audit WHERE action = 'grant.approved'");
    let granted = count("SELECT count(*) FROM grants WHERE state IN ('approved', 'redeemed')");
    assert_eq!(decided, granted, "an audit row for each approval, and no other");
    assert!(tokens <= redeemed && approved <= granted, "{tokens} of {redeemed}, {approved} of {granted}");
}

/// The server starts before its PostgreSQL does: it refuses meanwhile, then migrates and serves by itself.
async fn postgres_comes_after_the_server(with_master_key: bool) {
    let mut postgres = OwnPostgres::start().await;
    let mut acme = Acme::in_server(Server::with(Database::at(postgres.url())));
    let key = acme.server.data().join("master.key");
    let emptied = ["SET client_min_messages = warning; DROP SCHEMA public CASCADE", "CREATE SCHEMA public"];
    assert!(emptied.iter().all(|statement| execute(&postgres.url(), statement)), "the database can't be emptied");
    if !with_master_key {
        std::fs::remove_file(&key).expect("it was made");
    }
    postgres.stop(Stop::Fast).await;
    acme.server.start_unready().await;
    refuses(&acme).await;
    assert_eq!(key.exists(), with_master_key, "a key is made for an empty database only, which nobody has seen yet");

    postgres.start_again().await;
    let ready = format!("{}/readyz", acme.server.url());
    until("the server to be ready", async || {
        let answer = reqwest::get(&ready).await.expect("an answer");
        answer.status().is_success().then_some(())
    })
    .await;
    until("the master key", async || key.exists().then_some(())).await;
    // Commands find the schema that the server made; the empty server is told of an organization, and serves it.
    assert_eq!(acme.server.json(&["org", "list"], ""), serde_json::json!([]));
    acme.server.json(&["org", "create", ORGANIZATION], "");
    let keys = format!("{}/.well-known/jwks.json", acme.issuer());
    until("the organization", async || {
        let answer = reqwest::get(&keys).await.expect("an answer");
        answer.status().is_success().then_some(())
    })
    .await;
}

#[tokio::test]
async fn postgres_comes_after_a_server_with_a_master_key() {
    postgres_comes_after_the_server(true).await;
}

#[tokio::test]
async fn postgres_comes_after_a_server_without_a_master_key() {
    postgres_comes_after_the_server(false).await;
}

/// The database that turns up belongs to another master key, which is lost: the server ends with a sentence, and leaves no key
/// of its own.
#[tokio::test]
async fn postgres_comes_with_data_of_a_lost_master_key() {
    let mut postgres = OwnPostgres::start().await;
    let mut acme = Acme::in_server(Server::with(Database::at(postgres.url())));
    let key = acme.server.data().join("master.key");
    std::fs::remove_file(&key).expect("it was made");
    postgres.stop(Stop::Fast).await;
    acme.server.start_unready().await;
    postgres.start_again().await;
    let status = acme.server.ended().await;
    assert_eq!(status.code(), Some(1), "{}", acme.server.log());
    let log = acme.server.log();
    let said = log.lines().last().expect("a sentence");
    assert!(said.contains("master.key") && said.contains("Restore"), "{log}");
    assert!(!key.exists());
}

/// Another program holds SQLite's file: what would change something is refused after a moment, what only reads is answered.
#[tokio::test]
async fn sqlite_is_held_by_another_program() {
    const HOLD: &str = "import sqlite3, sys\nfile = sqlite3.connect(sys.argv[1], isolation_level=None)\nfile.execute('BEGIN IMMEDIATE')\nprint('held', flush=True)\nsys.stdin.read()\nfile.execute('ROLLBACK')";
    let acme = Acme::on(Engine::Sqlite).await;
    let mut python = command(provided("venv/bin/python"));
    python.args(["-c", HOLD]).arg(acme.server.data().join("doorward.db"));
    let mut python = python.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().expect("Python starts");
    let mut line = String::new();
    BufReader::new(python.stdout.take().expect("a pipe")).read_line(&mut line).expect("a line");
    assert_eq!(line.trim(), "held");

    let begin = [("scope", SCOPE)];
    let (status, error) = acme.device().post("device_authorization", &begin).await;
    assert_eq!(status, StatusCode::SERVICE_UNAVAILABLE, "{error}");
    assert_eq!(error["error"], "temporarily_unavailable", "{error}");
    let mut browser = acme.browser();
    browser.open("/login").await;
    let page = browser.press("Sign in", &[("email", EMAIL), ("password", PASSWORD)]).await;
    assert_eq!(page.status, StatusCode::SERVICE_UNAVAILABLE, "{}", page.text());
    assert!(page.headers.contains_key(RETRY_AFTER), "{:?}", page.headers);
    let document = reqwest::get(format!("{}/.well-known/jwks.json", acme.issuer())).await.expect("an answer");
    assert_eq!(document.status(), StatusCode::OK);

    drop(python.stdin.take());
    python.wait().expect("Python ends");
    acme.device().begin(SCOPE).await;
    acme.sign_in(&mut browser).await;
}
