//! What the server is made of: built once, shared by all requests.

use crate::clock::Time;
use crate::config::{Config, OperatorsProvider, Problem};
use crate::discovery::DiscoveryCache;
use crate::first_keys::FirstKeys;
use crate::last_used::LastUsed;
use crate::limits::Limits;
use crate::metrics::Metrics;
use crate::places::Places;
use delivery::{Mailbox, Transport};
use issuer::keys::{KeyCache, OrgKeys};
use login::breached::{Breached, NotAList};
use login::passkey::RelyingParty;
use login::password::Passwords;
use login::upstream::Upstream;
use model::algorithm::Algorithm;
use model::fault::Fault;
use model::id::OrgId;
use model::moment::Moment;
use model::secret::{Keyring, Secret};
use model::time::Timestamp;
use model::upstream::Provider;
use outbound::{Outbound, Rules};
use registry::grants::poll::LastPolls;
use std::collections::HashMap;
use std::sync::Arc;
use store::tables::signing_keys::KeyRecord;
use store::{Class, Db};
use views::assets::Asset;
use views::{AssetUrls, Views};

/// Grants whose last poll is remembered at most.
const REMEMBERED_POLLS: usize = 400_000;

/// What the server is made of.
pub struct State {
    /// What the operator chose.
    pub config: Config,
    /// The only door to the database.
    pub db: Db,
    /// The keys that are not in it.
    pub keyring: Keyring,
    /// The clock and the source of randomness.
    pub time: Arc<dyn Time>,
    /// Organizations' signing keys, parsed.
    pub keys: KeyCache,
    /// Who makes a first one.
    pub first_keys: FirstKeys,
    /// The way that letters leave.
    pub mail: Transport,
    /// Who they are from.
    pub mail_from: Mailbox,
    /// Where addresses are.
    pub places: Places,
    /// How identity providers are spoken with.
    pub upstream: Upstream,
    /// The operator's, with our secrets there.
    pub providers: Vec<(Provider, Secret)>,
    /// Argon2, a few at a time.
    pub passwords: Passwords,
    /// We, as authenticators know us; nothing where our host is an IP address, and passkeys are off.
    pub passkeys: Option<RelyingParty>,
    /// When grants were polled.
    pub last_polls: LastPolls,
    /// When opaque tokens were used.
    pub last_used: LastUsed,
    /// Request rates and live codes.
    pub limits: Limits,
    /// Documents that hardly change.
    pub discovery: DiscoveryCache,
    /// What is counted for a monitoring system.
    pub metrics: Arc<Metrics>,
    /// Templates.
    pub views: Views,
    /// Static files, by the name in their URL.
    pub assets: HashMap<String, Asset>,
    /// Their URLs.
    pub asset_urls: AssetUrls,
}

/// The way out, by what the operator allows.
pub(crate) fn outbound(config: &Config) -> Result<Outbound, Fault> {
    let rules = Rules { private: config.outbound_private_hosts.clone(), ..Rules::default() };
    let user_agent = concat!("Doorward/", env!("CARGO_PKG_VERSION"));
    Outbound::new(rules, user_agent).map_err(|failed| Fault::broken("the way out can't be made").because(failed))
}

/// The operator's identity providers, with our secrets there.
fn providers(config: &Config) -> Result<Vec<(Provider, Secret)>, Fault> {
    let known = |one: &OperatorsProvider| {
        let secret = one.secret.read().map_err(|problem| Fault::broken(problem.to_string()))?;
        Ok((one.provider.clone(), secret))
    };
    config.upstream.iter().map(known).collect()
}

/// The list of stolen passwords, where one was configured.
///
/// # Errors
/// A sentence that names the file where it is no such list.
pub fn breached(config: &Config) -> Result<Option<Breached>, Problem> {
    let Some(file) = config.breached_passwords_file.as_deref() else { return Ok(None) };
    let unusable = |why: NotAList| {
        Problem::new(format!(
            "breached_passwords_file (DOORWARD_BREACHED_PASSWORDS_FILE) is {}, which can't be used: {why}. Name a file as Have I Been \
             Pwned gives it, a SHA-1 digest a line, sorted, or leave the setting away.",
            file.display()
        ))
    };
    Breached::open(file).map(Some).map_err(unusable)
}

impl State {
    /// Builds it all.
    ///
    /// # Errors
    /// `Broken` where a template is, or the library of passwords or of passkeys.
    pub fn new(config: Config, places: Places, db: Db, keyring: Keyring, time: Arc<dyn Time>) -> Result<Self, Fault> {
        let assets: Vec<Asset> = views::assets::all();
        let url = |name: &str| {
            let asset = assets
                .iter()
                .find(|asset| asset.name == name)
                .ok_or_else(|| Fault::broken(format!("there is no static file {name}")))?;
            Ok::<_, Fault>(routes::url::asset(&asset.hashed_name))
        };
        let asset_urls = AssetUrls { css: url("app.css")?, js: url("app.js")?, icon: url("icon.svg")? };
        Ok(Self {
            mail: Transport::from_url(&config.mail_url).map_err(|error| Fault::broken(error.to_string()))?,
            mail_from: Mailbox::parse(&config.mail_from)
                .map_err(|error| Fault::broken(format!("DOORWARD_MAIL_FROM: {error}")))?,
            upstream: Upstream::new(outbound(&config)?),
            providers: providers(&config)?,
            places,
            passwords: Passwords::new(
                config.password_permits,
                breached(&config).map_err(|problem| Fault::broken(problem.to_string()))?,
            )?,
            passkeys: RelyingParty::new(config.public_url.as_str())?,
            last_polls: LastPolls::new(REMEMBERED_POLLS),
            last_used: LastUsed::default(),
            limits: Limits::new(config.limits, &config.rates),
            keys: KeyCache::default(),
            first_keys: FirstKeys::default(),
            discovery: DiscoveryCache::default(),
            metrics: Arc::default(),
            views: Views::new()?,
            assets: assets.into_iter().map(|asset| (asset.hashed_name.clone(), asset)).collect(),
            asset_urls,
            config,
            db,
            keyring,
            time,
        })
    }

    /// The organization's keys, a key for each of `needed` among them: made now where there is none yet.
    ///
    /// # Errors
    /// The database's; `Broken` where a key does not open.
    pub async fn keys(&self, org: &OrgId, needed: &[Algorithm], moment: &Moment) -> Result<Arc<OrgKeys>, Fault> {
        let now = moment.now();
        let suffices = |keys: &Arc<OrgKeys>| needed.iter().all(|algorithm| keys.signing(*algorithm, now).is_some());
        if let Some(keys) = self.keys.fresh(org, now).filter(suffices) {
            return Ok(keys);
        }
        let keys = self.read_keys(org, now).await?;
        let Some(missing) = needed.iter().find(|algorithm| keys.signing(**algorithm, now).is_none()) else {
            return Ok(keys);
        };
        self.first_key(org, *missing, moment).await?;
        let keys = self.read_keys(org, now).await?;
        match keys.signing(*missing, now) {
            Some(_) => Box::pin(self.keys(org, needed, moment)).await,
            None => Err(Fault::broken(format!("{org} has no {missing} key that signs yet"))),
        }
    }

    /// Makes a signing key, on a thread that may take long, and stores nothing.
    ///
    /// # Errors
    /// `Busy` where there is no such thread; `Broken` where the library fails.
    pub async fn make_key(&self, org: &OrgId, algorithm: Algorithm, moment: &Moment) -> Result<KeyRecord, Fault> {
        let (keyring, making) = (self.keyring.clone(), (org.clone(), moment.clone()));
        let make = move || issuer::keys::make(&making.0, algorithm, &keyring, &making.1);
        actix_web::web::block(make).await.map_err(|error| Fault::busy("making a signing key").because(error))?
    }

    /// Forgets what this node knows of an organization's keys: they have just changed.
    pub fn forget_keys(&self, org: &OrgId) {
        self.keys.forget(org);
        self.discovery.forget(org);
    }

    /// Makes the organization's first key of `algorithm`, unless another request is faster: that is waited for.
    async fn first_key(&self, org: &OrgId, algorithm: Algorithm, moment: &Moment) -> Result<(), Fault> {
        let now = moment.now();
        let turn = self.first_keys.turn(org, algorithm);
        let _turn = turn.lock().await;
        if self.read_keys(org, now).await?.signing(algorithm, now).is_some() {
            return Ok(());
        }
        let record = self.make_key(org, algorithm, moment).await?;
        let org_id = org.clone();
        self.db
            .write("first key", Class::Durable, move |conn| issuer::keys::add_first(conn, &org_id, &record, now))
            .await?;
        // What this key signs is looked up at once by whoever receives it.
        self.discovery.forget(org);
        Ok(())
    }

    /// Makes the key that an application was just set to, so that no token has to wait for it. Where that fails, the
    /// first token tries again.
    pub async fn key_ahead(&self, org: &OrgId, algorithm: Option<Algorithm>, moment: &Moment) {
        let Some(algorithm) = algorithm else { return };
        if let Err(fault) = self.keys(org, &[algorithm], moment).await {
            tracing::warn!(%org, %algorithm, %fault, "a signing key could not be made ahead");
        }
    }

    async fn read_keys(&self, org: &OrgId, now: Timestamp) -> Result<Arc<OrgKeys>, Fault> {
        let wanted = org.clone();
        let records = self.db.read("signing keys", move |conn| KeyCache::read(conn, &wanted, now)).await?;
        self.keep_keys(org, records, now)
    }

    /// Takes an organization's keys that were read along with something else at `now`.
    ///
    /// # Errors
    /// `Broken` where a key does not open.
    pub fn keep_keys(&self, org: &OrgId, records: Vec<KeyRecord>, now: Timestamp) -> Result<Arc<OrgKeys>, Fault> {
        self.keys.keep(org, records, &self.keyring, now)
    }
}
