//! A person types a code, sees what it asks for, and may let go of it again.
//!
//! The caller has charged the budgets of wrong codes before it comes here, in the same transaction.

use jose::{open_code, seal_code};
use model::application::Application;
use model::fault::Fault;
use model::grant::{Claim, Grant, GrantState};
use model::id::{GrantId, OrgId, UserId};
use model::moment::Moment;
use model::secret::Keyring;
use model::secret::Purpose;
use model::user::OrgMember;
use model::user_code::{TypedCode, UserCode};
use store::Conn;
use store::tables::{applications, code_directory, grants};

/// Claims the grant that a code leads to for `member`. Nothing where the code does not work for this person in this
/// organization, for whatever reason: wrong, over, decided, claimed by another, another organization's.
///
/// # Errors
/// The database's.
pub fn claim(
    conn: &mut Conn,
    member: &OrgMember,
    code: &TypedCode,
    keys: &Keyring,
    moment: &Moment,
) -> Result<Option<GrantId>, Fault> {
    let org = member.org_id();
    let digest = code.digest(&keys.key(Purpose::UserCode));
    let Some(found) = code_directory::find(conn, &digest, moment.now())?.filter(|found| found.org_id == *org) else {
        return Ok(None);
    };
    let user = member.user().id;
    let sealed_code = seal_code(keys, Purpose::ClaimedCode, &[&holder(found.grant_id, user)], code, moment)?;
    // Another person may claim it between reading and storing: then the guard fails, and the second look says no.
    for _ in 0..2 {
        let Some(grant) = grants::by_id(conn, org, found.grant_id)? else { return Ok(None) };
        let claim = Claim { by: user, at: moment.now(), sealed_code: sealed_code.clone() };
        let Ok(claimed) = grant.claim(claim) else { return Ok(None) };
        if grants::advance(conn, org, &claimed)? {
            return Ok(Some(found.grant_id));
        }
    }
    Ok(None)
}

/// What a claimed code is bound to: the grant, and who holds it.
fn holder(grant: GrantId, user: UserId) -> [u8; 32] {
    let mut both = [0; 32];
    both[..16].copy_from_slice(grant.uuid().as_bytes());
    both[16..].copy_from_slice(user.uuid().as_bytes());
    both
}

/// What the review page shows.
#[derive(Clone, Debug)]
pub struct Review {
    /// The grant, pending and claimed by who looks at it.
    pub grant: Grant,
    /// Its application.
    pub application: Application,
    /// The code, as its format shows it.
    pub user_code: UserCode,
}

/// How a grant stands to somebody who wants to look at it.
#[derive(Clone, Debug)]
pub enum Standing {
    /// It is theirs to decide.
    Open(Box<Review>),
    /// It is theirs and decided, or its time is over; with its application, unless that was deleted meanwhile.
    Over(Box<Grant>, Option<Box<Application>>),
    /// It is not theirs, or does not exist: the same to them.
    NotYours,
}

/// Looks at a grant for `member`. Changes nothing.
///
/// # Errors
/// The database's; `Broken` where a sealed code does not open.
pub fn review(
    conn: &mut Conn,
    member: &OrgMember,
    grant: GrantId,
    keys: &Keyring,
    moment: &Moment,
) -> Result<Standing, Fault> {
    let user = member.user().id;
    let Some(grant) = grants::by_id(conn, member.org_id(), grant)? else { return Ok(Standing::NotYours) };
    let sealed = match &grant.state {
        GrantState::Pending { claim: Some(claim) } if claim.by == user => {
            (!grant.is_expired(moment.now())).then(|| claim.sealed_code.clone())
        }
        GrantState::Approved(approval) | GrantState::Redeemed { approval, .. } if approval.by == user => None,
        GrantState::Denied { by, .. } if *by == user => None,
        _ => return Ok(Standing::NotYours),
    };
    let application = applications::by_id(conn, &grant.org_id, grant.application_id)?;
    let Some(sealed) = sealed else { return Ok(Standing::Over(Box::new(grant), application.map(Box::new))) };
    let code = open_code(keys, Purpose::ClaimedCode, &[&holder(grant.id, user)], &sealed)
        .ok_or_else(|| Fault::broken("a claimed code does not open: is the master key the right one?"))?;
    let Some(application) = application else { return Ok(Standing::NotYours) };
    let user_code = code.shown_as(&grant.terms.user_code_format);
    Ok(Standing::Open(Box::new(Review { grant, application, user_code })))
}

/// Lets go of a claim, so that the code works again for whoever types it; gives the code back. Nothing where there was
/// nothing to let go of.
///
/// # Errors
/// The database's.
pub fn release(
    conn: &mut Conn,
    (org, user): (&OrgId, UserId),
    grant: GrantId,
    keys: &Keyring,
    moment: &Moment,
) -> Result<Option<TypedCode>, Fault> {
    let Some(grant) = grants::by_id(conn, org, grant)? else { return Ok(None) };
    let GrantState::Pending { claim: Some(claim) } = &grant.state else { return Ok(None) };
    let code = open_code(keys, Purpose::ClaimedCode, &[&holder(grant.id, user)], &claim.sealed_code);
    let Ok(released) = grant.release(user, moment.now()) else { return Ok(None) };
    Ok(if grants::advance(conn, org, &released)? { code } else { None })
}
