//! Pictures that stand for organizations and their applications, found by the digest of their content.

use super::column;
use crate::conn::{Conn, each_engine};
use crate::faults::fault;
use crate::schema::{applications, logos, organizations};
use diesel::prelude::*;
use model::fault::Fault;
use model::id::OrgId;
use model::logo::{Logo, LogoKind, LogoName};

/// Keeps a logo. Where the organization has the same already, that stays.
///
/// # Errors
/// The database's.
pub fn put(conn: &mut Conn, org: &OrgId, logo: &Logo) -> Result<LogoName, Fault> {
    let name = logo.name();
    each_engine!(conn, |c| diesel::insert_into(logos::table)
        .values((
            logos::org_id.eq(org.as_str()),
            logos::name.eq(name.as_str()),
            logos::media_type.eq(logo.kind.media_type()),
            logos::content.eq(&logo.bytes),
        ))
        .on_conflict((logos::org_id, logos::name))
        .do_nothing()
        .execute(c))
    .map_err(fault("keep logo"))?;
    Ok(name)
}

/// A logo of an organization that lives, or of one of its applications.
///
/// # Errors
/// The database's.
pub fn by_name(conn: &mut Conn, org: &OrgId, name: &LogoName) -> Result<Option<Logo>, Fault> {
    let found = logos::table
        .inner_join(organizations::table.on(organizations::org_id.eq(logos::org_id)))
        .filter(organizations::state.eq("active"))
        .filter(logos::org_id.eq(org.as_str()))
        .filter(logos::name.eq(name.as_str()))
        .select((logos::media_type, logos::content))
        .get_result::<(String, Vec<u8>)>(conn.engine())
        .optional()
        .map_err(fault("logo by name"))?;
    let Some((kind, bytes)) = found else { return Ok(None) };
    Ok(Some(Logo { kind: column::word("logos.media_type", LogoKind::parse(&kind))?, bytes }))
}

/// Forgets what stands for nothing in the organization any more. Hold the organization: whoever takes up the same picture at the
/// same moment has to come before or after.
///
/// # Errors
/// The database's.
pub fn forget_unused(conn: &mut Conn, org: &OrgId) -> Result<(), Fault> {
    let of_organization = organizations::table
        .filter(organizations::org_id.eq(org.as_str()))
        .filter(organizations::logo.is_not_null())
        .select(organizations::logo.assume_not_null());
    let of_applications = applications::table
        .filter(applications::org_id.eq(org.as_str()))
        .filter(applications::logo.is_not_null())
        .filter(applications::state.ne("deleted"))
        .select(applications::logo.assume_not_null());
    each_engine!(conn, |c| diesel::delete(
        logos::table
            .filter(logos::org_id.eq(org.as_str()))
            .filter(logos::name.ne_all(of_organization))
            .filter(logos::name.ne_all(of_applications))
    )
    .execute(c))
    .map(drop)
    .map_err(fault("forget logos"))
}

/// Forgets all of an organization that ends.
///
/// # Errors
/// The database's.
pub fn remove_all(conn: &mut Conn, org: &OrgId) -> Result<(), Fault> {
    diesel::delete(logos::table.filter(logos::org_id.eq(org.as_str())))
        .execute(conn.engine())
        .map(drop)
        .map_err(fault("forget logos of organization"))
}
