//! Ending what somebody was let in with: sessions, what they approved and nobody collected, and the families of what was
//! collected. Each is audited once.

use model::audit::{Action, Actor, AuditEntry};
use model::fault::Fault;
use model::id::{FamilyId, OrgId, UserId};
use model::moment::Moment;
use model::refresh::RevocationReason;
use model::time::Timestamp;
use store::Conn;
use store::tables::{audit, families, grants, sessions};

/// Who ends it, and when.
pub(crate) type Ending<'a> = (&'a Actor, &'a Moment);

/// Ends the sessions of a user; gives when the user had last proved who they are.
pub(crate) fn end_sessions(
    conn: &mut Conn,
    user: UserId,
    (actor, moment): Ending<'_>,
) -> Result<Option<Timestamp>, Fault> {
    let ended = sessions::remove_of_user(conn, user)?;
    for session in ended.iter().filter(|session| session.expires_at > moment.now()) {
        audit::insert(conn, &AuditEntry::new(moment, None, actor.clone(), Action::SignedOut, session.id))?;
    }
    Ok(ended.iter().map(|session| session.auth_time).max())
}

/// Takes back what a user has approved and no device has collected: everywhere, or in `org` alone.
pub(crate) fn withdraw_approvals(
    conn: &mut Conn,
    user: UserId,
    org: Option<&OrgId>,
    reason: RevocationReason,
    (actor, moment): Ending<'_>,
) -> Result<(), Fault> {
    for (home, grant) in grants::withdraw_approvals(conn, user, org, moment.now())? {
        let entry = AuditEntry::new(moment, Some(&home), actor.clone(), Action::GrantWithdrawn, grant);
        audit::insert(conn, &entry.with("user", user.to_string()).with("reason", reason.as_str()))?;
    }
    Ok(())
}

/// Ends every family of a user.
pub(crate) fn end_families(
    conn: &mut Conn,
    user: UserId,
    reason: RevocationReason,
    ending: Ending<'_>,
) -> Result<(), Fault> {
    for (family, ..) in families::active_of_user(conn, user, ending.1.now())? {
        end_family(conn, &family.org_id, family.id, reason, ending)?;
    }
    Ok(())
}

/// Ends the families of a user in one organization.
pub(crate) fn end_families_in(
    conn: &mut Conn,
    org: &OrgId,
    user: UserId,
    reason: RevocationReason,
    ending: Ending<'_>,
) -> Result<(), Fault> {
    for family in families::active_of_member(conn, org, user)? {
        end_family(conn, org, family, reason, ending)?;
    }
    Ok(())
}

fn end_family(
    conn: &mut Conn,
    org: &OrgId,
    family: FamilyId,
    reason: RevocationReason,
    (actor, moment): Ending<'_>,
) -> Result<(), Fault> {
    if families::revoke(conn, org, family, reason, moment.now())? {
        audit::insert(conn, &AuditEntry::new(moment, Some(org), actor.clone(), Action::FamilyRevoked, family))?;
    }
    Ok(())
}
