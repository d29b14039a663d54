use super::login::titled_by_errors;
use super::{Form, FormError, Side};
use crate::Page;
use crate::qr::Qr;
use crate::say;
use crate::words::Words;
use serde::Serialize;

/// An authenticator app is set up: the secret, as a picture and in text. Field: `code`.
#[derive(Clone, Debug, Serialize)]
pub struct TotpSetup {
    /// The account's sections.
    pub side: Side,
    /// What is wrong with the form as sent.
    pub errors: Vec<FormError>,
    /// The secret as a picture; nothing where an address is too long for one.
    pub qr: Option<Qr>,
    /// What the picture says, for an app on this device.
    pub app_url: String,
    /// The secret in groups of four.
    pub secret: String,
    /// Takes the app's first code.
    pub form: Form,
    /// Back to where one came from.
    pub back_url: String,
}

impl Page for TotpSetup {
    fn template(&self) -> &'static str {
        "account/totp_setup.html"
    }

    fn title(&self) -> Words {
        titled_by_errors(say::totp_setup(), &self.errors)
    }
}
