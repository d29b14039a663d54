//! A letter ready to be sent, and the message that it becomes (RFC 5322, MIME).

use crate::transport::SendProblem;
use lettre::message::header::{ContentType, HeaderName, HeaderValue};
use lettre::message::{MultiPart, SinglePart};
use lettre::{Address, Message};
use model::context::plain_text;
use model::id::LetterId;
use model::time::Timestamp;
use std::fmt;
use std::time::{Duration, SystemTime};

const LONGEST_SUBJECT: usize = 200;
const LONGEST_NAME: usize = 100;
/// The end of the year 9999, in seconds since 1970: the last that a `Date` header can tell.
const LAST_SECOND: u64 = 253_402_300_799;

/// Everything that a letter says, and to whom. Nothing in it can add a header or a recipient: addresses are parsed,
/// and texts lose their control characters.
#[derive(Clone, Debug)]
pub struct Envelope {
    /// Its `Message-ID`, the same whenever this letter is sent.
    pub message_id: MessageId,
    /// Its `Date`. When it was written, so that it is the same whenever the letter is sent.
    pub date: Timestamp,
    /// Who writes.
    pub from: Mailbox,
    /// Who reads.
    pub to: Mailbox,
    /// One line.
    pub subject: String,
    /// The text part.
    pub text: String,
    /// The HTML part.
    pub html: String,
}

impl Envelope {
    /// The message: both parts as alternatives, marked as written by a program (RFC 3834 §5) so that absence notices
    /// don't answer it. The same bytes each time.
    pub(crate) fn message(&self) -> Result<Message, SendProblem> {
        let seconds = u64::try_from(self.date.seconds()).unwrap_or(0).min(LAST_SECOND);
        let auto_submitted =
            HeaderValue::new(HeaderName::new_from_ascii_str("Auto-Submitted"), "auto-generated".to_owned());
        // Of the id's random bits, so that no text can hold it.
        let boundary = format!("doorward-{}", self.message_id.letter.uuid().simple());
        let part = |kind, body: &str| SinglePart::builder().header(kind).body(body.to_owned());
        Message::builder()
            .message_id(Some(self.message_id.to_string()))
            .date(SystemTime::UNIX_EPOCH + Duration::from_secs(seconds))
            .from(self.from.0.clone())
            .to(self.to.0.clone())
            .subject(plain_text(&self.subject, LONGEST_SUBJECT))
            .raw_header(auto_submitted)
            .multipart(
                MultiPart::alternative()
                    .boundary(boundary)
                    .singlepart(part(ContentType::TEXT_PLAIN, &self.text))
                    .singlepart(part(ContentType::TEXT_HTML, &self.html)),
            )
            .map_err(|error| SendProblem::of_letter(true, format!("the message can't be built: {error}")))
    }
}

/// The `Message-ID` of a letter: `<letter@host>` (RFC 5322 §3.6.4).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MessageId {
    letter: LetterId,
    host: String,
}

impl MessageId {
    /// The one of `letter`, as sent by the server at `public_host`. What no host name or address holds is left out.
    pub fn new(letter: LetterId, public_host: &str) -> Self {
        let in_hosts = |c: &char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | ':' | '[' | ']');
        Self { letter, host: public_host.chars().filter(in_hosts).collect() }
    }

    pub(crate) fn letter(&self) -> LetterId {
        self.letter
    }
}

impl fmt::Display for MessageId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "<{}@{}>", self.letter, self.host)
    }
}

/// An address, with a name or without.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mailbox(lettre::message::Mailbox);

/// Why a text is no mailbox.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NotAMailbox;

impl fmt::Display for NotAMailbox {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an address is written name@host, or Words <name@host>")
    }
}

impl std::error::Error for NotAMailbox {}

impl Mailbox {
    /// Reads `name@host` or `Words <name@host>`, as an operator writes it.
    ///
    /// # Errors
    /// [`NotAMailbox`] where it is neither.
    pub fn parse(text: &str) -> Result<Self, NotAMailbox> {
        let (name, address) = match text.trim().strip_suffix('>') {
            Some(rest) => rest.rsplit_once('<').ok_or(NotAMailbox)?,
            None => ("", text.trim()),
        };
        let name = plain_text(name.trim().trim_matches('"'), LONGEST_NAME);
        let mut mailbox = Self::address(address)?;
        mailbox.0.name = Some(name).filter(|name| !name.is_empty());
        Ok(mailbox)
    }

    /// Reads a bare address, as users have it.
    ///
    /// # Errors
    /// [`NotAMailbox`] where it is none.
    pub fn address(text: &str) -> Result<Self, NotAMailbox> {
        let (user, host) = text.rsplit_once('@').ok_or(NotAMailbox)?;
        if text.contains(char::is_control) {
            return Err(NotAMailbox);
        }
        // In the form that every mail server takes (RFC 5891 §4), not only those with SMTPUTF8.
        let host = match host.is_ascii() {
            true => host.to_owned(),
            false => url::Host::parse(host).map_err(|_| NotAMailbox)?.to_string(),
        };
        let address = Address::new(user, host).map_err(|_| NotAMailbox)?;
        Ok(Self(lettre::message::Mailbox::new(None, address)))
    }
}

#[cfg(test)]
#[path = "envelope_tests.rs"]
mod tests;
