//! Requests: no redirect is followed, nothing is waited for endlessly, no answer may be endlessly long.

use crate::Error;
use crate::issuer::{is_loopback, is_safe_address};
use model::context::plain_text;
use protocol::error::ErrorBody;
use reqwest::{RequestBuilder, StatusCode, redirect};
use serde::Serialize;
use serde::de::DeserializeOwned;
use std::time::Duration;
use url::Url;

const CONNECT: Duration = Duration::from_secs(10);
const WHOLE: Duration = Duration::from_secs(30);
const LONGEST: usize = 1024 * 1024;
/// The longest text of the server's that goes into a sentence of ours, in characters.
const LONGEST_SHOWN: usize = 300;

/// A connection pool to one server.
#[derive(Clone, Debug)]
pub(crate) struct Http(reqwest::Client);

/// What came back, before its meaning is known.
pub(crate) struct Answer {
    status: StatusCode,
    retry_after: Option<Duration>,
    body: Vec<u8>,
}

impl Http {
    pub(crate) fn new(user_agent: &str, server: &Url) -> Result<Self, Error> {
        let mut builder = reqwest::Client::builder()
            .user_agent(user_agent)
            // A secret goes to the address that was checked, or nowhere.
            .redirect(redirect::Policy::none())
            .connect_timeout(CONNECT)
            .timeout(WHOLE);
        if is_loopback(server) {
            builder = builder.no_proxy();
        }
        builder.build().map(Self).map_err(|error| Error::Unreachable(error.to_string()))
    }

    pub(crate) async fn get(&self, url: &str, bearer: Option<&str>) -> Result<Answer, Error> {
        let request = self.0.get(checked(url)?).header("accept", "application/json");
        send(match bearer {
            Some(token) => request.bearer_auth(token),
            None => request,
        })
        .await
    }

    pub(crate) async fn post(&self, url: &str, form: &[(&str, &str)]) -> Result<Answer, Error> {
        send(self.0.post(checked(url)?).header("accept", "application/json").form(form)).await
    }

    pub(crate) async fn post_json(&self, url: &str, body: &impl Serialize) -> Result<Answer, Error> {
        send(self.0.post(checked(url)?).header("accept", "application/json").json(body)).await
    }

    pub(crate) async fn delete(&self, url: &str, bearer: &str) -> Result<Answer, Error> {
        send(self.0.delete(checked(url)?).header("accept", "application/json").bearer_auth(bearer)).await
    }
}

/// A text of the server's as it goes into a sentence: short, and without what plays with terminals or the reading direction.
pub(crate) fn shown(text: &str) -> String {
    plain_text(text, LONGEST_SHOWN)
}

fn checked(url: &str) -> Result<&str, Error> {
    if is_safe_address(url) {
        Ok(url)
    } else {
        Err(Error::Discovery(format!("The server names an unsafe address: {}.", shown(url))))
    }
}

async fn send(request: RequestBuilder) -> Result<Answer, Error> {
    let mut response = request.send().await.map_err(|error| unreachable_because(&error))?;
    let retry_after = response
        .headers()
        .get("retry-after")
        .and_then(|value| value.to_str().ok()?.trim().parse().ok())
        .map(Duration::from_secs);
    let mut body = Vec::new();
    while let Some(chunk) = response.chunk().await.map_err(|error| unreachable_because(&error))? {
        if body.len() + chunk.len() > LONGEST {
            return Err(Error::Answer("answer is too long and"));
        }
        body.extend_from_slice(&chunk);
    }
    Ok(Answer { status: response.status(), retry_after, body })
}

/// The innermost reason, which is the one that people understand ("Connection refused").
fn unreachable_because(error: &reqwest::Error) -> Error {
    if error.is_timeout() {
        return Error::Unreachable("it did not answer in time".to_owned());
    }
    let mut innermost: &dyn std::error::Error = error;
    while let Some(source) = innermost.source() {
        innermost = source;
    }
    Error::Unreachable(innermost.to_string())
}

impl Answer {
    pub(crate) fn status(&self) -> u16 {
        self.status.as_u16()
    }

    /// When the server wants to be asked again, where it said so.
    pub(crate) fn retry_after(&self) -> Option<Duration> {
        self.retry_after
    }

    /// The body, whatever the status is, where it has this form.
    pub(crate) fn body<T: DeserializeOwned>(&self) -> Option<T> {
        serde_json::from_slice(&self.body).ok()
    }

    /// The body of a 200, else the error that the answer stands for. `which` names the answer in a sentence.
    pub(crate) fn read<T: DeserializeOwned>(&self, which: &'static str) -> Result<T, Error> {
        self.accepted()?;
        self.body().ok_or(Error::Answer(which))
    }

    /// Nothing where the answer is a 200, or a 204, which has no body; else the error that it stands for.
    pub(crate) fn accepted(&self) -> Result<(), Error> {
        let retry_after = self.retry_after;
        match self.status.as_u16() {
            200 | 204 => Ok(()),
            429 => Err(Error::Limited { retry_after }),
            500..=599 => Err(Error::Unavailable { retry_after }),
            _ => Err(match self.body::<ErrorBody>() {
                Some(body) => Error::Refused {
                    code: shown(&body.error),
                    description: body.error_description.as_deref().map(shown),
                },
                None => Error::Answer("answer"),
            }),
        }
    }
}
