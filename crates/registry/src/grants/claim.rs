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
use model::time::Timestamp;
use model::user::{OrgMember, SignedIn, User};
use model::user_code::{TypedCode, UserCode};
use store::Conn;
use store::tables::code_directory::{self, Directions};
use store::tables::{applications, grants, memberships};

/// Who types a code, and whose codes work for them there.
#[derive(Clone, Copy, Debug)]
pub enum Claimant<'a> {
    /// A member at their organization's page: that organization's codes.
    Member(&'a OrgMember),
    /// Somebody at the page of the whole server: codes of clients that belong to no organization, and those of every
    /// organization that they belong to.
    Anywhere(&'a SignedIn),
}

impl Claimant<'_> {
    /// Who.
    pub fn user(&self) -> &User {
        match self {
            Self::Member(member) => member.user(),
            Self::Anywhere(signed_in) => signed_in.user(),
        }
    }

    /// Whether codes of clients that are registered in `home` work for them.
    fn reaches(&self, conn: &mut Conn, home: &OrgId, now: Timestamp) -> Result<Reach, Fault> {
        match self {
            Self::Member(member) if member.org_id() == home => Ok(Reach::Theirs),
            Self::Member(_) => Ok(Reach::Beyond),
            Self::Anywhere(_) if home.is_instance() => Ok(Reach::Theirs),
            Self::Anywhere(signed_in) => {
                let Some(membership) = memberships::of(conn, home, signed_in.user().id)? else {
                    return Ok(Reach::Beyond);
                };
                let member = OrgMember::prove((*signed_in).clone().at(home), membership, now);
                Ok(if member.is_some() { Reach::Theirs } else { Reach::FactorMissing })
            }
        }
    }
}

/// Whether somebody's word counts for the codes of an organization's clients.
enum Reach {
    /// It does.
    Theirs,
    /// They belong to it, and it needs a second factor that their session has not shown.
    FactorMissing,
    /// They don't belong to it.
    Beyond,
}

/// What becomes of a code that somebody types.
#[derive(Clone, Debug)]
pub enum Claimed {
    /// It is theirs to decide.
    Theirs(Directions),
    /// It is a code of an organization of theirs that needs a second factor, which their session has not shown. Nothing is claimed.
    FactorMissing(OrgId),
    /// It does not work for this person at this page, for whatever reason: wrong, over, decided, claimed by another, another
    /// organization's.
    Nothing,
}

impl Claimed {
    /// Where it leads, as far as it is theirs to decide.
    pub fn theirs(self) -> Option<Directions> {
        match self {
            Self::Theirs(found) => Some(found),
            Self::FactorMissing(_) | Self::Nothing => None,
        }
    }
}

/// Claims the grant that a code leads to.
///
/// # Errors
/// The database's.
pub fn claim(
    conn: &mut Conn,
    claimant: Claimant<'_>,
    code: &TypedCode,
    keys: &Keyring,
    moment: &Moment,
) -> Result<Claimed, Fault> {
    let digest = code.digest(&keys.key(Purpose::UserCode));
    let Some(found) = code_directory::find(conn, &digest, moment.now())? else { return Ok(Claimed::Nothing) };
    match claimant.reaches(conn, &found.org_id, moment.now())? {
        Reach::Theirs => {}
        Reach::FactorMissing => return Ok(Claimed::FactorMissing(found.org_id)),
        Reach::Beyond => return Ok(Claimed::Nothing),
    }
    let user = claimant.user().id;
    let sealed_code = seal_code(keys, Purpose::ClaimedCode, &[&holder(found.grant_id, user)], code, moment)?;
    // Another person may claim it between reading and storing: then the guard fails, and the second look says no.
    for _ in 0..2 {
        let Some(grant) = grants::by_id(conn, &found.org_id, found.grant_id)? else { return Ok(Claimed::Nothing) };
        let claim = Claim { by: user, at: moment.now(), sealed_code: sealed_code.clone() };
        let Ok(claimed) = grant.claim(claim) else { return Ok(Claimed::Nothing) };
        if grants::advance(conn, &found.org_id, &claimed)? {
            return Ok(Claimed::Theirs(found));
        }
    }
    Ok(Claimed::Nothing)
}

/// Looks at the grant that a code leads to, and claims nothing: one that is open to this person, or that they have decided and no
/// client has collected. Nothing where the code does not work for them.
///
/// # Errors
/// The database's.
pub fn look(
    conn: &mut Conn,
    claimant: Claimant<'_>,
    code: &TypedCode,
    keys: &Keyring,
    moment: &Moment,
) -> Result<Option<(Grant, Application)>, Fault> {
    let digest = code.digest(&keys.key(Purpose::UserCode));
    let Some(found) = code_directory::find(conn, &digest, moment.now())? else { return Ok(None) };
    if !matches!(claimant.reaches(conn, &found.org_id, moment.now())?, Reach::Theirs) {
        return Ok(None);
    }
    let Some(grant) = grants::by_id(conn, &found.org_id, found.grant_id)? else { return Ok(None) };
    let user = claimant.user().id;
    let theirs = match &grant.state {
        GrantState::Pending { claim } => claim.as_ref().is_none_or(|claim| claim.by == user),
        GrantState::Approved(approval) => approval.by == user,
        GrantState::Denied { by, .. } => *by == user,
        GrantState::Redeemed { .. } => false,
    };
    if !theirs || grant.is_expired(moment.now()) {
        return Ok(None);
    }
    let application = applications::by_id(conn, &found.org_id, grant.application_id)?;
    Ok(application.map(|application| (grant, application)))
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

/// Looks at a grant of a client that is registered in `home`, for `user`. Changes nothing.
///
/// # Errors
/// The database's; `Broken` where a sealed code does not open.
pub fn review(
    conn: &mut Conn,
    (home, user): (&OrgId, UserId),
    grant: GrantId,
    keys: &Keyring,
    moment: &Moment,
) -> Result<Standing, Fault> {
    let Some(grant) = grants::by_id(conn, home, grant)? else { return Ok(Standing::NotYours) };
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
