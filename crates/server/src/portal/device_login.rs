//! Which of an organization's applications may log devices in, and for how long keys live: a form of the page about signing in.

use super::application_page::choice;
use super::sign_in::{self, Shown};
use super::{Inside, SAVED};
use crate::answer;
use crate::context::Context;
use crate::extract::request::organization;
use crate::refused::Refused;
use crate::web::gate::{Stopped, Visitor, own_page_form};
use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use directory::catalogue::Catalogue;
use directory::organizations::{self, Changed};
use login::csrf::FormPurpose;
use model::application::Application;
use model::device_login::DeviceLogin;
use model::fault::Fault;
use model::id::{ClientId, OrgId};
use model::opaque;
use model::org::{OrgChanges, Organization};
use protocol::params::Params;
use protocol::scope::{self, Scopes};
use protocol::token::GrantType;
use routes::url;
use std::collections::BTreeSet;
use std::time::Duration;
use store::tables::{applications, scopes};
use store::{Class, Conn};
use views::pages::{Choice, DeviceLoginForm, FormError};
use views::{Message, Words, say};

const CHANGE: &str = "device-login";
const DAY: Duration = Duration::from_secs(24 * 60 * 60);

/// What the form offers: applications that have device codes, by client id and name, and scopes.
#[derive(Clone)]
pub(super) struct Offered {
    applications: Vec<Application>,
    scopes: Scopes,
}

impl Offered {
    /// Reads it. What is set already is offered too, though it may be gone meanwhile: it is not lost unseen.
    pub(super) fn read(conn: &mut Conn, organization: &Organization) -> Result<Self, Fault> {
        // The server's own applications log devices in to every organization, as far as it lets them.
        let mut all = applications::all(conn, &organization.id)?;
        all.extend(applications::all(conn, &OrgId::instance())?);
        let asking = all.into_iter().filter(|application| {
            application.settings.grants.contains(&GrantType::DeviceCode)
                || organization.device_login.listed.contains(&application.client_id)
        });
        // The server's own scopes hold in every organization, as far as its ceiling has them.
        let everywhere = scopes::names(conn, &OrgId::instance())?.joined_by(&organization.device_login.ceiling);
        let scopes = Catalogue::read(conn, &organization.id)?.names().joined_by(&everywhere);
        Ok(Self { applications: asking.collect(), scopes })
    }
}

/// What the fields hold.
pub(super) struct Typed {
    login: Option<DeviceLogin>,
    listed: BTreeSet<ClientId>,
    ceiling: Scopes,
    longest_token_days: String,
}

impl Typed {
    pub(super) fn of(organization: &Organization) -> Self {
        let policy = &organization.device_login;
        Self {
            login: Some(policy.login),
            listed: policy.listed.clone(),
            ceiling: policy.ceiling.clone(),
            longest_token_days: (organization.longest_token.as_secs() / DAY.as_secs()).to_string(),
        }
    }

    fn sent(form: &Params) -> Self {
        Self {
            login: form.get("device_login").and_then(DeviceLogin::parse),
            listed: form.all("device_application").map(|id| ClientId::from_wire(id.to_owned())).collect(),
            ceiling: form.all("device_scope").map(str::to_owned).collect(),
            longest_token_days: form.get("longest_token_days").unwrap_or_default().trim().to_owned(),
        }
    }

    /// The change that they ask for, or what is wrong with them.
    fn changes(&self, offered: &Offered) -> Result<OrgChanges, Vec<FormError>> {
        let mut errors = Vec::new();
        if self.login.is_none() {
            errors.push(FormError::new("device_login", say::sign_in_choose()));
        }
        if self.login == Some(DeviceLogin::Listed) && self.listed.is_empty() {
            errors.push(FormError::new("device_login", say::device_login_for_none()));
        }
        if !self.listed.iter().all(|listed| offered.applications.iter().any(|known| known.client_id == *listed)) {
            errors.push(FormError::new("device_login", say::device_login_app_unknown()));
        }
        let too_many = self.ceiling.names().count() > scope::MOST || self.ceiling.to_string().len() > scope::LONGEST;
        if !self.ceiling.within(&offered.scopes) {
            errors.push(FormError::new("device_scope", say::scope_unknown()));
        } else if too_many {
            errors.push(FormError::new("device_scope", say::scope_too_many()));
        }
        let longest = opaque::lifetime_of_days(&self.longest_token_days);
        if longest.is_none() {
            errors.push(FormError::new("longest_token_days", say::longest_token_days_wrong()));
        }
        if !errors.is_empty() {
            return Err(errors);
        }
        Ok(OrgChanges {
            longest_token: longest,
            device_login: self.login,
            device_login_apps: Some(self.listed.clone()),
            device_scope_ceiling: Some(self.ceiling.clone()),
            ..OrgChanges::default()
        })
    }
}

/// The form, filled in.
pub(super) fn form(context: &Context, inside: &Inside, offered: &Offered, typed: &Typed) -> DeviceLoginForm {
    let org = inside.org_id();
    let login = |login: DeviceLogin, label: Message, hint: Message| {
        choice(login.as_str(), label, hint, typed.login == Some(login))
    };
    let application = |application: &Application| -> Choice {
        let Application { client_id, settings, .. } = application;
        let of_server = application.org_id.is_instance().then(say::device_login_app_of_server);
        let name = if client_id.is_registered() {
            Words::verbatim(settings.name.as_str())
        } else {
            say::unregistered_programs().into()
        };
        choice(client_id.as_str(), name, of_server, typed.listed.contains(client_id))
    };
    let scope = |name: &str| -> Choice { choice(name, Words::verbatim(name), None, typed.ceiling.has(name)) };
    let purpose = FormPurpose { action: CHANGE, object: org.as_str() };
    DeviceLoginForm {
        form: inside.form(context, url::portal_device_login(org), purpose),
        login: vec![
            login(DeviceLogin::On, say::device_login_on(), say::device_login_on_hint()),
            login(DeviceLogin::Listed, say::device_login_listed(), say::device_login_listed_hint()),
            login(DeviceLogin::Off, say::device_login_off(), say::device_login_off_hint()),
        ],
        applications: offered.applications.iter().map(application).collect(),
        ceiling: offered.scopes.names().map(scope).collect(),
        longest_token_days: typed.longest_token_days.clone(),
    }
}

/// What comes of a change.
enum Became {
    Saved,
    /// Somebody else changed the organization after this page was shown.
    Stale,
    Refused(Vec<FormError>),
}

/// Changes it.
///
/// # Errors
/// As the gate says; 409 for a page that is behind; to the step-up where the last proof is too old.
pub async fn change(context: Context) -> Result<HttpResponse, Refused> {
    let org = organization(&context)?;
    let form = own_page_form(&context, &["device_application", "device_scope"])?;
    let visitor = Visitor::of(&context);
    visitor.check((), FormPurpose { action: CHANGE, object: org.as_str() }, form.get("csrf_token"))?;
    let revision = form.get("revision").and_then(|revision| revision.parse::<i32>().ok());
    let (moment, origin, wanted, sent) =
        (context.moment.clone(), context.origin.clone(), org.clone(), Typed::sent(&form));
    let written = context.state.db.write("change device login", Class::Durable, move |conn| {
        let inside = match Inside::enter(conn, &visitor, &wanted)? {
            Ok(inside) => inside,
            Err(stopped) => return Ok(Err(stopped)),
        };
        // What devices may get is what an intruder would widen first.
        if let Err(stopped) = visitor.require_fresh(conn)? {
            return Ok(Err(stopped));
        }
        if revision != Some(inside.organization.revision) {
            return Ok(Ok(Became::Stale));
        }
        let changes = match sent.changes(&Offered::read(conn, &inside.organization)?) {
            Ok(changes) => changes,
            Err(errors) => return Ok(Ok(Became::Refused(errors))),
        };
        Ok(match organizations::change(conn, &wanted, &changes, &inside.by((&moment, &origin)))? {
            Changed::Made(_) => Ok(Became::Saved),
            Changed::Problem(_) => {
                Ok(Became::Refused(vec![FormError::new("device_login", say::device_login_for_none())]))
            }
            Changed::NotFound => Err(Stopped::NotFound),
        })
    });
    match written.await?.into_inner() {
        Ok(Became::Saved) => Ok(answer::see_other(&url::after(&url::portal_sign_in(&org), SAVED))),
        Ok(Became::Stale) => Err(Refused::Conflict(say::sign_in_stale())),
        Ok(Became::Refused(errors)) => again(&context, org, Typed::sent(&form), errors).await,
        Err(stopped) => Err(stopped.leading_back_to(url::portal_sign_in(&org))),
    }
}

async fn again(context: &Context, org: OrgId, typed: Typed, errors: Vec<FormError>) -> Result<HttpResponse, Refused> {
    let seen = sign_in::look(context, org).await?;
    let shown = Shown::of_devices(typed, &seen.inside.organization);
    sign_in::render(context, &seen, StatusCode::BAD_REQUEST, (shown, None, errors))
}
