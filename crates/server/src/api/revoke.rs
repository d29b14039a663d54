//! Revocation (RFC 7009): the answer is the same whether there was anything to revoke.

use crate::answer;
use crate::context::Context;
use crate::extract::client::{presented_client, refuse_query_credentials};
use crate::extract::request::home;
use crate::refused::{Refused, client_refused};
use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use issuer::access;
use issuer::revoke::{self, Presented};
use model::client::Entrance;
use registry::clients;
use serde_json::json;
use store::Class;

/// Answers a revocation request.
///
/// # Errors
/// 401 where the client is not let in.
pub async fn revoke(context: Context) -> Result<HttpResponse, Refused> {
    let org = home(&context)?;
    refuse_query_credentials(&context)?;
    let form = context.form()?;
    let client = presented_client(&context, &form)?;
    let by_header = client.by_header;
    let token = form.require("token", "token is missing.")?.to_owned();
    let keys = context.state.keys(&org, &[], &context.moment).await?;
    let presented = match access::verify(&token, &keys, &context.state.config.public_url.issuer(&org), context.now()) {
        Some(claims) => Presented::Access(claims),
        None => Presented::Opaque(token),
    };
    let (moment, origin) = (context.moment.clone(), context.origin.clone());
    // Nobody has authenticated yet: a flood of such requests leaves room in the queue for others.
    let written = context.state.db.write_shedding("revoke", Class::Durable, move |conn| {
        Ok(match clients::authenticate(conn, &org, &client, Entrance::Elsewhere)? {
            Ok(authenticated) => Ok(revoke::revoke(conn, &authenticated.client, &presented, (&moment, &origin))?),
            Err(refusal) => Err(refusal),
        })
    });
    match written.await?.into_inner() {
        Ok(_) => Ok(answer::json(StatusCode::OK, &json!({}))),
        Err(refusal) => Err(client_refused(refusal, by_header)),
    }
}
