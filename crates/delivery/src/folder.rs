//! Letters as files: for development, and for servers that send no mail.

use crate::transport::SendProblem;
use model::id::LetterId;
use model::time::Timestamp;
use std::fs::{DirBuilder, File, OpenOptions, rename};
use std::io::{self, Write as _};
use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};
use time::format_description::BorrowedFormatItem;
use time::macros::format_description;
use time::{Duration, OffsetDateTime};

const NAMED_BY: &[BorrowedFormatItem<'_>] =
    format_description!("[year][month][day]T[hour][minute][second].[subsecond digits:3]Z");

/// A folder that keeps one `.eml` file a letter.
#[derive(Debug)]
pub struct Folder(PathBuf);

impl Folder {
    pub(crate) fn new(path: &Path) -> Self {
        Self(path.to_owned())
    }

    /// Writes the letter under a name of its date and id: sent again, it is the same file.
    pub(crate) fn keep(&self, letter: LetterId, date: Timestamp, message: &[u8]) -> Result<(), SendProblem> {
        let since = Duration::milliseconds(date.millis());
        let at = OffsetDateTime::UNIX_EPOCH.checked_add(since).and_then(|at| at.format(NAMED_BY).ok());
        let name = format!("{}-{}.eml", at.unwrap_or_default(), letter);
        self.write(&name, message)
            .map_err(|error| SendProblem::of_server(format!("{} can't be written: {error}", self.0.display())))
    }

    /// Whoever sees the name sees the whole letter, after a crash too.
    fn write(&self, name: &str, message: &[u8]) -> io::Result<()> {
        DirBuilder::new().recursive(true).mode(0o700).create(&self.0)?;
        let unfinished = self.0.join(format!(".{name}.unfinished"));
        let mut file = OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(&unfinished)?;
        file.write_all(message)?;
        file.sync_all()?;
        rename(&unfinished, self.0.join(name))?;
        File::open(&self.0)?.sync_all()
    }
}
