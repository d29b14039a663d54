//! What the options of the command line mean: where to sign in and how, and which sign-in is looked for.

use super::{LoginArgs, Place};
use crate::failure::Failure;
use crate::words::plain;
use client::{Dialect, Issuer, LONGEST_CLIENT_NAME, Selection};

const SERVER: &str = "http://localhost:8080";
const CLIENT_ID: &str = "doorward-cli";
const MCP_CLIENT_ID: &str = "doorward-mcp";
const MCP_SCOPE: &str = "read";

/// A variable that is set to nothing counts as not set.
fn given(value: Option<&String>) -> Option<&str> {
    value.map(String::as_str).filter(|value| !value.is_empty())
}

impl Place {
    /// Where to sign in.
    pub(crate) fn issuer(&self) -> Result<Issuer, Failure> {
        if self.dialect() != Dialect::Rfc8628 {
            return Issuer::of_server(self.server()).map_err(|error| Failure::usage(error.to_string()));
        }
        let org = given(self.org.as_ref()).ok_or_else(|| {
            Failure::usage("Say which organization to sign in to, for example: doorward login --org acme-corp")
        })?;
        Issuer::new(self.server(), org).map_err(|error| Failure::usage(error.to_string()))
    }

    /// The server's address, as it was given or by default.
    pub(crate) fn server(&self) -> &str {
        given(self.server.as_ref()).unwrap_or(SERVER)
    }

    /// How to sign in.
    pub(crate) fn dialect(&self) -> Dialect {
        self.dialect.map_or(Dialect::default(), Dialect::from)
    }

    /// The app to sign in as.
    pub(crate) fn client_id(&self) -> &str {
        given(self.client_id.as_ref()).unwrap_or_else(|| usual_client_id(self.dialect()))
    }

    /// The organization that was named, and whether the environment did it.
    pub(crate) fn org(&self) -> Option<(&str, bool)> {
        given(self.org.as_ref()).map(|org| (org, self.org_is_ambient))
    }

    /// Which of the kept sign-ins are meant. The server is compared in the form in which it was kept.
    pub(crate) fn selection(&self) -> Result<Selection, Failure> {
        let server = match given(self.server.as_ref()) {
            None => None,
            Some(server) => {
                let issuer = Issuer::of_server(server).map_err(|error| Failure::usage(error.to_string()))?;
                Some(issuer.server().to_owned())
            }
        };
        Ok(Selection { server, ..self.as_given() })
    }

    /// The command that signs in here.
    pub(crate) fn login_command(&self) -> String {
        login_command(&self.as_given())
    }

    /// That nobody is signed in here, so that whoever reads it sees where was looked.
    pub(crate) fn nobody(&self) -> String {
        let org = match self.org() {
            None => String::new(),
            Some((org, false)) => format!(" to {org}"),
            Some((org, true)) => format!(" to {org}, the organization that DOORWARD_ORG names,"),
        };
        let server = given(self.server.as_ref()).map(|server| format!(" at {server}")).unwrap_or_default();
        let dialect = self.dialect.map(|way| format!(" by {}", Dialect::from(way))).unwrap_or_default();
        let client_id = given(self.client_id.as_ref()).map(|id| format!(" as {id}")).unwrap_or_default();
        let all = format!("Nobody is signed in{org}{server}{dialect}{client_id}");
        format!("{}. Sign in with: {}", all.trim_end_matches(','), self.login_command())
    }

    fn as_given(&self) -> Selection {
        let owned = |value: &Option<String>| given(value.as_ref()).map(str::to_owned);
        Selection {
            server: owned(&self.server),
            org: owned(&self.org),
            dialect: self.dialect.map(Dialect::from),
            client_id: owned(&self.client_id),
        }
    }
}

impl LoginArgs {
    /// What to ask for.
    pub(crate) fn scope(&self) -> Option<&str> {
        let usual = (self.place.dialect() == Dialect::Mcp).then_some(MCP_SCOPE);
        given(self.scope.as_ref()).or(usual)
    }

    /// The name that the person is to see.
    pub(crate) fn client_name(&self) -> String {
        given(self.client_name.as_ref()).map_or_else(usual_client_name, str::to_owned)
    }

    /// That no option was given which the dialect has no use for.
    pub(crate) fn checked(&self) -> Result<(), Failure> {
        let is_key = self.place.dialect() == Dialect::ApiKey;
        if !is_key && given(self.client_name.as_ref()).is_some() {
            return Err(Failure::usage("--client-name goes with --dialect api_key. Apps are known by --client-id."));
        }
        if is_key && given(self.place.client_id.as_ref()).is_some() {
            return Err(Failure::usage(
                "--client-id does not go with --dialect api_key, which no app is registered for. Use --client-name.",
            ));
        }
        Ok(())
    }
}

fn usual_client_id(dialect: Dialect) -> &'static str {
    match dialect {
        Dialect::Rfc8628 => CLIENT_ID,
        Dialect::Mcp => MCP_CLIENT_ID,
        Dialect::ApiKey => "",
    }
}

/// A name by which the person recognizes this computer among others that ask.
fn usual_client_name() -> String {
    // A computer that does not know its own name is still one.
    let host = hostname::get().map(|name| plain(&name.to_string_lossy())).unwrap_or_default();
    let name = if host.is_empty() { "doorward".to_owned() } else { format!("doorward on {host}") };
    name.chars().take(LONGEST_CLIENT_NAME).collect()
}

/// The command that signs in at this place.
pub(crate) fn login_command(wanted: &Selection) -> String {
    let dialect = wanted.dialect.unwrap_or_default();
    let server = wanted.server.as_deref().filter(|server| *server != SERVER);
    // In the other dialects the person picks the organization.
    let org = (dialect == Dialect::Rfc8628).then(|| wanted.org.as_deref().unwrap_or("YOUR-ORGANIZATION"));
    let named = (dialect != Dialect::default()).then(|| dialect.name());
    let client_id = wanted.client_id.as_deref().filter(|id| *id != usual_client_id(dialect));
    let mut command = "doorward login".to_owned();
    for (flag, value) in [("--server", server), ("--org", org), ("--dialect", named), ("--client-id", client_id)] {
        if let Some(value) = value {
            command = format!("{command} {flag} {value}");
        }
    }
    command
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::args::{Args, Command};
    use clap::{CommandFactory as _, Parser as _};

    fn place(line: &str) -> Place {
        let words = ["doorward", "token"].into_iter().chain(line.split_whitespace());
        match Args::try_parse_from(words).unwrap().command {
            Command::Token(place) => place,
            _ => unreachable!("the command is token"),
        }
    }

    #[test]
    fn the_command_line_is_sound() {
        Args::command().debug_assert();
    }

    #[test]
    fn what_was_given_is_repeated_in_the_command_that_helps() {
        for (line, command) in [
            ("--server= --org=", "doorward login --org YOUR-ORGANIZATION"),
            ("--server https://a.example --org acme", "doorward login --server https://a.example --org acme"),
            ("--dialect rfc8628 --client-id x", "doorward login --org YOUR-ORGANIZATION --client-id x"),
            ("--dialect mcp --org acme --client-id doorward-mcp", "doorward login --dialect mcp"),
            ("--dialect api_key --server http://localhost:8080", "doorward login --dialect api_key"),
        ] {
            assert_eq!(place(line).login_command(), command, "{line}");
        }
        assert_eq!(place("--org acme").issuer().unwrap().to_string(), "http://localhost:8080/orgs/acme");
        assert_eq!(place("--dialect mcp --org acme").issuer().unwrap().to_string(), "http://localhost:8080");
        assert_eq!(place("--server https://a.example/").selection().unwrap().server.unwrap(), "https://a.example");
    }

    #[test]
    fn where_nobody_is_signed_in_is_said() {
        let nobody = |line: &str, ambient: bool| {
            let said = Place { org_is_ambient: ambient, ..place(line) }.nobody();
            said.split_once(" Sign in with: doorward login").unwrap().0.to_owned()
        };
        assert_eq!(nobody("", false), "Nobody is signed in.");
        assert_eq!(nobody("--org acme", false), "Nobody is signed in to acme.");
        assert_eq!(
            nobody("--org acme", true),
            "Nobody is signed in to acme, the organization that DOORWARD_ORG names."
        );
        assert_eq!(
            nobody("--org acme --server https://a.example --dialect mcp", true),
            "Nobody is signed in to acme, the organization that DOORWARD_ORG names, at https://a.example by mcp."
        );
        assert_eq!(nobody("--client-id x", false), "Nobody is signed in as x.");
    }

    #[test]
    fn a_computer_names_itself_within_what_the_server_takes() {
        let name = usual_client_name();
        assert!(name.starts_with("doorward") && (1..=LONGEST_CLIENT_NAME).contains(&name.chars().count()), "{name}");
    }
}
