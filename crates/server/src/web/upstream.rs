//! Signing in by way of another provider: the browser sets out by a form, and comes back by a link.
//!
//! What it comes to is the same page whatever goes wrong on the way: the sign-in page, with a sentence, and with all
//! other ways to sign in. Nothing that a provider does or leaves undone is an error of ours.

use crate::answer;
use crate::context::Context;
use crate::extract::cookies;
use crate::extract::request::{id, organization};
use crate::letters::post;
use crate::refused::Refused;
use crate::web::gate::{self, Guest, Visitor, own_form};
use crate::web::onward::{Arrival, Settled, Tell, Unsettled};
use crate::web::security::back;
use crate::web::{frame, page, security_upstream, upstream_stranger};
use actix_web::HttpResponse;
use actix_web::http::{StatusCode, header};
use delivery::AccountChange;
use login::csrf::FormPurpose;
use login::upstream::attempt::{self, Departure, Secrets};
use login::upstream::complete::{self, Outcome};
use login::upstream::link::{self, Linked};
use login::upstream::{Brought, Way, own};
use model::audit::{Actor, By};
use model::fault::Fault;
use model::id::{OrgId, ProviderId, UserId};
use model::login_attempt;
use model::org::Organization;
use model::secret::Secret;
use model::upstream::{Person, Provider, ProviderKey, ProviderName};
use protocol::params::Params;
use routes::url;
use store::tables::upstream_attempts::UpstreamAttempt;
use store::tables::{organizations, upstream_providers};
use store::{Class, Conn};
use views::pages::{Form, HiddenField, ProviderButton, UpstreamLeaving};
use views::{Message, say};

const START: &str = "upstream";

/// In the address, what has gone wrong.
pub(super) const DENIED: &str = "denied";
pub(super) const FAILED: &str = "failed";
pub(super) const AWAY: &str = "away";
pub(super) const STALE: &str = "stale";
pub(super) const UNVERIFIED: &str = "unverified";
pub(super) const UNKNOWN: &str = "unknown";

/// The sentence about what has gone wrong on the way to a provider or back. The address names it, since the page is reached
/// by a redirect: loading it again must not send the browser's code again.
pub(super) fn problem(query: &Params) -> Option<Message> {
    Some(match query.get("upstream")? {
        DENIED => say::upstream_denied(),
        AWAY => say::upstream_away(),
        STALE => say::upstream_stale(),
        UNVERIFIED => say::upstream_unverified(),
        UNKNOWN => say::upstream_unknown(),
        _ => say::upstream_failed(),
    })
}

/// The providers of an organization that let people in.
///
/// # Errors
/// The database's.
pub(super) fn own_of(conn: &mut Conn, org: &OrgId) -> Result<Vec<Provider>, Fault> {
    let own = upstream_providers::all(conn, org)?;
    Ok(own.into_iter().filter(|own| own.enabled).map(|own| own.provider).collect())
}

/// Buttons for whoever is on the way to `next`: of the operator's providers, and of an organization's own, which its name
/// tells apart from those, whatever an admin calls them.
pub(super) fn buttons(
    context: &Context,
    guest: &Guest,
    (own, organization): (Vec<Provider>, Option<&Organization>),
    next: &str,
) -> Vec<ProviderButton> {
    let operators = context.state.providers.iter().map(|(provider, _)| (provider.clone(), None));
    let whose = organization.map(|organization| organization.name.clone());
    let own = own.into_iter().map(|provider| (provider, whose.clone()));
    let button = |(provider, organization): (Provider, Option<String>)| ProviderButton {
        name: provider.name,
        organization,
        form: Form {
            action: url::upstream(&provider.key),
            csrf_token: guest.form_token(context, START, &provider.key.to_string()),
            hidden: vec![HiddenField { name: "next".to_owned(), value: next.to_owned() }],
        },
    };
    operators.chain(own).map(button).collect()
}

/// The provider that the path names.
pub(super) fn key_of(context: &Context) -> Result<ProviderKey, Refused> {
    let named = context.path("provider");
    if context.path("org").is_empty() {
        return ProviderName::parse(named).map(ProviderKey::Operators).ok_or(Refused::NotFound);
    }
    let provider: ProviderId = id(named)?;
    Ok(ProviderKey::Organizations(organization(context)?, provider))
}

/// A provider that lets people in, with our secret there.
pub(super) async fn find(context: &Context, key: &ProviderKey) -> Result<Option<(Provider, Secret)>, Fault> {
    match key {
        ProviderKey::Operators(_) => {
            Ok(context.state.providers.iter().find(|(provider, _)| provider.key == *key).cloned())
        }
        ProviderKey::Organizations(org, id) => {
            let (org, id, keys) = (org.clone(), *id, context.state.keyring.clone());
            context.state.db.read("provider", move |conn| own::enabled(conn, &org, id, &keys)).await
        }
    }
}

/// Where somebody goes who has come back from `provider`: never further than what it lets them into.
fn next_of(form: &Params, provider: &ProviderKey) -> String {
    let next = form.get("next").and_then(url::own_path);
    match provider {
        ProviderKey::Operators(_) => next.unwrap_or(url::ORGANIZATIONS).to_owned(),
        ProviderKey::Organizations(org, _) => {
            let inside = |next: &&str| url::is_inside(org, next);
            next.filter(inside).map_or_else(|| url::device(org), str::to_owned)
        }
    }
}

/// Sets out to sign in.
///
/// # Errors
/// 403 for a form of another browser, 404 where there is no such provider.
pub async fn start(context: Context) -> Result<HttpResponse, Refused> {
    let key = key_of(&context)?;
    let form = own_form(&context)?;
    let purpose = FormPurpose { action: START, object: &key.to_string() };
    // Before the form's token: where there is nothing, no token is of use.
    let (provider, _) = find(&context, &key).await?.ok_or(Refused::NotFound)?;
    let browser = gate::check_guest(&context, purpose, form.get("csrf_token"))?;
    let next = next_of(&form, &key);
    let departure = Departure { browser, provider: key, user_id: None, next: next.clone() };
    match set_out(&context, &provider, departure).await? {
        Some(leaving) => Ok(leaving),
        None => Ok(answer::see_other(&url::login_after_upstream(AWAY, &next))),
    }
}

/// Notes that a browser sets out, and leads it on; nothing where the provider can't be asked, or too many are under way.
pub(super) async fn set_out(
    context: &Context,
    provider: &Provider,
    departure: Departure,
) -> Result<Option<HttpResponse>, Refused> {
    let (keys, moment, origin) = (context.state.keyring.clone(), context.moment.clone(), context.origin.clone());
    let written = context.state.db.write_shedding("set out to provider", Class::Relaxed, move |conn| {
        attempt::open(conn, &departure, &keys, (&moment, &origin))
    });
    let Some(secrets) = written.await?.into_inner() else { return Ok(None) };
    let redirect_uri = redirect_uri(context, &provider.key);
    let way = Way { provider, redirect_uri: &redirect_uri, secrets: &secrets };
    let url = match context.state.upstream.address(way, context.now()).await {
        Ok(url) => url,
        Err(failed) => {
            tracing::warn!(provider = %provider.key, %failed, "nobody can set out to an identity provider");
            return Ok(None);
        }
    };
    let shown = UpstreamLeaving { provider: provider.name.clone(), host: host_of(&url), url: url.clone() };
    let mut response = page(context, StatusCode::OK, &shown, &frame::of_organization(context, None))?;
    // Not a redirect: pages of ours let a form's answer lead nowhere but here.
    if let Ok(value) = header::HeaderValue::from_str(&format!("0; url={url}")) {
        response.headers_mut().insert(header::REFRESH, value);
    }
    Ok(Some(response))
}

/// The host of an address that was put together by a library: with its port, where that is not the usual one.
fn host_of(url: &str) -> String {
    let authority = url.split("://").nth(1).and_then(|rest| rest.split(['/', '?', '#']).next());
    authority.unwrap_or_default().to_owned()
}

/// Where a provider sends browsers back to.
pub(crate) fn redirect_uri(context: &Context, provider: &ProviderKey) -> String {
    context.state.config.public_url.join(&url::upstream_callback(provider))
}

/// Takes what a browser brings back.
///
/// # Errors
/// 404 where there can be no such provider; the database's.
pub async fn callback(context: Context) -> Result<HttpResponse, Refused> {
    let key = key_of(&context)?;
    let lost = match key.clone() {
        ProviderKey::Operators(_) => url::ORGANIZATIONS.to_owned(),
        ProviderKey::Organizations(org, _) => {
            let device = url::device(&org);
            let found = context.state.db.read("organization", move |conn| organizations::by_id(conn, &org)).await?;
            found.map(|_| device).ok_or(Refused::NotFound)?
        }
    };
    let stale = answer::see_other(&url::login_after_upstream(STALE, &lost));
    let Ok(query) = context.query() else { return Ok(stale) };
    let Some(state) = query.get("state").map(str::to_owned) else { return Ok(stale) };
    let Some(came) = take(&context, &state, &key).await? else { return Ok(stale) };
    let secrets = Secrets::of(&state, &context.state.keyring);
    match person(&context, &key, &secrets, &query).await? {
        Ok(said) => match came.user_id {
            Some(user) => link_here(&context, said, user).await,
            None => signs_in(&context, said, came).await,
        },
        Err(problem) => Ok(match came.user_id {
            Some(_) => answer::see_other(&back(Some(problem), None)),
            None => answer::see_other(&url::login_after_upstream(problem, &came.next)),
        }),
    }
}

async fn take(context: &Context, state: &str, key: &ProviderKey) -> Result<Option<UpstreamAttempt>, Fault> {
    let browsers: Vec<_> = cookies::pre_session(context).into_iter().chain(cookies::session(context)).collect();
    let (state, key, moment) = (state.to_owned(), key.clone(), context.moment.clone());
    let written = context.state.db.write_shedding("come back from provider", Class::Durable, move |conn| {
        attempt::take(conn, &state, &browsers, &key, &moment)
    });
    Ok(written.await?.into_inner())
}

/// Who came back, as this provider says.
type Said = (Person, Provider);

/// Who came back, or what has gone wrong.
async fn person(
    context: &Context,
    key: &ProviderKey,
    secrets: &Secrets,
    query: &Params,
) -> Result<Result<Said, &'static str>, Fault> {
    // It may have been switched off meanwhile.
    let Some((provider, secret)) = find(context, key).await? else { return Ok(Err(FAILED)) };
    if let Some(error) = query.get("error") {
        return Ok(Err(if error == "access_denied" { DENIED } else { FAILED }));
    }
    let brought = Brought { code: query.get("code").map(str::to_owned), iss: query.get("iss").map(str::to_owned) };
    let redirect_uri = redirect_uri(context, key);
    let way = Way { provider: &provider, redirect_uri: &redirect_uri, secrets };
    let person = context.state.upstream.person(way, &secret, &brought, context.now()).await.map_err(|failed| {
        tracing::warn!(provider = %key, %failed, "nobody is let in by an identity provider");
        if failed.is_away() { AWAY } else { FAILED }
    });
    Ok(person.map(|person| (person, provider)))
}

/// What somebody who came back comes to.
pub(super) enum Came {
    /// Into their account, or to what it asks for besides.
    In(Settled),
    /// Their account there waits to be linked, in the browser with this cookie.
    Pending(Secret),
    Nothing(&'static str),
}

async fn signs_in(context: &Context, (person, provider): Said, came: UpstreamAttempt) -> Result<HttpResponse, Refused> {
    let arrival = Arrival::of(context, came.browser);
    let waiter = arrival.waiter(login_attempt::Onward { next: came.next.clone(), remember: false });
    let (policy, moment, origin) = (context.state.config.sessions, context.moment.clone(), context.origin.clone());
    let written = context.state.db.write("sign in by provider", Class::Durable, move |conn| {
        let at = (&moment, &origin);
        // It may have been changed or switched off while it was asked.
        if !own::still_lets_in(conn, &provider)? {
            return Ok(Came::Nothing(FAILED));
        }
        let known = match complete::user_of(conn, &person.identity)? {
            Some(user) => arrival.known.to(conn, &user)?,
            None => None,
        };
        let outcome = match complete::complete(conn, &person, (&waiter, known), &policy, at)? {
            Outcome::Known(outcome) => outcome,
            Outcome::Stranger => return upstream_stranger::meet(conn, &person, (&arrival, &waiter), at),
        };
        Ok(match arrival.settle(conn, outcome, &waiter.onward, Tell::OfNewBrowser)? {
            Ok(settled) => Came::In(settled),
            Err(Unsettled::Refused) => Came::Nothing(FAILED),
            Err(Unsettled::TooManyWait) => Came::Nothing(AWAY),
        })
    });
    Ok(match written.await?.into_inner() {
        Came::In(settled) => settled.answer(context),
        Came::Pending(cookie) => {
            let mut response = answer::see_other(url::UPSTREAM_LINK);
            cookies::set_pending_link(&mut response, &context.state.config.public_url, &cookie, link::LIFE);
            response
        }
        Came::Nothing(problem) => answer::see_other(&url::login_after_upstream(problem, &came.next)),
    })
}

/// Links the account there to whoever set out from their account's security.
async fn link_here(context: &Context, (person, provider): Said, user: UserId) -> Result<HttpResponse, Refused> {
    let (visitor, language) = (Visitor::of(context), context.language);
    let (moment, origin) = (context.moment.clone(), context.origin.clone());
    let written = context.state.db.write("link account", Class::Durable, move |conn| {
        let signed_in = match visitor.require_fresh(conn)? {
            Ok(signed_in) if signed_in.user().id == user => signed_in,
            Ok(_) => return Ok(Ok(Linked::OtherAddress)),
            Err(stopped) => return Ok(Err(stopped)),
        };
        if !own::still_lets_in(conn, &provider)? {
            return Ok(Ok(Linked::OtherAddress));
        }
        let by = By::request(Actor::User(user), (&moment, &origin));
        let linked = link::to(conn, &person, &signed_in, &by)?;
        if linked == Linked::Now {
            let change = AccountChange::IdentityLinked(provider.name.clone());
            post::account_changed(conn, (signed_in.user(), language), change, &by)?;
        }
        Ok(Ok(linked))
    });
    let linked = written.await?.into_inner()?;
    Ok(answer::see_other(&back(Some(security_upstream::done(linked)), None)))
}

/// What people know a provider as; its id where it is no more.
pub(super) fn name_of(conn: &mut Conn, operators: &[(Provider, Secret)], key: &ProviderKey) -> Result<String, Fault> {
    let found = match key {
        ProviderKey::Operators(_) => {
            operators.iter().find(|(provider, _)| provider.key == *key).map(|(provider, _)| provider.name.clone())
        }
        ProviderKey::Organizations(org, id) => upstream_providers::by_id(conn, org, *id)?.map(|own| own.provider.name),
    };
    Ok(found.unwrap_or_else(|| key.to_string()))
}
