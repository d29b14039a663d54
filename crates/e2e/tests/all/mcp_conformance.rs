//! The Model Context Protocol's own conformance tests for authorization servers: an organization's metadata, and the
//! authorization code grant by it.

use std::collections::BTreeMap;
use std::path::Path;
use std::process::Command;

use e2e::acme::{Acme, EMAIL, ORGANIZATION, PASSWORD, SCOPE};
use e2e::chromium::Chromium;
use e2e::database::Engine;
use e2e::places::{command, free_port, provided};
use e2e::process::Process;
use e2e::server::Answer;
use e2e::wait::until;
use serde_json::Value;

const METADATA: &str = "authorization-server-metadata-endpoint";

/// The tests at this issuer, which leave what they found in `folder`.
fn tests_at(issuer: &str, folder: &Path) -> Command {
    let mut node = command(provided("bin/node"));
    node.arg(provided("npm/node_modules/@modelcontextprotocol/conformance/dist/index.js"));
    node.args(["authorization", "--url", issuer, "--output-dir"]).arg(folder).current_dir(folder);
    node
}

/// What they found: the status of each check by its name, of all scenarios that ran.
fn found(folder: &Path) -> BTreeMap<String, String> {
    let scenarios = std::fs::read_dir(folder).expect("a folder").map(|entry| entry.expect("an entry").path());
    let results = scenarios.map(|scenario| scenario.join("checks.json")).filter(|results| results.exists());
    let checks = results.flat_map(|results| {
        let text = std::fs::read_to_string(results).expect("checks");
        serde_json::from_str::<Vec<Value>>(&text).expect("a list of checks")
    });
    let text = |check: &Value, name: &str| check[name].as_str().expect("a text").to_owned();
    checks.map(|check| (text(&check, "id"), text(&check, "status"))).collect()
}

/// What they find where these checks pass.
fn passed(checks: &[&str]) -> BTreeMap<String, String> {
    let mut found: BTreeMap<_, _> = checks.iter().map(|check| ((*check).to_owned(), "SUCCESS".to_owned())).collect();
    // A draft's client identifiers that are addresses of documents, which they advise and don't ask for.
    found.insert("authorization-server-metadata-cimd".to_owned(), "WARNING".to_owned());
    found
}

#[tokio::test]
async fn an_organizations_metadata_conforms() {
    let acme = Acme::on(Engine::Sqlite).await;
    let another = format!("{}/", acme.issuer());
    for (issuer, conforms) in [(acme.issuer(), true), (another, false)] {
        let folder = tempfile::tempdir().expect("a folder");
        let mut tests = tests_at(&issuer, folder.path());
        tests.args(["--scenario", METADATA]);
        let answer = tokio::task::spawn_blocking(move || Answer::of(tests, "")).await.expect("an answer");
        assert_eq!(answer.status == 0, conforms, "{answer:?}");
        let mut expected = passed(&["authorization-server-metadata"]);
        if !conforms {
            // They compare issuers byte by byte, and their verdict is heard here.
            expected.insert("authorization-server-metadata".to_owned(), "FAILURE".to_owned());
        }
        assert_eq!(found(folder.path()), expected, "{answer:?}");
    }
}

#[tokio::test]
async fn the_authorization_code_grant_conforms() {
    let acme = Acme::on(Engine::Postgres).await;
    let program = ["app", "create", "--org", ORGANIZATION, "--name", "Acme Agent", "--public", "--scope", SCOPE];
    let program = [&program[..], &["--grant", "authorization_code", "--redirect-uri", "http://127.0.0.1/callback"]];
    let program = acme.server.json(&program.concat(), "");
    let folder = tempfile::tempdir().expect("a folder");
    let mut tests = tests_at(&acme.issuer(), folder.path());
    tests.args([
        "--client-id",
        program["client_id"].as_str().expect("a client_id"),
        "--port",
        &free_port().to_string(),
    ]);
    let mut tests = Process::start("the conformance tests", tests, &folder.path().join("log"));
    let start = format!("{}/api/v1/oauth/authorize?", acme.issuer());
    let address = until("the address to open", async || {
        assert!(tests.ended().is_none(), "ended without asking anybody: {}", tests.log());
        tests.log().lines().find(|line| line.starts_with(&start)).map(str::to_owned)
    });
    let address = address.await;

    let chromium = Chromium::start().await;
    chromium.open(&address).await;
    chromium.fill("E-mail address", EMAIL).await;
    chromium.fill("Password", PASSWORD).await;
    chromium.press("Sign in").await;
    chromium.press("Approve").await;
    chromium.wait_for("OK. You can close this page.").await;
    let status = until("the tests to end", async || tests.ended()).await;
    assert!(status.success(), "{}", tests.log());
    let expected = passed(&["authorization-server-metadata", "authorization-code-grant"]);
    assert_eq!(found(folder.path()), expected, "{}", tests.log());
}
