//! The command line.

use crate::failure::Failure;
use clap::{Args as ClapArgs, Parser, Subcommand, ValueEnum};
use client::{Issuer, Selection};

const SERVER: &str = "http://localhost:8080";
const CLIENT_ID: &str = "doorward-cli";

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
    /// The organization's id.
    #[arg(long, env = "DOORWARD_ORG", value_name = "ID")]
    org: Option<String>,
    /// The app's id, as an administrator registered it [login's default: doorward-cli].
    #[arg(long, value_name = "ID")]
    client_id: Option<String>,
}

#[derive(ClapArgs)]
pub(crate) struct LoginArgs {
    #[command(flatten)]
    pub(crate) place: Place,
    /// How to speak to the server.
    #[arg(long, value_enum, default_value = "rfc8628")]
    pub(crate) dialect: Dialect,
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

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Dialect {
    /// The standard device login.
    #[value(name = "rfc8628")]
    Rfc8628,
    /// Device login for an API key.
    #[value(name = "api_key")]
    ApiKey,
    /// Device login for a read-only token of AI clients.
    #[value(name = "mcp")]
    Mcp,
}

/// A variable that is set to nothing counts as not set.
fn given(value: Option<&String>) -> Option<&str> {
    value.map(String::as_str).filter(|value| !value.is_empty())
}

impl Place {
    /// Where to sign in.
    pub(crate) fn issuer(&self) -> Result<Issuer, Failure> {
        let org = given(self.org.as_ref()).ok_or_else(|| {
            Failure::usage("Say which organization to sign in to, for example: doorward login --org acme-corp")
        })?;
        Issuer::new(self.server(), org).map_err(|error| Failure::usage(error.to_string()))
    }

    /// The server's address, as it was given or by default.
    pub(crate) fn server(&self) -> &str {
        given(self.server.as_ref()).unwrap_or(SERVER)
    }

    /// The app to sign in as.
    pub(crate) fn client_id(&self) -> &str {
        given(self.client_id.as_ref()).unwrap_or(CLIENT_ID)
    }

    /// Which of the kept sign-ins are meant. The server is compared in the form in which it was kept.
    pub(crate) fn selection(&self) -> Result<Selection, Failure> {
        let server = match given(self.server.as_ref()) {
            None => None,
            Some(server) => {
                // Any organization will do to bring the address into its form.
                let issuer = Issuer::new(server, "any").map_err(|error| Failure::usage(error.to_string()))?;
                Some(issuer.server().to_owned())
            }
        };
        let owned = |value: &Option<String>| given(value.as_ref()).map(str::to_owned);
        Ok(Selection { server, org: owned(&self.org), client_id: owned(&self.client_id) })
    }

    /// The command that signs in here.
    pub(crate) fn login_command(&self) -> String {
        login_command(given(self.server.as_ref()), given(self.org.as_ref()), given(self.client_id.as_ref()))
    }
}

/// The command that signs in at this place.
pub(crate) fn login_command(server: Option<&str>, org: Option<&str>, client_id: Option<&str>) -> String {
    let server = server.filter(|server| *server != SERVER);
    let client_id = client_id.filter(|client_id| *client_id != CLIENT_ID);
    let mut command = "doorward login".to_owned();
    for (flag, value) in
        [("--server", server), ("--org", org.or(Some("YOUR-ORGANIZATION"))), ("--client-id", client_id)]
    {
        if let Some(value) = value {
            command = format!("{command} {flag} {value}");
        }
    }
    command
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::CommandFactory as _;

    #[test]
    fn the_command_line_is_sound() {
        Args::command().debug_assert();
    }

    #[test]
    fn what_was_given_is_repeated_in_the_command_that_helps() {
        let place = |server: &str, org: &str| Place {
            server: Some(server.to_owned()),
            org: Some(org.to_owned()),
            client_id: None,
        };
        assert_eq!(place("", "").login_command(), "doorward login --org YOUR-ORGANIZATION");
        assert_eq!(
            place("https://a.example", "acme").login_command(),
            "doorward login --server https://a.example --org acme"
        );
        assert_eq!(place("", "acme").issuer().unwrap().to_string(), "http://localhost:8080/orgs/acme");
        assert_eq!(place("https://a.example/", "").selection().unwrap().server.unwrap(), "https://a.example");
    }
}
