//! Failures: the sentence that people read, the word and the exit code that scripts read.

use crate::args::{Command, Place, login_command};
use crate::out;
use crate::surroundings::Surroundings;
use crate::words::plain;
use client::{Error, LoginKey, Selection, StoreError};
use serde_json::json;
use std::process::ExitCode;

const STOPPED: &str = "stopped";

/// Why the program did not do what it was asked.
#[derive(Debug)]
pub(crate) struct Failure {
    exit: Exit,
    code: String,
    sentence: String,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Exit {
    Other = 1,
    Usage = 2,
    NotAuthorized = 3,
    Limited = 4,
}

impl Failure {
    /// The command line asks for what can't be.
    pub(crate) fn usage(sentence: impl Into<String>) -> Self {
        Self { exit: Exit::Usage, code: "usage".to_owned(), sentence: sentence.into() }
    }

    /// Anything without an exit code of its own.
    pub(crate) fn other(code: &str, sentence: impl Into<String>) -> Self {
        Self { exit: Exit::Other, code: code.to_owned(), sentence: sentence.into() }
    }

    /// Somebody pressed Ctrl-C.
    pub(crate) fn stopped(command: &Command) -> Self {
        let sentence = match command {
            Command::Login(_) => "Stopped. Nobody was signed in.",
            _ => "Stopped.",
        };
        Self::other(STOPPED, sentence)
    }

    /// Standard output is gone, which is how `head` says that it has seen enough.
    pub(crate) fn no_output(error: &std::io::Error) -> Self {
        Self::other("output", format!("The output can't be written: {error}."))
    }

    /// What the library met on the way to `place`.
    pub(crate) fn from_client(error: &Error, place: &Place) -> Self {
        Self::from_library(error, place.server(), &place.login_command())
    }

    /// What the library met with a sign-in that is kept.
    pub(crate) fn from_login(error: &Error, key: &LoginKey) -> Self {
        let login_command = login_command(&Selection::from(key.clone()));
        if matches!(error, Error::NotSignedIn) {
            // It was there a moment ago.
            let sentence = format!("Nobody is signed in to {} at {} any more.", key.org, key.server);
            return Self::not_signed_in(format!("{sentence} Sign in with: {login_command}"));
        }
        Self::from_library(error, &key.server, &login_command)
    }

    /// Nobody is signed in where `place` looks.
    pub(crate) fn nobody(place: &Place) -> Self {
        Self::not_signed_in(place.nobody())
    }

    fn not_signed_in(sentence: String) -> Self {
        Self { exit: Exit::NotAuthorized, code: "not_signed_in".to_owned(), sentence }
    }

    /// The same with one more sentence.
    pub(crate) fn and(mut self, sentence: &str) -> Self {
        self.sentence.push_str(sentence);
        self
    }

    fn from_library(error: &Error, server: &str, login_command: &str) -> Self {
        let (exit, code, next) = match error {
            Error::Address(_) => (Exit::Usage, "usage", String::new()),
            Error::Store(StoreError::Several) => {
                (Exit::Usage, "usage", " Use --server, --org and --dialect.".to_owned())
            }
            Error::Store(_) => (Exit::Other, "credentials", String::new()),
            Error::Limited { .. } => (Exit::Limited, "limited", String::new()),
            Error::Unreachable(_) => {
                (Exit::Other, "unreachable", format!(" Check the address {server}, and that the server is running."))
            }
            Error::Unavailable { .. } => (Exit::Other, "unavailable", " Try again in a moment.".to_owned()),
            Error::NoOrganization => (Exit::Other, "no_organization", " Check --org and --server.".to_owned()),
            Error::Discovery(_) => (Exit::Other, "discovery", " Check --server.".to_owned()),
            Error::Answer(_) => (Exit::Other, "answer", " It may not be a Doorward server. Check --server.".to_owned()),
            Error::Identity(_) => {
                (Exit::Other, "identity", " Nobody was signed in. Tell the server's administrator.".to_owned())
            }
            Error::Denied => (
                Exit::NotAuthorized,
                "access_denied",
                " Nobody was signed in. To ask again: ".to_owned() + login_command,
            ),
            Error::Expired => (
                Exit::NotAuthorized,
                "expired_token",
                " Nobody was signed in. To get a new one: ".to_owned() + login_command,
            ),
            Error::NotSignedIn => (Exit::NotAuthorized, "not_signed_in", format!(" Sign in with: {login_command}")),
            Error::SignedOut => (Exit::NotAuthorized, "signed_out", format!(" Sign in again with: {login_command}")),
            Error::Over => (Exit::NotAuthorized, "sign_in_expired", format!(" Sign in again with: {login_command}")),
            Error::Refused { code, .. } => {
                let next = match code.as_str() {
                    "invalid_client" => {
                        " The app is not known there, or is disabled. Check --client-id, or ask an administrator."
                    }
                    "unauthorized_client" => " Ask an administrator to allow this app to sign devices in.",
                    "invalid_grant" => " Start again.",
                    "invalid_scope" => " Check --scope.",
                    "FORBIDDEN" => {
                        " Apps that are not registered there get no API keys. Ask whoever runs the server to allow them \
                         (DOORWARD_UNREGISTERED_CLIENTS=true), or sign in to an organization without --dialect."
                    }
                    _ => "",
                };
                (Exit::Other, code.as_str(), next.to_owned())
            }
        };
        Self { exit, code: code.to_owned(), sentence: format!("{error}{next}") }
    }

    /// Tells people by a sentence, scripts by a line of JSON and the exit code.
    pub(crate) fn report(&self, command: &Command, around: &Surroundings) -> ExitCode {
        // `token` promises a token and nothing else on its output, and a shell reads what `completions` prints.
        if !around.terminal && !matches!(command, Command::Token(_) | Command::Completions { .. }) {
            // If that can't be written either, the sentence and the exit code still say it.
            let _ = out::json(&json!({"event": "error", "error": self.code, "message": self.sentence}));
        }
        if around.terminal && self.code == STOPPED {
            // The count-down and the terminal's own ^C are still on the line.
            let _ = out::line("");
        }
        out::note(&plain(&self.sentence));
        ExitCode::from(self.exit as u8)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    #[test]
    fn exit_codes_tell_what_a_script_can_do() {
        let exit =
            |error: &Error| Failure::from_library(error, "https://id.example", "doorward login --org acme").exit as u8;
        assert_eq!(exit(&Error::Unreachable("x".into())), 1);
        assert_eq!(exit(&Error::Address("x".into())), 2);
        assert_eq!(exit(&Error::Denied), 3);
        assert_eq!(exit(&Error::Expired), 3);
        assert_eq!(exit(&Error::NotSignedIn), 3);
        assert_eq!(exit(&Error::Over), 3);
        assert_eq!(exit(&Error::Limited { retry_after: Some(Duration::from_secs(9)) }), 4);
    }

    #[test]
    fn sentences_say_what_to_do_next() {
        let sentence =
            |error: &Error| Failure::from_library(error, "https://id.example", "doorward login --org acme").sentence;
        assert_eq!(sentence(&Error::NotSignedIn), "Nobody is signed in. Sign in with: doorward login --org acme");
        assert_eq!(
            sentence(&Error::Limited { retry_after: Some(Duration::from_secs(9)) }),
            "There were too many requests. Try again in 9 seconds."
        );
        assert_eq!(
            sentence(&Error::Unreachable("Connection refused".into())),
            "The server can't be reached (Connection refused). Check the address https://id.example, and that the server is running."
        );
    }
}
