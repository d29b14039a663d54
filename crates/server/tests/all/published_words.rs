//! The words of an organization's metadata: how each is used, and that what others list and we don't is refused.

use crate::code_flow::{CHALLENGE, SITE, VERIFIER, decide, of};
use crate::page_form::PageForm;
use crate::published::{OWN, Published, allowed, words};
use crate::support::{Answer, App};
use crate::wire::{DEVICE_CODE, claims, part};
use model::algorithm::Algorithm;
use model::application::ClientKind;
use reqwest::Method;
use routes::url;
use serde_json::{Value, json};
use std::collections::BTreeSet;

/// RFC 7636 §4.2, appendix B, spoilt.
const OTHER_VERIFIER: &str = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXx";

/// Response types that are registered with IANA.
const RESPONSE_TYPES: [&str; 8] =
    ["code", "token", "id_token", "none", "code token", "code id_token", "id_token token", "code id_token token"];

/// Response modes that some servers know.
const RESPONSE_MODES: [&str; 8] =
    ["query", "fragment", "form_post", "web_message", "jwt", "query.jwt", "fragment.jwt", "form_post.jwt"];

/// Grants that some servers know.
const GRANT_TYPES: [&str; 6] = [
    "password",
    "urn:ietf:params:oauth:grant-type:jwt-bearer",
    "urn:ietf:params:oauth:grant-type:saml2-bearer",
    "urn:ietf:params:oauth:grant-type:token-exchange",
    "urn:openid:params:grant-type:ciba",
    "urn:ietf:params:oauth:grant-type:uma-ticket",
];

/// Ways to authenticate that clients use at one endpoint or another.
const METHODS: [&str; 3] = ["none", "client_secret_basic", "client_secret_post"];

fn unlisted<'a>(known: &[&'a str], listed: &[&str]) -> Vec<&'a str> {
    known.iter().copied().filter(|word| !listed.contains(word)).collect()
}

fn unknown(word: &str) -> ! {
    panic!("the metadata lists {word}, which nobody here knows how to use")
}

/// A token of an answer.
fn token<'a>(tokens: &'a Value, name: &str) -> &'a str {
    tokens[name].as_str().unwrap_or_else(|| panic!("no {name} in {tokens}"))
}

impl Published {
    pub(crate) async fn grant_types(&self, listed: &[&str]) {
        for word in listed {
            let post = async |client, fields: &[(&str, &str)]| {
                let fields = [&[("grant_type", *word)], fields].concat();
                self.post("token_endpoint", client, &fields).await.ok().json
            };
            let tokens = match *word {
                "authorization_code" => self.tokens(&self.site, &[]).await,
                "client_credentials" => post(&self.site, &[("scope", OWN)]).await,
                "refresh_token" => {
                    let first = self.tokens(&self.site, &[("scope", "openid offline_access")]).await;
                    post(&self.site, &[("refresh_token", token(&first, "refresh_token"))]).await
                }
                DEVICE_CODE => {
                    let code = self.approved_device(&[]).await;
                    post(&self.program, &[("device_code", &code)]).await
                }
                word => unknown(word),
            };
            let access = [("token", token(&tokens, "access_token"))];
            assert_eq!(self.post("introspection_endpoint", &self.site, &access).await.ok().json["active"], true);
            if let Some(id_token) = tokens["id_token"].as_str() {
                self.assert_listed(&claims(id_token));
            }
        }
        for word in unlisted(&GRANT_TYPES, listed) {
            let answer = self.post("token_endpoint", &self.site, &[("grant_type", word)]).await;
            answer.assert_error("unsupported_grant_type");
        }
    }

    pub(crate) async fn response_types(&self, listed: &[&str]) {
        let browser = self.app.signed_in(self.ada).await;
        for word in listed {
            match *word {
                "code" => assert!(!of(&self.told(&browser, &self.request(&self.site, &[])).await, "code").is_empty()),
                word => unknown(word),
            }
        }
        for word in unlisted(&RESPONSE_TYPES, listed) {
            let told = self.told(&browser, &self.request(&self.site, &[("response_type", word)])).await;
            assert_eq!(of(&told, "error"), "unsupported_response_type", "{word}");
        }
    }

    pub(crate) async fn response_modes(&self, listed: &[&str]) {
        let browser = self.app.signed_in(self.ada).await;
        for word in listed {
            let before_code = match *word {
                "query" => Some('?'),
                "fragment" => Some('#'),
                // It stands in a form instead.
                "form_post" => None,
                word => unknown(word),
            };
            let asked = self.request(&self.site, &[("response_mode", word), ("prompt", "consent")]);
            let page = browser.get(&asked).await;
            let answer = decide(&browser, &page, &self.acme, "approve").await;
            let code = match before_code {
                Some(mark) => answer.location().strip_prefix(&format!("{SITE}{mark}code=")).unwrap().to_owned(),
                None => PageForm::to(&answer, SITE).value("code").to_owned(),
            };
            let code = code.split('&').next().unwrap();
            self.redeem(&self.site, code, VERIFIER).await.ok();
        }
        for word in unlisted(&RESPONSE_MODES, listed) {
            let told = self.told(&browser, &self.request(&self.site, &[("response_mode", word)])).await;
            assert_eq!(of(&told, "error"), "invalid_request", "{word}");
        }
    }

    pub(crate) async fn prompts(&self, listed: &[&str]) {
        let browser = self.app.signed_in(self.ada).await;
        self.tokens_at(&browser, &self.site, &[]).await;
        // Whoever has agreed to the same is asked nothing by itself.
        assert_eq!(browser.get(&self.request(&self.site, &[])).await.status, 303);
        for word in listed {
            let asked = self.request(&self.site, &[("prompt", word)]);
            let answer = browser.get(&asked).await;
            match *word {
                "none" => {
                    assert!(answer.location().starts_with(&format!("{SITE}?code=")), "{}", answer.location());
                    let told = self.told(&self.app.browser(), &asked).await;
                    assert_eq!(of(&told, "error"), "login_required");
                }
                "login" => assert!(answer.location().starts_with(url::STEP_UP), "{}", answer.location()),
                "consent" | "select_account" => {
                    assert!(!PageForm::to(&answer.ok(), &url::consent(&self.acme)).value("csrf_token").is_empty());
                }
                word => unknown(word),
            }
        }
        for word in unlisted(&["none", "login", "consent", "select_account", "create"], listed) {
            let told = self.told(&browser, &self.request(&self.site, &[("prompt", word)])).await;
            assert_eq!(of(&told, "error"), "invalid_request", "{word}");
        }
    }

    pub(crate) async fn locales(&self, listed: &[&str]) {
        for word in listed {
            let approve = match *word {
                "en" => "Approve",
                "de" => "Genehmigen",
                word => unknown(word),
            };
            let other = if *word == "en" { "de" } else { "en" };
            let locales = format!("fr {word} {other}");
            let asked = self.request(&self.site, &[("prompt", "consent"), ("ui_locales", &locales)]);
            let posted = self.posted(&asked).await;
            for asked in [asked, posted] {
                let browser = self.app.signed_in(self.ada).await;
                browser.accept(other);
                let page = browser.get(&asked).await.ok();
                assert_eq!(page.header("content-language"), *word, "{asked}");
                assert!(page.text.contains(&format!("<html lang=\"{word}\">")) && page.text.contains(approve));
            }
        }
        assert!(!listed.contains(&"fr"), "a language to ask for that is not there");
    }

    pub(crate) async fn challenges(&self, listed: &[&str]) {
        let browser = self.app.signed_in(self.ada).await;
        for word in listed {
            let challenge = match *word {
                "S256" => [("code_challenge", CHALLENGE), ("code_challenge_method", "S256")],
                word => unknown(word),
            };
            let told = self.told(&browser, &self.request(&self.program, &challenge)).await;
            self.redeem(&self.program, of(&told, "code"), OTHER_VERIFIER).await.assert_error("invalid_grant");
            self.redeem(&self.program, of(&told, "code"), VERIFIER).await.ok();
            if self.has_devices() {
                let code = self.approved_device(&challenge).await;
                let poll = async |verifier| {
                    let fields = [("grant_type", DEVICE_CODE), ("device_code", &code), ("code_verifier", verifier)];
                    self.post("token_endpoint", &self.program, &fields).await
                };
                poll(OTHER_VERIFIER).await.assert_error("invalid_grant");
                poll(VERIFIER).await.ok();
            }
        }
        for word in unlisted(&["S256", "plain", "S512"], listed) {
            let told = self.told(&browser, &self.request(&self.program, &[("code_challenge_method", word)])).await;
            assert_eq!(of(&told, "error"), "invalid_request", "{word}");
            if self.has_devices() {
                let challenge = [("code_challenge", CHALLENGE), ("code_challenge_method", word)];
                let answer = self.post("device_authorization_endpoint", &self.program, &challenge).await;
                answer.assert_error("invalid_request");
            }
        }
    }

    pub(crate) async fn algorithms(&self, listed: &[&str]) {
        for word in listed {
            let algorithm = Algorithm::parse(word).unwrap_or_else(|_| unknown(word));
            let client = self.app.app(&self.acme, ClientKind::Confidential, |settings| {
                allowed(&self.document, ClientKind::Confidential)(settings);
                settings.tokens.id_token_alg = Some(algorithm);
            });
            let client = client.await;
            let tokens = self.tokens(&client, &[]).await;
            let id_token = token(&tokens, "id_token");
            assert_eq!(part(id_token, 0)["alg"], *word);
            let verified = self.app.verified(&self.acme, id_token, "JWT", &client.client_id).await;
            assert_eq!(verified["at_hash"], jose::at_hash(algorithm, token(&tokens, "access_token")));
        }
    }

    pub(crate) async fn scopes(&self, listed: &[&str]) {
        for word in listed {
            let tokens = self.tokens(&self.site, &[("scope", word)]).await;
            assert_eq!(
                (&tokens["scope"], &claims(token(&tokens, "access_token"))["scope"]),
                (&json!(word), &json!(word))
            );
        }
        // What the standard ones are for.
        let told = async |scope: &str| {
            let tokens = self.tokens(&self.site, &[("scope", scope)]).await;
            (claims(token(&tokens, "id_token")), tokens)
        };
        let (bare, tokens) = told("openid").await;
        assert!(bare["name"].is_null() && bare["email"].is_null() && tokens["refresh_token"].is_null(), "{bare}");
        for word in listed {
            let (id_token, tokens) = told(&format!("openid {word}")).await;
            match *word {
                "openid" | OWN => {}
                "profile" => assert_eq!(id_token["name"], "Ada"),
                "email" => assert_eq!(id_token["email"], "ada@acme.example"),
                "offline_access" => assert!(tokens["refresh_token"].is_string()),
                word => unknown(word),
            }
        }
        let told =
            self.told(&self.app.signed_in(self.ada).await, &self.request(&self.site, &[("scope", "unlisted")])).await;
        assert_eq!(of(&told, "error"), "invalid_scope");
    }

    /// That the metadata lists all that is told.
    fn assert_listed(&self, told: &Value) {
        let listed = words(&self.document["claims_supported"]);
        for claim in told.as_object().unwrap().keys() {
            assert!(listed.contains(&claim.as_str()), "{claim} is told and not listed");
        }
    }

    pub(crate) async fn claims(&self, listed: &[&str]) {
        let everything = words(&self.document["scopes_supported"]).join(" ");
        let tokens = self.tokens(&self.site, &[("scope", &everything)]).await;
        let id_token = claims(token(&tokens, "id_token"));
        let path = self.at("userinfo_endpoint");
        let userinfo = self.app.get_with_token(&path, token(&tokens, "access_token")).await.ok().json;
        let mut told = BTreeSet::new();
        for document in [&id_token, &userinfo] {
            self.assert_listed(document);
            told.extend(document.as_object().unwrap().keys().map(String::as_str));
        }
        for claim in listed {
            assert!(told.contains(claim), "{claim} is listed and not told");
        }
    }

    pub(crate) async fn subject_types(&self, listed: &[&str]) {
        for word in listed {
            match *word {
                // The same for each client.
                "public" => {
                    for client in [&self.site, &self.program] {
                        let tokens = self.tokens(client, &[]).await;
                        assert_eq!(claims(token(&tokens, "id_token"))["sub"], self.ada.to_string());
                    }
                }
                word => unknown(word),
            }
        }
    }

    /// Clients authenticate in each listed way at this endpoint, and in no other that they do elsewhere.
    pub(crate) async fn authentication(&self, endpoint: &str, listed: &[&str]) {
        for word in listed.iter().copied().chain(unlisted(&METHODS, listed)) {
            let client = if word == "none" { &self.program } else { &self.site };
            let tokens = self.tokens(client, &[("scope", "openid offline_access")]).await;
            let fields = match endpoint {
                "token_endpoint" => {
                    vec![("grant_type", "refresh_token"), ("refresh_token", token(&tokens, "refresh_token"))]
                }
                "introspection_endpoint" | "revocation_endpoint" => vec![("token", token(&tokens, "access_token"))],
                endpoint => unknown(endpoint),
            };
            // Whoever can't prove it is not let in.
            let impostor = App { secret: (word != "none").then(|| "wrong".to_owned()), ..self.site.clone() };
            self.authenticated(&impostor, word, endpoint, &fields).await.assert_invalid_client();
            let answer = self.authenticated(client, word, endpoint, &fields).await;
            if !listed.contains(&word) {
                answer.assert_invalid_client();
                continue;
            }
            let answer = answer.ok();
            match endpoint {
                "token_endpoint" => assert!(answer.json["access_token"].is_string(), "{word}: {}", answer.text),
                "introspection_endpoint" => assert_eq!(answer.json["active"], true, "{word}"),
                _ => {
                    let told = self.post("introspection_endpoint", &self.site, &fields).await.ok().json;
                    assert_eq!(told["active"], false, "{word}");
                }
            }
        }
    }

    async fn authenticated(&self, client: &App, method: &str, endpoint: &str, fields: &[(&str, &str)]) -> Answer {
        let request = self.app.request(Method::POST, &self.at(endpoint));
        Answer::of(match method {
            "none" | "client_secret_post" => request.form(&[&client.credentials(), fields].concat()),
            "client_secret_basic" => request.basic_auth(&client.client_id, client.secret.as_deref()).form(fields),
            method => unknown(method),
        })
        .await
    }

    pub(crate) async fn answers_name_the_issuer(&self, yes: bool) {
        let issuer = if yes { self.app.issuer(&self.acme) } else { String::new() };
        let browser = self.app.signed_in(self.ada).await;
        for changes in [[("state", "x")], [("scope", "unlisted")]] {
            let told = self.told(&browser, &self.request(&self.site, &changes)).await;
            assert_eq!(of(&told, "iss"), issuer, "{told:?}");
        }
    }

    pub(crate) async fn claims_parameter(&self, yes: bool) {
        let wanted = r#"{"id_token":{"email":{"essential":true}},"userinfo":{"name":null}}"#;
        let tokens = self.tokens(&self.site, &[("scope", "openid"), ("claims", wanted)]).await;
        let path = self.at("userinfo_endpoint");
        let userinfo = self.app.get_with_token(&path, token(&tokens, "access_token")).await.ok().json;
        let told = (claims(token(&tokens, "id_token"))["email"].is_string(), userinfo["name"].is_string());
        assert_eq!(told, (yes, yes));
    }

    /// Requests as objects, or by their address (OIDC Core §6).
    pub(crate) async fn request_objects(&self, parameter: &str, refusal: &str, yes: bool) {
        if yes {
            unknown(parameter);
        }
        let value = if parameter == "request" { "e30.e30." } else { "https://app.example/request" };
        let browser = self.app.signed_in(self.ada).await;
        let told = self.told(&browser, &self.request(&self.site, &[(parameter, value)])).await;
        assert_eq!(of(&told, "error"), refusal);
    }
}
