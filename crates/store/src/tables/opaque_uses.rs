//! When opaque tokens were used: rows that no request waits for.

use crate::conn::{Conn, each_engine};
use crate::faults::fault;
use diesel::RunQueryDsl as _;
use diesel::sql_types::{BigInt, Binary, Text};
use model::fault::Fault;
use model::id::{OpaqueTokenId, OrgId};
use model::time::Timestamp;

/// A use of a token: the organization that it is good in, which, and when.
pub type Use = ((OrgId, OpaqueTokenId), Timestamp);

/// Notes when tokens were used, where that is later than what is known, in one statement. On PostgreSQL the rows are held in the
/// order of their ids first, in which those that end are held too: neither waits for the other in a circle.
///
/// # Errors
/// The database's.
pub fn note(conn: &mut Conn, uses: &[Use]) -> Result<(), Fault> {
    if uses.is_empty() {
        return Ok(());
    }
    let lock = if conn.is_postgres() { "FOR NO KEY UPDATE OF t" } else { "" };
    let row = |first: usize| format!("(${}, ${}, ${})", first + 1, first + 2, first + 3);
    let rows: Vec<String> = (0..uses.len()).map(|index| row(3 * index)).collect();
    let statement = format!(
        "WITH used (org_id, id, used_at) AS (VALUES {}), \
         later AS (SELECT t.org_id, t.id, used.used_at FROM opaque_tokens t JOIN used ON t.org_id = used.org_id AND t.id = used.id \
         WHERE t.last_used_at IS NULL OR t.last_used_at < used.used_at ORDER BY t.id {lock}) \
         UPDATE opaque_tokens SET last_used_at = later.used_at FROM later \
         WHERE opaque_tokens.org_id = later.org_id AND opaque_tokens.id = later.id",
        rows.join(", ")
    );
    each_engine!(conn, |c| {
        let mut query = diesel::sql_query(statement).into_boxed();
        for ((org, token), at) in uses {
            query = query
                .bind::<Text, _>(org.as_str())
                .bind::<Binary, _>(token.uuid().as_bytes().to_vec())
                .bind::<BigInt, _>(at.millis());
        }
        query.execute(c)
    })
    .map(drop)
    .map_err(fault("note uses of opaque tokens"))
}
