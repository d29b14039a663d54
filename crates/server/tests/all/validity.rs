//! Whether a token is good: introspection, revocation, forgeries, and what is switched off meanwhile.

use crate::support::{App, START, TestApp};
use crate::tokens::text;
use crate::wire::{claims, part};
use base64::Engine as _;
use hmac::{Hmac, KeyInit as _, Mac as _};
use model::application::{ApplicationState, ClientKind};
use model::org::Role;
use model::user::UserState;
use serde_json::{Value, json};
use sha2::Sha256;

const B64: base64::engine::GeneralPurpose = base64::engine::general_purpose::URL_SAFE_NO_PAD;

testkit::both_engines! {
    async fn case_30_a_revoked_token_is_over_everywhere(engine: testkit::Scratch) {
        let app = TestApp::new(engine).await;
        let acme = app.org("acme").await;
        let (cd, cs) = (app.device_app(&acme).await, app.app(&acme, ClientKind::Confidential, |_| {}).await);
        let u1 = app.user("u1@acme.example", &[(&acme, Role::Member)]).await;
        let browser = app.signed_in(u1).await;
        let tokens = cd.log_in(&app, &browser).await;
        let access = text(&tokens, "access_token");
        assert_eq!(cs.introspect(&app, &access).await["active"], true);
        app.userinfo(&acme, &access).await.ok();

        // An access token ends alone.
        for _ in 0..2 {
            cd.revoke(&app, &access).await.ok();
        }
        assert_eq!(cs.introspect(&app, &access).await, json!({"active": false}));
        app.userinfo(&acme, &access).await.assert_token_refused();
        app.me(&acme, &access).await.assert_token_refused();
        let next = cd.refresh(&app, &text(&tokens, "refresh_token")).await.ok();
        let (access, refresh) = (next.at("access_token"), next.at("refresh_token"));
        app.userinfo(&acme, &access).await.ok();
        assert_eq!((app.audited("access_token.revoked").await, app.audited("family.revoked").await), (1, 0));

        // A refresh token ends its family.
        cd.revoke(&app, &refresh).await.ok();
        assert_eq!(cs.introspect(&app, &access).await, json!({"active": false}));
        app.userinfo(&acme, &access).await.assert_token_refused();
        cd.refresh(&app, &refresh).await.assert_error("invalid_grant");
        assert_eq!(app.audited("family.revoked").await, 1);
        // Once more is fine, and tells nobody anything.
        assert_eq!(cd.revoke(&app, &refresh).await.ok().header("cache-control"), "no-store");
        assert_eq!((app.audited("access_token.revoked").await, app.audited("family.revoked").await), (1, 1));
    }

    async fn a_spent_refresh_token_still_ends_its_family(engine: testkit::Scratch) {
        let app = TestApp::new(engine).await;
        let acme = app.org("acme").await;
        let cd = app.device_app(&acme).await;
        let u1 = app.user("u1@acme.example", &[(&acme, Role::Member)]).await;
        let tokens = cd.log_in(&app, &app.signed_in(u1).await).await;
        let next = cd.refresh(&app, &text(&tokens, "refresh_token")).await.ok();
        cd.revoke(&app, &text(&tokens, "refresh_token")).await.ok();
        cd.refresh(&app, &next.at("refresh_token")).await.assert_error("invalid_grant");
    }

    async fn another_clients_token_stays_what_it_is(engine: testkit::Scratch) {
        let app = TestApp::new(engine).await;
        let acme = app.org("acme").await;
        let (cd, cd2) = (app.device_app(&acme).await, app.device_app(&acme).await);
        let u1 = app.user("u1@acme.example", &[(&acme, Role::Member)]).await;
        let tokens = cd.log_in(&app, &app.signed_in(u1).await).await;
        for name in ["access_token", "refresh_token"] {
            cd2.revoke(&app, &text(&tokens, name)).await.ok();
        }
        cd2.revoke(&app, "nothing of ours").await.ok();
        let hinted = [("token", "unknown"), ("token_type_hint", "something")];
        cd2.post(&app, "revoke", &hinted).await.ok();
        app.userinfo(&acme, &text(&tokens, "access_token")).await.ok();
        cd.refresh(&app, &text(&tokens, "refresh_token")).await.ok();
        assert_eq!(app.number("SELECT count(*) AS value FROM revoked_tokens").await, 0);
        cd.post(&app, "revoke", &[]).await.assert_error("invalid_request");
        App { client_id: "nobody".to_owned(), ..cd }.revoke(&app, "x").await.assert_invalid_client();
    }

    async fn a_revoked_token_does_not_come_back_when_its_note_is_swept(engine: testkit::Scratch) {
        let app = TestApp::new(engine).await;
        let acme = app.org("acme").await;
        let cd = app.device_app(&acme).await;
        let u1 = app.user("u1@acme.example", &[(&acme, Role::Member)]).await;
        let access = text(&cd.log_in(&app, &app.signed_in(u1).await).await, "access_token");
        cd.revoke(&app, &access).await.ok();
        for seconds in [3600, 4, 1, 1] {
            app.wait(seconds);
            app.sweep().await;
            app.userinfo(&acme, &access).await.assert_token_refused();
        }
    }

    async fn introspection_tells_a_resource_server_all_it_needs(engine: testkit::Scratch) {
        let app = TestApp::new(engine).await;
        let acme = app.org("acme").await;
        let (cd, cs) = (app.device_app(&acme).await, app.app(&acme, ClientKind::Confidential, |_| {}).await);
        let u1 = app.user("u1@acme.example", &[(&acme, Role::Member)]).await;
        let browser = app.signed_in(u1).await;
        let tokens = cd.log_in(&app, &browser).await;
        let access = text(&tokens, "access_token");
        let answer = cs.post(&app, "introspect", &[("token", &access)]).await.ok();
        assert_eq!(answer.header("cache-control"), "no-store");
        assert_eq!(answer.json, json!({
            "active": true, "scope": "email offline_access openid profile", "client_id": cd.client_id,
            "username": "u1@acme.example", "token_type": "Bearer", "exp": START.seconds() + 3600, "iat": START.seconds(),
            "sub": u1.to_string(), "aud": app.issuer(&acme), "iss": app.issuer(&acme), "jti": claims(&access)["jti"],
            "org_id": "acme",
        }));
        assert_eq!(cs.post_basic(&app, "introspect", &[("token", &access)]).await.ok().json, answer.json);
        cs.post(&app, "introspect", &[]).await.assert_error("invalid_request");
        for unknown in ["x", "a.b.c", &access[..access.len() - 4], &text(&tokens, "id_token")] {
            assert_eq!(cs.introspect(&app, unknown).await, json!({"active": false}));
        }
        app.wait(3606);
        assert_eq!(cs.introspect(&app, &access).await, json!({"active": false}));
    }

    async fn a_refresh_token_is_shown_to_its_own_client_alone(engine: testkit::Scratch) {
        let app = TestApp::new(engine).await;
        let acme = app.org("acme").await;
        let cs = app.app(&acme, ClientKind::Confidential, |_| {}).await;
        let other = app.app(&acme, ClientKind::Confidential, |_| {}).await;
        let u1 = app.user("u1@acme.example", &[(&acme, Role::Member)]).await;
        let tokens = cs.log_in(&app, &app.signed_in(u1).await).await;
        let refresh = text(&tokens, "refresh_token");
        let told = cs.introspect(&app, &refresh).await;
        assert_eq!((&told["active"], &told["token_type"], &told["sub"]), (&json!(true), &json!("refresh_token"), &json!(u1.to_string())));
        assert_eq!(other.introspect(&app, &refresh).await, json!({"active": false}));
        let next = cs.refresh(&app, &refresh).await.ok().at("refresh_token");
        assert_eq!(cs.introspect(&app, &refresh).await, json!({"active": false}));
        assert_eq!(cs.introspect(&app, &next).await["active"], true);
        // Idle for too long it can't be used, so it is not good.
        app.wait(30 * 86_400);
        assert_eq!(cs.introspect(&app, &next).await, json!({"active": false}));
        cs.refresh(&app, &next).await.assert_error("invalid_grant");
    }

    async fn a_refresh_token_is_no_good_where_its_application_may_not_refresh(engine: testkit::Scratch) {
        let app = TestApp::new(engine).await;
        let acme = app.org("acme").await;
        let cs = app.app(&acme, ClientKind::Confidential, |_| {}).await;
        let u1 = app.user("u1@acme.example", &[(&acme, Role::Member)]).await;
        let refresh = text(&cs.log_in(&app, &app.signed_in(u1).await).await, "refresh_token");
        assert_eq!(cs.introspect(&app, &refresh).await["active"], true);
        app.edit_app(&cs, |settings| settings.grants.retain(|grant| *grant != protocol::token::GrantType::RefreshToken)).await;
        assert_eq!(cs.introspect(&app, &refresh).await, json!({"active": false}));
        cs.refresh(&app, &refresh).await.assert_error("unauthorized_client");
    }

    async fn case_31_introspection_is_for_the_organizations_own_confidential_clients(engine: testkit::Scratch) {
        let app = TestApp::new(engine).await;
        let (acme, beta) = (app.org("acme").await, app.org("beta").await);
        let cd = app.device_app(&acme).await;
        let (at_acme, at_beta) = (app.app(&acme, ClientKind::Confidential, |_| {}).await, app.app(&beta, ClientKind::Confidential, |_| {}).await);
        let u1 = app.user("u1@acme.example", &[(&acme, Role::Member)]).await;
        let access = text(&cd.log_in(&app, &app.signed_in(u1).await).await, "access_token");
        let path = routes::url::oauth(&acme, "introspect");
        app.form(&path, &[("token", &access)]).await.assert_invalid_client();
        cd.post(&app, "introspect", &[("token", &access)]).await.assert_invalid_client();
        let stranger = App { org: acme.clone(), ..at_beta.clone() };
        stranger.post(&app, "introspect", &[("token", &access)]).await.assert_invalid_client();
        let by_basic = stranger.post_basic(&app, "introspect", &[("token", &access)]).await;
        by_basic.assert_invalid_client();
        assert!(by_basic.header("www-authenticate").starts_with("Basic"));
        assert_eq!(at_beta.introspect(&app, &access).await, json!({"active": false}));
        assert_eq!(at_acme.introspect(&app, &access).await["active"], true);
        app.set_app_state(&at_acme, ApplicationState::Disabled).await;
        at_acme.post(&app, "introspect", &[("token", &access)]).await.assert_invalid_client();
        at_acme.revoke(&app, &access).await.assert_invalid_client();
    }

    async fn case_32_forged_tokens_are_refused(engine: testkit::Scratch) {
        let app = TestApp::new(engine).await;
        let (acme, beta) = (app.org("acme").await, app.org("beta").await);
        let (cd, cs) = (app.device_app(&acme).await, app.app(&acme, ClientKind::Confidential, |_| {}).await);
        let u1 = app.user("u1@acme.example", &[(&acme, Role::Member), (&beta, Role::Member)]).await;
        let browser = app.signed_in(u1).await;
        let tokens = cd.log_in(&app, &browser).await;
        let good = text(&tokens, "access_token");
        let (kid, body) = (part(&good, 0)["kid"].clone(), good.split('.').nth(1).unwrap());
        let public = serde_json::to_string(&app.jwks(&acme).await.keys[0]).unwrap();
        let header = |header: Value| B64.encode(header.to_string());
        let none = format!("{}.{body}.", header(json!({"alg": "none", "typ": "at+jwt", "kid": kid})));
        let with_hmac = |key: &[u8]| {
            let signed = format!("{}.{body}", header(json!({"alg": "HS256", "typ": "at+jwt", "kid": kid})));
            let mut mac = Hmac::<Sha256>::new_from_slice(key).unwrap();
            mac.update(signed.as_bytes());
            format!("{signed}.{}", B64.encode(mac.finalize().into_bytes()))
        };
        let x = model::secret::from_base64url(app.jwks(&acme).await.keys[0].x.as_deref().unwrap()).unwrap();
        let mut changed = claims(&good);
        changed["scope"] = json!("admin");
        let mut parts: Vec<&str> = good.split('.').collect();
        let changed = B64.encode(changed.to_string());
        parts[1] = &changed;
        let spoilt = parts.join(".");
        let unknown_key = good.replace(good.split('.').next().unwrap(), &header(json!({"alg": "ES256", "typ": "at+jwt", "kid": "other"})));
        let wrong_algorithm = good.replace(good.split('.').next().unwrap(), &header(json!({"alg": "EdDSA", "typ": "at+jwt", "kid": kid})));
        for forged in [none, with_hmac(public.as_bytes()), with_hmac(&x), spoilt, unknown_key, wrong_algorithm, text(&tokens, "id_token"), text(&tokens, "refresh_token")] {
            app.userinfo(&acme, &forged).await.assert_token_refused();
            app.me(&acme, &forged).await.assert_token_refused();
            if forged != text(&tokens, "refresh_token") {
                assert_eq!(cs.introspect(&app, &forged).await, json!({"active": false}));
            }
        }
        app.userinfo(&beta, &good).await.assert_token_refused();
        app.userinfo(&acme, &good).await.ok();
    }

    async fn what_is_switched_off_is_off_at_once(engine: testkit::Scratch) {
        let app = TestApp::new(engine).await;
        let acme = app.org("acme").await;
        let (cd, cs) = (app.device_app(&acme).await, app.app(&acme, ClientKind::Confidential, |_| {}).await);
        let u1 = app.user("u1@acme.example", &[(&acme, Role::Member)]).await;
        let tokens = cd.log_in(&app, &app.signed_in(u1).await).await;
        let access = text(&tokens, "access_token");
        let mut refresh = text(&tokens, "refresh_token");
        for which in 0..3 {
            match which {
                0 => app.set_app_state(&cd, ApplicationState::Disabled).await,
                1 => app.end_membership(&acme, u1).await,
                _ => app.set_user_state(u1, UserState::Disabled).await,
            }
            cd.refresh(&app, &refresh).await.assert_error("invalid_grant");
            app.userinfo(&acme, &access).await.assert_token_refused();
            app.me(&acme, &access).await.assert_token_refused();
            assert_eq!(cs.introspect(&app, &access).await, json!({"active": false}));
            if which == 0 {
                // What was not revoked is good again.
                app.set_app_state(&cd, ApplicationState::Active).await;
                app.userinfo(&acme, &access).await.ok();
                refresh = cd.refresh(&app, &refresh).await.ok().at("refresh_token");
            }
        }
    }

    async fn enabling_again_never_revives_a_revoked_family(engine: testkit::Scratch) {
        let app = TestApp::new(engine).await;
        let acme = app.org("acme").await;
        let cd = app.device_app(&acme).await;
        let u1 = app.user("u1@acme.example", &[(&acme, Role::Member)]).await;
        let tokens = cd.log_in(&app, &app.signed_in(u1).await).await;
        cd.revoke(&app, &text(&tokens, "refresh_token")).await.ok();
        app.set_app_state(&cd, ApplicationState::Disabled).await;
        app.set_app_state(&cd, ApplicationState::Active).await;
        cd.refresh(&app, &text(&tokens, "refresh_token")).await.assert_error("invalid_grant");
        app.userinfo(&acme, &text(&tokens, "access_token")).await.assert_token_refused();
    }
}
