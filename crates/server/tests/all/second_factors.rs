//! The account's security: authenticator apps, recovery codes, passwords, and proving again who one is.

use crate::page_form::PageForm;
use crate::rows::Rows;
use crate::stage::PASSWORD;
use crate::support::{Answer, Browser, TestApp};
use model::audit::By;
use model::id::{OrgId, UserId};
use model::org::{OrgChanges, Role, SecondFactor};
use model::time::Timestamp;
use routes::url;
use std::time::Duration;

const ADA: &str = "ada@acme.example";
const NEW: &str = "another horse, another staple";

/// The code of an authenticator app with this secret, as it is shown on the page.
pub fn totp_code(secret: &str, now: Timestamp) -> String {
    let secret = totp_rs::Secret::try_from_base32(secret.replace(' ', "")).unwrap();
    let app = totp_rs::Builder::new().with_secret(secret).build().unwrap();
    app.generate(u64::try_from(now.seconds()).unwrap()).to_string()
}

fn between<'a>(text: &'a str, before: &str, after: &str) -> &'a str {
    let from = text.find(before).unwrap_or_else(|| panic!("no {before} in {text}")) + before.len();
    &text[from..from + text[from..].find(after).unwrap()]
}

impl Browser<'_> {
    /// Begins to set an authenticator app up; gives the form for its first code and the secret.
    pub async fn begin_totp(&self) -> (PageForm, String) {
        let form = PageForm::to(&self.get(url::SECURITY).await, url::SECURITY_TOTP);
        let setup = self.get(self.submit(&form).await.location()).await;
        assert_eq!(setup.status, 200, "{}", setup.text);
        let secret = between(&setup.text, "id=\"totp-secret\">", "<").to_owned();
        (PageForm::to(&setup, url::SECURITY_TOTP_CONFIRM), secret)
    }

    /// Sets an authenticator app up; gives its secret.
    pub async fn set_up_totp(&self) -> String {
        let (form, secret) = self.begin_totp().await;
        let done = self.submit(&form.with("code", &totp_code(&secret, self.app.clock.now()))).await;
        assert_eq!(done.location(), url::after(url::SECURITY, "totp"));
        secret
    }

    /// Makes recovery codes.
    pub async fn make_codes(&self) -> Vec<String> {
        let form = PageForm::to(&self.get(url::SECURITY).await, url::SECURITY_RECOVERY_CODES);
        let made = self.submit(&form).await;
        assert_eq!(made.status, 200, "{}", made.text);
        between(&made.text, "<code>", "</code>").lines().map(str::to_owned).collect()
    }

    /// Proves again who it is, by this field.
    pub async fn step_up(&self, field: &str, value: &str) -> Answer {
        let form = PageForm::to(&self.get(url::STEP_UP).await, url::STEP_UP).without("password").without("code");
        self.submit(&form.with(field, value)).await
    }

    async fn change_password(&self, current: &str, new: &str) -> Answer {
        let form = PageForm::to(&self.get(url::SECURITY).await, url::SECURITY_PASSWORD);
        self.submit(&form.with("current", current).with("password", new)).await
    }
}

pub async fn acme(engine: testkit::Scratch) -> (TestApp, OrgId, UserId) {
    let app = TestApp::new(engine).await;
    let acme = app.org("acme").await;
    let ada = app.user_with_password(ADA, PASSWORD, &[(&acme, Role::Owner)]).await;
    (app, acme, ada)
}

/// What letters tell, oldest first.
pub async fn told(app: &TestApp) -> Vec<String> {
    let letters = app.texts("SELECT recipient || ' ' || payload AS value FROM outbox WHERE letter = 'account_changed' ORDER BY created_at").await;
    let change = |letter: &String| {
        let (recipient, payload) = letter.split_once(' ').unwrap();
        assert_eq!(recipient, ADA);
        serde_json::from_str::<serde_json::Value>(payload).unwrap()["change"].to_string()
    };
    letters.iter().map(change).collect()
}

testkit::both_engines! {
    async fn an_app_counts_once_a_code_has_confirmed_it(engine: testkit::Scratch) {
        let (app, _, ada) = acme(engine).await;
        let browser = app.signed_in(ada).await;
        let since = async || app.db.read("since", move |conn| login::totp::since(conn, ada)).await.unwrap();
        assert_eq!(browser.get(url::SECURITY_TOTP).await.location(), url::SECURITY, "nothing is being set up");
        let (form, secret) = browser.begin_totp().await;
        let setup = browser.get(url::SECURITY_TOTP).await;
        assert!(setup.text.contains("<svg") && setup.text.contains("otpauth:&#x2F;&#x2F;totp&#x2F;localhost:ada%40acme.example?secret=") || setup.text.contains("otpauth://totp/localhost:ada%40acme.example?secret="), "{}", setup.text);
        let wrong = browser.submit(&form.clone().with("code", "000000")).await;
        assert_eq!(wrong.status, 400, "{}", wrong.text);
        assert!(wrong.text.contains("not the app&#39;s code") && wrong.text.contains(&secret), "{}", wrong.text);
        assert_eq!(since().await, None, "it does not count yet");
        let stored = app.texts(if app.db.read("engine", |conn| Ok(conn.is_postgres())).await.unwrap() {
            "SELECT encode(sealed_secret, 'hex') AS value FROM totp"
        } else {
            "SELECT lower(hex(sealed_secret)) AS value FROM totp"
        }).await;
        let plain = totp_rs::Secret::try_from_base32(secret.replace(' ', "")).unwrap();
        let plain: String = plain.as_ref().iter().map(|byte| format!("{byte:02x}")).collect();
        assert!(!stored[0].contains(&plain), "it is sealed");
        let right = form.clone().with("code", &totp_code(&secret, app.clock.now()));
        assert_eq!(browser.submit(&right).await.location(), "/account/security?done=totp");
        assert_eq!(since().await, Some(app.clock.now()));
        assert_eq!(told(&app).await, ["\"totp_added\""]);
        assert_eq!(browser.submit(&right).await.location(), url::SECURITY, "once");
        // A second app has to wait until the first is removed.
        let page = browser.get(url::SECURITY).await;
        assert!(page.text.contains("Remove authenticator app") && !page.text.contains("Set up authenticator app"));
        let remove = PageForm::to(&page, url::SECURITY_TOTP_REMOVE);
        assert_eq!(browser.submit(&remove).await.location(), "/account/security?done=no-totp");
        assert_eq!(browser.submit(&remove).await.location(), url::SECURITY, "a second click");
        assert_eq!(since().await, None);
        assert_eq!(told(&app).await.len(), 2);
    }

    async fn a_secret_that_nobody_confirms_lapses(engine: testkit::Scratch) {
        let (app, _, ada) = acme(engine).await;
        let browser = app.signed_in(ada).await;
        let (form, secret) = browser.begin_totp().await;
        app.wait(60 * 60);
        assert_eq!(browser.get(url::SECURITY_TOTP).await.location(), url::step_up_to(url::SECURITY));
        assert_eq!(browser.step_up("password", PASSWORD).await.location(), url::SECURITY);
        assert_eq!(browser.get(url::SECURITY_TOTP).await.location(), url::SECURITY);
        let token = browser.token_for(("totp-confirm", ""));
        let late = form.with("csrf_token", &token).with("code", &totp_code(&secret, app.clock.now()));
        assert_eq!(browser.submit(&late).await.location(), url::SECURITY);
        assert_eq!(app.number("SELECT count(*) AS value FROM totp WHERE confirmed_at IS NOT NULL").await, 0);
    }

    async fn a_code_is_taken_once_however_many_bring_it_at_once(engine: testkit::Scratch) {
        let (app, _, ada) = acme(engine).await;
        let secret = app.signed_in(ada).await.set_up_totp().await;
        app.wait(60);
        let code = totp_code(&secret, app.clock.now());
        let browsers = [app.signed_in(ada).await, app.signed_in(ada).await, app.signed_in(ada).await, app.signed_in(ada).await];
        let [a, b, c, d] = &browsers;
        let tried = tokio::join!(a.step_up("code", &code), b.step_up("code", &code), c.step_up("code", &code), d.step_up("code", &code));
        let statuses = [tried.0.status, tried.1.status, tried.2.status, tried.3.status];
        assert_eq!(statuses.iter().filter(|status| **status == 303).count(), 1, "{statuses:?}");
        // Nor is the code of the step before, which would still be in time.
        let before = totp_code(&secret, app.clock.now().before(Duration::from_secs(30)));
        let other = app.signed_in(ada).await;
        assert_eq!(other.step_up("code", &before).await.status, 400);
        app.wait(30);
        assert_eq!(other.step_up("code", &totp_code(&secret, app.clock.now())).await.status, 303);
    }

    async fn what_is_dangerous_wants_a_fresh_proof(engine: testkit::Scratch) {
        let (app, _, ada) = acme(engine).await;
        let browser = app.signed_in(ada).await;
        app.wait(30 * 60);
        let page = browser.get(url::SECURITY).await;
        assert_eq!(page.status, 200, "looking is not dangerous");
        let before = Rows::of(&app).await;
        for action in [url::SECURITY_TOTP, url::SECURITY_RECOVERY_CODES, url::SECURITY_PASSWORD] {
            let form = PageForm::to(&page, action).with("current", PASSWORD).with("password", NEW);
            assert_eq!(browser.submit(&form).await.location(), url::step_up_to(url::SECURITY), "{action}");
        }
        before.assert_unchanged(&app, "a stale session").await;
        let old = browser.cookie("doorward_session").unwrap();
        assert_eq!(browser.step_up("password", "wrong horse").await.status, 400);
        assert_eq!(browser.step_up("password", PASSWORD).await.location(), url::SECURITY);
        assert_ne!(browser.cookie("doorward_session").unwrap(), old, "the session's id is another");
        let stale = app.browser();
        stale.set_cookie("doorward_session", &old);
        assert!(!stale.is_signed_in().await, "the old one is dead");
        assert_eq!(browser.make_codes().await.len(), 10);
        assert_eq!(app.number("SELECT count(*) AS value FROM sessions").await, 1);
    }

    async fn where_there_is_an_app_the_password_is_no_proof(engine: testkit::Scratch) {
        let (app, _, ada) = acme(engine).await;
        let browser = app.signed_in(ada).await;
        let secret = browser.set_up_totp().await;
        let codes = browser.make_codes().await;
        app.wait(30 * 60);
        let page = browser.get(url::STEP_UP).await;
        assert!(page.text.contains("name=\"code\"") && !page.text.contains("name=\"password\""), "{}", page.text);
        assert_eq!(browser.step_up("password", PASSWORD).await.status, 400);
        assert_eq!(browser.step_up("code", "").await.status, 400);
        assert_eq!(browser.step_up("code", &totp_code(&secret, app.clock.now())).await.status, 303);
        app.wait(30 * 60);
        assert_eq!(browser.step_up("code", &codes[3].to_lowercase()).await.status, 303);
        app.wait(30 * 60);
        assert_eq!(browser.step_up("code", &codes[3]).await.status, 400, "a recovery code works once");
        assert_eq!(told(&app).await, ["\"totp_added\"", "\"recovery_codes_made\"", "{\"recovery_code_used\":9}"]);
        assert!(browser.get(url::SECURITY).await.text.contains("9 are left."));
    }

    async fn wrong_codes_are_few_and_a_recovery_code_is_the_way_out(engine: testkit::Scratch) {
        let (app, _, ada) = acme(engine).await;
        let browser = app.signed_in(ada).await;
        let secret = browser.set_up_totp().await;
        let codes = browser.make_codes().await;
        app.wait(60);
        let right = totp_code(&secret, app.clock.now());
        for attempt in 0..5 {
            assert_eq!(app.signed_in(ada).await.step_up("code", "000000").await.status, 400, "{attempt}");
        }
        let spent = browser.step_up("code", &right).await;
        assert_eq!(spent.status, 429, "nothing is evaluated any more: {}", spent.text);
        assert!((1..=600).contains(&spent.header("retry-after").parse::<u64>().unwrap()));
        assert_eq!(browser.step_up("code", &codes[0]).await.status, 303);
        app.wait(600);
        assert_eq!(browser.step_up("code", &totp_code(&secret, app.clock.now())).await.status, 303);
    }

    async fn a_new_password_ends_everything_but_this_browser(engine: testkit::Scratch) {
        let (app, acme, ada) = acme(engine).await;
        let cd = app.device_app(&acme).await;
        let (browser, other) = (app.signed_in(ada).await, app.signed_in(ada).await);
        let tokens = cd.log_in(&app, &browser).await;
        for (current, new, field) in [("wrong horse", NEW, "current"), (PASSWORD, "short", "password"), (PASSWORD, "password1", "password"), (PASSWORD, "", "password")] {
            let refused = browser.change_password(current, new).await;
            assert_eq!(refused.status, 400, "{current} {new}");
            assert!(refused.text.contains(&format!("id=\"{field}-error\"")), "{current} {new}: {}", refused.text);
        }
        assert!(other.is_signed_in().await);
        assert_eq!(app.spent("step_ups_by_user").await, 1, "a weak new one is no guess");
        let old = browser.cookie("doorward_session").unwrap();
        assert_eq!(browser.change_password(PASSWORD, NEW).await.location(), "/account/security?done=password");
        assert!(browser.is_signed_in().await && !other.is_signed_in().await);
        assert_ne!(browser.cookie("doorward_session").unwrap(), old);
        assert_eq!(cd.refresh(&app, tokens["refresh_token"].as_str().unwrap()).await.status, 400);
        assert_eq!(told(&app).await, ["\"password_changed\""]);
        let again = app.browser();
        assert_eq!(again.sign_in(ADA, PASSWORD).await.status, 400);
        // From here on: this browser is known, another may have to be approved.
        browser.get(url::SECURITY).await;
        for attempt in 1..5 {
            assert_eq!(browser.change_password("wrong horse", NEW).await.status, 400, "{attempt}");
        }
        assert_eq!(browser.change_password(NEW, PASSWORD).await.status, 429, "the budget is the account's");
    }

    async fn after_a_second_factor_the_old_password_is_not_asked_for(engine: testkit::Scratch) {
        let (app, _, ada) = acme(engine).await;
        let browser = app.signed_in(ada).await;
        browser.set_up_totp().await;
        let page = browser.get(url::SECURITY).await;
        assert!(!page.text.contains("name=\"current\""), "{}", page.text);
        let form = PageForm::to(&page, url::SECURITY_PASSWORD).with("password", NEW);
        assert_eq!(browser.submit(&form).await.location(), "/account/security?done=password");
        assert!(!browser.get(url::SECURITY).await.text.contains("name=\"current\""), "the new session has shown it too");
    }

    async fn a_new_password_makes_no_old_second_factor_a_fresh_one(engine: testkit::Scratch) {
        let (app, _, ada) = acme(engine).await;
        let browser = app.signed_in(ada).await;
        app.sql("UPDATE sessions SET factor_at = created_at").await;
        app.wait(31 * 60);
        assert_eq!(browser.step_up("password", PASSWORD).await.status, 303);
        assert_eq!(browser.change_password(PASSWORD, NEW).await.location(), "/account/security?done=password");
        assert!(browser.get(url::SECURITY).await.text.contains("name=\"current\""));
        let form = PageForm::to(&browser.get(url::SECURITY).await, url::SECURITY_PASSWORD).without("current");
        assert_eq!(browser.submit(&form.with("password", PASSWORD)).await.status, 400);
    }

    async fn a_right_password_alone_begins_no_session_where_there_is_an_app(engine: testkit::Scratch) {
        let (app, _, ada) = acme(engine).await;
        let secret = app.signed_in(ada).await.set_up_totp().await;
        app.wait(60);
        let browser = app.browser();
        let asked = browser.submit(&browser.sign_in_form(ADA, PASSWORD).await.with("next", "/account/connections").with("remember", "yes")).await;
        assert_eq!(asked.location(), url::LOGIN_FACTOR);
        assert!(browser.cookie("doorward_session").is_none() && !browser.is_signed_in().await);
        let page = browser.get(url::LOGIN_FACTOR).await;
        let form = PageForm::to(&page, url::LOGIN_FACTOR);
        let wrong = browser.submit(&form.clone().with("code", "000000")).await;
        assert!(wrong.status == 400 && wrong.text.contains("This code doesn&#39;t work"), "{}", wrong.text);
        let right = form.with("code", &totp_code(&secret, app.clock.now()));
        // Another browser, with the attempt's cookie but not the pre-session's, gains nothing by the right code.
        let thief = app.browser();
        thief.get(url::LOGIN).await;
        thief.set_cookie("doorward_factor", &browser.cookie("doorward_factor").unwrap());
        let token = thief.token_for(("login-factor", ""));
        let before = Rows::of(&app).await;
        assert_eq!(thief.submit(&right.clone().with("csrf_token", &token)).await.location(), "/login?again=1");
        before.assert_unchanged(&app, "another browser").await;
        assert_eq!(browser.submit(&right).await.location(), "/account/connections");
        assert!(browser.is_signed_in().await);
        assert_eq!(browser.cookie("doorward_factor"), None);
        assert_eq!(app.number("SELECT count(*) AS value FROM sessions WHERE factor_at IS NOT NULL AND expires_at - created_at > 86400000").await, 2, "remembered, by factor: this one, and the one that set the app up");
        assert_eq!(app.number("SELECT count(*) AS value FROM factor_attempts").await, 0);
        // The same code in a second sign-in is a replay, and so is the first sign-in's form.
        let second = app.browser();
        second.sign_in(ADA, PASSWORD).await;
        let form = PageForm::to(&second.get(url::LOGIN_FACTOR).await, url::LOGIN_FACTOR);
        assert_eq!(second.submit(&form.clone().with("code", &totp_code(&secret, app.clock.now()))).await.status, 400);
        app.wait(30);
        assert_eq!(second.submit(&form.with("code", &totp_code(&secret, app.clock.now()))).await.location(), url::ORGANIZATIONS);
    }

    async fn one_code_lets_one_of_two_sign_ins_in(engine: testkit::Scratch) {
        let (app, _, ada) = acme(engine).await;
        let secret = app.signed_in(ada).await.set_up_totp().await;
        app.wait(60);
        let (one, other) = (app.browser(), app.browser());
        let form = async |browser: &Browser<'_>| {
            browser.sign_in(ADA, PASSWORD).await;
            PageForm::to(&browser.get(url::LOGIN_FACTOR).await, url::LOGIN_FACTOR)
        };
        let code = totp_code(&secret, app.clock.now());
        let (first, second) = (form(&one).await.with("code", &code), form(&other).await.with("code", &code));
        let (first, second) = tokio::join!(one.submit(&first), other.submit(&second));
        let mut statuses = [first.status, second.status];
        statuses.sort_unstable();
        assert_eq!(statuses, [303, 400]);
    }

    async fn a_recovery_code_signs_in_once_and_a_late_code_does_not(engine: testkit::Scratch) {
        let (app, _, ada) = acme(engine).await;
        let known = app.signed_in(ada).await;
        let secret = known.set_up_totp().await;
        let codes = known.make_codes().await;
        let form = async |browser: &Browser<'_>| {
            browser.sign_in(ADA, PASSWORD).await;
            PageForm::to(&browser.get(url::LOGIN_FACTOR).await, url::LOGIN_FACTOR)
        };
        let (one, other, late) = (app.browser(), app.browser(), app.browser());
        let (first, second) = (form(&one).await.with("code", &codes[0]), form(&other).await.with("code", &codes[0]));
        assert_eq!(one.submit(&first).await.location(), url::ORGANIZATIONS);
        assert_eq!(other.submit(&second).await.status, 400);
        assert!(told(&app).await.contains(&"{\"recovery_code_used\":9}".to_owned()));
        // An attempt ends with its time, and with a change of the credentials.
        let slow = form(&late).await;
        app.wait(600);
        assert_eq!(late.submit(&slow.with("code", &totp_code(&secret, app.clock.now()))).await.location(), "/login?again=1");
        let again = late.get("/login?again=1").await;
        assert!(again.text.contains("Sign in again."), "{}", again.text);
        let stale = form(&late).await;
        let (hash, by) = (login::password::hash_now(NEW).unwrap(), By::operator(&app.clock.moment()));
        app.write(move |conn| directory::users::set_password(conn, ada, &hash, directory::access::Keys::All, &by)).await;
        assert_eq!(late.submit(&stale.with("code", &totp_code(&secret, app.clock.now()))).await.location(), "/login?again=1");
        assert!(!late.is_signed_in().await);
    }

    async fn an_organization_waits_for_a_second_factor_and_then_does_not(engine: testkit::Scratch) {
        let (app, acme, ada) = acme(engine).await;
        let beta = app.org("beta").await;
        let ben = app.user("ben@beta.example", &[(&acme, Role::Member), (&beta, Role::Member)]).await;
        let cd = app.device_app(&acme).await;
        let (owner, member) = (app.signed_in(ada).await, app.signed_in(ben).await);
        require(&app, &acme, 7).await;
        let notice = member.get(url::ORGANIZATIONS).await;
        assert!(notice.text.contains("needs a second factor of you") && notice.text.contains("in 7 days"), "{}", notice.text);
        assert!(member.get(url::SECURITY).await.text.contains("in 7 days"));
        member.approve(&acme, &cd.begin(&app).await.user_code).await;
        let codes = cd.begin(&app).await;
        let review = member.review(&acme, &codes.user_code).await;
        app.wait(7 * 24 * 60 * 60 - 1700);
        // The review was open when the grace ended.
        let codes_late = cd.begin(&app).await;
        let review_late = member.review(&acme, &codes_late.user_code).await;
        app.wait(1700);
        drop((codes, review));
        let before = Rows::of(&app).await;
        assert_eq!(member.decide(&acme, &review_late, "approve").await.status, 403);
        let owner_again = app.signed_in(ada).await;
        for (browser, path) in [(&member, url::device(&acme)), (&owner_again, url::portal_applications(&acme)), (&owner_again, url::portal_devices(&acme)), (&member, url::device_with_code(&acme, "WDJB-MJHT"))] {
            let led = browser.get(&path).await;
            assert_eq!(led.location(), url::security_for(&path), "{path}");
            let page = browser.get(led.location()).await;
            assert!(page.text.contains("Until you set one up, nothing of it opens"), "{}", page.text);
        }
        let token = member.token_for(("device-code", "acme"));
        assert_eq!(member.post(&url::device(&acme), &[("csrf_token", token.as_str()), ("user_code", "WDJB-MJHT")]).await.status, 403);
        assert_eq!(before.without(&["sessions", "audit", "known_devices", "users"]).changed(&Rows::of(&app).await.without(&["sessions", "audit", "known_devices", "users"])), [""; 0]);
        assert_eq!(member.get(&url::device(&beta)).await.status, 200, "the other organization wants none");
        drop(owner);
        // Setting one up opens it, to this session; another session of the same account is asked for it.
        let fresh = app.signed_in(ben).await;
        let (form, secret) = fresh.begin_totp().await;
        let confirmed = fresh.submit(&form.with("next", "/orgs/acme/device").with("code", &totp_code(&secret, app.clock.now()))).await;
        assert_eq!(confirmed.location(), "/account/security?done=totp&next=%2Forgs%2Facme%2Fdevice");
        let page = fresh.get(confirmed.location()).await;
        assert!(page.text.contains("href=\"&#x2F;orgs&#x2F;acme&#x2F;device\"") || page.text.contains("href=\"/orgs/acme/device\""), "{}", page.text);
        assert_eq!(fresh.get("/orgs/acme/device").await.status, 200);
        fresh.approve(&acme, &cd.begin(&app).await.user_code).await;
        let unproven = app.signed_in(ben).await;
        let led = unproven.get("/orgs/acme/device").await;
        let asked = unproven.get(led.location()).await;
        assert_eq!(asked.location(), "/login/again?factor=1&next=%2Forgs%2Facme%2Fdevice");
        app.wait(30);
        let form = PageForm::to(&unproven.get(asked.location()).await, url::STEP_UP).with("code", &totp_code(&secret, app.clock.now()));
        assert_eq!(unproven.submit(&form).await.location(), "/orgs/acme/device");
        assert_eq!(unproven.get("/orgs/acme/device").await.status, 200);
    }

    async fn the_grace_of_who_joins_later_begins_then_and_never_twice(engine: testkit::Scratch) {
        let (app, acme, ada) = acme(engine).await;
        require(&app, &acme, 2).await;
        app.wait(24 * 60 * 60);
        let ben = app.user("ben@beta.example", &[(&acme, Role::Member)]).await;
        require(&app, &acme, 2).await;
        app.wait(24 * 60 * 60);
        let open = async |user| app.signed_in(user).await.get(&url::device(&acme)).await.status == 200;
        assert!(!open(ada).await && open(ben).await);
        app.wait(24 * 60 * 60);
        assert!(!open(ben).await);
        set(&app, &acme, OrgChanges { second_factor: Some((SecondFactor::Optional, app.clock.now())), ..OrgChanges::default() }).await;
        assert!(open(ada).await && open(ben).await);
    }
}

pub async fn require(app: &TestApp, org: &OrgId, days: u64) {
    let changes = OrgChanges {
        second_factor: Some((SecondFactor::Required, app.clock.now())),
        second_factor_grace: Some(Duration::from_secs(days * 24 * 60 * 60)),
        ..OrgChanges::default()
    };
    set(app, org, changes).await;
}

async fn set(app: &TestApp, org: &OrgId, changes: OrgChanges) {
    let (org, by) = (org.clone(), By::operator(&app.clock.moment()));
    app.write(move |conn| directory::organizations::change(conn, &org, &changes, &by).map(drop)).await;
}
