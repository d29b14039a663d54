//! What an organization's tokens may be meant for.

use super::args::Place;
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
        ResourceCommand::List(place) => list(&place, config, output),
        ResourceCommand::Add { resource, name } => add(&resource, &name, config, output),
        ResourceCommand::Remove(resource) => remove(&resource, config, output),
    }
}

fn list(place: &Place, config: &Config, output: &mut Output<'_>) -> Result<(), Failure> {
    let org = place.org.clone();
    let all = Database::open(config)?.read("list resources", move |conn| match organizations::by_id(conn, &org)? {
        None => Ok(None),
        Some(_) => table::all(conn, &org).map(Some),
    })?;
    let rows = all.ok_or_else(|| Failure::no_org(&place.org))?.into_iter().map(|resource| {
        let uri = resource.uri.as_str().to_owned();
        (json!({"uri": uri, "name": resource.name}), [uri, resource.name])
    });
    output.list(["URI", "NAME"], rows.collect())
}

fn add(wanted: &NamedResource, name: &str, config: &Config, output: &mut Output<'_>) -> Result<(), Failure> {
    let (org, by) = (wanted.place.org.clone(), By::operator(&clock::moment()));
    let resource = Resource { uri: wanted.uri.clone(), name: words::name(name)?.into() };
    let (uri, name) = (resource.uri.as_str().to_owned(), resource.name.clone());
    let added =
        Database::open(config)?.write("add resource", move |conn| resources::add(conn, &org, &resource, &by))?;
    let org = &wanted.place.org;
    match added {
        Added::Done => {
            output.done(&json!({"uri": uri, "name": name}), &format!("Tokens of {org} may be meant for {uri} now."))
        }
        Added::Already => Err(Failure::refused(format!("{org} has the resource {uri} already."))),
        Added::Full => Err(Failure::refused(format!(
            "{org} has {MOST_RESOURCES} resources, which is as many as it can have. Remove one first."
        ))),
        Added::NotFound => Err(Failure::no_org(org)),
    }
}

fn remove(wanted: &NamedResource, config: &Config, output: &mut Output<'_>) -> Result<(), Failure> {
    let (org, uri, by) = (wanted.place.org.clone(), wanted.uri.clone(), By::operator(&clock::moment()));
    let removed =
        Database::open(config)?.write("remove resource", move |conn| match organizations::by_id(conn, &org)? {
            None => Ok(None),
            Some(_) => resources::remove(conn, &org, &uri, &by).map(Some),
        })?;
    let (org, uri) = (&wanted.place.org, wanted.uri.as_str());
    match removed.ok_or_else(|| Failure::no_org(org))? {
        true => output.done(&json!({"org_id": org, "uri": uri}), &format!("No new token of {org} is meant for {uri}.")),
        false => Err(Failure::refused(format!(
            "{org} has no resource {uri}. doorward-server resource list --org {org} shows those that it has."
        ))),
    }
}
