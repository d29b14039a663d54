//! The authorization server: HTTP, configuration, jobs, commands.
//!
//! A request walks straight through: the edge reads it into a [`context::Context`], an adapter (a dialect, an API, a
//! page) turns it into a command, a use case runs on a connection, and the adapter says the outcome. What needs two of
//! the crates below meets here and nowhere else.

pub mod answer;
mod api;
pub mod app;
pub mod clock;
pub mod commands;
pub mod config;
pub mod context;
mod dialects;
pub mod discovery;
mod edge;
pub mod engine;
mod exchange;
mod extract;
mod fault;
mod jobs;
mod letters;
pub mod limits;
mod portal;
mod refused;
pub mod serve;
pub mod state;
mod tls;
mod web;
