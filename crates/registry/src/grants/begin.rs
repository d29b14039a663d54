//! A device asks for a code (RFC 8628 §3.1).
//!
//! 1. The client authenticates as it would anywhere else.
//! 2. Its application must have the device grant; what it asks for must be within what the application may, and the
//!    organization must have the resources. What goes with the scopes by the organization's catalogue is asked for, too: the
//!    person who approves sees all of it.
//! 3. A user code is drawn until one is found that no live code of the server has.
//! 4. The grant is stored with digests of both codes, and the codes leave with the answer, for the only time.

use crate::applications::{allowed_scopes, carried, with_implied};
use crate::clients::{self, Authenticated, ClientRefusal};
use model::client::{Entrance, PresentedClient};
use model::context::Origin;
use model::fault::Fault;
use model::grant::Grant;
use model::id::OrgId;
use model::moment::Moment;
use model::name::ClientName;
use model::opaque::OpaqueKind;
use model::secret::{self, Digest, Key, Purpose, Secret};
use model::terms::{Backoff, GrantTerms, OrgBinding, TokenProfile};
use model::user_code::{
    SHORT_FORMAT_LIFETIME, SHORT_FORMAT_LIVE_CODES, SHORT_FORMAT_LIVE_CODES_OF_ORGANIZATION, UserCode,
};
use protocol::scope::Scopes;
use protocol::token::GrantType;
use std::time::Duration;
use store::Conn;
use store::tables::code_directory::{self, Directions};
use store::tables::grants::{self, CodeDigests};
use store::tables::resources;

/// How often a user code is drawn before the format counts as full.
const DRAWS: usize = 16;

/// How a device code looks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DeviceCodeForm {
    /// 256 bits in base64url.
    Base64Url,
    /// 48 lower-case letters and digits: 248 bits.
    Plain48,
}

impl DeviceCodeForm {
    fn draw(self, moment: &Moment) -> Secret {
        match self {
            Self::Base64Url => Secret::draw(moment),
            Self::Plain48 => secret::plain48(moment),
        }
    }
}

/// What a device asks for, with what its dialect settles.
#[derive(Clone, Debug)]
pub struct DeviceRequest {
    /// Where the client is registered.
    pub org_id: OrgId,
    /// Who asks.
    pub client: PresentedClient,
    /// What for; the application's default scopes where absent.
    pub scopes: Option<Scopes>,
    /// What the tokens are meant for (RFC 8707).
    pub resources: Vec<String>,
    /// What the poll's verifier must hash to (RFC 7636 §4.2).
    pub code_challenge: Option<String>,
    /// What the client calls itself, where nobody has registered it.
    pub client_name: Option<ClientName>,
    /// How the interval grows.
    pub backoff: Backoff,
    /// How the device code looks.
    pub code_form: DeviceCodeForm,
    /// Where the request comes from.
    pub origin: Origin,
    /// Whether the number of live codes is bounded.
    pub bounded: bool,
}

/// The answer to a device.
#[derive(Clone, Debug)]
pub struct DeviceCodes {
    /// What it polls with.
    pub device_code: Secret,
    /// What the person types.
    pub user_code: UserCode,
    /// How long both live.
    pub lifetime: Duration,
    /// How long to wait between polls.
    pub interval: Duration,
    /// Whether the address with the code filled in is given too.
    pub prefilled_uri: bool,
}

/// What becomes of a device's request.
#[derive(Clone, Debug)]
pub enum Begun {
    /// A grant is open.
    Opened(DeviceCodes),
    /// The client is not let in.
    Client(ClientRefusal),
    /// The application does not have the device grant, or its organization does not let it log devices in.
    GrantNotAllowed,
    /// A scope is beyond what the application may ask for, or what a device login may get.
    ScopeNotAllowed,
    /// The organization does not have a resource that is asked for.
    ResourceUnknown,
    /// There are as many live codes of this format as there may be.
    TooManyCodes,
}

/// Opens a grant.
///
/// # Errors
/// The database's.
pub fn begin(conn: &mut Conn, request: &DeviceRequest, user_code_key: &Key, moment: &Moment) -> Result<Begun, Fault> {
    let Authenticated { client, organization } =
        match clients::authenticate(conn, &request.org_id, &request.client, Entrance::Elsewhere)? {
            Ok(authenticated) => authenticated,
            Err(refusal) => return Ok(Begun::Client(refusal)),
        };
    let application = client.application();
    let settings = &application.settings;
    let policy = &organization.device_login;
    if !settings.grants.contains(&GrantType::DeviceCode) || !policy.admits(&application.client_id) {
        return Ok(Begun::GrantNotAllowed);
    }
    let allowed = policy.capped(&allowed_scopes(conn, application)?);
    let profile = settings.tokens.kind;
    // What such a token can't carry counts as not asked for; nothing but that is an error.
    let named = request.scopes.as_ref().map(|named| carried(conn, application, profile, named)).transpose()?;
    let Some(scopes) = asked_scopes(named.as_ref(), &settings.default_scopes, &allowed) else {
        return Ok(Begun::ScopeNotAllowed);
    };
    let scopes = with_implied(conn, &request.org_id, &scopes, &allowed)?;
    let scopes = carried(conn, application, profile, &scopes)?;
    if profile == TokenProfile::Opaque(OpaqueKind::Mcp) && scopes.is_empty() {
        return Ok(Begun::ScopeNotAllowed);
    }
    if resources::known(conn, &request.org_id, &request.resources)?.len() < request.resources.len() {
        return Ok(Begun::ResourceUnknown);
    }
    let format = settings.device.format.clone();
    let counted = format.is_short().then(|| format.to_string());
    if let Some(counted) = counted.as_ref().filter(|_| request.bounded)
        && !has_room_for_short(conn, &request.org_id, counted, moment)?
    {
        return Ok(Begun::TooManyCodes);
    }
    let lifetime = if format.is_short() {
        settings.device.expiration_in(&organization).min(SHORT_FORMAT_LIFETIME)
    } else {
        settings.device.expiration_in(&organization)
    };
    let interval = settings.device.interval_in(&organization);
    let terms = GrantTerms {
        profile,
        binding: OrgBinding::of_home(&request.org_id),
        backoff: request.backoff,
        interval,
        lifetime,
        scopes,
        resources: request.resources.clone(),
        code_challenge: request.code_challenge.clone(),
        user_code_format: format,
    };
    let home = (request.org_id.clone(), application.id);
    let grant = Grant::open(moment, home, request.client_name.clone(), terms, request.origin.clone());
    let Some((user_code, user_code_digest)) =
        reserve_user_code(conn, &grant, counted.as_deref(), user_code_key, moment)?
    else {
        return Ok(Begun::TooManyCodes);
    };
    let device_code = request.code_form.draw(moment);
    let digests =
        CodeDigests { device_code: Digest::of(Purpose::DeviceCode, device_code.expose()), user_code: user_code_digest };
    grants::insert(conn, &request.org_id, &grant, &digests)?;
    Ok(Begun::Opened(DeviceCodes {
        device_code,
        user_code,
        lifetime,
        interval,
        prefilled_uri: settings.device.prefilled_uri,
    }))
}

/// What is asked for within what is allowed: by name no more than that, by default as much of it as is left.
fn asked_scopes(named: Option<&Scopes>, default: &Scopes, allowed: &Scopes) -> Option<Scopes> {
    match named {
        Some(named) => named.within(allowed).then(|| named.clone()),
        None => Some(default.narrowed_to(allowed)).filter(|left| default.is_empty() || !left.is_empty()),
    }
}

/// Whether one more code of a format with few combinations may live. The server's bound keeps guessing hopeless; the
/// organization's share of it leaves codes to the others. Where so many ask that the count is not to be had, there is none.
fn has_room_for_short(conn: &mut Conn, org: &OrgId, counted_format: &str, moment: &Moment) -> Result<bool, Fault> {
    let live = code_directory::count_live(conn, org, counted_format, moment.now())?;
    Ok(live.is_some_and(|live| {
        live.in_server < SHORT_FORMAT_LIVE_CODES && live.in_organization < SHORT_FORMAT_LIVE_CODES_OF_ORGANIZATION
    }))
}

/// Draws user codes until one is free in the whole server; nothing where none of [`DRAWS`] was.
fn reserve_user_code(
    conn: &mut Conn,
    grant: &Grant,
    counted_format: Option<&str>,
    key: &Key,
    moment: &Moment,
) -> Result<Option<(UserCode, Digest)>, Fault> {
    let directions = Directions { org_id: grant.org_id.clone(), grant_id: grant.id };
    for _ in 0..DRAWS {
        let code = grant.terms.user_code_format.draw(moment);
        let digest = code.typed().digest(key);
        if code_directory::insert(conn, &digest, &directions, grant.expires_at, counted_format)? {
            return Ok(Some((code, digest)));
        }
    }
    Ok(None)
}
