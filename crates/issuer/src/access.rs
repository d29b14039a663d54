//! Whether an access token is good. A signature alone never is enough: family, user, membership, application and the
//! token itself are looked up, in one read.

use crate::claims::{AccessClaims, TokenId};
use crate::keys::OrgKeys;
use jose::{Expected, header};
use model::application::ApplicationState;
use model::fault::Fault;
use model::id::{ClientId, OrgId};
use model::org::RefreshPolicy;
use model::refresh::{FamilyState, RefreshFamily, Rotation};
use model::secret::{Digest, Purpose};
use model::time::Timestamp;
use model::user::{User, UserState};
use protocol::introspection::Introspection;
use std::time::Duration;
use store::Conn;
use store::tables::{applications, families};

/// How far clocks of our own nodes may differ.
pub(crate) const LEEWAY: Duration = Duration::from_secs(5);

/// Verifies signature, type, issuer and times of an access token; nothing where anything is wrong. The caller still has
/// to [`look_up`] what it speaks of.
pub fn verify(token: &str, keys: &OrgKeys, issuer: &str, now: Timestamp) -> Option<AccessClaims> {
    let header = header(token).ok()?;
    let key = keys.verifying(header.kid.as_deref()?, header.alg)?;
    let expected = Expected { issuer, audience: None, typ: &["at+jwt"], now, leeway: LEEWAY, expired_is_fine: false };
    key.verify(token, &expected).ok()
}

/// An access token that is good at this moment.
#[derive(Clone, Debug)]
pub struct GoodToken {
    /// What it says.
    pub claims: AccessClaims,
    /// Whom it speaks for, where that is a user.
    pub user: Option<User>,
}

/// Looks up whether what verified claims speak of is still so. Nothing where it is not.
///
/// # Errors
/// The database's.
pub fn look_up(
    conn: &mut Conn,
    org: &OrgId,
    claims: &AccessClaims,
    now: Timestamp,
) -> Result<Option<GoodToken>, Fault> {
    let Some(id) = TokenId::parse(&claims.jti).filter(|_| claims.org_id == org.as_str()) else { return Ok(None) };
    match id.family {
        Some(family) => {
            let Some(standing) = families::standing(conn, org, family, &claims.jti)? else { return Ok(None) };
            let record = standing.record;
            // A family without refresh token ends with its access token, whose own times have been checked.
            let family_lives = record.family.state == FamilyState::Active
                && (record.family.generation.is_none() || record.family.lives(now));
            let good = family_lives
                && record.is_member
                && record.user.state == UserState::Active
                && record.user.trusts(record.family.auth_time)
                && standing.application.state == ApplicationState::Active
                && !standing.token_revoked
                && standing.application.client_id.as_str() == claims.client_id
                && record.user.id.to_string() == claims.sub;
            Ok(good.then(|| GoodToken { claims: claims.clone(), user: Some(record.user) }))
        }
        None => {
            let client_id = ClientId::from_wire(claims.client_id.as_str());
            let standing = applications::standing(conn, org, &client_id, &claims.jti)?;
            let good = standing == Some((ApplicationState::Active, false)) && claims.sub == claims.client_id;
            Ok(good.then(|| GoodToken { claims: claims.clone(), user: None }))
        }
    }
}

impl GoodToken {
    /// What introspection tells of it (RFC 7662 §2.2).
    pub fn introspection(self) -> Introspection {
        Introspection {
            active: true,
            scope: Some(self.claims.scope),
            client_id: Some(self.claims.client_id),
            username: self.user.map(|user| user.email),
            token_type: Some("Bearer".to_owned()),
            exp: Some(self.claims.exp),
            iat: Some(self.claims.iat),
            sub: Some(self.claims.sub),
            aud: Some(self.claims.aud),
            iss: Some(self.claims.iss),
            jti: Some(self.claims.jti),
            org_id: Some(self.claims.org_id),
        }
    }
}

/// A refresh token that would be rotated at this moment, with its family's user; nothing where it would not.
///
/// # Errors
/// The database's.
pub fn look_up_refresh(
    conn: &mut Conn,
    org: &OrgId,
    token: &str,
    policy: &RefreshPolicy,
    now: Timestamp,
) -> Result<Option<(RefreshFamily, User)>, Fault> {
    let digest = Digest::of(Purpose::RefreshToken, token);
    let Some((record, presented)) = families::by_refresh_token(conn, org, &digest)? else { return Ok(None) };
    let good = matches!(record.family.rotate(presented, policy, now), Rotation::Rotated { .. })
        && record.is_member
        && record.user.state == UserState::Active
        && record.user.trusts(record.family.auth_time);
    Ok(good.then_some((record.family, record.user)))
}
