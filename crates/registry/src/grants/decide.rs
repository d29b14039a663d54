//! A person approves or denies: finally, as the claimant alone may, and never for more than was asked.

use model::application::{Application, ApplicationState};
use model::audit::{Action, Actor, AuditEntry};
use model::context::Origin;
use model::fault::Fault;
use model::grant::{Approval, Grant, GrantState, NotDecidable};
use model::id::GrantId;
use model::moment::Moment;
use model::user::{OrgMember, UserState};
use store::Conn;
use store::tables::{applications, audit, grants, memberships, organizations, users};

/// Yes or no.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Decision {
    /// Yes.
    Approve,
    /// No.
    Deny,
}

impl Decision {
    /// Reads the form's value.
    pub fn parse(text: &str) -> Option<Self> {
        match text {
            "approve" => Some(Self::Approve),
            "deny" => Some(Self::Deny),
            _ => None,
        }
    }
}

/// What becomes of a decision.
#[derive(Clone, Debug)]
pub enum Decided {
    /// It is approved now; the grant with its approval, and its application.
    Approved(Box<Grant>, Box<Application>),
    /// It is denied now.
    Denied,
    /// It was decided or over before.
    TooLate,
    /// It is not this person's to decide, or no more since their account or membership has ended.
    NotYours,
}

/// Takes a decision, with its audit row, in the caller's transaction.
///
/// # Errors
/// The database's.
pub fn decide(
    conn: &mut Conn,
    member: &OrgMember,
    grant: GrantId,
    decision: Decision,
    (moment, origin): (&Moment, &Origin),
) -> Result<Decided, Fault> {
    let org = member.org_id();
    let user = member.user().id;
    // Held until the decision is stored: whoever ends the account or the membership now waits, and then finds it.
    let account = users::held(conn, user)?
        .filter(|user| user.state == UserState::Active && user.trusts(member.session().auth_time));
    if account.is_none() || memberships::held(conn, org, user)?.is_none() {
        return Ok(Decided::NotYours);
    }
    // Two decisions at once: the loser of the guard looks again and finds that it came too late.
    for _ in 0..2 {
        let Some(before) = grants::by_id(conn, org, grant)? else { return Ok(Decided::NotYours) };
        let Some(application) = applications::by_id(conn, org, before.application_id)? else {
            return Ok(Decided::TooLate);
        };
        let organization = organizations::by_id(conn, org)?;
        let may_log_in =
            organization.is_some_and(|organization| organization.device_login.admits(&application.client_id));
        let may = application.state == ApplicationState::Active && may_log_in;
        let after = match decision {
            Decision::Approve if !may => return Ok(Decided::TooLate),
            Decision::Approve => before.clone().approve(Approval {
                by: user,
                org_id: org.clone(),
                scopes: before.terms.scopes.clone(),
                at: moment.now(),
                auth_time: member.session().auth_time,
            }),
            Decision::Deny => before.clone().deny(user, moment.now()),
        };
        let after = match after {
            Ok(after) => after,
            Err(NotDecidable::TooLate) => return Ok(Decided::TooLate),
            Err(NotDecidable::NotYours | NotDecidable::WrongOrganization) => return Ok(Decided::NotYours),
        };
        if !grants::advance(conn, org, &after)? {
            continue;
        }
        let (action, outcome) = match &after.state {
            GrantState::Denied { .. } => (Action::GrantDenied, Decided::Denied),
            _ => (Action::GrantApproved, Decided::Approved(Box::new(after.clone()), Box::new(application.clone()))),
        };
        let entry = AuditEntry::new(moment, Some(org), Actor::User(user), action, after.id)
            .from(origin)
            .with("application", application.id.to_string())
            .with("scope", after.terms.scopes.to_string());
        audit::insert(conn, &entry)?;
        return Ok(outcome);
    }
    Ok(Decided::TooLate)
}
