//! When somebody last decided about a request on a page of ours: what keeps an older page from counting.

use crate::conn::{Conn, each_engine};
use crate::faults::fault;
use crate::schema::page_decisions;
use diesel::prelude::*;
use model::fault::Fault;
use model::id::{ApplicationId, OrgId, UserId};
use model::secret::Digest;
use model::time::Timestamp;

/// Notes a decision made at `now` on a page that was shown at `shown_at`; false where one has been made since.
///
/// # Errors
/// The database's.
pub fn advance(
    conn: &mut Conn,
    org: &OrgId,
    (user, application, request): (UserId, ApplicationId, &Digest),
    shown_at: Timestamp,
    now: Timestamp,
) -> Result<bool, Fault> {
    let (user, application) = (user.uuid(), application.uuid());
    let key = (
        page_decisions::org_id.eq(org.as_str()),
        page_decisions::user_id.eq(user.as_bytes().as_slice()),
        page_decisions::application_id.eq(application.as_bytes().as_slice()),
        page_decisions::request.eq(request.bytes().as_slice()),
    );
    let first = each_engine!(conn, |c| diesel::insert_into(page_decisions::table)
        .values((key, page_decisions::decided_at.eq(now.millis())))
        .on_conflict((
            page_decisions::org_id,
            page_decisions::user_id,
            page_decisions::application_id,
            page_decisions::request
        ))
        .do_nothing()
        .execute(c))
    .map_err(fault("note page decision"))?;
    if first == 1 {
        return Ok(true);
    }
    diesel::update(
        page_decisions::table
            .filter(page_decisions::org_id.eq(org.as_str()))
            .filter(page_decisions::user_id.eq(user.as_bytes().as_slice()))
            .filter(page_decisions::application_id.eq(application.as_bytes().as_slice()))
            .filter(page_decisions::request.eq(request.bytes().as_slice()))
            .filter(page_decisions::decided_at.lt(shown_at.millis())),
    )
    .set(page_decisions::decided_at.eq(now.millis()))
    .execute(conn.engine())
    .map(|changed| changed == 1)
    .map_err(fault("advance page decision"))
}
