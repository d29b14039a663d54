//! The form by which people make an API key or MCP token by hand, and the page that shows it this once.

use crate::by_hand::{self, Made, NewKey, Wanted};
use crate::context::Context;
use crate::extract::request::id;
use crate::letters::post;
use crate::refused::Refused;
use crate::web::gate::{Stopped, Visitor, own_page_form};
use crate::web::{frame, page, tokens};
use crate::words;
use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use delivery::{AccountChange, MadeKey};
use directory::catalogue::Catalogue;
use login::csrf::FormPurpose;
use model::audit::{Actor, By};
use model::catalogue::Scope;
use model::id::{OpaqueTokenId, OrgId};
use model::name::{DisplayName, NotAName};
use model::opaque::{self, OpaqueKind};
use model::org::{Organization, Role};
use model::user::SignedIn;
use protocol::params::Params;
use protocol::scope::Scopes;
use routes::url;
use std::time::Duration;
use store::Class;
use store::tables::organizations;
use views::pages::{Choice, Form, FormError, KeyMade, KeyScope, MakeKey};
use views::text::When;
use views::{Message, Words, say};

/// What the form is for.
pub(super) const MAKE: &str = "key-make";

/// The field of the id that the key will have.
pub(super) const KEY: &str = "key";

const DAY: Duration = Duration::from_secs(24 * 60 * 60);

/// What the fields hold.
#[derive(Clone)]
pub(super) struct Typed {
    kind: Option<OpaqueKind>,
    name: String,
    organization: String,
    scopes: Scopes,
    days: String,
}

impl Typed {
    /// Nothing yet: the kind that may do less, for the usual time.
    pub(super) fn fresh() -> Self {
        Self {
            kind: Some(OpaqueKind::Mcp),
            name: String::new(),
            organization: String::new(),
            scopes: Scopes::default(),
            days: days(opaque::USUAL_LIFETIME).to_string(),
        }
    }

    fn sent(form: &Params) -> Self {
        let field = |name: &str| form.get(name).unwrap_or_default().trim().to_owned();
        let kind = form.get("kind").and_then(OpaqueKind::parse);
        Self {
            // What embedded pages get is nothing to make by hand.
            kind: kind.filter(|kind| *kind != OpaqueKind::Embedded),
            name: field("name"),
            organization: field("organization"),
            scopes: form.all("scope").map(str::to_owned).collect(),
            days: field("days"),
        }
    }

    /// What is wanted, or what is wrong with it.
    fn wanted(&self, id: OpaqueTokenId) -> Result<Wanted, Vec<FormError>> {
        let kind = self.kind.ok_or_else(|| FormError::new("kind", say::key_kind_wrong()));
        let name = DisplayName::parse(&self.name).map_err(|why| {
            let sentence = match why {
                NotAName::Empty => say::name_empty(),
                NotAName::TooLong => say::name_too_long(),
                NotAName::Invisible => say::name_invisible(),
            };
            FormError::new("name", sentence)
        });
        let org_id =
            OrgId::parse(&self.organization).map_err(|_| FormError::new("organization", say::pick_an_organization()));
        let scopes = if self.scopes.is_empty() {
            Err(FormError::new("scope", say::key_scope_none()))
        } else {
            Ok(self.scopes.clone())
        };
        let lifetime =
            opaque::lifetime_of_days(&self.days).ok_or_else(|| FormError::new("days", say::key_days_wrong()));
        match (kind, name, org_id, scopes, lifetime) {
            (Ok(kind), Ok(name), Ok(org_id), Ok(scopes), Ok(lifetime)) => {
                Ok(Wanted { id, kind, name, org_id, scopes, lifetime })
            }
            (kind, name, org_id, scopes, lifetime) => {
                let errors = [kind.err(), name.err(), org_id.err(), scopes.err(), lifetime.err()];
                Err(errors.into_iter().flatten().collect())
            }
        }
    }

    /// The form with these fields, for somebody who belongs to `mine`.
    pub(super) fn shown(self, form: Form, mine: &[(Organization, Role)], catalogue: &Catalogue) -> MakeKey {
        let choice = |value: &str, label: Words, hint: Option<Message>, chosen: bool| Choice {
            value: value.to_owned(),
            label,
            hint,
            chosen,
        };
        let kind = |kind: OpaqueKind, label: Message, hint: Message| {
            choice(kind.as_str(), label.into(), Some(hint), self.kind == Some(kind))
        };
        let scope = |scope: &Scope| KeyScope {
            name: scope.name.clone(),
            sentence: words::scope(scope.sentence.clone()),
            reads: scope.reads(),
            ticked: self.scopes.has(&scope.name),
        };
        let organization = |(organization, _): &(Organization, Role)| {
            let chosen = mine.len() == 1 || self.organization == organization.id.as_str();
            choice(organization.id.as_str(), Words::verbatim(organization.name.as_str()), None, chosen)
        };
        MakeKey {
            form,
            kinds: vec![
                kind(OpaqueKind::Mcp, say::mcp_token(), say::key_kind_mcp_hint()),
                kind(OpaqueKind::ApiKey, say::api_key(), say::key_kind_api_key_hint()),
            ],
            organizations: mine.iter().map(organization).collect(),
            scopes: catalogue.entries().iter().map(scope).collect(),
            name: self.name,
            days: self.days,
        }
    }
}

fn days(span: Duration) -> u64 {
    span.as_secs() / DAY.as_secs()
}

/// Makes one, and shows it.
///
/// # Errors
/// 403 for a form of another session; to the step-up where the last proof is too old.
pub async fn make(context: Context) -> Result<HttpResponse, Refused> {
    let form = own_page_form(&context, &["scope"])?;
    let visitor = Visitor::of(&context);
    // A form without an id that we drew is none of ours.
    let key: OpaqueTokenId = id(form.get(KEY).unwrap_or_default()).map_err(|_| Refused::Forged)?;
    visitor.check((), FormPurpose { action: MAKE, object: &key.to_string() }, form.get("csrf_token"))?;
    let typed = Typed::sent(&form);
    let wanted = typed.wanted(key);
    let (at, language) = ((context.moment.clone(), context.origin.clone()), context.language);
    let prefixes = context.state.config.token_prefixes.clone();
    let written = context.state.db.write("make key by hand", Class::Durable, move |conn| {
        let signed_in = match visitor.require_fresh(conn)? {
            Ok(signed_in) => signed_in,
            Err(stopped) => return Ok(Err(stopped)),
        };
        let wanted = match &wanted {
            Ok(wanted) => wanted.clone(),
            Err(errors) => return Ok(Ok(Err((StatusCode::BAD_REQUEST, errors.clone())))),
        };
        let user = signed_in.user().id;
        let by = By::request(Actor::User(user), (&at.0, &at.1));
        let made = match by_hand::make(conn, &signed_in, wanted, &prefixes, &by)? {
            Made::Key(made) => made,
            Made::SignedOut => return Ok(Err(Stopped::SignedOut)),
            refused => return Ok(Ok(Err(refusal(&refused)))),
        };
        post::account_changed(conn, (signed_in.user(), language), told(&made), &by)?;
        let mine = organizations::of_user(conn, user)?;
        Ok(Ok(Ok((signed_in, mine, made))))
    });
    match written.await?.into_inner().map_err(|stopped| stopped.leading_back_to(url::KEYS))? {
        Ok((signed_in, mine, made)) => shown_once(&context, (&signed_in, &mine), *made),
        Err((status, errors)) => {
            let seen = tokens::look(&context).await?;
            let typed = if status == StatusCode::CONFLICT { Typed::fresh() } else { typed };
            tokens::render(&context, status, &seen, (None, typed, errors))
        }
    }
}

/// What its owner's letter says of it.
fn told(made: &NewKey) -> AccountChange {
    let key = MadeKey { name: made.token.name.clone(), organization: made.organization.name.clone() };
    match made.token.kind {
        OpaqueKind::Mcp => AccountChange::McpTokenMade(key),
        OpaqueKind::ApiKey | OpaqueKind::Embedded => AccountChange::ApiKeyMade(key),
    }
}

/// Why nothing is made, at the field that can help it; nothing where one is.
fn refusal(made: &Made) -> (StatusCode, Vec<FormError>) {
    let error = match made {
        Made::Key(_) | Made::SignedOut => return (StatusCode::OK, Vec::new()),
        Made::Already => return (StatusCode::CONFLICT, vec![FormError::new("", say::key_made_before())]),
        Made::NotAMember => FormError::new("organization", say::key_organization_wrong()),
        Made::Off => FormError::new("organization", say::key_organization_off()),
        Made::SwitchedOff => FormError::new("", say::keys_switched_off()),
        Made::NoScope => FormError::new("scope", say::key_scope_none()),
        Made::TooLong { most } => FormError::new("days", say::key_days_too_many(days(*most))),
        Made::TooMany => FormError::new("", say::keys_too_many(u64::try_from(by_hand::MOST).unwrap_or(u64::MAX))),
        Made::TooManyRevoked => FormError::new("", say::keys_too_many_revoked()),
    };
    (StatusCode::BAD_REQUEST, vec![error])
}

/// The only answer that ever has the key's text: to the request that made it, after the commit, kept by nobody on the way.
fn shown_once(
    context: &Context,
    (signed_in, mine): (&SignedIn, &[(Organization, Role)]),
    made: NewKey,
) -> Result<HttpResponse, Refused> {
    let shown = KeyMade {
        side: frame::account_side(url::KEYS),
        heading: match made.token.kind {
            OpaqueKind::Mcp => say::mcp_token_made(),
            OpaqueKind::ApiKey | OpaqueKind::Embedded => say::api_key_made(),
        },
        text: made.text.expose().clone(),
        name: made.token.name,
        organization: made.organization.name,
        scopes: words::scopes(made.catalogue.in_words(&made.token.scopes)),
        expires: When::coming(made.token.expires_at, context.now()),
        back_url: url::KEYS.to_owned(),
    };
    page(context, StatusCode::OK, &shown, &frame::of_account(context, None, signed_in, mine))
}
