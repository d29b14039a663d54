use super::{AppFace, Form, Side};
use crate::Page;
use crate::say;
use crate::text::When;
use crate::words::{Message, Words};
use serde::Serialize;

/// *Connected apps*: what has access for the signed-in user, and *Disconnect*.
#[derive(Clone, Debug, Serialize)]
pub struct Connections {
    /// The account's sections.
    pub side: Side,
    /// What has just happened: "Acme CLI is disconnected."
    pub notice: Option<Message>,
    /// The connections; none shows what would be here.
    pub connections: Vec<Connection>,
    /// Where a device is connected, for the empty list.
    pub device_url: String,
}

/// An app's access in one organization.
#[derive(Clone, Debug, Serialize)]
pub struct Connection {
    /// The app.
    pub app: AppFace,
    /// The organization's display name.
    pub organization: String,
    /// What it can do, a sentence each.
    pub scopes: Vec<Words>,
    /// Since when.
    pub since: When,
    /// Whether its device has come for its access.
    pub collected: bool,
    /// When it last used its access, if ever.
    pub last_used: Option<When>,
    /// *Disconnect*: ends all its tokens.
    pub disconnect: Form,
}

impl Page for Connections {
    fn template(&self) -> &'static str {
        "account/connections.html"
    }

    fn title(&self) -> Words {
        say::connected_apps().into()
    }
}
