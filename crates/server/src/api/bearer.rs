//! The token of a request, looked up (RFC 6750 §2).

use crate::context::Context;
use crate::extract::client::authorization_header;
use crate::extract::request::{home, organization};
use crate::refused::Refused;
use actix_web::http::header::HeaderName;
use issuer::access::{self, GoodToken};
use issuer::claims::AccessClaims;
use issuer::opaque::{self, GoodOpaque};
use model::fault::Fault;
use model::id::OrgId;
use model::opaque::is_well_formed;
use protocol::authorization::{api_key, bearer};
use protocol::error::OAuthError;
use store::tables::organizations;

/// The good access token that a request brings, meant for the issuer itself.
///
/// # Errors
/// 401 where there is none or it is not good; 404 where there is no such organization.
pub(super) async fn good_token(context: &Context) -> Result<GoodToken, Refused> {
    let org = organization(context)?;
    let good = async {
        let presented = presented(context, Ways::BEARER)?;
        let claims = verified(context, &org, &presented).await?;
        look_up(context, &org, claims).await
    };
    or_no_organization(context, &org, good.await).await
}

/// A good token of whatever kind.
pub(super) enum Good {
    /// A signed one.
    Signed(Box<GoodToken>),
    /// One that says nothing by itself.
    Opaque(Box<GoodOpaque>),
}

/// What a request brings that may be a token, read and verified as far as that goes without the database.
pub(super) enum Brought {
    /// A signed one.
    Signed(AccessClaims),
    /// One that says nothing by itself.
    Opaque(String),
}

/// The good token of whatever kind that a request brings to its organization, or to the server itself, where opaque ones of every
/// organization are good.
///
/// # Errors
/// As [`good_token`].
pub(super) async fn good_of_any_kind(context: &Context) -> Result<Good, Refused> {
    let home = home(context)?;
    let good = async {
        match brought(context, &home).await? {
            Brought::Signed(claims) => look_up(context, &home, claims).await.map(|good| Good::Signed(Box::new(good))),
            Brought::Opaque(text) => {
                let (now, wanted) = (context.now(), home.clone());
                let looked_up = context.state.db.read("look up token", move |conn| opaque::look_up(conn, &text, now));
                let good = looked_up.await?.filter(|good| reaches(&wanted, &good.token.org_id)).ok_or(BAD)?;
                context.state.last_used.note(&good.token.org_id, good.token.id, now);
                Ok(Good::Opaque(Box::new(good)))
            }
        }
    };
    or_no_organization(context, &home, good.await).await
}

/// The token that a request brings to `home`, verified as far as that goes without the database.
///
/// # Errors
/// 401 where there is none, or none that could be good.
pub(super) async fn brought(context: &Context, home: &OrgId) -> Result<Brought, Refused> {
    let presented = presented(context, Ways::ANY)?;
    if is_well_formed(&presented) {
        return Ok(Brought::Opaque(presented));
    }
    // The server itself signs nothing.
    if home.is_instance() {
        return Err(BAD);
    }
    verified(context, home, &presented).await.map(Brought::Signed)
}

/// Whether a token of `org` is looked at by whoever asks at `home`.
pub(super) fn reaches(home: &OrgId, org: &OrgId) -> bool {
    home.is_instance() || home == org
}

/// That a token was brought and is not good, whatever is the matter with it.
pub(super) const BAD: Refused = Refused::Token { presented: true };

async fn verified(context: &Context, org: &OrgId, presented: &str) -> Result<AccessClaims, Refused> {
    let issuer = context.state.config.public_url.issuer(org);
    let keys = context.state.keys(org, &[], &context.moment).await?;
    access::verify(presented, &keys, &issuer, context.now()).filter(|claims| claims.aud.has(&issuer)).ok_or(BAD)
}

async fn look_up(context: &Context, org: &OrgId, claims: AccessClaims) -> Result<GoodToken, Refused> {
    let (now, org) = (context.now(), org.clone());
    context.state.db.read("look up token", move |conn| access::look_up(conn, &org, &claims, now)).await?.ok_or(BAD)
}

/// Where there is no organization there is nothing to bring a token to, whatever was brought.
pub(super) async fn or_no_organization<T>(
    context: &Context,
    home: &OrgId,
    outcome: Result<T, Refused>,
) -> Result<T, Refused> {
    match outcome {
        Err(bad @ Refused::Token { .. }) if !home.is_instance() => {
            let org = home.clone();
            let found: Result<_, Fault> =
                context.state.db.read("organization", move |conn| organizations::by_id(conn, &org)).await;
            Err(if found?.is_some() { bad } else { Refused::NotFound })
        }
        other => other,
    }
}

/// By which ways an endpoint takes a token.
#[derive(Clone, Copy)]
struct Ways {
    as_key: bool,
}

impl Ways {
    /// Those of RFC 6750.
    const BEARER: Self = Self { as_key: false };
    /// Also as programs send keys: `Authorization: ApiKey`, `X-API-Key`.
    const ANY: Self = Self { as_key: true };
}

const X_API_KEY: HeaderName = HeaderName::from_static("x-api-key");

fn presented(context: &Context, ways: Ways) -> Result<String, Refused> {
    if context.query()?.has("access_token") {
        return Err(OAuthError::invalid_request(
            "Send the access token in the Authorization header, never in the address.",
        )
        .into());
    }
    let mut keys = context.request.headers().get_all(X_API_KEY).filter(|_| ways.as_key);
    let (key, another) = (keys.next(), keys.next());
    match (authorization_header(context)?, form_token(context), key) {
        (Some(_), Ok(Some(_)), _) | (Some(_), _, Some(_)) | (_, Ok(Some(_)), Some(_)) => {
            Err(OAuthError::invalid_request("The access token is sent in two ways at once.").into())
        }
        (None, _, Some(_)) if another.is_some() => {
            Err(OAuthError::invalid_request("The request has more than one X-API-Key header.").into())
        }
        (Some(header), ..) => {
            let key = api_key(header).ok().filter(|_| ways.as_key);
            key.or_else(|| bearer(header).ok()).map(str::to_owned).ok_or(BAD)
        }
        (None, _, Some(key)) => key.to_str().map(|key| key.trim().to_owned()).map_err(|_| BAD),
        (None, in_form, None) => in_form?.ok_or(Refused::Token { presented: false }),
    }
}

/// RFC 6750 §2.2, for a POST of a form.
fn form_token(context: &Context) -> Result<Option<String>, Refused> {
    if context.request.method() != actix_web::http::Method::POST || context.body.is_empty() {
        return Ok(None);
    }
    Ok(context.form()?.get("access_token").map(str::to_owned))
}
