//! Whether people may still do what they decide, or have decided: their account, and their membership.

use model::fault::Fault;
use model::id::{OrgId, UserId};
use model::time::Timestamp;
use model::user::{User, UserState};
use store::Conn;
use store::tables::{memberships, users};

/// The account, where it is active and a sign-in of then still counts. Held until the transaction ends: whoever ends the
/// account now waits, and then finds what was stored.
pub(super) fn account(conn: &mut Conn, user: UserId, signed_in_at: Timestamp) -> Result<Option<User>, Fault> {
    let account = users::held(conn, user)?;
    Ok(account.filter(|user| user.state == UserState::Active && user.trusts(signed_in_at)))
}

/// The same, where they belong to the organization, too; the membership is held as well.
pub(super) fn member(
    conn: &mut Conn,
    org: &OrgId,
    user: UserId,
    signed_in_at: Timestamp,
) -> Result<Option<User>, Fault> {
    let Some(account) = account(conn, user, signed_in_at)? else { return Ok(None) };
    Ok(memberships::held(conn, org, user)?.map(|_| account))
}
