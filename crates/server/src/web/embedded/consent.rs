//! The question, and the decision: a token there and then, or none.

use crate::answer::{found, see_other};
use crate::context::Context;
use crate::dialects::embedded::{self as dialect, Asked, Wrong};
use crate::extract::request::organization;
use crate::metrics::GrantEvent;
use crate::refused::Refused;
use crate::web::authorize::answer::told;
use crate::web::embedded::request::Request;
use crate::web::embedded::{Seen, another, is_chosen, refuse};
use crate::web::gate::{At, Stopped, Visitor, own_form};
use crate::web::{frame, page};
use crate::words;
use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use issuer::opaque::{self, Minting};
use login::csrf::FormPurpose;
use model::application::Application;
use model::audit::{Actor, By};
use model::id::{OpaqueTokenId, OrgId};
use model::opaque::OpaqueKind;
use model::question::{Asker, Shown};
use model::secret::Purpose;
use model::time::Timestamp;
use model::user::OrgMember;
use protocol::embedded::EmbeddedOutcome;
use protocol::error::{ErrorCode, OAuthError};
use registry::grants::decide::Decision;
use registry::grants::embedded::{self, Decided};
use routes::url;
use store::Class;
use views::pages::{AppFace, Consent, Form, HiddenField};
use views::say;

const CONSENT: &str = "embedded-consent";

/// What a form's token is bound to: exactly this request, shown at this time.
fn object(org: &OrgId, shown: &str, text: &str) -> String {
    format!("{org} {shown} {text}")
}

/// Shows the page. Its form leads nowhere but to ourselves: the address that holds the answer is a page of ours.
pub(super) fn render(
    context: &Context,
    seen: &Seen,
    (application, asked, member): (&Application, &Asked, &OrgMember),
    request: &Request,
) -> Result<HttpResponse, Refused> {
    let org = member.org_id();
    let page_of_request = request.page(org);
    let text = url::embedded_request_of(org, &page_of_request).unwrap_or_default();
    let shown_at = context.now().millis().to_string();
    let object = object(org, &shown_at, text);
    let hidden = |(name, value): (&str, &str)| HiddenField { name: name.to_owned(), value: value.to_owned() };
    let shown = Consent {
        form: Form {
            action: url::embedded_decision(org),
            csrf_token: Visitor::of(context).form_token(&member.session().digest, CONSENT, &object),
            hidden: [("request", text), ("shown", shown_at.as_str())].map(hidden).into(),
        },
        app: AppFace::new(application.settings.name.as_str(), true).with_logo(frame::logo_url(application)),
        organization: seen.at.organization().name.clone(),
        scopes: words::scopes(seen.catalogue.in_words(&asked.scopes)),
        resources: Vec::new(),
        email: member.user().email.clone(),
        not_you: another(context, member, request),
        leads_to: None,
        on_own_machine: false,
        remembers: false,
    };
    page(context, StatusCode::OK, &shown, &frame::of_reader(context, seen.at.organization(), member.present()))
}

/// What a decision comes to.
enum Taken {
    /// The app finds its answer.
    Answered(String, EmbeddedOutcome, GrantEvent),
    /// The app is told why it can't be decided.
    Wrong(Wrong),
    /// There is no app to tell.
    NoApp,
    /// Something else comes first, which the request's own page shows.
    First,
    /// The page does not count any more.
    Stale,
}

/// Takes the decision.
///
/// # Errors
/// 403 for a form of another session or request, 409 for one that does not count any more.
pub async fn decide(context: Context) -> Result<HttpResponse, Refused> {
    let org = organization(&context)?;
    let form = own_form(&context)?;
    let (text, shown) = (form.get("request").unwrap_or_default(), form.get("shown").unwrap_or_default());
    let visitor = Visitor::of(&context);
    let purpose = FormPurpose { action: CONSENT, object: &object(&org, shown, text) };
    visitor.check((), purpose, form.get("csrf_token"))?;
    let decision = form.get("decision").and_then(Decision::parse);
    let decision = decision.ok_or(Refused::Unclear(say::decision_missing()))?;
    let request = Request::read(text).map_err(|_| Refused::Unclear(say::authorize_malformed()))?;
    let shown_at = Timestamp::from_millis(shown.parse().unwrap_or_default());
    let again = request.page_after_form(&org);
    match take(&context, org, request, (decision, shown_at)).await? {
        Taken::Answered(state, outcome, event) => {
            context.state.metrics.grant(event);
            Ok(found(&dialect::answer(&context.state.config.public_url, Some(state), outcome)))
        }
        Taken::Wrong(wrong) => Ok(refuse(&context, wrong)),
        Taken::NoApp => told(&context, say::authorize_no_client()),
        Taken::First => Ok(see_other(&again)),
        Taken::Stale => Err(Refused::Conflict(say::question_over())),
    }
}

async fn take(
    context: &Context,
    org: OrgId,
    request: Request,
    (decision, shown_at): (Decision, Timestamp),
) -> Result<Taken, Refused> {
    let visitor = Visitor::of(context);
    let (moment, origin) = (context.moment.clone(), context.origin.clone());
    let key = context.state.keyring.key(Purpose::Question);
    let prefixes = context.state.config.token_prefixes.clone();
    let written = context.state.db.write("embedded consent", Class::Durable, move |conn| {
        let Some(seen) = Seen::read(conn, &visitor, &org, &request.params)? else {
            return Ok(Err(Stopped::NotFound));
        };
        let member = match &seen.at {
            At::Guest(_) => return Ok(Err(Stopped::SignedOut)),
            At::Stranger(..) => return Ok(Err(Stopped::Stranger)),
            At::FactorMissing(..) => return Ok(Err(Stopped::FactorMissing)),
            At::Member(_, member) => member,
        };
        // The application may have changed since the page was made.
        let Some(application) = &seen.application else { return Ok(Ok(Taken::NoApp)) };
        let asked = match dialect::read(application, &seen.implications, &request.params) {
            Ok(asked) => asked,
            Err(wrong) => return Ok(Ok(Taken::Wrong(wrong))),
        };
        if !is_chosen(&asked, member, &request) || seen.due().is_some() {
            return Ok(Ok(Taken::First));
        }
        let asker = Asker::of(member, application.id, &request.text);
        let shown = Shown { at: shown_at, request: asker.digest(&key) };
        let wanted = (application, &asked.scopes);
        Ok(match embedded::decide(conn, member, wanted, (decision, &shown), (&moment, &origin))? {
            Decided::Approved(grant) => {
                let minting = Minting {
                    id: OpaqueTokenId::draw(&moment),
                    kind: OpaqueKind::Embedded,
                    name: application.settings.name.clone(),
                    org_id: org.clone(),
                    grant_id: Some(grant),
                    home_org_id: org.clone(),
                    application_id: application.id,
                    user_id: member.user().id,
                    scopes: asked.scopes,
                    resources: Vec::new(),
                    lifetime: application.settings.tokens.access_lifetime,
                };
                let by = By::request(Actor::User(member.user().id), (&moment, &origin));
                let (token, secret) = opaque::mint(conn, minting, &prefixes, &by)?;
                let outcome = EmbeddedOutcome::Token {
                    access_token: secret.expose().clone(),
                    expires_in: token.expires_at.since(moment.now()).as_secs(),
                    scope: token.scopes.to_string(),
                };
                Ok(Taken::Answered(asked.state, outcome, GrantEvent::Approved))
            }
            Decided::Denied => {
                let error = OAuthError::new(ErrorCode::AccessDenied, "The user said no.");
                Ok(Taken::Answered(asked.state, EmbeddedOutcome::Error(error), GrantEvent::Denied))
            }
            Decided::Stale => Ok(Taken::Stale),
            Decided::NoLongerMember => Err(Stopped::NotFound),
        })
    });
    Ok(written.await?.into_inner()?)
}
