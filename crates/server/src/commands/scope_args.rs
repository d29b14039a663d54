//! What the command line says of what applications may ask for.

use super::args::Place;
use clap::{Args as ClapArgs, Subcommand};
use model::catalogue::ScopeAccess;

#[derive(Subcommand)]
pub(super) enum ScopeCommand {
    /// List an organization's scopes.
    List(Place),
    /// Add a scope, or change one; what is not named stays as it is.
    Set(NewScope),
    /// Remove a scope that no application may ask for.
    Remove(NamedScope),
}

#[derive(ClapArgs)]
pub(super) struct NamedScope {
    #[command(flatten)]
    pub(super) place: Place,
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
