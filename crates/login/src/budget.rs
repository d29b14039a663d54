//! Charging failure budgets. Whoever is about to evaluate a guess charges first, and gives back what was right.
//!
//! A budget may be spread over several rows, so that charges don't queue behind one another. Each row then has its own
//! share, and the shares add up to the budget: however many charges run at once, no more than that is taken.

use model::budget::{Budget, BudgetLimits, WINDOW};
use model::fault::Fault;
use model::secret::{Digest, Key};
use model::time::Timestamp;
use std::time::Duration;
use store::Conn;
use store::tables::budgets::{self, BudgetRow};

/// How often another row is looked for, where the one that had room was filled meanwhile.
const TRIES: usize = 3;

/// What was charged, to be given back.
#[derive(Clone, Debug, Default)]
pub struct Receipt(Vec<Charged>);

#[derive(Clone, Debug)]
struct Charged {
    kind: &'static str,
    subject: Digest,
    slot: u16,
}

impl Charged {
    fn row(&self) -> BudgetRow<'_> {
        BudgetRow { kind: self.kind, subject: &self.subject, slot: i32::from(self.slot) }
    }
}

/// What becomes of a charge.
#[derive(Clone, Debug)]
pub enum Charging {
    /// The guess may be evaluated.
    Taken(Receipt),
    /// It may not: nothing was charged.
    Spent {
        /// When the window ends.
        retry_after: Duration,
    },
}

/// Takes one guess from each of `wanted`, or from none. Always in the order in which they are given, so that two
/// requests never wait for each other.
///
/// # Errors
/// The database's.
pub fn charge(
    conn: &mut Conn,
    wanted: &[Budget],
    limits: &BudgetLimits,
    key: &Key,
    now: Timestamp,
) -> Result<Charging, Fault> {
    let mut taken: Vec<(Charged, Timestamp, i32)> = Vec::with_capacity(wanted.len());
    for budget in wanted {
        match reserve(conn, budget, limits, key, now)? {
            Ok(reserved) => taken.push(reserved),
            Err(retry_after) => return Ok(Charging::Spent { retry_after }),
        }
    }
    for (charged, start, spent) in &taken {
        budgets::set(conn, charged.row(), *start, spent.saturating_add(1))?;
    }
    Ok(Charging::Taken(Receipt(taken.into_iter().map(|(charged, ..)| charged).collect())))
}

/// Finds a row of the budget with room and holds it; gives how long to wait where there is none.
fn reserve(
    conn: &mut Conn,
    budget: &Budget,
    limits: &BudgetLimits,
    key: &Key,
    now: Timestamp,
) -> Result<Result<(Charged, Timestamp, i32), Duration>, Fault> {
    let subject = budget.subject(key);
    let mut retry_after = WINDOW;
    for _ in 0..TRIES {
        let running = budgets::running(conn, budget.kind(), &subject, now.before(WINDOW))?;
        let spent_in = |slot: u16| running.iter().find(|row| row.slot == i32::from(slot)).map_or(0, |row| row.spent);
        let room =
            slots_from(&subject, budget.slots(), now).find(|slot| spent_in(*slot) < share(budget, limits, *slot));
        let Some(slot) = room else {
            let ends = running.iter().map(|row| row.window_start.after(WINDOW)).min();
            return Ok(Err(ends.map_or(retry_after, |ends| ends.since(now))));
        };
        let charged = Charged { kind: budget.kind(), subject, slot };
        let (start, spent) = budgets::lock(conn, charged.row(), now)?;
        if spent < share(budget, limits, slot) {
            return Ok(Ok((charged, start, spent)));
        }
        retry_after = start.after(WINDOW).since(now);
    }
    Ok(Err(retry_after))
}

/// How much of the budget one of its rows has.
fn share(budget: &Budget, limits: &BudgetLimits, slot: u16) -> i32 {
    let (limit, slots) = (budget.limit(limits), u32::from(budget.slots()));
    let share = limit / slots + u32::from(u32::from(slot) < limit % slots);
    i32::try_from(share).unwrap_or(i32::MAX)
}

/// A budget's rows, beginning with one that differs from request to request.
fn slots_from(subject: &Digest, slots: u16, now: Timestamp) -> impl Iterator<Item = u16> {
    let spread = now.millis().unsigned_abs().wrapping_add(u64::from(subject.bytes()[0]));
    let first = u16::try_from(spread % u64::from(slots)).unwrap_or(0);
    (0..slots).map(move |step| (first + step) % slots)
}

/// Gives back what was charged, after the guess turned out to be right.
///
/// # Errors
/// The database's.
pub fn refund(conn: &mut Conn, receipt: &Receipt, now: Timestamp) -> Result<(), Fault> {
    for charged in &receipt.0 {
        let (start, spent) = budgets::lock(conn, charged.row(), now)?;
        if spent > 0 {
            budgets::set(conn, charged.row(), start, spent - 1)?;
        }
    }
    Ok(())
}
