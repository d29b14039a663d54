//! The applications of an organization, and the form for a new one.

use super::addresses::addresses;
use super::application_form::{
    CodeDraft, Grants, REPEATED, add, grant_words, in_order, kind_word, of_problem, plain_name,
};
use super::application_page::{Said, Seen, choice, grants, lines, render};
use super::{ALREADY_CREATED, CREATED, Inside, just_done};
use crate::answer;
use crate::context::Context;
use crate::extract::request::{id, organization};
use crate::refused::Refused;
use crate::web::gate::{Stopped, Visitor, own_page_form};
use crate::web::{frame, page};
use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use directory::catalogue::{Catalogue, STANDARD};
use login::csrf::FormPurpose;
use model::application::{
    Application, ApplicationSettings, ApplicationState, ClientKind, CodeSettings, DeviceSettings, EmbeddedSettings,
    TokenSettings,
};
use model::id::{ApplicationId, OrgId};
use model::secret::Secret;
use protocol::params::Params;
use protocol::scope::Scopes;
use protocol::token::GrantType;
use registry::applications::{NotRegistered, Registration, register};
use routes::url;
use store::Class;
use views::pages::{ApplicationRow, Applications, CreateApplication, FormError};
use views::{Message, say};

/// The form for a new one; its object is the application that it will make, in the organization.
const CREATE: &str = "application-create";

fn object(org: &OrgId, id: ApplicationId) -> String {
    format!("{org} {id}")
}

/// Shows them.
///
/// # Errors
/// As the gate says.
pub async fn list(context: Context) -> Result<HttpResponse, Refused> {
    let org = organization(&context)?;
    let notice = just_done(&context)?;
    let visitor = Visitor::of(&context);
    let read = context.state.db.snapshot("applications page", move |conn| {
        Ok(match Inside::enter(conn, &visitor, &org)? {
            Err(stopped) => Err(stopped),
            Ok(inside) => Ok((inside, store::tables::applications::all(conn, &org)?)),
        })
    });
    let (inside, all) = read.await??;
    let org = inside.org_id();
    let shown = Applications {
        side: frame::portal_side(&inside.organization, &url::portal_applications(org)),
        notice,
        create_url: url::portal_new_application(org),
        applications: all.iter().map(row).collect(),
    };
    page(&context, StatusCode::OK, &shown, &inside.frame(&context))
}

fn row(application: &Application) -> ApplicationRow {
    ApplicationRow {
        name: application.settings.name.clone(),
        url: url::portal_application(&application.org_id, application.id),
        client_id: application.client_id.to_string(),
        kind: kind_word(application.kind),
        grants: application.settings.grants.iter().map(|grant| grant_words(*grant)).collect(),
        enabled: application.state == ApplicationState::Active,
    }
}

/// The form as typed.
#[derive(Clone)]
struct New {
    /// Drawn with the form, so that a form that is sent again makes no second application.
    id: ApplicationId,
    name: String,
    kind: Option<ClientKind>,
    grants: Grants,
    /// `redirect_uri`.
    redirect_uris: Vec<String>,
}

impl New {
    fn blank(id: ApplicationId) -> Self {
        let known = [GrantType::DeviceCode, GrantType::RefreshToken].into();
        Self {
            id,
            name: String::new(),
            kind: Some(ClientKind::Public),
            grants: Grants { known, unknown: false },
            redirect_uris: Vec::new(),
        }
    }

    fn read(form: &Params, id: ApplicationId) -> Self {
        Self {
            id,
            name: form.get("name").unwrap_or_default().to_owned(),
            kind: form.get("kind").and_then(ClientKind::parse),
            grants: Grants::read(form),
            redirect_uris: CodeDraft::read(form).redirect_uris,
        }
    }

    /// What registering it would take, or everything that is wrong.
    fn settings(&self, offered: &Scopes) -> Result<(ClientKind, ApplicationSettings), Vec<FormError>> {
        let scopes = self.scopes(offered);
        let mut errors: Vec<FormError> = self.grants.problem().into_iter().collect();
        let redirect_uris = addresses("redirect_uri", &self.redirect_uris, &mut errors);
        let settings = ApplicationSettings {
            name: plain_name(&self.name),
            logo: None,
            grants: self.grants.known.clone(),
            default_scopes: scopes.clone(),
            scopes,
            device: DeviceSettings::default(),
            code: CodeSettings { redirect_uris, ..CodeSettings::default() },
            embedded: EmbeddedSettings::default(),
            tokens: TokenSettings::default(),
        };
        if self.kind.is_none() {
            errors.push(FormError::new("kind", say::kind_missing()));
        }
        // Without a kind, what is wrong with any kind: a confidential one has no problem of its own.
        let kind = self.kind.unwrap_or(ClientKind::Confidential);
        for found in settings.problems(kind).into_iter().map(of_problem) {
            add(&mut errors, found);
        }
        if errors.is_empty() { Ok((kind, settings)) } else { Err(in_order(errors)) }
    }

    /// What it may ask for at first: the usual scopes where a member stands behind it, nothing where it acts for itself.
    fn scopes(&self, offered: &Scopes) -> Scopes {
        if [GrantType::DeviceCode, GrantType::AuthorizationCode].iter().all(|grant| !self.grants.known.contains(grant))
        {
            return Scopes::default();
        }
        STANDARD.iter().map(|(name, _)| (*name).to_owned()).collect::<Scopes>().narrowed_to(offered)
    }
}

/// Shows the form for a new one.
///
/// # Errors
/// As the gate says.
pub async fn new(context: Context) -> Result<HttpResponse, Refused> {
    let org = organization(&context)?;
    let visitor = Visitor::of(&context);
    let read = context.state.db.snapshot("new application", move |conn| Inside::enter(conn, &visitor, &org));
    let inside = read.await??;
    render_new(&context, StatusCode::OK, &inside, (&New::blank(ApplicationId::draw(&context.moment)), Vec::new()))
}

fn render_new(
    context: &Context,
    status: StatusCode,
    inside: &Inside,
    (typed, errors): (&New, Vec<FormError>),
) -> Result<HttpResponse, Refused> {
    let org = inside.org_id();
    let list_url = url::portal_applications(org);
    let kinds =
        [(ClientKind::Public, say::kind_public_hint()), (ClientKind::Confidential, say::kind_confidential_hint())];
    let kind =
        |(kind, hint): (ClientKind, Message)| choice(kind.as_str(), kind_word(kind), hint, typed.kind == Some(kind));
    let shown = CreateApplication {
        side: frame::portal_side(&inside.organization, &list_url),
        action: list_url.clone(),
        csrf_token: inside.token(context, FormPurpose { action: CREATE, object: &object(org, typed.id) }),
        application: typed.id.to_string(),
        cancel_url: list_url,
        name: typed.name.clone(),
        kinds: kinds.into_iter().map(kind).collect(),
        grants: grants(None, &typed.grants.known),
        redirect_uris: lines(typed.redirect_uris.clone()),
        errors,
    };
    page(context, status, &shown, &inside.frame(context))
}

/// What becomes of the form.
enum Created {
    /// A public one: there is nothing to show but once.
    Public,
    /// A confidential one, with its secret.
    Confidential(Box<Seen>, Secret),
    /// It was made by the same form before.
    Already,
    Refused(Box<Inside>, Vec<FormError>),
}

/// Takes the form. A public application's page is reached by a redirect; a confidential one's is the answer itself,
/// since its secret is shown this once and no redirect could carry it.
///
/// # Errors
/// As the gate says.
pub async fn create(context: Context) -> Result<HttpResponse, Refused> {
    let org = organization(&context)?;
    let form = own_page_form(&context, &REPEATED)?;
    let visitor = Visitor::of(&context);
    // A form without an id that we drew is none of ours.
    let id: ApplicationId = id(form.get("application").unwrap_or_default()).map_err(|_| Refused::Forged)?;
    visitor.check((), FormPurpose { action: CREATE, object: &object(&org, id) }, form.get("csrf_token"))?;
    let typed = New::read(&form, id);
    let (wanted, new) = (org.clone(), typed.clone());
    let (moment, origin) = (context.moment.clone(), context.origin.clone());
    let written = context.state.db.write("create application", Class::Durable, move |conn| {
        let inside = match Inside::enter(conn, &visitor, &wanted)? {
            Ok(inside) => inside,
            Err(stopped) => return Ok(Err(stopped)),
        };
        let (kind, settings) = match new.settings(&Catalogue::read(conn, &wanted)?.names()) {
            Ok(settings) => settings,
            Err(errors) => return Ok(Ok(Created::Refused(Box::new(inside), errors))),
        };
        let registration = Registration { org_id: wanted.clone(), id: Some(id), client_id: None, kind, settings };
        let registered = match register(conn, &registration, &inside.by((&moment, &origin)))? {
            Ok(registered) => registered,
            Err(NotRegistered::Already(_)) => return Ok(Ok(Created::Already)),
            Err(NotRegistered::Problems(problems)) => {
                let errors = problems.into_iter().map(of_problem).collect();
                return Ok(Ok(Created::Refused(Box::new(inside), errors)));
            }
        };
        let Some(secret) = registered.secret else { return Ok(Ok(Created::Public)) };
        let seen = Seen::read(conn, inside, id)?;
        Ok(seen.map(|seen| Created::Confidential(Box::new(seen), secret)).ok_or(Stopped::NotFound))
    });
    match written.await?.into_inner()? {
        Created::Public => Ok(answer::see_other(&url::after(&url::portal_application(&org, id), CREATED))),
        Created::Already => Ok(answer::see_other(&url::after(&url::portal_application(&org, id), ALREADY_CREATED))),
        Created::Confidential(seen, secret) => {
            let said = Said { notice: Some(say::application_created()), new_secret: Some(secret), ..Said::default() };
            render(&context, StatusCode::OK, &seen, said)
        }
        Created::Refused(inside, errors) => render_new(&context, StatusCode::BAD_REQUEST, &inside, (&typed, errors)),
    }
}
