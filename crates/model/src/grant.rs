//! The grant machine: one consent in progress, from the device's request to its tokens.
//!
//! 1. A client opens a grant ([`Grant::open`]): it is *pending*, nobody's.
//! 2. A person who types its code claims it ([`Grant::claim`]); from then on it is theirs to decide, and to anybody
//!    else the code is one that does not work. Letting go of it ([`Grant::release`]) frees it again.
//! 3. The claimant approves or denies ([`Grant::approve`], [`Grant::deny`]). A denial is final.
//! 4. The client polls ([`PollFacts::poll`]) and, once, redeems an approved grant ([`Grant::redeem`]).
//! 5. Time ends whatever is not finished. *Expired* is never stored: it follows from the time of asking.
//!
//! The machine is pure. Whoever stores its result does so guarded by `revision`; where the guard finds another
//! revision, the decision is made again on what is stored then, and never taken for done.

use crate::application::Application;
use crate::context::Origin;
use crate::id::{ApplicationId, GrantId, OrgId, UserId};
use crate::moment::Moment;
use crate::name::ClientName;
use crate::terms::{Backoff, GrantTerms};
use crate::time::Timestamp;
use protocol::scope::Scopes;
use std::time::Duration;

/// Polls may come this much early: clocks and networks jitter.
pub const POLL_TOLERANCE: Duration = Duration::from_millis(500);

/// Finished grants are kept this long, so that answers about them do not change.
pub const KEPT_AFTER_EXPIRY: Duration = Duration::from_secs(24 * 60 * 60);

/// One consent in progress.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Grant {
    /// The organization where the client is registered and polls.
    pub org_id: OrgId,
    /// Which.
    pub id: GrantId,
    /// The client's application.
    pub application_id: ApplicationId,
    /// What the client calls itself, where nobody has registered it: a stranger's words.
    pub client_name: Option<ClientName>,
    /// Grows with every stored change; guards each.
    pub revision: i32,
    /// Fixed when it was opened.
    pub terms: GrantTerms,
    /// Where the request came from.
    pub origin: Origin,
    /// When it was opened.
    pub opened_at: Timestamp,
    /// When its time is over, whatever happens.
    pub expires_at: Timestamp,
    /// The way in which consent is asked for.
    pub flow: Flow,
    /// How far it is.
    pub state: GrantState,
}

/// The way in which consent is asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Flow {
    /// A device polls (RFC 8628).
    Device {
        /// The time between polls, as it has grown.
        interval: Duration,
    },
}

/// How far a grant is; each state holds its evidence.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum GrantState {
    /// Nobody has decided.
    Pending {
        /// Whose it is to decide.
        claim: Option<Claim>,
    },
    /// The claimant said yes; the client has not collected yet.
    Approved(Approval),
    /// The claimant said no.
    Denied {
        /// Who.
        by: UserId,
        /// When.
        at: Timestamp,
    },
    /// The client has collected.
    Redeemed {
        /// What was approved.
        approval: Approval,
        /// When it was collected.
        at: Timestamp,
    },
}

impl GrantState {
    /// The organization that it was approved for, if it was.
    pub fn granted_org(&self) -> Option<&OrgId> {
        match self {
            Self::Approved(approval) | Self::Redeemed { approval, .. } => Some(&approval.org_id),
            Self::Pending { .. } | Self::Denied { .. } => None,
        }
    }
}

/// Whose a pending grant is to decide.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Claim {
    /// Who typed the code.
    pub by: UserId,
    /// When.
    pub at: Timestamp,
    /// The code, sealed, so that the review page can show it.
    pub sealed_code: Vec<u8>,
}

/// A yes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Approval {
    /// Who.
    pub by: UserId,
    /// For which organization.
    pub org_id: OrgId,
    /// For what.
    pub scopes: Scopes,
    /// When.
    pub at: Timestamp,
    /// When the approver had last proved who they are.
    pub auth_time: Timestamp,
}

/// What a poll finds, decided in the order of the variants.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PollOutcome {
    /// The tokens were already collected.
    AlreadyRedeemed,
    /// The user said no.
    Denied,
    /// Time is over.
    Expired,
    /// Too early; the time between polls is now this.
    TooFast(Duration),
    /// The user has not decided.
    Pending,
    /// The user said yes: redeem.
    Approved,
}

/// As much of a grant as a poll is answered by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PollFacts {
    /// How far it is.
    pub progress: Progress,
    /// When its time is over.
    pub expires_at: Timestamp,
    /// The time between polls, as it is stored.
    pub interval: Duration,
    /// How that grows.
    pub backoff: Backoff,
}

/// How far a grant is, without the evidence.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Progress {
    /// Nobody has decided.
    Pending,
    /// The claimant said yes.
    Approved,
    /// The claimant said no.
    Denied,
    /// The client has collected.
    Redeemed,
}

impl Progress {
    /// The word for it, in the database.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Pending => "pending",
            Self::Approved => "approved",
            Self::Denied => "denied",
            Self::Redeemed => "redeemed",
        }
    }

    /// Reads the word.
    pub fn parse(text: &str) -> Option<Self> {
        [Self::Pending, Self::Approved, Self::Denied, Self::Redeemed].into_iter().find(|step| step.as_str() == text)
    }
}

impl PollFacts {
    /// Answers a poll at `now`. `previous` is the time of the last poll that was not too fast, and `interval` the time
    /// between polls as far as this node knows; the stored one counts where it is longer.
    pub fn poll(&self, now: Timestamp, previous: Option<Timestamp>, interval: Duration) -> PollOutcome {
        let settled = match self.progress {
            Progress::Redeemed => return PollOutcome::AlreadyRedeemed,
            Progress::Denied => return PollOutcome::Denied,
            Progress::Pending | Progress::Approved if now >= self.expires_at => return PollOutcome::Expired,
            Progress::Pending => PollOutcome::Pending,
            Progress::Approved => PollOutcome::Approved,
        };
        let interval = interval.max(self.interval);
        if previous.is_some_and(|previous| now.after(POLL_TOLERANCE) < previous.after(interval)) {
            return PollOutcome::TooFast(self.backoff.grown(interval));
        }
        settled
    }
}

/// A code that does not work: expired, decided, or claimed by somebody else. The person learns no more than that.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NotClaimable;

/// Why a decision is not taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NotDecidable {
    /// The grant is not this user's to decide.
    NotYours,
    /// It has been decided, or its time is over.
    TooLate,
    /// The organization is not one that this grant can be approved for.
    WrongOrganization,
}

/// Why a redemption is not made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NotRedeemable {
    /// No decision, or another answer than yes: poll again for the outcome.
    NotApproved,
    /// User, membership or application may no longer do what was approved.
    NoLongerEntitled,
}

impl Grant {
    /// Opens a grant under `terms`.
    pub fn open(
        moment: &Moment,
        (org_id, application_id): (OrgId, ApplicationId),
        client_name: Option<ClientName>,
        terms: GrantTerms,
        origin: Origin,
    ) -> Self {
        Self {
            org_id,
            client_name,
            id: GrantId::draw(moment),
            application_id,
            revision: 0,
            opened_at: moment.now(),
            expires_at: moment.now().after(terms.lifetime),
            flow: Flow::Device { interval: terms.interval },
            state: GrantState::Pending { claim: None },
            terms,
            origin,
        }
    }

    /// What people read of the client: what its application is called, or what it calls itself where nobody has registered it.
    pub fn app_name<'a>(&'a self, application: &'a Application) -> &'a str {
        self.client_name.as_ref().map_or(application.settings.name.as_str(), ClientName::as_str)
    }

    /// What has been approved; what was asked for where nobody has.
    pub fn approved_scopes(&self) -> Scopes {
        match &self.state {
            GrantState::Approved(approval) | GrantState::Redeemed { approval, .. } => approval.scopes.clone(),
            GrantState::Pending { .. } | GrantState::Denied { .. } => self.terms.scopes.clone(),
        }
    }

    /// Whether its time is over. A grant that was finished before stays what it is.
    pub fn is_expired(&self, now: Timestamp) -> bool {
        now >= self.expires_at
    }

    /// Who has claimed it, while it is pending.
    pub fn claimant(&self) -> Option<UserId> {
        match &self.state {
            GrantState::Pending { claim: Some(claim) } => Some(claim.by),
            _ => None,
        }
    }

    /// What a poll is answered by.
    pub fn poll_facts(&self) -> PollFacts {
        let Flow::Device { interval } = self.flow;
        let progress = match self.state {
            GrantState::Pending { .. } => Progress::Pending,
            GrantState::Approved(_) => Progress::Approved,
            GrantState::Denied { .. } => Progress::Denied,
            GrantState::Redeemed { .. } => Progress::Redeemed,
        };
        PollFacts { progress, expires_at: self.expires_at, interval, backoff: self.terms.backoff }
    }

    /// Gives it to `claim.by` to decide. Somebody who has it already keeps it, with the newer claim.
    ///
    /// # Errors
    /// [`NotClaimable`] where it is decided, over, or another's.
    pub fn claim(mut self, claim: Claim) -> Result<Self, NotClaimable> {
        if self.is_expired(claim.at) {
            return Err(NotClaimable);
        }
        match &self.state {
            GrantState::Pending { claim: None } => {}
            GrantState::Pending { claim: Some(earlier) } if earlier.by == claim.by => {}
            _ => return Err(NotClaimable),
        }
        self.state = GrantState::Pending { claim: Some(claim) };
        Ok(self)
    }

    /// Lets go of a claim, so that the code works again for whoever types it.
    ///
    /// # Errors
    /// [`NotDecidable`] where it is not `by`'s, or no longer pending.
    pub fn release(mut self, by: UserId, now: Timestamp) -> Result<Self, NotDecidable> {
        self.decidable_by(by, now)?;
        self.state = GrantState::Pending { claim: None };
        Ok(self)
    }

    /// Takes a yes. What is granted is never more than what was asked for.
    ///
    /// # Errors
    /// [`NotDecidable`] where it is not the approver's, too late, or for an organization that the terms rule out.
    pub fn approve(mut self, approval: Approval) -> Result<Self, NotDecidable> {
        self.decidable_by(approval.by, approval.at)?;
        if !self.terms.binding.admits(&approval.org_id) {
            return Err(NotDecidable::WrongOrganization);
        }
        let scopes = approval.scopes.narrowed_to(&self.terms.scopes);
        self.state = GrantState::Approved(Approval { scopes, ..approval });
        Ok(self)
    }

    /// Takes a no, for good.
    ///
    /// # Errors
    /// [`NotDecidable`] where it is not `by`'s, or too late.
    pub fn deny(mut self, by: UserId, now: Timestamp) -> Result<Self, NotDecidable> {
        self.decidable_by(by, now)?;
        self.state = GrantState::Denied { by, at: now };
        Ok(self)
    }

    /// Hands out what was approved, once. `entitlement` is what user, membership and application may do at this moment;
    /// nothing where any of them may do nothing any more.
    ///
    /// # Errors
    /// [`NotRedeemable`] where it is not approved, over, or no longer allowed.
    pub fn redeem(mut self, entitlement: Option<&Scopes>, now: Timestamp) -> Result<(Self, Approval), NotRedeemable> {
        let GrantState::Approved(approval) = &self.state else { return Err(NotRedeemable::NotApproved) };
        if self.is_expired(now) {
            return Err(NotRedeemable::NotApproved);
        }
        let allowed = entitlement.ok_or(NotRedeemable::NoLongerEntitled)?;
        let issued = Approval { scopes: approval.scopes.narrowed_to(allowed), ..approval.clone() };
        self.state = GrantState::Redeemed { approval: issued.clone(), at: now };
        Ok((self, issued))
    }

    fn decidable_by(&self, user: UserId, now: Timestamp) -> Result<(), NotDecidable> {
        match &self.state {
            GrantState::Pending { claim: Some(claim) } if claim.by == user => {
                if self.is_expired(now) {
                    Err(NotDecidable::TooLate)
                } else {
                    Ok(())
                }
            }
            GrantState::Pending { .. } => Err(NotDecidable::NotYours),
            GrantState::Approved(Approval { by, .. })
            | GrantState::Denied { by, .. }
            | GrantState::Redeemed { approval: Approval { by, .. }, .. } => {
                if *by == user {
                    Err(NotDecidable::TooLate)
                } else {
                    Err(NotDecidable::NotYours)
                }
            }
        }
    }
}

#[cfg(test)]
#[path = "grant_tests.rs"]
mod tests;
