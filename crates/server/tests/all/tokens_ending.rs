//! API keys and MCP tokens that end with everything else, or stay: with a password, a session, a membership, an account.

use crate::new_devices;
use crate::page_form::PageForm;
use crate::stage::{PASSWORD, mail_link};
use crate::support::App;
use crate::tokens_page::{ADA, Scene, scene, unregistered};
use model::application::ApplicationState;
use model::audit::By;
use model::id::OrgId;
use model::login_attempt::NewDevicePolicy;
use model::mail_link::LinkKind;
use model::opaque::OpaqueKind;
use model::org::Role;
use model::user::UserState;
use routes::url;
use serde_json::Value;
use testkit::Scratch;

testkit::both_engines! {
    async fn whoever_changes_their_password_or_signs_out_elsewhere_chooses(engine: Scratch) {
        let Scene { app, acme, ada, .. } = scene(engine).await;
        let mut password = PASSWORD.to_owned();
        for (ticked, page, action) in [
            (false, url::SECURITY, url::SECURITY_PASSWORD), (true, url::SECURITY, url::SECURITY_PASSWORD),
            (false, url::SESSIONS, url::END_OTHER_SESSIONS), (true, url::SESSIONS, url::END_OTHER_SESSIONS),
        ] {
            let [key] = &app.keys(ada, &acme, OpaqueKind::Mcp, 1).await[..] else { panic!("one") };
            let browser = app.signed_in(ada).await;
            let shown = browser.get(page).await;
            assert!(shown.text.contains("End my API keys and MCP tokens too"), "{}", shown.text);
            let mut form = PageForm::to(&shown, action);
            assert!(form.fields.iter().all(|(name, _)| name != "keys"), "nothing is ticked by itself");
            if page == url::SECURITY {
                let new = format!("{password} again");
                form = form.with("current", &password).with("password", &new);
                password = new;
            }
            let form = if ticked { form.with("keys", "yes") } else { form };
            let done = browser.submit(&form).await;
            assert_eq!(done.status, 303, "{}", done.text);
            assert_eq!(app.is_good(&acme, key).await, !ticked, "{action} {ticked}");
        }
        let reasons = app.texts("SELECT DISTINCT revoked_reason AS value FROM opaque_tokens WHERE state = 'revoked' ORDER BY 1").await;
        assert_eq!(reasons, ["credentials", "user"]);
    }

    async fn one_session_ended_ends_no_key(engine: Scratch) {
        let Scene { app, acme, ada, .. } = scene(engine).await;
        let keys = app.keys(ada, &acme, OpaqueKind::ApiKey, 1).await;
        let (browser, _other) = (app.signed_in(ada).await, app.signed_in(ada).await);
        let page = browser.get(url::SESSIONS).await;
        let end = PageForm::all(&page.text).into_iter().find(|form| form.action.ends_with("/end") && form.action != url::END_OTHER_SESSIONS).unwrap();
        assert_eq!(browser.submit(&end.with("keys", "yes")).await.status, 303);
        assert!(app.is_good(&acme, &keys[0]).await);
    }

    async fn whoever_denies_a_sign_in_chooses(engine: Scratch) {
        let Scene { app, acme, ada, .. } = scene(engine).await;
        let keys = app.keys(ada, &acme, OpaqueKind::ApiKey, 1).await;
        assert_eq!(app.browser().sign_in(ADA, PASSWORD).await.status, 303);
        app.set_new_device_policy(NewDevicePolicy::Always).await;
        for ticked in [false, true] {
            app.wait(1);
            assert_eq!(app.browser().sign_in(ADA, PASSWORD).await.location(), url::NEW_DEVICE);
            let letter = app.letter_to(ADA).await;
            let deny = letter.text.lines().find_map(|line| line.strip_prefix("Deny Login: ")).unwrap();
            let deny = deny.strip_prefix(app.public_url.as_str()).unwrap();
            let reader = app.browser();
            let denied = new_devices::answer(&reader, deny, "deny", "").await;
            assert!(denied.text.contains("End my API keys and MCP tokens too"), "{}", denied.text);
            let out = PageForm::to(&denied, deny);
            let out = if ticked { out.with("keys", "yes") } else { out };
            assert_eq!(reader.submit(&out).await.status, 200);
            assert_eq!(app.is_good(&acme, &keys[0]).await, !ticked);
        }
    }

    async fn a_reset_ends_them_all(engine: Scratch) {
        let Scene { app, acme, beta, ada } = scene(engine).await;
        let browser = app.signed_in(ada).await;
        let collected = App::mcp().log_in_for(&app, &browser, &beta).await;
        let mut keys = app.keys(ada, &acme, OpaqueKind::ApiKey, 2).await;
        let link = url::reset_link(&mail_link(&app, LinkKind::Reset, ADA, None).await);
        let reader = app.browser();
        let choose = PageForm::to(&reader.get(&link).await, &link).with("password", "another horse, another staple");
        let done = reader.submit(&choose).await;
        assert_eq!(done.status, 303, "{}", done.text);
        for key in keys.drain(..) {
            assert!(!app.is_good(&acme, &key).await);
        }
        assert!(!app.is_good(&beta, collected["access_token"].as_str().unwrap()).await);
        assert_eq!((app.good_keys().await, app.audited("token.revoked").await), (0, 3));
    }

    async fn what_ends_an_account_or_a_membership_ends_its_keys(engine: Scratch) {
        let Scene { app, acme, beta, ada } = scene(engine).await;
        let (here, there) = (app.keys(ada, &acme, OpaqueKind::Mcp, 1).await, app.keys(ada, &beta, OpaqueKind::ApiKey, 1).await);
        let (org, moment) = (acme.clone(), app.clock.moment());
        app.write(move |conn| directory::members::remove(conn, &org, ada, &By::operator(&moment))).await;
        assert_eq!((app.is_good(&acme, &here[0]).await, app.is_good(&beta, &there[0]).await), (false, true));
        // Beginning it again brings none back.
        let (org, moment) = (acme.clone(), app.clock.moment());
        app.write(move |conn| directory::members::put(conn, &org, (ada, Role::Member), &By::operator(&moment))).await;
        assert!(!app.is_good(&acme, &here[0]).await);
        for state in [UserState::Disabled, UserState::Active] {
            let moment = app.clock.moment();
            app.write(move |conn| directory::users::set_state(conn, ada, state, &By::operator(&moment))).await;
            assert!(!app.is_good(&beta, &there[0]).await, "{state:?}");
        }
        let key = app.keys(ada, &beta, OpaqueKind::ApiKey, 1).await;
        let browser = app.signed_in(ada).await;
        let delete = PageForm::to(&browser.get(url::DELETE_ACCOUNT).await, url::DELETE_ACCOUNT).with("email", ADA);
        assert_eq!(browser.submit(&delete).await.location(), url::LOGIN_AFTER_DELETION);
        assert!(!app.is_good(&beta, &key[0]).await);
        assert_eq!(app.good_keys().await, 0);
        assert_eq!(app.audited("token.revoked").await, 3, "each of them once");
    }

    async fn an_export_lists_keys_and_gives_none(engine: Scratch) {
        let Scene { app, acme, ada, .. } = scene(engine).await;
        let browser = app.signed_in(ada).await;
        let key = browser.make_key(("api_key", "acme", &["write"])).await;
        app.wait(1);
        let collected = App::mcp().log_in_for(&app, &browser, &acme).await;
        let form = PageForm::to(&browser.get(url::PROFILE).await, url::EXPORT_ACCOUNT);
        let exported = browser.submit(&form).await.ok();
        let held: Value = serde_json::from_str(&exported.text).unwrap();
        let [mcp, made] = &held["keys"].as_array().unwrap()[..] else { panic!("{held}") };
        assert_eq!((mcp["kind"].as_str(), mcp["app"].as_str()), (Some("mcp"), Some("Doorward MCP")));
        assert_eq!((made["name"].as_str(), made["begins_with"].as_str()), (Some("Nightly build"), Some(&key[..8])));
        assert_eq!((made["organization"].as_str(), made["scopes"].as_str(), &made["app"]), (Some("acme"), Some("write"), &Value::Null));
        for secret in [key.as_str(), collected["access_token"].as_str().unwrap()] {
            assert!(!exported.text.contains(secret), "{}", exported.text);
        }
    }

    async fn what_stands_for_nobodys_programs_can_be_switched_off_with_all_that_was_made_by_hand(engine: Scratch) {
        let Scene { app, acme, ada, .. } = scene(engine).await;
        let keys = app.keys(ada, &acme, OpaqueKind::ApiKey, 1).await;
        let stands = App { org: OrgId::instance(), id: unregistered(), client_id: "~unregistered".to_owned(), secret: None };
        app.set_app_state(&stands, ApplicationState::Disabled).await;
        assert!(!app.is_good(&acme, &keys[0]).await);
        app.set_app_state(&stands, ApplicationState::Active).await;
        assert!(app.is_good(&acme, &keys[0]).await);
    }
}
