//! Organizations.

use super::database::Database;
use super::failure::Failure;
use super::org_args::{NewOrgSettings, OrgCommand};
use super::output::Output;
use super::words;
use crate::clock;
use crate::config::Config;
use crate::organization;
use directory::organizations::Changed;
use issuer::keys::KeyCache;
use model::algorithm::Algorithm;
use model::audit::By;
use model::id::{ClientId, OrgId};
use model::logo::{LARGEST, Logo, LogoName, MOST_PIXELS, NotALogo};
use model::moment::Moment;
use model::org::{OrgChanges, OrgProblem, Organization};
use protocol::scope::Scopes;
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::time::Duration;
use store::tables::signing_keys::KeyRecord;
use store::tables::{applications, logos, organizations, scopes};

pub(super) fn run(command: OrgCommand, config: &Config, output: &mut Output<'_>) -> Result<(), Failure> {
    match command {
        OrgCommand::Create { org, name } => create(&org, name.as_deref(), config, output),
        OrgCommand::Set(new) => set(*new, config, output),
        OrgCommand::List => list(config, output),
        OrgCommand::Delete { org, confirm } => delete(&org, &confirm, config, output),
    }
}

fn delete(org: &OrgId, confirm: &str, config: &Config, output: &mut Output<'_>) -> Result<(), Failure> {
    if confirm != org.as_str() {
        return Err(Failure::refused(format!(
            "Nothing was deleted. Deleting can't be undone, and the id is never used again: to do it, add --confirm {org}."
        )));
    }
    let (id, by) = (org.clone(), By::operator(&clock::moment()));
    let deleted =
        Database::open(config)?.write("delete organization", move |conn| organization::delete(conn, &id, &by))?;
    if !deleted {
        return Err(Failure::no_org(org));
    }
    output
        .done(&json!({"org_id": org, "state": "deleted"}), &format!("{org} is deleted, and its id is not used again."))
}

fn create(org: &OrgId, name: Option<&str>, config: &Config, output: &mut Output<'_>) -> Result<(), Failure> {
    let name = words::name(name.unwrap_or(org.as_str()))?;
    let database = Database::open(config)?;
    let moment = clock::moment();
    let made = organization::first_key(org, database.keyring(), &moment);
    let key = made.map_err(|fault| Failure::refused(format!("The signing key can't be made: {fault}.")))?;
    let (id, by) = (org.clone(), By::operator(&moment));
    let created =
        database.write("create organization", move |conn| organization::found(conn, (&id, &name), &key, None, &by))?;
    if !created {
        return Err(Failure::refused(format!(
            "The organization {org} exists already, or has existed: ids are never used again. Choose another one."
        )));
    }
    let issuer = config.public_url.issuer(org);
    let sentence = format!("Created {org} with the application {}. Its issuer is {issuer}", ClientId::REFERENCE);
    output.done(&json!({"org_id": org, "issuer": issuer}), &sentence)
}

fn set(new: NewOrgSettings, config: &Config, output: &mut Output<'_>) -> Result<(), Failure> {
    let days = |days: u32| Duration::from_secs(u64::from(days) * 24 * 60 * 60);
    let seconds = |seconds: u32| Duration::from_secs(seconds.into());
    let moment = clock::moment();
    let listed: BTreeSet<ClientId> = new.device_login_app.into_iter().map(ClientId::from_wire).collect();
    let ceiling = new.device_scope_ceiling.as_deref().map(Scopes::parse).transpose();
    let ceiling =
        ceiling.map_err(|error| Failure::usage(format!("{} Check --device-scope-ceiling.", error.description)))?;
    let picture = new.logo.as_deref().map(picture).transpose()?;
    let changes = OrgChanges {
        name: new.name.as_deref().map(words::name).transpose()?,
        colour: new.colour,
        logo: None,
        signing_alg: new.algorithm,
        grace: new.refresh_grace.map(seconds),
        idle: new.refresh_idle_days.map(days),
        absolute: new.refresh_absolute_days.map(days),
        code_expiration: new.code_expiry.map(seconds),
        poll_interval: new.poll_interval.map(seconds),
        second_factor: new.second_factor.map(|needed| (needed, moment.now())),
        second_factor_grace: new.second_factor_grace,
        registration: new.registration,
        new_device: new.new_device,
        device_login: new.device_login,
        device_login_apps: (!listed.is_empty()).then(|| listed.clone()),
        device_scope_ceiling: ceiling,
        longest_token: new.longest_token_days.map(days),
    };
    let database = Database::open(config)?;
    if let Some(unknown) = unknown_client(&database, &new.org, listed)? {
        return Err(Failure::no_app(&new.org, &unknown));
    }
    let key = changes.signing_alg.map(|algorithm| first_key(&database, &new.org, algorithm, &moment)).transpose()?;
    let (org, by) = (new.org.clone(), By::operator(&moment));
    let changed = database.write("change organization", move |conn| {
        let mut changes = changes.clone();
        if let Some(picture) = &picture
            && organizations::hold(conn, &org)?
        {
            changes.logo = Some(picture.as_ref().map(|logo| logos::put(conn, &org, logo)).transpose()?);
        }
        let changed = directory::organizations::change(conn, &org, &changes, &by)?;
        if picture.is_some() {
            logos::forget_unused(conn, &org)?;
        }
        if let (Changed::Made(_), Some(Some(key))) = (&changed, &key) {
            issuer::keys::add_first(conn, &org, key, by.now())?;
        }
        Ok(changed)
    })?;
    match changed {
        Changed::Made(organization) => {
            let mut sentence = format!("The settings of {} are stored.", organization.id);
            let unknown = unknown_scopes(&database, &organization)?;
            if !unknown.is_empty() {
                sentence = format!("{sentence} No catalogue has these scopes of the ceiling: {unknown}.");
            }
            output.done(&settings(&organization), &sentence)
        }
        Changed::NotFound => Err(Failure::no_org(&new.org)),
        Changed::Problem(problem) => Err(Failure::usage(in_words(problem))),
    }
}

/// The logo in a file; nothing where no file is named.
fn picture(file: &str) -> Result<Option<Logo>, Failure> {
    if file.is_empty() {
        return Ok(None);
    }
    let bytes = std::fs::read(file).map_err(|error| Failure::usage(format!("--logo {file}: {error}.")))?;
    let logo = Logo::parse(&bytes).map_err(|why| {
        let sentence = match why {
            NotALogo::TooLarge => format!("That is more than {} KiB. Save it smaller.", LARGEST / 1024),
            NotALogo::Unknown => "That is no PNG, JPEG or WebP. Save it as one.".to_owned(),
            NotALogo::Pixels => format!("A side has to have 1 to {MOST_PIXELS} pixels. Save it in that size."),
        };
        Failure::usage(format!("--logo {file}: {sentence}"))
    })?;
    Ok(Some(logo))
}

/// The scopes of the organization's ceiling that neither its own catalogue has nor the server's.
fn unknown_scopes(database: &Database, organization: &Organization) -> Result<Scopes, Failure> {
    let (org, ceiling) = (organization.id.clone(), organization.device_login.ceiling.clone());
    database.read("scopes of the ceiling", move |conn| {
        let known = scopes::names(conn, &org)?.joined_by(&scopes::names(conn, &OrgId::instance())?);
        Ok(ceiling.names().filter(|name| !known.has(name)).map(str::to_owned).collect())
    })
}

/// The first of these clients that the organization does not have; nothing where there is no such organization.
fn unknown_client(database: &Database, org: &OrgId, listed: BTreeSet<ClientId>) -> Result<Option<ClientId>, Failure> {
    let org = org.clone();
    database.read("clients", move |conn| {
        if organizations::by_id(conn, &org)?.is_none() {
            return Ok(None);
        }
        for client_id in &listed {
            // The server's own applications log devices in to organizations, too.
            let own = applications::by_client_id(conn, &org, client_id)?.is_some();
            if !own && applications::by_client_id(conn, &OrgId::instance(), client_id)?.is_none() {
                return Ok(Some(client_id.clone()));
            }
        }
        Ok(None)
    })
}

/// A key for an algorithm that the organization has none for: no token has to wait for it.
fn first_key(
    database: &Database,
    org: &OrgId,
    algorithm: Algorithm,
    moment: &Moment,
) -> Result<Option<KeyRecord>, Failure> {
    let (wanted, now) = (org.clone(), moment.now());
    let keys = database.read("signing keys", move |conn| KeyCache::read(conn, &wanted, now))?;
    if keys.iter().any(|key| key.alg == algorithm.as_str()) {
        return Ok(None);
    }
    let made = issuer::keys::make(org, algorithm, database.keyring(), moment);
    made.map(Some).map_err(|fault| Failure::refused(format!("The signing key can't be made: {fault}.")))
}

fn settings(organization: &Organization) -> Value {
    let days = |span: Duration| span.as_secs() / (24 * 60 * 60);
    json!({
        "org_id": organization.id,
        "name": organization.name,
        "colour": organization.colour,
        "logo": organization.logo.as_ref().map(LogoName::as_str),
        "algorithm": organization.signing_alg.as_str(),
        "refresh_grace": organization.refresh.grace.as_secs(),
        "refresh_idle_days": days(organization.refresh.idle),
        "refresh_absolute_days": days(organization.refresh.absolute),
        "code_expiry": organization.device.expiration.as_secs(),
        "poll_interval": organization.device.interval.as_secs(),
        "second_factor": if organization.second_factor.required_since.is_some() { "required" } else { "optional" },
        "second_factor_grace_days": days(organization.second_factor.grace),
        "registration": organization.registration.text(),
        "new_device": organization.sign_in.new_device.as_str(),
        "device_login": organization.device_login.login.as_str(),
        "device_login_apps": organization.device_login.listed,
        "device_scope_ceiling": organization.device_login.ceiling,
        "longest_token_days": days(organization.longest_token),
    })
}

fn in_words(problem: OrgProblem) -> &'static str {
    match problem {
        OrgProblem::Colour => "The colour is # and six hexadecimal digits, as in --colour '#1f6feb'.",
        OrgProblem::Grace => "A repeat is forgiven for 0 to 300 seconds. Check --refresh-grace.",
        OrgProblem::Idle => "Refresh tokens may lie unused for 1 to 365 days. Check --refresh-idle-days.",
        OrgProblem::Absolute => "Access lasts for 1 to 365 days. Check --refresh-absolute-days.",
        OrgProblem::IdleBeyondAbsolute => {
            "Refresh tokens can't lie unused for longer than access lasts. Check --refresh-idle-days and --refresh-absolute-days."
        }
        OrgProblem::CodeExpiration => "Codes live for 60 seconds to 24 hours. Check --code-expiry.",
        OrgProblem::SecondFactorGrace => "The grace for a second factor is 0 to 90 days. Check --second-factor-grace.",
        OrgProblem::DeviceLoginForNone => {
            "Nothing could log in: name the applications that may by --device-login-app, or say --device-login off."
        }
        OrgProblem::LongestToken => "Keys live for 1 to 365 days at most. Check --longest-token-days.",
        OrgProblem::PollInterval => "The time between polls is 1 to 60 seconds. Check --poll-interval.",
    }
}

fn list(config: &Config, output: &mut Output<'_>) -> Result<(), Failure> {
    let all = Database::open(config)?.read("list organizations", organizations::all)?;
    let rows = all.into_iter().map(|org| {
        let (issuer, created_at) = (config.public_url.issuer(&org.id), words::time(org.created_at));
        let value = json!({"org_id": org.id, "name": org.name, "issuer": issuer, "signing_alg": org.signing_alg.as_str(), "created_at": created_at});
        (value, [org.id.to_string(), org.name, issuer, created_at])
    });
    output.list(["ID", "NAME", "ISSUER", "CREATED"], rows.collect())
}
