//! Verifying: which tokens to believe (RFC 7519 §7.2, RFC 8725).
//!
//! The signature is checked first, and every claim after it by us, with the time that the caller gives: the library
//! would let a missing or numeric `iss` or `aud` pass, takes a minute of leeway and reads the clock.

use crate::{Algorithm, Jwk, KeyError};
use jsonwebtoken::errors::ErrorKind;
use jsonwebtoken::{DecodingKey, Validation};
use model::secret::from_base64url;
use model::time::Timestamp;
use serde::Deserialize;
use serde::de::{DeserializeOwned, IgnoredAny};
use serde_json::{Map, Value};
use std::fmt;
use std::time::Duration;

/// No token of ours comes near this many bytes, and a longer one is not worth hashing.
const LONGEST: usize = 16 * 1024;

/// What a token says about itself before anything is believed: enough to pick a key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Header {
    /// The algorithm it claims.
    pub alg: Algorithm,
    /// The key it claims.
    pub kid: Option<String>,
    /// Its media type.
    pub typ: Option<String>,
}

/// Why a token is not believed. The differences are for logs and tests, not for whoever sent it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refused {
    /// Over 16 KiB.
    TooLong,
    /// Not three parts of base64url around JSON objects.
    Malformed,
    /// An algorithm that is not spoken here (`none` and every HMAC among them), or not this key's.
    Algorithm,
    /// It demands an extension (`crit`, RFC 7515 §4.1.11), and none is spoken here.
    Critical,
    /// It names another key.
    Key,
    /// The signature does not hold.
    Signature,
    /// Of another type than expected, or of none.
    Type,
    /// The claim is absent.
    Missing(&'static str),
    /// The claim has a wrong form.
    Claim(&'static str),
    /// From another issuer.
    Issuer,
    /// For another audience.
    Audience,
    /// Its time is over.
    Expired,
    /// Its time has not begun, or it was issued in the future.
    NotYet,
}

impl fmt::Display for Refused {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let text = match self {
            Self::TooLong => "the token is too long",
            Self::Malformed => "the token is not a signed JWT",
            Self::Algorithm => "the token's algorithm is not accepted",
            Self::Critical => "the token demands an extension that is not supported",
            Self::Key => "the token names another key",
            Self::Signature => "the token's signature does not hold",
            Self::Type => "the token is of another type",
            Self::Missing(claim) => return write!(f, "the token lacks the claim {claim}"),
            Self::Claim(claim) => return write!(f, "the token's claim {claim} has a wrong form"),
            Self::Issuer => "the token is from another issuer",
            Self::Audience => "the token is for another audience",
            Self::Expired => "the token has expired",
            Self::NotYet => "the token is not valid yet",
        };
        f.write_str(text)
    }
}

impl std::error::Error for Refused {}

/// Reads a token's header without believing it. Keys and addresses inside the header (`jwk`, `jku`, `x5u`) are ignored.
///
/// # Errors
/// [`Refused`] where the token is too long, has a wrong form, demands an extension or an algorithm not spoken here.
pub fn header(token: &str) -> Result<Header, Refused> {
    #[derive(Deserialize)]
    struct Wire {
        alg: String,
        kid: Option<String>,
        typ: Option<String>,
        crit: Option<IgnoredAny>,
    }
    if token.len() > LONGEST {
        return Err(Refused::TooLong);
    }
    let mut parts = token.split('.');
    let (Some(first), Some(_), Some(_), None) = (parts.next(), parts.next(), parts.next(), parts.next()) else {
        return Err(Refused::Malformed);
    };
    let json = from_base64url(first).ok_or(Refused::Malformed)?;
    let wire: Wire = serde_json::from_slice(&json).map_err(|_| Refused::Malformed)?;
    let alg = Algorithm::parse(&wire.alg).map_err(|_| Refused::Algorithm)?;
    if wire.crit.is_some() {
        return Err(Refused::Critical);
    }
    Ok(Header { alg, kid: wire.kid, typ: wire.typ })
}

/// What a token says before anything is believed: enough to choose what to expect of it, as the tenant of a provider that
/// has an issuer for each. Nothing where it can't be read.
pub fn unbelieved<C: DeserializeOwned>(token: &str) -> Option<C> {
    if token.len() > LONGEST {
        return None;
    }
    serde_json::from_slice(&from_base64url(token.split('.').nth(1)?)?).ok()
}

/// What a token must be for.
#[derive(Clone, Copy, Debug)]
pub struct Expected<'a> {
    /// The issuer, byte by byte.
    pub issuer: &'a str,
    /// The audience that must be among the token's. `None` accepts any, but one must be there.
    pub audience: Option<&'a str>,
    /// The acceptable types, without `application/`, in any case (RFC 7515 §4.1.9). Empty: any type, or none.
    pub typ: &'a [&'a str],
    /// What time it is.
    pub now: Timestamp,
    /// How far clocks may differ; at most 5 s for our own tokens.
    pub leeway: Duration,
    /// Whether a token whose time is over will do, as for an `id_token_hint`.
    pub expired_is_fine: bool,
}

/// A public key with its one algorithm.
pub struct VerifyingKey {
    algorithm: Algorithm,
    kid: String,
    key: DecodingKey,
}

impl VerifyingKey {
    /// Reads a public key. A key that names no algorithm gets the one that we use with its kind.
    ///
    /// # Errors
    /// [`KeyError::NotPublic`] where a member is missing or of a wrong size, an RSA key has under 2048 or over 8192
    /// bits, the key is for encryption, or its kind is none of ours.
    pub fn from_jwk(jwk: &Jwk) -> Result<Self, KeyError> {
        let refused = KeyError::NotPublic;
        let member = |member: &Option<String>| member.as_deref().and_then(from_base64url).ok_or(refused);
        let (algorithm, key) = match (jwk.kty.as_str(), jwk.crv.as_deref()) {
            ("EC", Some("P-256")) => {
                let (x, y) = (member(&jwk.x)?, member(&jwk.y)?);
                if x.len() != 32 || y.len() != 32 {
                    return Err(refused);
                }
                (Algorithm::Es256, DecodingKey::from_ec_der(&[&[4], x.as_slice(), &y].concat()))
            }
            ("OKP", Some("Ed25519")) => {
                let x = member(&jwk.x)?;
                if x.len() != 32 {
                    return Err(refused);
                }
                (Algorithm::EdDsa, DecodingKey::from_ed_der(&x))
            }
            ("RSA", _) => {
                let (n, e) = (member(&jwk.n)?, member(&jwk.e)?);
                let bytes = n.iter().skip_while(|byte| **byte == 0).count();
                if !(256..=1024).contains(&bytes) || e.is_empty() || e.len() > 8 {
                    return Err(refused);
                }
                (Algorithm::Rs256, DecodingKey::from_rsa_raw_components(&n, &e))
            }
            _ => return Err(refused),
        };
        let for_signing = jwk.usage.is_empty() || jwk.usage == "sig";
        if !for_signing || !(jwk.alg.is_empty() || jwk.alg == algorithm.as_str()) {
            return Err(refused);
        }
        Ok(Self { algorithm, kid: jwk.kid.clone(), key })
    }

    /// The key's one algorithm.
    pub fn alg(&self) -> Algorithm {
        self.algorithm
    }

    /// The key's id; empty where the key set gave none.
    pub fn kid(&self) -> &str {
        &self.kid
    }

    /// The claims of a token that this key signed and that is what the caller expects.
    ///
    /// `exp`, `iss`, `aud` and `sub` are required. `iss` is one string, `aud` a string or a list of strings; a token with
    /// `nbf` or `iat` further in the future than the leeway is refused, and so is one with a `kid` that is not this key's.
    ///
    /// # Errors
    /// [`Refused`], with the first reason found.
    pub fn verify<C: DeserializeOwned>(&self, token: &str, expected: &Expected<'_>) -> Result<C, Refused> {
        let header = header(token)?;
        if header.alg != self.algorithm {
            return Err(Refused::Algorithm);
        }
        if header.kid.as_deref().is_some_and(|kid| kid != self.kid) {
            return Err(Refused::Key);
        }
        let claims = self.signed_claims(token)?;
        check_type(header.typ.as_deref(), expected.typ)?;
        check_claims(&claims, expected)?;
        serde_json::from_value(Value::Object(claims)).map_err(|_| Refused::Malformed)
    }

    /// The claims as one JSON object, so that what was checked and what the caller reads can't differ.
    fn signed_claims(&self, token: &str) -> Result<Map<String, Value>, Refused> {
        let mut validation = Validation::new(match self.algorithm {
            Algorithm::Es256 => jsonwebtoken::Algorithm::ES256,
            Algorithm::Rs256 => jsonwebtoken::Algorithm::RS256,
            Algorithm::EdDsa => jsonwebtoken::Algorithm::EdDSA,
        });
        // Only the signature is the library's business; each of these would read the clock or let too much pass.
        validation.required_spec_claims.clear();
        validation.validate_exp = false;
        validation.validate_nbf = false;
        validation.validate_aud = false;
        match jsonwebtoken::decode::<Map<String, Value>>(token, &self.key, &validation) {
            Ok(data) => Ok(data.claims),
            Err(error) => Err(match error.kind() {
                ErrorKind::InvalidSignature => Refused::Signature,
                ErrorKind::InvalidAlgorithm => Refused::Algorithm,
                _ => Refused::Malformed,
            }),
        }
    }
}

impl fmt::Debug for VerifyingKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("VerifyingKey").field("alg", &self.algorithm).field("kid", &self.kid).finish_non_exhaustive()
    }
}

fn check_type(typ: Option<&str>, accepted: &[&str]) -> Result<(), Refused> {
    if accepted.is_empty() {
        return Ok(());
    }
    let lower = typ.ok_or(Refused::Type)?.to_ascii_lowercase();
    let bare = lower.strip_prefix("application/").unwrap_or(&lower);
    if accepted.iter().any(|one| one.eq_ignore_ascii_case(bare)) { Ok(()) } else { Err(Refused::Type) }
}

fn check_claims(claims: &Map<String, Value>, expected: &Expected<'_>) -> Result<(), Refused> {
    let claim = |name: &'static str| claims.get(name).ok_or(Refused::Missing(name));

    let issuer = claim("iss")?.as_str().ok_or(Refused::Claim("iss"))?;
    if issuer != expected.issuer {
        return Err(Refused::Issuer);
    }
    let audiences = match claim("aud")? {
        Value::String(one) => vec![one.as_str()],
        Value::Array(several) => {
            several.iter().map(Value::as_str).collect::<Option<_>>().ok_or(Refused::Claim("aud"))?
        }
        _ => return Err(Refused::Claim("aud")),
    };
    if audiences.is_empty() || expected.audience.is_some_and(|one| !audiences.contains(&one)) {
        return Err(Refused::Audience);
    }
    claim("sub")?.as_str().filter(|sub| !sub.is_empty()).ok_or(Refused::Claim("sub"))?;

    let expires = numeric_date(claim("exp")?).ok_or(Refused::Claim("exp"))?;
    if !expected.expired_is_fine && expected.now >= expires.after(expected.leeway) {
        return Err(Refused::Expired);
    }
    for name in ["nbf", "iat"] {
        if let Some(value) = claims.get(name) {
            let from = numeric_date(value).ok_or(Refused::Claim(name))?;
            if from > expected.now.after(expected.leeway) {
                return Err(Refused::NotYet);
            }
        }
    }
    Ok(())
}

/// Seconds since the epoch, possibly with a fraction (RFC 7519 §2).
fn numeric_date(value: &Value) -> Option<Timestamp> {
    if let Some(seconds) = value.as_i64() {
        return Some(Timestamp::from_seconds(seconds));
    }
    let span = Duration::try_from_secs_f64(value.as_f64()?).ok()?;
    Some(Timestamp::from_millis(i64::try_from(span.as_millis()).ok()?))
}

#[cfg(test)]
mod tests;
