//! A browser that is on its way to a provider and back.

use model::context::Origin;
use model::fault::Fault;
use model::id::UserId;
use model::moment::Moment;
use model::secret::{Digest, Keyring, Purpose, Secret, base64url};
use model::upstream::ProviderKey;
use std::time::Duration;
use store::Conn;
use store::tables::room::Most;
use store::tables::upstream_attempts::{self, UpstreamAttempt};

/// How long the way may take.
pub const LIFE: Duration = Duration::from_secs(10 * 60);

/// As many may be under way. Whoever sets out is a stranger with a cookie that costs nothing, so there has to be a bound.
pub const MOST: Most = Most { from_network: 100, in_server: 10_000 };

/// What a browser takes along, and what follows from it.
#[derive(Clone, Debug)]
pub struct Secrets {
    /// Goes there and comes back by the browser.
    pub state: Secret,
    /// Comes back in the `id_token` (OpenID Connect Core §3.1.2.1).
    pub nonce: String,
    /// Shown to the provider when the code is exchanged (RFC 7636 §4.1).
    pub verifier: Secret,
}

impl Secrets {
    /// Those that belong to a `state`.
    pub fn of(state: &str, keys: &Keyring) -> Self {
        let key = keys.key(Purpose::UpstreamState);
        let derived = |label: &[u8]| base64url(key.mac(&[label, state.as_bytes()]).bytes());
        Self { state: Secret::new(state.to_owned()), nonce: derived(b"nonce"), verifier: Secret::new(derived(b"pkce")) }
    }
}

/// A browser that sets out.
#[derive(Clone, Debug)]
pub struct Departure {
    /// Digest of the cookie that makes the attempt this browser's.
    pub browser: Digest,
    /// Where to.
    pub provider: ProviderKey,
    /// Who links an account; nothing where somebody signs in.
    pub user_id: Option<UserId>,
    /// Where it goes afterwards; checked.
    pub next: String,
}

/// Notes that a browser sets out; nothing where too many of its network are under way.
///
/// # Errors
/// The database's.
pub fn open(
    conn: &mut Conn,
    departure: &Departure,
    keys: &Keyring,
    (moment, origin): (&Moment, &Origin),
) -> Result<Option<Secrets>, Fault> {
    let now = moment.now();
    let state = Secret::draw(moment);
    let digest = Digest::of(Purpose::UpstreamState, state.expose());
    if !upstream_attempts::make_room(conn, (origin.network(), &digest), MOST, now)? {
        return Ok(None);
    }
    let attempt = UpstreamAttempt {
        digest,
        browser: departure.browser,
        provider: departure.provider.clone(),
        user_id: departure.user_id,
        next: departure.next.clone(),
        expires_at: now.after(LIFE),
    };
    upstream_attempts::insert(conn, &attempt, origin.network())?;
    Ok(Some(Secrets::of(state.expose(), keys)))
}

/// Uses up the attempt that one of these browsers brings back from `provider`. Another browser, or another provider's
/// address, uses nothing up.
///
/// # Errors
/// The database's.
pub fn take(
    conn: &mut Conn,
    state: &str,
    browsers: &[Digest],
    provider: &ProviderKey,
    moment: &Moment,
) -> Result<Option<UpstreamAttempt>, Fault> {
    let digest = Digest::of(Purpose::UpstreamState, state);
    let found = upstream_attempts::by_digest(conn, &digest, moment.now())?;
    let own = found.filter(|attempt| {
        attempt.provider == *provider && browsers.iter().any(|browser| browser.same(&attempt.browser))
    });
    match own {
        Some(attempt) => Ok(upstream_attempts::remove(conn, &digest)?.then_some(attempt)),
        None => Ok(None),
    }
}
