//! Signing, verifying and sealing. The only crate that knows how a JWS is made (RFC 7515) and which ones to believe
//! (RFC 7519, RFC 8725).
//!
//! Time is always a parameter: nothing here reads a clock. A verified token was checked against *one* key with *one*
//! algorithm, so that no header can choose how it is verified.

mod jwk;
mod key;
mod seal;
mod sealed_code;
mod sign;
mod verify;

pub use jwk::{Jwk, Jwks, kid, thumbprint};
pub use key::{KeyError, PrivateKey, SigningKey};
pub use model::algorithm::Algorithm;
pub use seal::Seal;
pub use sealed_code::{open_code, seal_code};
pub use sign::at_hash;
pub use verify::{Expected, Header, Refused, VerifyingKey, header, unbelieved};
