//! Authenticator apps (RFC 6238).
//!
//! 1. [`begin`] draws a secret of 160 bits and keeps it, sealed under the master key, for an hour.
//! 2. [`confirm`] takes a code of the app, which shows that it has the secret. From then on it counts.
//! 3. [`check`] takes a code of a step once: the newest step that was taken is stored, and advanced by a guarded update,
//!    so that of two who bring the same code at once one is let in (§5.2).
//!
//! A code is good in its own step of 30 seconds and in those beside it, for clocks that differ. Six digits are few: whoever
//! calls `confirm` or `check` charges a budget first, as [`crate::factor`] does.

use jose::Seal;
use model::audit::{Action, By};
use model::fault::Fault;
use model::id::UserId;
use model::moment::Moment;
use model::secret::{Keyring, Purpose, Secret};
use model::time::Timestamp;
use std::time::Duration;
use store::Conn;
use store::tables::{audit, totp};
use totp_rs::{Algorithm, Builder, Totp};

/// How long a secret waits to be confirmed.
const WAITS: Duration = Duration::from_secs(60 * 60);

/// SHA-1, six digits, 30 seconds: what every app does, whatever else it is told. SHA-1's collisions don't matter to HMAC.
const DIGITS: u8 = 6;
const STEP: u64 = 30;
const SKEW: u16 = 1;

/// Draws a secret for a user, in place of one that is not confirmed; false where one is confirmed already.
///
/// # Errors
/// The database's.
pub fn begin(conn: &mut Conn, user: UserId, keys: &Keyring, moment: &Moment) -> Result<bool, Fault> {
    let secret = Secret::new(moment.bytes::<20>().to_vec());
    let sealed = seal(keys).seal(moment, &[&context(user)], secret.expose())?;
    totp::put_unconfirmed(conn, user, &sealed, moment.now())
}

/// The secret that a user is setting up, in the base 32 that apps take; nothing where there is none.
///
/// # Errors
/// The database's; `Broken` where the secret does not open.
pub fn being_set_up(conn: &mut Conn, user: UserId, keys: &Keyring, now: Timestamp) -> Result<Option<Secret>, Fault> {
    let found =
        totp::of_user(conn, user)?.filter(|row| row.confirmed_at.is_none() && now < row.created_at.after(WAITS));
    let Some(row) = found else { return Ok(None) };
    let app = app(user, keys, &row.sealed_secret)?;
    Ok(Some(Secret::new(app.secret().to_base32())))
}

/// What becomes of confirming.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Confirmed {
    /// The app counts from now on.
    Yes,
    /// The code is not the app's.
    WrongCode,
    /// Nothing is being set up, or not any more.
    NotBegun,
}

/// Takes the first code of an app that is being set up, with the audit row about what it is from then on.
///
/// # Errors
/// The database's; `Broken` where the secret does not open.
pub fn confirm(conn: &mut Conn, user: UserId, code: &str, keys: &Keyring, by: &By) -> Result<Confirmed, Fault> {
    let found =
        totp::of_user(conn, user)?.filter(|row| row.confirmed_at.is_none() && by.now() < row.created_at.after(WAITS));
    let Some(row) = found else { return Ok(Confirmed::NotBegun) };
    let Some(step) = step_of(&app(user, keys, &row.sealed_secret)?, code, by.now()) else {
        return Ok(Confirmed::WrongCode);
    };
    if !totp::confirm(conn, user, row.created_at, step, by.now())? {
        return Ok(Confirmed::NotBegun);
    }
    audit::insert(conn, &by.entry(None, Action::TotpAdded, user))?;
    Ok(Confirmed::Yes)
}

/// Whether `code` is the app's, and was not taken before.
///
/// # Errors
/// The database's; `Broken` where the secret does not open.
pub fn check(conn: &mut Conn, user: UserId, code: &str, keys: &Keyring, now: Timestamp) -> Result<bool, Fault> {
    let Some(row) = totp::of_user(conn, user)?.filter(|row| row.confirmed_at.is_some()) else { return Ok(false) };
    match step_of(&app(user, keys, &row.sealed_secret)?, code, now) {
        Some(step) => totp::advance(conn, user, step),
        None => Ok(false),
    }
}

/// Since when a user's app counts; nothing where there is none.
///
/// # Errors
/// The database's.
pub fn since(conn: &mut Conn, user: UserId) -> Result<Option<Timestamp>, Fault> {
    Ok(totp::of_user(conn, user)?.and_then(|row| row.confirmed_at))
}

/// Removes a user's app, with its audit row; false where there was none that counted.
///
/// # Errors
/// The database's.
pub fn remove(conn: &mut Conn, user: UserId, by: &By) -> Result<bool, Fault> {
    let removed = totp::remove(conn, user)?;
    if removed {
        audit::insert(conn, &by.entry(None, Action::TotpRemoved, user))?;
    }
    Ok(removed)
}

fn seal(keys: &Keyring) -> Seal {
    Seal::new(&keys.key(Purpose::TotpSecret))
}

/// A sealed secret is its user's: in another's row it does not open.
fn context(user: UserId) -> [u8; 16] {
    user.uuid().into_bytes()
}

fn app(user: UserId, keys: &Keyring, sealed: &[u8]) -> Result<Totp, Fault> {
    let secret = seal(keys).open(&[&context(user)], sealed);
    let secret = Secret::new(secret.ok_or_else(|| Fault::broken("an authenticator app's secret does not open"))?);
    with_secret(secret.expose())
}

fn with_secret(secret: &[u8]) -> Result<Totp, Fault> {
    Builder::new()
        .with_algorithm(Algorithm::SHA1)
        .with_digits(DIGITS)
        .with_skew(SKEW)
        .with_step_duration(STEP)
        .with_secret(secret)
        .build()
        .map_err(|error| Fault::broken(format!("an authenticator app's secret: {error}")))
}

/// The step that a code is of, as people type it: with a space in the middle or without.
fn step_of(app: &Totp, code: &str, now: Timestamp) -> Option<i64> {
    let digits: String = code.chars().filter(|c| !c.is_whitespace()).take(usize::from(DIGITS) + 1).collect();
    let step = app.check(&digits, u64::try_from(now.seconds()).ok()?)?;
    i64::try_from(step).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(seconds: i64) -> Timestamp {
        Timestamp::from_seconds(seconds)
    }

    /// RFC 6238 Appendix B has eight digits; six are its last six.
    #[test]
    fn codes_are_those_of_rfc_6238() {
        let app = with_secret(b"12345678901234567890").unwrap();
        for (time, code) in [
            (59, "287082"),
            (1_111_111_109, "081804"),
            (1_111_111_111, "050471"),
            (1_234_567_890, "005924"),
            (2_000_000_000, "279037"),
            (20_000_000_000, "353130"),
        ] {
            assert_eq!(step_of(&app, code, at(time)), Some(time / 30), "{code}");
            assert_eq!(step_of(&app, code, at(time + 30)), Some(time / 30), "{code}, a clock behind");
            assert_eq!(step_of(&app, code, at(time - 30)), Some(time / 30), "{code}, a clock ahead");
            assert_eq!(step_of(&app, code, at(time + 60)), None, "{code}, too late");
            assert_eq!(step_of(&app, code, at(time - 60)), None, "{code}, too early");
        }
        assert_eq!(step_of(&app, " 287 082 ", at(59)), Some(1));
        for wrong in ["", "28708", "2870822", "94287082", "+87082", "28708x", "２８７０８２"] {
            assert_eq!(step_of(&app, wrong, at(59)), None, "{wrong}");
        }
    }

    #[test]
    fn a_secret_opens_for_its_user_alone() {
        let keys = Keyring::new(model::secret::Key::from_bytes([1; 32]));
        let moment = testkit::clock::TestClock::new(at(0), 7).moment();
        let user = |n| UserId::from_uuid(uuid::Uuid::from_u128(n));
        let sealed = seal(&keys).seal(&moment, &[&context(user(1))], &[9; 20]).unwrap();
        assert!(app(user(1), &keys, &sealed).is_ok());
        assert!(app(user(2), &keys, &sealed).is_err());
    }
}
