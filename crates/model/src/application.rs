//! Applications: what an organization's admin registers, and what acts as the client in a request.

use crate::algorithm::Algorithm;
use crate::id::{ApplicationId, ClientId, OrgId};
use crate::logo::LogoName;
use crate::name::{DisplayName, NotAName};
use crate::org::Organization;
use crate::redirect_uri::{self, RedirectUri};
use crate::terms::TokenProfile;
use crate::time::Timestamp;
use crate::user_code::UserCodeFormat;
use protocol::scope::Scopes;
use protocol::token::GrantType;
use std::collections::BTreeSet;
use std::ops::RangeInclusive;
use std::time::Duration;

/// A registered application.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Application {
    /// Whose.
    pub org_id: OrgId,
    /// Which.
    pub id: ApplicationId,
    /// What it calls itself on the wire.
    pub client_id: ClientId,
    /// Grows with every change; a change of a stale copy is refused.
    pub revision: i32,
    /// Whether it may be used.
    pub state: ApplicationState,
    /// Whether it has a secret.
    pub kind: ClientKind,
    /// What an admin can change.
    pub settings: ApplicationSettings,
    /// When it was registered.
    pub created_at: Timestamp,
}

impl Application {
    /// Whether it may be used.
    pub fn is_active(&self) -> bool {
        self.state == ApplicationState::Active
    }

    /// Whether its scopes are all that the server's own catalogue has, whatever is added to it: those of the clients that the
    /// server brings along.
    pub fn takes_whole_catalogue(&self) -> bool {
        self.org_id.is_instance() && [ClientId::MCP, ClientId::UNREGISTERED].contains(&self.client_id.as_str())
    }
}

/// What an admin can change about an application.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ApplicationSettings {
    /// What users read.
    pub name: String,
    /// What users see beside it.
    pub logo: Option<LogoName>,
    /// The grants that it may use.
    pub grants: BTreeSet<GrantType>,
    /// The scopes that it may ask for.
    pub scopes: Scopes,
    /// The scopes of a request that names none.
    pub default_scopes: Scopes,
    /// The device grant's settings.
    pub device: DeviceSettings,
    /// The code flow's settings.
    pub code: CodeSettings,
    /// The settings of sign-ins in a web view.
    pub embedded: EmbeddedSettings,
    /// The tokens' settings.
    pub tokens: TokenSettings,
}

/// The settings of the authorization code flow.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CodeSettings {
    /// Where its answers may go.
    pub redirect_uris: Vec<RedirectUri>,
    /// Where a sign-out may lead.
    pub post_logout_redirect_uris: Vec<RedirectUri>,
    /// Whether requests need a code challenge (RFC 7636) where the application has a secret. Without one they always do.
    pub challenge_required: bool,
}

impl Default for CodeSettings {
    fn default() -> Self {
        Self { redirect_uris: Vec::new(), post_logout_redirect_uris: Vec::new(), challenge_required: true }
    }
}

/// The settings of sign-ins in a web view of the application's own, which take a token along in an address.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct EmbeddedSettings {
    /// Whether it may.
    pub enabled: bool,
    /// Where whoever has just registered takes one more step, before they are asked.
    pub post_registration_url: Option<RedirectUri>,
}

/// The device grant's settings.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DeviceSettings {
    /// Lifetime of the codes, 60 s to 24 h; the organization's where none is set.
    pub expiration: Option<Duration>,
    /// Time between polls, 1 to 60 s; the organization's where none is set.
    pub interval: Option<Duration>,
    /// How user codes look.
    pub format: UserCodeFormat,
    /// Whether `verification_uri_complete` is given.
    pub prefilled_uri: bool,
}

impl Default for DeviceSettings {
    fn default() -> Self {
        Self { expiration: None, interval: None, format: UserCodeFormat::FourFour, prefilled_uri: true }
    }
}

impl DeviceSettings {
    /// Lifetime of the codes in `organization`.
    pub fn expiration_in(&self, organization: &Organization) -> Duration {
        self.expiration.unwrap_or(organization.device.expiration)
    }

    /// Time between polls in `organization`.
    pub fn interval_in(&self, organization: &Organization) -> Duration {
        self.interval.unwrap_or(organization.device.interval)
    }
}

/// The tokens' settings.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TokenSettings {
    /// Lifetime of access tokens; 60 s to 24 h.
    pub access_lifetime: Duration,
    /// Algorithm of id_tokens; the organization's where none is set.
    pub id_token_alg: Option<Algorithm>,
    /// What its device grants are exchanged for.
    pub kind: TokenProfile,
}

impl Default for TokenSettings {
    fn default() -> Self {
        Self { access_lifetime: Duration::from_secs(3600), id_token_alg: None, kind: TokenProfile::Jwt }
    }
}

/// Why settings can't be taken: one per field, so that each can be shown beside it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum SettingsProblem {
    /// The name is empty.
    NameEmpty,
    /// The name has more than [`DisplayName::LONGEST`] characters.
    NameTooLong,
    /// The name holds characters that can't be seen.
    NameInvisible,
    /// No grant is chosen.
    NoGrant,
    /// Refreshing alone gives nothing to refresh.
    RefreshAlone,
    /// A public application has no secret to get tokens for itself with.
    ClientCredentialsNeedSecret,
    /// The code flow has nowhere to answer to.
    RedirectUriMissing,
    /// There are more than [`redirect_uri::MOST`] addresses of one kind.
    RedirectUrisTooMany,
    /// The step after registering is not a page of a site.
    PostRegistrationNoPage,
    /// The default scopes are not all allowed.
    DefaultScopesBeyondAllowed,
    /// The codes' lifetime is not 60 s to 24 h.
    Expiration,
    /// The interval is not 1 to 60 s.
    Interval,
    /// The access token's lifetime is not 60 s to 24 h.
    AccessLifetime,
    /// Keys are given to devices, and don't refresh: other grants give nothing.
    KeysAreForDevices,
}

const DAY: Duration = Duration::from_secs(24 * 60 * 60);
const MINUTE: Duration = Duration::from_secs(60);

/// How long device codes may live.
pub const CODE_EXPIRATION: RangeInclusive<Duration> = MINUTE..=DAY;

/// How much time there may be between polls.
pub const POLL_INTERVAL: RangeInclusive<Duration> = Duration::from_secs(1)..=MINUTE;

impl ApplicationSettings {
    /// Everything that is wrong with these settings for an application of `kind`.
    pub fn problems(&self, kind: ClientKind) -> Vec<SettingsProblem> {
        use SettingsProblem as P;
        let refresh_alone = self.grants.len() == 1 && self.grants.contains(&GrantType::RefreshToken);
        let named = DisplayName::parse(&self.name).err();
        let by_code = self.grants.contains(&GrantType::AuthorizationCode);
        let keys = self.tokens.kind != TokenProfile::Jwt;
        let machine = self.grants.contains(&GrantType::ClientCredentials);
        [
            (named == Some(NotAName::Empty), P::NameEmpty),
            (named == Some(NotAName::TooLong), P::NameTooLong),
            (named == Some(NotAName::Invisible), P::NameInvisible),
            (self.grants.is_empty() && !self.embedded.enabled, P::NoGrant),
            (refresh_alone, P::RefreshAlone),
            (machine && kind == ClientKind::Public, P::ClientCredentialsNeedSecret),
            (by_code && self.code.redirect_uris.is_empty(), P::RedirectUriMissing),
            (
                [&self.code.redirect_uris, &self.code.post_logout_redirect_uris]
                    .iter()
                    .any(|uris| uris.len() > redirect_uri::MOST),
                P::RedirectUrisTooMany,
            ),
            (self.embedded.post_registration_url.as_ref().is_some_and(|url| !url.is_page()), P::PostRegistrationNoPage),
            (!self.default_scopes.within(&self.scopes), P::DefaultScopesBeyondAllowed),
            (self.device.expiration.is_some_and(|span| !CODE_EXPIRATION.contains(&span)), P::Expiration),
            (self.device.interval.is_some_and(|span| !POLL_INTERVAL.contains(&span)), P::Interval),
            (!(MINUTE..=DAY).contains(&self.tokens.access_lifetime), P::AccessLifetime),
            (keys && self.grants.iter().any(|grant| *grant != GrantType::DeviceCode), P::KeysAreForDevices),
        ]
        .into_iter()
        .filter_map(|(wrong, problem)| wrong.then_some(problem))
        .collect()
    }
}

/// Whether an application may be used.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ApplicationState {
    /// It may.
    Active,
    /// An admin switched it off; it can be switched on again.
    Disabled,
    /// Gone for good. The row stays while grants and families point to it.
    Deleted,
}

impl ApplicationState {
    /// The word for it, in the database.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Active => "active",
            Self::Disabled => "disabled",
            Self::Deleted => "deleted",
        }
    }

    /// Reads the word.
    pub fn parse(text: &str) -> Option<Self> {
        [Self::Active, Self::Disabled, Self::Deleted].into_iter().find(|state| state.as_str() == text)
    }
}

/// Whether a client can keep a secret (RFC 6749 §2.1).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ClientKind {
    /// It can't: programs on people's machines.
    Public,
    /// It can: servers.
    Confidential,
}

impl ClientKind {
    /// The word for it, in the database.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Public => "public",
            Self::Confidential => "confidential",
        }
    }

    /// Reads the word.
    pub fn parse(text: &str) -> Option<Self> {
        [Self::Public, Self::Confidential].into_iter().find(|kind| kind.as_str() == text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn settings() -> ApplicationSettings {
        ApplicationSettings {
            name: "Acme CLI".to_owned(),
            logo: None,
            grants: [GrantType::DeviceCode, GrantType::RefreshToken].into(),
            scopes: Scopes::parse("openid email").unwrap(),
            default_scopes: Scopes::parse("openid").unwrap(),
            device: DeviceSettings::default(),
            code: CodeSettings::default(),
            embedded: EmbeddedSettings::default(),
            tokens: TokenSettings::default(),
        }
    }

    #[test]
    fn the_defaults_have_no_problem() {
        assert_eq!(settings().problems(ClientKind::Public), []);
    }

    #[test]
    fn who_signs_in_inside_a_web_view_needs_no_grant() {
        let mut settings = settings();
        settings.grants.clear();
        settings.embedded.enabled = true;
        assert_eq!(settings.problems(ClientKind::Public), []);
    }

    #[test]
    fn each_problem_is_named() {
        use SettingsProblem as P;
        type Spoil = fn(&mut ApplicationSettings);
        let table: [(Spoil, P); 13] = [
            (|s| s.name.clear(), P::NameEmpty),
            (|s| s.name = "ä".repeat(81), P::NameTooLong),
            (|s| s.name.push('\u{200b}'), P::NameInvisible),
            (|s| s.grants.clear(), P::NoGrant),
            (|s| s.grants = [GrantType::RefreshToken].into(), P::RefreshAlone),
            (|s| s.grants = [GrantType::ClientCredentials].into(), P::ClientCredentialsNeedSecret),
            (|s| s.grants.extend([GrantType::AuthorizationCode]), P::RedirectUriMissing),
            (
                |s| s.code.redirect_uris = vec![RedirectUri::parse("https://app.example/cb").unwrap(); 21],
                P::RedirectUrisTooMany,
            ),
            (
                |s| {
                    s.embedded.post_registration_url = Some(RedirectUri::parse("com.example.app:/done").unwrap());
                },
                P::PostRegistrationNoPage,
            ),
            (|s| s.default_scopes = Scopes::parse("other").unwrap(), P::DefaultScopesBeyondAllowed),
            (|s| s.device.expiration = Some(Duration::from_secs(59)), P::Expiration),
            (|s| s.device.interval = Some(Duration::from_secs(61)), P::Interval),
            (|s| s.tokens.access_lifetime = DAY + MINUTE, P::AccessLifetime),
        ];
        for (spoil, problem) in table {
            let mut spoilt = settings();
            spoil(&mut spoilt);
            assert_eq!(spoilt.problems(ClientKind::Public), [problem]);
        }
    }
}
