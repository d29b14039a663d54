//! Finding an organization's endpoints (RFC 8414).

use crate::http::{Http, shown};
use crate::issuer::Issuer;
use crate::{Error, Me};
use jose::Jwks;
use protocol::metadata::Metadata;
use std::time::Duration;

/// What the program is to the server.
#[derive(Clone, Copy, Debug)]
pub struct Program<'a> {
    /// The id that an administrator got when registering the program.
    pub client_id: &'a str,
    /// Name and version, which the person who approves may see.
    pub user_agent: &'a str,
}

/// A program's view of one organization: where its endpoints are, and what it may be asked.
#[derive(Clone, Debug)]
pub struct Client {
    pub(crate) http: Http,
    pub(crate) issuer: Issuer,
    pub(crate) client_id: String,
    pub(crate) metadata: Metadata,
    /// How long a second is: tests of waiting have no hour to spend.
    pub(crate) second: Duration,
}

impl Client {
    /// Asks the organization where its endpoints are.
    ///
    /// # Errors
    /// [`Error::NoOrganization`]; [`Error::Discovery`] where the answer names another issuer or an address that no secret
    /// may be sent to; [`Error::Unreachable`], [`Error::Unavailable`], [`Error::Limited`], [`Error::Answer`].
    pub async fn discover(issuer: &Issuer, program: Program<'_>) -> Result<Self, Error> {
        let url = issuer.metadata_url()?;
        let http = Http::new(program.user_agent, &url)?;
        let answer = http.get(url.as_str(), None).await?;
        if answer.status() == 404 {
            return Err(Error::NoOrganization);
        }
        let metadata: Metadata = answer.read("description of itself")?;
        // RFC 8414 §3.3: anything but the same bytes may be somebody in between.
        if metadata.issuer != issuer.to_string() {
            return Err(Error::Discovery(format!(
                "The server calls itself {} and not {issuer}.",
                shown(&metadata.issuer)
            )));
        }
        let optional = [&metadata.device_authorization_endpoint, &metadata.revocation_endpoint];
        let endpoints =
            [&metadata.token_endpoint, &metadata.jwks_uri].into_iter().chain(optional.into_iter().flatten());
        for endpoint in endpoints {
            if !issuer.takes_endpoint(endpoint) {
                return Err(Error::Discovery(format!("The server names an unsafe address: {}.", shown(endpoint))));
            }
        }
        Ok(Self {
            http,
            issuer: issuer.clone(),
            client_id: program.client_id.to_owned(),
            metadata,
            second: Duration::from_secs(1),
        })
    }

    /// The organization that was asked.
    pub fn issuer(&self) -> &Issuer {
        &self.issuer
    }

    /// The program's id.
    pub fn client_id(&self) -> &str {
        &self.client_id
    }

    /// Who and what an access token is, as the server sees it now.
    ///
    /// # Errors
    /// [`Error::SignedOut`] where the token is not good any more; and those of any request.
    pub async fn me(&self, access_token: &str) -> Result<Me, Error> {
        let answer = self.http.get(&self.issuer.me_url(), Some(access_token)).await?;
        if answer.status() == 401 {
            return Err(Error::SignedOut);
        }
        answer.read("answer about the token")
    }

    /// The organization's public keys.
    pub(crate) async fn keys(&self) -> Result<Jwks, Error> {
        self.http.get(&self.metadata.jwks_uri, None).await?.read("list of keys")
    }
}
