//! How often each walk waits for a database thread, as docs/architecture.md draws it.

use crate::support::TestApp;
use model::application::ClientKind;
use model::org::Role;
use protocol::token::GrantType;
use testkit::Scratch;

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
        let (told, _) = hops(&app, async || app.get_with_token(&routes::url::oauth(&acme, "userinfo"), &access).await.ok()).await;
        assert_eq!(told, 1, "userinfo");
        let (introspected, answer) = hops(&app, async || cs.post(&app, "introspect", &[("token", &access)]).await.ok()).await;
        assert!(answer.json["active"].as_bool().unwrap());
        assert_eq!(introspected, 1, "introspection");
        let machine = [("grant_type", "client_credentials")];
        let (granted, _) = hops(&app, async || cs.post(&app, "token", &machine).await.ok()).await;
        assert_eq!(granted, 1, "client credentials");
        let (revoked, _) = hops(&app, async || cs.post(&app, "revoke", &[("token", &access)]).await.ok()).await;
        assert_eq!(revoked, 1, "revocation");
    }
}
