//! Proof keys (RFC 7636), by `S256` alone: `plain` protects nobody.

use sha2::{Digest as _, Sha256};

/// Whether the verifier is the one that the challenge was made from (RFC 7636 §4.6). A verifier for a request without
/// challenge fits it no more: somebody took the challenge away.
pub fn fits(challenge: Option<&str>, verifier: Option<&str>) -> bool {
    match (challenge, verifier) {
        (None, None) => true,
        (Some(challenge), Some(verifier)) => {
            crate::secret::base64url(&Sha256::digest(verifier.as_bytes())) == challenge
        }
        _ => false,
    }
}
