//! Passwords that somebody chooses on a page.

use crate::context::Context;
use login::password::{Weak, strong_enough};
use model::fault::Fault;
use model::secret::Secret;
use protocol::params::Params;
use views::pages::FormError;
use views::say;

/// The password in the form's field `password`, where it is good enough for somebody with this address and name.
pub(super) fn chosen(form: &Params, about: &[&str]) -> Result<Secret, FormError> {
    let password = Secret::new(form.get("password").unwrap_or_default().to_owned());
    let sentence = match strong_enough(password.expose(), about) {
        Ok(()) => return Ok(password),
        Err(Weak::TooShort) => say::password_too_short(),
        Err(Weak::TooLong) => say::login_password_too_long(),
        Err(Weak::Guessable) => say::password_guessable(),
    };
    Err(FormError::new("password", sentence))
}

/// Its hash.
pub(super) async fn hash(context: &Context, password: Secret) -> Result<Secret, Fault> {
    context.state.passwords.hash(password).await
}
