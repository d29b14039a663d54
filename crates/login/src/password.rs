//! Passwords: argon2id on threads of its own, few at a time.
//!
//! A hash takes 19 MiB and about 50 ms of a core, so at most as many run as there are permits, and at most 32 wait for
//! each, who have their turn within about two seconds; past that the answer is *busy*, as whoever would wait for longer is
//! better told to come again. An unknown address costs the same hash as a known one.

use crate::breached::Breached;
use argon2::password_hash::phc::PasswordHash;
use argon2::{Algorithm, Argon2, Params, PasswordHasher as _, PasswordVerifier as _, Version};
use model::fault::Fault;
use model::secret::Secret;
use std::panic::AssertUnwindSafe;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError, mpsc};
use std::thread;
use tokio::sync::oneshot;

/// The longest password, in bytes; checked before anything is hashed.
pub const LONGEST: usize = 1024;

/// The shortest password that may be set, in characters.
pub const SHORTEST: usize = 8;

/// How many may wait for each that runs.
const WAITING_PER_PERMIT: usize = 32;

/// 19 MiB, two passes, one lane: the least that is recommended for argon2id.
const MEMORY_KIB: u32 = 19 * 1024;
const PASSES: u32 = 2;
const LANES: u32 = 1;

/// Why a password may not be set.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Weak {
    /// Fewer than [`SHORTEST`] characters.
    TooShort,
    /// More than [`LONGEST`] bytes.
    TooLong,
    /// Too easily guessed.
    Guessable,
    /// In a list of stolen passwords.
    Breached,
}

/// Whether a password may be set by somebody with this address and name.
///
/// # Errors
/// [`Weak`] with the reason.
pub fn strong_enough(password: &str, about: &[&str]) -> Result<(), Weak> {
    if password.chars().count() < SHORTEST {
        return Err(Weak::TooShort);
    }
    if password.len() > LONGEST {
        return Err(Weak::TooLong);
    }
    // The estimator's time grows with length, and what is long enough to slow it down is not weak by its beginning.
    let beginning: String = password.chars().take(100).collect();
    let score = zxcvbn::zxcvbn(&beginning, about).score();
    if score < zxcvbn::Score::Three { Err(Weak::Guessable) } else { Ok(()) }
}

/// Compares passwords, a few at a time: each on a thread of its own, which keeps the memory for it. On threads that come and
/// go each would keep 19 MiB and more for a while.
#[derive(Clone)]
pub struct Passwords {
    work: mpsc::Sender<Work>,
    // Those who run among them.
    waiting: Arc<AtomicUsize>,
    most_waiting: usize,
    /// What an unknown address is compared with.
    dummy: Arc<Secret>,
    breached: Option<Breached>,
}

impl std::fmt::Debug for Passwords {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Passwords").field("most_waiting", &self.most_waiting).finish_non_exhaustive()
    }
}

impl Passwords {
    /// Lets `permits` hashes run at once. What is in the list can't be chosen.
    ///
    /// # Errors
    /// `Broken` where the library fails, or the system has no room for the threads.
    pub fn new(permits: usize, breached: Option<Breached>) -> Result<Self, Fault> {
        let (work, queue) = mpsc::channel::<Work>();
        let queue = Arc::new(Mutex::new(queue));
        for number in 1..=permits {
            let queue = Arc::clone(&queue);
            thread::Builder::new()
                .name(format!("password-{number}"))
                .spawn(move || serve(&queue))
                .map_err(|error| Fault::broken("a thread for passwords").because(error))?;
        }
        Ok(Self {
            work,
            waiting: Arc::default(),
            most_waiting: permits * (1 + WAITING_PER_PERMIT),
            dummy: Arc::new(hash_now("there is no such account")?),
            breached,
        })
    }

    /// Whether `password` is the one with this hash; where there is none, the same work is done for nothing.
    ///
    /// # Errors
    /// `Busy` where too many wait; `Broken` where the stored hash is not one.
    pub async fn verify(&self, password: Secret, hash: Option<Secret>) -> Result<bool, Fault> {
        let dummy = self.dummy.clone();
        self.run(move || match hash {
            Some(hash) => verify_now(password.expose(), hash.expose()),
            None => verify_now(password.expose(), dummy.expose()).map(|_| false),
        })
        .await
    }

    /// Whether a password may be set by somebody with this address and name: [`strong_enough`], and in no list of stolen
    /// ones.
    ///
    /// # Errors
    /// `Broken` where the list can't be read.
    pub async fn may_be_set(&self, password: &Secret, about: &[&str]) -> Result<Result<(), Weak>, Fault> {
        if let Err(weak) = strong_enough(password.expose(), about) {
            return Ok(Err(weak));
        }
        let Some(list) = self.breached.clone() else { return Ok(Ok(())) };
        let password = password.clone();
        let looked = tokio::task::spawn_blocking(move || list.holds(password.expose()));
        let stolen = looked.await.map_err(|error| Fault::broken("the list of stolen passwords").because(error))??;
        Ok(if stolen { Err(Weak::Breached) } else { Ok(()) })
    }

    /// The hash of a password that is to be set, after [`Passwords::may_be_set`].
    ///
    /// # Errors
    /// `Busy` where too many wait; `Broken` where the library fails.
    pub async fn hash(&self, password: Secret) -> Result<Secret, Fault> {
        self.run(move || hash_now(password.expose())).await
    }

    async fn run<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> Result<T, Fault> + Send + 'static,
    ) -> Result<T, Fault> {
        let _place = Place::take(&self.waiting, self.most_waiting).ok_or_else(|| Fault::busy("password hashing"))?;
        let (tell, told) = oneshot::channel();
        // A caller that gives up does not free a thread that is still busy, and nobody is told then.
        let task: Work = Box::new(move || drop(tell.send(work())));
        self.work.send(task).map_err(|_| Fault::broken("the threads that hash passwords have ended"))?;
        told.await.map_err(|error| Fault::broken("password hashing").because(error))?
    }
}

type Work = Box<dyn FnOnce() + Send>;

/// Does the work that comes, until nobody is left who could bring any.
fn serve(queue: &Mutex<mpsc::Receiver<Work>>) {
    loop {
        let next = queue.lock().unwrap_or_else(PoisonError::into_inner).recv();
        let Ok(work) = next else { return };
        // A thread that ended would be missed. Whoever asked sees that nothing came of it.
        drop(std::panic::catch_unwind(AssertUnwindSafe(work)));
    }
}

/// A place among those who hash or wait to.
struct Place<'a>(&'a AtomicUsize);

impl<'a> Place<'a> {
    fn take(waiting: &'a AtomicUsize, most: usize) -> Option<Self> {
        let entered = waiting.fetch_update(Ordering::AcqRel, Ordering::Acquire, |now| (now < most).then_some(now + 1));
        entered.ok().map(|_| Self(waiting))
    }
}

impl Drop for Place<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::AcqRel);
    }
}

fn argon2() -> Result<Argon2<'static>, Fault> {
    let params = Params::new(MEMORY_KIB, PASSES, LANES, None)
        .map_err(|error| Fault::broken(format!("argon2 parameters: {error}")))?;
    Ok(Argon2::new(Algorithm::Argon2id, Version::V0x13, params))
}

/// The hash of a new password, at once: for commands, which have a thread to themselves.
///
/// # Errors
/// `Broken` where the library fails.
pub fn hash_now(password: &str) -> Result<Secret, Fault> {
    let hash: PasswordHash = argon2()?
        .hash_password(password.as_bytes())
        .map_err(|error| Fault::broken(format!("password hash: {error}")))?;
    Ok(Secret::new(hash.to_string()))
}

fn verify_now(password: &str, hash: &str) -> Result<bool, Fault> {
    let hash = PasswordHash::new(hash)
        .map_err(|error| Fault::broken(format!("a stored password hash is not one: {error}")))?;
    Ok(argon2()?.verify_password(password.as_bytes(), &hash).is_ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn weak_passwords_are_told_apart() {
        assert_eq!(strong_enough("short", &[]), Err(Weak::TooShort));
        assert_eq!(strong_enough("password1", &[]), Err(Weak::Guessable));
        assert_eq!(strong_enough(&"x".repeat(1025), &[]), Err(Weak::TooLong));
        assert_eq!(strong_enough("ada.lovelace@acme.example", &["ada.lovelace@acme.example"]), Err(Weak::Guessable));
        assert_eq!(strong_enough("correct horse battery staple", &[]), Ok(()));
    }

    #[tokio::test]
    async fn a_password_is_its_own_and_an_unknown_account_has_none() {
        let passwords = Passwords::new(2, None).unwrap();
        let hash = hash_now("correct horse").unwrap();
        let verify = |text: &str, hash: Option<Secret>| passwords.verify(Secret::new(text.to_owned()), hash);
        assert!(verify("correct horse", Some(hash.clone())).await.unwrap());
        assert!(!verify("wrong horse", Some(hash)).await.unwrap());
        assert!(!verify("there is no such account", None).await.unwrap());
    }

    #[tokio::test]
    async fn past_the_queue_the_answer_is_busy() {
        let passwords = Passwords::new(1, None).unwrap();
        let all = (0..50).map(|_| {
            let passwords = passwords.clone();
            tokio::spawn(async move { passwords.verify(Secret::new("x".to_owned()), None).await })
        });
        let mut busy = 0;
        for one in all.collect::<Vec<_>>() {
            busy += usize::from(one.await.unwrap().is_err_and(|fault| fault.kind() == model::fault::FaultKind::Busy));
        }
        assert!(busy > 0 && busy <= 50 - 33, "{busy}");
    }
}
