//! Letters waiting to be sent: written in the transaction of what they tell, sent by a job.

use super::column;
use crate::conn::Conn;
use crate::faults::fault;
use crate::schema::outbox;
use diesel::prelude::*;
use model::fault::Fault;
use model::id::LetterId;
use model::time::Timestamp;

/// A letter in the outbox. The payload holds ids and words for its template, never a secret.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OutboxLetter {
    /// Its id, and part of its Message-ID.
    pub id: LetterId,
    /// Which template.
    pub letter: String,
    /// To whom.
    pub recipient: String,
    /// What the template needs, as JSON.
    pub payload: String,
    /// How often it has been tried.
    pub attempts: i32,
    /// When it was written.
    pub created_at: Timestamp,
}

/// Adds a letter, to be sent at once.
///
/// # Errors
/// The database's.
pub fn insert(conn: &mut Conn, letter: &OutboxLetter) -> Result<(), Fault> {
    diesel::insert_into(outbox::table)
        .values((
            outbox::id.eq(letter.id.uuid().as_bytes().as_slice()),
            outbox::letter.eq(&letter.letter),
            outbox::recipient.eq(&letter.recipient),
            outbox::payload.eq(&letter.payload),
            outbox::state.eq("waiting"),
            outbox::attempts.eq(0),
            outbox::next_attempt_at.eq(letter.created_at.millis()),
            outbox::created_at.eq(letter.created_at.millis()),
        ))
        .execute(conn.engine())
        .map(drop)
        .map_err(fault("insert letter"))
}

/// How many letters have not gone out and may still.
///
/// # Errors
/// The database's.
pub fn waiting(conn: &mut Conn) -> Result<i64, Fault> {
    outbox::table
        .filter(outbox::state.eq("waiting"))
        .count()
        .get_result(conn.engine())
        .map_err(fault("letters waiting"))
}

/// The letters whose turn it is, oldest turn first.
///
/// # Errors
/// The database's.
pub fn due(conn: &mut Conn, now: Timestamp, most: i64) -> Result<Vec<OutboxLetter>, Fault> {
    outbox::table
        .filter(outbox::state.eq("waiting"))
        .filter(outbox::next_attempt_at.le(now.millis()))
        .order(outbox::next_attempt_at)
        .limit(most)
        .select((outbox::id, outbox::letter, outbox::recipient, outbox::payload, outbox::attempts, outbox::created_at))
        .load::<Row>(conn.engine())
        .map_err(fault("due letters"))?
        .into_iter()
        .map(in_outbox)
        .collect()
}

type Row = (Vec<u8>, String, String, String, i32, i64);

fn in_outbox((id, letter, recipient, payload, attempts, created_at): Row) -> Result<OutboxLetter, Fault> {
    let id = LetterId::from_uuid(column::uuid("outbox.id", &id)?);
    Ok(OutboxLetter { id, letter, recipient, payload, attempts, created_at: column::time(created_at) })
}

/// The letters that were written, whatever became of them, the newest first.
///
/// # Errors
/// The database's.
pub fn newest(conn: &mut Conn, most: i64) -> Result<Vec<OutboxLetter>, Fault> {
    outbox::table
        .order((outbox::created_at.desc(), outbox::id.desc()))
        .limit(most)
        .select((outbox::id, outbox::letter, outbox::recipient, outbox::payload, outbox::attempts, outbox::created_at))
        .load::<Row>(conn.engine())
        .map_err(fault("newest letters"))?
        .into_iter()
        .map(in_outbox)
        .collect()
}

/// A letter that was written, whatever became of it.
///
/// # Errors
/// The database's.
pub fn by_id(conn: &mut Conn, letter: LetterId) -> Result<Option<OutboxLetter>, Fault> {
    outbox::table
        .filter(outbox::id.eq(letter.uuid().as_bytes().as_slice()))
        .select((outbox::id, outbox::letter, outbox::recipient, outbox::payload, outbox::attempts, outbox::created_at))
        .get_result::<Row>(conn.engine())
        .optional()
        .map_err(fault("letter by id"))?
        .map(in_outbox)
        .transpose()
}

/// Removes all letters to an address, whatever has become of them.
///
/// # Errors
/// The database's.
pub fn remove_to(conn: &mut Conn, recipient: &str) -> Result<(), Fault> {
    diesel::delete(outbox::table.filter(outbox::recipient.eq(recipient)))
        .execute(conn.engine())
        .map(drop)
        .map_err(fault("remove letters to an address"))
}

/// Notes that a letter went out; false where it no longer waits.
///
/// # Errors
/// The database's.
pub fn sent(conn: &mut Conn, letter: LetterId, now: Timestamp) -> Result<bool, Fault> {
    let id = letter.uuid();
    diesel::update(outbox::table.filter(outbox::id.eq(id.as_bytes().as_slice())).filter(outbox::state.eq("waiting")))
        .set((outbox::state.eq("sent"), outbox::finished_at.eq(now.millis()), outbox::problem.eq(None::<String>)))
        .execute(conn.engine())
        .map(|changed| changed == 1)
        .map_err(fault("letter sent"))
}

/// What comes of a letter that did not go out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Next {
    /// It is tried again then.
    Again(Timestamp),
    /// It is given up, now.
    GivenUp(Timestamp),
}

/// Notes that a letter did not go out, why, and what comes of it; false where it no longer waits.
///
/// # Errors
/// The database's.
pub fn failed(conn: &mut Conn, letter: &OutboxLetter, problem: &str, next: Next) -> Result<bool, Fault> {
    let id = letter.id.uuid();
    let found = outbox::table.filter(outbox::id.eq(id.as_bytes().as_slice())).filter(outbox::state.eq("waiting"));
    let counted = (outbox::attempts.eq(letter.attempts.saturating_add(1)), outbox::problem.eq(problem));
    match next {
        Next::Again(at) => {
            diesel::update(found).set((counted, outbox::next_attempt_at.eq(at.millis()))).execute(conn.engine())
        }
        Next::GivenUp(at) => diesel::update(found)
            .set((counted, outbox::state.eq("dead"), outbox::finished_at.eq(at.millis())))
            .execute(conn.engine()),
    }
    .map(|changed| changed == 1)
    .map_err(fault("letter failed"))
}

/// How many letters wait, and how many were given up.
///
/// # Errors
/// The database's.
pub fn counts(conn: &mut Conn) -> Result<(i64, i64), Fault> {
    let mut count = |state: &str| {
        outbox::table.filter(outbox::state.eq(state)).count().get_result(conn.engine()).map_err(fault("count letters"))
    };
    Ok((count("waiting")?, count("dead")?))
}

/// A letter that did not go out yet, or never will by itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unsent {
    /// Its id.
    pub id: LetterId,
    /// Which template.
    pub letter: String,
    /// To whom.
    pub recipient: String,
    /// Whether it was given up.
    pub given_up: bool,
    /// How often it was tried.
    pub attempts: i32,
    /// When it was written.
    pub created_at: Timestamp,
    /// Why it did not go out the last time; nothing where it was not tried.
    pub problem: Option<String>,
}

/// The letters that did not go out, the newest first: those that were given up, or those that still wait.
///
/// # Errors
/// The database's.
pub fn unsent(conn: &mut Conn, given_up: bool, most: i64) -> Result<Vec<Unsent>, Fault> {
    let state = if given_up { "dead" } else { "waiting" };
    outbox::table
        .filter(outbox::state.eq(state))
        .order((outbox::created_at.desc(), outbox::id.desc()))
        .limit(most)
        .select((outbox::id, outbox::letter, outbox::recipient, outbox::attempts, outbox::created_at, outbox::problem))
        .load::<(Vec<u8>, String, String, i32, i64, Option<String>)>(conn.engine())
        .map_err(fault("unsent letters"))?
        .into_iter()
        .map(|(id, letter, recipient, attempts, created_at, problem)| {
            let id = LetterId::from_uuid(column::uuid("outbox.id", &id)?);
            Ok(Unsent { id, letter, recipient, given_up, attempts, created_at: column::time(created_at), problem })
        })
        .collect()
}

/// The problem that letters which still wait have met last; nothing where none has been tried in vain.
///
/// # Errors
/// The database's.
pub fn problem_of_waiting(conn: &mut Conn) -> Result<Option<String>, Fault> {
    outbox::table
        .filter(outbox::state.eq("waiting"))
        .filter(outbox::problem.is_not_null())
        .order(outbox::created_at.desc())
        .limit(1)
        .select(outbox::problem)
        .get_result::<Option<String>>(conn.engine())
        .optional()
        .map(Option::flatten)
        .map_err(fault("problem of waiting letters"))
}

/// Lets letters that were given up be tried once more, at once: `only` this one, or all; gives how many.
///
/// # Errors
/// The database's.
pub fn revive(conn: &mut Conn, only: Option<LetterId>, now: Timestamp) -> Result<usize, Fault> {
    let set = (
        outbox::state.eq("waiting"),
        outbox::attempts.eq(0),
        outbox::next_attempt_at.eq(now.millis()),
        outbox::finished_at.eq(None::<i64>),
    );
    let dead = outbox::table.filter(outbox::state.eq("dead"));
    match only.map(LetterId::uuid) {
        Some(id) => {
            diesel::update(dead.filter(outbox::id.eq(id.as_bytes().as_slice()))).set(set).execute(conn.engine())
        }
        None => diesel::update(dead).set(set).execute(conn.engine()),
    }
    .map_err(fault("revive letters"))
}
