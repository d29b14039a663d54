//! A sign-in whose password was right and whose browser the account does not know: it waits until somebody with access to the
//! account's mailbox has answered a letter.
//!
//! 1. The sign-in [opens](LoginAttempt) an attempt instead of a session. The browser gets a cookie of its own for it, and
//!    a page with a two-digit [number]. Both are derived from the attempt's id and a key that is not in the database.
//! 2. The letter has two links, each a [`Capability`]: one for approving, one for denying. Following either shows a page
//!    and changes nothing, as mail scanners follow links.
//! 3. Whoever approves types the number. That ties the letter's reader to the browser that waits: a stranger who knows
//!    the password and makes somebody press *Approve Login* has not told them the number. [`LoginAttempt::answer`]
//!    takes three wrong numbers at most. Denying takes none, and is final.
//! 4. The waiting browser, known by its cookie, turns the approval into a session, once ([`LoginAttempt::completes`]). No
//!    other browser gains anything.
//!
//! Everything ends after [`LIFE`], derived from the clock and never stored.

use crate::context::Origin;
use crate::id::{KnownDeviceId, LoginAttemptId, UserId};
use crate::secret::{Digest, Key, Keyring, Purpose, Secret, base64url, from_base64url};
use crate::session::Entrance;
use crate::time::Timestamp;
use crate::user::{User, UserState};
use std::time::Duration;
use uuid::Uuid;

/// How long an attempt waits for its answer, and an approved one for its browser.
pub const LIFE: Duration = Duration::from_secs(15 * 60);

/// The wrong number that ends an attempt is this one.
const MOST_WRONG_NUMBERS: i32 = 3;

/// The most attempts of one account that wait at the same time, for sessions that go equally far. Each is a letter that its
/// owner can deny. What an organization's own provider lets wait stands in nobody's way elsewhere.
pub const MOST_WAITING: usize = 5;

/// The most letters about one attempt.
pub const MOST_LETTERS: i32 = 3;

/// The least time between two letters about one attempt.
const BETWEEN_LETTERS: Duration = Duration::from_secs(60);

/// One sign-in that waits, or has waited.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LoginAttempt {
    /// Which. Whoever knows it can do nothing by it.
    pub id: LoginAttemptId,
    /// Whose account.
    pub user_id: UserId,
    /// Digest of the pre-session cookie of the browser: a sign-in that it repeats is the same attempt.
    pub browser: Digest,
    /// The browser, where the account knows it: every sign-in may have to wait.
    pub known_device: Option<KnownDeviceId>,
    /// Where the browser is.
    pub origin: Origin,
    /// What the browser wants afterwards.
    pub onward: Onward,
    /// By what its user got in.
    pub entrance: Entrance,
    /// The account's [`User::credentials_changed_at`] when the password was right: a change ends the attempt.
    pub credentials_changed_at: Timestamp,
    /// When the password was right.
    pub created_at: Timestamp,
    /// Letters about it, and when the last one was posted.
    pub letters: Letters,
    /// How far it has come.
    pub state: AttemptState,
}

/// What a browser wants of the session that it waits for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Onward {
    /// The path to go to; checked.
    pub next: String,
    /// Whether it is to stay signed in.
    pub remember: bool,
}

/// How often somebody was written to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Letters {
    /// How often.
    pub count: i32,
    /// When last.
    pub last_at: Timestamp,
}

/// How far an attempt has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AttemptState {
    /// Nobody has answered.
    Pending {
        /// Numbers typed that were not its own.
        wrong_numbers: i32,
    },
    /// The letter's reader approved; the browser has not come for its session yet.
    Approved {
        /// When.
        at: Timestamp,
    },
    /// The letter's reader denied.
    Denied {
        /// When.
        at: Timestamp,
    },
    /// Too many wrong numbers.
    Ended {
        /// When.
        at: Timestamp,
    },
    /// The browser has its session.
    Completed {
        /// When.
        at: Timestamp,
    },
}

impl AttemptState {
    /// The word for it, in the database.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Pending { .. } => "pending",
            Self::Approved { .. } => "approved",
            Self::Denied { .. } => "denied",
            Self::Ended { .. } => "ended",
            Self::Completed { .. } => "completed",
        }
    }

    /// When it came to its end, or was approved.
    pub const fn decided_at(self) -> Option<Timestamp> {
        match self {
            Self::Pending { .. } => None,
            Self::Approved { at } | Self::Denied { at } | Self::Ended { at } | Self::Completed { at } => Some(at),
        }
    }
}

/// What the letter's reader answers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Answer {
    /// That it was them; with the number that they read where they sign in, as typed.
    Approve {
        /// Nothing where what was typed is not a number.
        number: Option<u8>,
    },
    /// That it was not.
    Deny,
}

/// What becomes of an answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Answered {
    /// The browser may have its session.
    Approved,
    /// It never will.
    Denied,
    /// The number is another one.
    WrongNumber {
        /// How many more may be tried.
        left: i32,
    },
    /// The number is another one, and was the last that could be tried.
    Ended,
    /// There is nothing to answer any more: it was answered, has ended or was never there.
    Over,
}

/// What becomes of a browser that asks for its session.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Completes {
    /// It gets one.
    Now,
    /// Nobody has answered yet.
    Waits,
    /// It gets none.
    Never,
}

impl LoginAttempt {
    /// When it is over, answered or not.
    pub fn expires_at(&self) -> Timestamp {
        self.created_at.after(LIFE)
    }

    /// Whether it can still become a session.
    pub fn is_open(&self, now: Timestamp) -> bool {
        let undone = matches!(self.state, AttemptState::Pending { .. } | AttemptState::Approved { .. });
        undone && now < self.expires_at()
    }

    /// Takes an answer: gives the state that follows, where another does, and what the reader is told.
    pub fn answer(&self, answer: Answer, number: u8, now: Timestamp) -> (Option<AttemptState>, Answered) {
        let AttemptState::Pending { wrong_numbers } = self.state else { return (None, Answered::Over) };
        if now >= self.expires_at() {
            return (None, Answered::Over);
        }
        match answer {
            Answer::Deny => (Some(AttemptState::Denied { at: now }), Answered::Denied),
            Answer::Approve { number: Some(typed) } if typed == number => {
                (Some(AttemptState::Approved { at: now }), Answered::Approved)
            }
            // What is no number at all is a slip of the finger and tells nobody anything.
            Answer::Approve { number: None } => {
                (None, Answered::WrongNumber { left: MOST_WRONG_NUMBERS - wrong_numbers })
            }
            Answer::Approve { .. } => {
                let wrong_numbers = wrong_numbers + 1;
                match MOST_WRONG_NUMBERS - wrong_numbers {
                    left @ 1.. => (Some(AttemptState::Pending { wrong_numbers }), Answered::WrongNumber { left }),
                    _ => (Some(AttemptState::Ended { at: now }), Answered::Ended),
                }
            }
        }
    }

    /// Whether the browser gets its session now, `user` being the account as it is.
    pub fn completes(&self, user: &User, now: Timestamp) -> Completes {
        let same = user.id == self.user_id
            && user.state == UserState::Active
            && user.credentials_changed_at == self.credentials_changed_at;
        match self.state {
            _ if !same || !self.is_open(now) => Completes::Never,
            AttemptState::Approved { .. } => Completes::Now,
            _ => Completes::Waits,
        }
    }

    /// Whether another letter may be posted now.
    pub fn may_write(&self, now: Timestamp) -> bool {
        let waits = matches!(self.state, AttemptState::Pending { .. }) && now < self.expires_at();
        waits && self.letters.count < MOST_LETTERS && now >= self.letters.last_at.after(BETWEEN_LETTERS)
    }
}

/// The two-digit number of an attempt, 10 to 99. Only its page says it: it is in no row and in no letter.
pub fn number(keys: &Keyring, id: LoginAttemptId) -> u8 {
    let mac = keys.key(Purpose::LoginNumber).mac(&[id.uuid().as_bytes()]);
    let [first, second, ..] = *mac.bytes();
    // 65,536 values over 90 numbers: none is more than 0.2 % likelier than another.
    u8::try_from(u16::from_be_bytes([first, second]) % 90).map_or(10, |number| number + 10)
}

/// The cookie of the browser that waits. The same for each sign-in that is the same attempt, however many run at once.
pub fn cookie(keys: &Keyring, id: LoginAttemptId) -> Secret {
    Secret::new(base64url(keys.key(Purpose::LoginAttempt).mac(&[id.uuid().as_bytes()]).bytes()))
}

/// What a link in a letter permits, about one attempt.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Capability {
    /// To approve or to deny.
    Approve,
    /// To deny.
    Deny,
}

impl Capability {
    const fn purpose(self) -> Purpose {
        match self {
            Self::Approve => Purpose::ApproveLogin,
            Self::Deny => Purpose::DenyLogin,
        }
    }

    fn mac(self, keys: &Keyring, id: LoginAttemptId) -> Digest {
        Key::mac(&keys.key(self.purpose()), &[id.uuid().as_bytes()])
    }

    /// The last part of the link.
    pub fn token(self, keys: &Keyring, id: LoginAttemptId) -> Secret {
        let mac = self.mac(keys, id);
        Secret::new(base64url(&[id.uuid().as_bytes().as_slice(), mac.bytes().as_slice()].concat()))
    }

    /// What a link's last part permits about which attempt; nothing where we did not make it.
    pub fn of(keys: &Keyring, token: &str) -> Option<(Self, LoginAttemptId)> {
        let bytes = from_base64url(token)?;
        let (id, presented) = bytes.split_first_chunk::<16>()?;
        let presented = Digest::from_bytes(presented.try_into().ok()?);
        let id = LoginAttemptId::from_uuid(Uuid::from_bytes(*id));
        [Self::Approve, Self::Deny]
            .into_iter()
            .find(|capability| capability.mac(keys, id).same(&presented))
            .map(|capability| (capability, id))
    }
}

/// When an account's sign-ins wait for a letter's answer. An organization's choice for its members; of several, the
/// strictest holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum NewDevicePolicy {
    /// Never.
    Off,
    /// In a browser that the account does not know; not in its very first.
    Unknown,
    /// Each time.
    Always,
}

impl NewDevicePolicy {
    /// All of them, the least strict first.
    pub const ALL: [Self; 3] = [Self::Off, Self::Unknown, Self::Always];

    /// The word for it, in the database, in forms and on the command line.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Off => "off",
            Self::Unknown => "unknown",
            Self::Always => "always",
        }
    }

    /// Reads the word.
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|policy| policy.as_str() == text)
    }

    /// The strictest of those that a user's organizations have; for somebody who belongs to none, the usual one.
    pub fn strictest(policies: impl IntoIterator<Item = Self>) -> Self {
        policies.into_iter().max().unwrap_or(Self::Unknown)
    }

    /// Whether a sign-in waits: `known` says whether the account knows the browser, `had_any` whether it ever knew one.
    pub const fn holds_back(self, known: bool, had_any: bool) -> bool {
        match self {
            Self::Off => false,
            Self::Unknown => !known && had_any,
            Self::Always => true,
        }
    }
}

/// A word that is no policy.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct UnknownPolicy;

impl std::fmt::Display for UnknownPolicy {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("choose unknown, always or off")
    }
}

impl std::error::Error for UnknownPolicy {}

impl std::str::FromStr for NewDevicePolicy {
    type Err = UnknownPolicy;

    fn from_str(word: &str) -> Result<Self, Self::Err> {
        Self::parse(word).ok_or(UnknownPolicy)
    }
}

#[cfg(test)]
#[path = "login_attempt_tests.rs"]
mod tests;
