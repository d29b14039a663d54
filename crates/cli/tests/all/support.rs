use crate::scripted::{Reply, Request, Scripted};
use jose::{Algorithm, PrivateKey, SigningKey};
use serde_json::{Value, json};
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::sync::atomic::{AtomicUsize, Ordering};

/// An organization `acme` whose polls are answered one after another from `polls`, and whose refresh tokens are good once.
pub(crate) fn acme(expires_in: u64, polls: Vec<Poll>) -> Scripted {
    acme_but(expires_in, polls, |_, _| {})
}

/// The same, with a change to each answer, which is told the path that was asked for.
pub(crate) fn acme_but(
    expires_in: u64,
    polls: Vec<Poll>,
    change: impl Fn(&str, &mut Value) + Send + Sync + 'static,
) -> Scripted {
    let private = PrivateKey::generate(Algorithm::Es256).unwrap();
    let key = SigningKey::parse(Algorithm::Es256, "k1".into(), &private).unwrap();
    let (polled, generation) = (AtomicUsize::new(0), AtomicUsize::new(0));
    Scripted::start(move |request| {
        let issuer = format!("http://{}/orgs/acme", request.host);
        let tokens = |lasts: u64| {
            let generation = generation.fetch_add(1, Ordering::SeqCst) + 1;
            let now = client::now().seconds();
            let claims = json!({
                "iss": issuer, "aud": "doorward-cli", "sub": "u1", "email": "ada@acme.example", "exp": now + 60, "iat": now,
            });
            Reply::Json(
                200,
                json!({
                    "access_token": format!("at{generation}"), "refresh_token": format!("rt{generation}"),
                    "id_token": key.sign("JWT", &claims).unwrap(),
                    "token_type": "Bearer", "expires_in": lasts, "scope": "openid email",
                }),
            )
        };
        let reply = match (request.path.as_str(), request.field("grant_type")) {
            ("/.well-known/oauth-authorization-server/orgs/acme", _) => Reply::Json(200, metadata(&issuer)),
            ("/orgs/acme/device_authorization", _) => Reply::Json(
                200,
                json!({
                    "device_code": "dc", "user_code": "WDJB-MJHT", "verification_uri": format!("{issuer}/device"),
                    "verification_uri_complete": format!("{issuer}/device?user_code=WDJB-MJHT"),
                    "expires_in": expires_in, "interval": 1,
                }),
            ),
            ("/orgs/acme/token", "refresh_token") => {
                if request.field("refresh_token") == format!("rt{}", generation.load(Ordering::SeqCst)) {
                    tokens(3600)
                } else {
                    Reply::Json(400, json!({"error": "invalid_grant"}))
                }
            }
            ("/orgs/acme/token", _) => match polls.get(polled.fetch_add(1, Ordering::SeqCst)) {
                Some(Poll::Refused(code)) => Reply::Json(400, json!({"error": code})),
                Some(Poll::Away) => Reply::RetryAfter(503, 1),
                Some(Poll::Granted { lasts }) => tokens(*lasts),
                None => Reply::Json(400, json!({"error": "authorization_pending"})),
            },
            ("/orgs/acme/jwks", _) => Reply::Json(200, json!({"keys": [key.public_jwk()]})),
            ("/orgs/acme/revoke", _) => Reply::Json(200, json!({})),
            ("/orgs/acme/api/v1/me", _) => me(request, generation.load(Ordering::SeqCst)),
            _ => Reply::Json(404, json!({"error": "not_found"})),
        };
        match reply {
            Reply::Json(status, mut value) => {
                change(&request.path, &mut value);
                Reply::Json(status, value)
            }
            reply => reply,
        }
    })
}

pub(crate) enum Poll {
    Refused(&'static str),
    Away,
    Granted { lasts: u64 },
}

fn metadata(issuer: &str) -> Value {
    json!({
        "issuer": issuer,
        "device_authorization_endpoint": format!("{issuer}/device_authorization"),
        "token_endpoint": format!("{issuer}/token"),
        "revocation_endpoint": format!("{issuer}/revoke"),
        "jwks_uri": format!("{issuer}/jwks"),
    })
}

fn me(request: &Request, generation: usize) -> Reply {
    if request.authorization.as_deref() != Some(&format!("Bearer at{generation}")) {
        return Reply::Json(401, json!({"error": "invalid_token"}));
    }
    Reply::Json(
        200,
        json!({
            "sub": "u1", "email": "ada@acme.example", "org_id": "acme", "client_id": "doorward-cli", "scope": "openid email",
            "kind": "jwt", "exp": client::now().seconds() + 3600,
        }),
    )
}

/// A person's home, in which the program runs.
pub(crate) struct Home(tempfile::TempDir);

impl Home {
    pub(crate) fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    pub(crate) fn path(&self) -> &Path {
        self.0.path()
    }

    pub(crate) fn credentials(&self) -> PathBuf {
        self.path().join(".config/doorward/credentials.json")
    }

    /// The program with these arguments, in an environment that knows this home alone.
    pub(crate) fn doorward(&self, args: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_doorward"));
        command.args(args).env_clear().env("HOME", self.path()).stdin(Stdio::null());
        command.stdout(Stdio::piped()).stderr(Stdio::piped());
        command
    }

    pub(crate) fn run(&self, args: &[&str]) -> Ran {
        Ran::from(self.doorward(args).output().unwrap())
    }

    /// Signed in at `server` with a token that lasts this many seconds.
    pub(crate) fn signed_in(server: &Scripted) -> Self {
        let home = Self::new();
        let ran = home.run(&["login", "--server", &server.url(), "--org", "acme"]);
        assert_eq!(ran.exit, 0, "{ran:?}");
        home
    }
}

#[derive(Debug)]
pub(crate) struct Ran {
    pub(crate) exit: i32,
    pub(crate) out: String,
    pub(crate) err: String,
}

impl From<Output> for Ran {
    fn from(output: Output) -> Self {
        let text = |bytes| String::from_utf8(bytes).unwrap();
        Self { exit: output.status.code().unwrap(), out: text(output.stdout), err: text(output.stderr) }
    }
}

impl Ran {
    /// Standard output as one JSON object a line.
    pub(crate) fn lines(&self) -> Vec<Value> {
        self.out.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
    }
}
