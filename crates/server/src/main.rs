//! `doorward-server`: the server and its operator's commands.

mod terminal;

use server::commands::{self, Surroundings};
use server::config::{Config, LogFormat, Problem};
use std::collections::BTreeMap;
use std::io::{self, IsTerminal as _};
use std::process::ExitCode;
use terminal::Stdin;
use tracing_subscriber::EnvFilter;

fn main() -> ExitCode {
    let lossy = |text: std::ffi::OsString| text.to_string_lossy().into_owned();
    let env: BTreeMap<String, String> = std::env::vars_os().map(|(name, value)| (lossy(name), lossy(value))).collect();
    let (mut stdin, mut out, mut err) = (Stdin::default(), io::stdout().lock(), io::stderr());
    let surroundings =
        Surroundings { stdin: &mut stdin, env: &env, out: &mut out, err: &mut err, configured: &start_log };
    ExitCode::from(commands::run(std::env::args_os(), surroundings))
}

/// Log lines go to standard error; standard output is for results.
fn start_log(config: &Config) -> Result<(), Problem> {
    let filter = EnvFilter::try_new(&config.log_filter)
        .map_err(|error| Problem::new(format!("log (DOORWARD_LOG) can't be used: {error}.")))?;
    let coloured = io::stderr().is_terminal() && std::env::var_os("NO_COLOR").is_none_or(|value| value.is_empty());
    let lines = tracing_subscriber::fmt().with_env_filter(filter).with_writer(io::stderr).with_ansi(coloured);
    let started = match config.log {
        LogFormat::Text => lines.try_init(),
        LogFormat::Json => lines.json().flatten_event(true).try_init(),
    };
    started.map_err(|error| Problem::new(format!("The log can't be started: {error}.")))?;
    std::panic::set_hook(Box::new(|panic| {
        // One line in the log's own form. A defect is found by its place; a stack helps nobody who runs the server.
        let place = panic.location().map(ToString::to_string).unwrap_or_default();
        let message = panic.payload_as_str().unwrap_or("no message");
        tracing::error!(place, message, "a defect: please report this line");
    }));
    Ok(())
}
