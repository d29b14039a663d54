//! A client asks for a token for itself (RFC 6749 §4.4): nobody else is asked, so the decision is here as a whole.

use crate::client::AuthenticatedClient;
use crate::issue::{Algorithms, Issue, Subject};
use crate::org::Organization;
use crate::time::Timestamp;
use protocol::scope::Scopes;
use protocol::token::GrantType;

/// What a client asks for itself.
#[derive(Clone, Debug)]
pub struct ClientRequest {
    /// What for; its default scopes where absent.
    pub scopes: Option<Scopes>,
    /// For which resources (RFC 8707).
    pub resources: Vec<String>,
}

/// Why a client gets no token for itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NotGranted {
    /// The application is disabled, or does not have this grant.
    GrantNotAllowed,
    /// A scope is beyond what the application may ask for.
    ScopeNotAllowed,
}

/// A client that may have a token for itself. [`ClientGrant::decide`] alone makes one.
#[derive(Clone, Debug)]
pub struct ClientGrant(Issue);

impl ClientGrant {
    /// Decides what `client`, of `organization`, gets at `now`.
    ///
    /// # Errors
    /// Why it gets nothing.
    pub fn decide(
        client: &AuthenticatedClient,
        organization: &Organization,
        request: &ClientRequest,
        now: Timestamp,
    ) -> Result<Self, NotGranted> {
        let application = client.application();
        let settings = &application.settings;
        if !client.is_active() || !settings.grants.contains(&GrantType::ClientCredentials) {
            return Err(NotGranted::GrantNotAllowed);
        }
        let scopes = request.scopes.clone().unwrap_or_else(|| settings.default_scopes.clone());
        if !scopes.within(&settings.scopes) {
            return Err(NotGranted::ScopeNotAllowed);
        }
        Ok(Self(Issue {
            org_id: application.org_id.clone(),
            client_id: application.client_id.clone(),
            subject: Subject::Client,
            scopes,
            resources: request.resources.clone(),
            access_lifetime: settings.tokens.access_lifetime,
            algorithms: Algorithms::of(organization, application),
            sign_in: None,
            at: now,
        }))
    }

    /// What is to be issued.
    pub fn issue(&self) -> &Issue {
        &self.0
    }

    /// The same, taken out.
    pub fn into_issue(self) -> Issue {
        self.0
    }
}
