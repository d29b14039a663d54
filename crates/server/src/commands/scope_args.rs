//! What the command line says of what applications may ask for.

use super::args::Home;
use clap::{Args as ClapArgs, Subcommand};
use model::catalogue::ScopeAccess;
use model::resource::ResourceUri;

#[derive(Subcommand)]
pub(super) enum ScopeCommand {
    /// List the scopes of an organization, or of the server itself.
    List(Home),
    /// Add a scope, or change one; what is not named stays as it is.
    Set(NewScope),
    /// Remove a scope that no application may ask for.
    Remove(NamedScope),
}

#[derive(ClapArgs)]
pub(super) struct NamedScope {
    #[command(flatten)]
    pub(super) home: Home,
    /// What programs call it.
    #[arg(long)]
    pub(super) name: String,
}

#[derive(ClapArgs)]
pub(super) struct NewScope {
    #[command(flatten)]
    pub(super) scope: NamedScope,
    /// What people read when they approve an app [default of a new one: its name].
    #[arg(long)]
    pub(super) sentence: Option<String>,
    /// What it lets an app do [default of a new one: read where it is called read or read:…, else write].
    #[arg(long, value_parser = access, value_name = "read|write")]
    pub(super) access: Option<ScopeAccess>,
    /// The scopes of the organization that go with it, with spaces between; an empty text takes them away.
    #[arg(long, value_name = "SCOPES")]
    pub(super) implies: Option<String>,
}

fn access(text: &str) -> Result<ScopeAccess, &'static str> {
    ScopeAccess::parse(text).ok_or("say read or write")
}

#[derive(Subcommand)]
pub(super) enum ResourceCommand {
    /// List the resources of an organization, or of the server itself.
    List(Home),
    /// Add a service that tokens may be meant for.
    Add {
        #[command(flatten)]
        resource: NamedResource,
        /// What people read when they approve an app.
        #[arg(long)]
        name: String,
    },
    /// Remove one; no new token is meant for it.
    Remove(NamedResource),
}

#[derive(ClapArgs)]
pub(super) struct NamedResource {
    #[command(flatten)]
    pub(super) home: Home,
    /// Its address: https without fragment, or http on this machine, compared by its exact text.
    #[arg(long, value_parser = uri)]
    pub(super) uri: ResourceUri,
}

fn uri(text: &str) -> Result<ResourceUri, &'static str> {
    ResourceUri::parse(text)
        .map_err(|_| "an address is like https://api.example/v1, without # and of at most 255 characters")
}
