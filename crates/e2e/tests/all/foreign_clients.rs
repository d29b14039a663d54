//! Clients that are not ours run the device grant, and sign people in by codes, from the discovery document alone.

use std::fs::File;
use std::process::Stdio;

use e2e::acme::{Acme, EMAIL, ORGANIZATION, PASSWORD, SCOPE};
use e2e::chromium::Chromium;
use e2e::database::Engine;
use e2e::lines::JsonLines;
use e2e::places::{command, provided, tool};
use e2e::server::Answer;
use oauth2::{HttpRequest, HttpResponse, TokenResponse as _};
use openidconnect::core::{
    CoreAuthDisplay, CoreClaimName, CoreClaimType, CoreClient, CoreClientAuthMethod, CoreDeviceAuthorizationResponse,
    CoreGrantType, CoreJsonWebKey, CoreJweContentEncryptionAlgorithm, CoreJweKeyManagementAlgorithm, CoreResponseMode,
    CoreResponseType, CoreSubjectIdentifierType, CoreUserInfoClaims,
};
use openidconnect::{AdditionalProviderMetadata, ClientId, DeviceAuthorizationUrl, IssuerUrl, ProviderMetadata, Scope};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

async fn fetch(request: HttpRequest) -> Result<HttpResponse, reqwest::Error> {
    let http = reqwest::Client::builder().redirect(reqwest::redirect::Policy::none()).build()?;
    let answer = http.execute(request.try_into()?).await?;
    let (status, headers) = (answer.status(), answer.headers().clone());
    let mut response = HttpResponse::new(answer.bytes().await?.to_vec());
    (*response.status_mut(), *response.headers_mut()) = (status, headers);
    Ok(response)
}

async fn approve(acme: &Acme, user_code: &str) {
    let mut browser = acme.browser();
    acme.sign_in(&mut browser).await;
    acme.approve(&mut browser, user_code).await;
}

/// PyJWT, another implementation in another language, verifies both tokens by the published keys; gives the claims.
async fn verified_by_pyjwt((acme, client_id): (&Acme, &str), access_token: &str, id_token: &str) -> Value {
    let mut python = command(provided("venv/bin/python"));
    python.arg(tool("verify_tokens.py"));
    let input = json!({
        "issuer": acme.issuer(), "client_id": client_id, "access_token": access_token, "id_token": id_token,
    });
    let answer = tokio::task::spawn_blocking(move || Answer::of(python, &input.to_string())).await.expect("an answer");
    answer.json()
}

#[tokio::test]
async fn oauth2_crate() {
    let acme = Acme::on(Engine::Sqlite).await;
    let document = format!("{}/.well-known/oauth-authorization-server", acme.issuer());
    let metadata: Value = reqwest::get(document).await.expect("an answer").json().await.expect("metadata");
    let url = |name: &str| metadata[name].as_str().unwrap_or_else(|| panic!("{name} in {metadata}")).to_owned();
    let device_url = DeviceAuthorizationUrl::new(url("device_authorization_endpoint")).expect("a URL");
    let client = oauth2::basic::BasicClient::new(ClientId::new(acme.client_id.clone()))
        .set_device_authorization_url(device_url)
        .set_token_uri(oauth2::TokenUrl::new(url("token_endpoint")).expect("a URL"));
    let scopes = SCOPE.split(' ').map(|scope| Scope::new(scope.to_owned()));
    let details: oauth2::StandardDeviceAuthorizationResponse =
        client.exchange_device_code().add_scopes(scopes).request_async(&fetch).await.expect("a device code");
    approve(&acme, details.user_code().secret()).await;
    let exchange = client.exchange_device_access_token(&details);
    let tokens = exchange.request_async(&fetch, tokio::time::sleep, None).await.expect("tokens");
    assert_eq!(tokens.expires_in(), Some(std::time::Duration::from_secs(3600)));
    let mut granted = tokens.scopes().expect("scopes").iter().map(|scope| scope.as_str()).collect::<Vec<_>>();
    granted.sort_unstable();
    assert_eq!(granted, ["email", "offline_access", "openid", "profile"]);

    let refresh = tokens.refresh_token().expect("a refresh token");
    let refreshed = client.exchange_refresh_token(refresh).request_async(&fetch).await.expect("fresh tokens");
    assert_ne!(refreshed.refresh_token().expect("another one").secret(), refresh.secret());
    assert_ne!(refreshed.access_token().secret(), tokens.access_token().secret());
}

#[derive(Debug, Clone, Serialize, Deserialize)]
struct DeviceEndpoint {
    device_authorization_endpoint: DeviceAuthorizationUrl,
}
impl AdditionalProviderMetadata for DeviceEndpoint {}
type DeviceMetadata = ProviderMetadata<
    DeviceEndpoint,
    CoreAuthDisplay,
    CoreClientAuthMethod,
    CoreClaimName,
    CoreClaimType,
    CoreGrantType,
    CoreJweContentEncryptionAlgorithm,
    CoreJweKeyManagementAlgorithm,
    CoreJsonWebKey,
    CoreResponseMode,
    CoreResponseType,
    CoreSubjectIdentifierType,
>;

#[tokio::test]
async fn openidconnect_crate_and_pyjwt() {
    let acme = Acme::on(Engine::Postgres).await;
    let issuer = IssuerUrl::new(acme.issuer()).expect("a URL");
    let metadata = DeviceMetadata::discover_async(issuer, &fetch).await.expect("a discovery document");
    let device_url = metadata.additional_metadata().device_authorization_endpoint.clone();
    let client = CoreClient::from_provider_metadata(metadata, ClientId::new(acme.client_id.clone()), None)
        .set_device_authorization_url(device_url);
    let scopes = SCOPE.split(' ').map(|scope| Scope::new(scope.to_owned()));
    let details: CoreDeviceAuthorizationResponse =
        client.exchange_device_code().add_scopes(scopes).request_async(&fetch).await.expect("a device code");
    approve(&acme, details.user_code().secret()).await;
    let exchange = client.exchange_device_access_token(&details).expect("the token endpoint is known");
    let tokens = exchange.request_async(&fetch, tokio::time::sleep, None).await.expect("tokens");

    let id_token = tokens.extra_fields().id_token().expect("an id_token");
    // There is no nonce without an authorization request.
    let claims = id_token.claims(&client.id_token_verifier(), |_: Option<&openidconnect::Nonce>| Ok(()));
    let claims = claims.expect("a signature that holds");
    let info = client.user_info(tokens.access_token().clone(), Some(claims.subject().clone()));
    let info: CoreUserInfoClaims = info.expect("its endpoint is known").request_async(&fetch).await.expect("claims");
    assert_eq!(info.email().map(|email| email.as_str()), Some(EMAIL));

    let verified =
        verified_by_pyjwt((&acme, &acme.client_id), tokens.access_token().secret(), &id_token.to_string()).await;
    let access = &verified["access"];
    assert_eq!(access["header"]["typ"], "at+jwt");
    assert_eq!(access["claims"]["sub"], claims.subject().as_str());
    assert_eq!(access["claims"]["client_id"], acme.client_id);
    assert_eq!(access["claims"]["org_id"], ORGANIZATION);
    assert_eq!(verified["id"]["claims"]["sub"], claims.subject().as_str());
    assert!(verified["id"]["claims"]["auth_time"].is_u64(), "{verified}");
}

#[tokio::test]
async fn node_openid_client() {
    let acme = Acme::on(Engine::Sqlite).await;
    let mut node = command(provided("bin/node"));
    // Read from standard input, a module finds its libraries from the folder that Node runs in.
    node.arg("--input-type=module").current_dir(provided("npm"));
    node.env("ISSUER", acme.issuer()).env("CLIENT_ID", &acme.client_id).env("SCOPE", SCOPE);
    let script = File::open(tool("openid_client.mjs")).expect("the script");
    let mut client = JsonLines::start_with(node, Stdio::from(script));
    let code = client.event("code").await;
    approve(&acme, code["user_code"].as_str().expect("a user code")).await;
    let tokens = client.event("tokens").await;
    let get = |name: &str| tokens[name].as_str().unwrap_or_else(|| panic!("{name} in {tokens}"));
    let verified = verified_by_pyjwt((&acme, &acme.client_id), get("access_token"), get("id_token")).await;
    assert_eq!(verified["id"]["claims"]["sub"], tokens["sub"]);

    assert_eq!(client.event("userinfo").await["email"], EMAIL);
    assert_ne!(client.event("refreshed").await["refresh_token"], tokens["refresh_token"]);
    assert_eq!(client.event("revoked").await["then"], "invalid_grant");
    let (status, errors) = client.end().await;
    assert_eq!(status, 0, "{errors}");
}

/// *Acme Desk*, a public application that signs people in by codes on their own machine; gives its client id.
fn desk(acme: &Acme) -> String {
    let program = ["app", "create", "--org", ORGANIZATION, "--name", "Acme Desk", "--public", "--scope", SCOPE];
    let grants = ["--grant", "authorization_code", "--grant", "refresh_token"];
    let addresses = ["--redirect-uri", "http://127.0.0.1/cb", "--post-logout-redirect-uri", "http://127.0.0.1/bye"];
    let program = acme.server.json(&[&program[..], &grants, &addresses].concat(), "");
    program["client_id"].as_str().expect("a client_id").to_owned()
}

/// Ada signs in at this address of the program's and agrees to what it asks for.
async fn agree(chromium: &Chromium, address: &Value) {
    chromium.open(address.as_str().expect("an address")).await;
    chromium.fill("E-mail address", EMAIL).await;
    chromium.fill("Password", PASSWORD).await;
    chromium.press("Sign in").await;
    chromium.named(&["button"], "Deny").await;
    let consent = chromium.text().await;
    for fact in ["Acme Desk", "Acme Corp", EMAIL, "http://127.0.0.1:"] {
        assert!(consent.contains(fact), "{fact}: {consent}");
    }
    chromium.press("Approve").await;
    chromium.wait_for("Back at the program").await;
}

/// The tokens that a program tells after somebody has agreed, verified by another library as well.
async fn collected((acme, client_id): (&Acme, &str), client: &mut JsonLines) -> Value {
    let tokens = client.event("tokens").await;
    let get = |name: &str| tokens[name].as_str().unwrap_or_else(|| panic!("{name} in {tokens}"));
    let verified = verified_by_pyjwt((acme, client_id), get("access_token"), get("id_token")).await;
    assert_eq!(verified["id"]["claims"]["sub"], tokens["claims"]["sub"]);
    tokens
}

/// The browser goes where the program sends it to sign out, and comes back signed out.
async fn sign_out(acme: &Acme, (client, chromium): (&mut JsonLines, &Chromium), logout: &Value) {
    chromium.open(logout["url"].as_str().expect("an address")).await;
    chromium.wait_for("Back at the program").await;
    assert_eq!(client.event("bye").await["state"], "so long");
    chromium.open(&format!("{}/orgs", acme.server.url())).await;
    chromium.named(&["button"], "Sign in").await;
    assert_eq!(chromium.complaints().await, Vec::<String>::new());
}

#[tokio::test]
async fn node_openid_client_signs_in_in_the_browser() {
    let acme = Acme::on(Engine::Postgres).await;
    let client_id = desk(&acme);
    let mut node = command(provided("bin/node"));
    node.arg("--input-type=module").current_dir(provided("npm"));
    node.env("ISSUER", acme.issuer()).env("CLIENT_ID", &client_id).env("SCOPE", SCOPE);
    let script = File::open(tool("openid_code_client.mjs")).expect("the script");
    let mut client = JsonLines::start_with(node, Stdio::from(script));
    let ready = client.event("ready").await;

    let chromium = Chromium::start().await;
    agree(&chromium, &ready["url"]).await;
    let tokens = collected((&acme, &client_id), &mut client).await;
    assert_eq!(client.event("userinfo").await["email"], EMAIL);
    assert_ne!(client.event("refreshed").await["refresh_token"], tokens["refresh_token"]);
    let logout = client.event("logout").await;

    // The same by a form that the page posts there by itself.
    chromium.open(ready["posting"].as_str().expect("an address")).await;
    chromium.press("Approve").await;
    chromium.wait_for("Back at the program").await;
    let posted = client.event("posted").await;
    assert!(posted["fields"]["code"].is_string() && posted["fields"]["iss"] == acme.issuer(), "{posted}");
    sign_out(&acme, (&mut client, &chromium), &logout).await;
}

#[tokio::test]
async fn python_authlib_signs_in_in_the_browser() {
    let acme = Acme::on(Engine::Sqlite).await;
    let client_id = desk(&acme);
    let mut python = command(provided("venv/bin/python"));
    python.arg(tool("authlib_code_client.py"));
    python.env("ISSUER", acme.issuer()).env("CLIENT_ID", &client_id).env("SCOPE", SCOPE);
    let mut client = JsonLines::start(python);
    let ready = client.event("ready").await;
    // Somebody else's answer, before there is one.
    let origin = ready["origin"].as_str().expect("an address");
    let forged = format!("{origin}/cb?code=x&state=x&iss={}", acme.issuer());
    reqwest::get(forged).await.expect("an answer");
    let refused = client.event("failed").await;
    assert!(refused["failure"].as_str().is_some_and(|why| why.contains("state")), "{refused}");

    let chromium = Chromium::start().await;
    agree(&chromium, &ready["url"]).await;
    let tokens = collected((&acme, &client_id), &mut client).await;
    assert_eq!(client.event("another_nonce").await["claim"], "nonce");
    assert_eq!(client.event("userinfo").await["email"], EMAIL);
    let refreshed = client.event("refreshed").await;
    assert_ne!(refreshed["refresh_token"], tokens["refresh_token"]);
    assert_eq!(refreshed["claims"]["sub"], tokens["claims"]["sub"]);
    let logout = client.event("logout").await;
    sign_out(&acme, (&mut client, &chromium), &logout).await;
}
