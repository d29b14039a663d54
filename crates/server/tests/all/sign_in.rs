//! Signing in with a password, and what it costs to guess one.

use crate::page_form::PageForm;
use crate::rows::Rows;
use crate::stage::PASSWORD;
use crate::support::{Answer, Browser, TestApp};
use model::audit::By;
use model::id::{OrgId, UserId};
use model::login_attempt::NewDevicePolicy;
use model::org::Role;
use model::user::UserState;
use reqwest::Method;
use routes::url;
use std::collections::BTreeMap;

const ADA: &str = "ada@acme.example";

impl Browser<'_> {
    /// The sign-in page's form, filled in.
    pub async fn sign_in_form(&self, email: &str, password: &str) -> PageForm {
        PageForm::to(&self.get(url::LOGIN).await, url::LOGIN).with("email", email).with("password", password)
    }

    /// Signs in.
    pub async fn sign_in(&self, email: &str, password: &str) -> Answer {
        self.submit(&self.sign_in_form(email, password).await).await
    }

    /// Whether it is signed in.
    pub async fn is_signed_in(&self) -> bool {
        self.get(url::ORGANIZATIONS).await.status == 200
    }
}

impl TestApp {
    /// What all budgets of a kind have spent.
    pub async fn spent(&self, kind: &str) -> i64 {
        let sql = format!("SELECT CAST(coalesce(sum(spent), 0) AS BIGINT) AS value FROM budgets WHERE kind = '{kind}'");
        self.db.read("spent", move |conn| conn.numbers_by_sql(&sql)).await.unwrap()[0]
    }

    /// Switches an account on or off.
    pub async fn set_user_state(&self, user: UserId, state: UserState) {
        let moment = self.clock.moment();
        self.write(move |conn| directory::users::set_state(conn, user, state, &By::operator(&moment))).await;
    }
}

pub async fn acme(engine: testkit::Scratch) -> (TestApp, OrgId, UserId) {
    let app = TestApp::new(engine).await;
    let acme = app.org("acme").await;
    app.set_new_device_policy(NewDevicePolicy::Off).await;
    let ada = app.user_with_password(ADA, PASSWORD, &[(&acme, Role::Member)]).await;
    (app, acme, ada)
}

/// An answer without what differs from request to request, and without what was typed.
pub fn told(answer: &Answer, typed: &str) -> (u16, BTreeMap<String, String>, String, usize) {
    let differs = ["x-request-id", "date", "content-length"];
    let headers = answer.headers.iter().filter(|(name, _)| !differs.contains(&name.as_str()));
    let headers = headers.map(|(name, value)| (name.to_string(), value.to_str().unwrap().to_owned())).collect();
    let text = answer.text.replace(answer.header("x-request-id"), "ID").replace(&format!("value=\"{typed}\""), "TYPED");
    (answer.status, headers, text, answer.text.len() - typed.len())
}

testkit::both_engines! {
    async fn the_right_password_begins_a_session_and_costs_nothing(engine: testkit::Scratch) {
        let (app, ..) = acme(engine).await;
        let browser = app.browser();
        assert!(!browser.is_signed_in().await);
        let answer = browser.sign_in(" Ada@ACME.example", PASSWORD).await;
        assert_eq!(answer.location(), url::ORGANIZATIONS);
        assert!(browser.is_signed_in().await);
        assert_eq!(browser.cookie("doorward_presession"), None, "taken back: it has done its work");
        assert_eq!(app.spent("passwords_by_address").await + app.spent("passwords_by_network").await, 0);
        assert_eq!(browser.get(url::LOGIN).await.location(), url::ORGANIZATIONS, "nothing to sign in to");
        assert_eq!(browser.get("/").await.location(), url::ORGANIZATIONS);
    }

    async fn a_wrong_password_looks_like_an_unknown_address(engine: testkit::Scratch) {
        let (app, acme, _) = acme(engine).await;
        let off = app.user_with_password("off@acme.example", PASSWORD, &[(&acme, Role::Member)]).await;
        app.set_user_state(off, UserState::Disabled).await;
        app.user("new@acme.example", &[(&acme, Role::Member)]).await;
        let browser = app.browser();
        assert_eq!(browser.get(url::LOGIN).await.status, 200);
        let ada = browser.sign_in(ADA, "wrong horse").await;
        assert_eq!(ada.status, 400);
        assert!(ada.text.contains("don&#39;t match"), "{}", ada.text);
        let wrong = told(&ada, ADA);
        for (email, password, why) in [
            ("eve@acme.example", "wrong horse", "no account"),
            ("eve@acme.example", PASSWORD, "no account"),
            ("off@acme.example", PASSWORD, "a disabled account's right password"),
            ("new@acme.example", "wrong horse", "an account without password"),
            ("not an address at all", "wrong horse", "no address"),
        ] {
            let before = Rows::of(&app).await;
            let answer = browser.sign_in(email, password).await;
            assert_eq!(told(&answer, email), wrong, "{why}");
            assert_eq!(before.changed(&Rows::of(&app).await), ["budgets"], "{why}");
        }
        assert_eq!(app.spent("passwords_by_address").await, 6, "each of them is charged");
        assert!(!browser.is_signed_in().await);
    }

    async fn strangers_spend_an_accounts_budget_and_not_that_of_its_browsers(engine: testkit::Scratch) {
        let (app, ..) = acme(engine).await;
        let (laptop, phone) = (app.browser(), app.browser());
        for known in [&laptop, &phone] {
            assert_eq!(known.sign_in(ADA, PASSWORD).await.status, 303);
            sign_out(known).await;
        }
        for attempt in 0..10 {
            assert_eq!(app.browser().sign_in(ADA, "wrong horse").await.status, 400, "{attempt}");
        }
        let refused = app.browser().sign_in(ADA, PASSWORD).await;
        assert_eq!(refused.status, 429, "the right password as well: nothing is evaluated any more");
        let wait: u64 = refused.header("retry-after").parse().unwrap();
        assert!((1..=600).contains(&wait), "{wait}");
        assert!(refused.text.contains("Too many attempts"), "{}", refused.text);
        assert_eq!(app.spent("passwords_by_address").await, 10);
        assert_eq!(laptop.sign_in(ADA, PASSWORD).await.status, 303, "a browser that the account knows");
        sign_out(&laptop).await;
        for _ in 0..10 {
            assert_eq!(laptop.sign_in(ADA, "wrong horse").await.status, 400);
        }
        assert_eq!(laptop.sign_in(ADA, PASSWORD).await.status, 429, "its own budget");
        assert_eq!(phone.sign_in(ADA, PASSWORD).await.status, 303, "another's is another");
        app.wait(wait);
        assert_eq!(app.browser().sign_in(ADA, PASSWORD).await.status, 303, "after Retry-After");
    }

    async fn one_network_has_fifty_wrong_passwords(engine: testkit::Scratch) {
        let (app, ..) = acme(engine).await;
        let browser = app.browser();
        for attempt in 0..50 {
            let email = format!("user{attempt}@acme.example");
            assert_eq!(browser.sign_in(&email, "wrong horse").await.status, 400, "{attempt}");
        }
        let refused = browser.sign_in(ADA, PASSWORD).await;
        assert_eq!(refused.status, 429);
        assert!(!refused.header("retry-after").is_empty());
        assert_eq!(app.spent("passwords_by_address").await, 50, "the last attempt was charged to nobody");
        let rows = app.numbers("SELECT count(*) AS value FROM budgets").await;
        for attempt in 0..20 {
            assert_eq!(browser.sign_in(&format!("other{attempt}@acme.example"), "wrong horse").await.status, 429);
        }
        assert_eq!(app.numbers("SELECT count(*) AS value FROM budgets").await, rows, "and leaves nothing behind");
        app.wait(600);
        assert_eq!(browser.sign_in(ADA, PASSWORD).await.status, 303);
    }

    async fn only_a_trusted_proxy_says_from_where_a_guess_comes(engine: testkit::Scratch) {
        for (trusted, spent) in [("", vec![3]), ("127.0.0.1/32", vec![1, 1, 1])] {
            let settings = [("DOORWARD_LIMITS", "off"), ("DOORWARD_TRUSTED_PROXIES", trusted)];
            let settings = if trusted.is_empty() { &settings[..1] } else { &settings[..] };
            let app = TestApp::with(testkit::Scratch::new(engine.kind()), settings).await;
            let browser = app.browser();
            let form = browser.sign_in_form(ADA, "wrong horse").await;
            for address in ["192.0.2.1", "198.51.100.1", "203.0.113.1"] {
                let request = browser.request(Method::POST, &form.action).header("sec-fetch-site", "same-origin");
                let request = request.header("x-forwarded-for", address).header("forwarded", format!("for={address}"));
                assert_eq!(Answer::of(request.form(&form.fields)).await.status, 400);
            }
            let each = "SELECT CAST(spent AS BIGINT) AS value FROM budgets WHERE kind = 'passwords_by_network'";
            assert_eq!(app.numbers(each).await, spent, "trusted: {trusted:?}");
        }
    }

    async fn parallel_guesses_do_not_outrun_the_budget(engine: testkit::Scratch) {
        let (app, ..) = acme(engine).await;
        let browser = app.browser();
        let form = browser.sign_in_form(ADA, "wrong horse").await;
        let mut guesses = tokio::task::JoinSet::new();
        for _ in 0..100 {
            let request = browser.request(Method::POST, &form.action).header("sec-fetch-site", "same-origin");
            guesses.spawn(Answer::of(request.form(&form.fields)));
        }
        let mut statuses: BTreeMap<u16, usize> = BTreeMap::new();
        for answer in guesses.join_all().await {
            *statuses.entry(answer.status).or_default() += 1;
        }
        let of = |status| *statuses.get(&status).unwrap_or(&0);
        assert!(of(400) > 0 && of(400) <= 10 && of(429) > 0, "{statuses:?}");
        assert_eq!(of(400) + of(429) + of(503), 100, "{statuses:?}");
        assert_eq!(app.spent("passwords_by_address").await, i64::try_from(of(400)).unwrap());
        assert_eq!(app.spent("passwords_by_network").await, i64::try_from(of(400)).unwrap());
    }

    async fn what_could_not_be_compared_was_no_guess(engine: testkit::Scratch) {
        let settings = [("DOORWARD_LIMITS", "off"), ("DOORWARD_PASSWORD_PERMITS", "1"), ("DOORWARD_WRONG_PASSWORDS_PER_ACCOUNT", "1000"), ("DOORWARD_WRONG_PASSWORDS_PER_NETWORK", "1000")];
        let app = TestApp::with(engine, &settings).await;
        let acme = app.org("acme").await;
        app.set_new_device_policy(NewDevicePolicy::Off).await;
        app.user_with_password(ADA, PASSWORD, &[(&acme, Role::Member)]).await;
        let browser = app.browser();
        let form = browser.sign_in_form(ADA, "wrong horse").await;
        let mut guesses = tokio::task::JoinSet::new();
        for _ in 0..60 {
            let request = browser.request(Method::POST, &form.action).header("sec-fetch-site", "same-origin");
            guesses.spawn(Answer::of(request.form(&form.fields)));
        }
        let answers = guesses.join_all().await;
        let with = |status| i64::try_from(answers.iter().filter(|answer| answer.status == status).count()).unwrap();
        assert!(with(503) > 0 && with(400) > 0 && with(400) + with(503) == 60);
        let busy = answers.iter().find(|answer| answer.status == 503).unwrap();
        assert!(!busy.header("retry-after").is_empty());
        for kind in ["passwords_by_address", "passwords_by_network"] {
            assert_eq!(app.spent(kind).await, with(400), "{kind}: the compared ones and no other");
        }
    }

    async fn budgets_survive_a_restart(engine: testkit::Scratch) {
        let (app, ..) = acme(engine).await;
        for _ in 0..10 {
            assert_eq!(app.browser().sign_in(ADA, "wrong horse").await.status, 400);
        }
        let app = app.restart();
        let refused = app.browser().sign_in(ADA, PASSWORD).await;
        assert_eq!(refused.status, 429, "{}", refused.text);
    }

    async fn a_disabled_account_is_out_at_once(engine: testkit::Scratch) {
        let (app, acme, ada) = acme(engine).await;
        let cd = app.device_app(&acme).await;
        let (browser, guest) = (app.signed_in(ada).await, app.browser());
        let review = browser.review(&acme, &cd.begin(&app).await.user_code).await;
        app.set_user_state(ada, UserState::Disabled).await;
        assert!(!browser.is_signed_in().await);
        let before = Rows::of(&app).await;
        assert_eq!(browser.decide(&acme, &review, "approve").await.status, 403);
        before.assert_unchanged(&app, "a disabled account").await;
        assert_eq!(guest.sign_in(ADA, PASSWORD).await.status, 400);
        app.set_user_state(ada, UserState::Active).await;
        assert_eq!(guest.sign_in(ADA, PASSWORD).await.status, 303);
    }

    async fn what_can_not_be_a_password_is_not_hashed(engine: testkit::Scratch) {
        let (app, ..) = acme(engine).await;
        let browser = app.browser();
        let before = Rows::of(&app).await;
        for (email, password, sentence) in [
            (ADA, "x".repeat(1025), "at most 1,024 bytes"),
            (ADA, "ä".repeat(513), "at most 1,024 bytes"),
            (ADA, String::new(), "Enter your password"),
            ("", PASSWORD.to_owned(), "Enter your e-mail address"),
            (&format!("{}@acme.example", "a".repeat(250)), PASSWORD.to_owned(), "longer than an e-mail address"),
        ] {
            let answer = browser.sign_in(email, &password).await;
            assert_eq!(answer.status, 400);
            assert!(answer.text.contains(sentence), "{sentence}: {}", answer.text);
            assert_eq!(answer.field("email"), email, "what was typed stays, the password apart");
            assert!(!answer.text.contains(&password) || password.is_empty());
        }
        before.assert_unchanged(&app, "what is no password").await;
        assert_eq!(browser.sign_in(ADA, &"x".repeat(1024)).await.status, 400);
        assert_eq!(app.spent("passwords_by_address").await, 1, "this one was looked at");
    }

    async fn a_browser_stays_signed_in_as_long_as_was_asked(engine: testkit::Scratch) {
        let (app, ..) = acme(engine).await;
        let (plain, remembered) = (app.browser(), app.browser());
        let session = |answer: &Answer| {
            let all = answer.headers.get_all("set-cookie").iter().map(|value| value.to_str().unwrap().to_owned());
            all.into_iter().find(|value| value.starts_with("doorward_session=")).unwrap()
        };
        let answer = plain.sign_in(ADA, PASSWORD).await;
        assert!(!session(&answer).contains("Max-Age") && !session(&answer).contains("Expires"), "ends with the browser");
        let form = remembered.sign_in_form(ADA, PASSWORD).await.with("remember", "yes");
        assert!(session(&remembered.submit(&form).await).contains("Max-Age=2592000"));
        app.wait(24 * 60 * 60 - 1);
        assert!(plain.is_signed_in().await && remembered.is_signed_in().await);
        app.wait(1);
        assert!(!plain.is_signed_in().await && remembered.is_signed_in().await, "the server ends it, not the cookie");
        app.wait(29 * 24 * 60 * 60);
        assert!(!remembered.is_signed_in().await);
    }

    async fn case_49_a_session_is_new_at_sign_in_and_dead_after_sign_out(engine: testkit::Scratch) {
        let (app, _, ada) = acme(engine).await;
        let (browser, other) = (app.browser(), app.signed_in(ada).await);
        let first = app.signed_in(ada).await.cookie("doorward_session").unwrap();
        let form = browser.sign_in_form(ADA, PASSWORD).await;
        browser.set_cookie("doorward_session", &first);
        assert!(browser.is_signed_in().await);
        assert_eq!(browser.submit(&form).await.status, 303);
        let second = browser.cookie("doorward_session").unwrap();
        assert_ne!(first, second);
        let with = async |cookie: &str| {
            let holder = app.browser();
            holder.set_cookie("doorward_session", cookie);
            holder.is_signed_in().await
        };
        assert!(!with(&first).await, "the old session is dead");
        assert!(with(&second).await);
        sign_out(&browser).await;
        assert_eq!(browser.cookie("doorward_session"), None);
        assert!(!with(&second).await, "signed out on the server, not in the browser alone");
        assert!(other.is_signed_in().await, "another browser's session is another");

        // A cookie that somebody else put there is not adopted.
        let planted = app.browser();
        let form = planted.sign_in_form(ADA, PASSWORD).await;
        planted.set_cookie("doorward_session", &"x".repeat(43));
        assert_eq!(planted.submit(&form).await.status, 303);
        assert!(!with(&"x".repeat(43)).await);
    }

    async fn case_51_next_never_leads_off_the_origin(engine: testkit::Scratch) {
        let (app, _, ada) = acme(engine).await;
        let signed_in = app.signed_in(ada).await;
        for next in ["//evil", "/\\evil", "https:evil", "https://evil", "\\\\evil", "/\t/evil", "javascript:alert(1)", "evil", " //evil", "/\u{2028}/evil", ""] {
            let browser = app.browser();
            let typed = browser.sign_in_form(ADA, PASSWORD).await.with("next", next);
            let answer = browser.submit(&typed).await;
            // A control character is no text of a form at all.
            if next.contains('\t') {
                assert_eq!(answer.status, 400, "{next:?}");
            } else {
                assert_eq!(answer.location(), url::ORGANIZATIONS, "{next:?}");
            }
            let page = format!("/login?next={}", url::percent_encoded(next));
            assert_eq!(app.browser().get(&page).await.field("next"), url::ORGANIZATIONS, "{next:?}");
            assert_eq!(signed_in.get(&page).await.location(), url::ORGANIZATIONS, "{next:?}");
        }
        let browser = app.browser();
        let login = browser.get(&url::login_to("/orgs/acme/device?user_code=AB&x=1")).await;
        let form = PageForm::to(&login, url::LOGIN).with("email", ADA).with("password", PASSWORD);
        assert_eq!(browser.submit(&form).await.location(), "/orgs/acme/device?user_code=AB&x=1", "our own path stays");
    }

    async fn case_47_cookies_are_bound_to_the_host_and_to_tls(engine: testkit::Scratch) {
        let app = TestApp::with(engine, &[("DOORWARD_PUBLIC_URL", "https://auth.acme.example")]).await;
        let acme = app.org("acme").await;
        app.set_new_device_policy(NewDevicePolicy::Off).await;
        app.user_with_password(ADA, PASSWORD, &[(&acme, Role::Member)]).await;
        let browser = app.browser();
        let page = browser.get(url::LOGIN).await;
        let form = PageForm::to(&page, url::LOGIN).with("email", ADA).with("password", PASSWORD).with("remember", "yes");
        let signed_in = browser.submit(&form).await;
        assert_eq!(signed_in.status, 303);
        let signed_out = sign_out(&browser).await;
        let mut names = Vec::new();
        for answer in [page, signed_in, signed_out] {
            assert!(answer.header("strict-transport-security").starts_with("max-age="));
            for cookie in answer.headers.get_all("set-cookie") {
                let cookie = cookie.to_str().unwrap();
                let parts: Vec<&str> = cookie.split("; ").collect();
                for part in ["Secure", "HttpOnly", "SameSite=Lax", "Path=/"] {
                    assert!(parts.contains(&part), "{part}: {cookie}");
                }
                assert!(cookie.starts_with("__Host-doorward_") && !cookie.to_lowercase().contains("domain"), "{cookie}");
                names.push(cookie.split('=').next().unwrap().to_owned());
            }
        }
        for name in ["__Host-doorward_session", "__Host-doorward_presession"] {
            assert_eq!(names.iter().filter(|known| *known == name).count(), 2, "{name}: set and taken back: {names:?}");
        }
        assert_eq!(names.iter().filter(|name| name.starts_with("__Host-doorward_device_")).count(), 1, "{names:?}");
    }
}

pub async fn sign_out(browser: &Browser<'_>) -> Answer {
    let form = PageForm::to(&browser.get(url::ORGANIZATIONS).await, url::LOGOUT);
    let answer = browser.submit(&form).await;
    assert_eq!(answer.location(), "/login?signed_out=1");
    answer
}
