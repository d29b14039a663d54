//! Applications and their secrets.

use super::column;
use super::organizations::OrganizationRow;
use crate::conn::{Conn, each_engine};
use crate::faults::{fault, unless_taken};
use crate::schema::{application_secrets, applications, organizations, revoked_tokens};
use diesel::prelude::*;
use model::application::{
    Application, ApplicationSettings, ApplicationState, ClientKind, CodeSettings, DeviceSettings, EmbeddedSettings,
    TokenSettings,
};
use model::fault::Fault;
use model::id::{ApplicationId, ClientId, OrgId};
use model::logo::LogoName;
use model::org::Organization;
use model::redirect_uri::RedirectUri;
use model::secret::Digest;
use model::terms::TokenProfile;
use model::user_code::UserCodeFormat;
use protocol::scope::Scopes;
use protocol::token::GrantType;

#[derive(Queryable, Selectable)]
#[diesel(table_name = applications)]
pub(super) struct ApplicationRow {
    org_id: String,
    id: Vec<u8>,
    client_id: String,
    revision: i32,
    state: String,
    kind: String,
    created_at: i64,
    #[diesel(embed)]
    settings: SettingsRow,
}

#[derive(Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = applications)]
#[diesel(treat_none_as_null = true)]
pub(super) struct SettingsRow {
    name: String,
    logo: Option<String>,
    grants: String,
    scopes: String,
    default_scopes: String,
    code_expiration_ms: Option<i64>,
    poll_interval_ms: Option<i64>,
    user_code_format: String,
    prefilled_uri: bool,
    access_lifetime_ms: i64,
    id_token_alg: Option<String>,
    redirect_uris: String,
    post_logout_redirect_uris: String,
    challenge_required: bool,
    token_kind: String,
    embedded: bool,
    post_registration_url: Option<String>,
}

impl ApplicationRow {
    pub(super) fn into_model(self) -> Result<Application, Fault> {
        Ok(Application {
            org_id: column::org("applications.org_id", &self.org_id)?,
            id: ApplicationId::from_uuid(column::uuid("applications.id", &self.id)?),
            client_id: ClientId::from_wire(self.client_id),
            revision: self.revision,
            state: column::word("applications.state", ApplicationState::parse(&self.state))?,
            kind: column::word("applications.kind", ClientKind::parse(&self.kind))?,
            settings: self.settings.into_model()?,
            created_at: column::time(self.created_at),
        })
    }
}

impl SettingsRow {
    fn of(settings: &ApplicationSettings) -> Self {
        let grants: Vec<&str> = settings.grants.iter().map(|grant| grant.name()).collect();
        Self {
            name: settings.name.clone(),
            logo: settings.logo.as_ref().map(ToString::to_string),
            grants: grants.join(" "),
            scopes: settings.scopes.to_string(),
            default_scopes: settings.default_scopes.to_string(),
            code_expiration_ms: settings.device.expiration.map(column::millis),
            poll_interval_ms: settings.device.interval.map(column::millis),
            user_code_format: settings.device.format.to_string(),
            prefilled_uri: settings.device.prefilled_uri,
            access_lifetime_ms: column::millis(settings.tokens.access_lifetime),
            id_token_alg: settings.tokens.id_token_alg.map(|algorithm| algorithm.as_str().to_owned()),
            redirect_uris: in_a_row(&settings.code.redirect_uris),
            post_logout_redirect_uris: in_a_row(&settings.code.post_logout_redirect_uris),
            challenge_required: settings.code.challenge_required,
            token_kind: settings.tokens.kind.as_str().to_owned(),
            embedded: settings.embedded.enabled,
            post_registration_url: settings.embedded.post_registration_url.as_ref().map(ToString::to_string),
        }
    }

    fn into_model(self) -> Result<ApplicationSettings, Fault> {
        let grant = |name: &str| column::word("applications.grants", GrantType::from_name(name));
        let span = |column, millis: Option<i64>| millis.map(|millis| column::span(column, millis)).transpose();
        Ok(ApplicationSettings {
            name: self.name,
            logo: self.logo.map(LogoName::from_wire),
            grants: self.grants.split_ascii_whitespace().map(grant).collect::<Result<_, _>>()?,
            scopes: column::scopes("applications.scopes", &self.scopes)?,
            default_scopes: column::scopes("applications.default_scopes", &self.default_scopes)?,
            device: DeviceSettings {
                expiration: span("applications.code_expiration_ms", self.code_expiration_ms)?,
                interval: span("applications.poll_interval_ms", self.poll_interval_ms)?,
                format: UserCodeFormat::parse(&self.user_code_format)
                    .map_err(|_| column::broken("applications.user_code_format"))?,
                prefilled_uri: self.prefilled_uri,
            },
            code: CodeSettings {
                redirect_uris: addresses("applications.redirect_uris", &self.redirect_uris)?,
                post_logout_redirect_uris: addresses(
                    "applications.post_logout_redirect_uris",
                    &self.post_logout_redirect_uris,
                )?,
                challenge_required: self.challenge_required,
            },
            embedded: EmbeddedSettings {
                enabled: self.embedded,
                post_registration_url: self
                    .post_registration_url
                    .map(|url| RedirectUri::parse(&url))
                    .transpose()
                    .map_err(|_| column::broken("applications.post_registration_url"))?,
            },
            tokens: TokenSettings {
                access_lifetime: column::span("applications.access_lifetime_ms", self.access_lifetime_ms)?,
                id_token_alg: self
                    .id_token_alg
                    .map(|name| column::algorithm("applications.id_token_alg", &name))
                    .transpose()?,
                kind: column::word("applications.token_kind", TokenProfile::parse(&self.token_kind))?,
            },
        })
    }
}

/// Addresses hold no spaces.
fn in_a_row(addresses: &[RedirectUri]) -> String {
    addresses.iter().map(RedirectUri::as_str).collect::<Vec<_>>().join(" ")
}

fn addresses(column: &'static str, text: &str) -> Result<Vec<RedirectUri>, Fault> {
    let one = |address| RedirectUri::parse(address).map_err(|_| column::broken(column));
    text.split_ascii_whitespace().map(one).collect()
}

/// Everything that client authentication looks at, in one joined read.
#[derive(Clone, Debug)]
pub struct ClientRecord {
    /// The organization, living.
    pub organization: Organization,
    /// The application, in whatever state.
    pub application: Application,
    /// Digests of its live secrets.
    pub secrets: Vec<Digest>,
}

/// A client of an organization by what it calls itself.
///
/// # Errors
/// The database's.
pub fn by_client_id(conn: &mut Conn, org: &OrgId, client_id: &ClientId) -> Result<Option<ClientRecord>, Fault> {
    let rows = each_engine!(conn, |c| applications::table
        .inner_join(organizations::table.on(organizations::org_id.eq(applications::org_id)))
        .left_join(
            application_secrets::table.on(application_secrets::org_id
                .eq(applications::org_id)
                .and(application_secrets::application_id.eq(applications::id))),
        )
        .filter(applications::org_id.eq(org.as_str()))
        .filter(applications::client_id.eq(client_id.as_str()))
        .filter(organizations::state.eq("active"))
        .select((OrganizationRow::as_select(), ApplicationRow::as_select(), application_secrets::digest.nullable()))
        .load::<(OrganizationRow, ApplicationRow, Option<Vec<u8>>)>(c))
    .map_err(fault("application by client_id"))?;
    let mut found = None;
    let mut secrets = Vec::new();
    for (organization, application, secret) in rows {
        if let Some(secret) = secret {
            secrets.push(column::digest("application_secrets.digest", &secret)?);
        }
        found = Some((organization, application));
    }
    let Some((organization, application)) = found else { return Ok(None) };
    Ok(Some(ClientRecord { organization: organization.into_model()?, application: application.into_model()?, secrets }))
}

/// The organization where an active client is registered. Clients have names of their own in the whole server, but for the
/// reference client, which is everywhere and therefore nowhere; those of the server itself are in no organization.
///
/// # Errors
/// The database's.
pub fn home_of_client(conn: &mut Conn, client_id: &ClientId) -> Result<Option<OrgId>, Fault> {
    if client_id.as_str() == ClientId::REFERENCE {
        return Ok(None);
    }
    let found = applications::table
        .inner_join(organizations::table.on(organizations::org_id.eq(applications::org_id)))
        // As the index says it, so that the planner knows it again.
        .filter(applications::client_id.ne(ClientId::REFERENCE))
        .filter(applications::client_id.eq(client_id.as_str()))
        .filter(applications::state.eq(ApplicationState::Active.as_str()))
        .filter(organizations::state.eq("active"))
        .select(applications::org_id)
        .get_result::<String>(conn.engine())
        .optional()
        .map_err(fault("home of client"))?;
    let home = found.map(|org| column::org("applications.org_id", &org)).transpose()?;
    Ok(home.filter(|org| !org.is_instance()))
}

/// Whether a client of a living organization may be used, and whether its own access token `jti` was revoked, in one
/// read.
///
/// # Errors
/// The database's.
pub fn standing(
    conn: &mut Conn,
    org: &OrgId,
    client_id: &ClientId,
    jti: &str,
) -> Result<Option<(ApplicationState, bool)>, Fault> {
    let found = applications::table
        .inner_join(organizations::table.on(organizations::org_id.eq(applications::org_id)))
        .left_join(
            revoked_tokens::table.on(revoked_tokens::org_id.eq(applications::org_id).and(revoked_tokens::jti.eq(jti))),
        )
        .filter(applications::org_id.eq(org.as_str()))
        .filter(applications::client_id.eq(client_id.as_str()))
        .filter(organizations::state.eq("active"))
        .select((applications::state, revoked_tokens::jti.nullable()))
        .get_result::<(String, Option<String>)>(conn.engine())
        .optional()
        .map_err(fault("standing of client"))?;
    let Some((state, revoked)) = found else { return Ok(None) };
    Ok(Some((column::word("applications.state", ApplicationState::parse(&state))?, revoked.is_some())))
}

/// An application that has not been deleted.
///
/// # Errors
/// The database's.
pub fn by_id(conn: &mut Conn, org: &OrgId, application: ApplicationId) -> Result<Option<Application>, Fault> {
    applications::table
        .filter(applications::org_id.eq(org.as_str()))
        .filter(applications::id.eq(application.uuid().as_bytes().as_slice()))
        .filter(applications::state.ne(ApplicationState::Deleted.as_str()))
        .select(ApplicationRow::as_select())
        .get_result(conn.engine())
        .optional()
        .map_err(fault("application by id"))?
        .map(ApplicationRow::into_model)
        .transpose()
}

/// The organization's applications, but for deleted ones, by name.
///
/// # Errors
/// The database's.
pub fn all(conn: &mut Conn, org: &OrgId) -> Result<Vec<Application>, Fault> {
    applications::table
        .filter(applications::org_id.eq(org.as_str()))
        .filter(applications::state.ne(ApplicationState::Deleted.as_str()))
        .order((applications::name, applications::id))
        .select(ApplicationRow::as_select())
        .load(conn.engine())
        .map_err(fault("applications"))?
        .into_iter()
        .map(ApplicationRow::into_model)
        .collect()
}

/// What each of the organization's applications is called and may ask for, but for deleted ones, by name.
///
/// # Errors
/// The database's.
pub fn scopes_of_all(conn: &mut Conn, org: &OrgId) -> Result<Vec<(String, Scopes)>, Fault> {
    applications::table
        .filter(applications::org_id.eq(org.as_str()))
        .filter(applications::state.ne(ApplicationState::Deleted.as_str()))
        .order((applications::name, applications::id))
        .select((applications::name, applications::scopes))
        .load::<(String, String)>(conn.engine())
        .map_err(fault("scopes of applications"))?
        .into_iter()
        .map(|(name, scopes)| Ok((name, column::scopes("applications.scopes", &scopes)?)))
        .collect()
}

/// What an application is called, with its id and its client's.
#[derive(Clone, Debug)]
pub struct ApplicationName {
    /// Its id.
    pub id: ApplicationId,
    /// What its client calls itself.
    pub client_id: ClientId,
    /// What users read.
    pub name: String,
}

/// The names of the applications with these ids and of those whose clients call themselves so, also of deleted ones.
///
/// # Errors
/// The database's.
pub fn names(
    conn: &mut Conn,
    org: &OrgId,
    ids: &[ApplicationId],
    clients: &[ClientId],
) -> Result<Vec<ApplicationName>, Fault> {
    let ids: Vec<Vec<u8>> = ids.iter().map(|id| id.uuid().as_bytes().to_vec()).collect();
    let clients: Vec<&str> = clients.iter().map(ClientId::as_str).collect();
    applications::table
        .filter(applications::org_id.eq(org.as_str()))
        .filter(applications::id.eq_any(ids).or(applications::client_id.eq_any(clients)))
        .select((applications::id, applications::client_id, applications::name))
        .load::<(Vec<u8>, String, String)>(conn.engine())
        .map_err(fault("names of applications"))?
        .into_iter()
        .map(|(id, client_id, name)| {
            let id = ApplicationId::from_uuid(column::uuid("applications.id", &id)?);
            Ok(ApplicationName { id, client_id: ClientId::from_wire(client_id), name })
        })
        .collect()
}

/// Adds an application; false where its id or client_id is taken.
///
/// # Errors
/// The database's.
pub fn insert(conn: &mut Conn, org: &OrgId, application: &Application) -> Result<bool, Fault> {
    conn.savepoint(|conn| {
        let inserted = diesel::insert_into(applications::table)
            .values((
                applications::org_id.eq(org.as_str()),
                applications::id.eq(application.id.uuid().as_bytes().as_slice()),
                applications::client_id.eq(application.client_id.as_str()),
                applications::revision.eq(application.revision),
                applications::state.eq(application.state.as_str()),
                applications::kind.eq(application.kind.as_str()),
                applications::created_at.eq(application.created_at.millis()),
                SettingsRow::of(&application.settings),
            ))
            .execute(conn.engine());
        Ok(unless_taken(inserted).map_err(fault("insert application"))?.is_some())
    })
}

/// Stores state and settings where the revision is still the one that was read; false where it is not.
///
/// # Errors
/// The database's.
pub fn advance(conn: &mut Conn, org: &OrgId, application: &Application) -> Result<bool, Fault> {
    diesel::update(
        applications::table
            .filter(applications::org_id.eq(org.as_str()))
            .filter(applications::id.eq(application.id.uuid().as_bytes().as_slice()))
            .filter(applications::revision.eq(application.revision)),
    )
    .set((
        applications::revision.eq(application.revision.saturating_add(1)),
        applications::state.eq(application.state.as_str()),
        SettingsRow::of(&application.settings),
    ))
    .execute(conn.engine())
    .map(|changed| changed == 1)
    .map_err(fault("advance application"))
}
