//! What a poll is answered by: few columns of a grant, its application and its organization, in one read.

use super::column;
use crate::conn::{Conn, each_engine};
use crate::faults::fault;
use crate::schema::{applications, grants, organizations};
use diesel::prelude::*;
use model::application::{ApplicationState, ClientKind};
use model::client::ClientFacts;
use model::device_login::{DeviceLogin, DeviceLoginPolicy};
use model::fault::Fault;
use model::grant::{PollFacts, Progress};
use model::id::{ApplicationId, ClientId, GrantId, OrgId};
use model::secret::Digest;
use model::terms::Backoff;
use protocol::token::GrantType;

/// As much as a poll is answered by: the client that polls and, where it has one by this code, its grant.
#[derive(Clone, Debug)]
pub struct PollRecord {
    /// The client's application.
    pub application_id: ApplicationId,
    /// What decides whether the client is let in.
    pub client: ClientFacts,
    /// Whether the application has the device grant.
    pub has_device_grant: bool,
    /// Whether the organization lets it log devices in.
    pub may_log_in: bool,
    /// The grant, where it is this application's.
    pub grant: Option<PolledGrant>,
}

/// A grant as a poll sees it.
#[derive(Clone, Debug)]
pub struct PolledGrant {
    /// Which.
    pub id: GrantId,
    /// What the poll is answered by.
    pub facts: PollFacts,
    /// The challenge that the poll has to answer.
    pub code_challenge: Option<String>,
}

#[derive(Queryable, Selectable)]
#[diesel(table_name = grants)]
struct PolledGrantRow {
    id: Vec<u8>,
    state: String,
    backoff: String,
    interval_ms: i64,
    expires_at: i64,
    code_challenge: Option<String>,
}

/// What a poll is answered by, in one joined read of few columns: the busiest statement of the server.
///
/// # Errors
/// The database's.
pub fn by_device_code(
    conn: &mut Conn,
    org: &OrgId,
    client_id: &ClientId,
    device_code: &Digest,
) -> Result<Option<PollRecord>, Fault> {
    let found = each_engine!(conn, |c| applications::table
        .inner_join(organizations::table.on(organizations::org_id.eq(applications::org_id)))
        .left_join(
            grants::table.on(grants::org_id
                .eq(applications::org_id)
                .and(grants::device_code_digest.eq(device_code.bytes().as_slice()))
                .and(grants::application_id.eq(applications::id))),
        )
        .filter(applications::org_id.eq(org.as_str()))
        .filter(applications::client_id.eq(client_id.as_str()))
        .filter(organizations::state.eq("active"))
        .select((
            (applications::id, applications::kind, applications::state, applications::grants),
            (organizations::device_login, organizations::device_login_apps),
            Option::<PolledGrantRow>::as_select(),
        ))
        .get_result::<((Vec<u8>, String, String, String), (String, String), Option<PolledGrantRow>)>(c,))
    .optional()
    .map_err(fault("poll"))?;
    let Some(((id, kind, state, allowed), (login, listed), grant)) = found else { return Ok(None) };
    let device = GrantType::DeviceCode.name();
    let policy = DeviceLoginPolicy {
        login: column::word("organizations.device_login", DeviceLogin::parse(&login))?,
        listed: column::client_ids(&listed),
        ..DeviceLoginPolicy::default()
    };
    Ok(Some(PollRecord {
        application_id: ApplicationId::from_uuid(column::uuid("applications.id", &id)?),
        client: ClientFacts {
            client_id: client_id.clone(),
            kind: column::word("applications.kind", ClientKind::parse(&kind))?,
            state: column::word("applications.state", ApplicationState::parse(&state))?,
        },
        has_device_grant: allowed.split_ascii_whitespace().any(|name| name == device),
        may_log_in: policy.admits(client_id),
        grant: grant.map(PolledGrantRow::into_model).transpose()?,
    }))
}

impl PolledGrantRow {
    fn into_model(self) -> Result<PolledGrant, Fault> {
        Ok(PolledGrant {
            id: GrantId::from_uuid(column::uuid("grants.id", &self.id)?),
            facts: PollFacts {
                progress: column::word("grants.state", Progress::parse(&self.state))?,
                expires_at: column::time(self.expires_at),
                interval: column::span("grants.interval_ms", self.interval_ms)?,
                backoff: column::word("grants.backoff", Backoff::parse(&self.backoff))?,
            },
            code_challenge: self.code_challenge,
        })
    }
}
