//! Refreshing: rotation, grace, reuse, ends.

use crate::support::{App, Browser, TestApp};
use crate::wire::{claims, together};
use model::application::ClientKind;
use model::org::Role;
use protocol::scope::Scopes;
use protocol::token::GrantType;

const LIVE_LEAVES: &str = "SELECT count(*) AS value FROM refresh_tokens JOIN families ON families.org_id = refresh_tokens.org_id AND families.id = refresh_tokens.family_id WHERE first_used_at IS NULL AND families.state = 'active'";
const DAY: u64 = 86_400;

/// The refresh token of a fresh login.
async fn logged_in(client: &App, app: &TestApp, browser: &Browser<'_>) -> String {
    client.log_in(app, browser).await["refresh_token"].as_str().unwrap().to_owned()
}

testkit::both_engines! {
    async fn case_25_a_repeat_after_the_grace_window_ends_the_family(engine: testkit::Scratch) {
        let app = TestApp::new(engine).await;
        let acme = app.org("acme").await;
        let cd = app.device_app(&acme).await;
        let u1 = app.user("u1@acme.example", &[(&acme, Role::Member)]).await;
        let first = logged_in(&cd, &app, &app.signed_in(u1).await).await;
        let second = cd.refresh(&app, &first).await.ok();
        assert_eq!(second.header("cache-control"), "no-store");
        assert_ne!(second.at("refresh_token"), first);
        app.wait(59);
        assert_eq!(cd.refresh(&app, &first).await.ok().at("refresh_token"), second.at("refresh_token"));
        app.userinfo(&acme, &second.at("access_token")).await.ok();
        // Counted from its own first use: the repeat within grace did not prolong it.
        app.wait(1);
        cd.refresh(&app, &first).await.assert_error("invalid_grant");
        cd.refresh(&app, &second.at("refresh_token")).await.assert_error("invalid_grant");
        app.userinfo(&acme, &second.at("access_token")).await.assert_token_refused();
        assert_eq!(app.texts("SELECT revoked_reason AS value FROM families").await, ["reuse"]);
        cd.refresh(&app, &first).await.assert_error("invalid_grant");
        assert_eq!(app.audited("refresh.reused").await, 1);
    }

    async fn within_grace_the_successor_is_the_same_and_the_access_token_fresh(engine: testkit::Scratch) {
        let app = TestApp::new(engine).await;
        let acme = app.org("acme").await;
        let cd = app.device_app(&acme).await;
        let u1 = app.user("u1@acme.example", &[(&acme, Role::Member)]).await;
        let first = logged_in(&cd, &app, &app.signed_in(u1).await).await;
        let one = cd.refresh(&app, &first).await.ok();
        app.wait(10);
        let two = cd.refresh(&app, &first).await.ok();
        assert_eq!(one.at("refresh_token"), two.at("refresh_token"));
        let (before, after) = (claims(&one.at("access_token")), claims(&two.at("access_token")));
        assert_ne!(before["jti"], after["jti"]);
        assert_eq!(after["iat"].as_i64().unwrap() - before["iat"].as_i64().unwrap(), 10);
        for answer in [&one, &two] {
            app.userinfo(&acme, &answer.at("access_token")).await.ok();
        }
        assert_eq!(app.number("SELECT count(*) AS value FROM refresh_tokens").await, 2);
        // The lost answer's successor is used; its predecessor, still within grace, leads to it all the same.
        let three = cd.refresh(&app, &one.at("refresh_token")).await.ok();
        assert_eq!(cd.refresh(&app, &first).await.ok().at("refresh_token"), one.at("refresh_token"));
        assert_ne!(three.at("refresh_token"), one.at("refresh_token"));
        assert_eq!(app.number(LIVE_LEAVES).await, 1);
    }

    async fn the_successor_survives_a_restart(engine: testkit::Scratch) {
        let app = TestApp::new(engine).await;
        let acme = app.org("acme").await;
        let cd = app.device_app(&acme).await;
        let u1 = app.user("u1@acme.example", &[(&acme, Role::Member)]).await;
        let first = logged_in(&cd, &app, &app.signed_in(u1).await).await;
        let second = cd.refresh(&app, &first).await.ok().at("refresh_token");
        let app = app.restart();
        assert_eq!(cd.refresh(&app, &first).await.ok().at("refresh_token"), second);
    }

    async fn case_26_fifty_at_once_get_the_same_successor(engine: testkit::Scratch) {
        let app = TestApp::new(engine).await;
        let acme = app.org("acme").await;
        let cd = app.device_app(&acme).await;
        let u1 = app.user("u1@acme.example", &[(&acme, Role::Member)]).await;
        let first = logged_in(&cd, &app, &app.signed_in(u1).await).await;
        let fields = [("grant_type", "refresh_token"), ("refresh_token", first.as_str())];
        let answers = together((0..50).map(|_| cd.prepared(&app, "token", &fields)).collect()).await;
        let mut successors: Vec<String> = answers.into_iter().map(|answer| answer.ok().at("refresh_token")).collect();
        successors.dedup();
        assert_eq!(successors.len(), 1);
        assert_eq!(app.number(LIVE_LEAVES).await, 1);
        assert_eq!(app.number("SELECT count(*) AS value FROM refresh_tokens").await, 2);
        cd.refresh(&app, &successors[0]).await.ok();
    }

    async fn without_grace_a_repeat_at_once_ends_the_family(engine: testkit::Scratch) {
        let app = TestApp::new(engine).await;
        let acme = app.org("acme").await;
        app.sql("UPDATE organizations SET refresh_grace_ms = 0").await;
        let cd = app.device_app(&acme).await;
        let u1 = app.user("u1@acme.example", &[(&acme, Role::Member)]).await;
        let first = logged_in(&cd, &app, &app.signed_in(u1).await).await;
        let second = cd.refresh(&app, &first).await.ok().at("refresh_token");
        cd.refresh(&app, &first).await.assert_error("invalid_grant");
        cd.refresh(&app, &second).await.assert_error("invalid_grant");
        assert_eq!(app.number(LIVE_LEAVES).await, 0);
    }

    async fn case_27_another_clients_refresh_token_is_no_grant_and_nothing_changes(engine: testkit::Scratch) {
        let app = TestApp::new(engine).await;
        let (acme, beta) = (app.org("acme").await, app.org("beta").await);
        let (cd, cs) = (app.device_app(&acme).await, app.app(&acme, ClientKind::Confidential, |_| {}).await);
        let at_beta = app.device_app(&beta).await;
        let u1 = app.user("u1@acme.example", &[(&acme, Role::Member), (&beta, Role::Member)]).await;
        let first = logged_in(&cs, &app, &app.signed_in(u1).await).await;
        for stranger in [&cd, &at_beta] {
            stranger.refresh(&app, &first).await.assert_error("invalid_grant");
        }
        App { secret: None, ..cs.clone() }.refresh(&app, &first).await.assert_invalid_client();
        let second = cs.refresh(&app, &first).await.ok().at("refresh_token");
        // Not even a stranger who repeats a spent one ends the family.
        app.wait(3600);
        for stranger in [&cd, &at_beta] {
            stranger.refresh(&app, &first).await.assert_error("invalid_grant");
        }
        cs.refresh(&app, &second).await.ok();
        assert_eq!(app.audited("refresh.reused").await, 0);
    }

    async fn an_idle_family_ends_after_thirty_days(engine: testkit::Scratch) {
        let app = TestApp::new(engine).await;
        let acme = app.org("acme").await;
        let cd = app.device_app(&acme).await;
        let u1 = app.user("u1@acme.example", &[(&acme, Role::Member)]).await;
        let browser = app.signed_in(u1).await;
        let first = logged_in(&cd, &app, &browser).await;
        app.wait(30 * DAY - 1);
        let second = cd.refresh(&app, &first).await.ok().at("refresh_token");
        app.wait(30 * DAY);
        cd.refresh(&app, &second).await.assert_error("invalid_grant");
        assert_eq!(app.audited("refresh.reused").await, 0);
    }

    async fn a_family_ends_after_ninety_days_however_it_is_used(engine: testkit::Scratch) {
        let app = TestApp::new(engine).await;
        let acme = app.org("acme").await;
        let cd = app.device_app(&acme).await;
        let u1 = app.user("u1@acme.example", &[(&acme, Role::Member)]).await;
        let mut token = logged_in(&cd, &app, &app.signed_in(u1).await).await;
        for _ in 0..4 {
            app.wait(20 * DAY);
            token = cd.refresh(&app, &token).await.ok().at("refresh_token");
        }
        app.wait(10 * DAY - 1);
        let last = cd.refresh(&app, &token).await.ok();
        app.userinfo(&acme, &last.at("access_token")).await.ok();
        app.wait(1);
        cd.refresh(&app, &last.at("refresh_token")).await.assert_error("invalid_grant");
        cd.refresh(&app, &token).await.assert_error("invalid_grant");
        app.userinfo(&acme, &last.at("access_token")).await.assert_token_refused();
    }

    async fn fewer_scopes_may_be_asked_for_and_never_more(engine: testkit::Scratch) {
        let app = TestApp::new(engine).await;
        let acme = app.org("acme").await;
        let cd = app.device_app(&acme).await;
        let u1 = app.user("u1@acme.example", &[(&acme, Role::Member)]).await;
        let browser = app.signed_in(u1).await;
        let codes = crate::device_grant::begun(&cd, &app, &[("scope", "openid email")]).await;
        browser.approve(&acme, &codes.user_code).await;
        let first = cd.poll(&app, &codes.device_code).await.ok().at("refresh_token");
        let refresh = async |token: &str, scope: &str| {
            cd.post(&app, "token", &[("grant_type", "refresh_token"), ("refresh_token", token), ("scope", scope)]).await
        };
        for more in ["openid profile", "admin", "openid email profile"] {
            refresh(&first, more).await.assert_error("invalid_scope");
        }
        // Refused, it was not spent.
        assert_eq!(app.number("SELECT count(*) AS value FROM refresh_tokens").await, 1);
        let fewer = refresh(&first, "email").await.ok();
        assert_eq!((fewer.at("scope").as_str(), fewer.json["id_token"].is_null()), ("email", true));
        assert_eq!(claims(&fewer.at("access_token"))["scope"], "email");
        // The family keeps what was granted (RFC 6749 §6).
        let all = cd.refresh(&app, &fewer.at("refresh_token")).await.ok();
        assert_eq!((all.at("scope").as_str(), all.json["id_token"].is_string()), ("email openid", true));
    }

    async fn a_refresh_gives_no_more_than_the_application_may_have_now(engine: testkit::Scratch) {
        let app = TestApp::new(engine).await;
        let acme = app.org("acme").await;
        let cd = app.device_app(&acme).await;
        let u1 = app.user("u1@acme.example", &[(&acme, Role::Member)]).await;
        let first = logged_in(&cd, &app, &app.signed_in(u1).await).await;
        app.edit_app(&cd, |settings| {
            settings.scopes = Scopes::parse("openid").unwrap();
            settings.default_scopes = settings.scopes.clone();
        })
        .await;
        let second = cd.refresh(&app, &first).await.ok();
        assert_eq!(second.at("scope"), "openid");
        app.edit_app(&cd, |settings| settings.grants = [GrantType::DeviceCode].into()).await;
        cd.refresh(&app, &second.at("refresh_token")).await.assert_error("unauthorized_client");
    }

    async fn the_id_token_of_a_refresh_keeps_subject_and_time_of_sign_in(engine: testkit::Scratch) {
        let app = TestApp::new(engine).await;
        let acme = app.org("acme").await;
        let cd = app.device_app(&acme).await;
        let u1 = app.user("u1@acme.example", &[(&acme, Role::Member)]).await;
        let browser = app.signed_in(u1).await;
        app.wait(100);
        let tokens = cd.log_in(&app, &browser).await;
        app.wait(100);
        let next = cd.refresh(&app, tokens["refresh_token"].as_str().unwrap()).await.ok();
        let (before, after) = (claims(tokens["id_token"].as_str().unwrap()), claims(&next.at("id_token")));
        for kept in ["iss", "sub", "aud", "auth_time"] {
            assert_eq!(before[kept], after[kept]);
        }
        assert_eq!(after["iat"].as_i64().unwrap(), before["iat"].as_i64().unwrap() + 100);
        assert_eq!(after["auth_time"], claims(&next.at("access_token"))["auth_time"]);
    }

    async fn a_new_password_ends_every_family(engine: testkit::Scratch) {
        let app = TestApp::new(engine).await;
        let acme = app.org("acme").await;
        let cd = app.device_app(&acme).await;
        let u1 = app.user("u1@acme.example", &[(&acme, Role::Member)]).await;
        let u2 = app.user("u2@acme.example", &[(&acme, Role::Member)]).await;
        let (browser, other) = (app.signed_in(u1).await, app.signed_in(u2).await);
        let ended = [cd.log_in(&app, &browser).await, cd.log_in(&app, &browser).await];
        let untouched = logged_in(&cd, &app, &other).await;
        let moment = app.clock.moment();
        let hash = model::secret::Secret::new("$argon2id$v=19$m=19456,t=2,p=1$AAAA$AAAA".to_owned());
        app.write(move |conn| directory::users::set_password(conn, u1, &hash, directory::access::Keys::All, &model::audit::By::operator(&moment))).await;
        for tokens in &ended {
            cd.refresh(&app, tokens["refresh_token"].as_str().unwrap()).await.assert_error("invalid_grant");
            app.userinfo(&acme, tokens["access_token"].as_str().unwrap()).await.assert_token_refused();
        }
        cd.refresh(&app, &untouched).await.ok();
        assert_eq!(app.audited("family.revoked").await, 2);
    }

    async fn what_is_no_refresh_token_is_no_grant(engine: testkit::Scratch) {
        let app = TestApp::new(engine).await;
        let acme = app.org("acme").await;
        let cd = app.device_app(&acme).await;
        let u1 = app.user("u1@acme.example", &[(&acme, Role::Member)]).await;
        let codes = cd.begin(&app).await;
        let tokens = cd.log_in(&app, &app.signed_in(u1).await).await;
        // A secret of one purpose is accepted only there.
        for wrong in ["x", &codes.device_code, tokens["access_token"].as_str().unwrap()] {
            cd.refresh(&app, wrong).await.assert_error("invalid_grant");
        }
        cd.poll(&app, tokens["refresh_token"].as_str().unwrap()).await.assert_error("invalid_grant");
        cd.post(&app, "token", &[("grant_type", "refresh_token")]).await.assert_error("invalid_request");
    }

    async fn no_refresh_token_can_be_read_from_the_database(engine: testkit::Scratch) {
        let app = TestApp::new(engine).await;
        let acme = app.org("acme").await;
        let cd = app.device_app(&acme).await;
        let u1 = app.user("u1@acme.example", &[(&acme, Role::Member)]).await;
        let first = logged_in(&cd, &app, &app.signed_in(u1).await).await;
        let second = cd.refresh(&app, &first).await.ok().at("refresh_token");
        assert!(first.len() >= 43 && second.len() >= 43);
        let stored = if app.db.is_postgres() {
            app.texts("SELECT encode(digest, 'hex') AS value FROM refresh_tokens ORDER BY generation").await
        } else {
            app.texts("SELECT lower(hex(digest)) AS value FROM refresh_tokens ORDER BY generation").await
        };
        for (token, digest) in [&first, &second].iter().zip(&stored) {
            let expected = model::secret::Digest::of(model::secret::Purpose::RefreshToken, token);
            let hex: String = expected.bytes().iter().map(|byte| format!("{byte:02x}")).collect();
            assert_eq!(*digest, hex);
        }
    }
}
