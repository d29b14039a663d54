//! The device grant as RFC 8628 speaks it: from the request to one set of tokens.

use crate::support::{App, Codes, START, TestApp};
use crate::wire::{DEVICE_CODE, together};
use model::application::{ApplicationState, ClientKind};
use model::org::Role;
use protocol::token::GrantType;
use std::collections::{BTreeMap, BTreeSet};

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

    async fn case_02_ten_thousand_codes_are_unique_and_uniform(engine: testkit::Scratch) {
        let app = TestApp::new(engine).await;
        let acme = app.org("acme").await;
        let cd = app.device_app(&acme).await;
        let (mut user_codes, mut device_codes) = (BTreeSet::new(), BTreeSet::new());
        while user_codes.len() < 10_000 {
            let requests = (0..50).map(|_| cd.prepared(&app, "device_authorization", &[])).collect();
            // A busy machine may put some off; they got no code.
            for answer in together(requests).await.into_iter().filter(|answer| answer.status != 503) {
                let answer = answer.ok();
                assert!(user_codes.insert(answer.at("user_code")) && device_codes.insert(answer.at("device_code")));
            }
        }
        assert_eq!(user_codes.len(), 10_000);
        let mut symbols: BTreeMap<char, f64> = BTreeMap::new();
        for symbol in user_codes.iter().flat_map(|code| code.chars()).filter(|symbol| *symbol != '-') {
            *symbols.entry(symbol).or_default() += 1.0;
        }
        let expected = 80_000.0 / 31.0;
        let chi_squared: f64 = symbols.values().map(|count| (count - expected).powi(2) / expected).sum();
        // 30 degrees of freedom: beyond 85 has a probability under one in a million.
        assert!(symbols.len() == 31 && chi_squared < 85.0, "{chi_squared}: {symbols:?}");
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
        assert_eq!(tokens.header("cache-control"), "no-store");
        assert_eq!(tokens.json["token_type"], "Bearer");
        for field in ["access_token", "refresh_token", "id_token"] {
            assert!(tokens.json[field].is_string(), "{field}");
        }
        cd.poll(&app, &codes.device_code).await.assert_error("invalid_grant");
        // Spent, it stays so as long as it is kept, and even after its time.
        app.wait(1801);
        cd.poll(&app, &codes.device_code).await.assert_error("invalid_grant");
        assert_eq!(app.audited("grant.redeemed").await, 1);
    }

    async fn case_07_a_denial_is_final(engine: testkit::Scratch) {
        let app = TestApp::new(engine).await;
        let acme = app.org("acme").await;
        let cd = app.device_app(&acme).await;
        let u1 = app.user("u1@acme.example", &[(&acme, Role::Member)]).await;
        let browser = app.signed_in(u1).await;
        let codes = cd.begin(&app).await;
        let review = browser.review(&acme, &codes.user_code).await;
        assert_eq!(browser.decide(&acme, &review, "deny").await.status, 303);
        cd.poll(&app, &codes.device_code).await.assert_error("access_denied");
        assert_eq!(browser.decide(&acme, &review, "approve").await.status, 409);
        assert_eq!(browser.enter(&acme, &codes.user_code).await.status, 400);
        assert_eq!(app.texts("SELECT state AS value FROM grants").await, ["denied"]);
        app.wait(1801);
        cd.poll(&app, &codes.device_code).await.assert_error("access_denied");
        assert_eq!(app.number("SELECT count(*) AS value FROM families").await, 0);
    }

    async fn case_08_of_approve_and_deny_at_once_one_counts(engine: testkit::Scratch) {
        let app = TestApp::new(engine).await;
        let acme = app.org("acme").await;
        let cd = app.device_app(&acme).await;
        let u1 = app.user("u1@acme.example", &[(&acme, Role::Member)]).await;
        let browser = app.signed_in(u1).await;
        for _ in 0..200 {
            let codes = cd.begin(&app).await;
            let review = browser.review(&acme, &codes.user_code).await;
            let decisions = [("approve", "yes"), ("deny", "")];
            let requests = decisions.iter().map(|(decision, tick)| {
                let path = routes::url::device_decision(&acme);
                let (token, grant) = (review.field_after(&path, "csrf_token"), review.field_after(&path, "grant"));
                let fields = [("csrf_token", token.as_str()), ("grant", &grant), ("organization", "acme"), ("confirm", tick), ("decision", decision)];
                browser.request(reqwest::Method::POST, &path).header("sec-fetch-site", "same-origin").form(&fields)
            });
            let answers = together(requests.collect()).await;
            let mut statuses: Vec<u16> = answers.iter().map(|answer| answer.status).collect();
            statuses.sort_unstable();
            assert_eq!(statuses, [303, 409]);
            let result = answers.iter().find(|answer| answer.status == 303).unwrap().location().to_owned();
            let denied = browser.get(&result).await.ok().text.contains("denied");
            let polled = cd.poll(&app, &codes.device_code).await;
            assert_eq!(polled.status, if denied { 400 } else { 200 }, "{}", polled.text);
            if denied {
                polled.assert_error("access_denied");
            }
        }
        let decided = app.audited("grant.approved").await + app.audited("grant.denied").await;
        assert_eq!(decided, 200);
    }

    async fn case_09_expiry_is_final(engine: testkit::Scratch) {
        let app = TestApp::new(engine).await;
        let acme = app.org("acme").await;
        let cd = app.device_app(&acme).await;
        let u1 = app.user("u1@acme.example", &[(&acme, Role::Member)]).await;
        let browser = app.signed_in(u1).await;
        let (reviewed, untouched, approved) = (cd.begin(&app).await, cd.begin(&app).await, cd.begin(&app).await);
        let review = browser.review(&acme, &reviewed.user_code).await;
        browser.approve(&acme, &approved.user_code).await;
        app.wait(1801);
        let rows = "SELECT state || ':' || revision AS value FROM grants ORDER BY id";
        let before = app.texts(rows).await;
        for codes in [&reviewed, &untouched, &approved] {
            cd.poll(&app, &codes.device_code).await.assert_error("expired_token");
        }
        assert_eq!(browser.decide(&acme, &review, "approve").await.status, 409);
        assert_eq!(browser.enter(&acme, &untouched.user_code).await.status, 400);
        assert_eq!(app.texts(rows).await, before);
        assert_eq!(app.number("SELECT count(*) AS value FROM families").await, 0);
    }

    async fn a_code_lives_until_its_last_second(engine: testkit::Scratch) {
        let app = TestApp::new(engine).await;
        let acme = app.org("acme").await;
        let cd = app.device_app(&acme).await;
        let u1 = app.user("u1@acme.example", &[(&acme, Role::Member)]).await;
        let browser = app.signed_in(u1).await;
        let codes = cd.begin(&app).await;
        app.wait(1799);
        browser.approve(&acme, &codes.user_code).await;
        cd.poll(&app, &codes.device_code).await.ok();
        let late = cd.begin(&app).await;
        app.wait(1800);
        cd.poll(&app, &late.device_code).await.assert_error("expired_token");
    }

    async fn case_12_the_device_grant_has_to_be_enabled(engine: testkit::Scratch) {
        let app = TestApp::new(engine).await;
        let acme = app.org("acme").await;
        let machine = app.app(&acme, ClientKind::Confidential, |s| s.grants = [GrantType::ClientCredentials].into()).await;
        machine.post(&app, "device_authorization", &[]).await.assert_error("unauthorized_client");
        let fields = [("grant_type", DEVICE_CODE), ("device_code", "unknown")];
        machine.post(&app, "token", &fields).await.assert_error("unauthorized_client");
        assert_eq!(app.number("SELECT count(*) AS value FROM grants").await, 0);
    }

    async fn case_13_unknown_clients_and_scopes_are_refused(engine: testkit::Scratch) {
        let app = TestApp::new(engine).await;
        let acme = app.org("acme").await;
        let cd = app.device_app(&acme).await;
        let stranger = App { client_id: "nobody".to_owned(), ..cd.clone() };
        let answer = stranger.post(&app, "device_authorization", &[]).await;
        answer.assert_invalid_client();
        assert_eq!((answer.header("cache-control"), answer.header("www-authenticate")), ("no-store", ""));
        stranger.poll(&app, "unknown").await.assert_invalid_client();
        app.form(&cd.endpoint("device_authorization"), &[("scope", "openid")]).await.assert_invalid_client();
        for scope in ["admin", "openid admin", "openid \"", "ä"] {
            cd.post(&app, "device_authorization", &[("scope", scope)]).await.assert_error("invalid_scope");
        }
        assert_eq!(app.number("SELECT count(*) AS value FROM grants").await, 0);
    }

    async fn an_approval_that_nobody_collected_does_not_outlive_the_password(engine: testkit::Scratch) {
        let app = TestApp::new(engine).await;
        let acme = app.org("acme").await;
        let cd = app.device_app(&acme).await;
        let u1 = app.user("u1@acme.example", &[(&acme, Role::Member)]).await;
        let browser = app.signed_in(u1).await;
        let codes = cd.begin(&app).await;
        browser.approve(&acme, &codes.user_code).await;
        let (moment, hash) = (app.clock.moment(), model::secret::Secret::new("$argon2id$unused".to_owned()));
        app.write(move |conn| directory::users::set_password(conn, u1, &hash, directory::access::Keys::All, &model::audit::By::operator(&moment)))
            .await;
        cd.poll(&app, &codes.device_code).await.assert_error("access_denied");
    }

    async fn case_14_the_code_is_read_kindly(engine: testkit::Scratch) {
        let app = TestApp::new(engine).await;
        let acme = app.org("acme").await;
        let cd = app.device_app(&acme).await;
        let u1 = app.user("u1@acme.example", &[(&acme, Role::Member)]).await;
        let browser = app.signed_in(u1).await;
        let code = cd.begin(&app).await.user_code;
        let review = browser.enter(&acme, &code).await.location().to_owned();
        let spaced: String = code.chars().flat_map(|symbol| [' ', symbol]).collect();
        for typed in [code.to_lowercase(), code.replace('-', ""), code.replace('-', " "), spaced, format!(" {} ", code.to_lowercase())] {
            assert_eq!(browser.enter(&acme, &typed).await.location(), review, "{typed:?}");
        }
    }

    async fn an_absent_or_empty_scope_means_the_applications_default(engine: testkit::Scratch) {
        let app = TestApp::new(engine).await;
        let acme = app.org("acme").await;
        let defaults = protocol::scope::Scopes::parse("openid email").unwrap();
        let cd = app.app(&acme, ClientKind::Public, |s| s.default_scopes = defaults).await;
        let u1 = app.user("u1@acme.example", &[(&acme, Role::Member)]).await;
        let browser = app.signed_in(u1).await;
        for (fields, granted) in [
            (&[][..], "email openid"),
            (&[("scope", "")][..], "email openid"),
            (&[("scope", "profile  openid openid")][..], "openid profile"),
        ] {
            let codes = begun(&cd, &app, fields).await;
            browser.approve(&acme, &codes.user_code).await;
            assert_eq!(cd.poll(&app, &codes.device_code).await.ok().at("scope"), granted);
        }
    }

    async fn what_is_issued_is_within_what_is_allowed_when_it_is_redeemed(engine: testkit::Scratch) {
        let app = TestApp::new(engine).await;
        let acme = app.org("acme").await;
        let cd = app.device_app(&acme).await;
        let u1 = app.user("u1@acme.example", &[(&acme, Role::Member)]).await;
        let browser = app.signed_in(u1).await;
        let codes = cd.begin(&app).await;
        browser.approve(&acme, &codes.user_code).await;
        app.edit_app(&cd, |settings| {
            settings.scopes = protocol::scope::Scopes::parse("email profile more").unwrap();
            settings.default_scopes = protocol::scope::Scopes::parse("email").unwrap();
        })
        .await;
        let tokens = cd.poll(&app, &codes.device_code).await.ok();
        assert_eq!(tokens.at("scope"), "email profile");
        assert!(tokens.json["id_token"].is_null());
    }

    async fn a_challenge_binds_the_poll_to_its_verifier(engine: testkit::Scratch) {
        let app = TestApp::new(engine).await;
        let acme = app.org("acme").await;
        let cd = app.device_app(&acme).await;
        let u1 = app.user("u1@acme.example", &[(&acme, Role::Member)]).await;
        let browser = app.signed_in(u1).await;
        // The pair of RFC 7636, appendix B.
        let (verifier, challenge) = ("dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk", "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM");
        let codes = begun(&cd, &app, &[("code_challenge", challenge), ("code_challenge_method", "S256")]).await;
        let poll = async |verifier: Option<&str>| {
            let mut fields = vec![("grant_type", DEVICE_CODE), ("device_code", codes.device_code.as_str())];
            fields.extend(verifier.map(|verifier| ("code_verifier", verifier)));
            cd.post(&app, "token", &fields).await
        };
        poll(Some(verifier)).await.assert_error("authorization_pending");
        browser.approve(&acme, &codes.user_code).await;
        for wrong in [None, Some("wrong"), Some(challenge)] {
            poll(wrong).await.assert_error("invalid_grant");
        }
        app.wait(5);
        poll(Some(verifier)).await.ok();

        for fields in [
            &[("code_challenge", challenge), ("code_challenge_method", "plain")][..],
            &[("code_challenge", challenge)][..],
            &[("code_challenge_method", "S256")][..],
            &[("code_challenge", "short"), ("code_challenge_method", "S256")][..],
        ] {
            cd.post(&app, "device_authorization", fields).await.assert_error("invalid_request");
        }
        // A verifier for a request without challenge: somebody has taken the challenge away.
        let plain = cd.begin(&app).await;
        let fields = [("grant_type", DEVICE_CODE), ("device_code", plain.device_code.as_str()), ("code_verifier", verifier)];
        cd.post(&app, "token", &fields).await.assert_error("invalid_grant");
    }

    async fn a_confidential_client_has_to_show_its_secret_for_a_code_and_for_a_poll(engine: testkit::Scratch) {
        let app = TestApp::new(engine).await;
        let acme = app.org("acme").await;
        let cs = app.app(&acme, ClientKind::Confidential, |_| {}).await;
        let u1 = app.user("u1@acme.example", &[(&acme, Role::Member)]).await;
        let browser = app.signed_in(u1).await;
        let bare = App { secret: None, ..cs.clone() };
        bare.post(&app, "device_authorization", &[]).await.assert_invalid_client();
        let codes = begun(&cs, &app, &[]).await;
        browser.approve(&acme, &codes.user_code).await;
        bare.poll(&app, &codes.device_code).await.assert_invalid_client();
        cs.poll(&app, &codes.device_code).await.ok();
    }

    async fn a_disabled_or_deleted_application_gets_no_code(engine: testkit::Scratch) {
        let app = TestApp::new(engine).await;
        let acme = app.org("acme").await;
        let cd = app.device_app(&acme).await;
        for state in [ApplicationState::Disabled, ApplicationState::Deleted] {
            app.set_app_state(&cd, state).await;
            cd.post(&app, "device_authorization", &[]).await.assert_invalid_client();
        }
    }

    async fn a_user_code_is_stored_as_an_hmac_under_a_key_outside_the_database(engine: testkit::Scratch) {
        let app = TestApp::new(engine).await;
        let acme = app.org("acme").await;
        let cd = app.device_app(&acme).await;
        let codes = cd.begin(&app).await;
        // Forty bits could be guessed from a plain digest.
        let plain = model::secret::Digest::of(model::secret::Purpose::UserCode, &codes.user_code.replace('-', ""));
        let mac = model::user_code::TypedCode::read(&codes.user_code).digest(&crate::support::keyring().key(model::secret::Purpose::UserCode));
        assert_ne!(plain.bytes(), mac.bytes());
        let (org, found) = (acme.clone(), mac);
        let leads = app.db.read("test", move |conn| store::tables::code_directory::find(conn, &found, START)).await.unwrap();
        assert_eq!(leads.map(|directions| directions.org_id), Some(org));
    }
}

/// Asks for a code with these fields.
pub(crate) async fn begun(client: &App, app: &TestApp, fields: &[(&str, &str)]) -> Codes {
    let answer = client.post(app, "device_authorization", fields).await.ok();
    Codes { device_code: answer.at("device_code"), user_code: answer.at("user_code") }
}
