//! What Doorward is about, as values: organizations, users, applications, grants, sessions.
//!
//! Everything here is pure. Nothing reads a clock, a file, a database or a source of randomness; time and random
//! values come in as parameters ([`moment::Moment`]), so that each rule can be tested by calling it.

pub mod algorithm;
pub mod application;
pub mod audit;
pub mod budget;
pub mod catalogue;
pub mod client;
pub mod client_grant;
pub mod code_grant;
pub mod context;
pub mod device_login;
pub mod email_change;
pub mod embedded;
pub mod fault;
pub mod grant;
pub mod id;
pub mod invitation;
pub mod issue;
pub mod language;
pub mod login_attempt;
pub mod logo;
pub mod mail_link;
pub mod moment;
pub mod name;
pub mod opaque;
pub mod org;
pub mod pkce;
pub mod question;
pub mod redirect_uri;
pub mod refresh;
pub mod resource;
pub mod secret;
pub mod session;
pub mod terms;
pub mod time;
pub mod upstream;
pub mod user;
pub mod user_code;
