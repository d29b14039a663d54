use super::login::titled_by_errors;
use super::{Form, FormError};
use crate::Page;
use crate::say;
use crate::words::Words;
use serde::Serialize;

/// Asks once more who somebody is, before something dangerous. Fields: `password` or `code`.
#[derive(Clone, Debug, Serialize)]
pub struct StepUp {
    /// The account's address.
    pub email: String,
    /// Takes the proof.
    pub form: Form,
    /// Whether the authenticator app's code is asked for.
    pub ask_code: bool,
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
