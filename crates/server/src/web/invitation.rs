//! Accepting an invitation.
//!
//! Its link leads to a page that asks by a button, as programs that look through mail open every link. Whoever has no
//! account with the invited address makes one there: reading the letter proves the address. Whoever has one signs in
//! first; no other account can accept.

use crate::answer;
use crate::context::Context;
use crate::refused::Refused;
use crate::web::gate::{self, Guest, Stopped, Visitor, own_form};
use crate::web::login::LOGOUT;
use crate::web::new_account::{self, Letter, Opening, chosen, make};
use crate::web::onward::Arrival;
use crate::web::{dead_link, frame, from_letter, new_password, page};
use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use directory::invitations;
use directory::users::NewUser;
use login::csrf::FormPurpose;
use model::audit::{Actor, By};
use model::fault::Fault;
use model::invitation::Invitation;
use model::org::Organization;
use model::user::{SignedIn, email_key};
use routes::url;
use store::tables::{organizations, users};
use store::{Class, Conn};
use views::pages::{Declined, Form, Join};
use views::{Message, say};

const ACCEPT: &str = "invitation-accept";
const DECLINE: &str = "invitation-decline";

/// *Decline*, for whoever holds the letter: in this browser, signed in or not.
pub(super) fn decline_form(context: &Context, guest: &Guest, token: &str) -> Form {
    let csrf_token = guest.form_token(context, DECLINE, token);
    Form { action: url::invitation_decline(token), csrf_token, hidden: Vec::new() }
}

/// A good invitation and who looks at it.
struct Found {
    invitation: Invitation,
    organization: Organization,
    has_account: bool,
    signed_in: Option<SignedIn>,
}

fn find(conn: &mut Conn, token: &str, context: &Looking) -> Result<Option<Found>, Fault> {
    let Some(invitation) = invitations::live(conn, token, &context.keys, context.now)? else { return Ok(None) };
    let Some(organization) = organizations::by_id(conn, &invitation.org_id)? else { return Ok(None) };
    let has_account = users::by_email(conn, &invitation.email_key)?.is_some();
    let signed_in = context.visitor.signed_in(conn)?;
    Ok(Some(Found { invitation, organization, has_account, signed_in }))
}

/// What is needed to look.
struct Looking {
    keys: model::secret::Keyring,
    now: model::time::Timestamp,
    visitor: Visitor,
}

impl Looking {
    fn of(context: &Context) -> Self {
        Self { keys: context.state.keyring.clone(), now: context.now(), visitor: Visitor::of(context) }
    }
}

/// Shows the page that the letter's link leads to.
///
/// # Errors
/// The database's.
pub async fn show(context: Context) -> Result<HttpResponse, Refused> {
    let token = context.path("token").to_owned();
    let here = url::invitation(&token);
    if let Some(onward) = from_letter(&context, &here)? {
        return Ok(onward);
    }
    let (looking, wanted) = (Looking::of(&context), token.clone());
    let found = context.state.db.snapshot("invitation", move |conn| find(conn, &wanted, &looking)).await?;
    let Some(found) = found else { return dead_link(&context, url::HOME) };
    let Found { invitation, organization, has_account, signed_in } = found;
    if signed_in.is_none() && !has_account {
        let (letter, email) = (Letter::Invitation, invitation.email.as_str());
        let opening = Opening { letter, token: &token, email, organization: &organization };
        return new_account::show(&context, &opening, "", (StatusCode::OK, Vec::new()));
    }
    let form = |action: String, signed_in: &SignedIn, purpose: FormPurpose<'_>| Form {
        action,
        csrf_token: Visitor::of(&context).form_token(&signed_in.session().digest, purpose.action, purpose.object),
        hidden: Vec::new(),
    };
    let theirs = |signed_in: &&SignedIn| is_for(&invitation, signed_in);
    let guest = Guest::of(&context);
    let accept = FormPurpose { action: ACCEPT, object: &token };
    let shown = Join {
        organization: organization.name.clone(),
        invited: true,
        role: invitation.role.as_str().to_owned(),
        email: invitation.email.clone(),
        join: signed_in.as_ref().filter(theirs).map(|signed_in| form(here.clone(), signed_in, accept)),
        login_url: signed_in.is_none().then(|| url::login_to(&here)),
        sign_out: signed_in
            .as_ref()
            .filter(|signed_in| !theirs(signed_in))
            .map(|signed_in| form(url::LOGOUT.to_owned(), signed_in, LOGOUT)),
        decline: Some(decline_form(&context, &guest, &token)),
        signed_in_as: signed_in.map(|signed_in| signed_in.user().email.clone()).unwrap_or_default(),
    };
    let frame = frame::of_organization(&context, Some(&organization));
    let mut response = page(&context, StatusCode::OK, &shown, &frame)?;
    guest.keep(&context, &mut response);
    Ok(response)
}

fn is_for(invitation: &Invitation, signed_in: &SignedIn) -> bool {
    email_key(&signed_in.user().email).as_deref() == Some(invitation.email_key.as_str())
}

/// What comes of an answer to an invitation.
enum Answered<T> {
    Done(T),
    Dead,
    Refused(Message),
}

/// Makes who is signed in a member.
///
/// # Errors
/// 403 for a form of another session or the account of another address.
pub async fn accept(context: Context) -> Result<HttpResponse, Refused> {
    let form = own_form(&context)?;
    let token = context.path("token").to_owned();
    let looking = Looking::of(&context);
    looking.visitor.check((), FormPurpose { action: ACCEPT, object: &token }, form.get("csrf_token"))?;
    let (moment, origin) = (context.moment.clone(), context.origin.clone());
    let written = context.state.db.write("accept invitation", Class::Durable, move |conn| {
        let Some(found) = find(conn, &token, &looking)? else { return Ok(Ok(Answered::Dead)) };
        let Some(signed_in) = found.signed_in else { return Ok(Err(Stopped::SignedOut)) };
        if !is_for(&found.invitation, &signed_in) {
            return Ok(Ok(Answered::Refused(say::invitation_other())));
        }
        let by = By::request(Actor::User(signed_in.user().id), (&moment, &origin));
        let accepted = invitations::accept(conn, &found.invitation, signed_in.user(), &by)?;
        if accepted {
            // The letter was read: the address is theirs.
            users::note_verified(conn, signed_in.user().id, moment.now())?;
        }
        Ok(Ok(if accepted { Answered::Done(found.invitation.org_id) } else { Answered::Dead }))
    });
    match written.await?.into_inner()? {
        Answered::Done(org) => Ok(answer::see_other(&url::device_joined(&org))),
        Answered::Dead => dead_link(&context, url::HOME),
        Answered::Refused(sentence) => Err(Refused::Forbidden(sentence)),
    }
}

/// Says no. Whoever holds the letter may: it takes no account, and gives nothing.
///
/// # Errors
/// 403 for a form of another browser.
pub async fn decline(context: Context) -> Result<HttpResponse, Refused> {
    let form = own_form(&context)?;
    let token = context.path("token").to_owned();
    gate::check_guest(&context, FormPurpose { action: DECLINE, object: &token }, form.get("csrf_token"))?;
    let looking = Looking::of(&context);
    let (moment, origin) = (context.moment.clone(), context.origin.clone());
    let written = context.state.db.write("decline invitation", Class::Durable, move |conn| {
        let Some(found) = find(conn, &token, &looking)? else { return Ok(None) };
        let theirs = found.signed_in.filter(|signed_in| is_for(&found.invitation, signed_in));
        let actor = theirs.map_or(Actor::Stranger, |signed_in| Actor::User(signed_in.user().id));
        let by = By::request(actor, (&moment, &origin));
        Ok(invitations::decline(conn, &found.invitation, &by)?.then_some(found.organization))
    });
    let Some(organization) = written.await?.into_inner() else { return dead_link(&context, url::HOME) };
    let shown = Declined { organization: organization.name.clone() };
    page(&context, StatusCode::OK, &shown, &frame::bare(&context.state, &context.request_id(), context.language))
}

/// Makes an account for the invited address, and a member.
///
/// # Errors
/// 403 for a form of another browser, 409 where the address has an account.
pub async fn register(context: Context) -> Result<HttpResponse, Refused> {
    let form = own_form(&context)?;
    let token = context.path("token").to_owned();
    let browser = gate::check_guest(&context, Letter::Invitation.purpose(&token), form.get("csrf_token"))?;
    let (looking, wanted) = (Looking::of(&context), token.clone());
    let found = context.state.db.snapshot("invitation", move |conn| find(conn, &wanted, &looking)).await?;
    let Some(found) = found else { return dead_link(&context, url::HOME) };
    if found.has_account {
        return Err(Refused::Conflict(say::invitation_taken()));
    }
    let email = found.invitation.email;
    let (name, password) = match chosen(&context, &form, &email).await? {
        Ok(chosen) => chosen,
        Err(errors) => {
            let (letter, organization) = (Letter::Invitation, &found.organization);
            let opening = Opening { letter, token: &token, email: &email, organization };
            let typed = form.get("name").unwrap_or_default();
            return new_account::show(&context, &opening, typed, (StatusCode::BAD_REQUEST, errors));
        }
    };
    let hash = new_password::hash(&context, password).await?;
    let new = NewUser { email, name, password_hash: Some(hash), verified: true, language: Some(context.language) };
    let (keys, arrival) = (context.state.keyring.clone(), Arrival::of(&context, browser));
    let (moment, origin) = (context.moment.clone(), context.origin.clone());
    let written = context.state.db.write("register by invitation", Class::Durable, move |conn| {
        let Some(invitation) = invitations::live(conn, &token, &keys, moment.now())? else {
            return Ok(Answered::Dead);
        };
        let next = url::device_joined(&invitation.org_id);
        let made = make(conn, &new, (&arrival, next), (&moment, &origin), |conn, user, by| {
            // Accepted or revoked at this very moment: then no account is made either.
            let accepted = invitations::accept(conn, &invitation, user, by)?;
            if accepted { Ok(()) } else { Err(Fault::busy("the invitation was answered meanwhile")) }
        })?;
        let Some(made) = made else { return Ok(Answered::Refused(say::invitation_taken())) };
        Ok(Answered::Done(Box::new(made)))
    });
    match written.await?.into_inner() {
        Answered::Done(arrived) => Ok(arrived.answer(&context)),
        Answered::Dead => dead_link(&context, url::HOME),
        Answered::Refused(sentence) => Err(Refused::Conflict(sentence)),
    }
}
