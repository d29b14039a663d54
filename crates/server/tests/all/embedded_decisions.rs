//! Sign-ins in a web view of an app's own: who decides, on which page, and how often.

use crate::embedded::{Acme, answered, decide, of, set_up, start};
use crate::page_form::PageForm;
use crate::rows::Rows;
use crate::support::Answer;
use model::application::ApplicationState;
use model::org::Role;
use protocol::token::GrantType;
use routes::url;

testkit::both_engines! {
    async fn who_says_no_is_obeyed_and_nothing_counts_twice(engine: testkit::Scratch) {
        let scene = set_up(engine).await;
        let Acme { app, acme, inside, .. } = &scene;
        let (browser, page) = scene.asked(&[]).await;
        let told = answered(app, &decide(&browser, &page, acme, "deny").await);
        assert_eq!((of(&told, "error"), of(&told, "state")), ("access_denied", "a state & more#"));
        // The same page again, be it another answer, by a second tap, by the way back or in another tab.
        app.wait(1);
        let other_tab = browser.get(&start(inside, &[])).await;
        app.wait(1);
        for decision in ["approve", "deny", "approve"] {
            assert_eq!(decide(&browser, &page, acme, decision).await.status, 409, "{decision}");
        }
        assert_eq!(scene.tokens().await, 0);
        let fresh = browser.get(&start(inside, &[])).await;
        answered(app, &decide(&browser, &fresh, acme, "approve").await);
        for stale in [&fresh, &other_tab] {
            assert_eq!(decide(&browser, stale, acme, "approve").await.status, 409);
        }
        assert_eq!(scene.tokens().await, 1);
        // Nothing that was shown too long ago.
        app.wait(1);
        let late = browser.get(&start(inside, &[("state", "late")])).await;
        app.wait(30 * 60);
        let refused = decide(&browser, &late, acme, "approve").await;
        assert_eq!((refused.status, refused.header("location")), (409, ""));
        assert_eq!(scene.tokens().await, 1);
    }

    async fn of_many_taps_at_once_one_counts(engine: testkit::Scratch) {
        let scene = set_up(engine).await;
        let (browser, page) = scene.asked(&[]).await;
        let form = PageForm::to(&page, &url::embedded_decision(&scene.acme)).with("decision", "approve");
        let fields: Vec<(&str, &str)> =
            ["request", "shown", "csrf_token", "decision"].map(|name| (name, form.value(name))).into();
        let mut all = tokio::task::JoinSet::new();
        for _ in 0..20 {
            let request = browser.request(reqwest::Method::POST, &form.action);
            all.spawn(Answer::of(request.header("sec-fetch-site", "same-origin").form(&fields)));
        }
        let statuses: Vec<u16> = all.join_all().await.into_iter().map(|answer| answer.status).collect();
        assert_eq!(statuses.iter().filter(|status| **status == 302).count(), 1, "{statuses:?}");
        assert!(statuses.iter().all(|status| [302, 409].contains(status)), "{statuses:?}");
        assert_eq!(scene.tokens().await, 1);
    }

    async fn nothing_is_given_without_the_form_that_was_shown(engine: testkit::Scratch) {
        let scene = set_up(engine).await;
        let Acme { app, acme, inside, ada } = &scene;
        let (browser, page) = scene.asked(&[]).await;
        let of_sign_in = ["sessions", "known_devices", "audit"];
        let before = Rows::of(app).await.without(&of_sign_in);
        // Whatever only looks changes nothing: a scanner of mail, a preview, a stranger's link.
        for _ in 0..3 {
            browser.get(&start(inside, &[])).await;
            Answer::of(browser.request(reqwest::Method::HEAD, &start(inside, &[]))).await;
        }
        let form = PageForm::to(&page, &url::embedded_decision(acme)).with("decision", "approve");
        let more = form.value("request").replace("email", "profile");
        assert_ne!(more, form.value("request"));
        let later = (form.value("shown").parse::<i64>().unwrap() + 1).to_string();
        for forged in [
            form.clone().with("request", &more),
            form.clone().with("shown", &later),
            form.clone().with("csrf_token", "x"),
            form.clone().without("csrf_token"),
        ] {
            assert_eq!(browser.submit(&forged).await.status, 403);
        }
        assert_eq!(app.signed_in(*ada).await.submit(&form).await.status, 403, "another session");
        assert_eq!(browser.submit(&form.clone().without("decision")).await.status, 400);
        assert_eq!(before.changed(&Rows::of(app).await.without(&of_sign_in)), [""; 0]);
        // What changed since the page was made counts.
        app.edit_app(inside, |settings| {
            settings.embedded.enabled = false;
            settings.grants = [GrantType::DeviceCode].into();
        }).await;
        let told = answered(app, &browser.submit(&form).await);
        assert_eq!(of(&told, "error"), "unsupported_response_type");
        app.set_app_state(inside, ApplicationState::Disabled).await;
        let nobody = browser.submit(&form).await;
        assert_eq!((nobody.status, nobody.header("location")), (400, ""));
        assert_eq!(scene.tokens().await, 0);
    }

    async fn somebody_else_than_whom_the_app_means_chooses(engine: testkit::Scratch) {
        let scene = set_up(engine).await;
        let Acme { app, acme, inside, ada } = &scene;
        let own_id = ada.to_string();
        for own in ["ada@acme.example", "ADA@acme.example", &own_id] {
            let (_, page) = scene.asked(&[("login_hint", own)]).await;
            assert!(page.text.contains("value=\"approve\""), "{own}: {}", page.text);
        }
        let other = [("login_hint", "grace@acme.example")];
        let (browser, page) = scene.asked(&other).await;
        assert_eq!(page.status, 200);
        assert!(!page.text.contains("value=\"approve\"") && page.text.contains("ada@acme.example"), "{}", page.text);
        assert!(!page.text.contains("grace@acme.example"), "what an app says about others is not told");
        // A consent page's form without the choice is no way around it.
        let elsewhere = browser.get(&start(inside, &[])).await;
        let form = PageForm::to(&elsewhere, &url::embedded_decision(acme)).with("decision", "approve");
        let text = start(inside, &other).split_once('?').unwrap().1.to_owned();
        let object = format!("{acme} {} {text}", form.value("shown"));
        let forged = form.with("request", &text).with("csrf_token", &browser.token_for(("embedded-consent", &object)));
        let sent_back = browser.submit(&forged).await;
        assert!(sent_back.location().starts_with("/orgs/acme/embedded?"), "{}", sent_back.location());
        assert_eq!(scene.tokens().await, 0);
        // A stranger's link that has chosen for another.
        let grace = app.user("grace@acme.example", &[(acme, Role::Member)]).await;
        let chosen_for = format!("{}&chosen={grace}", start(inside, &[("login_hint", "x@acme.example")]));
        let chosen_for = chosen_for.replace(url::EMBEDDED_START, "/orgs/acme/embedded");
        assert!(!browser.get(&chosen_for).await.text.contains("value=\"approve\""));
        let at_start = format!("{}&chosen={ada}", start(inside, &other));
        assert!(!browser.get(&at_start).await.text.contains("value=\"approve\""), "an app can't choose");
        // On with the same account.
        let on = page.text.split("href=\"").find(|rest| rest.starts_with("/orgs/acme/embedded?")).unwrap();
        let on = on.split('"').next().unwrap().replace("&amp;", "&");
        let asked = browser.get(&on).await;
        let answer = answered(app, &decide(&browser, &asked, acme, "approve").await);
        assert_eq!(of(&answer, "state"), "a state & more#");
        // Or with another.
        let (browser, page) = scene.asked(&other).await;
        let out = browser.submit(&PageForm::to(&page, url::LOGOUT)).await;
        assert!(out.location().starts_with("/login?next=%2Forgs%2Facme%2Fembedded%3F"), "{}", out.location());
        let login = browser.get(out.location()).await;
        assert!(login.text.contains("value=\"grace@acme.example\""), "{}", login.text);
    }

    async fn a_member_of_another_organization_gets_no_token(engine: testkit::Scratch) {
        let scene = set_up(engine).await;
        let Acme { app, acme, inside, .. } = &scene;
        let beta = app.org("beta").await;
        let ben = app.user("ben@beta.example", &[(&beta, Role::Owner)]).await;
        let browser = app.signed_in(ben).await;
        let page = browser.get(&start(inside, &[])).await;
        assert_eq!((page.status, page.header("location")), (403, ""));
        let text = start(inside, &[]).split_once('?').unwrap().1.to_owned();
        let shown = app.clock.now().millis().to_string();
        let object = format!("{acme} {shown} {text}");
        let forged = [
            ("csrf_token", browser.token_for(("embedded-consent", &object))),
            ("request", text), ("shown", shown), ("decision", "approve".to_owned()),
        ];
        assert_eq!(browser.post(&url::embedded_decision(acme), &forged).await.status, 403);
        assert_eq!(scene.tokens().await, 0);
    }
}
