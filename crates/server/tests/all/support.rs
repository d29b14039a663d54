//! `TestApp`: the real HTTP server over a scratch database, with a clock that the test moves.

use actix_web::web::Data;
use login::session::{self, Arriving};
use model::algorithm::Algorithm;
use model::application::{
    ApplicationSettings, ClientKind, CodeSettings, DeviceSettings, EmbeddedSettings, TokenSettings,
};
use model::audit::By;
use model::context::Origin;
use model::id::{ApplicationId, OrgId, UserId};
use model::logo::{Logo, LogoName};
use model::name::DisplayName;
use model::org::{Organization, Role};
use model::redirect_uri::RedirectUri;
use model::secret::{Key, Keyring, Secret};
use model::session::Entrance;
use model::time::Timestamp;
use protocol::scope::Scopes;
use protocol::token::GrantType;
use registry::applications::{self, Registration};
use serde_json::Value;
use server::clock::Time;
use server::config::Config;
use server::places::Places;
use server::state::State;
use std::collections::BTreeMap;
use std::net::{IpAddr, Ipv4Addr, TcpListener};
use std::sync::{Arc, Mutex};
use std::time::Duration;
use store::{Class, Db};
use testkit::Scratch;
use testkit::clock::TestClock;

/// When every test begins.
pub const START: Timestamp = Timestamp::from_seconds(1_800_000_000);

/// The scopes of most applications.
pub const SCOPES: &str = "openid profile email offline_access";

struct Clock(TestClock);

impl Time for Clock {
    fn moment(&self) -> model::moment::Moment {
        self.0.moment()
    }
}

/// A running server.
pub struct TestApp {
    /// Its address, which is its public URL too unless the test chose another.
    pub url: String,
    /// Its public URL.
    pub public_url: String,
    /// Where its metrics are, where it has a listener for them.
    pub metrics_url: Option<String>,
    /// Its clock.
    pub clock: TestClock,
    /// Its database.
    pub db: Db,
    /// What it is made of.
    pub state: Data<State>,
    client: reqwest::Client,
    running: Option<Running>,
    place: Option<Place>,
}

/// The thread that serves, and how to end it.
struct Running {
    stop: actix_web::dev::ServerHandle,
    thread: std::thread::JoinHandle<()>,
}

/// What outlives a restart.
struct Place {
    env: BTreeMap<String, String>,
    // Kept open, so that no other server takes the port while this one starts again.
    listener: TcpListener,
    files: tempfile::TempDir,
    scratch: Scratch,
}

impl TestApp {
    /// A server with limits off.
    pub async fn new(scratch: Scratch) -> Self {
        Self::with(scratch, &[("DOORWARD_LIMITS", "off")]).await
    }

    /// A server with limits off whose database threads let so many requests wait.
    pub async fn with_room_for(scratch: Scratch, waiting: usize) -> Self {
        let db = scratch.open(store::DbConfig { request_queue: waiting, pg_threads: 2, ..scratch.config() });
        Self::on(scratch, db, &[("DOORWARD_LIMITS", "off")])
    }

    /// A server with these settings.
    pub async fn with(scratch: Scratch, settings: &[(&str, &str)]) -> Self {
        let db = scratch.db();
        Self::on(scratch, db, settings)
    }

    fn on(scratch: Scratch, db: Db, settings: &[(&str, &str)]) -> Self {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        let files = tempfile::tempdir().unwrap();
        let mut env = BTreeMap::from([
            // By name: a host that is an address has no passkeys.
            ("DOORWARD_PUBLIC_URL".to_owned(), format!("http://localhost:{}", listener.local_addr().unwrap().port())),
            ("DOORWARD_DATA_DIR".to_owned(), files.path().display().to_string()),
            ("DOORWARD_DATABASE_URL".to_owned(), scratch.url().to_owned()),
            ("DOORWARD_WORKERS".to_owned(), "2".to_owned()),
        ]);
        env.extend(settings.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())));
        Self::start(Place { env, listener, files, scratch }, db, TestClock::new(START, 7))
    }

    fn start(place: Place, db: Db, clock: TestClock) -> Self {
        let (config, _) = Config::load(None, &place.env).unwrap();
        let address = place.listener.local_addr().unwrap();
        let url = format!("http://localhost:{}", address.port());
        let public_url = config.public_url.as_str().to_owned();
        let places = Places::open(config.geoip_file.as_deref()).unwrap();
        let time = Arc::new(Clock(clock.clone()));
        let state = Data::new(State::new(config, places, db.clone(), keyring(), time).unwrap());
        let (served, listener) = (state.clone(), place.listener.try_clone().unwrap());
        let metrics = server::metrics::listen(&state.config).unwrap();
        let metrics_url = metrics.as_ref().map(|listener| format!("http://{}/metrics", listener.local_addr().unwrap()));
        let (tell, told) = std::sync::mpsc::channel();
        let thread = std::thread::spawn(move || {
            actix_web::rt::System::new().block_on(async move {
                let server = server::serve::bind(&served, listener).unwrap();
                tell.send(server.handle()).unwrap();
                let metrics = metrics.map(|listener| server::metrics::bind(&served, listener).unwrap());
                let metrics = metrics.map(actix_web::rt::spawn);
                server.await.unwrap();
                metrics.into_iter().for_each(|metrics| metrics.abort());
            });
        });
        let stop = told.recv().unwrap();
        let client = reqwest::Client::builder().redirect(reqwest::redirect::Policy::none());
        let client = client.resolve("localhost", address);
        // Less than the server keeps an idle connection, so that none is used that has just been closed.
        let client = client.pool_idle_timeout(Duration::from_secs(2)).build().unwrap();
        let (running, place) = (Some(Running { stop, thread }), Some(place));
        Self { url, public_url, metrics_url, clock, db, state, client, running, place }
    }

    /// The server ends and starts again: on the same database and port, with nothing left in its memory.
    pub fn restart(mut self) -> Self {
        self.stop();
        let place = self.place.take().unwrap();
        let db = place.scratch.open(place.scratch.config());
        Self::start(place, db, self.clock.clone())
    }

    fn stop(&mut self) {
        if let Some(running) = self.running.take() {
            // The handle is told at once; the answer would need a runtime, and the thread's end says as much.
            drop(running.stop.stop(false));
            running.thread.join().unwrap();
        }
    }

    /// Where its files are.
    pub fn files(&self) -> &std::path::Path {
        self.place.as_ref().unwrap().files.path()
    }

    /// Lets time pass.
    pub fn wait(&self, seconds: u64) {
        self.clock.advance(Duration::from_secs(seconds));
    }

    /// Makes an organization with its key and its reference client.
    pub async fn org(&self, id: &str) -> OrgId {
        let org = OrgId::parse(id).unwrap();
        let (made, moment, keyring) = (org.clone(), self.clock.moment(), keyring());
        let key = issuer::keys::make(&org, Algorithm::Es256, &keyring, &moment).unwrap();
        self.write(move |conn| {
            let name = DisplayName::parse(&format!("{made} organization")).unwrap();
            directory::organizations::create(conn, &made, &name, &By::operator(&moment))?.unwrap();
            issuer::keys::add_first(conn, &made, &key, moment.now())?;
            applications::register(conn, &applications::reference_client(&made)?, &By::operator(&moment))?.unwrap();
            Ok(())
        })
        .await;
        org
    }

    /// Runs a write on the server's database.
    pub async fn write<T: Send + 'static>(
        &self,
        body: impl FnMut(&mut store::Conn) -> Result<T, model::fault::Fault> + Send + 'static,
    ) -> T {
        self.db.write("test", Class::Durable, body).await.unwrap().into_inner()
    }

    /// Gives an organization a logo; its name.
    pub async fn logo(&self, org: &OrgId, picture: &'static [u8]) -> LogoName {
        let org = org.clone();
        self.write(move |conn| {
            let name = store::tables::logos::put(conn, &org, &Logo::parse(picture).unwrap())?;
            let stored = store::tables::organizations::by_id(conn, &org)?.unwrap();
            let after = Organization { logo: Some(name.clone()), ..stored };
            assert!(store::tables::organizations::advance(conn, &after)?);
            Ok(name)
        })
        .await
    }

    /// Numbers by a query, in a column `value`.
    pub async fn numbers(&self, sql: &'static str) -> Vec<i64> {
        self.db.read("test", move |conn| conn.numbers_by_sql(sql)).await.unwrap()
    }

    /// Texts by a query, in a column `value`.
    pub async fn texts(&self, sql: &'static str) -> Vec<String> {
        self.db.read("test", move |conn| conn.texts_by_sql(sql)).await.unwrap()
    }

    /// Makes a user without password, who belongs to these organizations.
    pub async fn user(&self, email: &str, memberships: &[(&OrgId, Role)]) -> UserId {
        let new = directory::users::NewUser {
            email: email.to_owned(),
            name: DisplayName::parse("Ada").unwrap(),
            password_hash: None,
            verified: true,
            language: None,
        };
        let memberships: Vec<(OrgId, Role)> = memberships.iter().map(|(org, role)| ((*org).clone(), *role)).collect();
        let moment = self.clock.moment();
        self.write(move |conn| {
            let user = directory::users::create(conn, &new, &By::operator(&moment))?.unwrap().id;
            for (org, role) in &memberships {
                directory::members::put(conn, org, (user, *role), &By::operator(&moment))?;
            }
            Ok(user)
        })
        .await
    }

    /// Registers an application.
    pub async fn app(&self, org: &OrgId, kind: ClientKind, change: impl FnOnce(&mut ApplicationSettings)) -> App {
        let scopes = Scopes::parse(SCOPES).unwrap();
        let mut settings = ApplicationSettings {
            name: "Acme CLI".to_owned(),
            logo: None,
            grants: [GrantType::DeviceCode, GrantType::RefreshToken].into(),
            default_scopes: scopes.clone(),
            scopes,
            device: DeviceSettings::default(),
            code: CodeSettings {
                redirect_uris: vec![RedirectUri::parse("https://app.example/cb").unwrap()],
                ..CodeSettings::default()
            },
            embedded: EmbeddedSettings::default(),
            tokens: TokenSettings::default(),
        };
        change(&mut settings);
        let registration = Registration { org_id: org.clone(), id: None, client_id: None, kind, settings };
        let by = By::operator(&self.clock.moment());
        let made = self.write(move |conn| Ok(applications::register(conn, &registration, &by)?.unwrap())).await;
        App {
            org: org.clone(),
            id: made.application.id,
            client_id: made.application.client_id.to_string(),
            secret: made.secret.map(|secret| secret.expose().clone()),
        }
    }

    /// A public application for devices.
    pub async fn device_app(&self, org: &OrgId) -> App {
        self.app(org, ClientKind::Public, |_| {}).await
    }

    /// A browser that is signed in, without a password having been hashed.
    pub async fn signed_in(&self, user: UserId) -> Browser<'_> {
        let (moment, origin) = (self.clock.moment(), Origin::new(IpAddr::V4(Ipv4Addr::LOCALHOST), "Test browser"));
        let cookie: Secret = self
            .write(move |conn| {
                let policy = model::session::SessionPolicy::default();
                let user = store::tables::users::by_id(conn, user)?.unwrap();
                let arriving = Arriving {
                    known: None,
                    by_factor: false,
                    lifetime: policy.remembered,
                    entrance: Entrance::Account,
                };
                Ok(session::begin(conn, user, arriving, &policy, (&moment, &origin))?.new.cookie)
            })
            .await;
        let browser = self.browser();
        browser.set_cookie(self.session_cookie(), cookie.expose());
        browser
    }

    /// The name of the session's cookie.
    pub fn session_cookie(&self) -> &'static str {
        if self.public_url.starts_with("https") { "__Host-doorward_session" } else { "doorward_session" }
    }

    /// A browser that has never been here.
    pub fn browser(&self) -> Browser<'_> {
        Browser { app: self, cookies: Mutex::default(), accepts: Mutex::default() }
    }

    /// A request to a path.
    pub fn request(&self, method: reqwest::Method, path: &str) -> reqwest::RequestBuilder {
        self.client.request(method, format!("{}{path}", self.url))
    }

    /// Sends a form to a path, as a program does.
    pub async fn form(&self, path: &str, fields: &[(&str, &str)]) -> Answer {
        Answer::of(self.request(reqwest::Method::POST, path).form(fields)).await
    }

    /// Gets a path, as a program does.
    pub async fn get(&self, path: &str) -> Answer {
        Answer::of(self.request(reqwest::Method::GET, path)).await
    }

    /// Gets a path with an access token.
    pub async fn get_with_token(&self, path: &str, token: &str) -> Answer {
        Answer::of(self.request(reqwest::Method::GET, path).bearer_auth(token)).await
    }
}

impl Drop for TestApp {
    fn drop(&mut self) {
        self.stop();
    }
}

/// The keys that are not in the database.
pub fn keyring() -> Keyring {
    Keyring::new(Key::from_bytes([42; 32]))
}

/// A registered application.
#[derive(Clone, Debug)]
pub struct App {
    pub org: OrgId,
    pub id: ApplicationId,
    pub client_id: String,
    pub secret: Option<String>,
}

impl App {
    /// One of the organization's OAuth endpoints.
    pub fn endpoint(&self, name: &str) -> String {
        routes::url::oauth(&self.org, name)
    }

    /// Asks for a code.
    pub async fn begin(&self, app: &TestApp) -> Codes {
        let mut fields = vec![("client_id", self.client_id.as_str())];
        fields.extend(self.secret.as_deref().map(|secret| ("client_secret", secret)));
        let answer = app.form(&self.endpoint("device_authorization"), &fields).await;
        assert_eq!(answer.status, 200, "{}", answer.text);
        Codes {
            device_code: answer.json["device_code"].as_str().unwrap().to_owned(),
            user_code: answer.json["user_code"].as_str().unwrap().to_owned(),
        }
    }

    /// Polls.
    pub async fn poll(&self, app: &TestApp, device_code: &str) -> Answer {
        let mut fields = vec![
            ("grant_type", "urn:ietf:params:oauth:grant-type:device_code"),
            ("client_id", self.client_id.as_str()),
            ("device_code", device_code),
        ];
        fields.extend(self.secret.as_deref().map(|secret| ("client_secret", secret)));
        app.form(&self.endpoint("token"), &fields).await
    }

    /// Refreshes.
    pub async fn refresh(&self, app: &TestApp, token: &str) -> Answer {
        let mut fields =
            vec![("grant_type", "refresh_token"), ("client_id", self.client_id.as_str()), ("refresh_token", token)];
        fields.extend(self.secret.as_deref().map(|secret| ("client_secret", secret)));
        app.form(&self.endpoint("token"), &fields).await
    }

    /// The whole way: a code, approved by `browser`, redeemed.
    pub async fn log_in(&self, app: &TestApp, browser: &Browser<'_>) -> Value {
        let codes = self.begin(app).await;
        browser.approve(&self.org, &codes.user_code).await;
        let answer = self.poll(app, &codes.device_code).await;
        assert_eq!(answer.status, 200, "{}", answer.text);
        answer.json
    }
}

impl App {
    /// The client of AI programs, which the server itself has.
    pub fn mcp() -> Self {
        Self {
            org: OrgId::instance(),
            id: ApplicationId::from_uuid(uuid::Uuid::from_u128(0x0000_0000_0000_7000_8000_0000_0000_0001)),
            client_id: "doorward-mcp".to_owned(),
            secret: None,
        }
    }

    /// The whole way of a client that belongs to no organization: a code, approved for this one, redeemed.
    pub async fn log_in_for(&self, app: &TestApp, browser: &Browser<'_>, organization: &OrgId) -> Value {
        let codes = self.begin(app).await;
        browser.approve_anywhere(organization, &codes.user_code).await;
        let answer = self.poll(app, &codes.device_code).await;
        assert_eq!(answer.status, 200, "{}", answer.text);
        answer.json
    }
}

/// What a device holds.
#[derive(Clone, Debug)]
pub struct Codes {
    pub device_code: String,
    pub user_code: String,
}

/// An answer, read to its end.
#[derive(Clone, Debug)]
pub struct Answer {
    pub status: u16,
    pub headers: reqwest::header::HeaderMap,
    pub text: String,
    /// The body as JSON; null where it is none.
    pub json: Value,
}

impl Answer {
    /// Sends a request.
    pub async fn of(request: reqwest::RequestBuilder) -> Self {
        let response = request.send().await.unwrap();
        let (status, headers) = (response.status().as_u16(), response.headers().clone());
        let text = response.text().await.unwrap();
        let json = serde_json::from_str(&text).unwrap_or(Value::Null);
        Self { status, headers, text, json }
    }

    /// A header's value; empty where there is none.
    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).map(|value| value.to_str().unwrap()).unwrap_or_default()
    }

    /// That this is an OAuth error as the RFCs have it.
    pub fn assert_error(&self, code: &str) {
        assert_eq!((self.status, self.json["error"].as_str()), (400, Some(code)), "{}", self.text);
        assert_eq!(self.header("cache-control"), "no-store");
    }

    /// That the client was not let in.
    pub fn assert_invalid_client(&self) {
        assert_eq!((self.status, self.json["error"].as_str()), (401, Some("invalid_client")), "{}", self.text);
    }

    /// Where a redirect leads.
    pub fn location(&self) -> &str {
        assert_eq!(self.status, 303, "{}", self.text);
        self.header("location")
    }

    /// The value of an input of the page.
    pub fn field(&self, name: &str) -> String {
        self.field_after("", name)
    }

    /// The value of an input of the page, the first behind `marker`.
    pub fn field_after(&self, marker: &str, name: &str) -> String {
        let from = self.text.find(marker).unwrap_or_else(|| panic!("no {marker} in {}", self.text));
        let rest = &self.text[from..];
        let needle = format!("name=\"{name}\"");
        let at = rest.find(&needle).unwrap_or_else(|| panic!("no field {name} in {}", self.text));
        let start = rest[..at].rfind('<').unwrap();
        let tag = &rest[start..start + rest[start..].find('>').unwrap()];
        let value = tag.split("value=\"").nth(1).unwrap_or_else(|| panic!("field {name} has no value: {tag}"));
        value.split('"').next().unwrap().to_owned()
    }
}

/// A browser: cookies, and the headers that browsers send with forms.
pub struct Browser<'a> {
    /// Where it is.
    pub app: &'a TestApp,
    cookies: Mutex<BTreeMap<String, String>>,
    accepts: Mutex<Option<String>>,
}

impl Browser<'_> {
    /// Sets a cookie.
    pub fn set_cookie(&self, name: &str, value: &str) {
        self.cookies.lock().unwrap().insert(name.to_owned(), value.to_owned());
    }

    /// From now on, this browser says which languages it accepts.
    pub fn accept(&self, languages: &str) {
        *self.accepts.lock().unwrap() = Some(languages.to_owned());
    }

    /// A cookie's value.
    pub fn cookie(&self, name: &str) -> Option<String> {
        self.cookies.lock().unwrap().get(name).cloned()
    }

    fn header(&self) -> String {
        let cookies = self.cookies.lock().unwrap();
        cookies.iter().map(|(name, value)| format!("{name}={value}")).collect::<Vec<_>>().join("; ")
    }

    fn keep(&self, answer: &Answer) {
        let mut cookies = self.cookies.lock().unwrap();
        for value in answer.headers.get_all("set-cookie") {
            let value = value.to_str().unwrap();
            let (name, rest) = value.split_once('=').unwrap();
            let set = rest.split(';').next().unwrap();
            if set.is_empty() || value.contains("Max-Age=0") {
                cookies.remove(name);
            } else {
                cookies.insert(name.to_owned(), set.to_owned());
            }
        }
    }

    /// A request with this browser's cookies, for tests that spoil something about it.
    pub fn request(&self, method: reqwest::Method, path: &str) -> reqwest::RequestBuilder {
        let request = self.app.request(method, path).header("cookie", self.header());
        match &*self.accepts.lock().unwrap() {
            Some(languages) => request.header("accept-language", languages),
            None => request,
        }
    }

    /// Gets a page.
    pub async fn get(&self, path: &str) -> Answer {
        let answer = Answer::of(self.request(reqwest::Method::GET, path)).await;
        self.keep(&answer);
        answer
    }

    /// Sends a form from a page of ours.
    pub async fn post(&self, path: &str, fields: &[(&str, impl AsRef<str>)]) -> Answer {
        let fields: Vec<(&str, &str)> = fields.iter().map(|(name, value)| (*name, value.as_ref())).collect();
        let request = self.request(reqwest::Method::POST, path).header("sec-fetch-site", "same-origin").form(&fields);
        let answer = Answer::of(request).await;
        self.keep(&answer);
        answer
    }

    /// Types a code on the organization's page.
    pub async fn enter(&self, org: &OrgId, user_code: &str) -> Answer {
        let path = routes::url::device(org);
        let token = self.get(&path).await.field("csrf_token");
        self.post(&path, &[("user_code", user_code), ("csrf_token", &token)]).await
    }

    /// Types a code and gives the review page.
    pub async fn review(&self, org: &OrgId, user_code: &str) -> Answer {
        let entered = self.enter(org, user_code).await;
        let review = self.get(entered.location()).await;
        assert_eq!(review.status, 200, "{}", review.text);
        review
    }

    /// Sends a review page's decision.
    pub async fn decide(&self, org: &OrgId, review: &Answer, decision: &str) -> Answer {
        self.decide_for((org, org.as_str()), review, decision).await
    }

    /// Sends the decision of the review page of a client of `home`, for this organization.
    pub async fn decide_for(&self, (home, organization): (&OrgId, &str), review: &Answer, decision: &str) -> Answer {
        let path = routes::url::device_decision(home);
        let (token, grant) = (review.field_after(&path, "csrf_token"), review.field_after(&path, "grant"));
        let fields = [
            ("csrf_token", token.as_str()),
            ("grant", &grant),
            ("organization", organization),
            ("confirm", "yes"),
            ("decision", decision),
        ];
        self.post(&path, &fields).await
    }

    /// Types a code of a client that belongs to no organization, and approves for this one.
    pub async fn approve_anywhere(&self, organization: &OrgId, user_code: &str) {
        let home = OrgId::instance();
        let review = self.review(&home, user_code).await;
        let decided = self.decide_for((&home, organization.as_str()), &review, "approve").await;
        assert!(decided.location().contains("/device/result"), "{}", decided.text);
    }

    /// Types a code and approves.
    pub async fn approve(&self, org: &OrgId, user_code: &str) {
        let review = self.review(org, user_code).await;
        let decided = self.decide(org, &review, "approve").await;
        assert!(decided.location().contains("/device/result"), "{}", decided.text);
    }
}
