//! The server itself: clients that belong to no organization, the page on which their users pick one, and opaque tokens wherever
//! they are presented.

use crate::page_form::PageForm;
use crate::rows::Rows;
use crate::support::{Answer, App, TestApp};
use model::application::ClientKind;
use model::audit::By;
use model::catalogue::Scope;
use model::device_login::DeviceLogin;
use model::id::{OrgId, UserId};
use model::opaque::OpaqueKind;
use model::org::{OrgChanges, Role};
use model::terms::TokenProfile;
use protocol::scope::Scopes;
use protocol::token::GrantType;
use reqwest::Method;
use routes::url;
use serde_json::{Value, json};
use testkit::Scratch;

const ME: &str = "/api/v1/me";

/// Two organizations, and users in none, one and both of them.
struct Scene {
    app: TestApp,
    acme: OrgId,
    beta: OrgId,
    u0: UserId,
    u1: UserId,
    u3: UserId,
}

impl Scene {
    async fn new(engine: Scratch) -> Self {
        let app = TestApp::new(engine).await;
        let (acme, beta) = (app.org("acme").await, app.org("beta").await);
        app.org("gamma").await;
        let u0 = app.user("u0@none.example", &[]).await;
        let u1 = app.user("u1@acme.example", &[(&acme, Role::Member)]).await;
        let u3 = app.user("u3@both.example", &[(&acme, Role::Member), (&beta, Role::Member)]).await;
        Self { app, acme, beta, u0, u1, u3 }
    }

    /// A confidential application of the operator's.
    async fn service(&self) -> App {
        let kind = TokenProfile::Opaque(OpaqueKind::Mcp);
        self.app
            .app(&OrgId::instance(), ClientKind::Confidential, |settings| {
                settings.grants = [GrantType::DeviceCode].into();
                (settings.scopes, settings.default_scopes) = (scopes("read write"), scopes("read"));
                settings.tokens.kind = kind;
            })
            .await
    }

    async fn change(&self, org: &OrgId, changes: OrgChanges) {
        let (org, by) = (org.clone(), By::operator(&self.app.clock.moment()));
        self.app.write(move |conn| directory::organizations::change(conn, &org, &changes, &by)).await;
    }
}

fn scopes(text: &str) -> Scopes {
    Scopes::parse(text).unwrap()
}

async fn asked(app: &TestApp, fields: &[(&str, &str)]) -> Answer {
    let mut all = vec![("client_id", "doorward-mcp")];
    all.extend_from_slice(fields);
    app.form("/api/v1/oauth/device_authorization", &all).await
}

fn decision(review: &Answer) -> PageForm {
    PageForm::to(review, "/device/decision").with("confirm", "yes").with("decision", "approve")
}

async fn with_header(app: &TestApp, path: &str, name: &'static str, value: &str) -> Answer {
    Answer::of(app.request(Method::GET, path).header(name, value)).await
}

testkit::both_engines! {
    async fn an_ai_client_gets_a_token_that_reads_and_nothing_else(engine: Scratch) {
        let Scene { app, beta, u3, .. } = Scene::new(engine).await;
        let of_instance = Scope::named("read:financial");
        app.write(move |conn| store::tables::scopes::insert(conn, &OrgId::instance(), &of_instance)).await;
        let answer = asked(&app, &[("scope", "read:financial write openid")]).await;
        assert_eq!(answer.status, 200, "{}", answer.text);
        assert_eq!(answer.json["verification_uri"], format!("{}/device", app.public_url));
        let code = answer.json["user_code"].as_str().unwrap();
        assert_eq!(answer.json["verification_uri_complete"], format!("{}/device?user_code={code}", app.public_url));
        let device_code = answer.json["device_code"].as_str().unwrap();
        let mcp = App::mcp();
        mcp.poll(&app, device_code).await.assert_error("authorization_pending");
        app.signed_in(u3).await.approve_anywhere(&beta, code).await;
        app.wait(6);
        let got = mcp.poll(&app, device_code).await;
        assert_eq!(got.status, 200, "{}", got.text);
        let token = got.json["access_token"].as_str().unwrap();
        let expected = json!({
            "access_token": token, "token_type": "Bearer", "expires_in": 7_776_000, "scope": "read:financial", "org_id": "beta",
        });
        assert_eq!(got.json, expected);
        assert!(token.starts_with("dwm_") && model::opaque::is_well_formed(token), "{token}");
        mcp.poll(&app, device_code).await.assert_error("invalid_grant");
        for nothing in ["write", "openid email", "readonly", "read:unknown"] {
            asked(&app, &[("scope", nothing)]).await.assert_error("invalid_scope");
        }
        assert_eq!(asked(&app, &[("scope", "read write")]).await.status, 200);
        asked(&app, &[("resource", "https://mcp.example")]).await.assert_error("invalid_target");
    }

    async fn the_server_itself_signs_nothing_and_has_device_codes_alone(engine: Scratch) {
        let Scene { app, acme, .. } = Scene::new(engine).await;
        for grant in ["authorization_code", "refresh_token", "client_credentials"] {
            let fields = [("client_id", "doorward-mcp"), ("grant_type", grant), ("code", "x"), ("refresh_token", "x")];
            app.form("/api/v1/oauth/token", &fields).await.assert_error("unsupported_grant_type");
        }
        for client in ["~unregistered", "doorward-cli", "nobody"] {
            let answer = app.form("/api/v1/oauth/device_authorization", &[("client_id", client)]).await;
            answer.assert_invalid_client();
        }
        // Nor is the server's client one of an organization.
        let fields = [("client_id", "doorward-mcp")];
        app.form(&url::oauth(&acme, "device_authorization"), &fields).await.assert_invalid_client();
        for path in ["/orgs/~instance/.well-known/openid-configuration", "/orgs/~instance/device", "/orgs/~instance/api/v1/me"] {
            assert_eq!(app.get(path).await.status, 404, "{path}");
        }
        let metadata = app.get("/.well-known/oauth-authorization-server").await;
        let base = app.public_url.clone();
        let endpoint = |name: &str| json!(format!("{base}/api/v1/oauth/{name}"));
        assert_eq!(metadata.json["issuer"], json!(base));
        for (field, name) in [
            ("device_authorization_endpoint", "device_authorization"), ("token_endpoint", "token"),
            ("introspection_endpoint", "introspect"), ("revocation_endpoint", "revoke"),
        ] {
            assert_eq!(metadata.json[field], endpoint(name), "{field}");
        }
        assert_eq!(metadata.json["grant_types_supported"], json!(["urn:ietf:params:oauth:grant-type:device_code"]));
        assert_eq!(metadata.json["scopes_supported"], json!(["read", "write"]));
        for absent in ["subject_types_supported", "id_token_signing_alg_values_supported", "jwks_uri", "authorization_endpoint", "userinfo_endpoint", "end_session_endpoint"] {
            assert!(metadata.json.get(absent).is_none(), "{absent}");
        }
        assert_eq!(metadata.header("access-control-allow-origin"), "*");
    }

    async fn a_user_of_several_organizations_picks_one(engine: Scratch) {
        let Scene { app, u3, .. } = Scene::new(engine).await;
        let (browser, mcp) = (app.signed_in(u3).await, App::mcp());
        let codes = mcp.begin(&app).await;
        let review = browser.review(&OrgId::instance(), &codes.user_code).await;
        for (value, shown) in [("", true), ("acme", true), ("beta", true), ("gamma", false), ("~instance", false)] {
            assert_eq!(review.text.contains(&format!("<option value=\"{value}\"")), shown, "{value}: {}", review.text);
        }
        assert!(!review.text.contains(" selected"), "nobody picks but the user");
        let before = Rows::of(&app).await;
        let missing = browser.submit(&decision(&review).with("organization", "")).await;
        assert_eq!(missing.status, 400, "{}", missing.text);
        assert!(missing.text.contains("Choose the organization"), "{}", missing.text);
        for other in ["gamma", "nowhere", "~instance", "ACME"] {
            let refused = browser.submit(&decision(&review).with("organization", other)).await;
            assert_eq!(refused.status, 403, "{other}: {}", refused.text);
            assert!(refused.text.contains("can&#39;t choose this organization"), "{}", refused.text);
        }
        let unticked = browser.submit(&decision(&review).with("organization", "beta").without("confirm")).await;
        assert_eq!(unticked.status, 400);
        assert!(unticked.text.contains("<option value=\"beta\" selected"), "what was picked stays: {}", unticked.text);
        before.assert_unchanged(&app, "a form with something wrong").await;
        let done = browser.submit(&decision(&unticked).with("organization", "beta")).await;
        let result = browser.get(done.location()).await;
        assert!(result.text.contains("beta organization") && result.text.contains("close this window"), "{}", result.text);
        assert_eq!(mcp.poll(&app, &codes.device_code).await.json["org_id"], "beta");
    }

    async fn a_user_of_one_organization_still_confirms_it(engine: Scratch) {
        let Scene { app, u1, .. } = Scene::new(engine).await;
        let (browser, mcp) = (app.signed_in(u1).await, App::mcp());
        let codes = mcp.begin(&app).await;
        let review = browser.review(&OrgId::instance(), &codes.user_code).await;
        assert!(review.text.contains("acme organization") && !review.text.contains("<select"), "{}", review.text);
        mcp.poll(&app, &codes.device_code).await.assert_error("authorization_pending");
        assert_eq!(browser.submit(&decision(&review)).await.status, 303, "the form holds it");
        app.wait(6);
        assert_eq!(mcp.poll(&app, &codes.device_code).await.json["org_id"], "acme");
    }

    async fn a_user_of_no_organization_is_told_and_can_say_no(engine: Scratch) {
        let Scene { app, acme, u0, .. } = Scene::new(engine).await;
        let (browser, mcp) = (app.signed_in(u0).await, App::mcp());
        let codes = mcp.begin(&app).await;
        let review = browser.review(&OrgId::instance(), &codes.user_code).await;
        assert!(review.text.contains("You don&#39;t belong to any organization"), "{}", review.text);
        assert!(!review.text.contains("value=\"approve\"") && review.text.contains("value=\"deny\""), "{}", review.text);
        let before = Rows::of(&app).await;
        let forced = browser.submit(&decision(&review).with("organization", acme.as_str())).await;
        assert_eq!(forced.status, 403, "{}", forced.text);
        before.assert_unchanged(&app, "a forced approval").await;
        let denied = browser.submit(&decision(&review).with("decision", "deny")).await;
        assert!(browser.get(denied.location()).await.text.contains("denied"));
        mcp.poll(&app, &codes.device_code).await.assert_error("access_denied");
    }

    async fn a_membership_that_ends_between_page_and_form_gives_nothing(engine: Scratch) {
        let scene = Scene::new(engine).await;
        let Scene { app, acme, beta, u3, .. } = &scene;
        let (browser, mcp) = (app.signed_in(*u3).await, App::mcp());
        let codes = mcp.begin(app).await;
        let review = browser.review(&OrgId::instance(), &codes.user_code).await;
        let (org, user, by) = (beta.clone(), *u3, By::operator(&app.clock.moment()));
        app.write(move |conn| directory::members::remove(conn, &org, user, &by)).await;
        let refused = browser.submit(&decision(&review).with("organization", "beta")).await;
        assert_eq!(refused.status, 403, "{}", refused.text);
        mcp.poll(app, &codes.device_code).await.assert_error("authorization_pending");
        // Approved for the other; that organization ends before the device collects.
        assert_eq!(browser.submit(&decision(&review).with("organization", "acme")).await.status, 303);
        let (org, by) = (acme.clone(), By::operator(&app.clock.moment()));
        app.write(move |conn| directory::organizations::delete(conn, &org, &by)).await;
        app.wait(6);
        mcp.poll(app, &codes.device_code).await.assert_error("access_denied");
        assert_eq!(app.number("SELECT count(*) AS value FROM opaque_tokens").await, 0);
    }

    async fn an_organization_says_who_may_log_in_and_for_what(engine: Scratch) {
        let scene = Scene::new(engine).await;
        let Scene { app, acme, beta, u3, .. } = &scene;
        let (browser, mcp) = (app.signed_in(*u3).await, App::mcp());
        scene.change(beta, OrgChanges { device_login: Some(DeviceLogin::Off), ..OrgChanges::default() }).await;
        let codes = mcp.begin(app).await;
        let review = browser.review(&OrgId::instance(), &codes.user_code).await;
        assert!(review.text.contains("acme organization") && !review.text.contains("<select"), "{}", review.text);
        let refused = browser.submit(&decision(&review).with("organization", "beta")).await;
        assert_eq!(refused.status, 403, "{}", refused.text);
        scene.change(acme, OrgChanges { device_scope_ceiling: Some(scopes("write openid")), ..OrgChanges::default() }).await;
        let none = browser.get(&url::device_review(&OrgId::instance(), decision(&review).value("grant").parse().unwrap())).await;
        assert!(none.text.contains("None of your organizations lets this app in"), "{}", none.text);
        scene.change(acme, OrgChanges { device_scope_ceiling: Some(scopes("read openid")), ..OrgChanges::default() }).await;
        assert_eq!(browser.submit(&decision(&review)).await.status, 303);
        // Off in the meantime: what was approved is not given.
        scene.change(acme, OrgChanges { device_login: Some(DeviceLogin::Off), ..OrgChanges::default() }).await;
        mcp.poll(app, &codes.device_code).await.assert_error("access_denied");
        let longest = std::time::Duration::from_secs(30 * 86_400);
        let changes = OrgChanges { device_login: Some(DeviceLogin::On), longest_token: Some(longest), ..OrgChanges::default() };
        scene.change(acme, changes).await;
        app.wait(6);
        assert_eq!(mcp.poll(app, &codes.device_code).await.json["expires_in"], 30 * 86_400);
    }

    async fn an_organizations_code_is_reviewed_at_its_own_page(engine: Scratch) {
        let Scene { app, acme, u0, u1, .. } = Scene::new(engine).await;
        let cd = app.device_app(&acme).await;
        let codes = cd.begin(&app).await;
        let here = OrgId::instance();
        let stranger = app.signed_in(u0).await;
        assert_eq!(stranger.enter(&here, &codes.user_code).await.status, 400, "as a wrong code");
        let browser = app.signed_in(u1).await;
        let entered = browser.enter(&here, &codes.user_code).await;
        assert!(entered.location().starts_with("/orgs/acme/device/review?grant="), "{}", entered.location());
        let review = browser.get(entered.location()).await;
        assert_eq!(browser.decide(&acme, &review, "approve").await.status, 303);
        assert_eq!(cd.poll(&app, &codes.device_code).await.status, 200);
        // And the other way round: a code of nobody's does not work at an organization's page.
        let unbound = App::mcp().begin(&app).await;
        assert_eq!(browser.enter(&acme, &unbound.user_code).await.status, 400);
    }

    async fn a_code_typed_before_signing_in_waits_here_too(engine: Scratch) {
        let app = TestApp::new(engine).await;
        let acme = app.org("acme").await;
        let password = crate::stage::PASSWORD;
        app.user_with_password("ada@acme.example", password, &[(&acme, Role::Member)]).await;
        let (browser, mcp) = (app.browser(), App::mcp());
        let codes = mcp.begin(&app).await;
        let entry = browser.get(&format!("/device?code={}", codes.user_code)).await;
        assert_eq!((entry.status, entry.field("user_code")), (200, codes.user_code.clone()));
        let entered = browser.submit(&PageForm::to(&entry, "/device")).await;
        assert_eq!(entered.location(), url::login_to("/device"));
        let form = PageForm::to(&browser.get(entered.location()).await, url::LOGIN);
        let signed_in = browser.submit(&form.with("email", "ada@acme.example").with("password", password)).await;
        assert!(signed_in.location().starts_with("/device/review?grant="), "{}", signed_in.location());
        let review = browser.get(signed_in.location()).await;
        assert!(review.text.contains(&codes.user_code));
        // Not you? keeps the code for whoever comes next.
        let released = browser.submit(&PageForm::to(&review, "/device/release")).await;
        assert_eq!(released.location(), url::login_to("/device"));
        assert_eq!(browser.get(signed_in.location()).await.status, 303, "signed out");
        let form = PageForm::to(&browser.get(released.location()).await, url::LOGIN);
        let again = browser.submit(&form.with("email", "ada@acme.example").with("password", password)).await;
        assert!(again.location().starts_with("/device/review?grant="), "{}", again.location());
    }

    async fn case_62_a_session_of_one_organization_is_none_at_the_selector(engine: Scratch) {
        let stage = crate::stage::Stage::new(engine).await;
        let browser = stage.app.signed_in(stage.acme.owner).await;
        stage.app.sql("UPDATE sessions SET only_org = 'acme', identity_id = (SELECT id FROM upstream_identities LIMIT 1) WHERE user_id = (SELECT id FROM users WHERE email = 'ada@acme.example')").await;
        let entry = browser.get("/device").await;
        assert_eq!(entry.status, 200);
        assert!(!entry.text.contains(stage.acme.owner_email), "as for nobody: {}", entry.text);
        let review = url::device_review(&OrgId::instance(), stage.acme.anywhere_grant.parse().unwrap());
        assert!(browser.get(&review).await.location().starts_with("/login?next="), "to the sign-in");
        assert_eq!(browser.get("/api/auth/device/lookup?user_code=A").await.status, 401);
        assert_eq!(browser.get(&url::device(&stage.acme.org)).await.status, 200, "its own organization's page");
    }

    async fn every_way_of_presenting_a_token_is_taken_once(engine: Scratch) {
        let Scene { app, acme, beta, u3, .. } = Scene::new(engine).await;
        let key = App::mcp().log_in_for(&app, &app.signed_in(u3).await, &acme).await["access_token"].as_str().unwrap().to_owned();
        let own = url::me(&acme);
        for path in [own.as_str(), ME] {
            for (name, value) in [
                ("authorization", format!("Bearer {key}")), ("authorization", format!("ApiKey {key}")),
                ("authorization", format!("apikey {key}")), ("x-api-key", key.clone()),
            ] {
                let answer = with_header(&app, path, name, &value).await;
                assert_eq!((answer.status, answer.json["kind"].as_str()), (200, Some("mcp")), "{path} {name}: {}", answer.text);
                assert_eq!(answer.json["client_id"], "doorward-mcp");
            }
            let both = app.request(Method::GET, path).bearer_auth(&key).header("x-api-key", &key);
            Answer::of(both).await.assert_error("invalid_request");
            let two = app.request(Method::GET, path).header("x-api-key", &key).header("x-api-key", &key);
            Answer::of(two).await.assert_error("invalid_request");
            assert_eq!(app.get(path).await.status, 401, "{path}");
            app.get(&format!("{path}?access_token={key}")).await.assert_error("invalid_request");
        }
        assert_eq!(with_header(&app, &url::me(&beta), "x-api-key", &key).await.status, 401);
        // A token whose checksum is wrong, and one that was never made.
        let mut wrong = key.clone();
        wrong.replace_range(10..11, if &key[10..11] == "a" { "b" } else { "a" });
        for bad in [wrong.as_str(), "dwm_", "x", "a.b.c"] {
            assert_eq!(with_header(&app, ME, "x-api-key", bad).await.status, 401, "{bad}");
        }
        // Userinfo tells of signed tokens with openid alone.
        assert_eq!(app.get_with_token(&url::oauth(&acme, "userinfo"), &key).await.status, 401);
    }

    async fn whoever_holds_a_token_can_end_it(engine: Scratch) {
        let Scene { app, acme, beta, u3, .. } = Scene::new(engine).await;
        let browser = app.signed_in(u3).await;
        let cd = app.device_app(&acme).await;
        let signed = cd.log_in(&app, &browser).await["access_token"].as_str().unwrap().to_owned();
        let key = App::mcp().log_in_for(&app, &browser, &acme).await["access_token"].as_str().unwrap().to_owned();
        let end = async |path: &str, token: &str| Answer::of(app.request(Method::DELETE, path).bearer_auth(token)).await.status;
        assert_eq!(end(&url::me(&beta), &key).await, 401, "another organization's");
        assert_eq!(end(ME, &signed).await, 401, "the server itself knows no signed token");
        for (path, token) in [(url::me(&acme), &signed), (url::me(&acme), &key)] {
            assert_eq!(app.get_with_token(&path, token).await.status, 200);
            assert_eq!(end(&path, token).await, 204);
            assert_eq!(end(&path, token).await, 401);
            assert_eq!(app.get_with_token(&path, token).await.status, 401);
        }
        let nowhere = url::me(&OrgId::parse("nowhere").unwrap());
        assert_eq!(end(&nowhere, &key).await, 404);
        assert_eq!((app.audited("token.revoked").await, app.audited("access_token.revoked").await), (1, 1));
    }

    async fn services_ask_about_tokens_where_they_belong(engine: Scratch) {
        let scene = Scene::new(engine).await;
        let Scene { app, acme, beta, u3, .. } = &scene;
        let service = scene.service().await;
        let confidential = async |org: &OrgId| app.app(org, ClientKind::Confidential, |_| {}).await;
        let (at_acme, at_beta) = (confidential(acme).await, confidential(beta).await);
        let key = App::mcp().log_in_for(app, &app.signed_in(*u3).await, acme).await["access_token"].as_str().unwrap().to_owned();
        let ask = async |client: &App| client.post(app, "introspect", &[("token", &key)]).await;
        for (client, active) in [(&service, true), (&at_acme, true), (&at_beta, false)] {
            let told = ask(client).await;
            assert_eq!((told.status, told.json["active"].as_bool()), (200, Some(active)), "{}", told.text);
            if active {
                let fields = [&told.json["org_id"], &told.json["scope"], &told.json["client_id"], &told.json["iss"]];
                assert_eq!(fields, [&json!("acme"), &json!("read"), &json!("doorward-mcp"), &json!(format!("{}/orgs/acme", app.public_url))]);
            } else {
                assert_eq!(told.json, json!({ "active": false }));
            }
        }
        // A public client asks in vain, and a signed token is unknown to the server itself.
        let public = app.form("/api/v1/oauth/introspect", &[("client_id", "doorward-mcp"), ("token", &key)]).await;
        public.assert_invalid_client();
        let signed = app.device_app(acme).await.log_in(app, &app.signed_in(*u3).await).await;
        let told = service.post(app, "introspect", &[("token", signed["access_token"].as_str().unwrap())]).await;
        assert_eq!(told.json, json!({ "active": false }));
        // Another client's token stays what it is; its own client ends it.
        for client in [&service, &at_acme] {
            assert_eq!(client.post(app, "revoke", &[("token", &key)]).await.status, 200);
            assert_eq!(ask(&service).await.json["active"], true);
        }
        assert_eq!(App::mcp().post(app, "revoke", &[("token", &key)]).await.status, 200);
        assert_eq!(ask(&service).await.json, json!({ "active": false }));
        assert_eq!(app.audited("token.revoked").await, 1);
    }

    async fn uses_are_collected_and_written_together(engine: Scratch) {
        let Scene { app, acme, u3, .. } = Scene::new(engine).await;
        let key = App::mcp().log_in_for(&app, &app.signed_in(u3).await, &acme).await["access_token"].as_str().unwrap().to_owned();
        let before = Rows::of(&app).await;
        app.wait(60);
        assert_eq!(app.get_with_token(ME, &key).await.status, 200);
        app.wait(60);
        assert_eq!(app.get_with_token(&url::me(&acme), &key).await.status, 200);
        before.assert_unchanged(&app, "a use").await;
        server::jobs::note_uses(app.state.clone()).await.unwrap();
        assert_eq!(app.numbers("SELECT last_used_at AS value FROM opaque_tokens").await, [1_800_000_120_000]);
    }

    async fn an_application_of_an_organization_may_have_keys_too(engine: Scratch) {
        let Scene { app, acme, u1, .. } = Scene::new(engine).await;
        for (kind, prefix) in [(OpaqueKind::ApiKey, "dwk_"), (OpaqueKind::Mcp, "dwm_")] {
            let keyed = app
                .app(&acme, ClientKind::Public, |settings| {
                    settings.grants = [GrantType::DeviceCode].into();
                    (settings.scopes, settings.default_scopes) = (scopes("read write"), scopes("read write"));
                    settings.tokens.kind = TokenProfile::Opaque(kind);
                })
                .await;
            let got: Value = keyed.log_in(&app, &app.signed_in(u1).await).await;
            assert!(got["access_token"].as_str().unwrap().starts_with(prefix), "{got}");
            assert_eq!(got["org_id"], "acme");
            let scope = if kind == OpaqueKind::Mcp { "read" } else { "read write" };
            assert_eq!(got["scope"], scope);
            // The application's end is its tokens' end, for as long as it lasts.
            let path = url::me(&acme);
            let key = got["access_token"].as_str().unwrap().to_owned();
            let state = async |state| {
                let (org, id, by) = (acme.clone(), keyed.id, By::operator(&app.clock.moment()));
                app.write(move |conn| {
                    let target = registry::applications::Target { org_id: &org, id, revision: None };
                    registry::applications::set_state(conn, target, state, &by).map(drop)
                }).await;
            };
            state(model::application::ApplicationState::Disabled).await;
            assert_eq!(app.get_with_token(&path, &key).await.status, 401);
            state(model::application::ApplicationState::Active).await;
            assert_eq!(app.get_with_token(&path, &key).await.status, 200);
            app.wait(90 * 86_400);
            assert_eq!(app.get_with_token(&path, &key).await.status, 401, "its time is over");
        }
    }
}
