//! The wire vocabulary of the OAuth 2 and OpenID Connect RFCs and of the JSON dialect: how requests are read strictly and
//! answers are written.
//!
//! Nothing here decides anything. The types are shared by the server, which answers with them, and by the client
//! library, which reads them.

pub mod api_key;
pub mod authorization;
pub mod authorize;
pub mod device;
pub mod embedded;
pub mod error;
pub mod introspection;
pub mod metadata;
pub mod params;
pub mod scope;
pub mod token;
pub mod user_info;
