//! Private keys: made, kept as PKCS#8, and parsed once for signing.

use crate::{Algorithm, Jwk};
use aws_lc_rs::encoding::{AsDer, Pkcs8V1Der};
use aws_lc_rs::rsa;
use aws_lc_rs::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, Ed25519KeyPair, KeyPair as _};
use model::secret::base64url;
use std::fmt;
use zeroize::{Zeroize, ZeroizeOnDrop};

/// A private key as PKCS#8, wiped from memory when dropped, never printed.
#[derive(Clone, Zeroize, ZeroizeOnDrop)]
pub struct PrivateKey(Vec<u8>);

/// Why a key can't be made, read or used.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum KeyError {
    /// The cryptographic library could not make a key.
    NotMade,
    /// The bytes are no private key of that algorithm.
    NotReadable,
    /// The claims are not JSON, or the library refused to sign.
    NotSigned,
    /// The public key lacks a member, or one has a wrong form or size, or its kind or use is none of ours.
    NotPublic,
}

impl fmt::Display for KeyError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::NotMade => "a signing key could not be made",
            Self::NotReadable => "the bytes are no private key of that algorithm",
            Self::NotSigned => "the claims could not be signed",
            Self::NotPublic => "the public key is incomplete, too weak, or of a kind that is not supported",
        })
    }
}

impl std::error::Error for KeyError {}

impl PrivateKey {
    /// A new key from the operating system's generator. RSA has 2048 bits and takes a tenth of a second or more.
    ///
    /// # Errors
    /// [`KeyError::NotMade`] where the library fails.
    pub fn generate(algorithm: Algorithm) -> Result<Self, KeyError> {
        let bytes = match algorithm {
            Algorithm::Es256 => EcdsaKeyPair::generate(&ECDSA_P256_SHA256_FIXED_SIGNING)
                .and_then(|pair| pair.to_pkcs8v1())
                .map(|document| document.as_ref().to_vec()),
            Algorithm::Rs256 => rsa::KeyPair::generate(rsa::KeySize::Rsa2048)
                .and_then(|pair| AsDer::<Pkcs8V1Der<'_>>::as_der(&pair).map(|document| document.as_ref().to_vec())),
            // Version 1 (48 bytes) is what other tools read; version 2 carries the public key, which we derive.
            Algorithm::EdDsa => {
                Ed25519KeyPair::generate().and_then(|pair| pair.to_pkcs8v1()).map(|document| document.as_ref().to_vec())
            }
        };
        bytes.map(Self).map_err(|_| KeyError::NotMade)
    }

    /// The key with these bytes, which are looked at by [`SigningKey::parse`] only.
    pub fn from_pkcs8(bytes: Vec<u8>) -> Self {
        Self(bytes)
    }

    /// The bytes, to be sealed and stored.
    pub fn pkcs8(&self) -> &[u8] {
        &self.0
    }

    /// The id for this key: see [`crate::kid`].
    ///
    /// # Errors
    /// [`KeyError::NotReadable`] where this is no key of that algorithm.
    pub fn kid(&self, algorithm: Algorithm) -> Result<String, KeyError> {
        Ok(crate::kid(&SigningKey::parse(algorithm, String::new(), self)?.public_jwk()))
    }
}

impl fmt::Debug for PrivateKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("PrivateKey(…)")
    }
}

pub(crate) enum Pair {
    Es256(EcdsaKeyPair),
    Rs256(rsa::KeyPair),
    EdDsa(Ed25519KeyPair),
}

/// A private key, parsed and ready to sign; share one instead of parsing again, which costs more than a signature.
pub struct SigningKey {
    pub(crate) pair: Pair,
    pub(crate) kid: String,
    pub(crate) headers: crate::sign::Headers,
}

impl SigningKey {
    /// Reads `key` for use with `algorithm` alone, under the id `kid`.
    ///
    /// # Errors
    /// [`KeyError::NotReadable`] where this is no key of that algorithm.
    pub fn parse(algorithm: Algorithm, kid: String, key: &PrivateKey) -> Result<Self, KeyError> {
        let bytes = key.pkcs8();
        let pair = match algorithm {
            Algorithm::Es256 => EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, bytes).map(Pair::Es256),
            Algorithm::Rs256 => rsa::KeyPair::from_pkcs8(bytes).map(Pair::Rs256),
            Algorithm::EdDsa => Ed25519KeyPair::from_pkcs8(bytes).map(Pair::EdDsa),
        }
        .map_err(|_| KeyError::NotReadable)?;
        let headers = crate::sign::Headers::new(algorithm, &kid);
        Ok(Self { pair, kid, headers })
    }

    /// The key's one algorithm.
    pub fn alg(&self) -> Algorithm {
        match self.pair {
            Pair::Es256(_) => Algorithm::Es256,
            Pair::Rs256(_) => Algorithm::Rs256,
            Pair::EdDsa(_) => Algorithm::EdDsa,
        }
    }

    /// The key's id.
    pub fn kid(&self) -> &str {
        &self.kid
    }

    /// The public part, as the JWKS shows it.
    pub fn public_jwk(&self) -> Jwk {
        let mut jwk = Jwk {
            kid: self.kid.clone(),
            alg: self.alg().as_str().to_owned(),
            usage: "sig".to_owned(),
            ..Jwk::default()
        };
        match &self.pair {
            Pair::Es256(pair) => {
                // An uncompressed point: one byte that says so, then both coordinates in 32 bytes each.
                let (x, y) = pair.public_key().as_ref().get(1..).unwrap_or_default().split_at(32);
                jwk.kty = "EC".to_owned();
                jwk.crv = Some("P-256".to_owned());
                jwk.x = Some(base64url(x));
                jwk.y = Some(base64url(y));
            }
            Pair::Rs256(pair) => {
                let public = pair.public_key();
                jwk.kty = "RSA".to_owned();
                jwk.n = Some(base64url(public.modulus().big_endian_without_leading_zero()));
                jwk.e = Some(base64url(public.exponent().big_endian_without_leading_zero()));
            }
            Pair::EdDsa(pair) => {
                jwk.kty = "OKP".to_owned();
                jwk.crv = Some("Ed25519".to_owned());
                jwk.x = Some(base64url(pair.public_key().as_ref()));
            }
        }
        jwk
    }
}

impl fmt::Debug for SigningKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SigningKey").field("alg", &self.alg()).field("kid", &self.kid).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_algorithm_makes_a_key_that_reads_back_as_itself() {
        for algorithm in Algorithm::ALL {
            let private = PrivateKey::generate(algorithm).unwrap();
            let kid = private.kid(algorithm).unwrap();
            let again = PrivateKey::from_pkcs8(private.pkcs8().to_vec());
            let key = SigningKey::parse(algorithm, kid.clone(), &again).unwrap();
            assert_eq!(key.alg(), algorithm);
            assert_eq!(crate::kid(&key.public_jwk()), kid);
            assert_eq!(kid.len(), 22);
            assert_ne!(PrivateKey::generate(algorithm).unwrap().kid(algorithm).unwrap(), kid);
            for other in Algorithm::ALL.into_iter().filter(|other| *other != algorithm) {
                assert_eq!(SigningKey::parse(other, String::new(), &private).unwrap_err(), KeyError::NotReadable);
            }
        }
    }

    #[test]
    fn an_ed25519_key_is_pkcs8_version_1() {
        assert_eq!(PrivateKey::generate(Algorithm::EdDsa).unwrap().pkcs8().len(), 48);
    }

    #[test]
    fn garbage_is_not_a_key() {
        for bytes in [vec![], vec![0], vec![0x30; 48], vec![0xff; 2000]] {
            for algorithm in Algorithm::ALL {
                let key = PrivateKey::from_pkcs8(bytes.clone());
                assert_eq!(SigningKey::parse(algorithm, String::new(), &key).unwrap_err(), KeyError::NotReadable);
            }
        }
    }

    #[test]
    fn nothing_secret_is_printed() {
        let private = PrivateKey::generate(Algorithm::EdDsa).unwrap();
        let key = SigningKey::parse(Algorithm::EdDsa, "k1".into(), &private).unwrap();
        assert_eq!(format!("{private:?} {key:?}"), "PrivateKey(…) SigningKey { alg: EdDsa, kid: \"k1\", .. }");
    }
}
