//! Keys, claims and tokens: what is issued, for how long it is good, and how it ends.

pub mod access;
pub mod claims;
pub mod families;
pub mod id_token;
pub mod issue;
pub mod keys;
pub mod opaque;
pub mod refresh;
pub mod revoke;
