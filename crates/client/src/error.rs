//! What can go wrong, by what the caller can do about it.

use crate::StoreError;
use std::fmt;
use std::time::Duration;

/// Why a login, a renewal or a question did not succeed.
#[derive(Debug)]
pub enum Error {
    /// The server's address, the organization's id or the program's name can't be one. Says which and why.
    Address(String),
    /// The server did not answer: no connection, or none in time.
    Unreachable(String),
    /// The server answered that it can't serve just now (5xx).
    Unavailable {
        /// When it wants to be asked again, where it said so.
        retry_after: Option<Duration>,
    },
    /// Too many requests (429).
    Limited {
        /// When it wants to be asked again, where it said so.
        retry_after: Option<Duration>,
    },
    /// There is no such organization at this server.
    NoOrganization,
    /// The server's description of itself is not to be trusted or lacks what is needed. Says what.
    Discovery(String),
    /// An answer that can't be understood. Says which.
    Answer(&'static str),
    /// The server refused, with an error that has no meaning of its own here.
    Refused {
        /// The error's code (RFC 6749 §5.2, or the JSON dialect's).
        code: String,
        /// The server's sentence about it.
        description: Option<String>,
    },
    /// The person said no (RFC 8628 §3.5, `access_denied`).
    Denied,
    /// The codes' time is over (RFC 8628 §3.5, `expired_token`).
    Expired,
    /// The id_token is not to be believed.
    Identity(jose::Refused),
    /// Nobody is signed in where the caller looked.
    NotSignedIn,
    /// Somebody was signed in, and the server has ended it.
    SignedOut,
    /// Somebody was signed in, and what is kept of it has ended and can't be renewed.
    Over,
    /// The credentials can't be read or written.
    Store(StoreError),
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Address(what) | Self::Discovery(what) => f.write_str(what),
            Self::Unreachable(why) => write!(f, "The server can't be reached ({why})."),
            Self::Unavailable { .. } => f.write_str("The server can't answer just now."),
            Self::Limited { retry_after: Some(span) } => {
                write!(f, "There were too many requests. Try again in {} seconds.", span.as_secs())
            }
            Self::Limited { retry_after: None } => f.write_str("There were too many requests. Try again in a minute."),
            Self::NoOrganization => f.write_str("The server knows no such organization."),
            Self::Answer(which) => write!(f, "The server's {which} can't be understood."),
            Self::Refused { code, description: Some(sentence) } => write!(f, "The server refused: {sentence} ({code})"),
            Self::Refused { code, description: None } => write!(f, "The server refused ({code})."),
            Self::Denied => f.write_str("The request was denied."),
            Self::Expired => f.write_str("The code has expired."),
            Self::Identity(why) => write!(f, "The server's word on who signed in is not to be believed: {why}."),
            Self::NotSignedIn => f.write_str("Nobody is signed in."),
            Self::SignedOut => f.write_str("The server has ended this sign-in."),
            Self::Over => f.write_str("This sign-in has expired, and is of a kind that is not renewed."),
            Self::Store(error) => error.fmt(f),
        }
    }
}

impl std::error::Error for Error {}

impl From<StoreError> for Error {
    fn from(error: StoreError) -> Self {
        Self::Store(error)
    }
}
