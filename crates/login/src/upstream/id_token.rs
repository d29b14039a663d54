//! What an `id_token` says (OpenID Connect Core §3.1.3.7), and userinfo where that says no address.

use super::discovery::{Endpoints, Issuer, KeySets, is_tenant};
use super::exchange::Tokens;
use super::{Failed, Way};
use jose::Expected;
use model::secret::Secret;
use model::time::Timestamp;
use model::upstream::{Identity, Person, Provider, ProviderKind, SaidAddress};
use outbound::{Outbound, Request};
use serde::Deserialize;
use serde_json::Value;
use std::time::Duration;

/// How far a provider's clock may differ from ours.
const LEEWAY: Duration = Duration::from_secs(60);

/// The longest subject that is taken, in bytes (OpenID Connect Core §2).
const LONGEST_SUBJECT: usize = 255;

/// What a token is looked at with.
#[derive(Clone, Copy)]
pub(super) struct With<'a> {
    pub(super) endpoints: &'a Endpoints,
    pub(super) keys: &'a KeySets,
    pub(super) out: &'a Outbound,
    pub(super) now: Timestamp,
}

#[derive(Clone, Deserialize)]
struct Claims {
    sub: String,
    #[serde(default)]
    aud: Value,
    azp: Option<String>,
    nonce: Option<String>,
    #[serde(flatten)]
    said: Said,
}

/// What both the token and userinfo may say about a person.
#[derive(Clone, Deserialize)]
struct Said {
    email: Option<String>,
    email_verified: Option<Value>,
    name: Option<String>,
    /// Microsoft's claim that the domain of the address was verified by the tenant that says it.
    xms_edov: Option<Value>,
}

/// Who somebody is by their `id_token`.
pub(super) async fn person(way: Way<'_>, tokens: &Tokens, with: With<'_>) -> Result<Person, Failed> {
    let token = tokens.id_token.as_ref().ok_or(Failed::Answer("the provider gave no id_token"))?;
    let issuer = issuer(token, &with.endpoints.issuer)?;
    let jwks = with.endpoints.jwks.as_deref().ok_or(Failed::Answer("the provider names no keys"))?;
    let expected = Expected {
        issuer: &issuer,
        audience: Some(&way.provider.client_id),
        typ: &[],
        now: with.now,
        leeway: LEEWAY,
        expired_is_fine: false,
    };
    let verify = |keys: &jose::Jwks| keys.verify::<Claims>(token.expose(), &expected);
    let claims = with.keys.with((&way.provider.key, jwks), with.out, with.now, verify).await?;
    check(&claims, way)?;
    let mut said = claims.said;
    if said.email.is_none()
        && let Some(more) = userinfo(&claims.sub, tokens, with).await?
    {
        said = Said { name: said.name.or(more.name.clone()), ..more };
    }
    let address =
        said.email.clone().map(|email| SaidAddress { email, verified: is_verified(way.provider, with, &said) });
    let identity = Identity { provider: way.provider.key.clone(), issuer, subject: claims.sub };
    Ok(Person { identity, address, name: said.name })
}

/// The issuer that the token must be from.
fn issuer(token: &Secret, issuer: &Issuer) -> Result<String, Failed> {
    #[derive(Deserialize)]
    struct Tenant {
        tid: String,
    }
    match issuer {
        Issuer::One(issuer) => Ok(issuer.clone()),
        Issuer::PerTenant(before, behind) => {
            let tenant = jose::unbelieved::<Tenant>(token.expose()).filter(|tenant| is_tenant(&tenant.tid));
            let tenant = tenant.ok_or(Failed::Answer("the id_token names no tenant"))?;
            Ok(format!("{before}{}{behind}", tenant.tid))
        }
    }
}

/// What `jose` leaves to who knows what was asked for.
fn check(claims: &Claims, way: Way<'_>) -> Result<(), Failed> {
    if claims.sub.len() > LONGEST_SUBJECT {
        return Err(Failed::Answer("the subject is too long"));
    }
    if claims.nonce.as_deref() != Some(way.secrets.nonce.as_str()) {
        return Err(Failed::Answer("the nonce is another sign-in's"));
    }
    let several = claims.aud.as_array().is_some_and(|audiences| audiences.len() > 1);
    match &claims.azp {
        Some(party) if *party != way.provider.client_id => Err(Failed::Answer("the id_token is for another party")),
        None if several => Err(Failed::Answer("the id_token is for several, and does not say whose it is")),
        _ => Ok(()),
    }
}

/// What userinfo says; nothing where there is none, or it speaks of somebody else (OpenID Connect Core §5.3.2).
async fn userinfo(subject: &str, tokens: &Tokens, with: With<'_>) -> Result<Option<Said>, Failed> {
    #[derive(Deserialize)]
    struct Wire {
        sub: String,
        #[serde(flatten)]
        said: Said,
    }
    let Some(url) = &with.endpoints.person else { return Ok(None) };
    let answer = with.out.send(Request::get(url).bearer(tokens.access.expose())).await?;
    if answer.status != 200 {
        return Err(Failed::Status(answer.status));
    }
    let wire: Wire = serde_json::from_slice(&answer.body).map_err(|_| Failed::Answer("userinfo can't be read"))?;
    if wire.sub != subject {
        return Err(Failed::Answer("userinfo speaks of somebody else"));
    }
    Ok(Some(wire.said))
}

/// Whether the provider says that the address is its owner's.
///
/// Microsoft's `email` is what an admin of any tenant has typed: only where that tenant is the one that was set, or where
/// it says that the domain is verified, it is more than that.
fn is_verified(provider: &Provider, with: With<'_>, said: &Said) -> bool {
    if provider.kind == ProviderKind::Microsoft {
        let own_tenant = with.endpoints.issuer == Issuer::One(provider.issuer.clone());
        return own_tenant || said.xms_edov.as_ref().is_some_and(is_true);
    }
    said.email_verified.as_ref().is_some_and(is_true)
}

/// Providers write it as a truth value, as its name, and as a number.
fn is_true(value: &Value) -> bool {
    value == &Value::Bool(true) || value == "true" || value == "1" || value == &Value::from(1)
}
