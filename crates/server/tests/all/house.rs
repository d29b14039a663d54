//! The house's doors open downwards only: which crate may know which, and which library lives in which room.

use cargo_metadata::{DependencyKind, Metadata, MetadataCommand, Package};
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

/// What each crate may depend on, of ours.
const DOORS: &[(&str, &[&str])] = &[
    ("protocol", &[]),
    ("model", &["protocol"]),
    ("routes", &["model"]),
    ("jose", &["model"]),
    ("store", &["model", "protocol"]),
    ("registry", &["jose", "model", "protocol", "store"]),
    ("issuer", &["jose", "model", "protocol", "store"]),
    ("login", &["jose", "model", "store"]),
    ("directory", &["model", "protocol", "store"]),
    ("delivery", &["model", "store"]),
    ("views", &["model", "routes"]),
    (
        "server",
        &["delivery", "directory", "issuer", "login", "model", "protocol", "registry", "routes", "store", "views"],
    ),
    ("client", &["jose", "model", "protocol"]),
    ("cli", &["client", "protocol"]),
    ("testkit", &["model", "store"]),
    ("e2e", &[]),
];

/// Libraries that only some rooms may name, in code that ships.
const ROOMS: &[(&str, &[&str])] = &[
    ("diesel", &["store"]),
    ("diesel_migrations", &["store"]),
    ("libsqlite3-sys", &["store"]),
    ("pq-sys", &["store"]),
    ("actix-web", &["server"]),
    ("actix-http", &["server"]),
    ("jsonwebtoken", &["jose"]),
    ("aws-lc-rs", &["jose"]),
    ("argon2", &["login"]),
    ("oauth2", &["login", "client", "e2e"]),
    ("lettre", &["delivery"]),
    ("tera", &["views"]),
    ("maxminddb", &["server"]),
    ("reqwest", &["client", "e2e"]),
];

fn metadata() -> Metadata {
    MetadataCommand::new().no_deps().other_options(["--offline".to_owned()]).exec().unwrap()
}

fn name_of(package: &Package) -> &str {
    package.name.strip_prefix("doorward-").unwrap()
}

fn shipped(package: &Package) -> BTreeSet<String> {
    package
        .dependencies
        .iter()
        .filter(|dependency| dependency.kind == DependencyKind::Normal)
        .map(|dependency| dependency.name.to_string())
        .collect()
}

#[test]
fn doors_open_downwards_only() {
    let doors: BTreeMap<_, _> = DOORS.iter().copied().collect();
    let metadata = metadata();
    for package in metadata.workspace_packages() {
        let allowed = doors.get(name_of(package)).unwrap_or_else(|| panic!("{} has no line in DOORS", package.name));
        for dependency in shipped(package).iter().filter_map(|name| name.strip_prefix("doorward-")) {
            assert!(allowed.contains(&dependency), "{} must not know {dependency}", name_of(package));
        }
    }
    assert_eq!(metadata.workspace_packages().len(), DOORS.len());
}

#[test]
fn each_library_stays_in_its_room() {
    for package in metadata().workspace_packages() {
        let dependencies = shipped(package);
        for (library, rooms) in ROOMS.iter().filter(|(library, _)| dependencies.contains(*library)) {
            assert!(rooms.contains(&name_of(package)), "{library} belongs in {rooms:?}, not in {}", name_of(package));
        }
    }
}

#[test]
fn every_crate_takes_the_workspaces_lints() {
    for package in metadata().workspace_packages() {
        let manifest = std::fs::read_to_string(&package.manifest_path).unwrap();
        assert!(manifest.contains("[lints]\nworkspace = true"), "{}", package.name);
    }
}

#[test]
fn dialects_know_neither_tables_nor_tokens_nor_sign_in() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/dialects");
    let mut seen = 0;
    for file in std::fs::read_dir(folder).unwrap() {
        let path = file.unwrap().path();
        let source = std::fs::read_to_string(&path).unwrap();
        for forbidden in ["store::", "issuer::", "login::", "GrantState"] {
            assert!(!source.contains(forbidden), "{} names {forbidden}", path.display());
        }
        seen += 1;
    }
    assert!(seen >= 2, "the dialects have moved");
}

#[test]
fn migrations_have_the_same_names_on_both_engines() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../migrations");
    let names = |engine: &str| -> BTreeSet<String> {
        let entries = std::fs::read_dir(folder.join(engine)).unwrap();
        entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect()
    };
    assert_eq!(names("sqlite"), names("postgres"));
    assert!(!names("sqlite").is_empty());
}
