//! Passwords that somebody chooses on a page.

use crate::context::Context;
use login::password::Weak;
use model::fault::Fault;
use model::secret::Secret;
use protocol::params::Params;
use views::pages::FormError;
use views::{Message, say};

/// The password in the form's field `password`, where it may be set by somebody with this address and name.
///
/// # Errors
/// `Broken` where the list of stolen passwords can't be read.
pub(super) async fn chosen(
    context: &Context,
    form: &Params,
    about: &[&str],
) -> Result<Result<Secret, FormError>, Fault> {
    let password = Secret::new(form.get("password").unwrap_or_default().to_owned());
    Ok(match context.state.passwords.may_be_set(&password, about).await? {
        Ok(()) => Ok(password),
        Err(weak) => Err(FormError::new("password", in_words(weak))),
    })
}

/// Its hash.
pub(super) async fn hash(context: &Context, password: Secret) -> Result<Secret, Fault> {
    context.state.passwords.hash(password).await
}

/// Why a password is not taken.
pub(super) fn in_words(weak: Weak) -> Message {
    match weak {
        Weak::TooShort => say::password_too_short(),
        Weak::TooLong => say::password_too_long(),
        Weak::Guessable => say::password_guessable(),
        Weak::Breached => say::password_breached(),
    }
}
