//! Waiting for the person's decision (RFC 8628 §3.4–3.5).

use crate::{Client, DeviceLogin, Error, Tokens};
use protocol::token::GrantType;
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

    /// RFC 8628 §3.5: "the interval MUST be increased by 5 seconds for this and all subsequent requests".
    fn slow_down(&mut self) {
        self.interval = self.interval.saturating_add(self.second.saturating_mul(5));
        self.pause = self.interval;
    }

    /// RFC 8628 §3.5 wants fewer requests after a time-out and suggests to double the pause each time. It stops at a
    /// minute, so that a login still succeeds soon after a server has come back.
    fn away(&mut self, retry_after: Option<Duration>) {
        let longest = self.second.saturating_mul(60).max(self.interval);
        let wished = retry_after.map_or(Duration::ZERO, |span| {
            self.second.saturating_mul(u32::try_from(span.as_secs()).unwrap_or(u32::MAX))
        });
        self.pause = self.pause.saturating_mul(2).min(longest).max(wished);
    }
}

impl Client {
    /// Polls until the person has decided or the codes have expired, and tells `on` what happens meanwhile. To stop
    /// waiting, drop the future.
    ///
    /// A server that is away, busy or limiting is asked again; only the end of the codes' time ends that.
    ///
    /// # Errors
    /// [`Error::Denied`], [`Error::Expired`]; [`Error::Refused`] where the server ends the login for another reason;
    /// [`Error::Answer`] where it says what can't be understood.
    pub async fn wait(&self, login: &DeviceLogin, mut on: impl FnMut(Event)) -> Result<Tokens, Error> {
        let mut pace = Pace::new(login.interval, self.second);
        loop {
            let next = Instant::now().checked_add(pace.pause).filter(|next| *next < login.deadline);
            sleep_until(next.unwrap_or(login.deadline)).await;
            if next.is_none() {
                return Err(Error::Expired);
            }
            match self.poll(login).await {
                Ok(tokens) => return Ok(tokens),
                Err(Error::Refused { code, .. }) if code == "authorization_pending" => {
                    pace.pending();
                    on(Event::Pending);
                }
                Err(Error::Refused { code, .. }) if code == "slow_down" => {
                    pace.slow_down();
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
                Err(Error::Refused { code, .. }) if code == "access_denied" => return Err(Error::Denied),
                Err(Error::Refused { code, .. }) if code == "expired_token" => return Err(Error::Expired),
                Err(error) => return Err(error),
            }
        }
    }

    async fn poll(&self, login: &DeviceLogin) -> Result<Tokens, Error> {
        let form = [
            ("grant_type", GrantType::DeviceCode.wire()),
            ("device_code", login.device_code.expose()),
            ("client_id", &self.client_id),
        ];
        let answer = self.http.post(&self.metadata.token_endpoint, &form).await?;
        Tokens::read(answer.read("answer with tokens")?, &login.scope)
    }
}

#[cfg(test)]
pub(crate) mod tests;
