//! Which applications may log devices in, and for what at most.

use crate::page_form::PageForm;
use crate::rows::Rows;
use crate::stage::Stage;
use crate::support::{App, TestApp};
use model::application::ClientKind;
use model::audit::By;
use model::device_login::DeviceLogin;
use model::id::{ClientId, OrgId};
use model::org::{OrgChanges, Role};
use protocol::scope::Scopes;
use protocol::token::GrantType;
use routes::url;
use testkit::Scratch;

fn scopes(text: &str) -> Scopes {
    Scopes::parse(text).unwrap()
}

impl TestApp {
    async fn set_devices(&self, org: &OrgId, login: DeviceLogin, listed: &[&App], ceiling: &str) {
        let (org, by) = (org.clone(), By::operator(&self.clock.moment()));
        let changes = OrgChanges {
            device_login: Some(login),
            device_login_apps: Some(listed.iter().map(|app| ClientId::from_wire(app.client_id.clone())).collect()),
            device_scope_ceiling: Some(scopes(ceiling)),
            ..OrgChanges::default()
        };
        let changed = self.write(move |conn| directory::organizations::change(conn, &org, &changes, &by)).await;
        assert!(matches!(changed, directory::organizations::Changed::Made(_)), "{changed:?}");
    }

    /// Says which applications of the organization log devices in.
    pub(crate) async fn devices(&self, org: &OrgId, login: DeviceLogin) {
        self.set_devices(org, login, &[], "").await;
    }
}

testkit::both_engines! {
    async fn nothing_logs_in_where_device_login_is_off(engine: Scratch) {
        let app = TestApp::new(engine).await;
        let acme = app.org("acme").await;
        let cd = app.device_app(&acme).await;
        let ada = app.user("ada@acme.example", &[(&acme, Role::Member)]).await;
        let browser = app.signed_in(ada).await;
        let connected = cd.log_in(&app, &browser).await;
        let (pending, approved) = (cd.begin(&app).await, cd.begin(&app).await);
        let review = browser.review(&acme, &pending.user_code).await;
        browser.approve(&acme, &approved.user_code).await;

        app.devices(&acme, DeviceLogin::Off).await;
        cd.post(&app, "device_authorization", &[]).await.assert_error("unauthorized_client");
        let late = browser.decide(&acme, &review, "approve").await;
        assert_eq!(late.status, 409, "{}", late.text);
        cd.poll(&app, &pending.device_code).await.assert_error("access_denied");
        cd.poll(&app, &approved.device_code).await.assert_error("access_denied");
        assert_eq!(app.texts("SELECT state AS value FROM grants ORDER BY opened_at, state").await.len(), 3);
        assert_eq!(app.number("SELECT count(*) AS value FROM grants WHERE state = 'redeemed'").await, 1, "the first alone");
        // What is connected stays so.
        let next = cd.refresh(&app, connected["refresh_token"].as_str().unwrap()).await;
        assert_eq!(next.status, 200, "{}", next.text);
        // Metadata does not list what never works.
        app.wait(2);
        let metadata = app.get("/orgs/acme/.well-known/openid-configuration").await.json;
        assert!(metadata["device_authorization_endpoint"].is_null(), "{metadata}");
        assert!(!metadata["grant_types_supported"].to_string().contains("device_code"), "{metadata}");
        // A denial is taken, and on again what waits goes on.
        app.devices(&acme, DeviceLogin::On).await;
        app.wait(6);
        assert_eq!(cd.poll(&app, &approved.device_code).await.status, 200);
        let decided = browser.decide(&acme, &review, "approve").await;
        assert!(decided.location().contains("/device/result"), "{}", decided.text);
        assert_eq!(cd.poll(&app, &pending.device_code).await.status, 200);
        app.wait(2);
        let metadata = app.get("/orgs/acme/.well-known/openid-configuration").await.json;
        assert!(metadata["device_authorization_endpoint"].is_string(), "{metadata}");
    }

    async fn only_listed_applications_log_devices_in(engine: Scratch) {
        let app = TestApp::new(engine).await;
        let (acme, beta) = (app.org("acme").await, app.org("beta").await);
        let (one, two, other) = (app.device_app(&acme).await, app.device_app(&acme).await, app.device_app(&beta).await);
        let ada = app.user("ada@acme.example", &[(&acme, Role::Member)]).await;
        let browser = app.signed_in(ada).await;
        let waiting = two.begin(&app).await;
        let review = browser.review(&acme, &waiting.user_code).await;
        app.set_devices(&acme, DeviceLogin::Listed, &[&one], "").await;
        one.log_in(&app, &browser).await;
        two.post(&app, "device_authorization", &[]).await.assert_error("unauthorized_client");
        assert_eq!(browser.decide(&acme, &review, "approve").await.status, 409);
        two.poll(&app, &waiting.device_code).await.assert_error("access_denied");
        other.post(&app, "device_authorization", &[]).await.ok();
        // Another way to tokens is none of its business.
        let cs = app.app(&acme, ClientKind::Confidential, |settings| settings.grants = [GrantType::ClientCredentials].into()).await;
        cs.client_credentials(&app).await.ok();
        // A denial stays possible.
        let denied = browser.decide(&acme, &review, "deny").await;
        assert!(denied.location().contains("/device/result"), "{}", denied.text);
    }

    async fn no_device_login_gets_more_than_the_ceiling(engine: Scratch) {
        let app = TestApp::new(engine).await;
        let acme = app.org("acme").await;
        let cd = app.device_app(&acme).await;
        let ada = app.user("ada@acme.example", &[(&acme, Role::Member)]).await;
        let browser = app.signed_in(ada).await;
        let before = cd.begin(&app).await;
        browser.approve(&acme, &before.user_code).await;
        app.set_devices(&acme, DeviceLogin::On, &[], "openid email other").await;
        // What was approved before is narrowed when it is redeemed.
        assert_eq!(cd.poll(&app, &before.device_code).await.ok().json["scope"], "email openid");
        // Named, it is refused; by default, it is narrowed.
        cd.post(&app, "device_authorization", &[("scope", "openid profile")]).await.assert_error("invalid_scope");
        cd.post(&app, "device_authorization", &[("scope", "other")]).await.assert_error("invalid_scope");
        cd.post(&app, "device_authorization", &[("scope", "email")]).await.ok();
        assert_eq!(cd.log_in(&app, &browser).await["scope"], "email openid");
        app.set_devices(&acme, DeviceLogin::On, &[], "other").await;
        cd.post(&app, "device_authorization", &[]).await.assert_error("invalid_scope");
        // What is implied stays below it, too.
        let org = acme.clone();
        app.write(move |conn| {
            for (name, implies) in [("read", ""), ("audit", ""), ("write", "read audit")] {
                let scope = model::catalogue::Scope { implies: scopes(implies), ..model::catalogue::Scope::named(name) };
                store::tables::scopes::insert(conn, &org, &scope)?;
            }
            Ok(())
        }).await;
        let writer = app.app(&acme, ClientKind::Public, |settings| {
            (settings.scopes, settings.default_scopes) = (scopes("read write audit"), scopes("write"));
        }).await;
        app.set_devices(&acme, DeviceLogin::On, &[], "write audit").await;
        assert_eq!(writer.log_in(&app, &browser).await["scope"], "audit write");
        // It is about device logins alone.
        let cs = app.app(&acme, ClientKind::Confidential, |settings| {
            settings.grants = [GrantType::ClientCredentials].into();
            (settings.scopes, settings.default_scopes) = (scopes("read"), scopes("read"));
        }).await;
        assert_eq!(cs.client_credentials(&app).await.ok().json["scope"], "read");
    }

    async fn an_admin_says_which_applications_log_devices_in(engine: Scratch) {
        let stage = Stage::new(engine).await;
        let (app, acme, ada) = (&stage.app, &stage.acme.org, stage.ada().await);
        let (page, change) = (url::portal_sign_in(acme), url::portal_device_login(acme));
        let shown = ada.get(&page).await;
        for offered in [stage.acme.cd.client_id.as_str(), "doorward-cli", "doorward-mcp", "~unregistered"] {
            assert!(shown.text.contains(&format!("value=\"{offered}\"")), "{offered}: {}", shown.text);
        }
        let form = PageForm::to(&shown, &change);
        assert_eq!(form.value("device_login"), "on");
        let rows = Rows::of(app).await;
        let beta = stage.beta.cd.client_id.as_str();
        for (fields, sentence) in [
            (&[("device_login", "")][..], "Choose one of these."),
            (&[("device_login", "listed")], "Tick at least one application"),
            (&[("device_login", "listed"), ("device_application", beta)], "Choose among the applications"),
            (&[("device_scope", "read:nothing")], "Choose among the scopes"),
        ] {
            let wrong = fields.iter().fold(form.clone(), |form, (name, value)| form.with(name, value));
            let answer = ada.submit(&wrong).await;
            assert!(answer.status == 400 && answer.text.contains(sentence), "{fields:?}: {}", answer.text);
        }
        rows.assert_unchanged(app, "what can't be taken").await;
        let (cd, cs) = (&stage.acme.cd, &stage.acme.cs);
        let listed = form.clone().with("device_login", "listed").with("device_application", &cs.client_id).with("device_scope", "openid");
        assert_eq!(ada.submit(&listed).await.location(), url::after(&page, "saved"));
        assert_eq!(ada.submit(&listed).await.status, 409, "the page is behind");
        cd.post(app, "device_authorization", &[]).await.assert_error("unauthorized_client");
        cs.post(app, "device_authorization", &[("scope", "openid")]).await.ok();
        cs.post(app, "device_authorization", &[("scope", "email")]).await.assert_error("invalid_scope");
        // What is stored is what the page shows; the form about members leaves it alone.
        let shown = ada.get(&page).await;
        let stored = PageForm::to(&shown, &change);
        assert_eq!((stored.value("device_login"), stored.value("device_application"), stored.value("device_scope")), ("listed", cs.client_id.as_str(), "openid"));
        assert_eq!(ada.submit(&PageForm::to(&shown, &page).with("new_device", "always")).await.status, 303);
        let policy = "SELECT device_login || ' ' || device_scope_ceiling AS value FROM organizations WHERE org_id = 'acme'";
        assert_eq!(app.texts(policy).await, ["listed openid"]);
        let off = PageForm::to(&ada.get(&page).await, &change).with("device_login", "off");
        assert_eq!(ada.submit(&off).await.status, 303);
        cs.post(app, "device_authorization", &[("scope", "openid")]).await.assert_error("unauthorized_client");
        let late = PageForm::to(&ada.get(&page).await, &change).with("device_login", "on");
        app.wait(31 * 60);
        assert_eq!(ada.submit(&late).await.location(), url::step_up_to(&page));
        assert_eq!(app.texts(policy).await, ["off openid"]);
    }
}
