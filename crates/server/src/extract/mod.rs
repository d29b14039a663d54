//! Reading requests. Extractors only parse; whether what they read is true is decided inside a transaction.

pub mod client;
pub mod cookies;
pub mod language;
pub mod origin;
pub mod request;
pub mod same_origin;
