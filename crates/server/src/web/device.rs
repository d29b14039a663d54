//! Where a person types a code (RFC 8628 §3.3).
//!
//! 1. The entry page shows a field, filled in where the address says so. Showing it looks nothing up.
//! 2. *Continue* by somebody not signed in only keeps the code, sealed, until the sign-in that it leads to.
//! 3. *Continue* by a member charges the budgets of wrong codes, claims the grant, and leads to its review.

use crate::answer;
use crate::claim::{Claiming, Continued, claim};
use crate::context::Context;
use crate::extract::request::organization;
use crate::metrics::Spent;
use crate::refused::Refused;
use crate::web::gate::{self, At, Guest, Stopped, Visitor, own_form};
use crate::web::login::LOGOUT;
use crate::web::{frame, page, spent, unreadable};
use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use login::csrf::FormPurpose;
use login::waiting_code;
use model::id::OrgId;
use model::org::{Organization, Registration};
use model::user::Present;
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

async fn at_entry(context: &Context, org: OrgId) -> Result<At, Refused> {
    let visitor = Visitor::of(context);
    let seen = context.state.db.read("device entry", move |conn| visitor.at(conn, &org));
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
    let at_entry = at_entry(&context, organization(&context)?).await?;
    match &at_entry {
        At::Stranger(organization, signed_in) => return render_stranger(&context, organization, signed_in, code, None),
        At::FactorMissing(..) => return Err(Stopped::FactorMissing.into()),
        At::Guest(_) | At::Member(..) => {}
    }
    let joined = query.get("done") == Some(url::JOINED) && matches!(at_entry, At::Member(..));
    render_entry(&context, &at_entry, StatusCode::OK, Entry { code, problem, joined })
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
    at_entry: &At,
    status: StatusCode,
    entry: Entry<'_>,
) -> Result<HttpResponse, Refused> {
    let guest = Guest::of(context);
    let account = |organization: &Organization, signed_in: &Present| {
        let session = &signed_in.session().digest;
        let token = Visitor::of(context).form_token(session, ENTRY, organization.id.as_str());
        (organization.clone(), token, frame::of_account(context, Some(organization), signed_in, &[]))
    };
    let (organization, csrf_token, surroundings) = match at_entry {
        At::Guest(organization) => (
            organization.clone(),
            guest.form_token(context, ENTRY, organization.id.as_str()),
            frame::of_organization(context, Some(organization)),
        ),
        At::Member(organization, member) => account(organization, member.present()),
        At::Stranger(organization, signed_in) | At::FactorMissing(organization, signed_in) => {
            account(organization, signed_in)
        }
    };
    let shown = DeviceEntry {
        notice: entry.joined.then(|| say::you_belong_now(organization.name.as_str())),
        action: url::device(&organization.id),
        csrf_token,
        user_code: entry.code.chars().take(LONGEST_SHOWN).collect(),
        errors: entry.problem.map(|sentence| FormError::new("user_code", sentence)).into_iter().collect(),
    };
    let mut response = page(context, status, &shown, &surroundings)?;
    if matches!(at_entry, At::Guest(_)) {
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
    let shown = Stranger {
        action: url::LOGOUT.to_owned(),
        csrf_token: Visitor::of(context).form_token(&signed_in.session().digest, action, object),
        organization: organization.id.to_string(),
        next,
        user_code: code.clone(),
        sentence: if open { say::stranger_may_join() } else { say::stranger() },
        join_url: open.then(|| match code.as_str() {
            "" => url::register_at(&organization.id),
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
    let org = organization(&context)?;
    let form = own_form(&context)?;
    let at_entry = at_entry(&context, org.clone()).await?;
    let typed = form.get("user_code").unwrap_or_default();
    let code = TypedCode::read(typed);
    let purpose = FormPurpose { action: ENTRY, object: org.as_str() };
    match &at_entry {
        At::Guest(_) => {
            let guest = gate::check_guest(&context, purpose, form.get("csrf_token"))?;
            if code.as_str().is_empty() {
                return render_entry(
                    &context,
                    &at_entry,
                    StatusCode::BAD_REQUEST,
                    Entry::refused(typed, say::code_missing()),
                );
            }
            let (kept, refilled) = (url::device(&org), url::device_with_code(&org, code.as_str()));
            let (keyring, moment, origin) =
                (context.state.keyring.clone(), context.moment.clone(), context.origin.clone());
            context
                .state
                .limits
                .waiting_code(context.origin.network())
                .map_err(|retry_after| Refused::TooMany { retry_after })
                .inspect_err(|_| context.state.metrics.spent(Spent::WaitingCodes))?;
            let written = context.state.db.write_shedding("keep waiting code", Class::Durable, move |conn| {
                waiting_code::keep(conn, (&guest, &org), &code, &keyring, (&moment, &origin))
            });
            // Where no more codes can wait, the entry page has this one filled in after the sign-in.
            let next = if written.await?.into_inner() { kept } else { refilled };
            Ok(answer::see_other(&url::login_to(&next)))
        }
        At::Stranger(..) => Err(Stopped::Stranger.into()),
        At::FactorMissing(..) => Err(Stopped::FactorMissing.into()),
        At::Member(..) => {
            let visitor = Visitor::of(&context);
            visitor.check((), purpose, form.get("csrf_token"))?;
            if code.as_str().is_empty() {
                return render_entry(
                    &context,
                    &at_entry,
                    StatusCode::BAD_REQUEST,
                    Entry::refused(typed, say::code_missing()),
                );
            }
            match claim_now(&context, org.clone(), visitor, code).await? {
                Continued::Claimed(grant) => Ok(answer::see_other(&url::device_review(&org, grant))),
                Continued::WrongCode => {
                    render_entry(&context, &at_entry, StatusCode::BAD_REQUEST, Entry::refused(typed, say::code_wrong()))
                }
                Continued::Spent { retry_after } => {
                    let response = render_entry(
                        &context,
                        &at_entry,
                        StatusCode::TOO_MANY_REQUESTS,
                        Entry::refused(typed, say::code_spent()),
                    )?;
                    Ok(spent(&context, Spent::Codes, retry_after, response))
                }
            }
        }
    }
}

async fn claim_now(context: &Context, org: OrgId, visitor: Visitor, code: TypedCode) -> Result<Continued, Refused> {
    let with = Claiming::of(context);
    let written = context.state.db.write("claim", Class::Durable, move |conn| {
        Ok(match visitor.member(conn, &org)? {
            Err(stopped) => Err(stopped),
            Ok((_, member)) => Ok(claim(conn, &member, &code, &with)?),
        })
    });
    Ok(written.await?.into_inner()?)
}
