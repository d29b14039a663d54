//! Signing in on the way to a client: whom it means, and how the browser gets there afterwards.

use crate::code_flow::{Acme, PROGRAM, SITE, address, answered, by_code, of, request, set_up, with};
use crate::page_form::PageForm;
use crate::stage::PASSWORD;
use crate::support::{Answer, App, Browser};
use crate::wire::part;
use model::application::ClientKind;
use model::login_attempt::NewDevicePolicy;
use model::org::Role;
use routes::url;

/// Signs in at the page that `asked` leads to, and gives what the browser is sent to then.
async fn sign_in(browser: &Browser<'_>, asked: &Answer, email: &str) -> Answer {
    let page = browser.get(asked.location()).await;
    let form = PageForm::to(&page, url::LOGIN).with("email", email).with("password", PASSWORD);
    let signed_in = browser.submit(&form).await;
    assert_eq!(signed_in.status, 303, "{}", signed_in.text);
    browser.get(signed_in.location()).await
}

/// The address that a page leads on to by itself.
fn led_to(page: &Answer) -> String {
    assert_eq!((page.status, page.header("location")), (200, ""), "{}", page.text);
    let link =
        page.text.split("href=\"").find(|rest| rest.starts_with(SITE)).unwrap_or_else(|| panic!("{}", page.text));
    link.split('"').next().unwrap().replace("&amp;", "&")
}

/// The parameters of a request that brings an id_token along.
fn hinted<'a>(client: &'a App, token: &'a str, changes: &[(&'a str, &'a str)]) -> Vec<(&'a str, &'a str)> {
    with(with(request(client, SITE), &[("id_token_hint", token)]), changes)
}

/// What the client is told at its address.
fn error(location: &str) -> String {
    let told = answered(location, SITE);
    assert_eq!((of(&told, "code"), of(&told, "state")), ("", "a state & more"), "{location}");
    of(&told, "error").to_owned()
}

impl Acme {
    /// An id_token about whoever is signed in, who agrees to it.
    async fn id_token(&self, client: &App, browser: &Browser<'_>) -> String {
        let code = self.code(client, browser, &request(client, SITE), SITE).await;
        self.redeem(client, &code, SITE, &[]).await.ok().json["id_token"].as_str().unwrap().to_owned()
    }
}

testkit::both_engines! {
    async fn who_signs_in_after_not_you_is_led_on_by_a_page(engine: testkit::Scratch) {
        let scene = set_up(engine).await;
        let Acme { app, acme, site, ada, .. } = &scene;
        app.set_new_device_policy(NewDevicePolicy::Off).await;
        let grace = app.user_with_password("grace@acme.example", PASSWORD, &[(acme, Role::Member)]).await;
        let good = request(site, SITE);
        // Grace has agreed before, and is asked nothing.
        scene.code(site, &app.signed_in(grace).await, &good, SITE).await;
        let posted = app.form(&site.endpoint("authorize"), &good).await;
        for target in [address(site, &good), posted.location().to_owned()] {
            let browser = app.signed_in(*ada).await;
            let page = browser.get(&target).await;
            let left = browser.submit(&PageForm::to(&page, &url::consent_another(acme))).await;
            let code = led_to(&sign_in(&browser, &left, "grace@acme.example").await);
            let code = of(&answered(&code, SITE), "code").to_owned();
            let tokens = scene.redeem(site, &code, SITE, &[]).await.ok();
            assert_eq!(part(tokens.json["id_token"].as_str().unwrap(), 1)["email"], "grace@acme.example");
        }
    }

    async fn nobody_comes_back_but_whom_the_client_brings_an_id_token_of(engine: testkit::Scratch) {
        let scene = set_up(engine).await;
        let Acme { app, acme, site, ada, .. } = &scene;
        app.set_new_device_policy(NewDevicePolicy::Off).await;
        let grace = app.user_with_password("grace@acme.example", PASSWORD, &[(acme, Role::Member)]).await;
        app.user_with_password("lin@acme.example", PASSWORD, &[(acme, Role::Member)]).await;
        let browser = app.signed_in(*ada).await;
        // Both have agreed: without the hint either would be back with a code at once.
        let of_grace = scene.id_token(site, &app.signed_in(grace).await).await;
        let of_ada = scene.id_token(site, &browser).await;
        app.wait(3 * 60 * 60);
        for changes in [vec![], vec![("prompt", "none")]] {
            let own = browser.get(&address(site, &hinted(site, &of_ada, &changes))).await;
            assert_ne!(of(&answered(own.location(), SITE), "code"), "", "its time is over, and it says who it was");
        }
        let eve = app.user("eve@beta.example", &[]).await;
        let (stranger, guest) = (app.signed_in(eve).await, app.browser());
        for other in [&browser, &stranger, &guest] {
            let silent = other.get(&address(site, &hinted(site, &of_grace, &[("prompt", "none")]))).await;
            assert_eq!(error(silent.location()), "login_required");
        }
        let codes = "SELECT count(*) AS value FROM authorization_codes WHERE redeemed_at IS NULL";
        let before = app.number(codes).await;
        for other in [&browser, &stranger] {
            let asked = other.get(&address(site, &hinted(site, &of_grace, &[]))).await;
            assert!(asked.location().starts_with("/login?another=1&next="), "{} {}", asked.status, asked.location());
            let page = other.get(asked.location()).await;
            assert!(page.text.contains("The app expects another account"), "{}", page.text);
        }
        assert_eq!(browser.get(url::ORGANIZATIONS).await.status, 200, "nobody is signed out by a link");
        // Whoever signs in as yet another is not asked forever, and the client gets nobody's code.
        let asked = browser.get(&address(site, &hinted(site, &of_grace, &[]))).await;
        assert_eq!(error(&led_to(&sign_in(&browser, &asked, "lin@acme.example").await)), "login_required");
        let asked = guest.get(&address(site, &hinted(site, &of_grace, &[]))).await;
        assert!(asked.location().starts_with("/login?next="), "{}", asked.location());
        assert_eq!(error(&led_to(&sign_in(&guest, &asked, "lin@acme.example").await)), "login_required");
        assert_eq!(app.number(codes).await, before);
        let asked = browser.get(&address(site, &hinted(site, &of_grace, &[]))).await;
        let back = led_to(&sign_in(&browser, &asked, "grace@acme.example").await);
        let tokens = scene.redeem(site, of(&answered(&back, SITE), "code"), SITE, &[]).await.ok();
        assert_eq!(part(tokens.json["id_token"].as_str().unwrap(), 1)["sub"], grace.to_string());
    }

    async fn a_decision_is_taken_of_whom_the_client_means_alone(engine: testkit::Scratch) {
        let scene = set_up(engine).await;
        let Acme { app, acme, site, ada, .. } = &scene;
        let grace = app.user("grace@acme.example", &[(acme, Role::Member)]).await;
        let of_grace = scene.id_token(site, &app.signed_in(grace).await).await;
        let browser = app.signed_in(*ada).await;
        let text = address(site, &hinted(site, &of_grace, &[])).split_once('?').unwrap().1.to_owned();
        let shown = app.clock.now().millis().to_string();
        let token = browser.token_for(("consent", &format!("{acme} {shown} {text}")));
        let fields =
            [("csrf_token", token.as_str()), ("request", text.as_str()), ("shown", shown.as_str()), ("decision", "approve")];
        let decided = browser.post(&url::consent(acme), &fields).await;
        assert_eq!(error(decided.location()), "login_required");
    }

    async fn what_is_no_id_token_of_this_client_means_nobody(engine: testkit::Scratch) {
        let scene = set_up(engine).await;
        let Acme { app, acme, site, program, ada, .. } = &scene;
        let browser = app.signed_in(*ada).await;
        let own = scene.id_token(site, &browser).await;
        let other = app.app(acme, ClientKind::Confidential, by_code(SITE)).await;
        let of_other = scene.id_token(&other, &browser).await;
        let code = scene.code(program, &browser, &request(program, PROGRAM), PROGRAM).await;
        let access = scene.redeem(program, &code, PROGRAM, &[]).await.ok().json["access_token"].as_str().unwrap().to_owned();
        let (signed, _) = own.rsplit_once('.').unwrap();
        let forged = format!("{signed}.{}", of_other.rsplit_once('.').unwrap().1);
        let unsigned = format!("{signed}.");
        for token in [of_other.as_str(), &forged, &unsigned, &access, "x", "a.b.c"] {
            for changes in [vec![], vec![("prompt", "none")]] {
                let told = browser.get(&address(site, &hinted(site, token, &changes))).await;
                assert_eq!(error(told.location()), "invalid_request", "{token}");
            }
        }
        // At another organization, which has an application of the same address, it is no token at all.
        let beta = app.org("beta").await;
        let of_beta = app.app(&beta, ClientKind::Confidential, by_code(SITE)).await;
        let told = browser.get(&address(&of_beta, &hinted(&of_beta, &own, &[("prompt", "none")]))).await;
        assert_eq!(error(told.location()), "invalid_request");
    }

    async fn a_posted_id_token_stands_in_no_address(engine: testkit::Scratch) {
        let scene = set_up(engine).await;
        let Acme { app, acme, site, ada, .. } = &scene;
        app.set_new_device_policy(NewDevicePolicy::Off).await;
        let grace = app.user_with_password("grace@acme.example", PASSWORD, &[(acme, Role::Member)]).await;
        app.user_with_password("lin@acme.example", PASSWORD, &[(acme, Role::Member)]).await;
        let of_grace = scene.id_token(site, &app.signed_in(grace).await).await;
        let hidden = |answer: &Answer| {
            let location = answer.location();
            assert!(!location.contains("hint") && !location.contains(&of_grace[..20]), "{location}");
        };
        let asked = hinted(site, &of_grace, &[("prompt", "consent")]);
        let posted = app.form(&site.endpoint("authorize"), &asked).await;
        hidden(&posted);
        let browser = app.signed_in(*ada).await;
        let login = browser.get(posted.location()).await;
        assert!(login.location().starts_with("/login?another=1"), "{}", login.location());
        hidden(&login);
        let consent = sign_in(&browser, &login, "grace@acme.example").await;
        assert_eq!(consent.status, 200);
        let left = browser.submit(&PageForm::to(&consent, &url::consent_another(acme))).await;
        assert!(left.location().starts_with("/login?next="), "{}", left.location());
        hidden(&left);
        // It is the same request still.
        assert_eq!(error(&led_to(&sign_in(&browser, &left, "lin@acme.example").await)), "login_required");
    }
}
