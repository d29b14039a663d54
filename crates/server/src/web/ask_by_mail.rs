//! Letters that somebody who is not signed in asks for, by typing an address: the same page, the same work and the same
//! answer whether the address has an account or not.

use crate::context::Context;
use crate::extract::cookies;
use crate::letters::post;
use crate::metrics::Spent;
use crate::refused::Refused;
use crate::web::gate::Guest;
use crate::web::onward::device_suffix;
use crate::web::{frame, page, spent};
use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use login::csrf::FormPurpose;
use login::mail_link::{self, Asked, Outcome};
use model::fault::Fault;
use model::org::Organization;
use model::secret::Purpose;
use model::time::minutes_up;
use model::user::email_key;
use protocol::params::Params;
use routes::url;
use std::time::Duration;
use store::Class;
use views::pages::{AskByMail, Form, FormError, HiddenField};
use views::{Message, say};

/// What a form for an address is about.
pub(super) struct Asking<'a> {
    /// The page's word for it: `register`, `reset`, `sign_in`.
    pub(super) what: &'static str,
    /// Where the form goes.
    pub(super) action: &'static str,
    /// What its token is bound to.
    pub(super) purpose: FormPurpose<'a>,
    /// What it carries unseen.
    pub(super) hidden: Vec<(&'static str, String)>,
    /// Whether *Stay signed in* is ticked, where one signs in.
    pub(super) remember: bool,
}

/// The address that a form holds, as typed and as accounts are found by it.
pub(crate) fn typed_address(form: &Params) -> Result<(String, String), FormError> {
    let typed = form.get("email").unwrap_or_default().trim().to_owned();
    if typed.is_empty() {
        return Err(FormError::new("email", say::login_email_missing()));
    }
    match email_key(&typed) {
        Some(key) => Ok((typed, key)),
        None => Err(FormError::new("email", say::letter_address_wrong())),
    }
}

/// Shows the form.
pub(super) fn show(
    context: &Context,
    asking: &Asking<'_>,
    organization: Option<&Organization>,
    status: StatusCode,
    (email, error): (&str, Option<FormError>),
) -> Result<HttpResponse, Refused> {
    let guest = Guest::of(context);
    let hidden =
        |(name, value): &(&'static str, String)| HiddenField { name: (*name).to_owned(), value: value.clone() };
    let shown = AskByMail {
        what: asking.what.to_owned(),
        form: Form {
            action: asking.action.to_owned(),
            csrf_token: guest.form_token(context, asking.purpose.action, asking.purpose.object),
            hidden: asking.hidden.iter().map(hidden).collect(),
        },
        email: email.to_owned(),
        remember: asking.remember,
        errors: error.into_iter().collect(),
        login_url: url::LOGIN.to_owned(),
    };
    let mut response = page(context, status, &shown, &frame::of_organization(context, organization))?;
    guest.keep(context, &mut response);
    Ok(response)
}

/// Shows the form again after too many letters were asked for.
pub(super) fn too_often(
    context: &Context,
    asking: &Asking<'_>,
    organization: Option<&Organization>,
    email: &str,
    retry_after: Duration,
) -> Result<HttpResponse, Refused> {
    let error = FormError::new("", too_many(retry_after));
    let response = show(context, asking, organization, StatusCode::TOO_MANY_REQUESTS, (email, Some(error)))?;
    Ok(spent(context, Spent::Letters, retry_after, response))
}

/// That too many letters were asked for.
pub(crate) fn too_many(retry_after: Duration) -> Message {
    say::letters_spent(minutes_up(retry_after))
}

/// Charges the letter, stores what it is for, and posts it, all or nothing. Gives how long to wait where there were too
/// many.
pub(super) async fn ask(
    context: &Context,
    asked: Asked,
    organization: Option<String>,
) -> Result<Result<(), Duration>, Fault> {
    let (limits, key) = (context.state.config.budgets, context.state.keyring.key(Purpose::Budget));
    let (moment, origin, language) = (context.moment.clone(), context.origin.clone(), context.language);
    let device = cookies::known_device(context, &device_suffix(context, &asked.email_key));
    let written =
        context.state.db.write_shedding("ask for letter", Class::Durable, move |conn| {
            match mail_link::ask(conn, (&asked, device.as_ref()), (&limits, &key), (&moment, &origin))? {
                Outcome::Spent { retry_after } => Ok(Err(retry_after)),
                Outcome::Write(link, account) => {
                    let about = (&*link, organization.clone());
                    post::asked_for(conn, about, account.as_deref(), language, (&moment, &origin))?;
                    Ok(Ok(()))
                }
            }
        });
    Ok(written.await?.into_inner())
}
