//! What an application's form says about sign-ins in a web view.

use super::addresses::addresses;
use model::application::{Application, EmbeddedSettings};
use model::id::ClientId;
use protocol::params::Params;
use views::pages::FormError;

/// The section, as typed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct EmbeddedDraft {
    /// `embedded`.
    pub enabled: bool,
    /// `post_registration_url`.
    pub post_registration_url: String,
}

impl EmbeddedDraft {
    /// The section of what is stored.
    pub fn of(embedded: &EmbeddedSettings) -> Self {
        let url = embedded.post_registration_url.as_ref();
        Self { enabled: embedded.enabled, post_registration_url: url.map(ToString::to_string).unwrap_or_default() }
    }

    /// Reads the section as it was sent; nothing where the form does not have it.
    pub fn read(form: &Params) -> Option<Self> {
        form.has("post_registration_url").then(|| Self {
            enabled: form.get("embedded") == Some("yes"),
            post_registration_url: form.get("post_registration_url").unwrap_or_default().trim().to_owned(),
        })
    }

    /// The settings that it asks for.
    pub fn settings(&self, stored: &Application, errors: &mut Vec<FormError>) -> EmbeddedSettings {
        // The reference client is in every organization, and no address without one finds it.
        if stored.client_id.as_str() == ClientId::REFERENCE {
            return stored.settings.embedded.clone();
        }
        let typed: Vec<String> =
            Some(&self.post_registration_url).filter(|url| !url.is_empty()).into_iter().cloned().collect();
        EmbeddedSettings {
            enabled: self.enabled,
            post_registration_url: addresses("post_registration_url", &typed, errors).pop(),
        }
    }
}
