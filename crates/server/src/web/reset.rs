//! A new password for who forgot the old one.
//!
//! 1. Somebody types an address; a letter goes there, whatever the address is.
//! 2. Its link leads to a page that asks for a password. Opening it changes nothing.
//! 3. Sending that page's form uses the link up, sets the password, ends everything that the old one let in, and makes
//!    this browser known. Nobody is signed in by it: whatever else the account asks for is asked for at the sign-in.

use crate::answer;
use crate::context::Context;
use crate::extract::cookies;
use crate::letters::post;
use crate::refused::Refused;
use crate::web::ask_by_mail::{self, Asking, typed_address};
use crate::web::gate::{self, Guest, own_form};
use crate::web::onward::keep_known;
use crate::web::{dead_link, frame, from_letter, new_password, page, unreadable};
use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use delivery::AccountChange;
use directory::access::Keys;
use login::csrf::FormPurpose;
use login::known_device;
use login::mail_link::{self, Asked};
use model::audit::{Actor, By};
use model::mail_link::LinkKind;
use model::secret::Secret;
use model::user::User;
use routes::url;
use store::Class;
use store::tables::users;
use views::pages::{Form, FormError, LetterSent, NewPassword};
use views::say;

const ASK: FormPurpose<'static> = FormPurpose { action: "reset", object: "" };
const CHOOSE: &str = "reset-choose";

fn asking() -> Asking<'static> {
    Asking { what: "reset", action: url::RESET, purpose: ASK, hidden: Vec::new(), remember: false }
}

/// Shows the form for the address, or that the letter is on its way.
///
/// # Errors
/// Where the query can't be read.
pub async fn show(context: Context) -> Result<HttpResponse, Refused> {
    let query = context.query().map_err(unreadable)?;
    if query.has("sent") {
        let sent = LetterSent { what: "reset".to_owned(), again_url: url::RESET.to_owned(), login_url: None };
        return page(
            &context,
            StatusCode::OK,
            &sent,
            &frame::bare(&context.state, &context.request_id(), context.language),
        );
    }
    ask_by_mail::show(&context, &asking(), None, StatusCode::OK, ("", None))
}

/// Takes the address.
///
/// # Errors
/// 403 for a form of another browser.
pub async fn submit(context: Context) -> Result<HttpResponse, Refused> {
    let form = own_form(&context)?;
    gate::check_guest(&context, ASK, form.get("csrf_token"))?;
    let (email, email_key) = match typed_address(&form) {
        Ok(address) => address,
        Err(error) => {
            let typed = form.get("email").unwrap_or_default();
            return ask_by_mail::show(&context, &asking(), None, StatusCode::BAD_REQUEST, (typed, Some(error)));
        }
    };
    let asked = Asked {
        kind: LinkKind::Reset,
        email: email.clone(),
        email_key,
        org_id: None,
        browser: None,
        next: url::ORGANIZATIONS.to_owned(),
        remember: false,
    };
    match ask_by_mail::ask(&context, asked, None).await? {
        Ok(()) => Ok(answer::see_other(url::RESET_SENT)),
        Err(retry_after) => ask_by_mail::too_often(&context, &asking(), None, &email, retry_after),
    }
}

/// Shows the page that a letter's link leads to.
///
/// # Errors
/// The database's.
pub async fn link(context: Context) -> Result<HttpResponse, Refused> {
    let token = context.path("token").to_owned();
    if let Some(onward) = from_letter(&context, &url::reset_link(&token))? {
        return Ok(onward);
    }
    match find(&context, &token).await? {
        Some((user, _)) => render(&context, &token, &user, StatusCode::OK, None),
        None => dead_link(&context, url::RESET),
    }
}

/// The account of a good link, and the hash of its password where it has one.
async fn find(context: &Context, token: &str) -> Result<Option<(User, Option<Secret>)>, Refused> {
    let (token, keys, now) = (token.to_owned(), context.state.keyring.clone(), context.now());
    let found = context.state.db.snapshot("reset link", move |conn| {
        let Some(link) = mail_link::live(conn, LinkKind::Reset, &token, &keys, now)? else { return Ok(None) };
        let Some(user) = mail_link::account(conn, &link)? else { return Ok(None) };
        let hash = users::password_hash(conn, user.id)?;
        Ok(Some((user, hash)))
    });
    Ok(found.await?)
}

fn render(
    context: &Context,
    token: &str,
    user: &User,
    status: StatusCode,
    error: Option<FormError>,
) -> Result<HttpResponse, Refused> {
    let guest = Guest::of(context);
    let shown = NewPassword {
        form: Form {
            action: url::reset_link(token),
            csrf_token: guest.form_token(context, CHOOSE, token),
            hidden: Vec::new(),
        },
        email: user.email.clone(),
        errors: error.into_iter().collect(),
    };
    let mut response =
        page(context, status, &shown, &frame::bare(&context.state, &context.request_id(), context.language))?;
    guest.keep(context, &mut response);
    Ok(response)
}

/// Sets the password.
///
/// # Errors
/// 403 for a form of another browser.
pub async fn complete(context: Context) -> Result<HttpResponse, Refused> {
    let form = own_form(&context)?;
    let token = context.path("token").to_owned();
    gate::check_guest(&context, FormPurpose { action: CHOOSE, object: &token }, form.get("csrf_token"))?;
    // Looked at first: only who holds a good link is worth a hash.
    let Some((user, before)) = find(&context, &token).await? else { return dead_link(&context, url::RESET) };
    let password = match new_password::chosen(&context, &form, &[&user.email, &user.name]).await? {
        Ok(password) => password,
        Err(error) => return render(&context, &token, &user, StatusCode::BAD_REQUEST, Some(error)),
    };
    // Whoever resets it may do so because somebody else knows it.
    if before.is_some() && context.state.passwords.verify(password.clone(), before).await? {
        let error = FormError::new("password", say::password_same());
        return render(&context, &token, &user, StatusCode::BAD_REQUEST, Some(error));
    }
    let hash = new_password::hash(&context, password).await?;
    match set(&context, token, hash).await? {
        None => dead_link(&context, url::RESET),
        Some((user, device_cookie)) => {
            let mut response = answer::see_other(url::LOGIN_AFTER_RESET);
            cookies::clear_session(&mut response, &context.state.config.public_url);
            keep_known(&context, &mut response, &user, device_cookie.as_ref());
            Ok(response)
        }
    }
}

/// Uses the link up and sets the password, all or nothing.
async fn set(context: &Context, token: String, hash: Secret) -> Result<Option<(User, Option<Secret>)>, Refused> {
    let (keys, policy) = (context.state.keyring.clone(), context.state.config.sessions);
    let (moment, origin, language) = (context.moment.clone(), context.origin.clone(), context.language);
    let written = context.state.db.write("reset password", Class::Durable, move |conn| {
        let now = moment.now();
        let Some(link) = mail_link::take(conn, LinkKind::Reset, &token, &keys, now)? else { return Ok(None) };
        let Some(user) = mail_link::held_account(conn, &link)? else { return Ok(None) };
        let by = By::request(Actor::User(user.id), (&moment, &origin));
        directory::users::set_password(conn, user.id, &hash, Keys::All, &by)?;
        // Whoever reads the letter holds the address.
        users::note_verified(conn, user.id, now)?;
        let (_, cookie) = known_device::remember(conn, user.id, None, (&moment, &origin), &policy)?;
        post::account_changed(conn, (&user, language), AccountChange::PasswordChanged, &by)?;
        Ok(Some((user, cookie)))
    });
    Ok(written.await?.into_inner())
}
