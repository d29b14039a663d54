//! A client asks for a token for itself (RFC 6749 §4.4).

use crate::clients::{self, ClientRefusal};
use model::client::{Entrance, PresentedClient};
use model::client_grant::{ClientGrant, ClientRequest, NotGranted};
use model::fault::Fault;
use model::id::OrgId;
use model::time::Timestamp;
use store::Conn;

/// Why a client gets no token for itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ClientGrantRefusal {
    /// It is not let in.
    Client(ClientRefusal),
    /// It is, and may not have what it asks for.
    NotGranted(NotGranted),
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
    Ok(match clients::authenticate(conn, org, presented, Entrance::Token)? {
        Ok(authenticated) => ClientGrant::decide(&authenticated.client, &authenticated.organization, request, now)
            .map_err(ClientGrantRefusal::NotGranted),
        Err(refusal) => Err(ClientGrantRefusal::Client(refusal)),
    })
}
