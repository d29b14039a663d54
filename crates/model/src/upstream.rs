//! Other people's identity providers, and who is whom there.
//!
//! A provider is the operator's, named in the configuration, or an organization's own. What it says counts for as much:
//! the operator's lets somebody into the whole account, an organization's into that organization alone ([`Reach`]). No
//! type lets one be taken for the other: the reach follows from the [`ProviderKey`].

use crate::id::{OrgId, ProviderId};
use crate::session::Reach;
use crate::user::{User, email_key};
use std::fmt;

/// The name of a provider of the operator's, as in addresses and in the configuration: a word as an organization's id is.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ProviderName(String);

impl ProviderName {
    /// Reads a name: 1 to 32 lower-case letters, digits and hyphens, beginning and ending with a letter or digit.
    pub fn parse(text: &str) -> Option<Self> {
        (text.len() <= 32 && OrgId::parse(text).is_ok()).then(|| Self(text.to_owned()))
    }

    /// The text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// Which provider.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum ProviderKey {
    /// One of the operator's.
    Operators(ProviderName),
    /// An organization's own.
    Organizations(OrgId, ProviderId),
}

/// In the place of an organization, where a provider is the operator's. No orgId can spell it.
const OPERATOR: &str = "~server";

impl ProviderKey {
    /// How far a session goes that it begins.
    pub fn reach(&self) -> Reach {
        match self {
            Self::Operators(_) => Reach::Everywhere,
            Self::Organizations(org, _) => Reach::Only(org.clone()),
        }
    }

    /// Whether an address that it says is verified counts as that for the whole server.
    pub const fn vouches_for_addresses(&self) -> bool {
        matches!(self, Self::Operators(_))
    }

    /// Both columns by which the database names it: whose it is, and which.
    pub fn columns(&self) -> (String, String) {
        match self {
            Self::Operators(name) => (OPERATOR.to_owned(), name.0.clone()),
            Self::Organizations(org, id) => (org.to_string(), id.to_string()),
        }
    }

    /// Reads them; nothing where they name none.
    pub fn from_columns(owner: &str, id: &str) -> Option<Self> {
        if owner == OPERATOR {
            return ProviderName::parse(id).map(Self::Operators);
        }
        Some(Self::Organizations(OrgId::parse(owner).ok()?, id.parse().ok()?))
    }
}

impl fmt::Display for ProviderKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Operators(name) => f.write_str(&name.0),
            Self::Organizations(org, id) => write!(f, "{org}/{id}"),
        }
    }
}

/// How a provider is spoken with.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ProviderKind {
    /// OpenID Connect, as Google does it.
    Google,
    /// OAuth 2 and GitHub's own interface, which says who somebody is.
    GitHub,
    /// OpenID Connect, with an issuer for each tenant and addresses that nobody has verified.
    Microsoft,
    /// Any provider of OpenID Connect, by discovery.
    Oidc,
}

impl ProviderKind {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Google, Self::GitHub, Self::Microsoft, Self::Oidc];

    /// The word for it, in the database and in the configuration.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Google => "google",
            Self::GitHub => "github",
            Self::Microsoft => "microsoft",
            Self::Oidc => "oidc",
        }
    }

    /// Reads the word.
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.as_str() == text)
    }

    /// What people know it as, where one name fits.
    pub const fn usual_name(self) -> Option<&'static str> {
        match self {
            Self::Google => Some("Google"),
            Self::GitHub => Some("GitHub"),
            Self::Microsoft => Some("Microsoft"),
            Self::Oidc => None,
        }
    }

    /// Its issuer where no other is named. GitHub has none; its address stands for one.
    pub const fn usual_issuer(self) -> Option<&'static str> {
        match self {
            Self::Google => Some("https://accounts.google.com"),
            Self::GitHub => Some("https://github.com"),
            Self::Microsoft => Some("https://login.microsoftonline.com/common/v2.0"),
            Self::Oidc => None,
        }
    }

    /// What is asked for where nothing else is said.
    pub fn usual_scopes(self) -> Vec<String> {
        let scopes: &[&str] = match self {
            Self::GitHub => &["read:user", "user:email"],
            Self::Google | Self::Microsoft | Self::Oidc => &["openid", "email", "profile"],
        };
        scopes.iter().map(|scope| (*scope).to_owned()).collect()
    }
}

/// A provider as it is spoken with, without its secret.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Provider {
    /// Which.
    pub key: ProviderKey,
    /// How.
    pub kind: ProviderKind,
    /// What people know it as.
    pub name: String,
    /// Its issuer, exactly as it calls itself.
    pub issuer: String,
    /// What we are called there.
    pub client_id: String,
    /// What is asked for.
    pub scopes: Vec<String>,
}

/// Somebody's account at a provider. The issuer is part of it: where a provider is set to another one, nobody from the
/// one before is taken for somebody of the new one.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Identity {
    /// At which provider.
    pub provider: ProviderKey,
    /// Who says so.
    pub issuer: String,
    /// What they call the account; never given to another one.
    pub subject: String,
}

/// An e-mail address as a provider says it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SaidAddress {
    /// The address.
    pub email: String,
    /// Whether the provider says that it belongs to the account.
    pub verified: bool,
}

/// Who somebody is, as a provider says it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Person {
    /// Their account there.
    pub identity: Identity,
    /// Their address, where it says one.
    pub address: Option<SaidAddress>,
    /// What they are called, where it says that: untrusted text.
    pub name: Option<String>,
}

impl Person {
    /// The address as accounts are found by it, where the provider says that it is theirs.
    pub fn verified_email(&self) -> Option<(&str, String)> {
        let said = self.address.as_ref().filter(|said| said.verified)?;
        Some((said.email.as_str(), email_key(&said.email)?))
    }

    /// Whether the provider says that they have the address of `user`: without that, nothing links the two.
    pub fn has_address_of(&self, user: &User) -> bool {
        self.verified_email().is_some_and(|(_, key)| email_key(&user.email) == Some(key))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_read_as_they_are_written() {
        let org = OrgId::parse("acme").unwrap();
        let id = ProviderId::from_uuid(uuid::Uuid::from_u128(7));
        for key in [ProviderKey::Operators(ProviderName::parse("google").unwrap()), ProviderKey::Organizations(org, id)]
        {
            let (owner, id) = key.columns();
            assert_eq!(ProviderKey::from_columns(&owner, &id), Some(key));
        }
        for (owner, id) in [("~server", "Google"), ("~server", ""), ("acme", "google"), ("~other", "google")] {
            assert_eq!(ProviderKey::from_columns(owner, id), None, "{owner} {id}");
        }
    }

    #[test]
    fn only_the_operators_providers_reach_everywhere_and_vouch_for_addresses() {
        let google = ProviderKey::Operators(ProviderName::parse("google").unwrap());
        assert_eq!((google.reach(), google.vouches_for_addresses()), (Reach::Everywhere, true));
        let org = OrgId::parse("acme").unwrap();
        let own = ProviderKey::Organizations(org.clone(), ProviderId::from_uuid(uuid::Uuid::from_u128(7)));
        assert_eq!((own.reach(), own.vouches_for_addresses()), (Reach::Only(org), false));
    }
}
