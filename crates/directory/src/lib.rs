//! Organizations, who belongs to them, and what their scopes mean.

pub mod access;
pub mod account;
pub mod audit_chain;
pub mod audit_log;
pub mod catalogue;
pub mod connections;
pub mod invitations;
pub mod members;
pub mod organizations;
pub mod registration;
pub mod resources;
pub mod scopes;
pub mod users;
