//! The harness of the end-to-end tests: real programs as processes, on both databases, met by a browser without scripts,
//! by Chromium, by a terminal and by a mail server. Nothing here knows Doorward's insides; what is asserted is what people,
//! devices and other people's software see.
//!
//! The programs are found beside the test executable (`cargo build --bins` makes them). PostgreSQL is the one that
//! `DOORWARD_TEST_POSTGRES` names; `crates/e2e/tools/with-postgres` starts one for the time of a command.
#![expect(
    clippy::expect_used,
    clippy::panic,
    reason = "a harness that fails is a test that fails, at the line that says why"
)]

pub mod acme;
pub mod authenticator_app;
pub mod chromium;
pub mod cli;
pub mod clock;
pub mod database;
pub mod device;
pub mod form_browser;
pub mod html;
pub mod identity_provider;
pub mod lines;
pub mod mail;
pub mod places;
pub mod postgres;
pub mod process;
pub mod server;
pub mod terminal;
pub mod tour;
pub mod wait;
