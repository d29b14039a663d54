//! What an organization's metadata lists works, and what works is listed (RFC 8414 §2, OIDC Discovery §3).
//!
//! The document leads: a field of it without an arm here fails, and so does a word of a field that `published_words` does
//! not know how to use. Addresses are the document's, never ours.

use crate::code_flow::{SITE, VERIFIER, answered, by_code, decide, of, request, with};
use crate::support::{Answer, App, Browser, TestApp};
use crate::wire::DEVICE_CODE;
use model::algorithm::Algorithm;
use model::application::{ApplicationSettings, ClientKind};
use model::device_login::DeviceLogin;
use model::id::{OrgId, UserId};
use model::language::Language;
use model::org::Role;
use model::redirect_uri::RedirectUri;
use protocol::authorize::{Prompt, ResponseMode};
use protocol::scope::Scopes;
use protocol::token::GrantType;
use reqwest::Method;
use routes::{TABLE, url};
use serde_json::{Value, json};
use std::collections::BTreeSet;

/// A scope that the organization has beside the standard ones.
pub(crate) const OWN: &str = "reports";

/// Where a sign-out may lead.
const BYE: &str = "https://app.example/bye";

/// An organization with its document, and clients that may do all that is listed.
pub(crate) struct Published {
    pub(crate) app: TestApp,
    pub(crate) acme: OrgId,
    pub(crate) document: Value,
    /// Confidential.
    pub(crate) site: App,
    /// Public.
    pub(crate) program: App,
    /// A member.
    pub(crate) ada: UserId,
}

/// An application that may do what is listed.
pub(crate) fn allowed(document: &Value, kind: ClientKind) -> impl FnOnce(&mut ApplicationSettings) {
    let scopes = Scopes::parse(&words(&document["scopes_supported"]).join(" ")).unwrap();
    move |settings| {
        by_code(SITE)(settings);
        let public = kind == ClientKind::Public;
        let may = |grant: &GrantType| !public || *grant != GrantType::ClientCredentials;
        settings.grants = GrantType::ALL.into_iter().filter(may).collect();
        settings.code.post_logout_redirect_uris = vec![RedirectUri::parse(BYE).unwrap()];
        settings.scopes = scopes;
    }
}

/// The words of a list.
pub(crate) fn words(list: &Value) -> Vec<&str> {
    let list = list.as_array().unwrap_or_else(|| panic!("{list} is no list"));
    list.iter().map(|word| word.as_str().unwrap()).collect()
}

async fn document(app: &TestApp, org: &OrgId) -> Value {
    app.get(&format!("/orgs/{org}/.well-known/openid-configuration")).await.ok().json
}

impl Published {
    async fn new(engine: testkit::Scratch) -> Self {
        let app = TestApp::new(engine).await;
        let acme = app.org("acme").await;
        app.scope(&acme, OWN, "").await;
        let document = document(&app, &acme).await;
        let site = app.app(&acme, ClientKind::Confidential, allowed(&document, ClientKind::Confidential)).await;
        let program = app.app(&acme, ClientKind::Public, allowed(&document, ClientKind::Public)).await;
        let ada = app.user("ada@acme.example", &[(&acme, Role::Member)]).await;
        Self { app, acme, document, site, program, ada }
    }

    /// Uses all that the document lists.
    async fn use_all(&self) {
        for (field, value) in self.document.as_object().unwrap() {
            self.use_field(field, value).await;
        }
    }

    async fn use_field(&self, field: &str, value: &Value) {
        let yes = || value.as_bool().unwrap_or_else(|| panic!("{field} is neither true nor false"));
        match field {
            "issuer" => assert_eq!(*value, self.app.issuer(&self.acme)),
            "jwks_uri" => self.keys().await,
            "authorization_endpoint" => self.authorization().await,
            "token_endpoint" => self.token().await,
            "device_authorization_endpoint" => self.device_authorization().await,
            "introspection_endpoint" | "revocation_endpoint" => self.introspection_and_revocation().await,
            "userinfo_endpoint" => self.userinfo().await,
            "end_session_endpoint" => self.end_session().await,
            "scopes_supported" => self.scopes(&words(value)).await,
            "claims_supported" => self.claims(&words(value)).await,
            "subject_types_supported" => self.subject_types(&words(value)).await,
            "grant_types_supported" => self.grant_types(&words(value)).await,
            "response_types_supported" => self.response_types(&words(value)).await,
            "response_modes_supported" => self.response_modes(&words(value)).await,
            "prompt_values_supported" => self.prompts(&words(value)).await,
            "ui_locales_supported" => self.locales(&words(value)).await,
            "code_challenge_methods_supported" => self.challenges(&words(value)).await,
            "id_token_signing_alg_values_supported" => self.algorithms(&words(value)).await,
            "token_endpoint_auth_methods_supported" => self.authentication("token_endpoint", &words(value)).await,
            "introspection_endpoint_auth_methods_supported" => {
                self.authentication("introspection_endpoint", &words(value)).await;
            }
            "revocation_endpoint_auth_methods_supported" => {
                self.authentication("revocation_endpoint", &words(value)).await;
            }
            "authorization_response_iss_parameter_supported" => self.answers_name_the_issuer(yes()).await,
            "claims_parameter_supported" => self.claims_parameter(yes()).await,
            "request_parameter_supported" => self.request_objects("request", "request_not_supported", yes()).await,
            "request_uri_parameter_supported" => {
                self.request_objects("request_uri", "request_uri_not_supported", yes()).await;
            }
            unknown => panic!("the metadata has {unknown}, which nobody here knows how to use"),
        }
    }

    /// The path of an address of the document.
    pub(crate) fn at(&self, field: &str) -> String {
        let address = self.document[field].as_str().unwrap_or_else(|| panic!("the metadata has no {field}"));
        let path = address.strip_prefix(&self.app.public_url);
        path.unwrap_or_else(|| panic!("{field} is elsewhere: {address}")).to_owned()
    }

    /// Whether devices are logged in here.
    pub(crate) fn has_devices(&self) -> bool {
        self.document["device_authorization_endpoint"].is_string()
    }

    /// Posts to an endpoint, with the client's credentials.
    pub(crate) async fn post(&self, endpoint: &str, client: &App, fields: &[(&str, &str)]) -> Answer {
        self.app.form(&self.at(endpoint), &[&client.credentials(), fields].concat()).await
    }

    /// An authorization request, with other parameters where some are named.
    pub(crate) fn request(&self, client: &App, changes: &[(&str, &str)]) -> String {
        let parameters = with(request(client, SITE), changes);
        let pairs = parameters.iter().map(|(name, value)| format!("{name}={}", url::percent_encoded(value)));
        format!("{}?{}", self.at("authorization_endpoint"), pairs.collect::<Vec<_>>().join("&"))
    }

    /// The address that a browser is sent to which brings the same request by POST.
    pub(crate) async fn posted(&self, asked: &str) -> String {
        let (path, query) = asked.split_once('?').unwrap();
        let request = self.app.request(Method::POST, path).header("content-type", "application/x-www-form-urlencoded");
        Answer::of(request.body(query.to_owned())).await.location().to_owned()
    }

    /// What the client is answered: somebody agrees, unless they have done so before or the request is refused.
    pub(crate) async fn told(&self, browser: &Browser<'_>, asked: &str) -> Vec<(String, String)> {
        let page = browser.get(asked).await;
        let answer = if page.status == 200 { decide(browser, &page, &self.acme, "approve").await } else { page };
        answered(answer.location(), SITE)
    }

    /// Redeems a code.
    pub(crate) async fn redeem(&self, client: &App, code: &str, verifier: &str) -> Answer {
        let fields =
            [("grant_type", "authorization_code"), ("code", code), ("redirect_uri", SITE), ("code_verifier", verifier)];
        self.post("token_endpoint", client, &fields).await
    }

    /// Tokens for whoever is signed in at `browser`.
    pub(crate) async fn tokens_at(&self, browser: &Browser<'_>, client: &App, changes: &[(&str, &str)]) -> Value {
        let told = self.told(browser, &self.request(client, changes)).await;
        self.redeem(client, of(&told, "code"), VERIFIER).await.ok().json
    }

    /// Tokens for Ada.
    pub(crate) async fn tokens(&self, client: &App, changes: &[(&str, &str)]) -> Value {
        self.tokens_at(&self.app.signed_in(self.ada).await, client, changes).await
    }

    /// A device's code, which Ada has approved.
    pub(crate) async fn approved_device(&self, fields: &[(&str, &str)]) -> String {
        let begun = self.post("device_authorization_endpoint", &self.program, fields).await.ok();
        self.app.signed_in(self.ada).await.approve(&self.acme, &begun.at("user_code")).await;
        begun.at("device_code")
    }

    async fn keys(&self) {
        let keys = self.app.get(&self.at("jwks_uri")).await.ok().json;
        let keys = keys["keys"].as_array().unwrap();
        assert!(!keys.is_empty());
        for key in keys {
            assert!(key["kid"].is_string() && key["alg"].is_string() && key["use"] == "sig", "{key}");
            assert!(key.get("d").is_none());
        }
        assert_eq!(self.app.jwks(&self.acme).await.keys.len(), keys.len(), "the keys that tokens are verified by");
    }

    async fn authorization(&self) {
        let browser = self.app.signed_in(self.ada).await;
        let asked = self.request(&self.site, &[("prompt", "consent")]);
        let posted = self.posted(&asked).await;
        for asked in [asked, posted] {
            assert!(!of(&self.told(&browser, &asked).await, "code").is_empty());
        }
    }

    async fn token(&self) {
        let told = self.told(&self.app.signed_in(self.ada).await, &self.request(&self.site, &[])).await;
        let tokens = self.redeem(&self.site, of(&told, "code"), VERIFIER).await.ok();
        assert_eq!((tokens.at("token_type").as_str(), tokens.header("cache-control")), ("Bearer", "no-store"));
        self.app.verified(&self.acme, &tokens.at("access_token"), "at+jwt", &self.app.issuer(&self.acme)).await;
        self.post("token_endpoint", &self.site, &[]).await.assert_error("invalid_request");
    }

    async fn device_authorization(&self) {
        let begun = self.post("device_authorization_endpoint", &self.program, &[]).await.ok();
        assert!(begun.json["expires_in"].is_u64() && begun.at("device_code").len() >= 43);
        let page = begun.at("verification_uri_complete");
        let page = self.app.get(page.strip_prefix(&self.app.public_url).unwrap()).await.ok();
        assert_eq!(page.field("user_code"), begun.at("user_code"));
    }

    async fn introspection_and_revocation(&self) {
        let tokens = self.tokens(&self.site, &[]).await;
        let token = [("token", tokens["access_token"].as_str().unwrap())];
        let told = self.post("introspection_endpoint", &self.site, &token).await.ok().json;
        assert_eq!((&told["active"], &told["client_id"]), (&json!(true), &json!(self.site.client_id)));
        self.post("revocation_endpoint", &self.site, &token).await.ok();
        let told = self.post("introspection_endpoint", &self.site, &token).await.ok().json;
        assert_eq!(told, json!({"active": false}));
    }

    async fn userinfo(&self) {
        let tokens = self.tokens(&self.site, &[]).await;
        let token = tokens["access_token"].as_str().unwrap();
        let path = self.at("userinfo_endpoint");
        for method in [Method::GET, Method::POST] {
            let told = Answer::of(self.app.request(method, &path).bearer_auth(token)).await.ok().json;
            assert_eq!(told["sub"], self.ada.to_string());
        }
    }

    async fn end_session(&self) {
        let browser = self.app.signed_in(self.ada).await;
        let tokens = self.tokens_at(&browser, &self.site, &[]).await;
        let hint = tokens["id_token"].as_str().unwrap();
        let asked =
            format!("{}?id_token_hint={hint}&state=x&post_logout_redirect_uri={BYE}", self.at("end_session_endpoint"));
        assert_eq!(browser.get(&asked).await.location(), format!("{BYE}?state=x"));
        let silent = self.told(&browser, &self.request(&self.site, &[("prompt", "none")])).await;
        assert_eq!(of(&silent, "error"), "login_required", "signed out");
    }
}

fn set<'a>(words: impl IntoIterator<Item = &'a str>) -> BTreeSet<String> {
    words.into_iter().map(str::to_owned).collect()
}

testkit::both_engines! {
    async fn all_that_is_listed_works(engine: testkit::Scratch) {
        Published::new(engine).await.use_all().await;
    }

    async fn all_that_works_is_listed(engine: testkit::Scratch) {
        let published = Published::new(engine).await;
        let fields = published.document.as_object().unwrap().keys();
        let endpoints: BTreeSet<String> = fields.filter(|field| field.ends_with("_endpoint")).map(|field| published.at(field)).collect();
        let patterns = TABLE.iter().map(|spec| spec.pattern);
        let served = patterns.clone().filter(|pattern| pattern.starts_with("/orgs/{org}/api/v1/oauth/")).map(|pattern| pattern.replace("{org}", "acme"));
        assert_eq!(endpoints, served.collect());
        assert!(patterns.map(|pattern| pattern.replace("{org}", "acme")).any(|path| path == published.at("jwks_uri")));
        for (field, served) in [
            ("grant_types_supported", set(GrantType::ALL.map(GrantType::wire))),
            ("response_modes_supported", set(ResponseMode::ALL.map(ResponseMode::wire))),
            ("prompt_values_supported", set(Prompt::VALUES)),
            ("ui_locales_supported", set(Language::ALL.map(Language::tag))),
            ("id_token_signing_alg_values_supported", set(Algorithm::ALL.map(Algorithm::as_str))),
        ] {
            assert_eq!(set(words(&published.document[field])), served, "{field}");
        }
        // A list that is not there means what the RFCs say, and not what is so here.
        for field in [
            "response_types_supported", "subject_types_supported", "code_challenge_methods_supported", "claims_supported",
            "token_endpoint_auth_methods_supported", "introspection_endpoint_auth_methods_supported", "revocation_endpoint_auth_methods_supported",
        ] {
            assert!(!words(&published.document[field]).is_empty(), "{field}");
        }
        let scopes = published.app.texts("SELECT name AS value FROM scopes WHERE org_id = 'acme'").await;
        assert_eq!(set(words(&published.document["scopes_supported"])), scopes.into_iter().collect());
    }

    async fn where_device_login_is_off_it_is_not_listed_and_the_rest_works(engine: testkit::Scratch) {
        let mut published = Published::new(engine).await;
        let endpoint = published.at("device_authorization_endpoint");
        let approved = published.approved_device(&[]).await;
        published.app.devices(&published.acme, DeviceLogin::Off).await;
        published.app.wait(2);
        published.document = document(&published.app, &published.acme).await;
        assert!(!published.has_devices() && !words(&published.document["grant_types_supported"]).contains(&DEVICE_CODE));
        let Published { app, program, .. } = &published;
        app.form(&endpoint, &program.credentials()).await.assert_error("unauthorized_client");
        let fields = [("grant_type", DEVICE_CODE), ("device_code", approved.as_str())];
        published.post("token_endpoint", program, &fields).await.assert_error("access_denied");
        published.use_all().await;
    }
}
