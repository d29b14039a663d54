//! Questions on pages, of which each counts for one decision: see [`model::question`].

use model::fault::Fault;
use model::id::ApplicationId;
use model::question::Shown;
use model::time::Timestamp;
use model::user::OrgMember;
use store::Conn;
use store::tables::page_decisions;

/// Notes that a member decides now on a page that was shown to them; false where it does not count any more. Of two at once one
/// counts.
///
/// # Errors
/// The database's.
pub(super) fn decided(
    conn: &mut Conn,
    member: &OrgMember,
    application: ApplicationId,
    shown: &Shown,
    now: Timestamp,
) -> Result<bool, Fault> {
    let request = (member.user().id, application, &shown.request);
    Ok(shown.is_fresh(now) && page_decisions::advance(conn, member.org_id(), request, shown.at, now)?)
}
