//! Letters by SMTP (RFC 5321), step by step: which step was refused decides whether the letter, its recipient or
//! the server is to blame.

use crate::transport::SendProblem;
use lettre::Message;
use lettre::transport::smtp::Error;
use lettre::transport::smtp::authentication::{Credentials, DEFAULT_MECHANISMS};
use lettre::transport::smtp::client::{SmtpConnection, Tls};
use lettre::transport::smtp::commands::{Data, Mail, Rcpt};
use lettre::transport::smtp::extension::{ClientId, Extension, MailBodyParameter, MailParameter};
use model::context::plain_text;
use std::error::Error as _;
use std::fmt;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;
use tracing::dispatcher::{self, Dispatch};

/// Connections that are kept for the next letter.
const KEPT: usize = 4;

/// What is told of a server's last answer, in characters.
const LONGEST_ANSWER: usize = 200;

/// Where the mail server is and how to speak to it.
pub(crate) struct Server {
    pub(crate) host: String,
    pub(crate) port: u16,
    pub(crate) tls: Tls,
    pub(crate) login: Option<Credentials>,
}

/// How long each step may take.
#[derive(Clone, Copy)]
struct Patience {
    /// Connecting, to each of the host's addresses; then its greeting and its answer to ours.
    connect: Duration,
    /// Each command.
    command: Duration,
    /// The answer to the whole letter. Longer: a server that looks for viruses first has perhaps taken it when we give
    /// up, and would get it twice (RFC 5321 §4.5.3.2.6).
    hand_over: Duration,
    /// The answer to a farewell, which nothing depends on.
    farewell: Duration,
}

impl Default for Patience {
    fn default() -> Self {
        Self {
            connect: Duration::from_secs(10),
            command: Duration::from_secs(30),
            hand_over: Duration::from_secs(120),
            farewell: Duration::from_secs(1),
        }
    }
}

/// A mail server.
pub struct Smtp {
    server: Server,
    patience: Patience,
    kept: Mutex<Vec<SmtpConnection>>,
}

impl fmt::Debug for Smtp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let tls = match self.server.tls {
            Tls::None => "none",
            Tls::Opportunistic(_) => "opportunistic",
            Tls::Required(_) => "required",
            Tls::Wrapper(_) => "from the start",
        };
        f.debug_struct("Smtp")
            .field("host", &self.server.host)
            .field("port", &self.server.port)
            .field("tls", &tls)
            .field("login", &self.server.login.is_some())
            .finish_non_exhaustive()
    }
}

impl Smtp {
    pub(crate) fn new(server: Server) -> Self {
        Self { server, patience: Patience::default(), kept: Mutex::default() }
    }

    /// How the connection is encrypted, in words.
    pub(crate) fn encryption(&self) -> &'static str {
        match self.server.tls {
            Tls::None => "not encrypted",
            Tls::Opportunistic(_) => "STARTTLS where the server offers it",
            Tls::Required(_) => "STARTTLS, or not at all",
            Tls::Wrapper(_) => "TLS from the start",
        }
    }

    /// Sends one message. Waits; not for async code.
    pub(crate) fn send(&self, message: &Message) -> Result<(), SendProblem> {
        self.send_telling(message, &mut |_| {})
    }

    /// The same, and tells each step that is behind us, in a sentence.
    pub(crate) fn send_telling(&self, message: &Message, tell: &mut dyn FnMut(String)) -> Result<(), SendProblem> {
        // The library writes every line of the conversation to the log: the password, and the links in letters.
        dispatcher::with_default(&Dispatch::none(), || {
            let mut conn = self.connection(tell).map_err(|error| SendProblem::of_server(error.to_string()))?;
            let sent = self.hand_over(&mut conn, message, tell);
            match sent {
                Ok(()) => self.keep(conn),
                Err(_) => self.part_from(conn),
            }
            sent
        })
    }

    /// Closes the connections that are kept. Waits.
    pub(crate) fn rest(&self) {
        let kept = std::mem::take(&mut *self.kept.lock().unwrap_or_else(PoisonError::into_inner));
        dispatcher::with_default(&Dispatch::none(), || kept.into_iter().for_each(|conn| self.part_from(conn)));
    }

    fn keep(&self, conn: SmtpConnection) {
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        if kept.len() < KEPT {
            kept.push(conn);
        } else {
            drop(kept);
            self.part_from(conn);
        }
    }

    fn part_from(&self, mut conn: SmtpConnection) {
        // Where even this fails, the connection is gone already.
        let _gone = conn.set_timeout(Some(self.patience.farewell));
        conn.abort();
    }

    fn connection(&self, tell: &mut dyn FnMut(String)) -> Result<SmtpConnection, Error> {
        loop {
            let kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner).pop();
            let Some(mut conn) = kept else { break };
            // Servers close what has been idle for long, and firewalls forget it without a word.
            let _unusable = conn.set_timeout(Some(self.patience.connect));
            if conn.test_connected() {
                let _unusable = conn.set_timeout(Some(self.patience.command));
                return Ok(conn);
            }
        }
        let Server { host, port, tls, login } = &self.server;
        let from_the_start = match tls {
            Tls::Wrapper(parameters) => Some(parameters),
            _ => None,
        };
        let name = ClientId::default();
        let connect = Some(self.patience.connect);
        let mut conn = SmtpConnection::connect((host.as_str(), *port), connect, &name, from_the_start, None)?;
        tell(format!("{host} answers on port {port} and greets."));
        // A socket that takes no time limit can't be used; the first command says so.
        let _unusable = conn.set_timeout(Some(self.patience.command));
        match tls {
            Tls::Required(parameters) => conn.starttls(parameters, &name)?,
            Tls::Opportunistic(parameters) if conn.can_starttls() => conn.starttls(parameters, &name)?,
            _ => {}
        }
        tell(match (conn.is_encrypted(), tls) {
            (true, Tls::Wrapper(_)) => format!("TLS from the start: the certificate is good for {host}."),
            (true, _) => format!("STARTTLS: the certificate is good for {host}."),
            (false, Tls::None) => "The connection is not encrypted, and is not meant to be.".to_owned(),
            (false, _) => "The connection is not encrypted: the server offers no STARTTLS, and tls=opportunistic lets letters go on without.".to_owned(),
        });
        if let Some(login) = login {
            conn.auth(DEFAULT_MECHANISMS, login)?;
            tell("User and password are accepted.".to_owned());
        }
        Ok(conn)
    }

    fn hand_over(
        &self,
        conn: &mut SmtpConnection,
        message: &Message,
        tell: &mut dyn FnMut(String),
    ) -> Result<(), SendProblem> {
        let envelope = message.envelope();
        let bytes = message.formatted();
        let offers = |extension| conn.server_info().supports_feature(extension);
        let mut parameters = Vec::new();
        if envelope.to().iter().chain(envelope.from()).any(|address| !address.to_string().is_ascii()) {
            if !offers(Extension::SmtpUtfEight) {
                return Err(SendProblem::of_letter(true, "the mail server takes plain ASCII addresses only"));
            }
            parameters.push(MailParameter::SmtpUtfEight);
        }
        if !bytes.is_ascii() && offers(Extension::EightBitMime) {
            parameters.push(MailParameter::Body(MailBodyParameter::EightBitMime));
        }
        conn.command(Mail::new(envelope.from().cloned(), parameters))
            .map_err(|error| SendProblem::of_server(error.to_string()))?;
        if let Some(sender) = envelope.from() {
            tell(format!("The sender {sender} is accepted."));
        }
        for recipient in envelope.to() {
            conn.command(Rcpt::new(recipient.clone(), Vec::new())).map_err(|error| blame(&error))?;
            tell(format!("The recipient {recipient} is accepted."));
        }
        conn.command(Data).map_err(|error| blame(&error))?;
        let _unusable = conn.set_timeout(Some(self.patience.hand_over));
        let taken = conn.message(&bytes).map_err(|error| blame(&error))?;
        let words = taken.message().collect::<Vec<_>>().join(" ");
        tell(plain_text(&format!("The letter is taken: {} {words}", taken.code()), LONGEST_ANSWER));
        let _unusable = conn.set_timeout(Some(self.patience.command));
        Ok(())
    }
}

/// Who is to blame when a letter was refused after its sender was taken.
fn blame(error: &Error) -> SendProblem {
    let Some(code) = error.status() else { return SendProblem::of_server(error.to_string()) };
    let reason = error.source().map(ToString::to_string).unwrap_or_default();
    // Refused for what we are, not for whom we write to: no login (RFC 4954 §6) or no permission to relay (RFC 3463
    // §3.8). The operator can mend that, and then the letter is still wanted.
    let ours = matches!(code.to_string().as_str(), "421" | "530" | "534" | "535" | "538") || reason.starts_with("5.7.");
    if ours {
        SendProblem::of_server(error.to_string())
    } else {
        SendProblem::of_letter(error.is_permanent(), error.to_string())
    }
}

#[cfg(test)]
#[path = "smtp_tests.rs"]
mod tests;
