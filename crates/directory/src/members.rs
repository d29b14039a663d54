//! Who belongs where, and as what.

use crate::access;
use model::audit::{Action, By};
use model::fault::Fault;
use model::id::{OrgId, UserId};
use model::org::Role;
use model::refresh::RevocationReason;
use model::time::Timestamp;
use model::user::{OrgAdmin, OrgMember, Present};
use store::Conn;
use store::tables::{audit, completion_steps, consents, memberships};

/// Somebody at the pages of `org` as the member that they are; nothing where they don't belong to it, there is no such
/// organization, or it needs a second factor that the session has not shown.
///
/// # Errors
/// The database's.
pub fn member(conn: &mut Conn, org: &OrgId, present: Present, now: Timestamp) -> Result<Option<OrgMember>, Fault> {
    let membership = memberships::of(conn, org, present.user().id)?;
    Ok(membership.and_then(|membership| OrgMember::prove(present, membership, now)))
}

/// What becomes of beginning a membership or changing its role.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Put {
    /// It has begun, or has another role now.
    Changed,
    /// It was so already.
    Already,
    /// An organization keeps its last owner as one.
    LastOwner,
}

/// Begins a membership or changes its role, with its audit row.
///
/// # Errors
/// The database's.
pub fn put(conn: &mut Conn, org: &OrgId, (user, role): (UserId, Role), by: &By) -> Result<Put, Fault> {
    if role != Role::Owner && memberships::held_owners(conn, org)? == [user] {
        return Ok(Put::LastOwner);
    }
    if !memberships::put(conn, org, user, role, by.now())? {
        return Ok(Put::Already);
    }
    audit::insert(conn, &by.entry(Some(org), Action::MemberAdded, user).with("role", role.as_str()))?;
    Ok(Put::Changed)
}

/// What becomes of ending a membership.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Removed {
    /// It has ended.
    Ended,
    /// There was none.
    NoMember,
    /// An organization keeps its last owner.
    LastOwner,
}

/// Ends a membership, every family that its user has in the organization, and what they approved there and no device has
/// collected, each with its audit row. Beginning it again brings none of them back.
///
/// # Errors
/// The database's.
pub fn remove(conn: &mut Conn, org: &OrgId, user: UserId, by: &By) -> Result<Removed, Fault> {
    // Of two owners who remove each other at once the second finds here that it is the last.
    if memberships::held_owners(conn, org)? == [user] {
        return Ok(Removed::LastOwner);
    }
    if !memberships::remove(conn, org, user)? {
        return Ok(Removed::NoMember);
    }
    audit::insert(conn, &by.entry(Some(org), Action::MemberRemoved, user))?;
    // After the membership: an approval or a redemption that was under way has been stored by now, or finds no member.
    access::withdraw_approvals(conn, user, Some(org), RevocationReason::Admin, by)?;
    access::end_families_in(conn, org, user, RevocationReason::Admin, by)?;
    access::end_tokens_in(conn, org, user, RevocationReason::Admin, by)?;
    consents::remove(conn, org, user)?;
    completion_steps::remove(conn, org, user)?;
    Ok(Removed::Ended)
}

/// What becomes of an admin's change of somebody's membership.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Altered {
    /// It is so now, or was so before.
    Done,
    /// There is no such member.
    NoMember,
    /// An organization keeps its last owner.
    LastOwner,
    /// Member or role are above the admin's own role.
    Above,
}

/// Whether `admin` may change the membership of `user`, who is one.
fn alterable(conn: &mut Conn, admin: &OrgAdmin, user: UserId) -> Result<Result<(), Altered>, Fault> {
    let Some(membership) = memberships::of(conn, admin.org_id(), user)? else { return Ok(Err(Altered::NoMember)) };
    Ok(if membership.role > admin.member().role() { Err(Altered::Above) } else { Ok(()) })
}

/// Changes a member's role, as far as the admin's own goes, with its audit row.
///
/// # Errors
/// The database's.
pub fn change_role(conn: &mut Conn, admin: &OrgAdmin, (user, role): (UserId, Role), by: &By) -> Result<Altered, Fault> {
    if let Err(why) = alterable(conn, admin, user)? {
        return Ok(why);
    }
    if role > admin.member().role() {
        return Ok(Altered::Above);
    }
    Ok(match put(conn, admin.org_id(), (user, role), by)? {
        Put::Changed | Put::Already => Altered::Done,
        Put::LastOwner => Altered::LastOwner,
    })
}

/// Ends a membership that is not above the admin's own, as [`remove`] does.
///
/// # Errors
/// The database's.
pub fn end(conn: &mut Conn, admin: &OrgAdmin, user: UserId, by: &By) -> Result<Altered, Fault> {
    if let Err(why) = alterable(conn, admin, user)? {
        return Ok(why);
    }
    Ok(match remove(conn, admin.org_id(), user, by)? {
        Removed::Ended => Altered::Done,
        Removed::NoMember => Altered::NoMember,
        Removed::LastOwner => Altered::LastOwner,
    })
}
