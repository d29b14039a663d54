use super::login::titled_by_errors;
use super::{Choice, Form, FormError, Side};
use crate::Page;
use crate::say;
use crate::words::{Message, Words};
use serde::Serialize;

/// *Profile*: name and language (fields `name`, `language`), the address (field `email`), taking data along, the way to
/// delete the account.
#[derive(Clone, Debug, Serialize)]
pub struct Profile {
    /// The account's sections.
    pub side: Side,
    /// What has just happened.
    pub notice: Option<Message>,
    /// What is wrong with a form as sent.
    pub errors: Vec<FormError>,
    /// Saves name and language.
    pub form: Form,
    /// The name.
    pub name: String,
    /// The languages, and that of the browser.
    pub languages: Vec<Choice>,
    /// The address.
    pub email: String,
    /// The address that a letter is under way to.
    pub waiting_for: Option<String>,
    /// Asks for another address.
    pub change_email: Form,
    /// What was typed there.
    pub typed_email: String,
    /// Takes data along.
    pub export: Form,
    /// Where the account is deleted.
    pub delete_url: String,
}

impl Page for Profile {
    fn template(&self) -> &'static str {
        "account/profile.html"
    }

    fn title(&self) -> Words {
        titled_by_errors(say::profile(), &self.errors)
    }
}

/// What a letter to another address leads to.
#[derive(Clone, Debug, Serialize)]
pub struct EmailChangePage {
    /// The account's sections.
    pub side: Side,
    /// The address that the account has.
    pub email: String,
    /// The one that it is to have.
    pub new_email: String,
    /// Takes it.
    pub form: Form,
    /// The page without doing it.
    pub back_url: String,
}

impl Page for EmailChangePage {
    fn template(&self) -> &'static str {
        "account/email_change.html"
    }

    fn title(&self) -> Words {
        say::use_other_address().into()
    }
}

/// *Delete account*; field `email`, the account's address typed once more.
#[derive(Clone, Debug, Serialize)]
pub struct DeleteAccount {
    /// The account's sections.
    pub side: Side,
    /// What is wrong with the form as sent.
    pub errors: Vec<FormError>,
    /// The account's address.
    pub email: String,
    /// The organizations that would be left without an owner; with any of them, the account can't be deleted.
    pub owned_alone: Vec<String>,
    /// Deletes it.
    pub form: Form,
    /// The page without doing it.
    pub back_url: String,
}

impl Page for DeleteAccount {
    fn template(&self) -> &'static str {
        "account/delete_account.html"
    }

    fn title(&self) -> Words {
        titled_by_errors(say::delete_account(), &self.errors)
    }
}
