use super::login::titled_by_errors;
use super::{AppFace, Form, FormError};
use crate::Page;
use crate::say;
use crate::text::When;
use crate::words::{Message, Words};
use serde::Serialize;

/// What a user is about to allow, and to whom. Fields: `grant`, `organization`, `confirm=yes`,
/// `decision=approve|deny`.
#[derive(Clone, Debug, Serialize)]
pub struct DeviceReview {
    /// Where the decision posts to.
    pub action: String,
    /// Against forgery, bound to session and grant.
    pub csrf_token: String,
    /// The grant.
    pub grant: String,
    /// The code, to be compared with the device.
    pub user_code: String,
    /// The address that decides.
    pub email: String,
    /// *Not you?*: releases the claim, keeps the code, signs out.
    pub not_you: Form,
    /// The app that asks.
    pub app: AppFace,
    /// What it can do, a sentence each.
    pub scopes: Vec<Words>,
    /// The services that it asks for access to, where it names any.
    pub resources: Vec<ReviewedResource>,
    /// Minutes left, rounded up ([`crate::text::minutes_left`]).
    pub minutes_left: u64,
    /// When the code expires.
    pub expires: When,
    /// Where the request came from.
    pub origin: RequestOrigin,
    /// The organization that it would get access to, or those to pick from.
    pub organizations: ReviewedOrganizations,
    /// What is wrong with the form as sent.
    pub errors: Vec<FormError>,
}

/// A service that the app asks for access to.
#[derive(Clone, Debug, Serialize)]
pub struct ReviewedResource {
    /// What the organization calls it.
    pub name: String,
    /// Its address.
    pub uri: String,
}

/// Where and when a request was made.
#[derive(Clone, Debug, Serialize)]
pub struct RequestOrigin {
    /// The network address.
    pub ip: String,
    /// Where that is, as far as known: "near Lyon, by its network address".
    pub place: Option<Message>,
    /// The program, by what it says of itself.
    pub program: Option<String>,
    /// When.
    pub made: When,
    /// Whether it came from the network that the user is on.
    pub same_network: bool,
}

/// What an approval can be for.
#[derive(Clone, Debug, Serialize)]
#[serde(tag = "outcome", rename_all = "snake_case")]
pub enum ReviewedOrganizations {
    /// One organization.
    One {
        /// Which.
        which: ReviewedOrganization,
    },
    /// One of several, picked on the page.
    Several {
        /// Which there are.
        which: Vec<ReviewedOrganization>,
    },
    /// None.
    None {
        /// Why, and what to do.
        which: Message,
    },
}

/// An organization that an approval can be for.
#[derive(Clone, Debug, Serialize)]
pub struct ReviewedOrganization {
    /// Its identifier, the value of `organization`.
    pub org_id: String,
    /// Its display name.
    pub name: String,
    /// Whether it has been picked.
    pub picked: bool,
}

impl Page for DeviceReview {
    fn template(&self) -> &'static str {
        "pages/device_review.html"
    }

    fn title(&self) -> Words {
        titled_by_errors(say::approve_this_device(), &self.errors)
    }
}
