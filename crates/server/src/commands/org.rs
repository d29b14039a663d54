//! Organizations.

use super::args::OrgCommand;
use super::database::Database;
use super::failure::Failure;
use super::output::Output;
use super::words;
use crate::clock;
use crate::config::Config;
use model::algorithm::Algorithm;
use model::audit::By;
use model::fault::Fault;
use model::id::{ClientId, OrgId};
use registry::applications;
use serde_json::json;
use store::tables::organizations;

pub(super) fn run(command: OrgCommand, config: &Config, output: &mut Output<'_>) -> Result<(), Failure> {
    match command {
        OrgCommand::Create { org, name } => create(&org, name.as_deref(), config, output),
        OrgCommand::List => list(config, output),
    }
}

fn create(org: &OrgId, name: Option<&str>, config: &Config, output: &mut Output<'_>) -> Result<(), Failure> {
    let name = words::name(name.unwrap_or(org.as_str()), directory::organizations::LONGEST_NAME)?;
    let database = Database::open(config)?;
    let moment = clock::moment();
    let made = issuer::keys::make(org, Algorithm::Es256, database.keyring(), &moment);
    let key = made.map_err(|fault| Failure::refused(format!("The signing key can't be made: {fault}.")))?;
    let (id, by) = (org.clone(), By::operator(&moment));
    let created = database.write("create organization", move |conn| {
        if directory::organizations::create(conn, &id, &name, &by.actor, &by.moment)?.is_none() {
            return Ok(false);
        }
        issuer::keys::add_first(conn, &id, &key, by.now())?;
        let reference = applications::reference_client(&id)?;
        let registered = applications::register(conn, &reference, &by)?;
        registered
            .map(|_| true)
            .map_err(|problems| Fault::broken(format!("the reference client's settings: {problems:?}")))
    })?;
    if !created {
        return Err(Failure::refused(format!(
            "The organization {org} exists already, or has existed: ids are never used again. Choose another one."
        )));
    }
    let issuer = config.public_url.issuer(org);
    let sentence = format!("Created {org} with the application {}. Its issuer is {issuer}", ClientId::REFERENCE);
    output.done(&json!({"org_id": org, "issuer": issuer}), &sentence)
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
