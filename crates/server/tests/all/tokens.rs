//! Access tokens and id_tokens: what they say, and what userinfo and `me` tell by them.

use crate::device_grant::begun;
use crate::support::{App, Browser, START, TestApp};
use crate::wire::{claims, part};
use jose::Algorithm;
use model::application::{ApplicationState, ClientKind};
use model::id::OrgId;
use model::org::Role;
use protocol::scope::Scopes;
use protocol::token::GrantType;
use reqwest::Method;
use serde_json::{Value, json};

/// The whole way with these fields of the device's request.
async fn tokens_for(client: &App, app: &TestApp, browser: &Browser<'_>, fields: &[(&str, &str)]) -> Value {
    let codes = begun(client, app, fields).await;
    browser.approve(&client.org, &codes.user_code).await;
    client.poll(app, &codes.device_code).await.ok().json
}

/// A text of a JSON object.
pub(crate) fn text(json: &Value, name: &str) -> String {
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
            let cd = app.app(&acme, ClientKind::Public, |s| s.tokens.id_token_alg = Some(algorithm)).await;
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
        let (one, two, issuer) = ("https://api.example/v1", "https://two.example/?tenant=acme", app.issuer(&acme));
        for uri in [one, two] {
            app.resource(&acme, uri).await;
        }
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
        for bad in ["not a uri", "https://a.example/#fragment", "/relative", "https://", "https://api.example/v1/", "https://unknown.example", "urn:example:two"] {
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
        asked(&[("resource", "https://api.example")]).await.assert_error("invalid_target");
        app.resource(&acme, "https://api.example").await;
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

    async fn an_unknown_grant_type_is_told_so(engine: testkit::Scratch) {
        let app = TestApp::new(engine).await;
        let acme = app.org("acme").await;
        let cd = app.device_app(&acme).await;
        for unknown in ["password", "device_code", "implicit"] {
            cd.post(&app, "token", &[("grant_type", unknown)]).await.assert_error("unsupported_grant_type");
        }
        cd.post(&app, "token", &[]).await.assert_error("invalid_request");
        cd.post(&app, "token", &[("grant_type", "")]).await.assert_error("invalid_request");
    }
}
