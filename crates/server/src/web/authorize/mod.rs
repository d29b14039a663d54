//! The authorization endpoint and the consent page (RFC 6749 §4.1, OIDC Core §3.1.2, RFC 9700, RFC 9207).
//!
//! 1. A client sends a browser here with a request, by GET or by POST. One that was posted is kept for a few minutes, and the
//!    browser comes back for it by GET.
//! 2. Client and address are looked at first. Where either is not known, a page says so, and nobody is sent anywhere
//!    ([`request`]). Whatever else is wrong is told to the client at its address ([`answer`]).
//! 3. Whoever is not signed in, not lately enough, or not as whom the client brings an id_token of ([`hint`]), goes to the sign-in
//!    page, and comes back here.
//! 4. Who has agreed to the same before, for a client whose address is its own, is not asked again: the code goes out at once.
//! 5. Everybody else sees the consent page ([`consent`]). Its form holds the request as it came, which is looked at anew; its
//!    token against forgery is bound to exactly that request.

pub mod answer;
pub mod consent;
pub mod hint;
pub mod request;

use crate::answer::see_other;
use crate::context::Context;
use crate::extract::request::organization;
use crate::refused::Refused;
use crate::web::authorize::answer::{Way, issued, refused, respond, told};
use crate::web::authorize::hint::Hint;
use crate::web::authorize::request::{Asked, Seen, Wrong};
use crate::web::device;
use crate::web::gate::{At, Visitor};
use actix_web::HttpResponse;
use model::fault::Fault;
use model::id::OrgId;
use model::language::Language;
use model::secret::{Digest, Purpose, Secret};
use model::session::Reach;
use model::time::Timestamp;
use model::user::OrgMember;
use protocol::error::{ErrorCode, OAuthError};
use protocol::params::Params;
use routes::url;
use std::time::Duration;
use store::tables::authorization_requests;
use store::tables::room::Most;
use store::{Class, Conn};

/// How long a posted request is kept: as long as somebody needs to sign in.
const KEPT: Duration = Duration::from_secs(15 * 60);

/// How many posted requests are kept at once.
const MOST: Most = Most { from_network: 200, in_server: 20_000 };

/// The longest posted request that is kept, in bytes: what a browser could as well bring in an address.
const LONGEST_POSTED: usize = 8 * 1024;

/// In our own addresses: which request was posted.
const POSTED: &str = "posted";

/// In our own addresses: a sign-in at this time or after it, in milliseconds, is as fresh as the client asked for.
const SIGNED_IN_AFTER: &str = "signed_in_after";

/// How far clocks of our own nodes may differ.
const LEEWAY: Duration = Duration::from_secs(5);

/// Answers a request.
///
/// # Errors
/// 404 where there is no such organization; what keeps somebody out of it.
pub async fn show(context: Context) -> Result<HttpResponse, Refused> {
    let org = organization(&context)?;
    answer_at(context, org).await
}

/// Answers a request that came to another address than this organization's endpoint.
///
/// # Errors
/// The same.
pub async fn answer_at(context: Context, org: OrgId) -> Result<HttpResponse, Refused> {
    let Ok(query) = context.query() else { return told(&context, views::say::authorize_malformed()) };
    // Whoever comes back from signing in comes from a form of ours.
    let way = if query.has(SIGNED_IN_AFTER) { Way::Page } else { Way::Redirect };
    let Some(text) = text_of(&context, &org, &query).await? else {
        return told(&context, views::say::authorize_over());
    };
    let Ok(params) = Params::parse(text.as_bytes()) else {
        return told(&context, views::say::authorize_malformed());
    };
    let hint = Hint::of(&context, &org, &params).await?;
    let seen = look(&context, &org, params.clone()).await?;
    let asked = match request::read(&context.state.config.public_url, &seen, (&params, &hint)) {
        Ok(asked) => asked,
        Err(Wrong::ToPerson(sentence)) => return told(&context, sentence),
        // A stranger's link leads nobody elsewhere before they have signed in, unless nobody may be asked (RFC 9700 §4.11.2).
        Err(Wrong::ToClient(..)) if matches!(seen.at, At::Guest(_)) && !is_silent(&params) => {
            return Ok(see_other(&url::login_to(&back(&context, &org))));
        }
        Err(Wrong::ToClient(to, error)) => return respond(&context, &to, refused(error), way),
    };
    let stop = |code, description| respond(&context, &asked.to, refused(OAuthError::new(code, description)), way);
    let silent = asked.prompt.none;
    let after = query.get(SIGNED_IN_AFTER).and_then(|text| text.parse().ok()).map(Timestamp::from_millis);
    if let Some(present) = seen.present().filter(|present| !asked.admits(present)) {
        // Who comes from signing in as somebody else again is not asked forever.
        if silent || has_proven(present.session().auth_time, after, context.now()) {
            return stop(ErrorCode::LoginRequired, "Another user is signed in than the one of id_token_hint.");
        }
        return Ok(see_other(&url::login_as_another(&back(&context, &org))));
    }
    let member = match &seen.at {
        At::Guest(_) if silent => return stop(ErrorCode::LoginRequired, "Nobody is signed in."),
        At::Guest(_) => return Ok(see_other(&url::login_to(&back(&context, &org)))),
        At::Stranger(..) if silent => {
            return stop(ErrorCode::InteractionRequired, "Another account is signed in, which does not belong here.");
        }
        At::Stranger(organization, present) => {
            return device::render_stranger(&context, organization, present, "", Some(back(&context, &org)));
        }
        At::FactorMissing(..) if silent => {
            return stop(ErrorCode::InteractionRequired, "The organization asks for a second factor first.");
        }
        At::FactorMissing(..) => return Ok(see_other(&url::security_for(&back(&context, &org)))),
        At::Member(_, member) => member,
    };
    if !is_fresh(&asked, member, after, context.now()) {
        if silent {
            return stop(ErrorCode::LoginRequired, "The sign-in is older than the request allows.");
        }
        let back = back(&context, &org);
        return Ok(see_other(&match member.session().reach() {
            Reach::Everywhere => url::step_up_to(&back),
            Reach::Only(_) => url::login_to(&back),
        }));
    }
    let settled = asked.is_settled_by(&seen);
    let another = !asked.means(member);
    if settled && !another && !asked.prompt.consent && !asked.prompt.select_account && is_get(&context) {
        match consent::approve_at_once(&context, &org, (params, hint)).await? {
            Some((to, code)) => return respond(&context, &to, issued(&code), way),
            // What was settled is so no more: the question is asked.
            None => return Ok(see_other(&back(&context, &org))),
        }
    }
    if silent && another {
        return stop(ErrorCode::AccountSelectionRequired, "Another account is signed in than the one that is meant.");
    }
    if silent {
        return stop(ErrorCode::ConsentRequired, "The user has to agree first.");
    }
    consent::render(&context, (&seen, &asked, member), (&text, query.get(POSTED)))
}

/// Takes a request that a client posts (OIDC Core §3.1.2.1). From any origin: it changes nothing that anybody has.
///
/// # Errors
/// 404 where there is no such organization, 415 where the body is no form, 429 where too many are kept.
pub async fn post(context: Context) -> Result<HttpResponse, Refused> {
    let org = organization(&context)?;
    let form = context.form()?;
    // What holds a second answer to the same question is told so now, as it is by GET.
    if form.has(POSTED) || form.has(SIGNED_IN_AFTER) {
        return told(&context, views::say::authorize_malformed());
    }
    let text = std::str::from_utf8(&context.body).ok().filter(|text| text.len() <= LONGEST_POSTED);
    let Some(text) = text.map(str::to_owned) else {
        return told(&context, views::say::authorize_malformed());
    };
    let handle = Secret::draw(&context.moment);
    let digest = Digest::of(Purpose::AuthorizationRequest, handle.expose());
    let (network, now, wanted) = (context.origin.network(), context.now(), org.clone());
    let kept = context.state.db.write_shedding("keep request", Class::Relaxed, move |conn| {
        keep(conn, &wanted, (&digest, &text), network, now)
    });
    match kept.await?.into_inner() {
        Kept::NoOrganization => Err(Refused::NotFound),
        Kept::NoRoom => Err(Refused::TooMany { retry_after: KEPT }),
        Kept::Yes => {
            let back = format!("{}?{POSTED}={}", url::oauth(&org, "authorize"), handle.expose());
            // The language of a page is read from its address alone.
            let language = form.get("ui_locales").and_then(Language::of_locales);
            Ok(see_other(&match language {
                Some(language) => format!("{back}&ui_locales={}", language.tag()),
                None => back,
            }))
        }
    }
}

enum Kept {
    Yes,
    NoRoom,
    NoOrganization,
}

fn keep(
    conn: &mut Conn,
    org: &OrgId,
    (digest, text): (&Digest, &str),
    network: model::context::Network,
    now: Timestamp,
) -> Result<Kept, Fault> {
    if store::tables::organizations::by_id(conn, org)?.is_none() {
        return Ok(Kept::NoOrganization);
    }
    if !authorization_requests::make_room(conn, (network, digest), MOST, now)? {
        return Ok(Kept::NoRoom);
    }
    authorization_requests::insert(conn, org, (digest, text), network, now.after(KEPT))?;
    Ok(Kept::Yes)
}

/// The request's parameters as they came, in the address or kept before; nothing where they are kept no more.
async fn text_of(context: &Context, org: &OrgId, query: &Params) -> Result<Option<String>, Refused> {
    let Some(handle) = query.get(POSTED) else { return Ok(Some(context.request.query_string().to_owned())) };
    let digest = Digest::of(Purpose::AuthorizationRequest, handle);
    let (org, now) = (org.clone(), context.now());
    let read = context
        .state
        .db
        .read("posted request", move |conn| authorization_requests::by_digest(conn, &org, &digest, now));
    Ok(read.await?)
}

async fn look(context: &Context, org: &OrgId, params: Params) -> Result<Seen, Refused> {
    let (visitor, org) = (Visitor::of(context), org.clone());
    let seen =
        context.state.db.snapshot("authorization request", move |conn| Seen::read(conn, &visitor, &org, &params));
    seen.await?.ok_or(Refused::NotFound)
}

/// Whether a sign-in is as fresh as the client asks: since the browser was sent to prove it, where it was.
fn is_fresh(asked: &Asked, member: &OrgMember, after: Option<Timestamp>, now: Timestamp) -> bool {
    let proven = member.session().auth_time;
    if has_proven(proven, after, now) {
        return true;
    }
    !asked.prompt.login && asked.max_age.is_none_or(|age| now < proven.after(age))
}

/// Whether somebody has signed in since the browser was sent to do so, where it was.
fn has_proven(proven: Timestamp, after: Option<Timestamp>, now: Timestamp) -> bool {
    after.is_some_and(|after| now < after.after(KEPT) && proven.after(LEEWAY) >= after)
}

/// The address of this request, to come back to after a sign-in.
fn back(context: &Context, org: &OrgId) -> String {
    back_to(&url::oauth(org, "authorize"), context.request.query_string(), context.now())
}

/// The address of a request, to come back to after a sign-in that begins at `now`.
fn back_to(endpoint: &str, query: &str, now: Timestamp) -> String {
    let own = format!("{SIGNED_IN_AFTER}=");
    let mut pieces: Vec<&str> = query.split('&').filter(|piece| !piece.starts_with(&own)).collect();
    let now = format!("{own}{}", now.millis());
    pieces.push(&now);
    format!("{endpoint}?{}", pieces.join("&"))
}

fn is_silent(params: &Params) -> bool {
    params.get("prompt") == Some("none")
}

fn is_get(context: &Context) -> bool {
    context.request.method() == actix_web::http::Method::GET
}
