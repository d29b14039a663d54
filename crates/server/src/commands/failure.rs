//! Why a command did not do what it was asked: a sentence for people, an exit code for scripts.

use super::words;
use crate::config::Problem;
use model::id::{ClientId, OrgId};
use std::fmt;

/// A refusal or a fault of a command.
#[derive(Debug)]
pub(super) struct Failure {
    exit: u8,
    sentence: String,
}

impl Failure {
    /// It could not be done.
    pub(super) fn refused(sentence: impl Into<String>) -> Self {
        Self { exit: 1, sentence: sentence.into() }
    }

    /// The command line asks for what can't be.
    pub(super) fn usage(sentence: impl Into<String>) -> Self {
        Self { exit: 2, sentence: sentence.into() }
    }

    /// There is no such organization.
    pub(super) fn no_org(org: &OrgId) -> Self {
        Self::refused(format!("There is no organization {org}. doorward-server org list shows those that there are."))
    }

    /// There is no such account.
    pub(super) fn no_account(email: &str) -> Self {
        Self::refused(format!("Nobody has the address {email:?}. doorward-server user list shows all accounts."))
    }

    /// There is no such application.
    pub(super) fn no_app(org: &OrgId, client_id: &ClientId) -> Self {
        Self::refused(format!(
            "{} has no application with the client id {:?}. doorward-server app list {} shows them.",
            words::home(org),
            client_id.as_str(),
            words::home_flag(org)
        ))
    }

    /// What the program exits with.
    pub(super) fn exit(&self) -> u8 {
        self.exit
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.sentence)
    }
}

impl From<Problem> for Failure {
    fn from(problem: Problem) -> Self {
        Self::refused(problem.to_string())
    }
}
