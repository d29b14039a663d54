//! Giving tokens up (RFC 7009): an access token ends alone, a refresh token with its family. Another client's token
//! stays what it is.

use crate::access::LEEWAY;
use crate::claims::{AccessClaims, TokenId};
use model::audit::{Action, Actor, By};
use model::client::AuthenticatedClient;
use model::context::Origin;
use model::fault::Fault;
use model::id::OrgId;
use model::moment::Moment;
use model::opaque;
use model::refresh::RevocationReason;
use model::secret::{Digest, Purpose};
use model::time::Timestamp;
use store::Conn;
use store::tables::{audit, families, opaque_tokens, revoked_tokens};

/// What was presented to be revoked.
#[derive(Clone, Debug)]
pub enum Presented {
    /// An access token whose signature has been verified.
    Access(AccessClaims),
    /// Anything else: a refresh token, an opaque one, or nothing of ours.
    Opaque(String),
}

/// Revokes what is the client's own; gives whether anything changed, which the client is not told.
///
/// # Errors
/// The database's.
pub fn revoke(
    conn: &mut Conn,
    client: &AuthenticatedClient,
    presented: &Presented,
    (moment, origin): (&Moment, &Origin),
) -> Result<bool, Fault> {
    let application = client.application();
    let org = &application.org_id;
    let by = By::request(Actor::Client(application.client_id.as_str().to_owned()), (moment, origin));
    match presented {
        Presented::Access(claims) => {
            let own = claims.client_id == application.client_id.as_str() && claims.org_id == org.as_str();
            if own { end_access(conn, org, claims, &by) } else { Ok(false) }
        }
        Presented::Opaque(text) if opaque::is_well_formed(text) => {
            let digest = Digest::of(Purpose::OpaqueToken, text);
            let Some(record) = opaque_tokens::by_digest(conn, &digest)? else { return Ok(false) };
            let token = record.token;
            // Of what was made by hand no client can say that it is its own.
            let own = token.home_org_id == *org && token.application_id == application.id && token.grant_id.is_some();
            if !own {
                return Ok(false);
            }
            opaque_tokens::end(conn, &token.org_id, token.id, RevocationReason::Client, &by)
        }
        Presented::Opaque(token) => {
            let digest = Digest::of(Purpose::RefreshToken, token);
            let Some((record, _)) = families::by_refresh_token(conn, org, &digest)? else { return Ok(false) };
            if record.family.application_id != application.id {
                return Ok(false);
            }
            families::end(conn, org, record.family.id, RevocationReason::Client, &by)
        }
    }
}

/// Ends one access token whose signature has been verified; false where it had ended before.
///
/// # Errors
/// The database's.
pub fn end_access(conn: &mut Conn, org: &OrgId, claims: &AccessClaims, by: &By) -> Result<bool, Fault> {
    let Some(id) = TokenId::parse(&claims.jti) else { return Ok(false) };
    // Kept until no clock of ours takes the token any more.
    let over_at = Timestamp::from_seconds(claims.exp).after(LEEWAY);
    let changed = revoked_tokens::insert(conn, org, &claims.jti, over_at)?;
    if changed {
        let family = id.family.map_or_else(|| "none".to_owned(), |family| family.to_string());
        let entry = by.entry(Some(org), Action::AccessTokenRevoked, &claims.jti);
        audit::insert(conn, &entry.with("family", family))?;
    }
    Ok(changed)
}
