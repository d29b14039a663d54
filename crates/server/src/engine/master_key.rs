//! The master key's file: one line, `1:` and 32 bytes in base64url, for its owner's eyes only.
//!
//! It is written whole under another name and then linked to its own, which fails where that exists. So of several
//! starters one makes the key and the others read it, and nobody ever reads half a key.

use crate::config::Problem;
use model::moment::Moment;
use model::secret::{Key, base64url, from_base64url};
use std::fs::{self, File, OpenOptions};
use std::io::{ErrorKind, Read as _, Write as _};
use std::os::unix::fs::{MetadataExt as _, OpenOptionsExt as _};
use std::path::Path;
use zeroize::Zeroizing;

/// What a line begins with whose key is 32 random bytes.
const VERSION: &str = "1:";

/// Far more than a key's line has.
const LONGEST: u64 = 1024;

/// Permission bits of anybody but the owner.
const OTHERS: u32 = 0o077;

/// The key in the file, which is made where it is missing and `empty` says that nothing was sealed yet.
///
/// # Errors
/// A sentence where the file can't be used; where it is missing although something was sealed; where it can't be made.
pub fn read_or_make(
    path: &Path,
    empty: impl FnOnce() -> Result<bool, Problem>,
    moment: &Moment,
) -> Result<Key, Problem> {
    read_or_keep(path, &Key::from_bytes(moment.bytes::<32>()), empty, moment)
}

/// The same with the key that is to be made: one that the process runs with already.
///
/// # Errors
/// As [`read_or_make`].
pub fn read_or_keep(
    path: &Path,
    candidate: &Key,
    empty: impl FnOnce() -> Result<bool, Problem>,
    moment: &Moment,
) -> Result<Key, Problem> {
    if let Some(key) = read(path)? {
        return Ok(key);
    }
    if empty()? {
        make(path, candidate, moment)?;
    }
    // Read again in either case: another starter may have been faster, at the key and at the first organization.
    read(path)?.ok_or_else(|| {
        Problem::new(format!(
            "The master key {} is missing, but the database holds data that was sealed with it. Restore the file from your copy, or name it by \
             master_key_file (DOORWARD_MASTER_KEY_FILE).",
            path.display()
        ))
    })
}

/// The key in the file; nothing where there is no file.
///
/// # Errors
/// A sentence where the file can't be read, others may read it, or it holds no key.
pub fn read(path: &Path) -> Result<Option<Key>, Problem> {
    let shown = path.display();
    let unreadable = |error: std::io::Error| {
        Problem::new(format!("The master key {shown} can't be read: {error}. Check its owner and permissions."))
    };
    let file = match File::open(path) {
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
        opened => opened.map_err(unreadable)?,
    };
    let mode = file.metadata().map_err(unreadable)?.mode();
    if mode & OTHERS != 0 {
        return Err(Problem::new(format!(
            "The master key {shown} is open to others than its owner (mode {:04o}): run chmod 600 on it, and think about who may have read it.",
            mode & 0o7777
        )));
    }
    let mut text = Zeroizing::new(String::new());
    file.take(LONGEST).read_to_string(&mut text).map_err(unreadable)?;
    let key = parse(text.trim_end()).ok_or_else(|| {
        Problem::new(format!(
            "The file {shown} holds no master key, which is one line of {VERSION} and 43 characters. Restore it from your copy."
        ))
    })?;
    Ok(Some(key))
}

fn parse(line: &str) -> Option<Key> {
    let bytes = Zeroizing::new(from_base64url(line.strip_prefix(VERSION)?)?);
    let key: Zeroizing<[u8; 32]> = Zeroizing::new(bytes.as_slice().try_into().ok()?);
    Some(Key::from_bytes(*key))
}

fn make(path: &Path, key: &Key, moment: &Moment) -> Result<(), Problem> {
    let failed = |error: std::io::Error| {
        Problem::new(format!(
            "The master key {} can't be made: {error}. Check its folder's owner and permissions.",
            path.display()
        ))
    };
    let folder = path.parent().unwrap_or(Path::new("/"));
    let draft = folder.join(format!(".master-key-{}", base64url(&moment.bytes::<12>())));
    let linked = write(&draft, key).and_then(|()| fs::hard_link(&draft, path));
    let removed = fs::remove_file(&draft);
    match linked {
        Err(error) if error.kind() == ErrorKind::AlreadyExists => return Ok(()),
        outcome => outcome.map_err(failed)?,
    }
    removed.map_err(failed)?;
    // Without this the name may be lost with the power, and what was sealed meanwhile with it.
    File::open(folder).and_then(|folder| folder.sync_all()).map_err(failed)?;
    tracing::info!(file = %path.display(), "made the master key; keep a copy of it, apart from the database's");
    Ok(())
}

fn write(draft: &Path, key: &Key) -> std::io::Result<()> {
    let mut file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(draft)?;
    let line = Zeroizing::new(format!("{VERSION}{}\n", base64url(key.expose())));
    file.write_all(line.as_bytes())?;
    file.sync_all()
}
