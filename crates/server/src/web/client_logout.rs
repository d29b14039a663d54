//! Signing out at a client's wish (OIDC RP-Initiated Logout 1.0).
//!
//! 1. A client sends the browser here, by GET; what it posts is answered with the same by GET, as browsers bring no cookies
//!    along with a form of another site.
//! 2. An id_token of ours says for whom. Where that is who is signed in here, their session ends at once, and the browser goes on
//!    to an address that is registered for it. Where nobody is signed in, it goes on at once.
//! 3. Without such a token, or with somebody else's, the person is asked, and goes nowhere afterwards: anybody can send a browser
//!    here.

use crate::answer::see_other;
use crate::context::Context;
use crate::extract::cookies;
use crate::extract::request::organization;
use crate::refused::Refused;
use crate::web::authorize::answer::told_below;
use crate::web::gate::{At, Visitor};
use crate::web::login::LOGOUT;
use crate::web::{frame, page};
use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use issuer::claims::IdClaims;
use issuer::id_token;
use model::application::ApplicationState;
use model::fault::Fault;
use model::id::{ClientId, OrgId};
use model::user::Present;
use protocol::params::Params;
use routes::url;
use store::tables::{applications, organizations};
use store::{Class, Conn};
use views::pages::{Form, SignOut};
use views::say;

/// Answers a client that has sent the browser here.
///
/// # Errors
/// 404 where there is no such organization.
pub async fn show(context: Context) -> Result<HttpResponse, Refused> {
    let org = organization(&context)?;
    let Ok(query) = context.query() else {
        return told_below(&context, say::sign_out_wrong(), say::authorize_malformed());
    };
    let hint = hint(&context, &org, &query).await?;
    let client_id = match (&hint, query.get("client_id")) {
        (Some(hint), Some(client_id)) if hint.aud != client_id => {
            return told_below(&context, say::sign_out_wrong(), say::sign_out_other_client());
        }
        (Some(hint), _) => Some(hint.aud.clone()),
        (None, client_id) => client_id.map(str::to_owned),
    };
    let wanted = query.get("post_logout_redirect_uri").map(str::to_owned);
    let (visitor, at, asked) = (Visitor::of(&context), org, wanted.clone());
    let seen = context.state.db.snapshot("logout", move |conn| {
        if organizations::by_id(conn, &at)?.is_none() {
            return Ok(None);
        }
        let next = match (&client_id, &asked) {
            (Some(client_id), Some(asked)) => leads(conn, &at, client_id, asked)?,
            _ => None,
        };
        Ok(Some((next, present(conn, &visitor, &at)?)))
    });
    let (next, present) = seen.await?.ok_or(Refused::NotFound)?;
    let signed_in = present.is_some();
    if let Some(present) = present {
        if !hint.as_ref().is_some_and(|hint| is_meant(hint, &present)) {
            return ask(&context, &present);
        }
        let (visitor, moment, origin) = (Visitor::of(&context), context.moment.clone(), context.origin.clone());
        let end = move |conn: &mut Conn| visitor.end_session(conn, (&moment, &origin));
        context.state.db.write("sign out for a client", Class::Durable, end).await?;
    }
    if wanted.is_some() && next.is_none() {
        let mut response = told_below(&context, say::sign_out_nowhere(), say::sign_out_no_redirect())?;
        if signed_in {
            cookies::clear_session(&mut response, &context.state.config.public_url);
        }
        return Ok(response);
    }
    // Only who brings a token of ours is believed about where to go.
    let onward = next.filter(|_| hint.is_some()).map(|next| with_state(&next, query.get("state")));
    let mut response = see_other(&onward.unwrap_or_else(|| url::LOGIN_SIGNED_OUT.to_owned()));
    if signed_in {
        cookies::clear_session(&mut response, &context.state.config.public_url);
    }
    Ok(response)
}

/// The same for a client that posts.
///
/// # Errors
/// 415 where the body is no form.
pub async fn post(context: Context) -> Result<HttpResponse, Refused> {
    let org = organization(&context)?;
    let form = context.form()?;
    let wanted = org.clone();
    let found = context.state.db.read("organization", move |conn| organizations::by_id(conn, &wanted)).await?;
    if found.is_none() {
        return Err(Refused::NotFound);
    }
    let known = ["id_token_hint", "client_id", "post_logout_redirect_uri", "state", "ui_locales"];
    let pairs = known.iter().filter_map(|name| Some(format!("{name}={}", url::percent_encoded(form.get(name)?))));
    Ok(see_other(&format!("{}?{}", url::oauth(&org, "logout"), pairs.collect::<Vec<_>>().join("&"))))
}

async fn hint(context: &Context, org: &OrgId, query: &Params) -> Result<Option<IdClaims>, Refused> {
    let Some(token) = query.get("id_token_hint") else { return Ok(None) };
    let keys = context.state.keys(org, &[], &context.moment).await?;
    Ok(id_token::read(token, &keys, &context.state.config.public_url.issuer(org), context.now()))
}

fn present(conn: &mut Conn, visitor: &Visitor, org: &OrgId) -> Result<Option<Present>, Fault> {
    Ok(match visitor.at(conn, org)? {
        None | Some(At::Guest(_)) => None,
        Some(At::Stranger(_, present) | At::FactorMissing(_, present)) => Some(*present),
        Some(At::Member(_, member)) => Some(member.present().clone()),
    })
}

/// Whether the token tells of the session that is here: of this one where it names one, else of its user.
fn is_meant(hint: &IdClaims, present: &Present) -> bool {
    hint.sub == present.user().id.to_string()
        && hint.sid.as_ref().is_none_or(|sid| *sid == present.session().id.to_string())
}

/// The address as it was asked for, where it is registered for the client.
fn leads(conn: &mut Conn, org: &OrgId, client_id: &str, asked: &str) -> Result<Option<String>, Fault> {
    let found = applications::by_client_id(conn, org, &ClientId::from_wire(client_id))?;
    let application =
        found.map(|record| record.application).filter(|application| application.state == ApplicationState::Active);
    let registered =
        application.map(|application| application.settings.code.post_logout_redirect_uris).unwrap_or_default();
    Ok(registered.iter().any(|uri| uri.admits(asked)).then(|| asked.to_owned()))
}

fn with_state(address: &str, state: Option<&str>) -> String {
    let Some(state) = state else { return address.to_owned() };
    let separator = if address.contains('?') { '&' } else { '?' };
    format!("{address}{separator}state={}", url::percent_encoded(state))
}

fn ask(context: &Context, present: &Present) -> Result<HttpResponse, Refused> {
    let token = Visitor::of(context).form_token(&present.session().digest, LOGOUT.action, LOGOUT.object);
    let shown = SignOut {
        form: Form { action: url::LOGOUT.to_owned(), csrf_token: token, hidden: Vec::new() },
        email: present.user().email.clone(),
    };
    page(
        context,
        StatusCode::OK,
        &shown,
        &frame::bare(&context.state, &context.request_id(), context.spoken_to(present.user())),
    )
}
