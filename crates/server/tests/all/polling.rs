//! Polling (RFC 8628 §3.4, §3.5): what a device is told, in which order, and how fast it may ask.

use crate::device_grant::begun;
use crate::support::{App, TestApp};
use crate::wire::{DEVICE_CODE, together};
use model::application::{ApplicationState, ClientKind};
use model::org::Role;
use model::user::UserState;
use std::time::Duration;

/// The interval that the grant's row holds, once it is `seconds`: grown intervals are stored after the answer.
async fn stored_interval(app: &TestApp, seconds: i64) {
    for _ in 0..500 {
        if app.number("SELECT interval_ms AS value FROM grants").await == seconds * 1000 {
            return;
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    panic!("the interval never became {seconds} s");
}

testkit::both_engines! {
    async fn what_an_application_leaves_open_its_organization_settles(engine: testkit::Scratch) {
        let app = TestApp::new(engine).await;
        let acme = app.org("acme").await;
        let open = app.device_app(&acme).await;
        let settled = app
            .app(&acme, ClientKind::Public, |settings| {
                settings.device.expiration = Some(Duration::from_secs(600));
                settings.device.interval = Some(Duration::from_secs(7));
            })
            .await;
        let told = async |client: &App| {
            let answer = app.form(&client.endpoint("device_authorization"), &[("client_id", &client.client_id)]).await.ok();
            (answer.json["expires_in"].as_u64().unwrap(), answer.json["interval"].as_u64().unwrap())
        };
        assert_eq!((told(&open).await, told(&settled).await), ((1800, 5), (600, 7)));
        let by = model::audit::By::operator(&app.clock.moment());
        let changes = model::org::OrgChanges {
            code_expiration: Some(Duration::from_secs(120)),
            poll_interval: Some(Duration::from_secs(3)),
            ..Default::default()
        };
        let changed = app.write(move |conn| directory::organizations::change(conn, &acme, &changes, &by)).await;
        assert!(matches!(changed, directory::organizations::Changed::Made(_)), "{changed:?}");
        assert_eq!((told(&open).await, told(&settled).await), ((120, 3), (600, 7)));
    }

    async fn case_03_pending_until_decided(engine: testkit::Scratch) {
        let app = TestApp::new(engine).await;
        let acme = app.org("acme").await;
        let cd = app.device_app(&acme).await;
        let codes = cd.begin(&app).await;
        for _ in 0..4 {
            let answer = cd.poll(&app, &codes.device_code).await;
            answer.assert_error("authorization_pending");
            assert_eq!(answer.json["error_description"], "The user has not yet completed authorization");
            app.wait(5);
        }
    }

    async fn case_04_too_fast_grows_the_interval_for_good(engine: testkit::Scratch) {
        let app = TestApp::new(engine).await;
        let acme = app.org("acme").await;
        let cd = app.device_app(&acme).await;
        let codes = cd.begin(&app).await;
        cd.poll(&app, &codes.device_code).await.assert_error("authorization_pending");
        app.wait(1);
        cd.poll(&app, &codes.device_code).await.assert_error("slow_down");
        stored_interval(&app, 10).await;
        // Seven seconds after the last poll that counted.
        app.wait(6);
        cd.poll(&app, &codes.device_code).await.assert_error("slow_down");
        stored_interval(&app, 15).await;
        app.wait(7);
        cd.poll(&app, &codes.device_code).await.assert_error("slow_down");
        stored_interval(&app, 20).await;
        app.wait(6);
        cd.poll(&app, &codes.device_code).await.assert_error("authorization_pending");
        // It stays grown, for another node or after a restart too.
        let app = app.restart();
        cd.poll(&app, &codes.device_code).await.assert_error("authorization_pending");
        app.wait(19);
        cd.poll(&app, &codes.device_code).await.assert_error("slow_down");
    }

    async fn the_interval_grows_to_a_minute_at_most(engine: testkit::Scratch) {
        let app = TestApp::new(engine).await;
        let acme = app.org("acme").await;
        let cd = app.device_app(&acme).await;
        let codes = cd.begin(&app).await;
        cd.poll(&app, &codes.device_code).await.assert_error("authorization_pending");
        for _ in 0..20 {
            cd.poll(&app, &codes.device_code).await.assert_error("slow_down");
        }
        stored_interval(&app, 60).await;
        app.wait(60);
        cd.poll(&app, &codes.device_code).await.assert_error("authorization_pending");
    }

    async fn half_a_second_too_early_is_forgiven(engine: testkit::Scratch) {
        let app = TestApp::new(engine).await;
        let acme = app.org("acme").await;
        let cd = app.device_app(&acme).await;
        let codes = cd.begin(&app).await;
        cd.poll(&app, &codes.device_code).await.assert_error("authorization_pending");
        app.clock.advance(Duration::from_millis(4500));
        cd.poll(&app, &codes.device_code).await.assert_error("authorization_pending");
        app.clock.advance(Duration::from_millis(4499));
        cd.poll(&app, &codes.device_code).await.assert_error("slow_down");
    }

    async fn an_application_sets_its_own_interval(engine: testkit::Scratch) {
        let app = TestApp::new(engine).await;
        let acme = app.org("acme").await;
        let cd = app.app(&acme, ClientKind::Public, |s| s.device.interval = Some(Duration::from_secs(1))).await;
        let answer = cd.post(&app, "device_authorization", &[]).await.ok();
        assert_eq!(answer.json["interval"], 1);
        let code = answer.at("device_code");
        for _ in 0..3 {
            cd.poll(&app, &code).await.assert_error("authorization_pending");
            app.wait(1);
        }
        cd.poll(&app, &code).await.assert_error("authorization_pending");
        cd.poll(&app, &code).await.assert_error("slow_down");
    }

    async fn too_fast_comes_before_approved_and_after_what_is_final(engine: testkit::Scratch) {
        let app = TestApp::new(engine).await;
        let acme = app.org("acme").await;
        let cd = app.device_app(&acme).await;
        let u1 = app.user("u1@acme.example", &[(&acme, Role::Member)]).await;
        let browser = app.signed_in(u1).await;
        let codes = cd.begin(&app).await;
        cd.poll(&app, &codes.device_code).await.assert_error("authorization_pending");
        browser.approve(&acme, &codes.user_code).await;
        cd.poll(&app, &codes.device_code).await.assert_error("slow_down");
        app.wait(10);
        cd.poll(&app, &codes.device_code).await.ok();
        cd.poll(&app, &codes.device_code).await.assert_error("invalid_grant");

        let denied = cd.begin(&app).await;
        cd.poll(&app, &denied.device_code).await.assert_error("authorization_pending");
        let review = browser.review(&acme, &denied.user_code).await;
        browser.decide(&acme, &review, "deny").await;
        cd.poll(&app, &denied.device_code).await.assert_error("access_denied");
    }

    async fn case_06_of_a_hundred_polls_at_once_one_redeems(engine: testkit::Scratch) {
        let app = TestApp::new(engine).await;
        let acme = app.org("acme").await;
        let cd = app.device_app(&acme).await;
        let u1 = app.user("u1@acme.example", &[(&acme, Role::Member)]).await;
        let browser = app.signed_in(u1).await;
        let codes = cd.begin(&app).await;
        browser.approve(&acme, &codes.user_code).await;
        let fields = [("grant_type", DEVICE_CODE), ("device_code", codes.device_code.as_str())];
        let answers = together((0..100).map(|_| cd.prepared(&app, "token", &fields)).collect()).await;
        assert_eq!(answers.iter().filter(|answer| answer.status == 200).count(), 1);
        for answer in answers.iter().filter(|answer| answer.status != 200) {
            let error = answer.at("error");
            assert!(answer.status == 400 && ["invalid_grant", "slow_down"].contains(&error.as_str()), "{}", answer.text);
        }
        for sql in ["SELECT count(*) AS value FROM families", "SELECT count(*) AS value FROM refresh_tokens"] {
            assert_eq!(app.number(sql).await, 1);
        }
        assert_eq!(app.audited("grant.redeemed").await, 1);
    }

    async fn case_10_another_clients_poll_changes_nothing(engine: testkit::Scratch) {
        let app = TestApp::new(engine).await;
        let acme = app.org("acme").await;
        let (cd, cd2) = (app.device_app(&acme).await, app.device_app(&acme).await);
        let u1 = app.user("u1@acme.example", &[(&acme, Role::Member)]).await;
        let browser = app.signed_in(u1).await;
        let codes = cd.begin(&app).await;
        let rows = "SELECT state || ':' || revision || ':' || interval_ms AS value FROM grants";
        let before = app.texts(rows).await;
        for _ in 0..3 {
            cd2.poll(&app, &codes.device_code).await.assert_error("invalid_grant");
        }
        // Not one of them counted as the owner's poll.
        cd.poll(&app, &codes.device_code).await.assert_error("authorization_pending");
        cd2.poll(&app, &codes.device_code).await.assert_error("invalid_grant");
        assert_eq!(app.texts(rows).await, before);
        app.wait(5);
        cd.poll(&app, &codes.device_code).await.assert_error("authorization_pending");
        browser.approve(&acme, &codes.user_code).await;
        app.wait(5);
        cd2.poll(&app, &codes.device_code).await.assert_error("invalid_grant");
        cd.poll(&app, &codes.device_code).await.ok();
    }

    async fn case_11_another_organizations_token_endpoint_does_not_know_the_code(engine: testkit::Scratch) {
        let app = TestApp::new(engine).await;
        let (acme, beta) = (app.org("acme").await, app.org("beta").await);
        // The reference client has the same client_id in both.
        let reference = |org: &model::id::OrgId| {
            let id = model::id::ApplicationId::from_uuid(uuid::Uuid::nil());
            App { org: org.clone(), id, client_id: model::id::ClientId::REFERENCE.to_owned(), secret: None }
        };
        let (at_acme, at_beta) = (reference(&acme), reference(&beta));
        let u1 = app.user("u1@acme.example", &[(&acme, Role::Member), (&beta, Role::Member)]).await;
        let browser = app.signed_in(u1).await;
        let codes = at_acme.begin(&app).await;
        at_beta.poll(&app, &codes.device_code).await.assert_error("invalid_grant");
        assert_eq!(browser.enter(&beta, &codes.user_code).await.status, 400);
        browser.approve(&acme, &codes.user_code).await;
        at_beta.poll(&app, &codes.device_code).await.assert_error("invalid_grant");
        at_acme.poll(&app, &codes.device_code).await.ok();
    }

    async fn an_unknown_code_is_no_grant(engine: testkit::Scratch) {
        let app = TestApp::new(engine).await;
        let acme = app.org("acme").await;
        let cd = app.device_app(&acme).await;
        let codes = cd.begin(&app).await;
        let user_code = codes.user_code.as_str();
        for unknown in ["x", user_code, &codes.device_code[1..], &codes.device_code.to_uppercase()] {
            cd.poll(&app, unknown).await.assert_error("invalid_grant");
        }
        cd.post(&app, "token", &[("grant_type", DEVICE_CODE)]).await.assert_error("invalid_request");
        cd.post(&app, "token", &[("grant_type", DEVICE_CODE), ("device_code", "")]).await.assert_error("invalid_request");
    }

    async fn a_disabled_application_is_denied_and_revived(engine: testkit::Scratch) {
        let app = TestApp::new(engine).await;
        let acme = app.org("acme").await;
        let cd = app.device_app(&acme).await;
        let u1 = app.user("u1@acme.example", &[(&acme, Role::Member)]).await;
        let browser = app.signed_in(u1).await;
        let (pending, approved) = (cd.begin(&app).await, cd.begin(&app).await);
        browser.approve(&acme, &approved.user_code).await;
        let review = browser.review(&acme, &pending.user_code).await;
        app.set_app_state(&cd, ApplicationState::Disabled).await;
        for codes in [&pending, &approved] {
            cd.poll(&app, &codes.device_code).await.assert_error("access_denied");
        }
        assert_eq!(browser.decide(&acme, &review, "approve").await.status, 409);
        cd.poll(&app, "unknown").await.assert_error("invalid_grant");
        assert_eq!(app.number("SELECT count(*) AS value FROM families").await, 0);
        app.set_app_state(&cd, ApplicationState::Active).await;
        cd.poll(&app, &pending.device_code).await.assert_error("authorization_pending");
        browser.approve(&acme, &pending.user_code).await;
        app.wait(5);
        cd.poll(&app, &pending.device_code).await.ok();
        // Once deleted it is not known any more.
        app.set_app_state(&cd, ApplicationState::Deleted).await;
        cd.poll(&app, &approved.device_code).await.assert_invalid_client();
    }

    async fn a_disabled_user_or_an_ended_membership_denies_what_was_approved(engine: testkit::Scratch) {
        let app = TestApp::new(engine).await;
        let acme = app.org("acme").await;
        let cd = app.device_app(&acme).await;
        let u1 = app.user("u1@acme.example", &[(&acme, Role::Member)]).await;
        let u2 = app.user("u2@acme.example", &[(&acme, Role::Member)]).await;
        let (first, second) = (cd.begin(&app).await, cd.begin(&app).await);
        app.signed_in(u1).await.approve(&acme, &first.user_code).await;
        app.signed_in(u2).await.approve(&acme, &second.user_code).await;
        app.set_user_state(u1, UserState::Disabled).await;
        app.end_membership(&acme, u2).await;
        cd.poll(&app, &first.device_code).await.assert_error("access_denied");
        cd.poll(&app, &second.device_code).await.assert_error("access_denied");
        assert_eq!(app.number("SELECT count(*) AS value FROM families").await, 0);
        assert_eq!(app.audited("grant.redeemed").await, 0);
    }

    async fn a_finished_grant_answers_the_same_for_a_day(engine: testkit::Scratch) {
        let app = TestApp::new(engine).await;
        let acme = app.org("acme").await;
        let cd = app.device_app(&acme).await;
        let u1 = app.user("u1@acme.example", &[(&acme, Role::Member)]).await;
        let browser = app.signed_in(u1).await;
        let (redeemed, denied, expired) = (cd.begin(&app).await, cd.begin(&app).await, begun(&cd, &app, &[]).await);
        browser.approve(&acme, &redeemed.user_code).await;
        cd.poll(&app, &redeemed.device_code).await.ok();
        let review = browser.review(&acme, &denied.user_code).await;
        browser.decide(&acme, &review, "deny").await;
        app.wait(1800 + 23 * 3600);
        app.sweep().await;
        cd.poll(&app, &redeemed.device_code).await.assert_error("invalid_grant");
        cd.poll(&app, &denied.device_code).await.assert_error("access_denied");
        cd.poll(&app, &expired.device_code).await.assert_error("expired_token");
        app.wait(2 * 3600);
        app.sweep().await;
        assert_eq!(app.number("SELECT count(*) AS value FROM grants").await, 0);
        cd.poll(&app, &denied.device_code).await.assert_error("invalid_grant");
    }
}
