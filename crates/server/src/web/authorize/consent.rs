//! The consent page: what an application asks for, and the decision.

use crate::answer::see_other;
use crate::context::Context;
use crate::extract::cookies;
use crate::extract::request::organization;
use crate::metrics::GrantEvent;
use crate::refused::Refused;
use crate::web::authorize::answer::{Way, issued, leading_to, refused, respond, told};
use crate::web::authorize::hint::Hint;
use crate::web::authorize::request::{self, Asked, Seen, Wrong};
use crate::web::authorize::{POSTED, back_to};
use crate::web::gate::{At, Stopped, Visitor, own_form};
use crate::web::{device_review, frame, page};
use crate::words;
use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use login::csrf::FormPurpose;
use model::id::OrgId;
use model::question::{Asker, Shown};
use model::secret::{Purpose, Secret};
use model::time::Timestamp;
use model::user::OrgMember;
use protocol::error::{ErrorCode, OAuthError};
use protocol::params::Params;
use registry::grants::code::{self, Asking, Decided};
use registry::grants::decide::Decision;
use routes::url;
use store::Class;
use views::pages::{AppFace, Consent, Form, HiddenField};
use views::say;

const CONSENT: &str = "consent";
const ANOTHER: &str = "consent-another";

/// What a form's token is bound to: exactly this request, shown at this time where its page is to be decided on.
fn object(org: &OrgId, shown: Option<&str>, text: &str) -> String {
    format!("{org} {} {text}", shown.unwrap_or_default())
}

/// Shows the page of a request, which has been posted under a handle where there is one.
///
/// # Errors
/// `Broken` where its template is.
pub fn render(
    context: &Context,
    (seen, asked, member): (&Seen, &Asked, &OrgMember),
    (text, posted): (&str, Option<&str>),
) -> Result<HttpResponse, Refused> {
    let org = &seen.organization().id;
    let shown_at = context.now().millis().to_string();
    let token =
        |action, shown| Visitor::of(context).form_token(&member.session().digest, action, &object(org, shown, text));
    let field = |name: &str, value: &str| HiddenField { name: name.to_owned(), value: value.to_owned() };
    let shown = Consent {
        form: Form {
            action: url::consent(org),
            csrf_token: token(CONSENT, Some(&shown_at)),
            hidden: vec![field("request", text), field("shown", &shown_at)],
        },
        app: AppFace::new(asked.application.settings.name.as_str(), true)
            .with_logo(frame::logo_url(&asked.application)),
        organization: seen.organization().name.clone(),
        scopes: words::scopes(seen.catalogue.in_words(&asked.terms.scopes)),
        resources: seen.resources.iter().map(device_review::resource).collect(),
        email: member.user().email.clone(),
        not_you: Form {
            action: url::consent_another(org),
            csrf_token: token(ANOTHER, None),
            hidden: std::iter::once(field("request", text)).chain(posted.map(|handle| field(POSTED, handle))).collect(),
        },
        leads_to: Some(asked.to.redirect_uri.clone()),
        on_own_machine: !asked.remembers,
        remembers: asked.remembers,
    };
    let frame = frame::of_reader(context, seen.organization(), member.present());
    Ok(leading_to(&asked.to, page(context, StatusCode::OK, &shown, &frame)?))
}

/// What a decision comes to.
enum Taken {
    /// The client is told.
    Answered(request::To, protocol::authorize::Outcome, GrantEvent),
    /// It can't be decided any more, and whoever is there is told why.
    Told(views::Message),
    /// The client is told why it can't be decided.
    Wrong(request::To, OAuthError),
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
    let text = form.get("request").unwrap_or_default().to_owned();
    let shown = form.get("shown").unwrap_or_default();
    let visitor = Visitor::of(&context);
    let purpose = FormPurpose { action: CONSENT, object: &object(&org, Some(shown), &text) };
    visitor.check((), purpose, form.get("csrf_token"))?;
    let decision = form.get("decision").and_then(Decision::parse);
    let decision = decision.ok_or(Refused::Unclear(say::decision_missing()))?;
    let shown_at = Timestamp::from_millis(shown.parse().unwrap_or_default());
    take(&context, &org, &text, (decision, shown_at)).await
}

/// Issues a code for what somebody has agreed to before; nothing where that is so no more, looked at anew in the write.
///
/// # Errors
/// As the gate says.
pub async fn approve_at_once(
    context: &Context,
    org: &OrgId,
    (params, hint): (Params, Hint),
) -> Result<Option<(request::To, Secret)>, Refused> {
    let (visitor, org, public_url) = (Visitor::of(context), org.clone(), context.state.config.public_url.clone());
    let (moment, origin) = (context.moment.clone(), context.origin.clone());
    let written = context.state.db.write("agreed before", Class::Durable, move |conn| {
        let Some(seen) = Seen::read(conn, &visitor, &org, &params)? else { return Ok(None) };
        let At::Member(_, member) = &seen.at else { return Ok(None) };
        let Ok(asked) = request::read(&public_url, &seen, (&params, &hint)) else { return Ok(None) };
        if !asked.is_settled_by(&seen) || !asked.admits(member.present()) {
            return Ok(None);
        }
        let wanted = (&asked.application, asked.terms.clone());
        Ok(match code::approve(conn, member, wanted, Asking::Before, (&moment, &origin))? {
            Decided::Issued(code) => Some((asked.to, code)),
            Decided::Denied | Decided::Stale | Decided::NoLongerMember => None,
        })
    });
    let issued = written.await?.into_inner();
    if issued.is_some() {
        context.state.metrics.grant(GrantEvent::Approved);
    }
    Ok(issued)
}

async fn take(
    context: &Context,
    org: &OrgId,
    text: &str,
    (decision, shown_at): (Decision, Timestamp),
) -> Result<HttpResponse, Refused> {
    let params = Params::parse(text.as_bytes()).map_err(|_| Refused::Unclear(say::authorize_malformed()))?;
    let hint = Hint::of(context, org, &params).await?;
    let (visitor, at) = (Visitor::of(context), org.clone());
    let (moment, origin) = (context.moment.clone(), context.origin.clone());
    let public_url = context.state.config.public_url.clone();
    let key = context.state.keyring.key(Purpose::Question);
    let address = format!("{}?{text}", url::oauth(org, "authorize"));
    let written = context.state.db.write("consent", Class::Durable, move |conn| {
        let Some(seen) = Seen::read(conn, &visitor, &at, &params)? else {
            return Ok(Err(Stopped::NotFound));
        };
        let member = match &seen.at {
            At::Guest(_) => return Ok(Err(Stopped::SignedOut)),
            At::Stranger(..) => return Ok(Err(Stopped::Stranger)),
            At::FactorMissing(..) => return Ok(Err(Stopped::FactorMissing)),
            At::Member(_, member) => member,
        };
        // The application may have changed since the page was made.
        let asked = match request::read(&public_url, &seen, (&params, &hint)) {
            Ok(asked) if asked.admits(member.present()) => asked,
            Ok(asked) => {
                let error = "Another user is signed in than the one of id_token_hint.";
                return Ok(Ok(Taken::Wrong(asked.to, OAuthError::new(ErrorCode::LoginRequired, error))));
            }
            Err(Wrong::ToPerson(sentence)) => return Ok(Ok(Taken::Told(sentence))),
            Err(Wrong::ToClient(to, error)) => return Ok(Ok(Taken::Wrong(to, error))),
        };
        let asker = Asker::of(member, asked.application.id, &address);
        let shown = Shown { at: shown_at, request: asker.digest(&key) };
        let at = (&moment, &origin);
        let decided = match decision {
            Decision::Approve => {
                let asking = if asked.remembers { Asking::NowAndRemembered(&shown) } else { Asking::Now(&shown) };
                code::approve(conn, member, (&asked.application, asked.terms.clone()), asking, at)?
            }
            Decision::Deny => code::deny(conn, member, (&asked.application, &shown), at)?,
        };
        Ok(match decided {
            Decided::Issued(code) => Ok(Taken::Answered(asked.to, issued(&code), GrantEvent::Approved)),
            Decided::Denied => {
                let error = OAuthError::new(ErrorCode::AccessDenied, "The user said no.");
                Ok(Taken::Answered(asked.to, refused(error), GrantEvent::Denied))
            }
            Decided::Stale => Ok(Taken::Stale),
            Decided::NoLongerMember => Err(Stopped::NotFound),
        })
    });
    match written.await?.into_inner()? {
        Taken::Answered(to, outcome, event) => {
            context.state.metrics.grant(event);
            respond(context, &to, outcome, Way::Redirect)
        }
        Taken::Told(sentence) => told(context, sentence),
        Taken::Wrong(to, error) => respond(context, &to, refused(error), Way::Redirect),
        Taken::Stale => Err(Refused::Conflict(say::question_over())),
    }
}

/// *Not you?*: signs out, and comes back to the same request after another sign-in.
///
/// # Errors
/// 403 for a form of another session or request.
pub async fn another(context: Context) -> Result<HttpResponse, Refused> {
    let org = organization(&context)?;
    let form = own_form(&context)?;
    let text = form.get("request").unwrap_or_default().to_owned();
    let visitor = Visitor::of(&context);
    let purpose = FormPurpose { action: ANOTHER, object: &object(&org, None, &text) };
    visitor.check((), purpose, form.get("csrf_token"))?;
    let (moment, origin, at) = (context.moment.clone(), context.origin.clone(), org.clone());
    let written = context.state.db.write("another account", Class::Durable, move |conn| {
        // Whoever has seen the page is a member.
        if let Err(stopped) = visitor.member(conn, &at)? {
            return Ok(Err(stopped));
        }
        visitor.end_session(conn, (&moment, &origin)).map(Ok)
    });
    written.await?.into_inner()?;
    // What was posted stays here: it may be longer than an address, and say more than one should.
    let query = match form.get(POSTED) {
        Some(handle) => format!("{POSTED}={}", url::percent_encoded(handle)),
        None => text,
    };
    // From a form of ours, as after every other sign-in: who has agreed before is led on to the client by a page.
    let back = back_to(&url::oauth(&org, "authorize"), &query, context.now());
    let mut response = see_other(&url::login_to(&back));
    cookies::clear_session(&mut response, &context.state.config.public_url);
    Ok(response)
}
