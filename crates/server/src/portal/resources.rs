//! What an organization's applications may ask for: its catalogue of scopes.

use super::{Inside, just_done};
use crate::context::Context;
use crate::extract::request::organization;
use crate::refused::Refused;
use crate::web::gate::Visitor;
use crate::web::{frame, page};
use crate::words;
use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use directory::catalogue::Catalogue;
use model::catalogue::{Scope, ScopeAccess};
use model::fault::Fault;
use model::id::OrgId;
use protocol::scope::Scopes;
use routes::url;
use store::Conn;
use views::pages::{Resources, ScopeRow};
use views::{Message, say};

/// What the page tells.
pub(super) struct Seen {
    inside: Inside,
    catalogue: Catalogue,
    // What each application may ask for.
    asked: Vec<Scopes>,
}

impl Seen {
    fn read(conn: &mut Conn, inside: Inside) -> Result<Self, Fault> {
        let org = inside.org_id().clone();
        let (catalogue, asked) = (Catalogue::read(conn, &org)?, directory::scopes::listed_by(conn, &org)?);
        Ok(Self { inside, catalogue, asked })
    }
}

/// Shows it.
///
/// # Errors
/// As the gate says.
pub async fn show(context: Context) -> Result<HttpResponse, Refused> {
    let seen = look(&context, organization(&context)?).await?;
    render(&context, &seen, StatusCode::OK, just_done(&context)?)
}

async fn look(context: &Context, org: OrgId) -> Result<Seen, Refused> {
    let visitor = Visitor::of(context);
    let read = context.state.db.snapshot("scopes and resources", move |conn| {
        Ok(match Inside::enter(conn, &visitor, &org)? {
            Ok(inside) => Ok(Seen::read(conn, inside)?),
            Err(stopped) => Err(stopped),
        })
    });
    Ok(read.await??)
}

fn render(
    context: &Context,
    seen: &Seen,
    status: StatusCode,
    notice: Option<Message>,
) -> Result<HttpResponse, Refused> {
    let org = seen.inside.org_id();
    let here = url::portal_resources(org);
    let shown = Resources {
        side: frame::portal_side(&seen.inside.organization, &here),
        notice,
        scopes: seen.catalogue.entries().iter().map(|scope| scope_row(seen, scope)).collect(),
        new_scope_url: url::portal_new_scope(org),
        permissions_url: url::permissions(org),
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
