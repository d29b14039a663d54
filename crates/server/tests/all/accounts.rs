//! Accounts that begin and are recovered by letters.

use crate::eml::Eml;
use crate::page_form::PageForm;
use crate::rows::Rows;
use crate::stage::PASSWORD;
use crate::support::{Answer, Browser, TestApp};
use model::audit::By;
use model::id::{OrgId, UserId};
use model::org::{OrgChanges, Registration, Role};
use model::user::UserState;
use routes::url;
use std::collections::BTreeMap;
use testkit::Scratch;

const ADA: &str = "ada@acme.example";
const NEW: &str = "grace@acme.example";
const OTHER_PASSWORD: &str = "seven unrelated purple umbrellas";

impl TestApp {
    /// Sends what is due, and gives the newest letter to this address.
    pub async fn letter_to(&self, address: &str) -> Eml {
        self.send_letters("test").await;
        let letters = self.letters();
        let theirs = letters.into_iter().rfind(|letter| letter.line("To") == address);
        theirs.unwrap_or_else(|| panic!("no letter to {address}"))
    }

    /// Sets who becomes a member by themselves.
    pub async fn let_in(&self, org: &OrgId, policy: &str) {
        let (org, by) = (org.clone(), By::operator(&self.clock.moment()));
        let changes = OrgChanges { registration: Registration::parse(policy), ..OrgChanges::default() };
        assert!(changes.registration.is_some(), "{policy}");
        self.write(move |conn| directory::organizations::change(conn, &org, &changes, &by)).await;
    }
}

impl Eml {
    /// The path of the link on the line that begins with `words`.
    pub fn link(&self, app: &TestApp, words: &str) -> String {
        let line = self.text.lines().find_map(|line| line.strip_prefix(words)?.strip_prefix(": "));
        let url = line.unwrap_or_else(|| panic!("no {words} in {}", self.text));
        assert!(self.html.contains(url), "{url} in {}", self.html);
        url.strip_prefix(&app.public_url).unwrap_or_else(|| panic!("{url}")).to_owned()
    }
}

impl Browser<'_> {
    /// Asks for a letter by the form of a page.
    pub async fn ask(&self, page: &str, action: &str, email: &str) -> Answer {
        self.submit(&PageForm::to(&self.get(page).await, action).with("email", email)).await
    }

    /// Follows a letter's link to its page.
    pub async fn follow(&self, link: &str) -> Answer {
        let onward = self.get(link).await;
        assert_eq!(onward.header("referrer-policy"), "no-referrer");
        let target = onward.location().to_owned();
        assert_eq!(target, link.strip_suffix("?from=letter").unwrap());
        let page = self.get(&target).await;
        assert_eq!(page.header("referrer-policy"), "same-origin");
        page
    }
}

struct Scene {
    app: TestApp,
    acme: OrgId,
    ada: UserId,
}

async fn scene(engine: Scratch) -> Scene {
    let app = TestApp::new(engine).await;
    let acme = app.org("acme").await;
    let ada = app.user_with_password(ADA, PASSWORD, &[(&acme, Role::Owner)]).await;
    Scene { app, acme, ada }
}

/// A link for a new password, as the letter has it.
async fn reset_link(app: &TestApp, browser: &Browser<'_>) -> String {
    assert_eq!(browser.ask(url::RESET, url::RESET, ADA).await.location(), url::RESET_SENT);
    app.letter_to(ADA).await.link(app, "New password")
}

fn page_of(link: &str) -> &str {
    link.strip_suffix("?from=letter").unwrap()
}

/// An answer without what differs from request to request.
fn told(answer: &Answer) -> (u16, BTreeMap<String, String>, String) {
    let differs = ["x-request-id", "date"];
    let headers = answer.headers.iter().filter(|(name, _)| !differs.contains(&name.as_str()));
    let headers = headers.map(|(name, value)| (name.to_string(), value.to_str().unwrap().to_owned())).collect();
    (answer.status, headers, answer.text.replace(answer.header("x-request-id"), "ID"))
}

const COUNTS: &str = "SELECT (SELECT count(*) FROM outbox) * 1000 + (SELECT count(*) FROM mail_links) AS value";

testkit::both_engines! {
    async fn a_forgotten_password_is_chosen_anew_and_ends_what_the_old_one_let_in(engine: Scratch) {
        let Scene { app, acme, ada } = scene(engine).await;
        let (before, browser) = (app.signed_in(ada).await, app.browser());
        let cd = app.device_app(&acme).await;
        let tokens = cd.log_in(&app, &before).await;
        let link = reset_link(&app, &browser).await;
        // Programs that look through mail open every link, again and again, and know no cookie.
        let rows = Rows::of(&app).await;
        for _ in 0..10 {
            assert_eq!(app.browser().follow(&link).await.status, 200);
            assert_eq!(Answer::of(app.request(reqwest::Method::HEAD, page_of(&link))).await.status, 200);
        }
        rows.assert_unchanged(&app, "looking at a reset link").await;
        let page = browser.follow(&link).await;
        assert!(page.text.contains(ADA) && !page.text.contains("http://127"), "{}", page.text);
        let form = PageForm::to(&page, page_of(&link));
        // A weak password uses nothing up, nor does the one that somebody else may know.
        for weak in ["short", "password1", ADA, "", PASSWORD] {
            let answer = browser.submit(&form.clone().with("password", weak)).await;
            assert_eq!(answer.status, 400, "{weak}");
            assert!(answer.text.contains("id=\"password-error\"") && !answer.text.contains(&format!("value=\"{weak}x")), "{}", answer.text);
        }
        assert!(before.is_signed_in().await);
        app.wait(1);
        let done = browser.submit(&form.clone().with("password", OTHER_PASSWORD)).await;
        assert_eq!(done.location(), "/login?reset=1");
        assert!(browser.get(done.location()).await.text.contains("Your password is changed."));
        assert!(!before.is_signed_in().await && !browser.is_signed_in().await);
        cd.refresh(&app, tokens["refresh_token"].as_str().unwrap()).await.assert_error("invalid_grant");
        // The browser is known, and no other is.
        assert_eq!(app.numbers("SELECT count(*) AS value FROM known_devices").await, [1]);
        assert!(done.header("set-cookie").contains("doorward_"), "{:?}", done.headers);
        assert_eq!(app.browser().sign_in(ADA, PASSWORD).await.status, 400);
        // Once.
        assert_eq!(browser.submit(&form.with("password", PASSWORD)).await.status, 410);
        assert_eq!(browser.get(page_of(&link)).await.status, 410);
        assert_eq!(browser.sign_in(ADA, OTHER_PASSWORD).await.status, 303);
        let letter = app.letter_to(ADA).await;
        assert!(letter.line("Subject").contains("was changed"), "{}", letter.header);
    }

    async fn a_reset_link_ends_with_its_time_and_with_what_it_is_for(engine: Scratch) {
        let Scene { app, ada, .. } = scene(engine).await;
        let browser = app.browser();
        let link = reset_link(&app, &browser).await;
        let form = PageForm::to(&browser.follow(&link).await, page_of(&link)).with("password", OTHER_PASSWORD);
        app.wait(30 * 60 - 1);
        assert_eq!(browser.get(page_of(&link)).await.status, 200);
        app.wait(1);
        let rows = Rows::of(&app).await;
        assert_eq!(browser.get(page_of(&link)).await.status, 410);
        assert_eq!(browser.submit(&form).await.status, 410);
        rows.assert_unchanged(&app, "a link whose time is over").await;
        // Another password, by whatever way, ends the links that were under way; so does a disabled account.
        app.wait(3600);
        let link = reset_link(&app, &browser).await;
        let by = By::operator(&app.clock.moment());
        let hash = login::password::hash_now(PASSWORD).unwrap();
        app.write(move |conn| directory::users::set_password(conn, ada, &hash, directory::access::Keys::All, &by)).await;
        assert_eq!(browser.get(page_of(&link)).await.status, 410);
        let link = reset_link(&app, &browser).await;
        app.set_user_state(ada, UserState::Disabled).await;
        assert_eq!(browser.get(page_of(&link)).await.status, 410);
        // A capability that was tampered with, or is for something else.
        app.set_user_state(ada, UserState::Active).await;
        let link = reset_link(&app, &browser).await;
        let token = page_of(&link).strip_prefix("/reset/").unwrap();
        for wrong in [format!("/reset/{}A", &token[..63]), "/reset/x".to_owned(), url::register_link(token), url::invitation(token), url::invitation(&format!("acme.{token}"))] {
            assert_eq!(browser.get(&wrong).await.status, 410, "{wrong}");
        }
    }

    async fn of_many_who_use_a_link_at_once_one_does(engine: Scratch) {
        let Scene { app, .. } = scene(engine).await;
        let browser = app.browser();
        let link = reset_link(&app, &browser).await;
        let form = PageForm::to(&browser.follow(&link).await, page_of(&link)).with("password", OTHER_PASSWORD);
        let (a, b, c) = tokio::join!(browser.submit(&form), browser.submit(&form), browser.submit(&form));
        let mut statuses = [a.status, b.status, c.status];
        statuses.sort_unstable();
        assert_eq!(statuses, [303, 410, 410]);
        let set = "SELECT count(*) AS value FROM audit WHERE action = 'user.password_set'";
        assert_eq!(app.numbers(set).await, [1]);
    }

    async fn case_60_asking_for_a_letter_tells_nobody_who_has_an_account(engine: Scratch) {
        let Scene { app, acme, ada } = scene(engine).await;
        app.let_in(&acme, "open").await;
        for (page, action) in [(url::RESET.to_owned(), url::RESET), (url::register_at(&acme), url::REGISTER)] {
            app.wait(1);
            let known = app.browser();
            let counted = app.number(COUNTS).await;
            let seen = told(&known.ask(&page, action, ADA).await);
            let by_known = app.number(COUNTS).await - counted;
            let unknown = app.browser();
            let same = told(&unknown.ask(&page, action, "nobody@acme.example").await);
            assert_eq!(seen, same, "{page}");
            assert_eq!((by_known, app.number(COUNTS).await - counted), (1001, 2002), "a letter and a link each");
            assert_eq!(known.get(&seen.1["location"]).await.text.replace("A", ""), unknown.get(&seen.1["location"]).await.text.replace("A", ""));
        }
        let letter = app.letter_to("nobody@acme.example").await;
        assert!(letter.line("Subject").contains("Create your account"), "{}", letter.header);
        assert!(app.letter_to(ADA).await.line("Subject").contains("already"));
        // To an address without account a letter that leads nowhere, to a disabled one too.
        app.wait(3600);
        app.set_user_state(ada, UserState::Disabled).await;
        for address in ["nobody@acme.example", ADA] {
            app.browser().ask(url::RESET, url::RESET, address).await;
            let letter = app.letter_to(address).await;
            assert!(letter.line("Subject").contains("no account") && !letter.text.contains("http"), "{}", letter.text);
        }
    }

    async fn a_letter_goes_to_the_address_as_the_account_has_it(engine: Scratch) {
        let Scene { app, .. } = scene(engine).await;
        app.browser().ask(url::RESET, url::RESET, " ADA@Acme.Example").await;
        assert!(app.letter_to(ADA).await.text.contains("New password: "));
        assert_eq!(app.letters().len(), 1);
        for wrong in ["", "ada", "ada@acme.example, eve@evil.example", "ada@acme.example\r\nBcc: eve@evil.example", "\u{212a}ate@acme.example"] {
            let answer = app.browser().ask(url::RESET, url::RESET, wrong).await;
            assert_eq!(answer.status, 400, "{wrong:?}: {}", answer.text);
        }
        app.send_letters("test").await;
        assert_eq!(app.letters().len(), 1);
    }

    async fn strangers_fill_no_mailbox(engine: Scratch) {
        let Scene { app, acme, .. } = scene(engine).await;
        app.let_in(&acme, "open").await;
        let browser = app.browser();
        for address in [ADA, "nobody@acme.example"] {
            for _ in 0..5 {
                assert_eq!(browser.ask(url::RESET, url::RESET, address).await.status, 303);
            }
            let answer = browser.ask(&url::register_at(&acme), url::REGISTER, address).await;
            assert_eq!(answer.status, 429, "of whatever kind: {}", answer.text);
            assert!(answer.text.contains("Wait 60 minutes") && answer.header("retry-after") == "3600", "{}", answer.text);
        }
        let app = app.restart();
        let browser = app.browser();
        assert_eq!(browser.ask(url::RESET, url::RESET, ADA).await.status, 429, "a restart forgets nothing");
        // Of one network, whomever they write to.
        for at in 0..10 {
            assert_eq!(browser.ask(url::RESET, url::RESET, &format!("u{at}@acme.example")).await.status, 303);
        }
        let rows = Rows::of(&app).await;
        assert_eq!(browser.ask(url::RESET, url::RESET, "another@acme.example").await.status, 429);
        rows.assert_unchanged(&app, "a letter that is refused").await;
        app.wait(3600);
        assert_eq!(browser.ask(url::RESET, url::RESET, ADA).await.status, 303);
    }

    async fn an_account_begins_when_its_address_is_proven(engine: Scratch) {
        let Scene { app, acme, .. } = scene(engine).await;
        let browser = app.browser();
        assert_eq!(browser.get(&url::register_at(&acme)).await.status, 403, "by invitation, unless it is set otherwise");
        assert_eq!(browser.get("/register?org=nowhere").await.status, 404);
        app.let_in(&acme, "open").await;
        assert!(browser.get(&url::login_to(&url::device(&acme))).await.text.contains("/register?org=acme"));
        // Whoever types an address first may type more: none of it is kept.
        let eve = app.browser();
        let form = PageForm::to(&eve.get(&url::register_at(&acme)).await, url::REGISTER);
        let sent = eve.submit(&form.with("email", NEW).with("name", "Eve").with("password", "chosen by eve herself")).await;
        assert_eq!(sent.location(), url::register_sent(&acme));
        assert!(eve.get(sent.location()).await.text.contains("Look at your mailbox"));
        assert_eq!(app.numbers("SELECT count(*) AS value FROM users").await, [1]);
        let link = app.letter_to(NEW).await.link(&app, "Create account");
        let rows = Rows::of(&app).await;
        for _ in 0..10 {
            assert_eq!(app.browser().follow(&link).await.status, 200);
        }
        rows.assert_unchanged(&app, "looking at a registration link").await;
        let page = browser.follow(&link).await;
        let form = PageForm::to(&page, page_of(&link));
        assert!(page.text.contains(NEW) && !page.text.contains("Eve"), "{}", page.text);
        let wrong = browser.submit(&form.clone().with("name", " ").with("password", "grace@acme.example")).await;
        assert!(wrong.status == 400 && wrong.text.contains("name-error") && wrong.text.contains("password-error"), "{}", wrong.text);
        let made = browser.submit(&form.clone().with("name", "Grace").with("password", OTHER_PASSWORD)).await;
        assert_eq!(made.location(), url::device_joined(&acme));
        let welcome = browser.get(made.location()).await;
        assert!(welcome.status == 200 && welcome.text.contains("You belong to"), "a member, signed in: {}", welcome.text);
        assert!(!app.browser().get(made.location()).await.text.contains("You belong to"), "nobody else is told");
        let user = "SELECT u.email || ' ' || u.name || ' ' || m.role || ' ' || CASE WHEN u.email_verified_at IS NULL THEN 'no' ELSE 'yes' END || ' ' || u.language AS value FROM users u JOIN memberships m ON m.user_id = u.id WHERE u.name = 'Grace'";
        assert_eq!(app.texts(user).await, ["grace@acme.example Grace member yes en"], "the language of the page is theirs");
        assert_eq!(app.browser().sign_in(NEW, "chosen by eve herself").await.status, 400);
        let guest = app.browser();
        assert_eq!(guest.get(page_of(&link)).await.status, 410, "once");
        assert_eq!(browser.submit(&form.with("name", "Grace").with("password", PASSWORD)).await.status, 403);
        assert_eq!(app.browser().sign_in(NEW, OTHER_PASSWORD).await.status, 303);
    }

    async fn two_who_register_one_address_make_one_account(engine: Scratch) {
        let Scene { app, acme, .. } = scene(engine).await;
        app.let_in(&acme, "open").await;
        let (one, two) = (app.browser(), app.browser());
        let mut links = Vec::new();
        for browser in [&one, &two] {
            browser.ask(&url::register_at(&acme), url::REGISTER, NEW).await;
            links.push(app.letter_to(NEW).await.link(&app, "Create account"));
            app.wait(1);
        }
        assert_ne!(links[0], links[1]);
        let mut forms = Vec::new();
        for (browser, link) in [&one, &two].into_iter().zip(&links) {
            forms.push(PageForm::to(&browser.follow(link).await, page_of(link)).with("name", "Grace").with("password", OTHER_PASSWORD));
        }
        let (a, b) = tokio::join!(one.submit(&forms[0]), two.submit(&forms[1]));
        let mut statuses = [a.status, b.status];
        statuses.sort_unstable();
        assert_eq!(statuses, [303, 409]);
        assert_eq!(app.numbers("SELECT count(*) AS value FROM users").await, [2]);
    }

    async fn an_organization_lets_in_whom_it_names(engine: Scratch) {
        let Scene { app, acme, .. } = scene(engine).await;
        app.let_in(&acme, "domain:acme.example").await;
        let browser = app.browser();
        for stranger in ["eve@evil.example", "eve@sub.acme.example", "eve@evil-acme.example"] {
            let answer = browser.ask(&url::register_at(&acme), url::REGISTER, stranger).await;
            assert!(answer.status == 400 && answer.text.contains("other addresses"), "{stranger}: {}", answer.text);
        }
        browser.ask(&url::register_at(&acme), url::REGISTER, NEW).await;
        let link = app.letter_to(NEW).await.link(&app, "Create account");
        let form = PageForm::to(&browser.follow(&link).await, page_of(&link)).with("name", "Grace").with("password", OTHER_PASSWORD);
        // The door closes while the letter lies there.
        app.let_in(&acme, "invitation").await;
        let accounts = "SELECT count(*) AS value FROM users";
        assert_eq!(browser.submit(&form).await.status, 410);
        assert_eq!(app.numbers(accounts).await, [1], "no account that belongs nowhere");
    }

    async fn who_has_an_account_joins_by_a_button(engine: Scratch) {
        let Scene { app, acme, .. } = scene(engine).await;
        let insider = app.user(NEW, &[]).await;
        let outsider = app.user("eve@evil.example", &[]).await;
        let (grace, eve) = (app.signed_in(insider).await, app.signed_in(outsider).await);
        assert!(!grace.get(&url::device(&acme)).await.text.contains("/register?org=acme"));
        app.let_in(&acme, "domain:acme.example").await;
        let stranger = grace.get(&url::device(&acme)).await;
        assert!(stranger.status == 403 && stranger.text.contains("/register?org=acme"), "{}", stranger.text);
        crate::stage::invited(&app, &acme, NEW).await;
        let form = PageForm::to(&eve.get(&url::register_at(&acme)).await, &url::join(&acme));
        let rows = Rows::of(&app).await;
        assert_eq!(eve.submit(&form).await.status, 403);
        rows.assert_unchanged(&app, "who is not let in").await;
        // An address that nobody has proven is nobody's.
        app.write(move |conn| conn.changed_by_sql("UPDATE users SET email_verified_at = NULL WHERE email LIKE 'grace%'")).await;
        // The code that she came with is there still once she belongs.
        let came = grace.get(&url::device_with_code(&acme, "WDJB-MJHT")).await;
        let join = url::register_with_code(&acme, "WDJB-MJHT");
        assert!(came.text.contains(&join.replace('&', "&amp;")) && came.text.contains("Join it, or sign in"), "{}", came.text);
        let with_code = PageForm::to(&grace.get(&join).await, &url::join(&acme));
        let form = PageForm::to(&grace.get(&url::register_at(&acme)).await, &url::join(&acme));
        assert_eq!(grace.submit(&form).await.status, 403);
        app.write(move |conn| conn.changed_by_sql("UPDATE users SET email_verified_at = 1 WHERE email LIKE 'grace%'")).await;
        assert_eq!(grace.submit(&form).await.location(), url::device_joined(&acme));
        assert_eq!(grace.submit(&form).await.location(), url::device(&acme), "again, which changes nothing more");
        assert_eq!(grace.submit(&with_code).await.location(), url::device_with_code(&acme, "WDJB-MJHT"));
        assert_eq!(grace.get(&join).await.location(), url::device_with_code(&acme, "WDJB-MJHT"));
        assert_eq!(grace.get(&url::device(&acme)).await.status, 200);
        let joined = "SELECT count(*) AS value FROM audit WHERE action = 'member.added' AND org_id = 'acme'";
        assert_eq!(app.numbers(joined).await, [2], "the owner's and hers");
        assert_eq!(app.texts("SELECT state AS value FROM invitations").await, ["accepted"], "by it she is what she was invited as");
        assert_eq!(grace.get(&url::portal_members(&acme)).await.status, 403, "no portal for a member");
    }

    async fn a_stolen_password_can_not_be_chosen(engine: Scratch) {
        let list = tempfile::NamedTempFile::new().unwrap();
        // SHA-1 of OTHER_PASSWORD, between two others.
        let lines = ["0".repeat(40), "9B1E51EFE04260D0BD48FC0F6E1064846E58CB2C".to_owned(), "F".repeat(40)].join(":3\n");
        std::fs::write(list.path(), lines).unwrap();
        let file = list.path().display().to_string();
        let app = TestApp::with(engine, &[("DOORWARD_LIMITS", "off"), ("DOORWARD_BREACHED_PASSWORDS_FILE", &file)]).await;
        let acme = app.org("acme").await;
        app.user_with_password(ADA, PASSWORD, &[(&acme, Role::Owner)]).await;
        let browser = app.browser();
        let link = reset_link(&app, &browser).await;
        let form = PageForm::to(&browser.follow(&link).await, page_of(&link));
        let stolen = browser.submit(&form.clone().with("password", OTHER_PASSWORD)).await;
        assert_eq!(stolen.status, 400);
        assert!(stolen.text.contains("was stolen somewhere before"), "{}", stolen.text);
        let taken = browser.submit(&form.with("password", "eight unrelated green umbrellas")).await;
        assert_eq!(taken.status, 303, "{}", taken.text);
        app.wait(1);
        assert_eq!(browser.sign_in(ADA, "eight unrelated green umbrellas").await.status, 303);
        let page = browser.get(url::SECURITY).await;
        let change = PageForm::to(&page, url::SECURITY_PASSWORD).with("current", "eight unrelated green umbrellas");
        let same = browser.submit(&change.clone().with("password", "eight unrelated green umbrellas")).await;
        assert!(same.status == 400 && same.text.contains("has already"), "{}", same.text);
        let stolen = browser.submit(&change.with("password", OTHER_PASSWORD)).await;
        assert_eq!(stolen.status, 400);
        assert!(stolen.text.contains("was stolen somewhere before"), "{}", stolen.text);
    }
}
