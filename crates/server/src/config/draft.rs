//! The settings one by one, before they are checked against each other.

use super::upstream;
use super::values::{is_loopback, mail_host};
use super::{Config, LimitsSwitch, LogFormat, Network, OrgCreation, Problem, Rates, TlsFiles};
use delivery::Transport;
use model::budget::BudgetLimits;
use model::opaque::TokenPrefixes;
use model::session::SessionPolicy;
use outbound::HostPort;
use routes::PublicUrl;
use std::net::{Ipv4Addr, SocketAddr};
use std::path::{Path, PathBuf};
use std::time::Duration;
use url::Url;

/// Every setting as it was given, else its default.
#[derive(Clone, PartialEq, Eq)]
pub(super) struct Draft {
    pub(super) public_url: Option<Url>,
    pub(super) listen: SocketAddr,
    pub(super) metrics_listen: Option<SocketAddr>,
    pub(super) data_dir: PathBuf,
    pub(super) database_url: Option<String>,
    pub(super) database_readers: usize,
    pub(super) database_threads: usize,
    pub(super) database_prepared_statements: bool,
    pub(super) mail_url: Option<String>,
    pub(super) mail_from: Option<String>,
    pub(super) master_key_file: Option<PathBuf>,
    pub(super) trusted_proxies: Vec<Network>,
    pub(super) upstream: Vec<upstream::Given>,
    pub(super) outbound_private_hosts: Vec<HostPort>,
    pub(super) geoip_file: Option<PathBuf>,
    pub(super) breached_passwords_file: Option<PathBuf>,
    pub(super) unregistered_clients: bool,
    pub(super) token_prefixes: TokenPrefixes,
    pub(super) org_creation: OrgCreation,
    pub(super) limits: LimitsSwitch,
    pub(super) tls_cert: Option<PathBuf>,
    pub(super) tls_key: Option<PathBuf>,
    pub(super) budgets: BudgetLimits,
    pub(super) sessions: SessionPolicy,
    pub(super) rates: Rates,
    pub(super) password_permits: Option<usize>,
    pub(super) request_timeout: Duration,
    pub(super) workers: Option<usize>,
    pub(super) log: LogFormat,
    pub(super) log_filter: String,
}

impl Default for Draft {
    fn default() -> Self {
        let database = store::DbConfig::default();
        Self {
            public_url: Url::parse("http://localhost:8080").ok(),
            listen: SocketAddr::from((Ipv4Addr::LOCALHOST, 8080)),
            metrics_listen: None,
            data_dir: PathBuf::from("./data"),
            database_url: None,
            database_readers: database.readers,
            database_threads: database.pg_threads,
            database_prepared_statements: database.pg_prepared_statements,
            mail_url: None,
            mail_from: None,
            master_key_file: None,
            trusted_proxies: Vec::new(),
            upstream: Vec::new(),
            outbound_private_hosts: Vec::new(),
            geoip_file: None,
            breached_passwords_file: None,
            unregistered_clients: false,
            token_prefixes: TokenPrefixes::default(),
            org_creation: OrgCreation::Operator,
            limits: LimitsSwitch::On,
            tls_cert: None,
            tls_key: None,
            budgets: BudgetLimits::default(),
            sessions: SessionPolicy::default(),
            rates: Rates::default(),
            password_permits: None,
            request_timeout: Duration::from_secs(10),
            workers: None,
            log: LogFormat::Text,
            log_filter: "info,actix_http=off".to_owned(),
        }
    }
}

impl Draft {
    /// Fills in what follows from other settings, and checks what must go together.
    ///
    /// # Errors
    /// Where it does not go together.
    pub(super) fn settle(self, folder: &Path) -> Result<Config, Problem> {
        let public_url = self.public_url.ok_or_else(|| Problem::new("public_url is missing."))?;
        let loopback = is_loopback(&public_url);
        let shown = public_url.as_str().trim_end_matches('/').to_owned();
        if public_url.scheme() == "http" && !loopback {
            return Err(Problem::new(format!(
                "public_url (DOORWARD_PUBLIC_URL) is {shown}, but plain http is for this machine only (localhost, 127.0.0.1, [::1]): \
                 use https://, by a proxy in front or by tls_cert and tls_key."
            )));
        }
        if self.limits == LimitsSwitch::Off && !(loopback && self.listen.ip().is_loopback()) {
            return Err(Problem::new(format!(
                "limits (DOORWARD_LIMITS) is off, which is for tests on this machine only: set it to on, or let both listen ({}) and public_url ({shown}) \
                 be loopback addresses.",
                self.listen
            )));
        }
        let absolute = |path: &Path| absolute(folder, path);
        let tls = match (&self.tls_cert, &self.tls_key) {
            (None, None) => None,
            (Some(cert), Some(key)) => Some(TlsFiles { cert: absolute(cert)?, key: absolute(key)? }),
            (cert, _) => {
                let (set, missing) = if cert.is_some() { ("tls_cert", "tls_key") } else { ("tls_key", "tls_cert") };
                return Err(Problem::new(format!(
                    "{set} is set without {missing}: set both (DOORWARD_TLS_CERT, DOORWARD_TLS_KEY), or neither."
                )));
            }
        };
        if tls.is_some() && public_url.scheme() == "http" {
            return Err(Problem::new(format!(
                "tls_cert is set, but public_url (DOORWARD_PUBLIC_URL) is {shown}: a server that speaks TLS is reached by https://."
            )));
        }
        let data_dir = absolute(&self.data_dir)?;
        let database_url = match &self.database_url {
            None => format!("sqlite://{}", data_dir.join("doorward.db").display()),
            Some(url) => match url.strip_prefix("sqlite://") {
                // The database's own words are better about a file that can't be one.
                Some("") | None => url.clone(),
                Some(path) => format!("sqlite://{}", absolute_text(folder, path)?),
            },
        };
        let mail_url = self.mail_url.unwrap_or_else(|| format!("file://{}", data_dir.join("mail").display()));
        if let Err(bad) = Transport::from_url(&mail_url) {
            return Err(Problem::new(format!("mail_url (DOORWARD_MAIL_URL) can't be used. {bad}")));
        }
        let mail_from = self.mail_from.unwrap_or_else(|| format!("Doorward <no-reply@{}>", mail_host(&public_url)));
        Ok(Config {
            mail_url,
            master_key_file: match &self.master_key_file {
                None => data_dir.join("master.key"),
                Some(path) => absolute(path)?,
            },
            public_url: PublicUrl::new(&shown),
            listen: self.listen,
            metrics_listen: self.metrics_listen,
            data_dir,
            database_url,
            database_readers: self.database_readers,
            database_threads: self.database_threads,
            database_prepared_statements: self.database_prepared_statements,
            mail_from,
            trusted_proxies: self.trusted_proxies,
            upstream: upstream::settle(&self.upstream, &absolute)?,
            outbound_private_hosts: self.outbound_private_hosts,
            geoip_file: self.geoip_file.as_deref().map(absolute).transpose()?,
            breached_passwords_file: self.breached_passwords_file.as_deref().map(absolute).transpose()?,
            unregistered_clients: self.unregistered_clients,
            token_prefixes: self.token_prefixes,
            org_creation: self.org_creation,
            limits: self.limits,
            tls,
            budgets: self.budgets,
            sessions: self.sessions,
            rates: self.rates,
            // One core is left for whoever does not sign in.
            password_permits: self.password_permits.unwrap_or_else(|| cores().saturating_sub(1).max(1)),
            request_timeout: self.request_timeout,
            workers: self.workers,
            log: self.log,
            log_filter: self.log_filter,
        })
    }
}

fn absolute(folder: &Path, path: &Path) -> Result<PathBuf, Problem> {
    std::path::absolute(folder.join(path))
        .map_err(|error| Problem::new(format!("The path {} can't be resolved: {error}.", path.display())))
}

/// The same as text, keeping a slash at the end, which says that a folder is meant.
fn absolute_text(folder: &Path, path: &str) -> Result<String, Problem> {
    let absolute = absolute(folder, Path::new(path))?.display().to_string();
    Ok(if path.ends_with('/') && !absolute.ends_with('/') { format!("{absolute}/") } else { absolute })
}

pub(crate) fn cores() -> usize {
    std::thread::available_parallelism().map_or(1, std::num::NonZero::get)
}
