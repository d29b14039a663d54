//! User codes that are needed again later: sealed where they are stored, so that the database alone gives none away.

use crate::seal::Seal;
use model::fault::Fault;
use model::moment::Moment;
use model::secret::{Keyring, Purpose};
use model::user_code::TypedCode;

/// Seals a code, bound to `context`: whose it is.
///
/// # Errors
/// As [`Seal::seal`].
pub fn seal_code(
    keys: &Keyring,
    purpose: Purpose,
    context: &[&[u8]],
    code: &TypedCode,
    moment: &Moment,
) -> Result<Vec<u8>, Fault> {
    Seal::new(&keys.key(purpose)).seal(moment, context, code.as_str().as_bytes())
}

/// The code that [`seal_code`] sealed; nothing where key, purpose, context or any byte is another.
pub fn open_code(keys: &Keyring, purpose: Purpose, context: &[&[u8]], sealed: &[u8]) -> Option<TypedCode> {
    let opened = Seal::new(&keys.key(purpose)).open(context, sealed)?;
    String::from_utf8(opened).ok().map(|code| TypedCode::read(&code))
}
