//! What the presented token is, whatever kind it is, and its end.

use super::bearer::{BAD, Brought, Good, brought, good_of_any_kind, or_no_organization, reaches};
use crate::answer;
use crate::context::Context;
use crate::extract::request::home;
use crate::refused::Refused;
use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use issuer::{access, opaque, revoke};
use model::audit::{Actor, By};
use model::refresh::RevocationReason;
use protocol::user_info::Me;
use store::Class;
use store::tables::opaque_tokens;

/// Tells whom and what the token speaks for.
///
/// # Errors
/// 401 without a good token.
pub async fn me(context: Context) -> Result<HttpResponse, Refused> {
    let told = match good_of_any_kind(&context).await? {
        Good::Signed(good) => Me {
            sub: good.claims.sub,
            email: good.user.map(|user| user.email),
            org_id: good.claims.org_id,
            client_id: Some(good.claims.client_id),
            scope: good.claims.scope,
            kind: "jwt".to_owned(),
            exp: good.claims.exp,
        },
        Good::Opaque(good) => Me {
            client_id: good.client_id(),
            sub: good.user.id.to_string(),
            email: Some(good.user.email),
            org_id: good.token.org_id.to_string(),
            scope: good.scopes.to_string(),
            kind: good.token.kind.as_str().to_owned(),
            exp: good.token.expires_at.seconds(),
        },
    };
    Ok(answer::json(StatusCode::OK, &told))
}

/// Ends the token that the request brings: whoever holds it may give it up.
///
/// # Errors
/// 401 without a good token.
pub async fn end(context: Context) -> Result<HttpResponse, Refused> {
    let home = home(&context)?;
    let ended = async {
        let brought = brought(&context, &home).await?;
        let (moment, origin, now, home) = (context.moment.clone(), context.origin.clone(), context.now(), home.clone());
        let written = context.state.db.write_shedding("end own token", Class::Durable, move |conn| match &brought {
            Brought::Signed(claims) => {
                if access::look_up(conn, &home, claims, now)?.is_none() {
                    return Ok(false);
                }
                let by = By::request(Actor::Client(claims.client_id.clone()), (&moment, &origin));
                revoke::end_access(conn, &home, claims, &by)
            }
            Brought::Opaque(text) => {
                let good = opaque::look_up(conn, text, now)?.filter(|good| reaches(&home, &good.token.org_id));
                let Some(good) = good else { return Ok(false) };
                let by = By::request(Actor::User(good.user.id), (&moment, &origin));
                opaque_tokens::end(conn, &good.token.org_id, good.token.id, RevocationReason::Client, &by)
            }
        });
        if written.await?.into_inner() { Ok(()) } else { Err(BAD) }
    };
    or_no_organization(&context, &home, ended.await).await?;
    Ok(HttpResponse::NoContent().finish())
}
