//! Signing: claims become a compact JWS (RFC 7515 §7.1).

use crate::Algorithm;
use crate::key::{KeyError, Pair, SigningKey};
use aws_lc_rs::digest;
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::signature::RSA_PKCS1_SHA256;
use model::secret::base64url;
use serde::Serialize;
use serde_json::Value;

/// The encoded headers of the two types that are signed all the time.
pub(crate) struct Headers {
    access: String,
    plain: String,
}

impl Headers {
    pub(crate) fn new(algorithm: Algorithm, kid: &str) -> Self {
        Self { access: encoded_header(algorithm, "at+jwt", kid), plain: encoded_header(algorithm, "JWT", kid) }
    }
}

fn encoded_header(algorithm: Algorithm, typ: &str, kid: &str) -> String {
    let (typ, kid) = (Value::from(typ), Value::from(kid));
    base64url(format!(r#"{{"alg":"{algorithm}","typ":{typ},"kid":{kid}}}"#).as_bytes())
}

impl SigningKey {
    /// The claims as a compact JWS with this `typ`: `at+jwt` for access tokens (RFC 9068 §2.1), else `JWT`.
    ///
    /// # Errors
    /// [`KeyError::NotSigned`] where the claims don't become JSON, or the library refuses.
    pub fn sign<C: Serialize>(&self, typ: &str, claims: &C) -> Result<String, KeyError> {
        let claims = serde_json::to_vec(claims).map_err(|_| KeyError::NotSigned)?;
        let rare;
        let header = match typ {
            "at+jwt" => &self.headers.access,
            "JWT" => &self.headers.plain,
            _ => {
                rare = encoded_header(self.alg(), typ, &self.kid);
                &rare
            }
        };
        let mut token = format!("{header}.{}", base64url(&claims));
        let signature = self.signature(token.as_bytes())?;
        token.push('.');
        token.push_str(&base64url(&signature));
        Ok(token)
    }

    fn signature(&self, message: &[u8]) -> Result<Vec<u8>, KeyError> {
        let signature = match &self.pair {
            Pair::Es256(pair) => pair.sign(&SystemRandom::new(), message).map(|signature| signature.as_ref().to_vec()),
            Pair::Rs256(pair) => {
                let mut signature = vec![0; pair.public_modulus_len()];
                pair.sign(&RSA_PKCS1_SHA256, &SystemRandom::new(), message, &mut signature).map(|()| signature)
            }
            Pair::EdDsa(pair) => pair.try_sign(message).map(|signature| signature.as_ref().to_vec()),
        };
        signature.map_err(|_| KeyError::NotSigned)
    }
}

/// The `at_hash` of an id_token signed with `algorithm`: the left half of the access token's hash, base64url (OIDC Core
/// §3.1.3.6). Ed25519 hashes with SHA-512, so that is what EdDSA takes.
pub fn at_hash(algorithm: Algorithm, access_token: &str) -> String {
    let hash = match algorithm {
        Algorithm::Es256 | Algorithm::Rs256 => &digest::SHA256,
        Algorithm::EdDsa => &digest::SHA512,
    };
    let hash = digest::digest(hash, access_token.as_bytes());
    let (left, _) = hash.as_ref().split_at(hash.as_ref().len() / 2);
    base64url(left)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::PrivateKey;
    use model::secret::from_base64url;
    use serde_json::json;

    #[test]
    fn rfc_8037_appendix_a_4() {
        // PKCS#8 version 1 around the seed of appendix A.1.
        let mut pkcs8 =
            vec![0x30, 0x2e, 0x02, 0x01, 0x00, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x04, 0x22, 0x04, 0x20];
        pkcs8.extend(from_base64url("nWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A").unwrap());
        let key = SigningKey::parse(Algorithm::EdDsa, String::new(), &PrivateKey::from_pkcs8(pkcs8)).unwrap();
        assert_eq!(key.public_jwk().x.unwrap(), "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo");
        let signature = key.signature(b"eyJhbGciOiJFZERTQSJ9.RXhhbXBsZSBvZiBFZDI1NTE5IHNpZ25pbmc").unwrap();
        assert_eq!(
            base64url(&signature),
            "hgyY0il_MGCjP0JzlnLWG1PPOt7-09PGcvMg3AIbQR6dWbhijcNR4ki4iylGjg5BhVsPt9g7sVvpAr_MuM0KAg"
        );
    }

    #[test]
    fn the_header_names_algorithm_type_and_key_and_nothing_else() {
        let private = PrivateKey::generate(Algorithm::Es256).unwrap();
        let key = SigningKey::parse(Algorithm::Es256, "k\"1".into(), &private).unwrap();
        for typ in ["at+jwt", "JWT", "logout+jwt"] {
            let token = key.sign(typ, &json!({})).unwrap();
            let header = from_base64url(token.split('.').next().unwrap()).unwrap();
            assert_eq!(
                serde_json::from_slice::<Value>(&header).unwrap(),
                json!({"alg": "ES256", "typ": typ, "kid": "k\"1"})
            );
        }
    }

    #[test]
    fn an_ecdsa_signature_is_two_numbers_side_by_side() {
        let private = PrivateKey::generate(Algorithm::Es256).unwrap();
        let key = SigningKey::parse(Algorithm::Es256, "k".into(), &private).unwrap();
        for _ in 0..64 {
            let token = key.sign("JWT", &json!({})).unwrap();
            assert_eq!(from_base64url(token.rsplit('.').next().unwrap()).unwrap().len(), 64);
        }
    }

    #[test]
    fn at_hash_of_the_openid_connect_core_example() {
        // OIDC Core appendix A.3: the access token and at_hash of the implicit-flow example.
        assert_eq!(at_hash(Algorithm::Rs256, "jHkWEdUXMU1BwAsC4vtUsZwnNvTIxEl0z9K3vx5KF0Y"), "77QmUPtjPfzWtF2AnpK9RQ");
        assert_eq!(at_hash(Algorithm::EdDsa, "x").len(), 43);
    }
}
