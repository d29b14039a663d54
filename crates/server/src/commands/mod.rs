//! The operator's commands: changes by the same use cases as the portal's, beside a running server or without one.
//!
//! Standard output carries the result alone, everything else goes to standard error. A command exits with 0 when it
//! did what was asked, with 1 when it could not, with 2 when the command line asks for what can't be.

mod app;
mod args;
mod audit;
mod audit_args;
mod database;
mod doctor;
mod failure;
mod key;
mod letter;
mod member;
mod org;
mod org_args;
mod output;
mod resource;
mod scope;
mod scope_args;
mod user;
mod words;

use crate::clock::SystemTime;
use crate::config::{Config, Problem};
use crate::engine::Engine;
use crate::places::Places;
use args::{Args, Command};
use clap::Parser as _;
use failure::Failure;
use output::Output;
use serde_json::json;
use std::collections::BTreeMap;
use std::ffi::OsString;
use std::io::{Read, Write};
use std::sync::Arc;

/// What a command meets outside of itself.
pub struct Surroundings<'a> {
    /// Standard input.
    pub stdin: &'a mut dyn Read,
    /// The environment.
    pub env: &'a BTreeMap<String, String>,
    /// Standard output: the result alone.
    pub out: &'a mut dyn Write,
    /// Standard error: everything else.
    pub err: &'a mut dyn Write,
    /// Called once the configuration is known, to start logging.
    pub configured: &'a dyn Fn(&Config) -> Result<(), Problem>,
}

impl std::fmt::Debug for Surroundings<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Surroundings").finish_non_exhaustive()
    }
}

/// Runs the command line `args`, which begins with the program's name, and gives the exit code.
pub fn run<I, T>(args: I, surroundings: Surroundings<'_>) -> u8
where
    I: IntoIterator<Item = T>,
    T: Into<OsString> + Clone,
{
    let args = match Args::try_parse_from(args) {
        Ok(args) => args,
        Err(error) => {
            let Surroundings { out, err, .. } = surroundings;
            let to = if error.use_stderr() { err } else { out };
            let written = write!(to, "{}", error.render());
            return if written.is_ok() { u8::try_from(error.exit_code()).unwrap_or(2) } else { 1 };
        }
    };
    let Surroundings { stdin, env, out, err, configured } = surroundings;
    let outcome = prepare(&args, env, err, configured).and_then(|config| dispatch(args, config, stdin, out));
    match outcome {
        Ok(()) => 0,
        Err(failure) => {
            note(err, &failure);
            failure.exit()
        }
    }
}

fn prepare(
    args: &Args,
    env: &BTreeMap<String, String>,
    err: &mut dyn Write,
    configured: &dyn Fn(&Config) -> Result<(), Problem>,
) -> Result<Option<Config>, Failure> {
    if matches!(args.command, Command::ConfigExample) {
        return Ok(None);
    }
    let (config, warnings) = Config::load(args.config.as_deref(), env)?;
    for warning in warnings {
        note(err, &warning);
    }
    configured(&config)?;
    Ok(Some(config))
}

/// Ends a server that found out only after its start that it must not run.
#[expect(clippy::exit, reason = "requests are refused already, and a supervisor has to see that the start failed")]
fn stop(problem: &Problem) {
    tracing::error!(%problem, "stopping");
    std::process::exit(1)
}

fn dispatch(args: Args, config: Option<Config>, stdin: &mut dyn Read, out: &mut dyn Write) -> Result<(), Failure> {
    let mut output = Output::new(args.json, out);
    let output = &mut output;
    let Some(config) = config else { return output.text(&crate::config::example()) };
    match args.command {
        Command::ConfigExample => Ok(()),
        Command::Serve => {
            // Before anything is made.
            let places = Places::open(config.geoip_file.as_deref())?;
            crate::state::breached(&config)?;
            let engine = Engine::open_to_serve(&config, stop)?;
            Ok(crate::serve::run(config, places, engine, Arc::new(SystemTime))?)
        }
        Command::Migrate => {
            Engine::open(&config)?;
            output.done(&json!({"migrated": true}), "The database is up to date.")
        }
        Command::Doctor { mail } => doctor::examine(&config, mail.as_deref(), output),
        Command::Letter(command) => letter::run(&command, &config, output),
        Command::Org(command) => org::run(command, &config, output),
        Command::User(command) => user::run(command, &config, (stdin, output)),
        Command::Member(command) => member::run(command, &config, output),
        Command::App(command) => app::run(command, &config, output),
        Command::Key(command) => key::run(command, &config, output),
        Command::Scope(command) => scope::run(command, &config, output),
        Command::Resource(command) => resource::run(command, &config, output),
        Command::Audit(command) => audit::run(command, &config, args.json, output),
    }
}

/// A line on standard error. Where that is closed, the exit code still tells.
fn note(err: &mut dyn Write, line: &dyn std::fmt::Display) {
    let _closed = writeln!(err, "{line}");
}
