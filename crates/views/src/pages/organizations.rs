use super::{FactorNeeded, Side};
use crate::Page;
use crate::say;
use crate::words::{Message, Words};
use serde::Serialize;

/// The organizations that the signed-in user belongs to.
#[derive(Clone, Debug, Serialize)]
pub struct Organizations {
    /// The account's sections.
    pub side: Side,
    /// Those that need a second factor which the account does not have.
    pub needed: Vec<FactorNeeded>,
    /// Where one is set up.
    pub security_url: String,
    /// The organizations; none shows what to do about it.
    pub organizations: Vec<OrganizationRow>,
}

/// An organization in the list.
#[derive(Clone, Debug, Serialize)]
pub struct OrganizationRow {
    /// The organization's identifier.
    pub org_id: String,
    /// Its display name.
    pub name: String,
    /// The user's role in it, in words: "Owner".
    pub role: Message,
    /// Its portal, for those who may enter it.
    pub portal_url: Option<String>,
    /// Its device page.
    pub device_url: String,
}

impl Page for Organizations {
    fn template(&self) -> &'static str {
        "account/organizations.html"
    }

    fn title(&self) -> Words {
        say::organizations().into()
    }
}
