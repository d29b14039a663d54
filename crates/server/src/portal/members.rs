//! Members and invitations.

use super::{Inside, by};
use crate::answer;
use crate::context::Context;
use crate::extract::request::{id, organization};
use crate::letters::post;
use crate::metrics::Spent;
use crate::refused::{Refused, set_retry_after};
use crate::web::ask_by_mail::{too_many, typed_address};
use crate::web::gate::{Stopped, Visitor, own_form};
use crate::web::{frame, page, unreadable};
use crate::words;
use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use directory::invitations::{self, Invited};
use directory::members::{self, Altered};
use login::budget::{self, Charging};
use login::csrf::FormPurpose;
use model::audit::By;
use model::budget::{Budget, BudgetLimits};
use model::fault::Fault;
use model::id::{InvitationId, OrgId, UserId};
use model::invitation::Invitation;
use model::language::Language;
use model::org::{Organization, Role};
use model::secret::{Key, Purpose};
use model::user::{OrgAdmin, User, UserState};
use protocol::params::Params;
use routes::url;
use std::time::Duration;
use store::tables::{memberships, users};
use store::{Class, Conn};
use views::pages::{Choice, FormError, InvitationRow, MemberRow, Members};
use views::text::When;
use views::{Message, say};

const INVITE: &str = "invite";
const RESEND: &str = "invitation-resend";
const REVOKE: &str = "invitation-revoke";
const ROLE: &str = "member-role";
const REMOVE: &str = "member-remove";

const ROLES: [Role; 3] = [Role::Member, Role::Admin, Role::Owner];

/// Shows them.
///
/// # Errors
/// As the gate says.
pub async fn list(context: Context) -> Result<HttpResponse, Refused> {
    let org = organization(&context)?;
    let query = context.query().map_err(unreadable)?;
    let notice = match query.get("done") {
        Some("invited") => Some(say::invitation_sent()),
        Some("resent") => Some(say::invitation_resent()),
        Some("revoked") => Some(say::invitation_revoked()),
        Some("role") => Some(say::role_changed()),
        Some("removed") => Some(say::membership_ended()),
        _ => None,
    };
    show(&context, org, StatusCode::OK, Typed { notice, ..Typed::default() }).await
}

/// What the page shows beside what is stored.
#[derive(Default)]
struct Typed {
    notice: Option<Message>,
    email: String,
    role: Option<Role>,
    error: Option<FormError>,
}

async fn show(context: &Context, org: OrgId, status: StatusCode, typed: Typed) -> Result<HttpResponse, Refused> {
    let visitor = Visitor::of(context);
    let read = context.state.db.snapshot("members page", move |conn| {
        let inside = match Inside::enter(conn, &visitor, &org)? {
            Ok(inside) => inside,
            Err(stopped) => return Ok(Err(stopped)),
        };
        let members = memberships::all(conn, &org)?;
        let invitations = store::tables::invitations::open(conn, &org)?;
        Ok(Ok((inside, members, invitations)))
    });
    let (inside, members, invitations) = read.await??;
    let own = inside.role;
    let target = url::portal_members(inside.org_id());
    let shown = Members {
        side: frame::portal_side(&inside.organization, &target),
        notice: typed.notice,
        members: members.iter().map(|member| row(context, &inside, own, member)).collect(),
        invitations: invitations
            .iter()
            .map(|invitation| invited(context, &inside, own, (invitation, stands(invitation, &members))))
            .collect(),
        invite: inside.form(
            context,
            url::portal_invite(inside.org_id()),
            FormPurpose { action: INVITE, object: inside.org_id().as_str() },
        ),
        email: typed.email,
        roles: choices(own, typed.role.unwrap_or(Role::Member)),
        errors: typed.error.into_iter().collect(),
    };
    page(context, status, &shown, &inside.frame(context))
}

fn choices(own: Role, chosen: Role) -> Vec<Choice> {
    let choice = |role: Role| {
        let (label, hint) = match role {
            Role::Member => (say::role_member(), say::role_member_hint()),
            Role::Admin => (say::role_admin(), say::role_admin_hint()),
            Role::Owner => (say::role_owner(), say::role_owner_hint()),
        };
        Choice { value: role.as_str().to_owned(), label: label.into(), hint: Some(hint), chosen: role == chosen }
    };
    ROLES.into_iter().filter(|role| *role <= own).map(choice).collect()
}

fn row(context: &Context, inside: &Inside, own: Role, (user, role): &(User, Role)) -> MemberRow {
    let object = user.id.to_string();
    let form = |action: &str, to: String| inside.form(context, to, FormPurpose { action, object: &object });
    let mine = *role <= own;
    MemberRow {
        name: user.name.clone(),
        email: user.email.clone(),
        role: words::role(*role),
        disabled: user.state == UserState::Disabled,
        change: mine.then(|| form(ROLE, url::portal_member_role(inside.org_id(), user.id))),
        roles: ROLES
            .into_iter()
            .filter(|to| *to <= own)
            .map(|to| Choice {
                value: to.as_str().to_owned(),
                label: match to {
                    Role::Member => say::make_member(),
                    Role::Admin => say::make_admin(),
                    Role::Owner => say::make_owner(),
                }
                .into(),
                hint: None,
                chosen: to == *role,
            })
            .collect(),
        remove: mine.then(|| form(REMOVE, url::portal_member_remove(inside.org_id(), user.id))),
    }
}

/// Who sends an invitation, and as what.
fn inviter(admin: &OrgAdmin) -> (UserId, Role) {
    (admin.member().user().id, admin.member().role())
}

/// Whether whoever sent it could still send it.
fn stands(invitation: &Invitation, members: &[(User, Role)]) -> bool {
    let sends = |by| members.iter().any(|(user, role)| user.id == by && invitation.may_be_sent_by(user, *role));
    invitation.invited_by.is_none_or(sends)
}

fn invited(context: &Context, inside: &Inside, own: Role, (invitation, stands): (&Invitation, bool)) -> InvitationRow {
    let (now, object) = (context.now(), invitation.id.to_string());
    let form = |action: &str, to: String| inside.form(context, to, FormPurpose { action, object: &object });
    let org = inside.org_id();
    InvitationRow {
        email: invitation.email.clone(),
        role: words::role(invitation.role),
        sent: When::past(invitation.sent_at, now),
        expires: (stands && invitation.lives(now)).then(|| When::coming(invitation.expires_at, now)),
        resend: (invitation.role <= own).then(|| form(RESEND, url::portal_invitation_resend(org, invitation.id))),
        revoke: form(REVOKE, url::portal_invitation_revoke(org, invitation.id)),
    }
}

/// What the letter's budget is charged with.
#[derive(Clone)]
struct Charge {
    limits: BudgetLimits,
    key: Key,
}

impl Charge {
    fn of(context: &Context) -> Self {
        Self { limits: context.state.config.budgets, key: context.state.keyring.key(Purpose::Budget) }
    }

    /// Charges an invitation to an address: an admin can't fill a mailbox either, nor write to everybody. What is charged
    /// is none of that which letters of other kinds to the address cost.
    fn letter(&self, conn: &mut Conn, email_key: &str, (admin, by): (&OrgAdmin, &By)) -> Result<Charging, Fault> {
        let org = admin.org_id();
        let wanted = [
            Budget::InvitationsByInviter(admin.member().user().id),
            Budget::InvitationsByAddress(org.clone(), email_key.to_owned()),
            Budget::InvitationsByOrganization(org.clone()),
        ];
        budget::charge(conn, &wanted, &self.limits, &self.key, by.now())
    }
}

fn post(
    conn: &mut Conn,
    invitation: &Invitation,
    inside: (&Organization, &OrgAdmin),
    (by, language): (&By, Language),
) -> Result<(), Fault> {
    let (organization, admin) = inside;
    // An account of the address says what its owner reads; else it is taken to be what the admin reads.
    let account = users::by_email(conn, &invitation.email_key)?;
    let language = account.and_then(|(user, _)| user.language).unwrap_or(language);
    post::invitation(conn, (invitation, organization), admin.member().user(), language, &by.moment)
}

/// What a form of this page comes to.
enum Outcome {
    Done(&'static str),
    Refused(Message),
    Conflict(Message),
    Complaint(Message),
    Spent(Duration),
    NotFound,
}

/// Runs a change by an admin whose form is right.
async fn change<F>(
    context: &Context,
    (action, object): (&str, &str),
    name: &'static str,
    mut what: F,
) -> Result<Outcome, Refused>
where
    F: FnMut(&mut Conn, (&Organization, &OrgAdmin), &By) -> Result<Outcome, Fault> + Send + 'static,
{
    let org = organization(context)?;
    let form = own_form(context)?;
    let visitor = Visitor::of(context);
    visitor.check((), FormPurpose { action, object }, form.get("csrf_token"))?;
    let (moment, origin) = (context.moment.clone(), context.origin.clone());
    let written = context.state.db.write(name, Class::Durable, move |conn| {
        let (organization, admin) = match visitor.admin(conn, &org)? {
            Ok(proven) => proven,
            Err(stopped) => return Ok(Err::<Outcome, Stopped>(stopped)),
        };
        let by = by(&admin, (&moment, &origin));
        Ok(Ok(what(conn, (&organization, &admin), &by)?))
    });
    Ok(written.await?.into_inner()?)
}

async fn answered(context: &Context, outcome: Outcome, typed: Typed) -> Result<HttpResponse, Refused> {
    let org = organization(context)?;
    match outcome {
        Outcome::Done(done) => Ok(answer::see_other(&url::after(&url::portal_members(&org), done))),
        Outcome::Refused(sentence) => Err(Refused::Forbidden(sentence)),
        Outcome::Conflict(sentence) => Err(Refused::Conflict(sentence)),
        Outcome::NotFound => Err(Refused::NotFound),
        Outcome::Spent(retry_after) => {
            context.state.metrics.spent(Spent::Letters);
            let error = FormError::new("", too_many(retry_after));
            let typed = Typed { error: Some(error), ..typed };
            let mut response = show(context, org, StatusCode::TOO_MANY_REQUESTS, typed).await?;
            set_retry_after(&mut response, Some(retry_after));
            Ok(response)
        }
        Outcome::Complaint(sentence) => {
            let error = FormError::new("email", sentence);
            show(context, org, StatusCode::BAD_REQUEST, Typed { error: Some(error), ..typed }).await
        }
    }
}

fn role_of(form: &Params) -> Option<Role> {
    Role::parse(form.get("role").unwrap_or_default())
}

/// Invites somebody.
///
/// # Errors
/// As the gate says; 429 for too many letters: to one address, of one admin, of one organization.
pub async fn invite(context: Context) -> Result<HttpResponse, Refused> {
    let org = organization(&context)?;
    let form = own_form(&context)?;
    let role = role_of(&form).unwrap_or(Role::Member);
    let typed = Typed { email: form.get("email").unwrap_or_default().to_owned(), role: Some(role), ..Typed::default() };
    let address = typed_address(&form);
    let (charge, language) = (Charge::of(&context), context.language);
    let outcome = change(&context, (INVITE, org.as_str()), "invite", move |conn, inside, by| {
        let Ok((email, key)) = &address else {
            return Ok(Outcome::Complaint(say::letter_address_wrong()));
        };
        let receipt = match charge.letter(conn, key, (inside.1, by))? {
            Charging::Taken(receipt) => receipt,
            Charging::Spent { retry_after } => return Ok(Outcome::Spent(retry_after)),
        };
        let invited = invitations::invite(conn, inside.1.org_id(), inviter(inside.1), (email, role), by)?;
        if !matches!(invited, Invited::Write(_)) {
            budget::refund(conn, &receipt)?;
        }
        Ok(match invited {
            Invited::Write(invitation) => {
                post(conn, &invitation, inside, (by, language))?;
                Outcome::Done("invited")
            }
            Invited::NotAnAddress => Outcome::Complaint(say::letter_address_wrong()),
            Invited::Member => Outcome::Complaint(say::invite_member_already()),
            Invited::Already => Outcome::Complaint(say::invite_already()),
            Invited::TooMany => Outcome::Complaint(say::invite_too_many()),
            Invited::RoleTooHigh => Outcome::Refused(say::role_above()),
        })
    });
    answered(&context, outcome.await?, typed).await
}

/// Sends an invitation again, for another seven days.
///
/// # Errors
/// As the gate says; 404 for one of another organization.
pub async fn resend(context: Context) -> Result<HttpResponse, Refused> {
    let invitation: InvitationId = id(context.path("invitation"))?;
    let (charge, language) = (Charge::of(&context), context.language);
    let object = invitation.to_string();
    let outcome = change(&context, (RESEND, &object), "resend invitation", move |conn, inside, by| {
        let org = inside.1.org_id();
        let Some(found) = store::tables::invitations::by_id(conn, org, invitation)? else {
            return Ok(Outcome::NotFound);
        };
        if found.role > inside.1.member().role() {
            return Ok(Outcome::Refused(say::role_above()));
        }
        if let Charging::Spent { retry_after } = charge.letter(conn, &found.email_key, (inside.1, by))? {
            return Ok(Outcome::Spent(retry_after));
        }
        Ok(match invitations::resend(conn, org, inviter(inside.1), invitation, by)? {
            Some(renewed) => {
                post(conn, &renewed, inside, (by, language))?;
                Outcome::Done("resent")
            }
            None => Outcome::Conflict(say::invitation_not_open()),
        })
    });
    answered(&context, outcome.await?, Typed::default()).await
}

/// Takes an invitation back.
///
/// # Errors
/// As the gate says; 404 for one of another organization.
pub async fn revoke(context: Context) -> Result<HttpResponse, Refused> {
    let invitation: InvitationId = id(context.path("invitation"))?;
    let object = invitation.to_string();
    let outcome = change(&context, (REVOKE, &object), "revoke invitation", move |conn, inside, by| {
        let org = inside.1.org_id();
        if store::tables::invitations::by_id(conn, org, invitation)?.is_none() {
            return Ok(Outcome::NotFound);
        }
        Ok(match invitations::revoke(conn, org, invitation, by)? {
            true => Outcome::Done("revoked"),
            false => Outcome::Conflict(say::invitation_not_open()),
        })
    });
    answered(&context, outcome.await?, Typed::default()).await
}

/// Changes what a member is.
///
/// # Errors
/// As the gate says; 404 for somebody who is no member.
pub async fn change_role(context: Context) -> Result<HttpResponse, Refused> {
    let user: UserId = id(context.path("user"))?;
    let role = role_of(&own_form(&context)?);
    let object = user.to_string();
    let outcome = change(&context, (ROLE, &object), "change role", move |conn, (_, admin), by| {
        // A role that there is none of comes from no page of ours; whether there is such a member is asked all the same.
        let wanted = role.unwrap_or(Role::Member);
        let altered = match (role, memberships::of(conn, admin.org_id(), user)?) {
            (_, None) => Altered::NoMember,
            (None, Some(_)) => return Ok(Outcome::Conflict(say::role_unknown())),
            (Some(_), Some(_)) => members::change_role(conn, admin, (user, wanted), by)?,
        };
        Ok(outcome_of(altered, "role"))
    });
    answered(&context, outcome.await?, Typed::default()).await
}

/// Ends a membership.
///
/// # Errors
/// As the gate says; 404 for somebody who is no member.
pub async fn remove(context: Context) -> Result<HttpResponse, Refused> {
    let user: UserId = id(context.path("user"))?;
    let object = user.to_string();
    let outcome = change(&context, (REMOVE, &object), "end membership", move |conn, (_, admin), by| {
        Ok(outcome_of(members::end(conn, admin, user, by)?, "removed"))
    });
    answered(&context, outcome.await?, Typed::default()).await
}

fn outcome_of(altered: Altered, done: &'static str) -> Outcome {
    match altered {
        Altered::Done => Outcome::Done(done),
        Altered::NoMember => Outcome::NotFound,
        Altered::LastOwner => Outcome::Conflict(say::last_owner()),
        Altered::Above => Outcome::Refused(say::role_above()),
    }
}
