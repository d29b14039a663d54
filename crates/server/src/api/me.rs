//! What the presented token is, whatever kind it is.

use super::bearer::good_token;
use crate::answer;
use crate::context::Context;
use crate::refused::Refused;
use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use protocol::user_info::Me;

/// Tells whom and what the token speaks for.
///
/// # Errors
/// 401 without a good token.
pub async fn me(context: Context) -> Result<HttpResponse, Refused> {
    let good = good_token(&context).await?;
    let claims = good.claims;
    let told = Me {
        sub: claims.sub,
        email: good.user.map(|user| user.email),
        org_id: claims.org_id,
        client_id: claims.client_id,
        scope: claims.scope,
        kind: "jwt".to_owned(),
        exp: claims.exp,
    };
    Ok(answer::json(StatusCode::OK, &told))
}
