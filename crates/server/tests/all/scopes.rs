//! The catalogue of scopes: how an admin keeps it, what a scope implies, what everybody may read of it.

use crate::code_flow;
use crate::page_form::PageForm;
use crate::rows::Rows;
use crate::stage::{SCOPE, Stage};
use crate::support::{App, Browser, TestApp};
use model::application::{ApplicationSettings, ClientKind};
use model::audit::By;
use model::catalogue::{ScopeChanges, Sentence};
use model::id::OrgId;
use model::org::Role;
use protocol::scope::Scopes;
use protocol::token::GrantType;
use registry::applications::{self, Target};
use routes::url;
use testkit::Scratch;

fn scopes(text: &str) -> Scopes {
    Scopes::parse(text).unwrap()
}

impl TestApp {
    /// Adds a scope, or changes what it implies.
    pub(crate) async fn scope(&self, org: &OrgId, name: &'static str, implies: &'static str) {
        let (org, by) = (org.clone(), By::operator(&self.clock.moment()));
        let changes = ScopeChanges {
            sentence: Some(Sentence::parse(&format!("Sentence of {name}")).unwrap()),
            access: None,
            implies: Some(scopes(implies)),
        };
        let changed = self.write(move |conn| {
            let target = directory::scopes::Target { org_id: &org, name, revision: None };
            match directory::scopes::change(conn, target, &changes, &by)? {
                directory::scopes::Changed::NotFound => directory::scopes::create(conn, &org, name, &changes, &by),
                changed => Ok(changed),
            }
        });
        let changed = changed.await;
        assert!(matches!(changed, directory::scopes::Changed::Made(_)), "{changed:?}");
    }

    /// A public application for devices that may ask for `allowed`, and does for `default` where it asks for nothing.
    async fn asking(&self, org: &OrgId, allowed: &str, default: &str) -> App {
        let (allowed, default) = (scopes(allowed), scopes(default));
        self.app(org, ClientKind::Public, |settings| (settings.scopes, settings.default_scopes) = (allowed, default))
            .await
    }

    async fn allow(&self, app: &App, allowed: &str) {
        let (org, id, by, allowed) = (app.org.clone(), app.id, By::operator(&self.clock.moment()), scopes(allowed));
        self.write(move |conn| {
            let application = store::tables::applications::by_id(conn, &org, id)?.unwrap();
            let settings = ApplicationSettings {
                scopes: allowed.clone(),
                default_scopes: application.settings.default_scopes.narrowed_to(&allowed),
                ..application.settings
            };
            applications::edit(conn, Target { org_id: &org, id, revision: None }, &settings, &by)
        })
        .await;
    }
}

async fn form(browser: &Browser<'_>, page: &str, action: &str) -> PageForm {
    PageForm::to(&browser.get(page).await, action)
}

testkit::both_engines! {
    async fn an_admin_keeps_the_catalogue(engine: Scratch) {
        let stage = Stage::new(engine).await;
        let (app, acme, ada) = (&stage.app, &stage.acme.org, stage.ada().await);
        let list = url::portal_resources(acme);
        let new = form(&ada, &url::portal_new_scope(acme), &url::portal_scopes(acme)).await;
        let good = new.with("scope", "write:invoices").with("sentence", "Write your invoices").with("access", "write");
        let rows = Rows::of(app).await;
        for (field, value, sentence) in [
            ("scope", "", "scope-error"),
            ("scope", "write invoices", "scope-error"),
            ("scope", "a\"b", "scope-error"),
            ("scope", SCOPE, "There is a scope of this name already"),
            ("scope", "openid", "There is a scope of this name already"),
            ("sentence", " ", "sentence-error"),
            ("sentence", "a\u{202e}b", "This sentence holds characters"),
            ("access", "both", "access-error"),
            ("implies", "read:nothing", "implies-error"),
            ("implies", "write:invoices", "implies-error"),
        ] {
            let refused = ada.submit(&good.clone().with(field, value)).await;
            assert!(refused.status == 400 && refused.text.contains(sentence), "{field}={value}: {}", refused.text);
        }
        rows.assert_unchanged(app, "what can't be taken").await;
        let mut good = good.with("implies", SCOPE);
        good.fields.push(("implies".to_owned(), "openid".to_owned()));
        let added = ada.submit(&good).await;
        assert_eq!(added.location(), url::after(&list, "scope-added"), "{}", added.text);
        let shown = ada.get(added.location()).await.text;
        for words in ["The scope is added.", "Write your invoices", "openid read:things", "scope=write%3Ainvoices"] {
            assert!(shown.contains(words), "{words}: {shown}");
        }
        app.wait(2);
        let metadata = app.get("/orgs/acme/.well-known/openid-configuration").await;
        assert!(metadata.json["scopes_supported"].as_array().unwrap().contains(&"write:invoices".into()));
        // Changing it: what is shown is what is stored; a page that is behind changes nothing.
        let page = url::portal_scope(acme, "write:invoices");
        let edit = form(&ada, &page, &url::portal_scope_change(acme)).await;
        assert_eq!((edit.value("sentence"), edit.value("access")), ("Write your invoices", "write"));
        assert_eq!(edit.fields.iter().filter(|(name, _)| name == "implies").count(), 2);
        let changed = edit.clone().with("sentence", "Send your invoices").without("implies");
        assert_eq!(ada.submit(&changed).await.location(), url::after(&list, "saved"));
        assert_eq!(ada.submit(&changed).await.status, 409);
        assert_eq!(ada.submit(&edit.clone().without("revision")).await.status, 409);
        let stored = "SELECT sentence || implies AS value FROM scopes WHERE name = 'write:invoices'";
        assert_eq!(app.texts(stored).await, ["Send your invoices"]);
        // It stays while an application may ask for it.
        let cd = app.asking(acme, "openid write:invoices", "openid").await;
        assert!(ada.get(&list).await.text.contains(">1</td>"));
        let remove = form(&ada, &page, &url::portal_scope_remove(acme)).await;
        let refused = ada.submit(&remove).await;
        assert!(refused.status == 409 && refused.text.contains("may ask for this scope: Acme CLI."), "{}", refused.text);
        app.allow(&cd, "openid").await;
        assert_eq!(ada.submit(&remove).await.location(), url::after(&list, "scope-removed"));
        assert_eq!(ada.submit(&remove).await.status, 404);
        assert_eq!(ada.get(&page).await.status, 404);
        let told = app.texts("SELECT action || ' ' || object AS value FROM audit WHERE action LIKE 'scope.%' ORDER BY action").await;
        assert_eq!(told, ["scope.changed write:invoices", "scope.created write:invoices", "scope.removed write:invoices"]);
        assert!(ada.get(&url::portal_audit(acme)).await.text.contains("Scope removed"));
    }

    async fn the_standard_scopes_are_reworded_and_stay(engine: Scratch) {
        let stage = Stage::new(engine).await;
        let (app, acme, ada) = (&stage.app, &stage.acme.org, stage.ada().await);
        let page = ada.get(&url::portal_scope(acme, "email")).await;
        assert!(!page.text.contains("name=\"access\"") && !page.text.contains(&url::portal_scope_remove(acme)), "{}", page.text);
        let edit = PageForm::to(&page, &url::portal_scope_change(acme)).with("sentence", "Write to you");
        // What the form does not have is not taken.
        let forged = edit.with("access", "write").with("implies", SCOPE);
        assert_eq!(ada.submit(&forged).await.status, 303);
        let stored = "SELECT sentence || ' ' || access || implies AS value FROM scopes WHERE org_id = 'acme' AND name = 'email'";
        assert_eq!(app.texts(stored).await, ["Write to you read"]);
        let token = ada.token_for(("scope-remove", "acme email"));
        let fields = [("csrf_token", token), ("scope", "email".to_owned()), ("revision", "1".to_owned())];
        let refused = ada.post(&url::portal_scope_remove(acme), &fields).await;
        assert!(refused.status == 409 && refused.text.contains("comes with every organization"), "{}", refused.text);
        let codes = stage.acme.cd.begin(app).await;
        assert!(ada.review(acme, &codes.user_code).await.text.contains("Write to you"));
    }

    async fn whoever_changes_a_scope_has_lately_proven_who_they_are(engine: Scratch) {
        let stage = Stage::new(engine).await;
        let (app, acme, ada) = (&stage.app, &stage.acme.org, stage.ada().await);
        let page = url::portal_scope(acme, SCOPE);
        let edit = form(&ada, &page, &url::portal_scope_change(acme)).await.with("sentence", "Nothing");
        let remove = form(&ada, &page, &url::portal_scope_remove(acme)).await;
        let new = form(&ada, &url::portal_new_scope(acme), &url::portal_scopes(acme)).await;
        app.wait(31 * 60);
        let rows = Rows::of(app).await;
        for (form, back) in [
            (edit, page.clone()),
            (remove, page),
            (new.with("scope", "x").with("sentence", "X"), url::portal_new_scope(acme)),
        ] {
            assert_eq!(ada.submit(&form).await.location(), url::step_up_to(&back));
        }
        rows.assert_unchanged(app, "an old proof").await;
    }

    async fn what_a_scope_implies_is_asked_for_shown_and_issued(engine: Scratch) {
        let app = TestApp::new(engine).await;
        let acme = app.org("acme").await;
        let ada = app.user("ada@acme.example", &[(&acme, Role::Member)]).await;
        let browser = app.signed_in(ada).await;
        for (name, implies) in [("read", ""), ("audit", ""), ("write", "read"), ("admin", "write audit")] {
            app.scope(&acme, name, implies).await;
        }
        app.scope(&acme, "read", "admin").await;
        for (allowed, default, asked, issued) in [
            ("read write audit admin", "read", Some("admin"), "admin audit read write"),
            // No more than the application is allowed.
            ("read write", "read", Some("write"), "read write"),
            ("write", "write", Some("write"), "write"),
            ("admin read", "read", Some("admin"), "admin read"),
            ("write read", "write", None, "read write"),
            ("openid write", "openid", Some("openid"), "openid"),
        ] {
            let cd = app.asking(&acme, allowed, default).await;
            let fields: Vec<(&str, &str)> = asked.map(|asked| ("scope", asked)).into_iter().collect();
            let begun = cd.post(&app, "device_authorization", &fields).await.ok();
            let review = browser.review(&acme, begun.json["user_code"].as_str().unwrap()).await;
            for name in issued.split(' ').filter(|name| *name != "openid") {
                assert!(review.text.contains(&format!("Sentence of {name}<")), "{name} of {allowed}: {}", review.text);
            }
            browser.decide(&acme, &review, "approve").await;
            let tokens = cd.poll(&app, begun.json["device_code"].as_str().unwrap()).await.ok();
            assert_eq!(tokens.json["scope"], issued, "{asked:?} of {allowed}");
        }
        // Beyond what is allowed is refused as before, whatever implies it.
        let cd = app.asking(&acme, "write", "write").await;
        cd.post(&app, "device_authorization", &[("scope", "read")]).await.assert_error("invalid_scope");
    }

    async fn what_is_implied_counts_when_it_is_asked_for(engine: Scratch) {
        let app = TestApp::new(engine).await;
        let acme = app.org("acme").await;
        let ada = app.user("ada@acme.example", &[(&acme, Role::Member)]).await;
        let browser = app.signed_in(ada).await;
        for (name, implies) in [("read", ""), ("audit", ""), ("write", "read")] {
            app.scope(&acme, name, implies).await;
        }
        let cd = app.asking(&acme, "read write audit", "write").await;
        let codes = cd.begin(&app).await;
        // A catalogue that changes afterwards changes nothing about it, before the approval or after.
        app.scope(&acme, "write", "read audit").await;
        let review = browser.review(&acme, &codes.user_code).await;
        assert!(!review.text.contains("Sentence of audit"), "{}", review.text);
        browser.decide(&acme, &review, "approve").await;
        let tokens = cd.poll(&app, &codes.device_code).await.ok();
        assert_eq!(tokens.json["scope"], "read write");
        let refresh = tokens.json["refresh_token"].as_str().unwrap().to_owned();
        let fewer = cd.post(&app, "token", &[("grant_type", "refresh_token"), ("refresh_token", &refresh), ("scope", "write")]).await.ok();
        assert_eq!(fewer.json["scope"], "write", "asking for fewer gives fewer");
        // What the application may no more is not issued, though it is implied.
        let codes = cd.begin(&app).await;
        browser.approve(&acme, &codes.user_code).await;
        app.allow(&cd, "write").await;
        app.wait(6);
        assert_eq!(cd.poll(&app, &codes.device_code).await.ok().json["scope"], "write");
        // A client for itself gets what goes along, too.
        let cs = app.app(&acme, ClientKind::Confidential, |settings| {
            settings.grants = [GrantType::ClientCredentials].into();
            (settings.scopes, settings.default_scopes) = (scopes("read write"), scopes("write"));
        }).await;
        assert_eq!(cs.client_credentials(&app).await.ok().json["scope"], "read write");
    }

    async fn a_scope_that_is_removed_is_granted_to_nobody_when_it_comes_back(engine: Scratch) {
        let app = TestApp::new(engine).await;
        let acme = app.org("acme").await;
        let ada = app.user("ada@acme.example", &[(&acme, Role::Member)]).await;
        let browser = app.signed_in(ada).await;
        // Names that a pattern would take for more than they are, and one that begins like the removed one.
        for name in ["x%y", "x%yz", "xay"] {
            app.scope(&acme, name, "").await;
        }
        let all = "openid offline_access x%y x%yz xay";
        let site = app
            .app(&acme, ClientKind::Confidential, |settings| {
                code_flow::by_code(code_flow::SITE)(settings);
                settings.grants = GrantType::ALL.into();
                (settings.scopes, settings.default_scopes) = (scopes(all), scopes(all));
            })
            .await;
        let asked = code_flow::with(code_flow::request(&site, code_flow::SITE), &[("scope", all)]);
        let page = browser.get(&code_flow::address(&site, &asked)).await;
        assert_eq!(code_flow::decide(&browser, &page, &acme, "approve").await.status, 303);
        assert_eq!(browser.get(&code_flow::address(&site, &asked)).await.status, 303, "not asked again");
        let tokens = site.log_in(&app, &browser).await;
        app.allow(&site, "openid offline_access x%yz xay").await;
        let (org, by) = (acme.clone(), By::operator(&app.clock.moment()));
        let removed = app.write(move |conn| {
            let target = directory::scopes::Target { org_id: &org, name: "x%y", revision: None };
            directory::scopes::remove(conn, target, &by)
        });
        assert!(matches!(removed.await, directory::scopes::Changed::Made(_)));
        app.scope(&acme, "x%y", "").await;
        app.allow(&site, all).await;
        let left = "offline_access openid x%yz xay";
        let refreshed = site.refresh(&app, tokens["refresh_token"].as_str().unwrap()).await.ok();
        let mut granted: Vec<&str> = refreshed.json["scope"].as_str().unwrap().split(' ').collect();
        granted.sort_unstable();
        assert_eq!(granted.join(" "), left);
        assert_eq!(browser.get(&code_flow::address(&site, &asked)).await.status, 200, "another scope: asked again");
        let less = code_flow::with(asked, &[("scope", left)]);
        assert_eq!(browser.get(&code_flow::address(&site, &less)).await.status, 303, "the rest is remembered");
    }

    async fn everybody_reads_what_apps_can_ask_for(engine: Scratch) {
        let stage = Stage::new(engine).await;
        let (app, acme) = (&stage.app, &stage.acme.org);
        app.scope(acme, "write:things", "read:things email").await;
        let guest = app.browser();
        let page = guest.get(&url::permissions(acme)).await.ok();
        for words in ["What apps can ask for", "acme organization", "Know who you are", "Sentence of write:things", "write:things"] {
            assert!(page.text.contains(words), "{words}: {}", page.text);
        }
        assert!(page.text.contains("Includes: <bdi>See your e-mail address</bdi>; <bdi>read:things</bdi>"), "{}", page.text);
        guest.accept("de");
        let german = guest.get(&url::permissions(acme)).await.text;
        assert!(german.contains("Worum Apps bitten können") && german.contains("Ihre E-Mail-Adresse sehen"), "{german}");
        for browser in [stage.ben().await, app.signed_in(stage.acme.member).await] {
            assert_eq!(browser.get(&url::permissions(acme)).await.status, 200);
        }
        assert!(!guest.get(&url::permissions(&stage.beta.org)).await.text.contains("write:things"));
        assert_eq!(guest.get("/orgs/nowhere/permissions").await.status, 404);
    }
}
