//! Our own id_tokens, brought back by a client (OIDC RP-Initiated Logout §2).

use crate::access::LEEWAY;
use crate::claims::IdClaims;
use crate::keys::OrgKeys;
use jose::{Expected, header};
use model::time::Timestamp;

/// What an id_token of this issuer says; nothing where it is none. That its time is over does not matter: it says who was
/// signed in, not that anybody is.
pub fn read(token: &str, keys: &OrgKeys, issuer: &str, now: Timestamp) -> Option<IdClaims> {
    let header = header(token).ok()?;
    let key = keys.verifying(header.kid.as_deref()?, header.alg)?;
    let expected = Expected { issuer, audience: None, typ: &["JWT"], now, leeway: LEEWAY, expired_is_fine: true };
    key.verify(token, &expected).ok()
}
