//! What users have agreed to before, so that the same question is not asked twice.

use super::applications::ApplicationRow;
use super::audit;
use super::column;
use super::organizations::OrganizationRow;
use crate::conn::{Conn, each_engine};
use crate::faults::fault;
use crate::schema::{applications, consents, organizations};
use diesel::prelude::*;
use model::application::Application;
use model::audit::{Action, By};
use model::code_grant::Consent;
use model::fault::Fault;
use model::id::{ApplicationId, OrgId, UserId};
use model::org::Organization;
use model::time::Timestamp;

/// What `user` has agreed to for an application; nothing where they never did, which is not the same as to nothing.
///
/// # Errors
/// The database's.
pub fn of(conn: &mut Conn, org: &OrgId, user: UserId, application: ApplicationId) -> Result<Option<Consent>, Fault> {
    let found = consents::table
        .filter(consents::org_id.eq(org.as_str()))
        .filter(consents::user_id.eq(user.uuid().as_bytes().as_slice()))
        .filter(consents::application_id.eq(application.uuid().as_bytes().as_slice()))
        .select((consents::scopes, consents::resources))
        .get_result::<(String, String)>(conn.engine())
        .optional()
        .map_err(fault("consent"))?;
    let Some((scopes, resources)) = found else { return Ok(None) };
    let scopes = column::scopes("consents.scopes", &scopes)?;
    Ok(Some(Consent { scopes, resources: column::resources(&resources) }))
}

/// What `user` has agreed to, in every organization that lives, for applications that may be used.
///
/// # Errors
/// The database's.
pub fn of_user(conn: &mut Conn, user: UserId) -> Result<Vec<(Consent, Timestamp, Application, Organization)>, Fault> {
    consents::table
        .inner_join(organizations::table.on(organizations::org_id.eq(consents::org_id)))
        .inner_join(
            applications::table
                .on(applications::org_id.eq(consents::org_id).and(applications::id.eq(consents::application_id))),
        )
        .filter(consents::user_id.eq(user.uuid().as_bytes().as_slice()))
        .filter(organizations::state.eq("active"))
        .filter(applications::state.eq("active"))
        .order(consents::given_at.desc())
        .select((
            consents::scopes,
            consents::resources,
            consents::given_at,
            ApplicationRow::as_select(),
            OrganizationRow::as_select(),
        ))
        .load::<(String, String, i64, ApplicationRow, OrganizationRow)>(conn.engine())
        .map_err(fault("consents of user"))?
        .into_iter()
        .map(|(scopes, resources, given_at, application, organization)| {
            let scopes = column::scopes("consents.scopes", &scopes)?;
            let consent = Consent { scopes, resources: column::resources(&resources) };
            Ok((consent, column::time(given_at), application.into_model()?, organization.into_model()?))
        })
        .collect()
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

/// Forgets what `user` has agreed to for an application, with its audit row; false where there was nothing.
///
/// # Errors
/// The database's.
pub fn withdraw(
    conn: &mut Conn,
    org: &OrgId,
    (user, application): (UserId, ApplicationId),
    by: &By,
) -> Result<bool, Fault> {
    let removed = diesel::delete(
        of_member(org, user).filter(consents::application_id.eq(application.uuid().as_bytes().to_vec())),
    )
    .execute(conn.engine())
    .map_err(fault("withdraw consent"))?;
    if removed > 0 {
        let entry = by.entry(Some(org), Action::ConsentWithdrawn, application);
        audit::insert(conn, &entry.with("user", user.to_string()))?;
    }
    Ok(removed > 0)
}

/// Forgets what `user`, whose membership ends, has agreed to in the organization.
///
/// # Errors
/// The database's.
pub fn remove(conn: &mut Conn, org: &OrgId, user: UserId) -> Result<(), Fault> {
    diesel::delete(of_member(org, user)).execute(conn.engine()).map(drop).map_err(fault("forget consents of a member"))
}

#[diesel::dsl::auto_type]
fn of_member(org: &OrgId, user: UserId) -> _ {
    let (org, user): (String, Vec<u8>) = (org.as_str().to_owned(), user.uuid().as_bytes().to_vec());
    consents::table.filter(consents::org_id.eq(org)).filter(consents::user_id.eq(user))
}

/// Forgets what anybody has agreed to in an organization, which is being deleted.
///
/// # Errors
/// The database's.
pub fn remove_all(conn: &mut Conn, org: &OrgId) -> Result<(), Fault> {
    diesel::delete(consents::table.filter(consents::org_id.eq(org.as_str())))
        .execute(conn.engine())
        .map(drop)
        .map_err(fault("forget consents"))
}
