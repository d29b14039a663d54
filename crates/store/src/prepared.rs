//! Statements that a connection prepares once, although diesel would prepare them anew each time.

use diesel::QueryResult;
use diesel::backend::Backend;
// What the derive of `MultiConnection` goes by: the only way to tell the passes over a statement apart.
use diesel::internal::derives::multiconnection::AstPassHelper as _;
use diesel::query_builder::{AstPass, QueryBuilder as _, QueryFragment, QueryId};
use diesel::query_dsl::RunQueryDsl;

/// A statement that is prepared once on each connection and found again by its whole text.
///
/// Diesel does so for SELECT. UPDATE, `ON CONFLICT` and the INSERT of a row with absent values it parses and plans each
/// time, as their text may depend on their values. Kept by the whole text that does no harm, as long as there are few
/// texts: never wrap a statement that holds a list of values.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Prepared<T>(pub(crate) T);

impl<T> QueryId for Prepared<T> {
    type QueryId = ();
    // The key is the text, not the type.
    const HAS_STATIC_QUERY_ID: bool = false;
}

impl<T, DB> QueryFragment<DB> for Prepared<T>
where
    T: QueryFragment<DB>,
    DB: Backend,
    DB::QueryBuilder: Default,
{
    fn walk_ast<'b>(&'b self, mut pass: AstPass<'_, 'b, DB>) -> QueryResult<()> {
        if pass.bind_collector().is_some() || pass.debug_binds().is_some() {
            return self.0.walk_ast(pass);
        }
        // The text alone, without the word that it must not be kept.
        let mut text = DB::QueryBuilder::default();
        self.0.to_sql(&mut text, pass.backend())?;
        pass.push_sql(&text.finish());
        Ok(())
    }
}

impl<T, C> RunQueryDsl<C> for Prepared<T> {}
