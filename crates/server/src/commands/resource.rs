//! What the tokens of an organization, or of the server's own clients, may be meant for.

use super::args::Home;
use super::database::Database;
use super::failure::Failure;
use super::output::Output;
use super::scope_args::{NamedResource, ResourceCommand};
use super::words;
use crate::clock;
use crate::config::Config;
use directory::resources::{self, Added};
use model::audit::By;
use model::resource::{MOST_RESOURCES, Resource};
use serde_json::json;
use store::tables::{organizations, resources as table};

pub(super) fn run(command: ResourceCommand, config: &Config, output: &mut Output<'_>) -> Result<(), Failure> {
    match command {
        ResourceCommand::List(home) => list(&home, config, output),
        ResourceCommand::Add { resource, name } => add(&resource, &name, config, output),
        ResourceCommand::Remove(resource) => remove(&resource, config, output),
    }
}

fn list(home: &Home, config: &Config, output: &mut Output<'_>) -> Result<(), Failure> {
    let org = home.id();
    let all = Database::open(config)?.read("list resources", move |conn| match organizations::by_id(conn, &org)? {
        None => Ok(None),
        Some(_) => table::all(conn, &org).map(Some),
    })?;
    let rows = all.ok_or_else(|| Failure::no_org(&home.id()))?.into_iter().map(|resource| {
        let uri = resource.uri.as_str().to_owned();
        (json!({"uri": uri, "name": resource.name}), [uri, resource.name])
    });
    output.list(["URI", "NAME"], rows.collect())
}

fn add(wanted: &NamedResource, name: &str, config: &Config, output: &mut Output<'_>) -> Result<(), Failure> {
    let (org, by) = (wanted.home.id(), By::operator(&clock::moment()));
    let resource = Resource { uri: wanted.uri.clone(), name: words::name(name)?.into() };
    let (uri, name) = (resource.uri.as_str().to_owned(), resource.name.clone());
    let added =
        Database::open(config)?.write("add resource", move |conn| resources::add(conn, &org, &resource, &by))?;
    let org = wanted.home.id();
    let home = words::home(&org);
    match added {
        Added::Done => output.done(
            &json!({"uri": uri, "name": name}),
            &format!("{home} has the resource {uri} now: tokens may be meant for it."),
        ),
        Added::Already => Err(Failure::refused(format!("{home} has the resource {uri} already."))),
        Added::Full => Err(Failure::refused(format!(
            "{home} has {MOST_RESOURCES} resources, which is as many as it can have. Remove one first."
        ))),
        Added::NotFound => Err(Failure::no_org(&org)),
    }
}

fn remove(wanted: &NamedResource, config: &Config, output: &mut Output<'_>) -> Result<(), Failure> {
    let (org, uri, by) = (wanted.home.id(), wanted.uri.clone(), By::operator(&clock::moment()));
    let removed =
        Database::open(config)?.write("remove resource", move |conn| match organizations::by_id(conn, &org)? {
            None => Ok(None),
            Some(_) => resources::remove(conn, &org, &uri, &by).map(Some),
        })?;
    let (org, uri) = (wanted.home.id(), wanted.uri.as_str());
    let (home, flag) = (words::home(&org), words::home_flag(&org));
    match removed.ok_or_else(|| Failure::no_org(&org))? {
        true => output.done(
            &json!({"org_id": words::home_json(&org), "uri": uri}),
            &format!("{home} has the resource {uri} no more: no new token is meant for it."),
        ),
        false => Err(Failure::refused(format!(
            "{home} has no resource {uri}. doorward-server resource list {flag} shows those that it has."
        ))),
    }
}
