//! Applications of an organization.

use super::args::{App, AppCommand, Grant, Home, NewApp};
use super::database::Database;
use super::failure::Failure;
use super::output::Output;
use super::words;
use crate::clock;
use crate::config::Config;
use model::application::{
    Application, ApplicationSettings, ApplicationState, ClientKind, CodeSettings, DeviceSettings, EmbeddedSettings,
    SettingsProblem, TokenSettings,
};
use model::audit::By;
use model::fault::Fault;
use model::id::{ClientId, OrgId};
use model::name::NotAName;
use model::redirect_uri::{NotARedirectUri, RedirectUri};
use model::terms::TokenProfile;
use protocol::scope::Scopes;
use protocol::token::GrantType;
use registry::applications::{self, Changed, Registration, Target};
use serde_json::{Value, json};
use store::Conn;
use store::tables::{applications as table, organizations};

pub(super) fn run(command: AppCommand, config: &Config, output: &mut Output<'_>) -> Result<(), Failure> {
    match command {
        AppCommand::Create(new) => create(&new, config, output),
        AppCommand::List(home) => list(&home, config, output),
        AppCommand::Disable(app) => set_state(&app, ApplicationState::Disabled, config, output),
        AppCommand::Enable(app) => set_state(&app, ApplicationState::Active, config, output),
        AppCommand::Delete(app) => set_state(&app, ApplicationState::Deleted, config, output),
        AppCommand::RotateSecret(app) => rotate_secret(&app, config, output),
    }
}

fn create(new: &NewApp, config: &Config, output: &mut Output<'_>) -> Result<(), Failure> {
    let org = new.home.id();
    let scopes =
        Scopes::parse(&new.scope).map_err(|error| Failure::usage(format!("{} Check --scope.", error.description)))?;
    let kind = if new.confidential { ClientKind::Confidential } else { ClientKind::Public };
    let settings = ApplicationSettings {
        name: words::name(&new.name)?.into(),
        logo: None,
        grants: new.grants.iter().map(|grant: &Grant| grant.wanted()).collect(),
        default_scopes: scopes.clone(),
        scopes,
        device: DeviceSettings::default(),
        code: CodeSettings {
            redirect_uris: addresses("--redirect-uri", &new.redirect_uri)?,
            post_logout_redirect_uris: addresses("--post-logout-redirect-uri", &new.post_logout_redirect_uri)?,
            ..CodeSettings::default()
        },
        embedded: EmbeddedSettings {
            enabled: new.embedded,
            post_registration_url: addresses("--post-registration-url", new.post_registration_url.as_slice())?.pop(),
        },
        tokens: TokenSettings { kind: new.token_kind.wanted(), ..TokenSettings::default() },
    };
    let signed = settings.tokens.kind == TokenProfile::Jwt;
    if org.is_instance() && signed && settings.grants.iter().any(|grant| *grant != GrantType::ClientCredentials) {
        return Err(Failure::usage(
            "The server itself signs no tokens: its applications get keys. Say --token-kind mcp or --token-kind api_key.",
        ));
    }
    // Looked at before anything is written: what a write refuses is not undone.
    if let Some(problem) = settings.problems(kind).first() {
        return Err(Failure::usage(in_words(*problem)));
    }
    let registration = Registration { org_id: org.clone(), id: None, client_id: None, kind, settings };
    let by = By::operator(&clock::moment());
    let registered = Database::open(config)?.write("register application", move |conn| {
        if organizations::by_id(conn, &registration.org_id)?.is_none() {
            return Ok(None);
        }
        let new_scopes = directory::catalogue::add_missing(conn, &registration.org_id, &registration.settings.scopes)?;
        let registered = applications::register(conn, &registration, &by)?;
        registered
            .map(|registered| Some((registered, new_scopes)))
            .map_err(|problems| Fault::broken(format!("settings that were checked: {problems:?}")))
    })?;
    let (registered, new_scopes) = registered.ok_or_else(|| Failure::no_org(&org))?;
    let client_id = &registered.application.client_id;
    let mut value = json!({"client_id": client_id});
    let mut sentence = format!("Registered {}. Client id: {client_id}", registered.application.settings.name);
    if let Some(secret) = &registered.secret {
        value["client_secret"] = Value::from(secret.expose().as_str());
        sentence = format!("{sentence}\nClient secret, shown this once: {}", secret.expose());
    }
    if !new_scopes.is_empty() {
        let again = if org.is_instance() { "--instance".to_owned() } else { format!("--org {org}") };
        sentence = format!(
            "{sentence}\nNew in the catalogue of scopes: {new_scopes}. Say what they mean to people: scope set {again}."
        );
    }
    output.done(&value, &sentence)
}

fn addresses(argument: &str, given: &[String]) -> Result<Vec<RedirectUri>, Failure> {
    let one = |address: &String| {
        RedirectUri::parse(address).map_err(|why| Failure::usage(format!("{argument} {address}: {}", why_not(why))))
    };
    given.iter().map(one).collect()
}

fn why_not(why: NotARedirectUri) -> &'static str {
    use NotARedirectUri as N;
    match why {
        N::Malformed => "That is no absolute address. Write it out, as in https://app.example/callback.",
        N::TooLong => "That is longer than 1,024 characters.",
        N::Fragment => "Leave out what begins with #: the answer goes there.",
        N::UserInfo => "Leave out the name and password before the host.",
        N::Plain => {
            "Plain http is for programs on the user's own machine alone: 127.0.0.1, [::1] or localhost. Use https."
        }
        N::Scheme => "A scheme of your own has a dot, as in com.example.app:/callback.",
    }
}

fn in_words(problem: SettingsProblem) -> String {
    use SettingsProblem as P;
    match problem {
        P::NameEmpty => words::not_a_name(NotAName::Empty),
        P::NameTooLong => words::not_a_name(NotAName::TooLong),
        P::NameInvisible => words::not_a_name(NotAName::Invisible),
        P::NoGrant => "No grant is chosen. Give one with --grant, or let the app sign users in inside a web view with --embedded.".to_owned(),
        P::RefreshAlone => "With refresh_token alone there is nothing to refresh. Add --grant device_code or --grant authorization_code.".to_owned(),
        P::ClientCredentialsNeedSecret => {
            "client_credentials needs a secret. Use --confidential, or leave that grant out.".to_owned()
        }
        P::RedirectUriMissing => "authorization_code needs an address to answer to. Add --redirect-uri.".to_owned(),
        P::RedirectUrisTooMany => "That is more than 20 addresses of one kind.".to_owned(),
        P::PostRegistrationNoPage => {
            "The step after registering is a page of a site: give an https address with --post-registration-url."
                .to_owned()
        }
        P::DefaultScopesBeyondAllowed => "The default scopes are not all allowed. Check --scope.".to_owned(),
        P::Expiration => "Codes live for 60 seconds to 24 hours.".to_owned(),
        P::Interval => "The time between polls is 1 to 60 seconds.".to_owned(),
        P::KeysAreForDevices => {
            "API keys and MCP tokens are for device logins, and don't refresh. Give --grant device_code alone.".to_owned()
        }
        P::AccessLifetime => "Access tokens live for 60 seconds to 24 hours.".to_owned(),
    }
}

fn list(home: &Home, config: &Config, output: &mut Output<'_>) -> Result<(), Failure> {
    let org = home.id();
    let all =
        Database::open(config)?.read("list applications", move |conn| match organizations::by_id(conn, &org)? {
            None => Ok(None),
            Some(_) => table::all(conn, &org).map(Some),
        })?;
    let rows = all.ok_or_else(|| Failure::no_org(&home.id()))?.into_iter().map(|application| {
        let Application { client_id, kind, state, settings, created_at, .. } = application;
        let (kind, state, scope) = (kind.as_str(), state.as_str(), settings.scopes.to_string());
        let grants: Vec<&str> = settings.grants.iter().map(|grant| grant.name()).collect();
        let value = json!({
            "client_id": client_id, "name": settings.name, "kind": kind, "state": state, "grants": grants, "scope": scope,
            "redirect_uris": settings.code.redirect_uris, "token_kind": settings.tokens.kind.as_str(),
            "embedded": settings.embedded.enabled,
            "post_registration_url": settings.embedded.post_registration_url,
            "created_at": words::time(created_at),
        });
        (value, [client_id.to_string(), settings.name, kind.to_owned(), state.to_owned(), grants.join(" "), scope])
    });
    output.list(["CLIENT ID", "NAME", "KIND", "STATE", "GRANTS", "SCOPE"], rows.collect())
}

fn find(conn: &mut Conn, org: &OrgId, client_id: &ClientId) -> Result<Option<Application>, Fault> {
    let found = table::by_client_id(conn, org, client_id)?.map(|record| record.application);
    Ok(found.filter(|application| application.state != ApplicationState::Deleted))
}

fn set_state(app: &App, state: ApplicationState, config: &Config, output: &mut Output<'_>) -> Result<(), Failure> {
    let (org, client_id) = (&app.home.id(), &app.client_id);
    let (target_org, target_client, by) = (org.clone(), client_id.clone(), By::operator(&clock::moment()));
    let changed = Database::open(config)?.write("set application's state", move |conn| {
        let Some(application) = find(conn, &target_org, &target_client)? else { return Ok(Switched::NotFound) };
        let target = Target { org_id: &target_org, id: application.id, revision: None };
        Ok(match applications::set_state(conn, target, state, &by)? {
            Changed::AlwaysThere => Switched::AlwaysThere,
            changed => match made(changed)? {
                Some(after) => Switched::Made { name: after.settings.name, changed: after.state != application.state },
                None => Switched::NotFound,
            },
        })
    })?;
    let (name, changed) = match changed {
        Switched::Made { name, changed } => (name, changed),
        Switched::NotFound => return Err(Failure::no_app(org, client_id)),
        Switched::AlwaysThere => {
            return Err(Failure::refused(format!("{client_id} is always there. Disable it instead.")));
        }
    };
    let now = if changed { "now" } else { "already" };
    output.done(
        &json!({"client_id": client_id, "state": state.as_str()}),
        &format!("{name} is {now} {}.", state.as_str()),
    )
}

/// What becomes of switching an application on or off, or deleting it.
enum Switched {
    Made { name: String, changed: bool },
    NotFound,
    AlwaysThere,
}

/// The application where a change was made; nothing where there is none.
fn made(changed: Changed) -> Result<Option<Box<Application>>, Fault> {
    match changed {
        Changed::Made(application) => Ok(Some(application)),
        Changed::NotFound => Ok(None),
        // The whole transaction runs again, on what somebody else left behind.
        Changed::Stale => Err(Fault::busy("the application changed meanwhile")),
        other @ (Changed::Problems(_) | Changed::AlwaysThere) => {
            Err(Fault::broken(format!("a change that takes no settings was refused: {other:?}")))
        }
    }
}

enum Rotated {
    NoApplication,
    Public,
    Made(model::secret::Secret),
}

fn rotate_secret(app: &App, config: &Config, output: &mut Output<'_>) -> Result<(), Failure> {
    let (org, client_id, by) = (app.home.id(), app.client_id.clone(), By::operator(&clock::moment()));
    let rotated = Database::open(config)?.write("rotate secret", move |conn| {
        let Some(application) = find(conn, &org, &client_id)? else { return Ok(Rotated::NoApplication) };
        if application.kind == ClientKind::Public {
            return Ok(Rotated::Public);
        }
        let target = Target { org_id: &org, id: application.id, revision: None };
        let (changed, secret) = applications::rotate_secret(conn, target, &by)?;
        Ok(match (made(changed)?, secret) {
            (Some(_), Some(secret)) => Rotated::Made(secret),
            _ => Rotated::NoApplication,
        })
    })?;
    let client_id = &app.client_id;
    match rotated {
        Rotated::Made(secret) => {
            let sentence = format!(
                "Client secret of {client_id}, shown this once: {}\nThe one before it stays good until the next is made.",
                secret.expose()
            );
            output.done(&json!({"client_id": client_id, "client_secret": secret.expose()}), &sentence)
        }
        Rotated::Public => Err(Failure::refused(format!("{client_id} is a public application, which has no secret."))),
        Rotated::NoApplication => Err(Failure::no_app(&app.home.id(), client_id)),
    }
}
