//! The portal's page of one of the organization's own identity providers.
//!
//! Whoever changes one decides who is let in as whom. So it takes a fresh proof of who it is, in a session that no such
//! provider has begun. A provider is asked for its metadata before it is saved, so that a mistyped issuer is seen here and
//! not at somebody's sign-in; and the secret that we have for one issuer is never sent to another.

use super::providers::charge_check;
use super::{ADDED, Inside, REMOVED, SAVED, provider_name};
use crate::answer;
use crate::config::is_issuer;
use crate::context::Context;
use crate::extract::request::{id, organization};
use crate::refused::{Refused, set_retry_after};
use crate::web::gate::{Stopped, Visitor, own_form};
use crate::web::upstream::redirect_uri;
use crate::web::{frame, page};
use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use login::budget::Charging;
use login::csrf::FormPurpose;
use login::upstream::own::{self, Changed};
use model::fault::Fault;
use model::id::{OrgId, ProviderId};
use model::secret::Secret;
use model::session::Reach;
use model::time::minutes_up;
use model::upstream::{Provider, ProviderKey, ProviderKind};
use protocol::params::Params;
use routes::url;
use store::tables::upstream_providers::{self, OwnProvider};
use store::{Class, Conn};
use views::pages::{Choice, Form, FormError, HiddenField, ProviderForm};
use views::{Words, say};

const CREATE: &str = "provider-create";
const EDIT: &str = "provider-edit";
const REMOVE: &str = "provider-remove";

/// As [`Inside::enter`], for whoever has lately proven who they are, in a session that goes everywhere.
fn enter(conn: &mut Conn, visitor: &Visitor, org: &OrgId, context: &Fresh) -> Result<Result<Inside, Stopped>, Fault> {
    Ok(match Inside::enter(conn, visitor, org)? {
        Ok(inside) => {
            let session = inside.signed_in.session();
            let good = *session.reach() == Reach::Everywhere && session.is_fresh(context.0, &context.1);
            if good { Ok(inside) } else { Err(Stopped::Stale) }
        }
        Err(stopped) => Err(stopped),
    })
}

/// When it is, and how long a proof counts.
#[derive(Clone, Copy)]
struct Fresh(model::time::Timestamp, model::session::SessionPolicy);

impl Fresh {
    fn of(context: &Context) -> Self {
        Self(context.now(), context.state.config.sessions)
    }
}

/// The form as typed.
#[derive(Clone, Default)]
struct Typed {
    kind: Option<ProviderKind>,
    name: String,
    issuer: String,
    client_id: String,
    secret: String,
    scopes: String,
    enabled: bool,
    // That of the settings that were shown.
    revision: i64,
    // The name that is stored, to be typed by who removes it.
    stored_name: String,
}

impl Typed {
    fn read(form: &Params) -> Self {
        let field = |name: &str| form.get(name).unwrap_or_default().trim().to_owned();
        Self {
            kind: form.get("kind").and_then(ProviderKind::parse),
            name: field("name"),
            issuer: field("issuer"),
            client_id: field("client_id"),
            secret: field("client_secret"),
            scopes: field("scopes"),
            enabled: form.has("enabled"),
            revision: form.get("revision").and_then(|number| number.parse().ok()).unwrap_or_default(),
            stored_name: String::new(),
        }
    }

    fn of(own: &OwnProvider) -> Self {
        Self {
            kind: Some(own.provider.kind),
            name: own.provider.name.clone(),
            issuer: own.provider.issuer.clone(),
            client_id: own.provider.client_id.clone(),
            secret: String::new(),
            scopes: own.provider.scopes.join(" "),
            enabled: own.enabled,
            revision: own.revision,
            stored_name: own.provider.name.clone(),
        }
    }

    /// The provider that it describes, or everything that is wrong with it.
    fn provider(&self, key: ProviderKey, before: Option<&OwnProvider>) -> Result<Provider, Vec<FormError>> {
        let mut errors = Vec::new();
        let kind = before.map(|own| own.provider.kind).or(self.kind);
        if kind.is_none() {
            errors.push(FormError::new("kind", say::provider_kind_missing()));
        }
        let kind = kind.unwrap_or(ProviderKind::Oidc);
        let name = model::context::plain_text(&self.name, 81);
        if name.is_empty() || name.chars().count() > 80 {
            errors.push(FormError::new("name", say::provider_name_bad()));
        }
        let issuer = match self.issuer.as_str() {
            "" => kind.usual_issuer().unwrap_or_default(),
            issuer => issuer,
        };
        if issuer.len() > 255 || !is_issuer(issuer) {
            errors.push(FormError::new("issuer", say::provider_issuer_bad()));
        }
        if self.client_id.is_empty() || self.client_id.len() > 255 || self.client_id.contains(char::is_control) {
            errors.push(FormError::new("client_id", say::provider_client_id_bad()));
        }
        match before {
            _ if !self.secret.is_empty() => {}
            None => errors.push(FormError::new("client_secret", say::provider_secret_missing())),
            Some(own) if own.provider.issuer != issuer => {
                errors.push(FormError::new("client_secret", say::provider_secret_again()));
            }
            Some(_) => {}
        }
        let mut scopes: Vec<String> = self.scopes.split_whitespace().map(str::to_owned).collect();
        if scopes.is_empty() {
            scopes = kind.usual_scopes();
        }
        if kind != ProviderKind::GitHub && !scopes.iter().any(|scope| scope == "openid") {
            errors.push(FormError::new("scopes", say::provider_scopes_bad()));
        }
        let client_id = self.client_id.clone();
        let provider = Provider { key, kind, name, issuer: issuer.to_owned(), client_id, scopes };
        if errors.is_empty() { Ok(provider) } else { Err(errors) }
    }
}

/// Shows the form for a new one.
///
/// # Errors
/// As the gate says.
pub async fn new(context: Context) -> Result<HttpResponse, Refused> {
    let org = organization(&context)?;
    let here = url::portal_new_provider(&org);
    match at(&context, org, None).await? {
        Err(stopped) => Err(stopped.leading_back_to(here)),
        Ok((inside, _)) => {
            let typed = Typed { kind: Some(ProviderKind::Oidc), enabled: true, ..Typed::default() };
            let id = ProviderId::draw(&context.moment);
            render(&context, StatusCode::OK, &inside, (id, true), (&typed, Vec::new()))
        }
    }
}

/// Shows one.
///
/// # Errors
/// As the gate says; 404 where there is none.
pub async fn show(context: Context) -> Result<HttpResponse, Refused> {
    let (org, id) = (organization(&context)?, id(context.path("provider"))?);
    let here = url::portal_provider(&org, id);
    match at(&context, org, Some(id)).await? {
        Err(stopped) => Err(stopped.leading_back_to(here)),
        Ok((_, None)) => Err(Refused::NotFound),
        Ok((inside, Some(own))) => {
            render(&context, StatusCode::OK, &inside, (id, false), (&Typed::of(&own), Vec::new()))
        }
    }
}

type Found = Result<(Inside, Option<OwnProvider>), Stopped>;

/// Who is there, and the provider. One that does not exist is said before anybody is asked to prove who they are.
async fn at(context: &Context, org: OrgId, id: Option<ProviderId>) -> Result<Found, Fault> {
    let (visitor, fresh) = (Visitor::of(context), Fresh::of(context));
    let read = context.state.db.snapshot("provider page", move |conn| {
        let own = match id {
            Some(id) => upstream_providers::by_id(conn, &org, id)?,
            None => None,
        };
        let entered = enter(conn, &visitor, &org, &fresh)?;
        Ok(match entered {
            Err(Stopped::Stale) if id.is_some() && own.is_none() => Err(Stopped::NotFound),
            entered => entered.map(|inside| (inside, own)),
        })
    });
    read.await
}

fn render(
    context: &Context,
    status: StatusCode,
    inside: &Inside,
    (id, new): (ProviderId, bool),
    (typed, errors): (&Typed, Vec<FormError>),
) -> Result<HttpResponse, Refused> {
    let org = inside.org_id();
    let (list, object) = (url::portal_providers(org), id.to_string());
    let form =
        |action: String, purpose: &str| inside.form(context, action, FormPurpose { action: purpose, object: &object });
    let save = if new {
        let hidden = vec![HiddenField { name: "provider".to_owned(), value: object.clone() }];
        Form { hidden, ..form(list.clone(), CREATE) }
    } else {
        let revision = typed.revision.to_string();
        let hidden = vec![HiddenField { name: "revision".to_owned(), value: revision }];
        Form { hidden, ..form(url::portal_provider(org, id), EDIT) }
    };
    let kind = |kind: ProviderKind| Choice {
        value: kind.as_str().to_owned(),
        label: kind.usual_name().map_or_else(|| say::provider_kind_oidc().into(), Words::verbatim),
        hint: Some(if kind == ProviderKind::Oidc {
            say::provider_kind_oidc_hint()
        } else {
            say::provider_kind_usual_hint()
        }),
        chosen: typed.kind == Some(kind),
    };
    let kinds = [ProviderKind::Oidc, ProviderKind::Google, ProviderKind::Microsoft, ProviderKind::GitHub];
    let shown = ProviderForm {
        side: frame::portal_side(&inside.organization, &list),
        errors,
        form: save,
        new,
        redirect_uri: redirect_uri(context, &ProviderKey::Organizations(org.clone(), id)),
        kinds: if new { kinds.into_iter().map(kind).collect() } else { Vec::new() },
        name: typed.name.clone(),
        issuer: typed.issuer.clone(),
        client_id: typed.client_id.clone(),
        scopes: typed.scopes.clone(),
        enabled: typed.enabled,
        stored_name: typed.stored_name.clone(),
        remove: (!new).then(|| form(url::portal_provider_remove(org, id), REMOVE)),
        cancel_url: list,
    };
    page(context, status, &shown, &inside.frame(context))
}

/// Adds one.
///
/// # Errors
/// As the gate says.
pub async fn create(context: Context) -> Result<HttpResponse, Refused> {
    let org = organization(&context)?;
    let form = own_form(&context)?;
    // A form without an id that we drew is none of ours.
    let id: ProviderId = id(form.get("provider").unwrap_or_default()).map_err(|_| Refused::Forged)?;
    save(&context, org, (id, true), &form).await
}

/// Changes one.
///
/// # Errors
/// As the gate says; 404 where there is none.
pub async fn edit(context: Context) -> Result<HttpResponse, Refused> {
    let (org, id) = (organization(&context)?, id(context.path("provider"))?);
    let form = own_form(&context)?;
    save(&context, org, (id, false), &form).await
}

async fn save(
    context: &Context,
    org: OrgId,
    (id, new): (ProviderId, bool),
    form: &Params,
) -> Result<HttpResponse, Refused> {
    let purpose = FormPurpose { action: if new { CREATE } else { EDIT }, object: &id.to_string() };
    Visitor::of(context).check((), purpose, form.get("csrf_token"))?;
    // Nobody else makes us ask a provider.
    let here = if new { url::portal_new_provider(&org) } else { url::portal_provider(&org, id) };
    let found = at(context, org.clone(), Some(id).filter(|_| !new)).await?;
    let (inside, before) = found.map_err(|stopped| stopped.leading_back_to(here))?;
    if !new && before.is_none() {
        return Err(Refused::NotFound);
    }
    let stored_name = before.as_ref().map(|own| own.provider.name.clone()).unwrap_or_default();
    let typed = Typed { stored_name, ..Typed::read(form) };
    let again = |errors| render(context, StatusCode::BAD_REQUEST, &inside, (id, new), (&typed, errors));
    let provider = match typed.provider(ProviderKey::Organizations(org.clone(), id), before.as_ref()) {
        Ok(provider) => provider,
        Err(errors) => return again(errors),
    };
    if provider_name::is_anothers(&provider, &context.state.providers) {
        return again(vec![FormError::new("name", say::provider_name_anothers())]);
    }
    let asked = context.state.upstream.check(&provider.issuer);
    if let Charging::Spent { retry_after } = charge_check(context, org.clone()).await? {
        let error = FormError::new("", say::provider_checks_spent(minutes_up(retry_after)));
        let (status, shown) = (StatusCode::TOO_MANY_REQUESTS, (&typed, vec![error]));
        let mut response = render(context, status, &inside, (id, new), shown)?;
        set_retry_after(&mut response, Some(retry_after));
        return Ok(response);
    }
    let asked = match asked {
        Ok(()) => context.state.upstream.probe(&provider, context.now()).await,
        refused => refused,
    };
    if let Err(failed) = asked {
        tracing::info!(%org, %failed, "an identity provider is not saved");
        // One sentence whatever it was: the form is no means to look around in the server's network.
        return again(vec![FormError::new("issuer", say::provider_issuer_silent())]);
    }
    let secret = Some(Secret::new(typed.secret.clone())).filter(|secret| !secret.expose().is_empty());
    let own = OwnProvider { provider, sealed_secret: Vec::new(), enabled: typed.enabled, revision: typed.revision };
    match write(context, org.clone(), (id, new), (own, secret)).await? {
        Written::Done => {
            Ok(answer::see_other(&url::after(&url::portal_providers(&org), if new { ADDED } else { SAVED })))
        }
        Written::TooMany => again(vec![FormError::new("", say::provider_too_many())]),
        Written::Meanwhile => Err(Refused::Conflict(say::provider_changed_meanwhile())),
        Written::Gone => Err(Refused::NotFound),
    }
}

enum Written {
    Done,
    /// Somebody else has changed it.
    Meanwhile,
    TooMany,
    Gone,
}

async fn write(
    context: &Context,
    org: OrgId,
    (id, new): (ProviderId, bool),
    (settings, secret): (OwnProvider, Option<Secret>),
) -> Result<Written, Refused> {
    let (visitor, fresh, keys) = (Visitor::of(context), Fresh::of(context), context.state.keyring.clone());
    let (moment, origin) = (context.moment.clone(), context.origin.clone());
    let written = context.state.db.write("save provider", Class::Durable, move |conn| {
        let inside = match enter(conn, &visitor, &org, &fresh)? {
            Ok(inside) => inside,
            Err(stopped) => return Ok(Err(stopped)),
        };
        let by = inside.by((&moment, &origin));
        let before = upstream_providers::by_id(conn, &org, id)?;
        let sealed_secret = match (&secret, &before) {
            (Some(secret), _) => own::seal(&org, id, secret, &keys, &moment)?,
            // Looked at again: the secret of one issuer is not sent to another.
            (None, Some(before)) if before.provider.issuer == settings.provider.issuer => before.sealed_secret.clone(),
            (None, _) => return Ok(Ok(Written::Gone)),
        };
        let own = OwnProvider { sealed_secret, ..settings.clone() };
        Ok(Ok(match (new, before.is_some()) {
            // The form was sent twice.
            (true, true) => Written::Done,
            (true, false) if own::create(conn, &org, id, &own, &by)? => Written::Done,
            (true, false) => Written::TooMany,
            (false, _) => match own::change(conn, &org, id, &own, &by)? {
                Changed::Done => Written::Done,
                Changed::Meanwhile => Written::Meanwhile,
                Changed::Gone => Written::Gone,
            },
        }))
    });
    Ok(written.await?.into_inner()?)
}

/// Removes one.
///
/// # Errors
/// As the gate says; 404 where there is none.
pub async fn remove(context: Context) -> Result<HttpResponse, Refused> {
    let (org, id): (_, ProviderId) = (organization(&context)?, id(context.path("provider"))?);
    let form = own_form(&context)?;
    let (visitor, fresh) = (Visitor::of(&context), Fresh::of(&context));
    visitor.check((), FormPurpose { action: REMOVE, object: &id.to_string() }, form.get("csrf_token"))?;
    let (list, here) = (url::portal_providers(&org), url::portal_provider(&org, id));
    let (inside, own) =
        at(&context, org.clone(), Some(id)).await?.map_err(|stopped| stopped.leading_back_to(here.clone()))?;
    let Some(own) = own else { return Err(Refused::NotFound) };
    if form.get("name").unwrap_or_default() != own.provider.name {
        let errors = vec![FormError::new("remove-name", say::provider_remove_name_wrong())];
        return render(&context, StatusCode::BAD_REQUEST, &inside, (id, false), (&Typed::of(&own), errors));
    }
    let (moment, origin) = (context.moment.clone(), context.origin.clone());
    let written = context.state.db.write("remove provider", Class::Durable, move |conn| {
        let inside = match enter(conn, &visitor, &org, &fresh)? {
            Ok(inside) => inside,
            Err(stopped) => return Ok(Err(stopped)),
        };
        Ok(Ok(own::remove(conn, &org, id, &inside.by((&moment, &origin)))?))
    });
    if written.await?.into_inner().map_err(|stopped| stopped.leading_back_to(here))? {
        Ok(answer::see_other(&url::after(&list, REMOVED)))
    } else {
        Err(Refused::NotFound)
    }
}
