//! Another address for an account: asked for by who has lately proved who they are, proven by a letter to the other
//! address, and told to both.

use crate::answer;
use crate::context::Context;
use crate::letters::post;
use crate::metrics::Spent;
use crate::refused::Refused;
use crate::web::ask_by_mail::{self, typed_address};
use crate::web::gate::{Stopped, Visitor, own_form};
use crate::web::onward::{Known, keep_known};
use crate::web::profile::{self, EMAIL, EMAIL_CHANGED, LETTER_SENT, Seen, Typed};
use crate::web::{dead_link, frame, from_letter, page, spent};
use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use delivery::{AccountChange, To};
use directory::account;
use login::csrf::FormPurpose;
use login::email_change::{self, Outcome};
use login::known_device;
use model::audit::{Actor, By};
use model::email_change::EmailChange;
use model::secret::{Purpose, Secret};
use model::user::User;
use routes::url;
use std::time::Duration;
use store::Class;
use store::tables::users;
use views::pages::{EmailChangePage, Form};
use views::say;

const CONFIRM: &str = "email-change-confirm";

/// What comes of asking.
enum Asked {
    Sent,
    /// It is theirs already.
    Same,
    Spent(Duration),
}

/// Asks for a letter to the other address.
///
/// # Errors
/// 403 for a form of another session; to the step-up where the last proof is too old.
pub async fn ask(context: Context) -> Result<HttpResponse, Refused> {
    let form = own_form(&context)?;
    let visitor = Visitor::of(&context);
    visitor.check((), EMAIL, form.get("csrf_token"))?;
    let (email, key) = match typed_address(&form) {
        Ok(address) => address,
        Err(error) => {
            let typed = Typed::address(form.get("email").unwrap_or_default(), error.sentence);
            return profile::render(&context, StatusCode::BAD_REQUEST, &profile::look(&context).await?, typed);
        }
    };
    let (limits, budget_key) = (context.state.config.budgets, context.state.keyring.key(Purpose::Budget));
    let (moment, origin, language) = (context.moment.clone(), context.origin.clone(), context.language);
    let typed = email.clone();
    let written = context.state.db.write("ask for another address", Class::Durable, move |conn| {
        let signed_in = match visitor.require_fresh(conn)? {
            Ok(signed_in) => signed_in,
            Err(stopped) => return Ok(Err(stopped)),
        };
        let Some(user) = users::held_to_change(conn, signed_in.user().id)? else {
            return Ok(Err(Stopped::SignedOut));
        };
        if user.email == email {
            return Ok(Ok(Asked::Same));
        }
        let at = (&moment, &origin);
        let change = match email_change::ask(conn, &user, (&email, &key), (&limits, &budget_key), at)? {
            Outcome::Write(change) => Some(change),
            Outcome::Taken => None,
            Outcome::Spent { retry_after } => return Ok(Ok(Asked::Spent(retry_after))),
        };
        let to = To { address: &email, language: user.language.unwrap_or(language) };
        post::email_change(conn, change.as_ref(), to, at)?;
        Ok(Ok(Asked::Sent))
    });
    let asked = written.await?.into_inner().map_err(|stopped| stopped.leading_back_to(url::PROFILE))?;
    let (status, sentence, wait) = match asked {
        Asked::Sent => return Ok(answer::see_other(&url::after(url::PROFILE, LETTER_SENT))),
        Asked::Same => (StatusCode::BAD_REQUEST, say::email_is_yours(), None),
        Asked::Spent(wait) => (StatusCode::TOO_MANY_REQUESTS, ask_by_mail::too_many(wait), Some(wait)),
    };
    let seen = profile::look(&context).await?;
    let response = profile::render(&context, status, &seen, Typed::address(&typed, sentence))?;
    Ok(match wait {
        Some(retry_after) => spent(&context, Spent::Letters, retry_after, response),
        None => response,
    })
}

/// Shows what the letter's link is for.
///
/// # Errors
/// To the sign-in page where nobody is signed in.
pub async fn link(context: Context) -> Result<HttpResponse, Refused> {
    let token = context.path("token").to_owned();
    if let Some(onward) = from_letter(&context, &url::email_change(&token))? {
        return Ok(onward);
    }
    let (visitor, keys, now) = (Visitor::of(&context), context.state.keyring.clone(), context.now());
    let wanted = token.clone();
    let read = context.state.db.snapshot("change of address", move |conn| {
        Ok(match Seen::read(conn, &visitor, now)? {
            Ok(seen) => Ok((email_change::find(conn, seen.signed_in.user(), &wanted, &keys, now)?, seen)),
            Err(stopped) => Err(stopped),
        })
    });
    let (found, seen) = read.await??;
    let Some(change) = found else { return dead_link(&context, url::PROFILE) };
    let shown = EmailChangePage {
        side: frame::account_side(url::PROFILE),
        email: seen.signed_in.user().email.clone(),
        new_email: change.email,
        form: Form {
            action: url::email_change(&token),
            csrf_token: Visitor::of(&context).form_token(&seen.signed_in.session().digest, CONFIRM, &token),
            hidden: Vec::new(),
        },
        back_url: url::PROFILE.to_owned(),
    };
    page(&context, StatusCode::OK, &shown, &frame::of_account(&context, None, &seen.signed_in, &seen.organizations))
}

/// What comes of the button.
enum Taken {
    Changed(User, Option<Secret>),
    Dead,
    /// The address has got an account meanwhile.
    Elsewhere,
}

/// Takes the other address.
///
/// # Errors
/// 403 for a form of another session, 409 where the address has got an account meanwhile.
pub async fn confirm(context: Context) -> Result<HttpResponse, Refused> {
    let form = own_form(&context)?;
    let token = context.path("token").to_owned();
    let visitor = Visitor::of(&context);
    visitor.check((), FormPurpose { action: CONFIRM, object: &token }, form.get("csrf_token"))?;
    let (keys, policy, language) = (context.state.keyring.clone(), context.state.config.sessions, context.language);
    let (moment, origin, known) = (context.moment.clone(), context.origin.clone(), Known::of(&context));
    let written = context.state.db.write("change address", Class::Durable, move |conn| {
        let signed_in = match visitor.require_signed_in(conn)? {
            Ok(signed_in) => signed_in,
            Err(stopped) => return Ok(Err(stopped)),
        };
        let Some(user) = users::held_to_change(conn, signed_in.user().id)? else {
            return Ok(Err(Stopped::SignedOut));
        };
        let Some(EmailChange { email, .. }) = email_change::find(conn, &user, &token, &keys, moment.now())? else {
            return Ok(Ok(Taken::Dead));
        };
        let by = By::request(Actor::User(user.id), (&moment, &origin));
        // What makes this browser known is found by the address: it is known by the new one from now on.
        let here = known.to(conn, &user)?;
        if !account::change_email(conn, &user, &email, &by)? {
            return Ok(Ok(Taken::Elsewhere));
        }
        let cookie = match here {
            Some(before) => known_device::renamed(conn, user.id, before, (&moment, &origin), &policy)?,
            None => None,
        };
        let now_theirs = User { email: email.clone(), ..user.clone() };
        for told in [&user, &now_theirs] {
            post::account_changed(conn, (told, language), AccountChange::EmailChanged(email.clone()), &by)?;
        }
        Ok(Ok(Taken::Changed(now_theirs, cookie)))
    });
    match written.await?.into_inner()? {
        Taken::Changed(user, cookie) => {
            let mut response = answer::see_other(&url::after(url::PROFILE, EMAIL_CHANGED));
            keep_known(&context, &mut response, &user, cookie.as_ref());
            Ok(response)
        }
        Taken::Dead => dead_link(&context, url::PROFILE),
        Taken::Elsewhere => Err(Refused::Conflict(say::email_taken())),
    }
}
