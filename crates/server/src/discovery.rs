//! Metadata and keys: documents that hardly change, kept ready with their ETags for a second at a time.

use crate::context::Context;
use crate::extract::request::organization;
use crate::refused::Refused;
use crate::state::State;
use actix_web::HttpResponse;
use actix_web::http::header;
use actix_web::web::Bytes;
use directory::catalogue::Catalogue;
use issuer::keys::{JWKS_MAX_AGE, KeyCache};
use model::algorithm::Algorithm;
use model::device_login::DeviceLogin;
use model::fault::Fault;
use model::id::OrgId;
use model::language::Language;
use model::moment::Moment;
use model::time::Timestamp;
use protocol::authorize::{Prompt, ResponseMode};
use protocol::metadata::Metadata;
use protocol::token::GrantType;
use routes::PublicUrl;
use std::collections::HashMap;
use std::hash::{DefaultHasher, Hash as _, Hasher as _};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

/// How old a document may be.
const FRESH: Duration = Duration::from_secs(1);

/// Organizations whose documents are kept at most.
const MOST: usize = 4096;

/// A document with its ETag.
#[derive(Clone)]
struct Document {
    body: Bytes,
    etag: String,
}

impl Document {
    fn of(value: &impl serde::Serialize) -> Result<Self, Fault> {
        let body = serde_json::to_vec(value).map_err(|error| Fault::broken("a document has no JSON").because(error))?;
        let mut hash = DefaultHasher::new();
        body.hash(&mut hash);
        Ok(Self { etag: format!("\"{:016x}\"", hash.finish()), body: Bytes::from(body) })
    }
}

struct Documents {
    metadata: Document,
    jwks: Document,
    read_at: Timestamp,
}

/// The documents of organizations that were asked for a moment ago.
#[derive(Default)]
pub struct DiscoveryCache(Mutex<HashMap<OrgId, Arc<Documents>>>);

impl DiscoveryCache {
    fn fresh(&self, org: &OrgId, now: Timestamp) -> Option<Arc<Documents>> {
        let known = self.0.lock().unwrap_or_else(PoisonError::into_inner).get(org).cloned()?;
        (now >= known.read_at && now < known.read_at.after(FRESH)).then_some(known)
    }

    /// Forgets an organization's documents, so that the next request reads them again.
    pub fn forget(&self, org: &OrgId) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).remove(org);
    }

    fn keep(&self, org: &OrgId, documents: Arc<Documents>) {
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if known.len() >= MOST {
            known.retain(|_, other| documents.read_at < other.read_at.after(FRESH));
        }
        if known.len() < MOST {
            known.insert(org.clone(), documents);
        }
    }
}

async fn documents(state: &State, org: &OrgId, moment: &Moment) -> Result<Option<Arc<Documents>>, Fault> {
    if let Some(fresh) = state.discovery.fresh(org, moment.now()) {
        return Ok(Some(fresh));
    }
    let (wanted, now, known) = (org.clone(), moment.now(), state.keys.fresh(org, moment.now()));
    let keys_known = known.is_some();
    let read = state.db.snapshot("metadata", move |conn| {
        let Some(organization) = store::tables::organizations::by_id(conn, &wanted)? else { return Ok(None) };
        let keys = if keys_known { Vec::new() } else { KeyCache::read(conn, &wanted, now)? };
        Ok(Some((Catalogue::read(conn, &wanted)?, organization.device_login.login != DeviceLogin::Off, keys)))
    });
    let Some((catalogue, devices, records)) = read.await? else { return Ok(None) };
    let keys = match known {
        Some(known) => known,
        None => state.keep_keys(org, records, now)?,
    };
    let documents = Arc::new(Documents {
        metadata: Document::of(&metadata(&state.config.public_url, org, (&catalogue, devices)))?,
        jwks: Document::of(&keys.jwks())?,
        read_at: moment.now(),
    });
    state.discovery.keep(org, documents.clone());
    Ok(Some(documents))
}

/// `devices` says whether any application may log devices in: what never works is not listed.
fn metadata(url: &PublicUrl, org: &OrgId, (catalogue, devices): (&Catalogue, bool)) -> Metadata {
    let words = |list: &[&str]| list.iter().map(|word| (*word).to_owned()).collect::<Vec<_>>();
    let endpoint = |name: &str| url.join(&routes::url::oauth(org, name));
    let confidential = words(&["client_secret_basic", "client_secret_post"]);
    let any = words(&["none", "client_secret_basic", "client_secret_post"]);
    Metadata {
        issuer: url.issuer(org),
        authorization_endpoint: Some(endpoint("authorize")),
        device_authorization_endpoint: devices.then(|| endpoint("device_authorization")),
        token_endpoint: endpoint("token"),
        introspection_endpoint: Some(endpoint("introspect")),
        revocation_endpoint: Some(endpoint("revoke")),
        userinfo_endpoint: Some(endpoint("userinfo")),
        jwks_uri: Some(url.join(&routes::url::jwks(org))),
        scopes_supported: catalogue.names().names().map(str::to_owned).collect(),
        end_session_endpoint: Some(endpoint("logout")),
        response_types_supported: words(&["code"]),
        response_modes_supported: ResponseMode::ALL.iter().map(|mode| mode.wire().to_owned()).collect(),
        prompt_values_supported: words(&Prompt::VALUES),
        ui_locales_supported: Language::ALL.iter().map(|language| language.tag().to_owned()).collect(),
        authorization_response_iss_parameter_supported: true,
        claims_parameter_supported: false,
        request_parameter_supported: false,
        request_uri_parameter_supported: false,
        grant_types_supported: GrantType::ALL
            .iter()
            .filter(|grant| devices || **grant != GrantType::DeviceCode)
            .map(|grant| grant.wire().to_owned())
            .collect(),
        subject_types_supported: words(&["public"]),
        id_token_signing_alg_values_supported: Algorithm::ALL
            .iter()
            .map(|algorithm| algorithm.as_str().to_owned())
            .collect(),
        token_endpoint_auth_methods_supported: any.clone(),
        introspection_endpoint_auth_methods_supported: confidential,
        revocation_endpoint_auth_methods_supported: any,
        code_challenge_methods_supported: words(&["S256"]),
        claims_supported: words(&[
            "iss",
            "sub",
            "aud",
            "exp",
            "iat",
            "auth_time",
            "at_hash",
            "nonce",
            "sid",
            "org_id",
            "name",
            "email",
            "email_verified",
        ]),
    }
}

/// What the server itself offers, to clients that leave it to the user which organization it is: device codes for opaque tokens.
fn instance(url: &PublicUrl, catalogue: &Catalogue) -> Metadata {
    let words = |list: &[&str]| list.iter().map(|word| (*word).to_owned()).collect::<Vec<_>>();
    let home = OrgId::instance();
    let endpoint = |name: &str| url.join(&routes::url::oauth(&home, name));
    let confidential = words(&["client_secret_basic", "client_secret_post"]);
    let any = words(&["none", "client_secret_basic", "client_secret_post"]);
    Metadata {
        issuer: url.issuer(&home),
        device_authorization_endpoint: Some(endpoint("device_authorization")),
        token_endpoint: endpoint("token"),
        introspection_endpoint: Some(endpoint("introspect")),
        revocation_endpoint: Some(endpoint("revoke")),
        scopes_supported: catalogue.names().names().map(str::to_owned).collect(),
        grant_types_supported: vec![GrantType::DeviceCode.wire().to_owned()],
        token_endpoint_auth_methods_supported: any.clone(),
        introspection_endpoint_auth_methods_supported: confidential,
        revocation_endpoint_auth_methods_supported: any,
        code_challenge_methods_supported: words(&["S256"]),
        ..Metadata::default()
    }
}

/// The server's own metadata (RFC 8414 §3).
///
/// # Errors
/// The database's.
pub async fn instance_metadata(context: Context) -> Result<HttpResponse, Refused> {
    let read = context.state.db.read("own metadata", |conn| Catalogue::read(conn, &OrgId::instance()));
    let document = Document::of(&instance(&context.state.config.public_url, &read.await?))?;
    Ok(answer(&context, &document, Duration::from_secs(60)))
}

fn answer(context: &Context, document: &Document, max_age: Duration) -> HttpResponse {
    let caching = format!("public, max-age={}", max_age.as_secs());
    let known = context.header(header::IF_NONE_MATCH).is_some_and(|tags| {
        tags.trim() == "*" || tags.split(',').any(|tag| tag.trim().trim_start_matches("W/") == document.etag)
    });
    let mut response = if known { HttpResponse::NotModified() } else { HttpResponse::Ok() };
    response.insert_header((header::CACHE_CONTROL, caching)).insert_header((header::ETAG, document.etag.clone()));
    if known { response.finish() } else { response.content_type("application/json").body(document.body.clone()) }
}

/// The organization's metadata, the same at each of its four addresses (RFC 8414 §3, OIDC Discovery §4).
///
/// # Errors
/// 404 where there is no such organization.
pub async fn server_metadata(context: Context) -> Result<HttpResponse, Refused> {
    let org = organization(&context)?;
    let documents = documents(&context.state, &org, &context.moment).await?.ok_or(Refused::NotFound)?;
    Ok(answer(&context, &documents.metadata, Duration::from_secs(60)))
}

/// The organization's public keys (RFC 7517 §5).
///
/// # Errors
/// 404 where there is no such organization.
pub async fn jwks(context: Context) -> Result<HttpResponse, Refused> {
    let org = organization(&context)?;
    let documents = documents(&context.state, &org, &context.moment).await?.ok_or(Refused::NotFound)?;
    Ok(answer(&context, &documents.jwks, JWKS_MAX_AGE))
}
