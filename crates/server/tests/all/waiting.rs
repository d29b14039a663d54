//! A code that was typed before the sign-in: it waits for that browser, half an hour, and is then as good as typed.

use crate::page_form::PageForm;
use crate::stage::PASSWORD;
use crate::support::{Answer, App, Browser, TestApp};
use model::id::OrgId;
use model::login_attempt::NewDevicePolicy;
use model::org::Role;
use routes::url;
use std::time::Duration;

const ADA: &str = "ada@acme.example";
const BEN: &str = "ben@acme.example";
const EVE: &str = "eve@beta.example";

async fn acme(engine: testkit::Scratch) -> (TestApp, OrgId, App) {
    let app = TestApp::new(engine).await;
    let (acme, beta) = (app.org("acme").await, app.org("beta").await);
    // What becomes of a code where the sign-in waits as well stands among the tests of new devices.
    app.set_new_device_policy(NewDevicePolicy::Off).await;
    app.user_with_password(ADA, PASSWORD, &[(&acme, Role::Member)]).await;
    app.user_with_password(BEN, PASSWORD, &[(&acme, Role::Member)]).await;
    app.user_with_password(EVE, PASSWORD, &[(&beta, Role::Member)]).await;
    let cd = app
        .app(&acme, model::application::ClientKind::Public, |settings| {
            settings.device.expiration = Some(Duration::from_secs(3 * 60 * 60));
        })
        .await;
    (app, acme, cd)
}

/// Types a code before signing in, then signs in on the page that this leads to.
async fn type_then_sign_in(browser: &Browser<'_>, org: &OrgId, code: &str, email: &str) -> Answer {
    let entered = browser.enter(org, code).await;
    assert_eq!(entered.location(), url::login_to(&url::device(org)));
    sign_in_at(browser, entered.location(), email).await
}

async fn sign_in_at(browser: &Browser<'_>, page: &str, email: &str) -> Answer {
    let page = browser.get(page).await;
    browser.submit(&PageForm::to(&page, url::LOGIN).with("email", email).with("password", PASSWORD)).await
}

/// Asserts that an answer leads to the review of this code.
async fn assert_review(browser: &Browser<'_>, answer: &Answer, code: &str) {
    assert!(answer.location().starts_with("/orgs/acme/device/review?grant="), "{}", answer.header("location"));
    let review = browser.get(answer.location()).await;
    assert!(review.text.contains(code), "{}", review.text);
}

const WAITING: &str = "SELECT count(*) AS value FROM waiting_codes";
const CLAIMED: &str = "SELECT count(*) AS value FROM grants WHERE claimed_by IS NOT NULL";

testkit::both_engines! {
    async fn a_code_typed_before_the_sign_in_leads_to_its_review(engine: testkit::Scratch) {
        let (app, acme, cd) = acme(engine).await;
        let (browser, codes) = (app.browser(), cd.begin(&app).await);
        let answer = type_then_sign_in(&browser, &acme, &codes.user_code, ADA).await;
        assert_review(&browser, &answer, &codes.user_code).await;
        let review = browser.get(answer.location()).await;
        assert_eq!(app.spent("codes_by_user").await, 0);
        assert_eq!(browser.decide(&acme, &review, "approve").await.status, 303);
        assert_eq!(cd.poll(&app, &codes.device_code).await.status, 200);
        assert_eq!(app.numbers("SELECT count(*) AS value FROM waiting_codes").await, [0], "used up");
    }

    async fn a_code_waits_for_whichever_way_somebody_signs_in_by(engine: testkit::Scratch) {
        let (app, acme, cd) = acme(engine).await;
        app.let_in(&acme, "open").await;
        // By a code from a letter.
        let (browser, codes) = (app.browser(), cd.begin(&app).await);
        let entered = browser.enter(&acme, &codes.user_code).await;
        assert_eq!(entered.location(), url::login_to(&url::device(&acme)));
        let asked = browser.ask(&url::login_by_email(&url::device(&acme)), url::LOGIN_BY_EMAIL, ADA).await;
        let letter = app.letter_to(ADA).await;
        let code = letter.text.lines().find_map(|line| line.strip_prefix("Code: ")).unwrap();
        let form = PageForm::to(&browser.get(asked.location()).await, url::EMAIL_CODE).with("code", code);
        assert_review(&browser, &browser.submit(&form).await, &codes.user_code).await;
        // By an account that is made on the way.
        app.wait(61);
        let (browser, codes) = (app.browser(), cd.begin(&app).await);
        assert_eq!(browser.enter(&acme, &codes.user_code).await.status, 303);
        browser.ask(&url::register_at(&acme), url::REGISTER, "grace@acme.example").await;
        let link = app.letter_to("grace@acme.example").await.link(&app, "Create account");
        let page = browser.follow(&link).await;
        let form = PageForm::to(&page, link.strip_suffix("?from=letter").unwrap());
        let form = form.with("name", "Grace").with("password", "seven unrelated purple umbrellas");
        assert_review(&browser, &browser.submit(&form).await, &codes.user_code).await;
        assert_eq!(app.numbers(WAITING).await, [0], "used up");
    }

    async fn a_wrong_code_leads_back_to_the_entry_and_is_charged(engine: testkit::Scratch) {
        let (app, acme, cd) = acme(engine).await;
        let browser = app.browser();
        let answer = type_then_sign_in(&browser, &acme, "WRNG-WRNG", ADA).await;
        assert_eq!(answer.location(), "/orgs/acme/device?problem=code");
        let entry = browser.get(answer.location()).await;
        assert!(entry.text.contains("This code doesn&#39;t work."), "{}", entry.text);
        assert_eq!((app.spent("codes_by_user").await, app.spent("codes_in_server").await), (1, 1));
        assert!(browser.is_signed_in().await, "signed in all the same");
        for _ in 0..4 {
            assert_eq!(browser.enter(&acme, "WRNG-WRNG").await.status, 400);
        }
        let codes = cd.begin(&app).await;
        let again = app.browser();
        let answer = type_then_sign_in(&again, &acme, &codes.user_code, ADA).await;
        assert_eq!(answer.location(), "/orgs/acme/device?problem=attempts", "a sign-in gives nobody new guesses");
        assert!(again.get(answer.location()).await.text.contains("Too many codes"));
        assert_eq!(app.numbers(CLAIMED).await, [0]);
    }

    async fn a_code_waits_for_half_an_hour(engine: testkit::Scratch) {
        let (app, acme, cd) = acme(engine).await;
        for (seconds, target) in [(1799, "/orgs/acme/device/review?grant="), (1800, "/orgs/acme/device")] {
            let (browser, codes) = (app.browser(), cd.begin(&app).await);
            assert_eq!(browser.enter(&acme, &codes.user_code).await.status, 303);
            app.wait(seconds);
            let answer = sign_in_at(&browser, &url::login_to(&url::device(&acme)), ADA).await;
            let location = answer.location();
            assert!(location == target || (target.ends_with('=') && location.starts_with(target)), "{seconds} s: {location}");
        }
    }

    async fn so_many_codes_wait_and_no_more(engine: testkit::Scratch) {
        use login::waiting_code::{MOST, keep};
        use model::secret::{Digest, Purpose, Secret};
        let (app, acme, cd) = acme(engine).await;
        let moment = app.clock.moment();
        let from = |address: [u8; 4]| model::context::Origin::new(std::net::IpAddr::from(address), "test");
        let typed = model::user_code::TypedCode::read("WDJB-MJHT");
        let fill = async |address: [u8; 4], count: i64| {
            let (org, moment, typed) = (acme.clone(), moment.clone(), typed.clone());
            app.write(move |conn| {
                let mut kept = 0;
                for _ in 0..count {
                    let cookie = Digest::of(Purpose::PreSession, Secret::draw(&moment).expose());
                    let place = (&moment, &from(address));
                    kept += i64::from(keep(conn, (&cookie, &org), &typed, &crate::support::keyring(), place)?);
                }
                Ok(kept)
            })
            .await
        };
        assert_eq!(fill([127, 0, 0, 1], MOST.from_network + 5).await, MOST.from_network);
        assert_eq!(fill([127, 0, 0, 2], 1).await, 1, "another network's");
        // Whoever comes too late finds the code filled in after the sign-in.
        let (browser, codes) = (app.browser(), cd.begin(&app).await);
        let plain = codes.user_code.replace('-', "");
        let refilled = url::device_with_code(&acme, &plain);
        let entered = browser.enter(&acme, &codes.user_code).await;
        assert_eq!(entered.location(), url::login_to(&refilled));
        let answer = sign_in_at(&browser, entered.location(), ADA).await;
        assert_eq!(answer.location(), refilled);
        assert_eq!(browser.get(answer.location()).await.field("user_code"), plain);
        // And *Not you?* keeps the code in the same way.
        let review = browser.review(&acme, &codes.user_code).await;
        let released = browser.submit(&PageForm::to(&review, &url::device_release(&acme))).await;
        assert_eq!(released.location(), url::login_to(&refilled));
        // A browser that has a code waiting already may type another.
        app.write(|conn| conn.execute_sql("DELETE FROM waiting_codes WHERE network = '127.0.0.2'")).await;
        let random = if app.db.is_postgres() { "decode(md5(i::text) || md5('x' || i::text), 'hex')" } else { "randomblob(32)" };
        let more = MOST.in_server - MOST.from_network - 1;
        let many = format!(
            "INSERT INTO waiting_codes (digest, org_id, sealed_code, network, expires_at) \
             WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {more}) \
             SELECT {random}, 'acme', {random}, 'elsewhere', {} + i FROM n",
            moment.now().millis() + 1_700_000
        );
        app.write(move |conn| conn.execute_sql(&many)).await;
        // One more fills the server. The next ones find room all the same, which the oldest of the crowd make.
        let of = async |network: &str| {
            let sql = format!("SELECT count(*) AS value FROM waiting_codes WHERE network = '{network}'");
            app.db.read("test", move |conn| conn.numbers_by_sql(&sql)).await.unwrap()[0]
        };
        assert_eq!(fill([127, 0, 0, 3], 1).await, 1);
        assert_eq!(of("elsewhere").await, more, "there was room");
        assert_eq!(fill([127, 0, 0, 3], 3).await, 3, "nobody shuts others out");
        assert_eq!((of("127.0.0.3").await, of("127.0.0.1").await), (4, MOST.from_network));
        assert_eq!(of("elsewhere").await, more - more / 10);
        let oldest = app.numbers("SELECT min(expires_at) AS value FROM waiting_codes WHERE network = 'elsewhere'").await;
        assert_eq!(oldest, [moment.now().millis() + 1_700_000 + more / 10 + 1]);
        assert_eq!(fill([127, 0, 0, 1], 1).await, 0, "a network that has its share gets no more");
        app.wait(1800);
        let later = app.browser();
        assert_eq!(later.enter(&acme, &codes.user_code).await.location(), url::login_to(&url::device(&acme)), "they are over");
        app.sweep().await;
        assert_eq!(app.numbers("SELECT count(*) AS value FROM waiting_codes").await, [1]);
    }

    async fn a_code_waits_for_its_own_browser(engine: testkit::Scratch) {
        let (app, acme, cd) = acme(engine).await;
        let (browser, other, codes) = (app.browser(), app.browser(), cd.begin(&app).await);
        assert_eq!(browser.enter(&acme, &codes.user_code).await.status, 303);
        assert_eq!(other.sign_in(ADA, PASSWORD).await.location(), url::ORGANIZATIONS);
        assert_eq!(app.numbers(CLAIMED).await, [0]);
        let stored = app.texts("SELECT org_id AS value FROM waiting_codes").await;
        assert_eq!(stored, ["acme"]);
        let rows = format!("{:?}", crate::rows::Rows::of(&app).await).to_lowercase();
        let plain = codes.user_code.replace('-', "");
        let hex: String = plain.bytes().map(|byte| format!("{byte:02x}")).collect();
        assert!(!rows.contains(&plain.to_lowercase()) && !rows.contains(&hex), "sealed, and not stored otherwise");
        assert!(browser.sign_in(ADA, PASSWORD).await.location().contains("/review?grant="));
    }

    async fn a_stranger_learns_nothing_of_a_code_that_waits(engine: testkit::Scratch) {
        let (app, acme, cd) = acme(engine).await;
        let (browser, codes) = (app.browser(), cd.begin(&app).await);
        let answer = type_then_sign_in(&browser, &acme, &codes.user_code, EVE).await;
        let plain = codes.user_code.replace('-', "");
        assert_eq!(answer.location(), url::device_with_code(&acme, &plain));
        let page = browser.get(answer.location()).await;
        assert_eq!(page.status, 403);
        assert_eq!((app.numbers(CLAIMED).await, app.spent("codes_by_user").await), (vec![0], 0));
        assert_eq!(app.numbers(WAITING).await, [0], "nothing stays in this browser by itself");
        // By their own choice it waits again, for the account that it was meant for.
        let switched = browser.submit(&PageForm::to(&page, url::LOGOUT)).await;
        assert_eq!(switched.location(), url::login_to(&url::device(&acme)));
        assert!(!browser.is_signed_in().await);
        let adas = sign_in_at(&browser, switched.location(), ADA).await;
        let review = browser.get(adas.location()).await;
        assert!(review.text.contains(&codes.user_code), "{} {}", adas.header("location"), review.text);
        assert_eq!(browser.submit(&PageForm::to(&review, &url::device_release(&acme))).await.status, 303);
        assert!(app.signed_in(app.user("u3@acme.example", &[(&acme, Role::Member)]).await).await
            .enter(&acme, &codes.user_code).await.location().contains("/review?grant="));
    }

    async fn a_code_that_somebody_left_in_a_browser_comes_up_for_nobody_else(engine: testkit::Scratch) {
        let (app, acme, cd) = acme(engine).await;
        // A stranger typed it, signed in, and went; signed out, or not.
        for signs_out in [true, false] {
            let (browser, codes) = (app.browser(), cd.begin(&app).await);
            let answer = type_then_sign_in(&browser, &acme, &codes.user_code, EVE).await;
            assert_eq!(browser.get(answer.location()).await.status, 403);
            let form = browser.sign_in_form(ADA, PASSWORD);
            if signs_out {
                let out = PageForm::to(&browser.get(url::ORGANIZATIONS).await, url::LOGOUT);
                assert_eq!(browser.submit(&out).await.location(), "/login?signed_out=1");
            } else {
                browser.set_cookie("doorward_session", "gone");
            }
            assert_eq!(browser.submit(&form.await).await.location(), url::ORGANIZATIONS);
            assert_eq!((app.numbers(CLAIMED).await, app.numbers(WAITING).await), (vec![0], vec![0]));
        }
        // Somebody typed it and did not sign in; whoever does is on the way to another page, or was signed in.
        let (browser, codes) = (app.browser(), cd.begin(&app).await);
        assert_eq!(browser.enter(&acme, &codes.user_code).await.status, 303);
        let answer = sign_in_at(&browser, &url::login_to(url::CONNECTIONS), ADA).await;
        assert_eq!(answer.location(), url::CONNECTIONS);
        assert_eq!((app.numbers(CLAIMED).await, app.numbers(WAITING).await), (vec![0], vec![0]));
        let session = browser.cookie("doorward_session").unwrap();
        let out = PageForm::to(&browser.get(url::ORGANIZATIONS).await, url::LOGOUT);
        let other = app.browser();
        assert_eq!(other.enter(&acme, &codes.user_code).await.status, 303);
        other.set_cookie("doorward_session", &session);
        assert_eq!(other.submit(&out).await.status, 303);
        assert_eq!(app.numbers(WAITING).await, [0], "signing out leaves nothing");
    }

    async fn a_second_code_that_can_not_wait_takes_the_first_one_away(engine: testkit::Scratch) {
        let (app, acme, cd) = acme(engine).await;
        let (browser, first, second) = (app.browser(), cd.begin(&app).await, cd.begin(&app).await);
        assert_eq!(browser.enter(&acme, &first.user_code).await.location(), url::login_to(&url::device(&acme)));
        let random = if app.db.is_postgres() { "decode(md5(i::text) || md5('x' || i::text), 'hex')" } else { "randomblob(32)" };
        let many = format!(
            "INSERT INTO waiting_codes (digest, org_id, sealed_code, network, expires_at) \
             WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {}) \
             SELECT {random}, 'acme', {random}, '127.0.0.1', {} FROM n",
            login::waiting_code::MOST.from_network,
            app.clock.moment().now().millis() + 1_800_000
        );
        app.write(move |conn| conn.execute_sql(&many)).await;
        let plain = second.user_code.replace('-', "");
        let entered = browser.enter(&acme, &second.user_code).await;
        assert_eq!(entered.location(), url::login_to(&url::device_with_code(&acme, &plain)));
        let answer = sign_in_at(&browser, entered.location(), ADA).await;
        assert_eq!(answer.location(), url::device_with_code(&acme, &plain), "not the first code's review");
        assert_eq!(app.numbers(CLAIMED).await, [0]);
    }

    async fn a_network_types_so_many_codes_a_minute(engine: testkit::Scratch) {
        let app = TestApp::with(engine, &[("DOORWARD_DEVICE_AUTHORIZATION_PER_MINUTE", "3")]).await;
        let acme = app.org("acme").await;
        app.set_new_device_policy(NewDevicePolicy::Off).await;
        for _ in 0..3 {
            assert_eq!(app.browser().enter(&acme, "WDJB-MJHT").await.status, 303);
        }
        let refused = app.browser().enter(&acme, "WDJB-MJHT").await;
        assert_eq!(refused.status, 429, "{}", refused.text);
        assert!(!refused.header("retry-after").is_empty());
        assert_eq!(app.numbers(WAITING).await, [3], "and no write");
    }

    async fn not_you_lets_go_and_keeps_the_code_for_the_next_sign_in(engine: testkit::Scratch) {
        let (app, acme, cd) = acme(engine).await;
        let (browser, codes) = (app.browser(), cd.begin(&app).await);
        assert_eq!(browser.sign_in(ADA, PASSWORD).await.status, 303);
        let adas = browser.cookie("doorward_session").unwrap();
        let review = browser.review(&acme, &codes.user_code).await;
        let answer = browser.submit(&PageForm::to(&review, &url::device_release(&acme))).await;
        assert_eq!(answer.location(), url::login_to(&url::device(&acme)));
        assert_eq!((browser.cookie("doorward_session"), app.numbers(CLAIMED).await), (None, vec![0]));
        let before = app.browser();
        before.set_cookie("doorward_session", &adas);
        assert!(!before.is_signed_in().await, "signed out on the server");
        let bens = sign_in_at(&browser, answer.location(), BEN).await;
        let review = browser.get(bens.location()).await;
        assert!(review.text.contains(BEN) && review.text.contains(&codes.user_code), "{}", review.text);
        // Whoever had it does not get it back.
        let ada = app.browser();
        assert_eq!(ada.sign_in(ADA, PASSWORD).await.status, 303);
        assert_eq!(ada.enter(&acme, &codes.user_code).await.status, 400);
        assert_eq!(browser.decide(&acme, &review, "approve").await.status, 303);
        let tokens = cd.poll(&app, &codes.device_code).await;
        let told = app.get_with_token(&url::me(&acme), tokens.json["access_token"].as_str().unwrap()).await;
        assert_eq!(told.json["email"], BEN);
    }

    async fn a_code_let_go_works_for_whoever_types_it(engine: testkit::Scratch) {
        let (app, acme, cd) = acme(engine).await;
        let (browser, codes) = (app.browser(), cd.begin(&app).await);
        assert_eq!(browser.sign_in(ADA, PASSWORD).await.status, 303);
        let review = browser.review(&acme, &codes.user_code).await;
        let ben = app.browser();
        assert_eq!(ben.sign_in(BEN, PASSWORD).await.status, 303);
        assert_eq!(ben.enter(&acme, &codes.user_code).await.status, 400);
        assert_eq!(browser.submit(&PageForm::to(&review, &url::device_release(&acme))).await.status, 303);
        assert!(ben.enter(&acme, &codes.user_code).await.location().contains("/review?grant="));
        // The code that waits in ada's browser is ben's now.
        let answer = browser.sign_in(ADA, PASSWORD).await;
        assert_eq!(answer.location(), "/orgs/acme/device?problem=code");
    }
}
