//! The authorization code grant (RFC 6749 §4.1, RFC 7636, OAuth 2.1): a consent that has been given, until the client collects.
//!
//! 1. A browser brings a client's request. What is wrong with it, who is there and what they have agreed to before is looked
//!    at anew each time; nothing is stored until somebody agrees.
//! 2. Somebody agrees, or has before: a code is issued ([`CodeGrant::issue`]), for this client, address and challenge, for a
//!    minute.
//! 3. The client redeems it once ([`CodeGrant::redeem`]), by the same address and the challenge's verifier, if user, membership,
//!    session and application are still what they were.
//! 4. Whoever brings it again shows that two parties hold it: what came of it ends (RFC 6749 §4.1.2). Who can't show the
//!    verifier shows nothing and changes nothing.
//!
//! The machine is pure, as that of [`crate::grant`] is, and its result is stored guarded.

use crate::grant::Approval;
use crate::id::{ApplicationId, GrantId, OrgId, SessionId};
use crate::moment::Moment;
use crate::pkce;
use crate::time::Timestamp;
use protocol::scope::Scopes;
use std::time::Duration;

/// How long a code can be redeemed.
pub const CODE_LIFETIME: Duration = Duration::from_secs(60);

/// The most codes that wait at once for one user's application: more than anybody has windows, and an application that sends a
/// browser round and round fills nothing.
pub const MOST_WAITING: usize = 20;

/// The most resources that are remembered of one consent.
const MOST_RESOURCES: usize = 64;

/// What somebody agrees to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CodeTerms {
    /// The address as the request named it; nothing where it named none.
    pub redirect_uri: Option<String>,
    /// What for.
    pub scopes: Scopes,
    /// The resources that the tokens are meant for (RFC 8707).
    pub resources: Vec<String>,
    /// What the redemption's verifier must hash to.
    pub code_challenge: Option<String>,
    /// What the id_token repeats (OIDC Core §3.1.2.1).
    pub nonce: Option<String>,
}

/// A consent that a client may collect.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CodeGrant {
    /// Where the client is registered.
    pub org_id: OrgId,
    /// Which.
    pub id: GrantId,
    /// The client's application.
    pub application_id: ApplicationId,
    /// What was agreed to.
    pub terms: CodeTerms,
    /// Who agreed, to what, when.
    pub approval: Approval,
    /// The session in which they did.
    pub session: SessionId,
    /// When its time is over.
    pub expires_at: Timestamp,
    /// When it was redeemed; nothing where it has not been.
    pub redeemed_at: Option<Timestamp>,
}

/// What a client brings beside the code.
#[derive(Clone, Debug, Default)]
pub struct Presented {
    /// The address that the code came to.
    pub redirect_uri: Option<String>,
    /// The verifier (RFC 7636 §4.5).
    pub code_verifier: Option<String>,
}

/// Why a code is not redeemed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NotRedeemable {
    /// Another address or verifier.
    Mismatch,
    /// It was redeemed before: what came of it ends.
    Spent,
    /// Its time is over.
    Expired,
    /// User, membership, session or application may no longer do what was agreed to.
    NoLongerEntitled,
}

impl CodeGrant {
    /// Issues a code for what `approval` says.
    pub fn issue(
        moment: &Moment,
        application_id: ApplicationId,
        terms: CodeTerms,
        approval: Approval,
        session: SessionId,
    ) -> Self {
        let scopes = approval.scopes.narrowed_to(&terms.scopes);
        Self {
            org_id: approval.org_id.clone(),
            id: GrantId::draw(moment),
            application_id,
            terms,
            approval: Approval { scopes, ..approval },
            session,
            expires_at: moment.now().after(CODE_LIFETIME),
            redeemed_at: None,
        }
    }

    /// Hands out what was agreed to, once. `entitlement` is what user, membership, session and application may do at this
    /// moment; nothing where any of them may do nothing any more.
    ///
    /// # Errors
    /// Why not, in the order of the variants.
    pub fn redeem(
        mut self,
        presented: &Presented,
        entitlement: Option<&Scopes>,
        now: Timestamp,
    ) -> Result<Self, NotRedeemable> {
        let same_address = presented.redirect_uri == self.terms.redirect_uri;
        let verified = pkce::fits(self.terms.code_challenge.as_deref(), presented.code_verifier.as_deref());
        if !same_address || !verified {
            return Err(NotRedeemable::Mismatch);
        }
        if self.redeemed_at.is_some() {
            return Err(NotRedeemable::Spent);
        }
        if now >= self.expires_at {
            return Err(NotRedeemable::Expired);
        }
        let allowed = entitlement.ok_or(NotRedeemable::NoLongerEntitled)?;
        self.approval.scopes = self.approval.scopes.narrowed_to(allowed);
        self.redeemed_at = Some(now);
        Ok(self)
    }
}

/// What somebody has agreed to before, for one application in one organization.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Consent {
    /// The scopes.
    pub scopes: Scopes,
    /// The resources.
    pub resources: Vec<String>,
}

impl Consent {
    /// Whether it holds all of this.
    pub fn covers(&self, scopes: &Scopes, resources: &[String]) -> bool {
        scopes.within(&self.scopes) && resources.iter().all(|resource| self.resources.contains(resource))
    }

    /// The same with this, too.
    #[must_use]
    pub fn with(mut self, scopes: &Scopes, resources: &[String]) -> Self {
        self.scopes = self.scopes.names().chain(scopes.names()).map(str::to_owned).collect();
        // The newest last; the oldest go where there are very many.
        self.resources.retain(|known| !resources.contains(known));
        self.resources.extend_from_slice(resources);
        let surplus = self.resources.len().saturating_sub(MOST_RESOURCES);
        self.resources.drain(..surplus);
        self
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::id::UserId;
    use uuid::Uuid;

    /// RFC 7636, appendix B.
    const VERIFIER: &str = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
    const CHALLENGE: &str = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";
    const NOW: Timestamp = Timestamp::from_millis(1_000_000);

    fn scopes(text: &str) -> Scopes {
        Scopes::parse(text).unwrap()
    }

    fn issued() -> CodeGrant {
        let org_id = OrgId::parse("acme").unwrap();
        CodeGrant {
            org_id: org_id.clone(),
            id: GrantId::from_uuid(Uuid::from_u128(1)),
            application_id: ApplicationId::from_uuid(Uuid::from_u128(2)),
            terms: CodeTerms {
                redirect_uri: Some("https://app.example/cb".to_owned()),
                scopes: scopes("openid email"),
                resources: Vec::new(),
                code_challenge: Some(CHALLENGE.to_owned()),
                nonce: None,
            },
            approval: Approval {
                by: UserId::from_uuid(Uuid::from_u128(3)),
                org_id,
                scopes: scopes("openid email"),
                at: NOW,
                auth_time: NOW,
            },
            session: SessionId::from_uuid(Uuid::from_u128(4)),
            expires_at: NOW.after(CODE_LIFETIME),
            redeemed_at: None,
        }
    }

    fn presented() -> Presented {
        Presented { redirect_uri: Some("https://app.example/cb".to_owned()), code_verifier: Some(VERIFIER.to_owned()) }
    }

    #[test]
    fn a_code_is_redeemed_once_for_what_may_still_be_had() {
        let allowed = scopes("openid other");
        let redeemed = issued().redeem(&presented(), Some(&allowed), NOW).unwrap();
        assert_eq!(redeemed.approval.scopes, scopes("openid"));
        assert_eq!(redeemed.redeem(&presented(), Some(&allowed), NOW), Err(NotRedeemable::Spent));
    }

    #[test]
    fn who_can_not_show_address_and_verifier_learns_and_changes_nothing() {
        let allowed = scopes("openid email");
        let spent = issued().redeem(&presented(), Some(&allowed), NOW).unwrap();
        for wrong in [
            Presented { redirect_uri: None, ..presented() },
            Presented { redirect_uri: Some("https://app.example/cb/".to_owned()), ..presented() },
            Presented { code_verifier: None, ..presented() },
            Presented { code_verifier: Some(CHALLENGE.to_owned()), ..presented() },
        ] {
            for grant in [issued(), spent.clone()] {
                assert_eq!(grant.redeem(&wrong, Some(&allowed), NOW), Err(NotRedeemable::Mismatch), "{wrong:?}");
            }
        }
        let mut unbound = issued();
        unbound.terms.code_challenge = None;
        assert_eq!(
            unbound.redeem(&presented(), Some(&allowed), NOW),
            Err(NotRedeemable::Mismatch),
            "a verifier too many"
        );
    }

    #[test]
    fn a_code_lives_for_a_minute_and_no_longer_than_its_user_may() {
        let allowed = scopes("openid email");
        let last = NOW.after(Duration::from_millis(59_999));
        assert!(issued().redeem(&presented(), Some(&allowed), last).is_ok());
        let over = issued().redeem(&presented(), Some(&allowed), NOW.after(CODE_LIFETIME));
        assert_eq!(over, Err(NotRedeemable::Expired));
        assert_eq!(issued().redeem(&presented(), None, NOW), Err(NotRedeemable::NoLongerEntitled));
    }

    #[test]
    fn a_consent_covers_what_it_holds_and_grows() {
        let before = Consent::default().with(&scopes("openid"), &["https://a.example".to_owned()]);
        assert!(before.covers(&scopes("openid"), &[]));
        assert!(!before.covers(&scopes("openid email"), &[]));
        assert!(!before.covers(&scopes("openid"), &["https://b.example".to_owned()]));
        let after = before.with(&scopes("email"), &["https://a.example".to_owned()]);
        assert!(after.covers(&scopes("openid email"), &["https://a.example".to_owned()]));
        assert_eq!(after.resources.len(), 1);
    }
}
