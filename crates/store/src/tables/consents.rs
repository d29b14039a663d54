//! What users have agreed to before, so that the same question is not asked twice.

use super::column;
use crate::conn::{Conn, each_engine};
use crate::faults::fault;
use crate::schema::consents;
use diesel::prelude::*;
use model::code_grant::Consent;
use model::fault::Fault;
use model::id::{ApplicationId, OrgId, UserId};
use model::time::Timestamp;

/// What `user` has agreed to for an application; nothing at all where they never did.
///
/// # Errors
/// The database's.
pub fn of(conn: &mut Conn, org: &OrgId, user: UserId, application: ApplicationId) -> Result<Consent, Fault> {
    let found = consents::table
        .filter(consents::org_id.eq(org.as_str()))
        .filter(consents::user_id.eq(user.uuid().as_bytes().as_slice()))
        .filter(consents::application_id.eq(application.uuid().as_bytes().as_slice()))
        .select((consents::scopes, consents::resources))
        .get_result::<(String, String)>(conn.engine())
        .optional()
        .map_err(fault("consent"))?;
    let Some((scopes, resources)) = found else { return Ok(Consent::default()) };
    Ok(Consent { scopes: column::scopes("consents.scopes", &scopes)?, resources: column::resources(&resources) })
}

/// Remembers what `user` has agreed to, in place of what was remembered.
///
/// # Errors
/// The database's.
pub fn put(
    conn: &mut Conn,
    org: &OrgId,
    (user, application): (UserId, ApplicationId),
    consent: &Consent,
    now: Timestamp,
) -> Result<(), Fault> {
    let given = (
        consents::scopes.eq(consent.scopes.to_string()),
        consents::resources.eq(consent.resources.join(" ")),
        consents::given_at.eq(now.millis()),
    );
    let (user, application) = (user.uuid(), application.uuid());
    let key = (
        consents::org_id.eq(org.as_str()),
        consents::user_id.eq(user.as_bytes().as_slice()),
        consents::application_id.eq(application.as_bytes().as_slice()),
    );
    each_engine!(conn, |c| diesel::insert_into(consents::table)
        .values((key, given.clone()))
        .on_conflict((consents::org_id, consents::user_id, consents::application_id))
        .do_update()
        .set(given)
        .execute(c))
    .map(drop)
    .map_err(fault("remember consent"))
}

/// Forgets what `user` has agreed to for an application; for all of the organization's where none is named.
///
/// # Errors
/// The database's.
pub fn remove(conn: &mut Conn, org: &OrgId, user: UserId, application: Option<ApplicationId>) -> Result<(), Fault> {
    let user = user.uuid();
    let all = consents::table
        .filter(consents::org_id.eq(org.as_str()))
        .filter(consents::user_id.eq(user.as_bytes().as_slice()));
    match application.map(ApplicationId::uuid) {
        Some(application) => {
            let one = all.filter(consents::application_id.eq(application.as_bytes().as_slice()));
            diesel::delete(one).execute(conn.engine())
        }
        None => diesel::delete(all).execute(conn.engine()),
    }
    .map(drop)
    .map_err(fault("forget consent"))
}
