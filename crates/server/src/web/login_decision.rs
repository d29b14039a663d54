//! What the links of a letter lead to: whoever reads the account's mail says whether a sign-in is theirs.
//!
//! Following a link shows a page and changes nothing: programs that look through mail follow links, some with a browser.
//! The answer is a form, and approving needs the number that stands where the sign-in waits. The browser that answers
//! gains nothing by it.

use crate::context::Context;
use crate::refused::Refused;
use crate::web::gate::{Guest, check_guest, own_form};
use crate::web::sessions::keys_of;
use crate::web::{frame, page};
use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use directory::access::Keys;
use login::attempt::{self, Seen};
use login::csrf::FormPurpose;
use model::audit::{Actor, By};
use model::id::LoginAttemptId;
use model::login_attempt::{Answer, Answered, AttemptState, Capability, Completes};
use protocol::error::OAuthError;
use routes::url;
use store::Class;
use views::pages::{Form, FormError, HiddenField, LoginDecided, LoginDecision, RequestOrigin};
use views::text::When;
use views::{Message, Page, say};

const DECISION: &str = "login-decision";

/// The form's field, and what it may say.
const FIELD: &str = "decision";
const APPROVE: &str = "approve";
const DENY: &str = "deny";
const SIGN_OUT: &str = "sign-out";

fn link(context: &Context) -> Result<(Capability, LoginAttemptId), Refused> {
    Capability::of(&context.state.keyring, context.path("token")).ok_or(Refused::NotFound)
}

fn purpose(token: &str) -> FormPurpose<'_> {
    FormPurpose { action: DECISION, object: token }
}

/// Asks.
///
/// # Errors
/// 404 for a link that is not one of ours.
pub async fn show(context: Context) -> Result<HttpResponse, Refused> {
    let (capability, id) = link(&context)?;
    let seen = context.state.db.snapshot("sign-in of a letter", move |conn| attempt::found(conn, id)).await?;
    match seen {
        Some(seen) if is_undecided(&context, &seen) => ask(&context, capability, &seen, StatusCode::OK, None),
        _ => over(&context, false),
    }
}

fn is_undecided(context: &Context, seen: &Seen) -> bool {
    matches!(seen.attempt.state, AttemptState::Pending { .. }) && seen.completes(&context.moment) != Completes::Never
}

fn ask(
    context: &Context,
    capability: Capability,
    seen: &Seen,
    status: StatusCode,
    error: Option<Message>,
) -> Result<HttpResponse, Refused> {
    let guest = Guest::of(context);
    let (attempt, now, token) = (&seen.attempt, context.now(), context.path("token"));
    let origin = &attempt.origin;
    let shown = LoginDecision {
        action: url::login_decision(token),
        csrf_token: guest.form_token(context, DECISION, token),
        known: attempt.known_device.is_some(),
        may_approve: capability == Capability::Approve,
        email: seen.user.email.clone(),
        origin: RequestOrigin {
            ip: origin.address.to_string(),
            place: context.state.places.of(origin.address, context.language),
            program: (!origin.program.is_empty()).then(|| origin.program.clone()),
            made: When::past(attempt.created_at, now),
            same_network: origin.network() == context.origin.network(),
        },
        expires: When::coming(attempt.expires_at(), now),
        errors: error.map(|sentence| FormError { field: "number".to_owned(), sentence }).into_iter().collect(),
    };
    let mut response = answered(context, status, &shown)?;
    guest.keep(context, &mut response);
    Ok(response)
}

fn answered(context: &Context, status: StatusCode, shown: &impl Page) -> Result<HttpResponse, Refused> {
    page(context, status, shown, &frame::of_organization(context, None))
}

fn over(context: &Context, wrong_numbers: bool) -> Result<HttpResponse, Refused> {
    let shown = LoginDecided::Over { wrong_numbers, password_url: url::RESET.to_owned() };
    answered(context, StatusCode::GONE, &shown)
}

/// Takes the answer.
///
/// # Errors
/// 403 for a form of another browser, 404 for a link that is not one of ours.
pub async fn decide(context: Context) -> Result<HttpResponse, Refused> {
    let (capability, id) = link(&context)?;
    let form = own_form(&context)?;
    check_guest(&context, purpose(context.path("token")), form.get("csrf_token"))?;
    let answer = match form.get(FIELD) {
        Some(APPROVE) => {
            let typed = form.get("number").unwrap_or_default().trim();
            Answer::Approve { number: typed.parse().ok() }
        }
        Some(SIGN_OUT) => return sign_out(&context, id, keys_of(&form)).await,
        Some(DENY) => Answer::Deny,
        _ => return Err(OAuthError::invalid_request("Go back, and choose Approve Login or Deny Login.").into()),
    };
    let (keys, moment, origin) = (context.state.keyring.clone(), context.moment.clone(), context.origin.clone());
    let written = context.state.db.write("answer a letter", Class::Durable, move |conn| {
        let answered = attempt::decide(conn, (capability, id), answer, &keys, (&moment, &origin))?;
        Ok((answered, attempt::found(conn, id)?))
    });
    match written.await?.into_inner() {
        (Answered::Approved, _) => answered(&context, StatusCode::OK, &LoginDecided::Approved),
        (Answered::Denied, _) => answered(&context, StatusCode::OK, &denied(&context)),
        (Answered::WrongNumber { left }, Some(seen)) => {
            ask(&context, capability, &seen, StatusCode::BAD_REQUEST, Some(wrong_number(left)))
        }
        (Answered::Ended, _) => over(&context, true),
        (Answered::WrongNumber { .. } | Answered::Over, _) => over(&context, false),
    }
}

fn wrong_number(left: i32) -> Message {
    if left == 1 { say::login_number_wrong_last() } else { say::login_number_wrong() }
}

fn denied(context: &Context) -> LoginDecided {
    let token = context.path("token");
    LoginDecided::Denied {
        sign_out: Form {
            action: url::login_decision(token),
            csrf_token: Guest::of(context).form_token(context, DECISION, token),
            hidden: vec![HiddenField { name: FIELD.to_owned(), value: SIGN_OUT.to_owned() }],
        },
        password_url: url::RESET.to_owned(),
    }
}

/// Ends every session of the account, for whoever has just denied a sign-in.
async fn sign_out(context: &Context, id: LoginAttemptId, keys: Keys) -> Result<HttpResponse, Refused> {
    let (moment, origin) = (context.moment.clone(), context.origin.clone());
    let written = context.state.db.write("sign out everywhere", Class::Durable, move |conn| {
        let denied = attempt::found(conn, id)?.filter(|seen| {
            matches!(seen.attempt.state, AttemptState::Denied { .. }) && moment.now() < seen.attempt.expires_at()
        });
        let Some(seen) = denied else { return Ok(false) };
        let by = By::request(Actor::User(seen.user.id), (&moment, &origin));
        directory::users::sign_out_everywhere(conn, seen.user.id, keys, &by)?;
        Ok(true)
    });
    if written.await?.into_inner() {
        answered(context, StatusCode::OK, &LoginDecided::SignedOut { password_url: url::RESET.to_owned() })
    } else {
        over(context, false)
    }
}
