//! A person's decision about a device by way of a program's own page: the same as at the page of the whole server, one request a
//! step, by the person's session and a value of ours against forgery.

use crate::claim::{Claiming, Seen, look};
use crate::context::Context;
use crate::decision::{Deciding, approve, count, deny as deny_grant};
use crate::extract::same_origin::{refuse_other_sites, require_same_origin};
use crate::metrics::Spent;
use crate::refused::Refused;
use crate::web::gate::{Stopped, Visitor};
use actix_web::http::header::HeaderName;
use login::csrf::FormPurpose;
use model::application::Application;
use model::fault::Fault;
use model::grant::{Grant, GrantState};
use model::id::OrgId;
use model::terms::OrgBinding;
use model::time::Timestamp;
use model::user::{OrgMember, SignedIn};
use model::user_code::TypedCode;
use protocol::scope::Scopes;
use registry::grants::claim::{Claimant, Claimed, claim};
use registry::grants::decide::{Decided, scopes_let_in};
use store::tables::code_directory::Directions;
use store::tables::{memberships, organizations, users};
use store::{Class, Conn};

/// The action of the value against forgery; its object is the code.
const DECISION: &str = "json-device-decision";

const X_CSRF_TOKEN: HeaderName = HeaderName::from_static("x-csrf-token");

/// What a code asks for.
pub(crate) struct Found {
    /// What the client is called, or calls itself.
    pub(crate) client_name: String,
    /// What was decided, where anything was.
    pub(crate) approved: Option<bool>,
    /// What it asks for.
    pub(crate) scopes: Scopes,
    /// When its time is over.
    pub(crate) expires_at: Timestamp,
    /// What a decision about it has to bring.
    pub(crate) csrf_token: String,
}

/// What becomes of a look at a code.
pub(crate) enum LookedUp {
    /// This is what it asks for.
    Found(Box<Found>),
    /// It does not work for this person.
    NotFound,
}

/// Looks at a code, and claims nothing.
///
/// # Errors
/// 401 without a session, 403 where another site sends the browser here, 429 where too many codes did not work before.
pub(crate) async fn look_up(context: &Context, typed: &str) -> Result<LookedUp, Refused> {
    // A link brings the session's cookie along, and wrong codes are counted: a site could use up those of its visitors.
    refuse_other_sites(context)?;
    let code = TypedCode::read(typed);
    let (visitor, with, wanted) = (Visitor::of(context), Claiming::of(context), code.clone());
    // Anybody can send a cookie: a flood of such requests leaves room in the queue for others.
    let written = context.state.db.write_shedding("look up code", Class::Durable, move |conn| {
        let Some(signed_in) = visitor.signed_in(conn)? else { return Ok(Err(Stopped::SignedOut)) };
        Ok(Ok((look(conn, Claimant::Anywhere(&signed_in), &wanted, &with)?, signed_in)))
    });
    let (seen, signed_in) = written.await?.into_inner()?;
    let (grant, application) = match seen {
        Seen::Found(found) => *found,
        Seen::WrongCode => return Ok(LookedUp::NotFound),
        Seen::Spent { retry_after } => return Err(spent(context, retry_after)),
    };
    let session = signed_in.session().digest;
    Ok(LookedUp::Found(Box::new(Found {
        client_name: grant.app_name(&application).to_owned(),
        approved: match grant.state {
            GrantState::Pending { .. } => None,
            GrantState::Approved(_) | GrantState::Redeemed { .. } => Some(true),
            GrantState::Denied { .. } => Some(false),
        },
        scopes: grant.approved_scopes(),
        expires_at: grant.expires_at,
        csrf_token: Visitor::of(context).form_token(&session, DECISION, code.as_str()),
    })))
}

fn spent(context: &Context, retry_after: std::time::Duration) -> Refused {
    context.state.metrics.spent(Spent::Codes);
    Refused::TooMany { retry_after }
}

/// Refuses what comes without a session's cookie, and then what another site's page sends.
///
/// # Errors
/// 401, 403.
pub(crate) fn of_own_page(context: &Context) -> Result<(), Refused> {
    if Visitor::of(context).session.is_none() {
        return Err(Refused::SignIn);
    }
    require_same_origin(context)
}

/// Whoever is signed in.
///
/// # Errors
/// 401 where nobody is.
pub(crate) async fn signed_in(context: &Context) -> Result<SignedIn, Refused> {
    let visitor = Visitor::of(context);
    let seen = context.state.db.read("signed in", move |conn| visitor.signed_in(conn));
    seen.await?.ok_or(Refused::SignIn)
}

/// Whether the request brings the value against forgery of this code. One that brings none is refused at once; one that brings
/// another code's is told first where its own does not work, as a look at it would tell, too.
///
/// # Errors
/// 403 where there is no value at all.
fn is_of_this_code(context: &Context, code: &TypedCode) -> Result<bool, Refused> {
    let presented = context.header(X_CSRF_TOKEN).filter(|value| !value.is_empty()).ok_or(Refused::Forged)?;
    let purpose = FormPurpose { action: DECISION, object: code.as_str() };
    Ok(Visitor::of(context).check((), purpose, Some(presented)).is_ok())
}

/// What becomes of a yes.
pub(crate) enum Authorized {
    /// It is approved for this organization.
    Approved(OrgId),
    /// The code does not work for this person.
    NotFound,
    /// They have decided before.
    AlreadyDecided,
    /// They belong to several organizations and named none.
    WhichOrganization,
    /// They belong to none.
    NoOrganization,
    /// They don't belong to the one that they named.
    NotTheirs,
    /// It needs a second factor of its members that the session has not shown.
    FactorMissing,
    /// It does not let the client in.
    NotLetIn,
}

/// Approves for the organization that is named, or for the only one that the person belongs to.
///
/// # Errors
/// 401 without a session, 403 without the value against forgery, 429 for too many.
pub(crate) async fn authorize(context: &Context, typed: &str, named: Option<&str>) -> Result<Authorized, Refused> {
    let code = TypedCode::read(typed);
    let who = signed_in(context).await?;
    let genuine = is_of_this_code(context, &code)?;
    let limits = &context.state.limits;
    limits.decision(who.user().id).map_err(|retry_after| spent(context, retry_after))?;
    let named = match named.map(OrgId::parse) {
        // What can be no organization's id is none of theirs.
        Some(Err(_)) => return Ok(Authorized::NotTheirs),
        Some(Ok(org)) => Some(org),
        None => None,
    };
    let written =
        step(context, "authorize code", (code, genuine), move |conn, signed_in, (grant, application), step| {
            // The organization is looked at before anything is claimed: what is refused for it stays as it was.
            let member = match pick(conn, signed_in, (grant, named.as_ref()), step.with.moment.now())? {
                Ok(member) => member,
                Err(why) => return Ok((why, None)),
            };
            let picked = organizations::by_id(conn, member.org_id())?;
            if picked.and_then(|picked| scopes_let_in(&picked, grant, application)).is_none() {
                return Ok((Authorized::NotLetIn, None));
            }
            let Some(claimed) = step.claim(conn, signed_in)? else { return Ok((Authorized::NotFound, None)) };
            let decided = approve(conn, (&claimed.org_id, &member), claimed.grant_id, &step.deciding())?;
            let said = match &decided {
                Decided::Approved(..) | Decided::Denied => Authorized::Approved(member.org_id().clone()),
                Decided::TooLate => Authorized::AlreadyDecided,
                Decided::NotYours => Authorized::NotFound,
                Decided::NotLetIn => Authorized::NotLetIn,
            };
            Ok((said, Some(decided)))
        });
    Ok(match written.await? {
        Stepped::Done(said) => said,
        Stepped::NotFound => Authorized::NotFound,
        Stepped::AlreadyDecided => Authorized::AlreadyDecided,
    })
}

/// The person as a member of the organization that an approval is for: the one that is named, else that of the client, where it
/// has one, else the only one.
fn pick(
    conn: &mut Conn,
    signed_in: &SignedIn,
    (grant, named): (&Grant, Option<&OrgId>),
    now: Timestamp,
) -> Result<Result<OrgMember, Authorized>, Fault> {
    let user = signed_in.user().id;
    let wanted = match (named, &grant.terms.binding) {
        (Some(org), _) | (None, OrgBinding::Fixed(org)) => org.clone(),
        (None, OrgBinding::ChosenAtApproval) => match organizations::of_user(conn, user)?.as_slice() {
            [] => return Ok(Err(Authorized::NoOrganization)),
            [(only, _)] => only.id.clone(),
            _ => return Ok(Err(Authorized::WhichOrganization)),
        },
    };
    let Some(membership) = memberships::of(conn, &wanted, user)? else { return Ok(Err(Authorized::NotTheirs)) };
    if !grant.terms.binding.admits(&wanted) {
        return Ok(Err(Authorized::NotLetIn));
    }
    let member = OrgMember::prove(signed_in.clone().at(&wanted), membership, now);
    Ok(member.ok_or(Authorized::FactorMissing))
}

/// What becomes of a no.
pub(crate) enum Denied {
    /// It is denied.
    Done,
    /// The code does not work for this person.
    NotFound,
    /// They have decided before.
    AlreadyDecided,
}

/// Denies.
///
/// # Errors
/// 401 without a session, 403 without the value against forgery.
pub(crate) async fn deny(context: &Context, typed: &str) -> Result<Denied, Refused> {
    let code = TypedCode::read(typed);
    signed_in(context).await?;
    let genuine = is_of_this_code(context, &code)?;
    let written = step(context, "deny code", (code, genuine), move |conn, signed_in, _, step| {
        let Some(claimed) = step.claim(conn, signed_in)? else { return Ok((Denied::NotFound, None)) };
        let decided = deny_grant(conn, (&claimed.org_id, signed_in), claimed.grant_id, &step.deciding())?;
        let said = match &decided {
            Decided::Denied => Denied::Done,
            Decided::TooLate => Denied::AlreadyDecided,
            Decided::Approved(..) | Decided::NotYours | Decided::NotLetIn => Denied::NotFound,
        };
        Ok((said, Some(decided)))
    });
    Ok(match written.await? {
        Stepped::Done(said) => said,
        Stepped::NotFound => Denied::NotFound,
        Stepped::AlreadyDecided => Denied::AlreadyDecided,
    })
}

/// What a decision is taken with.
struct Step {
    code: TypedCode,
    with: Claiming,
    language: model::language::Language,
}

impl Step {
    fn deciding(&self) -> Deciding<'_> {
        Deciding { moment: &self.with.moment, origin: &self.with.origin, language: self.language }
    }

    /// Makes the grant the person's to decide. It has been charged and found before.
    fn claim(&self, conn: &mut Conn, signed_in: &SignedIn) -> Result<Option<Directions>, Fault> {
        let with = &self.with;
        claim(conn, Claimant::Anywhere(signed_in), &self.code, &with.keyring, &with.moment).map(Claimed::theirs)
    }
}

/// What becomes of a decision's first part, which is the same for a yes and a no.
enum Stepped<T> {
    Done(T),
    NotFound,
    AlreadyDecided,
}

/// Looks at the code, charged as any other that is typed, and goes on where it is open to this person.
async fn step<T: Send + 'static>(
    context: &Context,
    name: &'static str,
    (code, genuine): (TypedCode, bool),
    decide: impl Fn(&mut Conn, &SignedIn, &(Grant, Application), &Step) -> Result<(T, Option<Decided>), Fault>
    + Send
    + 'static,
) -> Result<Stepped<T>, Refused> {
    let visitor = Visitor::of(context);
    let step = Step { code, with: Claiming::of(context), language: context.language };
    let written = context.state.db.write(name, Class::Durable, move |conn| {
        let Some(signed_in) = visitor.signed_in(conn)? else { return Ok(Err(Stopped::SignedOut)) };
        // Before the code's budgets, as a sign-in does that brings a code along.
        if users::held(conn, signed_in.user().id)?.is_none() {
            return Ok(Err(Stopped::SignedOut));
        }
        let found = match look(conn, Claimant::Anywhere(&signed_in), &step.code, &step.with)? {
            Seen::Found(found) => *found,
            Seen::WrongCode => return Ok(Ok((Ok(Stepped::NotFound), None))),
            Seen::Spent { retry_after } => return Ok(Ok((Err(retry_after), None))),
        };
        if !genuine {
            return Ok(Err(Stopped::Forged));
        }
        if is_decided(&found.0) {
            return Ok(Ok((Ok(Stepped::AlreadyDecided), None)));
        }
        let (said, decided) = decide(conn, &signed_in, &found, &step)?;
        Ok(Ok((Ok(Stepped::Done(said)), decided)))
    });
    let (stepped, decided) = written.await?.into_inner()?;
    if let Some(decided) = &decided {
        count(&context.state.metrics, decided);
    }
    stepped.map_err(|retry_after| spent(context, retry_after))
}

fn is_decided(grant: &Grant) -> bool {
    !matches!(grant.state, GrantState::Pending { .. })
}
