//! One request and its answer.

use crate::address::is_public;
use crate::host::HostPort;
use crate::turns::{Asker, Turns};
use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use reqwest::header::{CONTENT_TYPE, HeaderMap, HeaderName, HeaderValue};
use reqwest::{Client, redirect};
use std::fmt;
use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;
use url::{Host, Url};

/// How far a request may go.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Until there is a connection.
    pub connect: Duration,
    /// Until the whole answer is there.
    pub whole: Duration,
    /// The longest body that is read, in bytes.
    pub longest: usize,
    /// How many may be under way for each name of the operator's.
    pub operator_each: usize,
    /// How many may be under way for each tenant.
    pub tenant_each: usize,
    /// How many may be under way for all tenants together.
    pub tenants_together: usize,
    /// How long one that is too many waits for its turn.
    pub queue: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            connect: Duration::from_secs(3),
            whole: Duration::from_secs(8),
            longest: 256 * 1024,
            operator_each: 64,
            tenant_each: 6,
            tenants_together: 256,
            queue: Duration::from_secs(2),
        }
    }
}

/// What the operator allows.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Rules {
    /// Hosts whose address may be a private one, and which may speak plain http.
    pub private: Vec<HostPort>,
    /// How far a request may go.
    pub limits: Limits,
}

/// A request.
#[derive(Clone, Debug, Default)]
pub struct Request<'a> {
    /// Where to.
    pub url: &'a str,
    /// Headers by name.
    pub headers: Vec<(String, Vec<u8>)>,
    /// What is posted; a GET where absent.
    pub body: Option<Vec<u8>>,
}

impl<'a> Request<'a> {
    /// A GET of JSON.
    pub fn get(url: &'a str) -> Self {
        Self { url, headers: vec![("accept".to_owned(), b"application/json".to_vec())], body: None }
    }

    /// The same with an access token.
    #[must_use]
    pub fn bearer(mut self, token: &str) -> Self {
        self.headers.push(("authorization".to_owned(), format!("Bearer {token}").into_bytes()));
        self
    }
}

/// An answer, read to its end.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answer {
    /// Its status.
    pub status: u16,
    /// Its media type, where it says one.
    pub content_type: Option<Vec<u8>>,
    /// Its body.
    pub body: Vec<u8>,
}

/// Why there is no answer. The differences are for the operator's log: whoever named the address must not learn by them
/// what there is in our network.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Failed {
    /// The address is not `https://` with a host, or holds a user or a password.
    Address,
    /// It leads to none of the public internet.
    Private,
    /// The name is not known, nobody listens, TLS failed, or the connection broke.
    Unreachable(String),
    /// It took too long.
    TooSlow,
    /// The body is too long.
    TooLong,
    /// It leads elsewhere.
    Redirected,
    /// Too many are under way for the same asker.
    Busy,
}

impl fmt::Display for Failed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Address => "the address is not one that is asked: https://, a host, no user and no password",
            Self::Private => "the address is not public, and outbound_private_hosts does not allow it",
            Self::Unreachable(why) => return write!(f, "the server can't be reached: {why}"),
            Self::TooSlow => "the server took too long to answer",
            Self::TooLong => "the server's answer is too long",
            Self::Redirected => "the server answered by a redirect, and none is followed",
            Self::Busy => "too many requests to this provider's servers are under way",
        })
    }
}

impl std::error::Error for Failed {}

/// The way out.
#[derive(Clone, Debug)]
pub struct Outbound {
    rules: Arc<Rules>,
    /// To public addresses alone.
    public: Client,
    /// To hosts that were allowed by name.
    private: Client,
    turns: Arc<Turns>,
    asker: Asker,
}

impl Outbound {
    /// A way out by these rules, calling itself `user_agent`.
    ///
    /// # Errors
    /// Where TLS can't be set up.
    pub fn new(rules: Rules, user_agent: &str) -> Result<Self, Failed> {
        let client = |public_only: bool| {
            Client::builder()
                .user_agent(user_agent)
                .redirect(redirect::Policy::none())
                // A proxy would resolve the name once more, to who knows what.
                .no_proxy()
                .connect_timeout(rules.limits.connect)
                .timeout(rules.limits.whole)
                .dns_resolver(Resolver { public_only })
                .build()
                .map_err(|error| Failed::Unreachable(error.to_string()))
        };
        let (public, private) = (client(true)?, client(false)?);
        let turns = Arc::new(Turns::new(rules.limits));
        Ok(Self { rules: Arc::new(rules), public, private, turns, asker: Asker::Operator(String::new()) })
    }

    /// The same way out, on behalf of this asker: its requests take turns with its own alone.
    #[must_use]
    pub fn on_behalf_of(&self, asker: Asker) -> Self {
        Self { asker, ..self.clone() }
    }

    /// Whether an address would be asked at all, as far as that can be said without looking its host up.
    ///
    /// # Errors
    /// Why not.
    pub fn check(&self, url: &str) -> Result<(), Failed> {
        self.client_for(url).map(drop)
    }

    fn client_for(&self, url: &str) -> Result<(Url, &Client), Failed> {
        let url = Url::parse(url).map_err(|_| Failed::Address)?;
        if !url.username().is_empty() || url.password().is_some() || !url.has_host() {
            return Err(Failed::Address);
        }
        if matches!(url.scheme(), "https" | "http") && self.rules.private.iter().any(|host| host.is_of(&url)) {
            return Ok((url, &self.private));
        }
        if url.scheme() != "https" {
            return Err(Failed::Address);
        }
        // An address that needs no name is not asked of the resolver.
        match url.host() {
            Some(Host::Ipv4(address)) if !is_public(address.into()) => Err(Failed::Private),
            Some(Host::Ipv6(address)) if !is_public(address.into()) => Err(Failed::Private),
            _ => Ok((url, &self.public)),
        }
    }

    /// Sends a request, once it is its turn, and reads the answer, whatever its status but a redirect.
    ///
    /// # Errors
    /// [`Failed`].
    pub async fn send(&self, request: Request<'_>) -> Result<Answer, Failed> {
        let (url, client) = self.client_for(request.url)?;
        let _turn = self.turns.take(&self.asker).await?;
        let mut headers = HeaderMap::new();
        for (name, value) in &request.headers {
            let name = HeaderName::from_bytes(name.as_bytes()).map_err(|_| Failed::Address)?;
            headers.insert(name, HeaderValue::from_bytes(value).map_err(|_| Failed::Address)?);
        }
        let building = match request.body {
            None => client.get(url),
            Some(body) => client.post(url).body(body),
        };
        let mut response = building.headers(headers).send().await.map_err(|error| failed(&error))?;
        if response.status().is_redirection() {
            return Err(Failed::Redirected);
        }
        let mut body = Vec::new();
        while let Some(chunk) = response.chunk().await.map_err(|error| failed(&error))? {
            if body.len() + chunk.len() > self.rules.limits.longest {
                return Err(Failed::TooLong);
            }
            body.extend_from_slice(&chunk);
        }
        let content_type = response.headers().get(CONTENT_TYPE).map(|value| value.as_bytes().to_vec());
        Ok(Answer { status: response.status().as_u16(), content_type, body })
    }
}

fn failed(error: &reqwest::Error) -> Failed {
    if error.is_timeout() {
        return Failed::TooSlow;
    }
    let mut innermost: &dyn std::error::Error = error;
    loop {
        let inner = innermost.downcast_ref::<io::Error>().and_then(io::Error::get_ref);
        if inner.and_then(|inner| inner.downcast_ref::<NotPublic>()).is_some() {
            return Failed::Private;
        }
        match innermost.source() {
            Some(source) => innermost = source,
            None => break,
        }
    }
    Failed::Unreachable(innermost.to_string())
}

/// Looks a name up and gives the addresses that a connection may go to: it goes to these and no others.
#[derive(Debug)]
struct Resolver {
    public_only: bool,
}

/// A name that leads to no public address.
#[derive(Debug)]
struct NotPublic;

impl fmt::Display for NotPublic {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the name leads to an address that is not public")
    }
}

impl std::error::Error for NotPublic {}

impl Resolve for Resolver {
    fn resolve(&self, name: Name) -> Resolving {
        let public_only = self.public_only;
        Box::pin(async move {
            // The port is the connection's, whatever is said here.
            let found: Vec<SocketAddr> = tokio::net::lookup_host((name.as_str(), 0)).await?.collect();
            // One that is not public among several says that the name is not to be trusted with the others either.
            if public_only && !found.iter().all(|address| is_public(address.ip())) {
                return Err(io::Error::other(NotPublic).into());
            }
            Ok(Box::new(found.into_iter()) as Addrs)
        })
    }
}
