use super::login::titled_by_errors;
use super::{Form, FormError};
use crate::Page;
use crate::say;
use crate::words::Words;
use serde::Serialize;

/// Asks for the second factor of a sign-in whose password was right. Field: `code`.
#[derive(Clone, Debug, Serialize)]
pub struct SecondFactor {
    /// Takes the code.
    pub form: Form,
    /// What is wrong with the form as sent.
    pub errors: Vec<FormError>,
    /// Back to the sign-in page.
    pub back_url: String,
}

impl Page for SecondFactor {
    fn template(&self) -> &'static str {
        "pages/second_factor.html"
    }

    fn title(&self) -> Words {
        titled_by_errors(say::factor_asked(), &self.errors)
    }
}
