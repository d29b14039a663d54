use super::keys::KEYS;
use super::*;
use std::time::Duration;

fn env(pairs: &[(&str, &str)]) -> BTreeMap<String, String> {
    pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
}

/// Loads in an empty folder, or in one whose file holds `text`.
fn load(text: Option<&str>, pairs: &[(&str, &str)]) -> Result<(Config, Vec<Warning>), Problem> {
    let folder = tempfile::tempdir().unwrap();
    if let Some(text) = text {
        std::fs::write(folder.path().join("doorward.toml"), text).unwrap();
    }
    Config::load_in(folder.path(), None, &env(pairs))
}

fn with(pairs: &[(&str, &str)]) -> Config {
    load(None, pairs).unwrap().0
}

fn problem(text: Option<&str>, pairs: &[(&str, &str)]) -> String {
    load(text, pairs).unwrap_err().to_string()
}

#[test]
fn nothing_said_is_a_server_for_this_machine() {
    let folder = tempfile::tempdir().unwrap();
    let (config, warnings) =
        Config::load_in(folder.path(), None, &env(&[("PATH", "/bin"), ("DOORWARD_LISTEN", "")])).unwrap();
    let data = folder.path().join("data");
    assert_eq!(warnings, []);
    assert_eq!(config.public_url.as_str(), "http://localhost:8080");
    assert_eq!(config.listen.to_string(), "127.0.0.1:8080");
    assert_eq!(config.database_url, format!("sqlite://{}/doorward.db", data.display()));
    assert_eq!(config.mail_url, format!("file://{}/mail", data.display()));
    assert_eq!(config.mail_from, "Doorward <no-reply@localhost>");
    assert_eq!(config.master_key_file, data.join("master.key"));
    assert_eq!(
        (config.unregistered_clients, config.org_creation, config.limits),
        (false, OrgCreation::Operator, LimitsSwitch::On)
    );
    assert_eq!(
        (config.budgets, config.sessions, config.rates),
        (BudgetLimits::default(), SessionPolicy::default(), Rates::default())
    );
    assert!(config.password_permits >= 1);
}

/// A value that each key refuses, and what the sentence says of it.
const BAD: &[(&str, &str)] = &[
    ("public_url", "https://auth.example.com/sso"),
    ("listen", "localhost:8080"),
    ("metrics_listen", "9464"),
    ("trusted_proxies", "10.0.0.0/33"),
    ("tls_cert", "\0"),
    ("tls_key", "\0"),
    ("data_dir", "\0"),
    ("master_key_file", "\0"),
    ("database_url", "mysql://doorward:hunter2@db/doorward"),
    ("database_readers", "0"),
    ("database_threads", "1"),
    ("database_prepared_statements", "yes"),
    ("mail_url", "http://doorward:hunter2@mail.example"),
    ("mail_from", "Doorward"),
    ("upstream", "keycloak"),
    ("outbound_private_hosts", "https://idp.example"),
    ("geoip_file", "\0"),
    ("breached_passwords_file", "\0"),
    ("unregistered_clients", "1"),
    ("api_key_prefix", "dwk"),
    ("mcp_token_prefix", "DWM_"),
    ("org_creation", "everyone"),
    ("session_lifetime", "1"),
    ("remembered_session_lifetime", "59s"),
    ("known_device_lifetime", "401d"),
    ("wrong_codes_per_user", "0"),
    ("wrong_codes_per_network", "-1"),
    ("wrong_codes_per_server", "+300"),
    ("wrong_passwords_per_account", "many"),
    ("wrong_passwords_from_known_browsers", "fifty"),
    ("wrong_passwords_per_network", "1000001"),
    ("letters_per_network", "1000001"),
    ("letters_per_address_and_network", "0"),
    ("letters_per_address", "0"),
    ("invitations_per_inviter", "-1"),
    ("invitations_per_organization", "all"),
    ("provider_checks_per_organization", "1.5"),
    ("wrong_second_factors_per_user", "0"),
    ("step_up_after", "1s"),
    ("device_authorization_per_minute", "1.5"),
    ("unregistered_codes_per_minute", "0"),
    ("decisions_per_minute", "-1"),
    ("live_codes_per_organization", "99999999999999999999"),
    ("live_codes_per_client", "0"),
    ("live_codes_per_network", "10000001"),
    ("limits", "true"),
    ("password_permits", "257"),
    ("request_timeout", "301s"),
    ("workers", "0"),
    ("log", "doorward=loud"),
    ("log_format", "xml"),
];

#[test]
fn a_bad_value_of_any_key_stops_the_start_by_a_sentence_that_names_it() {
    let tested: Vec<&str> = BAD.iter().map(|(name, _)| *name).collect();
    let all: Vec<&str> = KEYS.iter().map(|key| key.name).collect();
    assert_eq!(tested, all, "every key has a bad value here");
    for (key, (name, value)) in KEYS.iter().zip(BAD) {
        // Looked at as a whole, by those who send: see below.
        if *name == "mail_url" {
            continue;
        }
        let said = problem(None, &[(&key.variable(), value)]);
        assert!(said.starts_with(&key.variable()) && said.contains(key.allowed), "{said}");
        assert_eq!(said.contains(value), !key.secret && !value.contains('\0'), "{said}");
        assert!(!said.contains("hunter2"), "{said}");
        let in_file = problem(Some(&format!("{name} = {}", toml::Value::String((*value).to_owned()))), &[]);
        assert!(in_file.starts_with(&format!("{name} in ")) && in_file.contains("doorward.toml"), "{in_file}");
        let wrong_kind = problem(Some(&format!("{name} = 1.5")), &[]);
        assert!(wrong_kind.starts_with(&format!("{name} in ")), "{wrong_kind}");
    }
}

#[test]
fn a_mail_url_that_nothing_can_be_sent_by_stops_the_start() {
    for bad in [
        "http://doorward:hunter2@mail.example",
        "smtp://doorward:hunter2@",
        "smtp://doorward:hun%ter2@mail.example",
        "file://relative",
    ] {
        let said = problem(None, &[("DOORWARD_MAIL_URL", bad)]);
        assert!(said.starts_with("mail_url (DOORWARD_MAIL_URL) can't be used. The mail URL"), "{said}");
        assert!(!said.contains("hunter2") && !said.contains("hun%ter2"), "{said}");
    }
}

#[test]
fn the_defaults_in_the_list_are_the_defaults() {
    // Those whose default follows from something else show an example instead.
    let derived = [
        "metrics_listen",
        "tls_cert",
        "tls_key",
        "geoip_file",
        "breached_passwords_file",
        "master_key_file",
        "database_url",
        "mail_url",
        "mail_from",
        "live_codes_per_client",
        "password_permits",
        "workers",
    ];
    for key in KEYS {
        let value: toml::Table = format!("value = {}", key.default).parse().unwrap();
        let text = match &value["value"] {
            toml::Value::String(text) => text.clone(),
            toml::Value::Array(_) => String::new(),
            other => other.to_string(),
        };
        let mut draft = draft::Draft::default();
        assert!((key.read)(&mut draft, &text).is_some(), "{}", key.name);
        assert_eq!(draft == draft::Draft::default(), !derived.contains(&key.name), "{}", key.name);
    }
}

#[test]
fn the_environment_wins_over_the_file() {
    let file = "listen = \"127.0.0.1:1\"\nworkers = 3\ntrusted_proxies = [\"10.0.0.0/8\", \"::1\"]\nsession_lifetime = \"90m\"";
    let (config, _) = load(Some(file), &[("DOORWARD_LISTEN", "127.0.0.1:2"), ("DOORWARD_WORKERS", "")]).unwrap();
    assert_eq!((config.listen.port(), config.workers, config.trusted_proxies.len()), (2, Some(3), 2));
    assert_eq!(config.sessions.plain, Duration::from_secs(5400));
    let proxies = with(&[("DOORWARD_TRUSTED_PROXIES", "10.0.0.0/8, ::1,")]).trusted_proxies;
    assert_eq!(proxies, config.trusted_proxies);
}

#[test]
fn the_file_is_the_named_one_else_the_variables_else_the_folders() {
    let folder = tempfile::tempdir().unwrap();
    for (name, port) in [("doorward.toml", 1), ("by-variable.toml", 2), ("by-flag.toml", 3)] {
        std::fs::write(folder.path().join(name), format!("listen = \"127.0.0.1:{port}\"")).unwrap();
    }
    let port = |flag: Option<&str>, pairs: &[(&str, &str)]| {
        Config::load_in(folder.path(), flag.map(Path::new), &env(pairs)).map(|(config, _)| config.listen.port())
    };
    let variable = [("DOORWARD_CONFIG", "by-variable.toml")];
    assert_eq!([port(None, &[]), port(None, &variable), port(Some("by-flag.toml"), &variable)], [Ok(1), Ok(2), Ok(3)]);
    let missing = port(Some("nowhere.toml"), &[]).unwrap_err().to_string();
    assert!(missing.contains("nowhere.toml can't be read"), "{missing}");
}

#[test]
fn an_unknown_key_stops_and_an_unknown_variable_warns() {
    let said = problem(Some("listne = \"127.0.0.1:1\""), &[]);
    assert!(said.contains("the key listne") && said.contains("config.example.toml"), "{said}");
    let (_, warnings) = load(
        None,
        &[
            ("DOORWARD_LISTNE", "hunter2"),
            ("DOORWARD_ORG", "acme"),
            ("DOORWARD_SERVER", "x"),
            ("DOORWARD_TEST_POSTGRES", "x"),
        ],
    )
    .unwrap();
    let warnings: Vec<String> = warnings.iter().map(ToString::to_string).collect();
    assert_eq!(warnings, ["DOORWARD_LISTNE is not a setting of Doorward, and is ignored."]);
}

#[test]
fn a_file_that_is_not_toml_is_named_with_its_line_and_without_its_text() {
    let said = problem(Some("listen = \"127.0.0.1:1\"\ndatabase_url = postgres://doorward:hunter2@db/doorward\n"), &[]);
    assert!(said.contains("line 2") && !said.contains("hunter2"), "{said}");
}

#[test]
fn public_urls_are_origins() {
    for (given, kept) in [
        ("https://auth.example.com/", "https://auth.example.com"),
        ("https://AUTH.example.com:443", "https://auth.example.com"),
        ("https://auth.example.com:8443", "https://auth.example.com:8443"),
        ("http://127.9.9.9:1", "http://127.9.9.9:1"),
        ("http://[::1]:8080/", "http://[::1]:8080"),
    ] {
        assert_eq!(with(&[("DOORWARD_PUBLIC_URL", given)]).public_url.as_str(), kept);
    }
    for bad in [
        "auth.example.com",
        "ftp://auth.example.com",
        "https://",
        "https:auth.example.com",
        "https://u@auth.example.com",
        "https://auth.example.com?",
        "https://auth.example.com/#",
        "https://auth.example.com//",
        "https:\\\\auth.example.com",
        " https://auth.example.com",
    ] {
        assert!(problem(None, &[("DOORWARD_PUBLIC_URL", bad)]).starts_with("DOORWARD_PUBLIC_URL is"), "{bad}");
    }
}

#[test]
fn plain_http_is_for_this_machine_only() {
    for public in ["http://auth.example.com", "http://192.0.2.1", "http://localhost.example.com", "http://0.0.0.0:8080"]
    {
        let said = problem(None, &[("DOORWARD_PUBLIC_URL", public)]);
        assert!(said.contains(public) && said.contains("https://"), "{said}");
    }
}

#[test]
fn limits_are_off_on_loopback_only() {
    let off = ("DOORWARD_LIMITS", "off");
    assert!(!with(&[off]).limits.are_on());
    for elsewhere in [("DOORWARD_LISTEN", "0.0.0.0:8080"), ("DOORWARD_PUBLIC_URL", "https://auth.example.com")] {
        let said = problem(None, &[off, elsewhere]);
        assert!(said.starts_with("limits (DOORWARD_LIMITS) is off"), "{said}");
        assert!(with(&[elsewhere]).limits.are_on());
    }
}

#[test]
fn tls_needs_both_files_and_an_https_address() {
    let https = ("DOORWARD_PUBLIC_URL", "https://localhost:8443");
    let (cert, key) = (("DOORWARD_TLS_CERT", "tls.crt"), ("DOORWARD_TLS_KEY", "/run/tls.key"));
    let tls = with(&[https, cert, key]).tls.unwrap();
    assert!(tls.cert.is_absolute() && tls.cert.ends_with("tls.crt") && tls.key == Path::new("/run/tls.key"));
    assert!(problem(None, &[https, cert]).starts_with("tls_cert is set without tls_key"));
    assert!(problem(None, &[https, key]).starts_with("tls_key is set without tls_cert"));
    assert!(problem(None, &[cert, key]).contains("https://"));
}

#[test]
fn paths_become_absolute_and_mail_comes_from_the_host() {
    let config = with(&[
        ("DOORWARD_DATABASE_URL", "sqlite://./a/doorward.db"),
        ("DOORWARD_PUBLIC_URL", "https://auth.example.com:8443"),
    ]);
    assert!(
        config.database_url.starts_with("sqlite:///") && config.database_url.ends_with("/a/doorward.db"),
        "{}",
        config.database_url
    );
    assert!(!config.database_url.contains("/./"), "{}", config.database_url);
    assert_eq!(config.mail_from, "Doorward <no-reply@auth.example.com>");
    let postgres = "postgresql://doorward:p%40ss@db/doorward?sslmode=disable";
    let config = with(&[("DOORWARD_DATABASE_URL", postgres)]);
    assert_eq!(config.database_url, postgres);
    assert!(!format!("{config:?}").contains("p%40ss"));
}
