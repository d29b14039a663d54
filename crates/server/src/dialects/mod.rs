//! Dialects: how a kind of client speaks to the engine. Each reads a request into a command and says the outcome in its
//! own words; none decides. What an MCP client speaks is `rfc8628`, at the server itself: see [`rfc8628`].

pub mod api_key;
pub mod embedded;
pub mod rfc8628;
