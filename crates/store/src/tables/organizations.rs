//! Organizations.

use super::column;
use crate::conn::{Conn, held};
use crate::faults::{fault, unless_taken};
use crate::schema::{memberships, organizations};
use diesel::prelude::*;
use model::device_login::{DeviceLogin, DeviceLoginPolicy};
use model::fault::Fault;
use model::id::{OrgId, UserId};
use model::login_attempt::NewDevicePolicy;
use model::logo::LogoName;
use model::org::{DeviceDefaults, FactorPolicy, Organization, RefreshPolicy, Registration, Role, SignInPolicy};
use model::time::Timestamp;

#[derive(Queryable, Selectable, Insertable)]
#[diesel(table_name = organizations)]
pub(super) struct OrganizationRow {
    org_id: String,
    revision: i32,
    state: String,
    created_at: i64,
    #[diesel(embed)]
    settings: SettingsRow,
}

#[derive(Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = organizations)]
#[diesel(treat_none_as_null = true)]
pub(super) struct SettingsRow {
    name: String,
    colour: Option<String>,
    logo: Option<String>,
    signing_alg: String,
    refresh_absolute_ms: i64,
    refresh_idle_ms: i64,
    refresh_grace_ms: i64,
    code_expiration_ms: i64,
    poll_interval_ms: i64,
    factor_required_since: Option<i64>,
    factor_grace_ms: i64,
    registration: String,
    new_device_policy: String,
    device_login: String,
    device_login_apps: String,
    device_scope_ceiling: String,
    longest_token_ms: i64,
}

impl SettingsRow {
    fn of(organization: &Organization) -> Self {
        Self {
            name: organization.name.clone(),
            colour: organization.colour.clone(),
            logo: organization.logo.as_ref().map(ToString::to_string),
            signing_alg: organization.signing_alg.as_str().to_owned(),
            refresh_absolute_ms: column::millis(organization.refresh.absolute),
            refresh_idle_ms: column::millis(organization.refresh.idle),
            refresh_grace_ms: column::millis(organization.refresh.grace),
            code_expiration_ms: column::millis(organization.device.expiration),
            poll_interval_ms: column::millis(organization.device.interval),
            factor_required_since: organization.second_factor.required_since.map(Timestamp::millis),
            factor_grace_ms: column::millis(organization.second_factor.grace),
            registration: organization.registration.text(),
            new_device_policy: organization.sign_in.new_device.as_str().to_owned(),
            device_login: organization.device_login.login.as_str().to_owned(),
            device_login_apps: column::client_ids_text(&organization.device_login.listed),
            device_scope_ceiling: organization.device_login.ceiling.to_string(),
            longest_token_ms: column::millis(organization.longest_token),
        }
    }
}

impl OrganizationRow {
    pub(super) fn into_model(self) -> Result<Organization, Fault> {
        let settings = self.settings;
        Ok(Organization {
            id: column::org("organizations.org_id", &self.org_id)?,
            revision: self.revision,
            name: settings.name,
            colour: settings.colour,
            logo: settings.logo.map(LogoName::from_wire),
            signing_alg: column::algorithm("organizations.signing_alg", &settings.signing_alg)?,
            refresh: RefreshPolicy {
                absolute: column::span("organizations.refresh_absolute_ms", settings.refresh_absolute_ms)?,
                idle: column::span("organizations.refresh_idle_ms", settings.refresh_idle_ms)?,
                grace: column::span("organizations.refresh_grace_ms", settings.refresh_grace_ms)?,
            },
            device: DeviceDefaults {
                expiration: column::span("organizations.code_expiration_ms", settings.code_expiration_ms)?,
                interval: column::span("organizations.poll_interval_ms", settings.poll_interval_ms)?,
            },
            second_factor: FactorPolicy {
                required_since: settings.factor_required_since.map(column::time),
                grace: column::span("organizations.factor_grace_ms", settings.factor_grace_ms)?,
            },
            registration: column::word("organizations.registration", Registration::parse(&settings.registration))?,
            sign_in: SignInPolicy {
                new_device: column::word(
                    "organizations.new_device_policy",
                    NewDevicePolicy::parse(&settings.new_device_policy),
                )?,
            },
            device_login: DeviceLoginPolicy {
                login: column::word("organizations.device_login", DeviceLogin::parse(&settings.device_login))?,
                listed: column::client_ids(&settings.device_login_apps),
                ceiling: column::scopes("organizations.device_scope_ceiling", &settings.device_scope_ceiling)?,
            },
            longest_token: column::span("organizations.longest_token_ms", settings.longest_token_ms)?,
            created_at: column::time(self.created_at),
        })
    }
}

/// Adds an organization; false where the id is taken, by a living or a deleted one.
///
/// # Errors
/// The database's.
pub fn insert(conn: &mut Conn, organization: &Organization) -> Result<bool, Fault> {
    let row = OrganizationRow {
        org_id: organization.id.as_str().to_owned(),
        revision: organization.revision,
        state: "active".to_owned(),
        created_at: organization.created_at.millis(),
        settings: SettingsRow::of(organization),
    };
    conn.savepoint(|conn| {
        let inserted = diesel::insert_into(organizations::table).values(&row).execute(conn.engine());
        Ok(unless_taken(inserted).map_err(fault("insert organization"))?.is_some())
    })
}

/// Stores the settings of a living organization where the revision is still the one that was read; false where it is
/// not.
///
/// # Errors
/// The database's.
pub fn advance(conn: &mut Conn, organization: &Organization) -> Result<bool, Fault> {
    diesel::update(
        organizations::table
            .filter(organizations::org_id.eq(organization.id.as_str()))
            .filter(organizations::state.eq("active"))
            .filter(organizations::revision.eq(organization.revision)),
    )
    .set((organizations::revision.eq(organization.revision.saturating_add(1)), SettingsRow::of(organization)))
    .execute(conn.engine())
    .map(|changed| changed == 1)
    .map_err(fault("advance organization"))
}

/// Ends a living organization; false where there is none. Its row stays, so that nobody gets its id again.
///
/// # Errors
/// The database's.
pub fn end(conn: &mut Conn, org: &OrgId) -> Result<bool, Fault> {
    diesel::update(
        organizations::table.filter(organizations::org_id.eq(org.as_str())).filter(organizations::state.eq("active")),
    )
    .set((organizations::state.eq("deleted"), organizations::revision.eq(organizations::revision + 1)))
    .execute(conn.engine())
    .map(|changed| changed == 1)
    .map_err(fault("end organization"))
}

/// A living organization.
///
/// # Errors
/// The database's.
pub fn by_id(conn: &mut Conn, org: &OrgId) -> Result<Option<Organization>, Fault> {
    organizations::table
        .filter(organizations::org_id.eq(org.as_str()))
        .filter(organizations::state.eq("active"))
        .select(OrganizationRow::as_select())
        .get_result(conn.engine())
        .optional()
        .map_err(fault("organization by id"))?
        .map(OrganizationRow::into_model)
        .transpose()
}

/// Holds a living organization, so that of two who count what it has, to add one, the second counts the first's; false
/// where there is none. Rows that only refer to it are added meanwhile.
///
/// # Errors
/// The database's.
pub fn hold(conn: &mut Conn, org: &OrgId) -> Result<bool, Fault> {
    let found: QueryResult<String> = held!(
        conn,
        organizations::table
            .filter(organizations::org_id.eq(org.as_str()))
            .filter(organizations::state.eq("active"))
            .select(organizations::org_id),
        for_no_key_update,
        get_result
    );
    Ok(found.optional().map_err(fault("hold organization"))?.is_some())
}

/// All living organizations, by id. The server's own home is none.
///
/// # Errors
/// The database's.
pub fn all(conn: &mut Conn) -> Result<Vec<Organization>, Fault> {
    organizations::table
        .filter(organizations::state.eq("active"))
        .filter(organizations::org_id.ne(OrgId::instance().as_str()))
        .order(organizations::org_id)
        .select(OrganizationRow::as_select())
        .load(conn.engine())
        .map_err(fault("all organizations"))?
        .into_iter()
        .map(OrganizationRow::into_model)
        .collect()
}

/// The living organizations of a user with the user's role in each, by name.
///
/// # Errors
/// The database's.
pub fn of_user(conn: &mut Conn, user: UserId) -> Result<Vec<(Organization, Role)>, Fault> {
    organizations::table
        .inner_join(memberships::table.on(memberships::org_id.eq(organizations::org_id)))
        .filter(memberships::user_id.eq(user.uuid().as_bytes().as_slice()))
        .filter(organizations::state.eq("active"))
        .order((organizations::name, organizations::org_id))
        .select((OrganizationRow::as_select(), memberships::role))
        .load::<(OrganizationRow, String)>(conn.engine())
        .map_err(fault("organizations of user"))?
        .into_iter()
        .map(|(row, role)| Ok((row.into_model()?, column::word("memberships.role", Role::parse(&role))?)))
        .collect()
}

/// When sign-ins wait in the living organizations of a user: each one's own policy.
///
/// # Errors
/// The database's.
pub fn new_device_policies_of(conn: &mut Conn, user: UserId) -> Result<Vec<NewDevicePolicy>, Fault> {
    organizations::table
        .inner_join(memberships::table.on(memberships::org_id.eq(organizations::org_id)))
        .filter(memberships::user_id.eq(user.uuid().as_bytes().as_slice()))
        .filter(organizations::state.eq("active"))
        .select(organizations::new_device_policy)
        .load::<String>(conn.engine())
        .map_err(fault("new-device policies of user"))?
        .iter()
        .map(|word| column::word("organizations.new_device_policy", NewDevicePolicy::parse(word)))
        .collect()
}
