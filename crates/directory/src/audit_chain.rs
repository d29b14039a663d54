//! The audit log as a chain: each organization's rows, and the server's own, follow one another by hash.
//!
//! 1. A change writes its row in its own transaction, with no place in the chain. Chaining there would make all
//!    changes of an organization wait for one another.
//! 2. One node at a time gives the rows their places, oldest first: position, hash of the row before, own hash.
//! 3. Anyone who may read the log can walk the chain and see the first place where it does not hold.

use model::audit::{CHAIN_START, ChainedRow, first_id_at, row_hash};
use model::fault::Fault;
use model::id::OrgId;
use model::secret::Digest;
use model::time::Timestamp;
use std::time::Duration;
use store::Conn;
use store::tables::audit::{self, AuditRow};
use store::tables::leases;
use uuid::Uuid;

/// How many rows one [`seal`] takes, as a rule: few enough that no request waits long behind it.
pub const BATCH: usize = 500;

const LEASE: &str = "audit-seal";
/// Short, so that another node goes on soon after the one that sealed has died.
const LEASE_SPAN: Duration = Duration::from_secs(5);

/// How old a row must be. Its id carries the time at which its request began, and a slow transaction may commit after
/// rows with later ids. A job waits for at most 2 s before it is dropped, so after that nearly every row is there,
/// and the order of the chain is the order of time. A row that is later still only comes after its successors.
const SETTLED: Duration = Duration::from_secs(2);

const VERIFIED_AT_ONCE: i64 = 1000;

/// Gives up to `most` rows their places in the chains of their logs; gives how many. Nothing while another node does it.
///
/// Logs get equal shares, so that a busy one does not keep the others waiting. `holder` names this process. Run it in a
/// write transaction, again at once where it gave `most`.
///
/// # Errors
/// The database's; `Broken` where a row was sealed by somebody who did not have the lease.
pub fn seal(conn: &mut Conn, holder: &str, now: Timestamp, most: usize) -> Result<usize, Fault> {
    // Taken in the transaction of the sealing, which keeps the lease's row locked until it ends: no other fence can be
    // given out in between.
    if leases::take(conn, LEASE, holder, now, LEASE_SPAN)?.is_none() {
        return Ok(0);
    }
    let before = first_id_at(now.before(SETTLED).after(Duration::from_millis(1)));
    let mut logs = audit::unsealed_logs(conn, before, whole(most))?;
    let mut sealed = 0;
    while sealed < most && !logs.is_empty() {
        let share = ((most - sealed) / logs.len()).max(1);
        let mut unfinished = Vec::new();
        for log in logs {
            let room = share.min(most - sealed);
            let done = seal_log(conn, &log, before, room)?;
            sealed += done;
            if done == room {
                unfinished.push(log);
            }
        }
        logs = unfinished;
    }
    Ok(sealed)
}

fn seal_log(conn: &mut Conn, log: &str, before: Uuid, most: usize) -> Result<usize, Fault> {
    if most == 0 {
        return Ok(0);
    }
    let (mut position, mut previous) = audit::chain_end(conn, log)?.unwrap_or((0, CHAIN_START));
    let rows = audit::unsealed(conn, log, before, whole(most))?;
    for row in &rows {
        position += 1;
        let hash = row_hash(&previous, &chained(row, position));
        if !audit::seal(conn, row, position, &previous, &hash)? {
            return Err(Fault::broken(format!("an audit row of {log} was sealed without the lease")));
        }
        previous = hash;
    }
    Ok(rows.len())
}

/// What a walk along a chain found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// Every sealed row is as it was sealed.
    Verified {
        /// How many there are.
        rows: i64,
        /// The hash of the last one. Rows cut off at the end, or a chain made anew, show only against an earlier note
        /// of this and of `rows`.
        end: Digest,
    },
    /// The first place where the chain does not hold.
    Broken {
        /// The place.
        position: i64,
        /// What is wrong there.
        flaw: Flaw,
    },
}

/// What is wrong with a place in a chain.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Flaw {
    /// Its row is gone.
    Missing,
    /// Its row is not what was sealed there: it was altered, moved or put in.
    Altered {
        /// The row.
        id: Uuid,
    },
}

/// Walks the chain of an organization, or of the server where there is none, from its start. Rows not sealed yet are no
/// part of it. Reads in batches; one state is seen throughout where the transaction has one.
///
/// # Errors
/// The database's.
pub fn verify(conn: &mut Conn, org: Option<&OrgId>) -> Result<Verdict, Fault> {
    let (mut rows, mut end) = (0, CHAIN_START);
    loop {
        let batch = audit::sealed_after(conn, org, rows, VERIFIED_AT_ONCE)?;
        if batch.is_empty() {
            return Ok(Verdict::Verified { rows, end });
        }
        for row in &batch {
            let position = rows + 1;
            if row.position != Some(position) {
                return Ok(Verdict::Broken { position, flaw: Flaw::Missing });
            }
            let hash = row_hash(&end, &chained(row, position));
            if !is(row.previous_hash.as_deref(), &end) || !is(row.hash.as_deref(), &hash) {
                // The database checks no length, so an id that is none is shown as nil.
                let id = Uuid::from_slice(&row.id).unwrap_or_default();
                return Ok(Verdict::Broken { position, flaw: Flaw::Altered { id } });
            }
            (rows, end) = (position, hash);
        }
    }
}

fn is(stored: Option<&[u8]>, hash: &Digest) -> bool {
    stored == Some(hash.bytes().as_slice())
}

fn chained(row: &AuditRow, position: i64) -> ChainedRow<'_> {
    ChainedRow {
        log: &row.org_id,
        position,
        id: &row.id,
        at: row.at,
        actor: &row.actor,
        action: &row.action,
        object: &row.object,
        address: row.address.as_deref(),
        details: &row.details,
    }
}

fn whole(count: usize) -> i64 {
    i64::try_from(count).unwrap_or(i64::MAX)
}
