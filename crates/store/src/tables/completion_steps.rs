//! Steps that an application has for people who have registered for it, until they come back from them.

use crate::conn::{Conn, each_engine};
use crate::faults::fault;
use crate::schema::completion_steps;
use diesel::prelude::*;
use model::embedded::Step;
use model::fault::Fault;
use model::id::{ApplicationId, OrgId, UserId};
use model::time::Timestamp;

/// The step of `user`, taken or not; nothing where there is none for them.
///
/// # Errors
/// The database's.
pub fn of(conn: &mut Conn, org: &OrgId, user: UserId, application: ApplicationId) -> Result<Option<Step>, Fault> {
    let found = completion_steps::table
        .filter(completion_steps::org_id.eq(org.as_str()))
        .filter(completion_steps::user_id.eq(user.uuid().as_bytes().as_slice()))
        .filter(completion_steps::application_id.eq(application.uuid().as_bytes().as_slice()))
        .select((completion_steps::due_at, completion_steps::done_at))
        .get_result::<(i64, Option<i64>)>(conn.engine())
        .optional()
        .map_err(fault("completion step"))?;
    Ok(found.map(|(due_at, done_at)| Step {
        due_at: super::column::time(due_at),
        done_at: done_at.map(super::column::time),
    }))
}

/// Makes the step due from `now` on, in place of one before.
///
/// # Errors
/// The database's.
pub fn put(
    conn: &mut Conn,
    org: &OrgId,
    (user, application): (UserId, ApplicationId),
    now: Timestamp,
) -> Result<(), Fault> {
    let due = (completion_steps::due_at.eq(now.millis()), completion_steps::done_at.eq(None::<i64>));
    let (user, application) = (user.uuid(), application.uuid());
    let key = (
        completion_steps::org_id.eq(org.as_str()),
        completion_steps::user_id.eq(user.as_bytes().as_slice()),
        completion_steps::application_id.eq(application.as_bytes().as_slice()),
    );
    each_engine!(conn, |c| diesel::insert_into(completion_steps::table)
        .values((key, due))
        .on_conflict((completion_steps::org_id, completion_steps::user_id, completion_steps::application_id))
        .do_update()
        .set(due)
        .execute(c))
    .map(drop)
    .map_err(fault("make completion step due"))
}

/// Notes that the step which was due at `due_at` is done; false where it was before, or is another by now.
///
/// # Errors
/// The database's.
pub fn finish(
    conn: &mut Conn,
    org: &OrgId,
    (user, application): (UserId, ApplicationId),
    due_at: Timestamp,
    now: Timestamp,
) -> Result<bool, Fault> {
    diesel::update(
        completion_steps::table
            .filter(completion_steps::org_id.eq(org.as_str()))
            .filter(completion_steps::user_id.eq(user.uuid().as_bytes().as_slice()))
            .filter(completion_steps::application_id.eq(application.uuid().as_bytes().as_slice()))
            .filter(completion_steps::due_at.eq(due_at.millis()))
            .filter(completion_steps::done_at.is_null()),
    )
    .set(completion_steps::done_at.eq(now.millis()))
    .execute(conn.engine())
    .map(|changed| changed == 1)
    .map_err(fault("finish completion step"))
}

/// Forgets the steps of `user` in an organization that they leave.
///
/// # Errors
/// The database's.
pub fn remove(conn: &mut Conn, org: &OrgId, user: UserId) -> Result<(), Fault> {
    diesel::delete(
        completion_steps::table
            .filter(completion_steps::org_id.eq(org.as_str()))
            .filter(completion_steps::user_id.eq(user.uuid().as_bytes().as_slice())),
    )
    .execute(conn.engine())
    .map(drop)
    .map_err(fault("forget completion steps"))
}

/// Forgets all steps in an organization, which is being deleted.
///
/// # Errors
/// The database's.
pub fn remove_all(conn: &mut Conn, org: &OrgId) -> Result<(), Fault> {
    diesel::delete(completion_steps::table.filter(completion_steps::org_id.eq(org.as_str())))
        .execute(conn.engine())
        .map(drop)
        .map_err(fault("forget all completion steps"))
}
