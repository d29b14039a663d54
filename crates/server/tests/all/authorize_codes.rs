//! How many authorization codes wait at once.

use crate::code_flow::{Acme, PROGRAM, SITE, address, answered, of, request, set_up};
use crate::support::{App, Browser, TestApp};
use model::code_grant::MOST_WAITING;
use model::org::Role;

const WAITING: &str = "SELECT count(*) AS value FROM authorization_codes WHERE redeemed_at IS NULL";

/// A code for what was agreed to before, a second later.
async fn another(app: &TestApp, browser: &Browser<'_>, client: &App) -> String {
    app.wait(1);
    let answer = browser.get(&address(client, &request(client, SITE))).await;
    of(&answered(answer.location(), SITE), "code").to_owned()
}

testkit::both_engines! {
    async fn the_oldest_of_very_many_codes_go(engine: testkit::Scratch) {
        let scene = set_up(engine).await;
        let Acme { app, acme, site, program, ada, .. } = &scene;
        let grace = app.user("grace@acme.example", &[(acme, Role::Member)]).await;
        let (browser, of_grace) = (app.signed_in(*ada).await, app.signed_in(grace).await);
        let good = request(site, SITE);
        let others = [
            (scene.code(site, &of_grace, &good, SITE).await, site, SITE),
            (scene.code(program, &browser, &request(program, PROGRAM), PROGRAM).await, program, PROGRAM),
        ];
        let mut codes = vec![scene.code(site, &browser, &good, SITE).await];
        for _ in 1..MOST_WAITING {
            codes.push(another(app, &browser, site).await);
        }
        let most = i64::try_from(MOST_WAITING).unwrap();
        assert_eq!(app.number(WAITING).await, most + 2, "all of them");
        for _ in 0..3 {
            codes.push(another(app, &browser, site).await);
        }
        assert_eq!(app.number(WAITING).await, most + 2);
        for gone in &codes[..3] {
            scene.redeem(site, gone, SITE, &[]).await.assert_error("invalid_grant");
        }
        for left in [&codes[3], codes.last().unwrap()] {
            scene.redeem(site, left, SITE, &[]).await.ok();
        }
        for (code, client, at) in &others {
            scene.redeem(client, code, at, &[]).await.ok();
        }
    }

    async fn a_code_that_was_redeemed_is_found_out_whatever_comes_after_it(engine: testkit::Scratch) {
        let scene = set_up(engine).await;
        let Acme { app, site, ada, .. } = &scene;
        let browser = app.signed_in(*ada).await;
        let code = scene.code(site, &browser, &request(site, SITE), SITE).await;
        let tokens = scene.redeem(site, &code, SITE, &[]).await.ok();
        for _ in 0..=MOST_WAITING {
            another(app, &browser, site).await;
        }
        scene.redeem(site, &code, SITE, &[]).await.assert_error("invalid_grant");
        let access = tokens.json["access_token"].as_str().unwrap();
        assert_eq!(app.get_with_token(&site.endpoint("userinfo"), access).await.status, 401, "what came of it ends");
    }
}
