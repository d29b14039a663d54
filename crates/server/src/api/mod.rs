//! OAuth and OpenID endpoints that are the same for every dialect.

mod bearer;
pub mod introspect;
pub mod me;
pub mod revoke;
pub mod token;
pub mod user_info;
