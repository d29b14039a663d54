//! The letter that says that strangers have used up the attempts at an account's password.

use crate::rows::Rows;
use crate::second_factors::told as letters_of_ada;
use crate::sign_in::{acme, sign_out, told};
use crate::stage::PASSWORD;
use crate::support::{Answer, TestApp};
use model::org::Role;
use model::user::UserState;
use reqwest::Method;
use routes::url;

const ADA: &str = "ada@acme.example";
const ALARM: &str = "\"attempts_spent\"";
const WRONG: &str = "wrong horse";

/// Uses up the attempts at an address, and gives the refusal.
async fn used_up(app: &TestApp, email: &str) -> Answer {
    for attempt in 0..10 {
        assert_eq!(app.browser().sign_in(email, WRONG).await.status, 400, "{attempt}");
    }
    let refused = app.browser().sign_in(email, WRONG).await;
    assert_eq!(refused.status, 429);
    refused
}

testkit::both_engines! {
    async fn guesses_at_once_post_one_letter_a_day(engine: testkit::Scratch) {
        let (app, ..) = acme(engine).await;
        let browser = app.browser();
        let form = browser.sign_in_form(ADA, WRONG).await;
        let mut guesses = tokio::task::JoinSet::new();
        for _ in 0..40 {
            let request = browser.request(Method::POST, &form.action).header("sec-fetch-site", "same-origin");
            guesses.spawn(Answer::of(request.form(&form.fields)));
        }
        let refused = guesses.join_all().await.iter().filter(|answer| answer.status == 429).count();
        assert!(refused > 1, "{refused}");
        assert_eq!(letters_of_ada(&app).await, [ALARM]);
        assert_eq!((app.spent("alarms_by_address").await, app.spent("letters_by_address").await), (1, 1));
        assert_eq!(app.texts("SELECT actor AS value FROM audit WHERE action = 'user.passwords_spent'").await, ["stranger"]);
        // The next hours bring no other one, although what is over is swept out.
        for _ in 0..2 {
            app.wait(3 * 60 * 60);
            app.sweep().await;
            used_up(&app, ADA).await;
        }
        assert_eq!(letters_of_ada(&app).await, [ALARM]);
        app.wait(18 * 60 * 60);
        app.sweep().await;
        assert_eq!(app.spent("alarms_by_address").await, 0, "swept once its day is over");
        used_up(&app, ADA).await;
        assert_eq!(letters_of_ada(&app).await, [ALARM, ALARM]);
        assert_eq!(app.audited("user.passwords_spent").await, 2);
    }

    async fn nobody_is_told_where_there_is_nobody_and_it_looks_alike(engine: testkit::Scratch) {
        let (app, acme, _) = acme(engine).await;
        let off = app.user_with_password("off@acme.example", PASSWORD, &[(&acme, Role::Member)]).await;
        app.set_user_state(off, UserState::Disabled).await;
        let mut answers = Vec::new();
        let browser = app.browser();
        browser.get(url::LOGIN).await;
        for (number, address) in (1..).zip([ADA, "eve@acme.example", "off@acme.example"]) {
            for attempt in 0..10 {
                assert_eq!(browser.sign_in(address, WRONG).await.status, 400, "{attempt}");
            }
            let before = Rows::of(&app).await;
            answers.push(told(&browser.sign_in(address, WRONG).await, address));
            let changed: &[&str] = if address == ADA { &["audit", "budgets", "outbox"] } else { &["budgets"] };
            assert_eq!(before.changed(&Rows::of(&app).await), changed, "{address}");
            assert_eq!(app.spent("alarms_by_address").await, number, "each of them is charged");
        }
        assert_eq!(answers[0].0, 429);
        assert!(answers.iter().all(|answer| *answer == answers[0]), "{answers:?}");
        assert_eq!(letters_of_ada(&app).await, [ALARM]);
    }

    async fn a_known_browser_and_a_spent_network_alarm_nobody(engine: testkit::Scratch) {
        let (app, ..) = acme(engine).await;
        let laptop = app.browser();
        assert_eq!(laptop.sign_in(ADA, PASSWORD).await.status, 303);
        sign_out(&laptop).await;
        for _ in 0..10 {
            assert_eq!(laptop.sign_in(ADA, WRONG).await.status, 400);
        }
        assert_eq!(laptop.sign_in(ADA, WRONG).await.status, 429, "its own budget");
        for attempt in 0..40 {
            assert_eq!(app.browser().sign_in(&format!("user{attempt}@acme.example"), WRONG).await.status, 400);
        }
        assert_eq!(app.browser().sign_in(ADA, WRONG).await.status, 429, "the network's");
        assert!(letters_of_ada(&app).await.is_empty());
        assert_eq!(app.spent("alarms_by_address").await, 0);
    }

    async fn a_full_mailbox_is_told_once_there_is_room(engine: testkit::Scratch) {
        let app = TestApp::with(engine, &[("DOORWARD_LETTERS_PER_ADDRESS", "5")]).await;
        let acme = app.org("acme").await;
        app.user_with_password(ADA, PASSWORD, &[(&acme, Role::Member)]).await;
        for _ in 0..5 {
            app.browser().ask(url::RESET, url::RESET, ADA).await;
        }
        used_up(&app, ADA).await;
        assert!(letters_of_ada(&app).await.is_empty(), "as many letters as an address gets in an hour");
        app.wait(60 * 60);
        used_up(&app, ADA).await;
        assert_eq!(letters_of_ada(&app).await, [ALARM]);
    }

    async fn the_letter_says_what_still_works_and_what_to_do(engine: testkit::Scratch) {
        let (app, ..) = acme(engine).await;
        used_up(&app, ADA).await;
        app.send_letters("one").await;
        let letters = app.letters();
        let letter = &letters[0];
        assert_eq!((letters.len(), letter.line("Subject")), (1, "Somebody has used up the attempts at your password"));
        let security = app.state.config.public_url.join(url::SECURITY_FROM_LETTER);
        for part in [&letter.text, &letter.html] {
            for said in ["Browsers that your account knows, passkeys", "127.0.0.1", "once a day at most", &security] {
                assert!(part.contains(said), "{said}: {part}");
            }
            assert_eq!(part.matches("http").count(), 1, "one link: {part}");
        }
    }
}
