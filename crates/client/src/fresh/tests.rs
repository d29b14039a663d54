use super::*;
use crate::poll::tests::metadata;
use crate::scripted::{Reply, Request, Scripted};
use crate::{Selection, Tokens};
use jose::{Algorithm, PrivateKey, Refused, SigningKey};
use model::secret::Secret;
use serde_json::{Value, json};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

fn kept(server: &Scripted, lasts: Duration) -> Login {
    Login {
        key: LoginKey {
            server: server.url(),
            org: "acme".into(),
            dialect: Dialect::Rfc8628,
            client_id: "acme-cli".into(),
        },
        tokens: Tokens {
            access_token: Secret::new("at0".into()),
            expires_at: now().after(lasts),
            refresh_token: Some(Secret::new("rt0".into())),
            id_token: Some(Secret::new("id0".into())),
            scope: "openid".into(),
        },
    }
}

async fn store_with(login: &Login) -> (tempfile::TempDir, Store) {
    let folder = tempfile::tempdir().unwrap();
    let store = Store::at(folder.path().to_owned());
    store.keep(login.clone()).await.unwrap();
    (folder, store)
}

/// A server that takes each refresh token once, as the strictest would.
fn rotating() -> Scripted {
    let generation = AtomicUsize::new(0);
    Scripted::start(move |request| {
        respond(request, &|request| {
            let spent = generation.load(Ordering::SeqCst);
            if request.field("refresh_token") != format!("rt{spent}") {
                return Reply::Json(400, json!({"error": "invalid_grant"}));
            }
            let next = generation.fetch_add(1, Ordering::SeqCst) + 1;
            Reply::Json(
                200,
                json!({
                    "access_token": format!("at{next}"), "token_type": "Bearer", "expires_in": 3600, "refresh_token": format!("rt{next}"),
                }),
            )
        })
    })
}

fn respond(request: &Request, token: &dyn Fn(&Request) -> Reply) -> Reply {
    match request.path.as_str() {
        "/.well-known/oauth-authorization-server/orgs/acme" => {
            Reply::Json(200, metadata(&format!("http://{}", request.host)))
        }
        "/orgs/acme/token" => token(request),
        "/orgs/acme/revoke" => Reply::Json(200, json!({})),
        "/orgs/acme/api/v1/me" if request.authorization.as_deref() == Some("Bearer at1") => Reply::Json(
            200,
            json!({
                "sub": "u1", "email": "ada@acme.example", "org_id": "acme", "client_id": "acme-cli", "scope": "openid", "kind": "jwt", "exp": 1,
            }),
        ),
        "/orgs/acme/api/v1/me" => Reply::Json(401, json!({"error": "invalid_token"})),
        _ => Reply::Json(404, json!({})),
    }
}

#[tokio::test]
async fn a_token_that_is_good_needs_no_server() {
    let server = rotating();
    let login = kept(&server, Duration::from_secs(90));
    let (_folder, store) = store_with(&login).await;
    let fresh = store.fresh(&login.key, "test/1").await.unwrap();
    assert_eq!(fresh.tokens.access_token.expose(), "at0");
    assert!(server.seen("").is_empty());
}

#[tokio::test]
async fn twenty_at_expiry_renew_once_and_all_get_the_new_token() {
    let server = rotating();
    let login = kept(&server, Duration::from_secs(30));
    let (_folder, store) = store_with(&login).await;
    let asked: Vec<_> = (0..20)
        .map(|_| {
            let (store, key) = (store.clone(), login.key.clone());
            tokio::spawn(async move { store.fresh(&key, "test/1").await })
        })
        .collect();
    for one in asked {
        assert_eq!(one.await.unwrap().unwrap().tokens.access_token.expose(), "at1");
    }
    let renewals = server.seen("/token");
    assert_eq!(renewals.len(), 1);
    assert_eq!((renewals[0].field("grant_type"), renewals[0].field("client_id")), ("refresh_token", "acme-cli"));

    let after = store.find(&Selection::default()).unwrap().unwrap();
    assert_eq!(after.tokens.refresh_token.unwrap().expose(), "rt1");
    assert_eq!(after.tokens.id_token.unwrap().expose(), "id0", "a renewal without one keeps who signed in");
}

#[tokio::test]
async fn an_ended_login_is_told_from_a_server_that_is_away() {
    let server = Scripted::start(|request| respond(request, &|_| Reply::Json(400, json!({"error": "invalid_grant"}))));
    let login = kept(&server, Duration::ZERO);
    let (_folder, store) = store_with(&login).await;
    assert!(matches!(store.fresh(&login.key, "test/1").await, Err(Error::SignedOut)));

    let busy = Scripted::start(|request| respond(request, &|_| Reply::RetryAfter(503, 1)));
    let over = kept(&busy, Duration::ZERO);
    let (_folder, store) = store_with(&over).await;
    assert!(matches!(store.fresh(&over.key, "test/1").await, Err(Error::Unavailable { .. })));

    let nearly = kept(&busy, Duration::from_secs(30));
    let (_folder, store) = store_with(&nearly).await;
    assert_eq!(store.fresh(&nearly.key, "test/1").await.unwrap().tokens.access_token.expose(), "at0");

    let mut lasting = kept(&busy, Duration::ZERO);
    lasting.tokens.refresh_token = None;
    let (_folder, store) = store_with(&lasting).await;
    assert!(matches!(store.fresh(&lasting.key, "test/1").await, Err(Error::Over)));

    let nobody = LoginKey { org: "beta".into(), ..nearly.key };
    assert!(matches!(store.fresh(&nobody, "test/1").await, Err(Error::NotSignedIn)));
}

#[tokio::test]
async fn ending_revokes_the_refresh_token_and_then_removes_the_entry() {
    let server = rotating();
    let login = kept(&server, Duration::from_secs(90));
    let (_folder, store) = store_with(&login).await;
    assert!(store.end(&login.key, "test/1", false).await.unwrap().is_none());
    let revoked = server.seen("/revoke");
    assert_eq!((revoked.len(), revoked[0].field("token"), revoked[0].field("client_id")), (1, "rt0", "acme-cli"));
    assert!(store.get(&login.key).unwrap().is_none());
    assert!(matches!(store.end(&login.key, "test/1", false).await, Err(Error::NotSignedIn)));
}

#[tokio::test]
async fn a_server_that_is_away_keeps_the_entry_unless_it_is_to_be_forgotten() {
    let server = rotating();
    let login = kept(&server, Duration::from_secs(90));
    drop(server);
    let (_folder, store) = store_with(&login).await;
    assert!(matches!(store.end(&login.key, "test/1", false).await, Err(Error::Unreachable(_))));
    assert!(store.get(&login.key).unwrap().is_some());
    assert!(matches!(store.end(&login.key, "test/1", true).await, Ok(Some(Error::Unreachable(_)))));
    assert!(store.get(&login.key).unwrap().is_none());
}

#[tokio::test]
async fn me_is_asked_with_the_access_token() {
    let server = rotating();
    let mut login = kept(&server, Duration::ZERO);
    let client = login.client("test/1").await.unwrap();
    assert!(matches!(client.me(&login).await, Err(Error::SignedOut)));
    login.tokens.access_token = Secret::new("at1".into());
    assert_eq!(client.me(&login).await.unwrap().email.unwrap(), "ada@acme.example");
}

/// What an id_token's verification says, with these claims changed and the given header type.
async fn believed(
    typ: &'static str,
    change: impl Fn(&mut Value),
) -> (Result<Option<String>, Error>, Result<Option<String>, Error>) {
    let private = PrivateKey::generate(Algorithm::Es256).unwrap();
    let key = Arc::new(SigningKey::parse(Algorithm::Es256, "k1".into(), &private).unwrap());
    let published = key.public_jwk();
    let server = Scripted::start(move |request| match request.path.as_str() {
        "/orgs/acme/jwks" => Reply::Json(200, json!({"keys": [{"kty": "new"}, published]})),
        _ => respond(request, &|_| Reply::HangUp),
    });
    let mut claims = json!({
        "iss": format!("{}/orgs/acme", server.url()), "aud": "acme-cli", "sub": "u1", "email": "ada@acme.example",
        "exp": now().seconds() + 600, "iat": now().seconds(), "at_hash": jose::at_hash(Algorithm::Es256, "at0"),
    });
    change(&mut claims);
    let mut login = kept(&server, Duration::from_secs(90));
    login.tokens.id_token = Some(Secret::new(key.sign(typ, &claims).unwrap()));
    let client = login.client("test/1").await.unwrap();
    let email = |identity: Option<crate::Identity>| identity.and_then(|identity| identity.email);
    (client.identity(&login.tokens).await.map(email), client.past_identity(&login.tokens).await.map(email))
}

#[tokio::test]
async fn an_id_token_is_believed_for_this_issuer_program_and_access_token_alone() {
    let ada = Some("ada@acme.example".to_owned());
    let (first, later) = believed("JWT", |_| {}).await;
    assert_eq!((first.unwrap(), later.unwrap()), (ada.clone(), ada.clone()));

    let (first, later) = believed("JWT", |all| all["exp"] = json!(now().seconds() - 61)).await;
    assert!(matches!(first, Err(Error::Identity(Refused::Expired))));
    assert_eq!(later.unwrap(), ada);
    let (first, later) = believed("JWT", |all| all["at_hash"] = json!("x")).await;
    assert!(matches!(first, Err(Error::Identity(Refused::Claim("at_hash")))));
    assert_eq!(later.unwrap(), ada, "the access token has been renewed since");

    for (expected, typ, name, value) in [
        (Refused::Type, "at+jwt", "x", json!(1)),
        (Refused::Issuer, "JWT", "iss", json!("https://evil.example")),
        (Refused::Audience, "JWT", "aud", json!("another-cli")),
        (Refused::Audience, "JWT", "azp", json!("another-cli")),
        (Refused::NotYet, "JWT", "iat", json!(now().seconds() + 120)),
        (Refused::Claim("sub"), "JWT", "sub", json!(7)),
    ] {
        let (first, later) = believed(typ, |all| all[name] = value.clone()).await;
        assert!(matches!(first, Err(Error::Identity(why)) if why == expected), "{name}");
        assert!(matches!(later, Err(Error::Identity(why)) if why == expected), "{name}");
    }
}

#[tokio::test]
async fn tokens_without_an_id_token_say_nothing_of_who() {
    let server = rotating();
    let mut login = kept(&server, Duration::from_secs(90));
    login.tokens.id_token = None;
    let client = login.client("test/1").await.unwrap();
    assert_eq!(client.identity(&login.tokens).await.unwrap(), None);
}
