use super::login::titled_by_errors;
use super::{Choice, FormError, Side};
use crate::Page;
use crate::say;
use crate::words::{Message, Words};
use serde::Serialize;

/// The portal's list of applications.
#[derive(Clone, Debug, Serialize)]
pub struct Applications {
    /// The portal's sections.
    pub side: Side,
    /// What has just happened: "Acme CLI is deleted."
    pub notice: Option<Message>,
    /// The page with the form, opened by *Create application*.
    pub create_url: String,
    /// The applications; none shows what one is for.
    pub applications: Vec<ApplicationRow>,
}

/// An application in the list.
#[derive(Clone, Debug, Serialize)]
pub struct ApplicationRow {
    /// Its name.
    pub name: String,
    /// Its page.
    pub url: String,
    /// What it calls itself on the wire.
    pub client_id: String,
    /// "Public" or "Confidential".
    pub kind: Message,
    /// The grants it may use, in words.
    pub grants: Vec<Message>,
    /// Whether it is enabled.
    pub enabled: bool,
}

/// The form for a new application. Fields: `application`, `name`, `kind=public|confidential`, `grant` (repeated).
#[derive(Clone, Debug, Serialize)]
pub struct CreateApplication {
    /// The portal's sections.
    pub side: Side,
    /// Where the form posts to.
    pub action: String,
    /// Against forgery.
    pub csrf_token: String,
    /// What the application will be known by, so that the form, sent twice, makes one.
    pub application: String,
    /// The list.
    pub cancel_url: String,
    /// The name as typed.
    pub name: String,
    /// The kinds; exactly one is chosen.
    pub kinds: Vec<Choice>,
    /// The grants on offer.
    pub grants: Vec<Choice>,
    /// The lines for addresses of answers, with room for more.
    pub redirect_uris: Vec<String>,
    /// What is wrong with the form as sent.
    pub errors: Vec<FormError>,
}

impl Page for Applications {
    fn template(&self) -> &'static str {
        "portal/applications.html"
    }

    fn title(&self) -> Words {
        say::applications().into()
    }
}

impl Page for CreateApplication {
    fn template(&self) -> &'static str {
        "portal/create_application.html"
    }

    fn title(&self) -> Words {
        titled_by_errors(say::create_application(), &self.errors)
    }
}
