//! Client credentials as they come in (RFC 6749 §2.3.1): by `Basic`, in the form, or none.

use crate::context::Context;
use crate::refused::Refused;
use actix_web::http::header;
use model::client::PresentedClient;
use model::id::ClientId;
use model::secret::Secret;
use protocol::authorization::{self, Malformed};
use protocol::error::OAuthError;
use protocol::params::Params;

/// Parameters that hold or belong to credentials, and so never stand in a URL, where logs and histories keep them.
const NEVER_IN_QUERY: [&str; 10] = [
    "client_id",
    "client_secret",
    "client_assertion",
    "grant_type",
    "device_code",
    "refresh_token",
    "token",
    "code",
    "code_verifier",
    "access_token",
];

/// Refuses credentials in the query string.
///
/// # Errors
/// `invalid_request`.
pub fn refuse_query_credentials(context: &Context) -> Result<(), Refused> {
    let query = context.query()?;
    if NEVER_IN_QUERY.iter().any(|name| query.has(name)) {
        return Err(OAuthError::invalid_request("Send parameters in the body, never in the address.").into());
    }
    Ok(())
}

/// The one `Authorization` header, where there is one.
///
/// # Errors
/// `invalid_request` where there is more than one, or it is not text.
pub fn authorization_header(context: &Context) -> Result<Option<&str>, Refused> {
    let mut values = context.request.headers().get_all(header::AUTHORIZATION);
    let Some(first) = values.next() else { return Ok(None) };
    if values.next().is_some() {
        return Err(OAuthError::invalid_request("The request has more than one Authorization header.").into());
    }
    first.to_str().map(Some).map_err(|_| Refused::Client { by_header: true })
}

/// Which client a request says that it comes from.
///
/// # Errors
/// `invalid_request` where it says so twice or in two ways, `invalid_client` where it does not say so, or in a broken one.
pub fn presented_client(context: &Context, form: &Params) -> Result<PresentedClient, Refused> {
    let presented = presented_by(context, form)?;
    // What stands for clients that nobody has registered is no client.
    if presented.client_id.is_registered() {
        Ok(presented)
    } else {
        Err(Refused::Client { by_header: presented.by_header })
    }
}

fn presented_by(context: &Context, form: &Params) -> Result<PresentedClient, Refused> {
    let (id, secret) = (form.get("client_id"), form.get("client_secret"));
    let Some(header) = authorization_header(context)? else {
        let Some(id) = id else { return Err(Refused::Client { by_header: false }) };
        return Ok(PresentedClient {
            client_id: ClientId::from_wire(id),
            secret: secret.map(|secret| Secret::new(secret.to_owned())),
            by_header: false,
        });
    };
    let basic = authorization::basic(header).map_err(|malformed| match malformed {
        Malformed::OtherScheme | Malformed::Broken => Refused::Client { by_header: true },
    })?;
    if secret.is_some() {
        return Err(OAuthError::invalid_request("The client authenticates in two ways at once.").into());
    }
    if id.is_some_and(|id| id != basic.client_id) {
        return Err(OAuthError::invalid_request("client_id differs from the one in the Authorization header.").into());
    }
    Ok(PresentedClient {
        client_id: ClientId::from_wire(basic.client_id),
        // A public client that always sends Basic has nothing to put into its second half.
        secret: (!basic.client_secret.is_empty()).then(|| Secret::new(basic.client_secret)),
        by_header: true,
    })
}
