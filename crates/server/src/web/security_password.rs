//! A new password, by who knows the old one or has just proved a second factor.

use crate::answer;
use crate::context::Context;
use crate::extract::cookies;
use crate::letters::post;
use crate::metrics::Spent;
use crate::refused::Refused;
use crate::web::gate::{Stopped, Visitor, own_form};
use crate::web::onward::keep_known;
use crate::web::own_password::Asked;
use crate::web::security::{self, DONE_PASSWORD, PASSWORD, back, next_of, scales, wait};
use crate::web::sessions::keys_of;
use crate::web::{new_password, spent};
use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use delivery::AccountChange;
use directory::access::Keys;
use login::session;
use model::audit::{Actor, By};
use model::secret::Secret;
use model::user::SignedIn;
use std::time::Duration;
use store::Class;
use store::tables::users;
use views::pages::FormError;
use views::say;

/// What the old password is compared with.
enum Old {
    /// Nothing: there is none, or a second factor was proved lately.
    NotAsked,
    /// This one.
    Asked(Asked),
    /// Too many were wrong.
    Spent(Duration),
}

/// Changes it. Everything that the old one let in ends; this browser goes on with a new session.
///
/// # Errors
/// 403 for a form of another session; to the step-up where the last proof is too old.
pub async fn change(context: Context) -> Result<HttpResponse, Refused> {
    let form = own_form(&context)?;
    let visitor = Visitor::of(&context);
    visitor.check((), PASSWORD, form.get("csrf_token"))?;
    let next = next_of(&form);
    let current = Secret::new(form.get("current").unwrap_or_default().to_owned());
    let new = Secret::new(form.get("password").unwrap_or_default().to_owned());
    let same = !current.expose().is_empty() && current.expose() == new.expose();
    let (signed_in, old) = begin(&context, visitor.clone()).await?;
    let user = signed_in.user();
    let may_be_set = context.state.passwords.may_be_set(&new, &[&user.email, &user.name]).await;
    if let (Old::Asked(asked), Err(_) | Ok(Err(_))) = (&old, &may_be_set) {
        asked.give_back(&context).await?;
    }
    if let Err(weak) = may_be_set? {
        let errors = vec![FormError::new("password", new_password::in_words(weak))];
        return security::again(&context, StatusCode::BAD_REQUEST, next, errors).await;
    }
    let asked = match old {
        Old::NotAsked => None,
        Old::Asked(asked) => Some(asked),
        Old::Spent(retry_after) => {
            let errors = vec![FormError::new("current", wait(retry_after))];
            let response = security::again(&context, StatusCode::TOO_MANY_REQUESTS, next, errors).await?;
            return Ok(spent(&context, Spent::Passwords, retry_after, response));
        }
    };
    if let Some(asked) = &asked
        && !asked.is(&context, current).await?
    {
        let errors = vec![FormError::new("current", say::password_not_current())];
        return security::again(&context, StatusCode::BAD_REQUEST, next, errors).await;
    }
    if same {
        if let Some(asked) = &asked {
            asked.give_back(&context).await?;
        }
        let errors = vec![FormError::new("password", say::password_same())];
        return security::again(&context, StatusCode::BAD_REQUEST, next, errors).await;
    }
    let hash = match context.state.passwords.hash(new).await {
        Ok(hash) => hash,
        Err(failed) => {
            if let Some(asked) = &asked {
                asked.give_back(&context).await?;
            }
            return Err(failed.into());
        }
    };
    store(&context, visitor, hash, asked, (next, keys_of(&form))).await
}

async fn begin(context: &Context, visitor: Visitor) -> Result<(SignedIn, Old), Refused> {
    let (scales, policy) = (scales(context), context.state.config.sessions);
    let at = (context.moment.clone(), context.origin.clone());
    let written = context.state.db.write("begin password change", Class::Durable, move |conn| {
        let signed_in = match visitor.require_fresh(conn)? {
            Ok(signed_in) => signed_in,
            Err(stopped) => return Ok(Err(stopped)),
        };
        let user = signed_in.user().id;
        let hash = users::password_hash(conn, user)?;
        let by_factor = signed_in.session().is_fresh_by_factor(at.0.now(), &policy);
        let Some(hash) = hash.filter(|_| !by_factor) else { return Ok(Ok((signed_in, Old::NotAsked))) };
        let by = By::request(Actor::User(user), (&at.0, &at.1));
        let old = Asked::charge(conn, user, hash, &scales, &by)?.map_or_else(Old::Spent, Old::Asked);
        Ok(Ok((signed_in, old)))
    });
    Ok(written.await?.into_inner()?)
}

async fn store(
    context: &Context,
    visitor: Visitor,
    hash: Secret,
    asked: Option<Asked>,
    (next, keys): (Option<&str>, Keys),
) -> Result<HttpResponse, Refused> {
    let (policy, moment, origin) = (context.state.config.sessions, context.moment.clone(), context.origin.clone());
    let language = context.language;
    let written = context.state.db.write("change password", Class::Durable, move |conn| {
        let Some(before) = visitor.signed_in(conn)? else { return Ok(Err(Stopped::SignedOut)) };
        let user = before.user().id;
        let held = users::held_to_change(conn, user)?;
        let trusted = held.is_some_and(|held| held.trusts(before.session().auth_time));
        let still = match &asked {
            Some(asked) => asked.still(conn, user)?,
            None => true,
        };
        if !still || !trusted {
            return Ok(Err(Stopped::SignedOut));
        }
        let by = By::request(Actor::User(user), (&moment, &origin));
        directory::users::set_password(conn, user, &hash, keys, &by)?;
        let Some(user) = users::held_to_change(conn, user)? else { return Ok(Err(Stopped::SignedOut)) };
        post::account_changed(conn, (&user, language), AccountChange::PasswordChanged, &by)?;
        let lifetime = before.session().expires_at.since(moment.now());
        Ok(Ok((session::begin_anew(conn, user, before.session(), &policy, (&moment, &origin))?, lifetime)))
    });
    let (completed, left) = written.await?.into_inner()?;
    let public_url = &context.state.config.public_url;
    let mut response = answer::see_other(&back(Some(DONE_PASSWORD), next));
    cookies::set_session(&mut response, public_url, &completed.new.cookie, (left > policy.plain).then_some(left));
    keep_known(context, &mut response, &completed.user, completed.device_cookie.as_ref());
    Ok(response)
}
