//! A server that plays with whoever reads what the program prints.

use crate::scripted::{Reply, Scripted};
use crate::support::{Home, Poll, Ran, acme_but};
use serde_json::{Value, json};

const TRICKS: &str = "\u{1b}[2J\u{1b}]0;owned\u{7}\u{9b}31m\u{202e}\u{200b}\u{2028}\u{ad}\u{e0041}";

/// A good server but for what `change` makes of its answers.
fn but(change: impl Fn(&str, &mut Value) + Send + Sync + 'static) -> Scripted {
    acme_but(600, vec![Poll::Granted { lasts: 3600 }], change)
}

pub(crate) fn assert_plain(ran: &Ran) {
    for text in [&ran.out, &ran.err] {
        let played = text.chars().find(|c| (c.is_control() && *c != '\n') || client::is_formatting(*c));
        assert_eq!(played, None, "{ran:?}");
    }
}

fn login(server: &Scripted) -> (Home, Ran) {
    let home = Home::new();
    let ran = home.run(&["login", "--server", &server.url(), "--org", "acme"]);
    (home, ran)
}

#[test]
fn what_the_server_says_of_people_and_scopes_is_printed_plain() {
    let server = but(|path, value| match path {
        "/orgs/acme/token" => {
            value["scope"] = json!(format!("openid{TRICKS}"));
            value.as_object_mut().unwrap().remove("id_token");
        }
        "/orgs/acme/api/v1/me" => {
            value["email"] = json!(format!("ada{TRICKS}@acme.example"));
            value["scope"] = json!(format!("openid{TRICKS}"));
            value["exp"] = json!(i64::MAX);
        }
        _ => {}
    });
    let (home, ran) = login(&server);
    assert_eq!(ran.exit, 0, "{ran:?}");
    assert_plain(&ran);
    assert_eq!(
        ran.lines().pop().unwrap()["email"],
        json!(format!("ada{TRICKS}@acme.example")),
        "scripts get what was said"
    );
    let ran = home.run(&["whoami"]);
    assert_eq!(ran.exit, 0, "{ran:?}");
    assert_plain(&ran);
    assert_eq!(ran.lines()[0]["me"]["scope"], json!(format!("openid{TRICKS}")));
}

#[test]
fn refusals_are_printed_plain() {
    let server = Scripted::start(|_| Reply::Json(400, json!({"error": TRICKS, "error_description": TRICKS})));
    let (_home, ran) = login(&server);
    assert_eq!(ran.exit, 1, "{ran:?}");
    assert_plain(&ran);
}

#[test]
fn codes_and_addresses_that_are_none_end_the_login() {
    type Change = fn(&mut Value);
    let changes: [Change; 5] = [
        |value| value["verification_uri"] = json!("https://honest.example/orgs/acme/device"),
        |value| value["verification_uri_complete"] = json!("https://honest.example/device?user_code=WDJB-MJHT"),
        |value| value["user_code"] = json!(format!("WDJB{TRICKS}")),
        |value| value["verification_uri"] = json!(format!("https://auth.example/{TRICKS}")),
        |value| value["verification_uri_complete"] = json!("http://evil.example/"),
    ];
    for change in changes {
        let server = but(move |path, value| {
            if path == "/orgs/acme/device_authorization" {
                change(value);
            }
        });
        let (home, ran) = login(&server);
        assert_eq!(ran.exit, 1, "{ran:?}");
        assert_plain(&ran);
        assert!(!ran.out.contains("\"code\"") && !home.credentials().exists(), "{ran:?}");
        assert!(server.seen("/token").is_empty());
    }
}

#[test]
fn an_endpoint_at_another_server_ends_the_login_with_what_to_do() {
    for endpoint in ["device_authorization_endpoint", "token_endpoint", "revocation_endpoint", "jwks_uri"] {
        let server = but(move |path, value| {
            if path.starts_with("/.well-known/") {
                value[endpoint] = json!("https://honest.example/a");
            }
        });
        let (home, ran) = login(&server);
        let sentence = format!(
            "The server at {} names an address that is not plainly its own: https://honest.example/a. Do not open it; \
             ask whoever runs the server for its right address. Check --server.\n",
            server.url()
        );
        assert_eq!((ran.exit, ran.err.as_str()), (1, sentence.as_str()), "{endpoint} {ran:?}");
        assert_eq!(ran.lines()[0]["error"], json!("discovery"));
        assert!(server.seen("/device_authorization").is_empty() && !home.credentials().exists());
    }
}

#[test]
fn a_token_with_a_line_break_is_neither_kept_nor_printed() {
    let server = but(|path, value| {
        if path == "/orgs/acme/token" {
            value["access_token"] = json!("at\r\nX-Evil: 1");
        }
    });
    let (home, ran) = login(&server);
    assert_eq!(ran.exit, 1, "{ran:?}");
    assert!(!ran.out.contains("X-Evil") && !ran.err.contains("X-Evil"), "{ran:?}");
    assert!(!home.credentials().exists());
    let ran = home.run(&["token"]);
    assert_eq!((ran.exit, ran.out.as_str()), (3, ""));
}
