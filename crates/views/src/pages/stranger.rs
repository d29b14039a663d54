use crate::Page;
use crate::say;
use crate::words::{Message, Words};
use serde::Serialize;

/// Somebody signed in opens the device page of an organization that they do not belong to. The form signs them out, and
/// keeps the code for the account that they sign in with next. Fields: `organization`, `user_code`.
#[derive(Clone, Debug, Serialize)]
pub struct Stranger {
    /// Where the form posts to.
    pub action: String,
    /// Against forgery, bound to the session.
    pub csrf_token: String,
    /// Whose device page it is, by orgId.
    pub organization: String,
    /// Where they go on to with the account that they sign in with next; the device page where none is said.
    pub next: Option<String>,
    /// The code as typed, or from the address.
    pub user_code: String,
    /// What happened and what to do.
    pub sentence: Message,
    /// Where they join, where the organization lets people in.
    pub join_url: Option<String>,
    /// Who is signed in.
    pub email: String,
}

impl Page for Stranger {
    fn template(&self) -> &'static str {
        "pages/stranger.html"
    }

    fn title(&self) -> Words {
        say::error_403().into()
    }
}
