//! Every job that runs by itself. On several nodes, what may run only once at a time is held by a lease.

use crate::state::State;
use crate::{fault, letters};
use actix_web::rt::{spawn, task::JoinHandle, time};
use actix_web::web::Data;
use model::fault::Fault;
use model::grant::KEPT_AFTER_EXPIRY;
use model::question::PAGE_LIFETIME;
use model::time::Timestamp;
use std::future::Future;
use std::time::Duration;
use store::Class;
use store::tables::sweep::{self, BATCH, Sweep};
use store::tables::{grants, opaque_uses};

/// Audit rows that are sealed in one transaction.
const SEALED_AT_ONCE: usize = 500;

/// Uses of tokens that are written in one transaction.
const USES_AT_ONCE: usize = 200;

/// How long a letter that was given up is there for the operator to see, and to try again; and an invitation that ran out,
/// to be sent again.
const DEAD_LETTERS_KEPT: Duration = Duration::from_secs(30 * 24 * 60 * 60);

/// Starts all jobs; they end when their handles are aborted.
pub fn start(state: &Data<State>) -> Vec<JoinHandle<()>> {
    let holder = model::secret::base64url(&state.time.moment().bytes::<12>());
    let letters_of = (state.clone(), holder.clone());
    let seal_of = (state.clone(), holder);
    let (count_of, sweep_of, idle_of, uses_of) = (state.clone(), state.clone(), state.clone(), state.clone());
    vec![
        every("send letters", Duration::from_secs(1), move || {
            letters::send_due(letters_of.0.clone(), letters_of.1.clone())
        }),
        every("seal audit rows", Duration::from_secs(3), move || seal(seal_of.0.clone(), seal_of.1.clone())),
        every("count live codes", Duration::from_secs(10), move || count_live(count_of.clone())),
        every("note uses of tokens", Duration::from_secs(5), move || note_uses(uses_of.clone())),
        every("sweep", Duration::from_secs(60), move || sweep_all(sweep_of.clone())),
        every("forget idle networks", Duration::from_secs(60), move || {
            idle_of.limits.forget_idle(idle_of.time.moment().now());
            std::future::ready(Ok(()))
        }),
    ]
}

/// The longest pause after turns that failed.
const LONGEST_PAUSE: Duration = Duration::from_secs(10);

/// Runs `job` again and again, each time `pause` after it ended. A fault is logged, and the next turn tries again:
/// later each time, so that an outage does not fill the log.
fn every<F, Fut>(name: &'static str, pause: Duration, job: F) -> JoinHandle<()>
where
    F: Fn() -> Fut + 'static,
    Fut: Future<Output = Result<(), Fault>> + 'static,
{
    spawn(async move {
        let mut wait = pause;
        loop {
            wait = match job().await {
                Ok(()) => pause,
                Err(failed) => {
                    fault::log(&failed, name);
                    wait.saturating_mul(2).min(LONGEST_PAUSE.max(pause))
                }
            };
            time::sleep(wait).await;
        }
    })
}

/// Counts the live codes of each organization.
///
/// # Errors
/// The database's.
pub async fn count_live(state: Data<State>) -> Result<(), Fault> {
    if state.limits.are_on() {
        let now = state.time.moment().now();
        let counts = state.db.read("count live codes", move |conn| grants::count_live(conn, now)).await?;
        state.limits.counted(counts);
    }
    Ok(())
}

async fn seal(state: Data<State>, holder: String) -> Result<(), Fault> {
    loop {
        let (holder, now) = (holder.clone(), state.time.moment().now());
        let sealed = state
            .db
            .write_in_background("seal audit rows", Class::Durable, move |conn| {
                directory::audit_chain::seal(conn, &holder, now, SEALED_AT_ONCE)
            })
            .await?
            .into_inner();
        if sealed < SEALED_AT_ONCE {
            return Ok(());
        }
    }
}

/// The time before which a row of this kind must have been over to be swept.
fn over_before(what: Sweep, now: Timestamp) -> Timestamp {
    match what {
        Sweep::Codes
        | Sweep::RevokedTokens
        | Sweep::Sessions
        | Sweep::LoginAttempts
        | Sweep::WaitingCodes
        | Sweep::Ceremonies
        | Sweep::FactorAttempts
        | Sweep::KnownDevices
        | Sweep::UpstreamAttempts
        | Sweep::PendingLinks
        | Sweep::AuthorizationRequests
        | Sweep::MailLinks
        | Sweep::EmailChanges => now,
        Sweep::Grants | Sweep::AuthorizationCodes | Sweep::RefreshTokens | Sweep::Families | Sweep::Letters => {
            now.before(KEPT_AFTER_EXPIRY)
        }
        Sweep::PageDecisions => now.before(PAGE_LIFETIME.saturating_mul(2)),
        Sweep::Budgets => now.before(model::budget::LETTERS_WINDOW),
        Sweep::Alarms => now.before(model::budget::ALARM_WINDOW),
        Sweep::DeadLetters | Sweep::Invitations | Sweep::OpaqueTokens | Sweep::EndedOpaqueTokens => {
            now.before(DEAD_LETTERS_KEPT)
        }
    }
}

/// Writes down when opaque tokens were used.
///
/// # Errors
/// The database's, of the first part that failed; what it held is lost then.
pub async fn note_uses(state: Data<State>) -> Result<(), Fault> {
    let uses = state.last_used.take();
    if uses.is_empty() {
        return Ok(());
    }
    let mut done = Ok(());
    for some in uses.chunks(USES_AT_ONCE).map(<[_]>::to_vec) {
        let write = state
            .db
            .write_in_background("note uses of tokens", Class::Relaxed, move |conn| opaque_uses::note(conn, &some));
        // One that fails takes no other along.
        done = done.and(write.await.map(drop));
    }
    done
}

/// Removes everything that has been over for long enough.
///
/// # Errors
/// The database's.
pub async fn sweep_all(state: Data<State>) -> Result<(), Fault> {
    for what in Sweep::ALL {
        loop {
            let before = over_before(what, state.time.moment().now());
            let swept = state
                .db
                .write_in_background(what.name(), Class::Relaxed, move |conn| sweep::sweep(conn, what, before))
                .await?
                .into_inner();
            if swept < usize::try_from(BATCH).unwrap_or(usize::MAX) {
                break;
            }
        }
    }
    Ok(())
}
