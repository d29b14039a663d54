use super::login::titled_by_errors;
use super::{Choice, Form, FormError, Side};
use crate::Page;
use crate::say;
use crate::words::{Message, Words};
use serde::Serialize;

/// *Sign-in*: who becomes a member, and how members sign in. Fields `registration`, `domains`, `new_device`,
/// `second_factor`, `grace_days`; of the form about devices `device_login`, and `device_application` and `device_scope`, which
/// may repeat, and `longest_token_days`.
#[derive(Clone, Debug, Serialize)]
pub struct SignInSettings {
    /// The portal's sections.
    pub side: Side,
    /// What has just happened.
    pub notice: Option<Message>,
    /// What is wrong with the form as sent.
    pub errors: Vec<FormError>,
    /// Saves it.
    pub form: Form,
    /// The state of the organization that the page shows.
    pub revision: i32,
    /// Who becomes a member without being added.
    pub registration: Vec<Choice>,
    /// The domains whose addresses are let in.
    pub domains: String,
    /// When a sign-in waits for the answer to a letter.
    pub new_device: Vec<Choice>,
    /// Whether members need a second factor.
    pub second_factor: Vec<Choice>,
    /// For how many days whoever has none may go on.
    pub grace_days: String,
    /// Which applications may log devices in.
    pub devices: DeviceLoginForm,
}

/// Which applications may log devices in, and for what at most.
#[derive(Clone, Debug, Serialize)]
pub struct DeviceLoginForm {
    /// Saves it.
    pub form: Form,
    /// Which may.
    pub login: Vec<Choice>,
    /// The applications, of which those that are ticked may where only listed ones do.
    pub applications: Vec<Choice>,
    /// The scopes, of which a device login gets those that are ticked at most; all where none is.
    pub ceiling: Vec<Choice>,
    /// For how many days API keys and MCP tokens live at most, as typed.
    pub longest_token_days: String,
}

impl Page for SignInSettings {
    fn template(&self) -> &'static str {
        "portal/sign_in.html"
    }

    fn title(&self) -> Words {
        titled_by_errors(say::portal_sign_in(), &self.errors)
    }
}
