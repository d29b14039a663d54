//! Failure budgets: durable, and shared by all nodes.

use super::column;
use crate::conn::{Conn, each_engine};
use crate::faults::fault;
use crate::prepared::Prepared;
use crate::schema::budgets;
use diesel::prelude::*;
use model::budget::window_start;
use model::fault::Fault;
use model::secret::Digest;
use model::time::Timestamp;
use std::time::Duration;

/// One row of a budget.
#[derive(Clone, Copy, Debug)]
pub struct BudgetRow<'a> {
    /// What it counts.
    pub kind: &'a str,
    /// Whose.
    pub subject: &'a Digest,
    /// Which of its rows.
    pub slot: i32,
    /// The span that it covers.
    pub window: Duration,
}

/// Makes sure that the row is there and holds it until the transaction ends, so that charges come one after another.
/// Gives the start of its window and what is spent in it.
///
/// # Errors
/// The database's.
pub fn lock(conn: &mut Conn, row: BudgetRow<'_>, now: Timestamp) -> Result<(Timestamp, i32), Fault> {
    let fresh = (
        budgets::kind.eq(row.kind),
        budgets::subject.eq(row.subject.bytes().as_slice()),
        budgets::slot.eq(row.slot),
        budgets::window_start.eq(now.millis()),
        budgets::spent.eq(0),
    );
    // Setting a column to itself takes the row's lock on PostgreSQL; on SQLite the one writer holds it anyway.
    each_engine!(conn, |c| Prepared(
        diesel::insert_into(budgets::table)
            .values(fresh)
            .on_conflict((budgets::kind, budgets::subject, budgets::slot))
            .do_update()
            .set(budgets::slot.eq(row.slot))
    )
    .execute(c))
    .map_err(fault("lock budget"))?;
    let (begun, spent) = budgets::table
        .filter(budgets::kind.eq(row.kind))
        .filter(budgets::subject.eq(row.subject.bytes().as_slice()))
        .filter(budgets::slot.eq(row.slot))
        .select((budgets::window_start, budgets::spent))
        .get_result::<(i64, i32)>(conn.engine())
        .map_err(fault("read budget"))?;
    let begun = column::time(begun);
    let start = window_start(Some(begun), row.window, now);
    Ok((start, if start == begun { spent } else { 0 }))
}

/// Sets what is spent in the window that began at `start`. Only after [`lock`].
///
/// # Errors
/// The database's.
pub fn set(conn: &mut Conn, row: BudgetRow<'_>, start: Timestamp, spent: i32) -> Result<(), Fault> {
    each_engine!(conn, |c| Prepared(
        diesel::update(
            budgets::table
                .filter(budgets::kind.eq(row.kind))
                .filter(budgets::subject.eq(row.subject.bytes().as_slice()))
                .filter(budgets::slot.eq(row.slot)),
        )
        .set((budgets::window_start.eq(start.millis()), budgets::spent.eq(spent)))
    )
    .execute(c))
    .map(drop)
    .map_err(fault("charge budget"))
}

/// Takes one back from what is spent in the window that began at `start`; nothing where that window is over.
///
/// # Errors
/// The database's.
pub fn give_back(conn: &mut Conn, row: BudgetRow<'_>, start: Timestamp) -> Result<(), Fault> {
    each_engine!(conn, |c| Prepared(
        diesel::update(
            budgets::table
                .filter(budgets::kind.eq(row.kind))
                .filter(budgets::subject.eq(row.subject.bytes().as_slice()))
                .filter(budgets::slot.eq(row.slot))
                .filter(budgets::window_start.eq(start.millis()))
                .filter(budgets::spent.gt(0)),
        )
        .set(budgets::spent.eq(budgets::spent - 1))
    )
    .execute(c))
    .map(drop)
    .map_err(fault("give back to budget"))
}

/// A row whose window has begun lately.
#[derive(Clone, Copy, Debug)]
pub struct RunningRow {
    /// Which of the budget's rows.
    pub slot: i32,
    /// When its window began.
    pub window_start: Timestamp,
    /// What is spent in it.
    pub spent: i32,
}

/// The rows of a budget whose windows began after `since`. Holds none of them.
///
/// # Errors
/// The database's.
pub fn running(conn: &mut Conn, kind: &str, subject: &Digest, since: Timestamp) -> Result<Vec<RunningRow>, Fault> {
    let rows: Vec<(i32, i64, i32)> = budgets::table
        .filter(budgets::kind.eq(kind))
        .filter(budgets::subject.eq(subject.bytes().as_slice()))
        .filter(budgets::window_start.gt(since.millis()))
        .select((budgets::slot, budgets::window_start, budgets::spent))
        .load(conn.engine())
        .map_err(fault("running budget"))?;
    let row = |(slot, start, spent)| RunningRow { slot, window_start: column::time(start), spent };
    Ok(rows.into_iter().map(row).collect())
}
