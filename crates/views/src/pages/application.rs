use super::login::titled_by_errors;
use super::{Choice, Form, FormError, Side};
use crate::Page;
use crate::text::When;
use serde::Serialize;

/// An application in the portal: its settings in one form, its credentials, its end.
///
/// Fields of the settings form: `name`, `grant` (repeated), `code_lifetime`, `poll_interval` (seconds), `code_format`,
/// `code_length`, `code_charset`, `prefilled=yes`, `scope` and `default_scope` (repeated).
#[derive(Clone, Debug, Serialize)]
pub struct Application {
    /// The portal's sections.
    pub side: Side,
    /// What has just happened: "Saved."
    pub notice: Option<String>,
    /// What is wrong with the form as sent.
    pub errors: Vec<FormError>,
    /// The list of applications.
    pub list_url: String,
    /// Where the settings post to.
    pub action: String,
    /// Against forgery.
    pub csrf_token: String,
    /// The name as typed.
    pub name: String,
    /// The name as stored: the heading.
    pub stored_name: String,
    /// Whether it is enabled.
    pub enabled: bool,
    /// Its identifier and secrets.
    pub credentials: Credentials,
    /// The grants on offer.
    pub grants: Vec<Choice>,
    /// Settings of its device codes; absent without the device grant.
    pub device_code: Option<DeviceCodeSettings>,
    /// The organization's scopes; none is said in a sentence.
    pub scopes: Vec<ScopeChoice>,
    /// Ready commands; absent without the device grant.
    pub snippets: Option<Snippets>,
    /// *Disable*, or *Enable* where it is disabled.
    pub switch: Form,
    /// Deletion; absent for what can't be deleted.
    pub deletion: Option<DeletionForm>,
}

/// What an application proves itself with.
#[derive(Clone, Debug, Serialize)]
pub struct Credentials {
    /// What it calls itself on the wire.
    pub client_id: String,
    /// "Public" or "Confidential".
    pub kind: String,
    /// The secret just made, shown this once.
    pub new_secret: Option<String>,
    /// When each of its live secrets was made.
    pub secrets: Vec<When>,
    /// *Rotate secret*; absent for public applications.
    pub rotate: Option<Form>,
}

/// How an application's device codes are made. Values as typed.
#[derive(Clone, Debug, Serialize)]
pub struct DeviceCodeSettings {
    /// Seconds.
    pub lifetime: String,
    /// Seconds.
    pub interval: String,
    /// The formats on offer, among them a custom one; exactly one is chosen.
    pub formats: Vec<Choice>,
    /// Symbols of the custom format.
    pub custom_length: String,
    /// Alphabet of the custom format.
    pub custom_charset: String,
    /// Whether `verification_uri_complete` is given out.
    pub prefilled: bool,
}

/// A scope of the organization.
#[derive(Clone, Debug, Serialize)]
pub struct ScopeChoice {
    /// The scope on the wire.
    pub name: String,
    /// What it means, as users read it.
    pub sentence: String,
    /// Whether the application may ask for it.
    pub allowed: bool,
    /// Whether it gets it without asking.
    pub by_default: bool,
}

/// Deletion, confirmed by typing the name. Field: `name`.
#[derive(Clone, Debug, Serialize)]
pub struct DeletionForm {
    /// The form.
    pub form: Form,
    /// What was typed does not agree.
    pub error: Option<String>,
}

/// Commands to try an application with.
#[derive(Clone, Debug, Serialize)]
pub struct Snippets {
    /// The request that starts a device authorization.
    pub curl: String,
    /// The reference client.
    pub doorward: String,
}

impl Snippets {
    /// The commands for a client of an organization's issuer. Every value is quoted for a shell.
    pub fn new(device_authorization_url: &str, server: &str, org_id: &str, client_id: &str, scope: &str) -> Self {
        let mut curl =
            format!("curl {} \\\n  -d {}", quoted(device_authorization_url), quoted(&format!("client_id={client_id}")));
        if !scope.is_empty() {
            curl.push_str(" \\\n  --data-urlencode ");
            curl.push_str(&quoted(&format!("scope={scope}")));
        }
        let doorward = format!(
            "doorward login --server {} --org {} --client-id {}",
            quoted(server),
            quoted(org_id),
            quoted(client_id)
        );
        Self { curl, doorward }
    }
}

/// The text as one word of a POSIX shell. A scope may hold `'`, `$` and `` ` `` (RFC 6749 §3.3).
fn quoted(text: &str) -> String {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-_./:=@".contains(&byte);
    if !text.is_empty() && text.bytes().all(plain) {
        text.to_owned()
    } else {
        format!("'{}'", text.replace('\'', r"'\''"))
    }
}

impl Page for Application {
    fn template(&self) -> &'static str {
        "portal/application.html"
    }

    fn title(&self) -> String {
        titled_by_errors(&self.stored_name, &self.errors)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_scope_cannot_leave_its_quotes() {
        let snippets = Snippets::new("https://h/o", "https://h", "acme", "id-1", "a';touch$IFS'x read:all");
        assert_eq!(
            snippets.curl,
            "curl https://h/o \\\n  -d client_id=id-1 \\\n  --data-urlencode 'scope=a'\\'';touch$IFS'\\''x read:all'"
        );
        assert_eq!(snippets.doorward, "doorward login --server https://h --org acme --client-id id-1");
        assert!(!Snippets::new("u", "s", "o", "c", "").curl.contains("scope"));
    }
}
