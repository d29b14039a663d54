//! Recovery codes: what takes a second factor's place, or an approval's by letter, when neither is at hand.
//!
//! There are ten, shown once. A code has a hundred random bits, so that it can't be found from its digest, and no budget
//! of guesses is needed to keep it safe.

use model::audit::{Action, By};
use model::fault::Fault;
use model::id::UserId;
use model::moment::Moment;
use model::secret::{Digest, Purpose, Secret};
use model::time::Timestamp;
use store::Conn;
use store::tables::{audit, recovery_codes};

/// How many there are at once.
pub const COUNT: usize = 10;

/// Without what is mistaken for something else when written by hand: I, L, O, U (Crockford's base 32).
const ALPHABET: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";

/// Characters of five bits each.
const LENGTH: usize = 20;

/// Characters between two hyphens.
const GROUP: usize = 5;

/// Makes new codes in place of all before, with their audit row.
///
/// # Errors
/// The database's.
pub fn make(conn: &mut Conn, user: UserId, by: &By) -> Result<Vec<Secret>, Fault> {
    recovery_codes::remove_of_user(conn, user)?;
    let codes: Vec<Secret> = (0..COUNT).map(|_| draw(&by.moment)).collect();
    for code in &codes {
        recovery_codes::insert(conn, user, &digest(user, code.expose()), by.now())?;
    }
    audit::insert(conn, &by.entry(None, Action::RecoveryCodesMade, user))?;
    Ok(codes)
}

/// Spends one of a user's codes, as typed, with its audit row; false where they have no such code that is not spent.
/// Whoever calls this posts the letter about it in the same transaction.
///
/// # Errors
/// The database's.
pub fn spend(conn: &mut Conn, user: UserId, code: &str, by: &By) -> Result<bool, Fault> {
    let spent = recovery_codes::spend(conn, user, &digest(user, &plain(code)), by.now())?;
    if spent {
        let left = left(conn, user)?.map_or(0, |(left, _)| left);
        audit::insert(conn, &by.entry(None, Action::RecoveryCodeUsed, user).with("left", left))?;
    }
    Ok(spent)
}

/// How many codes a user has that are not spent, and when they were made; nothing where none were.
///
/// # Errors
/// The database's.
pub fn left(conn: &mut Conn, user: UserId) -> Result<Option<(usize, Timestamp)>, Fault> {
    recovery_codes::left(conn, user)
}

/// Whether what somebody typed could be a recovery code rather than one of an authenticator app.
pub(crate) fn looks_like_one(typed: &str) -> bool {
    plain(typed).len() > 8
}

/// As it is shown: four groups of five.
pub fn shown(code: &Secret) -> String {
    let groups: Vec<&str> =
        (0..LENGTH / GROUP).filter_map(|group| code.expose().get(group * GROUP..(group + 1) * GROUP)).collect();
    groups.join("-")
}

fn draw(moment: &Moment) -> Secret {
    let bytes = moment.bytes::<LENGTH>();
    Secret::new(bytes.iter().map(|byte| char::from(ALPHABET[usize::from(byte & 31)])).collect())
}

/// What somebody typed, as codes are compared: without hyphens and spaces, what looks alike taken for what it must be.
fn plain(typed: &str) -> String {
    let one = |c: char| match c.to_ascii_uppercase() {
        'O' => '0',
        'I' | 'L' => '1',
        other => other,
    };
    typed.chars().filter(char::is_ascii_alphanumeric).take(LENGTH + 1).map(one).collect()
}

/// The user is part of it: one table of digests would otherwise serve against all of them.
fn digest(user: UserId, code: &str) -> Digest {
    Digest::of(Purpose::RecoveryCode, &format!("{user} {code}"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use uuid::Uuid;

    #[test]
    fn a_code_is_read_as_it_was_written_by_hand() {
        for typed in ["01ABC-DEFGH-JKMNP-QRSTV", " oiabc defgh jkmnp qrstv\n", "OLABCDEFGHJKMNPQRSTV"] {
            assert_eq!(plain(typed), "01ABCDEFGHJKMNPQRSTV", "{typed}");
        }
        assert!(looks_like_one("01ABC-DEFGH-JKMNP-QRSTV") && !looks_like_one("123 456") && !looks_like_one("12345678"));
    }

    #[test]
    fn codes_are_long_and_read_back() {
        let moment = testkit::clock::TestClock::new(Timestamp::from_seconds(0), 7).moment();
        let code = draw(&moment);
        assert_eq!(code.expose().len() * 5, 100, "bits");
        assert_eq!(shown(&code).len(), 23);
        assert_eq!(&plain(&shown(&code)), code.expose());
        assert_ne!(draw(&moment).expose(), code.expose());
    }

    #[test]
    fn one_code_of_two_users_has_two_digests() {
        let user = |n| UserId::from_uuid(Uuid::from_u128(n));
        assert_ne!(digest(user(1), "A"), digest(user(2), "A"));
    }
}
