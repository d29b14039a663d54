//! What an organization's tokens are signed with.

use super::login::titled_by_errors;
use super::{Choice, Form, FormError, Side};
use crate::Page;
use crate::say;
use crate::text::When;
use crate::words::{Message, Words};
use serde::Serialize;

/// *Signing keys*: those that are published, and the form that makes another. Fields `alg`, `when`.
#[derive(Clone, Debug, Serialize)]
pub struct SigningKeys {
    /// The portal's sections.
    pub side: Side,
    /// What has just happened.
    pub notice: Option<Message>,
    /// What is wrong with the form as sent.
    pub errors: Vec<FormError>,
    /// The keys, the oldest first.
    pub keys: Vec<SigningKeyRow>,
    /// Where programs read them.
    pub jwks_url: String,
    /// Makes a key.
    pub form: Form,
    /// What with; exactly one is chosen.
    pub algorithms: Vec<Choice>,
    /// When it takes over; exactly one is chosen.
    pub when: Vec<Choice>,
}

/// A key that is published.
#[derive(Clone, Debug, Serialize)]
pub struct SigningKeyRow {
    /// Its name.
    pub kid: String,
    /// Its algorithm.
    pub alg: String,
    /// When it was made.
    pub made: When,
    /// What it does, in words.
    pub state: Message,
    /// When it begins to sign, where that is to come.
    pub signs_from: Option<When>,
    /// Until when it is published, where it is to end.
    pub until: Option<When>,
}

impl Page for SigningKeys {
    fn template(&self) -> &'static str {
        "portal/signing_keys.html"
    }

    fn title(&self) -> Words {
        titled_by_errors(say::signing_keys(), &self.errors)
    }
}
