//! Device login for programs: sign a person in on a device that has no good way to type a password.
//!
//! The story, as RFC 8628 tells it:
//!
//! 1. The program learns where the organization's endpoints are ([`Client::discover`]; RFC 8414). The answer must name
//!    the very issuer that was asked for, and every address in it, as in the answer with codes, must be at that issuer's
//!    server (scheme, host and port): else one server could have the program bring it what belongs to another.
//! 2. It asks for a pair of codes ([`Client::begin`]; RFC 8628 §3.1–3.2): a *device code*, which stays with the program,
//!    and a *user code*, which is shown with the address where it is typed ([`DeviceLogin`]).
//! 3. The person opens that address in a browser, on any device, signs in, compares the code and approves or denies
//!    (§3.3). The program takes no part in this.
//! 4. Meanwhile the program polls ([`Client::wait`]; §3.4–3.5), no faster than the interval it was given. `slow_down`
//!    makes the interval 5 seconds longer for good. A server that can't be reached, or is busy, is asked again after a
//!    pause that doubles each time, until the codes expire.
//! 5. The answer is final: a login with its tokens ([`Login`]), a denial ([`Error::Denied`]) or the end of the codes'
//!    time ([`Error::Expired`]).
//! 6. Who signed in is read from the id_token, after its signature, issuer, audience and times have been checked against
//!    the organization's keys ([`Client::identity`]; OIDC Core §3.1.3.7).
//! 7. The tokens go into a [`Store`], which renews them when they expire, once, however many programs ask at the same
//!    time ([`Store::fresh`]), until [`Client::revoke`] ends them (RFC 7009).
//!
//! A program need not know an organization. In two further dialects ([`Dialect`]) it asks the server itself, the person
//! picks the organization, and what comes of it is one token that lasts and is not renewed: [`Client::discover`] with
//! [`Issuer::of_server`] is for read-only tokens of AI clients, [`Client::for_keys`] for API keys of programs that nobody
//! has registered. All else is the same.
//!
//! ```no_run
//! use client::{Client, Event, Issuer, Program, Store};
//!
//! # async fn example() -> Result<(), client::Error> {
//! let issuer = Issuer::new("https://auth.example", "acme-corp")?;
//! let program = Program { client_id: "acme-cli", user_agent: "acme-cli/1.0" };
//! let client = Client::discover(&issuer, program).await?;
//!
//! let codes = client.begin(Some("openid email offline_access")).await?;
//! println!("Open {} and type {}", codes.verification_uri, codes.user_code);
//! let login = client
//!     .wait(&codes, |event| {
//!         if let Event::SlowDown { interval } = event {
//!             eprintln!("now asking every {} seconds", interval.as_secs());
//!         }
//!     })
//!     .await?;
//!
//! if let Some(identity) = client.identity(&login.tokens).await? {
//!     println!("Signed in as {}", identity.email.unwrap_or(identity.sub));
//! }
//! let store = Store::at(Store::usual_folder()?);
//! store.keep(login).await?;
//! # Ok(())
//! # }
//! ```
//!
//! Requests are made here rather than by a general OAuth library, because such libraries hide what a program wants to
//! show while it waits (`slow_down`, a server that is away) and what decides its next step (the status, `Retry-After`).

mod api_key;
mod clock;
mod dialect;
mod discovery;
mod error;
mod fresh;
mod http;
mod identity;
mod issuer;
mod login;
mod poll;
mod store;
mod tokens;

#[cfg(test)]
mod evil_tests;

#[cfg(test)]
mod mcp_tests;

#[cfg(test)]
pub(crate) mod scripted;

pub use clock::now;
pub use dialect::Dialect;
pub use discovery::{Client, Program};
pub use error::Error;
pub use identity::Identity;
pub use issuer::{Issuer, is_safe_address};
pub use login::DeviceLogin;
pub use model::context::is_formatting;
pub use model::secret::Secret;
pub use model::time::Timestamp;
pub use poll::Event;
pub use protocol::api_key::LONGEST_CLIENT_NAME;
pub use protocol::user_info::Me;
pub use store::{Login, LoginKey, Selection, Store, StoreError};
pub use tokens::Tokens;
