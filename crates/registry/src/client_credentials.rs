//! A client asks for a token for itself (RFC 6749 §4.4).

use crate::applications::with_implied;
use crate::clients::{self, ClientRefusal};
use model::client::{Entrance, PresentedClient};
use model::client_grant::{ClientGrant, ClientRequest, NotGranted};
use model::fault::Fault;
use model::id::OrgId;
use model::time::Timestamp;
use store::Conn;
use store::tables::resources;

/// Why a client gets no token for itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ClientGrantRefusal {
    /// It is not let in.
    Client(ClientRefusal),
    /// It is, and may not have what it asks for.
    NotGranted(NotGranted),
    /// The organization does not have a resource that it asks for.
    ResourceUnknown,
}

/// Authenticates a client and decides what it gets for itself. Stores nothing: its token has no family.
///
/// # Errors
/// The database's.
pub fn grant(
    conn: &mut Conn,
    org: &OrgId,
    presented: &PresentedClient,
    request: &ClientRequest,
    now: Timestamp,
) -> Result<Result<ClientGrant, ClientGrantRefusal>, Fault> {
    let authenticated = match clients::authenticate(conn, org, presented, Entrance::Token)? {
        Ok(authenticated) => authenticated,
        Err(refusal) => return Ok(Err(ClientGrantRefusal::Client(refusal))),
    };
    if resources::known(conn, org, &request.resources)?.len() < request.resources.len() {
        return Ok(Err(ClientGrantRefusal::ResourceUnknown));
    }
    // What goes with it by the organization's catalogue is asked for, too.
    let settings = &authenticated.client.application().settings;
    let asked = request.scopes.as_ref().unwrap_or(&settings.default_scopes);
    let scopes = Some(with_implied(conn, org, asked, &settings.scopes)?);
    let request = ClientRequest { scopes, ..request.clone() };
    Ok(ClientGrant::decide(&authenticated.client, &authenticated.organization, &request, now)
        .map_err(ClientGrantRefusal::NotGranted))
}
