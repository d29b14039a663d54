//! Registering and changing applications. Each change is audited and guarded by the revision that the admin saw.

use model::application::{
    Application, ApplicationSettings, ApplicationState, ClientKind, CodeSettings, DeviceSettings, EmbeddedSettings,
    SettingsProblem, TokenSettings,
};
use model::audit::{Action, AuditEntry, By};
use model::catalogue::ScopeAccess;
use model::fault::Fault;
use model::id::{ApplicationId, ClientId, OrgId};
use model::moment::Moment;
use model::opaque::OpaqueKind;
use model::secret::{Digest, Purpose, Secret};
use model::terms::TokenProfile;
use protocol::scope::Scopes;
use protocol::token::GrantType;
use store::Conn;
use store::tables::{application_secrets, applications, audit, logos, organizations, scopes};

/// Secrets that an application can have at once: the one in use and the one that replaces it.
pub const LIVE_SECRETS: i64 = 2;

/// An application just registered, with the secret that is shown this once.
#[derive(Clone, Debug)]
pub struct Registered {
    /// The application.
    pub application: Application,
    /// Its secret, where it is confidential.
    pub secret: Option<Secret>,
}

/// A registration to be made.
#[derive(Clone, Debug)]
pub struct Registration {
    /// Where.
    pub org_id: OrgId,
    /// What it is known by inside, where whoever asks may ask again and means one application; drawn where absent.
    pub id: Option<ApplicationId>,
    /// What it calls itself; drawn where absent.
    pub client_id: Option<ClientId>,
    /// Whether it can keep a secret.
    pub kind: ClientKind,
    /// Its settings.
    pub settings: ApplicationSettings,
}

/// Why nothing is registered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum NotRegistered {
    /// The settings can't be taken.
    Problems(Vec<SettingsProblem>),
    /// It is registered already, by the same request.
    Already(ApplicationId),
}

/// What the reference client is registered with in every organization.
///
/// # Errors
/// `Broken` where its scopes are misspelt.
pub fn reference_client(org: &OrgId) -> Result<Registration, Fault> {
    let scopes = Scopes::parse("openid profile email offline_access")
        .map_err(|_| Fault::broken("the reference client's scopes"))?;
    Ok(Registration {
        org_id: org.clone(),
        id: None,
        client_id: Some(ClientId::from_wire(ClientId::REFERENCE)),
        kind: ClientKind::Public,
        settings: ApplicationSettings {
            name: "Doorward CLI".to_owned(),
            logo: None,
            grants: [GrantType::DeviceCode, GrantType::RefreshToken].into(),
            default_scopes: scopes.clone(),
            scopes,
            device: DeviceSettings::default(),
            code: CodeSettings::default(),
            embedded: EmbeddedSettings::default(),
            tokens: TokenSettings::default(),
        },
    })
}

/// What an application may ask for at this moment.
///
/// # Errors
/// The database's.
pub fn allowed_scopes(conn: &mut Conn, application: &Application) -> Result<Scopes, Fault> {
    if application.takes_whole_catalogue() {
        scopes::names(conn, &application.org_id)
    } else {
        Ok(application.settings.scopes.clone())
    }
}

/// What is asked for with what goes along by the catalogue of `home`, as far as it is allowed. Where nothing more is allowed,
/// the catalogue is not looked at.
///
/// # Errors
/// The database's.
pub fn with_implied(conn: &mut Conn, home: &OrgId, asked: &Scopes, allowed: &Scopes) -> Result<Scopes, Fault> {
    if allowed.within(asked) {
        return Ok(asked.clone());
    }
    Ok(scopes::implications(conn, home)?.expanded(asked, allowed))
}

/// Those of `asked` that a token of this kind may carry, by the catalogue of the organization where the application is
/// registered.
///
/// # Errors
/// The database's.
pub fn carried(
    conn: &mut Conn,
    application: &Application,
    kind: TokenProfile,
    asked: &Scopes,
) -> Result<Scopes, Fault> {
    match kind {
        TokenProfile::Opaque(kind @ OpaqueKind::Mcp) => {
            let catalogue = scopes::all(conn, &application.org_id)?;
            let access = |name: &str| {
                let known = catalogue.iter().find(|scope| scope.name == name);
                known.map_or_else(|| ScopeAccess::usual_for(name), |scope| scope.access)
            };
            Ok(kind.carries(asked, access))
        }
        TokenProfile::Jwt | TokenProfile::Opaque(_) => Ok(asked.clone()),
    }
}

/// Registers an application.
///
/// # Errors
/// The database's; why it is not registered is an outcome.
pub fn register(
    conn: &mut Conn,
    registration: &Registration,
    by: &By,
) -> Result<Result<Registered, NotRegistered>, Fault> {
    let problems = registration.settings.problems(registration.kind);
    if !problems.is_empty() {
        return Ok(Err(NotRegistered::Problems(problems)));
    }
    let moment = &by.moment;
    let application = Application {
        org_id: registration.org_id.clone(),
        id: registration.id.unwrap_or_else(|| ApplicationId::draw(moment)),
        client_id: registration.client_id.clone().unwrap_or_else(|| ClientId::draw(moment)),
        revision: 0,
        state: ApplicationState::Active,
        kind: registration.kind,
        settings: registration.settings.clone(),
        created_at: moment.now(),
    };
    if !applications::insert(conn, &registration.org_id, &application)? {
        if let Some(id) = registration.id {
            return Ok(Err(NotRegistered::Already(id)));
        }
        return Err(Fault::broken("a drawn client_id is taken"));
    }
    let secret = match application.kind {
        ClientKind::Public => None,
        ClientKind::Confidential => Some(new_secret(conn, &application, moment)?),
    };
    audit::insert(conn, &entry(&application, Action::ApplicationCreated, by))?;
    Ok(Ok(Registered { application, secret }))
}

fn new_secret(conn: &mut Conn, application: &Application, moment: &Moment) -> Result<Secret, Fault> {
    let secret = Secret::draw(moment);
    let digest = Digest::of(Purpose::ClientSecret, secret.expose());
    application_secrets::add(conn, &application.org_id, application.id, (&digest, moment.now()), LIVE_SECRETS)?;
    Ok(secret)
}

fn entry(application: &Application, action: Action, by: &By) -> AuditEntry {
    by.entry(Some(&application.org_id), action, application.id)
        .with("client_id", application.client_id.as_str())
        .with("name", application.settings.name.as_str())
}

/// What becomes of a change.
#[derive(Clone, Debug)]
pub enum Changed {
    /// It is made.
    Made(Box<Application>),
    /// There is no such application.
    NotFound,
    /// Somebody else changed it meanwhile.
    Stale,
    /// It is a client that is always there: the reference client, or one that the server brings along. It can be disabled,
    /// not deleted.
    AlwaysThere,
    /// The settings can't be taken.
    Problems(Vec<SettingsProblem>),
}

/// Which copy of an application a change is made on.
#[derive(Clone, Copy, Debug)]
pub struct Target<'a> {
    /// Whose.
    pub org_id: &'a OrgId,
    /// Which.
    pub id: ApplicationId,
    /// The revision that the admin saw; the newest where absent.
    pub revision: Option<i32>,
}

/// Changes an application's settings.
///
/// # Errors
/// The database's.
pub fn edit(conn: &mut Conn, target: Target<'_>, settings: &ApplicationSettings, by: &By) -> Result<Changed, Fault> {
    change(conn, target, (Action::ApplicationChanged, by), |application| {
        let problems = settings.problems(application.kind);
        if problems.is_empty() {
            application.settings = settings.clone();
        }
        problems
    })
}

/// Switches an application on or off, or deletes it.
///
/// # Errors
/// The database's.
pub fn set_state(conn: &mut Conn, target: Target<'_>, state: ApplicationState, by: &By) -> Result<Changed, Fault> {
    let action = match state {
        ApplicationState::Active => Action::ApplicationEnabled,
        ApplicationState::Disabled => Action::ApplicationDisabled,
        ApplicationState::Deleted => Action::ApplicationDeleted,
    };
    let Some(found) = applications::by_id(conn, target.org_id, target.id)? else { return Ok(Changed::NotFound) };
    let always_there = found.client_id.as_str() == ClientId::REFERENCE || found.takes_whole_catalogue();
    if state == ApplicationState::Deleted && always_there {
        return Ok(Changed::AlwaysThere);
    }
    // A second click finds it done: nothing changes, so nothing is audited.
    if found.state == state {
        return Ok(Changed::Made(Box::new(found)));
    }
    let had_logo = state == ApplicationState::Deleted && found.settings.logo.is_some();
    if had_logo {
        organizations::hold(conn, target.org_id)?;
    }
    let changed = change(conn, target, (action, by), |application| {
        application.state = state;
        Vec::new()
    })?;
    if had_logo {
        logos::forget_unused(conn, target.org_id)?;
    }
    Ok(changed)
}

/// Gives a confidential application a new secret; the one before it stays good until the next.
///
/// # Errors
/// The database's.
pub fn rotate_secret(conn: &mut Conn, target: Target<'_>, by: &By) -> Result<(Changed, Option<Secret>), Fault> {
    let found = applications::by_id(conn, target.org_id, target.id)?;
    if found.is_none_or(|application| application.kind == ClientKind::Public) {
        return Ok((Changed::NotFound, None));
    }
    let changed = change(conn, target, (Action::ApplicationSecretRotated, by), |_| Vec::new())?;
    let Changed::Made(application) = changed else { return Ok((changed, None)) };
    let secret = new_secret(conn, &application, &by.moment)?;
    Ok((Changed::Made(application), Some(secret)))
}

fn change(
    conn: &mut Conn,
    target: Target<'_>,
    (action, by): (Action, &By),
    make: impl FnOnce(&mut Application) -> Vec<SettingsProblem>,
) -> Result<Changed, Fault> {
    let Some(mut application) = applications::by_id(conn, target.org_id, target.id)? else {
        return Ok(Changed::NotFound);
    };
    if target.revision.is_some_and(|seen| seen != application.revision) {
        return Ok(Changed::Stale);
    }
    let problems = make(&mut application);
    if !problems.is_empty() {
        return Ok(Changed::Problems(problems));
    }
    if !applications::advance(conn, target.org_id, &application)? {
        return Ok(Changed::Stale);
    }
    application.revision += 1;
    audit::insert(conn, &entry(&application, action, by))?;
    Ok(Changed::Made(Box::new(application)))
}
