//! Decisions about requests that come by a web view: see [`model::embedded`] for their story.

use super::code::still_member;
use super::question;
use model::application::{Application, ApplicationState};
use model::audit::{Action, Actor, AuditEntry};
use model::context::Origin;
use model::fault::Fault;
use model::id::{ClientId, GrantId, OrgId, UserId};
use model::moment::Moment;
use model::question::Shown;
use model::user::OrgMember;
use protocol::scope::Scopes;
use store::Conn;
use store::tables::{applications, audit, completion_steps};

use super::decide::Decision;

/// What becomes of a decision.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Decided {
    /// It is approved, and a token is due in the same transaction.
    Approved(GrantId),
    /// It is denied.
    Denied,
    /// The page is too old, or something was decided since it was shown.
    Stale,
    /// The account or the membership has ended meanwhile.
    NoLongerMember,
}

/// Takes the decision of a member on a page that was shown to them, with its audit row, in the caller's transaction.
///
/// # Errors
/// The database's.
pub fn decide(
    conn: &mut Conn,
    member: &OrgMember,
    (application, scopes): (&Application, &Scopes),
    (decision, shown): (Decision, &Shown),
    (moment, origin): (&Moment, &Origin),
) -> Result<Decided, Fault> {
    if !still_member(conn, member)? {
        return Ok(Decided::NoLongerMember);
    }
    let (org, user) = (member.org_id(), member.user().id);
    if !question::decided(conn, member, application.id, shown, moment.now())? {
        return Ok(Decided::Stale);
    }
    let id = GrantId::draw(moment);
    let (action, decided) = match decision {
        Decision::Approve => (Action::GrantApproved, Decided::Approved(id)),
        Decision::Deny => (Action::GrantDenied, Decided::Denied),
    };
    let entry = AuditEntry::new(moment, Some(org), Actor::User(user), action, id).from(origin);
    let entry = entry.with("client", application.client_id.as_str().to_owned()).with("flow", "embedded");
    let entry = if decision == Decision::Approve { entry.with("scope", scopes.to_string()) } else { entry };
    audit::insert(conn, &entry)?;
    Ok(decided)
}

/// Makes the step due that an application has for people who register for it. Call it where somebody has just come to belong
/// on the way to it.
///
/// # Errors
/// The database's.
pub fn registered(
    conn: &mut Conn,
    org: &OrgId,
    user: UserId,
    client_id: &ClientId,
    moment: &Moment,
) -> Result<(), Fault> {
    let found = applications::by_client_id(conn, org, client_id)?.map(|record| record.application);
    let has_step = |application: &Application| {
        let embedded = &application.settings.embedded;
        application.state == ApplicationState::Active && embedded.enabled && embedded.post_registration_url.is_some()
    };
    match found.filter(has_step) {
        Some(application) => completion_steps::put(conn, org, (user, application.id), moment.now()),
        None => Ok(()),
    }
}
