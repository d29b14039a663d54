//! Leases: of all nodes, one runs a job at a time.

use crate::conn::{Conn, each_engine};
use crate::faults::fault;
use crate::prepared::Prepared;
use crate::schema::leases;
use diesel::prelude::*;
use model::fault::Fault;
use model::time::Timestamp;
use std::time::Duration;

/// That a job is this holder's until its time is over. Every effect of the job carries the fence.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Lease {
    /// Grows whenever the lease changes hands.
    pub fence: i64,
}

/// Takes or keeps the lease `name` for `span`; nothing while another holds it.
///
/// # Errors
/// The database's.
pub fn take(conn: &mut Conn, name: &str, holder: &str, now: Timestamp, span: Duration) -> Result<Option<Lease>, Fault> {
    let now = conn.clock(now)?;
    let free = (leases::name.eq(name), leases::holder.eq(""), leases::fence.eq(0), leases::held_until.eq(0));
    each_engine!(conn, |c| Prepared(
        diesel::insert_into(leases::table)
            .values(free)
            .on_conflict(leases::name)
            .do_update()
            .set(leases::name.eq(name))
    )
    .execute(c))
    .map_err(fault("lock lease"))?;
    let (current, fence, held_until) = leases::table
        .filter(leases::name.eq(name))
        .select((leases::holder, leases::fence, leases::held_until))
        .get_result::<(String, i64, i64)>(conn.engine())
        .map_err(fault("read lease"))?;
    let mine = current == holder;
    if !mine && now.millis() < held_until {
        return Ok(None);
    }
    let fence = if mine && now.millis() < held_until { fence } else { fence + 1 };
    each_engine!(conn, |c| Prepared(diesel::update(leases::table.filter(leases::name.eq(name))).set((
        leases::holder.eq(holder),
        leases::fence.eq(fence),
        leases::held_until.eq(now.after(span).millis())
    )))
    .execute(c))
    .map_err(fault("take lease"))?;
    Ok(Some(Lease { fence }))
}

/// Whether `lease` is still the newest one of its name. Call it in the transaction of the effect: until that ends,
/// nobody else takes the lease, so that whoever takes it next sees the effect.
///
/// # Errors
/// The database's.
pub fn holds(conn: &mut Conn, name: &str, lease: Lease) -> Result<bool, Fault> {
    // An update that changes nothing, because on PostgreSQL a plain read would let another node take the lease between
    // this answer and the commit.
    each_engine!(conn, |c| Prepared(
        diesel::update(leases::table.filter(leases::name.eq(name)).filter(leases::fence.eq(lease.fence)))
            .set(leases::fence.eq(lease.fence))
    )
    .execute(c))
    .map(|found| found == 1)
    .map_err(fault("check lease"))
}

/// Gives the lease back before its time, so that the next holder need not wait. Does nothing where it has gone to
/// another.
///
/// # Errors
/// The database's.
pub fn release(conn: &mut Conn, name: &str, lease: Lease) -> Result<(), Fault> {
    each_engine!(conn, |c| Prepared(
        diesel::update(leases::table.filter(leases::name.eq(name)).filter(leases::fence.eq(lease.fence)))
            .set(leases::held_until.eq(0))
    )
    .execute(c))
    .map(drop)
    .map_err(fault("release lease"))
}
