//! Registering inside an app's web view, and the step that the app has for whoever did.

use crate::embedded::{Acme, STEP, answered, decide, of, set_up, start};
use crate::page_form::PageForm;
use crate::stage::PASSWORD;
use crate::support::{Answer, Browser};
use model::application::ApplicationSettings;
use model::org::Role;
use model::redirect_uri::RedirectUri;
use routes::url;

const GRACE: &str = "grace@acme.example";

const HINTS: [(&str, &str); 3] = [("login_hint", GRACE), ("first_name", "Grace"), ("last_name", "Brewster <b>Hopper")];

fn with_step(settings: &mut ApplicationSettings) {
    settings.embedded.post_registration_url = RedirectUri::parse(STEP).ok();
}

/// The path of the first link on a page that begins so.
fn link(page: &Answer, beginning: &str) -> String {
    let found = page.text.split("href=\"").find(|rest| rest.starts_with(beginning));
    let found = found.unwrap_or_else(|| panic!("no link to {beginning} on {}", page.text));
    found.split('"').next().unwrap().replace("&amp;", "&")
}

/// The way back that somebody takes along to the app's step.
fn way_back(scene: &Acme, there: &str) -> String {
    let there = reqwest::Url::parse(there).unwrap();
    let back = there.query_pairs().find(|(name, _)| name == "return_to").unwrap().1.into_owned();
    back.strip_prefix(&scene.app.public_url).unwrap().to_owned()
}

impl Acme {
    /// Registers in `browser` on the way to a request, and gives the page that one goes on to.
    async fn register(&self, browser: &Browser<'_>, request: &str) -> Answer {
        let login = browser.get(browser.get(request).await.location()).await;
        let ask = browser.get(&link(&login, "/register?")).await;
        let asked = browser.submit(&PageForm::to(&ask, url::REGISTER)).await;
        assert!(asked.location().contains("sent=1"), "{}", asked.text);
        let letter = self.app.letter_to(GRACE).await;
        let page = browser.follow(&letter.link(&self.app, "Create account")).await;
        let form = PageForm::all(&page.text).into_iter().find(|form| form.action.starts_with("/register/")).unwrap();
        let made = browser.submit(&form.with("password", PASSWORD)).await;
        assert_eq!(made.status, 303, "{}", made.text);
        browser.get(made.location()).await
    }

    /// A browser in which somebody has just registered, and the address of the step that they are to take.
    async fn registered(&self) -> (Browser<'_>, String) {
        self.app.let_in(&self.acme, "open").await;
        self.app.edit_app(&self.inside, with_step).await;
        let browser = self.app.browser();
        let page = self.register(&browser, &start(&self.inside, &HINTS)).await;
        assert_eq!(page.status, 200, "from a form of ours a page goes on: {}", page.text);
        let there = link(&page, "https://app.example/");
        (browser, there)
    }
}

testkit::both_engines! {
    async fn whoever_is_new_registers_on_the_way_and_is_asked_then(engine: testkit::Scratch) {
        let scene = set_up(engine).await;
        let Acme { app, acme, inside, .. } = &scene;
        app.let_in(acme, "open").await;
        let request = start(inside, &HINTS);
        let browser = app.browser();
        let to_login = browser.get(&request).await;
        let login = browser.get(to_login.location()).await;
        assert!(login.text.contains(&format!("value=\"{GRACE}\"")), "{}", login.text);
        let ask = browser.get(&link(&login, "/register?")).await;
        let form = PageForm::to(&ask, url::REGISTER);
        assert_eq!(form.value("email"), GRACE, "filled in, to be changed");
        let sent = browser.submit(&form).await;
        let sent = browser.get(sent.location()).await;
        assert!(link(&sent, "/login?next=").contains("embedded"), "for who follows the letter elsewhere");
        let letter = app.letter_to(GRACE).await;
        let page = browser.follow(&letter.link(app, "Create account")).await;
        let form = PageForm::all(&page.text).into_iter().find(|form| form.action.starts_with("/register/")).unwrap();
        assert_eq!(form.value("name"), "Grace Brewster <b>Hopper");
        assert!(!page.text.contains("<b>Hopper"));
        let made = browser.submit(&form.with("password", PASSWORD)).await;
        assert!(made.location().starts_with("/orgs/acme/embedded?"), "{}", made.location());
        let asked = browser.get(made.location()).await;
        assert!(asked.text.contains(GRACE), "{}", asked.text);
        let answer = answered(app, &decide(&browser, &asked, acme, "approve").await);
        let me = app.get_with_token(&url::me(acme), of(&answer, "access_token")).await;
        assert_eq!(me.json["email"], GRACE);
    }

    async fn an_address_that_has_an_account_is_not_told(engine: testkit::Scratch) {
        let scene = set_up(engine).await;
        let Acme { app, acme, inside, .. } = &scene;
        app.let_in(acme, "open").await;
        let mut seen = Vec::new();
        for email in ["ada@acme.example", "new@acme.example"] {
            let browser = app.browser();
            let login = browser.get(browser.get(&start(inside, &[("login_hint", email)])).await.location()).await;
            let ask = browser.get(&link(&login, "/register?")).await;
            let sent = browser.submit(&PageForm::to(&ask, url::REGISTER)).await;
            let shown = browser.get(sent.location()).await;
            let same = |text: &str| {
                let text = text.replace(&url::percent_encoded(&url::percent_encoded(email)), "EMAIL");
                text.replace(&url::percent_encoded(email), "EMAIL").replace(shown.header("x-request-id"), "ID")
            };
            seen.push((sent.status, same(sent.location()), shown.status, same(&shown.text)));
        }
        assert_eq!(seen[0], seen[1]);
        assert!(app.letter_to("ada@acme.example").await.text.contains("already"));
    }

    async fn hints_fill_in_and_decide_nothing(engine: testkit::Scratch) {
        let scene = set_up(engine).await;
        let Acme { app, acme, inside, .. } = &scene;
        app.let_in(acme, "domain:acme.example").await;
        for hint in ["\"><script>alert(1)</script>@acme.example", "not an address", "a@b\u{202e}.example"] {
            let browser = app.browser();
            let login = browser.get(browser.get(&start(inside, &[("login_hint", hint)])).await.location()).await;
            let ask = browser.get(&link(&login, "/register?")).await;
            for page in [&login, &ask] {
                assert_eq!(page.status, 200);
                assert!(!page.text.contains("<script>alert"), "{}", page.text);
            }
        }
        // Who is let in is the organization's to say, whatever an app says.
        let browser = app.browser();
        let login = browser.get(browser.get(&start(inside, &[("login_hint", "eve@evil.example")])).await.location()).await;
        let ask = browser.get(&link(&login, "/register?")).await;
        assert_eq!(browser.submit(&PageForm::to(&ask, url::REGISTER)).await.status, 400);
        app.let_in(acme, "invitation").await;
        let closed = app.browser();
        let login = closed.get(closed.get(&start(inside, &[])).await.location()).await;
        assert!(!login.text.contains("/register?"), "{}", login.text);
    }

    async fn a_step_is_taken_once_and_then_the_question_is_asked(engine: testkit::Scratch) {
        let scene = set_up(engine).await;
        let Acme { app, acme, inside, .. } = &scene;
        let (browser, there) = scene.registered().await;
        assert!(there.starts_with(&format!("{STEP}&return_to=")), "{there}");
        let back = way_back(&scene, &there);
        assert!(back.starts_with("/orgs/acme/embedded/return?"), "{back}");
        // Until then nobody is asked, whichever way they come; from no form of ours the browser is led there at once.
        let led = browser.get(&start(inside, &HINTS)).await;
        assert_eq!(led.status, 302);
        assert!(led.header("location").starts_with(STEP), "{}", led.header("location"));
        // Who looks is not back.
        assert_eq!(Answer::of(browser.request(reqwest::Method::HEAD, &back)).await.status, 303);
        assert_eq!(browser.get(&start(inside, &HINTS)).await.status, 302);
        let returned = browser.get(&back).await;
        let asked = browser.get(returned.location()).await;
        assert!(asked.text.contains("value=\"approve\""), "{}", asked.text);
        // Once, and so has every other way back to the same step been used.
        for used in [&back, &way_back(&scene, led.header("location"))] {
            let again = browser.get(used).await;
            assert_eq!((again.status, again.header("location")), (410, ""), "{}", again.text);
            assert!(again.text.contains("/orgs/acme/embedded?"), "there is a way on: {}", again.text);
        }
        let answer = answered(app, &decide(&browser, &asked, acme, "approve").await);
        assert_eq!(of(&answer, "state"), "a state & more#");
        app.wait(1);
        assert_eq!(browser.get(&start(inside, &HINTS)).await.status, 200, "nor is it due again");
    }

    async fn a_way_back_is_good_for_half_an_hour_and_for_whom_it_was_made(engine: testkit::Scratch) {
        let scene = set_up(engine).await;
        let Acme { app, inside, ada, .. } = &scene;
        let (browser, there) = scene.registered().await;
        let back = way_back(&scene, &there);
        let grace = app.write(|conn| store::tables::users::by_email(conn, GRACE)).await.unwrap().0.id;
        let other_session = app.signed_in(grace).await;
        let due = "SELECT count(*) AS value FROM completion_steps WHERE done_at IS NULL";
        for (who, stranger) in [("nobody", app.browser()), ("another", app.signed_in(*ada).await), ("another session", other_session)] {
            let refused = stranger.get(&back).await;
            assert_eq!((refused.status, refused.header("location")), (400, ""), "{who}");
            assert!(!refused.text.contains("value=\"approve\""), "{who}");
        }
        for wrong in [
            back.replace("scope=openid", "scope=profile"),
            back.replace(&inside.client_id, "nobody"),
            format!("{back}A"),
            back.split("&way_back=").next().unwrap().to_owned(),
        ] {
            let refused = browser.get(&wrong).await;
            assert_eq!((refused.status, refused.header("location")), (400, ""), "{wrong}");
        }
        assert_eq!(app.get(&back.replace("/acme/", "/nowhere/")).await.status, 404);
        assert_eq!(app.number(due).await, 1);
        app.wait(30 * 60);
        let over = browser.get(&back).await;
        assert_eq!((over.status, over.header("location")), (410, ""), "{}", over.text);
        assert_eq!(app.number(due).await, 1);
        // The request leads there anew.
        let led = browser.get(&start(inside, &HINTS)).await;
        assert_eq!(browser.get(&way_back(&scene, led.header("location"))).await.status, 303);
        assert_eq!(app.number(due).await, 0);
    }

    async fn a_consent_page_is_no_way_around_the_step(engine: testkit::Scratch) {
        let scene = set_up(engine).await;
        let Acme { app, acme, inside, .. } = &scene;
        let (browser, _) = scene.registered().await;
        let text = start(inside, &[]).split_once('?').unwrap().1.to_owned();
        let shown = app.clock.now().millis().to_string();
        let object = format!("{acme} {shown} {text}");
        let forged = [
            ("csrf_token", browser.token_for(("embedded-consent", &object))),
            ("request", text), ("shown", shown), ("decision", "approve".to_owned()),
        ];
        let sent = browser.post(&url::embedded_decision(acme), &forged).await;
        assert!(sent.location().starts_with("/orgs/acme/embedded?"), "{}", sent.location());
        assert_eq!(app.number("SELECT count(*) AS value FROM opaque_tokens").await, 0);
        // An app without a page for it has no step.
        app.edit_app(inside, |settings| settings.embedded.post_registration_url = None).await;
        assert!(browser.get(&start(inside, &[])).await.text.contains("value=\"approve\""));
    }

    async fn who_has_an_account_joins_on_the_way_and_takes_the_step(engine: testkit::Scratch) {
        let scene = set_up(engine).await;
        let Acme { app, acme, inside, .. } = &scene;
        app.edit_app(inside, with_step).await;
        let beta = app.org("beta").await;
        let ben = app.user("ben@beta.example", &[(&beta, Role::Member)]).await;
        let browser = app.signed_in(ben).await;
        let page = browser.get(&start(inside, &[])).await;
        assert!(page.status == 403 && !page.text.contains("/register?"), "by invitation only: {}", page.text);
        app.let_in(acme, "open").await;
        let page = browser.get(&start(inside, &[])).await;
        let join = browser.get(&link(&page, "/register?")).await;
        let joined = browser.submit(&PageForm::to(&join, &url::join(acme))).await;
        assert!(joined.location().starts_with("/orgs/acme/embedded?"), "{}", joined.location());
        let step = browser.get(joined.location()).await;
        let back = way_back(&scene, &link(&step, "https://app.example/"));
        let asked = browser.get(browser.get(&back).await.location()).await;
        answered(app, &decide(&browser, &asked, acme, "approve").await);
        // Who leaves and comes again takes it again; an old way back is none.
        app.end_membership(acme, ben).await;
        assert_eq!(app.number("SELECT count(*) AS value FROM completion_steps").await, 0);
    }

    async fn only_an_apps_request_is_gone_on_to(engine: testkit::Scratch) {
        let scene = set_up(engine).await;
        let Acme { app, acme, .. } = &scene;
        app.let_in(acme, "open").await;
        for next in ["https://evil.example/", "//evil.example", "/orgs/beta/embedded?client_id=x", "/orgs/acme/portal", "/account/profile"] {
            let browser = app.browser();
            let ask = browser.get(&url::register_on_the_way(acme, next)).await;
            assert!(!ask.text.contains("name=\"next\""), "{next}: {}", ask.text);
            let sent = browser.submit(&PageForm::to(&ask, url::REGISTER).with("email", "x@acme.example").with("next", next)).await;
            assert_eq!(sent.location(), url::register_sent(acme), "{next}");
            app.wait(700);
        }
    }
}
