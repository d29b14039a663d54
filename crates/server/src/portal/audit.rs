//! The audit log of an organization, for its admins.

use super::audit_filter::Typed;
use super::audit_words::{ACTIONS, entry};
use super::{Inside, audit_export};
use crate::context::Context;
use crate::extract::request::{id, organization};
use crate::refused::Refused;
use crate::web::gate::Visitor;
use crate::web::{frame, page, unreadable};
use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use directory::audit_log::{self, Excerpt};
use model::id::OrgId;
use routes::url;
use uuid::Uuid;
use views::pages::{AuditLog, Choice, Form, FormError, HiddenField};
use views::say;

/// Rows on a page.
const ROWS: usize = 50;

/// Shows what passes the filter.
///
/// # Errors
/// As the gate says.
pub async fn list(context: Context) -> Result<HttpResponse, Refused> {
    let org = organization(&context)?;
    let query = context.query().map_err(unreadable)?;
    let before: Option<Uuid> = query.get("before").map(id).transpose()?;
    show(&context, org, &Typed::read(&query), before).await
}

/// Shows the page with this filter, the rows below the one named by `before`, or what is wrong with the filter.
pub(super) async fn show(
    context: &Context,
    org: OrgId,
    typed: &Typed,
    before: Option<Uuid>,
) -> Result<HttpResponse, Refused> {
    let (filter, errors) = match typed.filter() {
        Ok(filter) => (Some(filter), Vec::new()),
        Err(errors) => (None, errors),
    };
    let visitor = Visitor::of(context);
    let read = context.state.db.snapshot("audit page", move |conn| {
        let inside = match Inside::enter(conn, &visitor, &org)? {
            Ok(inside) => inside,
            Err(stopped) => return Ok(Err(stopped)),
        };
        let excerpt = match &filter {
            Some(filter) => Some(audit_log::read(conn, Some(&org), filter, before, ROWS)?),
            None => None,
        };
        Ok(Ok((inside, excerpt)))
    });
    let (inside, excerpt) = read.await??;
    let status = if excerpt.is_some() { StatusCode::OK } else { StatusCode::BAD_REQUEST };
    let shown = shown(context, &inside, (typed, errors, before), excerpt.as_ref());
    page(context, status, &shown, &inside.frame(context))
}

fn shown(
    context: &Context,
    inside: &Inside,
    (typed, errors, before): (&Typed, Vec<FormError>, Option<Uuid>),
    excerpt: Option<&Excerpt>,
) -> AuditLog {
    let (org, fields) = (inside.org_id(), typed.fields());
    let older = excerpt.and_then(|excerpt| excerpt.older).map(|last| {
        let last = last.to_string();
        url::portal_audit_filtered(org, &[&fields[..], &[("before", last.as_str())]].concat())
    });
    let hidden =
        |(name, value): &(&'static str, &str)| HiddenField { name: (*name).to_owned(), value: (*value).to_owned() };
    let export = inside.form(context, url::portal_audit_export(org), audit_export::purpose(org));
    AuditLog {
        side: frame::portal_side(&inside.organization, &url::portal_audit(org)),
        errors,
        url: url::portal_audit(org),
        actions: actions(&typed.action),
        email: typed.email.clone(),
        from: typed.from.clone(),
        to: typed.to.clone(),
        filtered: !fields.is_empty(),
        rows: excerpt.map_or_else(Vec::new, |excerpt| {
            excerpt.rows.iter().map(|row| entry(context, inside, row, &excerpt.names)).collect()
        }),
        newest: before.map(|_| url::portal_audit_filtered(org, &fields)),
        older,
        export: Form { hidden: fields.iter().map(hidden).collect(), ..export },
    }
}

fn actions(chosen: &str) -> Vec<Choice> {
    let choice = |value: &str, label| Choice { value: value.to_owned(), label, hint: None, chosen: value == chosen };
    let known = ACTIONS.iter().map(|(action, said)| choice(action.as_str(), said().into()));
    std::iter::once(choice("", say::audit_any_action().into())).chain(known).collect()
}
