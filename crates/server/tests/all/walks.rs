//! How often each walk waits for a database thread, as docs/architecture.md draws it.

use crate::new_devices::number;
use crate::page_form::PageForm;
use crate::stage::PASSWORD;
use crate::support::{App, TestApp};
use model::application::ClientKind;
use model::org::Role;
use protocol::token::GrantType;
use routes::url;
use testkit::Scratch;

const ADA: &str = "ada@acme.example";

/// The hops of one request.
async fn hops<T>(app: &TestApp, walk: impl AsyncFnOnce() -> T) -> (u64, T) {
    let before = app.db.hops();
    let came_of_it = walk().await;
    (app.db.hops() - before, came_of_it)
}

testkit::both_engines! {
    async fn each_walk_has_as_many_hops_as_it_is_drawn_with(engine: Scratch) {
        let app = TestApp::new(engine).await;
        let acme = app.org("acme").await;
        let cs = app
            .app(&acme, ClientKind::Confidential, |settings| {
                settings.grants = GrantType::ALL.into();
            })
            .await;
        let u1 = app.user("u1@acme.example", &[(&acme, Role::Member)]).await;
        let browser = app.signed_in(u1).await;

        let (begun, codes) = hops(&app, async || cs.begin(&app).await).await;
        assert_eq!(begun, 1, "device authorization");
        let (pending, answer) = hops(&app, async || cs.poll(&app, &codes.device_code).await).await;
        answer.assert_error("authorization_pending");
        assert_eq!(pending, 1, "a pending poll");

        // The keys that this node knew are too old by then, and come by the poll's own read.
        browser.approve(&acme, &codes.user_code).await;
        app.wait(10);
        let (approved, tokens) = hops(&app, async || cs.poll(&app, &codes.device_code).await.ok()).await;
        assert_eq!(approved, 2, "an approved poll");

        // Now the keys are known; at another time each of these has a hop for them.
        let (refreshed, tokens) = hops(&app, async || cs.refresh(&app, &tokens.at("refresh_token")).await.ok()).await;
        assert_eq!(refreshed, 1, "a refresh");
        let access = tokens.at("access_token");
        let (told, _) = hops(&app, async || app.get_with_token(&url::oauth(&acme, "userinfo"), &access).await.ok()).await;
        assert_eq!(told, 1, "userinfo");
        let (introspected, answer) = hops(&app, async || cs.post(&app, "introspect", &[("token", &access)]).await.ok()).await;
        assert!(answer.json["active"].as_bool().unwrap());
        assert_eq!(introspected, 1, "introspection");
        app.wait(10);
        let (discovered, _) = hops(&app, async || app.get("/orgs/acme/.well-known/openid-configuration").await.ok()).await;
        assert_eq!(discovered, 1, "discovery, the keys along with it");
        let machine = [("grant_type", "client_credentials")];
        let (granted, _) = hops(&app, async || cs.post(&app, "token", &machine).await.ok()).await;
        assert_eq!(granted, 1, "client credentials");
        let (revoked, _) = hops(&app, async || cs.post(&app, "revoke", &[("token", &access)]).await.ok()).await;
        assert_eq!(revoked, 1, "revocation");
    }

    async fn walks_at_the_server_itself_have_as_many(engine: Scratch) {
        let app = TestApp::new(engine).await;
        let acme = app.org("acme").await;
        let u1 = app.user("u1@acme.example", &[(&acme, Role::Member)]).await;
        let (mcp, browser) = (App::mcp(), app.signed_in(u1).await);
        let (begun, codes) = hops(&app, async || mcp.begin(&app).await).await;
        assert_eq!(begun, 1, "device authorization");
        browser.approve_anywhere(&acme, &codes.user_code).await;
        app.wait(10);
        let (approved, token) = hops(&app, async || mcp.poll(&app, &codes.device_code).await.ok()).await;
        assert_eq!(approved, 2, "an approved poll: there are no keys to read");
        let token = token.at("access_token");
        let (told, _) = hops(&app, async || app.get_with_token("/api/v1/me", &token).await.ok()).await;
        assert_eq!(told, 1, "me");
        let (revoked, _) = hops(&app, async || mcp.post(&app, "revoke", &[("token", &token)]).await.ok()).await;
        assert_eq!(revoked, 1, "revocation");
    }

    async fn signing_in_has_as_many_hops_as_it_is_drawn_with(engine: Scratch) {
        let app = TestApp::new(engine).await;
        let acme = app.org("acme").await;
        app.user_with_password(ADA, PASSWORD, &[(&acme, Role::Member)]).await;
        let (known, other) = (app.browser(), app.browser());

        let (shown, _) = hops(&app, async || known.get(url::LOGIN).await.ok()).await;
        assert_eq!(shown, 0, "the sign-in page");
        let on_the_way = url::login_to(&url::device(&acme));
        let (shown, _) = hops(&app, async || known.get(&on_the_way).await.ok()).await;
        assert_eq!(shown, 1, "the sign-in page with an organization's mark and providers");

        assert_eq!(known.sign_in(ADA, PASSWORD).await.status, 303, "its very first");
        let (shown, onward) = hops(&app, async || known.get(&on_the_way).await).await;
        assert_eq!((shown, onward.location()), (1, url::device(&acme).as_str()), "the sign-in page, signed in");
        known.set_cookie("doorward_session", "ended");
        let form = known.sign_in_form(ADA, PASSWORD).await;
        let (signed_in, answer) = hops(&app, async || known.submit(&form).await).await;
        assert_eq!((signed_in, answer.location()), (2, url::ORGANIZATIONS), "a password from a known browser");

        app.wait(1);
        let form = other.sign_in_form(ADA, PASSWORD).await;
        let (held_back, answer) = hops(&app, async || other.submit(&form).await).await;
        assert_eq!((held_back, answer.location()), (2, url::NEW_DEVICE), "a password from another browser");
        let page = other.get(url::NEW_DEVICE).await;
        let (shown, reader) = (number(&other).await, app.browser());
        let link = app.letter_to(ADA).await.link(&app, "Approve Login");
        assert_eq!(crate::new_devices::answer(&reader, &link, "approve", &shown).await.status, 200);
        let form = PageForm::to(&page, url::NEW_DEVICE);
        let (continued, answer) = hops(&app, async || other.submit(&form).await).await;
        assert_eq!((continued, answer.location()), (1, url::ORGANIZATIONS), "*Continue*");
    }
}
