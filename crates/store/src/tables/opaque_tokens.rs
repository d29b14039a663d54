//! Opaque tokens: found by their digest alone, since a request brings nothing else.

use super::applications::ApplicationRow;
use super::audit;
use super::column;
use super::organizations::OrganizationRow;
use super::users::UserRow;
use crate::conn::{Conn, each_engine};
use crate::faults::fault;
use crate::prepared::Prepared;
use crate::schema::{applications, memberships, opaque_tokens, organizations, users};
use diesel::prelude::*;
use model::application::Application;
use model::audit::{Action, By};
use model::fault::Fault;
use model::id::{ApplicationId, GrantId, OpaqueTokenId, OrgId, UserId};
use model::opaque::{OpaqueKind, OpaqueState, OpaqueToken};
use model::org::Organization;
use model::refresh::RevocationReason;
use model::secret::Digest;
use model::time::Timestamp;
use model::user::User;

#[derive(Queryable, Selectable)]
#[diesel(table_name = opaque_tokens)]
struct OpaqueRow {
    org_id: String,
    id: Vec<u8>,
    kind: String,
    name: String,
    beginning: String,
    grant_id: Option<Vec<u8>>,
    home_org_id: String,
    application_id: Vec<u8>,
    user_id: Vec<u8>,
    scopes: String,
    created_at: i64,
    last_used_at: Option<i64>,
    expires_at: i64,
    state: String,
    revoked_reason: Option<String>,
    revoked_at: Option<i64>,
    resources: String,
}

impl OpaqueRow {
    fn into_model(self) -> Result<OpaqueToken, Fault> {
        let state = match (self.state.as_str(), self.revoked_reason, self.revoked_at) {
            ("active", None, None) => OpaqueState::Active,
            ("revoked", Some(reason), Some(at)) => OpaqueState::Revoked {
                reason: column::word("opaque_tokens.revoked_reason", RevocationReason::parse(&reason))?,
                at: column::time(at),
            },
            _ => return Err(column::broken("opaque_tokens.state")),
        };
        let grant = |id: &Vec<u8>| column::uuid("opaque_tokens.grant_id", id).map(GrantId::from_uuid);
        Ok(OpaqueToken {
            org_id: column::org("opaque_tokens.org_id", &self.org_id)?,
            id: OpaqueTokenId::from_uuid(column::uuid("opaque_tokens.id", &self.id)?),
            kind: column::word("opaque_tokens.kind", OpaqueKind::parse(&self.kind))?,
            name: self.name,
            beginning: self.beginning,
            grant_id: self.grant_id.as_ref().map(grant).transpose()?,
            home_org_id: column::org("opaque_tokens.home_org_id", &self.home_org_id)?,
            application_id: ApplicationId::from_uuid(column::uuid(
                "opaque_tokens.application_id",
                &self.application_id,
            )?),
            user_id: UserId::from_uuid(column::uuid("opaque_tokens.user_id", &self.user_id)?),
            scopes: column::scopes("opaque_tokens.scopes", &self.scopes)?,
            resources: column::resources(&self.resources),
            created_at: column::time(self.created_at),
            last_used_at: self.last_used_at.map(column::time),
            expires_at: column::time(self.expires_at),
            state,
        })
    }
}

/// Adds a token. A second one for the same grant is refused by the database: a fault, since the grant's revision has been
/// guarded before.
///
/// # Errors
/// The database's.
pub fn insert(conn: &mut Conn, org: &OrgId, token: &OpaqueToken, digest: &Digest) -> Result<(), Fault> {
    each_engine!(conn, |c| Prepared(diesel::insert_into(opaque_tokens::table).values((
        opaque_tokens::org_id.eq(org.as_str()),
        opaque_tokens::id.eq(token.id.uuid().as_bytes().as_slice()),
        opaque_tokens::digest.eq(digest.bytes().as_slice()),
        opaque_tokens::kind.eq(token.kind.as_str()),
        opaque_tokens::name.eq(&token.name),
        opaque_tokens::beginning.eq(&token.beginning),
        opaque_tokens::grant_id.eq(token.grant_id.map(|grant| grant.uuid().as_bytes().to_vec())),
        opaque_tokens::home_org_id.eq(token.home_org_id.as_str()),
        opaque_tokens::application_id.eq(token.application_id.uuid().as_bytes().as_slice()),
        opaque_tokens::user_id.eq(token.user_id.uuid().as_bytes().as_slice()),
        opaque_tokens::scopes.eq(token.scopes.to_string()),
        opaque_tokens::resources.eq(token.resources.join(" ")),
        opaque_tokens::created_at.eq(token.created_at.millis()),
        opaque_tokens::expires_at.eq(token.expires_at.millis()),
        opaque_tokens::state.eq("active"),
    )))
    .execute(c))
    .map(drop)
    .map_err(fault("insert opaque token"))
}

/// A token with everything that decides whether it may be used.
#[derive(Clone, Debug)]
pub struct OpaqueRecord {
    /// The token.
    pub token: OpaqueToken,
    /// Its user, in whatever state.
    pub user: User,
    /// Whether the user is a member of the token's organization.
    pub is_member: bool,
    /// Its client's application, in whatever state.
    pub application: Application,
}

/// The token with this digest in a living organization, in one read.
///
/// # Errors
/// The database's.
pub fn by_digest(conn: &mut Conn, digest: &Digest) -> Result<Option<OpaqueRecord>, Fault> {
    let found = each_engine!(conn, |c| opaque_tokens::table
        .inner_join(users::table.on(users::id.eq(opaque_tokens::user_id)))
        .inner_join(organizations::table.on(organizations::org_id.eq(opaque_tokens::org_id)))
        .inner_join(applications::table.on(
            applications::org_id.eq(opaque_tokens::home_org_id).and(applications::id.eq(opaque_tokens::application_id))
        ),)
        .left_join(
            memberships::table
                .on(memberships::org_id.eq(opaque_tokens::org_id).and(memberships::user_id.eq(opaque_tokens::user_id))),
        )
        .filter(opaque_tokens::digest.eq(digest.bytes().as_slice()))
        .filter(organizations::state.eq("active"))
        .select((
            OpaqueRow::as_select(),
            UserRow::as_select(),
            ApplicationRow::as_select(),
            memberships::role.nullable(),
        ))
        .get_result::<(OpaqueRow, UserRow, ApplicationRow, Option<String>)>(c))
    .optional()
    .map_err(fault("opaque token by digest"))?;
    let Some((token, user, application, role)) = found else { return Ok(None) };
    Ok(Some(OpaqueRecord {
        token: token.into_model()?,
        user: user.into_model()?,
        is_member: role.is_some(),
        application: application.into_model()?,
    }))
}

/// A token of a list, with its client's application and its organization.
pub type Listed = (OpaqueToken, Application, Organization);

/// The tokens of a user in living organizations that are of this kind, whether they are good or not: the newest first, `most`
/// of them.
///
/// # Errors
/// The database's.
pub fn of_user(conn: &mut Conn, user: UserId, kind: OpaqueKind, most: i64) -> Result<Vec<Listed>, Fault> {
    opaque_tokens::table
        .inner_join(organizations::table.on(organizations::org_id.eq(opaque_tokens::org_id)))
        .inner_join(applications::table.on(
            applications::org_id.eq(opaque_tokens::home_org_id).and(applications::id.eq(opaque_tokens::application_id)),
        ))
        .filter(opaque_tokens::user_id.eq(user.uuid().as_bytes().as_slice()))
        .filter(opaque_tokens::kind.eq(kind.as_str()))
        .filter(organizations::state.eq("active"))
        .order(opaque_tokens::id.desc())
        .limit(most)
        .select((OpaqueRow::as_select(), ApplicationRow::as_select(), OrganizationRow::as_select()))
        .load::<(OpaqueRow, ApplicationRow, OrganizationRow)>(conn.engine())
        .map_err(fault("opaque tokens of user"))?
        .into_iter()
        .map(listed)
        .collect()
}

/// The good tokens that applications hold for a user in living organizations: the newest first, `most` of them.
///
/// # Errors
/// The database's.
pub fn held_by_apps(conn: &mut Conn, user: UserId, now: Timestamp, most: i64) -> Result<Vec<Listed>, Fault> {
    opaque_tokens::table
        .inner_join(organizations::table.on(organizations::org_id.eq(opaque_tokens::org_id)))
        .inner_join(applications::table.on(
            applications::org_id.eq(opaque_tokens::home_org_id).and(applications::id.eq(opaque_tokens::application_id)),
        ))
        .filter(opaque_tokens::user_id.eq(user.uuid().as_bytes().as_slice()))
        .filter(opaque_tokens::state.eq("active"))
        .filter(opaque_tokens::expires_at.gt(now.millis()))
        .filter(opaque_tokens::grant_id.is_not_null())
        .filter(organizations::state.eq("active"))
        .order(opaque_tokens::id.desc())
        .limit(most)
        .select((OpaqueRow::as_select(), ApplicationRow::as_select(), OrganizationRow::as_select()))
        .load::<(OpaqueRow, ApplicationRow, OrganizationRow)>(conn.engine())
        .map_err(fault("opaque tokens of user's apps"))?
        .into_iter()
        .map(listed)
        .collect()
}

fn listed((token, application, organization): (OpaqueRow, ApplicationRow, OrganizationRow)) -> Result<Listed, Fault> {
    Ok((token.into_model()?, application.into_model()?, organization.into_model()?))
}

/// The organization of a token of a user, whether it is good or not; nothing where they have none of these kinds with this id, or
/// the organization has ended.
///
/// # Errors
/// The database's.
pub fn organization_of(
    conn: &mut Conn,
    (user, token): (UserId, OpaqueTokenId),
    kinds: &[OpaqueKind],
) -> Result<Option<OrgId>, Fault> {
    let found: Option<String> = opaque_tokens::table
        .inner_join(organizations::table.on(organizations::org_id.eq(opaque_tokens::org_id)))
        .filter(opaque_tokens::user_id.eq(user.uuid().as_bytes().as_slice()))
        .filter(opaque_tokens::kind.eq_any(kinds.iter().map(|kind| kind.as_str())))
        .filter(opaque_tokens::id.eq(token.uuid().as_bytes().as_slice()))
        .filter(organizations::state.eq("active"))
        .select(opaque_tokens::org_id)
        .get_result(conn.engine())
        .optional()
        .map_err(fault("opaque token of user"))?;
    found.map(|org| column::org("opaque_tokens.org_id", &org)).transpose()
}

/// The good tokens of an organization, the newest first, with their clients' applications and their users.
///
/// # Errors
/// The database's.
pub fn active_of_organization(
    conn: &mut Conn,
    org: &OrgId,
    now: Timestamp,
    most: i64,
) -> Result<Vec<(OpaqueToken, Application, User)>, Fault> {
    opaque_tokens::table
        .inner_join(users::table.on(users::id.eq(opaque_tokens::user_id)))
        .inner_join(applications::table.on(
            applications::org_id.eq(opaque_tokens::home_org_id).and(applications::id.eq(opaque_tokens::application_id)),
        ))
        .filter(opaque_tokens::org_id.eq(org.as_str()))
        .filter(opaque_tokens::state.eq("active"))
        .filter(opaque_tokens::expires_at.gt(now.millis()))
        .order(opaque_tokens::id.desc())
        .limit(most)
        .select((OpaqueRow::as_select(), ApplicationRow::as_select(), UserRow::as_select()))
        .load::<(OpaqueRow, ApplicationRow, UserRow)>(conn.engine())
        .map_err(fault("opaque tokens of organization"))?
        .into_iter()
        .map(|(token, application, user)| Ok((token.into_model()?, application.into_model()?, user.into_model()?)))
        .collect()
}

/// Whether an organization has this token, good or not.
///
/// # Errors
/// The database's.
pub fn exists(conn: &mut Conn, org: &OrgId, token: OpaqueTokenId) -> Result<bool, Fault> {
    let found = opaque_tokens::table
        .filter(opaque_tokens::org_id.eq(org.as_str()))
        .filter(opaque_tokens::id.eq(token.uuid().as_bytes().to_vec()));
    diesel::select(diesel::dsl::exists(found)).get_result(conn.engine()).map_err(fault("opaque token by id"))
}

/// Tokens that a user has made by hand, counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ByHand {
    /// Those that are good.
    pub good: i64,
    /// Those that were revoked after the time that was asked for.
    pub revoked: i64,
}

/// How many tokens of a user in an organization were made by hand and are good, and how many of them were revoked after `since`.
///
/// # Errors
/// The database's.
pub fn count_by_hand(
    conn: &mut Conn,
    org: &OrgId,
    user: UserId,
    (now, since): (Timestamp, Timestamp),
) -> Result<ByHand, Fault> {
    let theirs = opaque_tokens::table
        .filter(opaque_tokens::org_id.eq(org.as_str()))
        .filter(opaque_tokens::user_id.eq(user.uuid().as_bytes().to_vec()))
        .filter(opaque_tokens::grant_id.is_null());
    let good =
        theirs.clone().filter(opaque_tokens::state.eq("active")).filter(opaque_tokens::expires_at.gt(now.millis()));
    let revoked = theirs.filter(opaque_tokens::revoked_at.gt(since.millis()));
    let good = good.count().get_result(conn.engine()).map_err(fault("count opaque tokens"))?;
    let revoked = revoked.count().get_result(conn.engine()).map_err(fault("count revoked opaque tokens"))?;
    Ok(ByHand { good, revoked })
}

/// Ends a token for good, with its audit row, so that none ends without one; false where it had ended before.
///
/// # Errors
/// The database's.
pub fn end(
    conn: &mut Conn,
    org: &OrgId,
    token: OpaqueTokenId,
    reason: RevocationReason,
    by: &By,
) -> Result<bool, Fault> {
    let ended = each_engine!(conn, |c| Prepared(
        diesel::update(
            opaque_tokens::table
                .filter(opaque_tokens::org_id.eq(org.as_str()))
                .filter(opaque_tokens::id.eq(token.uuid().as_bytes().as_slice()))
                .filter(opaque_tokens::state.eq("active")),
        )
        .set((
            opaque_tokens::state.eq("revoked"),
            opaque_tokens::revoked_reason.eq(reason.as_str()),
            opaque_tokens::revoked_at.eq(by.now().millis()),
        ))
    )
    .execute(c))
    .map(|changed| changed == 1)
    .map_err(fault("end opaque token"))?;
    if ended {
        log_end(conn, org, token, reason, by)?;
    }
    Ok(ended)
}

/// The row in the log about the end of a token.
pub(super) fn log_end(
    conn: &mut Conn,
    org: &OrgId,
    token: OpaqueTokenId,
    reason: RevocationReason,
    by: &By,
) -> Result<(), Fault> {
    let entry = by.entry(Some(org), Action::KeyRevoked, token);
    audit::insert(conn, &entry.with("reason", reason.in_log()))
}
