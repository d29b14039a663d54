//! Rebuilds the crate when a migration changes, and names the whole set of migrations by a fingerprint.

use std::collections::BTreeMap;
use std::collections::hash_map::DefaultHasher;
use std::hash::{Hash as _, Hasher as _};
use std::path::Path;
use std::{fs, io};

fn main() -> io::Result<()> {
    let root = Path::new("../../migrations");
    println!("cargo:rerun-if-changed={}", root.display());
    let mut files = BTreeMap::new();
    collect(root, &mut files)?;
    // Not for security: it only has to differ when a migration does, so that a prepared test database is not reused.
    let mut hash = DefaultHasher::new();
    files.hash(&mut hash);
    println!("cargo:rustc-env=DOORWARD_MIGRATIONS={:016x}", hash.finish());
    Ok(())
}

fn collect(folder: &Path, files: &mut BTreeMap<String, Vec<u8>>) -> io::Result<()> {
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() {
            collect(&path, files)?;
        } else {
            files.insert(path.display().to_string(), fs::read(&path)?);
        }
    }
    Ok(())
}
