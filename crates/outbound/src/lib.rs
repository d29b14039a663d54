//! Requests that the server makes to other people's servers.
//!
//! Whoever names an address to us (the issuer of an organization's identity provider, say) must not reach by us what they
//! could not reach themselves. So:
//!
//! 1. Addresses are `https://`, without user and password.
//! 2. The host's name is resolved once, and a connection goes only to what was resolved then and is public:
//!    a name that leads somewhere else a moment later gains nothing.
//! 3. No redirect is followed, no proxy of the environment asked, no cookie kept.
//! 4. The whole of it is bounded: in time, in the bytes that are read, in how many are under way, for each on whose behalf
//!    they are: a server that never answers delays whoever named it, and nobody else.
//!
//! The operator may [allow](Rules::private) single hosts of their own network, by name and port.

mod address;
mod fetch;
mod host;
mod turns;

pub use fetch::{Answer, Failed, Limits, Outbound, Request, Rules};
pub use host::{HostPort, NotAHost};
pub use turns::Asker;
