//! An account at a provider that waits in the browser: what it takes to link it, and the button that does.

use crate::answer;
use crate::context::Context;
use crate::extract::cookies;
use crate::letters::post;
use crate::refused::Refused;
use crate::web::gate::{Stopped, Visitor, own_form};
use crate::web::login::LOGOUT;
use crate::web::upstream::{STALE, name_of};
use crate::web::{frame, page};
use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use delivery::AccountChange;
use login::csrf::FormPurpose;
use login::upstream::link::{self, Linked};
use model::audit::{Actor, By};
use model::org::{Organization, Registration};
use model::secret::{Digest, base64url};
use model::upstream::ProviderKey;
use model::user::SignedIn;
use routes::url;
use store::Class;
use store::tables::organizations;
use store::tables::pending_links::PendingLink;
use views::pages::{Form, LinkAccount};
use views::say;

const LINK: &str = "link-upstream";

/// What the form's token is bound to: the very account that waits, so that a page left open does not link another one that
/// waits in this browser by then.
fn object(cookie: &Digest) -> String {
    base64url(cookie.bytes())
}

struct Seen {
    pending: PendingLink,
    provider: String,
    signed_in: Option<SignedIn>,
    organization: Option<Organization>,
}

/// Shows what it takes.
///
/// # Errors
/// The database's.
pub async fn show(context: Context) -> Result<HttpResponse, Refused> {
    let Some(cookie) = cookies::pending_link(&context) else { return Ok(over(&context)) };
    let (visitor, now, state) = (Visitor::of(&context), context.now(), context.state.clone());
    let bound_to = object(&cookie);
    let seen = context.state.db.snapshot("pending link", move |conn| {
        let Some(pending) = link::waiting(conn, &cookie, now)? else { return Ok(None) };
        let key = &pending.identity.provider;
        let organization = match key {
            ProviderKey::Organizations(org, _) => organizations::by_id(conn, org)?,
            ProviderKey::Operators(_) => None,
        };
        let provider = name_of(conn, &state.providers, key)?;
        Ok(Some(Seen { provider, signed_in: visitor.signed_in(conn)?, organization, pending }))
    });
    let Some(seen) = seen.await? else { return Ok(over(&context)) };
    let fresh = |signed_in: &SignedIn| signed_in.session().is_fresh(context.now(), &context.state.config.sessions);
    let person = link::person_of(&seen.pending);
    let (own, other): (Option<&SignedIn>, Option<&SignedIn>) = match &seen.signed_in {
        Some(signed_in) if person.has_address_of(signed_in.user()) => (Some(signed_in), None),
        other => (None, other.as_ref()),
    };
    if own.is_some_and(|signed_in| !fresh(signed_in)) {
        return Ok(answer::see_other(&url::step_up_to(url::UPSTREAM_LINK)));
    }
    let form = |signed_in: &SignedIn, action: &str, purpose: FormPurpose<'_>| Form {
        action: action.to_owned(),
        csrf_token: Visitor::of(&context).form_token(&signed_in.session().digest, purpose.action, purpose.object),
        hidden: Vec::new(),
    };
    let open = |organization: &&Organization| organization.registration != Registration::ByInvitation;
    let nobody = seen.signed_in.is_none();
    let shown = LinkAccount {
        provider: seen.provider,
        email: seen.pending.email.clone(),
        link: own.map(|signed_in| form(signed_in, url::UPSTREAM_LINK, FormPurpose { action: LINK, object: &bound_to })),
        signed_in_as: other.map(|signed_in| signed_in.user().email.clone()),
        sign_out: other.map(|signed_in| form(signed_in, url::LOGOUT, LOGOUT)),
        login_url: nobody.then(|| url::login_to(url::UPSTREAM_LINK)),
        register_url: seen
            .organization
            .as_ref()
            .filter(|_| nobody)
            .filter(open)
            .map(|organization| url::register_at(&organization.id)),
        cancel_url: url::login_to(&seen.pending.next),
    };
    page(&context, StatusCode::OK, &shown, &frame::of_organization(&context, seen.organization.as_ref()))
}

/// To the sign-in page, where it begins anew.
fn over(context: &Context) -> HttpResponse {
    let mut response = answer::see_other(&url::login_after_upstream(STALE, url::ORGANIZATIONS));
    cookies::clear_pending_link(&mut response, &context.state.config.public_url);
    response
}

/// Links it to whoever is signed in.
///
/// # Errors
/// 403 for a form of another session, 409 where it is linked to somebody else.
pub async fn submit(context: Context) -> Result<HttpResponse, Refused> {
    let form = own_form(&context)?;
    let visitor = Visitor::of(&context);
    let Some(cookie) = cookies::pending_link(&context) else {
        // Without one no form of ours was ever shown here.
        return if visitor.session.is_some() { Ok(over(&context)) } else { Err(Refused::Forged) };
    };
    visitor.check((), FormPurpose { action: LINK, object: &object(&cookie) }, form.get("csrf_token"))?;
    let (state, language) = (context.state.clone(), context.language);
    let (moment, origin) = (context.moment.clone(), context.origin.clone());
    let written = context.state.db.write("link account", Class::Durable, move |conn| {
        let signed_in = match visitor.require_fresh(conn)? {
            Ok(signed_in) => signed_in,
            Err(stopped) => return Ok(Err::<_, Stopped>(stopped)),
        };
        let by = By::request(Actor::User(signed_in.user().id), (&moment, &origin));
        let Some((linked, pending)) = link::complete(conn, &cookie, &signed_in, &by)? else { return Ok(Ok(None)) };
        if linked == Linked::Now {
            let name = name_of(conn, &state.providers, &pending.identity.provider)?;
            let change = AccountChange::IdentityLinked(name);
            post::account_changed(conn, (signed_in.user(), language), change, &by)?;
        }
        Ok(Ok(Some((linked, pending.next))))
    });
    let written = written.await?.into_inner().map_err(|stopped| stopped.leading_back_to(url::UPSTREAM_LINK))?;
    let next = match written {
        None => return Ok(over(&context)),
        Some((Linked::Now | Linked::Already, next)) => next,
        Some((Linked::Taken, _)) => return Err(Refused::Conflict(say::identity_taken())),
        Some((Linked::OtherAddress, _)) => return Err(Refused::Conflict(say::identity_other_address())),
    };
    let mut response = answer::see_other(&next);
    cookies::clear_pending_link(&mut response, &context.state.config.public_url);
    Ok(response)
}
