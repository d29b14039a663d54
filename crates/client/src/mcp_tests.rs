//! Logins at the server itself: the person picks the organization.

use crate::evil_tests::assert_sent_nowhere;
use crate::poll::tests::{SECOND, told};
use crate::scripted::{Reply, Request, Scripted};
use crate::{Client, Dialect, Error, Event, Issuer, Login, LoginKey, Program, Store, now};
use serde_json::{Value, json};
use std::sync::atomic::{AtomicUsize, Ordering};

const PROGRAM: Program<'_> = Program { client_id: "doorward-mcp", user_agent: "test/1" };

fn description(base: &str) -> Value {
    json!({
        "issuer": base,
        "device_authorization_endpoint": format!("{base}/api/v1/oauth/device_authorization"),
        "token_endpoint": format!("{base}/api/v1/oauth/token"),
        "revocation_endpoint": format!("{base}/api/v1/oauth/revoke"),
        "response_types_supported": [],
    })
}

fn token() -> Value {
    json!({"access_token": "dwm_1", "token_type": "Bearer", "expires_in": 7_776_000, "scope": "read", "org_id": "beta"})
}

fn refusal(code: &str) -> Reply {
    Reply::Json(400, json!({"error": code}))
}

/// A server whose polls are answered one after another from `script`, then by a token with a change.
fn server(script: Vec<&'static str>, change: fn(&mut Value)) -> Scripted {
    let polls = AtomicUsize::new(0);
    Scripted::start(move |request: &Request| {
        let base = format!("http://{}", request.host);
        match request.path.as_str() {
            "/.well-known/oauth-authorization-server" => Reply::Json(200, description(&base)),
            "/api/v1/oauth/device_authorization" => Reply::Json(
                200,
                json!({
                    "device_code": "dc", "user_code": "WDJB-MJHT", "verification_uri": format!("{base}/device"),
                    "expires_in": 900, "interval": 1,
                }),
            ),
            "/api/v1/oauth/token" => match script.get(polls.fetch_add(1, Ordering::SeqCst)) {
                Some(code) => refusal(code),
                None => {
                    let mut token = token();
                    change(&mut token);
                    Reply::Json(200, token)
                }
            },
            "/api/v1/oauth/revoke" => Reply::Json(200, json!({})),
            "/orgs/beta/api/v1/me" if request.authorization.as_deref() == Some("Bearer dwm_1") => Reply::Json(
                200,
                json!({"sub": "u1", "org_id": "beta", "client_id": "doorward-mcp", "scope": "read", "kind": "mcp", "exp": 1}),
            ),
            _ => Reply::Json(404, json!({"error": "not_found"})),
        }
    })
}

async fn waited(server: &Scripted) -> (Result<Login, Error>, Vec<Event>) {
    let issuer = Issuer::of_server(&server.url()).unwrap();
    let mut client = Client::discover(&issuer, PROGRAM).await.unwrap();
    client.second = SECOND;
    assert_eq!(client.dialect(), Dialect::Mcp);
    let codes = client.begin(Some("read")).await.unwrap();
    told(&client, &codes).await
}

#[tokio::test]
async fn the_token_is_kept_under_the_organization_that_the_person_picked() {
    let server = server(vec!["authorization_pending", "slow_down"], |_| {});
    let (outcome, events) = waited(&server).await;
    let login = outcome.unwrap();
    assert_eq!(events, [Event::Pending, Event::SlowDown { interval: SECOND * 6 }]);
    let key = LoginKey {
        server: server.url(),
        org: "beta".to_owned(),
        dialect: Dialect::Mcp,
        client_id: "doorward-mcp".to_owned(),
    };
    assert_eq!((&login.key, login.tokens.access_token.expose().as_str()), (&key, "dwm_1"));
    assert_eq!(login.tokens.expires_at.since(now()).as_secs().div_ceil(86_400), 90);
    let asked = &server.seen("/device_authorization")[0];
    assert_eq!((asked.field("client_id"), asked.field("scope")), ("doorward-mcp", "read"));
}

#[tokio::test]
async fn a_login_is_asked_about_at_its_organization_and_ended_at_the_server() {
    let server = server(vec![], |_| {});
    let login = waited(&server).await.0.unwrap();
    let folder = tempfile::tempdir().unwrap();
    let store = Store::at(folder.path().to_owned());
    store.keep(login.clone()).await.unwrap();
    let client = login.client("test/1").await.unwrap();
    assert_eq!(client.me(&login).await.unwrap().kind, "mcp");
    assert_eq!(client.identity(&login.tokens).await.unwrap(), None);
    assert!(store.end(&login.key, "test/1", false).await.unwrap().is_none());
    let ended = &server.seen("/api/v1/oauth/revoke")[0];
    assert_eq!((ended.field("token"), ended.field("client_id")), ("dwm_1", "doorward-mcp"));
}

#[tokio::test]
async fn what_would_renew_it_or_say_who_signed_in_is_not_kept() {
    let server = server(vec![], |all| {
        all["refresh_token"] = json!("rt");
        all["id_token"] = json!("a.b.c");
        all.as_object_mut().unwrap().remove("expires_in");
    });
    let tokens = waited(&server).await.0.unwrap().tokens;
    assert!(tokens.refresh_token.is_none() && tokens.id_token.is_none());
    assert_eq!(tokens.expires_at.since(now()).as_secs().div_ceil(86_400), 365, "a short guess would cost the sign-in");
}

#[tokio::test]
async fn each_end_is_told_apart() {
    let outcome = |code: &'static str| async move { waited(&server(vec![code], |_| {})).await.0 };
    assert!(matches!(outcome("access_denied").await, Err(Error::Denied)));
    assert!(matches!(outcome("expired_token").await, Err(Error::Expired)));
    assert!(matches!(outcome("invalid_grant").await, Err(Error::Refused { code, .. }) if code == "invalid_grant"));
}

#[tokio::test]
async fn an_organization_that_can_be_none_is_not_taken() {
    let changes: [fn(&mut Value); 5] = [
        |all| all["org_id"] = json!("../evil"),
        |all| all["org_id"] = json!("BETA"),
        |all| all["org_id"] = json!("be\u{202e}ta"),
        |all| all["org_id"] = json!(7),
        |all| drop(all.as_object_mut().unwrap().remove("org_id")),
    ];
    for (number, change) in changes.into_iter().enumerate() {
        let outcome = waited(&server(vec![], change)).await.0;
        assert!(matches!(outcome, Err(Error::Answer(_))), "{number}: {outcome:?}");
    }
}

#[tokio::test]
async fn a_server_that_calls_itself_otherwise_is_not_trusted() {
    let changes: [fn(&mut Value); 5] = [
        |all| all["issuer"] = json!("https://evil.example"),
        |all| all["issuer"] = json!(format!("{}/", all["issuer"].as_str().unwrap())),
        |all| all["token_endpoint"] = json!("http://127.0.0.1:1/token"),
        |all| all["revocation_endpoint"] = json!("http://evil.example/"),
        |all| all["device_authorization_endpoint"] = json!("file:///etc/passwd"),
    ];
    let discover =
        |server: Scripted| async move { Client::discover(&Issuer::of_server(&server.url()).unwrap(), PROGRAM).await };
    for (number, change) in changes.into_iter().enumerate() {
        let server = Scripted::start(move |request| {
            let mut all = description(&format!("http://{}", request.host));
            change(&mut all);
            Reply::Json(200, all)
        });
        let outcome = discover(server).await;
        assert!(matches!(outcome, Err(Error::Discovery(_))), "{number}: {outcome:?}");
    }
    let nothing = Scripted::start(|_| Reply::Json(404, json!({"error": "not_found"})));
    assert!(matches!(discover(nothing).await, Err(Error::Discovery(_))));
}

#[tokio::test]
async fn neither_secrets_nor_people_are_sent_to_another_server() {
    let changes: [fn(&mut Value); 6] = [
        |all| all["device_authorization_endpoint"] = json!("https://honest.example/api/v1/oauth/device_authorization"),
        |all| all["token_endpoint"] = json!("https://evil.example/token"),
        |all| all["revocation_endpoint"] = json!("https://evil.example/revoke"),
        |all| all["jwks_uri"] = json!("https://evil.example/jwks"),
        |all| all["verification_uri"] = json!("https://honest.example/device"),
        |all| all["verification_uri_complete"] = json!("https://honest.example/device?user_code=WDJB-MJHT"),
    ];
    for (number, change) in changes.into_iter().enumerate() {
        let server = Scripted::start(move |request| {
            let base = format!("http://{}", request.host);
            let mut all = description(&base);
            for (name, value) in [
                ("device_code", json!("dc")),
                ("user_code", json!("WDJB-MJHT")),
                ("verification_uri", json!(format!("{base}/device"))),
                ("expires_in", json!(900)),
            ] {
                all[name] = value;
            }
            change(&mut all);
            Reply::Json(200, all)
        });
        let outcome = match Client::discover(&Issuer::of_server(&server.url()).unwrap(), PROGRAM).await {
            Ok(client) => client.begin(None).await,
            Err(error) => Err(error),
        };
        assert_sent_nowhere(&format!("{number}"), outcome, &server);
    }
}
