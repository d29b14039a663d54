//! Organizations: the tenants.

use crate::algorithm::Algorithm;
use crate::application::{CODE_EXPIRATION, POLL_INTERVAL};
use crate::device_login::{DeviceLogin, DeviceLoginPolicy};
use crate::id::{ClientId, OrgId};
use crate::login_attempt::NewDevicePolicy;
use crate::logo::LogoName;
use crate::name::DisplayName;
use crate::opaque;
use crate::time::Timestamp;
use protocol::scope::Scopes;
use std::collections::BTreeSet;
use std::time::Duration;

/// A tenant. Everything that belongs to it is stored under its id.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Organization {
    /// Chosen at creation, part of the issuer, never reused.
    pub id: OrgId,
    /// Grows with every change; a change of a stale copy is refused.
    pub revision: i32,
    /// What people call it; may change.
    pub name: String,
    /// The accent colour of its pages, `#rrggbb`; empty for none.
    pub colour: Option<String>,
    /// Its logo.
    pub logo: Option<LogoName>,
    /// Algorithm of its access tokens.
    pub signing_alg: Algorithm,
    /// How long its refresh tokens live.
    pub refresh: RefreshPolicy,
    /// Of applications that have none of their own.
    pub device: DeviceDefaults,
    /// Whether its members need a second factor.
    pub second_factor: FactorPolicy,
    /// Who becomes a member without being added.
    pub registration: Registration,
    /// How its members sign in.
    pub sign_in: SignInPolicy,
    /// Which applications may log devices in.
    pub device_login: DeviceLoginPolicy,
    /// The longest that an API key or an MCP token lives; 1 to 365 days.
    pub longest_token: Duration,
    /// When it was created.
    pub created_at: Timestamp,
}

/// Whether an organization's members need a second factor.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FactorPolicy {
    /// Since when they do; nothing where they don't.
    pub required_since: Option<Timestamp>,
    /// How long whoever has none may go on without, from then or from joining.
    pub grace: Duration,
}

impl Default for FactorPolicy {
    fn default() -> Self {
        Self { required_since: None, grace: Duration::from_secs(7 * 24 * 60 * 60) }
    }
}

impl FactorPolicy {
    /// Until when somebody who joined at `joined_at` may go on without; nothing where they always may.
    pub fn due(&self, joined_at: Timestamp) -> Option<Timestamp> {
        self.required_since.map(|since| since.max(joined_at).after(self.grace))
    }
}

/// Whether a second factor is to be needed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SecondFactor {
    /// Whoever wants to has one.
    Optional,
    /// Whoever wants to use the organization needs one.
    Required,
}

/// Who becomes a member of an organization without being added by an admin.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Registration {
    /// Anybody.
    Open,
    /// Whoever has an invitation.
    #[default]
    ByInvitation,
    /// Whoever has an address of one of these domains, in lower case; and whoever has an invitation.
    Domains(Vec<String>),
}

impl Registration {
    /// The most domains.
    pub const MOST_DOMAINS: usize = 50;

    /// Reads `open`, `invitation` or `domain:acme.example,acme.test`; nothing where it is none of them.
    pub fn parse(text: &str) -> Option<Self> {
        match text {
            "open" => return Some(Self::Open),
            "invitation" => return Some(Self::ByInvitation),
            _ => {}
        }
        let listed = text.strip_prefix("domain:")?.split(',');
        let mut domains: Vec<String> = listed.map(|domain| domain.trim().to_ascii_lowercase()).collect();
        domains.sort_unstable();
        domains.dedup();
        // What no address can end with would let nobody in, and look as if it did.
        let real = |domain: &String| crate::user::email_key(&format!("a@{domain}")).is_some() && domain.contains('.');
        (domains.iter().all(real) && domains.len() <= Self::MOST_DOMAINS).then_some(Self::Domains(domains))
    }

    /// The same as text.
    pub fn text(&self) -> String {
        match self {
            Self::Open => "open".to_owned(),
            Self::ByInvitation => "invitation".to_owned(),
            Self::Domains(domains) => format!("domain:{}", domains.join(",")),
        }
    }

    /// Whether somebody with this address, in the form that accounts are found by, is let in. A domain stands for itself,
    /// not for those below it.
    pub fn admits(&self, email_key: &str) -> bool {
        match self {
            Self::Open => true,
            Self::ByInvitation => false,
            Self::Domains(domains) => {
                email_key.rsplit_once('@').is_some_and(|(_, domain)| domains.iter().any(|known| known == domain))
            }
        }
    }
}

/// How long refresh tokens live, and how long a repeat of a spent one is forgiven.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RefreshPolicy {
    /// From the family's start to its certain end.
    pub absolute: Duration,
    /// From one use to the next at most.
    pub idle: Duration,
    /// How long after a token's own first use a repeat gets the same successor; 0 to 300 s.
    pub grace: Duration,
}

impl Default for RefreshPolicy {
    fn default() -> Self {
        const DAY: u64 = 24 * 60 * 60;
        Self {
            absolute: Duration::from_secs(90 * DAY),
            idle: Duration::from_secs(30 * DAY),
            grace: Duration::from_secs(60),
        }
    }
}

/// The device grant's settings of applications that have none of their own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DeviceDefaults {
    /// Lifetime of the codes; 60 s to 24 h.
    pub expiration: Duration,
    /// Time between polls; 1 to 60 s.
    pub interval: Duration,
}

impl Default for DeviceDefaults {
    fn default() -> Self {
        Self { expiration: Duration::from_secs(1800), interval: Duration::from_secs(5) }
    }
}

/// What an organization asks of its members' sign-ins.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SignInPolicy {
    /// When they wait for the answer to a letter.
    pub new_device: NewDevicePolicy,
}

impl Default for SignInPolicy {
    fn default() -> Self {
        Self { new_device: NewDevicePolicy::Unknown }
    }
}

/// What is to be changed about an organization; what is absent stays as it is.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct OrgChanges {
    /// What people call it.
    pub name: Option<DisplayName>,
    /// The accent colour of its pages, `#rrggbb`; empty for none.
    pub colour: Option<String>,
    /// Its logo; nothing in it for none.
    pub logo: Option<Option<LogoName>>,
    /// Algorithm of its access tokens.
    pub signing_alg: Option<Algorithm>,
    /// How long a repeat of a spent refresh token is forgiven.
    pub grace: Option<Duration>,
    /// How long a refresh token may lie unused.
    pub idle: Option<Duration>,
    /// How long a family lives; for those that begin from now on.
    pub absolute: Option<Duration>,
    /// How long device codes live where the application says nothing else.
    pub code_expiration: Option<Duration>,
    /// The time between polls where the application says nothing else.
    pub poll_interval: Option<Duration>,
    /// Whether its members need a second factor, decided when.
    pub second_factor: Option<(SecondFactor, Timestamp)>,
    /// How long whoever has none may go on without.
    pub second_factor_grace: Option<Duration>,
    /// Who becomes a member without being added.
    pub registration: Option<Registration>,
    /// When its members' sign-ins wait for the answer to a letter.
    pub new_device: Option<NewDevicePolicy>,
    /// Which applications may log devices in.
    pub device_login: Option<DeviceLogin>,
    /// Those that may where only listed ones do, in the place of all before.
    pub device_login_apps: Option<BTreeSet<ClientId>>,
    /// What a device login gets at most; everything where it is empty.
    pub device_scope_ceiling: Option<Scopes>,
    /// The longest that an API key or an MCP token lives; for those that are made from now on.
    pub longest_token: Option<Duration>,
}

/// Why a change of an organization can't be taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OrgProblem {
    /// The colour is not `#rrggbb`.
    Colour,
    /// The grace is over 300 s.
    Grace,
    /// The idle life is not 1 to 365 days.
    Idle,
    /// The absolute life is not 1 to 365 days.
    Absolute,
    /// The idle life is longer than the absolute one.
    IdleBeyondAbsolute,
    /// The codes' lifetime is not 60 s to 24 h.
    CodeExpiration,
    /// The interval is not 1 to 60 s.
    PollInterval,
    /// The grace for a second factor is over 90 days.
    SecondFactorGrace,
    /// Only listed applications may log devices in, and none is listed.
    DeviceLoginForNone,
    /// The longest life of keys is not 1 to 365 days.
    LongestToken,
}

impl Organization {
    /// The organization with these changes.
    ///
    /// # Errors
    /// The first that can't be taken.
    pub fn with(&self, changes: &OrgChanges) -> Result<Self, OrgProblem> {
        const DAY: Duration = Duration::from_secs(24 * 60 * 60);
        let life = DAY..=DAY * 365;
        let mut changed = self.clone();
        if let Some(name) = &changes.name {
            name.as_str().clone_into(&mut changed.name);
        }
        if let Some(colour) = &changes.colour {
            let digits = colour.strip_prefix('#').filter(|digits| digits.len() == 6);
            if !colour.is_empty() && !digits.is_some_and(|digits| digits.bytes().all(|digit| digit.is_ascii_hexdigit()))
            {
                return Err(OrgProblem::Colour);
            }
            changed.colour = (!colour.is_empty()).then(|| colour.to_ascii_lowercase());
        }
        if let Some(logo) = &changes.logo {
            changed.logo.clone_from(logo);
        }
        changed.signing_alg = changes.signing_alg.unwrap_or(self.signing_alg);
        changed.refresh = RefreshPolicy {
            absolute: changes.absolute.unwrap_or(self.refresh.absolute),
            idle: changes.idle.unwrap_or(self.refresh.idle),
            grace: changes.grace.unwrap_or(self.refresh.grace),
        };
        changed.device = DeviceDefaults {
            expiration: changes.code_expiration.unwrap_or(self.device.expiration),
            interval: changes.poll_interval.unwrap_or(self.device.interval),
        };
        if let Some(grace) = changes.second_factor_grace {
            changed.second_factor.grace = grace;
        }
        // Requiring once more what is required already does not begin the grace anew.
        changed.second_factor.required_since = match changes.second_factor {
            None => self.second_factor.required_since,
            Some((SecondFactor::Optional, _)) => None,
            Some((SecondFactor::Required, at)) => Some(self.second_factor.required_since.unwrap_or(at)),
        };
        if let Some(registration) = &changes.registration {
            changed.registration = registration.clone();
        }
        changed.sign_in = SignInPolicy { new_device: changes.new_device.unwrap_or(self.sign_in.new_device) };
        let device_login = &mut changed.device_login;
        device_login.login = changes.device_login.unwrap_or(device_login.login);
        if let Some(listed) = &changes.device_login_apps {
            device_login.listed.clone_from(listed);
        }
        if let Some(ceiling) = &changes.device_scope_ceiling {
            device_login.ceiling.clone_from(ceiling);
        }
        changed.longest_token = changes.longest_token.unwrap_or(self.longest_token);
        let RefreshPolicy { absolute, idle, grace } = changed.refresh;
        let problems = [
            (grace > Duration::from_secs(300), OrgProblem::Grace),
            (!life.contains(&idle), OrgProblem::Idle),
            (!life.contains(&absolute), OrgProblem::Absolute),
            (idle > absolute, OrgProblem::IdleBeyondAbsolute),
            (!CODE_EXPIRATION.contains(&changed.device.expiration), OrgProblem::CodeExpiration),
            (!POLL_INTERVAL.contains(&changed.device.interval), OrgProblem::PollInterval),
            (changed.second_factor.grace > DAY * 90, OrgProblem::SecondFactorGrace),
            (!changed.device_login.is_sound(), OrgProblem::DeviceLoginForNone),
            (!opaque::LIFETIME.contains(&changed.longest_token), OrgProblem::LongestToken),
        ];
        match problems.into_iter().find(|(wrong, _)| *wrong) {
            Some((_, problem)) => Err(problem),
            None => Ok(changed),
        }
    }
}

/// What a member may do in an organization.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Role {
    /// Uses its applications.
    Member,
    /// Registers applications and sees the portal.
    Admin,
    /// Does what an admin does; an organization always keeps one.
    Owner,
}

impl Role {
    /// The word for it, in the database and on the command line.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Member => "member",
            Self::Admin => "admin",
            Self::Owner => "owner",
        }
    }

    /// Reads the word.
    pub fn parse(text: &str) -> Option<Self> {
        [Self::Member, Self::Admin, Self::Owner].into_iter().find(|role| role.as_str() == text)
    }

    /// Whether the portal is open to this role.
    pub const fn administers(self) -> bool {
        matches!(self, Self::Admin | Self::Owner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn registration_is_read_as_it_is_written_and_lets_in_whom_it_names() {
        let domains = Registration::parse("domain: Acme.Example,beta.test,acme.example").unwrap();
        assert_eq!(domains.text(), "domain:acme.example,beta.test");
        for policy in [Registration::Open, Registration::ByInvitation, domains.clone()] {
            assert_eq!(Registration::parse(&policy.text()), Some(policy));
        }
        for bad in [
            "",
            "Open",
            "domain:",
            "domain:acme",
            "domain:acme.example,",
            "domain:@acme.example",
            "domain:*.acme.example",
            "domain:a b.example",
        ] {
            assert_eq!(Registration::parse(bad), None, "{bad}");
        }
        let key = |address: &str| crate::user::email_key(address).unwrap();
        assert!(domains.admits(&key("Ada@ACME.example")) && Registration::Open.admits(&key("x@y.example")));
        for stranger in ["ada@evil-acme.example", "ada@sub.acme.example", "ada@acme.example.evil.example"] {
            assert!(!domains.admits(&key(stranger)), "{stranger}");
        }
        assert!(!Registration::ByInvitation.admits(&key("ada@acme.example")));
    }
}
