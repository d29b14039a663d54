//! How an organization presents itself, and its end.
//!
//! Deleting it takes an owner, a fresh proof of who it is, and the organization's id, typed.

use super::logo::{self, LogoDraft};
use super::{Inside, SAVED, by, just_done};
use crate::answer;
use crate::context::Context;
use crate::extract::request::organization;
use crate::refused::Refused;
use crate::web::gate::{Stopped, Visitor, own_form, own_page_form_with_file};
use crate::web::organizations::DELETED;
use crate::web::{frame, page};
use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use directory::organizations::{self, Changed};
use login::csrf::FormPurpose;
use model::id::OrgId;
use model::name::DisplayName;
use model::org::{OrgChanges, Role};
use routes::url;
use store::Class;
use store::tables::logos;
use views::pages::{FormError, OrgSettings};
use views::{Message, say};

const CHANGE: &str = "org-settings";
const DELETE: &str = "org-delete";

/// What the fields hold.
struct Typed {
    name: String,
    colour: String,
}

impl Typed {
    fn of(inside: &Inside) -> Self {
        let organization = &inside.organization;
        Self { name: organization.name.clone(), colour: organization.colour.clone().unwrap_or_default() }
    }
}

/// Shows it.
///
/// # Errors
/// As the gate says.
pub async fn show(context: Context) -> Result<HttpResponse, Refused> {
    let inside = look(&context, organization(&context)?).await?;
    let typed = Typed::of(&inside);
    render(&context, &inside, StatusCode::OK, (typed, just_done(&context)?, Vec::new()))
}

async fn look(context: &Context, org: OrgId) -> Result<Inside, Refused> {
    let visitor = Visitor::of(context);
    Ok(context.state.db.snapshot("organization settings", move |conn| Inside::enter(conn, &visitor, &org)).await??)
}

fn render(
    context: &Context,
    inside: &Inside,
    status: StatusCode,
    (typed, notice, errors): (Typed, Option<Message>, Vec<FormError>),
) -> Result<HttpResponse, Refused> {
    let org = inside.org_id();
    let target = url::portal_settings(org);
    let form = |action: String, purpose: &str| {
        inside.form(context, action, FormPurpose { action: purpose, object: org.as_str() })
    };
    let shown = OrgSettings {
        side: frame::portal_side(&inside.organization, &target),
        notice,
        errors,
        form: form(target, CHANGE),
        revision: inside.organization.revision,
        org_id: org.to_string(),
        issuer: context.state.config.public_url.issuer(org),
        name: typed.name,
        colour: typed.colour,
        logo_url: inside.organization.logo.as_ref().map(|logo| url::logo(org, logo)),
        deletion: (inside.role == Role::Owner).then(|| form(url::portal_delete_organization(org), DELETE)),
    };
    page(context, status, &shown, &inside.frame(context))
}

/// What comes of a change.
enum Became {
    Saved,
    /// Somebody else changed the organization after this page was shown.
    Stale,
    /// The colour is none.
    Problem,
}

/// Changes name, colour and logo.
///
/// # Errors
/// As the gate says; 409 for a page that is behind.
pub async fn change(context: Context) -> Result<HttpResponse, Refused> {
    let org = organization(&context)?;
    let (form, file) = own_page_form_with_file(&context, &[], logo::FILE).await?;
    let visitor = Visitor::of(&context);
    visitor.check((), FormPurpose { action: CHANGE, object: org.as_str() }, form.get("csrf_token"))?;
    let field = |name: &str| form.get(name).unwrap_or_default().trim().to_owned();
    let typed = Typed { name: field("name"), colour: field("colour") };
    let name = DisplayName::parse(&typed.name).map_err(|_| FormError::new("name", say::name_empty()));
    let (name, picture) = match (name, LogoDraft::read(&form, &file)) {
        (Ok(name), Ok(picture)) => (name, picture),
        (name, picture) => {
            let inside = look(&context, org).await?;
            let errors = name.err().into_iter().chain(picture.err()).collect();
            return render(&context, &inside, StatusCode::BAD_REQUEST, (typed, None, errors));
        }
    };
    let changes = OrgChanges { name: Some(name), colour: Some(typed.colour.clone()), ..OrgChanges::default() };
    let revision = form.get("revision").and_then(|revision| revision.parse::<i32>().ok());
    let (request, wanted) = ((context.moment.clone(), context.origin.clone()), org.clone());
    let written = context.state.db.write("change organization", Class::Durable, move |conn| {
        // Held before it is read: what is compared below is what is changed.
        if !store::tables::organizations::hold(conn, &wanted)? {
            return Ok(Err(Stopped::NotFound));
        }
        let (organization, admin) = match visitor.admin(conn, &wanted)? {
            Ok(proven) => proven,
            Err(stopped) => return Ok(Err(stopped)),
        };
        if revision != Some(organization.revision) {
            return Ok(Ok(Became::Stale));
        }
        let changes = OrgChanges { logo: picture.keep(conn, &wanted)?, ..changes.clone() };
        let changed = organizations::change(conn, &wanted, &changes, &by(&admin, (&request.0, &request.1)))?;
        if changes.logo.is_some() {
            logos::forget_unused(conn, &wanted)?;
        }
        Ok(match changed {
            Changed::Made(_) => Ok(Became::Saved),
            Changed::Problem(_) => Ok(Became::Problem),
            Changed::NotFound => Err(Stopped::NotFound),
        })
    });
    match written.await?.into_inner()? {
        Became::Saved => Ok(answer::see_other(&url::after(&url::portal_settings(&org), SAVED))),
        Became::Stale => Err(Refused::Conflict(say::sign_in_stale())),
        Became::Problem => {
            let inside = look(&context, org).await?;
            let errors = vec![FormError::new("colour", say::colour_wrong())];
            render(&context, &inside, StatusCode::BAD_REQUEST, (typed, None, errors))
        }
    }
}

/// What comes of the deletion's form.
enum Ended {
    Done,
    WrongId(Box<Inside>),
    NotOwner,
}

/// Deletes the organization.
///
/// # Errors
/// As the gate says; 403 for an admin who is no owner; to the step-up where the last proof is too old.
pub async fn delete(context: Context) -> Result<HttpResponse, Refused> {
    let org = organization(&context)?;
    let form = own_form(&context)?;
    let visitor = Visitor::of(&context);
    visitor.check((), FormPurpose { action: DELETE, object: org.as_str() }, form.get("csrf_token"))?;
    let typed = form.get("org_id").unwrap_or_default().trim().to_owned();
    let (moment, origin, wanted) = (context.moment.clone(), context.origin.clone(), org.clone());
    let written = context.state.db.write("delete organization", Class::Durable, move |conn| {
        let inside = match Inside::enter(conn, &visitor, &wanted)? {
            Ok(inside) => inside,
            Err(stopped) => return Ok(Err(stopped)),
        };
        if inside.role != Role::Owner {
            return Ok(Ok(Ended::NotOwner));
        }
        if let Err(stopped) = visitor.require_fresh(conn)? {
            return Ok(Err(stopped));
        }
        if typed != wanted.as_str() {
            return Ok(Ok(Ended::WrongId(Box::new(inside))));
        }
        let deleted = crate::organization::delete(conn, &wanted, &inside.by((&moment, &origin)))?;
        Ok(if deleted { Ok(Ended::Done) } else { Err(Stopped::NotFound) })
    });
    match written.await?.into_inner() {
        Ok(Ended::Done) => Ok(answer::see_other(&url::after(url::ORGANIZATIONS, DELETED))),
        Ok(Ended::NotOwner) => Err(Refused::Forbidden(say::owners_alone())),
        Ok(Ended::WrongId(inside)) => {
            let errors = vec![FormError::new("delete-id", say::org_delete_wrong())];
            let typed = Typed::of(&inside);
            render(&context, &inside, StatusCode::BAD_REQUEST, (typed, None, errors))
        }
        Err(stopped) => Err(stopped.leading_back_to(url::portal_settings(&org))),
    }
}
