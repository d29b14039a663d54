//! Signing in by a passkey: no address is typed, and nothing else is asked for.

use crate::context::Context;
use crate::refused::Refused;
use crate::web::gate::{self, Guest, own_form};
use crate::web::login::{self, Typed};
use crate::web::next_of;
use crate::web::onward::{Arrival, Arrived};
use crate::web::passkeys::{passkey_form, refuse_copy, relying_party, told};
use ::login::csrf::FormPurpose;
use ::login::passkey::prove::{self, Brought, Proof, Prover, Verified};
use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use model::audit::{Actor, By};
use model::login_attempt;
use model::secret::Digest;
use routes::url;
use store::Class;
use views::pages::{Form, FormError, HiddenField, PasskeyForm};
use views::{Message, say};

const PASSKEY: FormPurpose<'static> = FormPurpose { action: "login-passkey", object: "" };

/// The form on the sign-in page; nothing where passkeys are off.
pub(super) fn form(context: &Context, guest: &Guest, next: &str) -> Option<PasskeyForm> {
    let form = Form {
        action: url::LOGIN_PASSKEY.to_owned(),
        csrf_token: guest.form_token(context, PASSKEY.action, PASSKEY.object),
        hidden: vec![HiddenField { name: "next".to_owned(), value: next.to_owned() }],
    };
    passkey_form(context, url::LOGIN_PASSKEY_OPTIONS, form)
}

/// Begins: what the browser hands to its authenticator.
///
/// # Errors
/// 403 for a form of another browser, 429 where too many have begun from its network.
pub async fn options(context: Context) -> Result<HttpResponse, Refused> {
    let form = own_form(&context)?;
    let browser = gate::check_guest(&context, PASSKEY, form.get("csrf_token"))?;
    let relying_party = relying_party(&context)?;
    let (moment, origin) = (context.moment.clone(), context.origin.clone());
    // Who loses it begins anew.
    let written = context.state.db.write_shedding("begin sign-in by passkey", Class::Relaxed, move |conn| {
        prove::begin_sign_in(conn, &relying_party, &browser, (&moment, &origin))
    });
    told(written.await?.into_inner())
}

/// What a passkey comes to.
enum Tried {
    Arrived(Box<Arrived>),
    Not(Message),
}

/// Takes what the authenticator has signed.
///
/// # Errors
/// 403 for a form of another browser.
pub async fn submit(context: Context) -> Result<HttpResponse, Refused> {
    let form = own_form(&context)?;
    let browser = gate::check_guest(&context, PASSKEY, form.get("csrf_token"))?;
    let typed = Typed { next: next_of(&form), remember: form.has("remember"), ..Typed::default() };
    let credential = form.get("credential").unwrap_or_default().to_owned();
    match attempt(&context, browser, credential, &typed).await? {
        Tried::Arrived(arrived) => Ok(arrived.answer(&context)),
        Tried::Not(sentence) => {
            let errors = vec![FormError::new("", sentence)];
            login::render(&context, StatusCode::BAD_REQUEST, typed, errors).await
        }
    }
}

async fn attempt(context: &Context, browser: Digest, credential: String, typed: &Typed) -> Result<Tried, Refused> {
    let (relying_party, now) = (relying_party(context)?, context.now());
    if credential.is_empty() {
        return Ok(Tried::Not(say::passkey_missing()));
    }
    let read = context
        .state
        .db
        .snapshot("read passkey", move |conn| prove::read(conn, Prover::Guest(&browser), &credential, now));
    let assertion = match read.await? {
        Brought::Verify(assertion) => *assertion,
        Brought::Unknown => return Ok(Tried::Not(say::passkey_wrong())),
        Brought::Over => return Ok(Tried::Not(say::passkey_over())),
    };
    match relying_party.verify(assertion)? {
        Verified::Wrong => Ok(Tried::Not(say::passkey_wrong())),
        Verified::Copied(proof) => copied(context, *proof, browser).await,
        Verified::Right(proof) => {
            let wish = login_attempt::Onward { next: typed.next.clone(), remember: typed.remember };
            complete(context, *proof, browser, wish).await
        }
    }
}

async fn copied(context: &Context, proof: Proof, browser: Digest) -> Result<Tried, Refused> {
    let by = By::request(Actor::User(proof.user().id), (&context.moment, &context.origin));
    let language = context.language;
    let written = context.state.db.write("refuse passkey", Class::Durable, move |conn| {
        refuse_copy(conn, &proof, Prover::Guest(&browser), &by, language)
    });
    written.await?;
    Ok(Tried::Not(say::passkey_copied()))
}

async fn complete(
    context: &Context,
    proof: Proof,
    browser: Digest,
    wish: login_attempt::Onward,
) -> Result<Tried, Refused> {
    let (now, arrival) = (context.now(), Arrival::of(context, browser));
    let written = context.state.db.write("sign in by passkey", Class::Durable, move |conn| {
        let Some(user) = prove::sign_in(conn, &proof, &browser, now)? else {
            return Ok(Tried::Not(say::passkey_over()));
        };
        Ok(Tried::Arrived(Box::new(arrival.begin_by_passkey(conn, user, &wish)?)))
    });
    Ok(written.await?.into_inner())
}
