//! Every route of the server, once.
//!
//! [`url`] builds addresses, so that none is ever put together from strings elsewhere; [`TABLE`] says of each route who
//! may call it and what protects it, so that the server binds it and the tests check it without knowing it by name.

mod public_url;
pub mod table;
pub mod url;

pub use public_url::PublicUrl;
pub use table::{Caller, Method, Route, RouteSpec, TABLE};
