//! The end of an account, by its owner.

use crate::answer;
use crate::context::Context;
use crate::extract::cookies;
use crate::letters::post;
use crate::refused::Refused;
use crate::web::gate::{Stopped, Visitor, own_form};
use crate::web::profile::{self, Seen};
use crate::web::{frame, page};
use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use delivery::AccountChange;
use directory::account;
use login::csrf::FormPurpose;
use model::audit::{Actor, By};
use model::org::Organization;
use model::user::email_key;
use routes::url;
use store::Class;
use store::tables::users;
use views::pages::{self, Form, FormError};
use views::say;

const DELETE: FormPurpose<'static> = FormPurpose { action: "account-delete", object: "" };

/// Asks.
///
/// # Errors
/// To the sign-in page where nobody is signed in.
pub async fn show(context: Context) -> Result<HttpResponse, Refused> {
    let (visitor, now) = (Visitor::of(&context), context.now());
    let read = context.state.db.snapshot("account to delete", move |conn| {
        Ok(match Seen::read(conn, &visitor, now)? {
            Ok(seen) => Ok((account::owned_alone(conn, seen.signed_in.user())?, seen)),
            Err(stopped) => Err(stopped),
        })
    });
    let (alone, seen) = read.await??;
    render(&context, StatusCode::OK, &seen, (&alone, Vec::new()))
}

fn render(
    context: &Context,
    status: StatusCode,
    seen: &Seen,
    (alone, errors): (&[Organization], Vec<FormError>),
) -> Result<HttpResponse, Refused> {
    let session = &seen.signed_in.session().digest;
    let shown = pages::DeleteAccount {
        side: frame::account_side(url::PROFILE),
        errors,
        email: seen.signed_in.user().email.clone(),
        owned_alone: alone.iter().map(|organization| organization.name.clone()).collect(),
        form: Form {
            action: url::DELETE_ACCOUNT.to_owned(),
            csrf_token: Visitor::of(context).form_token(session, DELETE.action, DELETE.object),
            hidden: Vec::new(),
        },
        back_url: url::PROFILE.to_owned(),
    };
    page(context, status, &shown, &frame::of_account(context, None, &seen.signed_in, &seen.organizations))
}

/// What comes of it.
enum Deleted {
    Gone,
    OtherAddress,
    /// These would be left without an owner.
    OnlyOwner(Vec<Organization>),
}

/// Deletes it.
///
/// # Errors
/// 403 for a form of another session; to the step-up where the last proof is too old.
pub async fn delete(context: Context) -> Result<HttpResponse, Refused> {
    let form = own_form(&context)?;
    let visitor = Visitor::of(&context);
    visitor.check((), DELETE, form.get("csrf_token"))?;
    let typed = email_key(form.get("email").unwrap_or_default());
    let (moment, origin, language) = (context.moment.clone(), context.origin.clone(), context.language);
    let written = context.state.db.write("delete account", Class::Durable, move |conn| {
        let signed_in = match visitor.require_fresh(conn)? {
            Ok(signed_in) => signed_in,
            Err(stopped) => return Ok(Err(stopped)),
        };
        let Some(user) = users::held_to_change(conn, signed_in.user().id)? else {
            return Ok(Err(Stopped::SignedOut));
        };
        if typed.is_none() || typed != email_key(&user.email) {
            return Ok(Ok(Deleted::OtherAddress));
        }
        let by = By::request(Actor::User(user.id), (&moment, &origin));
        Ok(Ok(match account::delete(conn, &user, &by)? {
            Ok(()) => {
                post::account_changed(conn, (&user, language), AccountChange::AccountDeleted, &by)?;
                Deleted::Gone
            }
            Err(alone) => Deleted::OnlyOwner(alone),
        }))
    });
    match written.await?.into_inner().map_err(|stopped| stopped.leading_back_to(url::DELETE_ACCOUNT))? {
        Deleted::Gone => {
            let mut response = answer::see_other(url::LOGIN_AFTER_DELETION);
            cookies::clear_session(&mut response, &context.state.config.public_url);
            Ok(response)
        }
        Deleted::OtherAddress => {
            let wrong = FormError::new("email", say::delete_account_other_address());
            render(&context, StatusCode::BAD_REQUEST, &profile::look(&context).await?, (&[], vec![wrong]))
        }
        Deleted::OnlyOwner(alone) => {
            render(&context, StatusCode::CONFLICT, &profile::look(&context).await?, (&alone, Vec::new()))
        }
    }
}
