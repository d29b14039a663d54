//! What providers say about themselves: endpoints (OpenID Connect Discovery §4) and keys, remembered for a while.

use super::Failed;
use super::remembered::Remembered;
use jose::Jwks;
use model::time::Timestamp;
use model::upstream::{Provider, ProviderKey, ProviderKind};
use outbound::{Failed as Away, Outbound, Request};
use serde::Deserialize;
use std::sync::Arc;
use std::time::Duration;

/// How long what was said counts.
const REMEMBERED: Duration = Duration::from_secs(60 * 60);

/// How long a key set counts that lacks a key which a token names: whoever sends tokens with keys of their fancy makes us
/// ask no more often.
const KEYS_AGAIN: Duration = Duration::from_secs(60);

/// How long a provider is taken to be silent whose metadata could not be had, from when they were asked for: whoever asks
/// for them once more has to wait as long, and holds one of the turns that the others wait for.
const SILENT: Duration = Duration::from_secs(25);

/// The longest address that metadata name, in bytes.
const LONGEST_ADDRESS: usize = 2_000;

/// What a key takes up besides its text, in bytes, about.
const KEY: usize = 256;

/// Where a provider is spoken with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Endpoints {
    /// What `iss` must be.
    pub(super) issuer: Issuer,
    /// Where the browser goes.
    pub(super) authorization: String,
    /// Where the code is exchanged.
    pub(super) token: String,
    /// Where its keys are; GitHub has none.
    pub(super) jwks: Option<String>,
    /// Where more is said about a person.
    pub(super) person: Option<String>,
    /// Whether it promises `iss` with each answer (RFC 9207 §3).
    promises_iss: bool,
    /// Whether our secret goes into a header, else into the form.
    pub(super) basic: bool,
}

/// What a provider calls itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Issuer {
    /// Always the same.
    One(String),
    /// Another name for each tenant: what stands before and behind the tenant.
    PerTenant(String, String),
}

impl Endpoints {
    /// Checks who says that an answer is theirs.
    pub(super) fn check_iss(&self, provider: &Provider, iss: Option<&str>) -> Result<(), Failed> {
        let Some(iss) = iss else {
            return if self.promises_iss { Err(Failed::Answer("the promised iss is missing")) } else { Ok(()) };
        };
        let right = match &self.issuer {
            _ if provider.kind == ProviderKind::GitHub => iss == format!("{}/login/oauth", base(&provider.issuer)),
            Issuer::One(issuer) => iss == issuer,
            Issuer::PerTenant(before, behind) => iss
                .strip_prefix(before.as_str())
                .and_then(|rest| rest.strip_suffix(behind.as_str()))
                .is_some_and(is_tenant),
        };
        if right { Ok(()) } else { Err(Failed::Answer("iss is another provider's")) }
    }
}

/// Whether this may be the name of a tenant, a UUID.
pub(super) fn is_tenant(text: &str) -> bool {
    text.len() == 36 && text.bytes().all(|byte| byte.is_ascii_hexdigit() || byte == b'-')
}

/// An issuer, to put a path behind.
fn base(issuer: &str) -> &str {
    issuer.trim_end_matches('/')
}

/// Providers' endpoints, and which have not told theirs lately.
#[derive(Debug)]
pub(super) struct Discovered {
    known: Remembered<Endpoints>,
    silent: Remembered<Away>,
}

impl Default for Discovered {
    fn default() -> Self {
        Self { known: Remembered::new(REMEMBERED), silent: Remembered::new(SILENT) }
    }
}

/// Metadata, as far as they concern us.
#[derive(Deserialize)]
struct Metadata {
    issuer: String,
    authorization_endpoint: String,
    token_endpoint: String,
    jwks_uri: String,
    userinfo_endpoint: Option<String>,
    #[serde(default)]
    authorization_response_iss_parameter_supported: bool,
    token_endpoint_auth_methods_supported: Option<Vec<String>>,
}

impl Discovered {
    /// Those of a provider.
    pub(super) async fn of(
        &self,
        provider: &Provider,
        out: &Outbound,
        now: Timestamp,
    ) -> Result<Arc<Endpoints>, Failed> {
        let name = name(provider);
        if let Some((failed, _)) = self.silent.get(&provider.key, &name, now)
            && self.known.get(&provider.key, &name, now).is_none()
        {
            return Err(Failed::Away((*failed).clone()));
        }
        self.anew(provider, out, now).await
    }

    /// The same, of one that may have been silent until now.
    pub(super) async fn anew(
        &self,
        provider: &Provider,
        out: &Outbound,
        now: Timestamp,
    ) -> Result<Arc<Endpoints>, Failed> {
        if provider.kind == ProviderKind::GitHub {
            return Ok(Arc::new(github(&provider.issuer)));
        }
        let name = name(provider);
        if let Some((known, _)) = self.known.get(&provider.key, &name, now) {
            return Ok(known);
        }
        let url = format!("{}/.well-known/openid-configuration", base(&provider.issuer));
        let answer = match out.send(Request::get(&url)).await {
            Ok(answer) => answer,
            Err(failed) => {
                // What cost time or bytes; whoever was only one too many has not been asked.
                if matches!(failed, Away::TooSlow | Away::TooLong | Away::Unreachable(_)) {
                    self.silent.keep((&provider.key, &name), failed.clone(), name.len() + KEY, now);
                }
                return Err(failed.into());
            }
        };
        if answer.status != 200 {
            return Err(Failed::Status(answer.status));
        }
        let metadata =
            serde_json::from_slice(&answer.body).map_err(|_| Failed::Answer("the metadata can't be read"))?;
        let endpoints = read(provider, metadata, out)?;
        Ok(self.known.keep((&provider.key, &name), endpoints, answer.body.len() + KEY, now))
    }
}

fn name(provider: &Provider) -> String {
    format!("{} {}", provider.kind.as_str(), provider.issuer)
}

/// GitHub has no metadata; a server of one's own keeps its interface below `/api/v3`.
fn github(issuer: &str) -> Endpoints {
    let base = base(issuer);
    let person = match base {
        "https://github.com" => "https://api.github.com".to_owned(),
        own => format!("{own}/api/v3"),
    };
    Endpoints {
        issuer: Issuer::One(issuer.to_owned()),
        authorization: format!("{base}/login/oauth/authorize"),
        token: format!("{base}/login/oauth/access_token"),
        jwks: None,
        person: Some(person),
        promises_iss: false,
        basic: false,
    }
}

fn read(provider: &Provider, metadata: Metadata, out: &Outbound) -> Result<Endpoints, Failed> {
    let issuer = issuer(provider, &metadata.issuer).ok_or(Failed::Answer("the metadata are another issuer's"))?;
    let person = metadata.userinfo_endpoint;
    let named = [&metadata.authorization_endpoint, &metadata.token_endpoint, &metadata.jwks_uri];
    for url in named.into_iter().chain(&person) {
        if url.len() > LONGEST_ADDRESS {
            return Err(Failed::Answer("the metadata name an address that is too long"));
        }
        out.check(url)?;
    }
    let methods = metadata.token_endpoint_auth_methods_supported;
    // The default, where nothing is said (OpenID Connect Discovery §3).
    let basic = methods.is_none_or(|methods| methods.iter().any(|method| method == "client_secret_basic"));
    Ok(Endpoints {
        issuer,
        authorization: metadata.authorization_endpoint,
        token: metadata.token_endpoint,
        jwks: Some(metadata.jwks_uri),
        person,
        promises_iss: metadata.authorization_response_iss_parameter_supported,
        basic,
    })
}

/// What the provider's tokens must say, by what it was set to and what its metadata say: the same, but for Microsoft, who
/// has one address for all tenants and an issuer for each.
fn issuer(provider: &Provider, said: &str) -> Option<Issuer> {
    if said == provider.issuer {
        return Some(Issuer::One(said.to_owned()));
    }
    if provider.kind != ProviderKind::Microsoft {
        return None;
    }
    let tenants = ["/common/", "/organizations/", "/consumers/"];
    let (before, behind) = tenants.iter().find_map(|tenants| provider.issuer.split_once(tenants))?;
    let (before, behind) = (format!("{before}/"), format!("/{behind}"));
    let tenant = said.strip_prefix(&before)?.strip_suffix(&behind)?;
    match tenant {
        "{tenantid}" => Some(Issuer::PerTenant(before, behind)),
        one if is_tenant(one) => Some(Issuer::One(said.to_owned())),
        _ => None,
    }
}

/// Providers' keys.
#[derive(Debug)]
pub(super) struct KeySets(Remembered<Jwks>);

impl Default for KeySets {
    fn default() -> Self {
        Self(Remembered::new(REMEMBERED))
    }
}

impl KeySets {
    /// What is to be done with the keys that a provider has at `url`. Where it lacks one, and they are not quite fresh, once
    /// more with newer ones.
    pub(super) async fn with<T>(
        &self,
        (provider, url): (&ProviderKey, &str),
        out: &Outbound,
        now: Timestamp,
        done: impl Fn(&Jwks) -> Result<T, jose::Refused>,
    ) -> Result<T, Failed> {
        if let Some((known, at)) = self.0.get(provider, url, now) {
            match done(&known) {
                Err(jose::Refused::Key) if now >= at.after(KEYS_AGAIN) => {}
                other => return other.map_err(Failed::Token),
            }
        }
        let answer = out.send(Request::get(url)).await?;
        if answer.status != 200 {
            return Err(Failed::Status(answer.status));
        }
        let keys = Jwks::read(&answer.body).ok_or(Failed::Answer("the key set can't be read"))?;
        let size = answer.body.len() + keys.keys.len() * KEY;
        done(&self.0.keep((provider, url), keys, size, now)).map_err(Failed::Token)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use model::upstream::ProviderName;

    const TENANT: &str = "9188040d-6c67-4c5b-b112-36a304b66dad";

    fn provider(kind: ProviderKind, issuer: &str) -> Provider {
        let key = ProviderKey::Operators(ProviderName::parse("x").unwrap());
        let (name, client_id) = (String::new(), String::new());
        Provider { key, kind, name, issuer: issuer.to_owned(), client_id, scopes: Vec::new() }
    }

    #[test]
    fn metadata_are_of_the_issuer_that_was_asked() {
        let of = |kind, set: &str, said: &str| issuer(&provider(kind, set), said);
        let idp = "https://idp.example";
        assert_eq!(of(ProviderKind::Oidc, idp, idp), Some(Issuer::One(idp.to_owned())));
        for other in ["https://idp.example/", "https://IDP.example", "https://evil.example", ""] {
            assert_eq!(of(ProviderKind::Oidc, idp, other), None, "{other}");
        }
        let ms = "https://login.microsoftonline.com";
        let tenanted = format!("{ms}/{{tenantid}}/v2.0");
        let per_tenant = Issuer::PerTenant(format!("{ms}/"), "/v2.0".to_owned());
        assert_eq!(of(ProviderKind::Microsoft, &format!("{ms}/common/v2.0"), &tenanted), Some(per_tenant));
        assert_eq!(of(ProviderKind::Oidc, &format!("{ms}/common/v2.0"), &tenanted), None);
        let one = format!("{ms}/{TENANT}/v2.0");
        assert_eq!(of(ProviderKind::Microsoft, &one, &one), Some(Issuer::One(one.clone())));
        assert_eq!(of(ProviderKind::Microsoft, &one, &tenanted), None);
        assert_eq!(of(ProviderKind::Microsoft, &format!("{ms}/common/v2.0"), "https://evil/{tenantid}/v2.0"), None);
    }

    #[test]
    fn who_answers_is_checked_where_it_is_said_or_promised() {
        let idp = provider(ProviderKind::Oidc, "https://idp.example");
        let endpoints =
            |promises_iss| Endpoints { issuer: Issuer::One(idp.issuer.clone()), promises_iss, ..github("") };
        assert!(endpoints(false).check_iss(&idp, None).is_ok());
        assert!(endpoints(true).check_iss(&idp, None).is_err());
        assert!(endpoints(true).check_iss(&idp, Some("https://idp.example")).is_ok());
        assert!(endpoints(false).check_iss(&idp, Some("https://evil.example")).is_err());
        let github_com = provider(ProviderKind::GitHub, "https://github.com");
        assert!(github("https://github.com").check_iss(&github_com, Some("https://github.com/login/oauth")).is_ok());
        assert!(github("https://github.com").check_iss(&github_com, Some("https://idp.example")).is_err());
        let ms = provider(ProviderKind::Microsoft, "https://ms/common/v2.0");
        let issuer = Issuer::PerTenant("https://ms/".to_owned(), "/v2.0".to_owned());
        let of_tenants = Endpoints { issuer, ..endpoints(true) };
        assert!(of_tenants.check_iss(&ms, Some(&format!("https://ms/{TENANT}/v2.0"))).is_ok());
        for bad in ["https://ms/x/y/v2.0", "https://ms//v2.0", "https://evil/v2.0"] {
            assert!(of_tenants.check_iss(&ms, Some(bad)).is_err(), "{bad}");
        }
    }
}
