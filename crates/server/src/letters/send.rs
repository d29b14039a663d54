//! Sending what is in the outbox: one node at a time, each letter rendered when it leaves.

use super::render;
use crate::fault;
use crate::state::State;
use actix_web::web::Data;
use delivery::outbox::{self, Ready};
use delivery::{Envelope, Mailbox, MessageId, SendProblem};
use model::fault::Fault;
use model::time::Timestamp;
use std::time::Duration;
use store::Class;
use store::tables::leases::Lease;

/// How long the lease is kept before it is renewed: a third of its span, so that it never lapses over one more letter.
const RENEWAL: Duration = Duration::from_secs(10);

/// Letters that are taken at once.
const BATCH: usize = 20;

/// Sends what is due. Ends where another node sends, or nothing is left.
///
/// # Errors
/// The database's; a letter that does not go out is noted in its row.
pub async fn send_due(state: Data<State>, holder: String) -> Result<(), Fault> {
    let (now, by) = (state.time.moment().now(), holder.clone());
    // Looked at without the lease first: most of the time nothing is due, and a look costs no write.
    let due = state.db.read("letters due", move |conn| store::tables::outbox::due(conn, now, 1)).await?;
    if due.is_empty() {
        state.mail.rest().await;
        return Ok(());
    }
    let taken = state
        .db
        .write_in_background("take letters", Class::Durable, move |conn| outbox::lease_due(conn, &by, now, BATCH))
        .await?
        .into_inner();
    let Some((lease, ready)) = taken else { return Ok(()) };
    let mut held = Held { state: &state, holder: &holder, lease, since: now };
    for letter in ready {
        if !held.for_another().await? {
            return Ok(());
        }
        let outcome = held.send(&letter).await?;
        let server_wide = outcome.as_ref().is_err_and(|problem| problem.server_wide);
        note(&state, lease, letter, outcome).await?;
        // The others would meet the same: they wait for the next turn instead of for the same time-out.
        if server_wide {
            break;
        }
    }
    // Given back, so that a restart or another node need not wait for it.
    state
        .db
        .write_in_background("give letters back", Class::Relaxed, move |conn| outbox::release(conn, lease))
        .await
        .map(drop)
}

/// The outbox's lease, as this node has it.
struct Held<'a> {
    state: &'a State,
    holder: &'a str,
    lease: Lease,
    /// When it was taken or last renewed, by this node's clock.
    since: Timestamp,
}

impl Held<'_> {
    /// Whether the next letter may be sent. Renewed only where a good part of the lease is over: a letter takes a moment,
    /// and each renewal is a durable write.
    async fn for_another(&mut self) -> Result<bool, Fault> {
        // A clock that was set back says nothing about how much is over.
        let early = self.since..self.since.after(RENEWAL);
        if early.contains(&self.state.time.moment().now()) { Ok(true) } else { self.renew().await }
    }

    async fn renew(&mut self) -> Result<bool, Fault> {
        let (holder, lease, now) = (self.holder.to_owned(), self.lease, self.state.time.moment().now());
        let renewed = self
            .state
            .db
            .write_in_background("keep letters", Class::Durable, move |conn| outbox::renew(conn, &holder, lease, now));
        let still = renewed.await?.into_inner();
        if still {
            self.since = now;
        }
        Ok(still)
    }

    /// Sends one letter, keeping the lease for as long as that takes. A mail server may think for two minutes.
    async fn send(&mut self, letter: &Ready) -> Result<Result<(), SendProblem>, Fault> {
        let state = self.state;
        let envelope = match envelope(state, letter) {
            Ok(envelope) => envelope,
            Err(problem) => return Ok(Err(problem)),
        };
        let mut sending = std::pin::pin!(state.mail.send(&envelope));
        loop {
            tokio::select! {
                outcome = &mut sending => return Ok(outcome),
                () = actix_web::rt::time::sleep(RENEWAL) => {
                    // Where another node has it by now, that node sends it too; the letter's own name tells them for one.
                    self.renew().await?;
                }
            }
        }
    }
}

fn envelope(state: &State, letter: &Ready) -> Result<Envelope, SendProblem> {
    if letter.letter.expires_at().is_some_and(|end| end <= state.time.moment().now()) {
        return Err(SendProblem::unsendable("its link has expired, so that it would help nobody"));
    }
    let rendered = render(state, letter).map_err(|failed| {
        fault::log(&failed, "letter");
        SendProblem::unsendable("the letter can't be rendered")
    })?;
    Ok(Envelope {
        message_id: MessageId::new(letter.row.id, state.config.public_url.host_name()),
        // Of when it was written, so that a second try sends the same bytes.
        date: letter.row.created_at,
        from: state.mail_from.clone(),
        to: Mailbox::address(&letter.row.recipient).map_err(|error| SendProblem::unsendable(error.to_string()))?,
        subject: rendered.subject,
        text: rendered.text,
        html: rendered.html,
    })
}

async fn note(state: &State, lease: Lease, letter: Ready, outcome: Result<(), SendProblem>) -> Result<(), Fault> {
    if let Err(problem) = &outcome {
        tracing::warn!(letter = %letter.row.id, attempt = letter.row.attempts + 1, problem = problem.what, "a letter did not go out");
    }
    let now = state.time.moment().now();
    state
        .db
        .write_in_background("note letter", Class::Durable, move |conn| {
            outbox::mark(conn, lease, &letter.row, &outcome, now)
        })
        .await
        .map(drop)
}
