//! The list of settings.

use super::draft::Draft;
use super::upstream;
use super::values::{database_url, list, log_filter, mail_from, number, path, public_url, short_span, span, truth};
use super::{LimitsSwitch, LogFormat, OrgCreation};
use model::opaque::TokenPrefix;

/// One setting.
#[derive(Debug)]
pub struct Key {
    /// Its name in the file; the variable's is the same in capitals, after `DOORWARD_`.
    pub name: &'static str,
    /// Its default as TOML, or an example where the default follows from something else.
    pub default: &'static str,
    /// What it does.
    pub about: &'static str,
    /// What it must be, to go on after "it must be".
    pub allowed: &'static str,
    /// Whether its value may hold a password.
    pub secret: bool,
    /// Reads a value; nothing where it can't be used.
    pub(super) read: fn(&mut Draft, &str) -> Option<()>,
}

impl Key {
    /// The environment variable.
    pub fn variable(&self) -> String {
        format!("DOORWARD_{}", self.name.to_uppercase())
    }

    /// Whether it takes several values with names of their own.
    pub fn is_tables(&self) -> bool {
        self.default.starts_with("[{")
    }

    /// Whether it takes several values.
    pub fn is_list(&self) -> bool {
        self.default.starts_with('[')
    }
}

/// Variables that begin like ours and are no settings of the server: the reference client's, the file's name, the tests'.
pub const OTHERS: [&str; 4] = ["DOORWARD_CONFIG", "DOORWARD_ORG", "DOORWARD_SERVER", "DOORWARD_TEST_POSTGRES"];

macro_rules! keys {
    ($($name:ident = $default:literal, $secrecy:ident, $about:literal, $allowed:literal, $read:expr;)+) => {
        /// Every setting, in the order of the example file.
        pub static KEYS: &[Key] = &[$(Key {
            name: stringify!($name),
            default: $default,
            about: $about,
            allowed: $allowed,
            secret: keys!(@ $secrecy),
            read: $read,
        }),+];
    };
    (@ open) => { false };
    (@ secret) => { true };
}

keys! {
    public_url = r#""http://localhost:8080""#, open,
        "The address under which people and programs reach the server. Issuers and links begin with it, so it hardly ever changes.",
        "an address such as https://auth.example.com: http or https, a host, perhaps a port, and nothing more (a path below the host is not supported yet)",
        |draft, text| { draft.public_url = Some(public_url(text)?); Some(()) };
    listen = r#""127.0.0.1:8080""#, open,
        "Where the server listens.",
        "an IP address and a port, such as 127.0.0.1:8080 or [::]:8080",
        |draft, text| { draft.listen = text.parse().ok()?; Some(()) };
    metrics_listen = r#""127.0.0.1:9464""#, open,
        "Where the server serves metrics, at /metrics, to whoever can reach it: this machine, or a network of your own. Nowhere by default.",
        "an IP address and a port, such as 127.0.0.1:9464",
        |draft, text| { draft.metrics_listen = Some(text.parse().ok()?); Some(()) };
    trusted_proxies = "[]", open,
        "Proxies whose X-Forwarded-For header is believed. In the environment, commas part them.",
        "a list of IP addresses and blocks, such as 127.0.0.1 and 10.0.0.0/8",
        |draft, text| { draft.trusted_proxies = list(text)?; Some(()) };
    tls_cert = r#""/etc/doorward/tls.crt""#, open,
        "The certificate with its chain, PEM, where no proxy speaks TLS for the server. Together with tls_key.",
        "the path of a file",
        |draft, text| { draft.tls_cert = Some(path(text)?); Some(()) };
    tls_key = r#""/etc/doorward/tls.key""#, open,
        "The certificate's private key, PEM.",
        "the path of a file",
        |draft, text| { draft.tls_key = Some(path(text)?); Some(()) };
    data_dir = r#""./data""#, open,
        "The folder of what is not kept in the database; made where it is missing.",
        "the path of a folder",
        |draft, text| { draft.data_dir = path(text)?; Some(()) };
    master_key_file = r#""./data/master.key""#, open,
        "The key that signing keys are sealed under; below data_dir by default. Made once, for an empty database. Keep a copy, apart from the database's.",
        "the path of a file",
        |draft, text| { draft.master_key_file = Some(path(text)?); Some(()) };
    database_url = r#""sqlite://./data/doorward.db""#, secret,
        "The database; below data_dir by default.",
        "sqlite:///absolute/path, sqlite://relative/path, postgres://… or postgresql://…",
        |draft, text| { draft.database_url = Some(database_url(text)?); Some(()) };
    database_readers = "2", open,
        "Threads that read from SQLite.",
        "a whole number from 1 to 64",
        |draft, text| { draft.database_readers = number(text, 1..=64)?; Some(()) };
    database_threads = "8", open,
        "Connections to PostgreSQL.",
        "a whole number from 2 to 128",
        |draft, text| { draft.database_threads = number(text, 2..=128)?; Some(()) };
    database_prepared_statements = "true", open,
        "Whether PostgreSQL keeps prepared statements by name; false behind a pooler in transaction mode that can't follow them.",
        "true or false",
        |draft, text| { draft.database_prepared_statements = truth(text)?; Some(()) };
    mail_url = r#""smtp://user:password@mail.example.com:587""#, secret,
        "Where letters go; by default into the folder mail below data_dir, one .eml file each. With smtp:// nothing is sent before STARTTLS, unless the host is this machine, or ?tls=opportunistic or ?tls=none at the end says otherwise; smtps:// is TLS from the start.",
        "smtp://host, smtps://host or file:///absolute/folder, with user:password@ before the host where the mail server wants it",
        |draft, text| { draft.mail_url = Some(text.to_owned()); Some(()) };
    mail_from = r#""Doorward <no-reply@localhost>""#, open,
        "Who letters are from; no-reply at the host of public_url by default.",
        "an e-mail address, such as Doorward <no-reply@example.com>",
        |draft, text| { draft.mail_from = Some(mail_from(text)?); Some(()) };
    upstream = r#"[{ id = "google", kind = "google", client_id = "…", client_secret_file = "/etc/doorward/google.secret" }]"#, secret,
        "Identity providers that people may sign in with everywhere; none by default. Each has an id, which is part of its redirect address {public_url}/login/upstream/{id}/callback, a kind, a client_id, a client_secret or a client_secret_file, and perhaps a name to show, an issuer (the kind oidc needs one) and scopes. In the file, each may also be a table of its own, [[upstream]], behind all other settings.",
        "a list of providers, each with id, kind (google, github, microsoft or oidc), client_id, client_secret or client_secret_file, and perhaps issuer, name and scopes",
        |draft, text| { draft.upstream = upstream::read(text)?; Some(()) };
    outbound_private_hosts = "[]", open,
        "Hosts that the server may ask although they are not in the public internet, and by plain http too: an identity provider of your own network. All others must be public and speak https. Organizations' admins can name such a host as well, so list what is for all of them to use. In the environment, commas part them.",
        "a list of hosts, each with its port unless that is 443, such as idp.example.internal and 10.0.0.7:8443",
        |draft, text| { draft.outbound_private_hosts = list(text)?; Some(()) };
    geoip_file = r#""/var/lib/GeoIP/GeoLite2-City.mmdb""#, open,
        "A database of places by network address, in MaxMind's format: the page on which a device is approved and the letter about it then say where the request came from. Read once, at the start.",
        "the path of a file",
        |draft, text| { draft.geoip_file = Some(path(text)?); Some(()) };
    breached_passwords_file = r#""/var/lib/doorward/pwned-passwords.txt""#, open,
        "A list of stolen passwords, which nobody can choose: a SHA-1 digest a line, sorted, as Have I Been Pwned gives it. It is read where a password is set, and may be of any size.",
        "the path of a file",
        |draft, text| { draft.breached_passwords_file = Some(path(text)?); Some(()) };
    unregistered_clients = "false", open,
        "Whether programs that nobody registered may ask for a code, as they do at /api/auth/device/code. What they call themselves is a stranger's word, and people are told so.",
        "true or false",
        |draft, text| { draft.unregistered_clients = truth(text)?; Some(()) };
    api_key_prefix = r#""dwk_""#, open,
        "What API keys begin with, so that people and scanners for leaked secrets know them. Keys that were made before keep theirs.",
        "two to ten lower-case letters and digits, a letter first, and an underscore, such as dwk_",
        |draft, text| { draft.token_prefixes.api_key = TokenPrefix::parse(text)?; Some(()) };
    mcp_token_prefix = r#""dwm_""#, open,
        "The same of MCP tokens.",
        "two to ten lower-case letters and digits, a letter first, and an underscore, such as dwm_",
        |draft, text| { draft.token_prefixes.mcp = TokenPrefix::parse(text)?; Some(()) };
    org_creation = r#""operator""#, open,
        "Who may create organizations: the operator alone, by the command line, or anyone who is signed in, of whom each owns 20 at most.",
        "operator or anyone",
        |draft, text| {
            draft.org_creation = match text { "operator" => OrgCreation::Operator, "anyone" => OrgCreation::Anyone, _ => return None };
            Some(())
        };
    session_lifetime = r#""24h""#, open,
        "How long a sign-in lasts without \"remember me\".",
        "a time such as 90s, 15m, 24h or 30d, from 1m to 400d",
        |draft, text| { draft.sessions.plain = span(text)?; Some(()) };
    remembered_session_lifetime = r#""30d""#, open,
        "How long a sign-in lasts with \"remember me\".",
        "a time such as 90s, 15m, 24h or 30d, from 1m to 400d",
        |draft, text| { draft.sessions.remembered = span(text)?; Some(()) };
    known_device_lifetime = r#""90d""#, open,
        "How long a browser stays known after its last use.",
        "a time such as 90s, 15m, 24h or 30d, from 1m to 400d",
        |draft, text| { draft.sessions.known_device = span(text)?; Some(()) };
    wrong_codes_per_user = "5", open,
        "Wrong codes that are looked at in ten minutes, by one user.",
        "a whole number from 1 to 1000000",
        |draft, text| { draft.budgets.codes_by_user = number(text, 1..=1_000_000)?; Some(()) };
    wrong_codes_per_network = "20", open,
        "The same from one network address.",
        "a whole number from 1 to 1000000",
        |draft, text| { draft.budgets.codes_by_network = number(text, 1..=1_000_000)?; Some(()) };
    wrong_codes_per_server = "300", open,
        "The same in the whole server.",
        "a whole number from 1 to 1000000",
        |draft, text| { draft.budgets.codes_in_server = number(text, 1..=1_000_000)?; Some(()) };
    wrong_passwords_per_account = "10", open,
        "Wrong passwords that are looked at in ten minutes, for one account from browsers that it does not know, and as many from each that it knows.",
        "a whole number from 1 to 1000000",
        |draft, text| { draft.budgets.passwords_by_account = number(text, 1..=1_000_000)?; Some(()) };
    wrong_passwords_from_known_browsers = "50", open,
        "The same for one account from all browsers that it knows, together.",
        "a whole number from 1 to 1000000",
        |draft, text| { draft.budgets.passwords_by_known_devices = number(text, 1..=1_000_000)?; Some(()) };
    wrong_passwords_per_network = "50", open,
        "The same from one network address.",
        "a whole number from 1 to 1000000",
        |draft, text| { draft.budgets.passwords_by_network = number(text, 1..=1_000_000)?; Some(()) };
    letters_per_network = "20", open,
        "Letters in an hour that people ask for from one network address: to register, to choose a new password, to sign in, to change an address.",
        "a whole number from 1 to 1000000",
        |draft, text| { draft.budgets.letters_by_network = number(text, 1..=1_000_000)?; Some(()) };
    letters_per_address_and_network = "5", open,
        "The same to one address from one network address, and as many from each browser that the address's account knows; also letters to other addresses that one user wants, and invitations of one organization to one address.",
        "a whole number from 1 to 1000000",
        |draft, text| { draft.budgets.letters_by_address_from_network = number(text, 1..=1_000_000)?; Some(()) };
    letters_per_address = "30", open,
        "The same to one address from everywhere. Strangers can spend it together; whoever uses a browser that their account knows does not need it.",
        "a whole number from 1 to 1000000",
        |draft, text| { draft.budgets.letters_by_address = number(text, 1..=1_000_000)?; Some(()) };
    invitations_per_inviter = "50", open,
        "Invitations that one user sends in an hour, the ones that were taken back counted too.",
        "a whole number from 1 to 1000000",
        |draft, text| { draft.budgets.invitations_by_inviter = number(text, 1..=1_000_000)?; Some(()) };
    invitations_per_organization = "100", open,
        "The same of one organization.",
        "a whole number from 1 to 1000000",
        |draft, text| { draft.budgets.invitations_by_organization = number(text, 1..=1_000_000)?; Some(()) };
    provider_checks_per_organization = "30", open,
        "How often in an hour the admins of one organization make the server ask an identity provider, by saving one.",
        "a whole number from 1 to 1000000",
        |draft, text| { draft.budgets.provider_checks_by_organization = number(text, 1..=1_000_000)?; Some(()) };
    wrong_second_factors_per_user = "5", open,
        "Wrong codes of an authenticator app that are looked at in ten minutes, for one account, and as many passwords that somebody signed in types once more.",
        "a whole number from 1 to 1000000",
        |draft, text| { draft.budgets.factors_by_user = number(text, 1..=1_000_000)?; Some(()) };
    step_up_after = r#""30m""#, open,
        "How long a proof of who one is counts for what is dangerous, such as removing a second factor; after that it is asked for once more.",
        "a time such as 90s, 15m, 24h or 30d, from 1m to 400d",
        |draft, text| { draft.sessions.step_up = span(text)?; Some(()) };
    device_authorization_per_minute = "60", open,
        "Requests for a device code from one network address in a minute, and as many codes that somebody types before signing in.",
        "a whole number from 1 to 1000000",
        |draft, text| { draft.rates.device_authorization_per_minute = number(text, 1..=1_000_000)?; Some(()) };
    unregistered_codes_per_minute = "5", open,
        "Requests for a device code by programs that nobody registered, from one network address in a minute, where they are let in at all.",
        "a whole number from 1 to 1000000",
        |draft, text| { draft.rates.unregistered_codes_per_minute = number(text, 1..=1_000_000)?; Some(()) };
    decisions_per_minute = "10", open,
        "Approvals that one user may ask for in a minute by the interface for programs' own pages, /api/auth/device/authorize.",
        "a whole number from 1 to 1000000",
        |draft, text| { draft.rates.decisions_per_minute = number(text, 1..=1_000_000)?; Some(()) };
    live_codes_per_organization = "100000", open,
        "Device codes of one organization that live at once.",
        "a whole number from 1 to 10000000",
        |draft, text| { draft.rates.live_codes_per_organization = number(text, 1..=10_000_000)?; Some(()) };
    live_codes_per_client = "100000", open,
        "The same of one client, as one node counts them, to keep one application from taking all of its organization's; as many as the organization's by default.",
        "a whole number from 1 to 10000000",
        |draft, text| { draft.rates.live_codes_per_client = Some(number(text, 1..=10_000_000)?); Some(()) };
    live_codes_per_network = "2000", open,
        "The same asked for from one network address, as one node counts them.",
        "a whole number from 1 to 10000000",
        |draft, text| { draft.rates.live_codes_per_network = number(text, 1..=10_000_000)?; Some(()) };
    limits = r#""on""#, open,
        "Whether the six bounds above hold; off is for measuring on this machine. The bounds on wrong guesses always hold.",
        "on or off",
        |draft, text| {
            draft.limits = match text { "on" => LimitsSwitch::On, "off" => LimitsSwitch::Off, _ => return None };
            Some(())
        };
    password_permits = "2", open,
        "Passwords that are hashed at once, each on a core with 19 MiB; by default one fewer than there are cores, and at least one.",
        "a whole number from 1 to 256",
        |draft, text| { draft.password_permits = Some(number(text, 1..=256)?); Some(()) };
    request_timeout = r#""10s""#, open,
        "How long a request's head may take to arrive, and then its body; who is slower is cut off.",
        "a time such as 10s or 1m, from 1s to 5m",
        |draft, text| { draft.request_timeout = short_span(text)?; Some(()) };
    workers = "2", open,
        "Threads that answer requests; as many as there are cores by default.",
        "a whole number from 1 to 1024",
        |draft, text| { draft.workers = Some(number(text, 1..=1024)?); Some(()) };
    log = r#""info,actix_http=off""#, open,
        "Which log lines are written: a level, or levels by part of the program. actix_http tells of requests that are none, which any stranger can send.",
        "a level (error, warn, info, debug, trace) or directives such as info,store=debug",
        |draft, text| { draft.log_filter = log_filter(text)?; Some(()) };
    log_format = r#""text""#, open,
        "How log lines look: text for people, or one JSON object a line.",
        "text or json",
        |draft, text| {
            draft.log = match text { "text" => LogFormat::Text, "json" => LogFormat::Json, _ => return None };
            Some(())
        };
}
