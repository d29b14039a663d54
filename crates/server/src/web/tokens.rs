//! API keys and MCP tokens of an account: the list, and the end of one. How one is made is the form's business.

use crate::answer;
use crate::context::Context;
use crate::extract::request::id;
use crate::refused::Refused;
use crate::web::gate::{Stopped, Visitor, own_form};
use crate::web::token_form::{self, Typed};
use crate::web::{frame, from_letter, page, unreadable};
use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use directory::catalogue::Catalogue;
use login::csrf::FormPurpose;
use model::audit::{Actor, By};
use model::id::{OpaqueTokenId, OrgId};
use model::opaque::{OpaqueKind, OpaqueStatus};
use model::org::{Organization, Role};
use model::refresh::RevocationReason;
use model::user::SignedIn;
use routes::url;
use store::Class;
use store::tables::opaque_tokens::{self, Listed};
use store::tables::organizations;
use views::pages::{AppFace, Form, FormError, HiddenField, KeyList, KeyRow, Keys};
use views::text::When;
use views::{Message, say};

/// *Revoke*; its object is the key.
const REVOKE: &str = "key-revoke";

/// In the address, after *Revoke*.
const REVOKED: &str = "revoked";

/// The most rows of each kind on the page.
const MOST: usize = 200;

/// Rows of each kind that are read: one more, which tells that there are more.
const READ: i64 = 201;

/// Shows them.
///
/// # Errors
/// To the sign-in page where nobody is signed in.
pub async fn list(context: Context) -> Result<HttpResponse, Refused> {
    if let Some(onward) = from_letter(&context, url::KEYS)? {
        return Ok(onward);
    }
    let done = context.query().map_err(unreadable)?.get("done") == Some(REVOKED);
    let seen = look(&context).await?;
    render(&context, StatusCode::OK, &seen, (done.then(say::key_is_revoked), Typed::fresh(), Vec::new()))
}

/// What the page shows of somebody.
pub(super) struct Seen {
    signed_in: SignedIn,
    tokens: Vec<Listed>,
    mine: Vec<(Organization, Role)>,
    /// What a key may be allowed.
    catalogue: Catalogue,
}

/// Reads it.
///
/// # Errors
/// To the sign-in page where nobody is signed in.
pub(super) async fn look(context: &Context) -> Result<Seen, Refused> {
    let visitor = Visitor::of(context);
    let seen = context.state.db.snapshot("tokens page", move |conn| {
        let signed_in = match visitor.require_signed_in(conn)? {
            Ok(signed_in) => signed_in,
            Err(stopped) => return Ok(Err(stopped)),
        };
        let user = signed_in.user().id;
        let mut tokens = Vec::new();
        for kind in OpaqueKind::BY_HAND {
            tokens.extend(opaque_tokens::of_user(conn, user, kind, READ)?);
        }
        let mine = organizations::of_user(conn, user)?;
        Ok(Ok(Seen { signed_in, tokens, mine, catalogue: Catalogue::read(conn, &OrgId::instance())? }))
    });
    Ok(seen.await??)
}

/// Shows the page.
///
/// # Errors
/// `Broken` where its template is.
pub(super) fn render(
    context: &Context,
    status: StatusCode,
    seen: &Seen,
    (notice, typed, errors): (Option<Message>, Typed, Vec<FormError>),
) -> Result<HttpResponse, Refused> {
    let of = |kind: OpaqueKind| seen.tokens.iter().filter(move |(token, ..)| token.kind == kind);
    let list = |kind: OpaqueKind, heading: Message, none: Message| KeyList {
        kind: kind.as_str().to_owned(),
        heading,
        none,
        keys: of(kind).take(MOST).map(|listed| row(context, seen, listed)).collect(),
    };
    let more = OpaqueKind::BY_HAND.into_iter().any(|kind| of(kind).count() > MOST);
    let more = more.then(|| say::newest_keys(u64::try_from(MOST).unwrap_or(u64::MAX)));
    // What the form makes has its id before, so that sending it again makes nothing more.
    let key = OpaqueTokenId::draw(&context.moment).to_string();
    let making = FormPurpose { action: token_form::MAKE, object: &key };
    let form = Form {
        hidden: vec![HiddenField { name: token_form::KEY.to_owned(), value: key.clone() }],
        ..form(context, &seen.signed_in, url::KEYS.to_owned(), making)
    };
    let shown = Keys {
        side: frame::account_side(url::KEYS),
        notices: notice.into_iter().chain(more).collect(),
        errors,
        lists: vec![
            list(OpaqueKind::Mcp, say::mcp_tokens(), say::no_mcp_token()),
            list(OpaqueKind::ApiKey, say::api_keys(), say::no_api_key()),
        ],
        make: (!seen.mine.is_empty()).then(|| typed.shown(form, &seen.mine, &seen.catalogue)),
    };
    page(context, status, &shown, &frame::of_account(context, None, &seen.signed_in, &seen.mine))
}

fn form(context: &Context, signed_in: &SignedIn, action: String, purpose: FormPurpose<'_>) -> Form {
    let csrf_token = Visitor::of(context).form_token(&signed_in.session().digest, purpose.action, purpose.object);
    Form { action, csrf_token, hidden: Vec::new() }
}

fn row(context: &Context, seen: &Seen, (token, application, organization): &Listed) -> KeyRow {
    let (now, status) = (context.now(), token.status(context.now()));
    let registered = application.client_id.is_registered();
    let app = if registered { application.settings.name.as_str() } else { token.name.as_str() };
    let object = token.id.to_string();
    let revoke = FormPurpose { action: REVOKE, object: &object };
    KeyRow {
        name: token.name.clone(),
        beginning: token.beginning.clone(),
        app: token.grant_id.is_some().then(|| AppFace::new(app, registered).with_logo(frame::logo_url(application))),
        organization: organization.name.clone(),
        scopes: token.scopes.names().map(str::to_owned).collect(),
        made: When::past(token.created_at, now),
        last_used: token.last_used_at.map(|used| When::past(used, now)),
        expires: if token.expires_at > now {
            When::coming(token.expires_at, now)
        } else {
            When::past(token.expires_at, now)
        },
        status: match status {
            OpaqueStatus::Active => say::key_active(),
            OpaqueStatus::Expired => say::key_expired(),
            OpaqueStatus::Revoked => say::key_revoked(),
        },
        revoke: (status == OpaqueStatus::Active)
            .then(|| form(context, &seen.signed_in, url::revoke_key(token.id), revoke)),
    }
}

/// Ends one.
///
/// # Errors
/// 403 for a form of another session, 404 for a key that is not theirs.
pub async fn revoke(context: Context) -> Result<HttpResponse, Refused> {
    let form = own_form(&context)?;
    let key: OpaqueTokenId = id(context.path("key"))?;
    let visitor = Visitor::of(&context);
    let purpose = FormPurpose { action: REVOKE, object: &key.to_string() };
    visitor.check((), purpose, form.get("csrf_token"))?;
    let (moment, origin) = (context.moment.clone(), context.origin.clone());
    let written = context.state.db.write("revoke own key", Class::Durable, move |conn| {
        let signed_in = match visitor.require_signed_in(conn)? {
            Ok(signed_in) => signed_in,
            Err(stopped) => return Ok(Err(stopped)),
        };
        let user = signed_in.user().id;
        let Some(org) = opaque_tokens::organization_of(conn, (user, key), &OpaqueKind::BY_HAND)? else {
            return Ok(Err(Stopped::NotFound));
        };
        let by = By::request(Actor::User(user), (&moment, &origin));
        opaque_tokens::end(conn, &org, key, RevocationReason::User, &by)?;
        Ok(Ok(()))
    });
    written.await?.into_inner()?;
    Ok(answer::see_other(&url::after(url::KEYS, REVOKED)))
}
