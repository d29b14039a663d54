//! Refresh families: each is one approved grant's access over time.

use super::applications::ApplicationRow;
use super::audit;
use super::column;
use super::organizations::OrganizationRow;
use super::users::UserRow;
use crate::conn::{Conn, each_engine};
use crate::faults::fault;
use crate::prepared::Prepared;
use crate::schema::{applications, families, memberships, organizations, refresh_tokens, revoked_tokens, users};
use diesel::prelude::*;
use model::application::Application;
use model::audit::By;
use model::fault::Fault;
use model::id::{ApplicationId, FamilyId, GrantId, OrgId, UserId};
use model::org::Organization;
use model::refresh::{FamilyState, PresentedGeneration, RefreshFamily, RevocationReason};
use model::secret::Digest;
use model::time::Timestamp;
use model::user::User;

#[derive(Queryable, Selectable, Insertable)]
#[diesel(table_name = families)]
struct FamilyRow {
    org_id: String,
    id: Vec<u8>,
    grant_id: Vec<u8>,
    home_org_id: String,
    application_id: Vec<u8>,
    user_id: Vec<u8>,
    scopes: String,
    resources: String,
    auth_time: i64,
    generation: Option<i32>,
    created_at: i64,
    last_used_at: i64,
    expires_at: i64,
    state: String,
    revoked_reason: Option<String>,
    revoked_at: Option<i64>,
}

impl FamilyRow {
    fn into_model(self) -> Result<RefreshFamily, Fault> {
        let state = match (self.state.as_str(), self.revoked_reason, self.revoked_at) {
            ("active", None, None) => FamilyState::Active,
            ("revoked", Some(reason), Some(at)) => FamilyState::Revoked {
                reason: column::word("families.revoked_reason", RevocationReason::parse(&reason))?,
                at: column::time(at),
            },
            _ => return Err(column::broken("families.state")),
        };
        Ok(RefreshFamily {
            org_id: column::org("families.org_id", &self.org_id)?,
            id: FamilyId::from_uuid(column::uuid("families.id", &self.id)?),
            grant_id: GrantId::from_uuid(column::uuid("families.grant_id", &self.grant_id)?),
            home_org_id: column::org("families.home_org_id", &self.home_org_id)?,
            application_id: ApplicationId::from_uuid(column::uuid("families.application_id", &self.application_id)?),
            user_id: UserId::from_uuid(column::uuid("families.user_id", &self.user_id)?),
            scopes: column::scopes("families.scopes", &self.scopes)?,
            resources: column::resources(&self.resources),
            auth_time: column::time(self.auth_time),
            generation: self.generation,
            created_at: column::time(self.created_at),
            last_used_at: column::time(self.last_used_at),
            expires_at: column::time(self.expires_at),
            state,
        })
    }
}

/// Adds an active family. A second one for the same grant is refused by the database: a fault, since the grant's
/// revision has been guarded before.
///
/// # Errors
/// The database's.
pub fn insert(conn: &mut Conn, org: &OrgId, family: &RefreshFamily) -> Result<(), Fault> {
    let row = FamilyRow {
        org_id: org.as_str().to_owned(),
        id: family.id.uuid().as_bytes().to_vec(),
        grant_id: family.grant_id.uuid().as_bytes().to_vec(),
        home_org_id: family.home_org_id.as_str().to_owned(),
        application_id: family.application_id.uuid().as_bytes().to_vec(),
        user_id: family.user_id.uuid().as_bytes().to_vec(),
        scopes: family.scopes.to_string(),
        resources: family.resources.join(" "),
        auth_time: family.auth_time.millis(),
        generation: family.generation,
        created_at: family.created_at.millis(),
        last_used_at: family.last_used_at.millis(),
        expires_at: family.expires_at.millis(),
        state: "active".to_owned(),
        revoked_reason: None,
        revoked_at: None,
    };
    each_engine!(conn, |c| Prepared(diesel::insert_into(families::table).values(&row)).execute(c))
        .map(drop)
        .map_err(fault("insert family"))
}

/// A family with what decides whether it may be used.
#[derive(Clone, Debug)]
pub struct FamilyRecord {
    /// The family.
    pub family: RefreshFamily,
    /// Its user, in whatever state.
    pub user: User,
    /// Whether the user is a member of the family's organization.
    pub is_member: bool,
}

/// The family that a refresh token belongs to, with the token's generation.
///
/// # Errors
/// The database's.
pub fn by_refresh_token(
    conn: &mut Conn,
    org: &OrgId,
    token: &Digest,
) -> Result<Option<(FamilyRecord, PresentedGeneration)>, Fault> {
    let found = each_engine!(conn, |c| refresh_tokens::table
        .inner_join(
            families::table
                .on(families::org_id.eq(refresh_tokens::org_id).and(families::id.eq(refresh_tokens::family_id))),
        )
        .inner_join(users::table.on(users::id.eq(families::user_id)))
        .left_join(
            memberships::table
                .on(memberships::org_id.eq(families::org_id).and(memberships::user_id.eq(families::user_id))),
        )
        .filter(refresh_tokens::org_id.eq(org.as_str()))
        .filter(refresh_tokens::digest.eq(token.bytes().as_slice()))
        .select((
            FamilyRow::as_select(),
            UserRow::as_select(),
            memberships::role.nullable(),
            refresh_tokens::generation,
            refresh_tokens::first_used_at,
        ))
        .get_result::<(FamilyRow, UserRow, Option<String>, i32, Option<i64>)>(c))
    .optional()
    .map_err(fault("family by refresh token"))?;
    let Some((family, user, role, generation, first_used_at)) = found else { return Ok(None) };
    let record = FamilyRecord { family: family.into_model()?, user: user.into_model()?, is_member: role.is_some() };
    Ok(Some((record, PresentedGeneration { generation, first_used_at: first_used_at.map(column::time) })))
}

/// Everything that decides whether an access token is good, beside its signature.
#[derive(Clone, Debug)]
pub struct Standing {
    /// Family, user and membership.
    pub record: FamilyRecord,
    /// The application, in whatever state.
    pub application: Application,
    /// Whether this one token has been revoked.
    pub token_revoked: bool,
}

/// The standing of the access token `jti` of a family, in one read.
///
/// # Errors
/// The database's.
pub fn standing(conn: &mut Conn, org: &OrgId, family: FamilyId, jti: &str) -> Result<Option<Standing>, Fault> {
    let found = each_engine!(conn, |c| families::table
        .inner_join(users::table.on(users::id.eq(families::user_id)))
        .inner_join(organizations::table.on(organizations::org_id.eq(families::org_id)))
        .inner_join(
            applications::table
                .on(applications::org_id.eq(families::home_org_id).and(applications::id.eq(families::application_id))),
        )
        .left_join(
            memberships::table
                .on(memberships::org_id.eq(families::org_id).and(memberships::user_id.eq(families::user_id))),
        )
        .left_join(
            revoked_tokens::table.on(revoked_tokens::org_id.eq(families::org_id).and(revoked_tokens::jti.eq(jti))),
        )
        .filter(families::org_id.eq(org.as_str()))
        .filter(families::id.eq(family.uuid().as_bytes().as_slice()))
        .filter(organizations::state.eq("active"))
        .select((
            FamilyRow::as_select(),
            UserRow::as_select(),
            ApplicationRow::as_select(),
            memberships::role.nullable(),
            revoked_tokens::jti.nullable(),
        ))
        .get_result::<(FamilyRow, UserRow, ApplicationRow, Option<String>, Option<String>)>(c))
    .optional()
    .map_err(fault("standing of token"))?;
    let Some((family, user, application, role, revoked)) = found else { return Ok(None) };
    let record = FamilyRecord { family: family.into_model()?, user: user.into_model()?, is_member: role.is_some() };
    Ok(Some(Standing { record, application: application.into_model()?, token_revoked: revoked.is_some() }))
}

/// A family.
///
/// # Errors
/// The database's.
pub fn by_id(conn: &mut Conn, org: &OrgId, family: FamilyId) -> Result<Option<RefreshFamily>, Fault> {
    families::table
        .filter(families::org_id.eq(org.as_str()))
        .filter(families::id.eq(family.uuid().as_bytes().as_slice()))
        .select(FamilyRow::as_select())
        .get_result(conn.engine())
        .optional()
        .map_err(fault("family by id"))?
        .map(FamilyRow::into_model)
        .transpose()
}

/// The family that a grant became, where it was redeemed.
///
/// # Errors
/// The database's.
pub fn of_grant(conn: &mut Conn, org: &OrgId, grant: GrantId) -> Result<Option<FamilyId>, Fault> {
    let found: Option<Vec<u8>> = families::table
        .filter(families::org_id.eq(org.as_str()))
        .filter(families::grant_id.eq(grant.uuid().as_bytes().as_slice()))
        .select(families::id)
        .get_result(conn.engine())
        .optional()
        .map_err(fault("family of grant"))?;
    found.map(|id| Ok(FamilyId::from_uuid(column::uuid("families.id", &id)?))).transpose()
}

/// Makes `next` the newest generation where the one before it still is; false where it is not.
///
/// # Errors
/// The database's.
pub fn advance(conn: &mut Conn, org: &OrgId, family: FamilyId, next: i32, now: Timestamp) -> Result<bool, Fault> {
    each_engine!(conn, |c| Prepared(
        diesel::update(
            families::table
                .filter(families::org_id.eq(org.as_str()))
                .filter(families::id.eq(family.uuid().as_bytes().as_slice()))
                .filter(families::generation.eq(next - 1))
                .filter(families::state.eq("active")),
        )
        .set((families::generation.eq(next), families::last_used_at.eq(now.millis())))
    )
    .execute(c))
    .map(|changed| changed == 1)
    .map_err(fault("advance family"))
}

/// Ends a family for good, with its audit row, so that none ends without one; false where it had ended before.
///
/// # Errors
/// The database's.
pub fn end(conn: &mut Conn, org: &OrgId, family: FamilyId, reason: RevocationReason, by: &By) -> Result<bool, Fault> {
    let ended = each_engine!(conn, |c| Prepared(
        diesel::update(
            families::table
                .filter(families::org_id.eq(org.as_str()))
                .filter(families::id.eq(family.uuid().as_bytes().as_slice()))
                .filter(families::state.eq("active")),
        )
        .set((
            families::state.eq("revoked"),
            families::revoked_reason.eq(reason.as_str()),
            families::revoked_at.eq(by.now().millis()),
        ))
    )
    .execute(c))
    .map(|changed| changed == 1)
    .map_err(fault("end family"))?;
    if ended {
        audit::insert(conn, &by.entry(Some(org), reason.action(), family))?;
    }
    Ok(ended)
}

/// The active families of a user, whichever organization they are in.
///
/// # Errors
/// The database's.
pub fn active_of_user(
    conn: &mut Conn,
    user: UserId,
    now: Timestamp,
) -> Result<Vec<(RefreshFamily, Application, Organization)>, Fault> {
    families::table
        .inner_join(organizations::table.on(organizations::org_id.eq(families::org_id)))
        .inner_join(
            applications::table
                .on(applications::org_id.eq(families::home_org_id).and(applications::id.eq(families::application_id))),
        )
        .filter(families::user_id.eq(user.uuid().as_bytes().as_slice()))
        .filter(families::state.eq("active"))
        .filter(families::expires_at.gt(now.millis()))
        .filter(organizations::state.eq("active"))
        .order(families::id.desc())
        .select((FamilyRow::as_select(), ApplicationRow::as_select(), OrganizationRow::as_select()))
        .load::<(FamilyRow, ApplicationRow, OrganizationRow)>(conn.engine())
        .map_err(fault("families of user"))?
        .into_iter()
        .map(|(family, application, organization)| {
            Ok((family.into_model()?, application.into_model()?, organization.into_model()?))
        })
        .collect()
}

/// The active families of a user, whichever organization they are in: those organizations and they, in the order in which they
/// are to be ended.
///
/// # Errors
/// The database's.
pub fn ids_of_user(conn: &mut Conn, user: UserId, now: Timestamp) -> Result<Vec<(OrgId, FamilyId)>, Fault> {
    families::table
        .inner_join(organizations::table.on(organizations::org_id.eq(families::org_id)))
        .filter(families::user_id.eq(user.uuid().as_bytes().as_slice()))
        .filter(families::state.eq("active"))
        .filter(families::expires_at.gt(now.millis()))
        .filter(organizations::state.eq("active"))
        .order(families::id)
        .select((families::org_id, families::id))
        .load::<(String, Vec<u8>)>(conn.engine())
        .map_err(fault("families to end"))?
        .into_iter()
        .map(|(org, id)| {
            Ok((column::org("families.org_id", &org)?, FamilyId::from_uuid(column::uuid("families.id", &id)?)))
        })
        .collect()
}

/// The active families of a user that an application holds in one organization, in the order in which they are to be ended.
///
/// # Errors
/// The database's.
pub fn active_of_app(
    conn: &mut Conn,
    org: &OrgId,
    (user, application): (UserId, ApplicationId),
    now: Timestamp,
) -> Result<Vec<FamilyId>, Fault> {
    families::table
        .filter(families::user_id.eq(user.uuid().as_bytes().as_slice()))
        .filter(families::org_id.eq(org.as_str()))
        .filter(families::application_id.eq(application.uuid().as_bytes().as_slice()))
        .filter(families::state.eq("active"))
        .filter(families::expires_at.gt(now.millis()))
        .order(families::id)
        .select(families::id)
        .load::<Vec<u8>>(conn.engine())
        .map_err(fault("families of application"))?
        .into_iter()
        .map(|id| Ok(FamilyId::from_uuid(column::uuid("families.id", &id)?)))
        .collect()
}

/// The active families of a user in one organization, in the order in which they are to be ended.
///
/// # Errors
/// The database's.
pub fn active_of_member(conn: &mut Conn, org: &OrgId, user: UserId) -> Result<Vec<FamilyId>, Fault> {
    families::table
        .filter(families::user_id.eq(user.uuid().as_bytes().as_slice()))
        .filter(families::org_id.eq(org.as_str()))
        .filter(families::state.eq("active"))
        .order(families::id)
        .select(families::id)
        .load::<Vec<u8>>(conn.engine())
        .map_err(fault("families of member"))?
        .into_iter()
        .map(|id| Ok(FamilyId::from_uuid(column::uuid("families.id", &id)?)))
        .collect()
}

/// The active families of an organization, newest first.
///
/// # Errors
/// The database's.
pub fn active_of_organization(
    conn: &mut Conn,
    org: &OrgId,
    now: Timestamp,
    most: i64,
) -> Result<Vec<(RefreshFamily, Application, User)>, Fault> {
    families::table
        .inner_join(users::table.on(users::id.eq(families::user_id)))
        .inner_join(
            applications::table
                .on(applications::org_id.eq(families::home_org_id).and(applications::id.eq(families::application_id))),
        )
        .filter(families::org_id.eq(org.as_str()))
        .filter(families::state.eq("active"))
        .filter(families::expires_at.gt(now.millis()))
        .order(families::id.desc())
        .limit(most)
        .select((FamilyRow::as_select(), ApplicationRow::as_select(), UserRow::as_select()))
        .load::<(FamilyRow, ApplicationRow, UserRow)>(conn.engine())
        .map_err(fault("families of organization"))?
        .into_iter()
        .map(|(family, application, user)| Ok((family.into_model()?, application.into_model()?, user.into_model()?)))
        .collect()
}
