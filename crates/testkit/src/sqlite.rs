//! SQLite for tests: the migrated file is made once in a process and copied for each test.

use std::sync::OnceLock;
use store::{Db, DbConfig};
use tempfile::TempDir;

pub(crate) struct File {
    url: String,
    _folder: TempDir,
}

impl File {
    pub(crate) fn new() -> Self {
        Self::with(template())
    }

    pub(crate) fn empty() -> Self {
        Self::with(&[])
    }

    #[expect(clippy::expect_used, reason = "a test can't go on without its database")]
    fn with(content: &[u8]) -> Self {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let path = folder.path().join("doorward.db");
        std::fs::write(&path, content).expect("a database file");
        Self { url: format!("sqlite://{}", path.display()), _folder: folder }
    }

    pub(crate) fn url(&self) -> &str {
        &self.url
    }
}

/// The bytes of a migrated file.
#[expect(clippy::expect_used, reason = "a test can't go on without its database")]
fn template() -> &'static [u8] {
    static TEMPLATE: OnceLock<Vec<u8>> = OnceLock::new();
    TEMPLATE.get_or_init(|| {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let path = folder.path().join("template.db");
        let db = Db::open(DbConfig { url: format!("sqlite://{}", path.display()), ..DbConfig::default() })
            .expect("a new file");
        db.migrate().expect("migrations that apply");
        // Closing the last connection moves the write-ahead log into the file.
        drop(db);
        std::fs::read(path).expect("the migrated file")
    })
}
