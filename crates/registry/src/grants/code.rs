//! The authorization code grant, as far as it is stored: see [`model::code_grant`] for its story.

use super::{question, standing};
use crate::clients::{self, ClientRefusal};
use model::application::{Application, ApplicationState};
use model::audit::{Action, Actor, AuditEntry, By};
use model::client::{Entrance, PresentedClient};
use model::code_grant::{CodeGrant, CodeTerms, Consent, MOST_WAITING, NotRedeemable, Presented};
use model::context::Origin;
use model::fault::Fault;
use model::grant::Approval;
use model::id::{GrantId, OrgId};
use model::issue::Algorithms;
use model::moment::Moment;
use model::org::Organization;
use model::question::Shown;
use model::refresh::RevocationReason;
use model::secret::{Digest, Purpose, Secret};
use model::user::{OrgMember, User};
use protocol::token::GrantType;
use store::Conn;
use store::tables::redemptions::{self, StoredRedemption};
use store::tables::{audit, authorization_codes, consents, families, resources, sessions, users};

/// When somebody was asked.
#[derive(Clone, Copy, Debug)]
pub enum Asking<'a> {
    /// Now, on this page.
    Now(&'a Shown),
    /// Now, on this page, and they need not be asked the same again.
    NowAndRemembered(&'a Shown),
    /// Before: nothing is asked now.
    Before,
}

/// What becomes of a decision.
#[derive(Clone, Debug)]
pub enum Decided {
    /// The code, for the only time.
    Issued(Secret),
    /// It is denied.
    Denied,
    /// The page is too old, or something was decided since it was shown.
    Stale,
    /// The account or the membership has ended meanwhile.
    NoLongerMember,
}

/// Issues a code for what a member agrees to, or has agreed to, with its audit row, in the caller's transaction.
///
/// # Errors
/// The database's.
pub fn approve(
    conn: &mut Conn,
    member: &OrgMember,
    (application, terms): (&Application, CodeTerms),
    asking: Asking<'_>,
    (moment, origin): (&Moment, &Origin),
) -> Result<Decided, Fault> {
    if matches!(asking, Asking::NowAndRemembered(_)) {
        // Held to be changed, and before all else: of two at once the second adds to what the first has stored, and waits for it
        // holding nothing.
        users::held_to_change(conn, member.user().id)?;
    }
    if !still_member(conn, member)? {
        return Ok(Decided::NoLongerMember);
    }
    let counts = match asking {
        Asking::Now(shown) | Asking::NowAndRemembered(shown) => {
            question::decided(conn, member, application.id, shown, moment.now())?
        }
        Asking::Before => true,
    };
    if !counts {
        return Ok(Decided::Stale);
    }
    let (org, user) = (member.org_id(), member.user().id);
    let approval = Approval {
        by: user,
        org_id: org.clone(),
        scopes: terms.scopes.clone(),
        at: moment.now(),
        auth_time: member.session().auth_time,
    };
    if matches!(asking, Asking::NowAndRemembered(_)) {
        let before = consents::of(conn, org, user, application.id)?.unwrap_or_default();
        let before = Consent { scopes: before.scopes.narrowed_to(&application.settings.scopes), ..before };
        let after = before.with(&terms.scopes, &terms.resources);
        consents::put(conn, org, (user, application.id), &after, moment.now())?;
    }
    let grant = CodeGrant::issue(moment, application.id, terms, approval, member.session().id);
    let code = Secret::draw(moment);
    authorization_codes::insert(conn, org, &Digest::of(Purpose::AuthorizationCode, code.expose()), &grant)?;
    authorization_codes::keep_newest(conn, org, (user, application.id), MOST_WAITING)?;
    let entry = decision_entry(member, Action::GrantApproved, grant.id, (moment, origin));
    let mut entry = entry.with("client", application.client_id.as_str().to_owned());
    if matches!(asking, Asking::Before) {
        entry = entry.with("remembered", "yes");
    }
    audit::insert(conn, &entry.with("scope", grant.approval.scopes.to_string()))?;
    Ok(Decided::Issued(code))
}

/// Takes a no, with its audit row. Nothing else is left of it but that its page is over: the client asks anew.
///
/// # Errors
/// The database's.
pub fn deny(
    conn: &mut Conn,
    member: &OrgMember,
    (application, shown): (&Application, &Shown),
    (moment, origin): (&Moment, &Origin),
) -> Result<Decided, Fault> {
    if !still_member(conn, member)? {
        return Ok(Decided::NoLongerMember);
    }
    if !question::decided(conn, member, application.id, shown, moment.now())? {
        return Ok(Decided::Stale);
    }
    let entry = decision_entry(member, Action::GrantDenied, GrantId::draw(moment), (moment, origin));
    audit::insert(conn, &entry.with("client", application.client_id.as_str().to_owned()))?;
    Ok(Decided::Denied)
}

/// Whether account and membership are still good; held until the decision is stored: whoever ends one now waits, and then finds
/// it.
pub(super) fn still_member(conn: &mut Conn, member: &OrgMember) -> Result<bool, Fault> {
    let held = standing::member(conn, member.org_id(), member.user().id, member.session().auth_time)?;
    Ok(held.is_some())
}

fn decision_entry(
    member: &OrgMember,
    action: Action,
    grant: GrantId,
    (moment, origin): (&Moment, &Origin),
) -> AuditEntry {
    AuditEntry::new(moment, Some(member.org_id()), Actor::User(member.user().id), action, grant).from(origin)
}

/// A client's request to redeem a code.
#[derive(Clone, Debug)]
pub struct CodeRequest {
    /// Where the client is registered.
    pub org_id: OrgId,
    /// Who asks.
    pub client: PresentedClient,
    /// Digest of the code.
    pub code: Digest,
    /// What came with it.
    pub presented: Presented,
    /// What this access token is meant for, of what was agreed to (RFC 8707 §2.2); all of it where empty.
    pub resources: Vec<String>,
}

/// A redemption that has been stored.
#[derive(Clone, Debug)]
pub struct Redeemed {
    /// What was agreed to and is still allowed.
    pub redemption: StoredRedemption,
    /// The client's application.
    pub application: Application,
    /// Who agreed.
    pub user: User,
    /// Where the client is registered.
    pub organization: Organization,
}

/// What becomes of a redemption.
#[derive(Clone, Debug)]
pub enum Redemption {
    /// It is made.
    Made(Box<Redeemed>),
    /// The client is not let in.
    Client(ClientRefusal),
    /// The application does not have the code grant.
    GrantNotAllowed,
    /// The code is unknown, another client's, over, spent, or its user may no longer do what they agreed to: all the same to
    /// whoever asks.
    NotGood,
    /// A resource that was not agreed to.
    ResourceNotGranted,
    /// Nothing was changed: there is no key yet to sign with by one of these.
    KeysFirst(Algorithms),
}

/// Redeems a code once, with its audit row, in the caller's transaction. One that was redeemed before ends what came of it.
///
/// # Errors
/// The database's.
pub fn redeem(
    conn: &mut Conn,
    request: &CodeRequest,
    can_sign: impl Fn(Algorithms) -> bool,
    (moment, origin): (&Moment, &Origin),
) -> Result<Redemption, Fault> {
    let org = &request.org_id;
    let authenticated = match clients::authenticate(conn, org, &request.client, Entrance::Token)? {
        Ok(authenticated) => authenticated,
        Err(refusal) => return Ok(Redemption::Client(refusal)),
    };
    let application = authenticated.client.application();
    for _ in 0..2 {
        let own = authorization_codes::by_code(conn, org, &request.code)?
            .filter(|grant| grant.application_id == application.id);
        let Some(grant) = own else {
            // Whoever holds a code asked for it while the application still had this grant: it may finish.
            let has_grant = application.settings.grants.contains(&GrantType::AuthorizationCode);
            return Ok(if has_grant { Redemption::NotGood } else { Redemption::GrantNotAllowed });
        };
        if request.resources.iter().any(|wanted| !grant.terms.resources.contains(wanted)) {
            return Ok(Redemption::ResourceNotGranted);
        }
        if resources::known(conn, org, &request.resources)?.len() < request.resources.len() {
            return Ok(Redemption::ResourceNotGranted);
        }
        // What is meant for nothing but resources that are gone would be meant for us instead.
        let meant_for = &grant.terms.resources;
        if !meant_for.is_empty() && resources::known(conn, org, meant_for)?.is_empty() {
            return Ok(Redemption::NotGood);
        }
        let user = entitled(conn, &grant, application, moment)?;
        let entitlement = user.as_ref().map(|_| &application.settings.scopes);
        let id = grant.id;
        let redeemed = match grant.redeem(&request.presented, entitlement, moment.now()) {
            Ok(redeemed) => redeemed,
            Err(NotRedeemable::Spent) => {
                let by = By::request(Actor::Client(application.client_id.as_str().to_owned()), (moment, origin));
                if let Some(family) = families::of_grant(conn, org, id)? {
                    families::end(conn, org, family, RevocationReason::CodeReuse, &by)?;
                }
                return Ok(Redemption::NotGood);
            }
            Err(NotRedeemable::Mismatch | NotRedeemable::Expired | NotRedeemable::NoLongerEntitled) => {
                return Ok(Redemption::NotGood);
            }
        };
        let Some(user) = user else { return Ok(Redemption::NotGood) };
        if !can_sign(authenticated.algorithms()) {
            return Ok(Redemption::KeysFirst(authenticated.algorithms()));
        }
        // Zero rows: another was first. The second look finds it spent.
        let Some(redemption) = redemptions::store_code(conn, org, &request.code, redeemed)? else { continue };
        let actor = Actor::Client(application.client_id.as_str().to_owned());
        let entry = AuditEntry::new(moment, Some(org), actor, Action::GrantRedeemed, id).from(origin);
        let entry = entry.with("user", user.id.to_string()).with("scope", redemption.approval().scopes.to_string());
        audit::insert(conn, &entry)?;
        return Ok(Redemption::Made(Box::new(Redeemed {
            redemption,
            application: application.clone(),
            user,
            organization: authenticated.organization,
        })));
    }
    Ok(Redemption::NotGood)
}

/// Who agreed, where account, membership, session and application may still do what they agreed to. Held as for a device's
/// redemption.
fn entitled(
    conn: &mut Conn,
    grant: &CodeGrant,
    application: &Application,
    moment: &Moment,
) -> Result<Option<User>, Fault> {
    if application.state != ApplicationState::Active || !sessions::lives(conn, grant.session, moment.now())? {
        return Ok(None);
    }
    let approval = &grant.approval;
    standing::member(conn, &approval.org_id, approval.by, approval.auth_time)
}
