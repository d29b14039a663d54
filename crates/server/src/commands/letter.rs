//! Letters that did not go out.

use super::args::LetterCommand;
use super::database::Database;
use super::failure::Failure;
use super::output::Output;
use super::words;
use crate::clock;
use crate::config::Config;
use model::id::LetterId;
use serde_json::json;
use store::tables::outbox::{self, Unsent};

/// The most letters of each kind in the list.
const MOST: i64 = 500;

pub(super) fn run(command: &LetterCommand, config: &Config, output: &mut Output<'_>) -> Result<(), Failure> {
    match command {
        LetterCommand::List => list(config, output),
        LetterCommand::Retry { id } => retry(*id, config, output),
    }
}

fn list(config: &Config, output: &mut Output<'_>) -> Result<(), Failure> {
    let all = Database::open(config)?.read("list letters", |conn| {
        let mut all = outbox::unsent(conn, true, MOST)?;
        all.extend(outbox::unsent(conn, false, MOST)?);
        Ok(all)
    })?;
    let rows = all.into_iter().map(|letter| {
        let Unsent { id, letter, recipient, given_up, attempts, created_at, problem } = letter;
        let (state, written) = (if given_up { "given up" } else { "waiting" }, words::time(created_at));
        let value = json!({"id": id, "letter": letter, "to": recipient, "state": state, "attempts": attempts, "created_at": written, "problem": problem});
        (value, [id.to_string(), letter, recipient, state.to_owned(), written, problem.unwrap_or_default()])
    });
    output.list(["ID", "LETTER", "TO", "STATE", "WRITTEN", "PROBLEM"], rows.collect())
}

fn retry(id: Option<LetterId>, config: &Config, output: &mut Output<'_>) -> Result<(), Failure> {
    let now = clock::now();
    let count = Database::open(config)?.write("retry letters", move |conn| outbox::revive(conn, id, now))?;
    if let (0, Some(id)) = (count, id) {
        return Err(Failure::refused(format!(
            "No letter {id} was given up. doorward-server letter list shows those that were."
        )));
    }
    let sentence = match count {
        0 => "No letter was given up.".to_owned(),
        1 => "The letter goes out with the server's next turn, within seconds where it runs.".to_owned(),
        many => format!("{many} letters go out with the server's next turn, within seconds where it runs."),
    };
    output.done(&json!({"retried": count}), &sentence)
}
