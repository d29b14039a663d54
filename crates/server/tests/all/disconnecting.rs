//! One row for all that an app was let in by in one organization, and one click that ends it.

use crate::code_flow::{SITE, VERIFIER, address, answered, by_code, decide, of, request};
use crate::page_form::PageForm;
use crate::stage::Stage;
use crate::support::{Answer, App, Browser, TestApp};
use model::application::{ApplicationSettings, ClientKind};
use model::id::OrgId;
use protocol::scope::Scopes;
use protocol::token::GrantType;
use routes::url;
use serde_json::Value;

/// An application that signs people in, on devices and in browsers.
async fn both_ways(app: &TestApp, org: &OrgId) -> App {
    let settings = |settings: &mut ApplicationSettings| {
        by_code(SITE)(settings);
        settings.grants = GrantType::ALL.into();
    };
    app.app(org, ClientKind::Confidential, settings).await
}

/// Agrees to what the application asks for in the browser, and gives the code.
async fn agree(client: &App, browser: &Browser<'_>) -> String {
    let page = browser.get(&address(client, &request(client, SITE))).await;
    let decided = decide(browser, &page, &client.org, "approve").await;
    of(&answered(decided.location(), SITE), "code").to_owned()
}

async fn collect(app: &TestApp, client: &App, code: &str) -> Answer {
    let fields = [
        ("grant_type", "authorization_code"),
        ("code", code),
        ("redirect_uri", SITE),
        ("code_verifier", VERIFIER),
        ("client_id", &client.client_id),
        ("client_secret", client.secret.as_deref().unwrap()),
    ];
    app.form(&client.endpoint("token"), &fields).await
}

async fn userinfo(app: &TestApp, of: &App, tokens: &Value) -> u16 {
    app.get_with_token(&of.endpoint("userinfo"), tokens["access_token"].as_str().unwrap()).await.status
}

/// The row of the connection whose form leads to `action`.
fn row<'a>(page: &'a Answer, action: &str) -> &'a str {
    let mut rows = page.text.split("<tr role=\"row\">").filter(|row| row.contains(action));
    let row = rows.next().unwrap_or_else(|| panic!("{action} is not on {}", page.text));
    assert_eq!(rows.count(), 0, "{}", page.text);
    row
}

/// The times in a row: since when, and last used where it was.
fn times(row: &str) -> Vec<&str> {
    row.split("datetime=\"").skip(1).map(|rest| rest.split('"').next().unwrap()).collect()
}

testkit::both_engines! {
    async fn one_click_ends_all_that_an_app_was_let_in_by(engine: testkit::Scratch) {
        let stage = Stage::new(engine).await;
        let (app, acme) = (&stage.app, &stage.acme);
        let site = both_ways(app, &acme.org).await;
        let (both, ada) = (app.signed_in(stage.both).await, stage.ada().await);
        let ended = [site.log_in(app, &both).await, site.log_in(app, &both).await];
        let stays = [
            ("another user's", &site, site.log_in(app, &ada).await),
            ("another app's", &acme.cd, acme.cd.log_in(app, &both).await),
            ("another organization's", &stage.beta.cd, stage.beta.cd.log_in(app, &both).await),
        ];
        let codes = site.begin(app).await;
        both.approve(&acme.org, &codes.user_code).await;
        let codes_of_ada = site.begin(app).await;
        ada.approve(&acme.org, &codes_of_ada.user_code).await;
        let (code, code_of_ada) = (agree(&site, &both).await, agree(&site, &ada).await);

        let action = url::disconnect(&acme.org, site.id);
        let page = both.get(url::CONNECTIONS).await;
        assert!(!row(&page, &action).contains("Waits for its device"), "{}", page.text);
        let form = PageForm::to(&page, &action);
        assert_eq!(both.submit(&form).await.location(), url::after(url::CONNECTIONS, "disconnected"));

        for tokens in &ended {
            assert_eq!(userinfo(app, &site, tokens).await, 401);
        }
        site.poll(app, &codes.device_code).await.assert_error("access_denied");
        collect(app, &site, &code).await.assert_error("invalid_grant");
        assert_eq!(both.get(&address(&site, &request(&site, SITE))).await.status, 200, "asked again");
        let log = ["grant.withdrawn", "family.revoked", "consent.withdrawn"];
        let mut counts = Vec::new();
        for action in log {
            counts.push(app.audited(action).await);
        }
        assert_eq!(counts, [2, 2, 1], "each once");
        let after = both.get(url::CONNECTIONS).await;
        assert!(!after.text.contains(&action), "{}", after.text);
        assert_eq!(both.submit(&form).await.status, 404);

        for (whose, client, tokens) in &stays {
            assert_eq!(userinfo(app, client, tokens).await, 200, "{whose}");
        }
        assert_eq!(site.poll(app, &codes_of_ada.device_code).await.status, 200);
        collect(app, &site, &code_of_ada).await.ok();
        assert_eq!(ada.get(&address(&site, &request(&site, SITE))).await.status, 303, "not asked again");
    }

    async fn an_admin_who_ends_a_devices_access_ends_what_was_agreed_to(engine: testkit::Scratch) {
        let stage = Stage::new(engine).await;
        let (app, acme) = (&stage.app, &stage.acme);
        let site = both_ways(app, &acme.org).await;
        let (both, ada) = (app.signed_in(stage.both).await, stage.ada().await);
        agree(&site, &both).await;
        site.log_in(app, &both).await;
        let page = ada.get(&url::portal_devices(&acme.org)).await;
        for form in PageForm::all(&page.text).into_iter().filter(|form| form.action.ends_with("/revoke")) {
            assert_eq!(ada.submit(&form).await.status, 303);
        }
        let told = "SELECT actor || ' ' || object AS value FROM audit WHERE action = 'consent.withdrawn'";
        assert_eq!(app.texts(told).await, [format!("user:{} {}", acme.owner, site.id)]);
        assert_eq!(both.get(&address(&site, &request(&site, SITE))).await.status, 200, "asked again");
    }

    async fn a_row_says_all_that_an_app_may_do_and_since_when(engine: testkit::Scratch) {
        let stage = Stage::new(engine).await;
        let (app, acme) = (&stage.app, &stage.acme);
        let site = both_ways(app, &acme.org).await;
        let action = url::disconnect(&acme.org, site.id);
        let asks_for = async |scopes: &'static str| {
            app.edit_app(&site, |settings| settings.default_scopes = Scopes::parse(scopes).unwrap()).await;
        };
        let both = app.signed_in(stage.both).await;
        asks_for("openid email").await;
        let codes = site.begin(app).await;
        both.approve(&acme.org, &codes.user_code).await;
        let waiting = both.get(url::CONNECTIONS).await;
        assert!(row(&waiting, &action).contains("Waits for its device"), "{}", waiting.text);
        let first = site.poll(app, &codes.device_code).await.ok();
        let alone = both.get(url::CONNECTIONS).await;
        let since = times(row(&alone, &action));
        assert_eq!(since.len(), 1, "never used: {}", alone.text);

        app.wait(2 * 60 * 60);
        let refreshed = site.refresh(app, first.json["refresh_token"].as_str().unwrap()).await;
        assert_eq!(refreshed.status, 200, "{}", refreshed.text);
        let used = app.clock.now();
        app.wait(60 * 60);
        asks_for("openid offline_access").await;
        site.log_in(app, &both).await;
        let page = both.get(url::CONNECTIONS).await;
        let row = row(&page, &action);
        for sentence in ["See your e-mail address", "Stay signed in until you disconnect it"] {
            assert_eq!(row.matches(sentence).count(), 1, "{sentence}: {row}");
        }
        assert!(!row.contains("Waits for its device"), "{row}");
        let times = times(row);
        assert_eq!((times.len(), times[0]), (2, since[0]), "since the first: {row}");
        assert_ne!(times[1], times[0], "used at {used:?}");
    }

    async fn an_app_that_is_registered_elsewhere_has_a_row_where_it_was_let_in(engine: testkit::Scratch) {
        let stage = Stage::new(engine).await;
        let (app, acme, beta) = (&stage.app, &stage.acme, &stage.beta);
        let both = app.signed_in(stage.both).await;
        let moved = both_ways(app, &beta.org).await;
        let at_beta = moved.log_in(app, &both).await;
        app.wait(1);
        moved.log_in(app, &both).await;
        let codes = moved.begin(app).await;
        both.approve(&beta.org, &codes.user_code).await;
        // As an application of the whole server is let in: here to one organization, by a choice of its user.
        app.sql("DELETE FROM refresh_tokens WHERE org_id = 'beta'").await;
        app.sql("UPDATE families SET org_id = 'acme' WHERE org_id = 'beta' AND id = (SELECT id FROM families WHERE org_id = 'beta' ORDER BY id DESC LIMIT 1)").await;
        app.sql("UPDATE grants SET granted_org_id = 'acme' WHERE org_id = 'beta' AND state = 'approved'").await;
        let page = both.get(url::CONNECTIONS).await;
        let (here, there) = (url::disconnect(&acme.org, moved.id), url::disconnect(&beta.org, moved.id));
        assert!(row(&page, &here).contains("acme organization") && row(&page, &there).contains("beta organization"));
        assert_eq!(both.submit(&PageForm::to(&page, &here)).await.status, 303);
        moved.poll(app, &codes.device_code).await.assert_error("access_denied");
        let revoked = app.texts("SELECT org_id AS value FROM families WHERE state = 'revoked'").await;
        assert_eq!(revoked, ["acme"]);
        assert_eq!(userinfo(app, &moved, &at_beta).await, 200, "what it has at beta stays");
        let page = both.get(url::CONNECTIONS).await;
        assert!(!page.text.contains(&here), "{}", page.text);
        assert_eq!(both.submit(&PageForm::to(&page, &there)).await.status, 303);
        assert_eq!(userinfo(app, &moved, &at_beta).await, 401);
    }
}
