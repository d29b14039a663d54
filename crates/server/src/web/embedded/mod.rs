//! Sign-ins in a web view of an app's own: see [`model::embedded`] for their story, [`crate::dialects::embedded`] for the wire.
//!
//! 1. An app opens an address that names no organization ([`start`]): its client does. Who asks there for a code instead is answered
//!    as at the organization's own endpoint.
//! 2. Whatever is wrong is told in the fragment of a page of ours ([`target`]); only where no app is known a page says so.
//! 3. Whoever is not signed in goes to the sign-in page, and comes back to the request inside its organization ([`show`]). From
//!    there they may register, by the address that the app names, if it does.
//! 4. Somebody else than whom the app means chooses who goes on.
//! 5. Who has come to belong on the way takes the app's own step first ([`step`]). Then everybody is asked ([`consent`]).

pub mod consent;
pub mod request;
pub mod step;

use crate::answer::{found, see_other};
use crate::context::Context;
use crate::dialects::embedded::{self as dialect, Asked, Wrong};
use crate::extract::request::organization;
use crate::refused::Refused;
use crate::web::authorize;
use crate::web::authorize::answer::told;
use crate::web::embedded::request::Request;
use crate::web::gate::{At, Visitor};
use crate::web::login::LOGOUT;
use crate::web::{device, frame, page};
use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use directory::catalogue::Catalogue;
use model::application::{Application, ApplicationState};
use model::catalogue::Implications;
use model::embedded::Step;
use model::fault::Fault;
use model::id::{ClientId, OrgId, UserId};
use model::moment::Moment;
use model::user::OrgMember;
use protocol::embedded::EmbeddedOutcome;
use protocol::params::Params;
use registry::grants::embedded;
use routes::url;
use store::Conn;
use store::tables::{applications, completion_steps, scopes};
use views::pages::{AccountChoice, AppFace, EmbeddedEnd, Form, HiddenField};
use views::say;

/// Answers a request at the address that all apps know.
///
/// # Errors
/// What keeps somebody out of the organization.
pub async fn start(context: Context) -> Result<HttpResponse, Refused> {
    let Ok(request) = Request::read(context.request.query_string()).map(Request::as_sent) else {
        return told(&context, say::authorize_malformed());
    };
    let home = match request.params.get("client_id").map(ClientId::from_wire) {
        Some(client) => {
            context.state.db.read("home of client", move |conn| applications::home_of_client(conn, &client)).await?
        }
        None => None,
    };
    match home {
        None => told(&context, say::authorize_no_client()),
        Some(org) if dialect::is_meant(&request.params) => answer(&context, &org, request).await,
        Some(org) => authorize::answer_at(context, org).await,
    }
}

/// Answers the same request inside its organization.
///
/// # Errors
/// 404 where there is no such organization; what keeps somebody out of it.
pub async fn show(context: Context) -> Result<HttpResponse, Refused> {
    let org = organization(&context)?;
    match Request::read(context.request.query_string()) {
        Ok(request) => answer(&context, &org, request).await,
        // An organization that does not exist is not found, whatever is asked.
        Err(_) => {
            look(&context, &org, Params::default()).await.and_then(|_| told(&context, say::authorize_malformed()))
        }
    }
}

/// Shows the page at which every answer is. Nothing on it acts: what its address holds is the app's to read.
///
/// # Errors
/// `Broken` where its template is.
pub async fn target(context: Context) -> Result<HttpResponse, Refused> {
    page(
        &context,
        StatusCode::OK,
        &EmbeddedEnd {},
        &frame::bare(&context.state, &context.request_id(), context.language),
    )
}

/// Everything that a request is decided by, beside itself.
struct Seen {
    /// The application that it names, if there is one that may be used.
    application: Option<Application>,
    /// Who is at the browser.
    at: At,
    /// The step that the application has for them.
    step: Option<Step>,
    /// What scopes mean.
    catalogue: Catalogue,
    /// What goes along with them.
    implications: Implications,
}

impl Seen {
    /// Reads it; nothing where there is no such organization.
    fn read(conn: &mut Conn, visitor: &Visitor, org: &OrgId, params: &Params) -> Result<Option<Self>, Fault> {
        let Some(at) = visitor.at(conn, org)? else { return Ok(None) };
        // The reference client is in every organization: it has no place at an address that names none.
        let named = params.get("client_id").filter(|id| *id != ClientId::REFERENCE).map(ClientId::from_wire);
        let application = match named {
            Some(client) => applications::by_client_id(conn, org, &client)?
                .map(|record| record.application)
                .filter(|application| application.state == ApplicationState::Active),
            None => None,
        };
        let step = match (&at, &application) {
            (At::Member(_, member), Some(application))
                if application.settings.embedded.post_registration_url.is_some() =>
            {
                completion_steps::of(conn, org, member.user().id, application.id)?
            }
            _ => None,
        };
        let (catalogue, implications) = (Catalogue::read(conn, org)?, scopes::implications(conn, org)?);
        Ok(Some(Self { application, at, step, catalogue, implications }))
    }

    /// The step that is still to be taken.
    fn due(&self) -> Option<&Step> {
        self.step.as_ref().filter(|step| step.is_due())
    }
}

async fn look(context: &Context, org: &OrgId, params: Params) -> Result<Seen, Refused> {
    let (visitor, org) = (Visitor::of(context), org.clone());
    let seen = context.state.db.snapshot("embedded request", move |conn| Seen::read(conn, &visitor, &org, &params));
    seen.await?.ok_or(Refused::NotFound)
}

async fn answer(context: &Context, org: &OrgId, request: Request) -> Result<HttpResponse, Refused> {
    let seen = look(context, org, request.params.clone()).await?;
    let Some(application) = &seen.application else { return told(context, say::authorize_no_client()) };
    let asked = match dialect::read(application, &seen.implications, &request.params) {
        Ok(asked) => asked,
        Err(wrong) => return Ok(refuse(context, wrong)),
    };
    let member = match &seen.at {
        At::Guest(_) => return Ok(see_other(&url::login_to(&request.page_after_form(org)))),
        At::Stranger(organization, present) => {
            let next = Some(request.page_after_form(org));
            return device::render_stranger(context, organization, present, "", next);
        }
        At::FactorMissing(..) => return Ok(see_other(&url::security_for(&request.page_after_form(org)))),
        At::Member(_, member) => member,
    };
    if !is_chosen(&asked, member, &request) {
        return choose(context, (&seen, application, member), &request);
    }
    match seen.due() {
        Some(due) => step::lead_there(context, (application, member), &request, due),
        None => consent::render(context, &seen, (application, &asked, member), &request),
    }
}

/// Whether who is signed in is whom the app means, or has said that they go on all the same.
fn is_chosen(asked: &Asked, member: &OrgMember, request: &Request) -> bool {
    asked.means(member) || request.chosen == Some(member.user().id)
}

/// Tells the app what is wrong.
fn refuse(context: &Context, wrong: Wrong) -> HttpResponse {
    let outcome = EmbeddedOutcome::Error(wrong.error);
    found(&dialect::answer(&context.state.config.public_url, wrong.state, outcome))
}

/// Where somebody signs in with another account, and comes back.
fn another(context: &Context, member: &OrgMember, request: &Request) -> Form {
    let token = Visitor::of(context).form_token(&member.session().digest, LOGOUT.action, LOGOUT.object);
    // Who signs in then is looked at anew.
    let next = request.clone().as_sent().page_after_form(member.org_id());
    let hidden = vec![HiddenField { name: "next".to_owned(), value: next }];
    Form { action: url::LOGOUT.to_owned(), csrf_token: token, hidden }
}

/// Asks who goes on.
fn choose(
    context: &Context,
    (seen, application, member): (&Seen, &Application, &OrgMember),
    request: &Request,
) -> Result<HttpResponse, Refused> {
    let organization = seen.at.organization();
    let shown = AccountChoice {
        app: AppFace::new(application.settings.name.as_str(), true).with_logo(frame::logo_url(application)),
        email: member.user().email.clone(),
        go_on_url: request.page_for(member.org_id(), member.user().id),
        another: another(context, member, request),
    };
    page(context, StatusCode::OK, &shown, &frame::of_reader(context, organization, member.present()))
}

/// Notes that somebody has come to belong to `org` who is on the way to `next`: where that is an app's request, its own step is
/// due. Call it in the transaction of the membership.
///
/// # Errors
/// The database's.
pub(super) fn belongs_now(
    conn: &mut Conn,
    org: &OrgId,
    user: UserId,
    (next, moment): (&str, &Moment),
) -> Result<(), Fault> {
    let request = url::embedded_request_of(org, next).and_then(|query| Request::read(query).ok());
    match request.as_ref().and_then(|request| request.params.get("client_id")) {
        Some(client) => embedded::registered(conn, org, user, &ClientId::from_wire(client), moment),
        None => Ok(()),
    }
}
