//! A device that speaks the device grant by hand, so that a test sees every status and body.

use reqwest::{Client, StatusCode};
use serde_json::Value;

/// The grant type of RFC 8628 §3.4.
pub const DEVICE_CODE: &str = "urn:ietf:params:oauth:grant-type:device_code";

/// A device of one application.
#[derive(Debug, Clone)]
pub struct Device {
    http: Client,
    endpoints: String,
    client_id: String,
}

impl Device {
    /// Of the public application `client_id` in an organization of this server.
    pub fn new(server: &str, organization: &str, client_id: &str) -> Self {
        let endpoints = format!("{server}/orgs/{organization}/api/v1/oauth");
        Self { http: Client::new(), endpoints, client_id: client_id.to_owned() }
    }

    /// A device of another application, by the same connections.
    #[must_use]
    pub fn of(&self, server: &str, organization: &str, client_id: &str) -> Self {
        Self { http: self.http.clone(), ..Self::new(server, organization, client_id) }
    }

    /// Sends a form to an endpoint (`token`, `revoke`, …), with `client_id` among the fields.
    ///
    /// # Panics
    /// When there is no answer.
    pub async fn post(&self, endpoint: &str, fields: &[(&str, &str)]) -> (StatusCode, Value) {
        let form = [&[("client_id", self.client_id.as_str())], fields].concat();
        let url = format!("{}/{endpoint}", self.endpoints);
        let answer = self.http.post(url).form(&form).send().await.expect("an answer");
        let status = answer.status();
        (status, answer.json().await.unwrap_or_default())
    }

    /// Asks for a code: the answer of RFC 8628 §3.2.
    ///
    /// # Panics
    /// When none is given.
    pub async fn begin(&self, scope: &str) -> Value {
        let (status, answer) = self.post("device_authorization", &[("scope", scope)]).await;
        assert_eq!(status, StatusCode::OK, "{answer}");
        answer
    }

    /// Polls with a device code.
    ///
    /// # Panics
    /// When there is no answer.
    pub async fn poll(&self, device_code: &str) -> (StatusCode, Value) {
        self.post("token", &[("grant_type", DEVICE_CODE), ("device_code", device_code)]).await
    }

    /// Polls with a device code; nothing, when the connection breaks before the whole answer is there.
    pub async fn try_poll(&self, device_code: &str) -> Option<(StatusCode, Value)> {
        let form = [("client_id", self.client_id.as_str()), ("grant_type", DEVICE_CODE), ("device_code", device_code)];
        let answer = self.http.post(format!("{}/token", self.endpoints)).form(&form).send().await.ok()?;
        let status = answer.status();
        Some((status, answer.json().await.ok()?))
    }
}
