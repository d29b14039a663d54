//! API keys and MCP tokens as people manage them: made by hand, listed, ended.

use crate::page_form::PageForm;
use crate::rows::Rows;
use crate::stage::{PASSWORD, Stage};
use crate::support::{Answer, App, Browser, TestApp};
use issuer::opaque::Minting;
use model::audit::By;
use model::catalogue::Scope;
use model::device_login::DeviceLogin;
use model::id::{ApplicationId, OpaqueTokenId, OrgId, UserId};
use model::login_attempt::NewDevicePolicy;
use model::opaque::{OpaqueKind, TokenPrefixes};
use model::org::{OrgChanges, Role, SecondFactor};
use model::refresh::RevocationReason;
use protocol::scope::Scopes;
use routes::url;
use serde_json::{Value, json};
use std::time::Duration;
use testkit::Scratch;

pub(crate) const ADA: &str = "ada@acme.example";
const DAY: Duration = Duration::from_secs(24 * 60 * 60);

pub(crate) struct Scene {
    pub(crate) app: TestApp,
    pub(crate) acme: OrgId,
    pub(crate) beta: OrgId,
    pub(crate) ada: UserId,
}

/// Ada belongs to both organizations, and there is a third.
pub(crate) async fn scene(engine: Scratch) -> Scene {
    let app = TestApp::new(engine).await;
    let (acme, beta) = (app.org("acme").await, app.org("beta").await);
    app.org("gamma").await;
    let ada = app.user_with_password(ADA, PASSWORD, &[(&acme, Role::Member), (&beta, Role::Member)]).await;
    app.set_new_device_policy(NewDevicePolicy::Off).await;
    Scene { app, acme, beta, ada }
}

/// The application that stands for programs that nobody has registered.
pub(crate) fn unregistered() -> ApplicationId {
    ApplicationId::from_uuid(uuid::Uuid::from_u128(0x0000_0000_0000_7000_8000_0000_0000_0002))
}

impl TestApp {
    /// Gives somebody so many keys that they have made by hand; their texts.
    pub(crate) async fn keys(&self, user: UserId, org: &OrgId, kind: OpaqueKind, count: usize) -> Vec<String> {
        let (org, by) = (org.clone(), By::operator(&self.clock.moment()));
        self.write(move |conn| {
            let minting = || Minting {
                id: OpaqueTokenId::draw(&by.moment),
                kind,
                name: "Nightly build".to_owned(),
                org_id: org.clone(),
                grant_id: None,
                home_org_id: OrgId::instance(),
                application_id: unregistered(),
                user_id: user,
                scopes: Scopes::parse("read").unwrap(),
                resources: Vec::new(),
                lifetime: DAY,
            };
            let one = |_| Ok(issuer::opaque::mint(conn, minting(), &TokenPrefixes::default(), &by)?.1.expose().clone());
            (0..count).map(one).collect()
        })
        .await
    }

    /// Whether a key is good in this organization.
    pub(crate) async fn is_good(&self, org: &OrgId, key: &str) -> bool {
        match self.get_with_token(&url::me(org), key).await.status {
            200 => true,
            401 => false,
            other => panic!("{other}"),
        }
    }

    pub(crate) async fn good_keys(&self) -> i64 {
        self.number("SELECT count(*) AS value FROM opaque_tokens WHERE state = 'active'").await
    }

    async fn change_org(&self, org: &OrgId, changes: OrgChanges) {
        let (org, by) = (org.clone(), By::operator(&self.clock.moment()));
        self.write(move |conn| directory::organizations::change(conn, &org, &changes, &by)).await;
    }
}

impl Browser<'_> {
    /// The form of the page, filled in.
    pub(crate) async fn key_form(&self, (kind, org, scopes): (&str, &str, &[&str])) -> PageForm {
        let page = self.get(url::KEYS).await;
        let mut form =
            PageForm::to(&page, url::KEYS).with("kind", kind).with("name", "Nightly build").with("organization", org);
        form.fields.extend(scopes.iter().map(|scope| ("scope".to_owned(), (*scope).to_owned())));
        form
    }

    /// Makes a key; its text.
    pub(crate) async fn make_key(&self, wanted: (&str, &str, &[&str])) -> String {
        text_of(&self.submit(&self.key_form(wanted).await).await)
    }
}

fn text_of(made: &Answer) -> String {
    assert_eq!(made.status, 200, "{}", made.text);
    let shown = made.text.split("id=\"new-key\"").nth(1).unwrap_or_else(|| panic!("no key: {}", made.text));
    shown.split("<code>").nth(1).unwrap().split("</code>").next().unwrap().to_owned()
}

/// The forms of *Revoke* on the page.
pub(crate) async fn revocable(browser: &Browser<'_>) -> Vec<PageForm> {
    let page = browser.get(url::KEYS).await;
    PageForm::all(&page.text).into_iter().filter(|form| form.action.ends_with("/revoke")).collect()
}

testkit::both_engines! {
    async fn a_key_made_by_hand_works_at_once_and_stops_at_once(engine: Scratch) {
        let Scene { app, acme, beta, ada } = scene(engine).await;
        let browser = app.signed_in(ada).await;
        for (kind, prefix, scope, word) in [("api_key", "dwk_", "read write", "API key"), ("mcp", "dwm_", "read", "MCP token")] {
            let sent = browser.key_form((kind, "acme", &["read", "write"])).await.with("days", "30");
            app.wait(1);
            let made = browser.submit(&sent).await;
            assert_eq!(made.header("cache-control"), "no-store");
            let key = text_of(&made);
            assert!(key.starts_with(prefix) && model::opaque::is_well_formed(&key), "{key}");
            assert_eq!(made.text.contains("Change what you can change"), kind == "api_key", "{}", made.text);
            let told = app.get_with_token(&url::me(&acme), &key).await.ok();
            let exp = app.clock.now().seconds() + 30 * 24 * 60 * 60;
            let expected = json!({
                "sub": ada.to_string(), "email": ADA, "org_id": "acme", "client_id": Value::Null, "scope": scope, "kind": kind, "exp": exp,
            });
            assert_eq!(told.json, expected);
            assert!(!app.is_good(&beta, &key).await, "another organization's");
            let letter = app.letter_to(ADA).await;
            assert_eq!(letter.line("Subject"), format!("An {word} was made for your account"));
            for told in [format!("{word} Nightly build was made by hand"), "acme organization".to_owned()] {
                assert!(letter.text.contains(&told), "{told}: {}", letter.text);
            }
            assert!(letter.text.contains(&format!("{}{}", app.public_url, url::KEYS_FROM_LETTER)) && !letter.text.contains(&key));
            // It is shown by no other page, and stored nowhere.
            let page = browser.get(url::KEYS).await;
            assert!(page.text.contains(&format!("{}…", &key[..8])) && page.text.contains("you, by hand"), "{}", page.text);
            assert!(!page.text.contains(&key));
            let [form] = &revocable(&browser).await[..] else { panic!("{}", page.text) };
            let done = browser.submit(form).await;
            assert_eq!(done.location(), url::after(url::KEYS, "revoked"), "{}", done.text);
            assert!(!app.is_good(&acme, &key).await);
            let after = browser.get(done.location()).await;
            assert!(after.text.contains("It is revoked") && after.text.contains("<span class=\"tag\">Revoked</span>"), "{}", after.text);
            assert_eq!(browser.submit(form).await.status, 303, "again, which changes nothing more");
        }
        assert_eq!((app.audited("token.made").await, app.audited("token.revoked").await), (2, 2));
        let made = app.texts("SELECT org_id || ' ' || details AS value FROM audit WHERE action = 'token.made' ORDER BY at").await;
        assert!(made[0].starts_with("acme ") && made[0].contains("api_key") && made[0].contains("read write") && made[0].contains("expires"), "{made:?}");
        let reasons = app.texts("SELECT revoked_reason AS value FROM opaque_tokens").await;
        assert_eq!(reasons, [RevocationReason::User.as_str(); 2]);
        // What is made by hand is no connection of an app.
        assert!(browser.get(url::CONNECTIONS).await.text.contains("No app is connected"));
    }

    async fn a_key_of_a_program_is_listed_with_its_name_and_status(engine: Scratch) {
        let Scene { app, acme, ada, .. } = scene(engine).await;
        let browser = app.signed_in(ada).await;
        let tokens = App::mcp().log_in_for(&app, &browser, &acme).await;
        let key = tokens["access_token"].as_str().unwrap();
        let page = browser.get(url::KEYS).await;
        assert!(page.text.contains("Never used") && page.text.contains("Doorward MCP"), "{}", page.text);
        assert!(page.text.contains("<span class=\"tag good\">Active</span>"));
        app.wait(90 * 24 * 60 * 60);
        let browser = app.signed_in(ada).await;
        let page = browser.get(url::KEYS).await;
        assert!(page.text.contains("<span class=\"tag\">Expired</span>") && revocable(&browser).await.is_empty(), "{}", page.text);
        assert!(!app.is_good(&acme, key).await);
    }

    async fn a_key_carries_what_its_kind_and_its_organization_allow(engine: Scratch) {
        let Scene { app, acme, beta, ada } = scene(engine).await;
        let browser = app.signed_in(ada).await;
        let scope = |name: &str, implies: &str| Scope { implies: Scopes::parse(implies).unwrap(), ..Scope::named(name) };
        let added = [scope("read:financial", ""), scope("admin", "write read:financial")];
        app.write(move |conn| {
            added.iter().try_for_each(|scope| store::tables::scopes::insert(conn, &OrgId::instance(), scope).map(drop))
        }).await;
        let ceiling = OrgChanges { device_scope_ceiling: Some(Scopes::parse("read:financial write").unwrap()), ..OrgChanges::default() };
        app.change_org(&beta, ceiling).await;
        for (kind, org, asked, got) in [
            ("api_key", &acme, &["admin"][..], "admin read:financial write"),
            ("mcp", &acme, &["admin", "read"], "read read:financial"),
            ("api_key", &beta, &["admin", "read"], "read:financial write"),
            ("mcp", &beta, &["admin"], "read:financial"),
        ] {
            let key = browser.make_key((kind, org.as_str(), asked)).await;
            let told = app.get_with_token(&url::me(org), &key).await.ok();
            let mut scopes: Vec<&str> = told.json["scope"].as_str().unwrap().split(' ').collect();
            scopes.sort_unstable();
            assert_eq!(scopes.join(" "), got, "{kind} {org} {asked:?}");
        }
        let rows = Rows::of(&app).await;
        for (kind, org, asked) in [("mcp", "acme", "write"), ("mcp", "beta", "read"), ("api_key", "beta", "read"), ("api_key", "acme", "openid")] {
            let refused = browser.submit(&browser.key_form((kind, org, &[asked])).await).await;
            assert!(refused.status == 400 && refused.text.contains("Tick at least one"), "{kind} {asked}: {}", refused.text);
        }
        rows.assert_unchanged(&app, "a key that may nothing").await;
    }

    async fn what_can_not_be_made_is_said_at_its_field_and_kept(engine: Scratch) {
        let Scene { app, acme, beta, ada } = scene(engine).await;
        app.change_org(&acme, OrgChanges { longest_token: Some(30 * DAY), ..OrgChanges::default() }).await;
        app.devices(&beta, DeviceLogin::Off).await;
        let browser = app.signed_in(ada).await;
        let form = browser.key_form(("api_key", "acme", &["read"])).await.with("days", "30");
        let long = "x".repeat(81);
        let rows = Rows::of(&app).await;
        for (field, value, sentence) in [
            ("kind", "embedded", "Choose what it is for"),
            ("kind", "jwt", "Choose what it is for"),
            ("name", " ", "Give it a name"),
            ("name", long.as_str(), "too long"),
            ("name", "a\u{202e}b", "be seen"),
            ("organization", "", "Choose the organization"),
            ("organization", "~instance", "Choose the organization"),
            ("organization", "gamma", "can&#x27;t choose this organization"),
            ("organization", "nowhere", "can&#x27;t choose this organization"),
            ("organization", "beta", "lets nobody make keys"),
            ("scope", "nothing", "Tick at least one"),
            ("days", "0", "from 1 to 365"),
            ("days", "366", "from 1 to 365"),
            ("days", "-1", "from 1 to 365"),
            ("days", "4294967296", "from 1 to 365"),
            ("days", "31", "for 30 days at most"),
        ] {
            let answer = browser.submit(&form.clone().with(field, value)).await;
            let text = answer.text.replace("&#39;", "&#x27;");
            assert!(answer.status == 400 && text.contains(sentence), "{field} {value}: {text}");
            assert!(text.contains(&format!("href=\"#{field}\"")), "{field}: {text}");
            if field == "days" {
                assert_eq!(PageForm::to(&answer, url::KEYS).value("name"), "Nightly build", "what was typed is kept");
            }
        }
        let none = browser.submit(&form.clone().without("scope")).await;
        assert!(none.status == 400 && none.text.contains("Tick at least one"), "{}", none.text);
        // An organization that needs a second factor which the session has not shown lets nothing be made.
        let factor = OrgChanges { second_factor: Some((SecondFactor::Required, app.clock.now())), second_factor_grace: Some(Duration::ZERO), ..OrgChanges::default() };
        rows.assert_unchanged(&app, "what can't be made").await;
        app.change_org(&acme, factor).await;
        let refused = browser.submit(&form).await;
        assert!(refused.status == 400 && refused.text.contains("choose this organization any more"), "{}", refused.text);
        assert_eq!(app.good_keys().await, 0);
    }

    async fn a_form_makes_one_key_however_often_it_is_sent(engine: Scratch) {
        let Scene { app, ada, .. } = scene(engine).await;
        let browser = app.signed_in(ada).await;
        let form = browser.key_form(("api_key", "acme", &["read"])).await;
        let key = text_of(&browser.submit(&form).await);
        // A reload, a retry, another organization or another name: the same form.
        for again in [form.clone(), form.clone().with("organization", "beta"), form.clone().with("name", "Another")] {
            let refused = browser.submit(&again).await;
            assert!(refused.status == 409 && refused.text.contains("made a key already"), "{}", refused.text);
            assert!(!refused.text.contains(&key));
            assert_ne!(PageForm::to(&refused, url::KEYS).value("key"), form.value("key"), "the next one is another");
        }
        let (one, other) = (browser.key_form(("mcp", "acme", &["read"])).await, app.signed_in(ada).await);
        let (first, second) = tokio::join!(browser.submit(&one), browser.submit(&one));
        let mut statuses = [first.status, second.status];
        statuses.sort_unstable();
        assert_eq!(statuses, [200, 409]);
        for forged in [one.clone().without("key"), one.clone().with("key", "x"), one.clone().with("key", form.value("key"))] {
            assert_eq!(browser.submit(&forged).await.status, 403);
        }
        assert_eq!(other.submit(&one).await.status, 403, "another session's");
        assert_eq!(app.good_keys().await, 2);
        // What was revoked was made as well.
        let revoke = revocable(&browser).await;
        for form in &revoke {
            browser.submit(form).await;
        }
        assert_eq!(browser.submit(&form).await.status, 409);
        assert_eq!(app.good_keys().await, 0);
    }

    async fn what_nobody_has_registered_can_be_switched_off_and_then_no_key_is_made(engine: Scratch) {
        let Scene { app, ada, .. } = scene(engine).await;
        let browser = app.signed_in(ada).await;
        let form = browser.key_form(("api_key", "acme", &["read"])).await;
        app.sql("UPDATE applications SET state = 'disabled' WHERE client_id = '~unregistered'").await;
        let refused = browser.submit(&form).await;
        assert!(refused.status == 400 && refused.text.contains("whoever runs this server"), "{}", refused.text);
        assert_eq!(app.good_keys().await, 0);
    }

    async fn making_one_takes_a_fresh_proof_and_ending_one_does_not(engine: Scratch) {
        let Scene { app, acme, ada, .. } = scene(engine).await;
        let browser = app.signed_in(ada).await;
        let key = browser.make_key(("api_key", "acme", &["read"])).await;
        let form = browser.key_form(("api_key", "acme", &["read"])).await;
        app.wait(31 * 60);
        let rows = Rows::of(&app).await;
        assert_eq!(browser.submit(&form).await.location(), url::step_up_to(url::KEYS));
        rows.assert_unchanged(&app, "a stale session").await;
        let [revoke] = &revocable(&browser).await[..] else { panic!("one") };
        assert_eq!(browser.submit(revoke).await.status, 303);
        assert!(!app.is_good(&acme, &key).await);
        // Letters lead to the page by way of an address of their own.
        assert_eq!(browser.get(url::KEYS_FROM_LETTER).await.location(), url::KEYS);
        assert!(app.browser().get(url::KEYS).await.location().starts_with("/login?next="));
    }

    async fn somebody_elses_key_is_not_there(engine: Scratch) {
        let stage = Stage::new(engine).await;
        let ben = stage.ben().await;
        let mine = stage.acme.key_id;
        let never = OpaqueTokenId::draw(&stage.app.clock.moment());
        let before = Rows::of(&stage.app).await;
        for key in [mine, never] {
            let fields = [("csrf_token", ben.token_for(("key-revoke", &key.to_string())))];
            assert_eq!(ben.post(&url::revoke_key(key), &fields).await.status, 404);
        }
        before.assert_unchanged(&stage.app, "somebody else").await;
        let listed = revocable(&ben).await;
        assert_eq!(listed.iter().map(|form| form.action.as_str()).collect::<Vec<_>>(), [url::revoke_key(stage.beta.key_id)]);
        // A session that an organization's own provider has made has no account.
        let ada = stage.ada().await;
        let form = ada.key_form(("api_key", "acme", &["read"])).await;
        let [revoke] = &revocable(&ada).await[..] else { panic!("one") };
        stage.app.sql("UPDATE sessions SET only_org = 'acme', identity_id = (SELECT id FROM upstream_identities LIMIT 1) WHERE user_id = (SELECT id FROM users WHERE email = 'ada@acme.example')").await;
        let before = Rows::of(&stage.app).await;
        assert!(ada.get(url::KEYS).await.location().starts_with("/login?next="));
        assert_eq!((ada.submit(&form).await.status, ada.submit(revoke).await.status), (403, 403));
        before.assert_unchanged(&stage.app, "a session of one organization").await;
    }

    async fn a_member_has_a_hundred_good_ones_and_no_more(engine: Scratch) {
        let Scene { app, acme, beta, ada } = scene(engine).await;
        let browser = app.signed_in(ada).await;
        app.keys(ada, &acme, OpaqueKind::ApiKey, 99).await;
        // Those that devices have collected don't count.
        App::mcp().log_in_for(&app, &browser, &acme).await;
        browser.make_key(("mcp", "acme", &["read"])).await;
        let form = browser.key_form(("mcp", "acme", &["read"])).await;
        let full = browser.submit(&form).await;
        assert!(full.status == 400 && full.text.contains("You have 100 good ones"), "{}", full.text);
        browser.make_key(("mcp", beta.as_str(), &["read"])).await;
        let first = revocable(&browser).await.pop().unwrap();
        assert_eq!(browser.submit(&first).await.status, 303);
        text_of(&browser.submit(&form).await);
        assert_eq!(browser.submit(&browser.key_form(("mcp", "acme", &["read"])).await).await.status, 400);
        app.wait(24 * 60 * 60);
        let browser = app.signed_in(ada).await;
        browser.make_key(("mcp", "acme", &["read"])).await;
    }
}
