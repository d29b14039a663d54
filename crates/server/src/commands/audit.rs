//! The audit log: whether it is as it was sealed, and all of it.

use super::audit_args::{AuditCommand, Log};
use super::database::Database;
use super::failure::Failure;
use super::output::Output;
use crate::audit_file::{AT_ONCE, Format, hex};
use crate::config::Config;
use directory::audit_chain::{self, Flaw, Verdict};
use directory::audit_log::{self, Filter};
use model::audit::SERVER_WIDE;
use model::fault::Fault;
use model::id::OrgId;
use serde_json::{Value, json};
use std::collections::BTreeSet;
use store::Conn;
use store::tables::{audit, organizations};

pub(super) fn run(command: AuditCommand, config: &Config, json: bool, output: &mut Output<'_>) -> Result<(), Failure> {
    match command {
        AuditCommand::Verify(log) => verify(log, config, output),
        AuditCommand::Export { .. } if json => Err(Failure::usage(
            "A log is printed row by row and not as one JSON value. Leave --json away; --format ndjson is JSON, too.",
        )),
        AuditCommand::Export { log, format } => export(&log, format, config, output),
    }
}

/// A log, and what a walk along its chain found.
struct Walked {
    org: Option<OrgId>,
    verdict: Verdict,
    unsealed: i64,
}

fn verify(log: Log, config: &Config, output: &mut Output<'_>) -> Result<(), Failure> {
    let database = Database::open(config)?;
    let (logs, strange) = match log.org {
        Some(org) => (BTreeSet::from([Some(known(&database, &org)?)]), Vec::new()),
        None => database.read("logs", all)?,
    };
    let mut walked = Vec::new();
    for org in logs {
        walked.push(database.read("verify audit log", move |conn| {
            let verdict = audit_chain::verify(conn, org.as_ref())?;
            Ok(Walked { unsealed: audit::count_unsealed(conn, org.as_ref())?, org: org.clone(), verdict })
        })?);
    }
    output.list(["LOG", "ROWS", "NOT SEALED YET", "END"], walked.iter().map(told).collect())?;
    let beside = strange.iter().map(|log| format!("There are rows in a log {log:?}, which is no organization's."));
    let flaws: Vec<String> = walked.iter().filter_map(flaw).chain(beside).collect();
    if flaws.is_empty() { Ok(()) } else { Err(Failure::refused(flaws.join("\n"))) }
}

/// An organization that there is.
fn known(database: &Database, org: &OrgId) -> Result<OrgId, Failure> {
    let wanted = org.clone();
    let found = database.read("organization", move |conn| organizations::by_id(conn, &wanted))?;
    found.map(|organization| organization.id).ok_or_else(|| Failure::no_org(org))
}

/// Every organization's log and the server's own, also those whose organization is gone; and what is in the place of a
/// log and is none.
fn all(conn: &mut Conn) -> Result<(BTreeSet<Option<OrgId>>, Vec<String>), Fault> {
    let organizations = organizations::all(conn)?.into_iter().map(|organization| Some(organization.id));
    let mut logs: BTreeSet<Option<OrgId>> = organizations.chain([None]).collect();
    let (mut strange, mut last) = (Vec::new(), String::new());
    while let Some(log) = audit::log_after(conn, &last)? {
        match OrgId::parse(&log) {
            Ok(org) => drop(logs.insert(Some(org))),
            Err(_) if log == SERVER_WIDE => {}
            Err(_) => strange.push(log.clone()),
        }
        last = log;
    }
    Ok((logs, strange))
}

fn named(org: Option<&OrgId>) -> String {
    org.map_or_else(|| "(the server)".to_owned(), ToString::to_string)
}

fn told(walked: &Walked) -> (Value, [String; 4]) {
    let Walked { org, verdict, unsealed } = walked;
    let (rows, end, flaw) = match verdict {
        Verdict::Verified { rows: 0, .. } => (0, None, Value::Null),
        Verdict::Verified { rows, end } => (*rows, Some(hex(end.bytes())), Value::Null),
        Verdict::Broken { position, flaw } => {
            let (what, id) = match flaw {
                Flaw::Missing => ("missing", None),
                Flaw::Altered { id } => ("altered", Some(id)),
            };
            // As far as it holds.
            (position - 1, None, json!({"position": position, "what": what, "id": id}))
        }
    };
    let shown = match (verdict, &end) {
        (Verdict::Broken { position, .. }, _) => format!("broken at {position}"),
        (Verdict::Verified { .. }, Some(end)) => end.clone(),
        (Verdict::Verified { .. }, None) => "nothing sealed".to_owned(),
    };
    let value = json!({"org_id": org, "rows": rows, "unsealed": unsealed, "end": end, "flaw": flaw});
    (value, [named(org.as_ref()), rows.to_string(), unsealed.to_string(), shown])
}

fn flaw(walked: &Walked) -> Option<String> {
    let log = walked.org.as_ref().map_or_else(|| "the server".to_owned(), ToString::to_string);
    match walked.verdict {
        Verdict::Verified { .. } => None,
        Verdict::Broken { position, flaw: Flaw::Missing } => {
            Some(format!("The log of {log} is broken at position {position}: the row that was sealed there is gone."))
        }
        Verdict::Broken { position, flaw: Flaw::Altered { id } } => Some(format!(
            "The log of {log} is broken at position {position}: the row {id} is not what was sealed there. It was altered, moved or put in."
        )),
    }
}

fn export(log: &Log, format: Format, config: &Config, output: &mut Output<'_>) -> Result<(), Failure> {
    let database = Database::open(config)?;
    let org = log.org.as_ref().map(|org| known(&database, org)).transpose()?;
    output.text(&format.heading())?;
    let mut before = None;
    loop {
        let org = org.clone();
        let (lines, older) = database.read("export audit log", move |conn| {
            let excerpt = audit_log::read(conn, org.as_ref(), &Filter::default(), before, AT_ONCE)?;
            Ok((format.lines(&excerpt)?, excerpt.older))
        })?;
        output.text(&lines)?;
        if older.is_none() {
            return Ok(());
        }
        before = older;
    }
}
