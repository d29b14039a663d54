//! The access token of a request, looked up (RFC 6750 §2).

use crate::context::Context;
use crate::extract::client::authorization_header;
use crate::extract::request::organization;
use crate::refused::Refused;
use issuer::access::{self, GoodToken};
use model::id::OrgId;
use protocol::authorization::bearer;
use protocol::error::OAuthError;
use store::tables::organizations;

/// The good access token that a request brings, meant for the issuer itself.
///
/// # Errors
/// 401 where there is none or it is not good; 404 where there is no such organization.
pub(super) async fn good_token(context: &Context) -> Result<GoodToken, Refused> {
    let org = organization(context)?;
    match good_token_of(context, org.clone()).await {
        Err(bad @ Refused::Token { .. }) => {
            // Where there is no organization there is nothing to bring a token to, whatever was brought.
            let found = context.state.db.read("organization", move |conn| organizations::by_id(conn, &org)).await?;
            Err(if found.is_some() { bad } else { Refused::NotFound })
        }
        other => other,
    }
}

async fn good_token_of(context: &Context, org: OrgId) -> Result<GoodToken, Refused> {
    if context.query()?.has("access_token") {
        return Err(OAuthError::invalid_request(
            "Send the access token in the Authorization header, never in the address.",
        )
        .into());
    }
    let presented = match (authorization_header(context)?, form_token(context)) {
        (Some(_), Ok(Some(_))) => {
            return Err(OAuthError::invalid_request("The access token is sent in two ways at once.").into());
        }
        (Some(header), _) => bearer(header).map_err(|_| Refused::Token { presented: true })?.to_owned(),
        (None, in_form) => in_form?.ok_or(Refused::Token { presented: false })?,
    };
    let issuer = context.state.config.public_url.issuer(&org);
    let keys = context.state.keys(&org, &[], &context.moment).await?;
    let bad = Refused::Token { presented: true };
    let Some(claims) =
        access::verify(&presented, &keys, &issuer, context.now()).filter(|claims| claims.aud.has(&issuer))
    else {
        return Err(bad);
    };
    let now = context.now();
    context.state.db.read("look up token", move |conn| access::look_up(conn, &org, &claims, now)).await?.ok_or(bad)
}

/// RFC 6750 §2.2, for a POST of a form.
fn form_token(context: &Context) -> Result<Option<String>, Refused> {
    if context.request.method() != actix_web::http::Method::POST || context.body.is_empty() {
        return Ok(None);
    }
    Ok(context.form()?.get("access_token").map(str::to_owned))
}
