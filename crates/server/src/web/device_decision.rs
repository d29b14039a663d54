//! The decision about a device, *Not you?*, and what became of it.

use crate::answer;
use crate::context::Context;
use crate::decision::{Deciding, approve, count, deny};
use crate::extract::cookies;
use crate::extract::request::id;
use crate::refused::Refused;
use crate::web::desk::{AtDesk, Desk, Person};
use crate::web::device_review::{self, DECISION, RELEASE, Sent};
use crate::web::gate::{Guest, Stopped, Visitor, own_form};
use crate::web::{page, unreadable};
use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use directory::members::member;
use login::csrf::FormPurpose;
use login::waiting_code;
use model::fault::Fault;
use model::grant::GrantState;
use model::id::{GrantId, OrgId};
use model::time::Timestamp;
use model::user::OrgMember;
use protocol::params::Params;
use registry::grants::claim::{self, Standing};
use registry::grants::decide::{Decided, Decision};
use routes::url;
use store::{Class, Conn};
use views::pages::{DeviceResult, FormError};
use views::{Words, say};

/// Takes a decision.
///
/// # Errors
/// 403 for a form of another session or grant, 400 without the tick or without an organization, 409 where it comes too late.
pub async fn decide(context: Context) -> Result<HttpResponse, Refused> {
    let desk = Desk::of(&context)?;
    let form = own_form(&context)?;
    let visitor = Visitor::of(&context);
    let grant = checked_grant(&visitor, DECISION, &form)?;
    let decision = form.get("decision").and_then(Decision::parse);
    let decision = decision.ok_or(Refused::Unclear(say::decision_missing()))?;
    let named = form.get("organization").filter(|named| !named.is_empty());
    let wanted = match (&desk, decision) {
        // The form names the organization that the person saw; this page decides for its own alone.
        (Desk::Organization(org), _) if named != Some(org.as_str()) => {
            return Err(Refused::Unclear(say::decision_without_organization()));
        }
        (_, Decision::Deny) => Wanted::Deny,
        (Desk::Organization(org), Decision::Approve) => Wanted::Approve(org.clone()),
        (Desk::Anywhere, Decision::Approve) => match named.map(OrgId::parse) {
            Some(Ok(org)) => Wanted::Approve(org),
            Some(Err(_)) => return refill(&context, grant, (StatusCode::FORBIDDEN, None), not_open()).await,
            None => {
                let error = FormError::new("organization", say::pick_an_organization());
                return refill(&context, grant, (StatusCode::BAD_REQUEST, None), error).await;
            }
        },
    };
    if decision == Decision::Approve && form.get("confirm") != Some("yes") {
        let error = FormError::new("confirm", say::tick_needed());
        return refill(&context, grant, (StatusCode::BAD_REQUEST, named), error).await;
    }
    match take(&context, desk.clone(), visitor, grant, wanted).await? {
        Decided::Approved(..) | Decided::Denied => Ok(answer::see_other(&url::device_result(&desk.home(), grant))),
        Decided::TooLate => Err(Refused::Conflict(say::decision_over())),
        Decided::NotYours => Err(Refused::NotFound),
        Decided::NotLetIn => match desk {
            // Said as what is over: whoever decides here has nothing else to pick.
            Desk::Organization(_) => Err(Refused::Conflict(say::decision_over())),
            Desk::Anywhere => refill(&context, grant, (StatusCode::FORBIDDEN, None), not_open()).await,
        },
    }
}

/// What somebody wants, as the form says it.
enum Wanted {
    Approve(OrgId),
    Deny,
}

/// That the organization that was picked is not open to the person, or not to the client, any more.
fn not_open() -> FormError {
    FormError::new("organization", say::organization_not_open())
}

/// The form again, with what is wrong with it.
async fn refill(
    context: &Context,
    grant: GrantId,
    (status, organization): (StatusCode, Option<&str>),
    error: FormError,
) -> Result<HttpResponse, Refused> {
    let reviewed = device_review::look(context, grant).await?;
    device_review::render_review(context, &reviewed, status, Sent { organization, errors: vec![error] })
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
    desk: Desk,
    visitor: Visitor,
    grant: GrantId,
    wanted: Wanted,
) -> Result<Decided, Refused> {
    let (moment, origin, language) = (context.moment.clone(), context.origin.clone(), context.language);
    let written = context.state.db.write("decide", Class::Durable, move |conn| {
        let person = match desk.person(conn, &visitor)? {
            Ok(person) => person,
            Err(stopped) => return Ok(Err(stopped)),
        };
        let deciding = Deciding { moment: &moment, origin: &origin, language };
        let decided = match &wanted {
            Wanted::Deny => deny(conn, (&desk.home(), person.reader()), grant, &deciding)?,
            Wanted::Approve(org) => match member_at(conn, person, org, moment.now())? {
                Ok(member) => approve(conn, (&desk.home(), &member), grant, &deciding)?,
                Err(decided) => decided,
            },
        };
        Ok(Ok(decided))
    });
    let decided = written.await?.into_inner()?;
    count(&context.state.metrics, &decided);
    Ok(decided)
}

/// The person as a member of the organization that they approve for.
fn member_at(
    conn: &mut Conn,
    person: Person,
    org: &OrgId,
    now: Timestamp,
) -> Result<Result<Box<OrgMember>, Decided>, Fault> {
    Ok(match person {
        Person::Member(_, member) if member.org_id() == org => Ok(member),
        Person::Member(..) => Err(Decided::NotYours),
        Person::Anywhere(signed_in) => {
            member(conn, org, signed_in.at(org), now)?.map(Box::new).ok_or(Decided::NotLetIn)
        }
    })
}

/// *Not you?*: lets go of the claim and signs out; the code waits for whoever signs in next in this browser.
///
/// # Errors
/// 403 for a form of another session or grant.
pub async fn release(context: Context) -> Result<HttpResponse, Refused> {
    let desk = Desk::of(&context)?;
    let form = own_form(&context)?;
    let visitor = Visitor::of(&context);
    let grant = checked_grant(&visitor, RELEASE, &form)?;
    let guest = Guest::fresh(&context);
    let (keyring, moment, origin, cookie) =
        (context.state.keyring.clone(), context.moment.clone(), context.origin.clone(), guest.digest);
    let (home, device) = (desk.home(), desk.home());
    let written = context.state.db.write("release", Class::Durable, move |conn| {
        let user = match desk.look(conn, &visitor)? {
            None => return Ok(Err(Stopped::NotFound)),
            Some(AtDesk::Guest(_)) => return Ok(Err(Stopped::SignedOut)),
            Some(AtDesk::Stranger(_, present) | AtDesk::FactorMissing(_, present)) => present.user().id,
            Some(AtDesk::Here(person)) => person.reader().user().id,
        };
        visitor.end_session(conn, (&moment, &origin))?;
        let released = claim::release(conn, (&home, user), grant, &keyring, &moment)?;
        let Some(code) = released else { return Ok(Ok(None)) };
        let kept = waiting_code::keep(conn, (&cookie, &home), &code, &keyring, (&moment, &origin))?;
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
        Standing::Open(review) => return Ok(answer::see_other(&url::device_review(&review.grant.org_id, grant))),
        Standing::NotYours => return Err(Refused::NotFound),
        Standing::Over(grant, application) => (grant, application),
    };
    let app_name = application
        .as_ref()
        .map_or_else(|| say::the_app().into(), |application| Words::verbatim(decided.app_name(application)));
    let shown = match &decided.state {
        GrantState::Approved(approval) | GrantState::Redeemed { approval, .. } => {
            // One that has ended meanwhile has its id left.
            let name = reviewed.granted.as_ref().map(|organization| organization.name.clone());
            let name = name.unwrap_or_else(|| approval.org_id.to_string());
            DeviceResult::Approved { app_name, organization: name, connections_url: url::CONNECTIONS.to_owned() }
        }
        GrantState::Denied { .. } => DeviceResult::Denied { app_name },
        GrantState::Pending { .. } => return Err(Refused::Conflict(say::decision_over())),
    };
    page(&context, StatusCode::OK, &shown, &reviewed.person.frame(&context))
}
