//! The pages on which a person types a code, sees what it asks for, and decides.

use crate::page_form::PageForm;
use crate::rows::Rows;
use crate::support::{Answer, App, Browser, TestApp};
use model::application::ClientKind;
use model::audit::By;
use model::id::{OrgId, UserId};
use model::org::Role;
use routes::url;

struct Acme {
    app: TestApp,
    acme: OrgId,
    beta: OrgId,
    cd: App,
    u1: UserId,
    u2: UserId,
    u3: UserId,
}

async fn set_up(engine: testkit::Scratch) -> Acme {
    let app = TestApp::new(engine).await;
    let (acme, beta) = (app.org("acme").await, app.org("beta").await);
    let cd = app.device_app(&acme).await;
    let u1 = app.user("u1@acme.example", &[(&acme, Role::Member)]).await;
    let u2 = app.user("u2@beta.example", &[(&beta, Role::Member)]).await;
    let u3 = app.user("u3@both.example", &[(&acme, Role::Member), (&beta, Role::Member)]).await;
    Acme { app, acme, beta, cd, u1, u2, u3 }
}

/// An answer without what differs from request to request, and without what was typed.
fn told(answer: &Answer, typed: &str) -> (u16, String) {
    let field = format!("value=\"{typed}\"");
    (answer.status, answer.text.replace(answer.header("x-request-id"), "ID").replace(&field, "TYPED"))
}

fn decision(review: &Answer, org: &OrgId) -> PageForm {
    PageForm::to(review, &url::device_decision(org)).with("confirm", "yes").with("decision", "approve")
}

/// The grants as they stand.
async fn grants(app: &TestApp) -> Vec<String> {
    app.texts("SELECT state || ' ' || CASE WHEN claimed_by IS NULL THEN 'free' ELSE 'claimed' END AS value FROM grants ORDER BY id").await
}

/// Five wrong codes, each answered.
async fn guess(browser: &Browser<'_>, org: &OrgId) {
    for at in 0..5 {
        assert_eq!(browser.enter(org, "WRNG-WRNG").await.status, 400, "{at}");
    }
}

testkit::both_engines! {
    async fn case_15_the_sixth_wrong_code_is_not_looked_at(engine: testkit::Scratch) {
        let Acme { app, acme, cd, u1, u3, .. } = set_up(engine).await;
        let codes = cd.begin(&app).await;
        let browser = app.signed_in(u1).await;
        guess(&browser, &acme).await;
        let sixth = browser.enter(&acme, "WRNG-WRNG").await;
        assert_eq!(sixth.status, 429);
        let wait: u64 = sixth.header("retry-after").parse().unwrap();
        assert!((1..=600).contains(&wait), "{wait}");
        assert!(sixth.text.contains("Too many codes") && sixth.text.contains("name=\"user_code\""), "the form again: {}", sixth.text);
        assert_eq!(browser.enter(&acme, &codes.user_code).await.status, 429, "nor is a right one");
        assert_eq!(app.signed_in(u1).await.enter(&acme, &codes.user_code).await.status, 429, "a new cookie");
        assert_eq!(grants(&app).await, ["pending free"]);
        assert!(app.signed_in(u3).await.enter(&acme, &codes.user_code).await.location().contains("/review"), "another user");

        let app = app.restart();
        assert_eq!(app.signed_in(u1).await.enter(&acme, "WRNG-WRNG").await.status, 429, "a restart");
        app.wait(wait);
        let codes = cd.begin(&app).await;
        assert!(app.signed_in(u1).await.enter(&acme, &codes.user_code).await.location().contains("/review"), "after Retry-After");
    }

    async fn wrong_codes_are_counted_for_the_network_too(engine: testkit::Scratch) {
        let Acme { app, acme, cd, u3, .. } = set_up(engine).await;
        for at in 0..4 {
            let user = app.user(&format!("guesser{at}@acme.example"), &[(&acme, Role::Member)]).await;
            guess(&app.signed_in(user).await, &acme).await;
        }
        let codes = cd.begin(&app).await;
        let refused = app.signed_in(u3).await.enter(&acme, &codes.user_code).await;
        assert_eq!(refused.status, 429, "twenty from one network");
        assert!(!refused.header("retry-after").is_empty());
        assert_eq!(app.spent("codes_by_user").await, 20, "the refused one was charged to nobody");
    }

    async fn codes_that_do_not_work_look_alike(engine: testkit::Scratch) {
        let Acme { app, acme, beta, cd, u1, u3, .. } = set_up(engine).await;
        let bd = app.device_app(&beta).await;
        let long_lived = app.app(&acme, ClientKind::Public, |settings| {
            settings.device.expiration = Some(std::time::Duration::from_secs(86_400));
        }).await;
        let (one, three) = (app.signed_in(u1).await, app.signed_in(u3).await);
        let expired = cd.begin(&app).await;
        app.wait(1800);
        let (denied, redeemed, approved, claimed, elsewhere) = (
            long_lived.begin(&app).await, long_lived.begin(&app).await, long_lived.begin(&app).await,
            long_lived.begin(&app).await, bd.begin(&app).await,
        );
        let review = three.review(&acme, &denied.user_code).await;
        assert_eq!(three.decide(&acme, &review, "deny").await.status, 303);
        three.approve(&acme, &redeemed.user_code).await;
        assert_eq!(long_lived.poll(&app, &redeemed.device_code).await.status, 200);
        three.approve(&acme, &approved.user_code).await;
        assert_eq!(one.review(&acme, &claimed.user_code).await.status, 200);

        // One letter of another script that looks the same.
        let free = cd.begin(&app).await;
        let look_alike: String = free.user_code.chars().map(|c| match c {
            'A' => '\u{410}', 'B' => '\u{412}', 'C' => '\u{421}', 'E' => '\u{415}', 'H' => '\u{41d}', 'K' => '\u{41a}',
            'M' => '\u{41c}', 'P' => '\u{420}', 'T' => '\u{422}', 'X' => '\u{425}', 'Y' => '\u{423}',
            letter => char::from_u32(u32::from(letter) + 0xfee0).unwrap(),
        }).collect();
        let state = grants(&app).await;
        let entry = PageForm::to(&three.get(&url::device(&acme)).await, &url::device(&acme));
        let mut seen: Option<(u16, String)> = None;
        for (typed, why) in [
            ("WRNG-WRNG", "wrong"),
            (expired.user_code.as_str(), "expired"),
            (&denied.user_code, "denied"),
            (&redeemed.user_code, "redeemed"),
            (&approved.user_code, "approved by the same user"),
            (&claimed.user_code, "claimed by another"),
            (&elsewhere.user_code, "another organization's"),
            (&look_alike, "look-alike letters"),
            ("W", "too short"),
            ("WRNGWRNGWRNGWRNGWRNGWRNGWRNGWR", "too long"),
            ("'; DROP TABLE grants; --", "no code at all"),
        ] {
            app.wait(601);
            let answer = three.submit(&entry.clone().with("user_code", typed)).await;
            assert_eq!(answer.field("user_code").replace("&#39;", "'"), typed.chars().take(32).collect::<String>(), "{why}: what was typed stays");
            let now = told(&answer, &typed.replace('\'', "&#39;"));
            assert_eq!(now.0, 400, "{why}");
            assert!(now.1.contains("This code doesn&#39;t work. It may have expired or been used."), "{why}: {}", now.1);
            assert!(now.1.contains("TYPED"), "{why}: {}", now.1);
            assert_eq!(*seen.get_or_insert(now.clone()), now, "{why}");
            assert_eq!(app.spent("codes_by_user").await, 1, "{why}: charged");
        }
        assert_eq!(grants(&app).await, state);
    }

    async fn an_empty_code_costs_nothing(engine: testkit::Scratch) {
        let Acme { app, acme, u1, .. } = set_up(engine).await;
        let before = Rows::of(&app).await;
        for browser in [app.browser(), app.browser()] {
            for typed in ["", " ", "--"] {
                let answer = browser.enter(&acme, typed).await;
                assert_eq!(answer.status, 400);
                assert!(answer.text.contains("Enter the code that your device shows."), "{}", answer.text);
            }
        }
        before.assert_unchanged(&app, "an empty code").await;
        assert_eq!(app.signed_in(u1).await.enter(&acme, " - ").await.status, 400);
        assert_eq!(app.spent("codes_by_user").await, 0);
    }

    async fn an_approval_needs_the_tick_and_a_denial_does_not(engine: testkit::Scratch) {
        let Acme { app, acme, cd, u1, .. } = set_up(engine).await;
        let (browser, codes, unwanted) = (app.signed_in(u1).await, cd.begin(&app).await, cd.begin(&app).await);
        let review = browser.review(&acme, &codes.user_code).await;
        let before = Rows::of(&app).await;
        for form in [decision(&review, &acme).without("confirm"), decision(&review, &acme).with("confirm", "no")] {
            let answer = browser.submit(&form).await;
            assert_eq!(answer.status, 400);
            assert!(answer.text.contains("Tick the box"), "{}", answer.text);
            assert!(answer.text.contains(&codes.user_code), "the review again");
            assert!(!answer.text.contains(" checked"), "nobody ticks it but the user");
            before.assert_unchanged(&app, "an approval without the tick").await;
        }
        for wrong in ["", "maybe", "APPROVE"] {
            let answer = browser.submit(&decision(&review, &acme).with("decision", wrong)).await;
            assert_eq!(answer.status, 400, "{wrong:?}");
        }
        before.assert_unchanged(&app, "a decision that is none").await;
        let again = browser.submit(&decision(&review, &acme).without("confirm")).await;
        assert_eq!(browser.submit(&decision(&again, &acme)).await.status, 303, "the page that came back works");
        let review = browser.review(&acme, &unwanted.user_code).await;
        let denied = browser.submit(&decision(&review, &acme).without("confirm").with("decision", "deny")).await;
        let result = browser.get(denied.location()).await;
        assert!(result.text.contains("denied") && result.text.contains("close this window"), "{}", result.text);
        cd.poll(&app, &unwanted.device_code).await.assert_error("access_denied");
    }

    async fn what_was_decided_or_ran_out_meanwhile_is_told(engine: testkit::Scratch) {
        let Acme { app, acme, cd, u1, .. } = set_up(engine).await;
        let (one, other) = (app.signed_in(u1).await, app.signed_in(u1).await);
        for (first, second) in [("approve", "deny"), ("approve", "approve"), ("deny", "approve"), ("deny", "deny")] {
            let codes = cd.begin(&app).await;
            let review = one.review(&acme, &codes.user_code).await;
            let path = url::device_review(&acme, decision(&review, &acme).value("grant").parse().unwrap());
            let same = other.get(&path).await;
            assert_eq!(one.decide(&acme, &review, first).await.status, 303);
            let before = Rows::of(&app).await;
            let late = other.decide(&acme, &same, second).await;
            assert_eq!(late.status, 409, "{second} after {first}");
            assert!(late.text.contains("has been decided already"), "{}", late.text);
            assert_eq!(other.get(&path).await.status, 409);
            before.assert_unchanged(&app, "a late decision").await;
        }
        let codes = cd.begin(&app).await;
        let review = one.review(&acme, &codes.user_code).await;
        let path = url::device_review(&acme, decision(&review, &acme).value("grant").parse().unwrap());
        app.wait(1799);
        assert_eq!(one.get(&path).await.status, 200);
        app.wait(1);
        let before = Rows::of(&app).await;
        for (answer, what) in [
            (one.get(&path).await, "the review"),
            (one.decide(&acme, &review, "approve").await, "an approval"),
            (one.decide(&acme, &review, "deny").await, "a denial"),
            (one.submit(&decision(&review, &acme).without("confirm")).await, "an approval without the tick"),
        ] {
            assert_eq!(answer.status, 409, "{what}: {}", answer.text);
            assert!(answer.text.contains("its time is over"), "{what}");
        }
        before.assert_unchanged(&app, "a decision after the end").await;
        cd.poll(&app, &codes.device_code).await.assert_error("expired_token");
    }

    async fn an_organization_is_approved_on_its_own_page(engine: testkit::Scratch) {
        let Acme { app, acme, cd, u3, .. } = set_up(engine).await;
        let (browser, codes) = (app.signed_in(u3).await, cd.begin(&app).await);
        let review = browser.review(&acme, &codes.user_code).await;
        let before = Rows::of(&app).await;
        for other in ["beta", "nowhere", "ACME", "~instance"] {
            for decided in ["approve", "deny"] {
                let form = decision(&review, &acme).with("organization", other).with("decision", decided);
                assert_eq!(browser.submit(&form).await.status, 400, "{decided} for {other}");
                let form = form.without("organization");
                assert_eq!(browser.submit(&form).await.status, 400, "{decided} for no organization");
            }
        }
        before.assert_unchanged(&app, "another organization in the form").await;
        let mut elsewhere = decision(&review, &acme);
        elsewhere.action = "/orgs/beta/device/decision".to_owned();
        elsewhere = elsewhere.with("organization", "beta");
        assert_eq!(browser.submit(&elsewhere).await.status, 404, "on another organization's page");
        before.assert_unchanged(&app, "another organization's page").await;
        assert_eq!(browser.submit(&decision(&review, &acme)).await.status, 303);
    }

    async fn who_does_not_belong_is_told_so_and_the_code_stays_untouched(engine: testkit::Scratch) {
        let Acme { app, acme, cd, u1, u2, .. } = set_up(engine).await;
        let (stranger, codes) = (app.signed_in(u2).await, cd.begin(&app).await);
        let before = Rows::of(&app).await;
        let entry = stranger.get(&url::device_with_code(&acme, &codes.user_code)).await;
        assert_eq!(entry.status, 403);
        assert!(entry.text.contains("does not belong to this organization"), "{}", entry.text);
        let token = stranger.token_for(("device-code", "acme"));
        let fields = [("csrf_token", token.as_str()), ("user_code", &codes.user_code)];
        assert_eq!(stranger.post(&url::device(&acme), &fields).await.status, 403);
        before.assert_unchanged(&app, "a stranger").await;
        assert!(app.signed_in(u1).await.enter(&acme, &codes.user_code).await.location().contains("/review"));
    }

    async fn who_belongs_no_more_decides_nothing(engine: testkit::Scratch) {
        let Acme { app, acme, cd, u1, .. } = set_up(engine).await;
        let (browser, codes) = (app.signed_in(u1).await, cd.begin(&app).await);
        let review = browser.review(&acme, &codes.user_code).await;
        let (org, moment) = (acme.clone(), app.clock.moment());
        app.write(move |conn| directory::members::remove(conn, &org, u1, &By::operator(&moment))).await;
        let before = Rows::of(&app).await;
        for decided in ["approve", "deny"] {
            assert_eq!(browser.decide(&acme, &review, decided).await.status, 403, "{decided}");
        }
        assert_eq!(browser.get(&url::device_review(&acme, decision(&review, &acme).value("grant").parse().unwrap())).await.status, 403);
        before.assert_unchanged(&app, "somebody who was a member").await;
        cd.poll(&app, &codes.device_code).await.assert_error("authorization_pending");
        // Not you? works: it is their own claim, and the device should not wait for nobody.
        assert_eq!(browser.submit(&PageForm::to(&review, &url::device_release(&acme))).await.status, 303);
        assert_eq!(grants(&app).await, ["pending free"]);
    }

    async fn the_review_says_what_is_asked_for(engine: testkit::Scratch) {
        let Acme { app, acme, cd, u1, .. } = set_up(engine).await;
        let codes = cd.begin(&app).await;
        app.wait(61);
        let browser = app.signed_in(u1).await;
        let lowered = codes.user_code.to_lowercase().replace('-', " ");
        let review = browser.review(&acme, &lowered).await;
        for fact in [
            codes.user_code.as_str(), "u1@acme.example", "Acme CLI", "acme organization", "Know who you are", "See your name",
            "See your e-mail address", "Stay signed in until you disconnect it", "29 minutes left", "127.0.0.1",
            "The same network that you are on", "I started this on a device in front of me",
        ] {
            assert!(review.text.contains(fact), "{fact}: {}", review.text);
        }
        assert!(!review.text.contains(&codes.device_code));
        let buttons: Vec<&str> = review.text.split("<button").skip(1).map(|rest| rest.split("</button>").next().unwrap()).collect();
        let decide = |value: &str| buttons.iter().find(|button| button.contains(&format!("value=\"{value}\""))).unwrap();
        assert!(decide("deny").contains("formnovalidate") && !decide("approve").contains("formnovalidate"));
    }

    async fn the_entry_page_says_what_went_wrong_and_nothing_else(engine: testkit::Scratch) {
        let Acme { app, acme, u1, .. } = set_up(engine).await;
        for browser in [app.browser(), app.signed_in(u1).await] {
            for (problem, sentence) in [
                ("code", "This code doesn&#39;t work. It may have expired or been used. Start again on your device to get a new one."),
                ("attempts", "Too many codes that don&#39;t work. Wait ten minutes"),
            ] {
                let page = browser.get(&url::device_with_problem(&acme, problem)).await;
                assert_eq!(page.status, 200);
                assert!(page.text.contains(sentence), "{}", page.text);
            }
            let quiet = browser.get(&url::device(&acme)).await;
            let other = browser.get("/orgs/acme/device?problem=%3Cscript%3Ealert(1)").await;
            assert_eq!(told(&quiet, "x-"), told(&other, "x-"), "only sentences of ours are shown");
        }
    }
}
