//! Where a browser waits whose sign-in a letter asks about.
//!
//! 1. The sign-in leads here with a cookie for its attempt. The page says the number that the letter's reader has to type.
//! 2. The page's script asks how far it is, which changes nothing, and sends the form of *Continue* when it is approved.
//!    With scripts off somebody presses the button.
//! 3. *Continue* turns the approval into the session of this browser, whoever approved and wherever.

use crate::answer;
use crate::context::Context;
use crate::extract::cookies;
use crate::letters::{Reader, post};
use crate::refused::Refused;
use crate::web::gate::{self, Guest, Visitor, own_form};
use crate::web::onward::{Arrival, Arrived, Tell};
use crate::web::{frame, page};
use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use login::attempt::{self, Outcome, Seen};
use login::csrf::FormPurpose;
use model::fault::Fault;
use model::login_attempt::{self, AttemptState, Completes};
use routes::url;
use serde_json::json;
use store::Class;
use views::pages::{Form, FormError, NewDevice, NewDeviceOver};
use views::text::When;
use views::{Message, say};

const CONTINUE: FormPurpose<'static> = FormPurpose { action: "new-device", object: "" };
const LETTER: FormPurpose<'static> = FormPurpose { action: "new-device-letter", object: "" };
pub(super) const RECOVERY: FormPurpose<'static> = FormPurpose { action: "new-device-recovery", object: "" };

/// The attempt of this browser, where it has one.
async fn waiting(context: &Context) -> Result<Option<Seen>, Fault> {
    let cookies = (cookies::login_attempt(context), cookies::pre_session(context));
    let (Some(cookie), Some(browser)) = cookies else { return Ok(None) };
    context.state.db.read("waiting sign-in", move |conn| attempt::seen(conn, (&cookie, &browser))).await
}

/// Shows the number. A browser for which nothing waits goes to the sign-in page.
///
/// # Errors
/// The database's.
pub async fn show(context: Context) -> Result<HttpResponse, Refused> {
    match waiting(&context).await? {
        Some(seen) => render(&context, &seen, StatusCode::OK, Said::default()),
        None => Ok(answer::see_other(url::LOGIN)),
    }
}

/// Says how far it is, to the page's script.
///
/// # Errors
/// The database's.
pub async fn state(context: Context) -> Result<HttpResponse, Refused> {
    let completes = waiting(&context).await?.map_or(Completes::Never, |seen| seen.completes(&context.moment));
    let word = match completes {
        Completes::Waits => "waiting",
        Completes::Now => "approved",
        Completes::Never => "over",
    };
    Ok(answer::json(StatusCode::OK, &json!({ "state": word })))
}

/// What the page says besides.
#[derive(Default)]
pub(super) struct Said {
    notice: Option<Message>,
    error: Option<FormError>,
}

impl Said {
    /// What is wrong with the recovery code.
    pub(super) fn of_code(sentence: Message) -> Self {
        Self { error: Some(FormError::new("code", sentence)), notice: None }
    }
}

pub(super) fn render(context: &Context, seen: &Seen, status: StatusCode, said: Said) -> Result<HttpResponse, Refused> {
    if seen.completes(&context.moment) == Completes::Never {
        return over(context, Some(seen.attempt.state), StatusCode::OK);
    }
    let guest = Guest::of(context);
    let form = |purpose: FormPurpose<'_>, action: &str| Form {
        action: action.to_owned(),
        csrf_token: guest.form_token(context, purpose.action, purpose.object),
        hidden: Vec::new(),
    };
    let (attempt, now) = (&seen.attempt, context.now());
    let another = attempt.letters.count < login_attempt::MOST_LETTERS;
    let shown = NewDevice {
        number: login_attempt::number(&context.state.keyring, attempt.id),
        email: seen.user.email.clone(),
        known: attempt.known_device.is_some(),
        expires: When::coming(attempt.expires_at(), now),
        onward: form(CONTINUE, url::NEW_DEVICE),
        letter: another.then(|| form(LETTER, url::NEW_DEVICE_LETTER)),
        state_url: url::NEW_DEVICE_STATE.to_owned(),
        notice: said.notice,
        recovery: form(RECOVERY, url::NEW_DEVICE_RECOVERY),
        errors: said.error.into_iter().collect(),
    };
    let mut response = page(context, status, &shown, &frame::of_organization(context, None))?;
    guest.keep(context, &mut response);
    Ok(response)
}

pub(super) fn over(
    context: &Context,
    state: Option<AttemptState>,
    status: StatusCode,
) -> Result<HttpResponse, Refused> {
    let shown = NewDeviceOver {
        denied: matches!(state, Some(AttemptState::Denied { .. })),
        wrong_numbers: matches!(state, Some(AttemptState::Ended { .. })),
        login_url: url::LOGIN.to_owned(),
    };
    page(context, status, &shown, &frame::of_organization(context, None))
}

/// What becomes of *Continue*, in its transaction.
enum Continued {
    Arrived(Box<Arrived>),
    Waits(Box<Seen>),
    /// This browser has its session already: the button was pressed twice.
    SignedIn,
    Never(Option<AttemptState>),
}

/// *Continue*.
///
/// # Errors
/// 403 for a form of another browser.
pub async fn submit(context: Context) -> Result<HttpResponse, Refused> {
    let form = own_form(&context)?;
    let (cookie, guest) = match (cookies::login_attempt(&context), cookies::pre_session(&context)) {
        (Some(cookie), Some(_)) => (cookie, gate::check_guest(&context, CONTINUE, form.get("csrf_token"))?),
        _ => return again(&context).await,
    };
    let policy = context.state.config.sessions;
    let (moment, origin, arrival) = (context.moment.clone(), context.origin.clone(), Arrival::of(&context, guest));
    let visitor = Visitor::of(&context);
    let written = context.state.db.write("complete waiting sign-in", Class::Durable, move |conn| {
        let cookies = (&cookie, &guest);
        Ok(match attempt::complete(conn, cookies, &policy, (&moment, &origin))? {
            Outcome::SignedIn(completed, onward) => {
                Continued::Arrived(Box::new(arrival.complete(conn, *completed, &onward, Tell::Never)?))
            }
            Outcome::Waits => match attempt::seen(conn, cookies)? {
                Some(seen) => Continued::Waits(Box::new(seen)),
                None => Continued::Never(None),
            },
            Outcome::Never if visitor.signed_in(conn)?.is_some() => Continued::SignedIn,
            Outcome::Never => Continued::Never(attempt::seen(conn, cookies)?.map(|seen| seen.attempt.state)),
        })
    });
    match written.await?.into_inner() {
        Continued::Arrived(arrived) => Ok(arrived.answer(&context)),
        Continued::Waits(seen) => render(
            &context,
            &seen,
            StatusCode::BAD_REQUEST,
            Said { error: Some(FormError::new("", say::new_device_not_yet())), ..Said::default() },
        ),
        Continued::SignedIn => Ok(answer::see_other(url::HOME)),
        Continued::Never(state) => over(&context, state, StatusCode::CONFLICT),
    }
}

/// A second *Continue*, which comes with the cookies of the session that the first one brought.
async fn again(context: &Context) -> Result<HttpResponse, Refused> {
    let visitor = Visitor::of(context);
    let signed_in = context.state.db.read("session", move |conn| visitor.signed_in(conn)).await?;
    if signed_in.is_some() { Ok(answer::see_other(url::HOME)) } else { Err(Refused::Forged) }
}

/// Sends another letter.
///
/// # Errors
/// 403 for a form of another browser.
pub async fn letter(context: Context) -> Result<HttpResponse, Refused> {
    let form = own_form(&context)?;
    let guest = gate::check_guest(&context, LETTER, form.get("csrf_token"))?;
    let Some(cookie) = cookies::login_attempt(&context) else { return Ok(answer::see_other(url::LOGIN)) };
    let (moment, asked_in) = (context.moment.clone(), context.language);
    let written = context.state.db.write("another letter", Class::Durable, move |conn| {
        let cookies = (&cookie, &guest);
        let again = attempt::write_again(conn, cookies, &moment)?;
        if let Some(seen) = &again {
            let to = Reader { user: &seen.user, asked_in };
            post::login_approval(conn, &seen.attempt, to, &moment)?;
        }
        Ok((again.is_some(), attempt::seen(conn, cookies)?))
    });
    match written.await?.into_inner() {
        (_, None) => Ok(answer::see_other(url::LOGIN)),
        (true, Some(seen)) => {
            render(&context, &seen, StatusCode::OK, Said { notice: Some(say::new_device_another()), error: None })
        }
        (false, Some(seen)) => render(
            &context,
            &seen,
            StatusCode::TOO_MANY_REQUESTS,
            Said { error: Some(FormError::new("", say::new_device_too_soon())), notice: None },
        ),
    }
}

/// Sends a browser here whose sign-in waits.
pub(super) fn wait_here(context: &Context, waiting: &attempt::Waiting) -> HttpResponse {
    let mut response = answer::see_other(url::NEW_DEVICE);
    cookies::set_login_attempt(&mut response, &context.state.config.public_url, &waiting.cookie, login_attempt::LIFE);
    response
}
