//! How an organization's members sign in, and who becomes one.

use super::device_login::{self, Offered};
use super::{Inside, SAVED, by, just_done};
use crate::answer;
use crate::context::Context;
use crate::extract::request::organization;
use crate::refused::Refused;
use crate::web::gate::{Stopped, Visitor, own_form};
use crate::web::{frame, page};
use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use directory::organizations::{self, Changed};
use login::csrf::FormPurpose;
use model::id::OrgId;
use model::login_attempt::NewDevicePolicy;
use model::org::{OrgChanges, Organization, Registration, SecondFactor};
use model::time::Timestamp;
use protocol::params::Params;
use routes::url;
use std::time::Duration;
use store::Class;
use views::pages::{Choice, FormError, SignInSettings};
use views::{Message, say};

const CHANGE: &str = "sign-in-settings";
const DAY: Duration = Duration::from_secs(24 * 60 * 60);

/// Shows it.
///
/// # Errors
/// As the gate says.
pub async fn show(context: Context) -> Result<HttpResponse, Refused> {
    let seen = look(&context, organization(&context)?).await?;
    let shown = Shown::stored(&seen.inside.organization);
    render(&context, &seen, StatusCode::OK, (shown, just_done(&context)?, Vec::new()))
}

/// Who looks at the page, and what its form about devices offers.
pub(super) struct Seen {
    pub(super) inside: Inside,
    offered: Offered,
}

pub(super) async fn look(context: &Context, org: OrgId) -> Result<Seen, Refused> {
    let visitor = Visitor::of(context);
    let read = context.state.db.snapshot("sign-in settings", move |conn| {
        Ok(match Inside::enter(conn, &visitor, &org)? {
            Ok(inside) => Ok(Seen { offered: Offered::read(conn, &inside.organization)?, inside }),
            Err(stopped) => Err(stopped),
        })
    });
    Ok(read.await??)
}

/// What the fields of both forms hold.
pub(super) struct Shown {
    members: Typed,
    devices: device_login::Typed,
}

impl Shown {
    /// What is stored.
    fn stored(organization: &Organization) -> Self {
        Self { members: Typed::of(organization), devices: device_login::Typed::of(organization) }
    }

    /// The form about members as it was sent, and what is stored about devices.
    fn sent(members: Typed, organization: &Organization) -> Self {
        Self { members, ..Self::stored(organization) }
    }

    /// The form about devices as it was sent, and what is stored about members.
    pub(super) fn of_devices(devices: device_login::Typed, organization: &Organization) -> Self {
        Self { devices, ..Self::stored(organization) }
    }
}

/// What the fields hold.
struct Typed {
    registration: String,
    domains: String,
    new_device: String,
    second_factor: String,
    grace_days: String,
}

impl Typed {
    fn of(organization: &Organization) -> Self {
        let (registration, domains) = match &organization.registration {
            Registration::Open => ("open", String::new()),
            Registration::ByInvitation => ("invitation", String::new()),
            Registration::Domains(domains) => ("domain", domains.join(", ")),
        };
        let required = organization.second_factor.required_since.is_some();
        Self {
            registration: registration.to_owned(),
            domains,
            new_device: organization.sign_in.new_device.as_str().to_owned(),
            second_factor: if required { "required" } else { "optional" }.to_owned(),
            grace_days: (organization.second_factor.grace.as_secs() / DAY.as_secs()).to_string(),
        }
    }

    fn sent(form: &Params) -> Self {
        let field = |name: &str| form.get(name).unwrap_or_default().trim().to_owned();
        Self {
            registration: field("registration"),
            domains: field("domains"),
            new_device: field("new_device"),
            second_factor: field("second_factor"),
            grace_days: field("grace_days"),
        }
    }

    /// The change that they ask for, or what is wrong with them.
    fn changes(&self, now: Timestamp) -> Result<OrgChanges, Vec<FormError>> {
        let registration = match self.registration.as_str() {
            // Separated as people separate what they list.
            "domain" => {
                let listed: Vec<&str> = self.domains.split([',', ' ', ';', '\n', '\r']).collect();
                let listed: Vec<&str> = listed.into_iter().filter(|domain| !domain.is_empty()).collect();
                Registration::parse(&format!("domain:{}", listed.join(",")))
                    .ok_or_else(|| FormError::new("domains", say::sign_in_domains_wrong()))
            }
            other => Registration::parse(other).ok_or_else(|| FormError::new("registration", say::sign_in_choose())),
        };
        let new_device =
            NewDevicePolicy::parse(&self.new_device).ok_or_else(|| FormError::new("new_device", say::sign_in_choose()));
        let second_factor = match self.second_factor.as_str() {
            "optional" => Ok(SecondFactor::Optional),
            "required" => Ok(SecondFactor::Required),
            _ => Err(FormError::new("second_factor", say::sign_in_choose())),
        };
        let grace = self.grace_days.parse::<u32>().ok().map(|days| DAY * days).filter(|grace| *grace <= DAY * 90);
        let grace = grace.ok_or_else(|| FormError::new("grace_days", say::sign_in_grace_wrong()));
        match (registration, new_device, second_factor, grace) {
            (Ok(registration), Ok(new_device), Ok(second_factor), Ok(grace)) => Ok(OrgChanges {
                registration: Some(registration),
                new_device: Some(new_device),
                second_factor: Some((second_factor, now)),
                second_factor_grace: Some(grace),
                ..OrgChanges::default()
            }),
            (registration, new_device, second_factor, grace) => {
                let errors = [registration.err(), new_device.err(), second_factor.err(), grace.err()];
                Err(errors.into_iter().flatten().collect())
            }
        }
    }
}

pub(super) fn render(
    context: &Context,
    Seen { inside, offered }: &Seen,
    status: StatusCode,
    (Shown { members: typed, devices }, notice, errors): (Shown, Option<Message>, Vec<FormError>),
) -> Result<HttpResponse, Refused> {
    let org = inside.org_id();
    let target = url::portal_sign_in(org);
    let choices = |chosen: &str, all: &[(&str, Message, Message)]| -> Vec<Choice> {
        all.iter()
            .map(|(value, label, hint)| Choice {
                value: (*value).to_owned(),
                label: label.clone().into(),
                hint: Some(hint.clone()),
                chosen: *value == chosen,
            })
            .collect()
    };
    let shown = SignInSettings {
        side: frame::portal_side(&inside.organization, &target),
        notice,
        errors,
        form: inside.form(context, target, FormPurpose { action: CHANGE, object: org.as_str() }),
        revision: inside.organization.revision,
        registration: choices(
            &typed.registration,
            &[
                ("invitation", say::sign_in_by_invitation(), say::sign_in_by_invitation_hint()),
                ("domain", say::sign_in_by_domain(), say::sign_in_by_domain_hint()),
                ("open", say::sign_in_open(), say::sign_in_open_hint()),
            ],
        ),
        domains: typed.domains,
        new_device: choices(
            &typed.new_device,
            &[
                ("unknown", say::sign_in_unknown(), say::sign_in_unknown_hint()),
                ("always", say::sign_in_always(), say::sign_in_always_hint()),
                ("off", say::sign_in_off(), say::sign_in_off_hint()),
            ],
        ),
        second_factor: choices(
            &typed.second_factor,
            &[
                ("optional", say::sign_in_optional(), say::sign_in_optional_hint()),
                ("required", say::sign_in_required(), say::sign_in_required_hint()),
            ],
        ),
        grace_days: typed.grace_days,
        devices: device_login::form(context, inside, offered, &devices),
    };
    page(context, status, &shown, &inside.frame(context))
}

/// What comes of a change.
enum Became {
    Saved,
    /// Somebody else changed the organization after this page was shown.
    Stale,
    /// The grace is too long.
    TooLong,
}

/// Changes it.
///
/// # Errors
/// As the gate says; 409 for a page that is behind; to the step-up where the last proof is too old.
pub async fn change(context: Context) -> Result<HttpResponse, Refused> {
    let org = organization(&context)?;
    let form = own_form(&context)?;
    let visitor = Visitor::of(&context);
    visitor.check((), FormPurpose { action: CHANGE, object: org.as_str() }, form.get("csrf_token"))?;
    let typed = Typed::sent(&form);
    let changes = match typed.changes(context.now()) {
        Ok(changes) => changes,
        Err(errors) => {
            let seen = look(&context, org).await?;
            let shown = Shown::sent(typed, &seen.inside.organization);
            return render(&context, &seen, StatusCode::BAD_REQUEST, (shown, None, errors));
        }
    };
    let revision = form.get("revision").and_then(|revision| revision.parse::<i32>().ok());
    let (request, wanted) = ((context.moment.clone(), context.origin.clone()), org.clone());
    let written = context.state.db.write("change sign-in settings", Class::Durable, move |conn| {
        let (organization, admin) = match visitor.admin(conn, &wanted)? {
            Ok(proven) => proven,
            Err(stopped) => return Ok(Err(stopped)),
        };
        // Who gets in, and how, is what an intruder would change first.
        if let Err(stopped) = visitor.require_fresh(conn)? {
            return Ok(Err(stopped));
        }
        if revision != Some(organization.revision) {
            return Ok(Ok(Became::Stale));
        }
        let by = by(&admin, (&request.0, &request.1));
        Ok(match organizations::change(conn, &wanted, &changes, &by)? {
            Changed::Made(_) => Ok(Became::Saved),
            Changed::Problem(_) => Ok(Became::TooLong),
            Changed::NotFound => Err(Stopped::NotFound),
        })
    });
    match written.await?.into_inner() {
        Ok(Became::Saved) => Ok(answer::see_other(&url::after(&url::portal_sign_in(&org), SAVED))),
        Ok(Became::Stale) => Err(Refused::Conflict(say::sign_in_stale())),
        Ok(Became::TooLong) => {
            let seen = look(&context, org).await?;
            let errors = vec![FormError::new("grace_days", say::sign_in_grace_wrong())];
            let shown = Shown::sent(typed, &seen.inside.organization);
            render(&context, &seen, StatusCode::BAD_REQUEST, (shown, None, errors))
        }
        Err(stopped) => Err(stopped.leading_back_to(url::portal_sign_in(&org))),
    }
}
