//! Room in tables into which strangers put rows, for a cookie that costs them nothing: they need a bound, and nobody must be
//! able to shut others out by reaching it.
//!
//! Transactions that run at the same moment don't see each other's rows. So a bound is passed by as many rows as are
//! written at once at most, which is one less than there are connections to PostgreSQL; SQLite writes one by one.

/// The most rows that live at once.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Most {
    /// Of one network.
    pub from_network: i64,
    /// In the whole server.
    pub in_server: i64,
}

/// What share of its rows the network with most of them loses at once, so that not every row of a crowd has to look for it.
pub(super) const SHARE: i64 = 10;

/// Defines `make_room` for a table with `digest`, `network` and `expires_at`.
macro_rules! bounded {
    ($table:ident, $what:literal) => {
        /// Whether there is room for a row of this network, those of the same digest not counted, as one takes their place.
        /// A network that has as many as it may has none. Where the whole server has as many as it may, the oldest rows of
        /// the network that has most make room: not whoever comes is refused, but whoever crowds.
        ///
        /// # Errors
        /// The database's.
        pub fn make_room(
            conn: &mut Conn,
            (network, digest): (Network, &Digest),
            most: $crate::tables::room::Most,
            now: Timestamp,
        ) -> Result<bool, Fault> {
            use diesel::dsl::{count_star, min};
            // Looks at no more rows than it has to count.
            let last = |most: i64| {
                $table::table
                    .filter($table::expires_at.gt(now.millis()))
                    .filter($table::digest.ne(digest.bytes().as_slice()))
                    .select($table::expires_at)
                    .offset(most.saturating_sub(1))
                    .limit(1)
            };
            let of_network = last(most.from_network).filter($table::network.eq(network.to_string()));
            let of_network: QueryResult<i64> = of_network.get_result(conn.engine());
            if of_network.optional().map_err(fault(concat!("count ", $what, " of network")))?.is_some() {
                return Ok(false);
            }
            let of_server: QueryResult<i64> = last(most.in_server).get_result(conn.engine());
            if of_server.optional().map_err(fault(concat!("count ", $what)))?.is_none() {
                return Ok(true);
            }
            let crowd: QueryResult<(String, i64)> = $table::table
                .filter($table::expires_at.gt(now.millis()))
                .group_by($table::network)
                .select(($table::network, count_star()))
                .order((count_star().desc(), min($table::expires_at).asc()))
                .get_result(conn.engine());
            let crowd = crowd.optional().map_err(fault(concat!("network with most ", $what)))?;
            let Some((crowd, its_rows)) = crowd else { return Ok(true) };
            let oldest: Vec<i64> = $table::table
                .filter($table::network.eq(&crowd))
                .filter($table::expires_at.gt(now.millis()))
                .order($table::expires_at)
                .limit((its_rows / $crate::tables::room::SHARE).max(1))
                .select($table::expires_at)
                .load(conn.engine())
                .map_err(fault(concat!("oldest ", $what)))?;
            if let Some(last) = oldest.last() {
                diesel::delete($table::table.filter($table::network.eq(&crowd)).filter($table::expires_at.le(last)))
                    .execute(conn.engine())
                    .map_err(fault(concat!("make room for ", $what)))?;
            }
            Ok(true)
        }
    };
}
pub(super) use bounded;
