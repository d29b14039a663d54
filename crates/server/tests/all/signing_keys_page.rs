//! The portal's page of signing keys: what is published, and a new key in the place of one.

use crate::page_form::PageForm;
use crate::rows::Rows;
use crate::support::{Answer, App, Browser, TestApp};
use crate::wire::part;
use model::application::ClientKind;
use model::id::{OrgId, UserId};
use model::org::Role;
use protocol::token::GrantType;
use routes::url;

struct Scene {
    app: TestApp,
    acme: OrgId,
    ada: UserId,
    page: String,
    client: App,
}

async fn scene(engine: testkit::Scratch) -> Scene {
    let app = TestApp::new(engine).await;
    let acme = app.org("acme").await;
    let ada = app.user("ada@acme.example", &[(&acme, Role::Admin)]).await;
    let client = app
        .app(&acme, ClientKind::Confidential, |settings| settings.grants = [GrantType::ClientCredentials].into())
        .await;
    app.wait(1);
    Scene { page: url::portal_signing_keys(&acme), app, acme, ada, client }
}

impl Scene {
    async fn admin(&self) -> Browser<'_> {
        self.app.signed_in(self.ada).await
    }

    async fn form(&self, browser: &Browser<'_>, (alg, when): (&str, &str)) -> PageForm {
        PageForm::to(&browser.get(&self.page).await.ok(), &self.page).with("alg", alg).with("when", when)
    }

    /// The names of the keys that are published.
    async fn published(&self) -> Vec<String> {
        let keys = self.app.get(&url::jwks(&self.acme)).await.ok().json["keys"].clone();
        keys.as_array().unwrap().iter().map(|key| key["kid"].as_str().unwrap().to_owned()).collect()
    }

    /// A token, and the name of the key that has signed it.
    async fn token(&self) -> (String, String) {
        let token =
            self.client.client_credentials(&self.app).await.ok().json["access_token"].as_str().unwrap().to_owned();
        let kid = part(&token, 0)["kid"].as_str().unwrap().to_owned();
        (token, kid)
    }

    async fn is_active(&self, token: &str) -> bool {
        self.client.post(&self.app, "introspect", &[("token", token)]).await.ok().json["active"] == true
    }
}

fn done(answer: &Answer, page: &str) {
    assert_eq!((answer.status, answer.location()), (303, url::after(page, "key-made").as_str()), "{}", answer.text);
}

testkit::both_engines! {
    async fn a_new_key_takes_over_once_everybody_can_know_it(engine: testkit::Scratch) {
        let scene = scene(engine).await;
        let (app, browser) = (&scene.app, scene.admin().await);
        let (token, old) = scene.token().await;
        let page = browser.get(&scene.page).await.ok();
        assert!(page.text.contains(&old) && page.text.contains("It signs") && !page.text.contains("does not sign yet"), "{}", page.text);
        done(&browser.submit(&scene.form(&browser, ("ES256", "once-known")).await).await, &scene.page);
        app.wait(2);
        let published = scene.published().await;
        let [first, new] = &published[..] else { panic!("{published:?}") };
        assert_eq!(*first, old);
        assert_eq!(scene.token().await.1, old, "not before everybody can know it");
        let page = browser.get(&scene.page).await.ok();
        assert!(page.text.contains(new) && page.text.contains("It is published, and does not sign yet"), "{}", page.text);
        assert!(page.text.contains("Begins to sign: <time") && page.text.contains("Ends: <time"), "{}", page.text);
        app.wait(20 * 60);
        assert_eq!(scene.token().await.1, *new);
        assert!(scene.is_active(&token).await, "what was signed before stays good");
        let page = browser.get(&scene.page).await.ok();
        assert!(page.text.contains("It signs no more") && page.text.contains(&old), "{}", page.text);
        assert_eq!(app.audited("key.rotated").await, 1);
        app.wait(48 * 60 * 60);
        assert_eq!(scene.published().await.len(), 1, "nothing that has signed is good by now");
    }

    async fn a_key_in_other_hands_is_withdrawn_at_once(engine: testkit::Scratch) {
        let scene = scene(engine).await;
        let (app, browser) = (&scene.app, scene.admin().await);
        let (token, old) = scene.token().await;
        assert!(scene.is_active(&token).await);
        done(&browser.submit(&scene.form(&browser, ("ES256", "at-once")).await).await, &scene.page);
        let (fresh, new) = scene.token().await;
        assert!(new != old && scene.is_active(&fresh).await && !scene.is_active(&token).await);
        assert_eq!(scene.published().await, [new]);
        let log = app.texts("SELECT details AS value FROM audit WHERE action = 'key.rotated'").await;
        assert!(log[0].contains(&format!("\"withdrawn\":\"{old}\"")), "{log:?}");
        // Another algorithm's keys are left alone.
        app.wait(1);
        done(&browser.submit(&scene.form(&browser, ("EdDSA", "at-once")).await).await, &scene.page);
        assert!(scene.is_active(&fresh).await);
        assert_eq!(scene.published().await.len(), 2);
    }

    async fn one_form_makes_one_key(engine: testkit::Scratch) {
        let scene = scene(engine).await;
        let (app, browser) = (&scene.app, scene.admin().await);
        let form = scene.form(&browser, ("ES256", "once-known")).await;
        let (one, two) = tokio::join!(browser.submit(&form), browser.submit(&form));
        let mut statuses = [one.status, two.status];
        statuses.sort_unstable();
        assert_eq!(statuses, [303, 409]);
        let again = browser.submit(&form).await;
        assert!(again.status == 409 && again.text.contains("The keys have changed since"), "{}", again.text);
        assert_eq!(app.audited("key.rotated").await, 1);
        // So do many at once of a kind that takes long to make.
        app.wait(1);
        let slow = scene.form(&browser, ("RS256", "once-known")).await;
        let all = tokio::join!(browser.submit(&slow), browser.submit(&slow), browser.submit(&slow), browser.submit(&slow));
        let mut statuses = [all.0.status, all.1.status, all.2.status, all.3.status];
        statuses.sort_unstable();
        assert_eq!(statuses, [303, 409, 409, 409]);
        // As many as whoever checks tokens can be asked to read.
        for _ in 0..9 {
            app.wait(1);
            done(&browser.submit(&scene.form(&browser, ("EdDSA", "once-known")).await).await, &scene.page);
        }
        app.wait(1);
        let full = browser.submit(&scene.form(&browser, ("ES256", "once-known")).await).await;
        assert!(full.status == 400 && full.text.contains("as many keys as can be published"), "{}", full.text);
        done(&browser.submit(&scene.form(&browser, ("EdDSA", "at-once")).await).await, &scene.page);
        assert_eq!(scene.published().await.len(), 4, "of EdDSA the new one alone");
        // Those that were withdrawn count, too: their rows stay.
        for _ in 0..11 {
            app.wait(1);
            done(&browser.submit(&scene.form(&browser, ("EdDSA", "at-once")).await).await, &scene.page);
        }
        app.wait(1);
        let full = browser.submit(&scene.form(&browser, ("EdDSA", "at-once")).await).await;
        assert!(full.status == 400 && full.text.contains("Many keys have been made within a day"), "{}", full.text);
        let chosen = PageForm::to(&full, &scene.page);
        assert_eq!((chosen.value("alg"), chosen.value("when")), ("EdDSA", "at-once"), "what was chosen is kept");
    }

    async fn a_key_takes_a_fresh_proof_and_a_form_that_says_which(engine: testkit::Scratch) {
        let scene = scene(engine).await;
        let (app, browser) = (&scene.app, scene.admin().await);
        let form = scene.form(&browser, ("ES256", "once-known")).await;
        let of_sign_in = ["sessions"];
        let before = Rows::of(app).await.without(&of_sign_in);
        for (field, value, error) in [("alg", "HS256", "alg-error"), ("alg", "", "alg-error"), ("when", "x", "when-error"), ("when", "", "when-error")] {
            let refused = browser.submit(&form.clone().with(field, value)).await;
            assert!(refused.status == 400 && refused.text.contains(error), "{field} {value}: {}", refused.text);
        }
        assert_eq!(browser.submit(&form.clone().with("csrf_token", "x")).await.status, 403);
        assert_eq!(browser.submit(&form.clone().without("shown")).await.status, 409);
        app.wait(60 * 60);
        let stale = browser.submit(&scene.form(&browser, ("ES256", "at-once")).await).await;
        assert_eq!(stale.location(), url::step_up_to(&scene.page), "{} {}", stale.status, stale.text);
        assert_eq!(before.changed(&Rows::of(app).await.without(&of_sign_in)), [""; 0]);
    }
}
