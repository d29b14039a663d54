//! Applications, client authentication, and the life of a grant from request to redemption.
//!
//! Everything here is a synchronous use case on a connection: it reads rows, lets the model decide and stores what was
//! decided, inside the transaction that the caller opened.

pub mod applications;
pub mod client_credentials;
pub mod clients;
pub mod grants;
