//! The device grant as RFC 8628 speaks it.

use crate::support::{START, TestApp};
use model::org::Role;

testkit::both_engines! {
    async fn case_01_the_answer_has_the_rfcs_fields(engine: testkit::Scratch) {
        let app = TestApp::new(engine).await;
        let acme = app.org("acme").await;
        let cd = app.device_app(&acme).await;
        let answer = app.form(&cd.endpoint("device_authorization"), &[("client_id", &cd.client_id)]).await;
        assert_eq!(answer.status, 200);
        assert_eq!(answer.header("cache-control"), "no-store");
        assert_eq!((answer.json["expires_in"].as_u64(), answer.json["interval"].as_u64()), (Some(1800), Some(5)));
        let code = answer.json["user_code"].as_str().unwrap();
        assert!(code.len() == 9 && code.chars().enumerate().all(|(at, c)| if at == 4 { c == '-' } else { model::user_code::ALPHABET.contains(c) }), "{code}");
        assert_eq!(answer.json["verification_uri"], format!("{}/orgs/acme/device", app.public_url));
        assert_eq!(answer.json["verification_uri_complete"], format!("{}/orgs/acme/device?user_code={code}", app.public_url));
        assert!(answer.json["device_code"].as_str().unwrap().len() >= 43);
        assert_eq!(app.clock.now(), START);
    }

    async fn case_05_approved_once_redeemed_once(engine: testkit::Scratch) {
        let app = TestApp::new(engine).await;
        let acme = app.org("acme").await;
        let cd = app.device_app(&acme).await;
        let u1 = app.user("u1@acme.example", &[(&acme, Role::Member)]).await;
        let browser = app.signed_in(u1).await;
        let codes = cd.begin(&app).await;
        browser.approve(&acme, &codes.user_code).await;
        let tokens = cd.poll(&app, &codes.device_code).await;
        assert_eq!(tokens.status, 200, "{}", tokens.text);
        assert_eq!(tokens.json["token_type"], "Bearer");
        for field in ["access_token", "refresh_token", "id_token"] {
            assert!(tokens.json[field].is_string(), "{field}");
        }
        cd.poll(&app, &codes.device_code).await.assert_error("invalid_grant");
    }
}
