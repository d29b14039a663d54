//! What is in the database, row by row: to show that a request changed nothing, or only what it should.

use crate::support::TestApp;
use std::collections::BTreeMap;

/// Every table's rows as text, in order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rows(BTreeMap<String, Vec<String>>);

impl Rows {
    /// What is in the database now.
    pub async fn of(app: &TestApp) -> Self {
        let read = app.db.snapshot("rows", |conn| {
            let postgres = conn.is_postgres();
            let tables = conn.texts_by_sql(if postgres {
                "SELECT tablename::text AS value FROM pg_tables WHERE schemaname = 'public'"
            } else {
                "SELECT name AS value FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'"
            })?;
            let mut all = BTreeMap::new();
            for table in tables {
                let row = if postgres {
                    "t::text".to_owned()
                } else {
                    let columns =
                        conn.texts_by_sql(&format!("SELECT name AS value FROM pragma_table_info('{table}')"))?;
                    columns.iter().map(|column| format!("quote(\"{column}\")")).collect::<Vec<_>>().join("||' '||")
                };
                let mut rows = conn.texts_by_sql(&format!("SELECT {row} AS value FROM \"{table}\" t"))?;
                rows.sort();
                all.insert(table, rows);
            }
            Ok(all)
        });
        let all = read.await.unwrap();
        assert!(all.contains_key("grants") && all.contains_key("audit"), "{:?}", all.keys());
        Self(all)
    }

    /// How many rows a table has.
    pub fn count(&self, table: &str) -> usize {
        self.0[table].len()
    }

    /// All but some tables.
    pub fn without(mut self, tables: &[&str]) -> Self {
        self.0.retain(|table, _| !tables.contains(&table.as_str()));
        self
    }

    /// The names of the tables that differ.
    pub fn changed<'a>(&'a self, after: &'a Self) -> Vec<&'a str> {
        let names = self.0.keys().chain(after.0.keys().filter(|table| !self.0.contains_key(*table)));
        names.filter(|table| self.0.get(*table) != after.0.get(*table)).map(String::as_str).collect()
    }

    /// That nothing has changed since.
    pub async fn assert_unchanged(&self, app: &TestApp, what: &str) {
        let mut now = Self::of(app).await;
        now.0.retain(|table, _| self.0.contains_key(table));
        if let Some(table) = self.changed(&now).first() {
            panic!("{what} changed {table}:\nbefore {:#?}\nafter {:#?}", self.0.get(*table), now.0.get(*table));
        }
    }
}
