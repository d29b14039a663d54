//! Accounts that people make for themselves, where an organization lets them in.
//!
//! 1. Somebody types an address on an organization's page; a letter goes there, whatever the address is.
//! 2. Its link leads to a page that asks for name and password. Until its form is sent there is no account: nothing that
//!    was typed before the address was proven can be in it.
//! 3. The form uses the link up and makes the account, a member of the organization, signed in on this browser, which is
//!    known from now on.
//!
//! Somebody who has an account and whose address is proven joins by a button.
//!
//! Whoever is on the way to an app's request goes on to it once they belong, and finds what the app has said about them filled
//! in.

use crate::answer;
use crate::context::Context;
use crate::extract::request::organization;
use crate::refused::Refused;
use crate::web::ask_by_mail::{self, Asking, typed_address};
use crate::web::embedded::belongs_now;
use crate::web::embedded::request::Hints;
use crate::web::gate::{self, Stopped, Visitor, own_form};
use crate::web::new_account::{self, Letter, Opening, chosen, make};
use crate::web::onward::{Arrival, Arrived};
use crate::web::{dead_link, frame, from_letter, new_password, page, unreadable};
use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use directory::registration::{self, Joined};
use directory::users::NewUser;
use login::csrf::FormPurpose;
use login::mail_link::{self, Asked};
use model::audit::{Actor, By};
use model::id::OrgId;
use model::mail_link::LinkKind;
use model::org::{Organization, Registration};
use model::secret::Digest;
use model::user::{SignedIn, email_key};
use protocol::params::Params;
use routes::url;
use store::Class;
use store::tables::{memberships, organizations};
use views::pages::{Form, FormError, HiddenField, Join, LetterSent};
use views::say;

const ASK: &str = "register";
const JOIN: &str = "join";

fn asking<'a>(org: &'a OrgId, next: Option<&str>) -> Asking<'a> {
    let next = next.map(|next| ("next", next.to_owned()));
    Asking {
        what: "register",
        action: url::REGISTER,
        purpose: FormPurpose { action: ASK, object: org.as_str() },
        hidden: [("org", org.to_string())].into_iter().chain(next).collect(),
        remember: false,
    }
}

/// The app's request that somebody is on the way to, where they are.
fn next_of<'a>(org: &OrgId, params: &'a Params) -> Option<&'a str> {
    let next = params.get("next").and_then(url::own_path)?;
    url::embedded_request_of(org, next).map(|_| next)
}

/// Where somebody goes on to who makes an account by a letter that leads to `next`.
fn goes_on_to(org: &OrgId, next: &str) -> String {
    if url::embedded_request_of(org, next).is_some() { next.to_owned() } else { url::device_joined(org) }
}

/// Who is at the page of an organization that people may join.
enum At {
    Guest,
    Member,
    Other(Box<SignedIn>),
}

/// Shows the form for the address, or *Join* to who is signed in.
///
/// # Errors
/// 403 where the organization lets nobody in by themselves, 404 where there is none.
pub async fn show(context: Context) -> Result<HttpResponse, Refused> {
    let query = context.query().map_err(unreadable)?;
    let org = org_of(&query)?;
    let (visitor, wanted) = (Visitor::of(&context), org.clone());
    let seen = context.state.db.snapshot("register page", move |conn| {
        let Some(organization) = organizations::by_id(conn, &wanted)? else { return Ok(None) };
        let at = match visitor.signed_in(conn)? {
            None => At::Guest,
            Some(signed_in) => match memberships::of(conn, &wanted, signed_in.user().id)? {
                Some(_) => At::Member,
                None => At::Other(Box::new(signed_in)),
            },
        };
        Ok(Some((organization, at)))
    });
    let (organization, at) = seen.await?.ok_or(Refused::NotFound)?;
    if organization.registration == Registration::ByInvitation {
        return Err(Refused::Forbidden(say::register_by_invitation()));
    }
    let next = next_of(&org, &query);
    if query.has("sent") {
        let again = next.map_or_else(|| url::register_at(&org), |next| url::register_on_the_way(&org, next));
        let sent = LetterSent { what: "register".to_owned(), again_url: again, login_url: next.map(url::login_to) };
        return page(&context, StatusCode::OK, &sent, &frame::of_organization(&context, Some(&organization)));
    }
    match at {
        At::Guest => {
            let hints = next.map(Hints::on_the_way).unwrap_or_default();
            let asking = asking(&org, next);
            ask_by_mail::show(&context, &asking, Some(&organization), StatusCode::OK, (&hints.email, None))
        }
        At::Member => Ok(answer::see_other(&onward(&org, &query, ""))),
        At::Other(signed_in) => show_join(&context, &organization, &signed_in, &query),
    }
}

fn org_of(params: &Params) -> Result<OrgId, Refused> {
    let org = params.get("org").ok_or_else(|| Refused::Forbidden(say::register_nowhere()))?;
    OrgId::parse(org).map_err(|_| Refused::NotFound)
}

/// Where whoever belongs goes on to: with the code that they had typed before.
fn onward(org: &OrgId, params: &Params, done: &str) -> String {
    if let Some(next) = next_of(org, params) {
        return next.to_owned();
    }
    match params.get("user_code").unwrap_or_default() {
        "" if done.is_empty() => url::device(org),
        "" => url::device_joined(org),
        code => url::device_with_code(org, code),
    }
}

fn show_join(
    context: &Context,
    organization: &Organization,
    signed_in: &SignedIn,
    query: &Params,
) -> Result<HttpResponse, Refused> {
    let hidden = |name: &str, value: &str| HiddenField { name: name.to_owned(), value: value.to_owned() };
    let code = query.get("user_code").map(|code| hidden("user_code", code));
    let next = next_of(&organization.id, query).map(|next| hidden("next", next));
    let token = Visitor::of(context).form_token(&signed_in.session().digest, JOIN, organization.id.as_str());
    let shown = Join {
        decline: None,
        organization: organization.name.clone(),
        invited: false,
        role: "member".to_owned(),
        email: signed_in.user().email.clone(),
        join: Some(Form {
            action: url::join(&organization.id),
            csrf_token: token,
            hidden: code.into_iter().chain(next).collect(),
        }),
        login_url: None,
        sign_out: None,
        signed_in_as: String::new(),
    };
    page(context, StatusCode::OK, &shown, &frame::of_organization(context, Some(organization)))
}

/// Takes the address.
///
/// # Errors
/// 403 for a form of another browser, or where the organization lets nobody in by themselves.
pub async fn submit(context: Context) -> Result<HttpResponse, Refused> {
    let form = own_form(&context)?;
    let org = org_of(&form)?;
    let next = next_of(&org, &form);
    let asking = asking(&org, next);
    gate::check_guest(&context, asking.purpose, form.get("csrf_token"))?;
    let wanted = org.clone();
    let found = context.state.db.read("organization", move |conn| organizations::by_id(conn, &wanted)).await?;
    let organization = found.ok_or(Refused::NotFound)?;
    let show = |status, email: &str, error| {
        ask_by_mail::show(&context, &asking, Some(&organization), status, (email, Some(error)))
    };
    let (email, email_key) = match typed_address(&form) {
        Ok(address) => address,
        Err(error) => return show(StatusCode::BAD_REQUEST, form.get("email").unwrap_or_default(), error),
    };
    match &organization.registration {
        Registration::ByInvitation => return Err(Refused::Forbidden(say::register_by_invitation())),
        // Which domains are let in is no secret, and says nothing about who has an account.
        policy if !policy.admits(&email_key) => {
            let error = FormError::new("email", say::register_other_address());
            return show(StatusCode::BAD_REQUEST, &email, error);
        }
        _ => {}
    }
    let asked = Asked {
        kind: LinkKind::Registration,
        email: email.clone(),
        email_key,
        org_id: Some(org.clone()),
        browser: None,
        next: next.map_or_else(|| url::device(&org), str::to_owned),
        remember: false,
    };
    match ask_by_mail::ask(&context, asked, Some(organization.name.clone())).await? {
        Ok(()) => Ok(answer::see_other(
            &next.map_or_else(|| url::register_sent(&org), |next| url::register_sent_on_the_way(&org, next)),
        )),
        Err(retry_after) => ask_by_mail::too_often(&context, &asking, Some(&organization), &email, retry_after),
    }
}

/// Shows the page that a letter's link leads to.
///
/// # Errors
/// The database's.
pub async fn link(context: Context) -> Result<HttpResponse, Refused> {
    let token = context.path("token").to_owned();
    if let Some(onward) = from_letter(&context, &url::register_link(&token))? {
        return Ok(onward);
    }
    match find(&context, &token).await? {
        Some((email, organization, next)) => {
            let opening =
                Opening { letter: Letter::Registration, token: &token, email: &email, organization: &organization };
            new_account::show(&context, &opening, &Hints::on_the_way(&next).name, (StatusCode::OK, Vec::new()))
        }
        None => dead_link(&context, url::REGISTER),
    }
}

/// The address and the organization of a good link, and where it leads on to.
async fn find(context: &Context, token: &str) -> Result<Option<(String, Organization, String)>, Refused> {
    let (token, keys, now) = (token.to_owned(), context.state.keyring.clone(), context.now());
    let found = context.state.db.snapshot("registration link", move |conn| {
        let Some(link) = mail_link::live(conn, LinkKind::Registration, &token, &keys, now)? else { return Ok(None) };
        let Some(org) = &link.org_id else { return Ok(None) };
        Ok(organizations::by_id(conn, org)?.map(|organization| (link.email, organization, link.next)))
    });
    Ok(found.await?)
}

/// What comes of a form that would make an account.
enum Completed {
    Made(Box<Arrived>),
    Taken,
    Dead,
}

/// Makes the account.
///
/// # Errors
/// 403 for a form of another browser, 409 where the address has got an account meanwhile.
pub async fn complete(context: Context) -> Result<HttpResponse, Refused> {
    let form = own_form(&context)?;
    let token = context.path("token").to_owned();
    let browser = gate::check_guest(&context, Letter::Registration.purpose(&token), form.get("csrf_token"))?;
    let Some((email, organization, _)) = find(&context, &token).await? else {
        return dead_link(&context, url::REGISTER);
    };
    let (name, password) = match chosen(&context, &form, &email).await? {
        Ok(chosen) => chosen,
        Err(errors) => {
            let opening =
                Opening { letter: Letter::Registration, token: &token, email: &email, organization: &organization };
            let typed = form.get("name").unwrap_or_default();
            return new_account::show(&context, &opening, typed, (StatusCode::BAD_REQUEST, errors));
        }
    };
    let hash = new_password::hash(&context, password).await?;
    let new = NewUser { email, name, password_hash: Some(hash), verified: true, language: Some(context.language) };
    match create(&context, (browser, token), new).await? {
        Completed::Dead => dead_link(&context, url::REGISTER),
        Completed::Taken => Err(Refused::Conflict(say::register_taken())),
        Completed::Made(arrived) => Ok(arrived.answer(&context)),
    }
}

async fn create(context: &Context, (browser, token): (Digest, String), new: NewUser) -> Result<Completed, Refused> {
    let (keys, arrival) = (context.state.keyring.clone(), Arrival::of(context, browser));
    let (moment, origin) = (context.moment.clone(), context.origin.clone());
    let written = context.state.db.write("register", Class::Durable, move |conn| {
        let Some(link) = mail_link::take(conn, LinkKind::Registration, &token, &keys, moment.now())? else {
            return Ok(Completed::Dead);
        };
        // The organization may have closed its door meanwhile. The address is proven all the same, but an account that
        // belongs nowhere is of no use to anybody.
        let Some(org) = link.org_id.clone() else { return Ok(Completed::Dead) };
        let open = organizations::by_id(conn, &org)?.is_some_and(|organization| {
            email_key(&new.email).is_some_and(|key| organization.registration.admits(&key))
        });
        if !open {
            return Ok(Completed::Dead);
        }
        let next = goes_on_to(&org, &link.next);
        let made = make(conn, &new, (&arrival, next.clone()), (&moment, &origin), |conn, user, by| {
            registration::join(conn, &org, user, by)?;
            belongs_now(conn, &org, user.id, (&next, &moment))
        })?;
        Ok(made.map_or(Completed::Taken, |arrived| Completed::Made(Box::new(arrived))))
    });
    Ok(written.await?.into_inner())
}

/// Makes who is signed in a member.
///
/// # Errors
/// 403 where the organization does not let them in.
pub async fn join(context: Context) -> Result<HttpResponse, Refused> {
    let org = organization(&context)?;
    let form = own_form(&context)?;
    let visitor = Visitor::of(&context);
    visitor.check((), FormPurpose { action: JOIN, object: org.as_str() }, form.get("csrf_token"))?;
    let (moment, origin, wanted) = (context.moment.clone(), context.origin.clone(), org.clone());
    let onward_to = onward(&org, &form, "");
    let written = context.state.db.write("join", Class::Durable, move |conn| {
        let signed_in = match visitor.require_signed_in(conn)? {
            Ok(signed_in) => signed_in,
            Err(stopped) => return Ok(Err(stopped)),
        };
        if organizations::by_id(conn, &wanted)?.is_none() {
            return Ok(Err(Stopped::NotFound));
        }
        let by = By::request(Actor::User(signed_in.user().id), (&moment, &origin));
        let joined = registration::join(conn, &wanted, signed_in.user(), &by)?;
        if joined == Joined::Member {
            belongs_now(conn, &wanted, signed_in.user().id, (&onward_to, &moment))?;
        }
        Ok(Ok(joined))
    });
    match written.await?.into_inner()? {
        Joined::Member => Ok(answer::see_other(&onward(&org, &form, url::JOINED))),
        Joined::Already => Ok(answer::see_other(&onward(&org, &form, ""))),
        Joined::NotAdmitted => Err(Refused::Forbidden(say::register_other_address())),
    }
}
