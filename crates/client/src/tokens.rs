//! Tokens: what a login yields, how they are renewed and ended.

use crate::clock::now;
use crate::{Client, Error, Login, LoginKey};
use model::context::plain_text;
use model::secret::Secret;
use model::time::Timestamp;
use protocol::token::{GrantType, TokenAnswer};
use std::time::Duration;

/// The server need not say how long an access token lasts (RFC 6749 §5.1); a short guess costs a renewal, a long one an
/// error.
const UNSAID: u64 = 300;

/// The longest token that is taken, in bytes: more would not fit into a request's headers.
const LONGEST: usize = 16 * 1024;

/// Whether this is a token as it may stand in a header and on a terminal: `b64token` of RFC 6750 §2.1.
pub(crate) fn is_token(text: &str) -> bool {
    let body = text.trim_end_matches('=');
    let symbol = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~+/".contains(&byte);
    !body.is_empty() && text.len() <= LONGEST && body.bytes().all(symbol)
}

/// What a login or a renewal yields.
#[derive(Clone, Debug)]
pub struct Tokens {
    /// What requests are made with.
    pub access_token: Secret,
    /// When the access token ends, by this device's clock.
    pub expires_at: Timestamp,
    /// What new tokens are got with.
    pub refresh_token: Option<Secret>,
    /// Who signed in: believe it only by way of [`Client::identity`].
    pub id_token: Option<Secret>,
    /// What the person allowed, words separated by spaces.
    pub scope: String,
}

impl Tokens {
    /// Reads an answer; `asked` is the scope where the answer has none (RFC 6749 §5.1).
    pub(crate) fn read(answer: TokenAnswer, asked: &str) -> Result<Self, Error> {
        if !answer.token_type.eq_ignore_ascii_case("bearer") {
            return Err(Error::Answer("kind of token"));
        }
        let all = [Some(&answer.access_token), answer.refresh_token.as_ref(), answer.id_token.as_ref()];
        if !all.into_iter().flatten().all(|token| is_token(token)) {
            return Err(Error::Answer("answer with tokens"));
        }
        Ok(Self {
            access_token: Secret::new(answer.access_token),
            expires_at: now().after(Duration::from_secs(answer.expires_in.unwrap_or(UNSAID))),
            refresh_token: answer.refresh_token.map(Secret::new),
            id_token: answer.id_token.map(Secret::new),
            scope: answer.scope.map_or_else(|| asked.to_owned(), |scope| plain_text(&scope, LONGEST)),
        })
    }
}

impl Client {
    /// New tokens for a refresh token, which is spent by this (RFC 6749 §6). A refresh token that the server did not
    /// replace is carried over.
    ///
    /// # Errors
    /// [`Error::SignedOut`] where the server does not take the refresh token; and those of any request.
    pub async fn refresh(&self, refresh_token: &Secret, scope: &str) -> Result<Tokens, Error> {
        let form = [
            ("grant_type", GrantType::RefreshToken.wire()),
            ("refresh_token", refresh_token.expose()),
            ("client_id", &self.client_id),
        ];
        let answer = self.http.post(&self.metadata.token_endpoint, &form).await?;
        match answer.read("answer with tokens") {
            Ok(answer) => {
                let mut tokens = Tokens::read(answer, scope)?;
                tokens.refresh_token.get_or_insert_with(|| refresh_token.clone());
                Ok(tokens)
            }
            Err(Error::Refused { code, .. }) if code == "invalid_grant" => Err(Error::SignedOut),
            Err(error) => Err(error),
        }
    }

    /// Ends a refresh token and all that came of it, or an access token alone (RFC 7009).
    ///
    /// # Errors
    /// [`Error::Discovery`] where the organization has no such endpoint; and those of any request.
    pub async fn revoke(&self, token: &Secret) -> Result<(), Error> {
        let Some(endpoint) = &self.metadata.revocation_endpoint else {
            return Err(Error::Discovery("The server has no way to end a sign-in.".to_owned()));
        };
        let form = [("token", token.expose().as_str()), ("client_id", &self.client_id)];
        self.http.post(endpoint, &form).await?.accepted()
    }

    /// These tokens as an entry of the store, under this organization and program.
    pub fn login(&self, tokens: Tokens) -> Login {
        let key = LoginKey {
            server: self.issuer.server().to_owned(),
            org: self.issuer.org().to_owned(),
            client_id: self.client_id.clone(),
        };
        Login { key, tokens }
    }
}
