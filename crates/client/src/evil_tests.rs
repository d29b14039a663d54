//! What a server may not do to the program and the person who trust it, each tried by a server that does it.

use crate::poll::tests::metadata;
use crate::scripted::{Reply, Request, Scripted};
use crate::{Client, Dialect, Error, Issuer, Login, LoginKey, Program, Secret, Store, Tokens, now};
use serde_json::{Value, json};
use std::time::Duration;

const PROGRAM: Program<'_> = Program { client_id: "acme-cli", user_agent: "test/1" };

type Change = fn(&mut Value, &str);

/// A server whose description, codes and tokens are right but for a change; the change is told the server's address.
fn server(description: Change, codes: Change, tokens: Change) -> Scripted {
    Scripted::start(move |request: &Request| {
        let base = format!("http://{}", request.host);
        let issuer = format!("{base}/orgs/acme");
        let (mut answer, change) = match request.path.as_str() {
            "/.well-known/oauth-authorization-server/orgs/acme" => (metadata(&base), description),
            "/orgs/acme/device_authorization" => (
                json!({
                    "device_code": "dc", "user_code": "WDJB-MJHT", "verification_uri": format!("{issuer}/device"),
                    "verification_uri_complete": format!("{issuer}/device?user_code=WDJB-MJHT"),
                    "expires_in": 600, "interval": 1,
                }),
                codes,
            ),
            "/orgs/acme/token" => (
                json!({"access_token": "at", "token_type": "Bearer", "expires_in": 3600, "refresh_token": "rt"}),
                tokens,
            ),
            _ => return Reply::Json(404, json!({"error": "not_found"})),
        };
        change(&mut answer, &base);
        Reply::Json(200, answer)
    })
}

const RIGHT: Change = |_, _| {};

async fn discovered(server: &Scripted) -> Result<Client, Error> {
    let issuer = Issuer::new(&server.url(), "acme").unwrap();
    let mut client = Client::discover(&issuer, PROGRAM).await?;
    client.second = Duration::from_millis(5);
    Ok(client)
}

/// Nothing in it acts on a terminal.
pub(crate) fn assert_plain(text: &str) {
    assert!(!text.chars().any(|c| c.is_control() || crate::is_formatting(c)), "{text:?}");
    assert!(text.chars().count() < 500, "{} symbols", text.chars().count());
}

#[tokio::test]
async fn what_is_right_is_taken() {
    let server = server(RIGHT, RIGHT, RIGHT);
    let client = discovered(&server).await.unwrap();
    let login = client.begin(None).await.unwrap();
    assert_eq!(client.wait(&login, |_| {}).await.unwrap().tokens.access_token.expose(), "at");
}

#[tokio::test]
async fn no_endpoint_leads_elsewhere_in_the_clear() {
    let changes: [Change; 9] = [
        |all, _| all["token_endpoint"] = json!("http://127.0.0.1:1/token"),
        |all, _| all["token_endpoint"] = json!("http://localhost/token"),
        |all, base| all["token_endpoint"] = json!(base.replace("http://", "http://evil@")),
        |all, _| all["device_authorization_endpoint"] = json!("http://127.0.0.1:1/"),
        |all, _| all["revocation_endpoint"] = json!("http://127.0.0.1:1/"),
        |all, _| all["jwks_uri"] = json!("http://[::1]:1/jwks"),
        |all, _| all["jwks_uri"] = json!("file:///etc/passwd"),
        |all, base| all["jwks_uri"] = json!(format!("{base}/\u{1b}]0;owned\u{7}")),
        |all, _| all["issuer"] = json!(format!("\u{1b}[2J\u{202e}\u{9b}{}", "x".repeat(100_000))),
    ];
    for (number, change) in changes.into_iter().enumerate() {
        let server = server(change, RIGHT, RIGHT);
        match discovered(&server).await {
            Err(error @ Error::Discovery(_)) => assert_plain(&error.to_string()),
            other => panic!("{number}: {other:?}"),
        }
    }
}

#[tokio::test]
async fn no_endpoint_is_at_another_server() {
    let changes: [Change; 6] = [
        // A person approves on the page of an honest server, whose device code would then be brought to this one.
        |all, _| all["device_authorization_endpoint"] = json!("https://honest.example/orgs/acme/device_authorization"),
        |all, _| all["token_endpoint"] = json!("https://evil.example/token"),
        |all, _| all["revocation_endpoint"] = json!("https://evil.example/revoke"),
        |all, _| all["jwks_uri"] = json!("https://evil.example/jwks"),
        |all, base| all["token_endpoint"] = json!(base.replace("http://", "https://")),
        |all, base| all["token_endpoint"] = json!(base.replace("127.0.0.1", "localhost")),
    ];
    for (number, change) in changes.into_iter().enumerate() {
        let server = server(change, RIGHT, RIGHT);
        assert_sent_nowhere(&format!("{number}"), discovered(&server).await, &server);
        assert_eq!(server.seen("").len(), 1, "{number}: the description is all that was asked for");
    }
}

/// The login ended with a sentence that names the server and says what to do.
pub(crate) fn assert_sent_nowhere<T: std::fmt::Debug>(what: &str, outcome: Result<T, Error>, server: &Scripted) {
    match outcome {
        Err(error @ Error::Discovery(_)) => {
            let sentence = error.to_string();
            assert_plain(&sentence);
            let named = format!("The server at {} names an address that is not plainly its own: ", server.url());
            assert!(
                sentence.starts_with(&named) && sentence.contains("ask whoever runs the server"),
                "{what}: {sentence}"
            );
        }
        other => panic!("{what}: {other:?}"),
    }
}

#[tokio::test]
async fn a_code_that_is_approved_at_an_honest_server_is_not_brought_to_an_evil_one() {
    let honest = server(RIGHT, RIGHT, RIGHT);
    let pages = honest.url();
    let evil = Scripted::start(move |request| {
        let base = format!("http://{}", request.host);
        match request.path.as_str() {
            "/.well-known/oauth-authorization-server/orgs/acme" => Reply::Json(200, metadata(&base)),
            // Codes that it got from the honest server, with that one's page.
            "/orgs/acme/device_authorization" => Reply::Json(
                200,
                json!({
                    "device_code": "dc", "user_code": "WDJB-MJHT", "verification_uri": format!("{pages}/orgs/acme/device"),
                    "expires_in": 600, "interval": 1,
                }),
            ),
            _ => Reply::Json(200, json!({"access_token": "at", "token_type": "Bearer"})),
        }
    });
    let outcome = discovered(&evil).await.unwrap().begin(None).await;
    assert_sent_nowhere("a page of the honest server", outcome, &evil);
    assert!(honest.seen("").is_empty() && evil.seen("/token").is_empty());
}

#[tokio::test]
async fn what_is_kept_is_not_sent_to_another_server_later() {
    let changes: [Change; 2] = [
        |all, _| all["token_endpoint"] = json!("https://evil.example/token"),
        |all, _| all["revocation_endpoint"] = json!("https://evil.example/revoke"),
    ];
    for (number, change) in changes.into_iter().enumerate() {
        let server = server(change, RIGHT, RIGHT);
        let (_folder, store, key) = kept(&server).await;
        assert_sent_nowhere(&format!("renewal, {number}"), store.fresh(&key, "test/1").await, &server);
        assert_sent_nowhere(&format!("end, {number}"), store.end(&key, "test/1", false).await, &server);
        assert_eq!(store.get(&key).unwrap().unwrap().tokens.access_token.expose(), "old");
    }
}

#[tokio::test]
async fn nobody_is_sent_to_a_page_that_is_not_the_servers() {
    let changes: [Change; 12] = [
        |all, _| all["verification_uri"] = json!("https://honest.example/orgs/acme/device"),
        |all, _| all["verification_uri_complete"] = json!("https://honest.example/device?user_code=WDJB-MJHT"),
        |all, base| all["verification_uri"] = json!(base.replace("http://", "https://")),
        |all, base| all["verification_uri_complete"] = json!(base.replace("127.0.0.1", "localhost")),
        |all, _| all["verification_uri"] = json!("http://evil.example/device"),
        |all, _| all["verification_uri"] = json!("javascript:alert(1)"),
        |all, _| all["verification_uri"] = json!("https://auth.example\u{1b}[8m.evil.example/"),
        |all, _| all["verification_uri"] = json!("https://auth.example/\u{202e}moc"),
        |all, _| all["verification_uri"] = json!("https://auth.example@evil.example/device"),
        |all, _| all["verification_uri"] = json!(format!("https://auth.example/{}", "x".repeat(3000))),
        |all, _| all["verification_uri_complete"] = json!("http://evil.example/device?user_code=WDJB-MJHT"),
        |all, _| all["verification_uri_complete"] = json!("https://auth.example/device\n--browser=evil"),
    ];
    for (number, change) in changes.into_iter().enumerate() {
        let server = server(RIGHT, change, RIGHT);
        let outcome = discovered(&server).await.unwrap().begin(None).await;
        assert_sent_nowhere(&format!("{number}"), outcome, &server);
    }
}

#[tokio::test]
async fn a_code_is_what_a_person_can_read() {
    let changes: [Change; 6] = [
        |all, _| all["user_code"] = json!("WDJB\u{1b}[2J-MJHT"),
        |all, _| all["user_code"] = json!("WDJB\u{202e}THJM"),
        |all, _| all["user_code"] = json!("W\u{200b}DJB-MJHT"),
        |all, _| all["user_code"] = json!(" "),
        |all, _| all["user_code"] = json!("W".repeat(65)),
        |all, _| all["device_code"] = json!("d c"),
    ];
    for (number, change) in changes.into_iter().enumerate() {
        let server = server(RIGHT, change, RIGHT);
        let outcome = discovered(&server).await.unwrap().begin(None).await;
        assert!(matches!(outcome, Err(Error::Answer(_))), "{number}: {outcome:?}");
    }
}

const EVIL_TOKENS: [Change; 9] = [
    |all, _| all["access_token"] = json!("at\r\nX-Evil: 1"),
    |all, _| all["access_token"] = json!("at\u{1b}]52;c;ZXZpbA==\u{7}"),
    |all, _| all["access_token"] = json!("a t"),
    |all, _| all["access_token"] = json!("at\u{202e}"),
    |all, _| all["access_token"] = json!(""),
    |all, _| all["access_token"] = json!("a=t"),
    |all, _| all["access_token"] = json!("a".repeat(16 * 1024 + 1)),
    |all, _| all["refresh_token"] = json!("rt\n"),
    |all, _| all["id_token"] = json!("a.b.c\u{9b}2J"),
];

#[tokio::test]
async fn a_token_is_what_may_stand_in_a_header() {
    for (number, change) in EVIL_TOKENS.into_iter().enumerate() {
        let server = server(RIGHT, RIGHT, change);
        let client = discovered(&server).await.unwrap();
        let login = client.begin(None).await.unwrap();
        let outcome = client.wait(&login, |_| {}).await;
        assert!(matches!(outcome, Err(Error::Answer(_))), "{number}: {outcome:?}");
    }
    let padded = server(RIGHT, RIGHT, |all, _| all["access_token"] = json!("aZ09-._~+/=="));
    let client = discovered(&padded).await.unwrap();
    let login = client.begin(None).await.unwrap();
    assert_eq!(client.wait(&login, |_| {}).await.unwrap().tokens.access_token.expose(), "aZ09-._~+/==");
}

/// A store with a login to `server` that is to be renewed.
async fn kept(server: &Scripted) -> (tempfile::TempDir, Store, LoginKey) {
    let folder = tempfile::tempdir().unwrap();
    let store = Store::at(folder.path().join("doorward"));
    let key = LoginKey {
        server: server.url(),
        org: "acme".to_owned(),
        dialect: Dialect::Rfc8628,
        client_id: "acme-cli".to_owned(),
    };
    let tokens = Tokens {
        access_token: Secret::new("old".to_owned()),
        expires_at: now(),
        refresh_token: Some(Secret::new("rt0".to_owned())),
        id_token: None,
        scope: String::new(),
    };
    store.keep(Login { key: key.clone(), tokens }).await.unwrap();
    (folder, store, key)
}

#[tokio::test]
async fn a_renewal_that_brings_no_token_leaves_what_was_kept() {
    for (number, change) in EVIL_TOKENS.into_iter().enumerate() {
        let server = server(RIGHT, RIGHT, change);
        let (_folder, store, key) = kept(&server).await;
        let outcome = store.fresh(&key, "test/1").await;
        assert!(matches!(outcome, Err(Error::Answer(_))), "{number}: {outcome:?}");
        assert_eq!(store.get(&key).unwrap().unwrap().tokens.access_token.expose(), "old");
    }
}

#[tokio::test]
async fn a_refusal_is_told_without_what_plays_with_the_terminal() {
    let server = Scripted::start(|request| match request.path.as_str() {
        "/orgs/acme/device_authorization" => Reply::Json(
            400,
            json!({"error": "evil\u{1b}[2J", "error_description": format!("\u{202e}\u{9b}31m{}", "x".repeat(100_000))}),
        ),
        _ => Reply::Json(200, metadata(&format!("http://{}", request.host))),
    });
    match discovered(&server).await.unwrap().begin(None).await {
        Err(error @ Error::Refused { .. }) => assert_plain(&error.to_string()),
        other => panic!("{other:?}"),
    }
}
