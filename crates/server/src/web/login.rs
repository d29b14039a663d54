//! Signing in and out.

use crate::answer;
use crate::context::Context;
use crate::extract::cookies;
use crate::letters::post;
use crate::metrics::Spent;
use crate::refused::Refused;
use crate::web::embedded::request::Hints;
use crate::web::gate::{self, Guest, Visitor, own_form};
use crate::web::onward::{Arrival, Settled, Tell, Unsettled, device_suffix};
use crate::web::{frame, login_passkey, next_of, page, spent, upstream};
use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use delivery::AccountChange;
use login::csrf::FormPurpose;
use login::sign_in::{self, Attempt, Begun, Comparison};
use login::waiting_code;
use model::fault::Fault;
use model::id::OrgId;
use model::login_attempt;
use model::org::{Organization, Registration};
use model::secret::{Digest, Purpose, Secret};
use model::time::minutes_up;
use model::upstream::Provider;
use model::user::email_key;
use model::user_code::TypedCode;
use routes::url;
use std::time::Duration;
use store::tables::organizations;
use store::{Class, Conn};
use views::pages::{FormError, Login};
use views::{Message, say};

const LOGIN: FormPurpose<'static> = FormPurpose { action: "login", object: "" };
pub(super) const LOGOUT: FormPurpose<'static> = FormPurpose { action: "logout", object: "" };

/// Shows the sign-in page; somebody signed in goes on at once, unless they are to sign in as somebody else.
///
/// # Errors
/// The database's.
pub async fn show(context: Context) -> Result<HttpResponse, Refused> {
    let query = context.query().unwrap_or_default();
    let next = next_of(&query);
    let notice = if query.has("signed_out") {
        Some(say::signed_out())
    } else if query.has("deleted") {
        Some(say::account_deleted())
    } else if query.has(url::ANOTHER) {
        Some(say::sign_in_as_another())
    } else {
        query.has("reset").then(say::password_is_changed)
    };
    let (visitor, on_the_way) = (Visitor::of(&context), next.clone());
    let around = match visitor.session.filter(|_| !query.has(url::ANOTHER)) {
        None => Some(around(&context, &next).await?),
        Some(_) => {
            let seen = context.state.db.snapshot("sign-in page", move |conn| {
                let signed_in = visitor.signed_in(conn)?.is_some();
                Ok(if signed_in { None } else { Some(Around::read(conn, &on_the_way)?) })
            });
            seen.await?
        }
    };
    let Some(around) = around else { return Ok(answer::see_other(&next)) };
    let again = query.has("again").then(say::factor_over).or_else(|| upstream::problem(&query));
    let errors = again.map(|sentence| FormError::new("", sentence)).into_iter().collect();
    let email = Hints::on_the_way(&next).email;
    draw(&context, StatusCode::OK, Typed { email, next, ..Typed::default() }, around, (notice, errors))
}

/// What somebody typed, less the password.
#[derive(Clone, Default)]
pub(super) struct Typed {
    pub(super) email: String,
    pub(super) remember: bool,
    pub(super) next: String,
}

/// The organization whose page comes next, so that its mark stands above the form, and its own providers.
#[derive(Default)]
struct Around {
    organization: Option<Organization>,
    providers: Vec<Provider>,
}

impl Around {
    fn read(conn: &mut Conn, next: &str) -> Result<Self, Fault> {
        let Some(org) = url::organization_of(next) else { return Ok(Self::default()) };
        Ok(Self { organization: organizations::by_id(conn, &org)?, providers: upstream::own_of(conn, &org)? })
    }
}

async fn around(context: &Context, next: &str) -> Result<Around, Fault> {
    if url::organization_of(next).is_none() {
        return Ok(Around::default());
    }
    let next = next.to_owned();
    context.state.db.snapshot("around sign-in page", move |conn| Around::read(conn, &next)).await
}

/// Shows the page again, with what is wrong.
pub(super) async fn render(
    context: &Context,
    status: StatusCode,
    typed: Typed,
    errors: Vec<FormError>,
) -> Result<HttpResponse, Refused> {
    let around = around(context, &typed.next).await?;
    draw(context, status, typed, around, (None, errors))
}

fn draw(
    context: &Context,
    status: StatusCode,
    typed: Typed,
    Around { organization, providers }: Around,
    (notice, errors): (Option<Message>, Vec<FormError>),
) -> Result<HttpResponse, Refused> {
    let guest = Guest::of(context);
    let home = organization.as_ref().map_or_else(OrgId::instance, |organization| organization.id.clone());
    let on_the_way = Some(()).filter(|()| typed.next.starts_with(&url::device(&home)));
    let providers = upstream::buttons(context, &guest, (providers, organization.as_ref()), &typed.next);
    let shown = Login {
        providers,
        action: url::LOGIN.to_owned(),
        passkey: login_passkey::form(context, &guest, &typed.next),
        csrf_token: guest.form_token(context, LOGIN.action, LOGIN.object),
        reason: on_the_way.map(|_| say::sign_in_for_device()),
        by_email_url: url::login_by_email(&typed.next),
        next: typed.next.clone(),
        email: typed.email,
        remember: typed.remember,
        notice,
        reset_url: url::RESET.to_owned(),
        register_url: organization
            .as_ref()
            .filter(|organization| organization.registration != Registration::ByInvitation)
            .map(|organization| url::register_towards(&organization.id, &typed.next)),
        errors,
    };
    let mut response = page(context, status, &shown, &frame::of_organization(context, organization.as_ref()))?;
    guest.keep(context, &mut response);
    Ok(response)
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
        return render(&context, StatusCode::BAD_REQUEST, typed, complaints).await;
    }
    // What can't be an address is looked up all the same: it has no account, and costs as much to find that out.
    let key = email_key(&typed.email).unwrap_or_else(|| typed.email.to_lowercase());
    let attempt = Attempt {
        device_cookie: cookies::known_device(&context, &device_suffix(&context, &key)),
        email_key: key,
        origin: context.origin.clone(),
    };
    let comparison = match begin(&context, attempt).await? {
        Begun::Compare(comparison) => comparison,
        Begun::Spent { retry_after, .. } => return too_often(&context, typed, retry_after).await,
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
        Ok(settled) => Ok(settled.answer(&context)),
        Err(Unsettled::Refused) => wrong(&context, typed).await,
        Err(Unsettled::TooManyWait) => too_many_wait(&context, typed).await,
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
    render(context, StatusCode::BAD_REQUEST, typed, vec![error]).await
}

async fn too_often(context: &Context, typed: Typed, retry_after: Duration) -> Result<HttpResponse, Refused> {
    let error = FormError::new("", say::login_spent(minutes_up(retry_after)));
    let response = render(context, StatusCode::TOO_MANY_REQUESTS, typed, vec![error]).await?;
    Ok(spent(context, Spent::Passwords, retry_after, response))
}

async fn too_many_wait(context: &Context, typed: Typed) -> Result<HttpResponse, Refused> {
    let error = FormError::new("", say::too_many_wait());
    let mut response = render(context, StatusCode::TOO_MANY_REQUESTS, typed, vec![error]).await?;
    crate::refused::set_retry_after(&mut response, Some(login_attempt::LIFE));
    Ok(response)
}

async fn begin(context: &Context, attempt: Attempt) -> Result<Begun, Fault> {
    let (limits, key) = (context.state.config.budgets, context.state.keyring.key(Purpose::Budget));
    let (moment, asked_in) = (context.moment.clone(), context.language);
    let written = context.state.db.write_shedding("begin sign-in", Class::Durable, move |conn| {
        let begun = sign_in::begin(conn, &attempt, &limits, &key, &moment)?;
        if let Begun::Spent { alarm: Some(alarm), .. } = &begun {
            alarm.tell(conn, (&moment, &attempt.origin), |conn, user, by| {
                post::account_changed(conn, (user, asked_in), AccountChange::AttemptsSpent, by)
            })?;
        }
        Ok(begun)
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

async fn complete(
    context: &Context,
    comparison: Comparison,
    typed: &Typed,
    guest: Digest,
) -> Result<Result<Settled, Unsettled>, Fault> {
    let arrival = Arrival::of(context, guest);
    let waiter = arrival.waiter(login_attempt::Onward { next: typed.next.clone(), remember: typed.remember });
    let (policy, moment, origin) = (context.state.config.sessions, context.moment.clone(), context.origin.clone());
    let written = context.state.db.write("complete sign-in", Class::Durable, move |conn| {
        let outcome = sign_in::complete(conn, &comparison, &waiter, &policy, (&moment, &origin))?;
        arrival.settle(conn, outcome, &waiter.onward, Tell::OfNewBrowser)
    });
    Ok(written.await?.into_inner())
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
        visitor.end_session(conn, (&moment, &origin))?;
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
        None => {
            let next = form.get("next").and_then(url::own_path);
            answer::see_other(&next.map_or_else(|| url::LOGIN_SIGNED_OUT.to_owned(), url::login_to))
        }
    };
    cookies::clear_session(&mut response, public_url);
    Ok(response)
}
