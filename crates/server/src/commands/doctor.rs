//! Looks for what is wrong, one line a finding. It makes nothing and mends nothing.

use super::failure::Failure;
use super::output::Output;
use crate::clock;
use crate::config::{Config, OperatorsProvider};
use crate::engine::{is_empty, master_key};
use crate::places::Places;
use crate::state;
use delivery::{Envelope, Mailbox, MessageId, SendProblem, Transport};
use issuer::keys::KeyCache;
use login::upstream::Upstream;
use model::fault::{Fault, FaultKind};
use model::id::LetterId;
use model::language::Language;
use model::org::Organization;
use model::secret::{Key, Keyring};
use serde_json::json;
use std::os::unix::fs::MetadataExt as _;
use std::path::Path;
use store::Db;
use store::tables::{organizations, outbox, signing_keys::KeyRecord};
use url::{Host, Url};
use views::Views;
use views::letters::TestLetter;
use views::text::When;

#[derive(Clone, Copy, PartialEq, Eq)]
enum Level {
    Ok,
    Notice,
    Wrong,
}

impl Level {
    fn as_str(self) -> &'static str {
        match self {
            Self::Ok => "ok",
            Self::Notice => "notice",
            Self::Wrong => "wrong",
        }
    }
}

type Finding = (Level, String);

/// Examines everything and prints what was found. With an address in `mail`, sends a letter there now, by the way that
/// all letters take.
///
/// # Errors
/// Where something is wrong, or the findings can't be printed.
pub(super) fn examine(config: &Config, mail: Option<&str>, output: &mut Output<'_>) -> Result<(), Failure> {
    let mut findings = public_url(config);
    findings.push(data_dir(&config.data_dir));
    findings.push(letters_go(config));
    findings.extend(places(config));
    findings.extend(breached(config));
    findings.extend(providers(config));
    let (database, db) = database(config);
    findings.extend(database);
    let (key, master) = master_key(config, db.as_ref());
    findings.push(key);
    if let Some(db) = &db {
        findings.extend(master.map(|master| signing_keys(db, &Keyring::new(master))));
        findings.extend(outbox(db));
    }
    if let Some(address) = mail {
        findings.extend(test_letter(config, address));
    }
    let wrong = findings.iter().filter(|(level, _)| *level == Level::Wrong).count();
    let row = |(level, finding): Finding| {
        (json!({"level": level.as_str(), "finding": finding}), [level.as_str().to_owned(), finding])
    };
    output.findings(findings.into_iter().map(row).collect())?;
    match wrong {
        0 => Ok(()),
        1 => Err(Failure::refused("One thing is wrong: see above.")),
        many => Err(Failure::refused(format!("{many} things are wrong: see above."))),
    }
}

fn public_url(config: &Config) -> Vec<Finding> {
    let url = config.public_url.as_str();
    let mut findings = vec![if config.public_url.is_https() {
        (Level::Ok, format!("People and programs reach the server under {url}."))
    } else {
        (Level::Notice, format!("The server is reached under {url}, by plain http and from this machine only."))
    }];
    if Url::parse(url).is_ok_and(|url| matches!(url.host(), Some(Host::Ipv4(_) | Host::Ipv6(_)))) {
        findings.push((
            Level::Notice,
            "public_url has an IP address as its host, so passkeys are off; all else works.".to_owned(),
        ));
    }
    if config.public_url.is_https() && config.tls.is_none() && config.trusted_proxies.is_empty() {
        let all = "public_url is https without tls_cert and without trusted_proxies: behind a proxy, all requests seem to come from the proxy's address.";
        findings.push((Level::Notice, all.to_owned()));
    }
    if !config.limits.are_on() {
        findings.push((Level::Notice, "Request limits are off.".to_owned()));
    }
    findings
}

fn data_dir(folder: &Path) -> Finding {
    let shown = folder.display();
    match std::fs::metadata(folder) {
        Err(error) => (
            Level::Wrong,
            format!("The data folder {shown} can't be looked into: {error}. The server's first start makes it."),
        ),
        Ok(found) if !found.is_dir() => (Level::Wrong, format!("{shown} is no folder. Name another by data_dir.")),
        Ok(found) if found.mode() & 0o077 != 0 => (
            Level::Notice,
            format!(
                "The data folder {shown} is open to others (mode {:04o}): chmod 700 closes it.",
                found.mode() & 0o7777
            ),
        ),
        Ok(_) => (Level::Ok, format!("The data folder {shown} is its owner's alone.")),
    }
}

fn letters_go(config: &Config) -> Finding {
    // The URL was read with the configuration; what is left to say is where it leads.
    match config.mail_url.strip_prefix("file://") {
        Some(folder) => {
            (Level::Notice, format!("Letters go into the folder {folder}, to nobody. Set mail_url to a mail server."))
        }
        None => {
            let host =
                Url::parse(&config.mail_url).ok().and_then(|url| url.host_str().map(str::to_owned)).unwrap_or_default();
            let way = Transport::from_url(&config.mail_url).map_or("", |transport| transport.encryption());
            (Level::Ok, format!("Letters go out by {host} ({way}), from {}.", config.mail_from))
        }
    }
}

fn places(config: &Config) -> Option<Finding> {
    let file = config.geoip_file.as_deref()?;
    Some(match Places::open(Some(file)) {
        Ok(_) => (Level::Ok, format!("The database of places {} can be read.", file.display())),
        Err(problem) => (Level::Wrong, problem.to_string()),
    })
}

fn breached(config: &Config) -> Option<Finding> {
    let file = config.breached_passwords_file.as_deref()?;
    Some(match state::breached(config) {
        Ok(_) => (Level::Ok, format!("The list of stolen passwords {} can be read.", file.display())),
        Err(problem) => (Level::Wrong, problem.to_string()),
    })
}

/// What there is to say about the database, and the database where it is usable.
fn database(config: &Config) -> (Vec<Finding>, Option<Db>) {
    let wrong = |sentence: String| (vec![(Level::Wrong, sentence)], None);
    let file = config.database_url.strip_prefix("sqlite://");
    if let Some(file) = file.filter(|file| !Path::new(file).exists()) {
        // Opening it would make it.
        return wrong(format!("There is no database {file} yet. doorward-server migrate makes it."));
    }
    let db = match Db::open(config.database()) {
        Ok(db) => db,
        Err(error) => return wrong(error.to_string()),
    };
    if let Err(fault) = db.maintenance(|_| Ok(())) {
        return wrong(format!("{fault}. Check that it runs and that database_url is right."));
    }
    let place = file.map_or("PostgreSQL".to_owned(), |file| format!("SQLite, {file}"));
    let answers = (Level::Ok, format!("The database answers ({place})."));
    match db.blocking().ready() {
        Ok(()) => (vec![answers, (Level::Ok, "All migrations are applied.".to_owned())], Some(db)),
        Err(fault) if fault.kind() == FaultKind::Unavailable => (
            vec![
                answers,
                (
                    Level::Wrong,
                    format!("The database is not up to date: {fault}. doorward-server migrate applies them."),
                ),
            ],
            None,
        ),
        Err(fault) => (vec![answers, (Level::Wrong, format!("The migrations can't be checked: {fault}."))], None),
    }
}

fn master_key(config: &Config, db: Option<&Db>) -> (Finding, Option<Key>) {
    let path = config.master_key_file.display();
    match master_key::read(&config.master_key_file) {
        Ok(Some(key)) => ((Level::Ok, format!("The master key {path} is its owner's alone.")), Some(key)),
        Ok(None) => match db.map(|db| db.blocking().snapshot("is the server empty", is_empty)) {
            Some(Ok(true)) => {
                ((Level::Notice, format!("There is no master key {path} yet. The first start makes it.")), None)
            }
            Some(_) => ((Level::Wrong, format!("The master key {path} is missing. Restore it from your copy.")), None),
            None => {
                let finding = format!(
                    "There is no master key {path}. The first start makes it for an empty database; for any other, restore it from your copy."
                );
                ((Level::Wrong, finding), None)
            }
        },
        Err(problem) => ((Level::Wrong, problem.to_string()), None),
    }
}

fn signing_keys(db: &Db, keyring: &Keyring) -> Finding {
    let now = clock::now();
    let read = db.blocking().snapshot("all signing keys", move |conn| {
        let organizations = organizations::all(conn)?;
        organizations
            .into_iter()
            .map(|org| Ok((KeyCache::read(conn, &org.id, now)?, org)))
            .collect::<Result<Vec<_>, Fault>>()
    });
    let all: Vec<(Vec<KeyRecord>, Organization)> = match read {
        Ok(all) => all,
        Err(fault) => return (Level::Wrong, format!("The signing keys can't be read: {fault}.")),
    };
    let count = all.len();
    let cache = KeyCache::default();
    let mut shut = Vec::new();
    for (records, org) in all {
        let signs =
            cache.keep(&org.id, records, keyring, now).is_ok_and(|keys| keys.signing(org.signing_alg, now).is_some());
        if !signs {
            shut.push(org.id.to_string());
        }
    }
    if shut.is_empty() {
        return (Level::Ok, format!("The master key opens the signing keys of all organizations ({count})."));
    }
    let some = shut.iter().take(5).map(String::as_str).collect::<Vec<_>>().join(", ");
    (
        Level::Wrong,
        format!(
            "{} of {count} organizations have no signing key that the master key opens ({some}). Restore the master key that belongs to this database.",
            shut.len()
        ),
    )
}

fn outbox(db: &Db) -> Vec<Finding> {
    let read = db.blocking().snapshot("count letters", |conn| {
        Ok((outbox::counts(conn)?, outbox::problem_of_waiting(conn)?, outbox::unsent(conn, true, 1)?))
    });
    match read {
        Err(fault) => vec![(Level::Wrong, format!("The letters can't be counted: {fault}."))],
        Ok(((waiting, dead), problem, newest)) => {
            let mut findings = vec![(Level::Ok, format!("Letters that wait to go out: {waiting}."))];
            findings.extend(problem.map(|problem| {
                let finding = format!(
                    "Letters wait because the last try failed: {problem}. They are tried again by themselves; doorward-server doctor --mail ADDRESS tries at once."
                );
                (Level::Notice, finding)
            }));
            findings.extend(newest.first().map(|letter| {
                let problem = letter.problem.as_deref().unwrap_or("nobody noted why");
                let finding = format!(
                    "Letters that were given up: {dead}. The newest is {} to {}: {problem}. When that is mended, doorward-server letter retry sends them; letter list shows them all.",
                    letter.letter, letter.recipient
                );
                (Level::Notice, finding)
            }));
            findings
        }
    }
}

/// Sends a letter to `address` now and tells each step.
/// Whether each of the operator's identity providers could be used now.
fn providers(config: &Config) -> Vec<Finding> {
    if config.upstream.is_empty() {
        return Vec::new();
    }
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    let (Ok(runtime), Ok(out)) = (runtime, state::outbound(config)) else {
        return vec![(Level::Wrong, "No requests to identity providers can be made on this machine.".to_owned())];
    };
    let upstream = Upstream::new(out);
    let examine = |one: &OperatorsProvider| {
        let id = &one.provider.key;
        if let Err(problem) = one.secret.read() {
            return (Level::Wrong, problem.to_string());
        }
        match runtime.block_on(upstream.probe(&one.provider, clock::now())) {
            Ok(()) => (Level::Ok, format!("The identity provider {id} answers ({}).", one.provider.issuer)),
            Err(failed) => (
                Level::Wrong,
                format!(
                    "Nobody can sign in by the identity provider {id}: {failed}. Check its issuer in upstream, {}.",
                    one.provider.issuer
                ),
            ),
        }
    };
    config.upstream.iter().map(examine).collect()
}

fn test_letter(config: &Config, address: &str) -> Vec<Finding> {
    match sent_test_letter(config, address) {
        Ok((steps, Ok(()))) => {
            let done = format!("The test letter to {address} is on its way. Look whether it arrives, and not as spam.");
            steps.into_iter().chain([done]).map(|step| (Level::Ok, format!("Test letter: {step}"))).collect()
        }
        Ok((steps, Err(problem))) => {
            let blame = if problem.server_wide { "Check mail_url and the mail server" } else { "Check the address" };
            let failed = (Level::Wrong, format!("Test letter: {}. {blame}.", problem.what.trim_end_matches('.')));
            steps.into_iter().map(|step| (Level::Ok, format!("Test letter: {step}"))).chain([failed]).collect()
        }
        Err(sentence) => vec![(Level::Wrong, sentence)],
    }
}

type Tried = (Vec<String>, Result<(), SendProblem>);

fn sent_test_letter(config: &Config, address: &str) -> Result<Tried, String> {
    let to = Mailbox::address(address).map_err(|_| format!("{address:?} is not an e-mail address. Check --mail."))?;
    let from = Mailbox::parse(&config.mail_from).map_err(|error| format!("mail_from can't be used: {error}."))?;
    let transport = Transport::from_url(&config.mail_url).map_err(|error| error.to_string())?;
    let moment = clock::moment();
    let host = config.public_url.host().to_owned();
    let letter = TestLetter { public_host: host, sent: When::past(moment.now(), moment.now()) };
    let rendered = Views::new().and_then(|views| views.letter(&letter, Language::English));
    let rendered = rendered.map_err(|fault| format!("The test letter can't be written: {fault}."))?;
    let envelope = Envelope {
        message_id: MessageId::new(LetterId::draw(&moment), config.public_url.host_name()),
        date: moment.now(),
        from,
        to,
        subject: rendered.subject,
        text: rendered.text,
        html: rendered.html,
    };
    Ok(transport.try_out(&envelope))
}
