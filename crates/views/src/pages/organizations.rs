use super::login::titled_by_errors;
use super::{FactorNeeded, Form, FormError, Side};
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
    /// What has just happened.
    pub notice: Option<Message>,
    /// Where one is founded, where people may.
    pub new_url: Option<String>,
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
    /// *Leave*.
    pub leave: Form,
}

impl Page for Organizations {
    fn template(&self) -> &'static str {
        "account/organizations.html"
    }

    fn title(&self) -> Words {
        say::organizations().into()
    }
}

/// Founding an organization. Fields `name`, `org_id`.
#[derive(Clone, Debug, Serialize)]
pub struct NewOrganization {
    /// The account's sections.
    pub side: Side,
    /// Makes it.
    pub form: Form,
    /// The name as typed.
    pub name: String,
    /// The identifier as typed.
    pub org_id: String,
    /// What stands before the identifier in the organization's issuer.
    pub issuer_before: String,
    /// What is wrong with the form as sent.
    pub errors: Vec<FormError>,
    /// The list.
    pub back_url: String,
}

impl Page for NewOrganization {
    fn template(&self) -> &'static str {
        "account/new_organization.html"
    }

    fn title(&self) -> Words {
        titled_by_errors(say::new_organization(), &self.errors)
    }
}
