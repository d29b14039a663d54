use super::*;
use crate::evil_tests::assert_sent_nowhere;
use crate::poll::tests::{SECOND, told};
use crate::scripted::{Reply, Request, Scripted};
use crate::{Event, LoginKey, Store};
use serde_json::{Value, json};
use std::sync::atomic::{AtomicUsize, Ordering};

type Change = fn(&mut Value);

const RIGHT: Change = |_| {};

fn refusal(status: u16, code: &str) -> Reply {
    Reply::Json(status, json!({"code": code, "error": "A sentence.", "request_id": "r1"}))
}

fn slow_down(interval: u64, retry_after: u64) -> Reply {
    let body = json!({"code": "SLOW_DOWN", "error": "Too soon.", "request_id": "r1", "interval": interval});
    Reply::JsonRetryAfter(429, retry_after, body)
}

fn granted() -> Reply {
    Reply::Json(200, key())
}

fn key() -> Value {
    json!({
        "access_token": "dwk_1", "token_type": "bearer", "api_key": "dwk_1", "org_id": "beta", "scopes": ["read", "write"],
    })
}

/// A server whose codes are right but for a change, and whose polls are answered one after another from `script`.
fn server(codes: Change, script: Vec<fn() -> Reply>) -> Scripted {
    let polls = AtomicUsize::new(0);
    Scripted::start(move |request: &Request| match (request.method.as_str(), request.path.as_str()) {
        ("POST", "/api/auth/device/code") => {
            let page = format!("http://{}/device", request.host);
            let mut answer = json!({
                "device_code": "dc", "user_code": "WDJB-MJHT", "verification_uri": page,
                "verification_uri_complete": format!("{page}?code=WDJB-MJHT"), "expires_in": 900, "interval": 1,
            });
            codes(&mut answer);
            Reply::Json(200, answer)
        }
        ("POST", "/api/auth/device/token") => script
            .get(polls.fetch_add(1, Ordering::SeqCst))
            .map_or_else(|| refusal(202, "AUTHORIZATION_PENDING"), |reply| reply()),
        _ => Reply::Json(404, json!({"error": "not_found"})),
    })
}

fn client(server: &Scripted) -> Client {
    let mut client = Client::for_keys(&Issuer::of_server(&server.url()).unwrap(), " Acme CLI ", "test/1").unwrap();
    client.second = SECOND;
    client
}

async fn waited(server: &Scripted) -> (Result<Login, Error>, Vec<Event>) {
    let client = client(server);
    let codes = client.begin(Some("read")).await.unwrap();
    told(&client, &codes).await
}

fn kept(server: &Scripted) -> Login {
    let tokens = Tokens {
        access_token: Secret::new("dwk_1".to_owned()),
        expires_at: now().after(Duration::from_secs(600)),
        refresh_token: None,
        id_token: None,
        scope: "read".to_owned(),
    };
    client(server).login_to("beta", tokens).unwrap()
}

#[tokio::test]
async fn a_key_comes_with_the_organization_that_the_person_picked() {
    let server = server(RIGHT, vec![granted]);
    let client = client(&server);
    let codes = client.begin(None).await.unwrap();
    assert_eq!(codes.user_code, "WDJB-MJHT");
    assert_eq!(codes.verification_uri_complete.as_deref(), Some(&*format!("{}/device?code=WDJB-MJHT", server.url())));
    let login = client.wait(&codes, |_| {}).await.unwrap();
    let key =
        LoginKey { server: server.url(), org: "beta".to_owned(), dialect: Dialect::ApiKey, client_id: String::new() };
    assert_eq!(login.key, key);
    assert_eq!((login.tokens.access_token.expose().as_str(), login.tokens.scope.as_str()), ("dwk_1", "read write"));
    assert_eq!(login.tokens.expires_at.since(now()).as_secs().div_ceil(86_400), 365);
    assert_eq!(server.seen("/code")[0].json, json!({"client_name": "Acme CLI"}));
    assert_eq!(server.seen("/token")[0].json, json!({"device_code": "dc"}));
}

#[tokio::test]
async fn waits_as_long_as_it_is_told() {
    let script: Vec<fn() -> Reply> = vec![
        || refusal(202, "AUTHORIZATION_PENDING"),
        || slow_down(2, 4),
        || slow_down(1, 0),
        || Reply::RetryAfter(503, 3),
        || refusal(429, "RATE_LIMITED"),
        || Reply::HangUp,
        || refusal(202, "AUTHORIZATION_PENDING"),
        granted,
    ];
    let server = server(RIGHT, script);
    #[expect(clippy::disallowed_methods, reason = "this test is about how long something takes")]
    let began = std::time::Instant::now();
    let (outcome, events) = waited(&server).await;
    assert!(outcome.is_ok(), "{outcome:?}");
    let away = |seconds| Event::Away { again_in: SECOND * seconds };
    let slow = Event::SlowDown { interval: SECOND * 2 };
    assert_eq!(events, [Event::Pending, slow, slow, away(4), away(8), away(16), Event::Pending]);
    // 1 + 1 + 4 + 2 + 4 + 8 + 16 + 2 seconds of the shortened kind.
    assert!(began.elapsed() >= SECOND * 38, "{:?}", began.elapsed());
    assert_eq!(server.seen("/code")[0].json, json!({"client_name": "Acme CLI", "scope": "read"}));
}

#[tokio::test]
async fn each_end_is_told_apart() {
    let outcome = |reply: fn() -> Reply| async move { waited(&server(RIGHT, vec![reply])).await.0 };
    assert!(matches!(outcome(|| refusal(403, "ACCESS_DENIED")).await, Err(Error::Denied)));
    assert!(matches!(outcome(|| refusal(410, "EXPIRED_TOKEN")).await, Err(Error::Expired)));
    assert!(
        matches!(outcome(|| refusal(400, "INVALID_REQUEST")).await, Err(Error::Refused { code, .. }) if code == "INVALID_REQUEST")
    );
    assert!(matches!(outcome(|| Reply::Json(403, json!("<html>"))).await, Err(Error::Answer(_))));
    assert!(matches!(outcome(|| Reply::Json(200, json!({"code": "APPROVED"}))).await, Err(Error::Answer(_))));
}

#[tokio::test]
async fn beginning_tells_why_there_are_no_codes() {
    let outcome = |reply: fn() -> Reply| async move {
        let server = Scripted::start(move |_| reply());
        client(&server).begin(None).await
    };
    match outcome(|| refusal(403, "FORBIDDEN")).await {
        Err(Error::Refused { code, description }) => {
            assert_eq!((code.as_str(), description.as_deref()), ("FORBIDDEN", Some("A sentence.")));
        }
        other => panic!("{other:?}"),
    }
    let limited = outcome(|| Reply::JsonRetryAfter(429, 30, json!({"code": "RATE_LIMITED", "error": "x"}))).await;
    assert!(matches!(limited, Err(Error::Limited { retry_after: Some(span) }) if span.as_secs() == 30));
    assert!(matches!(outcome(|| Reply::Json(404, json!({"error": "not_found"}))).await, Err(Error::Discovery(_))));
    assert!(matches!(outcome(|| refusal(503, "TEMPORARILY_UNAVAILABLE")).await, Err(Error::Unavailable { .. })));
}

#[test]
fn a_name_has_1_to_80_characters() {
    let named = |name: &str| Client::for_keys(&Issuer::of_server("https://auth.example").unwrap(), name, "test/1");
    for good in ["a", &"é".repeat(80)] {
        assert!(named(good).is_ok(), "{good}");
    }
    for bad in ["", "  ", &"é".repeat(81)] {
        assert!(matches!(named(bad), Err(Error::Address(_))), "{bad}");
    }
}

#[tokio::test]
async fn a_key_is_presented_to_its_organization_and_ended_there() {
    let server = Scripted::start(|request| match (request.method.as_str(), request.authorization.as_deref()) {
        ("GET", Some("Bearer dwk_1")) => Reply::Json(
            200,
            json!({"sub": "u1", "org_id": "beta", "client_id": "c", "scope": "read", "kind": "api_key", "exp": 1}),
        ),
        ("DELETE", Some("Bearer dwk_1")) => Reply::Json(204, json!({})),
        _ => Reply::Json(401, json!({"error": "invalid_token"})),
    });
    let login = kept(&server);
    let folder = tempfile::tempdir().unwrap();
    let store = Store::at(folder.path().to_owned());
    store.keep(login.clone()).await.unwrap();
    assert_eq!(store.fresh(&login.key, "test/1").await.unwrap().tokens.access_token.expose(), "dwk_1");
    assert!(server.seen("").is_empty());

    let client = login.client("test/1").await.unwrap();
    assert_eq!(client.me(&login).await.unwrap().kind, "api_key");
    assert!(store.end(&login.key, "test/1", false).await.unwrap().is_none());
    assert!(store.get(&login.key).unwrap().is_none());
    let asked = server.seen("/orgs/beta/api/v1/me");
    assert_eq!(asked.iter().map(|request| request.method.as_str()).collect::<Vec<_>>(), ["GET", "DELETE"]);

    let mut ended = login;
    ended.tokens.access_token = Secret::new("dwk_0".to_owned());
    assert!(client.revoke(&ended).await.is_ok(), "what is not good any more has ended");
    let broken = Scripted::start(|_| Reply::RetryAfter(503, 1));
    assert!(matches!(
        kept(&broken).client("test/1").await.unwrap().revoke(&ended).await,
        Err(Error::Unavailable { .. })
    ));
}

#[tokio::test]
async fn nobody_is_sent_to_a_page_that_is_not_the_servers_nor_shown_a_code_that_is_none() {
    let changes: [(Change, bool); 9] = [
        (|all| all["verification_uri"] = json!("https://honest.example/device"), true),
        (|all| all["verification_uri_complete"] = json!("https://honest.example/device?code=WDJB-MJHT"), true),
        (|all| all["verification_uri"] = json!("http://evil.example/device"), true),
        (|all| all["verification_uri"] = json!("https://auth.example\u{1b}[8m.evil.example/"), true),
        (|all| all["verification_uri_complete"] = json!("javascript:alert(1)"), true),
        (|all| all["verification_uri_complete"] = json!("https://auth.example@evil.example/"), true),
        (|all| all["user_code"] = json!("WDJB\u{202e}THJM"), false),
        (|all| all["user_code"] = json!("W".repeat(65)), false),
        (|all| all["device_code"] = json!("d\r\nc"), false),
    ];
    for (number, (change, is_page)) in changes.into_iter().enumerate() {
        let server = server(change, vec![]);
        let outcome = client(&server).begin(None).await;
        if is_page {
            assert_sent_nowhere(&format!("{number}"), outcome, &server);
        } else {
            assert!(matches!(outcome, Err(Error::Answer(_))), "{number}: {outcome:?}");
        }
    }
}

#[tokio::test]
async fn a_key_that_may_not_stand_in_a_header_or_an_address_is_not_taken() {
    let answers: [fn() -> Reply; 10] = [
        || with("access_token", json!("dwk\r\nX-Evil: 1")),
        || with("access_token", json!("")),
        || with("access_token", json!("a".repeat(16 * 1024 + 1))),
        || with("api_key", json!("dwk_2")),
        || with("token_type", json!("mac")),
        || with("org_id", json!("../../evil")),
        || with("org_id", json!("beta/api/v1/me?")),
        || with("org_id", json!("be\u{1b}[2Jta")),
        || with("org_id", json!(null)),
        || Reply::Json(200, json!({"access_token": "x".repeat(2 * 1024 * 1024)})),
    ];
    for (number, reply) in answers.into_iter().enumerate() {
        let outcome = waited(&server(RIGHT, vec![reply])).await.0;
        assert!(matches!(outcome, Err(Error::Answer(_))), "{number}: {outcome:?}");
    }
    let tricks = server(RIGHT, vec![|| with("scopes", json!(["re\u{1b}[2Jad", "\u{202e}write"]))]);
    assert_eq!(waited(&tricks).await.0.unwrap().tokens.scope, "re[2Jad write");
}

fn with(name: &str, value: Value) -> Reply {
    let mut all = key();
    all[name] = value.clone();
    if name == "access_token" {
        all["api_key"] = value;
    }
    Reply::Json(200, all)
}

#[tokio::test]
async fn a_redirect_is_not_followed() {
    let elsewhere = server(RIGHT, vec![granted]);
    let target = format!("{}/api/auth/device/token", elsewhere.url());
    let moved = Scripted::start(move |_| Reply::Redirect(target.clone()));
    assert!(matches!(client(&moved).begin(None).await, Err(Error::Answer(_))));
    assert!(matches!(client(&moved).poll_key("dc").await.err(), Some(Error::Answer(_))));
    assert!(client(&moved).revoke(&kept(&moved)).await.is_err());
    assert!(elsewhere.seen("").is_empty());
}

#[tokio::test]
async fn a_refusal_is_told_without_what_plays_with_the_terminal() {
    let server = Scripted::start(|_| {
        let sentence = format!("\u{202e}\u{9b}31m{}", "x".repeat(100_000));
        Reply::Json(403, json!({"code": "EVIL\u{1b}[2J", "error": sentence, "request_id": "\u{7}"}))
    });
    match client(&server).begin(None).await {
        Err(error @ Error::Refused { .. }) => crate::evil_tests::assert_plain(&error.to_string()),
        other => panic!("{other:?}"),
    }
}
