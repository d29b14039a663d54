//! Public keys as JSON (RFC 7517). There is no member for a private part, so none can be published by mistake.

use crate::{Expected, Refused, VerifyingKey, header};
use model::secret::base64url;
use serde::{Deserialize, Serialize};

/// A public key as a JWKS shows it.
///
/// Members that a foreign key set may leave out are empty strings here and are left out again when written.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Jwk {
    /// `EC`, `RSA` or `OKP`.
    pub kty: String,
    /// The curve: `P-256` or `Ed25519`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub crv: Option<String>,
    /// The point's first coordinate (EC), or the whole public key (OKP), base64url.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub x: Option<String>,
    /// The point's second coordinate (EC), base64url.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub y: Option<String>,
    /// The modulus (RSA), base64url.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub n: Option<String>,
    /// The public exponent (RSA), base64url.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub e: Option<String>,
    /// The key's id, by which a token's header names it.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub kid: String,
    /// The one algorithm that the key is for.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub alg: String,
    /// What the key is for: `sig`.
    #[serde(default, rename = "use", skip_serializing_if = "String::is_empty")]
    pub usage: String,
}

/// A set of public keys (RFC 7517 §5).
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Jwks {
    /// The keys, in no order that means anything.
    pub keys: Vec<Jwk>,
}

impl Jwks {
    /// Reads a foreign key set (RFC 7517 §5), passing over keys that are written in ways not spoken here; nothing where it
    /// is no key set.
    pub fn read(json: &[u8]) -> Option<Self> {
        #[derive(Deserialize)]
        struct Wire {
            keys: Vec<serde_json::Value>,
        }
        let wire: Wire = serde_json::from_slice(json).ok()?;
        Some(Self { keys: wire.keys.into_iter().filter_map(|key| serde_json::from_value(key).ok()).collect() })
    }

    /// The claims of a token that one of these keys signed and that is what the caller expects, as
    /// [`VerifyingKey::verify`] has it. The key is the one that the header names, of the algorithm that it names; where it
    /// names none, the only one of that algorithm.
    ///
    /// # Errors
    /// [`Refused::Key`] where there is no such key; it may be newer than the set.
    pub fn verify<C: serde::de::DeserializeOwned>(&self, token: &str, expected: &Expected<'_>) -> Result<C, Refused> {
        let header = header(token)?;
        let named = |key: &&Jwk| header.kid.as_ref().is_none_or(|kid| *kid == key.kid);
        let keys = self.keys.iter().filter(named).filter_map(|key| VerifyingKey::from_jwk(key).ok());
        let mut fitting = keys.filter(|key| key.alg() == header.alg);
        match (fitting.next(), fitting.next()) {
            (Some(key), None) => key.verify(token, expected),
            // One that two keys fit was signed by neither for sure.
            _ => Err(Refused::Key),
        }
    }

    /// The key with this id *and* this algorithm; an id alone does not pick a key.
    pub fn find(&self, kid: &str, algorithm: crate::Algorithm) -> Option<&Jwk> {
        self.keys.iter().find(|key| key.kid == kid && (key.alg.is_empty() || key.alg == algorithm.as_str()))
    }
}

/// The key's thumbprint: SHA-256 over its required members in order, base64url (RFC 7638 §3).
///
/// A member that the key lacks counts as empty.
pub fn thumbprint(key: &Jwk) -> String {
    let quoted = |member: &Option<String>| serde_json::Value::from(member.as_deref().unwrap_or_default()).to_string();
    let (crv, x, y, n, e) = (quoted(&key.crv), quoted(&key.x), quoted(&key.y), quoted(&key.n), quoted(&key.e));
    let members = match key.kty.as_str() {
        "RSA" => format!(r#"{{"e":{e},"kty":"RSA","n":{n}}}"#),
        "OKP" => format!(r#"{{"crv":{crv},"kty":"OKP","x":{x}}}"#),
        // RFC 7638 §3.2 knows this form for every elliptic curve with two coordinates.
        kty => format!(r#"{{"crv":{crv},"kty":{},"x":{x},"y":{y}}}"#, serde_json::Value::from(kty)),
    };
    base64url(aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA256, members.as_bytes()).as_ref())
}

/// The id that we give a key: the first 132 bits of its thumbprint, so that the id says which key it is.
pub fn kid(key: &Jwk) -> String {
    thumbprint(key).chars().take(22).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rfc_7638_section_3_1() {
        let key = Jwk {
            kty: "RSA".into(),
            n: Some(
                "0vx7agoebGcQSuuPiLJXZptN9nndrQmbXEps2aiAFbWhM78LhWx4cbbfAAtVT86zwu1RK7aPFFxuhDR1L6tSoc_BJECPebWKRXjBZCiFV4n3oknjhMstn64tZ_2W-5JsGY4Hc5n9yBXArwl93lqt7_RN5w6Cf0h4QyQ5v-65YGjQR0_FDW2QvzqY368QQMicAtaSqzs8KJZgnYb9c7d0zgdAZHzu6qMQvRL5hajrn1n91CbOpbISD08qNLyrdkt-bFTWhAI4vMQFh6WeZu0fM4lFd2NcRwr3XPksINHaQ-G_xBniIqbw0Ls1jF44-csFCur-kEgU8awapJzKnqDKgw"
                    .into(),
            ),
            e: Some("AQAB".into()),
            alg: "RS256".into(),
            kid: "2011-04-29".into(),
            ..Jwk::default()
        };
        assert_eq!(thumbprint(&key), "NzbLsXh8uDCcd-6MNwXF4W_7noWXFZAfHkxZsRGC9Xs");
        assert_eq!(kid(&key), "NzbLsXh8uDCcd-6MNwXF4W");
    }

    #[test]
    fn rfc_8037_appendix_a_3() {
        let key = Jwk {
            kty: "OKP".into(),
            crv: Some("Ed25519".into()),
            x: Some("11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo".into()),
            ..Jwk::default()
        };
        assert_eq!(thumbprint(&key), "kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k");
    }

    #[test]
    fn a_private_member_is_dropped_on_the_way_in() {
        let key: Jwk =
            serde_json::from_str(r#"{"kty":"OKP","crv":"Ed25519","x":"AA","d":"secret","use":"sig"}"#).unwrap();
        assert_eq!(serde_json::to_string(&key).unwrap(), r#"{"kty":"OKP","crv":"Ed25519","x":"AA","use":"sig"}"#);
    }

    #[test]
    fn a_key_is_found_by_id_and_algorithm_together() {
        let keys = Jwks { keys: vec![Jwk { kid: "a".into(), alg: "ES256".into(), ..Jwk::default() }] };
        assert!(keys.find("a", crate::Algorithm::Es256).is_some());
        assert!(keys.find("a", crate::Algorithm::Rs256).is_none());
        assert!(keys.find("b", crate::Algorithm::Es256).is_none());
    }
}
