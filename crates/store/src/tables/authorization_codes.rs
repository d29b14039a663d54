//! Authorization codes: consents that clients may collect, by the code's digest.

use super::{audit, column};
use crate::conn::{Conn, each_engine};
use crate::faults::fault;
use crate::prepared::Prepared;
use crate::schema::authorization_codes;
use diesel::prelude::*;
use model::audit::{Action, By};
use model::code_grant::{CodeGrant, CodeTerms};
use model::fault::Fault;
use model::grant::Approval;
use model::id::{ApplicationId, GrantId, OrgId, SessionId, UserId};
use model::refresh::RevocationReason;
use model::secret::Digest;

#[derive(Queryable, Selectable, Insertable)]
#[diesel(table_name = authorization_codes)]
struct CodeRow {
    org_id: String,
    grant_id: Vec<u8>,
    application_id: Vec<u8>,
    redirect_uri: Option<String>,
    scopes: String,
    resources: String,
    code_challenge: Option<String>,
    nonce: Option<String>,
    user_id: Vec<u8>,
    granted_scopes: String,
    approved_at: i64,
    auth_time: i64,
    session_id: Vec<u8>,
    expires_at: i64,
    redeemed_at: Option<i64>,
}

impl CodeRow {
    fn of(grant: &CodeGrant) -> Self {
        Self {
            org_id: grant.org_id.as_str().to_owned(),
            grant_id: grant.id.uuid().as_bytes().to_vec(),
            application_id: grant.application_id.uuid().as_bytes().to_vec(),
            redirect_uri: grant.terms.redirect_uri.clone(),
            scopes: grant.terms.scopes.to_string(),
            resources: grant.terms.resources.join(" "),
            code_challenge: grant.terms.code_challenge.clone(),
            nonce: grant.terms.nonce.clone(),
            user_id: grant.approval.by.uuid().as_bytes().to_vec(),
            granted_scopes: grant.approval.scopes.to_string(),
            approved_at: grant.approval.at.millis(),
            auth_time: grant.approval.auth_time.millis(),
            session_id: grant.session.uuid().as_bytes().to_vec(),
            expires_at: grant.expires_at.millis(),
            redeemed_at: grant.redeemed_at.map(model::time::Timestamp::millis),
        }
    }

    fn into_model(self) -> Result<CodeGrant, Fault> {
        let org_id = column::org("authorization_codes.org_id", &self.org_id)?;
        let application = column::uuid("authorization_codes.application_id", &self.application_id)?;
        Ok(CodeGrant {
            id: GrantId::from_uuid(column::uuid("authorization_codes.grant_id", &self.grant_id)?),
            application_id: ApplicationId::from_uuid(application),
            terms: CodeTerms {
                redirect_uri: self.redirect_uri,
                scopes: column::scopes("authorization_codes.scopes", &self.scopes)?,
                resources: column::resources(&self.resources),
                code_challenge: self.code_challenge,
                nonce: self.nonce,
            },
            approval: Approval {
                by: UserId::from_uuid(column::uuid("authorization_codes.user_id", &self.user_id)?),
                org_id: org_id.clone(),
                scopes: column::scopes("authorization_codes.granted_scopes", &self.granted_scopes)?,
                at: column::time(self.approved_at),
                auth_time: column::time(self.auth_time),
            },
            session: SessionId::from_uuid(column::uuid("authorization_codes.session_id", &self.session_id)?),
            expires_at: column::time(self.expires_at),
            redeemed_at: self.redeemed_at.map(column::time),
            org_id,
        })
    }
}

/// Keeps a consent under the code's digest.
///
/// # Errors
/// The database's.
pub fn insert(conn: &mut Conn, org: &OrgId, code: &Digest, grant: &CodeGrant) -> Result<(), Fault> {
    debug_assert_eq!(grant.org_id, *org, "a code of another organization");
    let values = (authorization_codes::digest.eq(code.bytes().as_slice()), CodeRow::of(grant));
    each_engine!(conn, |c| diesel::insert_into(authorization_codes::table).values(values).execute(c))
        .map(drop)
        .map_err(fault("keep code"))
}

/// The consent of a code, redeemed or not.
///
/// # Errors
/// The database's.
pub fn by_code(conn: &mut Conn, org: &OrgId, code: &Digest) -> Result<Option<CodeGrant>, Fault> {
    authorization_codes::table
        .filter(authorization_codes::org_id.eq(org.as_str()))
        .filter(authorization_codes::digest.eq(code.bytes().as_slice()))
        .select(CodeRow::as_select())
        .get_result(conn.engine())
        .optional()
        .map_err(fault("code"))?
        .map(CodeRow::into_model)
        .transpose()
}

/// Marks a code as redeemed where nobody was faster, and its time is not over.
pub(super) fn spend(conn: &mut Conn, org: &OrgId, code: &Digest, grant: &CodeGrant) -> Result<bool, Fault> {
    let Some(redeemed_at) = grant.redeemed_at else {
        return Err(Fault::broken("a code was to be stored as redeemed that is not"));
    };
    each_engine!(conn, |c| Prepared(
        diesel::update(
            authorization_codes::table
                .filter(authorization_codes::org_id.eq(org.as_str()))
                .filter(authorization_codes::digest.eq(code.bytes().as_slice()))
                .filter(authorization_codes::application_id.eq(grant.application_id.uuid().as_bytes().as_slice()))
                .filter(authorization_codes::redeemed_at.is_null())
                .filter(authorization_codes::expires_at.gt(redeemed_at.millis())),
        )
        .set(authorization_codes::redeemed_at.eq(redeemed_at.millis()))
    )
    .execute(c))
    .map(|changed| changed == 1)
    .map_err(fault("redeem code"))
}

/// The most surplus codes that go at once: there is one more with each new code.
const MOST_AT_ONCE: i64 = 100;

/// Lets the oldest codes of a user for an application go that it has not collected, but for the newest `most`. What was
/// collected stays until its time is over: whoever brings it again is to be found out. Of codes that are issued at the same
/// moment none sees the others, so that there may be a few more, until the next.
///
/// # Errors
/// The database's.
pub fn keep_newest(
    conn: &mut Conn,
    org: &OrgId,
    (user, application): (UserId, ApplicationId),
    most: usize,
) -> Result<(), Fault> {
    let surplus: Vec<Vec<u8>> = authorization_codes::table
        .filter(authorization_codes::org_id.eq(org.as_str()))
        .filter(authorization_codes::user_id.eq(user.uuid().as_bytes().as_slice()))
        .filter(authorization_codes::application_id.eq(application.uuid().as_bytes().as_slice()))
        .filter(authorization_codes::redeemed_at.is_null())
        .order((authorization_codes::approved_at.desc(), authorization_codes::grant_id.desc()))
        .select(authorization_codes::digest)
        .offset(i64::try_from(most).unwrap_or(i64::MAX))
        .limit(MOST_AT_ONCE)
        .load(conn.engine())
        .map_err(fault("surplus codes"))?;
    if surplus.is_empty() {
        return Ok(());
    }
    diesel::delete(
        authorization_codes::table
            .filter(authorization_codes::org_id.eq(org.as_str()))
            .filter(authorization_codes::digest.eq_any(surplus))
            .filter(authorization_codes::redeemed_at.is_null()),
    )
    .execute(conn.engine())
    .map(drop)
    .map_err(fault("let codes go"))
}

/// Takes back what a user has agreed to for an application and it has not collected yet, each with its audit row;
/// gives how many.
///
/// # Errors
/// The database's.
pub fn withdraw(
    conn: &mut Conn,
    org: &OrgId,
    (user, application): (UserId, ApplicationId),
    reason: RevocationReason,
    by: &By,
) -> Result<usize, Fault> {
    let these = || {
        authorization_codes::table
            .filter(authorization_codes::org_id.eq(org.as_str()))
            .filter(authorization_codes::user_id.eq(user.uuid().as_bytes().to_vec()))
            .filter(authorization_codes::application_id.eq(application.uuid().as_bytes().to_vec()))
            .filter(authorization_codes::redeemed_at.is_null())
            .filter(authorization_codes::expires_at.gt(by.now().millis()))
    };
    let withdrawn: QueryResult<Vec<Vec<u8>>> =
        each_engine!(conn, |c| diesel::delete(these()).returning(authorization_codes::grant_id).get_results(c));
    let withdrawn = withdrawn.map_err(fault("withdraw codes"))?;
    for id in &withdrawn {
        let grant = GrantId::from_uuid(column::uuid("authorization_codes.grant_id", id)?);
        let entry = by.entry(Some(org), Action::GrantWithdrawn, grant);
        audit::insert(conn, &entry.with("user", user.to_string()).with("reason", reason.as_str()))?;
    }
    Ok(withdrawn.len())
}
