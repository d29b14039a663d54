//! The authorization server: HTTP, configuration, jobs, commands.
//!
//! A request walks straight through: the edge reads it into a [`context::Context`], an adapter (a dialect, an API, a
//! page) turns it into a command, a use case runs on a connection, and the adapter says the outcome. What needs two of
//! the crates below meets here and nowhere else.

pub mod answer;
pub mod api;
pub mod app;
mod audit_file;
pub mod by_hand;
mod capacity;
pub mod claim;
pub mod clock;
pub mod commands;
pub mod config;
pub mod context;
mod decision;
pub mod dialects;
pub mod discovery;
pub mod edge;
pub mod engine;
pub mod exchange;
pub mod extract;
pub mod fault;
pub mod first_keys;
pub mod health;
pub mod jobs;
mod json_desk;
pub mod last_used;
pub mod letters;
pub mod limits;
mod live_grants;
pub mod metrics;
pub mod organization;
pub mod places;
pub mod portal;
pub mod refused;
pub mod serve;
pub mod state;
pub mod tls;
mod unread;
pub mod web;
pub mod words;
