//! Access tokens and id_tokens: what they say, who takes them, and how they end.

use crate::device_grant::begun;
use crate::support::{App, Browser, START, TestApp};
use crate::wire::{claims, part};
use base64::Engine as _;
use hmac::{Hmac, KeyInit as _, Mac as _};
use jose::Algorithm;
use model::application::{ApplicationState, ClientKind};
use model::id::OrgId;
use model::org::Role;
use model::user::UserState;
use protocol::scope::Scopes;
use protocol::token::GrantType;
use reqwest::Method;
use serde_json::{Value, json};
use sha2::Sha256;

const B64: base64::engine::GeneralPurpose = base64::engine::general_purpose::URL_SAFE_NO_PAD;

/// The whole way with these fields of the device's request.
async fn tokens_for(client: &App, app: &TestApp, browser: &Browser<'_>, fields: &[(&str, &str)]) -> Value {
    let codes = begun(client, app, fields).await;
    browser.approve(&client.org, &codes.user_code).await;
    client.poll(app, &codes.device_code).await.ok().json
}

fn text(json: &Value, name: &str) -> String {
    json[name].as_str().unwrap_or_else(|| panic!("no {name} in {json}")).to_owned()
}

/// An application that acts for itself.
async fn machine(app: &TestApp, org: &OrgId) -> App {
    app.app(org, ClientKind::Confidential, |settings| {
        settings.grants = [GrantType::ClientCredentials].into();
        settings.scopes = Scopes::parse("read write").unwrap();
        settings.default_scopes = Scopes::parse("read").unwrap();
    })
    .await
}

testkit::both_engines! {
    async fn an_access_token_says_what_rfc_9068_wants(engine: testkit::Scratch) {
        let app = TestApp::new(engine).await;
        let acme = app.org("acme").await;
        let cd = app.device_app(&acme).await;
        let u1 = app.user("u1@acme.example", &[(&acme, Role::Member)]).await;
        let browser = app.signed_in(u1).await;
        app.wait(600);
        let tokens = cd.log_in(&app, &browser).await;
        assert_eq!((tokens["token_type"].as_str(), tokens["expires_in"].as_u64()), (Some("Bearer"), Some(3600)));
        let token = text(&tokens, "access_token");
        let issuer = app.issuer(&acme);
        let verified = app.verified(&acme, &token, "at+jwt", &issuer).await;
        let family = app.db.read("test", move |conn| store::tables::families::active_of_user(conn, u1, START)).await.unwrap();
        let jti = model::secret::from_base64url(verified["jti"].as_str().unwrap()).unwrap();
        assert_eq!(jti.len(), 32);
        assert_eq!(&jti[..16], family[0].0.id.uuid().as_bytes());
        let now = START.seconds() + 600;
        let expected = json!({
            "iss": issuer, "sub": u1.to_string(), "aud": issuer, "exp": now + 3600, "iat": now, "jti": verified["jti"],
            "client_id": cd.client_id, "scope": "email offline_access openid profile", "org_id": "acme",
            "auth_time": START.seconds(),
        });
        assert_eq!(verified, expected);
        assert_eq!(tokens["scope"], expected["scope"]);
        assert_eq!(part(&token, 0)["alg"], "ES256");
    }

    async fn an_id_token_says_what_its_scopes_allow(engine: testkit::Scratch) {
        let app = TestApp::new(engine).await;
        let acme = app.org("acme").await;
        let cd = app.device_app(&acme).await;
        let u1 = app.user("u1@acme.example", &[(&acme, Role::Member)]).await;
        let browser = app.signed_in(u1).await;
        app.wait(60);
        for (scope, name, email) in [("openid", false, false), ("openid profile", true, false), ("openid email", false, true)] {
            let tokens = tokens_for(&cd, &app, &browser, &[("scope", scope)]).await;
            let verified = app.verified(&acme, &text(&tokens, "id_token"), "JWT", &cd.client_id).await;
            assert_eq!(verified["sub"], u1.to_string());
            assert_eq!(verified["auth_time"], START.seconds());
            assert_eq!(verified["at_hash"], jose::at_hash(Algorithm::Es256, &text(&tokens, "access_token")));
            assert_eq!((verified["name"].is_string(), verified["email"].is_string()), (name, email), "{scope}");
            assert_eq!(verified["email_verified"].is_boolean(), email);
        }
        let without = tokens_for(&cd, &app, &browser, &[("scope", "email profile")]).await;
        assert!(without["id_token"].is_null());
    }

    async fn id_tokens_are_signed_with_the_applications_algorithm(engine: testkit::Scratch) {
        let app = TestApp::new(engine).await;
        let acme = app.org("acme").await;
        let u1 = app.user("u1@acme.example", &[(&acme, Role::Member)]).await;
        let browser = app.signed_in(u1).await;
        assert_eq!(app.jwks(&acme).await.keys.len(), 1);
        for algorithm in [Algorithm::Rs256, Algorithm::EdDsa] {
            let cd = app.app(&acme, ClientKind::Public, |s| s.tokens.id_token_alg = Some(algorithm.as_str().to_owned())).await;
            let tokens = cd.log_in(&app, &browser).await;
            let (access, id) = (text(&tokens, "access_token"), text(&tokens, "id_token"));
            assert_eq!((part(&access, 0)["alg"].as_str(), part(&id, 0)["alg"].as_str()), (Some("ES256"), Some(algorithm.as_str())));
            // Whoever looks for the key at once finds it.
            let verified = app.verified(&acme, &id, "JWT", &cd.client_id).await;
            assert_eq!(verified["at_hash"], jose::at_hash(algorithm, &access));
            let again = cd.refresh(&app, &text(&tokens, "refresh_token")).await.ok();
            assert_eq!(part(&again.at("id_token"), 0)["kid"], part(&id, 0)["kid"]);
        }
        assert_eq!(app.jwks(&acme).await.keys.len(), 3);
    }

    async fn access_tokens_are_signed_with_the_organizations_algorithm(engine: testkit::Scratch) {
        let app = TestApp::new(engine).await;
        let acme = app.org("acme").await;
        app.sql("UPDATE organizations SET signing_alg = 'EdDSA'").await;
        let cd = app.device_app(&acme).await;
        let u1 = app.user("u1@acme.example", &[(&acme, Role::Member)]).await;
        let tokens = cd.log_in(&app, &app.signed_in(u1).await).await;
        for (name, typ, audience) in [("access_token", "at+jwt", app.issuer(&acme)), ("id_token", "JWT", cd.client_id.clone())] {
            let token = text(&tokens, name);
            assert_eq!(part(&token, 0)["alg"], "EdDSA");
            app.verified(&acme, &token, typ, &audience).await;
        }
        app.userinfo(&acme, &text(&tokens, "access_token")).await.ok();
    }

    async fn granted_resources_are_the_audience(engine: testkit::Scratch) {
        let app = TestApp::new(engine).await;
        let acme = app.org("acme").await;
        let cd = app.device_app(&acme).await;
        let cs = app.app(&acme, ClientKind::Confidential, |_| {}).await;
        let u1 = app.user("u1@acme.example", &[(&acme, Role::Member)]).await;
        let browser = app.signed_in(u1).await;
        let (one, two, issuer) = ("https://api.example/v1", "urn:example:two", app.issuer(&acme));
        for (fields, audience, userinfo) in [
            (&[("scope", "openid")][..], json!(issuer), 200),
            (&[("scope", "email")][..], json!(issuer), 403),
            (&[("scope", "email"), ("resource", one)][..], json!(one), 401),
            (&[("scope", "openid"), ("resource", one)][..], json!([issuer, one]), 200),
            (&[("scope", "email"), ("resource", one), ("resource", two), ("resource", one)][..], json!([one, two]), 401),
        ] {
            let tokens = tokens_for(&cd, &app, &browser, fields).await;
            let token = text(&tokens, "access_token");
            assert_eq!(claims(&token)["aud"], audience);
            assert_eq!(app.userinfo(&acme, &token).await.status, userinfo, "{fields:?}");
            let told = cs.introspect(&app, &token).await;
            assert_eq!((&told["active"], &told["aud"]), (&json!(true), &audience));
            let next = cd.refresh(&app, &text(&tokens, "refresh_token")).await.ok();
            assert_eq!(claims(&next.at("access_token"))["aud"], audience);
        }
        for bad in ["not a uri", "https://a.example/#fragment", "/relative", "https://"] {
            cd.post(&app, "device_authorization", &[("resource", bad)]).await.assert_error("invalid_target");
        }
    }

    async fn a_refresh_token_follows_the_applications_grants_and_not_the_scope(engine: testkit::Scratch) {
        let app = TestApp::new(engine).await;
        let acme = app.org("acme").await;
        let with = app.device_app(&acme).await;
        let without = app.app(&acme, ClientKind::Public, |s| s.grants = [GrantType::DeviceCode].into()).await;
        let u1 = app.user("u1@acme.example", &[(&acme, Role::Member)]).await;
        let browser = app.signed_in(u1).await;
        let tokens = tokens_for(&with, &app, &browser, &[("scope", "openid")]).await;
        assert!(tokens["refresh_token"].is_string());
        let tokens = tokens_for(&without, &app, &browser, &[("scope", "openid offline_access")]).await;
        assert!(tokens["refresh_token"].is_null(), "{tokens}");
        // Without one the access token is good until its own end.
        let token = text(&tokens, "access_token");
        app.userinfo(&acme, &token).await.ok();
        app.wait(3599);
        app.userinfo(&acme, &token).await.ok();
        app.wait(6);
        app.userinfo(&acme, &token).await.assert_token_refused();
    }

    async fn an_application_sets_the_access_tokens_life(engine: testkit::Scratch) {
        let app = TestApp::new(engine).await;
        let acme = app.org("acme").await;
        let cd = app.app(&acme, ClientKind::Public, |s| s.tokens.access_lifetime = std::time::Duration::from_secs(60)).await;
        let u1 = app.user("u1@acme.example", &[(&acme, Role::Member)]).await;
        let tokens = cd.log_in(&app, &app.signed_in(u1).await).await;
        assert_eq!(tokens["expires_in"], 60);
        let token = text(&tokens, "access_token");
        app.wait(66);
        app.me(&acme, &token).await.assert_token_refused();
    }

    async fn userinfo_tells_what_the_scopes_allow(engine: testkit::Scratch) {
        let app = TestApp::new(engine).await;
        let acme = app.org("acme").await;
        let cd = app.device_app(&acme).await;
        let u1 = app.user("u1@acme.example", &[(&acme, Role::Member)]).await;
        let browser = app.signed_in(u1).await;
        let sub = u1.to_string();
        for (scope, told) in [
            ("openid", json!({"sub": sub})),
            ("openid profile", json!({"sub": sub, "name": "Ada"})),
            ("openid email", json!({"sub": sub, "email": "u1@acme.example", "email_verified": true})),
        ] {
            let token = text(&tokens_for(&cd, &app, &browser, &[("scope", scope)]).await, "access_token");
            let answer = app.userinfo(&acme, &token).await.ok();
            assert_eq!((&answer.json, answer.header("cache-control")), (&told, "no-store"));
            let path = routes::url::oauth(&acme, "userinfo");
            let by_post = crate::support::Answer::of(app.request(Method::POST, &path).bearer_auth(&token)).await.ok();
            assert_eq!(by_post.json, told);
            assert_eq!(app.form(&path, &[("access_token", &token)]).await.ok().json, told);
            // One way at a time (RFC 6750 §2), and never in the address.
            let twice = app.request(Method::POST, &path).bearer_auth(&token).form(&[("access_token", &token)]);
            crate::support::Answer::of(twice).await.assert_error("invalid_request");
            app.get(&format!("{path}?access_token={token}")).await.assert_error("invalid_request");
        }
        let token = text(&tokens_for(&cd, &app, &browser, &[("scope", "email")]).await, "access_token");
        let refused = app.userinfo(&acme, &token).await;
        assert_eq!((refused.status, refused.json["error"].as_str()), (403, Some("insufficient_scope")));
        assert!(refused.header("www-authenticate").contains("error=\"insufficient_scope\""));
        let bare = app.get(&routes::url::oauth(&acme, "userinfo")).await;
        assert_eq!(bare.status, 401);
        // Who brought no token is told no error (RFC 6750 §3.1).
        assert!(bare.header("www-authenticate").starts_with("Bearer") && !bare.header("www-authenticate").contains("error"));
    }

    async fn me_tells_what_the_token_is(engine: testkit::Scratch) {
        let app = TestApp::new(engine).await;
        let acme = app.org("acme").await;
        let (cd, machine) = (app.device_app(&acme).await, machine(&app, &acme).await);
        let u1 = app.user("u1@acme.example", &[(&acme, Role::Member)]).await;
        let tokens = cd.log_in(&app, &app.signed_in(u1).await).await;
        let told = app.me(&acme, &text(&tokens, "access_token")).await.ok();
        assert_eq!(told.json, json!({
            "sub": u1.to_string(), "email": "u1@acme.example", "org_id": "acme", "client_id": cd.client_id,
            "scope": "email offline_access openid profile", "kind": "jwt", "exp": START.seconds() + 3600,
        }));
        assert_eq!(told.header("cache-control"), "no-store");
        let own = machine.client_credentials(&app).await.ok().at("access_token");
        let told = app.me(&acme, &own).await.ok().json;
        assert_eq!((&told["sub"], &told["kind"], &told["scope"]), (&json!(machine.client_id), &json!("jwt"), &json!("read")));
        let bare = app.get(&routes::url::me(&acme)).await;
        assert_eq!((bare.status, bare.header("www-authenticate").starts_with("Bearer")), (401, true));
    }

    async fn a_client_gets_a_token_for_itself(engine: testkit::Scratch) {
        let app = TestApp::new(engine).await;
        let acme = app.org("acme").await;
        let machine = machine(&app, &acme).await;
        let answer = machine.client_credentials(&app).await.ok();
        assert_eq!((answer.header("cache-control"), answer.json["expires_in"].as_u64()), ("no-store", Some(3600)));
        for absent in ["refresh_token", "id_token"] {
            assert!(answer.json[absent].is_null());
        }
        let token = answer.at("access_token");
        let verified = app.verified(&acme, &token, "at+jwt", &app.issuer(&acme)).await;
        assert_eq!((&verified["sub"], &verified["scope"]), (&json!(machine.client_id), &json!("read")));
        assert!(verified["auth_time"].is_null());
        assert_eq!(model::secret::from_base64url(verified["jti"].as_str().unwrap()).unwrap().len(), 16);

        let asked = async |fields: &[(&str, &str)]| {
            machine.post(&app, "token", &[&[("grant_type", "client_credentials")][..], fields].concat()).await
        };
        let both = asked(&[("scope", "write read"), ("resource", "https://api.example")]).await.ok();
        assert_eq!((both.at("scope").as_str(), &claims(&both.at("access_token"))["aud"]), ("read write", &json!("https://api.example")));
        asked(&[("scope", "admin")]).await.assert_error("invalid_scope");
        asked(&[("resource", "nowhere")]).await.assert_error("invalid_target");
        App { secret: Some("wrong".to_owned()), ..machine.clone() }.client_credentials(&app).await.assert_invalid_client();
        app.device_app(&acme).await.client_credentials(&app).await.assert_error("unauthorized_client");

        assert_eq!(machine.introspect(&app, &token).await["active"], true);
        machine.revoke(&app, &token).await.ok();
        assert_eq!(machine.introspect(&app, &token).await, json!({"active": false}));
        app.me(&acme, &token).await.assert_token_refused();

        let token = machine.client_credentials(&app).await.ok().at("access_token");
        app.set_app_state(&machine, ApplicationState::Disabled).await;
        machine.client_credentials(&app).await.assert_error("unauthorized_client");
        app.me(&acme, &token).await.assert_token_refused();
        app.set_app_state(&machine, ApplicationState::Deleted).await;
        machine.client_credentials(&app).await.assert_invalid_client();
    }

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
                1 => app.set_user_state(u1, UserState::Disabled).await,
                _ => app.end_membership(&acme, u1).await,
            }
            cd.refresh(&app, &refresh).await.assert_error("invalid_grant");
            app.userinfo(&acme, &access).await.assert_token_refused();
            app.me(&acme, &access).await.assert_token_refused();
            assert_eq!(cs.introspect(&app, &access).await, json!({"active": false}));
            match which {
                0 => app.set_app_state(&cd, ApplicationState::Active).await,
                1 => app.set_user_state(u1, UserState::Active).await,
                _ => return,
            }
            // What was not revoked is good again.
            app.userinfo(&acme, &access).await.ok();
            refresh = cd.refresh(&app, &refresh).await.ok().at("refresh_token");
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

    async fn an_unknown_grant_type_is_told_so(engine: testkit::Scratch) {
        let app = TestApp::new(engine).await;
        let acme = app.org("acme").await;
        let cd = app.device_app(&acme).await;
        for unknown in ["password", "device_code", "authorization_code"] {
            cd.post(&app, "token", &[("grant_type", unknown)]).await.assert_error("unsupported_grant_type");
        }
        cd.post(&app, "token", &[]).await.assert_error("invalid_request");
        cd.post(&app, "token", &[("grant_type", "")]).await.assert_error("invalid_request");
    }
}
