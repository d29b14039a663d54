//! The operator's identity providers.

use super::Problem;
use model::secret::Secret;
use model::upstream::{Provider, ProviderKey, ProviderKind, ProviderName};
use serde::Deserialize;
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use url::Url;

/// One of them.
#[derive(Clone, PartialEq, Eq)]
pub struct OperatorsProvider {
    /// How it is spoken with.
    pub provider: Provider,
    /// Our secret there.
    pub secret: ClientSecret,
}

/// Where our secret at a provider is.
#[derive(Clone, PartialEq, Eq)]
pub enum ClientSecret {
    /// In the configuration itself.
    Given(String),
    /// In a file, but for spaces around it; absolute.
    InFile(PathBuf),
}

impl ClientSecret {
    /// The secret.
    ///
    /// # Errors
    /// A file that can't be read, or is empty.
    pub fn read(&self) -> Result<Secret, Problem> {
        let path = match self {
            Self::Given(secret) => return Ok(Secret::new(secret.clone())),
            Self::InFile(path) => path,
        };
        let text = std::fs::read_to_string(path).map_err(|error| {
            Problem::new(format!(
                "The secret of an identity provider, {}, can't be read: {error}. Check client_secret_file in upstream.",
                path.display()
            ))
        })?;
        match text.trim() {
            "" => Err(Problem::new(format!(
                "{} is empty: it must hold the secret of an identity provider (client_secret_file in upstream).",
                path.display()
            ))),
            secret => Ok(Secret::new(secret.to_owned())),
        }
    }
}

/// A provider as it was given.
#[derive(Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Given {
    id: String,
    kind: String,
    name: Option<String>,
    issuer: Option<String>,
    client_id: String,
    client_secret: Option<String>,
    client_secret_file: Option<PathBuf>,
    scopes: Option<Vec<String>>,
}

/// Reads the list; nothing where it is none.
pub(super) fn read(text: &str) -> Option<Vec<Given>> {
    #[derive(Deserialize)]
    struct Wire {
        upstream: Vec<Given>,
    }
    if text.trim().is_empty() {
        return Some(Vec::new());
    }
    toml::from_str(&format!("upstream = {text}")).ok().map(|wire: Wire| wire.upstream)
}

/// Checks each, and all of them together.
///
/// # Errors
/// What is wrong, naming the provider.
pub(super) fn settle(
    given: &[Given],
    absolute: &impl Fn(&Path) -> Result<PathBuf, Problem>,
) -> Result<Vec<OperatorsProvider>, Problem> {
    let mut names = BTreeSet::new();
    let mut all = Vec::new();
    for one in given {
        let problem = |what: &str| Problem::new(format!("upstream (DOORWARD_UPSTREAM), provider {:?}: {what}", one.id));
        let name = ProviderName::parse(&one.id)
            .ok_or_else(|| problem("an id has 1 to 32 lower-case letters, digits and hyphens."))?;
        if !names.insert(name.clone()) {
            return Err(problem("there are two of this id; it must name one."));
        }
        all.push(OperatorsProvider {
            provider: provider(one, name).map_err(problem)?,
            secret: secret(one, absolute, problem)?,
        });
    }
    Ok(all)
}

fn provider(one: &Given, name: ProviderName) -> Result<Provider, &'static str> {
    let kind = ProviderKind::parse(&one.kind).ok_or("the kind must be google, github, microsoft or oidc.")?;
    let issuer = one.issuer.as_deref().or(kind.usual_issuer());
    let issuer = issuer.ok_or("the kind oidc needs an issuer, exactly as the provider writes it.")?;
    let shown = one.name.as_deref().or(kind.usual_name()).unwrap_or(&one.id);
    let scopes = one.scopes.clone().unwrap_or_else(|| kind.usual_scopes());
    if one.client_id.is_empty() {
        return Err("the client_id is empty.");
    }
    if !is_issuer(issuer) {
        return Err("the issuer must be an address with a host, and nothing behind its path.");
    }
    if shown.trim().is_empty() || shown.chars().count() > 80 {
        return Err("the name must have 1 to 80 characters.");
    }
    if kind != ProviderKind::GitHub && !scopes.iter().any(|scope| scope == "openid") {
        return Err("the scopes must hold openid.");
    }
    Ok(Provider {
        key: ProviderKey::Operators(name),
        kind,
        name: shown.trim().to_owned(),
        issuer: issuer.to_owned(),
        client_id: one.client_id.clone(),
        scopes,
    })
}

/// Whether a text may be an issuer. Where it leads is checked when it is asked.
pub(crate) fn is_issuer(text: &str) -> bool {
    let plain = text.bytes().all(|byte| byte.is_ascii_graphic()) && !text.contains(['?', '#', '@', '\\']);
    let url = Url::parse(text).ok().filter(|url| matches!(url.scheme(), "https" | "http") && url.has_host());
    plain && url.is_some()
}

fn secret(
    one: &Given,
    absolute: &impl Fn(&Path) -> Result<PathBuf, Problem>,
    problem: impl Fn(&str) -> Problem,
) -> Result<ClientSecret, Problem> {
    match (&one.client_secret, &one.client_secret_file) {
        (Some(secret), None) if !secret.is_empty() => Ok(ClientSecret::Given(secret.clone())),
        (None, Some(path)) => absolute(path).map(ClientSecret::InFile),
        _ => Err(problem("it needs either client_secret or client_secret_file.")),
    }
}
