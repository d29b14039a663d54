//! Tokens: what a login yields, how they are renewed and ended.

use crate::clock::now;
use crate::{Client, Dialect, Error, Login, LoginKey};
use model::context::plain_text;
use model::id::OrgId;
use model::secret::Secret;
use model::time::Timestamp;
use protocol::token::{GrantType, TokenAnswer};
use std::time::Duration;

/// The server need not say how long an access token lasts (RFC 6749 §5.1); a short guess costs a renewal, a long one an
/// error.
const UNSAID: u64 = 300;

/// How long a key or token lasts at most that is not renewed. Where the server does not say when it ends, a short guess
/// would cost the sign-in, a long one an error.
pub(crate) const LASTS_AT_MOST: Duration = Duration::from_secs(365 * 86_400);

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
        let others = [answer.refresh_token.as_ref(), answer.id_token.as_ref()];
        if !others.into_iter().flatten().all(|token| is_token(token)) {
            return Err(Error::Answer("answer with tokens"));
        }
        Ok(Self {
            access_token: Self::checked(&answer.token_type, answer.access_token)?,
            expires_at: now().after(Duration::from_secs(answer.expires_in.unwrap_or(UNSAID))),
            refresh_token: answer.refresh_token.map(Secret::new),
            id_token: answer.id_token.map(Secret::new),
            scope: answer.scope.map_or_else(|| asked.to_owned(), |scope| plain_text(&scope, LONGEST)),
        })
    }

    /// Reads an answer whose token is not renewed, and says nothing of who signed in.
    pub(crate) fn read_lasting(mut answer: TokenAnswer, asked: &str) -> Result<Self, Error> {
        answer.expires_in.get_or_insert(LASTS_AT_MOST.as_secs());
        Ok(Self { refresh_token: None, id_token: None, ..Self::read(answer, asked)? })
    }

    /// A token that may be presented as `Bearer`.
    pub(crate) fn checked(token_type: &str, token: String) -> Result<Secret, Error> {
        if !token_type.eq_ignore_ascii_case("bearer") {
            return Err(Error::Answer("kind of token"));
        }
        if is_token(&token) { Ok(Secret::new(token)) } else { Err(Error::Answer("answer with tokens")) }
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
        let answer = self.http.post(&self.endpoints.token_endpoint, &form).await?;
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

    /// Ends a login: its refresh token and all that came of it, or else its access token (RFC 7009), or its key.
    ///
    /// # Errors
    /// [`Error::Discovery`] where the server has no such endpoint; and those of any request.
    pub async fn revoke(&self, login: &Login) -> Result<(), Error> {
        let tokens = &login.tokens;
        if self.dialect == Dialect::ApiKey {
            return self.revoke_key(&login.key.org, &tokens.access_token).await;
        }
        let Some(endpoint) = &self.endpoints.revocation_endpoint else {
            return Err(Error::Discovery("The server has no way to end a sign-in.".to_owned()));
        };
        let token = tokens.refresh_token.as_ref().unwrap_or(&tokens.access_token);
        let form = [("token", token.expose().as_str()), ("client_id", &self.client_id)];
        self.http.post(endpoint, &form).await?.accepted()
    }

    /// These tokens as a login of this program to `org`, which the server may have named: it becomes part of addresses.
    pub(crate) fn login_to(&self, org: &str, tokens: Tokens) -> Result<Login, Error> {
        let org = OrgId::parse(org).map_err(|_| Error::Answer("name for an organization"))?;
        let key = LoginKey {
            server: self.issuer.server().to_owned(),
            org: org.as_str().to_owned(),
            dialect: self.dialect,
            client_id: self.client_id.clone(),
        };
        Ok(Login { key, tokens })
    }
}
