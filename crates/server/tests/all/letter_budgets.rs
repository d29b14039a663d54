//! Letters that people ask for: nobody locks anybody out of them, and nobody has us write to everybody.

use crate::page_form::PageForm;
use crate::stage::PASSWORD;
use crate::support::{Answer, Browser, TestApp, keyring};
use model::id::OrgId;
use model::login_attempt::NewDevicePolicy;
use model::org::Role;
use model::secret::Purpose;
use reqwest::Method;
use routes::url;

const ADA: &str = "ada@acme.example";
const NOBODY: &str = "nobody@acme.example";

/// Asks for a letter on the page at `path`, from a network.
async fn ask(browser: &Browser<'_>, path: &str, (email, from): (&str, &str)) -> Answer {
    let form = PageForm::to(&browser.get(path).await, path).with("email", email);
    let request = browser.request(Method::POST, path).header("sec-fetch-site", "same-origin");
    Answer::of(request.header("x-forwarded-for", from).form(&form.fields)).await
}

async fn app(engine: testkit::Scratch, settings: &[(&str, &str)]) -> (TestApp, OrgId) {
    let mut all = vec![("DOORWARD_LIMITS", "off"), ("DOORWARD_TRUSTED_PROXIES", "127.0.0.1/32")];
    all.extend(settings);
    let app = TestApp::with(engine, &all).await;
    let acme = app.org("acme").await;
    app.set_new_device_policy(NewDevicePolicy::Off).await;
    (app, acme)
}

async fn invite(browser: &Browser<'_>, org: &OrgId, email: &str) -> Answer {
    let page = browser.get(&url::portal_members(org)).await;
    browser.submit(&PageForm::to(&page, &url::portal_invite(org)).with("email", email).with("role", "member")).await
}

testkit::both_engines! {
    async fn a_stranger_locks_nobody_out_of_letters(engine: testkit::Scratch) {
        let (app, acme) = app(engine, &[]).await;
        let ada = app.user_with_password(ADA, PASSWORD, &[(&acme, Role::Owner)]).await;
        let (known, signed_in, stranger) = (app.browser(), app.browser(), app.browser());
        assert_eq!(signed_in.sign_in(ADA, PASSWORD).await.status, 303);
        let suffix = login::known_device::cookie_suffix(&keyring().key(Purpose::KnownDevice), ADA);
        let cookie = format!("doorward_device_{suffix}");
        known.set_cookie(&cookie, &signed_in.cookie(&cookie).unwrap());
        for email in [ADA, NOBODY] {
            for asked in 0..5 {
                let path = if asked % 2 == 0 { url::RESET } else { url::LOGIN_BY_EMAIL };
                assert_eq!(ask(&stranger, path, (email, "192.0.2.1")).await.status, 303, "{email}");
            }
            let spent = ask(&stranger, url::RESET, (email, "192.0.2.1")).await;
            assert_eq!((spent.status, spent.header("retry-after")), (429, "3600"), "{email}");
        }
        // From anywhere else the address is written to, by a browser that the account knows from the same network too.
        for path in [url::RESET, url::LOGIN_BY_EMAIL] {
            assert_eq!(ask(&app.browser(), path, (ADA, "198.51.100.1")).await.status, 303, "{path}");
            assert_eq!(ask(&known, path, (ADA, "192.0.2.1")).await.status, 303, "{path}");
        }
        // Many networks together spend what the address has as a whole: 30, of which 7 were asked for above.
        for email in [ADA, NOBODY] {
            let before = if email == ADA { 7 } else { 5 };
            for asked in before..30 {
                let from = format!("203.0.113.{}", asked / 5 + 1);
                assert_eq!(ask(&stranger, url::RESET, (email, &from)).await.status, 303, "{email} {asked}");
            }
            assert_eq!(ask(&stranger, url::RESET, (email, "203.0.113.99")).await.status, 429, "{email}");
        }
        for _ in 2..5 {
            assert_eq!(ask(&known, url::RESET, (ADA, "192.0.2.1")).await.status, 303);
        }
        assert_eq!(ask(&known, url::RESET, (ADA, "192.0.2.1")).await.status, 429, "a known browser's is bounded too");
        // Neither invitations nor another address's letter are spent by them.
        let owner = app.signed_in(ada).await;
        assert_eq!(invite(&owner, &acme, NOBODY).await.status, 303);
        let change = PageForm::to(&owner.get(url::PROFILE).await, url::PROFILE_EMAIL).with("email", NOBODY);
        assert_eq!(owner.submit(&change).await.status, 303);
        app.wait(3600);
        assert_eq!(ask(&stranger, url::RESET, (ADA, "192.0.2.1")).await.status, 303);
    }

    async fn invitations_are_counted_by_inviter_and_by_organization(engine: testkit::Scratch) {
        let settings = [("DOORWARD_INVITATIONS_PER_INVITER", "3"), ("DOORWARD_INVITATIONS_PER_ORGANIZATION", "5")];
        let (app, acme) = app(engine, &settings).await;
        let beta = app.org("beta").await;
        let ada = app.user(ADA, &[(&acme, Role::Owner), (&beta, Role::Owner)]).await;
        let alan = app.user("alan@acme.example", &[(&acme, Role::Admin)]).await;
        let (ada, alan) = (app.signed_in(ada).await, app.signed_in(alan).await);
        for number in 0..3 {
            assert_eq!(invite(&ada, &acme, &format!("new{number}@new.example")).await.status, 303);
            // What is taken back was written all the same.
            let page = ada.get(&url::portal_members(&acme)).await;
            let revoke = PageForm::all(&page.text).into_iter().find(|form| form.action.ends_with("/revoke")).unwrap();
            assert_eq!(ada.submit(&revoke).await.status, 303);
        }
        for org in [&acme, &beta] {
            let spent = invite(&ada, org, "more@new.example").await;
            assert_eq!((spent.status, spent.header("retry-after")), (429, "3600"));
            assert!(spent.text.contains("Too many letters were asked for. Wait 60 minutes"), "{}", spent.text);
            assert!(spent.text.contains("more@new.example"), "what was typed stays: {}", spent.text);
        }
        for number in 0..2 {
            assert_eq!(invite(&alan, &acme, &format!("other{number}@new.example")).await.status, 303);
        }
        assert_eq!(invite(&alan, &acme, "more@new.example").await.status, 429, "the organization's");
        app.wait(3600);
        assert_eq!(invite(&alan, &acme, "more@new.example").await.status, 303);
    }

    async fn the_last_place_for_an_invitation_is_taken_once(engine: testkit::Scratch) {
        let (app, acme) = app(engine, &[]).await;
        let owner = app.user(ADA, &[(&acme, Role::Owner)]).await;
        let ada = app.signed_in(owner).await;
        let (org, by) = (acme.clone(), model::audit::By::operator(&app.clock.moment()));
        app.write(move |conn| {
            for number in 1..directory::invitations::MOST_OPEN {
                let email = format!("u{number}@new.example");
                directory::invitations::invite(conn, &org, (owner, Role::Owner), (&email, Role::Member), &by)?;
            }
            Ok(())
        })
        .await;
        let (one, two, three, four) = tokio::join!(
            invite(&ada, &acme, "a@new.example"),
            invite(&ada, &acme, "b@new.example"),
            invite(&ada, &acme, "c@new.example"),
            invite(&ada, &acme, "d@new.example")
        );
        let mut statuses = [one.status, two.status, three.status, four.status];
        statuses.sort_unstable();
        assert_eq!(statuses, [303, 400, 400, 400]);
        let open = i64::try_from(directory::invitations::MOST_OPEN).unwrap();
        assert_eq!(app.numbers("SELECT count(*) AS value FROM invitations WHERE state = 'open'").await, [open]);
    }

    async fn a_letter_repeats_nothing_that_a_mail_program_makes_a_link_of(engine: testkit::Scratch) {
        let (app, acme) = app(engine, &[]).await;
        let ada = app.user(ADA, &[(&acme, Role::Owner)]).await;
        let browser = app.browser();
        let form = PageForm::to(&browser.get(url::RESET).await, url::RESET).with("email", ADA);
        let request = browser.request(Method::POST, url::RESET).header("sec-fetch-site", "same-origin");
        let request = request.header("user-agent", "evil.example/your-account-is-locked");
        assert_eq!(Answer::of(request.form(&form.fields)).await.status, 303);
        let letter = app.letter_to(ADA).await;
        for part in [&letter.text, &letter.html] {
            assert!(!part.contains("evil") && !part.contains("locked"), "{part}");
        }
        app.sql("UPDATE users SET name = 'https://evil.example/pay'").await;
        app.sql("UPDATE organizations SET name = 'Call evil.example'").await;
        assert_eq!(invite(&app.signed_in(ada).await, &acme, NOBODY).await.status, 303);
        let letter = app.letter_to(NOBODY).await;
        assert!(letter.line("Subject").contains("Call evil. example"), "{}", letter.line("Subject"));
        for part in [&letter.text, &letter.html] {
            assert!(part.contains("evil. example") && !part.contains("evil.example"), "{part}");
        }
    }
}
