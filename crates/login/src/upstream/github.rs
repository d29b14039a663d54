//! Who somebody is at GitHub, which has no `id_token`: its interface says it.

use super::Failed;
use super::discovery::Endpoints;
use super::exchange::Tokens;
use model::upstream::{Identity, Person, Provider, SaidAddress};
use outbound::{Outbound, Request};
use serde::Deserialize;
use serde::de::DeserializeOwned;

#[derive(Deserialize)]
struct Account {
    /// The login may be given to somebody else one day; this is not.
    id: u64,
    login: String,
    name: Option<String>,
}

#[derive(Deserialize)]
struct Address {
    email: String,
    primary: bool,
    verified: bool,
}

/// Who the tokens are of.
pub(super) async fn person(
    provider: &Provider,
    endpoints: &Endpoints,
    tokens: &Tokens,
    out: &Outbound,
) -> Result<Person, Failed> {
    let base = endpoints.person.as_deref().unwrap_or_default();
    let account: Account = get(&format!("{base}/user"), tokens, out).await?;
    let addresses: Vec<Address> = get(&format!("{base}/user/emails"), tokens, out).await?;
    let primary = addresses.into_iter().find(|address| address.primary);
    Ok(Person {
        identity: Identity {
            provider: provider.key.clone(),
            issuer: provider.issuer.clone(),
            subject: account.id.to_string(),
        },
        address: primary.map(|address| SaidAddress { email: address.email, verified: address.verified }),
        name: account.name.or(Some(account.login)),
    })
}

async fn get<T: DeserializeOwned>(url: &str, tokens: &Tokens, out: &Outbound) -> Result<T, Failed> {
    let answer = out.send(Request::get(url).bearer(tokens.access.expose())).await?;
    if answer.status != 200 {
        return Err(Failed::Status(answer.status));
    }
    serde_json::from_slice(&answer.body).map_err(|_| Failed::Answer("what GitHub says can't be read"))
}
