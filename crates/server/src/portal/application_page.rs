//! One application as its page shows it.

use super::Inside;
use super::application::{DELETE, DISABLE, EDIT, ENABLE, ROTATE};
use super::application_form::{AS_ORGANIZATION, CUSTOM, DeviceDraft, Draft, error, grant_words, kind_word};
use crate::context::Context;
use crate::refused::Refused;
use crate::web::{frame, page};
use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use directory::catalogue::Catalogue;
use login::csrf::FormPurpose;
use model::algorithm::Algorithm;
use model::application::{Application, ApplicationState, ClientKind};
use model::fault::Fault;
use model::id::{ApplicationId, ClientId};
use model::org::DeviceDefaults;
use model::secret::Secret;
use model::time::Timestamp;
use protocol::token::GrantType;
use routes::url;
use std::collections::BTreeSet;
use store::Conn;
use store::tables::applications;
use views::pages::{
    self, Choice, Credentials, DeletionForm, DeviceCodeSettings, Form, FormError, HiddenField, ScopeChoice,
    SecretSnippets, Snippets, TokenChoices,
};
use views::text::When;

/// An application with all that its page tells.
pub(super) struct Seen {
    pub(super) inside: Inside,
    pub(super) application: Application,
    pub(super) catalogue: Catalogue,
    secrets: Vec<Timestamp>,
}

impl Seen {
    /// Reads it; nothing where the organization has no such application.
    pub(super) fn read(conn: &mut Conn, inside: Inside, id: ApplicationId) -> Result<Option<Self>, Fault> {
        let org = inside.org_id().clone();
        let Some(application) = applications::by_id(conn, &org, id)? else { return Ok(None) };
        let secrets = applications::secrets_made(conn, &org, id)?;
        let catalogue = Catalogue::read(conn, &org)?;
        Ok(Some(Self { inside, application, catalogue, secrets }))
    }

    /// Whether it is the program that every organization has.
    pub(super) fn is_reference_client(&self) -> bool {
        self.application.client_id.as_str() == ClientId::REFERENCE
    }
}

/// What the page says beside what is stored.
#[derive(Default)]
pub(super) struct Said {
    /// What has just happened.
    pub(super) notice: Option<&'static str>,
    /// The form as it was sent, where it was refused; what is stored otherwise.
    pub(super) draft: Option<Draft>,
    /// Why it was refused.
    pub(super) errors: Vec<FormError>,
    /// Why the deletion was refused.
    pub(super) deletion_error: Option<&'static str>,
    /// The secret just made.
    pub(super) new_secret: Option<Secret>,
}

/// Shows the page.
///
/// # Errors
/// `Broken` where its template is.
pub(super) fn render(context: &Context, status: StatusCode, seen: &Seen, said: Said) -> Result<HttpResponse, Refused> {
    let (inside, application) = (&seen.inside, &seen.application);
    let (org, id) = (inside.org_id(), application.id);
    let object = id.to_string();
    let form = |path: &str, action| -> Form {
        let to = url::portal_application_action(org, id, path);
        let mut form = inside.form(context, to, FormPurpose { action, object: &object });
        form.hidden.push(HiddenField { name: "revision".to_owned(), value: application.revision.to_string() });
        form
    };
    let enabled = application.state == ApplicationState::Active;
    let draft = said.draft.unwrap_or_else(|| Draft::of(&application.settings));
    // Somebody who has just ticked the grant finds its settings below the sentence about what else is wrong.
    let device = draft.device.clone().or_else(|| {
        draft.grants.known.contains(&GrantType::DeviceCode).then(|| DeviceDraft::of(&application.settings.device))
    });
    let confidential = application.kind == ClientKind::Confidential;
    let list_url = url::portal_applications(org);
    let mut errors = said.errors;
    // The form is at the end of a long page: what is wrong with it is said on top, too.
    errors.extend(said.deletion_error.map(|sentence| error("delete-name", sentence)));
    let shown = pages::Application {
        side: frame::portal_side(&inside.organization, &list_url),
        notice: said.notice.map(str::to_owned),
        errors,
        list_url,
        action: url::portal_application(org, id),
        csrf_token: inside.token(context, FormPurpose { action: EDIT, object: &object }),
        revision: application.revision,
        name: draft.name.clone(),
        stored_name: application.settings.name.clone(),
        enabled,
        credentials: Credentials {
            client_id: application.client_id.to_string(),
            kind: kind_word(application.kind).to_owned(),
            new_secret: said.new_secret.map(|secret| secret.expose().clone()),
            secrets: seen.secrets.iter().map(|made| When::past(*made, context.now())).collect(),
            rotate: confidential.then(|| form("secret", ROTATE)),
        },
        grants: grants(Some(application.kind), &draft.grants.known),
        device_code: device.map(|draft| device_code(draft, &inside.organization.device)),
        tokens: TokenChoices {
            access_lifetime: draft.access_lifetime.clone(),
            id_token_algs: id_token_algs(&draft.id_token_alg, inside.organization.signing_alg),
        },
        scopes: scopes(&seen.catalogue, &draft),
        snippets: snippets(context, seen),
        switch: if enabled { form("disable", DISABLE) } else { form("enable", ENABLE) },
        deletion: (!seen.is_reference_client())
            .then(|| DeletionForm { form: form("delete", DELETE), error: said.deletion_error.map(str::to_owned) }),
    };
    page(context, status, &shown, &inside.frame(context))
}

/// The grants on offer for an application of `kind`, or of either where it is still to be chosen.
pub(super) fn grants(kind: Option<ClientKind>, chosen: &BTreeSet<GrantType>) -> Vec<Choice> {
    let offered = |grant: &GrantType| *grant != GrantType::ClientCredentials || kind != Some(ClientKind::Public);
    GrantType::ALL
        .into_iter()
        .filter(offered)
        .map(|grant| {
            let hint = match grant {
                GrantType::DeviceCode => "Members sign in on it by typing a code elsewhere.",
                GrantType::RefreshToken => "It stays connected until it is disconnected.",
                GrantType::ClientCredentials if kind.is_none() => {
                    "It acts for itself, without a member. For confidential applications."
                }
                GrantType::ClientCredentials => "It acts for itself, without a member.",
            };
            choice(grant.name(), grant_words(grant), hint, chosen.contains(&grant))
        })
        .collect()
}

/// One of several values.
pub(super) fn choice(value: &str, label: &str, hint: &str, chosen: bool) -> Choice {
    Choice { value: value.to_owned(), label: label.to_owned(), hint: hint.to_owned(), chosen }
}

fn device_code(draft: DeviceDraft, defaults: &DeviceDefaults) -> DeviceCodeSettings {
    let formats = [
        ("XXXX-XXXX", "XXXX-XXXX", "Eight letters and digits."),
        ("XXX-XXX-XXX", "XXX-XXX-XXX", "Nine letters and digits."),
        ("999-999-999", "999-999-999", "Nine digits, for remote controls. Such codes live at most ten minutes."),
        (
            CUSTOM,
            "Custom",
            "Length and characters of your own. Codes that are easier to guess live at most ten minutes.",
        ),
    ];
    let format = |(value, label, hint)| choice(value, label, hint, value == draft.format);
    DeviceCodeSettings {
        formats: formats.into_iter().map(format).collect(),
        lifetime: draft.lifetime,
        lifetime_hint: format!("60 to 86400; empty: as the organization, {}", defaults.expiration.as_secs()),
        interval: draft.interval,
        interval_hint: format!("1 to 60; empty: as the organization, {}", defaults.interval.as_secs()),
        custom_length: draft.custom_length,
        custom_charset: draft.custom_charset,
        prefilled: draft.prefilled,
    }
}

fn id_token_algs(chosen: &str, of_organization: Algorithm) -> Vec<Choice> {
    let present = format!("At present {of_organization}.");
    let mut choices = vec![choice(AS_ORGANIZATION, "As the organization", &present, chosen == AS_ORGANIZATION)];
    choices.extend(Algorithm::ALL.into_iter().map(|algorithm| {
        let hint = match algorithm {
            Algorithm::Es256 => "Small and fast, known to most libraries.",
            Algorithm::Rs256 => "Known to every library for OpenID Connect.",
            Algorithm::EdDsa => "The smallest, known to newer libraries.",
        };
        choice(algorithm.as_str(), algorithm.as_str(), hint, chosen == algorithm.as_str())
    }));
    choices
}

fn scopes(catalogue: &Catalogue, draft: &Draft) -> Vec<ScopeChoice> {
    let scope = |(name, sentence): &(String, String)| ScopeChoice {
        name: name.clone(),
        sentence: sentence.clone(),
        allowed: draft.scopes.has(name),
        by_default: draft.default_scopes.has(name),
    };
    catalogue.entries().iter().map(scope).collect()
}

fn snippets(context: &Context, seen: &Seen) -> Option<Snippets> {
    let (org, settings) = (seen.inside.org_id(), &seen.application.settings);
    let (public_url, client_id) = (&context.state.config.public_url, seen.application.client_id.as_str());
    let endpoint = |grant, name| settings.grants.contains(&grant).then(|| public_url.join(&url::oauth(org, name)));
    let device = endpoint(GrantType::DeviceCode, "device_authorization");
    let scope = settings.default_scopes.to_string();
    let snippets = match seen.application.kind {
        ClientKind::Public => Snippets::new(&device?, public_url.as_str(), org.as_str(), client_id, &scope),
        ClientKind::Confidential => Snippets::with_secret(SecretSnippets {
            device_authorization_url: device.as_deref(),
            token_url: endpoint(GrantType::ClientCredentials, "token").as_deref(),
            client_id,
            scope: &scope,
        }),
    };
    (snippets != Snippets::default()).then_some(snippets)
}
