//! Charging failure budgets. Whoever is about to evaluate a guess charges first, and gives back what was right.
//!
//! A budget may be spread over several rows, so that charges don't queue behind one another. Each row then has its own
//! share, and the shares add up to the budget: however many charges run at once, no more than that is taken.
//!
//! Several budgets are charged in one order everywhere: the network's, then that of who guesses or of whom they guess
//! at, then those that many share: of all known browsers of an account, of the whole server. Two requests so never wait for each other. And a network that has spent its own makes
//! no row about whomever else it names: it could name as many as it likes.

use model::budget::{Budget, BudgetLimits};
use model::fault::Fault;
use model::secret::{Digest, Key};
use model::time::Timestamp;
use std::time::Duration;
use store::Conn;
use store::tables::budgets::{self, BudgetRow};

/// What was charged, to be given back.
#[derive(Clone, Debug, Default)]
pub struct Receipt(Vec<Charged>);

#[derive(Clone, Debug)]
struct Charged {
    kind: &'static str,
    subject: Digest,
    slot: u16,
    window: Duration,
    /// The start of the window that was charged.
    start: Timestamp,
}

impl Charged {
    fn row(&self) -> BudgetRow<'_> {
        BudgetRow { kind: self.kind, subject: &self.subject, slot: i32::from(self.slot), window: self.window }
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

/// Takes one guess from each of `wanted`, or from none: in the order in which they are given, and no further than to the
/// first that is spent.
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
    let mut taken: Vec<(Charged, i32)> = Vec::with_capacity(wanted.len());
    for budget in wanted {
        match reserve(conn, budget, limits, key, now)? {
            Ok(reserved) => taken.push(reserved),
            Err(retry_after) => return Ok(Charging::Spent { retry_after }),
        }
    }
    for (charged, spent) in &taken {
        budgets::set(conn, charged.row(), charged.start, spent.saturating_add(1))?;
    }
    Ok(Charging::Taken(Receipt(taken.into_iter().map(|(charged, _)| charged).collect())))
}

/// Finds a row of the budget with room and holds it; gives how long to wait where there is none.
fn reserve(
    conn: &mut Conn,
    budget: &Budget,
    limits: &BudgetLimits,
    key: &Key,
    now: Timestamp,
) -> Result<Result<(Charged, i32), Duration>, Fault> {
    let subject = budget.subject(key);
    let window = budget.window();
    let mut retry_after = window;
    // A row that others filled between looking and holding it is full for the rest of its window, so there is never
    // more to look for than there are rows: as long as any has room, one of them is found.
    for _ in 0..=budget.slots() {
        let running = budgets::running(conn, budget.kind(), &subject, now.before(window))?;
        let spent_in = |slot: u16| running.iter().find(|row| row.slot == i32::from(slot)).map_or(0, |row| row.spent);
        let room =
            slots_from(&subject, budget.slots(), now).find(|slot| spent_in(*slot) < share(budget, limits, *slot));
        let Some(slot) = room else {
            let ends = running.iter().map(|row| row.window_start.after(window)).min();
            return Ok(Err(ends.map_or(retry_after, |ends| ends.since(now))));
        };
        let row = BudgetRow { kind: budget.kind(), subject: &subject, slot: i32::from(slot), window };
        let (start, spent) = budgets::lock(conn, row, now)?;
        if spent < share(budget, limits, slot) {
            return Ok(Ok((Charged { kind: budget.kind(), subject, slot, window, start }, spent)));
        }
        retry_after = start.after(window).since(now);
    }
    Ok(Err(retry_after))
}

/// Whether none of it is left. Holds nothing.
///
/// # Errors
/// The database's.
pub(crate) fn is_spent(
    conn: &mut Conn,
    budget: &Budget,
    limits: &BudgetLimits,
    key: &Key,
    now: Timestamp,
) -> Result<bool, Fault> {
    let running = budgets::running(conn, budget.kind(), &budget.subject(key), now.before(budget.window()))?;
    let full = |slot: u16| {
        let spent = running.iter().find(|row| row.slot == i32::from(slot)).map_or(0, |row| row.spent);
        spent >= share(budget, limits, slot)
    };
    Ok((0..budget.slots()).all(full))
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

/// Gives back what was charged, after the guess turned out to be right, or was not evaluated by our own fault. Where the
/// window that was charged is over, there is nothing to give back to.
///
/// # Errors
/// The database's.
pub fn refund(conn: &mut Conn, receipt: &Receipt) -> Result<(), Fault> {
    for charged in &receipt.0 {
        budgets::give_back(conn, charged.row(), charged.start)?;
    }
    Ok(())
}
