use super::{Form, Side};
use crate::Page;
use crate::say;
use crate::text::When;
use crate::words::{Message, Words};
use serde::Serialize;

/// A browser as lists show it.
#[derive(Clone, Debug, Serialize)]
pub struct BrowserFace {
    /// The program, by what it says of itself.
    pub program: Option<String>,
    /// The network address.
    pub ip: String,
    /// Where that is, as far as known.
    pub place: Option<Message>,
    /// Whether it is the one that reads the page.
    pub here: bool,
}

/// *Sessions*: where somebody is signed in.
#[derive(Clone, Debug, Serialize)]
pub struct Sessions {
    /// The account's sections.
    pub side: Side,
    /// What has just happened.
    pub notice: Option<Message>,
    /// The sessions; the one that reads the page is always among them.
    pub sessions: Vec<SessionRow>,
    /// *Sign out everywhere else*, and end the access of all applications.
    pub end_others: Form,
}

/// A session.
#[derive(Clone, Debug, Serialize)]
pub struct SessionRow {
    /// Where.
    pub browser: BrowserFace,
    /// Since when.
    pub since: When,
    /// Until when.
    pub until: When,
    /// *Sign out*.
    pub end: Form,
}

impl Page for Sessions {
    fn template(&self) -> &'static str {
        "account/sessions.html"
    }

    fn title(&self) -> Words {
        say::sessions().into()
    }
}

/// *Known browsers*: where a sign-in waits for no letter.
#[derive(Clone, Debug, Serialize)]
pub struct KnownDevices {
    /// The account's sections.
    pub side: Side,
    /// What has just happened.
    pub notice: Option<Message>,
    /// The browsers.
    pub devices: Vec<KnownDeviceRow>,
    /// *Forget all*, where there is one.
    pub forget_all: Option<Form>,
}

/// A browser that the account knows.
#[derive(Clone, Debug, Serialize)]
pub struct KnownDeviceRow {
    /// Which.
    pub browser: BrowserFace,
    /// Since when it is known.
    pub since: When,
    /// When somebody last signed in with it.
    pub last_used: When,
    /// When it is forgotten by itself.
    pub until: When,
    /// *Forget*.
    pub forget: Form,
}

impl Page for KnownDevices {
    fn template(&self) -> &'static str {
        "account/known_devices.html"
    }

    fn title(&self) -> Words {
        say::known_browsers().into()
    }
}
