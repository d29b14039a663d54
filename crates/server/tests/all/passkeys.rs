//! Passkeys: registered, used to sign in and to prove again who one is, and everything that is no passkey of ours.

use crate::authenticator::{Authenticator, PRESENT, VERIFIED, decoded};
use crate::page_form::PageForm;
use crate::rows::Rows;
use crate::second_factors::{acme, require, told};
use crate::support::{Answer, Browser, TestApp};
use model::id::UserId;
use model::login_attempt::NewDevicePolicy;
use model::org::Role;
use model::user::UserState;
use routes::url;
use serde_json::Value;

const ADA: &str = "ada@acme.example";

impl Browser<'_> {
    /// What the script of a page gets for a form that a passkey fills.
    pub async fn passkey_options(&self, form: &PageForm, options_url: &str) -> Answer {
        self.post(options_url, &[("csrf_token", form.value("csrf_token"))]).await
    }

    async fn begin(&self, page: &str, action: &str, options_url: &str) -> (PageForm, Value) {
        let page = self.get(page).await;
        assert_eq!(page.status, 200, "{}", page.text);
        let form = PageForm::all(&page.text)
            .into_iter()
            .find(|form| form.action == action && form.fields.iter().any(|(name, _)| name == "credential"))
            .unwrap_or_else(|| panic!("no form for a passkey in {}", page.text));
        let options = self.passkey_options(&form, options_url).await;
        assert_eq!((options.status, options.header("cache-control")), (200, "no-store"), "{}", options.text);
        (form, options.json)
    }

    async fn begin_add(&self) -> (PageForm, Value) {
        self.begin(url::SECURITY, url::SECURITY_PASSKEYS, url::SECURITY_PASSKEYS_OPTIONS).await
    }

    /// Begins a sign-in: the form and its options.
    pub async fn begin_passkey(&self) -> (PageForm, Value) {
        self.begin(url::LOGIN, url::LOGIN_PASSKEY, url::LOGIN_PASSKEY_OPTIONS).await
    }

    async fn begin_again(&self, page: &str) -> (PageForm, Value) {
        self.begin(page, url::STEP_UP, url::STEP_UP_OPTIONS).await
    }

    /// The form that adds a passkey, filled by a new authenticator.
    pub async fn new_passkey(&self) -> (PageForm, Authenticator) {
        let (form, options) = self.begin_add().await;
        let mut authenticator = Authenticator::at(&self.app.public_url);
        (form.with("credential", &authenticator.create(&options)), authenticator)
    }

    /// Adds a passkey.
    pub async fn add_passkey(&self) -> Authenticator {
        let (form, authenticator) = self.new_passkey().await;
        assert_eq!(self.submit(&form.with("name", "Laptop")).await.location(), url::after(url::SECURITY, "passkey"));
        authenticator
    }

    /// Signs in by a passkey.
    pub async fn sign_in_by(&self, authenticator: &mut Authenticator) -> Answer {
        let (form, options) = self.begin_passkey().await;
        self.submit(&form.with("credential", &authenticator.sign(&options))).await
    }
}

fn refused(answer: &Answer, sentence: &str) {
    assert_eq!(answer.status, 400, "{}", answer.text);
    assert!(answer.text.contains(sentence), "{sentence}: {}", answer.text);
}

const WRONG: &str = "This passkey doesn&#39;t work here.";
const OVER: &str = "This took too long, was used already, or was begun again in another tab.";

/// The id of the only passkey.
pub async fn only_passkey(app: &TestApp, owner: UserId) -> model::id::PasskeyId {
    let rows = app.db.read("passkeys", move |conn| store::tables::passkeys::of_user(conn, owner)).await.unwrap();
    assert_eq!(rows.len(), 1);
    rows[0].id
}

testkit::both_engines! {
    async fn a_passkey_signs_in_with_no_address_and_nothing_else_asked(engine: testkit::Scratch) {
        let (app, acme, ada) = acme(engine).await;
        app.set_new_device_policy(NewDevicePolicy::Always).await;
        let owner = app.signed_in(ada).await;
        let secret = owner.set_up_totp().await;
        let (form, options) = owner.begin_add().await;
        assert_eq!(options["rp"]["id"], "localhost");
        assert_eq!(options["authenticatorSelection"]["residentKey"], "required");
        assert_eq!(options["authenticatorSelection"]["requireResidentKey"], true);
        assert_eq!(options["authenticatorSelection"]["userVerification"], "required");
        assert_eq!(decoded(&options["user"]["id"]), ada.uuid().as_bytes());
        let mut authenticator = Authenticator::at(&app.public_url);
        let form = form.with("name", "Ada's <laptop>").with("credential", &authenticator.create(&options));
        assert_eq!(owner.submit(&form).await.location(), "/account/security?done=passkey");
        refused(&owner.submit(&form).await, OVER);
        let page = owner.get("/account/security?done=passkey").await;
        assert!(page.text.contains("The passkey is added.") && page.text.contains("&lt;laptop&gt;"), "{}", page.text);
        assert_eq!(told(&app).await, ["\"totp_added\"", "{\"passkey_added\":\"Ada's <laptop>\"}"]);
        assert_eq!(app.audited("user.passkey_added").await, 1);
        // The same authenticator is told to make no second one.
        let (_, again) = owner.begin_add().await;
        assert_eq!(decoded(&again["excludeCredentials"][0]["id"]), authenticator.id);

        // Neither the code of the app nor an answer to a letter is asked for; the code that waits is claimed.
        let cd = app.device_app(&acme).await;
        let (browser, codes) = (app.browser(), cd.begin(&app).await);
        let led = browser.enter(&acme, &codes.user_code).await;
        let (form, options) = browser.begin(led.location(), url::LOGIN_PASSKEY, url::LOGIN_PASSKEY_OPTIONS).await;
        assert_eq!(options["allowCredentials"].as_array().unwrap().len(), 0, "it names its account itself");
        assert_eq!((&options["rpId"], &options["userVerification"]), (&"localhost".into(), &"required".into()));
        let before = browser.cookie("doorward_presession").unwrap();
        let arrived = browser.submit(&form.with("remember", "yes").with("credential", &authenticator.sign(&options))).await;
        assert!(arrived.location().contains("/device/review?grant="), "{}", arrived.location());
        let review = browser.get(arrived.location()).await;
        assert!(browser.decide(&acme, &review, "approve").await.location().contains("/device/result"));
        assert!(browser.cookie("doorward_presession").is_none_or(|now| now != before));
        assert_eq!(app.number("SELECT count(*) AS value FROM sessions WHERE factor_at IS NOT NULL AND expires_at - created_at > 86400000").await, 2, "remembered, by factor");
        assert_eq!(app.number("SELECT count(*) AS value FROM ceremonies WHERE kind = 'sign_in'").await, 0);
        assert_eq!(app.number("SELECT count(*) AS value FROM passkeys WHERE last_used_at IS NOT NULL").await, 1);
        assert_eq!(app.number("SELECT count(*) AS value FROM outbox WHERE letter = 'new_sign_in'").await, 1);
        assert_eq!(app.spent("passwords_by_network").await, 0);
        // The browser is known from now on: another sign-in there makes no news.
        let out = PageForm::to(&browser.get(url::CONNECTIONS).await, url::LOGOUT);
        assert_eq!(browser.submit(&out).await.status, 303);
        let known = app.number("SELECT count(*) AS value FROM known_devices").await;
        assert_eq!(browser.sign_in_by(&mut authenticator).await.location(), url::ORGANIZATIONS);
        assert_eq!(app.number("SELECT count(*) AS value FROM known_devices").await, known);
        assert_eq!(app.number("SELECT count(*) AS value FROM outbox WHERE letter = 'new_sign_in'").await, 1);
        assert_eq!(app.number("SELECT count(*) AS value FROM sessions WHERE expires_at - created_at = 86400000").await, 1, "not remembered");
        drop(secret);
    }

    async fn what_is_not_signed_as_we_asked_is_refused_and_changes_nothing(engine: testkit::Scratch) {
        let (app, _, ada) = acme(engine).await;
        let mut authenticator = app.signed_in(ada).await.add_passkey().await;
        let (handle, origin) = (authenticator.user_handle.clone(), authenticator.origin.clone());
        type Spoil = fn(&mut Authenticator);
        let spoiled: [(&str, Spoil); 11] = [
            ("another origin", |it| it.origin = "https://evil.example".to_owned()),
            ("another port", |it| it.origin = "http://localhost:1".to_owned()),
            ("a subdomain", |it| it.origin = it.origin.replace("localhost", "evil.localhost")),
            ("a longer host", |it| it.origin = it.origin.replace("localhost", "localhost.evil.example")),
            ("another scheme", |it| it.origin = it.origin.replace("http:", "https:")),
            ("another host's passkey", |it| it.rp_id = "evil.example".to_owned()),
            ("no verified user", |it| it.flags = PRESENT),
            ("no user at all", |it| it.flags = 0),
            ("what was signed as a registration", |it| it.asked = "webauthn.create"),
            ("nobody's", |it| it.user_handle = None),
            ("another's handle", |it| it.user_handle = Some(vec![7; 16])),
        ];
        for (what, spoil) in spoiled {
            let browser = app.browser();
            let (form, options) = browser.begin_passkey().await;
            spoil(&mut authenticator);
            let before = Rows::of(&app).await;
            refused(&browser.submit(&form.with("credential", &authenticator.sign(&options))).await, WRONG);
            before.assert_unchanged(&app, what).await;
            assert!(!browser.is_signed_in().await, "{what}");
            (authenticator.user_handle, authenticator.origin) = (handle.clone(), origin.clone());
            authenticator.rp_id = "localhost".to_owned();
            (authenticator.flags, authenticator.asked) = (VERIFIED, "");
        }
        let browser = app.browser();
        let (form, options) = browser.begin_passkey().await;
        let before = Rows::of(&app).await;
        // Another key under the name of the passkey, and no signature at all.
        let mut other = Authenticator::at(&app.public_url);
        (other.id, other.user_handle) = (authenticator.id.clone(), handle.clone());
        let mut cut: Value = serde_json::from_str(&authenticator.sign(&options)).unwrap();
        cut["response"]["signature"] = "".into();
        let mut stranger = Authenticator::at(&app.public_url);
        stranger.user_handle = handle;
        for wrong in [other.sign(&options), cut.to_string(), stranger.sign(&options), "{}".to_owned(), "\u{0}".to_owned(), "[".repeat(5000)] {
            let answer = browser.submit(&form.clone().with("credential", &wrong)).await;
            assert_eq!(answer.status, 400, "{wrong}: {}", answer.text);
        }
        refused(&browser.submit(&form).await, "Your browser sent no passkey.");
        before.assert_unchanged(&app, "a wrong signature").await;
        assert_eq!(browser.submit(&form.with("credential", &authenticator.sign(&options))).await.location(), url::ORGANIZATIONS);
    }

    async fn a_ceremony_is_one_browsers_lives_five_minutes_and_is_used_once(engine: testkit::Scratch) {
        let (app, _, ada) = acme(engine).await;
        let owner = app.signed_in(ada).await;
        let mut authenticator = owner.add_passkey().await;
        let (browser, thief) = (app.browser(), app.browser());
        let (form, options) = browser.begin_passkey().await;
        let signed = authenticator.sign(&options);
        // Another browser gains nothing by the signature, whether it has begun itself or not.
        thief.get(url::LOGIN).await;
        let token = thief.token_for(("login-passkey", ""));
        let stolen = form.clone().with("csrf_token", &token).with("credential", &signed);
        refused(&thief.submit(&stolen).await, OVER);
        thief.begin_passkey().await;
        refused(&thief.submit(&stolen).await, WRONG);
        // Nor does what was signed for a sign-in register or step up.
        let again = owner.begin_again(url::STEP_UP).await.0.with("credential", &signed);
        refused(&owner.submit(&again).await, WRONG);
        // A tab that began later takes the earlier one's place.
        let (_, newer) = browser.begin_passkey().await;
        refused(&browser.submit(&form.clone().with("credential", &signed)).await, WRONG);
        let good = form.clone().with("credential", &authenticator.sign(&newer));
        let (one, two) = tokio::join!(browser.submit(&good), browser.submit(&good));
        let mut statuses = [one.status, two.status];
        statuses.sort_unstable();
        assert!(statuses == [303, 400] || statuses == [303, 403], "{statuses:?}");
        assert_eq!(app.number("SELECT count(*) AS value FROM sessions").await, 2);
        let late = app.browser();
        let (form, options) = late.begin_passkey().await;
        let form = form.with("credential", &authenticator.sign(&options));
        app.wait(5 * 60);
        refused(&late.submit(&form).await, OVER);
        app.sweep().await;
        assert_eq!(app.number("SELECT count(*) AS value FROM ceremonies").await, 0);
        let (form, options) = late.begin_passkey().await;
        app.wait(5 * 60 - 1);
        assert_eq!(late.submit(&form.with("credential", &authenticator.sign(&options))).await.status, 303);
    }

    async fn a_counter_that_does_not_grow_is_refused_and_told(engine: testkit::Scratch) {
        let (app, _, ada) = acme(engine).await;
        let owner = app.signed_in(ada).await;
        let (form, options) = owner.begin_add().await;
        let mut authenticator = Authenticator::at(&app.public_url);
        authenticator.counter = 3;
        let form = form.with("name", "Key").with("credential", &authenticator.create(&options));
        assert_eq!(owner.submit(&form).await.status, 303);
        authenticator.counter = 9;
        let browser = app.browser();
        assert_eq!(browser.sign_in_by(&mut authenticator).await.status, 303);
        for (counter, sentence) in [(9, "a copy"), (2, "a copy"), (0, "none")] {
            // Of the next signature; an authenticator that does not count any more has gone backwards too.
            authenticator.counter = if counter == 0 { 0 } else { counter - 1 };
            let copy = app.browser();
            let (form, options) = copy.begin_passkey().await;
            let form = form.with("credential", &authenticator.sign(&options));
            refused(&copy.submit(&form).await, "there may be a copy of it");
            refused(&copy.submit(&form).await, OVER);
            assert!(!copy.is_signed_in().await, "{sentence}");
        }
        assert_eq!(app.audited("user.passkey_refused").await, 3);
        assert_eq!(told(&app).await[1..], ["{\"passkey_refused\":\"Key\"}"; 3]);
        // Once more who one is: the same.
        authenticator.counter = 5;
        let (form, options) = owner.begin_again(url::STEP_UP).await;
        refused(&owner.submit(&form.with("credential", &authenticator.sign(&options))).await, "there may be a copy of it");
        assert_eq!(app.audited("user.passkey_refused").await, 4);
        authenticator.counter = 40;
        assert_eq!(app.browser().sign_in_by(&mut authenticator).await.status, 303, "the real one still works");
    }

    async fn a_passkey_that_is_removed_or_whose_owner_is_disabled_lets_nobody_in(engine: testkit::Scratch) {
        let (app, acme, ada) = acme(engine).await;
        let owner = app.signed_in(ada).await;
        let mut authenticator = owner.add_passkey().await;
        let (disabled, removed) = (app.browser(), app.browser());
        let (form, options) = disabled.begin_passkey().await;
        let form = form.with("credential", &authenticator.sign(&options));
        app.set_user_state(ada, UserState::Disabled).await;
        refused(&disabled.submit(&form).await, WRONG);
        app.set_user_state(ada, UserState::Active).await;
        let owner_again = app.signed_in(ada).await;
        let (form, options) = removed.begin_passkey().await;
        let form = form.with("credential", &authenticator.sign(&options));
        let passkey = only_passkey(&app, ada).await;
        let page = owner_again.get(url::SECURITY).await;
        let remove = PageForm::to(&page, &url::security_passkey_remove(passkey));
        let rename = PageForm::to(&page, &url::security_passkey_name(passkey));
        // Another user has no such passkey, whatever they send.
        let ben = app.signed_in(app.user("ben@acme.example", &[(&acme, Role::Member)]).await).await;
        let before = Rows::of(&app).await;
        let forged = |form: &PageForm, action| form.clone().with("csrf_token", &ben.token_for((action, &passkey.to_string())));
        assert_eq!(ben.submit(&forged(&remove, "passkey-remove")).await.location(), url::SECURITY);
        assert_eq!(ben.submit(&forged(&rename, "passkey-rename").with("name", "Mine")).await.status, 404);
        before.assert_unchanged(&app, "another user").await;
        for (name, status) in [("", 400), ("\u{202e}x", 400), (&*"x".repeat(81), 400), ("Phone", 303)] {
            assert_eq!(owner_again.submit(&rename.clone().with("name", name)).await.status, status, "{name}");
        }
        assert!(owner_again.get(url::SECURITY).await.text.contains("Phone"));
        assert_eq!(owner_again.submit(&remove).await.location(), "/account/security?done=no-passkey");
        assert_eq!(owner_again.submit(&remove).await.location(), url::SECURITY, "a second click");
        assert_eq!(told(&app).await, ["{\"passkey_added\":\"Laptop\"}", "{\"passkey_removed\":\"Phone\"}"]);
        assert_eq!((app.audited("user.passkey_renamed").await, app.audited("user.passkey_removed").await), (1, 1));
        refused(&removed.submit(&form).await, WRONG);
        refused(&app.browser().sign_in_by(&mut authenticator).await, WRONG);
        drop(owner);
    }

    async fn adding_and_removing_want_a_fresh_proof_and_a_passkey_is_one(engine: testkit::Scratch) {
        let (app, acme, ada) = acme(engine).await;
        let owner = app.signed_in(ada).await;
        let mut authenticator = owner.add_passkey().await;
        let passkey = only_passkey(&app, ada).await;
        let (begun, mut second) = owner.new_passkey().await;
        app.wait(30 * 60);
        let page = owner.get(url::SECURITY).await;
        let before = Rows::of(&app).await;
        let add = PageForm::to(&page, url::SECURITY_PASSKEYS);
        assert_eq!(owner.passkey_options(&add, url::SECURITY_PASSKEYS_OPTIONS).await.location(), url::step_up_to(url::SECURITY));
        for form in [&add.with("name", "x"), &begun.with("name", "x"), &PageForm::to(&page, &url::security_passkey_remove(passkey))] {
            assert_eq!(owner.submit(form).await.location(), url::step_up_to(url::SECURITY));
        }
        before.assert_unchanged(&app, "a stale session").await;
        // Another user's passkey proves nothing, nor does one that says that it is another's.
        let ben = app.user("ben@acme.example", &[(&acme, Role::Member)]).await;
        let mut bens = app.signed_in(ben).await.add_passkey().await;
        let (form, options) = owner.begin_again(url::STEP_UP).await;
        assert_eq!(decoded(&options["allowCredentials"][0]["id"]), authenticator.id);
        refused(&owner.submit(&form.clone().with("credential", &bens.sign(&options))).await, WRONG);
        bens.user_handle = authenticator.user_handle.clone();
        refused(&owner.submit(&form.clone().with("credential", &bens.sign(&options))).await, WRONG);
        refused(&owner.submit(&form.clone().with("credential", "")).await, "Your browser sent no passkey.");
        authenticator.flags = PRESENT;
        refused(&owner.submit(&form.clone().with("credential", &authenticator.sign(&options))).await, WRONG);
        authenticator.flags = VERIFIED;
        // Where somebody is known, an authenticator need not say who.
        authenticator.user_handle = None;
        let old = owner.cookie("doorward_session").unwrap();
        let form = form.with("credential", &authenticator.sign(&options));
        assert_eq!(owner.submit(&form).await.location(), url::SECURITY);
        assert_ne!(owner.cookie("doorward_session").unwrap(), old);
        let token = owner.token_for(("step-up", ""));
        refused(&owner.submit(&form.with("csrf_token", &token)).await, OVER);
        assert_eq!(app.audited("session.renewed").await, 1);
        let (form, options) = owner.begin_add().await;
        let form = form.with("name", "Second").with("credential", &second.create(&options));
        assert_eq!(owner.submit(&form).await.location(), "/account/security?done=passkey");
        // What is registered is nobody's to register again.
        let other = app.signed_in(ben).await;
        let (form, options) = other.begin_add().await;
        refused(&other.submit(&form.with("name", "x").with("credential", &second.create(&options))).await, "This passkey is added already.");
    }

    async fn a_new_passkey_is_what_we_asked_for(engine: testkit::Scratch) {
        let (app, _, ada) = acme(engine).await;
        let owner = app.signed_in(ada).await;
        type Spoil = fn(&mut Authenticator);
        let spoiled: [(&str, Spoil); 4] = [
            ("another origin", |it| it.origin = "https://evil.example".to_owned()),
            ("another host", |it| it.rp_id = "evil.example".to_owned()),
            ("no verified user", |it| it.flags = PRESENT),
            ("what was signed as a sign-in", |it| it.asked = "webauthn.get"),
        ];
        for (what, spoil) in spoiled {
            let (form, options) = owner.begin_add().await;
            let mut authenticator = Authenticator::at(&app.public_url);
            spoil(&mut authenticator);
            let before = Rows::of(&app).await;
            let form = form.with("name", "x").with("credential", &authenticator.create(&options));
            refused(&owner.submit(&form).await, "Your browser made no passkey that works here.");
            before.assert_unchanged(&app, what).await;
        }
        let (form, mut authenticator) = owner.new_passkey().await;
        for name in ["", "\u{202e}", &"x".repeat(81)] {
            refused(&owner.submit(&form.clone().with("name", name)).await, "A name has 1 to 80 characters");
        }
        refused(&owner.submit(&form.clone().with("name", "x").with("credential", "{}")).await, "made no passkey");
        // Another session of the same user has not begun it.
        let other = app.signed_in(ada).await;
        let token = other.token_for(("passkey-add", ""));
        refused(&other.submit(&form.clone().with("name", "x").with("csrf_token", &token)).await, OVER);
        // Begun, and finished too late.
        let (late, options) = owner.begin_add().await;
        let late = late.with("name", "x").with("credential", &authenticator.create(&options));
        app.wait(5 * 60);
        refused(&owner.submit(&late).await, OVER);
        assert_eq!(app.number("SELECT count(*) AS value FROM passkeys").await, 0);
        for _ in 0..login::passkey::MOST_OF_ACCOUNT {
            owner.add_passkey().await;
        }
        let (form, _) = owner.new_passkey().await;
        refused(&owner.submit(&form.with("name", "x")).await, "as many passkeys as an account can have");
    }

    async fn an_organization_that_needs_a_second_factor_takes_a_passkey(engine: testkit::Scratch) {
        let (app, acme, ada) = acme(engine).await;
        require(&app, &acme, 0).await;
        let device = url::device(&acme);
        let owner = app.signed_in(ada).await;
        let led = owner.get(&device).await;
        let page = owner.get(led.location()).await;
        assert!(page.text.contains("Until you set one up"), "{}", page.text);
        let (form, options) = owner.begin(led.location(), url::SECURITY_PASSKEYS, url::SECURITY_PASSKEYS_OPTIONS).await;
        let mut authenticator = Authenticator::at(&app.public_url);
        let added = owner.submit(&form.with("name", "x").with("credential", &authenticator.create(&options))).await;
        assert_eq!(added.location(), format!("/account/security?done=passkey&next={}", url::percent_encoded(&device)));
        assert_eq!(owner.get(&device).await.status, 200, "whoever has made it has shown it");
        let by_passkey = app.browser();
        assert_eq!(by_passkey.sign_in_by(&mut authenticator).await.status, 303);
        assert_eq!(by_passkey.get(&device).await.status, 200);
        // A session by password is asked for it, and may not bring the password instead.
        let plain = app.signed_in(ada).await;
        let asked = plain.get(plain.get(&device).await.location()).await.location().to_owned();
        let page = plain.get(&asked).await;
        assert!(!page.text.contains("name=\"password\"") && page.text.contains("Type one of your recovery codes."), "{}", page.text);
        let (form, options) = plain.begin_again(&asked).await;
        assert_eq!(plain.submit(&form.with("credential", &authenticator.sign(&options))).await.location(), device);
        assert_eq!(plain.get(&device).await.status, 200);
        // The last factor may be removed, as an app may; then the next session has none to show.
        let passkey = only_passkey(&app, ada).await;
        let remove = PageForm::to(&plain.get(url::SECURITY).await, &url::security_passkey_remove(passkey));
        assert_eq!(plain.submit(&remove).await.status, 303);
        let next = app.signed_in(ada).await;
        assert!(next.get(next.get(&device).await.location()).await.text.contains("Until you set one up"));
    }

    async fn under_an_address_there_are_no_passkeys(engine: testkit::Scratch) {
        let app = TestApp::with(engine, &[("DOORWARD_LIMITS", "off"), ("DOORWARD_PUBLIC_URL", "http://127.0.0.1:8080")]).await;
        let acme = app.org("acme").await;
        let ada = app.user(ADA, &[(&acme, Role::Owner)]).await;
        let (owner, guest) = (app.signed_in(ada).await, app.browser());
        for page in [owner.get(url::SECURITY).await, owner.get(url::STEP_UP).await, guest.get(url::LOGIN).await] {
            assert!(page.status == 200 && !page.text.to_lowercase().contains("passkey"), "{}", page.text);
        }
        let token = guest.token_for(("login-passkey", ""));
        for path in [url::LOGIN_PASSKEY, url::LOGIN_PASSKEY_OPTIONS] {
            assert_eq!(guest.post(path, &[("csrf_token", token.as_str()), ("credential", "{}")]).await.status, 404, "{path}");
        }
        for (path, action) in [(url::SECURITY_PASSKEYS, "passkey-add"), (url::SECURITY_PASSKEYS_OPTIONS, "passkey-add"), (url::STEP_UP_OPTIONS, "step-up"), (url::STEP_UP, "step-up")] {
            let token = owner.token_for((action, ""));
            assert_eq!(owner.post(path, &[("csrf_token", token.as_str()), ("credential", "{}")]).await.status, 404, "{path}");
        }
    }

    async fn strangers_can_begin_only_so_many(engine: testkit::Scratch) {
        let (app, _, ada) = acme(engine).await;
        let owner = app.signed_in(ada).await;
        let mut authenticator = owner.add_passkey().await;
        let begun = app.browser();
        let (form, options) = begun.begin_passkey().await;
        let series = if app.db.read("engine", |conn| Ok(conn.is_postgres())).await.unwrap() {
            "SELECT sha256(i::text::bytea), 'sign_in', '{}', network, expires_at FROM ceremonies, generate_series(1, 999) AS i"
        } else {
            "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 999) SELECT randomblob(32), 'sign_in', '{}', network, expires_at FROM ceremonies, n"
        };
        let sql = format!("INSERT INTO ceremonies (digest, kind, state, network, expires_at) {series}");
        app.write(move |conn| conn.execute_sql(&sql)).await;
        let late = app.browser();
        let page = late.get(url::LOGIN).await;
        let answer = late.passkey_options(&PageForm::to(&page, url::LOGIN_PASSKEY), url::LOGIN_PASSKEY_OPTIONS).await;
        assert_eq!(answer.status, 429, "{}", answer.text);
        assert!(!answer.header("retry-after").is_empty());
        assert_eq!(begun.submit(&form.with("credential", &authenticator.sign(&options))).await.status, 303, "who has begun goes on");
    }
}
