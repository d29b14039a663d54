use super::login::titled_by_errors;
use super::{Choice, Form, FormError, Side};
use crate::Page;
use crate::say;
use crate::words::{Message, Words};
use serde::Serialize;

/// *Scopes and resources*: what applications may ask for, and what their tokens may be meant for. Fields of a new resource:
/// `uri`, `name`.
#[derive(Clone, Debug, Serialize)]
pub struct Resources {
    /// The portal's sections.
    pub side: Side,
    /// What has just happened.
    pub notice: Option<Message>,
    /// What is wrong with the form as sent.
    pub errors: Vec<FormError>,
    /// The catalogue.
    pub scopes: Vec<ScopeRow>,
    /// Where a scope is added.
    pub new_scope_url: String,
    /// The same catalogue in words, for everybody.
    pub permissions_url: String,
    /// What tokens may be meant for.
    pub resources: Vec<ResourceRow>,
    /// Adds another one.
    pub add: Form,
    /// The address of a new one.
    pub uri: String,
    /// Its name.
    pub name: String,
}

/// A service that takes tokens.
#[derive(Clone, Debug, Serialize)]
pub struct ResourceRow {
    /// What people call it.
    pub name: String,
    /// Its address.
    pub uri: String,
    /// *Remove*.
    pub remove: Form,
}

/// A scope of the catalogue.
#[derive(Clone, Debug, Serialize)]
pub struct ScopeRow {
    /// What programs call it.
    pub name: String,
    /// What people read.
    pub sentence: Words,
    /// What it lets an app do.
    pub access: Message,
    /// The names of those that go with it.
    pub implies: Vec<String>,
    /// How many applications may ask for it.
    pub applications: usize,
    /// Where it is changed.
    pub url: String,
}

impl Page for Resources {
    fn template(&self) -> &'static str {
        "portal/resources.html"
    }

    fn title(&self) -> Words {
        titled_by_errors(say::resources(), &self.errors)
    }
}

/// One scope, or a new one. Fields: `scope` of a new one, `sentence`, `access=read|write`, `implies`, which may repeat.
#[derive(Clone, Debug, Serialize)]
pub struct ScopeForm {
    /// The portal's sections.
    pub side: Side,
    /// What is wrong with the form as sent.
    pub errors: Vec<FormError>,
    /// Saves it.
    pub form: Form,
    /// Whether it is a new one.
    pub new: bool,
    /// Whether every organization has it: then its words alone can be changed.
    pub standard: bool,
    /// What programs call it.
    pub name: String,
    /// What people read.
    pub sentence: String,
    /// What it lets an app do.
    pub access: Vec<Choice>,
    /// What goes with it.
    pub implies: Vec<Choice>,
    /// *Remove*, of one that there is and that can be.
    pub remove: Option<Form>,
    /// Where one goes without saving.
    pub cancel_url: String,
}

impl Page for ScopeForm {
    fn template(&self) -> &'static str {
        "portal/scope.html"
    }

    fn title(&self) -> Words {
        titled_by_errors(say::scope(), &self.errors)
    }
}
