//! Refreshing (RFC 6749 §6, RFC 9700 §4.14.2). `model::refresh` tells the story; here it meets the database.

use crate::families::{issue_for, still_known};
use crate::issue::RotatedFamily;
use model::audit::{Actor, By};
use model::client::AuthenticatedClient;
use model::context::Origin;
use model::fault::Fault;
use model::issue::Algorithms;
use model::moment::Moment;
use model::org::Organization;
use model::refresh::{RevocationReason, Rotation, successor};
use model::secret::{Digest, Key, Purpose, Secret};
use model::user::UserState;
use protocol::scope::Scopes;
use protocol::token::GrantType;
use store::Conn;
use store::tables::{families, refresh_tokens};

/// A refresh, as it was asked for.
#[derive(Clone, Debug)]
pub struct RefreshRequest {
    /// The token that was presented.
    pub token: Secret,
    /// Fewer scopes for this access token (RFC 6749 §6); all of the family's where absent.
    pub scopes: Option<Scopes>,
    /// Fewer resources for this access token (RFC 8707 §2.2); all of the family's where empty.
    pub resources: Vec<String>,
    /// Where the request comes from.
    pub origin: Origin,
}

/// Why a refresh is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RefreshRefusal {
    /// The application may not refresh.
    GrantNotAllowed,
    /// The token is unknown, another client's, spent, revoked or too old, or its user may no longer use it.
    NotGood,
    /// More scopes than the family has.
    ScopeNotGranted,
    /// A resource that the family does not have, or none that the organization still has.
    ResourceNotGranted,
}

/// Rotates the family of the presented token, or gives the same successor again within the grace window, in the caller's
/// transaction.
///
/// # Errors
/// The database's.
pub fn refresh(
    conn: &mut Conn,
    client: &AuthenticatedClient,
    request: &RefreshRequest,
    (organization, key): (&Organization, &Key),
    moment: &Moment,
) -> Result<Result<RotatedFamily, RefreshRefusal>, Fault> {
    let application = client.application();
    let refused = |refusal| Ok(Err(refusal));
    if !client.is_active() {
        return refused(RefreshRefusal::NotGood);
    }
    if !application.settings.grants.contains(&GrantType::RefreshToken) {
        return refused(RefreshRefusal::GrantNotAllowed);
    }
    let org = &application.org_id;
    let digest = Digest::of(Purpose::RefreshToken, request.token.expose());
    // Of two uses at once one finds the guard closed, looks again and finds itself within the grace window.
    for _ in 0..3 {
        let Some((record, presented)) = families::by_refresh_token(conn, org, &digest)? else {
            return refused(RefreshRefusal::NotGood);
        };
        let family = &record.family;
        if family.application_id != application.id || family.home_org_id != *org {
            return refused(RefreshRefusal::NotGood);
        }
        let next = match family.rotate(presented, &organization.refresh, moment.now()) {
            Rotation::Over => return refused(RefreshRefusal::NotGood),
            Rotation::Reused => {
                let actor = Actor::Client(application.client_id.as_str().to_owned());
                let by = By::request(actor, (moment, &request.origin));
                families::end(conn, org, family.id, RevocationReason::Reuse, &by)?;
                return refused(RefreshRefusal::NotGood);
            }
            Rotation::Rotated { next } | Rotation::ReplayedWithinGrace { next } => next,
        };
        // A family that a device collected while the password was changed goes back to the old one.
        let trusted = record.user.state == UserState::Active && record.user.trusts(family.auth_time);
        if !record.is_member || !trusted {
            return refused(RefreshRefusal::NotGood);
        }
        let algorithms = Algorithms::of(organization, application);
        let mut issue = issue_for(family, algorithms, (application, &record.user), moment);
        if let Some(fewer) = &request.scopes {
            if !fewer.within(&family.scopes) {
                return refused(RefreshRefusal::ScopeNotGranted);
            }
            issue.scopes = issue.scopes.narrowed_to(fewer);
        }
        if !family.resources.is_empty() {
            issue.resources = still_known(conn, org, &family.resources)?;
        }
        if !request.resources.is_empty() {
            issue.resources.retain(|granted| request.resources.contains(granted));
        }
        // Meant for nothing that was granted, a token would be meant for us instead.
        let wanted = if request.resources.is_empty() { family.resources.len().min(1) } else { request.resources.len() };
        if issue.resources.len() < wanted {
            return refused(RefreshRefusal::ResourceNotGranted);
        }
        let refresh_token = successor(key, family.id, next, &request.token);
        if presented.first_used_at.is_none() {
            // The family first: where it was rotated or revoked meanwhile, nothing has been written yet.
            if !families::advance(conn, org, family.id, next, moment.now())? {
                continue;
            }
            if !refresh_tokens::spend(conn, org, family.id, presented.generation, moment.now())? {
                return Err(Fault::broken("the newest refresh token of a family was spent already"));
            }
            let digest = Digest::of(Purpose::RefreshToken, refresh_token.expose());
            refresh_tokens::insert(conn, org, family.id, next, &digest)?;
        }
        return Ok(Ok(RotatedFamily { issue, refresh_token }));
    }
    Err(Fault::unavailable("a refresh token was used by too many at once"))
}
