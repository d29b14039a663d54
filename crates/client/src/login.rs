//! Asking for codes (RFC 8628 §3.1–3.2, and the JSON dialect's likeness of it).

use crate::clock::now;
use crate::tokens::is_token;
use crate::{Client, Dialect, Error};
use model::context::is_formatting;
use model::secret::Secret;
use model::time::Timestamp;
use protocol::device::DeviceAuthorization;
use std::time::Duration;
use tokio::time::Instant;

/// The longest user code that is shown, in characters; Doorward's have at most 16 symbols and some hyphens.
const LONGEST_CODE: usize = 64;

/// A login in progress: what to show, and what to poll with.
#[derive(Clone, Debug)]
pub struct DeviceLogin {
    /// What the person types.
    pub user_code: String,
    /// Where the person types it.
    pub verification_uri: String,
    /// The same with the code filled in: for QR codes and for opening a browser.
    pub verification_uri_complete: Option<String>,
    /// When both codes end, by this device's clock.
    pub expires_at: Timestamp,
    /// How long to wait between polls, to begin with.
    pub interval: Duration,
    pub(crate) device_code: Secret,
    /// The end on the clock that only goes forward, which waiting goes by.
    pub(crate) deadline: Instant,
    pub(crate) scope: String,
}

impl Client {
    /// Asks for codes. `scope` is what the program wants to do, words separated by spaces; without it the program gets
    /// what an administrator has set.
    ///
    /// # Errors
    /// [`Error::Discovery`] where the server does not offer device login, or sends people to an address that is not
    /// its own; [`Error::Refused`], for one where the program is unknown or may not use it; [`Error::Limited`];
    /// [`Error::Answer`] where a code is none; and those of any request.
    pub async fn begin(&self, scope: Option<&str>) -> Result<DeviceLogin, Error> {
        let Some(endpoint) = &self.endpoints.device_authorization_endpoint else {
            return Err(Error::Discovery("The server does not offer to sign devices in.".to_owned()));
        };
        let asked = Instant::now();
        let answer = match self.dialect {
            Dialect::Rfc8628 | Dialect::Mcp => self.begin_oauth(endpoint, scope).await?,
            Dialect::ApiKey => self.begin_key(endpoint, scope).await?,
        };
        for page in [Some(&answer.verification_uri), answer.verification_uri_complete.as_ref()].into_iter().flatten() {
            self.issuer.checked(page)?;
        }
        if !is_code(&answer.user_code) || !is_token(&answer.device_code) {
            return Err(Error::Answer("answer with codes"));
        }
        Ok(DeviceLogin {
            expires_at: now().after(Duration::from_secs(answer.expires_in)),
            // Counted from before the request, so that we never wait past what the server keeps.
            deadline: asked + self.seconds(answer.expires_in),
            interval: self.seconds(answer.interval.max(1)),
            user_code: answer.user_code,
            verification_uri: answer.verification_uri,
            verification_uri_complete: answer.verification_uri_complete,
            device_code: Secret::new(answer.device_code),
            scope: scope.unwrap_or_default().to_owned(),
        })
    }

    async fn begin_oauth(&self, endpoint: &str, scope: Option<&str>) -> Result<DeviceAuthorization, Error> {
        let mut form = vec![("client_id", self.client_id.as_str())];
        form.extend(scope.map(|scope| ("scope", scope)));
        self.http.post(endpoint, &form).await?.read("answer with codes")
    }

    /// So many seconds, as long as they are here.
    pub(crate) fn seconds(&self, count: u64) -> Duration {
        self.second.saturating_mul(u32::try_from(count).unwrap_or(u32::MAX))
    }
}

/// Whether a person can read and type it as it is: shortened or cleaned up it would be another code.
fn is_code(text: &str) -> bool {
    let plain = |c: char| !c.is_control() && !is_formatting(c);
    !text.trim().is_empty() && text.chars().count() <= LONGEST_CODE && text.chars().all(plain)
}
