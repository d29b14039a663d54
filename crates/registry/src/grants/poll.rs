//! A device polls (RFC 8628 §3.4, §3.5).
//!
//! 1. One read finds the client and the grant. A code that is not this client's is an unknown code, and changes
//!    nothing for its owner.
//! 2. [`LastPolls`] says whether the poll is too fast, and notes its time where it is not. It is memory: one node's
//!    word, bounded, and lost with the process, which costs nobody more than one early poll.
//! 3. The machine decides. A pending poll writes nothing.
//! 4. An approved grant is redeemed in a write of its own, on what is stored then: user, membership and application
//!    are looked at again, and the guarded update lets exactly one poll through.

use super::standing;
use crate::applications::{allowed_scopes, carried};
use crate::clients::{self, ClientRefusal};
use model::application::{Application, ApplicationState, ClientKind};
use model::audit::{Action, Actor, AuditEntry};
use model::client::{Entrance, PresentedClient};
use model::context::Origin;
use model::fault::Fault;
use model::grant::{Approval, Grant, GrantState, NotRedeemable, PollFacts, PollOutcome};
use model::id::{ClientId, GrantId, OrgId};
use model::issue::Algorithms;
use model::moment::Moment;
use model::org::Organization;
use model::pkce;
use model::secret::Digest;
use model::terms::TokenProfile;
use model::time::Timestamp;
use model::user::User;
use protocol::scope::Scopes;
use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use store::Conn;
use store::tables::redemptions::{self, StoredRedemption};
use store::tables::{application_secrets, audit, grants, organizations, polls, resources};

/// A poll, as its dialect has read it.
#[derive(Clone, Debug)]
pub struct Poll {
    /// Where the client is registered.
    pub org_id: OrgId,
    /// Who polls.
    pub client: PresentedClient,
    /// Digest of the code that it polls with.
    pub device_code: Digest,
    /// The verifier that belongs to the request's challenge (RFC 7636 §4.5).
    pub code_verifier: Option<String>,
}

/// What the read finds.
#[derive(Clone, Debug)]
pub enum Polled {
    /// The grant is this client's.
    Grant(Box<OwnGrant>),
    /// The client is not let in.
    Client(ClientRefusal),
    /// The application may nothing any more, or log no device in: whatever it polls for is refused.
    ApplicationDisabled,
    /// The application does not have the device grant.
    GrantNotAllowed,
    /// No such code, another client's, or the wrong verifier.
    UnknownCode,
}

/// A client's own grant.
#[derive(Clone, Debug)]
pub struct OwnGrant {
    /// Which.
    pub id: GrantId,
    /// What the poll is answered by.
    pub facts: PollFacts,
}

/// Finds the grant of a poll.
///
/// # Errors
/// The database's.
pub fn find(conn: &mut Conn, poll: &Poll) -> Result<Polled, Fault> {
    let Some(found) = polls::by_device_code(conn, &poll.org_id, &poll.client.client_id, &poll.device_code)? else {
        return clients::not_found(conn, &poll.org_id).map(Polled::Client);
    };
    let secrets = match found.client.kind {
        ClientKind::Public => Vec::new(),
        ClientKind::Confidential => application_secrets::digests(conn, &poll.org_id, found.application_id)?,
    };
    if found.client.admit(&secrets, &poll.client, Entrance::Token).is_err() {
        return Ok(Polled::Client(ClientRefusal::UnknownClient));
    }
    let active = found.client.state == ApplicationState::Active;
    let grant = found.grant.filter(|grant| pkce::fits(grant.code_challenge.as_deref(), poll.code_verifier.as_deref()));
    Ok(match grant {
        // Whoever holds a grant opened it while the application still had device codes: it may finish.
        None if !found.has_device_grant && active => Polled::GrantNotAllowed,
        None => Polled::UnknownCode,
        Some(_) if !active || !found.may_log_in => Polled::ApplicationDisabled,
        Some(grant) => Polled::Grant(Box::new(OwnGrant { id: grant.id, facts: grant.facts })),
    })
}

/// When each grant was last polled, and how long it has to wait, as far as this node knows.
#[derive(Debug)]
pub struct LastPolls {
    shards: Vec<Mutex<HashMap<GrantId, LastPoll>>>,
    most_per_shard: usize,
}

#[derive(Clone, Copy, Debug)]
struct LastPoll {
    at: Timestamp,
    interval: Duration,
    forget_at: Timestamp,
}

/// What a poll comes to, after the time between polls was looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Timed {
    /// What the machine says.
    pub outcome: PollOutcome,
    /// The interval to be stored, where it has grown.
    pub grown: Option<Duration>,
}

const SHARDS: usize = 64;

impl LastPolls {
    /// Room for about `most` grants. Past it the oldest are forgotten, which only lets a poll through.
    pub fn new(most: usize) -> Self {
        Self { shards: (0..SHARDS).map(|_| Mutex::default()).collect(), most_per_shard: (most / SHARDS).max(16) }
    }

    fn shard(&self, grant: GrantId) -> MutexGuard<'_, HashMap<GrantId, LastPoll>> {
        let shard = usize::from(grant.uuid().as_bytes()[15]) % SHARDS;
        self.shards[shard].lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Takes a poll back that came to nothing by our own fault: trying it again must not be too fast.
    pub fn forget(&self, grant: GrantId) {
        self.shard(grant).remove(&grant);
    }

    /// Lets the machine decide a poll at `now`, and notes the poll where it is not too fast, as one step: of two polls
    /// at once one is too fast.
    pub fn time(&self, grant: GrantId, facts: &PollFacts, now: Timestamp) -> Timed {
        let mut shard = self.shard(grant);
        let last = shard.get(&grant).copied();
        let interval = last.map_or(facts.interval, |last| last.interval.max(facts.interval));
        let outcome = facts.poll(now, last.map(|last| last.at), interval);
        match outcome {
            PollOutcome::TooFast(grown) => {
                if let Some(last) = shard.get_mut(&grant) {
                    last.interval = grown;
                }
                Timed { outcome, grown: (grown > interval).then_some(grown) }
            }
            PollOutcome::Pending | PollOutcome::Approved => {
                if shard.len() >= self.most_per_shard && !shard.contains_key(&grant) {
                    make_room(&mut shard, now);
                }
                shard.insert(grant, LastPoll { at: now, interval, forget_at: facts.expires_at });
                Timed { outcome, grown: None }
            }
            PollOutcome::AlreadyRedeemed | PollOutcome::Denied | PollOutcome::Expired => {
                shard.remove(&grant);
                Timed { outcome, grown: None }
            }
        }
    }
}

/// Forgets what is over; where nothing is, the half that was polled longest ago.
fn make_room(shard: &mut HashMap<GrantId, LastPoll>, now: Timestamp) {
    let before = shard.len();
    shard.retain(|_, last| last.forget_at > now);
    if shard.len() > before / 2 {
        let mut times: Vec<Timestamp> = shard.values().map(|last| last.at).collect();
        let middle = times.len() / 2;
        let (_, median, _) = times.select_nth_unstable(middle);
        let median = *median;
        shard.retain(|_, last| last.at > median);
    }
}

/// A redemption that has been stored: everything that its tokens are made from.
#[derive(Clone, Debug)]
pub struct Redeemed {
    /// The grant, with what was approved and is still allowed.
    pub redemption: StoredRedemption,
    /// What it is exchanged for.
    pub profile: TokenProfile,
    /// The client's application.
    pub application: Application,
    /// Who approved.
    pub user: User,
    /// The organization where the client is registered.
    pub organization: Organization,
}

/// What becomes of a redemption.
#[derive(Clone, Debug)]
pub enum Redemption {
    /// It is made.
    Made(Box<Redeemed>),
    /// The client is not let in any more.
    Client(ClientRefusal),
    /// The grant is not approved any more: this outcome instead.
    Outcome(PollOutcome),
    /// User, membership or application may no longer do what was approved.
    NoLongerEntitled,
    /// Nothing was changed: there is no key yet to sign with by one of these.
    KeysFirst(Algorithms),
}

/// Redeems an approved grant once, with its audit row, in the caller's transaction. `can_sign` says whether the keys for
/// its tokens are at hand, by the algorithms that count now: a key that is missing must not cost the device its grant.
///
/// # Errors
/// The database's.
pub fn redeem(
    conn: &mut Conn,
    poll: &Poll,
    grant: GrantId,
    can_sign: impl Fn(Algorithms) -> bool,
    (moment, origin): (&Moment, &Origin),
) -> Result<Redemption, Fault> {
    let org = &poll.org_id;
    let authenticated = match clients::authenticate(conn, org, &poll.client, Entrance::Token)? {
        Ok(authenticated) => authenticated,
        Err(refusal) => return Ok(Redemption::Client(refusal)),
    };
    let application = authenticated.client.application();
    for _ in 0..2 {
        let Some(before) = grants::by_id(conn, org, grant)?.filter(|grant| grant.application_id == application.id)
        else {
            return Ok(Redemption::Outcome(PollOutcome::Expired));
        };
        let standing = before.poll_facts().poll(moment.now(), None, Duration::ZERO);
        if standing != PollOutcome::Approved {
            return Ok(Redemption::Outcome(standing));
        }
        // What is meant for nothing but resources that are gone would be meant for us instead.
        let meant_for = &before.terms.resources;
        if !meant_for.is_empty() && resources::known(conn, org, meant_for)?.is_empty() {
            return Ok(Redemption::NoLongerEntitled);
        }
        let profile = before.terms.profile;
        let user = approver(conn, &before, application)?;
        let entitlement = match &user {
            Some(_) => entitlement(conn, &before, application, &authenticated.organization)?,
            None => None,
        };
        let (after, _) = match before.redeem(entitlement.as_ref(), moment.now()) {
            Ok(redeemed) => redeemed,
            Err(NotRedeemable::NoLongerEntitled) => return Ok(Redemption::NoLongerEntitled),
            Err(NotRedeemable::NotApproved) => return Ok(Redemption::Outcome(PollOutcome::Expired)),
        };
        let Some(user) = user else { return Ok(Redemption::NoLongerEntitled) };
        if profile == TokenProfile::Jwt && !can_sign(authenticated.algorithms()) {
            return Ok(Redemption::KeysFirst(authenticated.algorithms()));
        }
        // Zero rows: another poll was first, or the claim changed. The second look finds out which.
        let Some(redemption) = redemptions::store(conn, org, after, moment.now())? else { continue };
        let entry = redemption_entry(moment, origin, redemption.approval(), &application.client_id, grant);
        audit::insert(conn, &entry)?;
        return Ok(Redemption::Made(Box::new(Redeemed {
            redemption,
            profile,
            application: application.clone(),
            user,
            organization: authenticated.organization,
        })));
    }
    Ok(Redemption::Outcome(PollOutcome::AlreadyRedeemed))
}

/// The approver, where user, membership and application may still do what was approved.
fn approver(conn: &mut Conn, grant: &Grant, application: &Application) -> Result<Option<User>, Fault> {
    let GrantState::Approved(approval) = &grant.state else { return Ok(None) };
    if application.state != ApplicationState::Active {
        return Ok(None);
    }
    // An approval given while the credentials changed goes back to the old ones.
    standing::member(conn, &approval.org_id, approval.by, approval.auth_time)
}

/// What the application may still have of a grant in the organization that it was approved for; nothing where that is gone or
/// lets it log no devices in.
fn entitlement(
    conn: &mut Conn,
    grant: &Grant,
    application: &Application,
    home: &Organization,
) -> Result<Option<Scopes>, Fault> {
    let GrantState::Approved(approval) = &grant.state else { return Ok(None) };
    let picked = if approval.org_id == home.id { None } else { Some(organizations::by_id(conn, &approval.org_id)?) };
    let organization = match &picked {
        None => home,
        Some(Some(picked)) => picked,
        Some(None) => return Ok(None),
    };
    let (approved, profile) = (&approval.scopes, grant.terms.profile);
    let still_allowed = approved.narrowed_to(&allowed_scopes(conn, application)?);
    let possible = carried(conn, application, profile, &still_allowed)?;
    Ok(organization.device_login.lets_in(&application.client_id, profile, (approved, &possible)))
}

fn redemption_entry(
    moment: &Moment,
    origin: &Origin,
    approval: &Approval,
    client: &ClientId,
    grant: GrantId,
) -> AuditEntry {
    AuditEntry::new(
        moment,
        Some(&approval.org_id),
        Actor::Client(client.as_str().to_owned()),
        Action::GrantRedeemed,
        grant,
    )
    .from(origin)
    .with("user", approval.by.to_string())
    .with("scope", approval.scopes.to_string())
}
