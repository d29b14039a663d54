//! What an organization's own provider lets in ends with it, and stands in nobody's way elsewhere.

use crate::idp::Mood;
use crate::page_form::PageForm;
use crate::second_factors::totp_code;
use crate::stage::PASSWORD;
use crate::support::Browser;
use crate::upstream::audited;
use crate::upstream_own::{Scene, is_ada, scene};
use model::login_attempt::NewDevicePolicy;
use model::org::{OrgChanges, Role};
use routes::url;
use serde_json::json;

const ADA: &str = "ada@acme.example";
const PORTAL: &str = "/orgs/acme/portal/applications";

impl Scene {
    async fn always(&self) {
        self.change_acme(OrgChanges { new_device: Some(NewDevicePolicy::Always), ..OrgChanges::default() }).await;
    }

    /// Comes back from acme's provider as Ada; gives where that leads.
    async fn as_ada(&self, browser: &Browser<'_>) -> String {
        browser.go_by(&self.idp, (&self.start, "/orgs/acme/device"), &is_ada()).await.location().to_owned()
    }

    async fn switch_off(&self, owner: &Browser<'_>) {
        let page = url::portal_provider(&self.acme, self.provider);
        let form = PageForm::to(&owner.get(&page).await, &page).without("enabled");
        assert_eq!(owner.submit(&form).await.status, 303);
    }
}

testkit::both_engines! {
    async fn what_waits_ends_when_its_provider_is_switched_off(engine: testkit::Scratch) {
        let scene = scene(engine).await;
        let owner = scene.app.signed_in(scene.ada).await;
        scene.always().await;
        let letter = scene.app.browser();
        assert_eq!(scene.as_ada(&letter).await, url::NEW_DEVICE);
        scene.app.sql("UPDATE login_attempts SET state = 'approved', decided_at = created_at").await;
        let link = scene.app.browser();
        let stranger = json!({ "sub": "another", "email": ADA });
        assert_eq!(link.go_by(&scene.idp, (&scene.start, "/orgs/acme/device"), &stranger).await.location(), url::UPSTREAM_LINK);
        let secret = owner.set_up_totp().await;
        let factor = scene.app.browser();
        assert_eq!(scene.as_ada(&factor).await, url::LOGIN_FACTOR);
        let code = PageForm::to(&factor.get(url::LOGIN_FACTOR).await, url::LOGIN_FACTOR);
        let onward = PageForm::to(&letter.get(url::NEW_DEVICE).await, url::NEW_DEVICE);
        scene.switch_off(&owner).await;
        scene.app.wait(30);
        let code = code.with("code", &totp_code(&secret, scene.app.clock.now()));
        assert!(factor.submit(&code).await.location().starts_with(url::LOGIN));
        assert_ne!(letter.submit(&onward).await.status, 303);
        for browser in [&factor, &letter] {
            assert_eq!(browser.get(PORTAL).await.location(), url::login_to(PORTAL));
        }
        let left = "SELECT (SELECT count(*) FROM factor_attempts) + (SELECT count(*) FROM login_attempts) + (SELECT count(*) FROM pending_links) AS value";
        assert_eq!(scene.app.number(left).await, 0);
        assert_ne!(link.get(url::UPSTREAM_LINK).await.status, 200);
    }

    async fn whoever_is_asked_about_while_the_provider_is_switched_off_is_not_let_in(engine: testkit::Scratch) {
        let scene = scene(engine).await;
        let owner = scene.app.signed_in(scene.ada).await;
        let late = scene.app.browser();
        let address = late.set_out(&scene.start, "/orgs/acme/device").await;
        let query = scene.idp.agree(&address, &is_ada(), scene.app.clock.now());
        scene.idp.mood("/token", Mood::Silent);
        let (came, ()) = tokio::join!(late.come_back(&scene.start, &query), async {
            while !scene.idp.asked().contains(&"/token".to_owned()) {
                tokio::time::sleep(std::time::Duration::from_millis(5)).await;
            }
            scene.switch_off(&owner).await;
            scene.idp.mood("/token", Mood::Well);
        });
        assert!(came.location().contains("upstream=failed"), "{}", came.location());
        assert_eq!(late.get(PORTAL).await.location(), url::login_to(PORTAL));
    }

    async fn unlinking_ends_what_the_account_there_let_in_and_nothing_else(engine: testkit::Scratch) {
        let scene = scene(engine).await;
        let (owner, limited) = (scene.app.signed_in(scene.ada).await, scene.limited().await);
        scene.always().await;
        let waits = scene.app.browser();
        assert_eq!(scene.as_ada(&waits).await, url::NEW_DEVICE);
        let page = owner.get(url::SECURITY).await;
        let remove = PageForm::all(&page.text).into_iter().find(|form| form.action.contains("identities")).unwrap();
        assert_eq!(owner.submit(&remove).await.location(), url::after(url::SECURITY, "unlinked"));
        assert_eq!(limited.get(PORTAL).await.location(), url::login_to(PORTAL));
        assert_eq!(scene.app.number("SELECT count(*) AS value FROM login_attempts").await, 0);
        assert!(owner.is_signed_in().await);
        assert_eq!(audited(&scene.app, "session.ended").await, 1);
    }

    async fn an_organization_can_use_up_nothing_that_its_members_have_elsewhere(engine: testkit::Scratch) {
        let scene = scene(engine).await;
        scene.always().await;
        let owner = scene.app.signed_in(scene.ada).await;
        // As many wait by its provider as can; another one of Ada's own still may.
        let browsers: Vec<_> = (0..5).map(|_| scene.app.browser()).collect();
        for browser in &browsers {
            assert_eq!(scene.as_ada(browser).await, url::NEW_DEVICE);
        }
        assert!(scene.as_ada(&scene.app.browser()).await.contains("upstream=away"));
        assert_eq!(scene.app.browser().sign_in(ADA, PASSWORD).await.location(), url::NEW_DEVICE);
        // Wrong codes by its provider's word are not those that Ada can mistype.
        let secret = owner.set_up_totp().await;
        let guessing = scene.app.browser();
        assert_eq!(scene.as_ada(&guessing).await, url::LOGIN_FACTOR);
        let form = PageForm::to(&guessing.get(url::LOGIN_FACTOR).await, url::LOGIN_FACTOR);
        let statuses: Vec<u16> = {
            let mut statuses = Vec::new();
            for _ in 0..6 {
                statuses.push(guessing.submit(&form.clone().with("code", "000000")).await.status);
            }
            statuses
        };
        assert_eq!(statuses, [400, 400, 400, 400, 400, 429]);
        let own = scene.app.browser();
        assert_eq!(own.sign_in(ADA, PASSWORD).await.location(), url::LOGIN_FACTOR);
        scene.app.wait(30);
        let form = PageForm::to(&own.get(url::LOGIN_FACTOR).await, url::LOGIN_FACTOR);
        let code = totp_code(&secret, scene.app.clock.now());
        assert_eq!(own.submit(&form.with("code", &code)).await.location(), url::ORGANIZATIONS);
    }

    async fn whom_an_own_provider_calls_an_owner_makes_nobody_one(engine: testkit::Scratch) {
        let scene = scene(engine).await;
        let admin = scene.app.user("alan@acme.example", &[(&scene.acme, Role::Admin)]).await;
        let limited = scene.limited().await;
        let page = limited.get(&url::portal_members(&scene.acme)).await;
        assert!(!page.text.contains("value=\"owner\""), "{}", page.text);
        let id = admin.to_string();
        let raise = |browser: &Browser<'_>| [("role", "owner".to_owned()), ("csrf_token", browser.token_for(("member-role", &id)))];
        let path = url::portal_member_role(&scene.acme, admin);
        assert_eq!(limited.post(&path, &raise(&limited)).await.status, 403);
        let remove = url::portal_member_remove(&scene.acme, scene.ada);
        let token = limited.token_for(("member-remove", &scene.ada.to_string()));
        assert_eq!(limited.post(&remove, &[("csrf_token", token)]).await.status, 403, "nor is an owner removed");
        let owner = scene.app.signed_in(scene.ada).await;
        assert_eq!(owner.post(&path, &raise(&owner)).await.status, 303);
    }

    async fn of_two_admins_who_change_a_provider_at_once_one_is_told(engine: testkit::Scratch) {
        let scene = scene(engine).await;
        let owner = scene.app.signed_in(scene.ada).await;
        let page = url::portal_provider(&scene.acme, scene.provider);
        let shown = PageForm::to(&owner.get(&page).await, &page);
        assert_eq!(owner.submit(&shown.clone().with("name", "First")).await.status, 303);
        let late = owner.submit(&shown.clone().with("name", "Second")).await;
        assert!(late.status == 409 && late.text.contains("changed meanwhile"), "{}", late.text);
        let bare = shown.with("name", "Third").without("revision");
        assert_eq!(owner.submit(&bare).await.status, 409);
        assert_eq!(scene.app.texts("SELECT name AS value FROM upstream_providers").await, ["First"]);
    }

    async fn linking_takes_a_proof_that_is_fresh_when_the_browser_comes_back(engine: testkit::Scratch) {
        let scene = scene(engine).await;
        let owner = scene.app.signed_in(scene.ada).await;
        let page = owner.get(url::SECURITY).await;
        let remove = PageForm::all(&page.text).into_iter().find(|form| form.action.contains("identities")).unwrap();
        assert_eq!(owner.submit(&remove).await.status, 303);
        scene.app.wait(25 * 60);
        let start = PageForm::all(&owner.get(url::SECURITY).await.text)
            .into_iter()
            .find(|form| form.action.contains(&scene.provider.to_string()))
            .unwrap();
        let leaving = owner.submit(&start).await;
        let address = leaving.header("refresh").strip_prefix("0; url=").unwrap().to_owned();
        scene.app.wait(6 * 60);
        let query = scene.idp.agree(&address, &is_ada(), scene.app.clock.now());
        let came = owner.come_back(&scene.start, &query).await;
        assert_eq!(came.location(), url::step_up_to(url::SECURITY));
        assert!(scene.app.texts("SELECT email AS value FROM upstream_identities").await.is_empty());
    }
}
