//! Dialects: how a kind of client speaks to the engine. Each reads a request into a command and says the outcome in its
//! own words; none decides.

pub mod rfc8628;
