//! A right password from a browser that the account does not know: it waits until a letter is answered.

use crate::eml::Eml;
use crate::page_form::PageForm;
use crate::rows::Rows;
use crate::stage::PASSWORD;
use crate::support::{Answer, App, Browser, TestApp, keyring};
use crate::wire::together;
use model::audit::By;
use model::id::{LoginAttemptId, OrgId, UserId};
use model::login_attempt::{self, Capability, NewDevicePolicy};
use model::org::Role;
use model::secret::Secret;
use model::user::UserState;
use reqwest::Method;
use routes::url;

/// Something that is done to an account.
type Change = fn(&mut store::Conn, UserId, &By) -> Result<(), model::fault::Fault>;

const ADA: &str = "ada@acme.example";

/// An account that has signed in once, in a browser that it knows from then on.
struct Scene {
    app: TestApp,
    acme: OrgId,
    cd: App,
    ada: UserId,
}

async fn scene(engine: testkit::Scratch) -> Scene {
    let app = TestApp::new(engine).await;
    let acme = app.org("acme").await;
    let cd = app.device_app(&acme).await;
    let ada = app.user_with_password(ADA, PASSWORD, &[(&acme, Role::Member)]).await;
    let scene = Scene { app, acme, cd, ada };
    assert_eq!(scene.app.browser().sign_in(ADA, PASSWORD).await.location(), url::ORGANIZATIONS, "its very first");
    // The letter that tells of it.
    assert_eq!(scene.letters().await.len(), 1);
    scene
}

impl Scene {
    async fn letters(&self) -> Vec<Eml> {
        self.app.send_letters("test").await;
        self.app.letters()
    }

    /// A browser that waits.
    async fn waiting(&self) -> Browser<'_> {
        self.later();
        let browser = self.app.browser();
        let answer = browser.sign_in(ADA, PASSWORD).await;
        assert_eq!((answer.status, answer.location()), (303, url::NEW_DEVICE));
        assert!(!browser.is_signed_in().await, "nobody is in before the letter is answered");
        browser
    }

    /// Letters are told apart by when they were written.
    fn later(&self) {
        self.app.wait(1);
    }

    /// The paths of both links in the newest letter.
    async fn links(&self) -> (String, String) {
        let letters = self.letters().await;
        let letter = letters.last().unwrap();
        assert_eq!(letter.line("Subject"), "Is this you signing in?");
        let own = |url: &str| url.strip_prefix(self.app.public_url.as_str()).unwrap().to_owned();
        let links: Vec<&str> = letter.text.lines().filter(|line| line.contains("http")).collect();
        let [approve, deny] = links[..] else { panic!("{links:?}") };
        let (approve, deny) =
            (approve.strip_prefix("Approve Login: ").unwrap(), deny.strip_prefix("Deny Login: ").unwrap());
        assert_eq!(letter.html.matches("http").count(), 2);
        assert!(letter.html.contains(approve) && letter.html.contains(deny));
        (own(approve), own(deny))
    }

    async fn state(&self, browser: &Browser<'_>) -> String {
        browser.get(url::NEW_DEVICE_STATE).await.json["state"].as_str().unwrap().to_owned()
    }

    async fn attempts(&self) -> Vec<String> {
        self.app.texts("SELECT state AS value FROM login_attempts ORDER BY id").await
    }
}

/// The number on the page that waits: alone in its only `<output>`.
pub async fn number(browser: &Browser<'_>) -> String {
    let page = browser.get(url::NEW_DEVICE).await;
    assert_eq!(page.status, 200);
    assert!(page.text.contains("<h1>New Device Detected</h1>"), "{}", page.text);
    assert_eq!(page.text.matches("<output").count(), 1);
    let output = page.text.split("<output").nth(1).unwrap().split("</output>").next().unwrap();
    output.split('>').nth(1).unwrap().to_owned()
}

fn another(number: &str) -> String {
    (10 + (number.parse::<u8>().unwrap() + 1) % 80).to_string()
}

async fn proceed(browser: &Browser<'_>) -> Answer {
    let page = browser.get(url::NEW_DEVICE).await;
    browser.submit(&PageForm::to(&page, url::NEW_DEVICE)).await
}

/// Answers the letter whose link this is.
pub async fn answer(reader: &Browser<'_>, link: &str, decision: &str, number: &str) -> Answer {
    let page = reader.get(link).await;
    assert_eq!(page.status, 200, "{}", page.text);
    reader.submit(&PageForm::to(&page, link).with("decision", decision).with("number", number)).await
}

testkit::both_engines! {
    async fn a_recovery_code_stands_for_the_letter_once_and_is_told(engine: testkit::Scratch) {
        let scene = scene(engine).await;
        let browser = scene.waiting().await;
        let code = scene.app.recovery_code(scene.ada).await;
        let form = PageForm::to(&browser.get(url::NEW_DEVICE).await, url::NEW_DEVICE_RECOVERY);
        for wrong in ["", "123456", "AAAAA-AAAAA-AAAAA-AAAAA"] {
            let answer = browser.submit(&form.clone().with("code", wrong)).await;
            assert_eq!(answer.status, 400, "{wrong}");
            assert!(answer.text.contains("not one of your recovery codes"), "{}", answer.text);
        }
        // Somebody else's browser has nothing of it, code or no code.
        let stranger = scene.app.browser();
        stranger.get(url::LOGIN).await;
        let forged = PageForm {
            action: url::NEW_DEVICE_RECOVERY.to_owned(),
            fields: vec![("csrf_token".to_owned(), stranger.token_for(("new-device-recovery", "")))],
        };
        assert_eq!(stranger.submit(&forged.with("code", &code)).await.location(), url::LOGIN);
        let good = form.with("code", &code.to_lowercase());
        let (one, two) = tokio::join!(browser.submit(&good), browser.submit(&good));
        let mut statuses = [one.status, two.status];
        statuses.sort_unstable();
        assert_eq!(statuses[0], 303, "{statuses:?}");
        assert!(statuses[1] != 303, "once: {statuses:?}");
        assert!(browser.is_signed_in().await);
        let subjects: Vec<String> = scene.letters().await.iter().map(|letter| letter.line("Subject").to_owned()).collect();
        for subject in ["A recovery code of your account was used", "New sign-in to your account"] {
            assert!(subjects.iter().any(|told| told == subject), "{subjects:?}");
        }
        let used = "SELECT count(*) AS value FROM audit WHERE action = 'user.recovery_code_used'";
        assert_eq!(scene.app.numbers(used).await, [1]);
        // Known from now on, and the code is gone.
        let again = scene.waiting().await;
        let form = PageForm::to(&again.get(url::NEW_DEVICE).await, url::NEW_DEVICE_RECOVERY);
        assert_eq!(again.submit(&form.with("code", &code)).await.status, 400);
    }

    async fn a_recovered_sign_in_goes_no_further_than_the_one_that_waited(engine: testkit::Scratch) {
        let scene = scene(engine).await;
        let browser = scene.waiting().await;
        let code = scene.app.recovery_code(scene.ada).await;
        // As where the organization's own provider said who it is.
        scene.app.sql("UPDATE login_attempts SET only_org = 'acme', identity_id = user_id").await;
        let form = PageForm::to(&browser.get(url::NEW_DEVICE).await, url::NEW_DEVICE_RECOVERY).with("code", &code);
        assert_eq!(browser.submit(&form).await.status, 303);
        let reach = "SELECT only_org AS value FROM sessions WHERE only_org IS NOT NULL";
        assert_eq!(scene.app.texts(reach).await, ["acme"]);
        assert_ne!(browser.get(url::PROFILE).await.status, 200, "no account page");
    }

    async fn what_was_denied_is_not_recovered(engine: testkit::Scratch) {
        let scene = scene(engine).await;
        let browser = scene.waiting().await;
        let code = scene.app.recovery_code(scene.ada).await;
        let form = PageForm::to(&browser.get(url::NEW_DEVICE).await, url::NEW_DEVICE_RECOVERY).with("code", &code);
        scene.app.sql("UPDATE login_attempts SET state = 'denied', decided_at = created_at WHERE state = 'pending'").await;
        assert_eq!(browser.submit(&form).await.status, 409);
        assert!(!browser.is_signed_in().await);
        let unspent = "SELECT count(*) AS value FROM audit WHERE action = 'user.recovery_code_used'";
        assert_eq!(scene.app.numbers(unspent).await, [0]);
    }

    async fn case_55_a_link_changes_nothing_until_its_button_is_pressed_and_works_once(engine: testkit::Scratch) {
        let scene = scene(engine).await;
        let original = scene.waiting().await;
        let (approve, deny) = scene.links().await;
        let before = Rows::of(&scene.app).await;
        let scanner = scene.app.browser();
        for link in [&approve, &deny] {
            for _ in 0..10 {
                assert_eq!(scanner.get(link).await.status, 200);
                assert_eq!(Answer::of(scanner.request(Method::HEAD, link)).await.status, 200);
            }
        }
        assert_eq!(Rows::of(&scene.app).await, before);
        assert_eq!(scene.state(&original).await, "waiting");
        let early = proceed(&original).await;
        assert_eq!(early.status, 400);
        assert!(early.text.contains("Nobody has approved this sign-in yet."), "{}", early.text);

        let reader = scene.app.browser();
        let page = reader.get(&approve).await;
        for shown in [ADA, "127.0.0.1", "Approve Login", "Deny Login", "name=\"number\""] {
            assert!(page.text.contains(shown), "{shown}: {}", page.text);
        }
        let form = PageForm::to(&page, &approve).with("decision", "approve").with("number", &number(&original).await);
        let approved = reader.submit(&form).await;
        assert_eq!(approved.status, 200);
        assert!(approved.text.contains("The sign-in is approved"), "{}", approved.text);
        for link in [&approve, &deny] {
            assert_eq!(reader.get(link).await.status, 410);
        }
        assert_eq!(reader.submit(&form).await.status, 410, "a second time");
        assert_eq!(scene.app.audited("login.approved").await, 1);

        // Whoever approved is nobody; the browser that waited is in, and known from now on.
        assert!(!reader.is_signed_in().await);
        assert_eq!(scene.state(&reader).await, "over");
        assert_eq!(scene.state(&original).await, "approved");
        let page = original.get(url::NEW_DEVICE).await;
        let form = PageForm::to(&page, url::NEW_DEVICE);
        let (here, attempt) = (original.cookie("doorward_presession").unwrap(), original.cookie("doorward_attempt").unwrap());
        assert_eq!(original.submit(&form).await.location(), url::ORGANIZATIONS);
        assert!(original.is_signed_in().await);
        assert_eq!(original.submit(&form).await.location(), url::HOME, "pressed twice");
        assert_eq!(scene.app.audited("session.started").await, 2);
        // The approval is used up: the cookies that waited are worth nothing elsewhere.
        let copy = scene.app.browser();
        copy.set_cookie("doorward_presession", &here);
        copy.set_cookie("doorward_attempt", &attempt);
        assert_eq!(copy.submit(&form).await.status, 409);
        assert!(!copy.is_signed_in().await);
        let logout = PageForm::to(&original.get(url::ORGANIZATIONS).await, url::LOGOUT);
        assert_eq!(original.submit(&logout).await.status, 303);
        assert_eq!(original.sign_in(ADA, PASSWORD).await.location(), url::ORGANIZATIONS);
        assert_eq!(scene.letters().await.len(), 2, "no letter about a browser that it knows");
    }

    async fn case_56_an_old_link_is_over_and_a_denial_is_final(engine: testkit::Scratch) {
        let scene = scene(engine).await;
        let original = scene.waiting().await;
        let (approve, deny) = scene.links().await;
        let (reader, shown) = (scene.app.browser(), number(&original).await);
        let form = PageForm::to(&reader.get(&approve).await, &approve).with("decision", "approve").with("number", &shown);
        scene.app.wait(15 * 60 + 1);
        for link in [&approve, &deny] {
            assert_eq!(reader.get(link).await.status, 410);
        }
        let late = reader.submit(&form).await;
        assert_eq!(late.status, 410);
        assert!(late.text.contains("its 15 minutes are over"), "{}", late.text);
        assert_eq!(scene.state(&original).await, "over");
        assert_eq!(scene.attempts().await, ["pending"]);

        let original = scene.waiting().await;
        let (approve, deny) = scene.links().await;
        let shown = number(&original).await;
        let page = reader.get(&deny).await;
        assert!(page.text.contains("Deny Login") && !page.text.contains("name=\"number\""), "{}", page.text);
        // The link that denies approves nothing, whatever is sent to it.
        let forced = PageForm::to(&page, &deny).with("decision", "approve").with("number", &shown);
        assert_eq!(reader.submit(&forced).await.status, 410);
        assert_eq!(scene.state(&original).await, "waiting");
        let approving = PageForm::to(&reader.get(&approve).await, &approve).with("decision", "approve").with("number", &shown);
        let denied = reader.submit(&PageForm::to(&page, &deny).with("decision", "deny")).await;
        assert_eq!(denied.status, 200);
        assert!(denied.text.contains("change it now"), "{}", denied.text);
        assert_eq!(reader.submit(&approving).await.status, 410);
        assert_eq!(scene.attempts().await, ["pending", "denied"]);
        assert_eq!(scene.state(&original).await, "over");
        let form = PageForm { action: url::NEW_DEVICE.to_owned(), fields: vec![("csrf_token".to_owned(), original.token_for(("new-device", "")))] };
        let refused = original.submit(&form).await;
        assert_eq!(refused.status, 409);
        assert!(refused.text.contains("This sign-in was denied"), "{}", refused.text);
        assert!(!original.is_signed_in().await);

        // Who has denied may end every session, as long as the letter is new, and nobody else may.
        let known = scene.app.signed_in(scene.ada).await;
        assert!(known.is_signed_in().await);
        let out = PageForm::to(&denied, &deny);
        assert_eq!(out.value("decision"), "sign-out");
        assert_eq!(reader.submit(&out).await.status, 200);
        assert!(!known.is_signed_in().await);
        let known = scene.app.signed_in(scene.ada).await;
        scene.app.wait(15 * 60 + 1);
        assert_eq!(reader.submit(&out).await.status, 410);
        assert!(known.is_signed_in().await);
    }

    async fn three_wrong_numbers_end_it(engine: testkit::Scratch) {
        let scene = scene(engine).await;
        let (original, reader) = (scene.waiting().await, scene.app.browser());
        let (approve, _) = scene.links().await;
        let shown = number(&original).await;
        // A slip of the finger is no guess.
        for slip in ["", "x", "-1", "4 2", "300", "999999999999"] {
            assert_eq!(answer(&reader, &approve, "approve", slip).await.status, 400, "{slip:?}");
        }
        let page = PageForm::to(&reader.get(&approve).await, &approve);
        for _ in 0..2 {
            let refused = answer(&reader, &approve, "approve", &another(&shown)).await;
            assert_eq!(refused.status, 400);
            assert!(refused.text.contains("This is not the number that the browser shows."), "{}", refused.text);
        }
        let ended = answer(&reader, &approve, "approve", &another(&shown)).await;
        assert_eq!(ended.status, 410);
        assert!(ended.text.contains("Three numbers were wrong."), "{}", ended.text);
        let late = page.with("decision", "approve").with("number", &shown);
        assert_eq!(reader.submit(&late).await.status, 410);
        assert_eq!(scene.state(&original).await, "over");
        assert_eq!((scene.attempts().await, scene.app.audited("login.ended").await), (vec!["ended".to_owned()], 1));
    }

    async fn guesses_at_the_number_can_not_outrun_their_bound(engine: testkit::Scratch) {
        let scene = scene(engine).await;
        let (original, reader) = (scene.waiting().await, scene.app.browser());
        let (approve, _) = scene.links().await;
        let shown = number(&original).await;
        let page = PageForm::to(&reader.get(&approve).await, &approve).with("decision", "approve");
        let guesses: Vec<u8> = (10..=99).filter(|guess| guess.to_string() != shown).collect();
        let fields = |guess: &u8| page.clone().with("number", &guess.to_string()).fields;
        let requests = guesses.iter().map(|guess| reader.request(Method::POST, &approve).header("sec-fetch-site", "same-origin").form(&fields(guess)));
        let answers = together(requests.collect()).await;
        let told: Vec<u16> = answers.iter().map(|answer| answer.status).collect();
        assert_eq!(told.iter().filter(|status| **status == 400).count(), 2, "{told:?}");
        assert_eq!(told.iter().filter(|status| **status == 410).count(), guesses.len() - 2, "{told:?}");
        assert_eq!(scene.attempts().await, ["ended"]);
    }

    async fn however_often_somebody_signs_in_there_is_one_attempt_and_one_letter(engine: testkit::Scratch) {
        let scene = scene(engine).await;
        let browser = scene.app.browser();
        let form = browser.sign_in_form(ADA, PASSWORD).await;
        let requests = (0..50).map(|_| browser.request(Method::POST, url::LOGIN).header("sec-fetch-site", "same-origin").form(&form.fields));
        let answers = together(requests.collect()).await;
        let waiting = answers.iter().filter(|answer| answer.status == 303).collect::<Vec<_>>();
        assert!(answers.iter().all(|answer| [303, 429, 503].contains(&answer.status)), "all are charged beforehand, and few are compared at once");
        assert!(!waiting.is_empty() && waiting.iter().all(|answer| answer.location() == url::NEW_DEVICE));
        // As many at once are refused before the first is compared, which is told once.
        let letters = scene.letters().await;
        let (alarms, others): (Vec<&str>, Vec<&str>) =
            letters.iter().map(|letter| letter.line("Subject")).partition(|subject| subject.contains("used up the attempts"));
        assert_eq!((scene.attempts().await.len(), others.len()), (1, 2), "{others:?}");
        assert!(alarms.len() <= 1, "{alarms:?}");
        assert_eq!(scene.app.audited("login.held_back").await, 1);
        // All of them are the same attempt to the browser.
        let cookies: std::collections::BTreeSet<String> = waiting
            .iter()
            .map(|answer| attempt_cookie(answer))
            .collect();
        assert_eq!(cookies.len(), 1);
        browser.sign_in(ADA, PASSWORD).await;
        assert_eq!((scene.attempts().await.len(), scene.letters().await.len()), (1, letters.len()));
    }

    async fn another_letter_takes_a_minute_and_there_are_three(engine: testkit::Scratch) {
        let scene = scene(engine).await;
        let browser = scene.waiting().await;
        let again = async || browser.submit(&PageForm::to(&browser.get(url::NEW_DEVICE).await, url::NEW_DEVICE_LETTER)).await;
        let stale = PageForm::to(&browser.get(url::NEW_DEVICE).await, url::NEW_DEVICE_LETTER);
        assert_eq!(again().await.status, 429);
        assert_eq!(scene.letters().await.len(), 2);
        for letters in [3, 4] {
            scene.app.wait(60);
            let sent = again().await;
            assert_eq!(sent.status, 200);
            assert!(sent.text.contains("We have sent another letter."), "{}", sent.text);
            assert_eq!(scene.letters().await.len(), letters);
        }
        scene.app.wait(60);
        assert!(!browser.get(url::NEW_DEVICE).await.text.contains(url::NEW_DEVICE_LETTER), "there are no more");
        assert_eq!(browser.submit(&stale).await.status, 429);
        // Each of them works.
        let (approve, _) = scene.links().await;
        assert_eq!(answer(&scene.app.browser(), &approve, "approve", &number(&browser).await).await.status, 200);
        assert_eq!(proceed(&browser).await.location(), url::ORGANIZATIONS);
    }

    async fn a_few_browsers_may_wait_and_no_more(engine: testkit::Scratch) {
        let scene = scene(engine).await;
        for _ in 0..login_attempt::MOST_WAITING {
            scene.waiting().await;
        }
        let refused = scene.app.browser().sign_in(ADA, PASSWORD).await;
        assert_eq!(refused.status, 429);
        assert!(refused.text.contains("Deny in your mail those that are not yours"), "{}", refused.text);
        assert_eq!(scene.letters().await.len(), 1 + login_attempt::MOST_WAITING);
        let (_, deny) = scene.links().await;
        assert_eq!(answer(&scene.app.browser(), &deny, "deny", "").await.status, 200);
        scene.waiting().await;
        scene.app.wait(15 * 60);
        scene.waiting().await;
    }

    async fn a_guests_cookie_alone_is_not_the_browser_that_waits(engine: testkit::Scratch) {
        let scene = scene(engine).await;
        // Somebody was at this browser before and knows its pre-session cookie.
        let (victim, thief) = (scene.app.browser(), scene.app.browser());
        thief.get(url::LOGIN).await;
        let planted = thief.cookie("doorward_presession").unwrap();
        victim.set_cookie("doorward_presession", &planted);
        scene.later();
        assert_eq!(victim.sign_in(ADA, PASSWORD).await.location(), url::NEW_DEVICE);
        let (approve, _) = scene.links().await;
        assert_eq!(answer(&scene.app.browser(), &approve, "approve", &number(&victim).await).await.status, 200);
        assert_eq!(thief.get(url::NEW_DEVICE).await.location(), url::LOGIN);
        assert_eq!(scene.state(&thief).await, "over");
        let forged = [("csrf_token", thief.token_for(("new-device", "")))];
        assert_eq!(thief.post(url::NEW_DEVICE, &forged).await.status, 403);
        assert!(!thief.is_signed_in().await);
        assert_eq!(proceed(&victim).await.location(), url::ORGANIZATIONS);
    }

    async fn the_attempts_cookie_alone_is_not_the_browser_that_waits(engine: testkit::Scratch) {
        let scene = scene(engine).await;
        let (victim, thief) = (scene.waiting().await, scene.app.browser());
        thief.get(url::LOGIN).await;
        thief.set_cookie("doorward_attempt", &victim.cookie("doorward_attempt").unwrap());
        let (approve, _) = scene.links().await;
        assert_eq!(thief.get(url::NEW_DEVICE).await.location(), url::LOGIN, "not even the number is shown");
        assert_eq!(answer(&scene.app.browser(), &approve, "approve", &number(&victim).await).await.status, 200);
        assert_eq!(scene.state(&thief).await, "over");
        for (page, action) in [(url::NEW_DEVICE, "new-device"), (url::NEW_DEVICE_RECOVERY, "new-device-recovery")] {
            let form = [("csrf_token", thief.token_for((action, ""))), ("code", "any".to_owned())];
            assert_eq!(thief.post(page, &form).await.status, 409, "{page}");
        }
        let another = thief.post(url::NEW_DEVICE_LETTER, &[("csrf_token", thief.token_for(("new-device-letter", "")))]).await;
        assert_eq!(another.location(), url::LOGIN);
        assert!(!thief.is_signed_in().await);
        assert_eq!(proceed(&victim).await.location(), url::ORGANIZATIONS);
    }

    async fn what_changes_about_the_account_meanwhile_ends_the_waiting(engine: testkit::Scratch) {
        let scene = scene(engine).await;
        let (ada, moment) = (scene.ada, scene.app.clock.moment());
        let changes: [Change; 2] = [
            |conn, ada, by| directory::users::set_password(conn, ada, &Secret::new("$new".to_owned()), directory::access::Keys::All, by),
            |conn, ada, by| directory::users::set_state(conn, ada, UserState::Disabled, by).map(drop),
        ];
        for (at, change) in changes.into_iter().enumerate() {
            let (approved, undecided) = (scene.waiting().await, scene.waiting().await);
            let reader = scene.app.browser();
            let shown = [number(&approved).await, number(&undecided).await];
            let (last, _) = scene.links().await;
            let first = scene.app.letters().iter().rev().nth(1).unwrap().text.lines().find_map(|line| Some(line.strip_prefix("Approve Login: ")?.strip_prefix(scene.app.public_url.as_str())?.to_owned())).unwrap();
            let (first, last) = if is_about(&first, &approved) { (first, last) } else { (last, first) };
            assert_eq!(answer(&reader, &first, "approve", &shown[0]).await.status, 200);
            let late = PageForm::to(&reader.get(&last).await, &last).with("decision", "approve").with("number", &shown[1]);
            let by = By::operator(&moment);
            scene.app.write(move |conn| change(conn, ada, &by)).await;
            assert_eq!(reader.submit(&late).await.status, 410);
            assert_eq!((scene.state(&approved).await, scene.state(&undecided).await), ("over".to_owned(), "over".to_owned()));
            let token = approved.token_for(("new-device", ""));
            assert_eq!(approved.post(url::NEW_DEVICE, &[("csrf_token", token)]).await.status, 409);
            assert!(!approved.is_signed_in().await);
            if at == 0 {
                let hash = login::password::hash_now(PASSWORD).unwrap();
                scene.app.write(move |conn| store::tables::users::set_password(conn, ada, &hash)).await;
            }
        }
    }

    async fn the_strictest_organization_decides(engine: testkit::Scratch) {
        let scene = scene(engine).await;
        let (app, ada) = (&scene.app, scene.ada);
        let lands = async || app.browser().sign_in(ADA, PASSWORD).await.location().to_owned();
        app.set_new_device_policy(NewDevicePolicy::Off).await;
        assert_eq!(lands().await, url::ORGANIZATIONS);
        assert_eq!(scene.letters().await.len(), 2, "that there is a new browser is told all the same");
        let beta = app.org("beta").await;
        let by = By::operator(&app.clock.moment());
        let home = beta.clone();
        app.write(move |conn| directory::members::put(conn, &home, (ada, Role::Member), &by)).await;
        assert_eq!(lands().await, url::NEW_DEVICE, "beta has the usual policy");
        app.sql("UPDATE organizations SET new_device_policy = 'always' WHERE org_id = 'beta'").await;
        // In a browser that the account knows, too, and every time.
        let known = app.browser();
        app.set_new_device_policy(NewDevicePolicy::Off).await;
        assert_eq!(known.sign_in(ADA, PASSWORD).await.location(), url::ORGANIZATIONS);
        app.sql("UPDATE organizations SET new_device_policy = 'always' WHERE org_id = 'beta'").await;
        let devices = "SELECT count(*) AS value FROM known_devices";
        let before = app.number(devices).await;
        for _ in 0..2 {
            let logout = PageForm::to(&known.get(url::ORGANIZATIONS).await, url::LOGOUT);
            known.submit(&logout).await;
            scene.later();
            assert_eq!(known.sign_in(ADA, PASSWORD).await.location(), url::NEW_DEVICE);
            let (approve, _) = scene.links().await;
            assert_eq!(answer(&app.browser(), &approve, "approve", &number(&known).await).await.status, 200);
            assert_eq!(proceed(&known).await.location(), url::ORGANIZATIONS);
        }
        assert_eq!(app.number(devices).await, before, "it is the same browser");
        // Somebody's very first sign-in waits too where that is wanted.
        app.user_with_password("new@acme.example", PASSWORD, &[(&beta, Role::Member)]).await;
        assert_eq!(app.browser().sign_in("new@acme.example", PASSWORD).await.location(), url::NEW_DEVICE);
    }

    async fn an_account_has_one_first_browser_even_after_it_forgot_it(engine: testkit::Scratch) {
        let scene = scene(engine).await;
        scene.app.sql("DELETE FROM known_devices").await;
        scene.waiting().await;
    }

    async fn a_code_that_was_typed_before_survives_the_waiting(engine: testkit::Scratch) {
        let scene = scene(engine).await;
        let (app, acme) = (&scene.app, &scene.acme);
        let codes = scene.cd.begin(app).await;
        scene.later();
        let browser = app.browser();
        let entered = browser.enter(acme, &codes.user_code).await;
        let page = browser.get(entered.location()).await;
        let form = PageForm::to(&page, url::LOGIN).with("email", ADA).with("password", PASSWORD);
        assert_eq!(browser.submit(&form).await.location(), url::NEW_DEVICE);
        assert_eq!(app.numbers("SELECT count(*) AS value FROM grants WHERE claimed_by IS NOT NULL").await, [0]);
        let (approve, _) = scene.links().await;
        answer(&app.browser(), &approve, "approve", &number(&browser).await).await;
        let review = proceed(&browser).await;
        assert!(review.location().contains("/review?grant="), "{}", review.location());
        let review = browser.get(review.location()).await;
        assert_eq!(browser.decide(acme, &review, "approve").await.status, 303);
        assert_eq!(scene.cd.poll(app, &codes.device_code).await.status, 200);
    }

    async fn a_link_of_another_attempt_or_of_nobody_leads_nowhere(engine: testkit::Scratch) {
        let scene = scene(engine).await;
        let original = scene.waiting().await;
        let shown = number(&original).await;
        let (approve, deny) = scene.links().await;
        let reader = scene.app.browser();
        reader.get(url::LOGIN).await;
        let made_up = Capability::Approve.token(&keyring(), LoginAttemptId::draw(&scene.app.clock.moment()));
        assert_eq!(reader.get(&url::login_decision(made_up.expose())).await.status, 410);
        let mut tampered = approve.clone();
        tampered.replace_range(approve.len() - 4.., "AAAA");
        for path in [tampered, url::login_decision("x"), url::login_decision(&"A".repeat(64)), url::login_decision(&"A".repeat(2000))] {
            assert_eq!(reader.get(&path).await.status, 404, "{path}");
            let token = reader.token_for(("login-decision", path.rsplit('/').next().unwrap()));
            let forced = [("csrf_token", token.as_str()), ("decision", "approve"), ("number", &shown)];
            assert_eq!(reader.post(&path, &forced).await.status, 404, "{path}");
        }
        // Neither a form of the other link nor one without a decision does anything.
        let form = PageForm::to(&reader.get(&deny).await, &deny);
        let crossed = PageForm { action: approve.clone(), ..form.clone() }.with("decision", "approve").with("number", &shown);
        assert_eq!(reader.submit(&crossed).await.status, 403);
        assert_eq!(reader.submit(&PageForm::to(&reader.get(&approve).await, &approve).with("number", &shown)).await.status, 400);
        assert_eq!(scene.state(&original).await, "waiting");
    }
}

/// Whether a letter's link is about the sign-in of `browser`.
fn is_about(link: &str, browser: &Browser<'_>) -> bool {
    let (_, id) = Capability::of(&keyring(), link.rsplit('/').next().unwrap()).unwrap();
    browser.cookie("doorward_attempt").as_deref() == Some(login_attempt::cookie(&keyring(), id).expose())
}

/// The cookie that an answer makes an attempt this browser's by.
fn attempt_cookie(answer: &Answer) -> String {
    let cookies = answer.headers.get_all("set-cookie");
    let found = cookies.iter().find_map(|cookie| cookie.to_str().unwrap().strip_prefix("doorward_attempt="));
    found.unwrap().split(';').next().unwrap().to_owned()
}
