//! Passkeys are registered, renamed, removed.

use crate::answer;
use crate::context::Context;
use crate::extract::request::id;
use crate::letters::post;
use crate::refused::Refused;
use crate::web::gate::{Visitor, own_form};
use crate::web::passkeys::{relying_party, told};
use crate::web::security::{self, DONE_NO_PASSKEY, DONE_PASSKEY, DONE_PASSKEY_NAME, back, next_of};
use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use delivery::AccountChange;
use login::csrf::FormPurpose;
use login::passkey;
use login::passkey::register::{self, Added, Brought, NewPasskey};
use model::audit::{Actor, By};
use model::id::PasskeyId;
use model::name::DisplayName;
use store::Class;
use store::tables::{sessions, users};
use views::pages::FormError;
use views::{Message, say};

pub(super) const ADD: FormPurpose<'static> = FormPurpose { action: "passkey-add", object: "" };

/// What a form about one passkey is for.
pub(super) const RENAME: &str = "passkey-rename";
pub(super) const REMOVE: &str = "passkey-remove";

/// Begins: what the browser hands to its authenticator.
///
/// # Errors
/// 403 for a form of another session; to the step-up where the last proof is too old; 429 where too many have begun from
/// the network.
pub async fn options(context: Context) -> Result<HttpResponse, Refused> {
    let form = own_form(&context)?;
    let visitor = Visitor::of(&context);
    visitor.check((), ADD, form.get("csrf_token"))?;
    let relying_party = relying_party(&context)?;
    let (moment, origin) = (context.moment.clone(), context.origin.clone());
    let written = context.state.db.write("begin to register passkey", Class::Relaxed, move |conn| {
        let signed_in = match visitor.require_fresh(conn)? {
            Ok(signed_in) => signed_in,
            Err(stopped) => return Ok(Err(stopped)),
        };
        let whose = (signed_in.user(), &signed_in.session().digest);
        register::begin(conn, &relying_party, whose, (&moment, &origin)).map(Ok)
    });
    told(written.await?.into_inner()?)
}

/// Takes the passkey that the authenticator has made.
///
/// # Errors
/// 403 for a form of another session; to the step-up where the last proof is too old.
pub async fn add(context: Context) -> Result<HttpResponse, Refused> {
    let form = own_form(&context)?;
    let visitor = Visitor::of(&context);
    visitor.check((), ADD, form.get("csrf_token"))?;
    let (relying_party, next, now) = (relying_party(&context)?, next_of(&form), context.now());
    let Ok(name) = DisplayName::parse(form.get("name").unwrap_or_default()) else {
        return wrong(&context, next, "name", say::passkey_name_wrong()).await;
    };
    let credential = form.get("credential").unwrap_or_default().to_owned();
    let (asking, missing) = (visitor.clone(), credential.is_empty());
    let read = context.state.db.snapshot("read new passkey", move |conn| {
        Ok(match asking.require_fresh(conn)? {
            Ok(signed_in) => Ok(register::read(conn, &signed_in.session().digest, &credential, now)?),
            Err(stopped) => Err(stopped),
        })
    });
    let registration = match read.await?? {
        _ if missing => return wrong(&context, next, "", say::passkey_missing()).await,
        Brought::Verify(registration) => registration,
        Brought::Unreadable => return wrong(&context, next, "", say::passkey_not_made()).await,
        Brought::Over => return wrong(&context, next, "", say::passkey_over()).await,
    };
    let Some(new) = relying_party.verify_registration(&registration)? else {
        return wrong(&context, next, "", say::passkey_not_made()).await;
    };
    match keep(&context, visitor, new, name).await? {
        Added::Yes => Ok(answer::see_other(&back(Some(DONE_PASSKEY), next))),
        Added::Known => wrong(&context, next, "", say::passkey_known()).await,
        Added::TooMany => wrong(&context, next, "", say::passkeys_too_many()).await,
        Added::Over => wrong(&context, next, "", say::passkey_over()).await,
    }
}

async fn keep(context: &Context, visitor: Visitor, new: NewPasskey, name: DisplayName) -> Result<Added, Refused> {
    let (at, language) = ((context.moment.clone(), context.origin.clone()), context.language);
    let written = context.state.db.write("register passkey", Class::Durable, move |conn| {
        let signed_in = match visitor.require_fresh(conn)? {
            Ok(signed_in) => signed_in,
            Err(stopped) => return Ok(Err(stopped)),
        };
        let (user, session) = (signed_in.user(), signed_in.session());
        users::held_to_change(conn, user.id)?;
        let by = By::request(Actor::User(user.id), (&at.0, &at.1));
        let added = register::add(conn, (user, &session.digest), &new, &name, &by)?;
        if added == Added::Yes {
            // Whoever has just made it has shown it.
            sessions::note_factor(conn, session.id, by.now())?;
            let change = AccountChange::PasskeyAdded(name.as_str().to_owned());
            post::account_changed(conn, (user, language), change, &by)?;
        }
        Ok(Ok(added))
    });
    Ok(written.await?.into_inner()?)
}

async fn wrong(context: &Context, next: Option<&str>, field: &str, sentence: Message) -> Result<HttpResponse, Refused> {
    security::again(context, StatusCode::BAD_REQUEST, next, vec![FormError::new(field, sentence)]).await
}

/// Gives a passkey another name.
///
/// # Errors
/// 403 for a form of another session, 404 for a passkey that is not theirs.
pub async fn rename(context: Context) -> Result<HttpResponse, Refused> {
    let form = own_form(&context)?;
    let visitor = Visitor::of(&context);
    let object = context.path("passkey").to_owned();
    visitor.check((), FormPurpose { action: RENAME, object: &object }, form.get("csrf_token"))?;
    relying_party(&context)?;
    let (passkey, next): (PasskeyId, _) = (id(&object)?, next_of(&form));
    let Ok(name) = DisplayName::parse(form.get("name").unwrap_or_default()) else {
        return wrong(&context, next, "", say::passkey_name_wrong()).await;
    };
    let at = (context.moment.clone(), context.origin.clone());
    let written = context.state.db.write("rename passkey", Class::Durable, move |conn| {
        let signed_in = match visitor.require_signed_in(conn)? {
            Ok(signed_in) => signed_in,
            Err(stopped) => return Ok(Err(stopped)),
        };
        let by = By::request(Actor::User(signed_in.user().id), (&at.0, &at.1));
        passkey::rename(conn, signed_in.user().id, passkey, &name, &by).map(Ok)
    });
    if !written.await?.into_inner()? {
        return Err(Refused::NotFound);
    }
    Ok(answer::see_other(&back(Some(DONE_PASSKEY_NAME), next)))
}

/// Removes a passkey.
///
/// # Errors
/// 403 for a form of another session; to the step-up where the last proof is too old.
pub async fn remove(context: Context) -> Result<HttpResponse, Refused> {
    let form = own_form(&context)?;
    let visitor = Visitor::of(&context);
    let object = context.path("passkey").to_owned();
    visitor.check((), FormPurpose { action: REMOVE, object: &object }, form.get("csrf_token"))?;
    relying_party(&context)?;
    let passkey: PasskeyId = id(&object)?;
    let (at, language) = ((context.moment.clone(), context.origin.clone()), context.language);
    let written = context.state.db.write("remove passkey", Class::Durable, move |conn| {
        let signed_in = match visitor.require_fresh(conn)? {
            Ok(signed_in) => signed_in,
            Err(stopped) => return Ok(Err(stopped)),
        };
        let user = signed_in.user();
        users::held_to_change(conn, user.id)?;
        let by = By::request(Actor::User(user.id), (&at.0, &at.1));
        let removed = passkey::remove(conn, user.id, passkey, &by)?;
        if let Some(name) = &removed {
            post::account_changed(conn, (user, language), AccountChange::PasskeyRemoved(name.clone()), &by)?;
        }
        Ok(Ok(removed.is_some()))
    });
    let removed = written.await?.into_inner()?;
    Ok(answer::see_other(&back(removed.then_some(DONE_NO_PASSKEY), next_of(&form))))
}
