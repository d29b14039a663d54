//! What an application's form says: read as typed, so that a refused form comes back as it was sent; turned into
//! settings; and each problem into a sentence beside its field.

use super::addresses::addresses;
use super::embedded_form::EmbeddedDraft;
use super::token_kind;
use model::algorithm::Algorithm;
use model::application::{
    Application, ApplicationSettings, ClientKind, CodeSettings, DeviceSettings, SettingsProblem, TokenSettings,
};
use model::context::plain_text;
use model::redirect_uri::{self, RedirectUri};
use model::user_code::{NotAFormat, UserCodeFormat};
use protocol::params::Params;
use protocol::scope::{self, Scopes};
use protocol::token::GrantType;
use std::collections::BTreeSet;
use std::time::Duration;
use views::pages::FormError;
use views::{Message, say};

/// The fields that are a group: of boxes, or of lines.
pub const REPEATED: [&str; 5] = ["grant", "scope", "default_scope", "redirect_uri", "post_logout_redirect_uri"];

/// The value of `code_format` for a length and characters of its own.
pub const CUSTOM: &str = "custom";

/// The value of `id_token_alg` for whatever the organization signs with.
pub const AS_ORGANIZATION: &str = "organization";

/// The form, as typed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Draft {
    /// `name`.
    pub name: String,
    /// `grant`.
    pub grants: Grants,
    /// The section about device codes, where the form has it.
    pub device: Option<DeviceDraft>,
    /// The section about sign-ins in the browser, where the form has it.
    pub code: Option<CodeDraft>,
    /// The section about sign-ins in a web view, where the form has it.
    pub embedded: Option<EmbeddedDraft>,
    /// `token_kind`; as it is stored where the form does not have it.
    pub token_kind: Option<String>,
    /// `access_lifetime`.
    pub access_lifetime: String,
    /// `id_token_alg`.
    pub id_token_alg: String,
    /// `scope`.
    pub scopes: Scopes,
    /// `default_scope`.
    pub default_scopes: Scopes,
}

/// The section about device codes, as typed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DeviceDraft {
    /// `code_lifetime`.
    pub lifetime: String,
    /// `poll_interval`.
    pub interval: String,
    /// `code_format`.
    pub format: String,
    /// `code_length`.
    pub custom_length: String,
    /// `code_charset`.
    pub custom_charset: String,
    /// `prefilled`.
    pub prefilled: bool,
}

/// The grants that are ticked.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Grants {
    /// Those that there are.
    pub known: BTreeSet<GrantType>,
    /// Whether the form names one that there is not.
    pub unknown: bool,
}

impl Grants {
    /// Reads the boxes.
    pub fn read(form: &Params) -> Self {
        let mut grants = Self::default();
        for name in form.all("grant") {
            match GrantType::from_name(name) {
                Some(grant) => drop(grants.known.insert(grant)),
                None => grants.unknown = true,
            }
        }
        grants
    }

    /// The problem of a grant that there is not.
    pub fn problem(&self) -> Option<FormError> {
        self.unknown.then(|| FormError::new("grant", say::grant_unknown()))
    }
}

impl Draft {
    /// The form of what is stored.
    pub fn of(settings: &ApplicationSettings) -> Self {
        Self {
            name: settings.name.clone(),
            grants: Grants { known: settings.grants.clone(), unknown: false },
            device: settings.grants.contains(&GrantType::DeviceCode).then(|| DeviceDraft::of(&settings.device)),
            code: Some(CodeDraft::of(&settings.code)),
            embedded: Some(EmbeddedDraft::of(&settings.embedded)),
            token_kind: Some(settings.tokens.kind.as_str().to_owned()),
            access_lifetime: settings.tokens.access_lifetime.as_secs().to_string(),
            id_token_alg: settings.tokens.id_token_alg.map_or(AS_ORGANIZATION, Algorithm::as_str).to_owned(),
            scopes: settings.scopes.clone(),
            default_scopes: settings.default_scopes.clone(),
        }
    }

    /// Reads the form as it was sent.
    pub fn read(form: &Params) -> Self {
        let scopes = |field| form.all(field).map(str::to_owned).collect();
        Self {
            name: text(form, "name"),
            grants: Grants::read(form),
            device: ["code_lifetime", "poll_interval", "code_format"]
                .iter()
                .any(|field| form.has(field))
                .then(|| DeviceDraft::read(form)),
            code: form.has("redirect_uri").then(|| CodeDraft::read(form)),
            embedded: EmbeddedDraft::read(form),
            token_kind: form.get("token_kind").map(str::to_owned),
            access_lifetime: text(form, "access_lifetime"),
            id_token_alg: text(form, "id_token_alg"),
            scopes: scopes("scope"),
            default_scopes: scopes("default_scope"),
        }
    }

    /// The settings that it asks for, of the scopes on offer. A section that the form did not have stays as it is stored.
    ///
    /// # Errors
    /// Everything that is wrong, a sentence for each field.
    pub fn settings(&self, stored: &Application, offered: &Scopes) -> Result<ApplicationSettings, Vec<FormError>> {
        let mut errors: Vec<FormError> = self.grants.problem().into_iter().collect();
        let device = match &self.device {
            Some(device) => device.settings(&stored.settings.device, &mut errors),
            None => stored.settings.device.clone(),
        };
        let code = match &self.code {
            Some(code) => code.settings(stored, &mut errors),
            None => stored.settings.code.clone(),
        };
        let embedded = match &self.embedded {
            Some(embedded) => embedded.settings(stored, &mut errors),
            None => stored.settings.embedded.clone(),
        };
        let lifetime = stored.settings.tokens.access_lifetime;
        let access_lifetime =
            seconds(&self.access_lifetime, ("access_lifetime", say::access_lifetime_wrong), &mut errors)
                .unwrap_or(lifetime);
        let kind = token_kind::read(self.token_kind.as_deref(), stored.settings.tokens.kind, &mut errors);
        let id_token_alg = match self.id_token_alg.as_str() {
            AS_ORGANIZATION => None,
            name => {
                let known = Algorithm::parse(name).ok();
                if known.is_none() {
                    errors.push(FormError::new("id_token_alg", say::id_token_alg_wrong()));
                }
                known
            }
        };
        if !self.scopes.within(offered) || !self.default_scopes.within(offered) {
            errors.push(FormError::new("scope", say::scope_unknown()));
        } else if self.scopes.names().count() > scope::MOST || self.scopes.to_string().len() > scope::LONGEST {
            errors.push(FormError::new("scope", say::scope_too_many()));
        }
        let settings = ApplicationSettings {
            name: plain_name(&self.name),
            // A file is no part of what is typed: see [`super::logo`].
            logo: stored.settings.logo.clone(),
            grants: self.grants.known.clone(),
            scopes: self.scopes.clone(),
            default_scopes: self.default_scopes.clone(),
            device,
            code,
            embedded,
            tokens: TokenSettings { access_lifetime, id_token_alg, kind },
        };
        for found in settings.problems(stored.kind).into_iter().map(of_problem) {
            add(&mut errors, found);
        }
        if errors.is_empty() { Ok(settings) } else { Err(in_order(errors)) }
    }
}

impl DeviceDraft {
    /// The section of what is stored.
    pub fn of(device: &DeviceSettings) -> Self {
        let (format, custom_length, custom_charset) = match &device.format {
            UserCodeFormat::Custom { length, symbols } => (CUSTOM.to_owned(), length.to_string(), symbols.clone()),
            known => (known.to_string(), String::new(), String::new()),
        };
        Self {
            lifetime: as_typed(device.expiration),
            interval: as_typed(device.interval),
            format,
            custom_length,
            custom_charset,
            prefilled: device.prefilled_uri,
        }
    }

    fn read(form: &Params) -> Self {
        Self {
            lifetime: text(form, "code_lifetime"),
            interval: text(form, "poll_interval"),
            format: text(form, "code_format"),
            custom_length: text(form, "code_length"),
            custom_charset: text(form, "code_charset"),
            prefilled: form.get("prefilled") == Some("yes"),
        }
    }

    fn settings(&self, stored: &DeviceSettings, errors: &mut Vec<FormError>) -> DeviceSettings {
        let expiration = own_seconds(&self.lifetime, ("code_lifetime", say::code_lifetime_wrong), errors);
        let interval = own_seconds(&self.interval, ("poll_interval", say::poll_interval_wrong), errors);
        let format = self.format(errors);
        DeviceSettings {
            expiration,
            interval,
            format: format.unwrap_or_else(|| stored.format.clone()),
            prefilled_uri: self.prefilled,
        }
    }

    fn format(&self, errors: &mut Vec<FormError>) -> Option<UserCodeFormat> {
        let read = if self.format == CUSTOM {
            let length = self.custom_length.trim().parse().map_err(|_| NotAFormat::Length);
            length.and_then(|length| UserCodeFormat::custom(length, self.custom_charset.trim()))
        } else {
            // The form in which the database keeps formats of their own is not one of the choices.
            let listed = UserCodeFormat::parse(&self.format).ok();
            listed.filter(|format| !matches!(format, UserCodeFormat::Custom { .. })).ok_or(NotAFormat::Unknown)
        };
        read.map_err(|problem| {
            errors.push(match problem {
                NotAFormat::Length => FormError::new("code_length", say::code_length_wrong()),
                NotAFormat::Symbols => FormError::new("code_charset", say::code_charset_wrong()),
                NotAFormat::Unknown => FormError::new("code_format", say::code_format_wrong()),
            });
        })
        .ok()
    }
}

/// The section about sign-ins in the browser, as typed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct CodeDraft {
    /// `redirect_uri`.
    pub redirect_uris: Vec<String>,
    /// `post_logout_redirect_uri`.
    pub post_logout_redirect_uris: Vec<String>,
    /// `challenge_required`; counts for a confidential application alone.
    pub challenge_required: bool,
}

impl CodeDraft {
    /// The section of what is stored.
    pub fn of(code: &CodeSettings) -> Self {
        let typed = |uris: &[RedirectUri]| uris.iter().map(ToString::to_string).collect();
        Self {
            redirect_uris: typed(&code.redirect_uris),
            post_logout_redirect_uris: typed(&code.post_logout_redirect_uris),
            challenge_required: code.challenge_required,
        }
    }

    /// Reads the section as it was sent.
    pub fn read(form: &Params) -> Self {
        let lines =
            |field| form.all(field).map(|line| line.trim().to_owned()).filter(|line| !line.is_empty()).collect();
        Self {
            redirect_uris: lines("redirect_uri"),
            post_logout_redirect_uris: lines("post_logout_redirect_uri"),
            challenge_required: form.get("challenge_required") == Some("yes"),
        }
    }

    fn settings(&self, stored: &Application, errors: &mut Vec<FormError>) -> CodeSettings {
        CodeSettings {
            redirect_uris: addresses("redirect_uri", &self.redirect_uris, errors),
            post_logout_redirect_uris: addresses("post_logout_redirect_uri", &self.post_logout_redirect_uris, errors),
            challenge_required: stored.kind == ClientKind::Public || self.challenge_required,
        }
    }
}

/// A name as it is stored: nothing invisible, one space between words.
pub fn plain_name(typed: &str) -> String {
    // Invisible characters go first, so that two spaces around one become one.
    plain_text(typed, usize::MAX).split_whitespace().collect::<Vec<_>>().join(" ")
}

fn text(form: &Params, field: &str) -> String {
    form.get(field).unwrap_or_default().to_owned()
}

fn seconds(typed: &str, (field, sentence): (&str, fn() -> Message), errors: &mut Vec<FormError>) -> Option<Duration> {
    let read = typed.trim().parse().ok().map(Duration::from_secs);
    if read.is_none() {
        errors.push(FormError::new(field, sentence()));
    }
    read
}

/// Seconds of the application's own; none where nothing is typed: then the organization's count.
fn own_seconds(typed: &str, problem: (&str, fn() -> Message), errors: &mut Vec<FormError>) -> Option<Duration> {
    if typed.trim().is_empty() { None } else { seconds(typed, problem, errors) }
}

fn as_typed(span: Option<Duration>) -> String {
    span.map(|span| span.as_secs().to_string()).unwrap_or_default()
}

/// Adds `found` where its field has no sentence yet.
pub fn add(errors: &mut Vec<FormError>, found: FormError) {
    if errors.iter().all(|known| known.field != found.field) {
        errors.push(found);
    }
}

/// The sentences in the order of their fields on the page.
pub fn in_order(mut errors: Vec<FormError>) -> Vec<FormError> {
    const ORDER: [&str; 15] = [
        "name",
        "logo",
        "kind",
        "code_lifetime",
        "poll_interval",
        "code_format",
        "code_length",
        "code_charset",
        "grant",
        "token_kind",
        "access_lifetime",
        "id_token_alg",
        "redirect_uri",
        "post_logout_redirect_uri",
        "post_registration_url",
    ];
    errors.sort_by_key(|error| ORDER.iter().position(|field| *field == error.field).unwrap_or(ORDER.len()));
    errors
}

/// The field that a problem belongs to, and what to do about it.
pub fn of_problem(problem: SettingsProblem) -> FormError {
    use SettingsProblem as P;
    let (field, sentence) = match problem {
        P::NameEmpty => ("name", say::name_empty()),
        P::NameInvisible => ("name", say::name_invisible()),
        P::NameTooLong => ("name", say::name_too_long()),
        P::NoGrant => ("grant", say::grant_missing()),
        P::RefreshAlone => ("grant", say::grant_refresh_alone()),
        P::ClientCredentialsNeedSecret => ("grant", say::grant_needs_secret()),
        P::RedirectUriMissing => ("redirect_uri", say::redirect_uri_missing()),
        P::RedirectUrisTooMany => ("redirect_uri", say::redirect_uri_too_many(redirect_uri::MOST.to_string())),
        P::PostRegistrationNoPage => ("post_registration_url", say::post_registration_no_page()),
        P::DefaultScopesBeyondAllowed => ("scope", say::scope_default_not_allowed()),
        P::Expiration => ("code_lifetime", say::code_lifetime_wrong()),
        P::Interval => ("poll_interval", say::poll_interval_wrong()),
        P::AccessLifetime => ("access_lifetime", say::access_lifetime_wrong()),
        P::KeysAreForDevices => ("grant", say::grant_keys_are_for_devices()),
    };
    FormError::new(field, sentence)
}

/// The kind of an application in a word.
pub fn kind_word(kind: ClientKind) -> Message {
    match kind {
        ClientKind::Public => say::kind_public(),
        ClientKind::Confidential => say::kind_confidential(),
    }
}

/// A grant in words.
pub fn grant_words(grant: GrantType) -> Message {
    match grant {
        GrantType::DeviceCode => say::grant_device_code(),
        GrantType::AuthorizationCode => say::grant_authorization_code(),
        GrantType::RefreshToken => say::grant_refresh_token(),
        GrantType::ClientCredentials => say::grant_client_credentials(),
    }
}

#[cfg(test)]
#[path = "application_form_tests.rs"]
mod tests;
