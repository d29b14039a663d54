//! Becoming a member of an organization by oneself, where it lets people in.

use crate::members::{self, Put};
use crate::users::{self, NewUser, NotCreated};
use model::audit::By;
use model::context::Origin;
use model::fault::Fault;
use model::id::{OrgId, UserId};
use model::invitation::InvitationState;
use model::moment::Moment;
use model::org::Role;
use model::user::{User, email_key};
use store::Conn;
use store::tables::{invitations, memberships, organizations};

/// Makes an account for somebody who has just proved that the address is theirs, with its audit row, which says that they
/// did it themselves.
///
/// # Errors
/// The database's.
pub fn create(
    conn: &mut Conn,
    new: &NewUser,
    (moment, origin): (&Moment, &Origin),
) -> Result<Result<(User, By), NotCreated>, Fault> {
    let id = UserId::draw(moment);
    let by = By::request(model::audit::Actor::User(id), (moment, origin));
    Ok(users::create_with_id(conn, id, new, &by)?.map(|user| (user, by)))
}

/// What becomes of somebody who wants to join.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Joined {
    /// They are a member now.
    Member,
    /// They were one already, or more.
    Already,
    /// The organization does not let them in: by invitation only, or their address is of another domain or not proven.
    NotAdmitted,
}

/// Makes `user` a member where the organization lets people with a proven address like theirs in.
///
/// # Errors
/// The database's.
pub fn join(conn: &mut Conn, org: &OrgId, user: &User, by: &By) -> Result<Joined, Fault> {
    let Some(organization) = organizations::by_id(conn, org)? else { return Ok(Joined::NotAdmitted) };
    if memberships::of(conn, org, user.id)?.is_some() {
        return Ok(Joined::Already);
    }
    let key = email_key(&user.email).filter(|_| user.email_verified_at.is_some());
    let Some(key) = key.filter(|key| organization.registration.admits(key)) else { return Ok(Joined::NotAdmitted) };
    // An invitation to no more than what they are now is answered by it.
    if let Some(open) = invitations::open_of_address(conn, org, &key)?.filter(|open| open.role == Role::Member) {
        invitations::finish(conn, org, open.id, InvitationState::Accepted, by.now())?;
    }
    let put = members::put(conn, org, (user.id, Role::Member), by)?;
    Ok(if put == Put::Changed { Joined::Member } else { Joined::Already })
}
