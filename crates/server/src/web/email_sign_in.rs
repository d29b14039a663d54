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
use crate::refused::{Refused, set_retry_after};
use crate::web::ask_by_mail::{self, Asking, typed_address};
use crate::web::gate::{self, Guest, own_form};
use crate::web::onward::{Arrival, Arrived};
use crate::web::{dead_link, frame, from_letter, login_factor, page, unreadable};
use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use login::budget::{self, Charging};
use login::csrf::FormPurpose;
use login::mail_link::{self, Asked};
use login::{factor_attempt, totp};
use model::budget::Budget;
use model::login_attempt::Onward;
use model::mail_link::LinkKind;
use model::secret::{Digest, Purpose, Secret};
use model::session::Reach;
use model::user::email_key;
use routes::url;
use std::time::Duration;
use store::Class;
use store::tables::mail_links;
use views::pages::{EmailCode, EmailConfirm, Form, FormError};
use views::{Message, say};

const ASK: FormPurpose<'static> = FormPurpose { action: "email-sign-in", object: "" };
const CODE: FormPurpose<'static> = FormPurpose { action: "email-code", object: "" };
const CONFIRM: &str = "email-confirm";

fn asking(next: &str) -> Asking<'static> {
    Asking { what: "sign_in", action: url::LOGIN_BY_EMAIL, purpose: ASK, hidden: vec![("next", next.to_owned())] }
}

fn next_of(params: &protocol::params::Params) -> String {
    params.get("next").and_then(url::own_path).unwrap_or(url::ORGANIZATIONS).to_owned()
}

/// Shows the form for the address.
///
/// # Errors
/// Where the query can't be read.
pub async fn show(context: Context) -> Result<HttpResponse, Refused> {
    let next = next_of(&context.query().map_err(unreadable)?);
    ask_by_mail::show(&context, &asking(&next), None, StatusCode::OK, ("", None))
}

/// Takes the address.
///
/// # Errors
/// 403 for a form of another browser.
pub async fn submit(context: Context) -> Result<HttpResponse, Refused> {
    let form = own_form(&context)?;
    let browser = gate::check_guest(&context, ASK, form.get("csrf_token"))?;
    let next = next_of(&form);
    let (email, email_key) = match typed_address(&form) {
        Ok(address) => address,
        Err(error) => {
            let typed = form.get("email").unwrap_or_default();
            return ask_by_mail::show(&context, &asking(&next), None, StatusCode::BAD_REQUEST, (typed, Some(error)));
        }
    };
    let asked = Asked {
        kind: LinkKind::SignIn,
        email: email.clone(),
        email_key,
        org_id: None,
        browser: Some(browser),
        next: next.clone(),
        remember: form.has("remember"),
    };
    match ask_by_mail::ask(&context, asked, None).await? {
        Ok(()) => Ok(answer::see_other(url::EMAIL_CODE)),
        Err(retry_after) => ask_by_mail::spent(&context, &asking(&next), None, &email, retry_after),
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
    Arrived(Box<Arrived>),
    /// The account has an authenticator app: its code is to come, from the browser with this cookie.
    FactorMissing(Secret),
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
    match attempt(&context, Proof::Code(browser, typed)).await? {
        Tried::Arrived(arrived) => Ok(arrived.answer(&context)),
        Tried::FactorMissing(cookie) => Ok(login_factor::ask(&context, &cookie)),
        Tried::Wrong => render_code(&context, StatusCode::BAD_REQUEST, Some(say::email_code_wrong())),
        Tried::Spent(retry_after) => {
            context.state.metrics.spent(Spent::Codes);
            let mut response = render_code(&context, StatusCode::TOO_MANY_REQUESTS, Some(say::email_code_spent()))?;
            set_retry_after(&mut response, Some(retry_after));
            Ok(response)
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
    match attempt(&context, Proof::Link(browser, token)).await? {
        Tried::Arrived(arrived) => Ok(arrived.answer(&context)),
        Tried::FactorMissing(cookie) => Ok(login_factor::ask(&context, &cookie)),
        Tried::Wrong | Tried::Spent(_) => dead_link(&context, url::LOGIN_BY_EMAIL),
    }
}

/// What the browser with this pre-session brings.
#[derive(Clone)]
enum Proof {
    Code(Digest, String),
    Link(Digest, String),
}

/// Looks at the proof and begins the session, all or nothing but for what a wrong code costs.
async fn attempt(context: &Context, proof: Proof) -> Result<Tried, Refused> {
    let (keys, limits) = (context.state.keyring.clone(), context.state.config.budgets);
    let (moment, origin) = (context.moment.clone(), context.origin.clone());
    let budget_key = keys.key(Purpose::Budget);
    let browser = match &proof {
        Proof::Code(browser, _) | Proof::Link(browser, _) => *browser,
    };
    let arrival = Arrival::of(context, browser);
    let written = context.state.db.write("sign in by e-mail", Class::Durable, move |conn| {
        let now = moment.now();
        let link = match &proof {
            Proof::Link(browser, token) => {
                let link = mail_link::live(conn, LinkKind::SignIn, token, &keys, now)?;
                // Another browser's attempt uses nothing up.
                let own = link.filter(|link| link.browser.is_some_and(|asked| asked.same(browser)));
                match own {
                    Some(link) => mail_links::spend(conn, link.id, now)?.then_some(link),
                    None => None,
                }
            }
            Proof::Code(browser, typed) => {
                let Some(link) = mail_links::newest_of_browser(conn, LinkKind::SignIn, browser)? else {
                    return Ok(Tried::Wrong);
                };
                // As a password, so that it is no cheaper to guess at.
                let wanted = [
                    Budget::PasswordsByNetwork(origin.network()),
                    Budget::PasswordsByAddress(email_key(&link.email).unwrap_or_default()),
                ];
                let receipt = match budget::charge(conn, &wanted, &limits, &budget_key, now)? {
                    Charging::Taken(receipt) => receipt,
                    Charging::Spent { retry_after } => return Ok(Tried::Spent(retry_after)),
                };
                if !link.lives(now) {
                    return Ok(Tried::Wrong);
                }
                if !link.is_code(typed, &keys) {
                    mail_links::count_wrong_code(conn, link.id)?;
                    return Ok(Tried::Wrong);
                }
                budget::refund(conn, &receipt)?;
                mail_links::spend(conn, link.id, now)?.then_some(link)
            }
        };
        let Some(link) = link else { return Ok(Tried::Wrong) };
        let Some(user) = mail_link::held_account(conn, &link)? else { return Ok(Tried::Wrong) };
        // The mailbox was read in this very browser.
        store::tables::users::note_verified(conn, user.id, now)?;
        let onward = Onward { next: link.next, remember: link.remember };
        if totp::since(conn, user.id)?.is_some() {
            // The letter is in the place of the password, and of nothing else.
            let known = arrival.known.to(conn, &user)?;
            let waiting = factor_attempt::open(conn, &user, (&browser, &onward), (known, &Reach::Everywhere), &moment)?;
            return Ok(Tried::FactorMissing(waiting));
        }
        Ok(Tried::Arrived(Box::new(arrival.begin(conn, user, false, &onward)?)))
    });
    Ok(written.await?.into_inner())
}
