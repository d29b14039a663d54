//! The second factor of a sign-in: asked for after a right password, before there is any session.

use crate::answer;
use crate::context::Context;
use crate::extract::cookies;
use crate::letters::post;
use crate::metrics::Spent;
use crate::refused::Refused;
use crate::web::gate::{self, Guest, own_form};
use crate::web::onward::{Arrival, Arrived, Tell};
use crate::web::security::{scales, wait};
use crate::web::{frame, page, spent};
use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use login::csrf::FormPurpose;
use login::factor_attempt::{self, Outcome};
use model::audit::{Actor, By};
use model::secret::Secret;
use routes::url;
use std::time::Duration;
use store::Class;
use views::pages::{Form, FormError, SecondFactor};
use views::say;

const FACTOR: FormPurpose<'static> = FormPurpose { action: "login-factor", object: "" };

/// Leads a browser whose password was right to where the code is asked for.
pub(super) fn ask(context: &Context, cookie: &Secret) -> HttpResponse {
    let mut response = answer::see_other(url::LOGIN_FACTOR);
    cookies::set_factor_attempt(&mut response, &context.state.config.public_url, cookie, factor_attempt::LIFE);
    response
}

/// Asks for the code.
///
/// # Errors
/// The database's.
pub async fn show(context: Context) -> Result<HttpResponse, Refused> {
    let (Some(cookie), Some(browser)) = (cookies::factor_attempt(&context), cookies::pre_session(&context)) else {
        return Ok(over(&context));
    };
    let moment = context.moment.clone();
    let look =
        context.state.db.read("factor attempt", move |conn| factor_attempt::waits(conn, (&cookie, &browser), &moment));
    if look.await? { render(&context, StatusCode::OK, Vec::new()) } else { Ok(over(&context)) }
}

fn over(context: &Context) -> HttpResponse {
    let mut response = answer::see_other(url::LOGIN_AFTER_FACTOR);
    cookies::clear_factor_attempt(&mut response, &context.state.config.public_url);
    response
}

fn render(context: &Context, status: StatusCode, errors: Vec<FormError>) -> Result<HttpResponse, Refused> {
    let guest = Guest::of(context);
    let shown = SecondFactor {
        form: Form {
            action: url::LOGIN_FACTOR.to_owned(),
            csrf_token: guest.form_token(context, FACTOR.action, FACTOR.object),
            hidden: Vec::new(),
        },
        errors,
        back_url: url::LOGIN.to_owned(),
    };
    page(context, status, &shown, &frame::of_organization(context, None))
}

/// What a code comes to in its transaction.
enum Taken {
    Arrived(Box<Arrived>),
    Wrong,
    Spent(Duration),
    Over,
}

/// Takes the code.
///
/// # Errors
/// 403 for a form of another browser.
pub async fn submit(context: Context) -> Result<HttpResponse, Refused> {
    let form = own_form(&context)?;
    let browser = gate::check_guest(&context, FACTOR, form.get("csrf_token"))?;
    let Some(cookie) = cookies::factor_attempt(&context) else { return Ok(over(&context)) };
    let typed = form.get("code").unwrap_or_default().to_owned();
    let (scales, policy, language) = (scales(&context), context.state.config.sessions, context.language);
    let (moment, origin) = (context.moment.clone(), context.origin.clone());
    let arrival = Arrival::of(&context, browser);
    let written = context.state.db.write("second factor", Class::Durable, move |conn| {
        let at = (&moment, &origin);
        let outcome = factor_attempt::complete(conn, (&cookie, &browser), &typed, (&scales, &policy), at)?;
        let (completed, onward, recovered) = match outcome {
            Outcome::SignedIn { completed, onward, recovered } => (completed, onward, recovered),
            Outcome::Wrong => return Ok(Taken::Wrong),
            Outcome::Spent { retry_after } => return Ok(Taken::Spent(retry_after)),
            Outcome::Over => return Ok(Taken::Over),
        };
        if recovered {
            let by = By::request(Actor::User(completed.user.id), at);
            post::recovery_code_used(conn, &completed.user, language, &by)?;
        }
        Ok(Taken::Arrived(Box::new(arrival.complete(conn, *completed, &onward, Tell::OfNewBrowser)?)))
    });
    match written.await?.into_inner() {
        Taken::Arrived(arrived) => Ok(arrived.answer(&context)),
        Taken::Wrong => {
            let wrong = FormError::new("code", say::step_up_code_wrong());
            render(&context, StatusCode::BAD_REQUEST, vec![wrong])
        }
        Taken::Spent(retry_after) => {
            let error = FormError::new("code", wait(retry_after));
            let response = render(&context, StatusCode::TOO_MANY_REQUESTS, vec![error])?;
            Ok(spent(&context, Spent::Factors, retry_after, response))
        }
        Taken::Over => Ok(over(&context)),
    }
}
