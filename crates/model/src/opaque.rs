//! Opaque tokens: API keys, MCP tokens, tokens of embedded pages. One kind of object, which says nothing by itself: everything
//! about it is looked up by its digest.
//!
//! Its text is `prefix` ‖ 43 characters ‖ 6 characters, all of `0–9 A–Z a–z` after the prefix: 256 random bits, and a checksum over
//! all that stands before it. The prefix lets people and secret scanners know it when they see it; the checksum lets both, and us,
//! tell it from what only looks like it without asking a database.

use crate::application::Application;
use crate::catalogue::ScopeAccess;
use crate::id::{ApplicationId, GrantId, OpaqueTokenId, OrgId, UserId};
use crate::moment::Moment;
use crate::refresh::RevocationReason;
use crate::secret::{Digest, Purpose, Secret};
use crate::time::Timestamp;
use crate::user::{User, UserState};
use protocol::scope::Scopes;
use std::ops::RangeInclusive;
use std::time::Duration;

const ALPHABET: &[u8; 62] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

/// Characters that 256 bits take.
const BODY: usize = 43;

/// Characters that 32 bits take.
const CHECKSUM: usize = 6;

/// Characters after the prefix that lists show.
const SHOWN: usize = 4;

const DAY: Duration = Duration::from_secs(24 * 60 * 60);

/// How long a token lives where nobody has chosen.
pub const USUAL_LIFETIME: Duration = Duration::from_secs(90 * 24 * 60 * 60);

/// How long an organization may let tokens live.
pub const LIFETIME: RangeInclusive<Duration> = DAY..=Duration::from_secs(365 * 24 * 60 * 60);

/// What an opaque token is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum OpaqueKind {
    /// A program's key.
    ApiKey,
    /// An AI client's, which reads and never writes.
    Mcp,
    /// That of a legacy app which shows our pages inside its own.
    Embedded,
}

impl OpaqueKind {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::ApiKey, Self::Mcp, Self::Embedded];

    /// Those that people see in their list, and make by hand. What embedded pages get is their apps', and ends with them.
    pub const BY_HAND: [Self; 2] = [Self::Mcp, Self::ApiKey];

    /// The word for it, in the database and on the wire.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::ApiKey => "api_key",
            Self::Mcp => "mcp",
            Self::Embedded => "embedded",
        }
    }

    /// Reads the word.
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.as_str() == text)
    }

    /// The most good ones of this kind that an application holds for a user in an organization: enough for every machine of
    /// somebody's, and an end to what repeating a sign-in piles up. A web view has one at a time, and keeps it nowhere.
    pub const fn most(self) -> i64 {
        match self {
            Self::ApiKey | Self::Mcp => 100,
            Self::Embedded => 20,
        }
    }

    /// Those of `asked` that a token of this kind may carry, whatever was asked: `access` says what each scope of the catalogue
    /// lets an app do. An MCP token carries what both its name and its catalogue call reading.
    #[must_use]
    pub fn carries(self, asked: &Scopes, access: impl Fn(&str) -> ScopeAccess) -> Scopes {
        match self {
            Self::ApiKey | Self::Embedded => asked.clone(),
            Self::Mcp => asked
                .names()
                .filter(|name| is_reading(name) && access(name) == ScopeAccess::Read)
                .map(str::to_owned)
                .collect(),
        }
    }
}

/// The lifetime that a form's number of days means; nothing where it is no such number, or out of bounds.
pub fn lifetime_of_days(days: &str) -> Option<Duration> {
    let lifetime = DAY * days.parse::<u32>().ok()?;
    LIFETIME.contains(&lifetime).then_some(lifetime)
}

/// Whether a scope's name says that it reads: `read`, or `read:` and what.
pub fn is_reading(name: &str) -> bool {
    name == "read" || name.starts_with("read:")
}

/// What a kind's tokens begin with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TokenPrefix(String);

impl TokenPrefix {
    /// Takes two to ten lower-case letters and digits, a letter first, and an underscore.
    pub fn parse(text: &str) -> Option<Self> {
        let word = text.strip_suffix('_')?;
        let fits = (2..=10).contains(&word.len())
            && word.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit())
            && word.as_bytes()[0].is_ascii_lowercase();
        fits.then(|| Self(text.to_owned()))
    }

    /// The text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// What the tokens of each kind begin with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TokenPrefixes {
    /// Of API keys.
    pub api_key: TokenPrefix,
    /// Of MCP tokens.
    pub mcp: TokenPrefix,
    /// Of tokens of embedded pages.
    pub embedded: TokenPrefix,
}

impl Default for TokenPrefixes {
    fn default() -> Self {
        let prefix = |text: &str| TokenPrefix(text.to_owned());
        Self { api_key: prefix("dwk_"), mcp: prefix("dwm_"), embedded: prefix("dwe_") }
    }
}

impl TokenPrefixes {
    /// That of a kind.
    pub fn of(&self, kind: OpaqueKind) -> &TokenPrefix {
        match kind {
            OpaqueKind::ApiKey => &self.api_key,
            OpaqueKind::Mcp => &self.mcp,
            OpaqueKind::Embedded => &self.embedded,
        }
    }
}

/// Draws a token's text.
pub fn draw(prefix: &TokenPrefix, moment: &Moment) -> Secret {
    let body = in_base62(&moment.bytes::<32>(), BODY);
    let before = format!("{}{body}", prefix.as_str());
    let checksum = checksum(&before);
    Secret::new(before + &checksum)
}

/// The digest of a text that has a token's form; nothing where it has not, and need not be looked up.
pub fn digest_of(text: &str) -> Option<Digest> {
    is_well_formed(text).then(|| Digest::of(Purpose::OpaqueToken, text))
}

/// Whether a text has a token's form, whichever prefix was in use when it was drawn.
pub fn is_well_formed(text: &str) -> bool {
    let Some((word, rest)) = text.split_once('_') else { return false };
    if word.len() > 10 || rest.len() != BODY + CHECKSUM || !rest.bytes().all(|byte| byte.is_ascii_alphanumeric()) {
        return false;
    }
    text.split_at_checked(text.len() - CHECKSUM).is_some_and(|(before, sum)| checksum(before) == sum)
}

/// How a token begins, for lists.
pub fn beginning(text: &str) -> String {
    let prefix = text.find('_').map_or(0, |at| at + 1);
    text.chars().take(prefix + SHOWN).collect()
}

fn checksum(text: &str) -> String {
    in_base62(&crc32fast::hash(text.as_bytes()).to_be_bytes(), CHECKSUM)
}

/// A number in base 62, the most significant digit first, with as many digits as are asked for.
fn in_base62(number: &[u8], digits: usize) -> String {
    let mut number = number.to_vec();
    let mut reversed = Vec::with_capacity(digits);
    for _ in 0..digits {
        let mut rest = 0u32;
        for byte in &mut number {
            let current = rest << 8 | u32::from(*byte);
            // Below 62 ‖ 255, so that the quotient fits a byte.
            *byte = u8::try_from(current / 62).unwrap_or(u8::MAX);
            rest = current % 62;
        }
        reversed.push(ALPHABET[rest as usize % 62]);
    }
    reversed.iter().rev().map(|digit| char::from(*digit)).collect()
}

/// An opaque token as it is stored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OpaqueToken {
    /// The organization that it is good in.
    pub org_id: OrgId,
    /// Which.
    pub id: OpaqueTokenId,
    /// What it is for.
    pub kind: OpaqueKind,
    /// What its owner's list calls it.
    pub name: String,
    /// How its text begins.
    pub beginning: String,
    /// The grant that it came from; nothing where its owner made it by hand.
    pub grant_id: Option<GrantId>,
    /// The organization where its client is registered.
    pub home_org_id: OrgId,
    /// Its client.
    pub application_id: ApplicationId,
    /// Its user.
    pub user_id: UserId,
    /// What it allows.
    pub scopes: Scopes,
    /// What it is meant for (RFC 8707); all that takes its organization's tokens where empty.
    pub resources: Vec<String>,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it was last used, to within the time that uses are collected for.
    pub last_used_at: Option<Timestamp>,
    /// Its certain end.
    pub expires_at: Timestamp,
    /// Whether it is good.
    pub state: OpaqueState,
}

/// Whether an opaque token is good, but for its time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OpaqueState {
    /// It is.
    Active,
    /// It is over, for good.
    Revoked {
        /// Why.
        reason: RevocationReason,
        /// When.
        at: Timestamp,
    },
}

/// How an opaque token stands, for lists.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OpaqueStatus {
    /// It is good.
    Active,
    /// Its time is over.
    Expired,
    /// It was ended before.
    Revoked,
}

impl OpaqueToken {
    /// How it stands at `now`.
    pub fn status(&self, now: Timestamp) -> OpaqueStatus {
        match self.state {
            OpaqueState::Revoked { .. } => OpaqueStatus::Revoked,
            OpaqueState::Active if now >= self.expires_at => OpaqueStatus::Expired,
            OpaqueState::Active => OpaqueStatus::Active,
        }
    }

    /// What it may be used for at `now` by `user`, through `application`: nothing where any of the three may nothing any more.
    /// `is_member` says whether its user belongs to its organization, which lives.
    pub fn entitles(
        &self,
        (user, is_member): (&User, bool),
        application: &Application,
        allowed: &Scopes,
        now: Timestamp,
    ) -> Option<Scopes> {
        let good = self.status(now) == OpaqueStatus::Active
            && is_member
            && user.state == UserState::Active
            && application.is_active();
        // What was made by hand was never its client's to ask for.
        let narrowed = if self.grant_id.is_some() { self.scopes.narrowed_to(allowed) } else { self.scopes.clone() };
        good.then_some(narrowed)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::moment::RandomSource;
    use proptest::prelude::*;
    use std::sync::Arc;

    struct These(Vec<u8>);

    impl RandomSource for These {
        fn fill(&self, bytes: &mut [u8]) {
            bytes.copy_from_slice(&self.0[..bytes.len()]);
        }
    }

    fn drawn(bytes: &[u8]) -> Secret {
        let moment = Moment::new(Timestamp::from_seconds(0), Arc::new(These(bytes.to_vec())));
        draw(&TokenPrefixes::default().api_key, &moment)
    }

    #[test]
    fn numbers_are_written_in_base_62() {
        assert_eq!(in_base62(&[0], 3), "000");
        assert_eq!(in_base62(&[61], 2), "0z");
        assert_eq!(in_base62(&[1, 0], 3), "048"); // 256 = 4 · 62 + 8
        assert_eq!(in_base62(&u32::MAX.to_be_bytes(), 6), "4gfFC3");
        // 2^256 - 1 fits 43 digits and is the largest of them.
        assert!(in_base62(&[255; 32], BODY) > in_base62(&[254; 32], BODY));
        assert!(in_base62(&[255; 32], BODY).starts_with(|digit| digit != '0'));
    }

    #[test]
    fn a_token_is_known_by_its_form() {
        let token = drawn(&[7; 32]);
        let text = token.expose();
        assert_eq!(text.len(), 4 + BODY + CHECKSUM);
        assert!(is_well_formed(text));
        assert_eq!(beginning(text), text[..8]);
        let mut other = text.clone();
        other.replace_range(10..11, if &text[10..11] == "a" { "b" } else { "a" });
        let too_long = format!("{text}0");
        for wrong in [&other, &text[1..], &text.to_uppercase(), &too_long, "", "_", "dwk_", "eyJ.eyJ.sig", "dwk_ä"] {
            assert!(!is_well_formed(wrong), "{wrong}");
            assert!(digest_of(wrong).is_none());
        }
    }

    #[test]
    fn prefixes_are_short_words() {
        for good in ["dwk_", "a1_", "abcdefghij_"] {
            assert_eq!(TokenPrefix::parse(good).map(|prefix| prefix.0).as_deref(), Some(good));
        }
        for bad in ["", "_", "dwk", "d_", "1wk_", "DWK_", "dw-k_", "dw_k_", "abcdefghijk_", "dwk_ "] {
            assert_eq!(TokenPrefix::parse(bad), None, "{bad}");
        }
    }

    #[test]
    fn mcp_tokens_carry_what_reads_and_nothing_else() {
        let asked = Scopes::parse("read read:financial write readonly read:odd reader").unwrap();
        let access = |name: &str| if name == "read:odd" { ScopeAccess::Write } else { ScopeAccess::usual_for(name) };
        let carried = OpaqueKind::Mcp.carries(&asked, access);
        assert_eq!(carried, Scopes::parse("read read:financial").unwrap());
        assert_eq!(OpaqueKind::ApiKey.carries(&asked, access), asked);
    }

    proptest! {
        #[test]
        fn whatever_is_drawn_is_well_formed_and_different(one in any::<[u8; 32]>(), two in any::<[u8; 32]>()) {
            let (first, second) = (drawn(&one), drawn(&two));
            prop_assert!(is_well_formed(first.expose()));
            prop_assert_eq!(one == two, first.expose() == second.expose());
        }
    }
}
