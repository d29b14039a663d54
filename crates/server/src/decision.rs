//! A decision about a device, with the letter that tells of a yes: the one place in which grants and letters meet, whatever the
//! person decides by.

use crate::letters::{Reader as Addressee, post};
use crate::metrics::{GrantEvent, Metrics};
use directory::catalogue::Catalogue;
use model::context::Origin;
use model::fault::Fault;
use model::id::{GrantId, OrgId};
use model::language::Language;
use model::moment::Moment;
use model::user::{OrgMember, Reader};
use registry::grants::decide::{self, Decided, Verdict};
use store::Conn;
use store::tables::organizations;

/// When and from where somebody decides, and in which language they asked.
pub(crate) struct Deciding<'a> {
    pub(crate) moment: &'a Moment,
    pub(crate) origin: &'a Origin,
    pub(crate) language: Language,
}

/// Approves a grant of `home` for the organization of this member.
///
/// # Errors
/// The database's.
pub(crate) fn approve(
    conn: &mut Conn,
    (home, member): (&OrgId, &OrgMember),
    grant: GrantId,
    deciding: &Deciding<'_>,
) -> Result<Decided, Fault> {
    let Deciding { moment, origin, language } = deciding;
    let by: &dyn Reader = member.present();
    let decided = decide::decide(conn, (home, by), grant, Verdict::Approve(member), (moment, origin))?;
    if let Decided::Approved(grant, application) = &decided
        && let Some(organization) = organizations::by_id(conn, member.org_id())?
    {
        let scopes = Catalogue::read(conn, home)?.in_words(&grant.approved_scopes());
        let to = Addressee { user: member.user(), asked_in: *language };
        post::device_authorized(conn, to, (&organization, application, grant), scopes, moment)?;
    }
    Ok(decided)
}

/// Denies a grant of `home`.
///
/// # Errors
/// The database's.
pub(crate) fn deny(
    conn: &mut Conn,
    (home, by): (&OrgId, &dyn Reader),
    grant: GrantId,
    deciding: &Deciding<'_>,
) -> Result<Decided, Fault> {
    decide::decide(conn, (home, by), grant, Verdict::Deny, (deciding.moment, deciding.origin))
}

/// Counts what was decided.
pub(crate) fn count(metrics: &Metrics, decided: &Decided) {
    match decided {
        Decided::Approved(..) => metrics.grant(GrantEvent::Approved),
        Decided::Denied => metrics.grant(GrantEvent::Denied),
        Decided::TooLate | Decided::NotYours | Decided::NotLetIn => {}
    }
}
