use super::FormError;
use super::login::titled_by_errors;
use crate::Page;
use crate::say;
use crate::words::{Message, Words};
use serde::Serialize;

/// Where the code of a device is typed (RFC 8628 §3.3). Field: `user_code`.
#[derive(Clone, Debug, Serialize)]
pub struct DeviceEntry {
    /// What has just happened.
    pub notice: Option<Message>,
    /// Where the form posts to.
    pub action: String,
    /// Against forgery, bound to the session or pre-session.
    pub csrf_token: String,
    /// The code as typed, or prefilled from the address (RFC 8628 §3.3.1), never submitted by itself.
    pub user_code: String,
    /// What is wrong with the code.
    pub errors: Vec<FormError>,
}

impl Page for DeviceEntry {
    fn template(&self) -> &'static str {
        "pages/device_entry.html"
    }

    fn title(&self) -> Words {
        titled_by_errors(say::connect_device(), &self.errors)
    }
}
