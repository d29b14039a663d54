use super::{Form, Side};
use crate::Page;
use crate::say;
use crate::text::When;
use crate::words::{Message, Words};
use serde::Serialize;

/// The portal's devices: requests under way and devices approved.
#[derive(Clone, Debug, Serialize)]
pub struct Devices {
    /// The portal's sections.
    pub side: Side,
    /// What has just happened, and what is not shown.
    pub notices: Vec<Message>,
    /// Requests that are neither decided nor expired.
    pub live: Vec<LiveRequest>,
    /// Devices with access.
    pub approved: Vec<ApprovedDevice>,
    /// Good API keys and MCP tokens.
    pub keys: Vec<HeldKey>,
    /// Where a device's code is typed, for the empty list.
    pub device_url: String,
}

/// A request under way.
#[derive(Clone, Debug, Serialize)]
pub struct LiveRequest {
    /// The application.
    pub app_name: String,
    /// When it was made.
    pub made: When,
    /// The network address that it came from.
    pub ip: String,
    /// Where that is, as far as known.
    pub place: Option<Message>,
    /// The program, by what it says of itself.
    pub program: Option<String>,
    /// When it expires.
    pub expires: When,
    /// The address of the user who has entered the code, if one has.
    pub claimed_by: Option<String>,
}

/// A device with access.
#[derive(Clone, Debug, Serialize)]
pub struct ApprovedDevice {
    /// The user's address.
    pub email: String,
    /// The application.
    pub app_name: String,
    /// The scopes on the wire.
    pub scopes: Vec<String>,
    /// Since when.
    pub since: When,
    /// When it last used its access, if ever.
    pub last_used: Option<When>,
    /// *Revoke*.
    pub revoke: Form,
}

/// A good API key or MCP token of a member.
#[derive(Clone, Debug, Serialize)]
pub struct HeldKey {
    /// The user's address.
    pub email: String,
    /// What it is called.
    pub name: String,
    /// Whether it came of a device login; else its owner made it by hand.
    pub by_device: bool,
    /// "API key" or "MCP token".
    pub kind: Message,
    /// The scopes on the wire.
    pub scopes: Vec<String>,
    /// Since when.
    pub since: When,
    /// When it was last used, if ever.
    pub last_used: Option<When>,
    /// *Revoke*.
    pub revoke: Form,
}

impl Page for Devices {
    fn template(&self) -> &'static str {
        "portal/devices.html"
    }

    fn title(&self) -> Words {
        say::devices().into()
    }
}
