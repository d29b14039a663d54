//! Founding, leaving and deleting organizations.

use crate::page_form::PageForm;
use crate::rows::Rows;
use crate::stage::Stage;
use crate::support::{Answer, App, Browser, TestApp};
use model::application::ClientKind;
use model::id::OrgId;
use model::org::Role;
use protocol::token::GrantType;
use routes::url;

const ANYONE: &[(&str, &str)] = &[("DOORWARD_ORG_CREATION", "anyone"), ("DOORWARD_LIMITS", "off")];
const ADA: &str = "ada@acme.example";

async fn founded(browser: &Browser<'_>, name: &str, id: &str) -> Answer {
    let form = PageForm::to(&browser.get(url::NEW_ORGANIZATION).await, url::NEW_ORGANIZATION);
    browser.submit(&form.with("name", name).with("org_id", id)).await
}

fn org(id: &str) -> OrgId {
    OrgId::parse(id).unwrap()
}

testkit::both_engines! {
    async fn whoever_founds_an_organization_owns_it_and_connects_a_device(engine: testkit::Scratch) {
        let app = TestApp::with(engine, ANYONE).await;
        let ada = app.user(ADA, &[]).await;
        let browser = app.signed_in(ada).await;
        assert!(browser.get(url::ORGANIZATIONS).await.text.contains(url::NEW_ORGANIZATION));
        let waiting = App::mcp().begin(&app).await;
        let review = browser.review(&OrgId::instance(), &waiting.user_code).await;
        assert!(review.text.contains("Create one under *Organizations*"), "{}", review.text);
        for (name, id, wrong) in [(" ", "gamma", "name-error"), ("Gamma", "Gamma", "org_id-error"), ("Gamma", "-", "org_id-error")] {
            let refused = founded(&browser, name, id).await;
            assert!(refused.status == 400 && refused.text.contains(wrong), "{name} {id}: {}", refused.text);
        }
        let made = founded(&browser, " Gamma  Works ", "gamma").await;
        assert_eq!(made.location(), url::portal_applications(&org("gamma")));
        assert_eq!(browser.get(made.location()).await.status, 200);
        browser.decide_for((&OrgId::instance(), "gamma"), &review, "approve").await;
        assert_eq!(App::mcp().poll(&app, &waiting.device_code).await.json["org_id"], "gamma");
        // With a key and the reference client from its first moment.
        let metadata = app.get("/orgs/gamma/.well-known/jwks.json").await;
        assert!(metadata.text.contains("ES256"), "{}", metadata.text);
        let begun = app.form(&url::oauth(&org("gamma"), "device_authorization"), &[("client_id", "doorward-cli")]).await;
        let code = begun.json["user_code"].as_str().unwrap().to_owned();
        browser.approve(&org("gamma"), &code).await;
        assert_eq!(app.texts("SELECT role AS value FROM memberships").await, ["owner"]);
        // Somebody else gets another id, whoever had it.
        let eve = app.user("eve@evil.example", &[]).await;
        let taken = founded(&app.signed_in(eve).await, "Gamma", "gamma").await;
        assert!(taken.status == 400 && taken.text.contains("taken, or was once"), "{}", taken.text);
    }

    async fn one_person_owns_so_many_and_no_more(engine: testkit::Scratch) {
        let app = TestApp::with(engine, ANYONE).await;
        let ada = app.user(ADA, &[]).await;
        let browser = app.signed_in(ada).await;
        let most = server::web::new_organization::MOST_OWNED;
        for number in 1..most {
            assert_eq!(founded(&browser, "Many", &format!("many-{number}")).await.status, 303, "{number}");
        }
        let (one, two) = tokio::join!(founded(&browser, "Last", "last-a"), founded(&browser, "Last", "last-b"));
        let mut statuses = [one.status, two.status];
        statuses.sort_unstable();
        assert_eq!(statuses, [303, 400], "the last place is taken once");
        let refused = founded(&browser, "More", "more").await;
        assert!(refused.status == 400 && refused.text.contains("Ask whoever runs this server"), "{}", refused.text);
        let owned = i64::try_from(most).unwrap();
        assert_eq!(app.numbers("SELECT count(*) AS value FROM organizations WHERE org_id <> '~instance'").await, [owned]);
    }

    async fn the_operator_alone_creates_unless_it_is_set_otherwise(engine: testkit::Scratch) {
        let app = TestApp::with(engine, &[("DOORWARD_LIMITS", "off")]).await;
        let ada = app.user(ADA, &[]).await;
        let ada = app.signed_in(ada).await;
        assert!(!ada.get(url::ORGANIZATIONS).await.text.contains(url::NEW_ORGANIZATION));
        let refused = ada.get(url::NEW_ORGANIZATION).await;
        assert!(refused.status == 403 && refused.text.contains("made by whoever runs it"), "{}", refused.text);
        let token = ada.token_for(("organization-create", ""));
        let rows = Rows::of(&app).await;
        let fields = [("csrf_token", token), ("name", "Gamma".to_owned()), ("org_id", "gamma".to_owned())];
        assert_eq!(ada.post(url::NEW_ORGANIZATION, &fields).await.status, 403);
        rows.assert_unchanged(&app, "who may not create").await;
    }

    async fn a_member_leaves_with_all_access_and_the_last_owner_stays(engine: testkit::Scratch) {
        let stage = Stage::new(engine).await;
        let (app, acme) = (&stage.app, &stage.acme);
        let member = app.signed_in(acme.member).await;
        let tokens = acme.cd.log_in(app, &member).await;
        let leave = url::leave(&acme.org);
        let form = PageForm::to(&member.get(url::ORGANIZATIONS).await, &leave);
        // Somebody of another organization, a guest and another's form leave nothing.
        let ben = stage.ben().await;
        let forged = PageForm { action: leave.clone(), fields: vec![("csrf_token".to_owned(), ben.token_for(("organization-leave", "acme")))] };
        assert_eq!(ben.submit(&forged).await.status, 403);
        assert_eq!(ben.submit(&form).await.status, 403);
        assert_eq!(member.submit(&form).await.location(), url::after(url::ORGANIZATIONS, "left"));
        assert!(member.get(url::ORGANIZATIONS).await.text.contains("You belong to no organization yet"));
        assert_eq!(member.get(&url::device(&acme.org)).await.status, 403);
        acme.cd.refresh(app, tokens["refresh_token"].as_str().unwrap()).await.assert_error("invalid_grant");
        assert_eq!(app.get_with_token(&url::me(&acme.org), tokens["access_token"].as_str().unwrap()).await.status, 401);
        assert_eq!(member.submit(&form).await.status, 403, "once");
        // Her own way out, and not the last owner's.
        let ada = stage.ada().await;
        let stays = ada.submit(&PageForm::to(&ada.get(url::ORGANIZATIONS).await, &leave)).await;
        assert!(stays.status == 409 && stays.text.contains("You are its only owner"), "{}", stays.text);
        let told = "SELECT actor AS value FROM audit WHERE action = 'member.removed'";
        assert_eq!(app.texts(told).await, [format!("user:{}", acme.member)]);
    }

    async fn whoever_lacks_the_second_factor_that_is_needed_can_leave(engine: testkit::Scratch) {
        let stage = Stage::new(engine).await;
        let member = stage.app.signed_in(stage.acme.member).await;
        let form = PageForm::to(&member.get(url::ORGANIZATIONS).await, &url::leave(&stage.acme.org));
        stage.app.sql("UPDATE organizations SET factor_required_since = 0, factor_grace_ms = 0").await;
        assert_ne!(member.get(&url::device(&stage.acme.org)).await.status, 200);
        assert_eq!(member.submit(&form).await.status, 303);
    }

    async fn a_deleted_organization_is_gone_and_its_id_is_nobodys(engine: testkit::Scratch) {
        let stage = Stage::new(engine).await;
        let (app, acme, beta) = (&stage.app, &stage.acme, &stage.beta);
        let ada = stage.ada().await;
        let settings = url::portal_settings(&acme.org);
        let delete = url::portal_delete_organization(&acme.org);
        let waiting = acme.cd.begin(app).await;
        let approved = acme.cd.begin(app).await;
        ada.approve(&acme.org, &approved.user_code).await;
        let form = PageForm::to(&ada.get(&settings).await, &delete);
        for wrong in ["", "acme ltd", "beta"] {
            let refused = ada.submit(&form.clone().with("org_id", wrong)).await;
            assert!(refused.status == 400 && refused.text.contains("type its identifier exactly"), "{wrong}: {}", refused.text);
        }
        // An admin sees no way to it, and finds none.
        app.sql("UPDATE memberships SET role = 'admin' WHERE org_id = 'acme' AND user_id IN (SELECT id FROM users WHERE email = 'u1@acme.example')").await;
        let admin = app.signed_in(acme.member).await;
        assert!(!admin.get(&settings).await.text.contains(&delete));
        let token = admin.token_for(("org-delete", "acme"));
        let fields = [("csrf_token", token), ("org_id", "acme".to_owned())];
        assert_eq!(admin.post(&delete, &fields).await.status, 403);
        // Nor does an old proof do.
        let stale = app.signed_in(acme.owner).await;
        let late = PageForm::to(&stale.get(&settings).await, &delete).with("org_id", "acme");
        app.wait(31 * 60);
        assert_eq!(stale.submit(&late).await.location(), url::step_up_to(&settings));
        let ada = stage.ada().await;
        let form = PageForm::to(&ada.get(&settings).await, &delete).with("org_id", "acme");
        assert_eq!(ada.submit(&form).await.location(), url::after(url::ORGANIZATIONS, "deleted"));
        let list = ada.get(&url::after(url::ORGANIZATIONS, "deleted")).await;
        assert!(list.text.contains("The organization is deleted.") && !list.text.contains("/orgs/acme/"), "{}", list.text);
        // Tokens, codes, clients, pages, keys: as if it had never been.
        let access = acme.tokens["access_token"].as_str().unwrap();
        for path in [settings.clone(), url::device(&acme.org), "/orgs/acme/.well-known/jwks.json".to_owned(), "/orgs/acme/.well-known/openid-configuration".to_owned()] {
            assert_eq!(ada.get(&path).await.status, 404, "{path}");
        }
        assert!([401, 404].contains(&app.get_with_token(&url::me(&acme.org), access).await.status));
        for fields in [
            vec![("grant_type", "refresh_token"), ("refresh_token", acme.tokens["refresh_token"].as_str().unwrap())],
            vec![("grant_type", "urn:ietf:params:oauth:grant-type:device_code"), ("device_code", waiting.device_code.as_str())],
            vec![("grant_type", "urn:ietf:params:oauth:grant-type:device_code"), ("device_code", approved.device_code.as_str())],
        ] {
            let mut fields = fields;
            fields.push(("client_id", acme.cd.client_id.as_str()));
            let answer = app.form(&url::oauth(&acme.org, "token"), &fields).await;
            assert!([401, 404].contains(&answer.status), "{fields:?}: {}", answer.text);
        }
        let ben = stage.ben().await;
        assert_eq!(ben.get(&url::invitation(&beta.asked_over)).await.status, 410, "nobody accepts an invitation into it");
        assert_eq!(ben.get(&url::portal_applications(&beta.org)).await.status, 200, "the other is as it was");
        for left in [
            "SELECT count(*) AS value FROM memberships WHERE org_id = 'acme'",
            "SELECT count(*) AS value FROM invitations WHERE org_id = 'acme'",
            "SELECT count(*) AS value FROM upstream_providers WHERE org_id = 'acme'",
        ] {
            assert_eq!(app.number(left).await, 0, "{left}");
        }
        // Its id is never used again, and its log stays.
        let by = model::audit::By::operator(&app.clock.moment());
        let again = app.write(move |conn| {
            directory::organizations::create(conn, &org("acme"), &model::name::DisplayName::parse("Acme").unwrap(), &by)
        });
        assert!(again.await.is_none());
        let told = app.texts("SELECT action AS value FROM audit WHERE org_id = 'acme' ORDER BY id DESC").await;
        for action in ["organization.deleted", "provider.removed"] {
            assert!(told.iter().any(|known| known == action), "{action}: {told:?}");
        }
    }

    async fn an_organization_changes_its_name_and_colour(engine: testkit::Scratch) {
        let stage = Stage::new(engine).await;
        let ada = stage.ada().await;
        let settings = url::portal_settings(&stage.acme.org);
        let form = PageForm::to(&ada.get(&settings).await, &settings);
        for (name, colour, wrong) in [("", "", "name-error"), ("Acme", "red", "colour-error"), ("Acme", "#12345", "colour-error")] {
            let refused = ada.submit(&form.clone().with("name", name).with("colour", colour)).await;
            assert!(refused.status == 400 && refused.text.contains(wrong), "{name} {colour}: {}", refused.text);
        }
        let saved = ada.submit(&form.clone().with("name", "Acme Works").with("colour", "#1F6FEB")).await;
        assert_eq!(saved.location(), url::after(&settings, "saved"));
        let page = ada.get(saved.location()).await;
        assert!(page.text.contains("value=\"Acme Works\"") && page.text.contains("value=\"#1f6feb\""), "{}", page.text);
        assert_eq!(ada.submit(&form.with("name", "Old").with("colour", "")).await.status, 409, "a page that is behind");
        let form = PageForm::to(&page, &settings).with("colour", "");
        assert_eq!(ada.submit(&form).await.status, 303);
        assert_eq!(stage.app.texts("SELECT name || COALESCE(colour, ' none') AS value FROM organizations WHERE org_id = 'acme'").await, ["Acme Works none"]);
        assert_eq!(stage.app.signed_in(stage.acme.member).await.get(&settings).await.status, 403);
    }

    async fn a_founded_organization_is_another_tenant_as_any(engine: testkit::Scratch) {
        let app = TestApp::with(engine, ANYONE).await;
        let (ada, eve) = (app.user(ADA, &[]).await, app.user("eve@evil.example", &[]).await);
        let (ada, eve) = (app.signed_in(ada).await, app.signed_in(eve).await);
        founded(&ada, "Gamma", "gamma").await;
        founded(&eve, "Delta", "delta").await;
        assert_eq!(eve.get(&url::portal_settings(&org("gamma"))).await.status, 404);
        let application = app.app(&org("gamma"), ClientKind::Public, |settings| settings.grants = [GrantType::DeviceCode].into()).await;
        let elsewhere = app.form(&url::oauth(&org("delta"), "device_authorization"), &[("client_id", &application.client_id)]).await;
        elsewhere.assert_invalid_client();
        assert_eq!(Role::Owner.as_str(), app.texts("SELECT DISTINCT role AS value FROM memberships").await.remove(0));
    }
}
