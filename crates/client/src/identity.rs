//! Who signed in: the id_token, verified (OIDC Core §3.1.3.7).

use crate::clock::now;
use crate::{Client, Error, Tokens};
use jose::{Expected, Refused, VerifyingKey};
use serde_json::{Map, Value};
use std::time::Duration;

/// Clocks of people's devices are wrong by more than servers' are.
const LEEWAY: Duration = Duration::from_secs(60);

/// Who signed in, by the word of a verified id_token.
#[derive(Clone, Debug, PartialEq)]
pub struct Identity {
    /// The user's id, which never changes.
    pub sub: String,
    /// The address, where the program may see it.
    pub email: Option<String>,
    /// The name, where the program may see it.
    pub name: Option<String>,
    /// All claims of the token.
    pub claims: Map<String, Value>,
}

impl Client {
    /// Who signed in; nothing where the tokens come without an id_token, because `openid` was not asked for.
    ///
    /// # Errors
    /// [`Error::Identity`] where the id_token is not this organization's, not for this program, not current, or not for
    /// this access token; and those of any request, as the organization's keys are fetched.
    pub async fn identity(&self, tokens: &Tokens) -> Result<Option<Identity>, Error> {
        self.verified(tokens, false).await
    }

    /// As [`Client::identity`], for tokens from the store: the id_token's time may be over, and it may have come with an
    /// earlier access token.
    ///
    /// # Errors
    /// The same, but for what these two exempt.
    pub async fn past_identity(&self, tokens: &Tokens) -> Result<Option<Identity>, Error> {
        self.verified(tokens, true).await
    }

    async fn verified(&self, tokens: &Tokens, past: bool) -> Result<Option<Identity>, Error> {
        let Some(token) = &tokens.id_token else { return Ok(None) };
        let header = jose::header(token.expose()).map_err(Error::Identity)?;
        let keys = self.keys().await?;
        let key =
            header.kid.as_deref().and_then(|kid| keys.find(kid, header.alg)).ok_or(Error::Identity(Refused::Key))?;
        let key = VerifyingKey::from_jwk(key).map_err(|_| Error::Identity(Refused::Key))?;
        let issuer = self.issuer.to_string();
        let expected = Expected {
            issuer: &issuer,
            audience: Some(&self.client_id),
            // An access token must not pass for an id_token.
            typ: &["JWT"],
            now: now(),
            leeway: LEEWAY,
            expired_is_fine: past,
        };
        let claims: Map<String, Value> = key.verify(token.expose(), &expected).map_err(Error::Identity)?;
        let text = |name: &str| claims.get(name).and_then(Value::as_str).map(str::to_owned);
        if claims.contains_key("azp") && text("azp").as_deref() != Some(&self.client_id) {
            return Err(Error::Identity(Refused::Audience));
        }
        let hash = jose::at_hash(header.alg, tokens.access_token.expose());
        if !past && claims.contains_key("at_hash") && text("at_hash") != Some(hash) {
            return Err(Error::Identity(Refused::Claim("at_hash")));
        }
        let sub = text("sub").ok_or(Error::Identity(Refused::Missing("sub")))?;
        Ok(Some(Identity { sub, email: text("email"), name: text("name"), claims }))
    }
}
