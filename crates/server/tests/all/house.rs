//! The house's doors open downwards only: which crate may know which, and which library lives in which room.

use cargo_metadata::{DependencyKind, Metadata, MetadataCommand, Package};
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

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
    ("sha1", &["login"]),
    ("totp-rs", &["login"]),
    ("webauthn-rs", &["login"]),
    ("oauth2", &["login", "client", "e2e"]),
    ("lettre", &["delivery"]),
    ("tera", &["views"]),
    ("fluent-bundle", &["views"]),
    ("unic-langid", &["views"]),
    ("maxminddb", &["server"]),
    ("reqwest", &["client", "e2e", "outbound"]),
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

/// The doors as docs/architecture.md lists them: each crate with those that it knows, of ours, in the document's order.
fn doors() -> Vec<(String, BTreeSet<String>)> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/architecture.md");
    let document = std::fs::read_to_string(path).unwrap();
    let rows = document.lines().skip_while(|line| *line != "| crate | its doors |").skip(2);
    let in_backticks = |text: &str| -> Vec<String> { text.split('`').skip(1).step_by(2).map(str::to_owned).collect() };
    let doors: Vec<_> = rows
        .take_while(|line| line.starts_with('|'))
        .map(|line| {
            let cells: Vec<&str> = line.trim_matches('|').split('|').collect();
            let [name] = &in_backticks(cells[0])[..] else { panic!("{line}") };
            (name.clone(), in_backticks(cells[1]).into_iter().collect())
        })
        .collect();
    assert!(doors.len() > 10, "the table of doors has moved: {doors:?}");
    doors
}

#[test]
fn doors_are_those_of_the_document_and_open_downwards_only() {
    let doors = doors();
    let metadata = metadata();
    let packages: BTreeMap<_, _> =
        metadata.workspace_packages().into_iter().map(|package| (name_of(package), package)).collect();
    assert_eq!(packages.len(), doors.len());
    for (at, (name, listed)) in doors.iter().enumerate() {
        let package = packages.get(name.as_str()).unwrap_or_else(|| panic!("there is no crate {name}"));
        let real: BTreeSet<String> =
            shipped(package).iter().filter_map(|name| name.strip_prefix("doorward-")).map(str::to_owned).collect();
        assert_eq!(real, *listed, "{name}");
        for known in listed {
            assert!(
                doors[..at].iter().any(|(above, _)| above == known),
                "{name} must not know {known}, which stands below it"
            );
        }
    }
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
    // Of two with one number only one would ever be applied.
    let all = names("sqlite");
    let numbers: BTreeSet<&str> = all.iter().map(|name| name.split('_').next().unwrap()).collect();
    assert_eq!(numbers.len(), all.len(), "each has a number of its own: {all:?}");
}
