//! Tokens that are good now, renewed at most once however many programs ask.

use crate::clock::now;
use crate::{Client, Dialect, Error, Issuer, Login, LoginKey, Program, Store};
use std::time::Duration;

/// A token this close to its end might end on the way to whoever is to accept it.
const MARGIN: Duration = Duration::from_secs(60);

impl Store {
    /// The login under `key` with an access token that is good for another minute.
    ///
    /// A token near its end is renewed while no other program can change the credentials. Those who waited meanwhile
    /// find the new token and renew nothing, so that no refresh token is presented twice. Where the server can't be
    /// asked, a token that has not ended yet is given out.
    ///
    /// # Errors
    /// [`Error::NotSignedIn`] where nothing is kept under `key`; [`Error::SignedOut`] where the server has ended the
    /// login; [`Error::Over`] where the token has ended and there is no refresh token; [`Error::Store`]; and those of any
    /// request.
    pub async fn fresh(&self, key: &LoginKey, user_agent: &str) -> Result<Login, Error> {
        let login = self.get(key)?.ok_or(Error::NotSignedIn)?;
        if is_good(&login, MARGIN) {
            return Ok(login);
        }
        let locked = self.lock().await?;
        // Whoever held the lock before us may have renewed, or signed out.
        let login = locked.get(key)?.ok_or(Error::NotSignedIn)?;
        if is_good(&login, MARGIN) {
            return Ok(login);
        }
        match renewed(&login, user_agent).await {
            Ok(renewed) => {
                locked.update(renewed.clone())?;
                Ok(renewed)
            }
            Err(Error::Unreachable(_) | Error::Unavailable { .. } | Error::Limited { .. })
                if is_good(&login, Duration::ZERO) =>
            {
                Ok(login)
            }
            Err(error) => Err(error),
        }
    }

    /// Ends the login under `key` at the server, then removes it here. With `forget` it is removed even where the server
    /// could not be told; the answer then is what kept it from being told.
    ///
    /// # Errors
    /// [`Error::NotSignedIn`] where nothing is kept under `key`; without `forget` what kept the server from being told,
    /// and nothing was removed; [`Error::Store`].
    pub async fn end(&self, key: &LoginKey, user_agent: &str, forget: bool) -> Result<Option<Error>, Error> {
        // Under the lock, so that the token that is revoked is the newest one.
        let locked = self.lock().await?;
        let login = locked.get(key)?.ok_or(Error::NotSignedIn)?;
        let told = revoked(&login, user_agent).await;
        if !forget {
            told?;
            locked.remove(key)?;
            return Ok(None);
        }
        locked.remove(key)?;
        Ok(told.err())
    }
}

impl Login {
    /// The endpoints of whoever gave this login, for further questions about it.
    ///
    /// # Errors
    /// Those of [`Client::discover`].
    pub async fn client(&self, user_agent: &str) -> Result<Client, Error> {
        let key = &self.key;
        let issuer = match key.dialect {
            Dialect::Rfc8628 => Issuer::new(&key.server, &key.org)?,
            Dialect::Mcp => Issuer::of_server(&key.server)?,
            Dialect::ApiKey => return Client::with_keys(&Issuer::of_server(&key.server)?, "", user_agent),
        };
        Client::discover(&issuer, Program { client_id: &key.client_id, user_agent }).await
    }
}

fn is_good(login: &Login, margin: Duration) -> bool {
    login.tokens.expires_at > now().after(margin)
}

async fn renewed(login: &Login, user_agent: &str) -> Result<Login, Error> {
    let Some(refresh_token) = &login.tokens.refresh_token else {
        return if is_good(login, Duration::ZERO) { Ok(login.clone()) } else { Err(Error::Over) };
    };
    let client = login.client(user_agent).await?;
    let mut tokens = client.refresh(refresh_token, &login.tokens.scope).await?;
    // A renewal need not bring an id_token (OIDC Core §12.2); the earlier one still says who signed in. Neither is believed
    // unless it is verified when it is read.
    tokens.id_token = tokens.id_token.or_else(|| login.tokens.id_token.clone());
    Ok(Login { key: login.key.clone(), tokens })
}

async fn revoked(login: &Login, user_agent: &str) -> Result<(), Error> {
    login.client(user_agent).await?.revoke(login).await
}

#[cfg(test)]
mod tests;
