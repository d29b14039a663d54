//! What several pages are made of.

use crate::words::{Message, Words};
use serde::Serialize;

/// A link.
#[derive(Clone, Debug, Serialize)]
pub struct Link {
    /// Its words.
    pub label: Message,
    /// Where it leads.
    pub url: String,
}

/// An entry of a side list.
#[derive(Clone, Debug, Serialize)]
pub struct Section {
    /// Its words.
    pub label: Message,
    /// Where it leads.
    pub url: String,
    /// Whether it is the page being shown.
    pub current: bool,
}

/// The side list of the portal and of the account pages.
#[derive(Clone, Debug, Serialize)]
pub struct Side {
    /// What the list is of: "Portal", "Account". Its accessible name, and the menu's label on a phone.
    pub label: Message,
    /// The entries; the list is left out where there are none.
    pub sections: Vec<Section>,
}

/// A form with one button: where it posts to and what it carries unseen.
#[derive(Clone, Debug, Serialize)]
pub struct Form {
    /// Where it posts to.
    pub action: String,
    /// Against forgery, bound to session, action and object.
    pub csrf_token: String,
    /// Further hidden fields.
    pub hidden: Vec<HiddenField>,
}

/// A hidden field of a form.
#[derive(Clone, Debug, Serialize)]
pub struct HiddenField {
    /// The form field's name.
    pub name: String,
    /// Its value.
    pub value: String,
}

/// A form that the page's script fills with what a passkey has signed, in the field `credential`. It is hidden where the
/// browser has no passkeys.
#[derive(Clone, Debug, Serialize)]
pub struct PasskeyForm {
    /// Takes it.
    pub form: Form,
    /// Where the script gets what the browser hands to its authenticator, with the form's token.
    pub options_url: String,
}

/// What is wrong with a form as it was sent.
#[derive(Clone, Debug, Serialize)]
pub struct FormError {
    /// The name of the field, whose id is the same; empty where the whole form is meant.
    pub field: String,
    /// What happened and what to do.
    pub sentence: Message,
}

impl FormError {
    /// A sentence for a field; for the whole form where the field has no name.
    pub fn new(field: impl Into<String>, sentence: Message) -> Self {
        Self { field: field.into(), sentence }
    }
}

/// One of several values that a form offers.
#[derive(Clone, Debug, Serialize)]
pub struct Choice {
    /// The value sent.
    pub value: String,
    /// Its words.
    pub label: Words,
    /// A sentence of explanation.
    pub hint: Option<Message>,
    /// Whether it is chosen.
    pub chosen: bool,
}

/// An app as its name and mark.
#[derive(Clone, Debug, Serialize)]
pub struct AppFace {
    /// What the app calls itself: untrusted text.
    pub name: String,
    /// Its mark, a letter.
    pub initial: String,
    /// Where its logo is, which stands in the place of the letter; absent where it has none.
    pub logo_url: Option<String>,
    /// Whether an admin has registered it. What is not is marked *unverified*.
    pub verified: bool,
}

impl AppFace {
    /// An app by its name; its mark is the first letter or digit of that.
    pub fn new(name: impl Into<String>, verified: bool) -> Self {
        let name = name.into();
        let initial = name.chars().find(|character| character.is_alphanumeric());
        let initial = initial.map_or_else(|| "?".to_owned(), |letter| letter.to_uppercase().to_string());
        Self { name, initial, logo_url: None, verified }
    }

    /// The same with a logo, where there is one.
    #[must_use]
    pub fn with_logo(self, logo_url: Option<String>) -> Self {
        Self { logo_url, ..self }
    }
}
