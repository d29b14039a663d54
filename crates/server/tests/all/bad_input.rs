//! Requests that are not what an endpoint takes: each is answered, none changes anything.

use crate::support::{Answer, App, TestApp};
use crate::wire::{DEVICE_CODE, Raw, raw, raw_post};
use model::application::ClientKind;
use model::id::OrgId;
use reqwest::Method;

/// Each endpoint that takes a form, with every field that it knows.
const FIELDS: [(&str, &[&str]); 5] = [
    (
        "device_authorization",
        &["client_id", "client_secret", "scope", "resource", "code_challenge", "code_challenge_method", "unknown"],
    ),
    (
        "token",
        &[
            "grant_type",
            "client_id",
            "client_secret",
            "device_code",
            "code_verifier",
            "refresh_token",
            "scope",
            "resource",
            "unknown",
        ],
    ),
    ("introspect", &["client_id", "client_secret", "token", "token_type_hint", "unknown"]),
    ("revoke", &["client_id", "client_secret", "token", "token_type_hint", "unknown"]),
    ("userinfo", &["access_token", "unknown"]),
];

/// The endpoints that clients post to.
const ENDPOINTS: [&str; 4] = ["device_authorization", "token", "introspect", "revoke"];

fn assert_refused(answer: &Raw, status: u16) {
    assert_eq!((answer.status, answer.json["error"].as_str()), (status, Some("invalid_request")), "{}", answer.head);
    assert!(
        answer.head.contains("cache-control: no-store") && answer.head.contains("x-request-id: "),
        "{}",
        answer.head
    );
}

/// An organization with a confidential application.
async fn confidential(app: &TestApp) -> (OrgId, App) {
    let acme = app.org("acme").await;
    let cs = app.app(&acme, ClientKind::Confidential, |_| {}).await;
    (acme, cs)
}

async fn nothing_happened(app: &TestApp) {
    assert_eq!(app.number("SELECT count(*) AS value FROM grants").await, 0);
}

testkit::both_engines! {
    async fn case_33_a_repeated_parameter_is_refused(engine: testkit::Scratch) {
        let app = TestApp::new(engine).await;
        let (_, cs) = confidential(&app).await;
        let codes = cs.post(&app, "device_authorization", &[]).await.ok();
        let code = codes.at("device_code");
        let good = [&cs.credentials()[..], &[("grant_type", DEVICE_CODE), ("device_code", code.as_str())]].concat();
        for (name, value) in &good {
            for second in [*value, "", "other"] {
                let fields = [&good[..], &[(*name, second)]].concat();
                app.form(&cs.endpoint("token"), &fields).await.assert_error("invalid_request");
            }
        }
        // None of them was a poll.
        app.form(&cs.endpoint("token"), &good).await.assert_error("authorization_pending");
        for endpoint in ["device_authorization", "introspect", "revoke"] {
            for name in ["scope", "audience"] {
                let fields = [(name, "openid"), (name, "openid"), ("token", "x")];
                cs.post(&app, endpoint, &fields).await.assert_error("invalid_request");
            }
        }
    }

    async fn an_unknown_parameter_is_ignored(engine: testkit::Scratch) {
        let app = TestApp::new(engine).await;
        let (_, cs) = confidential(&app).await;
        cs.post(&app, "device_authorization", &[("something", "else"), ("audience", "x"), ("nonce", "")]).await.ok();
    }

    async fn case_34_another_content_type_is_refused(engine: testkit::Scratch) {
        let app = TestApp::new(engine).await;
        let (_, cs) = confidential(&app).await;
        let json = serde_json::json!({"client_id": cs.client_id, "client_secret": cs.secret, "grant_type": DEVICE_CODE});
        let form = format!("client_id={}&client_secret={}&grant_type=x&token=x", cs.client_id, cs.secret.as_deref().unwrap());
        for endpoint in ENDPOINTS {
            for (kind, body) in [
                (Some("application/json"), json.to_string()),
                (Some("text/plain"), form.clone()),
                (Some("multipart/form-data; boundary=x"), form.clone()),
                (Some("application/x-www-form-urlencodedx"), form.clone()),
                (None, form.clone()),
            ] {
                let mut request = app.request(Method::POST, &cs.endpoint(endpoint)).body(body);
                if let Some(kind) = kind {
                    request = request.header("content-type", kind);
                }
                let answer = Answer::of(request).await;
                assert!([400, 415].contains(&answer.status), "{endpoint} {kind:?}: {}", answer.text);
                assert_eq!((answer.json["error"].as_str(), answer.header("cache-control")), (Some("invalid_request"), "no-store"));
            }
        }
        nothing_happened(&app).await;
        let with_charset = app
            .request(Method::POST, &cs.endpoint("device_authorization"))
            .header("content-type", "Application/X-WWW-Form-URLencoded; charset=UTF-8")
            .body(form);
        Answer::of(with_charset).await.ok();
    }

    async fn case_35_another_method_is_refused(engine: testkit::Scratch) {
        let app = TestApp::new(engine).await;
        let (_, cs) = confidential(&app).await;
        for endpoint in ENDPOINTS {
            for method in [Method::GET, Method::PUT, Method::HEAD, Method::DELETE, Method::PATCH] {
                let form = [&cs.credentials()[..], &[("grant_type", "x"), ("token", "x")]].concat();
                let answer = Answer::of(app.request(method.clone(), &cs.endpoint(endpoint)).form(&form)).await;
                assert_eq!(answer.status, 405, "{method} {endpoint}");
                assert!(answer.header("allow").split(", ").any(|allowed| allowed == "POST"), "{:?}", answer.headers);
                assert_eq!(answer.json["error"].is_string(), method != Method::HEAD);
            }
        }
        nothing_happened(&app).await;
    }

    async fn case_36_too_large_is_refused(engine: testkit::Scratch) {
        let app = TestApp::new(engine).await;
        let (acme, cs) = confidential(&app).await;
        for endpoint in ENDPOINTS {
            let path = cs.endpoint(endpoint);
            let mut body = format!("client_id={}&client_secret={}&token=", cs.client_id, cs.secret.as_deref().unwrap()).into_bytes();
            body.resize(1024 * 1024, b'a');
            assert_refused(&raw(&app, raw_post(&path, &body)).await, 413);
            let mut chunked = format!("POST {path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Type: application/x-www-form-urlencoded\r\nTransfer-Encoding: chunked\r\n\r\n").into_bytes();
            for chunk in body.chunks(32 * 1024) {
                chunked.extend_from_slice(format!("{:x}\r\n", chunk.len()).as_bytes());
                chunked.extend_from_slice(chunk);
                chunked.extend_from_slice(b"\r\n");
            }
            chunked.extend_from_slice(b"0\r\n\r\n");
            assert_refused(&raw(&app, chunked).await, 413);
            // Just under the bound it is read.
            body.resize(64 * 1024, b'a');
            assert_ne!(raw(&app, raw_post(&path, &body)).await.status, 413);
        }
        let header = format!("GET {} HTTP/1.1\r\nHost: x\r\nConnection: close\r\nX-Long: {}\r\n\r\n", routes::url::jwks(&acme), "a".repeat(200_000));
        assert_eq!(raw(&app, header.into_bytes()).await.status, 431);
        app.get(&routes::url::jwks(&acme)).await.ok();
    }

    async fn case_37_what_is_no_text_is_refused_in_every_field(engine: testkit::Scratch) {
        let app = TestApp::new(engine).await;
        let (_, cs) = confidential(&app).await;
        let (id, secret) = (cs.client_id.as_str(), cs.secret.as_deref().unwrap());
        let values: [&[u8]; 10] =
            [b"%00", b"a%00b", b"%ff", b"%c3", b"%0d%0a", b"a%0ab", b"%7f", b"\xff", b"\x00", b"a\r\nb"];
        for (endpoint, fields) in FIELDS {
            for field in fields {
                for value in values {
                    let mut body = Vec::new();
                    for (name, good) in [("client_id", id), ("client_secret", secret), ("grant_type", "refresh_token"), ("token", "x")] {
                        if name != *field && endpoint != "userinfo" {
                            body.extend_from_slice(format!("{name}={good}&").as_bytes());
                        }
                    }
                    body.extend_from_slice(format!("{field}=").as_bytes());
                    body.extend_from_slice(value);
                    let answer = raw(&app, raw_post(&cs.endpoint(endpoint), &body)).await;
                    assert_refused(&answer, 400);
                }
            }
        }
        for name in ["%00=a", "%ff=a", "a%0d%0a=b"] {
            assert_refused(&raw(&app, raw_post(&cs.endpoint("token"), name.as_bytes())).await, 400);
        }
        nothing_happened(&app).await;
    }

    async fn case_38_ten_thousand_scopes_are_refused(engine: testkit::Scratch) {
        let app = TestApp::new(engine).await;
        let (_, cs) = confidential(&app).await;
        let words = "openid ".repeat(8_000) + &"a ".repeat(2_000);
        cs.post(&app, "device_authorization", &[("scope", &words)]).await.assert_error("invalid_scope");
        for grant in ["client_credentials", "refresh_token"] {
            let fields = [("grant_type", grant), ("scope", words.as_str()), ("refresh_token", "x")];
            cs.post(&app, "token", &fields).await.assert_error("invalid_scope");
        }
        nothing_happened(&app).await;
    }

    async fn case_39_credentials_in_the_address_are_refused(engine: testkit::Scratch) {
        let app = TestApp::new(engine).await;
        let (_, cs) = confidential(&app).await;
        let credentials = [
            ("client_id", cs.client_id.as_str()), ("client_secret", cs.secret.as_deref().unwrap()), ("device_code", "x"),
            ("refresh_token", "x"), ("token", "x"), ("grant_type", DEVICE_CODE), ("code_verifier", "x"),
        ];
        let body = [&cs.credentials()[..], &[("grant_type", DEVICE_CODE), ("device_code", "x"), ("token", "x")]].concat();
        for endpoint in ENDPOINTS {
            for (name, value) in credentials {
                let path = format!("{}?{name}={value}", cs.endpoint(endpoint));
                app.form(&path, &body).await.assert_error("invalid_request");
                app.form(&path, &[]).await.assert_error("invalid_request");
            }
            assert_ne!(app.form(&format!("{}?lang=de", cs.endpoint(endpoint)), &body).await.json["error"], "invalid_request");
        }
    }

    async fn too_many_parameters_are_refused(engine: testkit::Scratch) {
        let app = TestApp::new(engine).await;
        let (_, cs) = confidential(&app).await;
        let body = (0..10_000).map(|number| format!("p{number}=&")).collect::<String>();
        assert!(body.len() < 64 * 1024 + 30_000);
        let body = &body[..60_000];
        assert_refused(&raw(&app, raw_post(&cs.endpoint("token"), body.as_bytes())).await, 400);
    }

    async fn nothing_of_a_request_is_told_back(engine: testkit::Scratch) {
        let app = TestApp::new(engine).await;
        let (_, cs) = confidential(&app).await;
        let marked = "mark3d";
        for fields in [
            &[("grant_type", marked)][..],
            &[("grant_type", DEVICE_CODE), ("device_code", marked)][..],
            &[("grant_type", "refresh_token"), ("refresh_token", marked)][..],
            &[("grant_type", "client_credentials"), ("scope", marked)][..],
        ] {
            let answer = cs.post(&app, "token", fields).await;
            assert!(answer.status == 400 && !answer.text.contains(marked), "{}", answer.text);
        }
        assert!(!app.form(&cs.endpoint("token"), &[("grant_type", "x"), ("client_id", marked)]).await.text.contains(marked));
    }
}
