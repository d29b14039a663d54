//! What tests of the authorization code flow share: an organization, its applications, and the way through.

use crate::page_form::PageForm;
use crate::support::{Answer, App, Browser, TestApp};
use model::application::{ApplicationSettings, ClientKind};
use model::id::{OrgId, UserId};
use model::org::Role;
use model::redirect_uri::RedirectUri;
use protocol::token::GrantType;
use routes::url;
use std::time::Duration;

/// RFC 7636, appendix B.
pub const VERIFIER: &str = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
pub const CHALLENGE: &str = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";

/// Where a site is called back at.
pub const SITE: &str = "https://app.example/cb";
/// Where a program on the user's machine is.
pub const PROGRAM: &str = "http://127.0.0.1/cb";

/// An organization with two applications that sign people in.
pub struct Acme {
    /// The server.
    pub app: TestApp,
    /// The organization.
    pub acme: OrgId,
    /// Confidential, at [`SITE`].
    pub site: App,
    /// Public, at [`PROGRAM`].
    pub program: App,
    /// A member.
    pub ada: UserId,
}

/// What an application has that signs people in.
pub fn by_code(redirect_uri: &'static str) -> impl FnOnce(&mut ApplicationSettings) {
    move |settings| {
        settings.grants = [GrantType::AuthorizationCode, GrantType::RefreshToken].into();
        settings.code.redirect_uris = vec![RedirectUri::parse(redirect_uri).unwrap()];
    }
}

/// Sets it up.
pub async fn set_up(engine: testkit::Scratch) -> Acme {
    let app = TestApp::new(engine).await;
    let acme = app.org("acme").await;
    let site = app.app(&acme, ClientKind::Confidential, by_code(SITE)).await;
    let program = app.app(&acme, ClientKind::Public, by_code(PROGRAM)).await;
    let ada = app.user("ada@acme.example", &[(&acme, Role::Member)]).await;
    Acme { app, acme, site, program, ada }
}

/// The parameters of a request as a good client sends it.
pub fn request<'a>(client: &'a App, redirect_uri: &'a str) -> Vec<(&'a str, &'a str)> {
    vec![
        ("response_type", "code"),
        ("client_id", &client.client_id),
        ("redirect_uri", redirect_uri),
        ("scope", "openid email"),
        ("state", "a state & more"),
        ("nonce", "n-0S6"),
        ("code_challenge", CHALLENGE),
        ("code_challenge_method", "S256"),
    ]
}

/// The same with other values; without a parameter where its value is empty.
pub fn with<'a>(mut request: Vec<(&'a str, &'a str)>, changes: &[(&'a str, &'a str)]) -> Vec<(&'a str, &'a str)> {
    for change in changes {
        request.retain(|(name, _)| name != &change.0);
        if !change.1.is_empty() {
            request.push(*change);
        }
    }
    request
}

/// Where a browser is sent with these parameters.
pub fn address(client: &App, parameters: &[(&str, &str)]) -> String {
    let pairs: Vec<String> =
        parameters.iter().map(|(name, value)| format!("{name}={}", url::percent_encoded(value))).collect();
    format!("{}?{}", client.endpoint("authorize"), pairs.join("&"))
}

/// The parameters of an answer at the client's address.
pub fn answered(location: &str, at: &str) -> Vec<(String, String)> {
    let tail = location.strip_prefix(at).unwrap_or_else(|| panic!("{location} does not lead to {at}"));
    let tail = tail.strip_prefix(['?', '#']).unwrap();
    url_of(tail)
}

/// The parameters of a query.
pub fn url_of(query: &str) -> Vec<(String, String)> {
    let parsed = reqwest::Url::parse(&format!("https://x.example/?{query}")).unwrap();
    parsed.query_pairs().map(|(name, value)| (name.into_owned(), value.into_owned())).collect()
}

/// One of them.
pub fn of<'a>(answer: &'a [(String, String)], name: &str) -> &'a str {
    answer.iter().find(|(known, _)| known == name).map_or("", |(_, value)| value)
}

/// Decides on the consent page. What is shown afterwards is shown later.
pub async fn decide(browser: &Browser<'_>, page: &Answer, org: &OrgId, decision: &str) -> Answer {
    assert_eq!(page.status, 200, "no consent page: {} {}", page.status, page.text);
    let decided = browser.submit(&PageForm::to(page, &url::consent(org)).with("decision", decision)).await;
    browser.app.clock.advance(Duration::from_millis(1));
    decided
}

impl Acme {
    /// A code that somebody has just agreed to.
    pub async fn code(&self, client: &App, browser: &Browser<'_>, request: &[(&str, &str)], at: &str) -> String {
        let page = browser.get(&address(client, request)).await;
        let decided = decide(browser, &page, &self.acme, "approve").await;
        assert_eq!(decided.status, 303, "{}", decided.text);
        of(&answered(decided.location(), at), "code").to_owned()
    }

    /// Redeems a code, with other parameters where some are named.
    pub async fn redeem(&self, client: &App, code: &str, at: &str, changes: &[(&str, &str)]) -> Answer {
        let fields = [
            ("grant_type", "authorization_code"),
            ("code", code),
            ("redirect_uri", at),
            ("code_verifier", VERIFIER),
            ("client_id", &client.client_id),
            ("client_secret", client.secret.as_deref().unwrap_or_default()),
        ];
        self.app.form(&client.endpoint("token"), &with(fields.to_vec(), changes)).await
    }
}
