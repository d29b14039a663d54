//! The way there, and a code for tokens: by the `oauth2` library, over our own way out.

use super::discovery::Endpoints;
use super::{Failed, Way};
use model::secret::Secret;
use model::upstream::ProviderKind;
use oauth2::basic::{
    BasicErrorResponse, BasicRevocationErrorResponse, BasicTokenIntrospectionResponse, BasicTokenType,
};
use oauth2::{
    AuthType, AuthUrl, AuthorizationCode, ClientId, ClientSecret, CsrfToken, ExtraTokenFields, HttpRequest,
    HttpResponse, PkceCodeChallenge, PkceCodeVerifier, RedirectUrl, RequestTokenError, Scope, StandardRevocableToken,
    StandardTokenResponse, TokenResponse as _, TokenUrl,
};
use outbound::{Outbound, Request};
use serde::{Deserialize, Serialize};

/// What comes with the tokens.
#[derive(Clone, Debug, Serialize, Deserialize)]
struct IdToken {
    id_token: Option<String>,
}

impl ExtraTokenFields for IdToken {}

type Answer = StandardTokenResponse<IdToken, BasicTokenType>;

type Client = oauth2::Client<
    BasicErrorResponse,
    Answer,
    BasicTokenIntrospectionResponse,
    StandardRevocableToken,
    BasicRevocationErrorResponse,
>;

/// What a code was exchanged for.
#[derive(Debug)]
pub(super) struct Tokens {
    /// Says who it is.
    pub(super) id_token: Option<Secret>,
    /// Opens what says more.
    pub(super) access: Secret,
}

fn bad<T>(what: &'static str) -> impl FnOnce(T) -> Failed {
    move |_| Failed::Answer(what)
}

/// Where the browser goes.
pub(super) fn address(way: Way<'_>, endpoints: &Endpoints) -> Result<String, Failed> {
    let Way { provider, redirect_uri, secrets } = way;
    let authorization = AuthUrl::new(endpoints.authorization.clone()).map_err(bad("the address to sign in at"))?;
    let back = RedirectUrl::new(redirect_uri.to_owned()).map_err(bad("our own address"))?;
    let client =
        Client::new(ClientId::new(provider.client_id.clone())).set_auth_uri(authorization).set_redirect_uri(back);
    let challenge =
        PkceCodeChallenge::from_code_verifier_sha256(&PkceCodeVerifier::new(secrets.verifier.expose().clone()));
    let state = secrets.state.expose().clone();
    let mut request = client
        .authorize_url(move || CsrfToken::new(state))
        .add_scopes(provider.scopes.iter().cloned().map(Scope::new))
        .set_pkce_challenge(challenge);
    if provider.kind != ProviderKind::GitHub {
        request = request.add_extra_param("nonce", secrets.nonce.clone());
    }
    Ok(request.url().0.into())
}

/// Exchanges a code.
pub(super) async fn tokens(
    way: Way<'_>,
    endpoints: &Endpoints,
    (secret, code): (&Secret, &str),
    out: &Outbound,
) -> Result<Tokens, Failed> {
    let Way { provider, redirect_uri, secrets } = way;
    let token = TokenUrl::new(endpoints.token.clone()).map_err(bad("the address for tokens"))?;
    let back = RedirectUrl::new(redirect_uri.to_owned()).map_err(bad("our own address"))?;
    let client = Client::new(ClientId::new(provider.client_id.clone()))
        .set_client_secret(ClientSecret::new(secret.expose().clone()))
        .set_auth_type(if endpoints.basic { AuthType::BasicAuth } else { AuthType::RequestBody })
        .set_token_uri(token)
        .set_redirect_uri(back);
    let send = |request: HttpRequest| send(out.clone(), request);
    let answered = client
        .exchange_code(AuthorizationCode::new(code.to_owned()))
        .set_pkce_verifier(PkceCodeVerifier::new(secrets.verifier.expose().clone()))
        .request_async(&send)
        .await;
    match answered {
        Ok(answer) => Ok(Tokens {
            id_token: answer.extra_fields().id_token.clone().map(Secret::new),
            access: Secret::new(answer.access_token().secret().clone()),
        }),
        Err(RequestTokenError::Request(failed)) => Err(failed),
        Err(RequestTokenError::ServerResponse(_)) => Err(Failed::Answer("the provider refused the code")),
        Err(_) => Err(Failed::Answer("the answer for the code can't be read")),
    }
}

/// Sends what the library asks for.
async fn send(out: Outbound, request: HttpRequest) -> Result<HttpResponse, Failed> {
    let (head, body) = request.into_parts();
    let url = head.uri.to_string();
    let headers = head.headers.iter().map(|(name, value)| (name.as_str().to_owned(), value.as_bytes().to_vec()));
    let answer = out.send(Request { url: &url, headers: headers.collect(), body: Some(body) }).await?;
    if matches!(answer.status, 429 | 500..=599) {
        return Err(Failed::Status(answer.status));
    }
    let mut response = oauth2::http::Response::builder().status(answer.status);
    if let Some(media_type) = answer.content_type {
        response = response.header("content-type", media_type);
    }
    response.body(answer.body).map_err(bad("the answer for the code can't be read"))
}
