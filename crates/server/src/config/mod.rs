//! Configuration: read once at the start, checked as a whole, handed down as values.
//!
//! A setting comes from the environment, else from the file, else from its default. [`keys::KEYS`] is the one list of
//! settings: reading them, the example file and the words about a bad value all follow from it.

mod draft;
mod example;
mod given;
pub mod keys;
mod network;
mod problem;
mod upstream;
mod values;

pub(crate) use draft::cores;
pub use example::example;
pub use network::{Network, NotANetwork};
pub use problem::{Problem, Warning};
pub(crate) use upstream::is_issuer;
pub use upstream::{ClientSecret, OperatorsProvider};

use model::budget::BudgetLimits;
use model::opaque::TokenPrefixes;
use model::session::SessionPolicy;
use outbound::HostPort;
use routes::PublicUrl;
use std::collections::BTreeMap;
use std::fmt;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::time::Duration;

/// What the operator chose.
#[derive(Clone, PartialEq, Eq)]
pub struct Config {
    /// The address under which people and programs reach the server.
    pub public_url: PublicUrl,
    /// Where the server listens.
    pub listen: SocketAddr,
    /// Where it serves its metrics; nowhere where absent.
    pub metrics_listen: Option<SocketAddr>,
    /// Where it keeps what is not in the database; absolute.
    pub data_dir: PathBuf,
    /// The database. May hold a password; the path of an SQLite file is absolute.
    pub database_url: String,
    /// Threads that read from SQLite.
    pub database_readers: usize,
    /// Threads of PostgreSQL, each with a connection.
    pub database_threads: usize,
    /// Whether PostgreSQL keeps prepared statements by name.
    pub database_prepared_statements: bool,
    /// Where letters go. May hold a password.
    pub mail_url: String,
    /// Who letters are from.
    pub mail_from: String,
    /// The file of the master key; absolute.
    pub master_key_file: PathBuf,
    /// Who may say for whom a request was forwarded.
    pub trusted_proxies: Vec<Network>,
    /// Identity providers that people may sign in with everywhere.
    pub upstream: Vec<OperatorsProvider>,
    /// Hosts that may be asked although they are private.
    pub outbound_private_hosts: Vec<HostPort>,
    /// The file by which addresses are places; absolute.
    pub geoip_file: Option<PathBuf>,
    /// A list of stolen passwords.
    pub breached_passwords_file: Option<PathBuf>,
    /// Whether programs that nobody registered may ask for a code.
    pub unregistered_clients: bool,
    /// What API keys and MCP tokens begin with.
    pub token_prefixes: TokenPrefixes,
    /// Who may create organizations.
    pub org_creation: OrgCreation,
    /// Request rates and bounds on live codes; never the budgets of guesses.
    pub limits: LimitsSwitch,
    /// Certificate and key, where the server speaks TLS itself.
    pub tls: Option<TlsFiles>,
    /// How many wrong guesses are evaluated.
    pub budgets: BudgetLimits,
    /// How long sessions and known devices last.
    pub sessions: SessionPolicy,
    /// How much is answered.
    pub rates: Rates,
    /// Passwords that are hashed at once.
    pub password_permits: usize,
    /// How long the head of a request may take to arrive, and then its body.
    pub request_timeout: Duration,
    /// Threads that answer requests; as many as cores where absent.
    pub workers: Option<usize>,
    /// How log lines look.
    pub log: LogFormat,
    /// Which log lines are written, as tracing's directives.
    pub log_filter: String,
}

/// Who may create organizations.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OrgCreation {
    /// The operator, by the command line.
    Operator,
    /// Anyone who is signed in.
    Anyone,
}

/// Whether request rates and bounds on live codes hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LimitsSwitch {
    /// They do.
    On,
    /// They don't: for measuring and for tests, on this machine only.
    Off,
}

impl LimitsSwitch {
    /// Whether they hold.
    pub const fn are_on(self) -> bool {
        matches!(self, Self::On)
    }
}

/// The files of the server's own TLS.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TlsFiles {
    /// The certificate and its chain, PEM; absolute.
    pub cert: PathBuf,
    /// The private key, PEM; absolute.
    pub key: PathBuf,
}

/// How much is answered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rates {
    /// Requests for a device code from one network in a minute.
    pub device_authorization_per_minute: u32,
    /// The same by programs that nobody registered.
    pub unregistered_codes_per_minute: u32,
    /// Approvals of one user in a minute, by the interface for programs' own pages.
    pub decisions_per_minute: u32,
    /// Codes of one organization that live at once.
    pub live_codes_per_organization: u32,
    /// Codes of one client that live at once; as many as its organization's where absent.
    pub live_codes_per_client: Option<u32>,
    /// Codes asked for from one network that live at once.
    pub live_codes_per_network: u32,
}

impl Default for Rates {
    fn default() -> Self {
        Self {
            device_authorization_per_minute: 60,
            unregistered_codes_per_minute: 5,
            decisions_per_minute: 10,
            live_codes_per_organization: 100_000,
            live_codes_per_client: None,
            // Above what the rate allows for codes of the usual half an hour: it concerns those that live longer.
            live_codes_per_network: 2_000,
        }
    }
}

/// How log lines look.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LogFormat {
    /// For people.
    Text,
    /// One JSON object a line.
    Json,
}

impl Config {
    /// Reads the file and the environment: `explicit`, else `DOORWARD_CONFIG`, else `./doorward.toml` where there is
    /// one.
    ///
    /// # Errors
    /// A key or a value that can't be used, a file that can't be read, settings that don't go together.
    pub fn load(explicit: Option<&Path>, env: &BTreeMap<String, String>) -> Result<(Self, Vec<Warning>), Problem> {
        let folder = std::env::current_dir().map_err(|error| {
            Problem::new(format!("The current folder can't be found: {error}. Start in another one."))
        })?;
        Self::load_in(&folder, explicit, env)
    }

    /// The same with relative paths starting at `folder`.
    fn load_in(
        folder: &Path,
        explicit: Option<&Path>,
        env: &BTreeMap<String, String>,
    ) -> Result<(Self, Vec<Warning>), Problem> {
        let (given, warnings) = given::gather(folder, explicit, env)?;
        let mut draft = draft::Draft::default();
        for (key, value) in given {
            if (key.read)(&mut draft, &value.text).is_none() {
                return Err(value.refused(key));
            }
        }
        draft.settle(folder).map(|config| (config, warnings))
    }

    /// How to open the database.
    pub fn database(&self) -> store::DbConfig {
        store::DbConfig {
            url: self.database_url.clone(),
            readers: self.database_readers,
            pg_threads: self.database_threads,
            pg_prepared_statements: self.database_prepared_statements,
            ..store::DbConfig::default()
        }
    }
}

impl fmt::Debug for Config {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Two of the URLs may hold passwords.
        f.debug_struct("Config")
            .field("public_url", &self.public_url)
            .field("listen", &self.listen)
            .field("data_dir", &self.data_dir)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests;
