//! Client authentication (RFC 6749 §2.3): what was presented, what is stored, and the proof that they agree.

use crate::application::{Application, ApplicationState, ClientKind};
use crate::id::ClientId;
use crate::secret::{Digest, Purpose, Secret};

/// What a request presents to say which client it is.
#[derive(Clone, Debug)]
pub struct PresentedClient {
    /// Its id.
    pub client_id: ClientId,
    /// Its secret, where one came along.
    pub secret: Option<Secret>,
    /// Whether it came in an `Authorization` header, which decides how a refusal is worded (RFC 6749 §5.2).
    pub by_header: bool,
}

/// Where a client authenticates. A disabled application is still let in at the token endpoint, so that its devices and
/// families get the answers that say so.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Entrance {
    /// The token endpoint.
    Token,
    /// Every other endpoint.
    Elsewhere,
}

/// A client that has shown what it has to show.
#[derive(Clone, Debug)]
pub struct AuthenticatedClient(Application);

/// The client is not known here or has not shown what it has to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct UnknownClient;

/// As much of an application as decides whether a client is let in.
#[derive(Clone, Debug)]
pub struct ClientFacts {
    /// What it calls itself.
    pub client_id: ClientId,
    /// Whether it has a secret.
    pub kind: ClientKind,
    /// Whether it may be used.
    pub state: ApplicationState,
}

impl ClientFacts {
    /// Compares what was presented with the live secrets.
    ///
    /// # Errors
    /// [`UnknownClient`], whatever the reason: the caller learns no more than that.
    pub fn admit(
        &self,
        secrets: &[Digest],
        presented: &PresentedClient,
        entrance: Entrance,
    ) -> Result<(), UnknownClient> {
        let admitted = match self.state {
            ApplicationState::Active => true,
            ApplicationState::Disabled => entrance == Entrance::Token,
            ApplicationState::Deleted => false,
        };
        let proven = match (self.kind, &presented.secret) {
            (ClientKind::Public, None) => true,
            // A public client has nothing to prove with; one that tries is not the client that it says it is.
            (ClientKind::Public, Some(_)) | (ClientKind::Confidential, None) => false,
            (ClientKind::Confidential, Some(secret)) => {
                let digest = Digest::of(Purpose::ClientSecret, secret.expose());
                secrets.iter().fold(false, |found, stored| found | stored.same(&digest))
            }
        };
        if admitted && proven && self.client_id == presented.client_id { Ok(()) } else { Err(UnknownClient) }
    }
}

impl AuthenticatedClient {
    /// Compares what was presented with the application's live secrets.
    ///
    /// # Errors
    /// [`UnknownClient`], whatever the reason: the caller learns no more than that.
    pub fn prove(
        application: Application,
        secrets: &[Digest],
        presented: &PresentedClient,
        entrance: Entrance,
    ) -> Result<Self, UnknownClient> {
        let facts =
            ClientFacts { client_id: application.client_id.clone(), kind: application.kind, state: application.state };
        facts.admit(secrets, presented, entrance).map(|()| Self(application))
    }

    /// The application that it is.
    pub fn application(&self) -> &Application {
        &self.0
    }

    /// Whether it may be given anything.
    pub fn is_active(&self) -> bool {
        self.0.state == ApplicationState::Active
    }
}
