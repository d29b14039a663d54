//! Sign-ins in a web view of an app's own: request, consent, token in the fragment.

use crate::code_flow::{by_code, url_of};
use crate::page_form::PageForm;
use crate::support::{Answer, App, Browser, TestApp};
use model::application::{ApplicationSettings, ApplicationState, ClientKind};
use model::id::{ClientId, OrgId, UserId};
use model::org::Role;
use model::redirect_uri::RedirectUri;
use protocol::scope::Scopes;
use routes::url;

/// An app's own step after registering.
pub const STEP: &str = "https://app.example/welcome?lang=en";

/// Where every answer is.
pub fn target(app: &TestApp) -> String {
    format!("{}{}", app.public_url, url::EMBEDDED_TARGET)
}

pub struct Acme {
    pub app: TestApp,
    pub acme: OrgId,
    /// May sign people in inside a web view.
    pub inside: App,
    pub ada: UserId,
}

/// May sign people in inside a web view, and nothing else.
fn embedded(settings: &mut ApplicationSettings) {
    settings.grants.clear();
    settings.embedded.enabled = true;
}

pub async fn set_up(engine: testkit::Scratch) -> Acme {
    let app = TestApp::new(engine).await;
    let acme = app.org("acme").await;
    let inside = app.app(&acme, ClientKind::Public, embedded).await;
    let ada = app.user("ada@acme.example", &[(&acme, Role::Member)]).await;
    Acme { app, acme, inside, ada }
}

/// The address that a good app opens, with other parameters where some are named; without one where its value is empty.
pub fn start(client: &App, changes: &[(&str, &str)]) -> String {
    let mut parameters = vec![
        ("client_id", client.client_id.as_str()),
        ("response_type", "token"),
        ("embedded", "true"),
        ("scope", "openid email"),
        ("state", "a state & more#"),
    ];
    for change in changes {
        parameters.retain(|(name, _)| name != &change.0);
        if !change.1.is_empty() {
            parameters.push(*change);
        }
    }
    let pairs: Vec<String> =
        parameters.iter().map(|(name, value)| format!("{name}={}", url::percent_encoded(value))).collect();
    format!("{}?{}", url::EMBEDDED_START, pairs.join("&"))
}

/// The parameters of an answer, which are in the fragment of the common page, and nowhere else.
pub fn answered(app: &TestApp, answer: &Answer) -> Vec<(String, String)> {
    assert_eq!(answer.status, 302, "{}", answer.text);
    let location = answer.header("location");
    let tail = location.strip_prefix(&target(app)).unwrap_or_else(|| panic!("{location} is no answer"));
    let fragment = tail.strip_prefix('#').unwrap_or_else(|| panic!("{location}: no fragment"));
    assert!(!fragment.contains(['#', '?']), "{location}");
    assert_eq!(answer.header("cache-control"), "no-store");
    url_of(fragment)
}

pub fn of<'a>(answer: &'a [(String, String)], name: &str) -> &'a str {
    answer.iter().find(|(known, _)| known == name).map_or("", |(_, value)| value)
}

/// Decides on the consent page.
pub async fn decide(browser: &Browser<'_>, page: &Answer, org: &OrgId, decision: &str) -> Answer {
    assert_eq!(page.status, 200, "no consent page: {} {}", page.header("location"), page.text);
    browser.submit(&PageForm::to(page, &url::embedded_decision(org)).with("decision", decision)).await
}

impl Acme {
    /// A browser of ada's that sees the question.
    pub async fn asked(&self, changes: &[(&str, &str)]) -> (Browser<'_>, Answer) {
        let browser = self.app.signed_in(self.ada).await;
        let page = browser.get(&start(&self.inside, changes)).await;
        (browser, page)
    }

    /// How many tokens there are.
    pub async fn tokens(&self) -> i64 {
        self.app.number("SELECT count(*) AS value FROM opaque_tokens").await
    }
}

testkit::both_engines! {
    async fn case_54_token_and_state_are_in_the_fragment_alone(engine: testkit::Scratch) {
        let scene = set_up(engine).await;
        let Acme { app, acme, inside, ada } = &scene;
        let (browser, page) = scene.asked(&[]).await;
        let policy = page.header("content-security-policy");
        assert!(policy.contains("form-action 'self';"), "the page leads nowhere else: {policy}");
        for shown in ["Acme CLI", "ada@acme.example", "acme organization", "value=\"approve\"", "value=\"deny\""] {
            assert!(page.text.contains(shown), "{shown} is not on {}", page.text);
        }
        assert_eq!(scene.tokens().await, 0);
        let decided = decide(&browser, &page, acme, "approve").await;
        let answer = answered(app, &decided);
        let names: Vec<&str> = answer.iter().map(|(name, _)| name.as_str()).collect();
        assert_eq!(names, ["access_token", "state", "token_type", "expires_in", "scope"]);
        let told = ["state", "token_type", "expires_in", "scope"].map(|name| of(&answer, name));
        assert_eq!(told, ["a state & more#", "Bearer", "3600", "email openid"]);
        let token = of(&answer, "access_token");
        assert!(token.starts_with("dwe_") && !decided.text.contains(token));

        let me = app.get_with_token(&url::me(acme), token).await;
        assert_eq!(me.status, 200, "{}", me.text);
        assert_eq!((me.json["kind"].as_str(), me.json["sub"].as_str()), (Some("embedded"), Some(ada.to_string().as_str())));
        assert_eq!((me.json["client_id"].as_str(), me.json["scope"].as_str()), (Some(inside.client_id.as_str()), Some("email openid")));
        let connections = browser.get(url::CONNECTIONS).await;
        assert!(connections.text.contains("Acme CLI"), "{}", connections.text);
        app.wait(3601);
        assert_eq!(app.get_with_token(&url::me(acme), token).await.status, 401);
        let log = app.texts("SELECT action || details AS value FROM audit WHERE org_id = 'acme' AND action LIKE 'grant%'").await;
        assert_eq!(log.len(), 1, "{log:?}");
        assert!(log[0].contains("grant.approved") && log[0].contains("embedded") && !log[0].contains(token), "{log:?}");
    }

    async fn case_53_what_is_missing_or_wrong_is_an_error_and_no_token(engine: testkit::Scratch) {
        let scene = set_up(engine).await;
        let Acme { app, acme, inside, ada } = &scene;
        let off = app.app(acme, ClientKind::Public, |_| {}).await;
        let long = "x".repeat(2049);
        type Case<'a> = (&'a App, &'a [(&'a str, &'a str)], &'a str);
        let cases: &[Case<'_>] = &[
            (inside, &[("state", "")], "invalid_request"),
            (inside, &[("embedded", "")], "invalid_request"),
            (inside, &[("embedded", "false")], "invalid_request"),
            (inside, &[("embedded", "TRUE")], "invalid_request"),
            (inside, &[("scope", "")], "invalid_request"),
            (inside, &[("response_type", "")], "invalid_request"),
            (inside, &[("response_type", "code")], "unsupported_response_type"),
            (inside, &[("response_type", "token id_token")], "unsupported_response_type"),
            (inside, &[("redirect_uri", "https://evil.example/cb")], "invalid_request"),
            (inside, &[("redirect_uri", "https://app.example/cb")], "invalid_request"),
            (inside, &[("state", &long)], "invalid_request"),
            (inside, &[("scope", "openid admin")], "invalid_scope"),
            (inside, &[("scope", "openid \"")], "invalid_scope"),
            (inside, &[("scope", "offline_access")], "invalid_scope"),
            (&off, &[], "unsupported_response_type"),
            (&off, &[("scope", "admin")], "unsupported_response_type"),
        ];
        for browser in [app.browser(), app.signed_in(*ada).await] {
            for (client, changes, error) in cases {
                let at_start = start(client, changes);
                for address in [at_start.clone(), at_start.replace(url::EMBEDDED_START, "/orgs/acme/embedded")] {
                    let told = answered(app, &browser.get(&address).await);
                    assert_eq!(of(&told, "error"), *error, "{changes:?}");
                    assert_eq!(of(&told, "access_token"), "", "{changes:?}");
                    assert!(of(&told, "error_description").ends_with('.'), "{told:?}");
                    let kept = if changes.iter().any(|(name, _)| *name == "state") { "" } else { "a state & more#" };
                    assert_eq!(of(&told, "state"), kept, "{changes:?}");
                }
            }
        }
        assert_eq!(scene.tokens().await, 0);
    }

    async fn nobody_is_sent_anywhere_for_an_app_that_is_not_known(engine: testkit::Scratch) {
        let scene = set_up(engine).await;
        let Acme { app, acme, inside, ada } = &scene;
        let gone = app.app(acme, ClientKind::Public, embedded).await;
        app.set_app_state(&gone, ApplicationState::Disabled).await;
        let beta = app.org("beta").await;
        let of_beta = app.app(&beta, ClientKind::Public, embedded).await;
        let at_acme = start(&of_beta, &[]).replace(url::EMBEDDED_START, "/orgs/acme/embedded");
        let reference = start(inside, &[("client_id", ClientId::REFERENCE)]);
        for browser in [app.browser(), app.signed_in(*ada).await] {
            for address in [
                start(inside, &[("client_id", "nobody")]),
                start(inside, &[("client_id", "")]),
                start(inside, &[("client_id", "nobody"), ("response_type", "code"), ("embedded", "")]),
                start(inside, &[("client_id", "doorward-mcp")]),
                reference.clone(),
                reference.replace(url::EMBEDDED_START, "/orgs/acme/embedded"),
                start(&gone, &[]),
                at_acme.clone(),
                format!("{}&state=another", start(inside, &[])),
                format!("{}&client_id={}", start(inside, &[]), inside.client_id),
                format!("{}%ff", start(inside, &[])),
                url::EMBEDDED_START.to_owned(),
            ] {
                let answer = browser.get(&address).await;
                assert_eq!((answer.status, answer.header("location")), (400, ""), "{address}");
                assert!(answer.header("content-type").starts_with("text/html") && answer.text.contains("<h1>"), "{address}");
            }
        }
        assert_eq!(app.get("/orgs/nowhere/embedded?client_id=x").await.status, 404);
        assert_eq!(app.get("/orgs/nowhere/embedded?a=1&a=2").await.status, 404);
    }

    async fn a_token_ends_with_what_it_stands_for(engine: testkit::Scratch) {
        let scene = set_up(engine).await;
        let Acme { app, acme, inside, .. } = &scene;
        let beta = app.org("beta").await;
        for what in ["membership", "account", "application", "organization", "scope"] {
            let user = app.user(&format!("{what}@acme.example"), &[(acme, Role::Member)]).await;
            let browser = app.signed_in(user).await;
            let page = browser.get(&start(inside, &[])).await;
            let answer = answered(app, &decide(&browser, &page, acme, "approve").await);
            let token = of(&answer, "access_token");
            let me = async || app.get_with_token(&url::me(acme), token).await;
            assert_eq!(me().await.status, 200, "{what}");
            match what {
                "membership" => app.end_membership(acme, user).await,
                "account" => app.sql("UPDATE users SET state = 'disabled'").await,
                "application" => app.set_app_state(inside, ApplicationState::Disabled).await,
                "organization" => {
                    assert_eq!(app.get_with_token(&url::me(&beta), token).await.status, 401);
                    continue;
                }
                _ => {
                    app.edit_app(inside, |settings| {
                        settings.scopes = Scopes::parse("openid").unwrap();
                        settings.default_scopes = settings.scopes.clone();
                    }).await;
                    assert_eq!(me().await.json["scope"], "openid", "no more than the application may have now");
                    continue;
                }
            }
            assert_eq!(me().await.status, 401, "{what}");
            app.sql("UPDATE users SET state = 'active'").await;
            app.sql("UPDATE applications SET state = 'active'").await;
        }
    }

    async fn by_a_code_the_address_is_the_organizations_own_endpoint(engine: testkit::Scratch) {
        let scene = set_up(engine).await;
        let Acme { app, acme, ada, .. } = &scene;
        const SITE: &str = "https://app.example/cb";
        let site = app.app(acme, ClientKind::Confidential, |settings| {
            by_code(SITE)(settings);
            settings.code.challenge_required = false;
        }).await;
        let code = [("response_type", "code"), ("embedded", ""), ("redirect_uri", SITE)];
        let guest = app.get(&start(&site, &code)).await;
        assert!(guest.location().starts_with("/login?next=%2Forgs%2Facme%2Fapi%2Fv1%2Foauth%2Fauthorize"), "{}", guest.location());
        let browser = app.signed_in(*ada).await;
        for bad in ["https://evil.example/cb", "https://app.example/cb/", "https://app.example/cb?x=1"] {
            let refused = browser.get(&start(&site, &[code[0], code[1], ("redirect_uri", bad)])).await;
            assert_eq!((refused.status, refused.header("location")), (400, ""), "{bad}");
        }
        let page = browser.get(&start(&site, &code)).await;
        let decided = browser.submit(&PageForm::to(&page, &url::consent(acme)).with("decision", "approve")).await;
        let answer = url_of(decided.location().strip_prefix(&format!("{SITE}?")).unwrap());
        assert_eq!(of(&answer, "state"), "a state & more#");
        let fields = [
            ("grant_type", "authorization_code"), ("code", of(&answer, "code")), ("redirect_uri", SITE),
            ("client_id", &site.client_id), ("client_secret", site.secret.as_deref().unwrap()),
        ];
        app.form(&site.endpoint("token"), &fields).await.ok();
        // Neither is the other: an app for web views has no code, and one for codes no web view.
        let told = answered(app, &browser.get(&start(&site, &[])).await);
        assert_eq!(of(&told, "error"), "unsupported_response_type");
    }

    async fn the_page_of_the_answer_does_nothing(engine: testkit::Scratch) {
        let scene = set_up(engine).await;
        let page = scene.app.get(url::EMBEDDED_TARGET).await;
        assert_eq!((page.status, page.header("cache-control"), page.header("referrer-policy")), (200, "no-store", "no-referrer"));
        assert!(!page.text.contains("<script") && !page.text.contains("<form"), "{}", page.text);
        assert!(!page.header("content-security-policy").contains("script-src"), "{}", page.header("content-security-policy"));
    }

    async fn a_step_is_a_page_of_a_site(engine: testkit::Scratch) {
        let scene = set_up(engine).await;
        scene.app.edit_app(&scene.inside, |settings| {
            settings.embedded.post_registration_url = RedirectUri::parse(STEP).ok();
        }).await;
        // Whoever was a member before has no step to take.
        let (_, page) = scene.asked(&[]).await;
        assert!(page.text.contains("value=\"approve\""), "{}", page.text);
    }
}
