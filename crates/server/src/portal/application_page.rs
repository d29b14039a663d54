//! One application as its page shows it.

use super::Inside;
use super::application::{DELETE, DISABLE, EDIT, ENABLE, ROTATE};
use super::application_form::{AS_ORGANIZATION, CUSTOM, CodeDraft, DeviceDraft, Draft, grant_words, kind_word};
use super::embedded_form::EmbeddedDraft;
use super::token_kind;
use crate::context::Context;
use crate::refused::Refused;
use crate::web::{frame, page};
use crate::words;
use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use directory::catalogue::Catalogue;
use login::csrf::FormPurpose;
use model::algorithm::Algorithm;
use model::application::{Application, ApplicationState, ClientKind};
use model::catalogue::Scope;
use model::fault::Fault;
use model::id::{ApplicationId, ClientId};
use model::org::DeviceDefaults;
use model::redirect_uri;
use model::secret::Secret;
use model::time::Timestamp;
use protocol::token::GrantType;
use routes::url;
use std::collections::BTreeSet;
use store::Conn;
use store::tables::{application_secrets, applications};
use views::pages::{
    self, Choice, CodeChoices, Credentials, DeletionForm, DeviceCodeSettings, EmbeddedChoices, Form, FormError,
    HiddenField, ScopeChoice, SecretSnippets, Snippets, TokenChoices,
};
use views::text::When;
use views::{Message, Words, say};

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
        let secrets = application_secrets::made(conn, &org, id)?;
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
    pub(super) notice: Option<Message>,
    /// The form as it was sent, where it was refused; what is stored otherwise.
    pub(super) draft: Option<Draft>,
    /// Why it was refused.
    pub(super) errors: Vec<FormError>,
    /// Why the deletion was refused.
    pub(super) deletion_error: Option<Message>,
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
    errors.extend(said.deletion_error.clone().map(|sentence| FormError::new("delete-name", sentence)));
    let shown = pages::Application {
        side: frame::portal_side(&inside.organization, &list_url),
        notice: said.notice,
        errors,
        list_url,
        action: url::portal_application(org, id),
        csrf_token: inside.token(context, FormPurpose { action: EDIT, object: &object }),
        revision: application.revision,
        name: draft.name.clone(),
        logo_url: frame::logo_url(application),
        stored_name: application.settings.name.clone(),
        enabled,
        credentials: Credentials {
            client_id: application.client_id.to_string(),
            kind: kind_word(application.kind),
            new_secret: said.new_secret.map(|secret| secret.expose().clone()),
            secrets: seen.secrets.iter().map(|made| When::past(*made, context.now())).collect(),
            rotate: confidential.then(|| form("secret", ROTATE)),
        },
        grants: grants(Some(application.kind), &draft.grants.known),
        device_code: device.map(|draft| device_code(draft, &inside.organization.device)),
        tokens: TokenChoices {
            kinds: token_kind::choices(draft.token_kind.as_deref()),
            access_lifetime: draft.access_lifetime.clone(),
            id_token_algs: id_token_algs(&draft.id_token_alg, inside.organization.signing_alg),
        },
        code: code_choices(draft.code.clone().unwrap_or_default(), application.kind),
        embedded: (!seen.is_reference_client()).then(|| embedded_choices(draft.embedded.clone().unwrap_or_default())),
        scopes: scopes(&seen.catalogue, &draft),
        snippets: snippets(context, seen),
        switch: if enabled { form("disable", DISABLE) } else { form("enable", ENABLE) },
        deletion: (!seen.is_reference_client())
            .then(|| DeletionForm { form: form("delete", DELETE), error: said.deletion_error }),
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
                GrantType::DeviceCode => say::grant_device_code_hint(),
                GrantType::AuthorizationCode => say::grant_authorization_code_hint(),
                GrantType::RefreshToken => say::grant_refresh_token_hint(),
                GrantType::ClientCredentials if kind.is_none() => say::grant_client_credentials_hint_new(),
                GrantType::ClientCredentials => say::grant_client_credentials_hint(),
            };
            choice(grant.name(), grant_words(grant), hint, chosen.contains(&grant))
        })
        .collect()
}

/// One of several values.
pub(super) fn choice(value: &str, label: impl Into<Words>, hint: impl Into<Option<Message>>, chosen: bool) -> Choice {
    Choice { value: value.to_owned(), label: label.into(), hint: hint.into(), chosen }
}

fn device_code(draft: DeviceDraft, defaults: &DeviceDefaults) -> DeviceCodeSettings {
    let formats = [
        ("XXXX-XXXX", Words::verbatim("XXXX-XXXX"), say::code_format_letters_8()),
        ("XXX-XXX-XXX", Words::verbatim("XXX-XXX-XXX"), say::code_format_letters_9()),
        ("999-999-999", Words::verbatim("999-999-999"), say::code_format_digits_9()),
        (CUSTOM, say::code_format_custom().into(), say::code_format_custom_hint()),
    ];
    let format = |(value, label, hint)| choice(value, label, hint, value == draft.format);
    DeviceCodeSettings {
        formats: formats.into_iter().map(format).collect(),
        lifetime: draft.lifetime,
        lifetime_hint: say::code_lifetime_hint(defaults.expiration.as_secs()),
        interval: draft.interval,
        interval_hint: say::poll_interval_hint(defaults.interval.as_secs()),
        custom_length: draft.custom_length,
        custom_charset: draft.custom_charset,
        prefilled: draft.prefilled,
    }
}

fn code_choices(draft: CodeDraft, kind: ClientKind) -> CodeChoices {
    CodeChoices {
        redirect_uris: lines(draft.redirect_uris),
        post_logout_redirect_uris: lines(draft.post_logout_redirect_uris),
        challenge_offered: kind == ClientKind::Confidential,
        challenge_required: draft.challenge_required,
    }
}

fn embedded_choices(draft: EmbeddedDraft) -> EmbeddedChoices {
    EmbeddedChoices { enabled: draft.enabled, post_registration_url: draft.post_registration_url }
}

/// What is typed, with room for more.
pub(super) fn lines(mut typed: Vec<String>) -> Vec<String> {
    let room = typed.len() + 2;
    typed.resize(room.min(redirect_uri::MOST.max(typed.len())), String::new());
    typed
}

fn id_token_algs(chosen: &str, of_organization: Algorithm) -> Vec<Choice> {
    let present = say::at_present(of_organization.as_str());
    let mut choices = vec![choice(AS_ORGANIZATION, say::as_organization(), present, chosen == AS_ORGANIZATION)];
    choices.extend(Algorithm::ALL.into_iter().map(|algorithm| {
        let hint = match algorithm {
            Algorithm::Es256 => say::alg_es256_hint(),
            Algorithm::Rs256 => say::alg_rs256_hint(),
            Algorithm::EdDsa => say::alg_eddsa_hint(),
        };
        choice(algorithm.as_str(), Words::verbatim(algorithm.as_str()), hint, chosen == algorithm.as_str())
    }));
    choices
}

fn scopes(catalogue: &Catalogue, draft: &Draft) -> Vec<ScopeChoice> {
    let scope = |scope: &Scope| ScopeChoice {
        name: scope.name.clone(),
        sentence: words::scope(scope.sentence.clone()),
        allowed: draft.scopes.has(&scope.name),
        by_default: draft.default_scopes.has(&scope.name),
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
