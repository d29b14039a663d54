//! Budgets: how many guesses are evaluated in ten minutes, by whom they are made and at whom they aim; how many letters
//! others can make the server write in an hour, or in a day.
//!
//! A guess is charged before it is evaluated and given back where it was right, so that at most the budget is ever
//! evaluated wrongly, however many requests run at once.

use crate::context::Network;
use crate::id::{KnownDeviceId, OrgId, UserId};
use crate::secret::{Digest, Key};
use crate::time::Timestamp;
use std::time::Duration;

/// The span that a budget of guesses covers.
pub const WINDOW: Duration = Duration::from_secs(10 * 60);

/// The span that a budget of letters covers.
pub const LETTERS_WINDOW: Duration = Duration::from_secs(60 * 60);

/// How long nobody is told again that the attempts at their password are used up.
pub const ALARM_WINDOW: Duration = Duration::from_secs(24 * 60 * 60);

/// Rows that the whole server's budget is spread over, so that its charges don't queue behind one another.
pub const SERVER_SLOTS: u16 = 16;

/// What a budget counts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Budget {
    /// Wrong codes by one user.
    CodesByUser(UserId),
    /// Wrong codes from one network.
    CodesByNetwork(Network),
    /// Wrong codes in the whole server.
    CodesInServer,
    /// Wrong passwords for one address, from browsers that its account does not know. Unknown addresses count alike.
    PasswordsByAddress(String),
    /// Wrong passwords for one account from one browser that it knows; strangers can't spend it.
    PasswordsByKnownDevice(KnownDeviceId),
    /// Wrong passwords for one account from all browsers that it knows, together.
    PasswordsByKnownDevices(UserId),
    /// Wrong passwords from one network, and whatever else somebody types in proof of an account.
    PasswordsByNetwork(Network),
    /// Letters that people ask for, from one network.
    LettersByNetwork(Network),
    /// Letters that say that [`Budget::PasswordsByAddress`] is spent. Unknown addresses count alike.
    AlarmsByAddress(String),
    /// Letters that somebody who is not signed in asks for to one address, from one network and in a browser that the
    /// address's account does not know. Unknown addresses count alike.
    LettersByAddressFromNetwork(String, Network),
    /// The same from all networks.
    LettersByAddress(String),
    /// The same in one browser that the account knows; strangers can't spend it.
    LettersByKnownDevice(KnownDeviceId),
    /// Letters to addresses that one user wants instead of theirs.
    EmailChangesByUser(UserId),
    /// The same to one address, whoever wants it.
    EmailChangesByAddress(String),
    /// Invitations that one user sends, wherever.
    InvitationsByInviter(UserId),
    /// Invitations of one organization to one address.
    InvitationsByAddress(OrgId, String),
    /// Invitations of one organization.
    InvitationsByOrganization(OrgId),
    /// Requests to identity providers that one organization's admins cause by saving one.
    ProviderChecksByOrganization(OrgId),
    /// Wrong codes of one user's authenticator app.
    FactorsByUser(UserId),
    /// The same by whom an organization's own provider lets in: it can let in whom it likes, and so must not spend what they
    /// have elsewhere.
    FactorsByMember(UserId, OrgId),
    /// Wrong passwords by somebody signed in, who is asked for it once more.
    StepUpsByUser(UserId),
}

/// How much each kind allows in its [`Budget::window`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BudgetLimits {
    /// Wrong codes by one user.
    pub codes_by_user: u32,
    /// Wrong codes from one network.
    pub codes_by_network: u32,
    /// Wrong codes in the whole server.
    pub codes_in_server: u32,
    /// Wrong passwords for one account, from unknown browsers; and as many from each known one.
    pub passwords_by_account: u32,
    /// Wrong passwords for one account, from all browsers that it knows.
    pub passwords_by_known_devices: u32,
    /// Wrong passwords from one network.
    pub passwords_by_network: u32,
    /// Letters asked for from one network.
    pub letters_by_network: u32,
    /// Letters to one address, from one network or in one known browser; as many of one user to other addresses, and as
    /// many invitations of one organization to one address.
    pub letters_by_address_from_network: u32,
    /// Letters to one address.
    pub letters_by_address: u32,
    /// Invitations that one user sends.
    pub invitations_by_inviter: u32,
    /// Invitations of one organization.
    pub invitations_by_organization: u32,
    /// Requests to identity providers for one organization's admins.
    pub provider_checks_by_organization: u32,
    /// Wrong codes of one user's authenticator app, and as many passwords typed once more.
    pub factors_by_user: u32,
}

impl Default for BudgetLimits {
    fn default() -> Self {
        Self {
            codes_by_user: 5,
            codes_by_network: 20,
            codes_in_server: 300,
            passwords_by_account: 10,
            passwords_by_known_devices: 50,
            passwords_by_network: 50,
            letters_by_network: 20,
            letters_by_address_from_network: 5,
            letters_by_address: 30,
            invitations_by_inviter: 50,
            invitations_by_organization: 100,
            provider_checks_by_organization: 30,
            factors_by_user: 5,
        }
    }
}

impl Budget {
    /// The word for its kind, in the database.
    pub const fn kind(&self) -> &'static str {
        match self {
            Self::CodesByUser(_) => "codes_by_user",
            Self::CodesByNetwork(_) => "codes_by_network",
            Self::CodesInServer => "codes_in_server",
            Self::PasswordsByAddress(_) => "passwords_by_address",
            Self::PasswordsByKnownDevice(_) => "passwords_by_known_device",
            Self::PasswordsByKnownDevices(_) => "passwords_by_known_devices",
            Self::PasswordsByNetwork(_) => "passwords_by_network",
            Self::LettersByNetwork(_) => "letters_by_network",
            Self::AlarmsByAddress(_) => "alarms_by_address",
            Self::LettersByAddressFromNetwork(..) => "letters_by_address_from_network",
            Self::LettersByAddress(_) => "letters_by_address",
            Self::LettersByKnownDevice(_) => "letters_by_known_device",
            Self::EmailChangesByUser(_) => "email_changes_by_user",
            Self::EmailChangesByAddress(_) => "email_changes_by_address",
            Self::InvitationsByInviter(_) => "invitations_by_inviter",
            Self::InvitationsByAddress(..) => "invitations_by_address",
            Self::InvitationsByOrganization(_) => "invitations_by_organization",
            Self::ProviderChecksByOrganization(_) => "provider_checks_by_organization",
            Self::FactorsByUser(_) => "factors_by_user",
            Self::FactorsByMember(..) => "factors_by_member",
            Self::StepUpsByUser(_) => "step_ups_by_user",
        }
    }

    /// Whose it is, as an HMAC: the database holds no list of addresses that somebody tried.
    pub fn subject(&self, key: &Key) -> Digest {
        let name = match self {
            Self::CodesByUser(user)
            | Self::PasswordsByKnownDevices(user)
            | Self::EmailChangesByUser(user)
            | Self::InvitationsByInviter(user)
            | Self::FactorsByUser(user)
            | Self::StepUpsByUser(user) => user.to_string(),
            Self::CodesByNetwork(network) | Self::PasswordsByNetwork(network) | Self::LettersByNetwork(network) => {
                network.to_string()
            }
            Self::FactorsByMember(user, org) => format!("{user} {}", org.as_str()),
            Self::CodesInServer => String::new(),
            Self::PasswordsByAddress(address)
            | Self::LettersByAddress(address)
            | Self::AlarmsByAddress(address)
            | Self::EmailChangesByAddress(address) => address.clone(),
            // Neither a network nor an organization's id has a space in it.
            Self::LettersByAddressFromNetwork(address, network) => format!("{network} {address}"),
            Self::InvitationsByAddress(org, address) => format!("{org} {address}"),
            Self::InvitationsByOrganization(org) | Self::ProviderChecksByOrganization(org) => org.to_string(),
            Self::PasswordsByKnownDevice(device) | Self::LettersByKnownDevice(device) => device.to_string(),
        };
        key.mac(&[self.kind().as_bytes(), name.as_bytes()])
    }

    /// The span that it covers.
    pub const fn window(&self) -> Duration {
        match self {
            Self::LettersByNetwork(_)
            | Self::LettersByAddressFromNetwork(..)
            | Self::LettersByAddress(_)
            | Self::LettersByKnownDevice(_)
            | Self::EmailChangesByUser(_)
            | Self::EmailChangesByAddress(_)
            | Self::InvitationsByInviter(_)
            | Self::InvitationsByAddress(..)
            | Self::InvitationsByOrganization(_)
            | Self::ProviderChecksByOrganization(_) => LETTERS_WINDOW,
            Self::AlarmsByAddress(_) => ALARM_WINDOW,
            Self::CodesByUser(_)
            | Self::CodesByNetwork(_)
            | Self::CodesInServer
            | Self::PasswordsByAddress(_)
            | Self::PasswordsByKnownDevice(_)
            | Self::PasswordsByKnownDevices(_)
            | Self::PasswordsByNetwork(_)
            | Self::FactorsByUser(_)
            | Self::FactorsByMember(..)
            | Self::StepUpsByUser(_) => WINDOW,
        }
    }

    /// How much it allows.
    pub const fn limit(&self, limits: &BudgetLimits) -> u32 {
        match self {
            Self::CodesByUser(_) => limits.codes_by_user,
            Self::CodesByNetwork(_) => limits.codes_by_network,
            Self::CodesInServer => limits.codes_in_server,
            Self::PasswordsByAddress(_) | Self::PasswordsByKnownDevice(_) => limits.passwords_by_account,
            Self::PasswordsByKnownDevices(_) => limits.passwords_by_known_devices,
            Self::PasswordsByNetwork(_) => limits.passwords_by_network,
            Self::LettersByNetwork(_) => limits.letters_by_network,
            Self::AlarmsByAddress(_) => 1,
            Self::LettersByAddressFromNetwork(..)
            | Self::LettersByKnownDevice(_)
            | Self::EmailChangesByUser(_)
            | Self::InvitationsByAddress(..) => limits.letters_by_address_from_network,
            Self::LettersByAddress(_) | Self::EmailChangesByAddress(_) => limits.letters_by_address,
            Self::InvitationsByInviter(_) => limits.invitations_by_inviter,
            Self::InvitationsByOrganization(_) => limits.invitations_by_organization,
            Self::ProviderChecksByOrganization(_) => limits.provider_checks_by_organization,
            Self::FactorsByUser(_) | Self::FactorsByMember(..) | Self::StepUpsByUser(_) => limits.factors_by_user,
        }
    }

    /// How many rows it is spread over.
    pub const fn slots(&self) -> u16 {
        if matches!(self, Self::CodesInServer) { SERVER_SLOTS } else { 1 }
    }
}

/// The start of the window of this length that `now` lies in, counted from `begun` where that is still running.
pub fn window_start(begun: Option<Timestamp>, window: Duration, now: Timestamp) -> Timestamp {
    match begun {
        Some(begun) if now < begun.after(window) => begun,
        _ => now,
    }
}
