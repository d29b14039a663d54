//! Signing in and out.

use crate::answer;
use crate::claim::{Claiming, Continued, claim};
use crate::context::Context;
use crate::extract::cookies;
use crate::metrics::Spent;
use crate::refused::Refused;
use crate::web::device;
use crate::web::gate::{self, Guest, Visitor, own_form};
use crate::web::{frame, login_factor, page};
use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use directory::members::member;
use login::csrf::FormPurpose;
use login::factor_attempt::Wish;
use login::sign_in::{self, Attempt, Begun, Comparison, Completed};
use login::{known_device, session, waiting_code};
use model::fault::Fault;
use model::id::{GrantId, OrgId};
use model::org::{Organization, Registration};
use model::secret::{Digest, Purpose, Secret};
use model::user::{SignedIn, email_key};
use model::user_code::TypedCode;
use protocol::params::Params;
use routes::url;
use std::time::Duration;
use store::tables::organizations;
use store::{Class, Conn};
use views::pages::{FormError, Login};
use views::{Message, say};

const LOGIN: FormPurpose<'static> = FormPurpose { action: "login", object: "" };
pub(super) const LOGOUT: FormPurpose<'static> = FormPurpose { action: "logout", object: "" };

/// Shows the sign-in page; somebody signed in goes on at once.
///
/// # Errors
/// The database's.
pub async fn show(context: Context) -> Result<HttpResponse, Refused> {
    let query = context.query().unwrap_or_default();
    let next = next_of(&query);
    let notice = if query.has("signed_out") {
        Some(say::signed_out())
    } else {
        query.has("reset").then(say::password_is_changed)
    };
    let visitor = Visitor::of(&context);
    if visitor.session.is_some()
        && context.state.db.read("session", move |conn| visitor.signed_in(conn)).await?.is_some()
    {
        return Ok(answer::see_other(&next));
    }
    let errors = query.has("again").then(|| FormError::new("", say::factor_over())).into_iter().collect();
    render(&context, StatusCode::OK, Typed { next, ..Typed::default() }, notice, errors).await
}

/// What somebody typed, less the password.
#[derive(Clone, Default)]
pub(super) struct Typed {
    pub(super) email: String,
    pub(super) remember: bool,
    pub(super) next: String,
}

fn next_of(params: &Params) -> String {
    params.get("next").and_then(url::own_path).unwrap_or(url::ORGANIZATIONS).to_owned()
}

async fn render(
    context: &Context,
    status: StatusCode,
    typed: Typed,
    notice: Option<Message>,
    errors: Vec<FormError>,
) -> Result<HttpResponse, Refused> {
    let organization = organization_of(context, &typed.next).await?;
    let guest = Guest::of(context);
    let on_the_way =
        organization.as_ref().filter(|organization| typed.next.starts_with(&url::device(&organization.id)));
    let shown = Login {
        action: url::LOGIN.to_owned(),
        csrf_token: guest.form_token(context, LOGIN.action, LOGIN.object),
        reason: on_the_way.map(|_| say::sign_in_for_device()),
        by_email_url: url::login_by_email(&typed.next),
        next: typed.next,
        email: typed.email,
        remember: typed.remember,
        notice,
        reset_url: url::RESET.to_owned(),
        register_url: organization
            .as_ref()
            .filter(|organization| organization.registration != Registration::ByInvitation)
            .map(|organization| url::register_at(&organization.id)),
        errors,
    };
    let mut response = page(context, status, &shown, &frame::of_organization(context, organization.as_ref()))?;
    guest.keep(context, &mut response);
    Ok(response)
}

/// The organization whose page comes next, so that its mark stands above the form.
async fn organization_of(context: &Context, next: &str) -> Result<Option<Organization>, Fault> {
    let segment = next.strip_prefix("/orgs/").and_then(|rest| rest.split(['/', '?']).next());
    let Some(org) = segment.and_then(|segment| OrgId::parse(segment).ok()) else { return Ok(None) };
    context.state.db.read("organization", move |conn| organizations::by_id(conn, &org)).await
}

/// Where somebody goes who has just signed in.
pub(super) enum Onward {
    /// To the page that they came from.
    Next,
    /// To the review of the code that they had typed.
    Review(OrgId, GrantId),
    /// Back to the code, which does not work.
    Problem(OrgId, &'static str),
    /// To the page of an organization that they do not belong to, which says so and takes the code along.
    NotTheirs(OrgId, TypedCode),
}

/// Takes the form of the sign-in page.
///
/// # Errors
/// 403 for a form of another browser.
pub async fn submit(context: Context) -> Result<HttpResponse, Refused> {
    let form = own_form(&context)?;
    let guest = gate::check_guest(&context, LOGIN, form.get("csrf_token"))?;
    let typed = Typed {
        email: form.get("email").unwrap_or_default().to_owned(),
        remember: form.has("remember"),
        next: next_of(&form),
    };
    let password = Secret::new(form.get("password").unwrap_or_default().to_owned());
    let complaints = complaints(&typed, &password);
    if !complaints.is_empty() {
        return render(&context, StatusCode::BAD_REQUEST, typed, None, complaints).await;
    }
    // What can't be an address is looked up all the same: it has no account, and costs as much to find that out.
    let key = email_key(&typed.email).unwrap_or_else(|| typed.email.to_lowercase());
    let suffix = known_device::cookie_suffix(&context.state.keyring.key(Purpose::KnownDevice), &key);
    let attempt = Attempt {
        email_key: key,
        device_cookie: cookies::known_device(&context, &suffix),
        origin: context.origin.clone(),
    };
    let comparison = match begin(&context, attempt).await? {
        Begun::Compare(comparison) => comparison,
        Begun::Spent { retry_after } => return spent(&context, typed, retry_after).await,
    };
    match context.state.passwords.verify(password, comparison.hash()).await {
        Ok(true) => {}
        Ok(false) => return wrong(&context, typed).await,
        Err(failed) => {
            give_back(&context, *comparison).await;
            return Err(failed.into());
        }
    }
    match complete(&context, *comparison, &typed, guest).await? {
        Completion::Refused => wrong(&context, typed).await,
        Completion::FactorMissing(cookie) => Ok(login_factor::ask(&context, &cookie)),
        Completion::Arrived(completed, onward) => Ok(signed_in(&context, &completed, &onward, &typed, &suffix)),
    }
}

fn complaints(typed: &Typed, password: &Secret) -> Vec<FormError> {
    let mut complaints = Vec::new();
    if typed.email.trim().is_empty() {
        complaints.push(FormError::new("email", say::login_email_missing()));
    } else if typed.email.len() > model::user::LONGEST_EMAIL {
        complaints.push(FormError::new("email", say::login_email_too_long()));
    }
    if password.expose().is_empty() {
        complaints.push(FormError::new("password", say::login_password_missing()));
    } else if password.expose().len() > login::password::LONGEST {
        complaints.push(FormError::new("password", say::login_password_too_long()));
    }
    complaints
}

async fn wrong(context: &Context, typed: Typed) -> Result<HttpResponse, Refused> {
    // One sentence for a wrong password and for an address without account.
    let error = FormError::new("", say::login_wrong());
    render(context, StatusCode::BAD_REQUEST, typed, None, vec![error]).await
}

async fn spent(context: &Context, typed: Typed, retry_after: Duration) -> Result<HttpResponse, Refused> {
    context.state.metrics.spent(Spent::Passwords);
    let minutes = retry_after.as_secs().div_ceil(60).max(1);
    let error = FormError::new("", say::login_spent(minutes));
    let mut response = render(context, StatusCode::TOO_MANY_REQUESTS, typed, None, vec![error]).await?;
    crate::refused::set_retry_after(&mut response, Some(retry_after));
    Ok(response)
}

async fn begin(context: &Context, attempt: Attempt) -> Result<Begun, Fault> {
    let (limits, key, moment) =
        (context.state.config.budgets, context.state.keyring.key(Purpose::Budget), context.moment.clone());
    let written = context.state.db.write_shedding("begin sign-in", Class::Durable, move |conn| {
        sign_in::begin(conn, &attempt, &limits, &key, &moment)
    });
    Ok(written.await?.into_inner())
}

/// A password that we could not compare was no guess. Where this fails too, the guess stays charged, which errs on the
/// safe side.
async fn give_back(context: &Context, comparison: Comparison) {
    let written = context
        .state
        .db
        .write("give back guess", Class::Durable, move |conn| sign_in::not_evaluated(conn, &comparison));
    if let Err(failed) = written.await {
        crate::fault::log(&failed, "give back guess");
    }
}

/// What a right password has come to, in its transaction.
enum Completion {
    Arrived(Box<Completed>, Onward),
    FactorMissing(Secret),
    Refused,
}

async fn complete(
    context: &Context,
    comparison: Comparison,
    typed: &Typed,
    guest: Digest,
) -> Result<Completion, Fault> {
    let wish = Wish { browser: guest, next: typed.next.clone(), remember: typed.remember };
    let (policy, moment, origin) = (context.state.config.sessions, context.moment.clone(), context.origin.clone());
    let visitor = Visitor::of(context);
    let with = Claiming::of(context);
    let written = context.state.db.write("complete sign-in", Class::Durable, move |conn| {
        Ok(match sign_in::complete(conn, &comparison, &policy, &wish, (&moment, &origin))? {
            sign_in::Outcome::Refused => Completion::Refused,
            sign_in::Outcome::FactorMissing(cookie) => Completion::FactorMissing(cookie),
            sign_in::Outcome::SignedIn(completed) => {
                let onward = arrive(conn, &completed, &wish.next, (&guest, &visitor, &with))?;
                Completion::Arrived(completed, onward)
            }
        })
    });
    Ok(written.await?.into_inner())
}

/// What follows a sign-in, in its transaction.
pub(super) fn arrive(
    conn: &mut Conn,
    completed: &Completed,
    next: &str,
    (guest, visitor, with): (&Digest, &Visitor, &Claiming),
) -> Result<Onward, Fault> {
    // A browser has one session: whoever was signed in before is not any more.
    if let Some(before) = visitor.signed_in(conn)? {
        session::end(conn, &before, &with.moment, &with.origin)?;
    }
    match SignedIn::prove(completed.new.session.clone(), completed.user.clone(), with.moment.now()) {
        Some(signed_in) => onward(conn, next, signed_in, (guest, with)),
        None => Ok(Onward::Next),
    }
}

/// The code that waits is used up here, whatever becomes of it: none is left for somebody else who signs in later. Who
/// was on the way to another page has not come for it.
fn onward(
    conn: &mut Conn,
    next: &str,
    signed_in: SignedIn,
    (guest, with): (&Digest, &Claiming),
) -> Result<Onward, Fault> {
    let waiting = waiting_code::take(conn, guest, &with.keyring, &with.moment)?;
    let Some((org, code)) = waiting.filter(|(org, _)| next == url::ORGANIZATIONS || is_device_page(next, org)) else {
        return Ok(Onward::Next);
    };
    let Some(member) = member(conn, &org, signed_in, with.moment.now())? else {
        return Ok(Onward::NotTheirs(org, code));
    };
    Ok(match claim(conn, &member, &code, with)? {
        Continued::Claimed(grant) => Onward::Review(org, grant),
        Continued::WrongCode => Onward::Problem(org, device::PROBLEM_CODE),
        Continued::Spent { .. } => Onward::Problem(org, device::PROBLEM_SPENT),
    })
}

fn is_device_page(next: &str, org: &OrgId) -> bool {
    next.split('?').next() == Some(url::device(org).as_str())
}

pub(super) fn signed_in(
    context: &Context,
    completed: &Completed,
    onward: &Onward,
    typed: &Typed,
    suffix: &str,
) -> HttpResponse {
    let target = match onward {
        Onward::Next => typed.next.clone(),
        Onward::Review(org, grant) => url::device_review(org, *grant),
        Onward::NotTheirs(org, code) => url::device_with_code(org, code.as_str()),
        Onward::Problem(org, problem) => url::device_with_problem(org, problem),
    };
    if matches!(onward, Onward::Problem(_, device::PROBLEM_SPENT)) {
        context.state.metrics.spent(Spent::Codes);
    }
    let mut response = answer::see_other(&target);
    let (public_url, policy) = (&context.state.config.public_url, &context.state.config.sessions);
    cookies::set_session(&mut response, public_url, &completed.new.cookie, typed.remember.then_some(policy.remembered));
    cookies::clear_pre_session(&mut response, public_url);
    if let Some(secret) = &completed.device_cookie {
        cookies::set_known_device(&mut response, public_url, suffix, secret, policy.known_device);
    }
    response
}

/// Signs out. A code that waits in this browser is forgotten; one that the form brings, with the organization on whose
/// page it was typed, waits for the account that is signed in with next.
///
/// # Errors
/// 403 for a form of another session.
pub async fn logout(context: Context) -> Result<HttpResponse, Refused> {
    let form = own_form(&context)?;
    let visitor = Visitor::of(&context);
    visitor.check((), LOGOUT, form.get("csrf_token"))?;
    let (moment, origin, keyring) = (context.moment.clone(), context.origin.clone(), context.state.keyring.clone());
    let (before, guest) = (cookies::pre_session(&context), Guest::fresh(&context));
    let cookie = guest.digest;
    let brought = form.get("organization").and_then(|org| OrgId::parse(org).ok());
    let brought = brought.map(|org| (org, TypedCode::read(form.get("user_code").unwrap_or_default())));
    let written = context.state.db.write("sign out", Class::Durable, move |conn| {
        if let Some(signed_in) = visitor.signed_in(conn)? {
            session::end(conn, &signed_in, &moment, &origin)?;
        }
        if let Some(before) = &before {
            waiting_code::forget(conn, before)?;
        }
        let Some((org, code)) = &brought else { return Ok(None) };
        if organizations::by_id(conn, org)?.is_none() {
            return Ok(None);
        }
        let kept =
            code.as_str().is_empty() || waiting_code::keep(conn, (&cookie, org), code, &keyring, (&moment, &origin))?;
        Ok(Some(if kept { url::device(org) } else { url::device_with_code(org, code.as_str()) }))
    });
    let public_url = &context.state.config.public_url;
    let mut response = match written.await?.into_inner() {
        Some(next) => {
            let mut response = answer::see_other(&url::login_to(&next));
            guest.keep(&context, &mut response);
            response
        }
        None => answer::see_other(&format!("{}?signed_out=1", url::LOGIN)),
    };
    cookies::clear_session(&mut response, public_url);
    Ok(response)
}
