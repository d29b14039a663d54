//! Ending what somebody was let in with: sessions, what they approved and nobody collected, and the families of what was
//! collected, and keys. Each is audited once.

use model::audit::{Action, By};
use model::fault::Fault;
use model::id::{OrgId, UserId};
use model::refresh::RevocationReason;
use model::time::Timestamp;
use store::Conn;
use store::tables::opaque_ends::{self, Which};
use store::tables::{approvals, audit, families, sessions};

/// Ends the sessions of a user; gives when the user had last proved who they are.
pub(crate) fn end_sessions(conn: &mut Conn, user: UserId, by: &By) -> Result<Option<Timestamp>, Fault> {
    let ended = sessions::remove_of_user(conn, user)?;
    for session in ended.iter().filter(|session| session.expires_at > by.now()) {
        audit::insert(conn, &by.entry(None, Action::SignedOut, session.id))?;
    }
    Ok(ended.iter().map(|session| session.auth_time).max())
}

/// Takes back what a user has approved and no device has collected: everywhere, or in `org` alone.
pub(crate) fn withdraw_approvals(
    conn: &mut Conn,
    user: UserId,
    org: Option<&OrgId>,
    reason: RevocationReason,
    by: &By,
) -> Result<(), Fault> {
    for (granted, grant) in approvals::withdraw_all(conn, user, org, by.now())? {
        let entry = by.entry(Some(&granted), Action::GrantWithdrawn, grant);
        audit::insert(conn, &entry.with("user", user.to_string()).with("reason", reason.as_str()))?;
    }
    Ok(())
}

/// Ends every family of a user.
pub(crate) fn end_families(conn: &mut Conn, user: UserId, reason: RevocationReason, by: &By) -> Result<(), Fault> {
    for (org, family) in families::ids_of_user(conn, user, by.now())? {
        families::end(conn, &org, family, reason, by)?;
    }
    Ok(())
}

/// Ends the families of a user in one organization.
pub(crate) fn end_families_in(
    conn: &mut Conn,
    org: &OrgId,
    user: UserId,
    reason: RevocationReason,
    by: &By,
) -> Result<(), Fault> {
    for family in families::active_of_member(conn, org, user)? {
        families::end(conn, org, family, reason, by)?;
    }
    Ok(())
}

/// Which opaque tokens end along with everything else.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Keys {
    /// All: API keys and MCP tokens too, which people have put somewhere by hand.
    All,
    /// Those of embedded pages alone, which are apps' as families are.
    OfApps,
}

/// Ends opaque tokens of a user, everywhere.
pub(crate) fn end_tokens(
    conn: &mut Conn,
    user: UserId,
    keys: Keys,
    reason: RevocationReason,
    by: &By,
) -> Result<(), Fault> {
    let which = match keys {
        Keys::All => Which::All,
        Keys::OfApps => Which::Embedded,
    };
    opaque_ends::end_all(conn, user, which, reason, by).map(drop)
}

/// Ends the opaque tokens of a user in one organization.
pub(crate) fn end_tokens_in(
    conn: &mut Conn,
    org: &OrgId,
    user: UserId,
    reason: RevocationReason,
    by: &By,
) -> Result<(), Fault> {
    opaque_ends::end_all(conn, user, Which::Of(org), reason, by).map(drop)
}
