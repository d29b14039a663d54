//! Resources (RFC 8707): which there are, and what tokens are meant for.

use crate::code_flow;
use crate::page_form::PageForm;
use crate::rows::Rows;
use crate::stage::{RESOURCE, Stage};
use crate::support::{Answer, App, Browser, TestApp};
use crate::tokens::text;
use model::application::ClientKind;
use model::audit::By;
use model::id::OrgId;
use model::org::Role;
use model::resource::ResourceUri;
use routes::url;
use serde_json::{Value, json};
use testkit::Scratch;

const ONE: &str = "https://one.example/mcp";
const TWO: &str = "https://two.example";

fn audience(tokens: &Value) -> Value {
    let payload = text(tokens, "access_token").split('.').nth(1).unwrap().to_owned();
    let claims: Value = serde_json::from_slice(&model::secret::from_base64url(&payload).unwrap()).unwrap();
    claims["aud"].clone()
}

impl TestApp {
    async fn without_resource(&self, org: &OrgId, uri: &str) {
        let (org, uri, by) = (org.clone(), ResourceUri::parse(uri).unwrap(), By::operator(&self.clock.moment()));
        assert!(self.write(move |conn| directory::resources::remove(conn, &org, &uri, &by)).await);
    }

    async fn meant_for(&self, cd: &App, browser: &Browser<'_>, fields: &[(&str, &str)]) -> Answer {
        let begun = cd.post(self, "device_authorization", fields).await.ok();
        browser.approve(&cd.org, begun.json["user_code"].as_str().unwrap()).await;
        cd.poll(self, begun.json["device_code"].as_str().unwrap()).await
    }
}

async fn refreshed(app: &TestApp, cd: &App, tokens: &Value, resources: &[&str]) -> Answer {
    let refresh = text(tokens, "refresh_token");
    let mut fields = vec![("grant_type", "refresh_token"), ("refresh_token", refresh.as_str())];
    fields.extend(resources.iter().map(|resource| ("resource", *resource)));
    cd.post(app, "token", &fields).await
}

testkit::both_engines! {
    async fn an_admin_says_what_tokens_may_be_meant_for(engine: Scratch) {
        let stage = Stage::new(engine).await;
        let (app, acme, ada) = (&stage.app, &stage.acme.org, stage.ada().await);
        let here = url::portal_resources(acme);
        let form = PageForm::to(&ada.get(&here).await, &here).with("uri", ONE).with("name", "Tools");
        let rows = Rows::of(app).await;
        for (field, value, sentence) in [
            ("uri", "", "uri-error"),
            ("uri", "http://one.example", "uri-error"),
            ("uri", "https://one.example/#part", "uri-error"),
            ("uri", "urn:example:one", "uri-error"),
            ("uri", RESOURCE, "There is a resource of this address already"),
            ("name", "", "name-error"),
        ] {
            let refused = ada.submit(&form.clone().with(field, value)).await;
            assert!(refused.status == 400 && refused.text.contains(sentence), "{field}={value}: {}", refused.text);
        }
        rows.assert_unchanged(app, "what can't be taken").await;
        stage.acme.cd.post(app, "device_authorization", &[("resource", ONE)]).await.assert_error("invalid_target");
        assert_eq!(ada.submit(&form).await.location(), url::after(&here, "resource-added"));
        let shown = ada.get(&url::after(&here, "resource-added")).await;
        assert!(shown.text.contains("<code>https://one.example/mcp</code>") && shown.text.contains("Tools"), "{}", shown.text);
        stage.acme.cd.post(app, "device_authorization", &[("resource", ONE)]).await.ok();
        // By its exact text, and in this organization alone.
        for other in ["https://one.example/mcp/", "https://ONE.example/mcp", "https://one.example:443/mcp"] {
            stage.acme.cd.post(app, "device_authorization", &[("resource", other)]).await.assert_error("invalid_target");
        }
        stage.beta.cd.post(app, "device_authorization", &[("resource", ONE)]).await.assert_error("invalid_target");
        let remove = PageForm::all(&shown.text).into_iter().find(|form| {
            form.action == url::portal_resource_remove(acme) && form.value("uri") == ONE
        }).unwrap();
        assert_eq!(ada.submit(&remove.clone().with("uri", RESOURCE)).await.status, 403, "each has its own form");
        assert_eq!(ada.submit(&remove).await.location(), url::after(&here, "resource-removed"));
        assert_eq!(ada.submit(&remove).await.status, 404);
        stage.acme.cd.post(app, "device_authorization", &[("resource", ONE)]).await.assert_error("invalid_target");
        let told = app.texts("SELECT action || ' ' || object AS value FROM audit WHERE action LIKE 'resource.%' ORDER BY action").await;
        assert_eq!(told, [format!("resource.added {ONE}"), format!("resource.removed {ONE}")]);
        app.wait(31 * 60);
        assert_eq!(ada.submit(&form).await.location(), url::step_up_to(&here));
    }

    async fn whoever_approves_reads_what_the_tokens_are_meant_for(engine: Scratch) {
        let stage = Stage::new(engine).await;
        let (app, acme, ada) = (&stage.app, &stage.acme.org, stage.ada().await);
        app.resource(acme, ONE).await;
        let begun = stage.acme.cd.post(app, "device_authorization", &[("resource", ONE), ("resource", RESOURCE)]).await.ok();
        let review = ada.review(acme, begun.json["user_code"].as_str().unwrap()).await;
        for words in ["Services", "<bdi>Service of acme</bdi> <code>https://one.example/mcp</code>", RESOURCE] {
            assert!(review.text.contains(words), "{words}: {}", review.text);
        }
        let plain = stage.acme.cd.begin(app).await;
        assert!(!ada.review(acme, &plain.user_code).await.text.contains("Services"));
    }

    async fn a_refresh_asks_for_fewer_resources(engine: Scratch) {
        let app = TestApp::new(engine).await;
        let acme = app.org("acme").await;
        let cd = app.device_app(&acme).await;
        let ada = app.user("ada@acme.example", &[(&acme, Role::Member)]).await;
        let browser = app.signed_in(ada).await;
        for uri in [ONE, TWO, "https://three.example"] {
            app.resource(&acme, uri).await;
        }
        let tokens = app.meant_for(&cd, &browser, &[("scope", "email"), ("resource", ONE), ("resource", TWO)]).await.ok().json;
        assert_eq!(audience(&tokens), json!([ONE, TWO]));
        // More than was granted is refused, and spends nothing.
        for wrong in [&["https://three.example"][..], &[ONE, "https://three.example"], &["nowhere"]] {
            refreshed(&app, &cd, &tokens, wrong).await.assert_error("invalid_target");
        }
        let fewer = refreshed(&app, &cd, &tokens, &[TWO]).await.ok().json;
        assert_eq!(audience(&fewer), json!(TWO));
        let all = refreshed(&app, &cd, &fewer, &[]).await.ok().json;
        assert_eq!(audience(&all), json!([ONE, TWO]), "the family keeps what it has");
        // Of what is removed there are no new tokens.
        app.without_resource(&acme, ONE).await;
        let left = refreshed(&app, &cd, &all, &[]).await.ok().json;
        assert_eq!(audience(&left), json!(TWO));
        refreshed(&app, &cd, &left, &[ONE]).await.assert_error("invalid_target");
        app.without_resource(&acme, TWO).await;
        refreshed(&app, &cd, &left, &[]).await.assert_error("invalid_target");
        app.resource(&acme, ONE).await;
        assert_eq!(audience(&refreshed(&app, &cd, &left, &[]).await.ok().json), json!(ONE), "nothing was spent");
        // A family without resources gets none.
        let plain = app.meant_for(&cd, &browser, &[("scope", "openid")]).await.ok().json;
        refreshed(&app, &cd, &plain, &[ONE]).await.assert_error("invalid_target");
        assert_eq!(audience(&refreshed(&app, &cd, &plain, &[]).await.ok().json), json!(app.issuer(&acme)));
    }

    async fn an_approval_for_resources_that_are_gone_gives_no_token(engine: Scratch) {
        let app = TestApp::new(engine).await;
        let acme = app.org("acme").await;
        let cd = app.device_app(&acme).await;
        let ada = app.user("ada@acme.example", &[(&acme, Role::Member)]).await;
        let browser = app.signed_in(ada).await;
        for uri in [ONE, TWO] {
            app.resource(&acme, uri).await;
        }
        let mut waiting = Vec::new();
        for fields in [&[("scope", "email"), ("resource", ONE)][..], &[("scope", "email"), ("resource", ONE), ("resource", TWO)]] {
            let begun = cd.post(&app, "device_authorization", fields).await.ok();
            browser.approve(&acme, begun.json["user_code"].as_str().unwrap()).await;
            waiting.push(begun.json["device_code"].as_str().unwrap().to_owned());
        }
        app.without_resource(&acme, ONE).await;
        cd.poll(&app, &waiting[0]).await.assert_error("access_denied");
        let tokens = cd.poll(&app, &waiting[1]).await.ok().json;
        assert_eq!(audience(&tokens), json!(TWO));
    }

    async fn a_code_gives_nothing_for_a_resource_that_is_gone(engine: Scratch) {
        let set_up = code_flow::set_up(engine).await;
        let code_flow::Acme { app, acme, site, ada, .. } = &set_up;
        for uri in [ONE, TWO] {
            app.resource(acme, uri).await;
        }
        let browser = app.signed_in(*ada).await;
        let asked = [code_flow::request(site, code_flow::SITE), vec![("resource", ONE), ("resource", TWO)]].concat();
        let code = set_up.code(site, &browser, &asked, code_flow::SITE).await;
        app.without_resource(acme, ONE).await;
        set_up.redeem(site, &code, code_flow::SITE, &[("resource", ONE)]).await.assert_error("invalid_target");
        let tokens = set_up.redeem(site, &code, code_flow::SITE, &[("resource", TWO)]).await.ok().json;
        assert_eq!(audience(&tokens), json!([format!("{}/orgs/acme", app.public_url), TWO]), "the code was not spent");
    }

    async fn a_client_of_the_server_itself_names_what_its_token_is_for(engine: Scratch) {
        let app = TestApp::new(engine).await;
        let (acme, home, mcp) = (app.org("acme").await, OrgId::instance(), App::mcp());
        let ada = app.user("ada@acme.example", &[(&acme, Role::Member)]).await;
        let browser = app.signed_in(ada).await;
        let service = app.app(&acme, ClientKind::Confidential, |_| {}).await;
        // What an organization has does not count for clients that belong to none.
        app.resource(&acme, ONE).await;
        let wanted = [("scope", "read"), ("resource", ONE), ("resource", TWO)];
        mcp.post(&app, "device_authorization", &wanted).await.assert_error("invalid_target");
        for uri in [ONE, TWO] {
            app.resource(&home, uri).await;
        }
        let mut waiting = Vec::new();
        for fields in [&wanted[..], &wanted[..1], &wanted, &wanted[..2]] {
            let begun = mcp.post(&app, "device_authorization", fields).await.ok();
            let review = browser.review(&home, begun.json["user_code"].as_str().unwrap()).await;
            assert_eq!(review.text.contains(TWO), fields.len() == 3, "who approves reads it: {}", review.text);
            browser.decide_for((&home, acme.as_str()), &review, "approve").await;
            waiting.push(begun.json["device_code"].as_str().unwrap().to_owned());
        }
        let meant_for = async |device_code: &String| {
            let key = text(&mcp.poll(&app, device_code).await.ok().json, "access_token");
            service.post(&app, "introspect", &[("token", &key)]).await.ok().json["aud"].clone()
        };
        assert_eq!(meant_for(&waiting[0]).await, json!([ONE, TWO]));
        assert_eq!(meant_for(&waiting[1]).await, json!(format!("{}/orgs/acme", app.public_url)));
        app.without_resource(&home, ONE).await;
        assert_eq!(meant_for(&waiting[2]).await, json!(TWO));
        mcp.poll(&app, &waiting[3]).await.assert_error("access_denied");
    }
}
