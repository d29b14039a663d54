//! No form is taken but from a page of ours, of this session, for this thing.

use crate::page_form::PageForm;
use crate::rows::Rows;
use crate::stage::{Stage, is_for_guests, purpose};
use crate::support::{Answer, Browser};
use reqwest::Method;
use routes::{Route, RouteSpec, TABLE};
use testkit::Scratch;

fn forms() -> impl Iterator<Item = &'static RouteSpec> {
    TABLE.iter().filter(|spec| spec.csrf)
}

/// Sends a form with these headers in the place of the usual ones.
async fn send(browser: &Browser<'_>, form: &PageForm, headers: &[(&str, &str)]) -> Answer {
    let mut request = browser.request(Method::POST, &form.action).form(&form.fields);
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    Answer::of(request).await
}

const OURS: [(&str, &str); 1] = [("sec-fetch-site", "same-origin")];

/// Checks all that is wrong about a form one by one, then sends it as it should be, without `Sec-Fetch-Site`.
async fn check(stage: &Stage, spec: &RouteSpec) {
    let what = format!("{:?}", spec.route);
    let browser = stage.sender(spec.route).await;
    let form = stage.form(&browser, spec).await;
    let (action, mut object) = purpose(spec, &stage.acme.org, &stage.acme);
    if spec.route == Route::PortalCreateApplication {
        // Each page draws the id of the application that it would make.
        object = format!("{} {}", stage.acme.org, form.value("application"));
    }
    if spec.route == Route::MakeKey {
        form.value("key").clone_into(&mut object);
    }
    if spec.route == Route::ConsentAnother {
        object = format!("{}  {}", stage.acme.org, form.value("request"));
    }
    if matches!(spec.route, Route::Consent | Route::EmbeddedDecide) {
        // Exactly the request that the page has shown, and when.
        object = format!("{} {} {}", stage.acme.org, form.value("shown"), form.value("request"));
    }
    if spec.route == Route::PortalCreateProvider {
        form.value("provider").clone_into(&mut object);
    }
    // What the tests take for the token's purpose is what the page has.
    assert_eq!(form.value("csrf_token"), browser.token_for((action, &object)), "{what}");

    let other = stage.sender(spec.route).await;
    if is_for_guests(spec.route) {
        assert_eq!(other.get("/login").await.status, 200);
    }
    let other_session = other.token_for((action, &object));
    let other_object = browser.token_for((action, &format!("{object}x")));
    let other_action = browser.token_for(("another", &object));
    let wrong = [form.clone().without("csrf_token"), form.clone().with("csrf_token", "")];
    let wrong = wrong
        .into_iter()
        .chain([&other_session, &other_object, &other_action].map(|token| form.clone().with("csrf_token", token)));
    let before = Rows::of(&stage.app).await;
    for (at, wrong) in wrong.enumerate() {
        let answer = send(&browser, &wrong, &OURS).await;
        assert_eq!(answer.status, 403, "{what}, wrong token {at}: {}", answer.text);
    }
    let public = stage.app.public_url.as_str();
    let https = public.replace("http:", "https:");
    let longer = format!("{public}.evil.example");
    let foreign: [&[(&str, &str)]; 11] = [
        &[("sec-fetch-site", "cross-site")],
        &[("sec-fetch-site", "same-site")],
        &[("sec-fetch-site", "none")],
        &[("sec-fetch-site", "cross-site"), ("origin", public)],
        &[("sec-fetch-site", "same-origin"), ("sec-fetch-site", "cross-site")],
        &[],
        &[("origin", "null")],
        &[("origin", "https://evil.example")],
        &[("origin", &https)],
        &[("origin", &longer)],
        &[("referer", public)],
    ];
    for headers in foreign {
        let answer = send(&browser, &form, headers).await;
        assert_eq!(answer.status, 403, "{what} with {headers:?}: {}", answer.text);
    }
    before.assert_unchanged(&stage.app, &format!("a forged {what}")).await;
    let answer = send(&browser, &form, &[("origin", public)]).await;
    assert!([200, 302, 303].contains(&answer.status), "{what}: {} {}", answer.status, answer.text);
}

testkit::both_engines! {
    async fn every_form_is_refused_that_is_not_ours(engine: Scratch) {
        for spec in forms() {
            check(&Stage::new(Scratch::new(engine.kind())).await, spec).await;
        }
    }

    async fn case_48_an_approval_is_taken_from_its_own_page_alone(engine: Scratch) {
        let stage = Stage::new(engine).await;
        let (ada, again) = (stage.ada().await, stage.ada().await);
        let (first, second) = (stage.acme.cd.begin(&stage.app).await, stage.acme.cd.begin(&stage.app).await);
        let target = routes::url::device_decision(&stage.acme.org);
        let page = |answer: &Answer| PageForm::to(answer, &target).with("confirm", "yes").with("decision", "approve");
        let form = page(&ada.review(&stage.acme.org, &first.user_code).await);
        let other_grant = page(&ada.review(&stage.acme.org, &second.user_code).await);
        let review = format!("/orgs/acme/device/review?grant={}", form.value("grant"));
        let other_session = page(&again.get(&review).await);
        let before = Rows::of(&stage.app).await;
        for wrong in [
            form.clone().without("csrf_token"),
            form.clone().with("csrf_token", other_session.value("csrf_token")),
            form.clone().with("csrf_token", other_grant.value("csrf_token")),
            form.clone().with("grant", other_grant.value("grant")),
        ] {
            assert_eq!(ada.submit(&wrong).await.status, 403, "{wrong:?}");
        }
        assert_eq!(send(&ada, &form, &[("sec-fetch-site", "cross-site")]).await.status, 403);
        before.assert_unchanged(&stage.app, "a forged approval").await;
        stage.acme.cd.poll(&stage.app, &first.device_code).await.assert_error("authorization_pending");
        assert_eq!(ada.submit(&form).await.status, 303);
        stage.app.wait(6);
        assert_eq!(stage.acme.cd.poll(&stage.app, &first.device_code).await.status, 200);
        assert_eq!(again.submit(&other_session).await.status, 409, "another session of theirs comes too late");
    }
}
