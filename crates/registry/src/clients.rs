//! Which client a request comes from.

use model::client::{AuthenticatedClient, Entrance, PresentedClient};
use model::fault::Fault;
use model::id::OrgId;
use model::issue::Algorithms;
use model::org::Organization;
use store::Conn;
use store::tables::{applications, organizations};

/// A client that has authenticated, with its organization.
#[derive(Clone, Debug)]
pub struct Authenticated {
    /// The client.
    pub client: AuthenticatedClient,
    /// The organization that it is registered in.
    pub organization: Organization,
}

impl Authenticated {
    /// What the client's tokens are signed with.
    pub fn algorithms(&self) -> Algorithms {
        Algorithms::of(&self.organization, self.client.application())
    }
}

/// Why a client is not let in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ClientRefusal {
    /// There is no such organization.
    NoOrganization,
    /// There is no such client there, or it has not shown what it has to.
    UnknownClient,
}

/// Authenticates a client in an organization, by one joined read.
///
/// # Errors
/// The database's.
pub fn authenticate(
    conn: &mut Conn,
    org: &OrgId,
    presented: &PresentedClient,
    entrance: Entrance,
) -> Result<Result<Authenticated, ClientRefusal>, Fault> {
    let Some(found) = applications::by_client_id(conn, org, &presented.client_id)? else {
        return not_found(conn, org).map(Err);
    };
    Ok(match AuthenticatedClient::prove(found.application, &found.secrets, presented, entrance) {
        Ok(client) => Ok(Authenticated { client, organization: found.organization }),
        Err(_) => Err(ClientRefusal::UnknownClient),
    })
}

/// Why a client that no living organization has under this id is not let in.
pub(crate) fn not_found(conn: &mut Conn, org: &OrgId) -> Result<ClientRefusal, Fault> {
    let exists = organizations::by_id(conn, org)?.is_some();
    Ok(if exists { ClientRefusal::UnknownClient } else { ClientRefusal::NoOrganization })
}
