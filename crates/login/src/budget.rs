//! Charging failure budgets. Whoever is about to evaluate a guess charges first, and gives back what was right.

use model::budget::{Budget, BudgetLimits, Charge, WINDOW};
use model::fault::Fault;
use model::secret::{Digest, Key};
use model::time::Timestamp;
use store::Conn;
use store::tables::budgets::{self, BudgetRow};

/// Takes one guess from each of `wanted`, or from none: where one is spent, nothing is charged. Always in the order in
/// which they are given, so that two requests never wait for each other.
///
/// # Errors
/// The database's.
pub fn charge(
    conn: &mut Conn,
    wanted: &[Budget],
    limits: &BudgetLimits,
    key: &Key,
    now: Timestamp,
) -> Result<Charge, Fault> {
    let mut charged = Vec::with_capacity(wanted.len());
    for budget in wanted {
        let subject = budget.subject(key);
        let slot = slot_of(&subject, budget, now);
        let row = BudgetRow { kind: budget.kind(), subject: &subject, slot };
        let (start, spent) = budgets::lock(conn, row, now)?;
        let (total, oldest) = if budget.slots() == 1 {
            (i64::from(spent), Some(start))
        } else {
            budgets::spent(conn, budget.kind(), &subject, now.before(WINDOW))?
        };
        if total >= i64::from(budget.limit(limits)) {
            let ends = oldest.unwrap_or(start).after(WINDOW);
            return Ok(Charge::Spent { retry_after: ends.since(now) });
        }
        charged.push((budget, subject, slot, start, spent));
    }
    for (budget, subject, slot, start, spent) in charged {
        budgets::set(conn, BudgetRow { kind: budget.kind(), subject: &subject, slot }, start, spent.saturating_add(1))?;
    }
    Ok(Charge::Taken)
}

/// Gives one guess back to each of `budgets`, after it turned out to be right.
///
/// # Errors
/// The database's.
pub fn refund(conn: &mut Conn, wanted: &[Budget], key: &Key, now: Timestamp) -> Result<(), Fault> {
    for budget in wanted {
        let subject = budget.subject(key);
        let slots: Vec<i32> = match budget.slots() {
            1 => vec![0],
            _ => vec![slot_of(&subject, budget, now)],
        };
        for slot in slots {
            let row = BudgetRow { kind: budget.kind(), subject: &subject, slot };
            let (start, spent) = budgets::lock(conn, row, now)?;
            if spent > 0 {
                budgets::set(conn, row, start, spent - 1)?;
            }
        }
    }
    Ok(())
}

/// Which row of a budget a charge at `now` goes to: the same one for charge and refund of one request.
fn slot_of(subject: &Digest, budget: &Budget, now: Timestamp) -> i32 {
    let slots = budget.slots();
    let spread = now.millis().unsigned_abs().wrapping_add(u64::from(subject.bytes()[0]));
    i32::try_from(spread % u64::from(slots)).unwrap_or(0)
}
