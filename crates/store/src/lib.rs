//! The only crate that speaks to a database: both engines, migrations, the writer, one file per table
