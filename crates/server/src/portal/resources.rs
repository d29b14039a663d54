//! What an organization's applications may ask for: its catalogue of scopes, and the resources that tokens may be meant for.
//!
//! Where tokens may go is what an intruder would change: adding and removing a resource takes a fresh proof of who it is.

use super::{Inside, RESOURCE_ADDED, RESOURCE_REMOVED, just_done};
use crate::answer;
use crate::context::Context;
use crate::extract::request::organization;
use crate::refused::Refused;
use crate::web::gate::{Stopped, Visitor, own_form};
use crate::web::{frame, page};
use crate::words;
use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use directory::catalogue::Catalogue;
use directory::resources::Added;
use login::csrf::FormPurpose;
use model::audit::By;
use model::catalogue::{Scope, ScopeAccess};
use model::fault::Fault;
use model::id::OrgId;
use model::name::{DisplayName, NotAName};
use model::resource::{Resource, ResourceUri};
use protocol::params::Params;
use protocol::scope::Scopes;
use routes::url;
use store::tables::resources;
use store::{Class, Conn};
use views::pages::{FormError, HiddenField, ResourceRow, Resources, ScopeRow};
use views::{Message, say};

const ADD: &str = "resource-add";
const REMOVE: &str = "resource-remove";

/// What the page tells.
struct Seen {
    inside: Inside,
    catalogue: Catalogue,
    // What each application may ask for.
    asked: Vec<Scopes>,
    resources: Vec<Resource>,
}

impl Seen {
    fn read(conn: &mut Conn, inside: Inside) -> Result<Self, Fault> {
        let org = inside.org_id().clone();
        let (catalogue, asked) = (Catalogue::read(conn, &org)?, directory::scopes::listed_by(conn, &org)?);
        Ok(Self { inside, catalogue, asked, resources: resources::all(conn, &org)? })
    }
}

/// The form of a new resource as typed.
#[derive(Default)]
struct Typed {
    uri: String,
    name: String,
}

impl Typed {
    fn read(form: &Params) -> Self {
        let field = |name: &str| form.get(name).unwrap_or_default().trim().to_owned();
        Self { uri: field("uri"), name: field("name") }
    }

    /// The resource that it describes, or everything that is wrong with it.
    fn resource(&self) -> Result<Resource, Vec<FormError>> {
        let uri = ResourceUri::parse(&self.uri).map_err(|_| FormError::new("uri", say::resource_uri_wrong()));
        let name = DisplayName::parse(&self.name).map_err(|problem| {
            let sentence = match problem {
                NotAName::Empty => say::name_empty(),
                NotAName::TooLong => say::name_too_long(),
                NotAName::Invisible => say::name_invisible(),
            };
            FormError::new("name", sentence)
        });
        match (uri, name) {
            (Ok(uri), Ok(name)) => Ok(Resource { uri, name: name.into() }),
            (uri, name) => Err([name.err(), uri.err()].into_iter().flatten().collect()),
        }
    }
}

/// Shows it.
///
/// # Errors
/// As the gate says.
pub async fn show(context: Context) -> Result<HttpResponse, Refused> {
    let org = organization(&context)?;
    render(&context, org, StatusCode::OK, (Typed::default(), just_done(&context)?, Vec::new())).await
}

async fn render(
    context: &Context,
    org: OrgId,
    status: StatusCode,
    (typed, notice, errors): (Typed, Option<Message>, Vec<FormError>),
) -> Result<HttpResponse, Refused> {
    let visitor = Visitor::of(context);
    let read = context.state.db.snapshot("scopes and resources", move |conn| {
        Ok(match Inside::enter(conn, &visitor, &org)? {
            Ok(inside) => Ok(Seen::read(conn, inside)?),
            Err(stopped) => Err(stopped),
        })
    });
    let seen = read.await??;
    let org = seen.inside.org_id();
    let here = url::portal_resources(org);
    let shown = Resources {
        side: frame::portal_side(&seen.inside.organization, &here),
        notice,
        errors,
        scopes: seen.catalogue.entries().iter().map(|scope| scope_row(&seen, scope)).collect(),
        new_scope_url: url::portal_new_scope(org),
        permissions_url: url::permissions(org),
        resources: seen.resources.iter().map(|resource| resource_row(context, &seen.inside, resource)).collect(),
        add: seen.inside.form(context, here, FormPurpose { action: ADD, object: org.as_str() }),
        uri: typed.uri,
        name: typed.name,
    };
    page(context, status, &shown, &seen.inside.frame(context))
}

fn scope_row(seen: &Seen, scope: &Scope) -> ScopeRow {
    ScopeRow {
        name: scope.name.clone(),
        sentence: words::scope(scope.sentence.clone()),
        access: access_word(scope.access),
        implies: scope.implies.names().map(str::to_owned).collect(),
        applications: seen.asked.iter().filter(|asked| asked.has(&scope.name)).count(),
        url: url::portal_scope(seen.inside.org_id(), &scope.name),
    }
}

/// What a scope lets an app do, in a word.
pub(super) fn access_word(access: ScopeAccess) -> Message {
    match access {
        ScopeAccess::Read => say::scope_reads(),
        ScopeAccess::Write => say::scope_writes(),
    }
}

/// What the removal of a resource is bound to.
fn object(org: &OrgId, uri: &str) -> String {
    format!("{org} {uri}")
}

fn resource_row(context: &Context, inside: &Inside, resource: &Resource) -> ResourceRow {
    let (org, uri) = (inside.org_id(), resource.uri.as_str());
    let purpose = FormPurpose { action: REMOVE, object: &object(org, uri) };
    let mut remove = inside.form(context, url::portal_resource_remove(org), purpose);
    remove.hidden.push(HiddenField { name: "uri".to_owned(), value: uri.to_owned() });
    ResourceRow { name: resource.name.clone(), uri: uri.to_owned(), remove }
}

/// Adds a resource.
///
/// # Errors
/// As the gate says; to the step-up where the last proof is too old.
pub async fn add(context: Context) -> Result<HttpResponse, Refused> {
    let org = organization(&context)?;
    let form = own_form(&context)?;
    let purpose = FormPurpose { action: ADD, object: org.as_str() };
    Visitor::of(&context).check((), purpose, form.get("csrf_token"))?;
    let typed = Typed::read(&form);
    let again = async |errors| render(&context, org.clone(), StatusCode::BAD_REQUEST, (typed, None, errors)).await;
    let resource = match Typed::read(&form).resource() {
        Ok(resource) => resource,
        Err(errors) => return again(errors).await,
    };
    let wanted = org.clone();
    let added = write(&context, org.clone(), move |conn, by| directory::resources::add(conn, &wanted, &resource, by));
    match added.await?.map_err(|stopped| stopped.leading_back_to(url::portal_resources(&org)))? {
        Added::Done => Ok(answer::see_other(&url::after(&url::portal_resources(&org), RESOURCE_ADDED))),
        Added::Already => again(vec![FormError::new("uri", say::resource_taken())]).await,
        Added::Full => again(vec![FormError::new("", say::resources_full())]).await,
        Added::NotFound => Err(Refused::NotFound),
    }
}

/// Removes a resource.
///
/// # Errors
/// As the gate says; 404 where there is none; to the step-up where the last proof is too old.
pub async fn remove(context: Context) -> Result<HttpResponse, Refused> {
    let org = organization(&context)?;
    let form = own_form(&context)?;
    let text = form.get("uri").unwrap_or_default();
    let purpose = FormPurpose { action: REMOVE, object: &object(&org, text) };
    Visitor::of(&context).check((), purpose, form.get("csrf_token"))?;
    let uri = ResourceUri::parse(text).map_err(|_| Refused::NotFound)?;
    let wanted = org.clone();
    let removed = write(&context, org.clone(), move |conn, by| directory::resources::remove(conn, &wanted, &uri, by));
    match removed.await?.map_err(|stopped| stopped.leading_back_to(url::portal_resources(&org)))? {
        true => Ok(answer::see_other(&url::after(&url::portal_resources(&org), RESOURCE_REMOVED))),
        false => Err(Refused::NotFound),
    }
}

/// Makes a change, for an admin who has lately proven who they are.
pub(super) async fn write<T: Send + 'static>(
    context: &Context,
    org: OrgId,
    change: impl Fn(&mut Conn, &By) -> Result<T, Fault> + Send + 'static,
) -> Result<Result<T, Stopped>, Refused> {
    let visitor = Visitor::of(context);
    let (moment, origin) = (context.moment.clone(), context.origin.clone());
    let written = context.state.db.write("change what may be asked for", Class::Durable, move |conn| {
        let inside = match Inside::enter(conn, &visitor, &org)? {
            Ok(inside) => inside,
            Err(stopped) => return Ok(Err(stopped)),
        };
        if let Err(stopped) = visitor.require_fresh(conn)? {
            return Ok(Err(stopped));
        }
        change(conn, &inside.by((&moment, &origin))).map(Ok)
    });
    Ok(written.await?.into_inner())
}
