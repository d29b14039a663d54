//! Parameters that several endpoints read alike.

use crate::context::Context;
use crate::refused::Refused;
use model::id::OrgId;
use protocol::error::{ErrorCode, OAuthError};
use protocol::params::Params;
use protocol::scope::Scopes;

/// The most resources in one request.
const MOST_RESOURCES: usize = 8;

/// The longest resource, in bytes.
const LONGEST_RESOURCE: usize = 1024;

/// The organization in the path, checked on the raw segment.
///
/// # Errors
/// `NotFound` where it is none.
pub fn organization(context: &Context) -> Result<OrgId, Refused> {
    OrgId::parse(context.path("org")).map_err(|_| Refused::NotFound)
}

/// The organization in the path; the server itself where the path has none.
///
/// # Errors
/// `NotFound` where it names something that is no organization's id.
pub fn home(context: &Context) -> Result<OrgId, Refused> {
    match context.request.match_info().get("org") {
        Some(_) => organization(context),
        None => Ok(OrgId::instance()),
    }
}

/// The scopes that are asked for; nothing where the parameter is absent.
///
/// # Errors
/// `invalid_scope` where they are not well-formed.
pub fn scopes(form: &Params) -> Result<Option<Scopes>, Refused> {
    form.get("scope").map(Scopes::parse).transpose().map_err(Refused::OAuth)
}

/// The resources that tokens are asked for (RFC 8707 §2): absolute URIs without fragment.
///
/// # Errors
/// `invalid_target` where one is not, or there are too many.
pub fn resources(form: &Params) -> Result<Vec<String>, Refused> {
    let mut resources: Vec<String> = Vec::new();
    for resource in form.all("resource") {
        let parsed = url::Url::parse(resource).ok().filter(|url| url.fragment().is_none());
        let plain = resource.bytes().all(|byte| byte.is_ascii_graphic());
        if parsed.is_none() || !plain || resource.len() > LONGEST_RESOURCE || resources.len() == MOST_RESOURCES {
            return Err(OAuthError::new(
                ErrorCode::InvalidTarget,
                "A resource is not an absolute URI without fragment.",
            )
            .into());
        }
        if !resources.iter().any(|known| known == resource) {
            resources.push(resource.to_owned());
        }
    }
    Ok(resources)
}

/// What a verifier must hash to later (RFC 7636 §4.3); nothing where the request is bound to none.
///
/// # Errors
/// `invalid_request` where it is not that of `S256`: `plain` protects nobody.
pub fn code_challenge(form: &Params) -> Result<Option<String>, Refused> {
    let refused = |sentence| Err(OAuthError::invalid_request(sentence).into());
    match (form.get("code_challenge"), form.get("code_challenge_method")) {
        (None, None) => Ok(None),
        (Some(challenge), Some("S256")) => {
            let digest = model::secret::from_base64url(challenge).filter(|bytes| bytes.len() == 32);
            if digest.is_some() {
                Ok(Some(challenge.to_owned()))
            } else {
                refused("code_challenge is not a SHA-256 digest in base64url.")
            }
        }
        (Some(_), _) => refused("code_challenge_method has to be S256."),
        (None, Some(_)) => refused("code_challenge_method came without code_challenge."),
    }
}

/// An id in the path or a form.
///
/// # Errors
/// `NotFound` where it is none: an id that nothing can have.
pub fn id<T: std::str::FromStr>(text: &str) -> Result<T, Refused> {
    text.parse().map_err(|_| Refused::NotFound)
}
