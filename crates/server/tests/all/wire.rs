//! What tests of the OAuth side need beside a server: requests at once, requests byte by byte, tokens taken apart, and
//! the operator's hand on applications, users and organizations.

use crate::support::{Answer, App, TestApp};
use jose::{Expected, Jwks, VerifyingKey};
use model::application::{ApplicationSettings, ApplicationState};
use model::audit::By;
use model::id::{OrgId, UserId};
use model::login_attempt::NewDevicePolicy;
use registry::applications::{self, Changed, Target};
use reqwest::{Method, RequestBuilder};
use serde_json::Value;
use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::Barrier;

/// The device grant's name on the wire.
pub(crate) const DEVICE_CODE: &str = "urn:ietf:params:oauth:grant-type:device_code";

/// Sends requests from one barrier and gives their answers, in no order.
pub(crate) async fn together(requests: Vec<RequestBuilder>) -> Vec<Answer> {
    let barrier = Arc::new(Barrier::new(requests.len()));
    let mut running = tokio::task::JoinSet::new();
    for request in requests {
        let barrier = barrier.clone();
        running.spawn(async move {
            barrier.wait().await;
            Answer::of(request).await
        });
    }
    running.join_all().await
}

/// An answer as it came over the wire.
pub(crate) struct Raw {
    /// Its status.
    pub(crate) status: u16,
    /// Status line and headers.
    pub(crate) head: String,
    /// Its body as JSON; null where it is none.
    pub(crate) json: Value,
}

/// Sends bytes and reads what comes back until the server closes.
pub(crate) async fn raw(app: &TestApp, request: Vec<u8>) -> Raw {
    let address = app.url.trim_start_matches("http://").to_owned();
    tokio::task::spawn_blocking(move || {
        let mut stream = TcpStream::connect(address).unwrap();
        stream.set_read_timeout(Some(Duration::from_secs(60))).unwrap();
        // The server may answer and stop reading before it has been sent everything.
        let _ = stream.write_all(&request);
        let mut bytes = Vec::new();
        let _ = stream.read_to_end(&mut bytes);
        let text = String::from_utf8_lossy(&bytes).into_owned();
        let (head, body) = text.split_once("\r\n\r\n").unwrap_or((&text, ""));
        let status = head.split(' ').nth(1).unwrap_or_else(|| panic!("no answer: {text:?}")).parse().unwrap();
        Raw { status, json: serde_json::from_str(body).unwrap_or(Value::Null), head: head.to_lowercase() }
    })
    .await
    .unwrap()
}

/// A POST of a form with a body of any bytes.
pub(crate) fn raw_post(path: &str, body: &[u8]) -> Vec<u8> {
    let mut request = format!(
        "POST {path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Type: application/x-www-form-urlencoded\r\nContent-Length: {}\r\n\r\n",
        body.len()
    )
    .into_bytes();
    request.extend_from_slice(body);
    request
}

/// A part of a token as JSON, unverified: 0 is the header, 1 the claims.
pub(crate) fn part(token: &str, which: usize) -> Value {
    let bytes = model::secret::from_base64url(token.split('.').nth(which).unwrap()).unwrap();
    serde_json::from_slice(&bytes).unwrap()
}

/// A token's claims, unverified.
pub(crate) fn claims(token: &str) -> Value {
    part(token, 1)
}

impl Answer {
    /// A text of the JSON body.
    pub(crate) fn at(&self, name: &str) -> String {
        self.json[name].as_str().unwrap_or_else(|| panic!("no {name} in {}", self.text)).to_owned()
    }

    /// That it succeeded.
    pub(crate) fn ok(self) -> Self {
        assert_eq!(self.status, 200, "{}", self.text);
        self
    }

    /// That the access token was refused (RFC 6750 §3).
    pub(crate) fn assert_token_refused(&self) {
        assert_eq!((self.status, self.json["error"].as_str()), (401, Some("invalid_token")), "{}", self.text);
        assert!(self.header("www-authenticate").starts_with("Bearer"), "{:?}", self.headers);
    }
}

impl TestApp {
    /// The organization's issuer.
    pub(crate) fn issuer(&self, org: &OrgId) -> String {
        format!("{}/orgs/{org}", self.public_url)
    }

    /// The organization's published keys.
    pub(crate) async fn jwks(&self, org: &OrgId) -> Jwks {
        serde_json::from_str(&self.get(&routes::url::jwks(org)).await.ok().text).unwrap()
    }

    /// A token's claims, verified by the published keys as a relying party would.
    pub(crate) async fn verified(&self, org: &OrgId, token: &str, typ: &str, audience: &str) -> Value {
        let header = jose::header(token).unwrap();
        let jwks = self.jwks(org).await;
        let jwk = jwks.find(header.kid.as_deref().unwrap(), header.alg).unwrap();
        let issuer = self.issuer(org);
        let expected = Expected {
            issuer: &issuer,
            audience: Some(audience),
            typ: &[typ],
            now: self.clock.now(),
            leeway: Duration::ZERO,
            expired_is_fine: false,
        };
        VerifyingKey::from_jwk(jwk).unwrap().verify(token, &expected).unwrap()
    }

    /// Userinfo with this token.
    pub(crate) async fn userinfo(&self, org: &OrgId, token: &str) -> Answer {
        self.get_with_token(&routes::url::oauth(org, "userinfo"), token).await
    }

    /// What the token says that it is.
    pub(crate) async fn me(&self, org: &OrgId, token: &str) -> Answer {
        self.get_with_token(&routes::url::me(org), token).await
    }

    /// Switches an application on or off, or deletes it.
    pub(crate) async fn set_app_state(&self, app: &App, state: ApplicationState) {
        let (org, id, by) = (app.org.clone(), app.id, By::operator(&self.clock.moment()));
        let changed = self
            .write(move |conn| {
                let target = Target { org_id: &org, id, revision: None };
                applications::set_state(conn, target, state, &by)
            })
            .await;
        assert!(matches!(changed, Changed::Made(_)), "{changed:?}");
    }

    /// Changes an application's settings.
    pub(crate) async fn edit_app(&self, app: &App, change: impl Fn(&mut ApplicationSettings) + Send + 'static) {
        let (org, id, by) = (app.org.clone(), app.id, By::operator(&self.clock.moment()));
        let changed = self
            .write(move |conn| {
                let mut settings = store::tables::applications::by_id(conn, &org, id)?.unwrap().settings;
                change(&mut settings);
                let target = Target { org_id: &org, id, revision: None };
                applications::edit(conn, target, &settings, &by)
            })
            .await;
        assert!(matches!(changed, Changed::Made(_)), "{changed:?}");
    }

    /// Ends a membership.
    pub(crate) async fn end_membership(&self, org: &OrgId, user: UserId) {
        let (org, moment) = (org.clone(), self.clock.moment());
        let removed =
            self.write(move |conn| directory::members::remove(conn, &org, user, &By::operator(&moment))).await;
        assert_eq!(removed, directory::members::Removed::Ended);
    }

    /// What the server does by itself every minute: removes what has been over for long enough.
    /// When sign-ins of members wait, in all organizations.
    pub(crate) async fn set_new_device_policy(&self, policy: NewDevicePolicy) {
        let sql = format!("UPDATE organizations SET new_device_policy = '{}'", policy.as_str());
        self.write(move |conn| conn.execute_sql(&sql)).await;
    }

    pub(crate) async fn sweep(&self) {
        server::jobs::sweep_all(self.state.clone()).await.unwrap();
    }

    /// What the server does by itself every ten seconds: counts the codes that live.
    pub(crate) async fn count_live_codes(&self) {
        server::jobs::count_live(self.state.clone()).await.unwrap();
    }

    /// Runs statements on the database, for settings that have no page yet.
    pub(crate) async fn sql(&self, sql: &'static str) {
        self.write(move |conn| conn.execute_sql(sql)).await;
    }

    /// A number by a query, in a column `value`.
    pub(crate) async fn number(&self, sql: &'static str) -> i64 {
        self.numbers(sql).await[0]
    }

    /// How many rows of the audit log tell of this action.
    pub(crate) async fn audited(&self, action: &str) -> usize {
        self.texts("SELECT action AS value FROM audit").await.iter().filter(|told| *told == action).count()
    }
}

impl App {
    /// The fields that say which client it is.
    pub(crate) fn credentials(&self) -> Vec<(&str, &str)> {
        let mut fields = vec![("client_id", self.client_id.as_str())];
        fields.extend(self.secret.as_deref().map(|secret| ("client_secret", secret)));
        fields
    }

    /// A request to one of the organization's OAuth endpoints, with the client's credentials, not sent yet.
    pub(crate) fn prepared(&self, app: &TestApp, endpoint: &str, fields: &[(&str, &str)]) -> RequestBuilder {
        let fields = [&self.credentials(), fields].concat();
        app.request(Method::POST, &self.endpoint(endpoint)).form(&fields)
    }

    /// Posts to one of the organization's OAuth endpoints, with the client's credentials.
    pub(crate) async fn post(&self, app: &TestApp, endpoint: &str, fields: &[(&str, &str)]) -> Answer {
        Answer::of(self.prepared(app, endpoint, fields)).await
    }

    /// Posts to one of the organization's OAuth endpoints, authenticating by Basic.
    pub(crate) async fn post_basic(&self, app: &TestApp, endpoint: &str, fields: &[(&str, &str)]) -> Answer {
        let request = app.request(Method::POST, &self.endpoint(endpoint)).form(fields);
        Answer::of(request.basic_auth(&self.client_id, self.secret.as_deref())).await
    }

    /// Asks whether a token is good.
    pub(crate) async fn introspect(&self, app: &TestApp, token: &str) -> Value {
        self.post(app, "introspect", &[("token", token)]).await.ok().json
    }

    /// Gives a token up.
    pub(crate) async fn revoke(&self, app: &TestApp, token: &str) -> Answer {
        self.post(app, "revoke", &[("token", token)]).await
    }

    /// Asks for a token for itself.
    pub(crate) async fn client_credentials(&self, app: &TestApp) -> Answer {
        self.post(app, "token", &[("grant_type", "client_credentials")]).await
    }
}
