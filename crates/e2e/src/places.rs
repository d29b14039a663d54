//! Where things are on this machine: our programs, the tests' tools, ports that are free.

use std::net::TcpListener;
use std::path::PathBuf;
use std::process::Command;
use std::sync::atomic::{AtomicU16, Ordering};

/// The path of one of our programs, built in the same profile as the test.
///
/// # Panics
/// When it has not been built.
pub fn program(name: &str) -> PathBuf {
    let test = std::env::current_exe().expect("the running test has a path");
    let path = test.ancestors().nth(2).expect("tests lie in target/<profile>/deps").join(name);
    assert!(path.exists(), "{} is missing: run cargo build --workspace --bins first", path.display());
    path
}

/// A file of `crates/e2e/tools`.
pub fn tool(name: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tools").join(name)
}

/// A path below `.tools`, where `crates/e2e/tools/provide` puts the Python and Node libraries.
///
/// # Panics
/// When it has not been provided.
pub fn provided(path: &str) -> PathBuf {
    let found = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../.tools").join(path);
    assert!(found.exists(), "{} is missing: run crates/e2e/tools/provide first", found.display());
    found
}

/// A port of 127.0.0.1 that nobody listens on. It lies below the range that the system gives to outgoing connections, so
/// that a killed server finds it free when it comes back.
///
/// # Panics
/// When a few thousand ports in a row are taken.
pub fn free_port() -> u16 {
    const LOWEST: u16 = 10_000;
    const COUNT: u16 = 10_000;
    static NEXT: AtomicU16 = AtomicU16::new(0);
    // Test programs that run side by side begin at different places.
    let start = u16::try_from(std::process::id() % u32::from(COUNT)).expect("below COUNT");
    (0..COUNT)
        .map(|_| LOWEST + (start + NEXT.fetch_add(1, Ordering::Relaxed) % COUNT) % COUNT)
        .find(|&port| TcpListener::bind(("127.0.0.1", port)).is_ok())
        .expect("a free port")
}

/// A command with an environment of its own: none of the caller's `DOORWARD_…` settings, nor the locations of his files,
/// reach it. What the caller's run is marked by stays, so that whoever started it can find what it leaves behind.
pub fn command(path: impl AsRef<std::ffi::OsStr>) -> Command {
    let mut command = Command::new(path);
    command.env_clear();
    for kept in ["PATH", "LANG", "TMPDIR", "TEST_RUN_MARK", "RUST_LOG", "RUST_BACKTRACE"] {
        if let Some(value) = std::env::var_os(kept) {
            command.env(kept, value);
        }
    }
    command
}
