//! How the client is answered, and how a person is where there is no client.

use crate::answer::see_other;
use crate::context::Context;
use crate::refused::Refused;
use crate::web::authorize::request::To;
use crate::web::{frame, page};
use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use model::redirect_uri::form_target;
use model::secret::Secret;
use protocol::authorize::{AuthorizationAnswer, Outcome, ResponseMode};
use protocol::error::OAuthError;
use views::pages::{AuthorizationForm, AuthorizationLink, ErrorPage, HiddenField};
use views::{Message, say};

/// Where the forms of a page may lead beside our own origin. The middleware that sets the headers reads it.
#[derive(Clone, Debug)]
pub struct FormsLeadTo(pub String);

/// A code as an answer.
pub fn issued(code: &Secret) -> Outcome {
    Outcome::Code(code.expose().clone())
}

/// An error as an answer.
pub fn refused(error: OAuthError) -> Outcome {
    Outcome::Error(error)
}

/// How a browser is sent on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Way {
    /// By a redirect.
    Redirect,
    /// By a page that goes on by itself: the browser comes from a form of ours that may not lead elsewhere, and browsers hold
    /// that against every redirect that follows (CSP 3 §6.4.3).
    Page,
}

/// Answers the client by way of the browser.
///
/// # Errors
/// `Broken` where a template is.
pub fn respond(context: &Context, to: &To, outcome: Outcome, way: Way) -> Result<HttpResponse, Refused> {
    let answer = AuthorizationAnswer { outcome, state: to.state.clone(), issuer: to.issuer.clone() };
    match (to.mode, way) {
        (ResponseMode::Query | ResponseMode::Fragment, way) => {
            let location = answer.location(&to.redirect_uri, to.mode == ResponseMode::Fragment);
            if way == Way::Redirect {
                return Ok(see_other(&location));
            }
            let frame = frame::bare(&context.state, &context.request_id(), context.language);
            page(context, StatusCode::OK, &AuthorizationLink { url: location }, &frame)
        }
        (ResponseMode::FormPost, _) => {
            let field = |(name, value): (&str, &str)| HiddenField { name: name.to_owned(), value: value.to_owned() };
            let fields = answer.fields().into_iter().map(field).collect();
            let shown = AuthorizationForm { action: to.redirect_uri.clone(), fields };
            let frame = frame::bare(&context.state, &context.request_id(), context.language);
            Ok(leading_to(to, page(context, StatusCode::OK, &shown, &frame)?))
        }
    }
}

/// A page whose forms lead to the client in the end: browsers look at every address on the way there.
pub fn leading_to(to: &To, mut response: HttpResponse) -> HttpResponse {
    if let Some(target) = form_target(&to.redirect_uri) {
        response.extensions_mut().insert(FormsLeadTo(target));
    }
    response
}

/// Tells whoever is at the browser that there is no client to answer. Nobody is sent anywhere.
///
/// # Errors
/// `Broken` where the template is.
pub fn told(context: &Context, sentence: Message) -> Result<HttpResponse, Refused> {
    told_below(context, say::authorize_wrong(), sentence)
}

/// The same below another heading.
///
/// # Errors
/// `Broken` where the template is.
pub fn told_below(context: &Context, heading: Message, sentence: Message) -> Result<HttpResponse, Refused> {
    let told = ErrorPage { status: 400, heading, sentence, next: None };
    let frame = frame::bare(&context.state, &context.request_id(), context.language);
    page(context, StatusCode::BAD_REQUEST, &told, &frame)
}
