//! The account's security: accounts at other providers that let its owner in.

use crate::answer;
use crate::context::Context;
use crate::extract::cookies;
use crate::extract::request::id;
use crate::letters::post;
use crate::refused::Refused;
use crate::web::gate::{Stopped, Visitor, own_form};
use crate::web::security::{self, back};
use crate::web::upstream::{self, AWAY, find, key_of, name_of};
use actix_web::HttpResponse;
use delivery::AccountChange;
use login::csrf::FormPurpose;
use login::upstream::attempt::Departure;
use login::upstream::link::{self, Linked, Unlinked};
use model::audit::{Actor, By};
use model::fault::Fault;
use model::id::IdentityId;
use model::org::{Organization, Role};
use model::secret::Secret;
use model::time::Timestamp;
use model::upstream::{Provider, ProviderKey};
use model::user::SignedIn;
use routes::url;
use store::tables::upstream_identities::{self, LinkedIdentity};
use store::tables::{memberships, organizations, upstream_providers};
use store::{Class, Conn};
use views::pages::{IdentityRow, ProviderButton};
use views::text::When;
use views::{Message, say};

const LINK: &str = "identity-link";
const UNLINK: &str = "identity-unlink";

const DONE_LINKED: &str = "linked";
const DONE_UNLINKED: &str = "unlinked";
const DONE_OTHER_ADDRESS: &str = "other-address";
const DONE_TAKEN: &str = "taken";
const DONE_LAST: &str = "last";

/// What linking has come to, in the address.
pub(super) const fn done(linked: Linked) -> &'static str {
    match linked {
        Linked::Now | Linked::Already => DONE_LINKED,
        Linked::Taken => DONE_TAKEN,
        Linked::OtherAddress => DONE_OTHER_ADDRESS,
    }
}

/// The sentence about it, where it is good news.
pub(super) fn notice(done: &str) -> Option<Message> {
    match done {
        DONE_LINKED => Some(say::identity_linked()),
        DONE_UNLINKED => Some(say::identity_unlinked()),
        _ => None,
    }
}

/// The same, where it is not.
pub(super) fn problem(done: &str) -> Option<Message> {
    match done {
        DONE_OTHER_ADDRESS => Some(say::identity_other_address()),
        DONE_TAKEN => Some(say::identity_taken()),
        DONE_LAST => Some(say::identity_last()),
        upstream::DENIED => Some(say::upstream_denied()),
        upstream::FAILED => Some(say::upstream_failed()),
        AWAY => Some(say::upstream_away()),
        _ => None,
    }
}

/// What the page shows of it.
pub(super) struct Identities {
    linked: Vec<(LinkedIdentity, String)>,
    linkable: Vec<Provider>,
}

impl Identities {
    /// Of a user who belongs to these organizations.
    pub(super) fn read(
        conn: &mut Conn,
        user: &SignedIn,
        organizations: &[(Organization, Role)],
        operators: &[(Provider, Secret)],
    ) -> Result<Self, Fault> {
        let mut linked = Vec::new();
        for identity in upstream_identities::of_user(conn, user.user().id)? {
            let name = name_of(conn, operators, &identity.identity.provider)?;
            linked.push((identity, name));
        }
        let mut linkable: Vec<Provider> = operators.iter().map(|(provider, _)| provider.clone()).collect();
        for (organization, _) in organizations {
            let own = upstream_providers::all(conn, &organization.id)?;
            linkable.extend(own.into_iter().filter(|own| own.enabled).map(|own| own.provider));
        }
        linkable.retain(|provider| linked.iter().all(|(one, _)| one.identity.provider != provider.key));
        Ok(Self { linked, linkable })
    }

    /// Rows of those that are linked.
    pub(super) fn rows(&self, context: &Context, signed_in: &SignedIn, now: Timestamp) -> Vec<IdentityRow> {
        let row = |(one, name): &(LinkedIdentity, String)| IdentityRow {
            provider: name.clone(),
            email: one.email.clone(),
            since: When::past(one.created_at, now),
            only: match &one.identity.provider {
                ProviderKey::Organizations(org, _) => Some(org.to_string()),
                ProviderKey::Operators(_) => None,
            },
            remove: security::form(
                context,
                signed_in,
                &url::unlink_upstream(one.id),
                FormPurpose { action: UNLINK, object: &one.id.to_string() },
                None,
            ),
        };
        self.linked.iter().map(row).collect()
    }

    /// Buttons of those that are not.
    pub(super) fn buttons(&self, context: &Context, signed_in: &SignedIn) -> Vec<ProviderButton> {
        let button = |provider: &Provider| ProviderButton {
            name: provider.name.clone(),
            organization: None,
            form: security::form(
                context,
                signed_in,
                &url::link_upstream(&provider.key),
                FormPurpose { action: LINK, object: &provider.key.to_string() },
                None,
            ),
        };
        self.linkable.iter().map(button).collect()
    }
}

/// Sets out to link an account at a provider, whoever has proven lately who they are.
///
/// # Errors
/// 403 for a form of another session, 404 where there is no such provider.
pub async fn link(context: Context) -> Result<HttpResponse, Refused> {
    let key = key_of(&context)?;
    let form = own_form(&context)?;
    let visitor = Visitor::of(&context);
    visitor.check((), FormPurpose { action: LINK, object: &key.to_string() }, form.get("csrf_token"))?;
    let wanted = key.clone();
    let read = context.state.db.snapshot("session", move |conn| {
        let signed_in = match visitor.require_fresh(conn)? {
            Ok(signed_in) => signed_in,
            Err(stopped) => return Ok(Err(stopped)),
        };
        let ProviderKey::Organizations(org, _) = &wanted else { return Ok(Ok(signed_in)) };
        // An organization's own provider is its members' business.
        Ok(match memberships::of(conn, org, signed_in.user().id)? {
            Some(_) => Ok(signed_in),
            None if organizations::by_id(conn, org)?.is_some() => Err(Stopped::Stranger),
            None => Err(Stopped::NotFound),
        })
    });
    let signed_in = read.await??;
    let (provider, _) = find(&context, &key).await?.ok_or(Refused::NotFound)?;
    let browser = cookies::session(&context).ok_or(Refused::SignIn)?;
    let departure =
        Departure { browser, provider: key, user_id: Some(signed_in.user().id), next: url::SECURITY.to_owned() };
    match upstream::set_out(&context, &provider, departure).await? {
        Some(leaving) => Ok(leaving),
        None => Ok(answer::see_other(&back(Some(AWAY), None))),
    }
}

/// Takes an account at a provider away.
///
/// # Errors
/// 403 for a form of another session, 404 where it is not theirs.
pub async fn unlink(context: Context) -> Result<HttpResponse, Refused> {
    let identity: IdentityId = id(context.path("identity"))?;
    let form = own_form(&context)?;
    let visitor = Visitor::of(&context);
    visitor.check((), FormPurpose { action: UNLINK, object: &identity.to_string() }, form.get("csrf_token"))?;
    let (state, language) = (context.state.clone(), context.language);
    let (moment, origin) = (context.moment.clone(), context.origin.clone());
    let written = context.state.db.write("unlink account", Class::Durable, move |conn| {
        let signed_in = match visitor.require_fresh(conn)? {
            Ok(signed_in) => signed_in,
            Err(stopped) => return Ok(Err(stopped)),
        };
        let user = signed_in.user();
        let by = By::request(Actor::User(user.id), (&moment, &origin));
        let unlinked = link::remove(conn, user.id, identity, &by)?;
        if let Unlinked::Done(identity) = &unlinked {
            let name = name_of(conn, &state.providers, &identity.provider)?;
            post::account_changed(conn, (user, language), AccountChange::IdentityUnlinked(name), &by)?;
        }
        Ok(Ok(unlinked))
    });
    match written.await?.into_inner()? {
        Unlinked::Done(_) => Ok(answer::see_other(&back(Some(DONE_UNLINKED), None))),
        Unlinked::LastWayIn => Ok(answer::see_other(&back(Some(DONE_LAST), None))),
        Unlinked::None => Err(Refused::NotFound),
    }
}
