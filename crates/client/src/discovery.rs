//! Finding the endpoints (RFC 8414) of an organization, or of the server itself.

use crate::http::{Http, shown};
use crate::issuer::Issuer;
use crate::{Dialect, Error, Login, Me};
use jose::Jwks;
use serde::Deserialize;
use std::time::Duration;

/// What the program is to the server.
#[derive(Clone, Copy, Debug)]
pub struct Program<'a> {
    /// The id that an administrator got when registering the program.
    pub client_id: &'a str,
    /// Name and version, which the person who approves may see.
    pub user_agent: &'a str,
}

/// A program's view of one organization, or of a server that leaves the organization to the person: where its endpoints
/// are, and what it may be asked.
#[derive(Clone, Debug)]
pub struct Client {
    pub(crate) http: Http,
    pub(crate) issuer: Issuer,
    pub(crate) dialect: Dialect,
    /// What the program is known by: its id, or, to a server that has not registered it, nothing.
    pub(crate) client_id: String,
    /// How a program names itself that is not registered.
    pub(crate) client_name: String,
    pub(crate) endpoints: Endpoints,
    /// How long a second is: tests of waiting have no hour to spend.
    pub(crate) second: Duration,
}

/// What a login needs of the description that a server gives of itself (RFC 8414 §2).
#[derive(Clone, Debug, Deserialize)]
pub(crate) struct Endpoints {
    pub(crate) issuer: String,
    pub(crate) device_authorization_endpoint: Option<String>,
    pub(crate) token_endpoint: String,
    pub(crate) revocation_endpoint: Option<String>,
    /// A server whose tokens are all opaque has no keys.
    pub(crate) jwks_uri: Option<String>,
}

impl Client {
    /// Asks where the endpoints are: an organization's for [`Dialect::Rfc8628`], the server's own for [`Dialect::Mcp`].
    ///
    /// # Errors
    /// [`Error::NoOrganization`]; [`Error::Discovery`] where the answer names another issuer or an address that is not the
    /// server's own; [`Error::Unreachable`], [`Error::Unavailable`], [`Error::Limited`], [`Error::Answer`].
    pub async fn discover(issuer: &Issuer, program: Program<'_>) -> Result<Self, Error> {
        let url = issuer.metadata_url()?;
        let http = Http::new(program.user_agent, &url)?;
        let answer = http.get(url.as_str(), None).await?;
        if answer.status() == 404 {
            return Err(match issuer.org() {
                Some(_) => Error::NoOrganization,
                None => Error::Discovery("The server does not offer MCP tokens.".to_owned()),
            });
        }
        let endpoints: Endpoints = answer.read("description of itself")?;
        // RFC 8414 §3.3: anything but the same bytes may be somebody in between.
        if endpoints.issuer != issuer.to_string() {
            return Err(Error::Discovery(format!(
                "The server calls itself {} and not {issuer}.",
                shown(&endpoints.issuer)
            )));
        }
        let optional = [&endpoints.device_authorization_endpoint, &endpoints.revocation_endpoint, &endpoints.jwks_uri];
        for endpoint in [&endpoints.token_endpoint].into_iter().chain(optional.into_iter().flatten()) {
            issuer.checked(endpoint)?;
        }
        Ok(Self {
            http,
            issuer: issuer.clone(),
            dialect: if issuer.org().is_some() { Dialect::Rfc8628 } else { Dialect::Mcp },
            client_id: program.client_id.to_owned(),
            client_name: String::new(),
            endpoints,
            second: Duration::from_secs(1),
        })
    }

    /// The organization that was asked, or the server.
    pub fn issuer(&self) -> &Issuer {
        &self.issuer
    }

    /// How this client speaks.
    pub fn dialect(&self) -> Dialect {
        self.dialect
    }

    /// Who and what a login is, as the server sees it now.
    ///
    /// # Errors
    /// [`Error::SignedOut`] where its access token is not good any more; and those of any request.
    pub async fn me(&self, login: &Login) -> Result<Me, Error> {
        let url = self.issuer.within(&login.key.org)?.me_url();
        let answer = self.http.get(&url, Some(login.tokens.access_token.expose())).await?;
        if answer.status() == 401 {
            return Err(Error::SignedOut);
        }
        answer.read("answer about the token")
    }

    /// The public keys that id_tokens are signed with.
    pub(crate) async fn keys(&self) -> Result<Jwks, Error> {
        let Some(url) = &self.endpoints.jwks_uri else {
            return Err(Error::Discovery("The server publishes no keys.".to_owned()));
        };
        self.http.get(url, None).await?.read("list of keys")
    }
}
