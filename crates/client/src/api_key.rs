//! The JSON dialect: a program that nobody has registered gets an API key.
//!
//! 1. It says its name ([`Client::for_keys`], [`Client::begin`]) and gets a pair of codes, as in RFC 8628. There is no
//!    description to look up: the addresses are fixed.
//! 2. The person approves on the server's own page, sees the name as one that nobody has checked, and picks the
//!    organization.
//! 3. Each poll is answered by a status and a code. Too early a poll is told the new interval.
//! 4. The key comes once, with the organization that was picked. It is not renewed. When it ends, and whose it is, says
//!    [`Client::me`].

use crate::discovery::Endpoints;
use crate::http::{Answer, Http, shown};
use crate::issuer::Issuer;
use crate::poll::{Longer, Polled};
use crate::tokens::LASTS_AT_MOST;
use crate::{Client, Dialect, Error, Login, Tokens, now};
use model::context::plain_text;
use model::secret::Secret;
use protocol::api_key::{Code, CodeAnswer, CodeRequest, ErrorBody, LONGEST_CLIENT_NAME, TokenAnswer, TokenRequest};
use protocol::device::DeviceAuthorization;
use protocol::scope;
use serde::de::DeserializeOwned;
use std::time::Duration;
use url::Url;

impl Client {
    /// A client of the server at `issuer` that asks for API keys, and calls itself `client_name`.
    ///
    /// # Errors
    /// [`Error::Address`] where the name has not 1 to 80 characters.
    pub fn for_keys(issuer: &Issuer, client_name: &str, user_agent: &str) -> Result<Self, Error> {
        let length = client_name.trim().chars().count();
        if !(1..=LONGEST_CLIENT_NAME).contains(&length) {
            let sentence =
                format!("A program's name has 1 to {LONGEST_CLIENT_NAME} characters, and this one {length}.");
            return Err(Error::Address(sentence));
        }
        Self::with_keys(issuer, client_name.trim(), user_agent)
    }

    /// The same for keys that are there already, which need no name.
    pub(crate) fn with_keys(issuer: &Issuer, client_name: &str, user_agent: &str) -> Result<Self, Error> {
        let issuer = issuer.without_org();
        let url = Url::parse(issuer.server()).map_err(|_| Error::Answer("address"))?;
        let at = |route: &str| format!("{}/api/auth/device/{route}", issuer.server());
        Ok(Self {
            http: Http::new(user_agent, &url)?,
            dialect: Dialect::ApiKey,
            client_id: String::new(),
            client_name: client_name.to_owned(),
            endpoints: Endpoints {
                issuer: issuer.to_string(),
                device_authorization_endpoint: Some(at("code")),
                token_endpoint: at("token"),
                revocation_endpoint: None,
                jwks_uri: None,
            },
            issuer,
            second: Duration::from_secs(1),
        })
    }

    pub(crate) async fn begin_key(&self, endpoint: &str, scope: Option<&str>) -> Result<DeviceAuthorization, Error> {
        let request = CodeRequest { client_name: self.client_name.clone(), scope: scope.map(str::to_owned) };
        let answer = self.http.post_json(endpoint, &request).await?;
        if answer.status() == 404 {
            return Err(Error::Discovery("The server does not offer API keys to programs.".to_owned()));
        }
        let answer: CodeAnswer = read(&answer, "answer with codes").map_err(Refusal::into_error)?;
        Ok(DeviceAuthorization {
            device_code: answer.device_code,
            user_code: answer.user_code,
            verification_uri: answer.verification_uri,
            verification_uri_complete: Some(answer.verification_uri_complete),
            expires_in: answer.expires_in,
            interval: answer.interval,
        })
    }

    pub(crate) async fn poll_key(&self, device_code: &str) -> Result<Polled, Error> {
        let request = TokenRequest { device_code: device_code.to_owned() };
        let answer = self.http.post_json(&self.endpoints.token_endpoint, &request).await?;
        match read::<TokenAnswer>(&answer, "answer with a key") {
            Ok(granted) => Ok(Polled::Granted(Box::new(self.granted(granted)?))),
            Err(Refusal::Told(body)) => match Code::from_wire(&body.code) {
                Some(Code::AuthorizationPending) => Ok(Polled::Pending),
                Some(Code::SlowDown) => {
                    Ok(Polled::TooFast(Longer::Told { interval: body.interval, retry_after: answer.retry_after() }))
                }
                Some(Code::AccessDenied) => Err(Error::Denied),
                Some(Code::ExpiredToken) => Err(Error::Expired),
                _ => Err(Refusal::Told(body).into_error()),
            },
            Err(other) => Err(other.into_error()),
        }
    }

    fn granted(&self, answer: TokenAnswer) -> Result<Login, Error> {
        if answer.api_key != answer.access_token {
            return Err(Error::Answer("answer with a key"));
        }
        let tokens = Tokens {
            access_token: Tokens::checked(&answer.token_type, answer.access_token)?,
            expires_at: now().after(LASTS_AT_MOST),
            refresh_token: None,
            id_token: None,
            scope: plain_text(&answer.scopes.join(" "), scope::LONGEST),
        };
        self.login_to(&answer.org_id, tokens)
    }

    /// Ends a key. One that is not good any more has ended.
    pub(crate) async fn revoke_key(&self, org: &str, key: &Secret) -> Result<(), Error> {
        let answer = self.http.delete(&self.issuer.within(org)?.me_url(), key.expose()).await?;
        if answer.status() == 401 { Ok(()) } else { answer.accepted() }
    }
}

/// Why an answer is not what was asked for.
enum Refusal {
    /// The dialect's own word for it.
    Told(ErrorBody),
    Other(Error),
}

impl Refusal {
    fn into_error(self) -> Error {
        match self {
            Self::Told(body) => Error::Refused {
                code: shown(&body.code),
                description: Some(shown(&body.error)).filter(|sentence| !sentence.is_empty()),
            },
            Self::Other(error) => error,
        }
    }
}

/// The body of a 200, else what the answer says instead.
fn read<T: DeserializeOwned>(answer: &Answer, which: &'static str) -> Result<T, Refusal> {
    if answer.status() == 200 {
        return answer.read(which).map_err(Refusal::Other);
    }
    match answer.body::<ErrorBody>() {
        // A limit and a fault are told by the status, as in any dialect; the poll that came too early is neither.
        Some(body) if answer.status() < 429 || body.code == Code::SlowDown.as_str() => Err(Refusal::Told(body)),
        _ => Err(Refusal::Other(answer.accepted().err().unwrap_or(Error::Answer(which)))),
    }
}

#[cfg(test)]
mod tests;
