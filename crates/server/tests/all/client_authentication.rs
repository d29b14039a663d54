//! How a client shows which one it is (RFC 6749 §2.3).

use crate::support::{Answer, App, TestApp};
use crate::wire::DEVICE_CODE;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use model::application::ClientKind;
use model::audit::By;
use model::id::OrgId;
use model::org::Role;
use protocol::token::GrantType;
use registry::applications::{self, Changed, Target};
use reqwest::Method;

const MACHINE: [(&str, &str); 1] = [("grant_type", "client_credentials")];

/// A confidential application that may also act for itself, which shows whether it was let in.
async fn confidential(app: &TestApp, org: &OrgId) -> App {
    app.app(org, ClientKind::Confidential, |settings| {
        settings.grants = [GrantType::DeviceCode, GrantType::RefreshToken, GrantType::ClientCredentials].into();
    })
    .await
}

/// Gives an application a new secret.
async fn rotate_secret(app: &TestApp, client: &App) -> App {
    let (org, id, by) = (client.org.clone(), client.id, By::operator(&app.clock.moment()));
    let (changed, secret) = app
        .write(move |conn| {
            let target = Target { org_id: &org, id, revision: None };
            applications::rotate_secret(conn, target, &by)
        })
        .await;
    assert!(matches!(changed, Changed::Made(_)));
    App { secret: Some(secret.unwrap().expose().clone()), ..client.clone() }
}

async fn with_header(app: &TestApp, client: &App, header: impl AsRef<[u8]>, fields: &[(&str, &str)]) -> Answer {
    let value = reqwest::header::HeaderValue::from_bytes(header.as_ref()).unwrap();
    let request = app.request(Method::POST, &client.endpoint("token")).form(fields);
    Answer::of(request.header("authorization", value)).await
}

testkit::both_engines! {
    async fn a_secret_is_taken_by_header_and_by_form(engine: testkit::Scratch) {
        let app = TestApp::new(engine).await;
        let acme = app.org("acme").await;
        let cs = confidential(&app, &acme).await;
        cs.post(&app, "token", &MACHINE).await.ok();
        cs.post_basic(&app, "token", &MACHINE).await.ok();
        for endpoint in ["device_authorization", "introspect", "revoke"] {
            cs.post(&app, endpoint, &[("token", "x")]).await.ok();
            cs.post_basic(&app, endpoint, &[("token", "x")]).await.ok();
        }
    }

    async fn a_wrong_secret_is_refused_and_by_header_challenged(engine: testkit::Scratch) {
        let app = TestApp::new(engine).await;
        let acme = app.org("acme").await;
        let cs = confidential(&app, &acme).await;
        for secret in [None, Some(""), Some("wrong"), cs.secret.as_deref().map(|secret| &secret[1..])] {
            let wrong = App { secret: secret.map(str::to_owned), ..cs.clone() };
            for endpoint in ["token", "device_authorization", "introspect", "revoke"] {
                let fields = [&MACHINE[..], &[("token", "x")]].concat();
                let by_form = wrong.post(&app, endpoint, &fields).await;
                by_form.assert_invalid_client();
                assert_eq!((by_form.header("www-authenticate"), by_form.header("cache-control")), ("", "no-store"));
                let by_header = wrong.post_basic(&app, endpoint, &fields).await;
                by_header.assert_invalid_client();
                assert!(by_header.header("www-authenticate").starts_with("Basic "), "{:?}", by_header.headers);
            }
        }
    }

    async fn case_28_two_ways_at_once_are_refused(engine: testkit::Scratch) {
        let app = TestApp::new(engine).await;
        let acme = app.org("acme").await;
        let cs = confidential(&app, &acme).await;
        let secret = cs.secret.clone().unwrap();
        for endpoint in ["token", "device_authorization", "introspect", "revoke"] {
            let fields = [&MACHINE[..], &[("token", "x"), ("client_id", &cs.client_id), ("client_secret", &secret)]].concat();
            cs.post_basic(&app, endpoint, &fields).await.assert_error("invalid_request");
        }
    }

    async fn case_29_broken_basic_is_refused_and_challenged(engine: testkit::Scratch) {
        let app = TestApp::new(engine).await;
        let acme = app.org("acme").await;
        let cs = confidential(&app, &acme).await;
        let basic = |plain: &[u8]| format!("Basic {}", STANDARD.encode(plain)).into_bytes();
        let good = format!("{}:{}", cs.client_id, cs.secret.as_deref().unwrap());
        for header in [
            b"Basic !!!".to_vec(),
            b"Basic".to_vec(),
            basic(b"no-colon"),
            basic(b"\xff\xfe:x"),
            basic(format!("{}:\u{0}", cs.client_id).as_bytes()),
            basic(format!("{}%00:x", cs.client_id).as_bytes()),
            basic(format!("{}:%zz", cs.client_id).as_bytes()),
            b"Bearer abc".to_vec(),
            b"Digest abc".to_vec(),
            b"\xff\xfe".to_vec(),
            good.clone().into_bytes(),
        ] {
            let answer = with_header(&app, &cs, &header, &MACHINE).await;
            answer.assert_invalid_client();
            assert!(answer.header("www-authenticate").starts_with("Basic "), "{}", String::from_utf8_lossy(&header));
        }
        with_header(&app, &cs, basic(good.as_bytes()), &MACHINE).await.ok();
    }

    async fn both_halves_of_basic_are_form_decoded(engine: testkit::Scratch) {
        let app = TestApp::new(engine).await;
        let acme = app.org("acme").await;
        let cs = confidential(&app, &acme).await;
        let encoded = |text: &str| text.bytes().map(|byte| format!("%{byte:02x}")).collect::<String>();
        let plain = format!("{}:{}", encoded(&cs.client_id), encoded(cs.secret.as_deref().unwrap()));
        with_header(&app, &cs, format!("bAsIc {}", STANDARD.encode(plain)), &MACHINE).await.ok();
        for text in [&cs.client_id, cs.secret.as_ref().unwrap()] {
            assert!(text.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_'), "{text}");
        }
        assert!(cs.secret.as_ref().unwrap().len() >= 43);
    }

    async fn client_id_beside_basic_has_to_be_the_same(engine: testkit::Scratch) {
        let app = TestApp::new(engine).await;
        let acme = app.org("acme").await;
        let (cs, other) = (confidential(&app, &acme).await, confidential(&app, &acme).await);
        cs.post_basic(&app, "token", &[MACHINE[0], ("client_id", &cs.client_id)]).await.ok();
        cs.post_basic(&app, "token", &[MACHINE[0], ("client_id", "")]).await.ok();
        cs.post_basic(&app, "token", &[MACHINE[0], ("client_id", &other.client_id)]).await.assert_error("invalid_request");
    }

    async fn a_public_client_may_send_basic_with_an_empty_password(engine: testkit::Scratch) {
        let app = TestApp::new(engine).await;
        let acme = app.org("acme").await;
        let cd = app.device_app(&acme).await;
        let u1 = app.user("u1@acme.example", &[(&acme, Role::Member)]).await;
        let browser = app.signed_in(u1).await;
        let begun = cd.post_basic(&app, "device_authorization", &[]).await.ok();
        browser.approve(&acme, &begun.at("user_code")).await;
        let code = begun.at("device_code");
        let fields = [("grant_type", DEVICE_CODE), ("device_code", code.as_str())];
        // One that tries a secret is not the client that it says it is.
        let pretender = App { secret: Some("guess".to_owned()), ..cd.clone() };
        pretender.post_basic(&app, "token", &fields).await.assert_invalid_client();
        pretender.post(&app, "token", &fields).await.assert_invalid_client();
        let tokens = cd.post_basic(&app, "token", &fields).await.ok();
        cd.post_basic(&app, "revoke", &[("token", &tokens.at("refresh_token"))]).await.ok();
        cd.refresh(&app, &tokens.at("refresh_token")).await.assert_error("invalid_grant");
    }

    async fn two_secrets_live_at_once(engine: testkit::Scratch) {
        let app = TestApp::new(engine).await;
        let acme = app.org("acme").await;
        let first = confidential(&app, &acme).await;
        first.client_credentials(&app).await.ok();
        app.wait(1);
        let second = rotate_secret(&app, &first).await;
        for good in [&first, &second] {
            good.client_credentials(&app).await.ok();
        }
        app.wait(1);
        let third = rotate_secret(&app, &first).await;
        first.client_credentials(&app).await.assert_invalid_client();
        for good in [&second, &third] {
            good.client_credentials(&app).await.ok();
        }
        assert_eq!(app.audited("application.secret_rotated").await, 2);
        assert_eq!(app.number("SELECT count(*) AS value FROM application_secrets").await, 2);
    }

    async fn case_40_two_authorization_headers_are_refused(engine: testkit::Scratch) {
        let app = TestApp::new(engine).await;
        let acme = app.org("acme").await;
        let cs = confidential(&app, &acme).await;
        let basic = format!("Basic {}", STANDARD.encode(format!("{}:{}", cs.client_id, cs.secret.as_deref().unwrap())));
        for endpoint in ["token", "device_authorization", "introspect", "revoke", "userinfo"] {
            let fields = [&MACHINE[..], &[("token", "x")]].concat();
            let request = app.request(Method::POST, &cs.endpoint(endpoint)).form(&fields);
            let twice = request.header("authorization", &basic).header("authorization", &basic);
            Answer::of(twice).await.assert_error("invalid_request");
        }
        let me = app.request(Method::GET, &routes::url::me(&acme));
        Answer::of(me.bearer_auth("a").bearer_auth("b")).await.assert_error("invalid_request");
    }

    async fn an_unknown_organization_is_not_found(engine: testkit::Scratch) {
        let app = TestApp::new(engine).await;
        let acme = app.org("acme").await;
        let cd = app.device_app(&acme).await;
        let nowhere = App { org: OrgId::parse("nowhere").unwrap(), ..cd };
        for endpoint in ["token", "device_authorization", "introspect", "revoke"] {
            let fields = [("grant_type", DEVICE_CODE), ("device_code", "x"), ("token", "x")];
            let answer = nowhere.post(&app, endpoint, &fields).await;
            assert_eq!((answer.status, answer.json["error"].is_string()), (404, true), "{endpoint}: {}", answer.text);
        }
        for path in [routes::url::me(&nowhere.org), nowhere.endpoint("userinfo"), routes::url::jwks(&nowhere.org)] {
            for answer in [app.get_with_token(&path, "a.b.c").await, app.get(&path).await] {
                assert_eq!((answer.status, answer.json["error"].is_string()), (404, true), "{path}: {}", answer.text);
            }
        }
    }
}
