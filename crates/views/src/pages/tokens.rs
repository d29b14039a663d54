use super::login::titled_by_errors;
use super::{AppFace, Choice, Form, FormError, Side};
use crate::Page;
use crate::say;
use crate::text::When;
use crate::words::{Message, Words};
use serde::Serialize;

/// *API keys and MCP tokens*: those of the account, and the form that makes one.
#[derive(Clone, Debug, Serialize)]
pub struct Keys {
    /// The account's sections.
    pub side: Side,
    /// What has just happened, and what is not shown.
    pub notices: Vec<Message>,
    /// What is wrong with the form as sent.
    pub errors: Vec<FormError>,
    /// A list of each kind.
    pub lists: Vec<KeyList>,
    /// The form; absent for whoever belongs to no organization.
    pub make: Option<MakeKey>,
}

/// The keys of one kind.
#[derive(Clone, Debug, Serialize)]
pub struct KeyList {
    /// The kind's word, which ids of the page begin with.
    pub kind: String,
    /// *MCP Tokens* or *API keys*.
    pub heading: Message,
    /// What is said where there is none.
    pub none: Message,
    /// The keys, the newest first.
    pub keys: Vec<KeyRow>,
}

/// A key of the account.
#[derive(Clone, Debug, Serialize)]
pub struct KeyRow {
    /// What its owner, or the program that asked for it, calls it.
    pub name: String,
    /// How its text begins.
    pub beginning: String,
    /// The app that asked for it; nothing where its owner made it by hand.
    pub app: Option<AppFace>,
    /// The organization's display name.
    pub organization: String,
    /// What it allows, by the names that programs know.
    pub scopes: Vec<String>,
    /// When it was made.
    pub made: When,
    /// When it was last used, if ever.
    pub last_used: Option<When>,
    /// Until when it is good, whatever comes before.
    pub expires: When,
    /// Whether it is good, in a word.
    pub status: Message,
    /// *Revoke*; absent where it is over.
    pub revoke: Option<Form>,
}

/// The form that makes a key. Fields `kind`, `name`, `organization`, `scope` (repeated), `days`.
#[derive(Clone, Debug, Serialize)]
pub struct MakeKey {
    /// Makes it.
    pub form: Form,
    /// The kinds; exactly one is chosen.
    pub kinds: Vec<Choice>,
    /// The name as typed.
    pub name: String,
    /// The organizations to pick from.
    pub organizations: Vec<Choice>,
    /// What it may be allowed.
    pub scopes: Vec<KeyScope>,
    /// The days as typed.
    pub days: String,
}

/// A scope that a key may have.
#[derive(Clone, Debug, Serialize)]
pub struct KeyScope {
    /// The name that programs know.
    pub name: String,
    /// What it means.
    pub sentence: Words,
    /// Whether it only reads, so that an MCP token may have it.
    pub reads: bool,
    /// Whether it is ticked.
    pub ticked: bool,
}

impl Page for Keys {
    fn template(&self) -> &'static str {
        "account/tokens.html"
    }

    fn title(&self) -> Words {
        titled_by_errors(say::keys(), &self.errors)
    }
}

/// A key just made, shown this once.
#[derive(Clone, Debug, Serialize)]
pub struct KeyMade {
    /// The account's sections.
    pub side: Side,
    /// What has happened: "Your API key is made."
    pub heading: Message,
    /// The key.
    pub text: String,
    /// What it is called.
    pub name: String,
    /// The organization's display name.
    pub organization: String,
    /// What it allows, a sentence each.
    pub scopes: Vec<Words>,
    /// Until when.
    pub expires: When,
    /// Back to the list.
    pub back_url: String,
}

impl Page for KeyMade {
    fn template(&self) -> &'static str {
        "account/token_made.html"
    }

    fn title(&self) -> Words {
        self.heading.clone().into()
    }
}
