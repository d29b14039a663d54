//! The only crate that speaks to a database: both engines, migrations, the writer, one file per table.
//!
//! A use case is a closure over [`Conn`], handed to one of the doors of [`Db`]. It runs on a thread of the
//! database's own; a write comes back as [`Committed`], which nothing but a COMMIT that has returned can make.

mod commit;
pub mod conn;
pub mod db;
mod engine;
mod faults;
mod job;
mod migrate;
mod prepared;
mod queue;
pub mod schema;
mod source;
mod stopwatch;
pub mod tables;
mod threads;
mod url;
mod writer;

pub use conn::Conn;
pub use db::{Blocking, Class, Committed, Db, DbConfig, OpenError};
pub use migrate::FINGERPRINT as MIGRATIONS;
pub use queue::QueueLoad;
