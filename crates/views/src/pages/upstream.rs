use super::login::titled_by_errors;
use super::{Choice, Form, FormError, Side};
use crate::Page;
use crate::say;
use crate::text::When;
use crate::words::{Message, Words};
use serde::Serialize;

/// A way to sign in by another provider.
#[derive(Clone, Debug, Serialize)]
pub struct ProviderButton {
    /// What people know it as.
    pub name: String,
    /// Whose it is, where it is an organization's own.
    pub organization: Option<String>,
    /// Sets out.
    pub form: Form,
}

/// Leads on to a provider by itself; the link is for browsers that don't. A form's own answer can't, as pages let forms
/// lead nowhere but here.
#[derive(Clone, Debug, Serialize)]
pub struct UpstreamLeaving {
    /// What people know it as.
    pub provider: String,
    /// The host that the browser goes to.
    pub host: String,
    /// Where it asks who it is.
    pub url: String,
}

impl Page for UpstreamLeaving {
    fn template(&self) -> &'static str {
        "pages/upstream_leaving.html"
    }

    fn title(&self) -> Words {
        say::sign_in().into()
    }
}

/// An account at a provider waits for a proof of the account with its address.
#[derive(Clone, Debug, Serialize)]
pub struct LinkAccount {
    /// What people know the provider as.
    pub provider: String,
    /// The address that it says.
    pub email: String,
    /// Links it: whoever is signed in has that address.
    pub link: Option<Form>,
    /// Who is signed in with another one.
    pub signed_in_as: Option<String>,
    /// Where one signs in, where nobody is signed in.
    pub login_url: Option<String>,
    /// Where an account is made, where the organization lets people in.
    pub register_url: Option<String>,
    /// Signs out, whoever is signed in with another one.
    pub sign_out: Option<Form>,
    /// Where one goes without linking.
    pub cancel_url: String,
}

impl Page for LinkAccount {
    fn template(&self) -> &'static str {
        "pages/link_account.html"
    }

    fn title(&self) -> Words {
        say::link_account().into()
    }
}

/// An account at a provider that lets somebody in.
#[derive(Clone, Debug, Serialize)]
pub struct IdentityRow {
    /// What people know the provider as.
    pub provider: String,
    /// The address that it said.
    pub email: String,
    /// Since when.
    pub since: When,
    /// The only organization that it lets them into, where there is one.
    pub only: Option<String>,
    /// Takes it away.
    pub remove: Form,
}

/// An organization's own providers.
#[derive(Clone, Debug, Serialize)]
pub struct Providers {
    /// The portal's sections.
    pub side: Side,
    /// What has just happened.
    pub notice: Option<Message>,
    /// The providers.
    pub providers: Vec<ProviderRow>,
    /// Where another one is added.
    pub new_url: String,
}

/// One of them.
#[derive(Clone, Debug, Serialize)]
pub struct ProviderRow {
    /// What people know it as.
    pub name: String,
    /// Where it is changed.
    pub url: String,
    /// Its issuer.
    pub issuer: String,
    /// Whether it lets anybody in.
    pub enabled: bool,
}

impl Page for Providers {
    fn template(&self) -> &'static str {
        "portal/providers.html"
    }

    fn title(&self) -> Words {
        say::providers().into()
    }
}

/// One of an organization's own providers, or a new one. Fields: `kind` of a new one, `name`, `issuer`, `client_id`,
/// `client_secret`, `scopes`, `enabled=yes`.
#[derive(Clone, Debug, Serialize)]
pub struct ProviderForm {
    /// The name that is stored, to be typed by who removes it.
    pub stored_name: String,
    /// The portal's sections.
    pub side: Side,
    /// What is wrong with the form as sent.
    pub errors: Vec<FormError>,
    /// Saves it.
    pub form: Form,
    /// Whether it is a new one.
    pub new: bool,
    /// What is told to the provider.
    pub redirect_uri: String,
    /// The kinds, of a new one.
    pub kinds: Vec<Choice>,
    /// What people know it as.
    pub name: String,
    /// Its issuer.
    pub issuer: String,
    /// What we are called there.
    pub client_id: String,
    /// What is asked for.
    pub scopes: String,
    /// Whether it lets anybody in.
    pub enabled: bool,
    /// Removes it.
    pub remove: Option<Form>,
    /// Where one goes without saving.
    pub cancel_url: String,
}

impl Page for ProviderForm {
    fn template(&self) -> &'static str {
        "portal/provider.html"
    }

    fn title(&self) -> Words {
        titled_by_errors(say::provider(), &self.errors)
    }
}
