//! The end-to-end tests, in one program.
#![expect(clippy::expect_used, clippy::panic, reason = "parts of a test that stand outside its function")]

/// Makes two tests of an `async fn(Engine)`, one on each database.
macro_rules! on_both_engines {
    ($($name:ident),+ $(,)?) => {
        mod on_sqlite {
            $(#[tokio::test] async fn $name() { super::$name(e2e::database::Engine::Sqlite).await; })+
        }
        mod on_postgres {
            $(#[tokio::test] async fn $name() { super::$name(e2e::database::Engine::Postgres).await; })+
        }
    };
}

mod accessibility;
mod at_the_terminal;
mod browser;
mod chromium;
mod clock;
mod database_away;
mod device_login;
mod dialects;
mod embedded;
mod foreign_clients;
mod forms;
mod identity_provider;
mod kill;
mod letters;
mod mail_server;
mod mail_tls;
mod make_run;
mod mcp_conformance;
mod new_devices;
mod nodes;
mod passkeys;
mod second_factors;
mod start;
