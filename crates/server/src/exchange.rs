//! Where a grant becomes tokens: the one place in which registry and issuer meet.
//!
//! Every way to tokens that spends something ends the same: a write commits what is redeemed or rotated, and
//! `issuer::issue::sign` takes that commit and nothing else. What a client gets for itself spends nothing, and takes a read.

use crate::context::Context;
use crate::limits::Asking;
use crate::metrics::{GrantEvent, Spent};
use crate::state::State;
use actix_web::rt::spawn;
use actix_web::web::Data;
use issuer::issue::{Collected, Issuable};
use issuer::keys::{KeyCache, OrgKeys};
use issuer::refresh::{RefreshRefusal, RefreshRequest};
use issuer::{families, opaque, refresh};
use model::audit::{Actor, By};
use model::client::{Entrance, PresentedClient};
use model::client_grant::{ClientRequest, NotGranted};
use model::context::Origin;
use model::fault::Fault;
use model::grant::{PollOutcome, Progress};
use model::id::{GrantId, OrgId};
use model::issue::Algorithms;
use model::moment::Moment;
use model::secret::Purpose;
use model::terms::TokenProfile;
use protocol::token::TokenAnswer;
use registry::client_credentials::{self, ClientGrantRefusal};
use registry::clients::{self, ClientRefusal};
use registry::grants::begin::{self, Begun, DeviceRequest};
use registry::grants::code::{self, CodeRequest, Redemption as CodeRedemption};
use registry::grants::poll::{self, Poll, Polled, Redemption};
use std::sync::Arc;
use std::time::Duration;
use store::tables::signing_keys::KeyRecord;
use store::{Class, Committed};

/// Opens a device grant, where this node's limits allow.
///
/// # Errors
/// The database's.
pub async fn begin(context: &Context, request: &DeviceRequest) -> Result<Begun, crate::refused::Refused> {
    let limits = &context.state.limits;
    limits
        .device_authorization(context.origin.network())
        .map_err(|retry_after| crate::refused::Refused::TooMany { retry_after })
        .inspect_err(|_| context.state.metrics.spent(Spent::DeviceRequests))?;
    // In a task of its own: whoever hangs up takes the handler with them, while the write they asked for is made and counts.
    let (state, wanted, origin) = (context.state.clone(), request.clone(), context.origin.clone());
    let opening = spawn(open(state, wanted, context.moment.clone(), origin));
    Ok(opening.await.map_err(|_| Fault::broken("the task that opens a grant broke off"))??)
}

async fn open(state: Data<State>, wanted: DeviceRequest, moment: Moment, origin: Origin) -> Result<Begun, Fault> {
    let (org, client) = (wanted.org_id.clone(), wanted.client.client_id.clone());
    let asking = Asking { org: &org, client: &client, network: origin.network(), now: moment.now() };
    let Some(room) = state.limits.reserve(&asking) else {
        state.metrics.spent(Spent::DeviceRequests);
        return Ok(Begun::TooManyCodes);
    };
    let key = state.keyring.key(Purpose::UserCode);
    let begun = state
        .db
        .write_shedding("device authorization", Class::Relaxed, move |conn| begin::begin(conn, &wanted, &key, &moment))
        .await?
        .into_inner();
    match &begun {
        Begun::Opened(codes) => {
            room.keep(codes.lifetime);
            state.metrics.grant(GrantEvent::Begun);
        }
        Begun::TooManyCodes => state.metrics.spent(Spent::DeviceRequests),
        _ => {}
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
    TooFast {
        /// How long to wait from now on.
        interval: Duration,
    },
    /// The user has not decided.
    Pending,
}

/// Answers a poll.
///
/// # Errors
/// The database's.
pub async fn poll(context: &Context, poll: Poll) -> Result<PollAnswer, Fault> {
    let db = &context.state.db;
    let (wanted, now) = (poll.clone(), context.now());
    let keys_known = context.state.keys.fresh(&poll.org_id, now).is_some();
    let read = db.read("poll", move |conn| {
        let polled = poll::find(conn, &wanted)?;
        // What is approved is about to be signed for: the keys come by the same hop where they are not known.
        let keys = match &polled {
            Polled::Grant(own) if own.facts.progress == Progress::Approved && !keys_known => {
                Some(KeyCache::read(conn, &wanted.org_id, now)?)
            }
            _ => None,
        };
        Ok((polled, keys))
    });
    let (own, keys) = match read.await? {
        (Polled::Grant(own), keys) => (own, keys),
        (Polled::Client(refusal), _) => return Ok(PollAnswer::Client(refusal)),
        (Polled::ApplicationDisabled, _) => return Ok(PollAnswer::NoLongerEntitled),
        (Polled::GrantNotAllowed, _) => return Ok(PollAnswer::GrantNotAllowed),
        (Polled::UnknownCode, _) => return Ok(PollAnswer::UnknownCode),
    };
    let timed = context.state.last_polls.time(own.id, &own.facts, now);
    if let Some(grown) = timed.grown {
        let (org, grant) = (poll.org_id.clone(), own.id);
        db.write_later("grow interval", move |conn| store::tables::grants::grow_interval(conn, &org, grant, grown));
    }
    match timed.outcome {
        PollOutcome::Approved => {
            let redeemed = redeem(context, poll, own.id, keys).await;
            if redeemed.is_err() {
                context.state.last_polls.forget(own.id);
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
        PollOutcome::TooFast(interval) => PollAnswer::TooFast { interval },
        // Approved is redeemed, never said; a grant that was approved a moment ago is polled for again.
        PollOutcome::Pending | PollOutcome::Approved => PollAnswer::Pending,
    }
}

/// Why a write made nothing that tokens could be signed for.
enum Unmade<R> {
    /// It is refused.
    Refused(R),
    /// Nothing was changed: there is no key yet to sign with by one of these.
    KeysFirst(Algorithms),
}

/// Signs for what `write` commits with the keys that it is given. It looks before it changes anything whether they
/// suffice: only there it is certain which algorithms count, and a key that is missing must not cost a grant or a token.
async fn write_and_sign<T: Issuable, R, W>(
    context: &Context,
    org: &OrgId,
    write: impl Fn(Arc<OrgKeys>) -> W,
) -> Result<Result<TokenAnswer, R>, Fault>
where
    W: Future<Output = Result<Committed<Result<T, Unmade<R>>>, Fault>>,
{
    let mut keys = context.state.keys(org, &[], &context.moment).await?;
    // Twice where a key is signed with for the first time; more often only where the algorithm changes meanwhile.
    for _ in 0..3 {
        match write(keys.clone()).await?.transpose() {
            Ok(made) => return sign(context, made, org, &keys).map(Ok),
            Err(Unmade::Refused(refusal)) => return Ok(Err(refusal)),
            Err(Unmade::KeysFirst(algorithms)) => {
                let needed = [algorithms.access, algorithms.id_token];
                keys = context.state.keys(org, &needed, &context.moment).await?;
            }
        }
    }
    Err(Fault::unavailable("the organization's algorithms changed again and again"))
}

async fn redeem(
    context: &Context,
    poll: Poll,
    grant: GrantId,
    keys: Option<Vec<KeyRecord>>,
) -> Result<PollAnswer, Fault> {
    let org = poll.org_id.clone();
    if let Some(records) = keys {
        context.state.keep_keys(&org, records, context.now())?;
    }
    let answer = write_and_sign(context, &org, |keys| {
        let (poll, moment, origin) = (poll.clone(), context.moment.clone(), context.origin.clone());
        let prefixes = context.state.config.token_prefixes.clone();
        context.state.db.write("redeem", Class::Durable, move |conn| {
            let refused = |answer| Ok(Err(Unmade::Refused(answer)));
            let can_sign = |algorithms| keys.can_sign(algorithms, moment.now());
            match poll::redeem(conn, &poll, grant, can_sign, (&moment, &origin))? {
                Redemption::Made(made) => {
                    let parties = (&made.application, &made.user);
                    Ok(Ok(match made.profile {
                        TokenProfile::Jwt => {
                            let terms = (&made.organization, &moment);
                            Collected::Family(families::open(conn, &made.redemption, parties, terms)?)
                        }
                        TokenProfile::Opaque(kind) => {
                            let client = Actor::Client(made.application.client_id.as_str().to_owned());
                            let terms = (&prefixes, &By::request(client, (&moment, &origin)));
                            Collected::Opaque(opaque::collect(conn, &made.redemption, kind, parties, terms)?)
                        }
                    }))
                }
                Redemption::KeysFirst(algorithms) => Ok(Err(Unmade::KeysFirst(algorithms))),
                Redemption::Client(refusal) => refused(PollAnswer::Client(refusal)),
                Redemption::NoLongerEntitled => refused(PollAnswer::NoLongerEntitled),
                Redemption::Outcome(outcome) => refused(said(outcome)),
            }
        })
    });
    Ok(match answer.await? {
        Ok(tokens) => {
            context.state.metrics.grant(GrantEvent::Redeemed);
            PollAnswer::Tokens(tokens)
        }
        Err(answer) => answer,
    })
}

fn sign<T: Issuable>(
    context: &Context,
    committed: Committed<T>,
    org: &OrgId,
    keys: &OrgKeys,
) -> Result<TokenAnswer, Fault> {
    issuer::issue::sign(committed, keys, &context.state.config.public_url.issuer(org), &context.moment)
}

/// Redeems an authorization code: one write, as long as this node knows the organization's keys.
///
/// # Errors
/// The database's.
pub async fn redeem_code(context: &Context, request: CodeRequest) -> Result<TokenOutcome, Fault> {
    let org = request.org_id.clone();
    let answer = write_and_sign(context, &org, |keys| {
        let (request, moment, origin) = (request.clone(), context.moment.clone(), context.origin.clone());
        // Nobody has authenticated yet: a flood of such requests leaves room in the queue for others.
        context.state.db.write_shedding("redeem code", Class::Durable, move |conn| {
            let can_sign = |algorithms| keys.can_sign(algorithms, moment.now());
            match code::redeem(conn, &request, can_sign, (&moment, &origin))? {
                CodeRedemption::Made(made) => {
                    let parties = (&made.application, &made.user);
                    let opened = families::open(conn, &made.redemption, parties, (&made.organization, &moment))?;
                    Ok(Ok(opened.meant_for(&request.resources)))
                }
                CodeRedemption::KeysFirst(algorithms) => Ok(Err(Unmade::KeysFirst(algorithms))),
                CodeRedemption::Client(refusal) => Ok(Err(Unmade::Refused(TokenOutcome::Client(refusal)))),
                CodeRedemption::GrantNotAllowed => Ok(Err(Unmade::Refused(TokenOutcome::GrantNotAllowed))),
                CodeRedemption::NotGood => Ok(Err(Unmade::Refused(TokenOutcome::NotGood))),
                CodeRedemption::ResourceNotGranted => Ok(Err(Unmade::Refused(TokenOutcome::ResourceNotAllowed))),
            }
        })
    });
    Ok(match answer.await? {
        Ok(tokens) => {
            context.state.metrics.grant(GrantEvent::Redeemed);
            TokenOutcome::Tokens(tokens)
        }
        Err(refused) => refused,
    })
}

/// What a code, a refresh or a client's own request comes to.
pub enum TokenOutcome {
    /// The tokens.
    Tokens(TokenAnswer),
    /// The client is not let in.
    Client(ClientRefusal),
    /// The application may not use this grant.
    GrantNotAllowed,
    /// The code or the refresh token is not good.
    NotGood,
    /// More scopes than may be had.
    ScopeNotAllowed,
    /// A resource that may not be had.
    ResourceNotAllowed,
}

/// Why a write left a family as it is.
enum NotRefreshed {
    Client(ClientRefusal),
    Refused(RefreshRefusal),
}

/// Refreshes: one write, as long as this node knows the organization's keys.
///
/// # Errors
/// The database's.
pub async fn refresh(
    context: &Context,
    org: OrgId,
    client: PresentedClient,
    request: RefreshRequest,
) -> Result<TokenOutcome, Fault> {
    let answer = write_and_sign(context, &org, |keys| {
        let (home, client, request, moment) = (org.clone(), client.clone(), request.clone(), context.moment.clone());
        let key = context.state.keyring.key(Purpose::RefreshToken);
        // Nobody has authenticated yet: a flood of such requests leaves room in the queue for others.
        context.state.db.write_shedding("refresh", Class::Durable, move |conn| {
            let authenticated = match clients::authenticate(conn, &home, &client, Entrance::Token)? {
                Ok(authenticated) => authenticated,
                Err(refusal) => return Ok(Err(Unmade::Refused(NotRefreshed::Client(refusal)))),
            };
            let algorithms = authenticated.algorithms();
            if !keys.can_sign(algorithms, moment.now()) {
                return Ok(Err(Unmade::KeysFirst(algorithms)));
            }
            let terms = (&authenticated.organization, &key);
            let rotated = refresh::refresh(conn, &authenticated.client, &request, terms, &moment)?;
            Ok(rotated.map_err(|refusal| Unmade::Refused(NotRefreshed::Refused(refusal))))
        })
    });
    Ok(match answer.await? {
        Ok(tokens) => TokenOutcome::Tokens(tokens),
        Err(NotRefreshed::Client(refusal)) => TokenOutcome::Client(refusal),
        Err(NotRefreshed::Refused(RefreshRefusal::GrantNotAllowed)) => TokenOutcome::GrantNotAllowed,
        Err(NotRefreshed::Refused(RefreshRefusal::NotGood)) => TokenOutcome::NotGood,
        Err(NotRefreshed::Refused(RefreshRefusal::ScopeNotGranted)) => TokenOutcome::ScopeNotAllowed,
        Err(NotRefreshed::Refused(RefreshRefusal::ResourceNotGranted)) => TokenOutcome::ResourceNotAllowed,
    })
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
    let read = context.state.db.read_shedding("client credentials", move |conn| {
        client_credentials::grant(conn, &home, &client, &request, now)
    });
    match read.await? {
        Ok(granted) => {
            // Nothing is spent by such a grant, so its key may come after it.
            let access = granted.issue().algorithms.access;
            let keys = context.state.keys(&org, &[access], &context.moment).await?;
            let issuer = context.state.config.public_url.issuer(&org);
            issuer::issue::sign_for_client(granted, &keys, &issuer, &context.moment).map(TokenOutcome::Tokens)
        }
        Err(ClientGrantRefusal::Client(refusal)) => Ok(TokenOutcome::Client(refusal)),
        Err(ClientGrantRefusal::ResourceUnknown) => Ok(TokenOutcome::ResourceNotAllowed),
        Err(ClientGrantRefusal::NotGranted(NotGranted::GrantNotAllowed)) => Ok(TokenOutcome::GrantNotAllowed),
        Err(ClientGrantRefusal::NotGranted(NotGranted::ScopeNotAllowed)) => Ok(TokenOutcome::ScopeNotAllowed),
    }
}
