//! What has access to an account, and ending it.

use crate::page_form::PageForm;
use crate::rows::Rows;
use crate::stage::Stage;
use crate::support::App;
use crate::support::TestApp;
use routes::url;
use serde_json::Value;

async fn userinfo(app: &TestApp, of: &App, tokens: &Value) -> u16 {
    app.get_with_token(&of.endpoint("userinfo"), tokens["access_token"].as_str().unwrap()).await.status
}

testkit::both_engines! {
    async fn disconnecting_ends_an_apps_tokens_at_once(engine: testkit::Scratch) {
        let stage = Stage::new(engine).await;
        let (app, acme, ada) = (&stage.app, &stage.acme, stage.ada().await);
        let second = acme.cd.log_in(app, &ada).await;
        let page = ada.get(url::CONNECTIONS).await;
        for told in ["Acme CLI", "acme organization", "Know who you are", "Stay signed in until you disconnect it"] {
            assert!(page.text.contains(told), "{told}: {}", page.text);
        }
        let action = url::disconnect(&acme.org, acme.cd.id);
        let rows = PageForm::all(&page.text).into_iter().filter(|form| form.action == action);
        assert_eq!(rows.count(), 1, "one row for both devices");
        let form = PageForm::to(&page, &action);
        assert_eq!(userinfo(app, &acme.cd, &acme.tokens).await, 200);
        let done = ada.submit(&form).await;
        assert_eq!(done.location(), url::after(url::CONNECTIONS, "disconnected"));
        assert!(ada.get(done.location()).await.text.contains("The app is disconnected."));
        assert!(!ada.get(&url::after(url::CONNECTIONS, "anything")).await.text.contains("role=\"status\""));
        assert_eq!(userinfo(app, &acme.cd, &acme.tokens).await, 401);
        let refresh_token = acme.tokens["refresh_token"].as_str().unwrap();
        acme.cd.refresh(app, refresh_token).await.assert_error("invalid_grant");
        let introspected = app.form(&acme.cs.endpoint("introspect"), &[
            ("client_id", acme.cs.client_id.as_str()),
            ("client_secret", acme.cs.secret.as_deref().unwrap()),
            ("token", acme.tokens["access_token"].as_str().unwrap()),
        ]).await;
        assert_eq!(introspected.text, "{\"active\":false}");
        assert_eq!(userinfo(app, &acme.cd, &second).await, 401, "the other device's too");
        assert!(!ada.get(url::CONNECTIONS).await.text.contains(&action));
        let reason = app.texts("SELECT revoked_reason AS value FROM families WHERE state = 'revoked'").await;
        assert_eq!(reason, ["user", "user"]);
        assert_eq!(ada.submit(&form).await.status, 404, "there is nothing to disconnect any more");
    }

    async fn what_no_device_has_collected_is_listed_and_taken_back(engine: testkit::Scratch) {
        let stage = Stage::new(engine).await;
        let (app, acme, ada) = (&stage.app, &stage.acme, stage.ada().await);
        let tv = app.device_app(&acme.org).await;
        let codes = tv.begin(app).await;
        ada.approve(&acme.org, &codes.user_code).await;
        let page = ada.get(url::CONNECTIONS).await;
        assert!(page.text.contains("Waits for its device"), "{}", page.text);
        let action = url::disconnect(&acme.org, tv.id);
        let form = PageForm::to(&page, &action);
        let other = app.signed_in(stage.both).await;
        let token = other.token_for(("disconnect", &format!("{}/{}", acme.org, tv.id)));
        assert_eq!(other.post(&action, &[("csrf_token", token)]).await.status, 404, "somebody else's");
        assert_eq!(ada.submit(&form).await.location(), url::after(url::CONNECTIONS, "disconnected"));
        tv.poll(app, &codes.device_code).await.assert_error("access_denied");
        assert_eq!(ada.submit(&form).await.status, 404);
        let withdrawn = "SELECT count(*) AS value FROM audit WHERE action = 'grant.withdrawn'";
        assert_eq!(app.number(withdrawn).await, 1);
        // Collected while the page is open: what came of it ends.
        let codes = tv.begin(app).await;
        ada.approve(&acme.org, &codes.user_code).await;
        let form = PageForm::to(&ada.get(url::CONNECTIONS).await, &action);
        let tokens = tv.poll(app, &codes.device_code).await;
        assert_eq!(tokens.status, 200, "{}", tokens.text);
        assert_eq!(ada.submit(&form).await.status, 303);
        assert_eq!(userinfo(app, &tv, &tokens.json).await, 401);
        assert_eq!(userinfo(app, &acme.cd, &acme.tokens).await, 200, "and no other app's");
    }

    async fn signing_out_everywhere_else_ends_the_access_of_all_apps(engine: testkit::Scratch) {
        let stage = Stage::new(engine).await;
        let (app, acme, ada) = (&stage.app, &stage.acme, stage.ada().await);
        let other = stage.ada().await;
        let codes = acme.cd.begin(app).await;
        ada.approve(&acme.org, &codes.user_code).await;
        let form = PageForm::to(&ada.get(url::SESSIONS).await, url::END_OTHER_SESSIONS);
        assert_eq!(ada.submit(&form).await.status, 303);
        assert!(ada.is_signed_in().await && !other.is_signed_in().await);
        assert_eq!(userinfo(app, &acme.cd, &acme.tokens).await, 401);
        acme.cd.poll(app, &codes.device_code).await.assert_error("access_denied");
    }

    async fn somebody_elses_connection_is_not_found(engine: testkit::Scratch) {
        let stage = Stage::new(engine).await;
        let (ada, ben, both) = (stage.ada().await, stage.ben().await, stage.app.signed_in(stage.both).await);
        let action = url::disconnect(&stage.acme.org, stage.acme.cd.id);
        let object = format!("{}/{}", stage.acme.org, stage.acme.cd.id);
        let before = Rows::of(&stage.app).await;
        for (who, browser) in [("another organization's owner", &ben), ("a member of the same", &both)] {
            assert!(!browser.get(url::CONNECTIONS).await.text.contains(&action), "{who}");
            let token = browser.token_for(("disconnect", &object));
            let answer = browser.post(&action, &[("csrf_token", token)]).await;
            assert_eq!(answer.status, 404, "{who}");
        }
        // Nothing of this name, an app in an organization that it was not let in to, and no name at all.
        let nothing = "019a0000-0000-7000-8000-000000000000".parse().unwrap();
        for (org, application) in [(&stage.acme.org, nothing), (&stage.beta.org, stage.acme.cd.id)] {
            let token = ada.token_for(("disconnect", &format!("{org}/{application}")));
            assert_eq!(ada.post(&url::disconnect(org, application), &[("csrf_token", token)]).await.status, 404);
        }
        assert_eq!(ada.post(&action.replace("/acme/", "/ACME/"), &[("csrf_token", "x")]).await.status, 404);
        before.assert_unchanged(&stage.app, "somebody else").await;
        assert_eq!(userinfo(&stage.app, &stage.acme.cd, &stage.acme.tokens).await, 200);
    }

    async fn both_organizations_of_an_account_are_listed(engine: testkit::Scratch) {
        let stage = Stage::new(engine).await;
        let browser = stage.app.signed_in(stage.both).await;
        assert!(browser.get(url::CONNECTIONS).await.text.contains("No app is connected"));
        let (at_acme, at_beta) = (stage.acme.cd.log_in(&stage.app, &browser).await, stage.beta.cd.log_in(&stage.app, &browser).await);
        let page = browser.get(url::CONNECTIONS).await;
        assert!(page.text.contains("acme organization") && page.text.contains("beta organization"), "{}", page.text);
        let beta_row = page.text.split("<tr role=\"row\">").find(|row| row.contains("beta organization") && row.contains("disconnect")).unwrap();
        let action = PageForm::all(beta_row)[0].action.clone();
        assert_eq!(browser.submit(&PageForm::to(&page, &action)).await.status, 303);
        assert_eq!(userinfo(&stage.app, &stage.beta.cd, &at_beta).await, 401);
        assert_eq!(userinfo(&stage.app, &stage.acme.cd, &at_acme).await, 200, "the other organization's stays");
    }
}
