//! The decision about a device, *Not you?*, and what became of it.

use crate::answer;
use crate::context::Context;
use crate::extract::cookies;
use crate::extract::request::{id, organization};
use crate::letters::{Reader, post};
use crate::metrics::GrantEvent;
use crate::refused::Refused;
use crate::web::device_review::{self, DECISION, RELEASE};
use crate::web::gate::{At, Guest, Stopped, Visitor, own_form};
use crate::web::{frame, page, unreadable};
use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use directory::catalogue::Catalogue;
use login::csrf::FormPurpose;
use login::waiting_code;
use model::application::Application;
use model::fault::Fault;
use model::grant::{Grant, GrantState};
use model::id::{GrantId, OrgId};
use model::language::Language;
use model::moment::Moment;
use model::org::Organization;
use model::user::OrgMember;
use protocol::params::Params;
use registry::grants::claim::{self, Standing};
use registry::grants::decide::{self, Decided, Decision};
use routes::url;
use store::{Class, Conn};
use views::pages::{DeviceResult, FormError};
use views::{Words, say};

/// Takes a decision.
///
/// # Errors
/// 403 for a form of another session or grant, 400 without the tick, 409 where it comes too late.
pub async fn decide(context: Context) -> Result<HttpResponse, Refused> {
    let org = organization(&context)?;
    let form = own_form(&context)?;
    let visitor = Visitor::of(&context);
    let grant = checked_grant(&visitor, DECISION, &form)?;
    let decision = form.get("decision").and_then(Decision::parse);
    let decision = decision.ok_or(Refused::Unclear(say::decision_missing()))?;
    // The form names the organization that the person saw; this page decides for its own alone.
    if form.get("organization") != Some(org.as_str()) {
        return Err(Refused::Unclear(say::decision_without_organization()));
    }
    if decision == Decision::Approve && form.get("confirm") != Some("yes") {
        let reviewed = device_review::look(&context, grant).await?;
        let error = FormError::new("confirm", say::tick_needed());
        return device_review::render_review(&context, &reviewed, StatusCode::BAD_REQUEST, vec![error]);
    }
    match take(&context, org.clone(), visitor, grant, decision).await? {
        Decided::Approved(..) | Decided::Denied => Ok(answer::see_other(&url::device_result(&org, grant))),
        Decided::TooLate => Err(Refused::Conflict(say::decision_over())),
        Decided::NotYours => Err(Refused::NotFound),
    }
}

/// The grant that a form is about. The token is looked at first: without a session the answer is 403, whatever the form
/// says.
fn checked_grant(visitor: &Visitor, action: &str, form: &Params) -> Result<GrantId, Refused> {
    let object = form.get("grant").unwrap_or_default();
    visitor.check((), FormPurpose { action, object }, form.get("csrf_token"))?;
    id(object)
}

/// Unlike a typed code, a grant's id is not guessed at, so no budget is charged here: the form's token is bound to
/// session and grant, and only the review page of the grant's claimant has one. Who decides has proved their code before.
async fn take(
    context: &Context,
    org: OrgId,
    visitor: Visitor,
    grant: GrantId,
    decision: Decision,
) -> Result<Decided, Refused> {
    let (moment, origin, language) = (context.moment.clone(), context.origin.clone(), context.language);
    let written = context.state.db.write("decide", Class::Durable, move |conn| {
        let (organization, member) = match visitor.member(conn, &org)? {
            Ok(member) => member,
            Err(stopped) => return Ok(Err(stopped)),
        };
        let decided = decide::decide(conn, &member, grant, decision, (&moment, &origin))?;
        if let Decided::Approved(grant, application) = &decided {
            post_letter(conn, (&organization, &member, language), (grant, application), &moment)?;
        }
        Ok(Ok(decided))
    });
    let decided = written.await?.into_inner()?;
    match &decided {
        Decided::Approved(..) => context.state.metrics.grant(GrantEvent::Approved),
        Decided::Denied => context.state.metrics.grant(GrantEvent::Denied),
        Decided::TooLate | Decided::NotYours => {}
    }
    Ok(decided)
}

/// Tells the account's owner, in the transaction of the approval.
fn post_letter(
    conn: &mut Conn,
    (organization, member, language): (&Organization, &OrgMember, Language),
    (grant, application): (&Grant, &Application),
    moment: &Moment,
) -> Result<(), Fault> {
    let scopes = Catalogue::read(conn, &organization.id)?.in_words(&grant.terms.scopes);
    let to = Reader { user: member.user(), asked_in: language };
    post::device_authorized(conn, to, (organization, application, grant), scopes, moment)
}

/// *Not you?*: lets go of the claim and signs out; the code waits for whoever signs in next in this browser.
///
/// # Errors
/// 403 for a form of another session or grant.
pub async fn release(context: Context) -> Result<HttpResponse, Refused> {
    let org = organization(&context)?;
    let form = own_form(&context)?;
    let visitor = Visitor::of(&context);
    let grant = checked_grant(&visitor, RELEASE, &form)?;
    let guest = Guest::fresh(&context);
    let (keyring, moment, origin, cookie) =
        (context.state.keyring.clone(), context.moment.clone(), context.origin.clone(), guest.digest);
    let device = org.clone();
    let written = context.state.db.write("release", Class::Durable, move |conn| {
        let user = match visitor.at(conn, &org)? {
            None => return Ok(Err(Stopped::NotFound)),
            Some(At::Guest(_)) => return Ok(Err(Stopped::SignedOut)),
            Some(At::Stranger(_, present) | At::FactorMissing(_, present)) => present.user().id,
            Some(At::Member(_, member)) => member.user().id,
        };
        visitor.end_session(conn, (&moment, &origin))?;
        let released = claim::release(conn, (&org, user), grant, &keyring, &moment)?;
        let Some(code) = released else { return Ok(Ok(None)) };
        let kept = waiting_code::keep(conn, (&cookie, &org), &code, &keyring, (&moment, &origin))?;
        Ok(Ok(Some(code).filter(|_| !kept)))
    });
    // Where no more codes can wait, the entry page has this one filled in after the sign-in.
    let next = match written.await?.into_inner()? {
        None => url::device(&device),
        Some(code) => url::device_with_code(&device, code.as_str()),
    };
    let mut response = answer::see_other(&url::login_to(&next));
    cookies::clear_session(&mut response, &context.state.config.public_url);
    guest.keep(&context, &mut response);
    Ok(response)
}

/// Shows what became of a decision.
///
/// # Errors
/// 404 for a grant that is not theirs; back to the review while it is open.
pub async fn result(context: Context) -> Result<HttpResponse, Refused> {
    let grant: GrantId = id(context.query().map_err(unreadable)?.get("grant").unwrap_or_default())?;
    let reviewed = device_review::look(&context, grant).await?;
    let (decided, application) = match &reviewed.standing {
        Standing::Open(_) => return Ok(answer::see_other(&url::device_review(&reviewed.organization.id, grant))),
        Standing::NotYours => return Err(Refused::NotFound),
        Standing::Over(grant, application) => (grant, application),
    };
    let app_name = application
        .as_ref()
        .map_or_else(|| say::the_app().into(), |application| Words::verbatim(application.settings.name.as_str()));
    let shown = match &decided.state {
        GrantState::Approved(_) | GrantState::Redeemed { .. } => DeviceResult::Approved {
            app_name,
            organization: reviewed.organization.name.clone(),
            connections_url: url::CONNECTIONS.to_owned(),
        },
        GrantState::Denied { .. } => DeviceResult::Denied { app_name },
        GrantState::Pending { .. } => return Err(Refused::Conflict(say::decision_over())),
    };
    let frame = frame::of_reader(&context, &reviewed.organization, reviewed.member.present());
    page(&context, StatusCode::OK, &shown, &frame)
}
