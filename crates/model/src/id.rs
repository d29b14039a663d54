//! Identifiers. Each kind is its own type, so that one can't be passed where another is meant.

use crate::moment::Moment;
use serde::{Deserialize, Serialize};
use std::fmt;
use std::str::FromStr;
use uuid::Uuid;

macro_rules! uuid_ids {
    ($($(#[$doc:meta])+ $name:ident;)+) => {$(
        $(#[$doc])+
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(Uuid);

        impl $name {
            /// A new identifier, sorting by time of creation (UUIDv7).
            pub fn draw(moment: &Moment) -> Self {
                Self(moment.uuid())
            }

            /// The identifier with this value.
            pub const fn from_uuid(value: Uuid) -> Self {
                Self(value)
            }

            /// The value, as the database keeps it.
            pub const fn uuid(self) -> Uuid {
                self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.hyphenated().fmt(f)
            }
        }

        impl FromStr for $name {
            type Err = uuid::Error;

            fn from_str(text: &str) -> Result<Self, Self::Err> {
                Uuid::try_parse(text).map(Self)
            }
        }
    )+};
}

uuid_ids! {
    /// A user: one global account. Also the `sub` of its tokens.
    UserId;
    /// An application, within its organization.
    ApplicationId;
    /// A grant: one consent in progress.
    GrantId;
    /// A refresh-token lineage.
    FamilyId;
    /// An API key, an MCP token or an embedded page's token; never its secret.
    OpaqueTokenId;
    /// A sign-in session, as lists show it; never its secret.
    SessionId;
    /// A browser that a user has signed in from before.
    KnownDeviceId;
    /// A passkey, as its owner's list names it.
    PasskeyId;
    /// A sign-in that waits for a letter's answer.
    LoginAttemptId;
    /// A letter in the outbox.
    LetterId;
    /// A link that a letter carries; never its secret.
    MailLinkId;
    /// An invitation into an organization; never its secret.
    InvitationId;
    /// An identity provider of an organization's own.
    ProviderId;
    /// A user's account at an identity provider, as its owner's list names it.
    IdentityId;
}

/// An organization's identifier: part of URLs and of the issuer, never changed, never reused.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(transparent)]
pub struct OrgId(String);

/// Why a text is not an organization's identifier.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NotAnOrgId;

impl fmt::Display for NotAnOrgId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(
            "an organization's id has 1 to 63 lower-case letters, digits and hyphens, and begins and ends with a letter or digit",
        )
    }
}

impl std::error::Error for NotAnOrgId {}

/// The home of what belongs to the server rather than to an organization. No orgId can spell it.
const INSTANCE: &str = "~instance";

impl OrgId {
    /// The home of applications that belong to the server, and of clients that nobody has registered.
    pub fn instance() -> Self {
        Self(INSTANCE.to_owned())
    }

    /// Whether it is that home, and no organization.
    pub fn is_instance(&self) -> bool {
        self.0 == INSTANCE
    }

    /// Reads what the database keeps, which names the server itself too.
    ///
    /// # Errors
    /// [`NotAnOrgId`] where it is neither.
    pub fn stored(text: &str) -> Result<Self, NotAnOrgId> {
        if text == INSTANCE { Ok(Self::instance()) } else { Self::parse(text) }
    }

    /// Matches `^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$`, checked on the raw path segment.
    ///
    /// # Errors
    /// [`NotAnOrgId`] where the text does not match.
    pub fn parse(text: &str) -> Result<Self, NotAnOrgId> {
        let bytes = text.as_bytes();
        let plain = |byte: &u8| byte.is_ascii_lowercase() || byte.is_ascii_digit();
        let fits = bytes.len() <= 63
            && bytes.first().is_some_and(plain)
            && bytes.last().is_some_and(plain)
            && bytes.iter().all(|byte| plain(byte) || *byte == b'-');
        if fits { Ok(Self(text.to_owned())) } else { Err(NotAnOrgId) }
    }

    /// The text, as in URLs and in the database.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for OrgId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl FromStr for OrgId {
    type Err = NotAnOrgId;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::parse(text)
    }
}

impl<'de> Deserialize<'de> for OrgId {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        Self::parse(&text).map_err(serde::de::Error::custom)
    }
}

/// What a client calls itself on the wire (RFC 6749 §2.2): `A–Z a–z 0–9 - _` only.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct ClientId(String);

impl ClientId {
    /// The reference client, which every organization has.
    pub const REFERENCE: &'static str = "doorward-cli";
    /// The client of AI programs, which the server itself has.
    pub const MCP: &'static str = "doorward-mcp";
    /// What stands for every client that nobody has registered. On the wire nobody can be it.
    pub const UNREGISTERED: &'static str = "~unregistered";

    /// Whether it stands for a client that somebody has registered.
    pub fn is_registered(&self) -> bool {
        self.0 != Self::UNREGISTERED
    }

    /// A new identifier: 127 random bits, base64url, with a letter first. A hyphen there would make it an option on
    /// command lines.
    pub fn draw(moment: &Moment) -> Self {
        let mut bytes = moment.bytes::<16>();
        bytes[0] &= 0x7f;
        Self(crate::secret::base64url(&bytes))
    }

    /// Takes any text: one that names no client is simply not found.
    pub fn from_wire(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    /// The text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for ClientId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Draws this byte, again and again.
    struct Always(u8);

    impl crate::moment::RandomSource for Always {
        fn fill(&self, bytes: &mut [u8]) {
            bytes.fill(self.0);
        }
    }

    #[test]
    fn client_ids_begin_with_a_letter() {
        for byte in 0..=u8::MAX {
            let moment = Moment::new(crate::time::Timestamp::from_seconds(0), std::sync::Arc::new(Always(byte)));
            let id = ClientId::draw(&moment);
            assert!(id.as_str().len() == 22 && id.as_str().starts_with(|c: char| c.is_ascii_alphabetic()), "{id}");
        }
    }

    #[test]
    fn org_ids_are_checked_byte_by_byte() {
        for good in ["a", "acme", "acme-corp", "0", "a-0", &"a".repeat(63)] {
            assert_eq!(OrgId::parse(good).unwrap().as_str(), good);
        }
        for bad in
            ["", "-a", "a-", "A", "ACME", "acme;x", "acme%2Fb", "~instance", "a b", "ä", &"a".repeat(64), "a/b", "a.b"]
        {
            assert_eq!(OrgId::parse(bad), Err(NotAnOrgId), "{bad}");
        }
    }
}
