//! The consent page of the authorization code flow: it counts for one decision, and not forever.

use crate::code_flow::{Acme, SITE, address, answered, decide, of, request, set_up, with};
use crate::page_form::PageForm;
use crate::rows::Rows;
use routes::url;

testkit::both_engines! {
    async fn case_08_of_approve_and_deny_of_a_consent_page_one_counts(engine: testkit::Scratch) {
        let scene = set_up(engine).await;
        let Acme { app, acme, site, ada, .. } = &scene;
        let browser = app.signed_in(*ada).await;
        let asked = address(site, &with(request(site, SITE), &[("prompt", "consent")]));
        let (mut approvals, mut denials) = (0, 0);
        for round in 0..200 {
            app.wait(1);
            let page = browser.get(&asked).await;
            let (approved, denied) =
                tokio::join!(decide(&browser, &page, acme, "approve"), decide(&browser, &page, acme, "deny"));
            match (approved.status, denied.status) {
                (303, 409) => {
                    let code = of(&answered(approved.location(), SITE), "code").to_owned();
                    scene.redeem(site, &code, SITE, &[]).await.ok();
                    approvals += 1;
                }
                (409, 303) => {
                    assert_eq!(of(&answered(denied.location(), SITE), "error"), "access_denied", "round {round}");
                    denials += 1;
                }
                both => panic!("round {round}: {both:?}"),
            }
        }
        assert_eq!((app.audited("grant.approved").await, app.audited("grant.denied").await), (approvals, denials));
        assert_eq!(app.audited("grant.redeemed").await, approvals);
        let codes = app.number("SELECT count(*) AS value FROM authorization_codes WHERE redeemed_at IS NULL").await;
        assert_eq!(codes, 0, "none but those that clients have");
    }

    async fn a_page_counts_for_one_decision_and_half_an_hour(engine: testkit::Scratch) {
        let scene = set_up(engine).await;
        let Acme { app, acme, site, ada, .. } = &scene;
        let browser = app.signed_in(*ada).await;
        let asked = address(site, &request(site, SITE));
        let page = browser.get(&asked).await;
        app.wait(1);
        let other_tab = browser.get(&asked).await;
        let told = decide(&browser, &page, acme, "deny").await;
        assert_eq!(of(&answered(told.location(), SITE), "error"), "access_denied");
        // The same page again, by the way back, a retry or in another tab: the client has had its answer.
        let of_refusals = ["budgets"];
        let before = Rows::of(app).await.without(&of_refusals);
        app.wait(1);
        for stale in [&page, &other_tab] {
            for decision in ["approve", "deny"] {
                let refused = decide(&browser, stale, acme, decision).await;
                assert_eq!((refused.status, refused.header("location")), (409, ""), "{decision}");
                assert!(refused.text.contains("Start again in the app."), "{}", refused.text);
            }
        }
        // Nobody makes a page younger than it is.
        let form = PageForm::to(&page, &url::consent(acme)).with("decision", "approve");
        let later = (form.value("shown").parse::<i64>().unwrap() + 2_000).to_string();
        for forged in [form.clone().with("shown", &later), form.clone().without("shown"), form.with("shown", "x")] {
            assert_eq!(browser.submit(&forged).await.status, 403);
        }
        // Nothing that was shown too long ago.
        let late = browser.get(&address(site, &with(request(site, SITE), &[("state", "late")]))).await;
        app.wait(30 * 60);
        assert_eq!(decide(&browser, &late, acme, "approve").await.status, 409);
        assert_eq!(before.changed(&Rows::of(app).await.without(&of_refusals)), [""; 0]);
        // What is asked anew is decided anew, and what one session has decided is no other's.
        let elsewhere = app.signed_in(*ada).await;
        let (fresh, of_other) = (browser.get(&asked).await, elsewhere.get(&asked).await);
        let code = decide(&browser, &fresh, acme, "approve").await;
        scene.redeem(site, of(&answered(code.location(), SITE), "code"), SITE, &[]).await.ok();
        let told = decide(&elsewhere, &of_other, acme, "deny").await;
        assert_eq!(of(&answered(told.location(), SITE), "error"), "access_denied");
        assert_eq!(app.number("SELECT count(*) AS value FROM page_decisions").await, 2);
    }
}
