//! The portal, where an organization's admins register applications and watch devices.

pub mod addresses;
pub mod application;
pub mod application_form;
mod application_page;
pub mod applications;
pub mod audit;
pub mod audit_export;
mod audit_filter;
mod audit_words;
pub mod device_login;
pub mod devices;
pub mod embedded_form;
pub mod keys;
mod logo;
pub mod members;
pub mod provider;
mod provider_name;
pub mod providers;
pub mod resources;
pub mod scope;
pub mod settings;
pub mod sign_in;
pub mod signing_keys;
mod token_kind;

use crate::answer;
use crate::context::Context;
use crate::extract::request::organization;
use crate::refused::Refused;
use crate::web::frame;
use crate::web::gate::{Stopped, Visitor};
use crate::web::unreadable;
use actix_web::HttpResponse;
use login::csrf::FormPurpose;
use model::audit::{Actor, By};
use model::context::Origin;
use model::fault::Fault;
use model::id::OrgId;
use model::moment::Moment;
use model::org::{Organization, Role};
use model::user::{OrgAdmin, Present};
use store::Conn;
use store::tables::organizations;
use views::pages::Form;
use views::{Frame, Message, say};

/// To the first section.
///
/// # Errors
/// As the gate says.
pub async fn start(context: Context) -> Result<HttpResponse, Refused> {
    let org = organization(&context)?;
    let (visitor, wanted) = (Visitor::of(&context), org.clone());
    context.state.db.snapshot("portal", move |conn| visitor.admin(conn, &wanted)).await??;
    Ok(answer::see_other(&routes::url::portal_applications(&org)))
}

/// What every page of the portal shows around its content.
struct Inside {
    organization: Organization,
    signed_in: Present,
    role: Role,
    mine: Vec<(Organization, Role)>,
}

impl Inside {
    /// Lets an admin in.
    fn enter(conn: &mut Conn, visitor: &Visitor, org: &OrgId) -> Result<Result<Self, Stopped>, Fault> {
        let (organization, admin) = match visitor.admin(conn, org)? {
            Ok(proven) => proven,
            Err(stopped) => return Ok(Err(stopped)),
        };
        let (signed_in, role) = (admin.member().present().clone(), admin.member().role());
        let mine = organizations::of_user(conn, signed_in.user().id)?;
        Ok(Ok(Self { organization, signed_in, role, mine }))
    }

    fn org_id(&self) -> &OrgId {
        &self.organization.id
    }

    /// Whoever is let in, as the maker of a change by this request.
    fn by(&self, request: (&Moment, &Origin)) -> By {
        By::request(Actor::User(self.signed_in.user().id), request)
    }

    fn frame(&self, context: &Context) -> Frame {
        frame::of_account(context, Some(&self.organization), &self.signed_in, &self.mine)
    }

    fn token(&self, context: &Context, purpose: FormPurpose<'_>) -> String {
        Visitor::of(context).form_token(&self.signed_in.session().digest, purpose.action, purpose.object)
    }

    /// A form with one button.
    fn form(&self, context: &Context, action: String, purpose: FormPurpose<'_>) -> Form {
        Form { action, csrf_token: self.token(context, purpose), hidden: Vec::new() }
    }
}

/// The admin as the maker of a change by this request.
fn by(admin: &OrgAdmin, request: (&Moment, &Origin)) -> By {
    By::request(Actor::User(admin.member().user().id), request)
}

const CREATED: &str = "created";
const ALREADY_CREATED: &str = "already-created";
const SAVED: &str = "saved";
const DISABLED: &str = "disabled";
const ENABLED: &str = "enabled";
const DELETED: &str = "deleted";
const REVOKED: &str = "revoked";
const KEY_REVOKED: &str = "key-revoked";
const ADDED: &str = "added";
const REMOVED: &str = "removed";
const SCOPE_ADDED: &str = "scope-added";
const SCOPE_REMOVED: &str = "scope-removed";
const KEY_MADE: &str = "key-made";
const RESOURCE_ADDED: &str = "resource-added";
const RESOURCE_REMOVED: &str = "resource-removed";

/// The sentence about what has just been done. The address names it, since the page is reached by a redirect.
fn just_done(context: &Context) -> Result<Option<Message>, Refused> {
    let query = context.query().map_err(unreadable)?;
    Ok(match query.get("done") {
        Some(CREATED) => Some(say::application_created()),
        Some(ALREADY_CREATED) => Some(say::application_already_created()),
        Some(SAVED) => Some(say::saved()),
        Some(DISABLED) => Some(say::application_disabled()),
        Some(ENABLED) => Some(say::application_enabled()),
        Some(DELETED) => Some(say::application_deleted()),
        Some(ADDED) => Some(say::provider_added()),
        Some(REMOVED) => Some(say::provider_removed()),
        Some(SCOPE_ADDED) => Some(say::scope_added()),
        Some(SCOPE_REMOVED) => Some(say::scope_removed()),
        Some(RESOURCE_ADDED) => Some(say::resource_added()),
        Some(KEY_MADE) => Some(say::signing_key_made()),
        Some(RESOURCE_REMOVED) => Some(say::resource_removed()),
        Some(KEY_REVOKED) => Some(say::key_is_revoked()),
        Some(REVOKED) => Some(say::device_revoked()),
        _ => None,
    })
}
