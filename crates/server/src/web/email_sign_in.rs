//! Signing in by a letter instead of a password.
//!
//! 1. Somebody types an address; a letter goes there with a code and a link, whatever the address is.
//! 2. Both are good in the browser that asked alone, which is known by its pre-session: whoever reads somebody else's
//!    letter, or is talked into reading a code out, has nothing of it elsewhere.
//! 3. The code is typed, or the link opened and confirmed by a button. A code is charged before it is looked at, to the
//!    network and to the address, as a password is; five wrong ones end the letter.

use crate::answer;
use crate::context::Context;
use crate::metrics::Spent;
use crate::refused::Refused;
use crate::web::ask_by_mail::{self, Asking, typed_address};
use crate::web::gate::{self, Guest, own_form};
use crate::web::onward::{Arrival, Settled, Tell};
use crate::web::security::scales;
use crate::web::{dead_link, frame, from_letter, next_of, page, spent, unreadable};
use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use login::csrf::FormPurpose;
use login::mail_link::sign_in::{self, Brought, Outcome};
use login::mail_link::{self, Asked};
use model::fault::Fault;
use model::mail_link::LinkKind;
use model::secret::Digest;
use model::user::User;
use routes::url;
use std::time::Duration;
use store::{Class, Conn};
use views::pages::{EmailCode, EmailConfirm, Form, FormError};
use views::{Message, say};

const ASK: FormPurpose<'static> = FormPurpose { action: "email-sign-in", object: "" };
const CODE: FormPurpose<'static> = FormPurpose { action: "email-code", object: "" };
const CONFIRM: &str = "email-confirm";

fn asking(next: &str, remember: bool) -> Asking<'static> {
    let hidden = vec![("next", next.to_owned())];
    Asking { what: "sign_in", action: url::LOGIN_BY_EMAIL, purpose: ASK, hidden, remember }
}

/// Shows the form for the address.
///
/// # Errors
/// Where the query can't be read.
pub async fn show(context: Context) -> Result<HttpResponse, Refused> {
    let next = next_of(&context.query().map_err(unreadable)?);
    ask_by_mail::show(&context, &asking(&next, false), None, StatusCode::OK, ("", None))
}

/// Takes the address.
///
/// # Errors
/// 403 for a form of another browser.
pub async fn submit(context: Context) -> Result<HttpResponse, Refused> {
    let form = own_form(&context)?;
    let browser = gate::check_guest(&context, ASK, form.get("csrf_token"))?;
    let asking = asking(&next_of(&form), form.has("remember"));
    let (email, email_key) = match typed_address(&form) {
        Ok(address) => address,
        Err(error) => {
            let typed = form.get("email").unwrap_or_default();
            return ask_by_mail::show(&context, &asking, None, StatusCode::BAD_REQUEST, (typed, Some(error)));
        }
    };
    let asked = Asked {
        kind: LinkKind::SignIn,
        email: email.clone(),
        email_key,
        org_id: None,
        browser: Some(browser),
        next: next_of(&form),
        remember: asking.remember,
    };
    match ask_by_mail::ask(&context, asked, None).await? {
        Ok(()) => Ok(answer::see_other(url::EMAIL_CODE)),
        Err(retry_after) => ask_by_mail::too_often(&context, &asking, None, &email, retry_after),
    }
}

/// Shows the form for the code.
///
/// # Errors
/// `Broken` where the template is.
pub async fn code_page(context: Context) -> Result<HttpResponse, Refused> {
    render_code(&context, StatusCode::OK, None)
}

fn render_code(context: &Context, status: StatusCode, sentence: Option<Message>) -> Result<HttpResponse, Refused> {
    let guest = Guest::of(context);
    let shown = EmailCode {
        form: Form {
            action: url::EMAIL_CODE.to_owned(),
            csrf_token: guest.form_token(context, CODE.action, CODE.object),
            hidden: Vec::new(),
        },
        again_url: url::LOGIN_BY_EMAIL.to_owned(),
        errors: sentence.map(|sentence| FormError::new("code", sentence)).into_iter().collect(),
    };
    let mut response =
        page(context, status, &shown, &frame::bare(&context.state, &context.request_id(), context.language))?;
    guest.keep(context, &mut response);
    Ok(response)
}

/// What comes of a code or of a confirmed link.
enum Tried {
    Right(Settled),
    Wrong,
    Spent(Duration),
}

/// Takes the code.
///
/// # Errors
/// 403 for a form of another browser.
pub async fn code(context: Context) -> Result<HttpResponse, Refused> {
    let form = own_form(&context)?;
    let browser = gate::check_guest(&context, CODE, form.get("csrf_token"))?;
    let typed = form.get("code").unwrap_or_default().to_owned();
    if typed.trim().is_empty() {
        return render_code(&context, StatusCode::BAD_REQUEST, Some(say::email_code_missing()));
    }
    match attempt(&context, browser, Brought::Code(typed)).await? {
        Tried::Right(settled) => Ok(settled.answer(&context)),
        Tried::Wrong => render_code(&context, StatusCode::BAD_REQUEST, Some(say::email_code_wrong())),
        Tried::Spent(retry_after) => {
            let response = render_code(&context, StatusCode::TOO_MANY_REQUESTS, Some(say::email_code_spent()))?;
            Ok(spent(&context, Spent::EmailCodes, retry_after, response))
        }
    }
}

/// Shows the page that the letter's link leads to: a button in the browser that asked, a sentence in any other.
///
/// # Errors
/// The database's.
pub async fn link(context: Context) -> Result<HttpResponse, Refused> {
    let token = context.path("token").to_owned();
    if let Some(onward) = from_letter(&context, &url::email_link(&token))? {
        return Ok(onward);
    }
    let (wanted, keys, now) = (token.clone(), context.state.keyring.clone(), context.now());
    let found = context.state.db.snapshot("sign-in link", move |conn| {
        let Some(link) = mail_link::live(conn, LinkKind::SignIn, &wanted, &keys, now)? else { return Ok(None) };
        Ok(mail_link::account(conn, &link)?.map(|_| link))
    });
    let Some(link) = found.await? else { return dead_link(&context, url::LOGIN_BY_EMAIL) };
    let guest = Guest::of(&context);
    let same = link.browser.is_some_and(|browser| browser.same(&guest.digest));
    let shown = EmailConfirm {
        form: same.then(|| Form {
            action: url::email_link(&token),
            csrf_token: guest.form_token(&context, CONFIRM, &token),
            hidden: Vec::new(),
        }),
    };
    page(&context, StatusCode::OK, &shown, &frame::bare(&context.state, &context.request_id(), context.language))
}

/// Takes the confirmed link.
///
/// # Errors
/// 403 for a form of another browser.
pub async fn confirm(context: Context) -> Result<HttpResponse, Refused> {
    let form = own_form(&context)?;
    let token = context.path("token").to_owned();
    let browser = gate::check_guest(&context, FormPurpose { action: CONFIRM, object: &token }, form.get("csrf_token"))?;
    match attempt(&context, browser, Brought::Link(token)).await? {
        Tried::Right(settled) => Ok(settled.answer(&context)),
        Tried::Wrong | Tried::Spent(_) => dead_link(&context, url::LOGIN_BY_EMAIL),
    }
}

/// Looks at the proof and begins the session, all or nothing but for what a wrong code costs.
async fn attempt(context: &Context, browser: Digest, brought: Brought) -> Result<Tried, Fault> {
    let (scales, policy) = (scales(context), context.state.config.sessions);
    let (moment, origin, arrival) = (context.moment.clone(), context.origin.clone(), Arrival::of(context, browser));
    let written = context.state.db.write("sign in by e-mail", Class::Durable, move |conn| {
        let known = |conn: &mut Conn, user: &User| arrival.known.to(conn, user);
        let at = (&moment, &origin);
        Ok(match sign_in::complete(conn, (&brought, &browser), known, (&scales, &policy), at)? {
            Outcome::Wrong => Tried::Wrong,
            Outcome::Spent { retry_after } => Tried::Spent(retry_after),
            // The letter that they have just read tells them already.
            Outcome::Right(outcome, onward) => match arrival.settle(conn, outcome, &onward, Tell::Never)? {
                Ok(settled) => Tried::Right(settled),
                Err(_) => Tried::Wrong,
            },
        })
    });
    Ok(written.await?.into_inner())
}
