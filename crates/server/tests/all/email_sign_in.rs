//! Signing in by a letter, and the page on which letters are read by who tries Doorward out.

use crate::page_form::PageForm;
use crate::rows::Rows;
use crate::stage::PASSWORD;
use crate::support::{Answer, Browser, TestApp};
use model::id::OrgId;
use model::org::Role;
use reqwest::Method;
use routes::url;
use testkit::Scratch;

const ADA: &str = "ada@acme.example";

async fn scene(engine: Scratch, settings: &[(&str, &str)]) -> (TestApp, OrgId) {
    let app = TestApp::with(engine, settings).await;
    let acme = app.org("acme").await;
    app.user_with_password(ADA, PASSWORD, &[(&acme, Role::Member)]).await;
    (app, acme)
}

const NO_LIMITS: &[(&str, &str)] = &[("DOORWARD_LIMITS", "off")];

/// Asks for a letter in this browser; gives its code and its link.
async fn asked(app: &TestApp, browser: &Browser<'_>, next: &str) -> (String, String) {
    app.wait(1);
    let answer = browser.ask(&url::login_by_email(next), url::LOGIN_BY_EMAIL, ADA).await;
    assert_eq!(answer.location(), url::EMAIL_CODE);
    let letter = app.letter_to(ADA).await;
    let code = letter.text.lines().find_map(|line| line.strip_prefix("Code: ")).unwrap().to_owned();
    assert!(letter.html.contains(&code) && code.len() == 9, "{code}");
    (code, letter.link(app, "Sign in"))
}

async fn typed(browser: &Browser<'_>, code: &str) -> Answer {
    browser.submit(&PageForm::to(&browser.get(url::EMAIL_CODE).await, url::EMAIL_CODE).with("code", code)).await
}

testkit::both_engines! {
    async fn a_code_signs_in_the_browser_that_asked_for_it_and_no_other(engine: Scratch) {
        let (app, acme) = scene(engine, NO_LIMITS).await;
        let (browser, other) = (app.browser(), app.browser());
        let (code, link) = asked(&app, &browser, &url::device(&acme)).await;
        assert_eq!(typed(&other, &code).await.status, 400, "read out to somebody elsewhere, it is worth nothing");
        // Nor is the link, which programs open that look through mail.
        let rows = Rows::of(&app).await;
        for _ in 0..10 {
            let page = other.follow(&link).await;
            assert!(page.text.contains("works only in the browser that asked for it") && PageForm::all(&page.text).is_empty(), "{}", page.text);
        }
        rows.assert_unchanged(&app, "looking at a link").await;
        let target = link.strip_suffix("?from=letter").unwrap();
        let token = target.rsplit('/').next().unwrap();
        let forged = PageForm { action: target.to_owned(), fields: vec![("csrf_token".to_owned(), other.token_for(("email-confirm", token)))] };
        assert_eq!(other.submit(&forged).await.status, 410);
        assert_eq!(typed(&browser, &code).await.location(), url::device(&acme));
        assert!(browser.is_signed_in().await && !other.is_signed_in().await);
        assert_eq!(app.numbers("SELECT count(*) AS value FROM known_devices").await, [1]);
        assert_eq!(app.spent("passwords_by_address").await, 0, "the right code costs nothing");
        // Once, whichever of the two is used.
        let form = PageForm::to(&other.get(url::EMAIL_CODE).await, url::EMAIL_CODE).with("code", &code);
        assert_eq!(other.submit(&form).await.status, 400);
        assert_eq!(app.browser().get(target).await.status, 410);
    }

    async fn a_link_signs_in_where_it_was_asked_for_by_a_button(engine: Scratch) {
        let (app, acme) = scene(engine, NO_LIMITS).await;
        let browser = app.browser();
        let (_, link) = asked(&app, &browser, &url::device(&acme)).await;
        let target = link.strip_suffix("?from=letter").unwrap();
        let page = browser.follow(&link).await;
        assert!(!browser.is_signed_in().await, "by the button alone");
        let form = PageForm::to(&page, target);
        let (one, two) = tokio::join!(browser.submit(&form), browser.submit(&form));
        let mut statuses = [one.status, two.status];
        statuses.sort_unstable();
        assert_eq!(statuses, [303, 410]);
        assert!(browser.is_signed_in().await);
    }

    async fn a_sign_in_by_letter_lasts_as_long_as_was_asked(engine: Scratch) {
        let (app, _) = scene(engine, NO_LIMITS).await;
        let session = |answer: &Answer| {
            let all = answer.headers.get_all("set-cookie").iter().map(|value| value.to_str().unwrap().to_owned());
            all.into_iter().find(|value| value.starts_with("doorward_session=")).unwrap()
        };
        let (plain, by_code, by_link) = (app.browser(), app.browser(), app.browser());
        let (code, _) = asked(&app, &plain, "/orgs").await;
        assert!(!session(&typed(&plain, &code).await).contains("Max-Age"), "ends with the browser");
        for (browser, codes) in [(&by_code, true), (&by_link, false)] {
            let page = browser.get(url::LOGIN_BY_EMAIL).await;
            let form = PageForm::to(&page, url::LOGIN_BY_EMAIL).with("remember", "yes");
            let wrong = browser.submit(&form.clone().with("email", "ada")).await;
            assert!(wrong.status == 400 && wrong.text.contains("value=\"yes\" checked"), "{}", wrong.text);
            app.wait(1);
            assert_eq!(browser.submit(&form.with("email", ADA)).await.location(), url::EMAIL_CODE);
            let letter = app.letter_to(ADA).await;
            let answer = if codes {
                typed(browser, letter.text.lines().find_map(|line| line.strip_prefix("Code: ")).unwrap()).await
            } else {
                let link = letter.link(&app, "Sign in");
                browser.submit(&PageForm::to(&browser.follow(&link).await, link.strip_suffix("?from=letter").unwrap())).await
            };
            assert!(session(&answer).contains("Max-Age=2592000"), "{}", session(&answer));
        }
        app.wait(24 * 60 * 60 + 60);
        assert!(!plain.is_signed_in().await && by_code.is_signed_in().await && by_link.is_signed_in().await);
    }

    async fn a_letter_stands_for_the_password_alone(engine: Scratch) {
        let (app, _) = scene(engine, NO_LIMITS).await;
        let known = app.browser();
        assert_eq!(known.sign_in(ADA, PASSWORD).await.status, 303);
        known.set_up_totp().await;
        let sessions = app.number("SELECT count(*) AS value FROM sessions").await;
        let (by_code, by_link) = (app.browser(), app.browser());
        let (code, _) = asked(&app, &by_code, "/orgs").await;
        assert_eq!(typed(&by_code, &code).await.location(), url::LOGIN_FACTOR);
        let (_, link) = asked(&app, &by_link, "/orgs").await;
        let form = PageForm::to(&by_link.follow(&link).await, link.strip_suffix("?from=letter").unwrap());
        assert_eq!(by_link.submit(&form).await.location(), url::LOGIN_FACTOR);
        for browser in [&by_code, &by_link] {
            assert_eq!(browser.get(url::LOGIN_FACTOR).await.status, 200, "the code of the app is to come");
            assert!(!browser.is_signed_in().await);
        }
        assert_eq!(app.number("SELECT count(*) AS value FROM sessions").await, sessions);
    }

    async fn a_letter_that_is_guessed_at_or_old_signs_nobody_in(engine: Scratch) {
        let (app, _) = scene(engine, NO_LIMITS).await;
        let browser = app.browser();
        let (code, _) = asked(&app, &browser, "/orgs").await;
        let wrong = |at: usize| format!("{:08}", (code.replace(' ', "").parse::<usize>().unwrap() + at) % 100_000_000);
        for at in 1..=5 {
            assert_eq!(typed(&browser, &wrong(at)).await.status, 400);
        }
        assert_eq!(typed(&browser, &code).await.status, 400, "after five wrong ones the right one is worth nothing");
        assert_eq!(app.spent("passwords_by_address").await, 6);
        // Another letter, and the address's budget: ten for passwords and codes together.
        let (code, _) = asked(&app, &browser, "/orgs").await;
        for at in 0..4 {
            assert_eq!(typed(&browser, &wrong(at + 7)).await.status, 400);
        }
        let spent = typed(&browser, &code).await;
        assert_eq!(spent.status, 429, "{}", spent.text);
        assert!(!spent.header("retry-after").is_empty());
        app.wait(601);
        let (code, link) = asked(&app, &browser, "/orgs").await;
        app.wait(15 * 60);
        assert_eq!(typed(&browser, &code).await.status, 400);
        assert_eq!(browser.get(link.strip_suffix("?from=letter").unwrap()).await.status, 410);
        assert!(!browser.is_signed_in().await);
    }

    async fn letters_are_read_on_this_machine_by_its_own_name_alone(engine: Scratch) {
        let (app, _) = scene(engine, NO_LIMITS).await;
        assert!(app.get(url::LETTERS).await.text.contains("No letter yet"));
        app.browser().ask(url::RESET, url::RESET, ADA).await;
        app.wait(1);
        app.browser().ask(url::RESET, url::RESET, "nobody@acme.example").await;
        let list = app.get(url::LETTERS).await;
        assert_eq!(list.status, 200);
        let (first, second) = (list.text.find("You have no account").unwrap(), list.text.find("Choose a new password").unwrap());
        assert!(first < second, "the newest first: {}", list.text);
        let below = list.text[second - 200..second].rfind("/letters/").map(|at| &list.text[second - 200 + at..]).unwrap();
        let path = below.split('"').next().unwrap().to_owned();
        let page = app.get(&path).await;
        let link = app.letter_to(ADA).await.link(&app, "New password");
        assert!(page.text.contains(&format!("{}{link}", app.public_url)) && page.text.contains("&lt;!doctype html&gt;"), "{}", page.text);
        assert!(!page.text.contains("<script>"), "{}", page.text);
        // A page elsewhere leads a browser here under a name of its own; a proxy brings somebody else.
        for (name, value) in [("host", "evil.example"), ("host", "localhost:1"), ("host", "127.0.0.1")] {
            for path in [url::LETTERS, &path] {
                let answer = Answer::of(app.request(Method::GET, path).header(name, value)).await;
                assert_eq!(answer.status, 404, "{name}: {value}");
                assert!(!answer.text.contains(ADA), "{}", answer.text);
            }
        }
        assert_eq!(app.get("/letters/019a0000-0000-7000-8000-000000000000").await.status, 404);
    }

    async fn where_others_are_served_too_no_letter_is_shown(engine: Scratch) {
        let kind = engine.kind();
        for settings in [
            &[("DOORWARD_PUBLIC_URL", "https://auth.acme.example")][..],
            &[("DOORWARD_MAIL_URL", "smtp://127.0.0.1:9")],
            &[("DOORWARD_TRUSTED_PROXIES", "127.0.0.1")],
        ] {
            let (app, _) = scene(Scratch::new(kind), settings).await;
            for host in [app.public_url.split("//").nth(1).unwrap(), app.url.split("//").nth(1).unwrap()] {
                let answer = Answer::of(app.request(Method::GET, url::LETTERS).header("host", host)).await;
                assert_eq!(answer.status, 404, "{settings:?} as {host}");
            }
        }
    }
}
