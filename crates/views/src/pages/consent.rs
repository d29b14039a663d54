use super::device_review::ReviewedResource;
use super::parts::{AppFace, Form, HiddenField};
use crate::page::Page;
use crate::say;
use crate::words::Words;
use serde::Serialize;

/// What a user is about to allow to an application that sent them here. Fields: `request`, `decision=approve|deny`.
#[derive(Clone, Debug, Serialize)]
pub struct Consent {
    /// Where the decision posts to, with the request.
    pub form: Form,
    /// The app that asks.
    pub app: AppFace,
    /// The organization that it would get access to.
    pub organization: String,
    /// What it can do, a sentence each.
    pub scopes: Vec<Words>,
    /// The resources that its tokens would be meant for.
    pub resources: Vec<ReviewedResource>,
    /// The address that decides.
    pub email: String,
    /// *Not you?*: signs out, and comes back here.
    pub not_you: Form,
    /// Where the browser goes afterwards, where that is elsewhere.
    pub leads_to: Option<String>,
    /// Whether that is a program on the user's own machine, which anything there could be.
    pub on_own_machine: bool,
    /// Whether the same is not asked again.
    pub remembers: bool,
}

impl Page for Consent {
    fn template(&self) -> &'static str {
        "pages/consent.html"
    }

    fn title(&self) -> Words {
        say::consent_title().into()
    }
}

/// An answer that the browser posts to an application: by the page's script, or by its button.
#[derive(Clone, Debug, Serialize)]
pub struct AuthorizationForm {
    /// The application's address.
    pub action: String,
    /// The answer.
    pub fields: Vec<HiddenField>,
}

impl Page for AuthorizationForm {
    fn template(&self) -> &'static str {
        "pages/authorization_form.html"
    }

    fn title(&self) -> Words {
        say::returning().into()
    }
}

/// Asks whether to sign out, for a client that has not shown whom it means.
#[derive(Clone, Debug, Serialize)]
pub struct SignOut {
    /// Signs out.
    pub form: Form,
    /// Who is signed in.
    pub email: String,
}

impl Page for SignOut {
    fn template(&self) -> &'static str {
        "pages/sign_out.html"
    }

    fn title(&self) -> Words {
        say::sign_out_heading().into()
    }
}

/// An answer that the browser takes to an application by a link: the page's script follows it, or somebody does.
#[derive(Clone, Debug, Serialize)]
pub struct AuthorizationLink {
    /// The application's address, with the answer.
    pub url: String,
}

impl Page for AuthorizationLink {
    fn template(&self) -> &'static str {
        "pages/authorization_link.html"
    }

    fn title(&self) -> Words {
        say::returning().into()
    }
}
