//! Founding an organization, where anybody who is signed in may. Whoever founds one is its owner.

use crate::answer;
use crate::config::OrgCreation;
use crate::context::Context;
use crate::organization::{first_key, found};
use crate::refused::Refused;
use crate::web::gate::{Stopped, Visitor, own_form};
use crate::web::{frame, page};
use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use login::csrf::FormPurpose;
use model::audit::{Actor, By};
use model::id::OrgId;
use model::name::DisplayName;
use model::org::{Organization, Role};
use model::user::SignedIn;
use routes::url;
use store::Class;
use store::tables::{organizations, users};
use views::pages::{Form, FormError, NewOrganization};
use views::say;

const FOUND: FormPurpose<'static> = FormPurpose { action: "organization-create", object: "" };

/// The most organizations that one person owns, as far as they found them here: who needs more asks the operator.
pub const MOST_OWNED: usize = 20;

/// What is wrong, and what was typed.
#[derive(Default)]
struct Typed {
    name: String,
    org_id: String,
    errors: Vec<FormError>,
}

/// Whether this server lets people found organizations.
///
/// # Errors
/// 403 where it does not.
fn allowed(context: &Context) -> Result<(), Refused> {
    match context.state.config.org_creation {
        OrgCreation::Anyone => Ok(()),
        OrgCreation::Operator => Err(Refused::Forbidden(say::organizations_by_operator())),
    }
}

/// Shows the form.
///
/// # Errors
/// To the sign-in page where nobody is signed in; 403 where the operator alone creates organizations.
pub async fn show(context: Context) -> Result<HttpResponse, Refused> {
    render(&context, StatusCode::OK, Typed::default()).await
}

async fn render(context: &Context, status: StatusCode, typed: Typed) -> Result<HttpResponse, Refused> {
    let visitor = Visitor::of(context);
    let read = context.state.db.snapshot("new organization", move |conn| {
        Ok(match visitor.require_signed_in(conn)? {
            Ok(signed_in) => {
                let mine = organizations::of_user(conn, signed_in.user().id)?;
                Ok((signed_in, mine))
            }
            Err(stopped) => Err(stopped),
        })
    });
    let (signed_in, mine): (SignedIn, Vec<(Organization, Role)>) = read.await??;
    allowed(context)?;
    let token = Visitor::of(context).form_token(&signed_in.session().digest, FOUND.action, FOUND.object);
    let shown = NewOrganization {
        side: frame::account_side(url::ORGANIZATIONS),
        form: Form { action: url::NEW_ORGANIZATION.to_owned(), csrf_token: token, hidden: Vec::new() },
        name: typed.name,
        org_id: typed.org_id,
        issuer_before: format!("{}…", context.state.config.public_url.join("/orgs/")),
        errors: typed.errors,
        back_url: url::ORGANIZATIONS.to_owned(),
    };
    page(context, status, &shown, &frame::of_account(context, None, &signed_in, &mine))
}

/// What comes of the form.
enum Founded {
    Made,
    Taken,
    TooMany,
}

/// Makes the organization.
///
/// # Errors
/// 403 for a form of another session, or where the operator alone creates organizations.
pub async fn create(context: Context) -> Result<HttpResponse, Refused> {
    let form = own_form(&context)?;
    let visitor = Visitor::of(&context);
    visitor.check((), FOUND, form.get("csrf_token"))?;
    allowed(&context)?;
    let field = |name: &str| form.get(name).unwrap_or_default().trim().to_owned();
    let typed = Typed { name: field("name"), org_id: field("org_id"), errors: Vec::new() };
    let name = DisplayName::parse(&typed.name).map_err(|_| FormError::new("name", say::name_empty()));
    let org = OrgId::parse(&typed.org_id).map_err(|_| FormError::new("org_id", say::org_id_wrong()));
    let (name, org) = match (name, org) {
        (Ok(name), Ok(org)) => (name, org),
        (name, org) => {
            let errors = name.err().into_iter().chain(org.err()).collect();
            return render(&context, StatusCode::BAD_REQUEST, Typed { errors, ..typed }).await;
        }
    };
    let key = first_key(&org, &context.state.keyring, &context.moment)?;
    let (moment, origin, wanted) = (context.moment.clone(), context.origin.clone(), org.clone());
    let written = context.state.db.write("found organization", Class::Durable, move |conn| {
        let signed_in = match visitor.require_signed_in(conn)? {
            Ok(signed_in) => signed_in,
            Err(stopped) => return Ok(Err(stopped)),
        };
        // Held, so that of two at once the second counts the first's.
        let Some(user) = users::held_to_change(conn, signed_in.user().id)? else {
            return Ok(Err(Stopped::SignedOut));
        };
        let owned = organizations::of_user(conn, user.id)?.iter().filter(|(_, role)| *role == Role::Owner).count();
        if owned >= MOST_OWNED {
            return Ok(Ok(Founded::TooMany));
        }
        let by = By::request(Actor::User(user.id), (&moment, &origin));
        let made = found(conn, (&wanted, &name), &key, Some(user.id), &by)?;
        Ok(Ok(if made { Founded::Made } else { Founded::Taken }))
    });
    let error = match written.await?.into_inner()? {
        Founded::Made => return Ok(answer::see_other(&url::portal_applications(&org))),
        Founded::Taken => FormError::new("org_id", say::org_id_taken()),
        Founded::TooMany => FormError::new("", say::organizations_too_many(MOST_OWNED as u64)),
    };
    render(&context, StatusCode::BAD_REQUEST, Typed { errors: vec![error], ..typed }).await
}
