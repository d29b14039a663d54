//! The step that an app has for people who have just registered for it: the way there, and the way back.

use crate::answer::{found, see_other};
use crate::context::Context;
use crate::extract::request::organization;
use crate::refused::Refused;
use crate::web::authorize::answer::told;
use crate::web::embedded::Seen;
use crate::web::embedded::request::Request;
use crate::web::gate::{At, Visitor};
use crate::web::{frame, page};
use actix_web::HttpResponse;
use actix_web::http::{Method, StatusCode};
use model::application::Application;
use model::embedded::{NoWayBack, Step, WayBack};
use model::question::Asker;
use model::secret::Purpose;
use model::user::OrgMember;
use routes::url;
use store::Class;
use store::tables::completion_steps;
use views::pages::{AppFace, CompletionStep, ErrorPage, Link};
use views::say;

/// Leads a browser to the step.
pub(super) fn lead_there(
    context: &Context,
    (application, member): (&Application, &OrgMember),
    request: &Request,
    due: &Step,
) -> Result<HttpResponse, Refused> {
    let org = member.org_id();
    let way = WayBack { asker: Asker::of(member, application.id, &request.text), due_at: due.due_at };
    let ticket = way.ticket(&context.state.keyring.key(Purpose::CompletionReturn), context.now());
    // Whoever has chosen goes on as who they have chosen to be.
    let query = request.page(org);
    let query = url::embedded_request_of(org, &query).unwrap_or(&request.text);
    let back = context.state.config.public_url.join(&url::embedded_return(org, query, &ticket));
    let page_of_app = application.settings.embedded.post_registration_url.as_ref();
    let page_of_app = page_of_app.ok_or_else(|| model::fault::Fault::broken("a step without its page"))?;
    let there = url::with_parameter(page_of_app.as_str(), "return_to", &back);
    if !request.from_form {
        return Ok(found(&there));
    }
    // From a form of ours browsers go to no other site, however many redirects are between (CSP 3 §6.4.3).
    let shown = CompletionStep {
        app: AppFace::new(application.settings.name.as_str(), true).with_logo(frame::logo_url(application)),
        url: there,
    };
    let frame = frame::bare(&context.state, &context.request_id(), context.spoken_to(member.user()));
    page(context, StatusCode::OK, &shown, &frame)
}

/// What becomes of somebody who comes back.
enum Back {
    /// They have taken the step.
    Done,
    /// They had taken it before.
    Again,
    /// Their time was over.
    Over,
    /// It was not their way.
    Foreign,
    /// There is no such application.
    NoApp,
}

/// Takes somebody back, once: notes that they have taken the step, and shows what they are asked.
///
/// # Errors
/// 404 where there is no such organization.
pub async fn back(context: Context) -> Result<HttpResponse, Refused> {
    let org = organization(&context)?;
    let request = Request::read(context.request.query_string()).ok();
    let (visitor, key, now) =
        (Visitor::of(&context), context.state.keyring.key(Purpose::CompletionReturn), context.now());
    // Looking is not coming back.
    let comes = context.request.method() == Method::GET;
    let (wanted, at) = (request.clone(), org.clone());
    let written = context.state.db.write_shedding("back from step", Class::Durable, move |conn| {
        let params = wanted.as_ref().map(|request| request.params.clone()).unwrap_or_default();
        let Some(seen) = Seen::read(conn, &visitor, &at, &params)? else { return Ok(None) };
        let (Some(request), Some(application)) = (&wanted, &seen.application) else { return Ok(Some(Back::NoApp)) };
        let (At::Member(_, member), Some(step)) = (&seen.at, &seen.step) else { return Ok(Some(Back::Foreign)) };
        let way = WayBack { asker: Asker::of(member, application.id, &request.text), due_at: step.due_at };
        let checked = way.check(&key, request.way_back.as_deref().unwrap_or_default(), now);
        let whose = (member.user().id, application.id);
        Ok(Some(match checked {
            Err(NoWayBack::Foreign) => Back::Foreign,
            Ok(()) if !comes && step.is_due() => Back::Done,
            Ok(()) if completion_steps::finish(conn, &at, whose, step.due_at, now)? => Back::Done,
            Ok(()) => Back::Again,
            Err(NoWayBack::Over) if step.is_due() => Back::Over,
            Err(NoWayBack::Over) => Back::Again,
        }))
    });
    let taken = written.await?.into_inner().ok_or(Refused::NotFound)?;
    let onward = request.map(|request| request.page(&org)).unwrap_or_default();
    match taken {
        Back::Done => Ok(see_other(&onward)),
        Back::NoApp => told(&context, say::authorize_no_client()),
        Back::Foreign => told(&context, say::way_back_foreign()),
        Back::Over => gone(&context, say::way_back_over(), onward),
        Back::Again => gone(&context, say::way_back_used(), onward),
    }
}

fn gone(context: &Context, sentence: views::Message, onward: String) -> Result<HttpResponse, Refused> {
    let told = ErrorPage {
        sentence,
        next: Some(Link { label: say::step_go_on(), url: onward }),
        ..ErrorPage::of_status(StatusCode::GONE.as_u16())
    };
    page(context, StatusCode::GONE, &told, &frame::bare(&context.state, &context.request_id(), context.language))
}
