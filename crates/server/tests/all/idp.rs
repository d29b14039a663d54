//! A small identity provider on this machine, well behaved unless it is told otherwise. It is none of ours but for its
//! signatures.

use crate::page_form::PageForm;
use crate::support::{Answer, Browser, TestApp};
use actix_web::web::{Bytes, Data};
use actix_web::{App, HttpRequest, HttpResponse, HttpServer};
use hmac::{Hmac, KeyInit as _, Mac as _};
use jose::{Algorithm, PrivateKey, SigningKey};
use model::secret::base64url;
use model::time::Timestamp;
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};
use url::Url;

pub const CLIENT: &str = "doorward-at-idp";
pub const SECRET: &str = "a secret of the provider's";

/// How a token is signed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Signed {
    /// By the key that the key set shows.
    #[default]
    Well,
    /// By another one, under the same id.
    ByAnother,
    /// Not at all (`alg` none).
    Not,
    /// By HMAC, with the public key as its secret.
    ByPublicKey,
}

/// How it answers.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Mood {
    /// As it should.
    #[default]
    Well,
    /// By this status alone.
    Status(u16),
    /// By something that is no JSON.
    Garbage,
    /// By a redirect to there.
    Elsewhere(String),
    /// Not before it is in another mood.
    Silent,
}

/// What it has been told.
#[derive(Default)]
struct Told {
    codes: BTreeMap<String, (Value, String)>,
    signed: Signed,
    moods: BTreeMap<String, Mood>,
    metadata: Value,
    userinfo: Value,
    emails: Value,
    asked: Vec<String>,
    keys: Option<Arc<Keys>>,
}

struct Keys {
    good: SigningKey,
    other: SigningKey,
}

impl Keys {
    fn new(kid: &str) -> Arc<Self> {
        let key = || PrivateKey::generate(Algorithm::Es256).unwrap();
        let of = |key: &PrivateKey| SigningKey::parse(Algorithm::Es256, kid.to_owned(), key).unwrap();
        Arc::new(Self { good: of(&key()), other: of(&key()) })
    }
}

/// The provider.
pub struct Idp {
    pub url: String,
    told: Arc<Mutex<Told>>,
    handle: actix_web::dev::ServerHandle,
}

impl Drop for Idp {
    fn drop(&mut self) {
        drop(self.handle.stop(false));
    }
}

impl Idp {
    pub fn start() -> Self {
        let told = Arc::new(Mutex::new(Told { keys: Some(Keys::new("k1")), ..Told::default() }));
        let listener = std::net::TcpListener::bind(("127.0.0.1", 0)).unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let (shared, base, (tell, hear)) = (told.clone(), url.clone(), std::sync::mpsc::channel());
        std::thread::spawn(move || {
            actix_web::rt::System::new().block_on(async move {
                let factory = move || {
                    App::new()
                        .app_data(Data::new((shared.clone(), base.clone())))
                        .default_service(actix_web::web::to(answer))
                };
                let server = HttpServer::new(factory).workers(1).disable_signals().listen(listener).unwrap().run();
                tell.send(server.handle()).unwrap();
                server.await.unwrap();
            });
        });
        Self { url, told, handle: hear.recv().unwrap() }
    }

    /// What makes it one of the operator's.
    pub fn settings(&self) -> Vec<(&'static str, String)> {
        vec![
            (
                "DOORWARD_UPSTREAM",
                format!(
                    r#"[{{ id = "idp", kind = "oidc", name = "Idp", issuer = "{}", client_id = "{CLIENT}", client_secret = "{SECRET}" }}]"#,
                    self.url
                ),
            ),
            ("DOORWARD_OUTBOUND_PRIVATE_HOSTS", self.url.trim_start_matches("http://").to_owned()),
            ("DOORWARD_LIMITS", "off".to_owned()),
            ("DOORWARD_ORG_CREATION", "anyone".to_owned()),
            ("DOORWARD_UNREGISTERED_CLIENTS", "true".to_owned()),
        ]
    }

    /// A server that knows it.
    pub async fn app(&self, engine: testkit::Scratch) -> TestApp {
        let settings = self.settings();
        let settings: Vec<(&str, &str)> = settings.iter().map(|(name, value)| (*name, value.as_str())).collect();
        TestApp::with(engine, &settings).await
    }

    fn told(&self) -> std::sync::MutexGuard<'_, Told> {
        self.told.lock().unwrap()
    }

    pub fn sign(&self, signed: Signed) {
        self.told().signed = signed;
    }

    /// From now on, it answers so at `path`.
    pub fn mood(&self, path: &str, mood: Mood) {
        self.told().moods.insert(path.to_owned(), mood);
    }

    /// Says this of itself too.
    pub fn metadata(&self, more: Value) {
        self.told().metadata = more;
    }

    /// Says this at userinfo, or at GitHub's `/user`.
    pub fn userinfo(&self, said: Value) {
        self.told().userinfo = said;
    }

    /// Says this at GitHub's `/user/emails`.
    pub fn emails(&self, said: Value) {
        self.told().emails = said;
    }

    /// Signs by new keys from now on.
    pub fn new_keys(&self) {
        self.told().keys = Some(Keys::new("k2"));
    }

    /// The paths that it was asked for.
    pub fn asked(&self) -> Vec<String> {
        self.told().asked.clone()
    }

    /// Whoever a browser says it is agrees: the query that it is sent back with.
    pub fn agree(&self, address: &str, claims: &Value, now: Timestamp) -> Vec<(String, String)> {
        let url = Url::parse(address).unwrap();
        let asked: BTreeMap<String, String> = url.query_pairs().into_owned().collect();
        assert_eq!(asked["response_type"], "code");
        assert_eq!(asked["code_challenge_method"], "S256");
        let mut whole = json!({
            "iss": self.url, "aud": CLIENT, "iat": now.seconds(), "exp": now.seconds() + 300, "sub": "sub-1",
            "email_verified": true, "name": "Ada Lovelace",
        });
        if let Some(nonce) = asked.get("nonce") {
            whole["nonce"] = json!(nonce);
        }
        merge(&mut whole, claims);
        let mut told = self.told();
        let code = format!("code-{}", told.codes.len());
        told.codes.insert(code.clone(), (whole, asked["code_challenge"].clone()));
        vec![("code".to_owned(), code), ("state".to_owned(), asked["state"].clone())]
    }
}

/// Puts what is said in the place of what was; null removes.
fn merge(whole: &mut Value, said: &Value) {
    for (name, value) in said.as_object().into_iter().flatten() {
        if value.is_null() {
            whole.as_object_mut().unwrap().remove(name);
        } else {
            whole[name] = value.clone();
        }
    }
}

async fn answer(request: HttpRequest, body: Bytes, shared: Data<(Arc<Mutex<Told>>, String)>) -> HttpResponse {
    let (told, base) = (&shared.0, &shared.1);
    let path = request.path().to_owned();
    told.lock().unwrap().asked.push(path.clone());
    while told.lock().unwrap().moods.get(&path) == Some(&Mood::Silent) {
        tokio::time::sleep(std::time::Duration::from_millis(5)).await;
    }
    let mut told = told.lock().unwrap();
    match told.moods.get(&path).cloned().unwrap_or_default() {
        Mood::Well | Mood::Silent => {}
        Mood::Status(status) => {
            return HttpResponse::build(actix_web::http::StatusCode::from_u16(status).unwrap()).finish();
        }
        Mood::Garbage => return HttpResponse::Ok().content_type("application/json").body("<html>{"),
        Mood::Elsewhere(to) => return HttpResponse::Found().insert_header(("location", to)).finish(),
    }
    let keys = told.keys.clone().unwrap();
    match path.trim_start_matches("/tenant").trim_start_matches("/common/v2.0") {
        "/.well-known/openid-configuration" => {
            let mut said = json!({
                "issuer": base, "authorization_endpoint": format!("{base}/authorize"),
                "token_endpoint": format!("{base}/token"), "jwks_uri": format!("{base}/jwks"),
            });
            merge(&mut said, &told.metadata);
            HttpResponse::Ok().json(said)
        }
        "/jwks" => HttpResponse::Ok().json(json!({ "keys": [{ "kty": "odd" }, keys.good.public_jwk()] })),
        "/token" | "/login/oauth/access_token" => token(&request, &body, &mut told, &keys),
        "/userinfo" | "/api/v3/user" => {
            assert_eq!(request.headers().get("authorization").unwrap(), "Bearer an access token");
            HttpResponse::Ok().json(&told.userinfo)
        }
        "/api/v3/user/emails" => HttpResponse::Ok().json(&told.emails),
        _ => HttpResponse::NotFound().finish(),
    }
}

fn token(request: &HttpRequest, body: &[u8], told: &mut Told, keys: &Keys) -> HttpResponse {
    let form: BTreeMap<String, String> = url::form_urlencoded::parse(body).into_owned().collect();
    let basic = request.headers().get("authorization").and_then(|value| value.to_str().ok());
    let escaped = |text: &str| url::form_urlencoded::byte_serialize(text.as_bytes()).collect::<String>();
    use base64::Engine as _;
    let whole = base64::engine::general_purpose::STANDARD.encode(format!("{CLIENT}:{}", escaped(SECRET)));
    let by_form = form.get("client_secret").is_some_and(|secret| secret == SECRET);
    let authentic = basic == Some(&format!("Basic {whole}")) || by_form && form["client_id"] == CLIENT;
    let known = form.get("code").and_then(|code| told.codes.remove(code));
    let Some((claims, challenge)) = known.filter(|_| authentic) else {
        return HttpResponse::BadRequest().json(json!({ "error": "invalid_grant" }));
    };
    if base64url(&Sha256::digest(form["code_verifier"].as_bytes())) != challenge {
        return HttpResponse::BadRequest().json(json!({ "error": "invalid_grant" }));
    }
    let parts = |alg: &str| {
        let header = json!({ "alg": alg, "kid": keys.good.kid() }).to_string();
        format!("{}.{}", base64url(header.as_bytes()), base64url(claims.to_string().as_bytes()))
    };
    let id_token = match told.signed {
        Signed::Well => keys.good.sign("JWT", &claims).unwrap(),
        Signed::ByAnother => keys.other.sign("JWT", &claims).unwrap(),
        Signed::Not => format!("{}.", parts("none")),
        Signed::ByPublicKey => {
            let secret = serde_json::to_vec(&keys.good.public_jwk()).unwrap();
            let mut mac = Hmac::<Sha256>::new_from_slice(&secret).unwrap();
            mac.update(parts("HS256").as_bytes());
            format!("{}.{}", parts("HS256"), base64url(&mac.finalize().into_bytes()))
        }
    };
    let mut tokens = json!({ "access_token": "an access token", "token_type": "Bearer", "expires_in": 300 });
    if claims.get("no_id_token").is_none() {
        tokens["id_token"] = json!(id_token);
    }
    HttpResponse::Ok().json(tokens)
}

impl Browser<'_> {
    /// Presses the button of the provider whose path is `start`, on the sign-in page on the way to `next`; gives where it
    /// is led.
    pub async fn set_out(&self, start: &str, next: &str) -> String {
        self.set_out_from(start, &routes::url::login_to(next)).await
    }

    /// The same on another page that has such a button.
    pub async fn set_out_from(&self, start: &str, page: &str) -> String {
        let form = PageForm::to(&self.get(page).await, start);
        let leaving = self.submit(&form).await;
        assert_eq!(leaving.status, 200, "{} {}", leaving.header("location"), leaving.text);
        let refresh = leaving.header("refresh");
        refresh.strip_prefix("0; url=").unwrap_or_else(|| panic!("{refresh}")).to_owned()
    }

    /// Comes back to the callback below `start` with this query.
    pub async fn come_back(&self, start: &str, query: &[(String, String)]) -> Answer {
        let query: String = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(query).finish();
        self.get(&format!("{start}/callback?{query}")).await
    }

    /// The whole way to a provider and back, as whoever these claims say.
    pub async fn go_by(&self, idp: &Idp, (start, next): (&str, &str), claims: &Value) -> Answer {
        let address = self.set_out(start, next).await;
        self.come_back(start, &idp.agree(&address, claims, self.app.clock.now())).await
    }
}
