//! Creating and changing organizations.

use crate::catalogue;
use model::algorithm::Algorithm;
use model::audit::{Action, By};
use model::device_login::DeviceLoginPolicy;
use model::fault::Fault;
use model::id::{ClientId, OrgId};
use model::logo::LogoName;
use model::name::DisplayName;
use model::opaque;
use model::org::{
    DeviceDefaults, FactorPolicy, OrgChanges, OrgProblem, Organization, RefreshPolicy, Registration, SignInPolicy,
};
use model::time::Timestamp;
use serde_json::Value;
use store::Conn;
use store::tables::{audit, completion_steps, consents, invitations, logos, memberships, organizations};

/// Creates an organization with the standard scopes; nothing where the id is taken or has ever been.
///
/// # Errors
/// The database's.
pub fn create(conn: &mut Conn, org: &OrgId, name: &DisplayName, by: &By) -> Result<Option<Organization>, Fault> {
    let organization = Organization {
        id: org.clone(),
        revision: 0,
        name: name.clone().into(),
        colour: None,
        logo: None,
        signing_alg: Algorithm::Es256,
        refresh: RefreshPolicy::default(),
        device: DeviceDefaults::default(),
        second_factor: FactorPolicy::default(),
        registration: Registration::default(),
        sign_in: SignInPolicy::default(),
        device_login: DeviceLoginPolicy::default(),
        longest_token: *opaque::LIFETIME.end(),
        created_at: by.now(),
    };
    if !organizations::insert(conn, &organization)? {
        return Ok(None);
    }
    catalogue::add_standard(conn, org)?;
    audit::insert(conn, &by.entry(Some(org), Action::OrganizationCreated, org))?;
    Ok(Some(organization))
}

/// Deletes an organization for good; false where there is none. Whatever asks for a living organization refuses from then
/// on: its pages and endpoints, its clients, its tokens, its codes. Memberships and invitations go with it, as they say who
/// belonged to it; what it was told to do stays in the log.
///
/// # Errors
/// The database's.
pub fn delete(conn: &mut Conn, org: &OrgId, by: &By) -> Result<bool, Fault> {
    if !organizations::end(conn, org)? {
        return Ok(false);
    }
    memberships::remove_all(conn, org)?;
    invitations::remove_all(conn, org)?;
    consents::remove_all(conn, org)?;
    completion_steps::remove_all(conn, org)?;
    logos::remove_all(conn, org)?;
    audit::insert(conn, &by.entry(Some(org), Action::OrganizationDeleted, org))?;
    Ok(true)
}

/// What becomes of a change.
#[derive(Clone, Debug)]
pub enum Changed {
    /// It is so now, or was so before.
    Made(Box<Organization>),
    /// There is no such organization.
    NotFound,
    /// It can't be taken.
    Problem(OrgProblem),
}

/// Changes an organization's settings, with an audit row that names what is different now.
///
/// # Errors
/// The database's; `Busy` where somebody else changed it meanwhile.
pub fn change(conn: &mut Conn, org: &OrgId, changes: &OrgChanges, by: &By) -> Result<Changed, Fault> {
    let Some(before) = organizations::by_id(conn, org)? else { return Ok(Changed::NotFound) };
    let mut after = match before.with(changes) {
        Ok(after) => after,
        Err(problem) => return Ok(Changed::Problem(problem)),
    };
    if after == before {
        return Ok(Changed::Made(Box::new(after)));
    }
    if !organizations::advance(conn, &after)? {
        return Err(Fault::busy("the organization changed meanwhile"));
    }
    after.revision += 1;
    let facts = |organization: &Organization| {
        [
            ("name", Value::from(organization.name.as_str())),
            ("colour", Value::from(organization.colour.clone())),
            ("logo", Value::from(organization.logo.as_ref().map(LogoName::as_str))),
            ("algorithm", organization.signing_alg.as_str().into()),
            ("refresh_grace", organization.refresh.grace.as_secs().into()),
            ("refresh_idle", organization.refresh.idle.as_secs().into()),
            ("refresh_absolute", organization.refresh.absolute.as_secs().into()),
            ("code_expiration", organization.device.expiration.as_secs().into()),
            ("poll_interval", organization.device.interval.as_secs().into()),
            ("second_factor_since", Value::from(organization.second_factor.required_since.map(Timestamp::seconds))),
            ("second_factor_grace", organization.second_factor.grace.as_secs().into()),
            ("registration", organization.registration.text().into()),
            ("new_device", organization.sign_in.new_device.as_str().into()),
            ("device_login", organization.device_login.login.as_str().into()),
            ("device_login_apps", organization.device_login.listed.iter().map(ClientId::as_str).collect()),
            ("device_scope_ceiling", organization.device_login.ceiling.to_string().into()),
            ("longest_token", organization.longest_token.as_secs().into()),
        ]
    };
    let different = facts(&after).into_iter().zip(facts(&before)).filter(|(now, then)| now != then);
    let entry = by.entry(Some(org), Action::OrganizationChanged, org);
    let entry = different.fold(entry, |entry, ((name, value), _)| entry.with(name, value));
    audit::insert(conn, &entry)?;
    Ok(Changed::Made(Box::new(after)))
}
