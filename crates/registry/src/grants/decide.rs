//! A person approves or denies: finally, as the claimant alone may, and never for more than was asked.

use super::standing;
use model::application::Application;
use model::audit::{Action, Actor, AuditEntry};
use model::context::Origin;
use model::fault::Fault;
use model::grant::{Approval, Grant, NotDecidable};
use model::id::{GrantId, OrgId};
use model::moment::Moment;
use model::org::Organization;
use model::user::{OrgMember, Reader};
use protocol::scope::Scopes;
use store::Conn;
use store::tables::{applications, audit, grants, organizations};

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

/// Yes or no, with what it takes to say so.
#[derive(Clone, Copy, Debug)]
pub enum Verdict<'a> {
    /// Yes, for the organization that this member belongs to.
    Approve(&'a OrgMember),
    /// No.
    Deny,
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
    /// The organization does not let this application log devices in, or with nothing of what is asked.
    NotLetIn,
    /// It is not this person's to decide, or no more since their account or membership has ended.
    NotYours,
}

/// Takes a decision about a grant of a client that is registered in `home`, with its audit row, in the caller's transaction.
///
/// # Errors
/// The database's.
pub fn decide(
    conn: &mut Conn,
    (home, by): (&OrgId, &dyn Reader),
    grant: GrantId,
    verdict: Verdict<'_>,
    (moment, origin): (&Moment, &Origin),
) -> Result<Decided, Fault> {
    let user = by.user().id;
    let signed_in_at = by.session().auth_time;
    let standing = match verdict {
        Verdict::Approve(member) if member.user().id != user => None,
        Verdict::Approve(member) => standing::member(conn, member.org_id(), user, signed_in_at)?,
        Verdict::Deny => standing::account(conn, user, signed_in_at)?,
    };
    if standing.is_none() {
        return Ok(Decided::NotYours);
    }
    // Two decisions at once: the loser of the guard looks again and finds that it came too late.
    for _ in 0..2 {
        let Some(before) = grants::by_id(conn, home, grant)? else { return Ok(Decided::NotYours) };
        let Some(application) = applications::by_id(conn, home, before.application_id)? else {
            return Ok(Decided::TooLate);
        };
        let after = match verdict {
            Verdict::Approve(_) if !application.is_active() => return Ok(Decided::TooLate),
            Verdict::Approve(member) => {
                let Some(scopes) = let_in(conn, member.org_id(), &before, &application)? else {
                    return Ok(Decided::NotLetIn);
                };
                before.clone().approve(Approval {
                    by: user,
                    org_id: member.org_id().clone(),
                    scopes,
                    at: moment.now(),
                    auth_time: by.session().auth_time,
                })
            }
            Verdict::Deny => before.clone().deny(user, moment.now()),
        };
        let after = match after {
            Ok(after) => after,
            Err(NotDecidable::TooLate) => return Ok(Decided::TooLate),
            Err(NotDecidable::NotYours | NotDecidable::WrongOrganization) => return Ok(Decided::NotYours),
        };
        if !grants::advance(conn, home, &after)? {
            continue;
        }
        let (action, org) = match verdict {
            Verdict::Approve(member) => (Action::GrantApproved, member.org_id()),
            Verdict::Deny => (Action::GrantDenied, home),
        };
        let mut entry = AuditEntry::new(moment, Some(org), Actor::User(user), action, after.id)
            .from(origin)
            .with("application", application.id.to_string())
            .with("scope", after.approved_scopes().to_string());
        if let Some(name) = &after.client_name {
            entry = entry.with("client_name", name.as_str());
        }
        audit::insert(conn, &entry)?;
        return Ok(match verdict {
            Verdict::Approve(_) => Decided::Approved(Box::new(after), Box::new(application)),
            Verdict::Deny => Decided::Denied,
        });
    }
    Ok(Decided::TooLate)
}

fn let_in(conn: &mut Conn, org: &OrgId, grant: &Grant, application: &Application) -> Result<Option<Scopes>, Fault> {
    let organization = organizations::by_id(conn, org)?;
    Ok(organization.and_then(|organization| scopes_let_in(&organization, grant, application)))
}

/// What a grant may be approved for in an organization, as its policy about device logins stands; nothing where it lets the
/// application log in no device, or none of what is asked is left of a token that has to carry something.
pub fn scopes_let_in(organization: &Organization, grant: &Grant, application: &Application) -> Option<Scopes> {
    let asked = &grant.terms.scopes;
    organization.device_login.lets_in(&application.client_id, grant.terms.profile, (asked, asked))
}
