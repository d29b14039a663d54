//! API keys and MCP tokens as admins see them: those of their members, how long they live, and what device logins get.

use crate::page_form::PageForm;
use crate::rows::Rows;
use crate::stage::Stage;
use crate::support::{App, TestApp};
use crate::tokens_page::{Scene, scene};
use model::id::OpaqueTokenId;
use model::opaque::OpaqueKind;
use model::org::Role;
use routes::url;
use testkit::Scratch;

testkit::both_engines! {
    async fn an_admin_sees_the_members_keys_and_ends_them(engine: Scratch) {
        let Scene { app, acme, beta, ada } = scene(engine).await;
        let grace = app.signed_in(app.user("grace@acme.example", &[(&acme, Role::Admin)]).await).await;
        let path = url::portal_devices(&acme);
        assert!(grace.get(&path).await.text.contains("There is none."));
        let browser = app.signed_in(ada).await;
        let collected = App::mcp().log_in_for(&app, &browser, &acme).await;
        let collected = collected["access_token"].as_str().unwrap().to_owned();
        // The newest is the first of the list.
        app.wait(1);
        let mut keys = app.keys(ada, &acme, OpaqueKind::ApiKey, 1).await;
        keys.push(collected);
        keys.extend(app.keys(ada, &beta, OpaqueKind::ApiKey, 1).await);
        let page = grace.get(&path).await;
        for told in ["ada@acme.example", "Nightly build", "API key", "by hand", "Doorward MCP", "MCP token"] {
            assert!(page.text.contains(told), "{told}: {}", page.text);
        }
        let forms = || async {
            let page = grace.get(&path).await;
            PageForm::all(&page.text).into_iter().filter(|form| form.action.contains("/keys/")).collect::<Vec<_>>()
        };
        let [made, _] = &forms().await[..] else { panic!("{}", page.text) };
        for key in &keys {
            assert!(!page.text.contains(key.as_str()));
        }
        let done = grace.submit(made).await;
        assert_eq!(done.location(), url::after(&path, "key-revoked"), "{}", done.text);
        assert!(grace.get(done.location()).await.text.contains("It is revoked"));
        assert_eq!(grace.submit(made).await.status, 303, "again, which changes nothing more");
        let good = [app.is_good(&acme, &keys[0]).await, app.is_good(&acme, &keys[1]).await, app.is_good(&beta, &keys[2]).await];
        assert_eq!(good, [false, true, true]);
        assert_eq!(forms().await.len(), 1);
        assert_eq!(app.texts("SELECT revoked_reason AS value FROM opaque_tokens WHERE state = 'revoked'").await, ["admin"]);
        assert_eq!(app.texts("SELECT org_id AS value FROM audit WHERE action = 'token.revoked'").await, ["acme"]);
        // The log says what it was, in words.
        assert!(grace.get(&url::portal_audit(&acme)).await.text.contains("API key or MCP token revoked"));
        // Expired ones are no keys.
        app.wait(90 * 24 * 60 * 60);
        let grace = app.signed_in(app.user("hopper@acme.example", &[(&acme, Role::Admin)]).await).await;
        assert!(grace.get(&path).await.text.contains("There is none."));
    }

    async fn another_organizations_key_is_not_there_even_for_an_admin_of_both(engine: Scratch) {
        let stage = Stage::new(engine).await;
        stage.app.sql("UPDATE memberships SET role = 'admin' WHERE user_id = (SELECT id FROM users WHERE email = 'u3@both.example')").await;
        let both = stage.app.signed_in(stage.both).await;
        let before = Rows::of(&stage.app).await;
        for key in [stage.beta.key_id, OpaqueTokenId::draw(&stage.app.clock.moment())] {
            let fields = [("csrf_token", both.token_for(("portal-key-revoke", &key.to_string())))];
            assert_eq!(both.post(&url::portal_key_revoke(&stage.acme.org, key), &fields).await.status, 404);
        }
        before.assert_unchanged(&stage.app, "a form for another organization's key").await;
        assert!(stage.app.is_good(&stage.beta.org, &stage.beta.key).await);
    }

    async fn an_admin_says_for_how_long_keys_live(engine: Scratch) {
        let stage = Stage::new(engine).await;
        let (ada, acme) = (stage.ada().await, &stage.acme.org);
        let (page, change) = (url::portal_sign_in(acme), url::portal_device_login(acme));
        let form = PageForm::to(&ada.get(&page).await, &change);
        assert_eq!(form.value("longest_token_days"), "365");
        let rows = Rows::of(&stage.app).await;
        for wrong in ["", "0", "366", "a year", "4294967296"] {
            let answer = ada.submit(&form.clone().with("longest_token_days", wrong)).await;
            assert!(answer.status == 400 && answer.text.contains("from 1 to 365"), "{wrong}: {}", answer.text);
            assert_eq!(PageForm::to(&answer, &change).value("longest_token_days"), wrong);
        }
        rows.assert_unchanged(&stage.app, "what can't be taken").await;
        let sent = form.with("longest_token_days", "7").with("device_scope", "read");
        assert_eq!(ada.submit(&sent).await.location(), url::after(&page, "saved"));
        assert_eq!(PageForm::to(&ada.get(&page).await, &change).value("longest_token_days"), "7");
        let late = ada.submit(&ada.key_form(("mcp", "acme", &["read"])).await).await;
        assert!(late.status == 400 && late.text.contains("for 7 days at most"), "{}", late.text);
        // A device's key lives as long as it may, too; and gets what the ceiling names.
        let collected = App::mcp().log_in_for(&stage.app, &ada, acme).await;
        assert_eq!(collected["expires_in"], 7 * 24 * 60 * 60);
        assert_eq!(collected["scope"], "read");
    }

    async fn an_admin_says_what_device_logins_get(engine: Scratch) {
        let Scene { app, acme, ada, .. } = scene(engine).await;
        let grace = app.signed_in(app.user("grace@acme.example", &[(&acme, Role::Admin)]).await).await;
        let browser = app.signed_in(ada).await;
        let cd = app.device_app(&acme).await;
        let path = url::portal_application(&acme, cd.id);
        let form = PageForm::to(&grace.get(&path).await, &path);
        assert_eq!(form.value("token_kind"), "jwt");
        let rows = Rows::of(&app).await;
        // It has refresh tokens, which keys are not.
        let refused = grace.submit(&form.clone().with("token_kind", "api_key")).await;
        assert!(refused.status == 400 && refused.text.contains("href=\"#grant\""), "{}", refused.text);
        assert!(refused.text.contains("choose device codes alone"), "{}", refused.text);
        assert_eq!(PageForm::to(&refused, &path).value("token_kind"), "api_key", "what was chosen is kept");
        for wrong in ["embedded", "opaque", "JWT"] {
            let refused = grace.submit(&form.clone().with("token_kind", wrong)).await;
            assert!(refused.status == 400 && refused.text.contains("href=\"#token_kind\""), "{wrong}: {}", refused.text);
        }
        rows.assert_unchanged(&app, "what can't be taken").await;
        let device_alone = |form: PageForm| form.with("grant", "device_code");
        assert_eq!(grace.submit(&device_alone(form).with("token_kind", "api_key")).await.status, 303);
        let form = PageForm::to(&grace.get(&path).await, &path);
        assert_eq!(form.value("token_kind"), "api_key");
        let got = cd.log_in(&app, &browser).await;
        let key = got["access_token"].as_str().unwrap();
        assert!(key.starts_with("dwk_") && got.get("refresh_token").is_none(), "{got}");
        let told = app.get_with_token(&url::me(&acme), key).await.ok();
        assert_eq!((told.json["kind"].as_str(), told.json["client_id"].as_str()), (Some("api_key"), Some(cd.client_id.as_str())));
        // A form without the field, as pages from before have it, leaves it as it is.
        assert_eq!(grace.submit(&form.clone().without("token_kind").with("name", "Other")).await.status, 303);
        let form = PageForm::to(&grace.get(&path).await, &path);
        assert_eq!((form.value("token_kind"), form.value("name")), ("api_key", "Other"));
        assert_eq!(grace.submit(&form.with("token_kind", "jwt")).await.status, 303);
        assert!(cd.log_in(&app, &browser).await["access_token"].as_str().unwrap().starts_with("ey"));
    }

    async fn more_keys_than_a_page_shows_are_said_so(engine: Scratch) {
        let Scene { app, acme, ada, .. } = scene(engine).await;
        let grace = app.signed_in(app.user("grace@acme.example", &[(&acme, Role::Admin)]).await).await;
        let shown = async |app: &TestApp, count: usize| {
            let browser = app.signed_in(ada).await;
            let (own, portal) = (browser.get(url::KEYS).await.text, grace.get(&url::portal_devices(&acme)).await.text);
            assert_eq!(own.contains("Only the newest 200 of each kind"), count > 200);
            assert_eq!(portal.contains("Only the newest 200 API keys and MCP tokens"), count > 200);
            for page in [own, portal] {
                assert_eq!(page.matches("Nightly build").count(), count.min(200));
            }
        };
        app.keys(ada, &acme, OpaqueKind::ApiKey, 200).await;
        shown(&app, 200).await;
        app.keys(ada, &acme, OpaqueKind::ApiKey, 1).await;
        shown(&app, 201).await;
    }
}
