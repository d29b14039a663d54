//! Who belongs where, and as what.

use model::audit::{Action, Actor, AuditEntry};
use model::fault::Fault;
use model::id::{OrgId, UserId};
use model::moment::Moment;
use model::org::{Organization, Role};
use model::user::{OrgMember, SignedIn};
use store::Conn;
use store::tables::{audit, memberships, organizations};

/// How somebody signed in stands to an organization.
#[derive(Clone, Debug)]
pub enum Standing {
    /// There is no such organization.
    NoOrganization,
    /// There is, and they do not belong to it.
    Stranger(Box<Organization>),
    /// They belong to it.
    Member(Box<Organization>, Box<OrgMember>),
}

/// Looks up how `signed_in` stands to an organization.
///
/// # Errors
/// The database's.
pub fn standing(conn: &mut Conn, org: &OrgId, signed_in: SignedIn) -> Result<Standing, Fault> {
    let Some(organization) = organizations::by_id(conn, org)? else { return Ok(Standing::NoOrganization) };
    let membership = memberships::of(conn, org, signed_in.user().id)?;
    Ok(match membership.and_then(|membership| OrgMember::prove(signed_in, membership)) {
        Some(member) => Standing::Member(Box::new(organization), Box::new(member)),
        None => Standing::Stranger(Box::new(organization)),
    })
}

/// Begins a membership or changes its role, with its audit row; false where it was so already.
///
/// # Errors
/// The database's.
pub fn put(
    conn: &mut Conn,
    org: &OrgId,
    (user, role): (UserId, Role),
    actor: &Actor,
    moment: &Moment,
) -> Result<bool, Fault> {
    let changed = memberships::put(conn, org, user, role, moment.now())?;
    if changed {
        let entry =
            AuditEntry::new(moment, Some(org), actor.clone(), Action::MemberAdded, user).with("role", role.as_str());
        audit::insert(conn, &entry)?;
    }
    Ok(changed)
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

/// Ends a membership, with its audit row.
///
/// # Errors
/// The database's.
pub fn remove(conn: &mut Conn, org: &OrgId, user: UserId, actor: &Actor, moment: &Moment) -> Result<Removed, Fault> {
    let Some(membership) = memberships::of(conn, org, user)? else { return Ok(Removed::NoMember) };
    if membership.role == Role::Owner && memberships::owners(conn, org)? <= 1 {
        return Ok(Removed::LastOwner);
    }
    if !memberships::remove(conn, org, user)? {
        return Ok(Removed::NoMember);
    }
    audit::insert(conn, &AuditEntry::new(moment, Some(org), actor.clone(), Action::MemberRemoved, user))?;
    Ok(Removed::Ended)
}
