use super::login::titled_by_errors;
use super::{Form, FormError, Side};
use crate::Page;
use crate::say;
use crate::words::{Message, Words};
use serde::Serialize;

/// *Settings*: how an organization presents itself, and its end. Fields `name`, `colour`, the file
/// `logo`, `remove_logo`; of the deletion `org_id`.
#[derive(Clone, Debug, Serialize)]
pub struct OrgSettings {
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
    /// The organization's identifier, which never changes.
    pub org_id: String,
    /// Its issuer.
    pub issuer: String,
    /// What people call it.
    pub name: String,
    /// The accent colour of its pages; empty for Doorward's own.
    pub colour: String,
    /// Where its logo is, if it has one.
    pub logo_url: Option<String>,
    /// *Delete organization*, for owners.
    pub deletion: Option<Form>,
}

impl Page for OrgSettings {
    fn template(&self) -> &'static str {
        "portal/settings.html"
    }

    fn title(&self) -> Words {
        titled_by_errors(say::settings(), &self.errors)
    }
}
