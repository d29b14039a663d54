use super::login::titled_by_errors;
use super::{Choice, Form, FormError, Side};
use crate::Page;
use crate::text::When;
use crate::words::{Message, Words};
use serde::Serialize;

/// An application in the portal: its settings in one form, its credentials, its end.
///
/// Fields of the settings form: `name`, `grant` (repeated), `code_lifetime`, `poll_interval` (seconds), `code_format`,
/// `code_length`, `code_charset`, `prefilled=yes`, `token_kind`, `access_lifetime` (seconds), `id_token_alg`, `scope` and
/// `default_scope` (repeated), `embedded=yes`, `post_registration_url`, and `revision`.
#[derive(Clone, Debug, Serialize)]
pub struct Application {
    /// The portal's sections.
    pub side: Side,
    /// What has just happened: "Saved."
    pub notice: Option<Message>,
    /// What is wrong with the form as sent.
    pub errors: Vec<FormError>,
    /// The list of applications.
    pub list_url: String,
    /// Where the settings post to.
    pub action: String,
    /// Against forgery.
    pub csrf_token: String,
    /// Which copy of the settings the form was filled from.
    pub revision: i32,
    /// The name as typed.
    pub name: String,
    /// Where its logo is, if it has one.
    pub logo_url: Option<String>,
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
    /// Settings of its tokens.
    pub tokens: TokenChoices,
    /// Where answers and sign-outs may lead.
    pub code: CodeChoices,
    /// Whether people sign in inside its own web view; absent for what can't do so.
    pub embedded: Option<EmbeddedChoices>,
    /// The organization's scopes; none is said in a sentence.
    pub scopes: Vec<ScopeChoice>,
    /// Ready commands; absent where it has no grant to try.
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
    pub kind: Message,
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
    /// Seconds; empty where the organization's count.
    pub lifetime: String,
    /// What may be typed, and what counts where nothing is.
    pub lifetime_hint: Message,
    /// Seconds; empty where the organization's count.
    pub interval: String,
    /// What may be typed, and what counts where nothing is.
    pub interval_hint: Message,
    /// The formats on offer, among them a custom one; exactly one is chosen.
    pub formats: Vec<Choice>,
    /// Symbols of the custom format.
    pub custom_length: String,
    /// Alphabet of the custom format.
    pub custom_charset: String,
    /// Whether `verification_uri_complete` is given out.
    pub prefilled: bool,
}

/// The settings of sign-ins in the browser, as typed.
#[derive(Clone, Debug, Serialize)]
pub struct CodeChoices {
    /// The lines for addresses of answers, with room for more.
    pub redirect_uris: Vec<String>,
    /// The same for sign-outs.
    pub post_logout_redirect_uris: Vec<String>,
    /// Whether it is a choice that requests need a code challenge.
    pub challenge_offered: bool,
    /// Whether they do.
    pub challenge_required: bool,
}

/// The settings of sign-ins in a web view, as typed.
#[derive(Clone, Debug, Serialize)]
pub struct EmbeddedChoices {
    /// Whether it may.
    pub enabled: bool,
    /// The page of its own for whoever has registered; empty where it has none.
    pub post_registration_url: String,
}

/// How an application's tokens are made. Values as typed.
#[derive(Clone, Debug, Serialize)]
pub struct TokenChoices {
    /// What device logins get; exactly one is chosen.
    pub kinds: Vec<Choice>,
    /// Seconds that an access token lives.
    pub access_lifetime: String,
    /// The algorithms on offer for ID tokens, the organization's first; exactly one is chosen.
    pub id_token_algs: Vec<Choice>,
}

/// A scope of the organization.
#[derive(Clone, Debug, Serialize)]
pub struct ScopeChoice {
    /// The scope on the wire.
    pub name: String,
    /// What it means, as users read it.
    pub sentence: Words,
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
    pub error: Option<Message>,
}

/// Commands to try an application with: those that its grants and its kind allow.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Snippets {
    /// The request that starts a device authorization.
    pub curl: Option<String>,
    /// The reference client, which has no secret to show.
    pub doorward: Option<String>,
    /// The request for a token of its own (RFC 6749 §4.4).
    pub token: Option<String>,
}

/// What the commands to try a confidential application with are made of.
#[derive(Clone, Copy, Debug)]
pub struct SecretSnippets<'a> {
    /// Where a device authorization starts, where it may.
    pub device_authorization_url: Option<&'a str>,
    /// Where the application gets a token for itself, where it may.
    pub token_url: Option<&'a str>,
    /// The application.
    pub client_id: &'a str,
    /// What it asks for; may be empty.
    pub scope: &'a str,
}

impl Snippets {
    /// The commands for a public client of an organization's issuer. Every value is quoted for a shell.
    pub fn new(device_authorization_url: &str, server: &str, org_id: &str, client_id: &str, scope: &str) -> Self {
        let client = format!("-d {}", quoted(&format!("client_id={client_id}")));
        let doorward = format!(
            "doorward login --server {} --org {} --client-id {}",
            quoted(server),
            quoted(org_id),
            quoted(client_id)
        );
        Self { curl: Some(curl(device_authorization_url, &client, scope)), doorward: Some(doorward), token: None }
    }

    /// The commands for a confidential client, which takes its secret from the shell's `CLIENT_SECRET`.
    pub fn with_secret(snippets: SecretSnippets<'_>) -> Self {
        let client = format!("-u {}:\"$CLIENT_SECRET\"", quoted(snippets.client_id));
        let own = format!("{client} \\\n  -d grant_type=client_credentials");
        Self {
            curl: snippets.device_authorization_url.map(|url| curl(url, &client, snippets.scope)),
            doorward: None,
            token: snippets.token_url.map(|url| curl(url, &own, snippets.scope)),
        }
    }
}

fn curl(url: &str, arguments: &str, scope: &str) -> String {
    let mut curl = format!("curl {} \\\n  {arguments}", quoted(url));
    if !scope.is_empty() {
        curl.push_str(" \\\n  --data-urlencode ");
        curl.push_str(&quoted(&format!("scope={scope}")));
    }
    curl
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

    fn title(&self) -> Words {
        titled_by_errors(Words::verbatim(self.stored_name.as_str()), &self.errors)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_scope_cannot_leave_its_quotes() {
        let snippets = Snippets::new("https://h/o", "https://h", "acme", "id-1", "a';touch$IFS'x read:all");
        assert_eq!(
            snippets.curl.unwrap(),
            "curl https://h/o \\\n  -d client_id=id-1 \\\n  --data-urlencode 'scope=a'\\'';touch$IFS'\\''x read:all'"
        );
        assert_eq!(snippets.doorward.unwrap(), "doorward login --server https://h --org acme --client-id id-1");
        assert!(!Snippets::new("u", "s", "o", "c", "").curl.unwrap().contains("scope"));
    }

    #[test]
    fn a_secret_is_taken_from_the_shell_and_never_written_into_a_command() {
        let with = SecretSnippets {
            device_authorization_url: Some("https://h/d"),
            token_url: Some("https://h/t"),
            client_id: "id-1",
            scope: "read:all",
        };
        let snippets = Snippets::with_secret(with);
        let scope = " \\\n  --data-urlencode scope=read:all";
        assert_eq!(snippets.curl.unwrap(), format!("curl https://h/d \\\n  -u id-1:\"$CLIENT_SECRET\"{scope}"));
        assert_eq!(
            snippets.token.unwrap(),
            format!("curl https://h/t \\\n  -u id-1:\"$CLIENT_SECRET\" \\\n  -d grant_type=client_credentials{scope}")
        );
        assert_eq!(snippets.doorward, None);
        let none = Snippets::with_secret(SecretSnippets { device_authorization_url: None, token_url: None, ..with });
        assert_eq!(none, Snippets::default());
    }
}
