use super::login::titled_by_errors;
use super::{Form, FormError, PasskeyForm};
use crate::Page;
use crate::say;
use crate::words::Words;
use serde::Serialize;

/// Asks once more who somebody is, before something dangerous. Fields: `password`, `code` or `credential`.
#[derive(Clone, Debug, Serialize)]
pub struct StepUp {
    /// The account's address.
    pub email: String,
    /// Takes the proof.
    pub form: Form,
    /// Takes the proof by a passkey; nothing where the account has none.
    pub passkey: Option<PasskeyForm>,
    /// Whether a code is asked for.
    pub ask_code: bool,
    /// Whether that may be an authenticator app's, beside recovery codes.
    pub has_app: bool,
    /// Whether the password is.
    pub ask_password: bool,
    /// What is wrong with the form as sent.
    pub errors: Vec<FormError>,
    /// Back to where one came from, without it.
    pub back_url: String,
}

impl Page for StepUp {
    fn template(&self) -> &'static str {
        "pages/step_up.html"
    }

    fn title(&self) -> Words {
        titled_by_errors(say::step_up(), &self.errors)
    }
}
