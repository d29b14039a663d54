//! Metadata and keys: what a client learns of an organization.

use crate::support::{Answer, TestApp};
use crate::wire::{claims, part};
use issuer::keys::{JWKS_MAX_AGE, TakesOver};
use model::algorithm::Algorithm;
use model::application::ClientKind;
use model::audit::By;
use model::id::OrgId;
use model::org::Role;
use protocol::token::GrantType;
use reqwest::Method;
use routes::{Route, TABLE};
use serde_json::json;
use std::collections::BTreeSet;

/// The four addresses of one document.
fn addresses(org: &OrgId) -> [String; 4] {
    [
        format!("/orgs/{org}/.well-known/openid-configuration"),
        format!("/orgs/{org}/.well-known/oauth-authorization-server"),
        format!("/.well-known/oauth-authorization-server/orgs/{org}"),
        format!("/.well-known/openid-configuration/orgs/{org}"),
    ]
}

/// Makes a key.
async fn rotate(app: &TestApp, org: &OrgId, takes_over: TakesOver) -> String {
    let moment = app.clock.moment();
    let key = issuer::keys::make(org, Algorithm::Es256, &crate::support::keyring(), &moment).unwrap();
    let (org, kid, by) = (org.clone(), key.kid.clone(), By::operator(&moment));
    app.write(move |conn| issuer::keys::rotate(conn, &org, &key, takes_over, &by)).await;
    kid
}

testkit::both_engines! {
    async fn case_45_the_issuer_is_the_same_byte_by_byte_and_keys_differ(engine: testkit::Scratch) {
        let app = TestApp::new(engine).await;
        let mut seen = Vec::new();
        for name in ["acme", "beta"] {
            let org = app.org(name).await;
            let issuer = format!("{}/orgs/{name}", app.public_url);
            let cd = app.device_app(&org).await;
            let user = app.user(&format!("u@{name}.example"), &[(&org, Role::Member)]).await;
            let tokens = cd.log_in(&app, &app.signed_in(user).await).await;
            for token in ["access_token", "id_token"] {
                assert_eq!(claims(tokens[token].as_str().unwrap())["iss"], issuer);
            }
            let metadata = app.get(&addresses(&org)[0]).await.ok().json;
            assert_eq!(metadata["issuer"], issuer);
            assert_eq!(metadata["jwks_uri"], format!("{issuer}/.well-known/jwks.json"));
            let keys: BTreeSet<String> = app.jwks(&org).await.keys.into_iter().map(|key| key.kid).collect();
            assert!(keys.contains(part(tokens["access_token"].as_str().unwrap(), 0)["kid"].as_str().unwrap()));
            seen.push(keys);
        }
        assert!(seen[0].is_disjoint(&seen[1]));
    }

    async fn the_document_is_the_same_at_four_addresses_and_true(engine: testkit::Scratch) {
        let app = TestApp::new(engine).await;
        let acme = app.org("acme").await;
        let at = |name: &str| json!(format!("{}/orgs/acme/api/v1/oauth/{name}", app.public_url));
        let first = app.get(&addresses(&acme)[0]).await.ok();
        for address in addresses(&acme) {
            let answer = app.get(&address).await.ok();
            assert_eq!((&answer.text, answer.header("etag")), (&first.text, first.header("etag")), "{address}");
            assert_eq!(answer.header("content-type"), "application/json");
        }
        let metadata = first.json;
        for (field, name) in [
            ("authorization_endpoint", "authorize"), ("token_endpoint", "token"), ("userinfo_endpoint", "userinfo"),
            ("device_authorization_endpoint", "device_authorization"), ("introspection_endpoint", "introspect"), ("revocation_endpoint", "revoke"),
        ] {
            assert_eq!(metadata[field], at(name));
        }
        assert_eq!(metadata["response_types_supported"], json!(["code"]));
        assert_eq!(metadata["response_modes_supported"], json!(["query", "fragment", "form_post"]));
        assert_eq!(metadata["authorization_response_iss_parameter_supported"], json!(true));
        assert_eq!((&metadata["request_parameter_supported"], &metadata["request_uri_parameter_supported"]), (&json!(false), &json!(false)));
        assert_eq!(metadata["subject_types_supported"], json!(["public"]));
        assert_eq!(metadata["id_token_signing_alg_values_supported"], json!(["ES256", "RS256", "EdDSA"]));
        assert_eq!(metadata["token_endpoint_auth_methods_supported"], json!(["none", "client_secret_basic", "client_secret_post"]));
        assert_eq!(metadata["introspection_endpoint_auth_methods_supported"], json!(["client_secret_basic", "client_secret_post"]));
        assert_eq!(metadata["code_challenge_methods_supported"], json!(["S256"]));
        assert_eq!(metadata["scopes_supported"], json!(["email", "offline_access", "openid", "profile"]));
        // All that is listed works, and nothing that is not listed does.
        let cs = app.app(&acme, ClientKind::Confidential, |s| s.grants = GrantType::ALL.into()).await;
        let listed: Vec<&str> = metadata["grant_types_supported"].as_array().unwrap().iter().map(|grant| grant.as_str().unwrap()).collect();
        assert_eq!(listed, ["urn:ietf:params:oauth:grant-type:device_code", "authorization_code", "refresh_token", "client_credentials"]);
        for grant in listed {
            let answer = cs.post(&app, "token", &[("grant_type", grant), ("device_code", "x"), ("refresh_token", "x"), ("code", "x")]).await;
            assert_ne!(answer.json["error"], "unsupported_grant_type");
        }
        let authorize = app.get("/orgs/acme/api/v1/oauth/authorize?response_type=code&client_id=x&redirect_uri=https://a.example").await;
        assert_eq!((authorize.status, authorize.header("location")), (400, ""));
        assert!(authorize.header("content-type").starts_with("text/html"));
    }

    async fn documents_may_be_kept_and_asked_for_again(engine: testkit::Scratch) {
        let app = TestApp::new(engine).await;
        let acme = app.org("acme").await;
        let (metadata, jwks) = (addresses(&acme)[0].clone(), routes::url::jwks(&acme));
        for path in [&metadata, &jwks] {
            let answer = app.get(path).await.ok();
            let (etag, caching) = (answer.header("etag"), answer.header("cache-control"));
            assert!(etag.starts_with('"') && etag.len() > 2, "{etag}");
            assert!(caching.contains("max-age=") && !caching.contains("no-store"), "{caching}");
            for (known, status) in [(etag.to_owned(), 304), (format!("W/{etag}"), 304), (format!("\"other\", {etag}"), 304), ("*".to_owned(), 304), ("\"other\"".to_owned(), 200)] {
                let again = Answer::of(app.request(Method::GET, path).header("if-none-match", &known)).await;
                assert_eq!((again.status, again.header("etag"), again.text.is_empty()), (status, etag, status == 304), "{known}");
                assert_eq!(again.header("cache-control"), caching);
            }
        }
        // Another document, another tag.
        app.wait(2);
        let before = app.get(&metadata).await.header("etag").to_owned();
        let scope = protocol::scope::Scopes::parse("reports").unwrap();
        let org = acme.clone();
        app.write(move |conn| directory::catalogue::add_missing(conn, &org, &scope)).await;
        app.wait(2);
        let after = app.get(&metadata).await.ok();
        assert_ne!(after.header("etag"), before);
        assert_eq!(after.json["scopes_supported"], json!(["email", "offline_access", "openid", "profile", "reports"]));
    }

    async fn a_new_key_is_published_before_it_signs_and_the_old_one_kept(engine: testkit::Scratch) {
        let app = TestApp::new(engine).await;
        let acme = app.org("acme").await;
        let cd = app.app(&acme, ClientKind::Public, |s| s.tokens.access_lifetime = std::time::Duration::from_secs(86_400)).await;
        let u1 = app.user("u1@acme.example", &[(&acme, Role::Member)]).await;
        let browser = app.signed_in(u1).await;
        let old = app.jwks(&acme).await.keys[0].kid.clone();
        let new = rotate(&app, &acme, TakesOver::OnceKnown).await;
        app.wait(2);
        let published = async || app.jwks(&acme).await.keys.into_iter().map(|key| key.kid).collect::<BTreeSet<_>>();
        let both = BTreeSet::from([old.clone(), new.clone()]);
        assert_eq!(published().await, both);
        let kid_of = |tokens: &serde_json::Value| part(tokens["access_token"].as_str().unwrap(), 0)["kid"].as_str().unwrap().to_owned();
        assert_eq!(kid_of(&cd.log_in(&app, &browser).await), old);
        // The longest that a list may be kept, and a minute for clocks.
        app.wait(JWKS_MAX_AGE.as_secs() + 60 - 3);
        let last_of_old = cd.log_in(&app, &browser).await;
        assert_eq!(kid_of(&last_of_old), old);
        app.wait(1);
        let first_of_new = cd.log_in(&app, &browser).await;
        assert_eq!(kid_of(&first_of_new), new);
        // Until its last token has expired.
        app.wait(86_398);
        assert_eq!(published().await, both);
        for tokens in [&last_of_old, &first_of_new] {
            app.userinfo(&acme, tokens["access_token"].as_str().unwrap()).await.ok();
        }
        app.wait(400);
        assert_eq!(published().await, BTreeSet::from([new]));
    }

    async fn a_key_that_was_replaced_before_it_signed_never_signs(engine: testkit::Scratch) {
        let app = TestApp::new(engine).await;
        let acme = app.org("acme").await;
        let (cd, u1) = (app.device_app(&acme).await, app.user("u1@acme.example", &[(&acme, Role::Member)]).await);
        let browser = app.signed_in(u1).await;
        let kid = async || part(cd.log_in(&app, &browser).await["access_token"].as_str().unwrap(), 0)["kid"].as_str().unwrap().to_owned();
        let waits = JWKS_MAX_AGE.as_secs() + 60;
        rotate(&app, &acme, TakesOver::OnceKnown).await;
        app.wait(2);
        let now = rotate(&app, &acme, TakesOver::AtOnce).await;
        for seconds in [2, waits, 3600] {
            app.wait(seconds);
            assert_eq!(kid().await, now);
        }
        // Nor while the next one waits for its time.
        let next = rotate(&app, &acme, TakesOver::OnceKnown).await;
        app.wait(2);
        assert_eq!(kid().await, now);
        app.wait(waits);
        assert_eq!(kid().await, next);
    }

    async fn what_a_withdrawn_key_signed_is_refused_at_once(engine: testkit::Scratch) {
        let app = TestApp::new(engine).await;
        let acme = app.org("acme").await;
        let (cd, u1) = (app.device_app(&acme).await, app.user("u1@acme.example", &[(&acme, Role::Member)]).await);
        let browser = app.signed_in(u1).await;
        let access = |tokens: &serde_json::Value| tokens["access_token"].as_str().unwrap().to_owned();
        let first = cd.log_in(&app, &browser).await;
        rotate(&app, &acme, TakesOver::AtOnce).await;
        app.wait(2);
        let second = cd.log_in(&app, &browser).await;
        for tokens in [&first, &second] {
            app.userinfo(&acme, &access(tokens)).await.ok();
        }
        let alone = rotate(&app, &acme, TakesOver::AtOnceAlone).await;
        app.wait(2);
        assert_eq!(app.jwks(&acme).await.keys.into_iter().map(|key| key.kid).collect::<Vec<_>>(), [alone.as_str()]);
        for tokens in [&first, &second] {
            app.userinfo(&acme, &access(tokens)).await.assert_token_refused();
        }
        // Access itself goes on.
        let next = cd.refresh(&app, second["refresh_token"].as_str().unwrap()).await.ok();
        assert_eq!(part(&next.at("access_token"), 0)["kid"], alone);
        app.userinfo(&acme, &next.at("access_token")).await.ok();
        let details = app.texts("SELECT CAST(details AS TEXT) AS value FROM audit WHERE action = 'key.rotated' ORDER BY at").await;
        assert_eq!(details.iter().map(|row| row.contains("withdrawn")).collect::<Vec<_>>(), [false, true], "{details:?}");
    }

    async fn of_many_requests_one_makes_the_first_key_and_all_sign_with_it(engine: testkit::Scratch) {
        let app = TestApp::new(engine).await;
        let acme = app.org("acme").await;
        // One that began a moment before the key was made, as on a node that is a little behind.
        let before = app.clock.moment();
        app.wait(1);
        let moments: Vec<_> = (0..4).map(|_| app.clock.moment()).collect();
        let needed = [Algorithm::Rs256];
        let asked = |number: usize| app.state.keys(&acme, &needed, &moments[number]);
        let (first, second, third, fourth) = tokio::join!(asked(0), asked(1), asked(2), asked(3));
        for keys in [first, second, third, fourth] {
            assert!(keys.unwrap().signing(Algorithm::Rs256, moments[0].now()).is_some());
        }
        let earlier = app.state.keys(&acme, &needed, &before).await.unwrap();
        assert!(earlier.signing(Algorithm::Rs256, before.now()).is_some());

        // Whoever has the turn makes it; the others wait, and take what it made.
        let turn = app.state.first_keys.turn(&acme, Algorithm::EdDsa);
        let held = turn.lock().await;
        let made = issuer::keys::make(&acme, Algorithm::EdDsa, &crate::support::keyring(), &moments[0]).unwrap();
        let (org, key, now) = (acme.clone(), made.clone(), moments[0].now());
        let needed = [Algorithm::EdDsa];
        let waiting = app.state.keys(&acme, &needed, &moments[0]);
        let making = async {
            tokio::time::sleep(std::time::Duration::from_millis(300)).await;
            app.write(move |conn| issuer::keys::add_first(conn, &org, &key, now)).await;
            drop(held);
        };
        let (keys, ()) = tokio::join!(waiting, making);
        assert_eq!(keys.unwrap().signing(Algorithm::EdDsa, now).unwrap().kid(), made.kid);
        assert_eq!(app.numbers("SELECT COUNT(*) AS value FROM signing_keys").await, [3]);
    }

    async fn other_origins_may_call_what_programs_call_and_nothing_else(engine: testkit::Scratch) {
        let app = TestApp::new(engine).await;
        app.org("acme").await;
        let open = [
            Route::OpenIdConfiguration, Route::ServerMetadata, Route::ServerMetadataInserted, Route::OpenIdConfigurationInserted,
            Route::Jwks, Route::Token, Route::UserInfo, Route::UserInfoPost, Route::Revoke, Route::DeviceAuthorization,
            Route::InstanceMetadata, Route::InstanceDeviceAuthorization, Route::InstanceToken, Route::InstanceRevoke,
        ];
        for spec in TABLE {
            let path = spec.pattern.replace("{org}", "acme");
            // Whatever the other parameters are called.
            let path = path.split('/').map(|part| if part.starts_with('{') { "x" } else { part }).collect::<Vec<_>>().join("/");
            let method = Method::from_bytes(spec.method.as_str().as_bytes()).unwrap();
            let asked = Answer::of(
                app.request(Method::OPTIONS, &path)
                    .header("origin", "https://app.example")
                    .header("access-control-request-method", spec.method.as_str())
                    .header("access-control-request-headers", "authorization"),
            )
            .await;
            let answer = Answer::of(app.request(method, &path).header("origin", "https://app.example")).await;
            if open.contains(&spec.route) {
                assert_eq!(asked.status, 204, "{path}");
                assert_eq!(asked.header("access-control-allow-headers"), "Authorization, Content-Type, DPoP");
                assert!(asked.header("access-control-allow-methods").split(", ").any(|allowed| allowed == spec.method.as_str()));
                for answer in [&asked, &answer] {
                    assert_eq!(answer.header("access-control-allow-origin"), "*", "{path}");
                    assert_eq!(answer.header("access-control-expose-headers"), "WWW-Authenticate, DPoP-Nonce, Retry-After");
                    assert_eq!(answer.header("access-control-allow-credentials"), "");
                }
            } else {
                assert_eq!(asked.status, 405, "{path}");
                for answer in [&asked, &answer] {
                    assert_eq!(answer.header("access-control-allow-origin"), "", "{path}");
                }
            }
        }
    }

    async fn every_answer_names_its_request(engine: testkit::Scratch) {
        let app = TestApp::new(engine).await;
        let acme = app.org("acme").await;
        let cd = app.device_app(&acme).await;
        let jwks = routes::url::jwks(&acme);
        let etag = app.get(&jwks).await.header("etag").to_owned();
        let token = cd.endpoint("token");
        let answers = [
            (200, app.get(&jwks).await),
            (304, Answer::of(app.request(Method::GET, &jwks).header("if-none-match", etag)).await),
            (204, Answer::of(app.request(Method::OPTIONS, &token)).await),
            (400, app.form(&token, &[]).await),
            (401, app.userinfo(&acme, "x").await),
            (404, app.get("/orgs/nowhere/.well-known/jwks.json").await),
            (404, app.get("/nothing").await),
            (404, app.get("/orgs/%61cme/device").await),
            (405, app.get(&token).await),
            (413, Answer::of(app.request(Method::POST, &token).header("content-type", "application/x-www-form-urlencoded").body("a".repeat(70_000))).await),
            (415, Answer::of(app.request(Method::POST, &token).body("{}")).await),
            (303, app.get("/orgs").await),
            (200, app.get("/healthz").await),
        ];
        let mut ids = BTreeSet::new();
        for (status, answer) in &answers {
            assert_eq!(answer.status, *status, "{}", answer.text);
            assert!(answer.header("x-request-id").len() >= 16, "{:?}", answer.headers);
            ids.insert(answer.header("x-request-id"));
        }
        assert_eq!(ids.len(), answers.len());
        // A caller does not choose it.
        let chosen = Answer::of(app.request(Method::GET, &jwks).header("x-request-id", "chosen")).await;
        assert_ne!(chosen.header("x-request-id"), "chosen");
    }
}
