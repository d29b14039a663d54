//! Creating organizations.

use crate::catalogue::STANDARD;
use model::algorithm::Algorithm;
use model::audit::{Action, Actor, AuditEntry};
use model::fault::Fault;
use model::id::OrgId;
use model::moment::Moment;
use model::org::{Organization, RefreshPolicy};
use store::Conn;
use store::tables::{audit, organizations, scopes};

/// The longest display name, in characters.
pub const LONGEST_NAME: usize = 80;

/// Creates an organization with the standard scopes; nothing where the id is taken or has ever been.
///
/// # Errors
/// The database's.
pub fn create(
    conn: &mut Conn,
    org: &OrgId,
    name: &str,
    actor: &Actor,
    moment: &Moment,
) -> Result<Option<Organization>, Fault> {
    let organization = Organization {
        id: org.clone(),
        name: name.to_owned(),
        colour: None,
        signing_alg: Algorithm::Es256,
        refresh: RefreshPolicy::default(),
        created_at: moment.now(),
    };
    if !organizations::insert(conn, &organization)? {
        return Ok(None);
    }
    for (name, sentence) in STANDARD {
        scopes::insert(conn, org, name, sentence)?;
    }
    audit::insert(conn, &AuditEntry::new(moment, Some(org), actor.clone(), Action::OrganizationCreated, org))?;
    Ok(Some(organization))
}
