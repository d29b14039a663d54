use super::*;
use crate::scripted::{Reply, Request, Scripted};
use crate::{Issuer, Program};
use serde_json::{Value, json};
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Instant as Clock;

pub(crate) const SECOND: Duration = Duration::from_millis(20);
const PROGRAM: Program<'_> = Program { client_id: "acme-cli", user_agent: "test/1" };

pub(crate) fn metadata(base: &str) -> Value {
    let issuer = format!("{base}/orgs/acme");
    json!({
        "issuer": issuer,
        "device_authorization_endpoint": format!("{issuer}/device_authorization"),
        "token_endpoint": format!("{issuer}/token"),
        "revocation_endpoint": format!("{issuer}/revoke"),
        "jwks_uri": format!("{issuer}/jwks"),
    })
}

fn refusal(code: &str) -> Reply {
    Reply::Json(400, json!({"error": code}))
}

fn granted() -> Reply {
    Reply::Json(200, json!({"access_token": "at", "token_type": "Bearer", "expires_in": 3600, "refresh_token": "rt"}))
}

/// A server that gives codes for `expires_in` seconds with an interval of 1, and answers polls one after another from `script`.
fn server(expires_in: u64, script: Vec<fn() -> Reply>) -> Scripted {
    let polls = AtomicUsize::new(0);
    Scripted::start(move |request| {
        answer(request, expires_in, &|| {
            script
                .get(polls.fetch_add(1, Ordering::SeqCst))
                .map_or_else(|| refusal("authorization_pending"), |reply| reply())
        })
    })
}

fn answer(request: &Request, expires_in: u64, poll: &dyn Fn() -> Reply) -> Reply {
    let base = format!("http://{}", request.host);
    match request.path.as_str() {
        "/.well-known/oauth-authorization-server/orgs/acme" => Reply::Json(200, metadata(&base)),
        "/orgs/acme/device_authorization" => Reply::Json(
            200,
            json!({
                "device_code": "dc", "user_code": "WDJB-MJHT", "verification_uri": format!("{base}/orgs/acme/device"),
                "expires_in": expires_in, "interval": 1,
            }),
        ),
        "/orgs/acme/token" => poll(),
        _ => Reply::Json(404, json!({})),
    }
}

async fn begun(server: &Scripted) -> (Client, DeviceLogin) {
    let issuer = Issuer::new(&server.url(), "acme").unwrap();
    let mut client = Client::discover(&issuer, PROGRAM).await.unwrap();
    client.second = SECOND;
    let login = client.begin(Some("openid")).await.unwrap();
    (client, login)
}

/// Waits, and gives what came of it with what happened meanwhile and when.
async fn waited(server: &Scripted) -> (Result<Login, Error>, Vec<Event>) {
    let (client, login) = begun(server).await;
    told(&client, &login).await
}

pub(crate) async fn told(client: &Client, login: &DeviceLogin) -> (Result<Login, Error>, Vec<Event>) {
    let events = Mutex::new(Vec::new());
    let outcome = client.wait(login, |event| events.lock().unwrap().push(event)).await;
    (outcome, events.into_inner().unwrap())
}

#[test]
fn the_pace_follows_the_rfc() {
    let s = Duration::from_secs;
    let mut pace = Pace::new(s(5), s(1));
    assert_eq!(pace.pause, s(5));
    pace.slow_down(Longer::ByFive);
    assert_eq!(pace.pause, s(10));
    pace.pending();
    assert_eq!(pace.pause, s(10), "a longer interval stays");
    pace.slow_down(Longer::ByFive);
    assert_eq!(pace.pause, s(15));

    let doubling: Vec<_> = std::iter::repeat_with(|| {
        pace.away(None);
        pace.pause
    })
    .take(4)
    .collect();
    assert_eq!(doubling, [s(30), s(60), s(60), s(60)]);
    pace.pending();
    assert_eq!(pace.pause, s(15), "the server is back");
    pace.away(Some(s(120)));
    assert_eq!(pace.pause, s(120), "it said when");
    pace.pending();
    pace.away(Some(s(1)));
    assert_eq!(pace.pause, s(30), "a short Retry-After does not shorten the pause");
    pace.away(Some(Duration::MAX));
    assert!(pace.pause > s(1_000_000));
}

#[test]
fn the_pace_follows_what_the_server_says_but_never_quickens() {
    let s = Duration::from_secs;
    let told = |interval, retry_after: Option<u64>| Longer::Told { interval, retry_after: retry_after.map(s) };
    let mut pace = Pace::new(s(5), s(1));
    for (longer, interval, pause) in [
        (told(Some(10), Some(10)), 10, 10),
        (told(Some(20), Some(25)), 20, 25),
        (told(Some(0), Some(0)), 20, 20),
        (told(None, None), 40, 40),
        (told(Some(u64::MAX), None), u64::from(u32::MAX), u64::from(u32::MAX)),
    ] {
        pace.slow_down(longer);
        assert_eq!((pace.interval, pace.pause), (s(interval), s(pause)), "{longer:?}");
        pace.pending();
        assert_eq!(pace.pause, s(interval));
    }
}

#[tokio::test]
async fn waits_an_interval_between_polls_and_longer_after_slow_down() {
    let server = server(
        600,
        vec![
            || refusal("authorization_pending"),
            || refusal("slow_down"),
            || refusal("authorization_pending"),
            granted,
        ],
    );
    #[expect(clippy::disallowed_methods, reason = "this test is about how long something takes")]
    let began = Clock::now();
    let (outcome, events) = waited(&server).await;
    let tokens = outcome.unwrap().tokens;
    assert_eq!((tokens.access_token.expose().as_str(), tokens.scope.as_str()), ("at", "openid"));
    assert_eq!(events, [Event::Pending, Event::SlowDown { interval: SECOND * 6 }, Event::Pending]);
    // 1 + 1 + 6 + 6 seconds of the shortened kind.
    assert!(began.elapsed() >= SECOND * 14, "{:?}", began.elapsed());

    let polls = server.seen("/token");
    assert_eq!(polls.len(), 4);
    for poll in polls {
        assert_eq!(poll.method, "POST");
        assert_eq!(poll.field("grant_type"), "urn:ietf:params:oauth:grant-type:device_code");
        assert_eq!((poll.field("device_code"), poll.field("client_id")), ("dc", "acme-cli"));
    }
}

#[tokio::test]
async fn a_server_that_is_away_or_busy_is_asked_again() {
    let server = server(
        600,
        vec![
            || Reply::HangUp,
            || Reply::RetryAfter(503, 7),
            || Reply::Json(500, json!("<html>")),
            || Reply::RetryAfter(429, 3),
            || refusal("authorization_pending"),
            granted,
        ],
    );
    let (outcome, events) = waited(&server).await;
    assert!(outcome.is_ok(), "{outcome:?}");
    let away = |seconds| Event::Away { again_in: SECOND * seconds };
    assert_eq!(events, [away(2), away(7), away(14), away(28), Event::Pending]);
}

#[tokio::test]
async fn a_restart_of_the_server_is_survived() {
    let first = server(600, vec![]);
    let address = first.address;
    let (client, login) = begun(&first).await;
    drop(first);
    let waiting = tokio::spawn(async move {
        let events = Mutex::new(Vec::new());
        let outcome = client.wait(&login, |event| events.lock().unwrap().push(event)).await;
        (outcome, events.into_inner().unwrap())
    });
    tokio::time::sleep(SECOND * 5).await;
    let again = Scripted::start_at(address, |request| answer(request, 600, &granted));
    let (outcome, events) = waiting.await.unwrap();
    assert!(outcome.is_ok(), "{outcome:?}");
    assert_eq!(events.first(), Some(&Event::Away { again_in: SECOND * 2 }));
    assert_eq!(again.seen("/token").len(), 1);
}

#[tokio::test]
async fn each_end_is_told_apart() {
    let outcome = |reply: fn() -> Reply| async move { waited(&server(600, vec![reply])).await.0 };
    assert!(matches!(outcome(|| refusal("access_denied")).await, Err(Error::Denied)));
    assert!(matches!(outcome(|| refusal("expired_token")).await, Err(Error::Expired)));
    assert!(
        matches!(outcome(|| refusal("invalid_grant")).await, Err(Error::Refused { code, .. }) if code == "invalid_grant")
    );
    assert!(matches!(
        outcome(|| Reply::Json(401, json!({"error": "invalid_client"}))).await,
        Err(Error::Refused { .. })
    ));
    assert!(matches!(
        outcome(|| Reply::Json(200, json!({"access_token": "x", "token_type": "mac"}))).await,
        Err(Error::Answer(_))
    ));
    assert!(matches!(outcome(|| Reply::Json(200, json!([]))).await, Err(Error::Answer(_))));
}

#[tokio::test]
async fn a_redirect_is_not_followed() {
    let elsewhere = server(600, vec![granted]);
    let target = format!("{}/orgs/acme/token", elsewhere.url());
    let server = Scripted::start(move |request| answer(request, 600, &|| Reply::Redirect(target.clone())));
    assert!(matches!(waited(&server).await.0, Err(Error::Answer(_))));
    assert!(elsewhere.seen("/token").is_empty());
}

#[tokio::test]
async fn waiting_ends_with_the_codes() {
    let server = server(4, vec![]);
    let (outcome, events) = waited(&server).await;
    assert!(matches!(outcome, Err(Error::Expired)));
    assert!((1..=3).contains(&events.len()), "{events:?}");
}

#[tokio::test]
async fn beginning_tells_a_limit_from_a_refusal() {
    for (reply, limited) in [(429, true), (400, false)] {
        let server = Scripted::start(move |request| match request.path.as_str() {
            "/orgs/acme/device_authorization" if reply == 429 => Reply::RetryAfter(429, 30),
            "/orgs/acme/device_authorization" => refusal("unauthorized_client"),
            _ => answer(request, 1, &granted),
        });
        let client = Client::discover(&Issuer::new(&server.url(), "acme").unwrap(), PROGRAM).await.unwrap();
        match client.begin(None).await {
            Err(Error::Limited { retry_after }) => assert!(limited && retry_after == Some(Duration::from_secs(30))),
            Err(Error::Refused { code, .. }) => assert!(!limited && code == "unauthorized_client"),
            other => panic!("{other:?}"),
        }
    }
}

#[tokio::test]
async fn a_server_that_calls_itself_otherwise_is_not_trusted() {
    type Change = fn(&mut Value);
    let changes: [(&str, Change); 4] = [
        ("another issuer", |all| all["issuer"] = json!("https://evil.example/orgs/acme")),
        ("a slash more", |all| all["issuer"] = json!(format!("{}/", all["issuer"].as_str().unwrap()))),
        ("an endpoint in the clear", |all| all["token_endpoint"] = json!("http://evil.example/token")),
        ("keys in the clear", |all| all["jwks_uri"] = json!("http://evil.example/jwks")),
    ];
    for (what, change) in changes {
        let server = Scripted::start(move |request| {
            let mut all = metadata(&format!("http://{}", request.host));
            change(&mut all);
            Reply::Json(200, all)
        });
        let issuer = Issuer::new(&server.url(), "acme").unwrap();
        assert!(matches!(Client::discover(&issuer, PROGRAM).await, Err(Error::Discovery(_))), "{what}");
    }
    let nothing = Scripted::start(|_| Reply::Json(404, json!({"error": "not_found"})));
    let issuer = Issuer::new(&nothing.url(), "acme").unwrap();
    assert!(matches!(Client::discover(&issuer, PROGRAM).await, Err(Error::NoOrganization)));
}
