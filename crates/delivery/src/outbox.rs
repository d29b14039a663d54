//! The outbox: posting a letter, taking what is due, noting what came of it.

use crate::letter::{Letter, Posted, To};
use crate::transport::SendProblem;
use model::fault::Fault;
use model::id::LetterId;
use model::language::Language;
use model::moment::Moment;
use model::time::Timestamp;
use std::time::Duration;
use store::Conn;
use store::tables::leases::{self, Lease};
use store::tables::outbox::{self, Next, OutboxLetter};

const LEASE: &str = "outbox";

/// How long the outbox is one node's, unless it renews: see [`renew`].
pub const LEASE_SPAN: Duration = Duration::from_secs(30);

/// How long a letter is tried, from when it was written.
const LIFE: Duration = Duration::from_secs(24 * 60 * 60);

/// Pauses after the first failure, the second, and so on; the last one repeats.
const PAUSES: [Duration; 6] = [
    Duration::from_secs(10),
    Duration::from_secs(60),
    Duration::from_secs(5 * 60),
    Duration::from_secs(30 * 60),
    Duration::from_secs(2 * 60 * 60),
    Duration::from_secs(6 * 60 * 60),
];

/// Puts a letter into the outbox. Call it in the transaction of what the letter tells.
///
/// # Errors
/// The database's.
pub fn post(conn: &mut Conn, letter: &Letter, to: To<'_>, moment: &Moment) -> Result<LetterId, Fault> {
    let posted = Posted { letter: letter.clone(), language: Some(to.language) };
    let payload = serde_json::to_string(&posted).map_err(|error| Fault::broken("a letter's payload").because(error))?;
    let id = LetterId::draw(moment);
    let row = OutboxLetter {
        id,
        letter: letter.name().to_owned(),
        recipient: to.address.to_owned(),
        payload,
        attempts: 0,
        created_at: moment.now(),
    };
    outbox::insert(conn, &row).map(|()| id)
}

/// A letter whose turn it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ready {
    /// Its row, for [`mark`].
    pub row: OutboxLetter,
    /// What it tells.
    pub letter: Letter,
    /// What its reader reads.
    pub language: Language,
}

/// A row of the outbox as a letter.
///
/// # Errors
/// The row, and why this version can't read it: a newer one may have written it.
pub fn read(row: OutboxLetter) -> Result<Ready, (OutboxLetter, serde_json::Error)> {
    match serde_json::from_str(&row.payload) {
        Ok(Posted { letter, language }) => Ok(Ready { row, letter, language: language.unwrap_or_default() }),
        Err(unread) => Err((row, unread)),
    }
}

/// Takes the outbox for [`LEASE_SPAN`] and gives up to `most` letters that are due, the longest due first; nothing
/// while another node has it.
///
/// `holder` names this process and no other, not even the same program started again. Mark every letter, or give up the
/// lease, before asking again: a letter that is not marked is still due.
///
/// # Errors
/// The database's.
pub fn lease_due(
    conn: &mut Conn,
    holder: &str,
    now: Timestamp,
    most: usize,
) -> Result<Option<(Lease, Vec<Ready>)>, Fault> {
    let Some(lease) = leases::take(conn, LEASE, holder, now, LEASE_SPAN)? else { return Ok(None) };
    let mut ready = Vec::new();
    for row in outbox::due(conn, now, i64::try_from(most).unwrap_or(i64::MAX))? {
        match read(row) {
            Ok(letter) => ready.push(letter),
            // A newer version's letter, while nodes are being replaced: one of those sends it at a later try.
            Err((row, error)) => {
                tracing::warn!(id = %row.id, letter = row.letter, %error, "a letter can't be read");
                outbox::failed(conn, &row, "this version can't read it", next_try(&row, now))?;
            }
        }
    }
    Ok(Some((lease, ready)))
}

/// Keeps the outbox for another [`LEASE_SPAN`]; call it every few seconds while letters are being sent. False where it
/// has gone to another node: stop sending.
///
/// # Errors
/// The database's.
pub fn renew(conn: &mut Conn, holder: &str, lease: Lease, now: Timestamp) -> Result<bool, Fault> {
    Ok(leases::take(conn, LEASE, holder, now, LEASE_SPAN)? == Some(lease))
}

/// Gives the outbox back, so that after an orderly end the next holder need not wait for the lease to lapse.
///
/// # Errors
/// The database's.
pub fn release(conn: &mut Conn, lease: Lease) -> Result<(), Fault> {
    leases::release(conn, LEASE, lease)
}

/// Notes what came of sending a letter. False, and nothing noted, where the lease has gone to another node, whose
/// business the letter is now.
///
/// A failure is tried again after 10 s, 1 min, 5 min, 30 min, 2 h and every 6 h, and last of all 24 h after the letter
/// was written; a permanent one is not.
///
/// # Errors
/// The database's.
pub fn mark(
    conn: &mut Conn,
    lease: Lease,
    row: &OutboxLetter,
    outcome: &Result<(), SendProblem>,
    now: Timestamp,
) -> Result<bool, Fault> {
    if !leases::holds(conn, LEASE, lease)? {
        return Ok(false);
    }
    match outcome {
        Ok(()) => outbox::sent(conn, row.id, now),
        Err(problem) if problem.permanent => outbox::failed(conn, row, &problem.what, Next::GivenUp(now)),
        Err(problem) => outbox::failed(conn, row, &problem.what, next_try(row, now)),
    }
}

/// When a letter that has just failed is tried again.
fn next_try(row: &OutboxLetter, now: Timestamp) -> Next {
    let end = row.created_at.after(LIFE);
    if now >= end {
        return Next::GivenUp(now);
    }
    let failed_before = usize::try_from(row.attempts).unwrap_or(0);
    let pause = PAUSES[failed_before.min(PAUSES.len() - 1)];
    Next::Again(now.after(pause).min(end))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_letter_is_tried_for_a_day_at_growing_distances() {
        let start = Timestamp::from_seconds(1_793_631_600);
        let id = "019a0000-0000-7000-8000-000000000000".parse().unwrap();
        let mut row = OutboxLetter {
            id,
            letter: String::new(),
            recipient: String::new(),
            payload: String::new(),
            attempts: 0,
            created_at: start,
        };
        let mut now = start;
        let mut pauses = Vec::new();
        while let Next::Again(at) = next_try(&row, now) {
            pauses.push(at.since(now).as_secs());
            (now, row.attempts) = (at, row.attempts + 1);
        }
        assert_eq!(pauses, [10, 60, 300, 1_800, 7_200, 21_600, 21_600, 21_600, 12_230]);
        assert_eq!(now, start.after(LIFE), "the last try is after a day");
        assert_eq!(next_try(&row, now), Next::GivenUp(now));
    }
}
