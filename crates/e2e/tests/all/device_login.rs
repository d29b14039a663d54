//! Someone runs `doorward login` and approves it in a browser without scripts.

use std::os::unix::fs::PermissionsExt;

use e2e::acme::{Acme, EMAIL, ORGANIZATION, PASSWORD};
use e2e::cli::Cli;
use e2e::database::Engine;
use reqwest::StatusCode;
use serde_json::Value;

on_both_engines!(login_whoami_token_logout, a_denied_login_ends_with_3);

async fn userinfo(acme: &Acme, access_token: &str) -> (StatusCode, Value) {
    let url = format!("{}/api/v1/oauth/userinfo", acme.issuer());
    let answer = reqwest::Client::new().get(url).bearer_auth(access_token).send().await.expect("an answer");
    (answer.status(), answer.json().await.unwrap_or_default())
}

async fn login_whoami_token_logout(engine: Engine) {
    let acme = Acme::on(engine).await;
    let cli = acme.cli();
    let mut login = cli.start(&["login", "--no-browser", "--client-id", &acme.client_id]);
    let code = login.event("code").await;
    assert_eq!(code["verification_uri"], format!("{}/device", acme.issuer()), "{code}");
    let user_code = code["user_code"].as_str().expect("a user code");

    // Not signed in: the code is kept while she signs in, and is claimed then.
    let mut browser = acme.browser();
    let page = acme.enter(&mut browser, &user_code.to_lowercase().replace('-', " ")).await;
    assert_eq!(page.url.path(), "/login", "{}", page.text());
    let page = browser.press("Sign in", &[("email", EMAIL), ("password", PASSWORD)]).await;
    assert_eq!(page.url.path(), format!("/orgs/{ORGANIZATION}/device/review"), "{}", page.text());
    for fact in [user_code, EMAIL, "Acme CLI", "Acme Corp"] {
        assert!(page.text().contains(fact), "{fact}: {}", page.text());
    }

    let page = browser.press("Approve", &[]).await;
    assert_eq!(page.status, StatusCode::BAD_REQUEST, "the tick is needed: {}", page.text());
    let page = browser.press("Approve", &[("confirm", "yes")]).await;
    assert_eq!(page.url.path(), format!("/orgs/{ORGANIZATION}/device/result"), "{}", page.text());
    assert!(page.text().contains("Acme Corp"), "{}", page.text());

    login.event("done").await;
    assert_eq!(login.end().await.0, 0);
    let mode = std::fs::metadata(cli.credentials()).expect("the credentials").permissions().mode();
    assert_eq!(mode & 0o777, 0o600);

    let whoami = cli.run(&["whoami"]);
    assert_eq!(whoami.status, 0, "{whoami:?}");
    assert!(whoami.stdout.contains(EMAIL), "{whoami:?}");
    let token = cli.run(&["token"]);
    assert_eq!(token.status, 0, "{token:?}");
    let access_token = token.stdout.trim();
    let (status, claims) = userinfo(&acme, access_token).await;
    assert_eq!((status, &claims["email"]), (StatusCode::OK, &Value::from(EMAIL)), "{claims}");

    signs_out(&acme, &cli, access_token).await;
    let log = acme.server.log();
    for secret in [access_token, PASSWORD, user_code] {
        assert!(!log.contains(secret), "the log holds a secret");
    }
}

async fn signs_out(acme: &Acme, cli: &Cli, access_token: &str) {
    let logout = cli.run(&["logout"]);
    assert_eq!(logout.status, 0, "{logout:?}");
    assert_eq!(userinfo(acme, access_token).await.0, StatusCode::UNAUTHORIZED);
    assert_ne!(cli.run(&["whoami"]).status, 0);
    assert_ne!(cli.run(&["token"]).status, 0);
}

async fn a_denied_login_ends_with_3(engine: Engine) {
    let acme = Acme::on(engine).await;
    let cli = acme.cli();
    let mut login = cli.start(&["login", "--no-browser", "--client-id", &acme.client_id]);
    let code = login.event("code").await;
    let mut browser = acme.browser();
    acme.sign_in(&mut browser).await;
    acme.enter(&mut browser, code["user_code"].as_str().expect("a user code")).await;
    let page = browser.press("Deny", &[]).await;
    assert_eq!(page.url.path(), format!("/orgs/{ORGANIZATION}/device/result"), "{}", page.text());

    login.event("error").await;
    assert_eq!(login.end().await.0, 3);
    assert!(!cli.credentials().exists() || cli.run(&["whoami"]).status != 0);
}

/// What the person at the terminal sees: where to go, the code, a picture of both, and who it was in the end.
#[tokio::test]
async fn on_a_terminal() {
    let acme = Acme::on(Engine::Sqlite).await;
    let cli = acme.cli();
    let terminal = cli.on_terminal(&["login", "--no-browser", "--client-id", &acme.client_id], 100, 60);
    terminal.wait_for(&format!("{}/device", acme.issuer())).await;
    terminal.wait_for("Waiting").await;
    let shown = terminal.text();
    assert!(shown.contains('█') || shown.contains('▄'), "no QR code: {shown}");
    let user_code = shown.split_whitespace().find(|word| is_user_code(word)).expect("the code stands by itself");

    let mut browser = acme.browser();
    acme.sign_in(&mut browser).await;
    acme.approve(&mut browser, user_code).await;
    terminal.wait_for(EMAIL).await;
    assert_eq!(terminal.end().await, 0);
}

/// Of the default format `XXXX-XXXX`.
fn is_user_code(word: &str) -> bool {
    let symbols = |half: &str| half.len() == 4 && half.chars().all(|c| c.is_ascii_uppercase() || c.is_ascii_digit());
    word.split_once('-').is_some_and(|(first, second)| symbols(first) && symbols(second))
}

#[tokio::test]
async fn ctrl_c_gives_up() {
    let acme = Acme::on(Engine::Sqlite).await;
    let cli = acme.cli();
    let mut terminal = cli.on_terminal(&["login", "--no-browser", "--client-id", &acme.client_id], 80, 24);
    terminal.wait_for("Waiting").await;
    terminal.press("\u{3}");
    assert_ne!(terminal.end().await, 0);
    assert!(!cli.credentials().exists());
}
