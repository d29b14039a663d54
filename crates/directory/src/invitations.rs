//! Asking people into an organization.
//!
//! Nobody is made what whoever invites them is not: an admin invites members and admins, an owner owners too. That holds when the
//! invitation is sent and when it is accepted: one whose sender has lost their role or their account meanwhile opens nothing, until
//! somebody who has it sends it again.

use crate::members::{self, Put};
use model::audit::{Action, By};
use model::fault::Fault;
use model::id::{InvitationId, OrgId, UserId};
use model::invitation::{Invitation, InvitationState, open_token};
use model::org::Role;
use model::secret::Keyring;
use model::user::{User, email_key};
use store::Conn;
use store::tables::{audit, invitations, memberships, organizations, users};

/// The most invitations of an organization that are open at once.
pub const MOST_OPEN: usize = 500;

/// What becomes of an invitation that an admin wants to send.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Invited {
    /// Its letter is to be written.
    Write(Box<Invitation>),
    /// The text is no address.
    NotAnAddress,
    /// The address's account belongs to the organization already.
    Member,
    /// The address has an open invitation.
    Already,
    /// Too many are open.
    TooMany,
    /// The role is above that of who invites.
    RoleTooHigh,
}

/// Makes an invitation, with its audit row. `inviter` is who invites, and as what.
///
/// # Errors
/// The database's.
pub fn invite(
    conn: &mut Conn,
    org: &OrgId,
    (inviter, own): (UserId, Role),
    (email, role): (&str, Role),
    by: &By,
) -> Result<Invited, Fault> {
    if role > own {
        return Ok(Invited::RoleTooHigh);
    }
    let Some(key) = email_key(email) else { return Ok(Invited::NotAnAddress) };
    if let Some((user, _)) = users::by_email(conn, &key)?
        && memberships::of(conn, org, user.id)?.is_some()
    {
        return Ok(Invited::Member);
    }
    // Held, so that two at once don't both take the last place.
    if !organizations::hold(conn, org)? || invitations::open(conn, org)?.len() >= MOST_OPEN {
        return Ok(Invited::TooMany);
    }
    let now = by.now();
    let invitation = Invitation {
        org_id: org.clone(),
        id: InvitationId::draw(&by.moment),
        email: email.trim().to_owned(),
        email_key: key,
        role,
        state: InvitationState::Open,
        created_at: now,
        sent_at: now,
        expires_at: now.after(Invitation::LIFETIME),
        invited_by: Some(inviter),
    };
    if !invitations::insert(conn, org, &invitation)? {
        return Ok(Invited::Already);
    }
    audit::insert(conn, &by.entry(Some(org), Action::InvitationSent, invitation.id).with("role", role.as_str()))?;
    Ok(Invited::Write(Box::new(invitation)))
}

/// Lengthens an open invitation, whose letter is to be written again; nothing where it is not open, or gives a role above
/// that of who sends it.
///
/// # Errors
/// The database's.
pub fn resend(
    conn: &mut Conn,
    org: &OrgId,
    (inviter, own): (UserId, Role),
    invitation: InvitationId,
    by: &By,
) -> Result<Option<Invitation>, Fault> {
    let found = invitations::by_id(conn, org, invitation)?;
    let Some(found) = found.filter(|found| found.role <= own) else { return Ok(None) };
    let now = by.now();
    let renewed =
        Invitation { sent_at: now, expires_at: now.after(Invitation::LIFETIME), invited_by: Some(inviter), ..found };
    if !invitations::renew(conn, org, invitation, (renewed.sent_at, renewed.expires_at), inviter)? {
        return Ok(None);
    }
    let entry = by.entry(Some(org), Action::InvitationSent, invitation).with("role", renewed.role.as_str());
    audit::insert(conn, &entry)?;
    Ok(Some(renewed))
}

/// Takes an open invitation back, with its audit row; false where it is not open.
///
/// # Errors
/// The database's.
pub fn revoke(conn: &mut Conn, org: &OrgId, invitation: InvitationId, by: &By) -> Result<bool, Fault> {
    let revoked = invitations::finish(conn, org, invitation, InvitationState::Revoked, by.now())?;
    if revoked {
        audit::insert(conn, &by.entry(Some(org), Action::InvitationRevoked, invitation))?;
    }
    Ok(revoked)
}

/// Ends an invitation that [`live`] gave, for whoever was invited and says no, with its audit row; false where it was answered
/// or revoked meanwhile.
///
/// # Errors
/// The database's.
pub fn decline(conn: &mut Conn, invitation: &Invitation, by: &By) -> Result<bool, Fault> {
    let org = &invitation.org_id;
    let declined = invitations::finish(conn, org, invitation.id, InvitationState::Revoked, by.now())?;
    if declined {
        audit::insert(conn, &by.entry(Some(org), Action::InvitationDeclined, invitation.id))?;
    }
    Ok(declined)
}

/// The invitation of a capability; nothing where it is not ours, over, accepted or revoked, the organization is gone, or whoever
/// sent it could not send it any more.
///
/// # Errors
/// The database's.
pub fn live(
    conn: &mut Conn,
    token: &str,
    keys: &Keyring,
    now: model::time::Timestamp,
) -> Result<Option<Invitation>, Fault> {
    let Some((org, id)) = open_token(token, keys) else { return Ok(None) };
    if organizations::by_id(conn, &org)?.is_none() {
        return Ok(None);
    }
    let Some(invitation) = invitations::by_id(conn, &org, id)?.filter(|invitation| invitation.lives(now)) else {
        return Ok(None);
    };
    if let Some(inviter) = invitation.invited_by {
        let role = memberships::of(conn, &org, inviter)?.map(|membership| membership.role);
        let sender = users::by_id(conn, inviter)?.zip(role);
        if !sender.is_some_and(|(account, role)| invitation.may_be_sent_by(&account, role)) {
            return Ok(None);
        }
    }
    Ok(Some(invitation))
}

/// Makes `user` a member by an invitation that [`live`] gave, with the audit row of the membership; false where it went
/// to another address, or was accepted or revoked meanwhile. Who is more already stays so.
///
/// # Errors
/// The database's.
pub fn accept(conn: &mut Conn, invitation: &Invitation, user: &User, by: &By) -> Result<bool, Fault> {
    let org = &invitation.org_id;
    if let Some(inviter) = invitation.invited_by {
        // Held: whoever takes the role from them now waits, or was faster.
        let (account, role) = (users::held(conn, inviter)?, memberships::held(conn, org, inviter)?);
        if !account.zip(role).is_some_and(|(account, role)| invitation.may_be_sent_by(&account, role)) {
            return Ok(false);
        }
    }
    if email_key(&user.email).as_deref() != Some(invitation.email_key.as_str())
        || !invitations::finish(conn, org, invitation.id, InvitationState::Accepted, by.now())?
    {
        return Ok(false);
    }
    if memberships::of(conn, org, user.id)?.is_some_and(|membership| membership.role >= invitation.role) {
        return Ok(true);
    }
    Ok(members::put(conn, org, (user.id, invitation.role), by)? != Put::LastOwner)
}
