//! Introspection (RFC 7662): a confidential client of the organization asks whether a token is good. Another
//! organization's token is not, and a refresh token is shown to the client that holds it alone. At the server itself its own
//! confidential clients ask, about opaque tokens of every organization.

use super::bearer::reaches;
use crate::answer;
use crate::context::Context;
use crate::extract::client::{presented_client, refuse_query_credentials};
use crate::extract::request::home;
use crate::refused::{Refused, client_refused};
use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use issuer::{access, opaque};
use model::application::ClientKind;
use model::client::Entrance;
use model::id::{OpaqueTokenId, OrgId};
use model::opaque::is_well_formed;
use protocol::introspection::{Audience, Introspection};
use protocol::token::GrantType;
use registry::clients::{self, ClientRefusal};

/// What is told of a token, and which opaque one was used by it: a service that asks about it has been given it.
#[derive(Default)]
struct Told {
    introspection: Introspection,
    used: Option<(OrgId, OpaqueTokenId)>,
}

impl From<Introspection> for Told {
    fn from(introspection: Introspection) -> Self {
        Self { introspection, used: None }
    }
}

/// Answers an introspection request.
///
/// # Errors
/// 401 for anybody but a confidential client of the organization.
pub async fn introspect(context: Context) -> Result<HttpResponse, Refused> {
    let org = home(&context)?;
    refuse_query_credentials(&context)?;
    let form = context.form()?;
    let client = presented_client(&context, &form)?;
    let by_header = client.by_header;
    let token = form.require("token", "token is missing.")?.to_owned();
    let issuer = context.state.config.public_url.issuer(&org);
    let keys = context.state.keys(&org, &[], &context.moment).await?;
    let claims = access::verify(&token, &keys, &issuer, context.now());
    let now = context.now();
    let public_url = context.state.config.public_url.clone();
    let looked_up = context.state.db.snapshot("introspect", move |conn| {
        let authenticated = match clients::authenticate(conn, &org, &client, Entrance::Elsewhere)? {
            Ok(authenticated) => authenticated,
            Err(refusal) => return Ok(Err(refusal)),
        };
        let application = authenticated.client.application();
        if application.kind == ClientKind::Public {
            return Ok(Err(ClientRefusal::UnknownClient));
        }
        if is_well_formed(&token) {
            let good = opaque::look_up(conn, &token, now)?.filter(|good| reaches(&org, &good.token.org_id));
            let Some(good) = good else { return Ok(Ok(Told::default())) };
            let used = Some((good.token.org_id.clone(), good.token.id));
            let issuer = public_url.issuer(&good.token.org_id);
            return Ok(Ok(Told { introspection: good.introspection(&issuer), used }));
        }
        if let Some(claims) = &claims {
            return Ok(Ok(access::look_up(conn, &org, claims, now)?
                .map(access::GoodToken::introspection)
                .unwrap_or_default()
                .into()));
        }
        let refresh = access::look_up_refresh(conn, &org, &token, &authenticated.organization.refresh, now)?;
        // A refresh that would be refused is no good token: the application may have lost the grant since.
        let may_refresh = application.settings.grants.contains(&GrantType::RefreshToken);
        let told = match refresh.filter(|(family, _)| may_refresh && family.application_id == application.id) {
            None => Introspection::default(),
            Some((family, user)) => Introspection {
                active: true,
                scope: Some(family.scopes.to_string()),
                client_id: Some(application.client_id.to_string()),
                username: Some(user.email),
                token_type: Some("refresh_token".to_owned()),
                exp: Some(family.ends_at(&authenticated.organization.refresh).seconds()),
                iat: Some(family.last_used_at.seconds()),
                sub: Some(user.id.to_string()),
                aud: Some(Audience::One(issuer.clone())),
                iss: Some(issuer.clone()),
                jti: None,
                org_id: Some(org.to_string()),
            },
        };
        Ok(Ok(told.into()))
    });
    match looked_up.await? {
        Ok(told) => {
            if let Some((org, token)) = told.used {
                context.state.last_used.note(&org, token, now);
            }
            Ok(answer::json(StatusCode::OK, &told.introspection))
        }
        Err(refusal) => Err(client_refused(refusal, by_header)),
    }
}
