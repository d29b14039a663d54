//! Where a grant becomes tokens: the one place in which registry and issuer meet.
//!
//! Every way to tokens ends the same: a write commits what is redeemed, rotated or granted, and `issuer::issue::sign`
//! takes that commit and nothing else.

use crate::context::Context;
use issuer::issue::{Algorithms, Issuable};
use issuer::refresh::{RefreshRefusal, RefreshRequest};
use issuer::{families, refresh};
use jose::Algorithm;
use model::client::{Entrance, PresentedClient};
use model::fault::Fault;
use model::grant::PollOutcome;
use model::id::OrgId;
use model::issue::{ClientGrant, Issue, RedeemedGrant, Subject};
use model::org::Organization;
use model::secret::Purpose;
use protocol::scope::Scopes;
use protocol::token::{GrantType, TokenAnswer};
use registry::clients::{self, Authenticated, ClientRefusal};
use registry::grants::begin::{self, Begun, DeviceRequest};
use registry::grants::poll::{self, OwnGrant, Poll, Polled, Redemption};
use store::Class;
use store::db::{Committed, Split};

/// Opens a device grant, where this node's limits allow.
///
/// # Errors
/// The database's.
pub async fn begin(context: &Context, request: &DeviceRequest) -> Result<Begun, crate::refused::Refused> {
    let limits = &context.state.limits;
    limits
        .device_authorization(context.origin.network())
        .map_err(|retry_after| crate::refused::Refused::TooMany { retry_after })?;
    if !limits.has_room(&request.org_id) {
        return Ok(Begun::TooManyCodes);
    }
    let (wanted, moment, key) = (request.clone(), context.moment.clone(), context.state.keyring.key(Purpose::UserCode));
    let begun = context
        .state
        .db
        .write_shedding("device authorization", Class::Relaxed, move |conn| begin::begin(conn, &wanted, &key, &moment))
        .await?
        .into_inner();
    if matches!(begun, Begun::Opened(_)) {
        limits.count_code(&request.org_id);
    }
    Ok(begun)
}

/// What a poll comes to, whatever the dialect.
pub enum PollAnswer {
    /// The tokens, for the only time.
    Tokens(TokenAnswer),
    /// The client is not let in.
    Client(ClientRefusal),
    /// The application does not have the device grant.
    GrantNotAllowed,
    /// No such code for this client.
    UnknownCode,
    /// The tokens were already collected.
    AlreadyRedeemed,
    /// The user said no.
    Denied,
    /// User, membership or application may no longer do what was asked for.
    NoLongerEntitled,
    /// Time is over.
    Expired,
    /// Too early; the time between polls has grown.
    TooFast,
    /// The user has not decided.
    Pending,
}

/// Answers a poll.
///
/// # Errors
/// The database's.
pub async fn poll(context: &Context, poll: Poll) -> Result<PollAnswer, Fault> {
    let db = &context.state.db;
    let wanted = poll.clone();
    let own = match db.read("poll", move |conn| poll::find(conn, &wanted)).await? {
        Polled::Grant(own) => own,
        Polled::Client(refusal) => return Ok(PollAnswer::Client(refusal)),
        Polled::ApplicationDisabled => return Ok(PollAnswer::NoLongerEntitled),
        Polled::GrantNotAllowed => return Ok(PollAnswer::GrantNotAllowed),
        Polled::UnknownCode => return Ok(PollAnswer::UnknownCode),
    };
    let timed = context.state.last_polls.time(own.id, &own.facts, context.now());
    if let Some(grown) = timed.grown {
        let (org, grant) = (poll.org_id.clone(), own.id);
        db.write_later("grow interval", move |conn| store::tables::grants::grow_interval(conn, &org, grant, grown));
    }
    match timed.outcome {
        PollOutcome::Approved => {
            let grant = own.id;
            let redeemed = redeem(context, poll, *own).await;
            if redeemed.is_err() {
                context.state.last_polls.forget(grant);
            }
            redeemed
        }
        outcome => Ok(said(outcome)),
    }
}

fn said(outcome: PollOutcome) -> PollAnswer {
    match outcome {
        PollOutcome::AlreadyRedeemed => PollAnswer::AlreadyRedeemed,
        PollOutcome::Denied => PollAnswer::Denied,
        PollOutcome::Expired => PollAnswer::Expired,
        PollOutcome::TooFast(_) => PollAnswer::TooFast,
        // Approved is redeemed, never said; a grant that was approved a moment ago is polled for again.
        PollOutcome::Pending | PollOutcome::Approved => PollAnswer::Pending,
    }
}

/// A redemption as the write leaves it: tokens to be signed, or the outcome that came instead.
enum RedeemWritten {
    Made(Box<RedeemedGrant>),
    Instead(PollAnswer),
}

impl Split for RedeemWritten {
    type Kept = RedeemedGrant;
    type Rest = PollAnswer;

    fn split(self) -> Result<RedeemedGrant, PollAnswer> {
        match self {
            Self::Made(redeemed) => Ok(*redeemed),
            Self::Instead(answer) => Err(answer),
        }
    }
}

async fn redeem(context: &Context, poll: Poll, own: OwnGrant) -> Result<PollAnswer, Fault> {
    let org = poll.org_id.clone();
    let algorithms = algorithms(&own.signing_alg, own.id_token_alg.as_deref())?;
    // The keys are at hand before anything is spent: a key that is missing must not cost the device its grant.
    let keys = context.state.keys(&org, &[algorithms.access, algorithms.id_token], &context.moment).await?;
    let (grant, moment, origin) = (own.id, context.moment.clone(), context.origin.clone());
    let written = context.state.db.write("redeem", Class::Durable, move |conn| {
        Ok(match poll::redeem(conn, &poll, grant, (&moment, &origin))? {
            Redemption::Made(made) => {
                let parties = (&made.application, &made.user);
                let policy = (&made.organization.refresh, &moment);
                RedeemWritten::Made(Box::new(families::open(conn, &made.grant, &made.approval, parties, policy)?))
            }
            Redemption::Client(refusal) => RedeemWritten::Instead(PollAnswer::Client(refusal)),
            Redemption::NoLongerEntitled => RedeemWritten::Instead(PollAnswer::NoLongerEntitled),
            Redemption::Outcome(outcome) => RedeemWritten::Instead(said(outcome)),
        })
    });
    match written.await?.split() {
        Ok(redeemed) => sign(context, redeemed, &org, &keys, algorithms).map(PollAnswer::Tokens),
        Err(answer) => Ok(answer),
    }
}

fn sign<T: Issuable>(
    context: &Context,
    committed: Committed<T>,
    org: &OrgId,
    keys: &issuer::keys::OrgKeys,
    algorithms: Algorithms,
) -> Result<TokenAnswer, Fault> {
    issuer::issue::sign(committed, keys, &context.state.config.public_url.issuer(org), algorithms, &context.moment)
}

fn algorithms(signing_alg: &str, id_token_alg: Option<&str>) -> Result<Algorithms, Fault> {
    let parse = |name: &str| {
        Algorithm::parse(name).map_err(|error| Fault::broken("a stored algorithm is unknown").because(error))
    };
    let access = parse(signing_alg)?;
    Ok(Algorithms { access, id_token: id_token_alg.map(parse).transpose()?.unwrap_or(access) })
}

/// The same of a client that has authenticated.
fn algorithms_of(authenticated: &Authenticated) -> Result<Algorithms, Fault> {
    let tokens = &authenticated.client.application().settings.tokens;
    algorithms(&authenticated.organization.signing_alg, tokens.id_token_alg.as_deref())
}

/// What a refresh or a client's own request comes to.
pub enum TokenOutcome {
    /// The tokens.
    Tokens(TokenAnswer),
    /// The client is not let in.
    Client(ClientRefusal),
    /// The application may not use this grant.
    GrantNotAllowed,
    /// The refresh token is not good.
    NotGood,
    /// More scopes than may be had.
    ScopeNotAllowed,
}

/// A client that the first read has let in, with what its tokens will be signed with.
async fn admitted(
    context: &Context,
    org: &OrgId,
    client: &PresentedClient,
) -> Result<Result<Authenticated, ClientRefusal>, Fault> {
    let (org, client) = (org.clone(), client.clone());
    context
        .state
        .db
        .read("authenticate client", move |conn| clients::authenticate(conn, &org, &client, Entrance::Token))
        .await
}

/// Refreshes.
///
/// # Errors
/// The database's.
pub async fn refresh(
    context: &Context,
    org: OrgId,
    client: PresentedClient,
    request: RefreshRequest,
) -> Result<TokenOutcome, Fault> {
    let authenticated = match admitted(context, &org, &client).await? {
        Ok(authenticated) => authenticated,
        Err(refusal) => return Ok(TokenOutcome::Client(refusal)),
    };
    let algorithms = algorithms_of(&authenticated)?;
    let keys = context.state.keys(&org, &[algorithms.access, algorithms.id_token], &context.moment).await?;
    let (moment, key, home) = (context.moment.clone(), context.state.keyring.key(Purpose::RefreshToken), org.clone());
    let written = context.state.db.write("refresh", Class::Durable, move |conn| {
        // Looked at again in the transaction: the application may have been disabled since.
        match clients::authenticate(conn, &home, &client, Entrance::Token)? {
            Ok(now) => refresh::refresh(conn, &now.client, &request, (&now.organization.refresh, &key), &moment),
            Err(_) => Ok(refresh::Refreshed::Refused(RefreshRefusal::NotGood)),
        }
    });
    Ok(match written.await?.split() {
        Ok(rotated) => TokenOutcome::Tokens(sign(context, rotated, &org, &keys, algorithms)?),
        Err(RefreshRefusal::GrantNotAllowed) => TokenOutcome::GrantNotAllowed,
        Err(RefreshRefusal::NotGood) => TokenOutcome::NotGood,
        Err(RefreshRefusal::ScopeNotGranted) => TokenOutcome::ScopeNotAllowed,
    })
}

/// What a client asks for itself.
pub struct ClientRequest {
    /// What for; its default scopes where absent.
    pub scopes: Option<Scopes>,
    /// For which resources (RFC 8707).
    pub resources: Vec<String>,
}

enum ClientWritten {
    Granted(Box<(ClientGrant, Organization)>),
    Refused(TokenOutcome),
}

impl Split for ClientWritten {
    type Kept = ClientGrant;
    type Rest = TokenOutcome;

    fn split(self) -> Result<ClientGrant, TokenOutcome> {
        match self {
            Self::Granted(granted) => Ok(granted.0),
            Self::Refused(outcome) => Err(outcome),
        }
    }
}

/// Gives a client a token for itself (RFC 6749 §4.4).
///
/// # Errors
/// The database's.
pub async fn client_credentials(
    context: &Context,
    org: OrgId,
    client: PresentedClient,
    request: ClientRequest,
) -> Result<TokenOutcome, Fault> {
    let (home, now) = (org.clone(), context.now());
    let written = context
        .state
        .db
        .write("client credentials", Class::Relaxed, move |conn| {
            Ok(match clients::authenticate(conn, &home, &client, Entrance::Token)? {
                Ok(authenticated) => grant_client(authenticated, &request, now),
                Err(refusal) => ClientWritten::Refused(TokenOutcome::Client(refusal)),
            })
        })
        .await?;
    let organization = match written.as_ref() {
        ClientWritten::Granted(granted) => granted.1.clone(),
        ClientWritten::Refused(_) => return Ok(written.split().err().unwrap_or(TokenOutcome::GrantNotAllowed)),
    };
    let algorithms = algorithms(&organization.signing_alg, None)?;
    let keys = context.state.keys(&org, &[algorithms.access], &context.moment).await?;
    match written.split() {
        Ok(granted) => sign(context, granted, &org, &keys, algorithms).map(TokenOutcome::Tokens),
        Err(outcome) => Ok(outcome),
    }
}

fn grant_client(authenticated: Authenticated, request: &ClientRequest, now: model::time::Timestamp) -> ClientWritten {
    let application = authenticated.client.application();
    let settings = &application.settings;
    if !authenticated.client.is_active() || !settings.grants.contains(&GrantType::ClientCredentials) {
        return ClientWritten::Refused(TokenOutcome::GrantNotAllowed);
    }
    let scopes = request.scopes.clone().unwrap_or_else(|| settings.default_scopes.clone());
    if !scopes.within(&settings.scopes) {
        return ClientWritten::Refused(TokenOutcome::ScopeNotAllowed);
    }
    let issue = Issue {
        org_id: application.org_id.clone(),
        client_id: application.client_id.clone(),
        subject: Subject::Client,
        scopes,
        resources: request.resources.clone(),
        access_lifetime: settings.tokens.access_lifetime,
        id_token_alg: None,
        at: now,
    };
    ClientWritten::Granted(Box::new((ClientGrant { issue }, authenticated.organization)))
}
