//! Where a person types a code and sees what it asks for (RFC 8628 §3.3).
//!
//! 1. The entry page shows a field, filled in where the address says so. Showing it looks nothing up.
//! 2. *Continue* by somebody not signed in only keeps the code, sealed, until the sign-in that it leads to.
//! 3. *Continue* by a member charges the budgets of wrong codes, claims the grant, and leads to its review.
//! 4. The review shows everything that is known of the request; its form goes to the decision.

use crate::answer;
use crate::context::Context;
use crate::extract::request::{id, organization};
use crate::refused::Refused;
use crate::web::gate::{self, Guest, Stopped, Visitor, own_form};
use crate::web::static_files::unreadable;
use crate::web::{frame, page};
use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use directory::catalogue::Catalogue;
use directory::members::{self, Standing};
use login::budget::Charging;
use login::csrf::FormPurpose;
use login::{budget, waiting_code};
use model::budget::{Budget, BudgetLimits};
use model::context::Origin;
use model::fault::Fault;
use model::id::{GrantId, OrgId};
use model::moment::Moment;
use model::org::Organization;
use model::secret::{Keyring, Purpose};
use model::user::{OrgMember, SignedIn};
use model::user_code::{TypedCode, UserCodeFormat};
use registry::grants::claim::{self, Review};
use routes::url;
use std::time::Duration;
use store::tables::organizations;
use store::{Class, Conn};
use views::pages::{AppFace, DeviceEntry, DeviceReview, Form, FormError, OrganizationChoice, RequestOrigin};
use views::text::{When, minutes_left};

/// In the address of the entry page: the code that was typed before signing in does not work.
pub const PROBLEM_CODE: &str = "code";
/// In the address of the entry page: too many wrong codes.
pub const PROBLEM_SPENT: &str = "attempts";

const WRONG_CODE: &str =
    "This code doesn't work. It may have expired or been used. Start again on your device to get a new one.";
const NO_CODE: &str = "Enter the code that your device shows.";
const SPENT: &str =
    "Too many codes that don't work. Wait ten minutes, start again on your device, then enter the new code.";

/// The longest code that a form gives back, in characters.
const LONGEST_SHOWN: usize = 32;

const ENTRY: &str = "device-code";
/// The action of the decision's form; its object is the grant.
pub const DECISION: &str = "device-decision";
/// The action of *Not you?*; its object is the grant.
pub const RELEASE: &str = "device-release";

/// Who is at the entry page.
enum AtEntry {
    Guest(Organization),
    Member(Organization, SignedIn),
}

async fn at_entry(context: &Context, org: OrgId) -> Result<AtEntry, Refused> {
    let visitor = Visitor::of(context);
    let seen = context.state.db.snapshot("device entry", move |conn| {
        let Some(organization) = organizations::by_id(conn, &org)? else { return Ok(Err(Stopped::NotFound)) };
        let Some(signed_in) = visitor.signed_in(conn)? else { return Ok(Ok(AtEntry::Guest(organization))) };
        Ok(match members::standing(conn, &org, signed_in.clone())? {
            Standing::Member(..) => Ok(AtEntry::Member(organization, signed_in)),
            Standing::Stranger(_) => Err(Stopped::Stranger),
            Standing::NoOrganization => Err(Stopped::NotFound),
        })
    });
    Ok(seen.await??)
}

/// Shows the entry page.
///
/// # Errors
/// 404 where there is no such organization, 403 for somebody signed in who does not belong to it.
pub async fn entry(context: Context) -> Result<HttpResponse, Refused> {
    let query = context.query().map_err(unreadable)?;
    let code = query.get("user_code").or_else(|| query.get("code")).unwrap_or_default();
    let problem = match query.get("problem") {
        Some(PROBLEM_CODE) => Some(WRONG_CODE),
        Some(PROBLEM_SPENT) => Some(SPENT),
        _ => None,
    };
    let at_entry = at_entry(&context, organization(&context)?).await?;
    render_entry(&context, &at_entry, StatusCode::OK, code, problem)
}

fn render_entry(
    context: &Context,
    at_entry: &AtEntry,
    status: StatusCode,
    code: &str,
    problem: Option<&str>,
) -> Result<HttpResponse, Refused> {
    let example = UserCodeFormat::FourFour.example();
    let guest = Guest::of(context);
    let (organization, csrf_token, surroundings) = match at_entry {
        AtEntry::Guest(organization) => (
            organization,
            guest.form_token(context, ENTRY, organization.id.as_str()),
            frame::of_organization(context, Some(organization)),
        ),
        AtEntry::Member(organization, signed_in) => (
            organization,
            Visitor::of(context).form_token(&signed_in.session().digest, ENTRY, organization.id.as_str()),
            frame::of_account(context, Some(organization), signed_in, &[]),
        ),
    };
    let shown = DeviceEntry {
        action: url::device(&organization.id),
        csrf_token,
        user_code: code.chars().take(LONGEST_SHOWN).collect(),
        placeholder: example,
        max_length: LONGEST_SHOWN,
        digits: false,
        errors: problem
            .map(|sentence| FormError { field: "user_code".to_owned(), sentence: sentence.to_owned() })
            .into_iter()
            .collect(),
    };
    let mut response = page(context, status, &shown, &surroundings)?;
    if matches!(at_entry, AtEntry::Guest(_)) {
        guest.keep(context, &mut response);
    }
    Ok(response)
}

/// What becomes of a code that a member has typed.
#[derive(Clone, Debug)]
pub enum Continued {
    /// It is theirs to decide.
    Claimed(GrantId),
    /// It does not work.
    WrongCode,
    /// Too many did not work before; this one was not looked at.
    Spent {
        /// When to try again.
        retry_after: Duration,
    },
}

/// What a claim needs beside the member and the code.
pub struct Claiming<'a> {
    /// The keys that are not in the database.
    pub keyring: &'a Keyring,
    /// How many wrong codes there may be.
    pub limits: &'a BudgetLimits,
    /// When.
    pub moment: &'a Moment,
    /// From where.
    pub origin: &'a Origin,
}

/// Claims the grant of a code: charged before it is looked at, given back where it works.
///
/// # Errors
/// The database's.
pub fn claim(conn: &mut Conn, member: &OrgMember, code: &TypedCode, with: &Claiming<'_>) -> Result<Continued, Fault> {
    let key = with.keyring.key(Purpose::Budget);
    let budgets =
        [Budget::CodesByNetwork(with.origin.network()), Budget::CodesByUser(member.user().id), Budget::CodesInServer];
    let receipt = match budget::charge(conn, &budgets, with.limits, &key, with.moment.now())? {
        Charging::Taken(receipt) => receipt,
        Charging::Spent { retry_after } => return Ok(Continued::Spent { retry_after }),
    };
    Ok(match claim::claim(conn, member, code, with.keyring, with.moment)? {
        None => Continued::WrongCode,
        Some(grant) => {
            budget::refund(conn, &receipt)?;
            Continued::Claimed(grant)
        }
    })
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
        AtEntry::Guest(_) => {
            let guest = gate::check_guest(&context, purpose, form.get("csrf_token"))?;
            if code.as_str().is_empty() {
                return render_entry(&context, &at_entry, StatusCode::BAD_REQUEST, typed, Some(NO_CODE));
            }
            let (kept, refilled) = (url::device(&org), url::device_with_code(&org, code.as_str()));
            let (keyring, moment, origin) =
                (context.state.keyring.clone(), context.moment.clone(), context.origin.clone());
            let written = context.state.db.write_shedding("keep waiting code", Class::Durable, move |conn| {
                waiting_code::keep(conn, (&guest, &org), &code, &keyring, (&moment, &origin))
            });
            // Where no more codes can wait, the entry page has this one filled in after the sign-in.
            let next = if written.await?.into_inner() { kept } else { refilled };
            Ok(answer::see_other(&url::login_to(&next)))
        }
        AtEntry::Member(..) => {
            let visitor = Visitor::of(&context);
            visitor.check((), purpose, form.get("csrf_token"))?;
            if code.as_str().is_empty() {
                return render_entry(&context, &at_entry, StatusCode::BAD_REQUEST, typed, Some(NO_CODE));
            }
            match claim_now(&context, org.clone(), visitor, code).await? {
                Continued::Claimed(grant) => Ok(answer::see_other(&url::device_review(&org, grant))),
                Continued::WrongCode => {
                    render_entry(&context, &at_entry, StatusCode::BAD_REQUEST, typed, Some(WRONG_CODE))
                }
                Continued::Spent { retry_after } => {
                    let mut response =
                        render_entry(&context, &at_entry, StatusCode::TOO_MANY_REQUESTS, typed, Some(SPENT))?;
                    crate::refused::set_retry_after(&mut response, Some(retry_after));
                    Ok(response)
                }
            }
        }
    }
}

async fn claim_now(context: &Context, org: OrgId, visitor: Visitor, code: TypedCode) -> Result<Continued, Refused> {
    let (keyring, limits, moment, origin) =
        (context.state.keyring.clone(), context.state.config.budgets, context.moment.clone(), context.origin.clone());
    let written = context.state.db.write("claim", Class::Durable, move |conn| {
        Ok(match visitor.member(conn, &org)? {
            Err(stopped) => Err(stopped),
            Ok((_, member)) => {
                let with = Claiming { keyring: &keyring, limits: &limits, moment: &moment, origin: &origin };
                Ok(claim(conn, &member, &code, &with)?)
            }
        })
    });
    Ok(written.await?.into_inner()?)
}

/// A grant as its claimant sees it.
pub struct Reviewed {
    /// The organization.
    pub organization: Organization,
    /// The claimant.
    pub member: OrgMember,
    /// The grant.
    pub standing: claim::Standing,
    /// What its scopes mean.
    pub catalogue: Catalogue,
}

/// Looks at a grant for whoever is signed in.
///
/// # Errors
/// As the gate says.
pub async fn look(context: &Context, grant: GrantId) -> Result<Reviewed, Refused> {
    let org = organization(context)?;
    let (visitor, keyring, moment) = (Visitor::of(context), context.state.keyring.clone(), context.moment.clone());
    let seen = context.state.db.snapshot("review", move |conn| {
        Ok(match visitor.member(conn, &org)? {
            Err(stopped) => Err(stopped),
            Ok((organization, member)) => {
                let standing = claim::review(conn, &member, grant, &keyring, &moment)?;
                let catalogue = Catalogue::read(conn, &org)?;
                Ok(Reviewed { organization, member, standing, catalogue })
            }
        })
    });
    Ok(seen.await??)
}

/// Shows the review page.
///
/// # Errors
/// 404 for a grant that is not theirs, 409 for one that is over.
pub async fn review(context: Context) -> Result<HttpResponse, Refused> {
    let grant: GrantId = id(context.query().map_err(unreadable)?.get("grant").unwrap_or_default())?;
    let reviewed = look(&context, grant).await?;
    render_review(&context, &reviewed, StatusCode::OK, Vec::new())
}

/// What is said where a grant was decided or ran out meanwhile.
pub const OVER: &str = "This request has been decided already, or its time is over. If your device still waits, start again on it to get a new code.";

/// Renders the review of an open grant.
///
/// # Errors
/// 404 for a grant that is not theirs, 409 for one that is over.
pub fn render_review(
    context: &Context,
    reviewed: &Reviewed,
    status: StatusCode,
    errors: Vec<FormError>,
) -> Result<HttpResponse, Refused> {
    let review = match &reviewed.standing {
        claim::Standing::Open(review) => review,
        claim::Standing::Over(_) => return Err(Refused::Conflict(OVER)),
        claim::Standing::NotYours => return Err(Refused::NotFound),
    };
    let shown = review_page(context, reviewed, review, errors);
    page(context, status, &shown, &frame::of_organization(context, Some(&reviewed.organization)))
}

fn review_page(context: &Context, reviewed: &Reviewed, review: &Review, errors: Vec<FormError>) -> DeviceReview {
    let (grant, organization, member) = (&review.grant, &reviewed.organization, &reviewed.member);
    let token = |action| Visitor::of(context).form_token(&member.session().digest, action, &grant.id.to_string());
    let now = context.now();
    DeviceReview {
        action: url::device_decision(&organization.id),
        csrf_token: token(DECISION),
        grant: grant.id.to_string(),
        user_code: review.user_code.to_string(),
        email: member.user().email.clone(),
        not_you: Form {
            action: url::device_release(&organization.id),
            csrf_token: token(RELEASE),
            hidden: vec![views::pages::HiddenField { name: "grant".to_owned(), value: grant.id.to_string() }],
        },
        app: AppFace::new(review.application.settings.name.as_str(), true),
        scopes: reviewed.catalogue.in_words(&grant.terms.scopes),
        minutes_left: minutes_left(grant.expires_at, now),
        expires: When::coming(grant.expires_at, now),
        origin: RequestOrigin {
            ip: grant.origin.address.to_string(),
            place: context.state.places.of(grant.origin.address),
            program: (!grant.origin.program.is_empty()).then(|| grant.origin.program.clone()),
            made: When::past(grant.opened_at, now),
            same_network: grant.origin.network() == context.origin.network(),
        },
        organizations: vec![OrganizationChoice {
            org_id: organization.id.to_string(),
            name: organization.name.clone(),
            chosen: true,
        }],
        confirmed: false,
        errors,
    }
}
