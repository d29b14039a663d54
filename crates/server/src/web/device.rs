//! Where a person types a code (RFC 8628 §3.3).
//!
//! 1. The entry page shows a field, filled in where the address says so. Showing it looks nothing up.
//! 2. *Continue* by somebody not signed in only keeps the code, sealed, until the sign-in that it leads to.
//! 3. *Continue* by somebody whose codes work there charges the budgets of wrong codes, claims the grant, and leads to its review:
//!    at the organization of the client, or, where that belongs to none, at the page where an organization is picked.

use crate::answer;
use crate::claim::{Claiming, Continued, claim};
use crate::context::Context;
use crate::metrics::Spent;
use crate::refused::Refused;
use crate::web::desk::{AtDesk, Desk, Person};
use crate::web::gate::{self, Guest, Stopped, Visitor, own_form};
use crate::web::login::LOGOUT;
use crate::web::{frame, page, spent, unreadable};
use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use login::csrf::FormPurpose;
use login::waiting_code;
use model::org::{Organization, Registration};
use model::user::{Present, Reader};
use model::user_code::TypedCode;
use routes::url;
use store::Class;
use views::pages::{DeviceEntry, FormError, Stranger};
use views::{Message, say};

/// In the address of the entry page: the code that was typed before signing in does not work.
pub const PROBLEM_CODE: &str = "code";
/// In the address of the entry page: too many wrong codes.
pub const PROBLEM_SPENT: &str = "attempts";

/// The longest code that a form gives back, in characters.
const LONGEST_SHOWN: usize = 32;

const ENTRY: &str = "device-code";

async fn at_entry(context: &Context, desk: Desk) -> Result<AtDesk, Refused> {
    let visitor = Visitor::of(context);
    let seen = context.state.db.read("device entry", move |conn| desk.look(conn, &visitor));
    seen.await?.ok_or(Refused::NotFound)
}

/// Shows the entry page.
///
/// # Errors
/// 404 where there is no such organization, 403 for somebody signed in who does not belong to it.
pub async fn entry(context: Context) -> Result<HttpResponse, Refused> {
    let query = context.query().map_err(unreadable)?;
    let code = query.get("user_code").or_else(|| query.get("code")).unwrap_or_default();
    let problem = match query.get("problem") {
        Some(PROBLEM_CODE) => Some(say::code_wrong()),
        Some(PROBLEM_SPENT) => Some(say::code_spent()),
        _ => None,
    };
    let desk = Desk::of(&context)?;
    let at_entry = at_entry(&context, desk.clone()).await?;
    let is_member = match &at_entry {
        AtDesk::Stranger(organization, signed_in) => {
            return render_stranger(&context, organization, signed_in, code, None);
        }
        AtDesk::FactorMissing(..) => return Err(Stopped::FactorMissing.into()),
        AtDesk::Here(Person::Member(..)) => true,
        AtDesk::Guest(_) | AtDesk::Here(Person::Anywhere(_)) => false,
    };
    let joined = is_member && query.get("done") == Some(url::JOINED);
    render_entry(&context, (&desk, &at_entry), StatusCode::OK, Entry { code, problem, joined })
}

/// What the entry page shows beside the organization.
#[derive(Default)]
struct Entry<'a> {
    code: &'a str,
    problem: Option<Message>,
    /// Whether whoever looks has just become a member.
    joined: bool,
}

impl<'a> Entry<'a> {
    fn refused(code: &'a str, problem: Message) -> Self {
        Self { code, problem: Some(problem), joined: false }
    }
}

fn render_entry(
    context: &Context,
    (desk, at_entry): (&Desk, &AtDesk),
    status: StatusCode,
    entry: Entry<'_>,
) -> Result<HttpResponse, Refused> {
    let home = desk.home();
    let guest = Guest::of(context);
    let account = |organization: Option<&Organization>, reader: &dyn Reader| {
        let token = Visitor::of(context).form_token(&reader.session().digest, ENTRY, home.as_str());
        (token, frame::of_account(context, organization, reader, &[]))
    };
    let (csrf_token, surroundings) = match at_entry {
        AtDesk::Guest(organization) => {
            (guest.form_token(context, ENTRY, home.as_str()), frame::of_organization(context, organization.as_ref()))
        }
        AtDesk::Here(person) => account(person.organization(), person.reader()),
        AtDesk::Stranger(organization, present) | AtDesk::FactorMissing(organization, present) => {
            account(Some(organization), &**present)
        }
    };
    let joined = match at_entry {
        AtDesk::Here(person) if entry.joined => person.organization(),
        _ => None,
    };
    let shown = DeviceEntry {
        notice: joined.map(|organization| say::you_belong_now(organization.name.as_str())),
        action: url::device(&home),
        csrf_token,
        user_code: entry.code.chars().take(LONGEST_SHOWN).collect(),
        errors: entry.problem.map(|sentence| FormError::new("user_code", sentence)).into_iter().collect(),
    };
    let mut response = page(context, status, &shown, &surroundings)?;
    if matches!(at_entry, AtDesk::Guest(_)) {
        guest.keep(context, &mut response);
    }
    Ok(response)
}

/// Says that the page is not theirs. A code stays with them only as far as this page: it waits for another account where
/// its form is sent, so that none is left in a browser for whoever signs in there next.
pub(super) fn render_stranger(
    context: &Context,
    organization: &Organization,
    signed_in: &Present,
    code: &str,
    next: Option<String>,
) -> Result<HttpResponse, Refused> {
    let FormPurpose { action, object } = LOGOUT;
    let code: String = code.chars().take(LONGEST_SHOWN).collect();
    let open = organization.registration != Registration::ByInvitation;
    let towards = next.clone().unwrap_or_default();
    let shown = Stranger {
        action: url::LOGOUT.to_owned(),
        csrf_token: Visitor::of(context).form_token(&signed_in.session().digest, action, object),
        organization: organization.id.to_string(),
        next,
        user_code: code.clone(),
        sentence: if open { say::stranger_may_join() } else { say::stranger() },
        join_url: open.then(|| match code.as_str() {
            "" => url::register_towards(&organization.id, &towards),
            code => url::register_with_code(&organization.id, code),
        }),
        email: signed_in.user().email.clone(),
    };
    page(context, StatusCode::FORBIDDEN, &shown, &frame::of_reader(context, organization, signed_in))
}

/// Takes the form of the entry page.
///
/// # Errors
/// 403 for a form of another browser or session, or somebody who does not belong to the organization.
pub async fn submit(context: Context) -> Result<HttpResponse, Refused> {
    let desk = Desk::of(&context)?;
    let home = desk.home();
    let form = own_form(&context)?;
    let at_entry = at_entry(&context, desk.clone()).await?;
    let typed = form.get("user_code").unwrap_or_default();
    let code = TypedCode::read(typed);
    let purpose = FormPurpose { action: ENTRY, object: home.as_str() };
    let again = |status, problem| render_entry(&context, (&desk, &at_entry), status, Entry::refused(typed, problem));
    match &at_entry {
        AtDesk::Guest(_) => {
            let guest = gate::check_guest(&context, purpose, form.get("csrf_token"))?;
            if code.as_str().is_empty() {
                return again(StatusCode::BAD_REQUEST, say::code_missing());
            }
            let (kept, refilled) = (url::device(&home), url::device_with_code(&home, code.as_str()));
            let (keyring, moment, origin) =
                (context.state.keyring.clone(), context.moment.clone(), context.origin.clone());
            context
                .state
                .limits
                .waiting_code(context.origin.network())
                .map_err(|retry_after| Refused::TooMany { retry_after })
                .inspect_err(|_| context.state.metrics.spent(Spent::WaitingCodes))?;
            let written = context.state.db.write_shedding("keep waiting code", Class::Durable, move |conn| {
                waiting_code::keep(conn, (&guest, &home), &code, &keyring, (&moment, &origin))
            });
            // Where no more codes can wait, the entry page has this one filled in after the sign-in.
            let next = if written.await?.into_inner() { kept } else { refilled };
            Ok(answer::see_other(&url::login_to(&next)))
        }
        AtDesk::Stranger(..) => Err(Stopped::Stranger.into()),
        AtDesk::FactorMissing(..) => Err(Stopped::FactorMissing.into()),
        AtDesk::Here(_) => {
            let visitor = Visitor::of(&context);
            visitor.check((), purpose, form.get("csrf_token"))?;
            if code.as_str().is_empty() {
                return again(StatusCode::BAD_REQUEST, say::code_missing());
            }
            match claim_now(&context, desk.clone(), visitor, code.clone()).await? {
                // That organization's own page says what is missing.
                Continued::FactorMissing(org) => Ok(answer::see_other(&url::device_with_code(&org, code.as_str()))),
                Continued::Claimed(found) => Ok(answer::see_other(&url::device_review(&found.org_id, found.grant_id))),
                Continued::WrongCode => again(StatusCode::BAD_REQUEST, say::code_wrong()),
                Continued::Spent { retry_after } => {
                    let response = again(StatusCode::TOO_MANY_REQUESTS, say::code_spent())?;
                    Ok(spent(&context, Spent::Codes, retry_after, response))
                }
            }
        }
    }
}

async fn claim_now(context: &Context, desk: Desk, visitor: Visitor, code: TypedCode) -> Result<Continued, Refused> {
    let with = Claiming::of(context);
    let written = context.state.db.write("claim", Class::Durable, move |conn| {
        Ok(match desk.person(conn, &visitor)? {
            Err(stopped) => Err(stopped),
            Ok(person) => Ok(claim(conn, person.claimant(), &code, &with)?),
        })
    });
    Ok(written.await?.into_inner()?)
}
