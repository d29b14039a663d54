//! The beginning of a family, which is what an approved grant becomes.

use crate::issue::RedeemedGrant;
use model::application::Application;
use model::fault::Fault;
use model::id::{FamilyId, OrgId};
use model::issue::{Algorithms, Issue, Subject};
use model::moment::Moment;
use model::org::Organization;
use model::refresh::{FamilyState, RefreshFamily};
use model::secret::{Digest, Purpose, Secret};
use model::user::User;
use protocol::token::GrantType;
use store::Conn;
use store::tables::redemptions::StoredRedemption;
use store::tables::{families, refresh_tokens, resources};

/// Opens the family of a grant whose redemption has just been stored, in the same transaction. Every grant has one, with
/// or without a refresh token: it is what *revoke* and *Disconnect* end.
///
/// # Errors
/// The database's.
pub fn open(
    conn: &mut Conn,
    redemption: &StoredRedemption,
    (application, user): (&Application, &User),
    (organization, moment): (&Organization, &Moment),
) -> Result<RedeemedGrant, Fault> {
    let (redeemed, approval) = (redemption.redeemed(), redemption.approval());
    // A device goes on without anybody at it. Whoever signs in says by a scope whether the application may (OIDC Core §11).
    let goes_on = redeemed.sign_in.is_none() || approval.scopes.has("offline_access");
    let refreshes = goes_on && application.settings.grants.contains(&GrantType::RefreshToken);
    let now = moment.now();
    let lifetime = if refreshes { organization.refresh.absolute } else { application.settings.tokens.access_lifetime };
    let family = RefreshFamily {
        org_id: approval.org_id.clone(),
        id: FamilyId::draw(moment),
        grant_id: redeemed.grant_id,
        home_org_id: redeemed.home_org_id.clone(),
        application_id: application.id,
        user_id: user.id,
        scopes: approval.scopes.clone(),
        resources: still_known(conn, &approval.org_id, &redeemed.resources)?,
        auth_time: approval.auth_time,
        generation: refreshes.then_some(0),
        created_at: now,
        last_used_at: now,
        expires_at: now.after(lifetime),
        state: FamilyState::Active,
    };
    families::insert(conn, &approval.org_id, &family)?;
    let refresh_token = if refreshes {
        let token = Secret::draw(moment);
        let digest = Digest::of(Purpose::RefreshToken, token.expose());
        refresh_tokens::insert(conn, &approval.org_id, family.id, 0, &digest)?;
        Some(token)
    } else {
        None
    };
    let mut issue = issue_for(&family, Algorithms::of(organization, application), (application, user), moment);
    issue.sign_in = redeemed.sign_in.clone();
    Ok(RedeemedGrant { issue, refresh_token })
}

/// Those of `granted` that the organization still has.
pub(crate) fn still_known(conn: &mut Conn, org: &OrgId, granted: &[String]) -> Result<Vec<String>, Fault> {
    let known = resources::known(conn, org, granted)?;
    Ok(known.into_iter().map(|resource| resource.uri.as_str().to_owned()).collect())
}

/// What the tokens of a family say at this moment.
pub(crate) fn issue_for(
    family: &RefreshFamily,
    algorithms: Algorithms,
    (application, user): (&Application, &User),
    moment: &Moment,
) -> Issue {
    Issue {
        org_id: family.org_id.clone(),
        client_id: application.client_id.clone(),
        subject: Subject::User { user: user.clone(), auth_time: family.auth_time, family: family.id },
        scopes: family.scopes.narrowed_to(&application.settings.scopes),
        resources: family.resources.clone(),
        access_lifetime: application.settings.tokens.access_lifetime,
        algorithms,
        sign_in: None,
        at: moment.now(),
    }
}
