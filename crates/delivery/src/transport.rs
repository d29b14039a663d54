//! How letters leave.

use crate::envelope::Envelope;
use crate::folder::Folder;
use crate::smtp::Smtp;
use model::context::plain_text;
use std::sync::Arc;

/// Why a letter did not go out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SendProblem {
    /// Whether trying again is of no use: the letter or its recipient was refused for good.
    pub permanent: bool,
    /// Whether every other letter would meet the same now: the server can't be reached, or refuses us.
    pub server_wide: bool,
    /// What happened, for the operator: one line, no secret.
    pub what: String,
}

const LONGEST_PROBLEM: usize = 300;

impl SendProblem {
    pub(crate) fn of_server(what: impl AsRef<str>) -> Self {
        Self { permanent: false, server_wide: true, what: plain_text(what.as_ref(), LONGEST_PROBLEM) }
    }

    pub(crate) fn of_letter(permanent: bool, what: impl AsRef<str>) -> Self {
        Self { permanent, server_wide: false, what: plain_text(what.as_ref(), LONGEST_PROBLEM) }
    }

    /// That a letter can't be sent at all, whatever the transport: an address that is none, a template that fails.
    pub fn unsendable(what: impl AsRef<str>) -> Self {
        Self::of_letter(true, what)
    }
}

/// A way for letters to leave. Cheap to clone; clones share connections.
#[derive(Clone, Debug)]
pub enum Transport {
    /// A mail server.
    Smtp(Arc<Smtp>),
    /// A folder, one file a letter.
    Folder(Arc<Folder>),
}

impl Transport {
    /// Sends one letter. Several may be sent at once. What came of it is known when this returns; dropping it early
    /// does not stop it.
    ///
    /// # Errors
    /// Why it did not go out.
    pub async fn send(&self, envelope: &Envelope) -> Result<(), SendProblem> {
        let message = envelope.message()?;
        match self.clone() {
            Self::Smtp(smtp) => on_a_thread(move || smtp.send(&message)).await,
            Self::Folder(folder) => {
                let (id, date) = (envelope.message_id.letter(), envelope.date);
                on_a_thread(move || folder.keep(id, date, &message.formatted())).await
            }
        }
    }

    /// How the connection is encrypted, in words.
    pub fn encryption(&self) -> &'static str {
        match self {
            Self::Smtp(smtp) => smtp.encryption(),
            Self::Folder(_) => "a folder",
        }
    }

    /// Sends one letter at once, for somebody who watches: the steps that were taken, a sentence each, and what came of
    /// it. Waits; not for async code.
    pub fn try_out(&self, envelope: &Envelope) -> (Vec<String>, Result<(), SendProblem>) {
        let mut steps = Vec::new();
        let outcome = envelope.message().and_then(|message| match self {
            Self::Smtp(smtp) => {
                let sent = smtp.send_telling(&message, &mut |step| steps.push(step));
                smtp.rest();
                sent
            }
            Self::Folder(folder) => {
                let kept = folder.keep(envelope.message_id.letter(), envelope.date, &message.formatted());
                steps.extend(kept.is_ok().then(|| "The letter is a file in the folder; nobody gets it.".to_owned()));
                kept
            }
        });
        (steps, outcome)
    }

    /// Closes connections that no letter uses. Call it when nothing is due; sending opens them again.
    pub async fn rest(&self) {
        if let Self::Smtp(smtp) = self.clone() {
            // There is nobody to tell: a connection that can't be closed in good order is dropped.
            let _closed = tokio::task::spawn_blocking(move || smtp.rest()).await;
        }
    }
}

async fn on_a_thread(send: impl FnOnce() -> Result<(), SendProblem> + Send + 'static) -> Result<(), SendProblem> {
    let sent = tokio::task::spawn_blocking(send).await;
    sent.unwrap_or_else(|_| Err(SendProblem::of_server("sending broke off: a defect, or the server is ending")))
}
