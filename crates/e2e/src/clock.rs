//! A clock that a test can put forward, by Debian's libfaketime: the product has no switch for it.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

/// The wall clock of the processes that run below it. Time that only measures (timers, time-outs) goes on as it does.
#[derive(Debug, Clone)]
pub struct Clock {
    library: PathBuf,
    offset: PathBuf,
}

impl Clock {
    /// A clock that is right so far; the offset is kept in a file of this folder.
    ///
    /// # Panics
    /// When libfaketime is not installed.
    pub fn new(folder: &Path) -> Self {
        let library = std::fs::read_dir("/usr/lib").into_iter().flatten().flatten();
        let library =
            library.map(|folder| folder.path().join("faketime/libfaketimeMT.so.1")).find(|path| path.exists());
        let library = library.expect("libfaketime is missing: run crates/e2e/tools/provide first");
        let clock = Self { library, offset: folder.join("clock") };
        clock.set_ahead(Duration::ZERO);
        clock
    }

    /// Puts the clock so far ahead of the real one; running processes see it at once.
    ///
    /// # Panics
    /// When the file can't be written.
    pub fn set_ahead(&self, ahead: Duration) {
        // Renamed into place: a process that reads in the middle of a write would see no offset at all.
        let fresh = self.offset.with_extension("new");
        std::fs::write(&fresh, format!("+{}", ahead.as_secs())).expect("the offset can be written");
        std::fs::rename(&fresh, &self.offset).expect("the offset can be put in place");
    }

    /// Makes the command live by this clock.
    pub fn apply(&self, command: &mut Command) {
        command
            .env("LD_PRELOAD", &self.library)
            .env("FAKETIME_TIMESTAMP_FILE", &self.offset)
            .env("FAKETIME_NO_CACHE", "1")
            .env("FAKETIME_DONT_FAKE_MONOTONIC", "1");
    }
}
