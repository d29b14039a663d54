//! Signing in by way of somebody else's identity provider (OAuth 2.0, RFC 6749 §4.1; OpenID Connect Core §3.1).
//!
//! 1. [`attempt::open`] notes that a browser sets out: what it will bring back (`state`) is random, stored as a digest,
//!    bound to that browser and to that provider, good for ten minutes and once. `nonce` and the PKCE verifier (RFC 7636)
//!    are derived from it by a key that is not in the database.
//! 2. [`Upstream::address`] is where it goes: to the endpoint that the provider's metadata name, with `nonce` and an
//!    `S256` challenge. Each provider has a redirect URI of its own, which is half of the defence against mix-up
//!    (RFC 9700 §4.4); the other half is `iss` (RFC 9207), checked wherever it is sent or promised.
//! 3. It comes back. [`attempt::take`] uses the attempt up.
//! 4. [`Upstream::person`] turns the code into who they are: an `id_token` whose signature, issuer, audience, nonce and
//!    times are checked, or what GitHub's interface says. No transaction is open meanwhile.
//! 5. [`complete`](complete::complete) signs in whoever is linked to that account. To whom nobody is linked nothing
//!    opens: [`link`] tells what it takes.
//!
//! All requests go out by [`outbound`], as the addresses are other people's: each of the operator's providers and each
//! organization has its own turns, so that one that never answers makes nobody else wait.

pub mod attempt;
pub mod complete;
mod discovery;
mod exchange;
mod github;
mod id_token;
mod let_in;
pub mod link;
pub mod own;
mod remembered;

use discovery::{Discovered, KeySets};
use model::time::Timestamp;
use model::upstream::{Person, Provider, ProviderKey, ProviderKind};
use outbound::{Asker, Outbound};
use std::fmt;

/// Why nobody is let in by way of a provider. For the log: people are told one of two sentences.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Failed {
    /// It could not be asked.
    Away(outbound::Failed),
    /// It answered with an error of its own.
    Status(u16),
    /// It answered what it must not.
    Answer(&'static str),
    /// Its `id_token` is not to be believed.
    Token(jose::Refused),
}

impl Failed {
    /// Whether trying again later may help.
    pub const fn is_away(&self) -> bool {
        matches!(self, Self::Away(_) | Self::Status(429 | 500..=599))
    }
}

impl fmt::Display for Failed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Away(why) => why.fmt(f),
            Self::Status(status) => write!(f, "the provider answered with status {status}"),
            Self::Answer(what) => f.write_str(what),
            Self::Token(why) => write!(f, "id_token: {why}"),
        }
    }
}

impl std::error::Error for Failed {}

impl From<outbound::Failed> for Failed {
    fn from(failed: outbound::Failed) -> Self {
        Self::Away(failed)
    }
}

/// How providers are spoken with: the way out, and what is remembered of them.
#[derive(Debug)]
pub struct Upstream {
    out: Outbound,
    discovered: Discovered,
    keys: KeySets,
}

/// A browser's way to a provider and back.
#[derive(Clone, Copy, Debug)]
pub struct Way<'a> {
    /// Which provider.
    pub provider: &'a Provider,
    /// Where it sends the browser back to.
    pub redirect_uri: &'a str,
    /// What the browser brings back, and what follows from it.
    pub secrets: &'a attempt::Secrets,
}

/// What a browser brings back.
#[derive(Clone, Debug, Default)]
pub struct Brought {
    /// The code; nothing where there is none.
    pub code: Option<String>,
    /// Who says so (RFC 9207), where they do.
    pub iss: Option<String>,
}

impl Upstream {
    /// Speaks with providers by this way out.
    pub fn new(out: Outbound) -> Self {
        Self { out, discovered: Discovered::default(), keys: KeySets::default() }
    }

    /// Whether an issuer could be asked at all: an address that the way out takes.
    ///
    /// # Errors
    /// Why not.
    pub fn check(&self, issuer: &str) -> Result<(), Failed> {
        self.out.check(issuer).map_err(Failed::Away)
    }

    /// The way out on behalf of whose provider this is.
    fn out(&self, provider: &Provider) -> Outbound {
        self.out.on_behalf_of(match &provider.key {
            ProviderKey::Operators(name) => Asker::Operator(name.as_str().to_owned()),
            ProviderKey::Organizations(org, _) => Asker::Tenant(org.to_string()),
        })
    }

    /// Asks a provider for its metadata, as the first sign-in will; also one that has just not answered.
    ///
    /// # Errors
    /// [`Failed`].
    pub async fn probe(&self, provider: &Provider, now: Timestamp) -> Result<(), Failed> {
        self.discovered.anew(provider, &self.out(provider), now).await.map(drop)
    }

    /// Where the browser goes.
    ///
    /// # Errors
    /// [`Failed`], where the provider's metadata can't be had.
    pub async fn address(&self, way: Way<'_>, now: Timestamp) -> Result<String, Failed> {
        let endpoints = self.discovered.of(way.provider, &self.out(way.provider), now).await?;
        exchange::address(way, &endpoints)
    }

    /// Who came back.
    ///
    /// # Errors
    /// [`Failed`].
    pub async fn person(
        &self,
        way: Way<'_>,
        secret: &model::secret::Secret,
        brought: &Brought,
        now: Timestamp,
    ) -> Result<Person, Failed> {
        let out = self.out(way.provider);
        let endpoints = self.discovered.of(way.provider, &out, now).await?;
        endpoints.check_iss(way.provider, brought.iss.as_deref())?;
        let code = brought.code.as_deref().ok_or(Failed::Answer("the browser brought no code"))?;
        let tokens = exchange::tokens(way, &endpoints, (secret, code), &out).await?;
        match way.provider.kind {
            ProviderKind::GitHub => github::person(way.provider, &endpoints, &tokens, &out).await,
            _ => {
                let with = id_token::With { endpoints: &endpoints, keys: &self.keys, out: &out, now };
                id_token::person(way, &tokens, with).await
            }
        }
    }
}
