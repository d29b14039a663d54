//! The audit log as a file for an organization's admins.
//!
//! 1. The export is a change like others: a form of the page, by whoever has lately proven who they are, with a row in the
//!    log, since whoever has the file has what all members did.
//! 2. The file is read newest rows first, its own among them, piece by piece: each when the browser has taken the one
//!    before, and each by whoever is still an admin then.
//! 3. What goes wrong on the way breaks the answer off, so that no browser takes a part for the whole.

use super::audit_filter::Typed;
use super::{audit, by};
use crate::audit_file::{AT_ONCE, Format};
use crate::context::Context;
use crate::extract::request::organization;
use crate::fault;
use crate::refused::Refused;
use crate::state::State;
use crate::web::gate::{Stopped, Visitor, own_form};
use actix_web::HttpResponse;
use actix_web::body::{BodySize, MessageBody};
use actix_web::http::header;
use actix_web::web::{Bytes, Data};
use directory::audit_log::{self, Filter};
use login::csrf::FormPurpose;
use model::audit::Action;
use model::id::OrgId;
use routes::url;
use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::task::{Context as Task, Poll};
use store::Class;
use store::tables::{audit as log, memberships, users};
use uuid::Uuid;
use views::say;

/// What the export's form is for.
pub(super) fn purpose(org: &OrgId) -> FormPurpose<'_> {
    FormPurpose { action: "audit-export", object: org.as_str() }
}

/// Gives the file.
///
/// # Errors
/// As the gate says; to the step-up where the last proof is too old.
pub async fn take(context: Context) -> Result<HttpResponse, Refused> {
    let org = organization(&context)?;
    let form = own_form(&context)?;
    let visitor = Visitor::of(&context);
    visitor.check((), purpose(&org), form.get("csrf_token"))?;
    let format = Format::parse(form.get("format").unwrap_or("ndjson"));
    let format = format.ok_or_else(|| Refused::Unclear(say::error_400_sentence()))?;
    let typed = Typed::read(&form);
    let Ok(filter) = typed.filter() else { return audit::show(&context, org, &typed, None).await };
    note(&context, &org, (&typed, filter.clone()), format).await?;
    let name = format!("attachment; filename=\"audit-{org}.{}\"", format.as_str());
    let request_id = context.request_id();
    let reading = Reading { state: context.state, visitor, org, filter, format, before: None, request_id };
    Ok(HttpResponse::Ok()
        .insert_header((header::CONTENT_TYPE, format.media_type()))
        .insert_header((header::CONTENT_DISPOSITION, name))
        .insert_header((header::CACHE_CONTROL, "no-store"))
        .body(Download(Some(Box::pin(reading.next())))))
}

/// Writes the export's own row.
async fn note(
    context: &Context,
    org: &OrgId,
    (typed, filter): (&Typed, Filter),
    format: Format,
) -> Result<(), Refused> {
    let (visitor, page, org) = (Visitor::of(context), url::portal_audit(org), org.clone());
    let (moment, origin, policy) = (context.moment.clone(), context.origin.clone(), context.state.config.sessions);
    let typed = typed.clone();
    let written = context.state.db.write("export audit log", Class::Durable, move |conn| {
        let (_, admin) = match visitor.admin(conn, &org)? {
            Ok(proven) => proven,
            Err(stopped) => return Ok(Err(stopped)),
        };
        if !admin.member().session().is_fresh(moment.now(), &policy) {
            return Ok(Err(Stopped::Stale));
        }
        let by = by(&admin, (&moment, &origin));
        let mut entry = by.entry(Some(&org), Action::AuditExported, &org).with("format", format.as_str());
        for (name, value) in typed.fields().into_iter().filter(|(name, _)| *name != "email") {
            entry = entry.with(name, value);
        }
        // The log holds ids and no addresses; and whether somebody else than a member has an account is not to be learnt
        // from it.
        if let Some(key) = &filter.email_key
            && let Some((user, _)) = users::by_email(conn, key)?
            && !memberships::among(conn, &org, &[user.id])?.is_empty()
        {
            entry = entry.with("user", user.id.to_string());
        }
        log::insert(conn, &entry).map(Ok)
    });
    written.await?.into_inner().map_err(|stopped| stopped.leading_back_to(page))
}

/// A file on its way: what of it is still to be read, and by whom.
struct Reading {
    state: Data<State>,
    visitor: Visitor,
    org: OrgId,
    filter: Filter,
    format: Format,
    // Nothing at the beginning.
    before: Option<Uuid>,
    request_id: String,
}

/// That no more of a file can be read; why is in the server's log.
#[derive(Debug)]
struct BrokenOff;

impl fmt::Display for BrokenOff {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the export broke off")
    }
}

impl std::error::Error for BrokenOff {}

impl Reading {
    /// The next piece, and how it goes on, if it does.
    async fn next(mut self) -> Result<(Bytes, Option<Self>), BrokenOff> {
        let (visitor, org, filter) = (self.visitor.clone(), self.org.clone(), self.filter.clone());
        let before = self.before;
        let read = self.state.db.snapshot("audit export", move |conn| match visitor.admin(conn, &org)? {
            Ok(_) => audit_log::read(conn, Some(&org), &filter, before, AT_ONCE).map(Some),
            Err(_) => Ok(None),
        });
        let read = read.await.and_then(|excerpt| match excerpt {
            Some(excerpt) => Ok(Some((self.format.lines(&excerpt)?, excerpt.older))),
            None => Ok(None),
        });
        let read = read.inspect_err(|failed| fault::log(failed, &self.request_id));
        let Ok(Some((lines, older))) = read else { return Err(BrokenOff) };
        let piece = if before.is_some() { lines } else { self.format.heading() + &lines };
        self.before = older;
        Ok((Bytes::from(piece), older.map(|_| self)))
    }
}

type Piece = Pin<Box<dyn Future<Output = Result<(Bytes, Option<Reading>), BrokenOff>>>>;

/// The body of the answer: the piece that is being read, or nothing at its end.
struct Download(Option<Piece>);

impl MessageBody for Download {
    type Error = BrokenOff;

    fn size(&self) -> BodySize {
        BodySize::Stream
    }

    fn poll_next(mut self: Pin<&mut Self>, task: &mut Task<'_>) -> Poll<Option<Result<Bytes, BrokenOff>>> {
        let Some(piece) = &mut self.0 else { return Poll::Ready(None) };
        match piece.as_mut().poll(task) {
            Poll::Pending => Poll::Pending,
            Poll::Ready(Err(broken)) => {
                self.0 = None;
                Poll::Ready(Some(Err(broken)))
            }
            Poll::Ready(Ok((bytes, rest))) => {
                self.0 = rest.map(|rest| Box::pin(rest.next()) as Piece);
                // An empty piece would end the answer's framing; only an empty file has one.
                Poll::Ready((!bytes.is_empty()).then_some(Ok(bytes)))
            }
        }
    }
}
