//! The command line.

mod meaning;

use clap::parser::ValueSource;
use clap::{ArgMatches, Args as ClapArgs, CommandFactory as _, FromArgMatches as _, Parser, Subcommand, ValueEnum};
use client::Dialect;
pub(crate) use meaning::login_command;

#[derive(Parser)]
#[command(
    name = "doorward",
    version,
    about = "Sign this device in to an organization, and use the sign-in from scripts."
)]
#[command(after_help = "\
Off a terminal, login, whoami and logout print one JSON object a line with “event”: code, slow_down, done or error; \
text goes to the standard error.

Exit codes: 0 done, 1 something else went wrong, 2 the command line is wrong, 3 not authorized (denied, expired, or \
nobody is signed in), 4 too many requests.")]
pub(crate) struct Args {
    #[command(subcommand)]
    pub(crate) command: Command,
}

impl Args {
    /// Reads the command line; ends the program where it is wrong, or asks for help.
    pub(crate) fn read() -> Self {
        let matches = Self::command().get_matches();
        let mut args = Self::from_arg_matches(&matches).unwrap_or_else(|error| error.exit());
        args.note_sources(&matches);
        args
    }

    /// Takes note of what came from the environment.
    fn note_sources(&mut self, matches: &ArgMatches) {
        let place = match &mut self.command {
            Command::Login(args) => &mut args.place,
            Command::Logout(args) => &mut args.place,
            Command::Whoami(place) | Command::Token(place) => place,
            Command::Completions { .. } => return,
        };
        let source = matches.subcommand().and_then(|(_, matches)| matches.value_source("org"));
        place.org_is_ambient = source == Some(ValueSource::EnvVariable);
    }
}

#[derive(Subcommand)]
pub(crate) enum Command {
    /// Sign in: shows an address and a code to approve in a browser, here or on another device.
    Login(LoginArgs),
    /// Show who is signed in, where, and what this sign-in may do.
    Whoami(Place),
    /// Print an access token that is good now, renewing it first if need be.
    Token(Place),
    /// End the sign-in, at the server and here.
    Logout(LogoutArgs),
    /// Print what completes this program's commands and options in a shell.
    Completions {
        /// The shell.
        shell: clap_complete::Shell,
    },
}

/// Which sign-in is meant.
#[derive(ClapArgs)]
pub(crate) struct Place {
    /// The server's address, such as https://auth.example [login's default: http://localhost:8080].
    #[arg(long, env = "DOORWARD_SERVER", value_name = "URL")]
    server: Option<String>,
    /// The organization's id. Login needs it with rfc8628; otherwise the organization is picked on the page.
    #[arg(long, env = "DOORWARD_ORG", value_name = "ID")]
    org: Option<String>,
    /// The organization was named by the environment, not on the command line.
    #[arg(skip)]
    org_is_ambient: bool,
    /// How the sign-in is asked for [login's default: rfc8628].
    #[arg(long, value_enum)]
    dialect: Option<Way>,
    /// The app's id, as an administrator registered it [login's default: doorward-cli, with mcp doorward-mcp].
    #[arg(long, value_name = "ID")]
    client_id: Option<String>,
}

#[derive(ClapArgs)]
pub(crate) struct LoginArgs {
    #[command(flatten)]
    pub(crate) place: Place,
    /// What the sign-in is to be good for, words separated by spaces [default: what the app or the server has set, with mcp
    /// read].
    #[arg(long, value_name = "WORDS")]
    scope: Option<String>,
    /// How this program names itself on the page, with api_key [default: doorward on this computer's name].
    #[arg(long, value_name = "NAME")]
    client_name: Option<String>,
    /// Don't open a browser.
    #[arg(long)]
    pub(crate) no_browser: bool,
}

#[derive(ClapArgs)]
pub(crate) struct LogoutArgs {
    #[command(flatten)]
    pub(crate) place: Place,
    /// Remove the sign-in from this device even if the server can't be told.
    #[arg(long)]
    pub(crate) forget: bool,
}

/// A dialect, as the command line names it.
#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Way {
    /// The standard device login, to one organization.
    #[value(name = "rfc8628")]
    Rfc8628,
    /// Device login for an API key, to an organization picked on the page.
    #[value(name = "api_key")]
    ApiKey,
    /// Device login for a read-only token of AI clients, to an organization picked on the page.
    #[value(name = "mcp")]
    Mcp,
}

impl From<Way> for Dialect {
    fn from(way: Way) -> Self {
        match way {
            Way::Rfc8628 => Self::Rfc8628,
            Way::ApiKey => Self::ApiKey,
            Way::Mcp => Self::Mcp,
        }
    }
}
