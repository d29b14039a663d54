//! Sign-ins at the server itself, where the person picks the organization: `--dialect mcp` and `--dialect api_key`.

use crate::scripted::{Reply, Request, Scripted};
use crate::support::{Home, Poll, Ran, acme};
use serde_json::{Value, json};
use std::fs;
use std::sync::atomic::{AtomicUsize, Ordering};

const DAY: i64 = 86_400;

/// A server at which somebody picks `beta`: the polls of both dialects are answered one after another from `polls`, then
/// by a token or key.
fn beta(polls: Vec<Reply>) -> Scripted {
    beta_but(polls, |_| {})
}

/// The same, with a change to each answer.
fn beta_but(polls: Vec<Reply>, change: impl Fn(&mut Value) + Send + Sync + 'static) -> Scripted {
    let polled = AtomicUsize::new(0);
    Scripted::start(move |request| {
        let is_poll = request.path.ends_with("/token");
        if let Some(reply) = polls.get(polled.fetch_add(usize::from(is_poll), Ordering::SeqCst)).filter(|_| is_poll) {
            return again(reply);
        }
        let Some(mut answer) = answered(request) else {
            return Reply::Json(401, json!({"error": "invalid_token"}));
        };
        change(&mut answer);
        Reply::Json(200, answer)
    })
}

fn answered(request: &Request) -> Option<Value> {
    let base = format!("http://{}", request.host);
    let codes = json!({
        "device_code": "dc", "user_code": "WDJB-MJHT", "verification_uri": format!("{base}/device"),
        "verification_uri_complete": format!("{base}/device?code=WDJB-MJHT"), "expires_in": 900, "interval": 1,
    });
    let me = |kind: &str, client_id: Option<&str>| {
        json!({
            "sub": "u1", "email": "ada@acme.example", "org_id": "beta", "client_id": client_id, "scope": "read",
            "kind": kind, "exp": client::now().seconds() + 90 * DAY,
        })
    };
    match (request.path.as_str(), request.authorization.as_deref()) {
        ("/.well-known/oauth-authorization-server", _) => Some(json!({
            "issuer": base,
            "device_authorization_endpoint": format!("{base}/api/v1/oauth/device_authorization"),
            "token_endpoint": format!("{base}/api/v1/oauth/token"),
            "revocation_endpoint": format!("{base}/api/v1/oauth/revoke"),
        })),
        ("/api/v1/oauth/device_authorization" | "/api/auth/device/code", _) => Some(codes),
        ("/api/v1/oauth/token", _) => Some(json!({
            "access_token": "dwm_1", "token_type": "Bearer", "expires_in": 90 * DAY, "scope": "read", "org_id": "beta",
        })),
        ("/api/auth/device/token", _) => Some(json!({
            "access_token": "dwk_1", "token_type": "bearer", "api_key": "dwk_1", "org_id": "beta",
            "scopes": ["read", "write"],
        })),
        ("/api/v1/oauth/revoke", _) => Some(json!({})),
        ("/orgs/beta/api/v1/me", Some("Bearer dwm_1")) => Some(me("mcp", Some("doorward-mcp"))),
        ("/orgs/beta/api/v1/me", Some("Bearer dwk_1")) => Some(me("api_key", None)),
        _ => None,
    }
}

/// A reply of the script, which may be asked for by more than one test's server.
fn again(reply: &Reply) -> Reply {
    match reply {
        Reply::Json(status, value) => Reply::Json(*status, value.clone()),
        Reply::RetryAfter(status, seconds) => Reply::RetryAfter(*status, *seconds),
        Reply::JsonRetryAfter(status, seconds, value) => Reply::JsonRetryAfter(*status, *seconds, value.clone()),
        Reply::Redirect(to) => Reply::Redirect(to.clone()),
        Reply::HangUp => Reply::HangUp,
    }
}

fn told(status: u16, code: &str) -> Reply {
    Reply::Json(status, json!({"code": code, "error": "A sentence.", "request_id": "r1"}))
}

fn login(home: &Home, server: &Scripted, dialect: &str, more: &[&str]) -> Ran {
    home.run(&[&["login", "--server", &server.url(), "--dialect", dialect][..], more].concat())
}

fn signed_in(server: &Scripted, dialect: &str) -> Home {
    let home = Home::new();
    let ran = login(&home, server, dialect, &[]);
    assert_eq!(ran.exit, 0, "{ran:?}");
    home
}

#[test]
fn an_mcp_token_is_told_in_the_same_lines_and_used_by_the_same_commands() {
    let server = beta(vec![
        Reply::Json(400, json!({"error": "authorization_pending"})),
        Reply::Json(400, json!({"error": "slow_down"})),
    ]);
    let home = Home::new();
    let ran = login(&home, &server, "mcp", &[]);
    assert_eq!(ran.exit, 0, "{ran:?}");
    let mut lines = ran.lines();
    let lasts = lines[2]["expires_at"].take().as_i64().unwrap() - client::now().seconds();
    assert!((lasts - 90 * DAY).abs() < 30, "{lasts}");
    let url = server.url();
    assert_eq!(
        lines,
        [
            json!({
                "event": "code", "user_code": "WDJB-MJHT", "verification_uri": format!("{url}/device"),
                "verification_uri_complete": format!("{url}/device?code=WDJB-MJHT"), "expires_in": 900, "interval": 1,
            }),
            json!({"event": "slow_down", "interval": 6}),
            json!({
                "event": "done", "server": url, "org_id": "beta", "dialect": "mcp", "client_id": "doorward-mcp",
                "sub": "u1", "email": "ada@acme.example", "scope": "read", "expires_at": null,
            }),
        ]
    );
    let asked = &server.seen("/device_authorization")[0];
    assert_eq!((asked.field("client_id"), asked.field("scope")), ("doorward-mcp", "read"));

    assert_eq!(home.run(&["token"]).out, "dwm_1\n");
    let who = &home.run(&["whoami", "--org", "beta"]).lines()[0];
    assert_eq!((&who["dialect"], &who["me"]["kind"], &who["claims"]), (&json!("mcp"), &json!("mcp"), &json!(null)));
    let ran = home.run(&["logout"]);
    assert_eq!((ran.exit, &ran.lines()[0]["revoked"]), (0, &json!(true)), "{ran:?}");
    let ended = &server.seen("/api/v1/oauth/revoke")[0];
    assert_eq!((ended.field("token"), ended.field("client_id")), ("dwm_1", "doorward-mcp"));
    assert_eq!(home.run(&["token"]).exit, 3);
}

#[test]
fn an_api_key_is_told_in_the_same_lines_and_used_by_the_same_commands() {
    let slow = json!({"code": "SLOW_DOWN", "error": "Too soon.", "request_id": "r1", "interval": 2});
    let server = beta(vec![told(202, "AUTHORIZATION_PENDING"), Reply::JsonRetryAfter(429, 2, slow)]);
    let home = Home::new();
    let ran = login(&home, &server, "api_key", &[]);
    assert_eq!(ran.exit, 0, "{ran:?}");
    let mut lines = ran.lines();
    let lasts = lines[2]["expires_at"].take().as_i64().unwrap() - client::now().seconds();
    assert!((lasts - 90 * DAY).abs() < 30, "the server was asked when it ends: {lasts}");
    assert_eq!((&lines[0]["event"], &lines[0]["user_code"]), (&json!("code"), &json!("WDJB-MJHT")));
    assert_eq!(lines[1], json!({"event": "slow_down", "interval": 2}));
    assert_eq!(
        lines[2],
        json!({
            "event": "done", "server": server.url(), "org_id": "beta", "dialect": "api_key", "client_id": null, "sub": "u1",
            "email": "ada@acme.example", "scope": "read write", "expires_at": null,
        })
    );
    let asked = &server.seen("/api/auth/device/code")[0].json;
    assert!(asked["client_name"].as_str().unwrap().starts_with("doorward") && asked.get("scope").is_none(), "{asked}");

    assert_eq!(home.run(&["token"]).out, "dwk_1\n");
    assert_eq!(home.run(&["whoami"]).lines()[0]["me"]["kind"], "api_key");
    let ran = home.run(&["logout"]);
    assert_eq!((ran.exit, &ran.lines()[0]["dialect"]), (0, &json!("api_key")), "{ran:?}");
    let ended = server.seen("/orgs/beta/api/v1/me").pop().unwrap();
    assert_eq!((ended.method.as_str(), ended.authorization.as_deref()), ("DELETE", Some("Bearer dwk_1")));
    assert_eq!(home.run(&["token"]).exit, 3);
}

#[test]
fn name_and_scope_may_be_chosen() {
    let server = beta(vec![]);
    let home = Home::new();
    let ran = login(&home, &server, "api_key", &["--client-name", "Nightly build", "--scope", "read"]);
    assert_eq!(ran.exit, 0, "{ran:?}");
    assert_eq!(server.seen("/api/auth/device/code")[0].json, json!({"client_name": "Nightly build", "scope": "read"}));
    let ran = login(&home, &server, "mcp", &["--client-id", "acme-mcp", "--scope", "read:financial"]);
    assert_eq!(ran.exit, 0, "{ran:?}");
    let asked = &server.seen("/device_authorization")[0];
    assert_eq!((asked.field("client_id"), asked.field("scope")), ("acme-mcp", "read:financial"));
    let acme = acme(600, vec![Poll::Granted { lasts: 3600 }]);
    assert_eq!(login(&home, &acme, "rfc8628", &["--org", "acme", "--scope", "openid"]).exit, 0);
    assert_eq!(acme.seen("/device_authorization")[0].field("scope"), "openid");
}

#[test]
fn each_end_of_a_key_has_its_event_and_exit_code() {
    for (reply, exit, error, sentence) in [
        (told(403, "ACCESS_DENIED"), 3, "access_denied", "--dialect api_key"),
        (told(410, "EXPIRED_TOKEN"), 3, "expired_token", "--dialect api_key"),
        (told(400, "INVALID_REQUEST"), 1, "INVALID_REQUEST", "A sentence."),
    ] {
        let server = beta(vec![reply]);
        let home = Home::new();
        let ran = login(&home, &server, "api_key", &[]);
        let last = ran.lines().pop().unwrap();
        assert_eq!((ran.exit, &last["event"], &last["error"]), (exit, &json!("error"), &json!(error)), "{ran:?}");
        assert!(ran.err.contains(sentence), "{ran:?}");
        assert!(!home.credentials().exists());
    }
}

#[test]
fn what_stops_these_logins_before_they_begin() {
    let closed = Scripted::start(|_| told(403, "FORBIDDEN"));
    let busy = Scripted::start(|_| Reply::JsonRetryAfter(429, 30, json!({"code": "RATE_LIMITED", "error": "x"})));
    let other = Scripted::start(|_| Reply::Json(404, json!({"error": "not_found"})));
    let (closed, busy, other, long) = (closed.url(), busy.url(), other.url(), "x".repeat(81));
    for (args, exit, sentence) in [
        (vec!["--dialect", "api_key", "--server", &closed], 1, "DOORWARD_UNREGISTERED_CLIENTS"),
        (vec!["--dialect", "api_key", "--server", &busy], 4, "Try again in 30 seconds"),
        (vec!["--dialect", "api_key", "--server", &other], 1, "does not offer API keys"),
        (vec!["--dialect", "mcp", "--server", &other], 1, "does not offer MCP tokens"),
        (vec!["--dialect", "mcp", "--server", "http://auth.example"], 2, "https://"),
        (vec!["--dialect", "api_key", "--client-name", &long], 2, "1 to 80 characters"),
        (vec!["--dialect", "api_key", "--client-id", "x"], 2, "--client-name"),
        (vec!["--dialect", "mcp", "--client-name", "x"], 2, "--client-id"),
    ] {
        let ran = Home::new().run(&[&["login"][..], &args].concat());
        assert_eq!(ran.exit, exit, "{args:?} {ran:?}");
        assert!(ran.err.contains(sentence), "{args:?} {ran:?}");
        assert_eq!(ran.lines().pop().unwrap()["event"], "error");
    }
}

#[test]
fn a_key_that_has_expired_says_so_and_can_still_be_removed() {
    for (dialect, secret) in [("mcp", "dwm_1"), ("api_key", "dwk_1")] {
        let server = beta(vec![]);
        let home = signed_in(&server, dialect);
        let mut kept: Value = serde_json::from_slice(&fs::read(home.credentials()).unwrap()).unwrap();
        assert_eq!(
            (&kept["logins"][0]["dialect"], &kept["logins"][0]["access_token"]),
            (&json!(dialect), &json!(secret))
        );
        kept["logins"][0]["expires_at"] = json!(client::now().seconds() - 1);
        fs::write(home.credentials(), kept.to_string()).unwrap();
        for command in ["token", "whoami"] {
            let ran = home.run(&[command]);
            assert_eq!(ran.exit, 3, "{ran:?}");
            assert!(!ran.out.contains(secret), "{ran:?}");
            assert!(ran.err.contains("has expired") && ran.err.contains(&format!("--dialect {dialect}")), "{ran:?}");
        }
        assert_eq!(home.run(&["logout"]).exit, 0);
    }
}

#[test]
fn an_organization_other_than_the_one_named_is_said_plainly() {
    let server = beta(vec![]);
    let home = Home::new();
    let ran = login(&home, &server, "mcp", &["--org", "beta"]);
    assert!(!ran.err.contains("not beta") && !ran.err.contains("--org"), "{ran:?}");
    let ran = login(&home, &server, "mcp", &["--org", "acme"]);
    assert_eq!((ran.exit, &ran.lines().pop().unwrap()["org_id"]), (0, &json!("beta")), "{ran:?}");
    assert!(ran.err.contains("beta, and not acme, which --org names") && ran.err.contains("say --org beta"), "{ran:?}");

    let ambient = |args: &[&str]| {
        Ran::from(
            home.doorward(args).env("DOORWARD_ORG", "acme").env("DOORWARD_SERVER", server.url()).output().unwrap(),
        )
    };
    let ran = ambient(&["login", "--dialect", "api_key"]);
    assert!(ran.err.contains("beta, and not acme, which DOORWARD_ORG names"), "{ran:?}");
    let ran = ambient(&["token"]);
    assert_eq!((ran.exit, ran.out.as_str()), (3, ""), "{ran:?}");
    assert!(ran.err.contains("to acme, the organization that DOORWARD_ORG names, at http://"), "{ran:?}");
    assert_eq!(ambient(&["token", "--org", "beta"]).out, "dwk_1\n");
    let ran = ambient(&["token", "--org", "gamma"]);
    assert!(ran.err.contains("Nobody is signed in to gamma at http://"), "{ran:?}");
}

#[test]
fn sign_ins_of_several_dialects_are_kept_side_by_side() {
    let (server, other) = (beta(vec![]), acme(600, vec![Poll::Granted { lasts: 3600 }]));
    let home = Home::signed_in(&other);
    for dialect in ["mcp", "api_key"] {
        assert_eq!(login(&home, &server, dialect, &[]).exit, 0);
    }
    let token = |args: &[&str]| home.run(&[&["token"][..], args].concat()).out;
    assert_eq!(token(&[]), "dwk_1\n", "the last one is the current one");
    for (dialect, expected) in [("rfc8628", "at1\n"), ("mcp", "dwm_1\n"), ("api_key", "dwk_1\n")] {
        assert_eq!(token(&["--dialect", dialect]), expected);
    }
    assert_eq!(home.run(&["logout", "--dialect", "api_key"]).exit, 0);
    assert_eq!(token(&["--org", "beta"]), "dwm_1\n", "the only one there");
    let ran = home.run(&["token"]);
    assert_eq!(ran.exit, 2, "{ran:?}");
    assert!(ran.err.contains("--dialect"), "{ran:?}");
    let ran = home.run(&["token", "--dialect", "api_key", "--org", "beta"]);
    assert_eq!(ran.exit, 3, "{ran:?}");
    assert!(ran.err.contains("Nobody is signed in to beta by api_key. Sign in with: doorward login --dialect api_key"));
}

#[test]
fn a_key_that_can_not_be_ended_at_the_server_is_forgotten_only_if_asked_to() {
    let server = beta(vec![]);
    let home = signed_in(&server, "api_key");
    drop(server);
    let ran = home.run(&["logout"]);
    assert_eq!(ran.exit, 1, "{ran:?}");
    assert_eq!(home.run(&["token"]).out, "dwk_1\n");
    let ran = home.run(&["logout", "--forget"]);
    assert_eq!((ran.exit, &ran.lines()[0]["revoked"]), (0, &json!(false)), "{ran:?}");
    assert!(ran.err.contains("“API keys”"), "{ran:?}");
}

#[test]
fn an_evil_server_names_no_address_and_plays_with_nobody() {
    const TRICKS: &str = "\u{1b}[2J\u{1b}]0;owned\u{7}\u{9b}31m\u{202e}\u{200b}\u{2028}";
    let tricks = |text: &str| json!(format!("{text}{TRICKS}"));
    // What is said otherwise wherever the server says it, and the exit code that comes of it.
    let lies = [
        (vec![("org_id", json!("../../evil"))], 1),
        (vec![("access_token", json!("x\r\nX-Evil: 1"))], 1),
        (vec![("verification_uri", json!("http://evil.example/"))], 1),
        (vec![("verification_uri", json!("https://honest.example/device"))], 1),
        (vec![("verification_uri_complete", json!("https://honest.example/device?code=WDJB-MJHT"))], 1),
        (vec![("verification_uri_complete", json!("--help"))], 1),
        (vec![("user_code", tricks("WDJB"))], 1),
        (vec![("token_endpoint", json!("http://evil.example/")), ("token_type", json!("mac"))], 1),
        (
            vec![
                ("scope", tricks("read")),
                ("scopes", json!([tricks("read")])),
                ("email", tricks("ada")),
                ("exp", json!(i64::MAX)),
            ],
            0,
        ),
    ];
    for (lie, exit) in lies {
        for dialect in ["mcp", "api_key"] {
            let told = lie.clone();
            let server = beta_but(vec![], move |answer| {
                for (name, value) in &told {
                    if answer.get(name).is_some() {
                        answer[name] = value.clone();
                    }
                }
            });
            let home = Home::new();
            let ran = login(&home, &server, dialect, &[]);
            assert_eq!((ran.exit, home.credentials().exists()), (exit, exit == 0), "{lie:?} {dialect} {ran:?}");
            crate::evil::assert_plain(&ran);
            if exit == 0 {
                crate::evil::assert_plain(&home.run(&["whoami"]));
            }
        }
    }
}
