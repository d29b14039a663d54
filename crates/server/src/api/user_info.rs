//! Userinfo (OIDC Core §5.3).

use super::bearer::good_token;
use crate::answer;
use crate::context::Context;
use crate::refused::Refused;
use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use protocol::scope::Scopes;
use protocol::user_info::UserInfo;

/// Tells about the token's user what its scopes allow.
///
/// # Errors
/// 401 without a good token, 403 without `openid`.
pub async fn user_info(context: Context) -> Result<HttpResponse, Refused> {
    let good = good_token(&context).await?;
    let scopes = Scopes::parse(&good.claims.scope)?;
    let Some(user) = good.user.filter(|_| scopes.has("openid")) else { return Err(Refused::Scope) };
    let email = scopes.has("email");
    let told = UserInfo {
        sub: user.id.to_string(),
        name: scopes.has("profile").then_some(user.name),
        email_verified: email.then_some(user.email_verified_at.is_some()),
        email: email.then_some(user.email),
    };
    Ok(answer::json(StatusCode::OK, &told))
}
