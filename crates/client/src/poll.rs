//! Waiting for the person's decision (RFC 8628 §3.4–3.5, and the JSON dialect's likeness of it).

use crate::{Client, DeviceLogin, Dialect, Error, Login, Tokens};
use protocol::token::{GrantType, TokenAnswer};
use std::time::Duration;
use tokio::time::{Instant, sleep_until};

/// What happens while waiting.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Event {
    /// The server answered, and the person has not decided yet.
    Pending,
    /// The server wants to be asked less often. From now on this long passes between polls.
    SlowDown {
        /// The new interval.
        interval: Duration,
    },
    /// The server can't be reached, or is busy. It is asked again.
    Away {
        /// How long until then.
        again_in: Duration,
    },
}

/// What a poll that is no failure finds.
pub(crate) enum Polled {
    Granted(Box<Login>),
    Pending,
    TooFast(Longer),
}

/// How much longer the time between polls becomes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Longer {
    /// RFC 8628 §3.5: "the interval MUST be increased by 5 seconds for this and all subsequent requests".
    ByFive,
    /// The JSON dialect: the server doubles it, and says how many seconds that makes.
    Told { interval: Option<u64>, retry_after: Option<Duration> },
}

/// How long to wait before the next poll.
#[derive(Debug, PartialEq, Eq)]
struct Pace {
    second: Duration,
    interval: Duration,
    pause: Duration,
}

impl Pace {
    fn new(interval: Duration, second: Duration) -> Self {
        Self { second, interval, pause: interval }
    }

    /// The server answered: polls are one interval apart again.
    fn pending(&mut self) {
        self.pause = self.interval;
    }

    /// The server wants to be asked less often. It can't make us ask more often by it.
    fn slow_down(&mut self, longer: Longer) {
        let (interval, wished) = match longer {
            Longer::ByFive => (self.interval.saturating_add(self.second.saturating_mul(5)), None),
            Longer::Told { interval: Some(seconds), retry_after } => {
                (self.scaled(Duration::from_secs(seconds)), retry_after)
            }
            Longer::Told { interval: None, retry_after } => (self.interval.saturating_mul(2), retry_after),
        };
        self.interval = interval.max(self.interval);
        self.pause = self.interval.max(wished.map_or(Duration::ZERO, |span| self.scaled(span)));
    }

    /// A span that the server named, in seconds as long as they are here.
    fn scaled(&self, span: Duration) -> Duration {
        self.second.saturating_mul(u32::try_from(span.as_secs()).unwrap_or(u32::MAX))
    }

    /// RFC 8628 §3.5 wants fewer requests after a time-out and suggests to double the pause each time. It stops at a
    /// minute, so that a login still succeeds soon after a server has come back.
    fn away(&mut self, retry_after: Option<Duration>) {
        let longest = self.second.saturating_mul(60).max(self.interval);
        let wished = retry_after.map_or(Duration::ZERO, |span| self.scaled(span));
        self.pause = self.pause.saturating_mul(2).min(longest).max(wished);
    }
}

impl Client {
    /// Polls until the person has decided or the codes have expired, and tells `on` what happens meanwhile. To stop
    /// waiting, drop the future.
    ///
    /// A server that is away, busy or limiting is asked again; only the end of the codes' time ends that.
    ///
    /// An API key comes without its end: [`Tokens::expires_at`] is the latest that it can be, until [`Client::me`] says it.
    ///
    /// # Errors
    /// [`Error::Denied`], [`Error::Expired`]; [`Error::Refused`] where the server ends the login for another reason;
    /// [`Error::Answer`] where it says what can't be understood.
    pub async fn wait(&self, login: &DeviceLogin, mut on: impl FnMut(Event)) -> Result<Login, Error> {
        let mut pace = Pace::new(login.interval, self.second);
        loop {
            let next = Instant::now().checked_add(pace.pause).filter(|next| *next < login.deadline);
            sleep_until(next.unwrap_or(login.deadline)).await;
            if next.is_none() {
                return Err(Error::Expired);
            }
            match self.poll(login).await {
                Ok(Polled::Granted(login)) => return Ok(*login),
                Ok(Polled::Pending) => {
                    pace.pending();
                    on(Event::Pending);
                }
                Ok(Polled::TooFast(longer)) => {
                    pace.slow_down(longer);
                    on(Event::SlowDown { interval: pace.interval });
                }
                Err(Error::Unreachable(_)) => {
                    pace.away(None);
                    on(Event::Away { again_in: pace.pause });
                }
                Err(Error::Unavailable { retry_after } | Error::Limited { retry_after }) => {
                    pace.away(retry_after);
                    on(Event::Away { again_in: pace.pause });
                }
                Err(error) => return Err(error),
            }
        }
    }

    async fn poll(&self, login: &DeviceLogin) -> Result<Polled, Error> {
        match self.dialect {
            Dialect::Rfc8628 | Dialect::Mcp => self.poll_oauth(login).await,
            Dialect::ApiKey => self.poll_key(login.device_code.expose()).await,
        }
    }

    async fn poll_oauth(&self, login: &DeviceLogin) -> Result<Polled, Error> {
        let form = [
            ("grant_type", GrantType::DeviceCode.wire()),
            ("device_code", login.device_code.expose()),
            ("client_id", &self.client_id),
        ];
        match self.http.post(&self.endpoints.token_endpoint, &form).await?.read("answer with tokens") {
            Ok(answer) => Ok(Polled::Granted(Box::new(self.granted_tokens(answer, &login.scope)?))),
            Err(Error::Refused { code, description }) => match code.as_str() {
                "authorization_pending" => Ok(Polled::Pending),
                "slow_down" => Ok(Polled::TooFast(Longer::ByFive)),
                "access_denied" => Err(Error::Denied),
                "expired_token" => Err(Error::Expired),
                _ => Err(Error::Refused { code, description }),
            },
            Err(error) => Err(error),
        }
    }

    /// An organization's own answer is about that organization; the server's names the one that the person picked.
    fn granted_tokens(&self, answer: TokenAnswer, asked: &str) -> Result<Login, Error> {
        if let Some(org) = self.issuer.org() {
            return self.login_to(org, Tokens::read(answer, asked)?);
        }
        let org = answer.org_id.clone().ok_or(Error::Answer("answer with tokens"))?;
        self.login_to(&org, Tokens::read_lasting(answer, asked)?)
    }
}

#[cfg(test)]
pub(crate) mod tests;
