//! An admin's first day with a watch: from an empty organization to the first device that is logged in, by a browser and a
//! terminal, at the pace of somebody who types, points, and reads what is new to them.
//! `crates/e2e/tools/with-postgres cargo run --package doorward-e2e --example first_day`.
#![expect(clippy::expect_used, reason = "a way that does not lead where it should ends the round")]

use std::process::Command;
use std::time::Duration;

use e2e::acme::{EMAIL, ORGANIZATION, PASSWORD, TICK};
use e2e::chromium::Chromium;
use e2e::database::Engine;
use e2e::places::program;
use e2e::server::Server;
use e2e::terminal::Terminal;
use tokio::time::{Instant, sleep};

// By the keystroke-level model of Card, Moran and Newell: an average typist, a pointer, a hand between the two, a thought
// before each step.
const KEY: Duration = Duration::from_millis(280);
const POINT: Duration = Duration::from_millis(1_100);
const HAND: Duration = Duration::from_millis(400);
const THOUGHT: Duration = Duration::from_millis(1_350);

/// What the person reads of a page on the way: its heading, and what belongs to the step.
const READ: &str = "
    const main = document.querySelector('main');
    const text = main.innerText;
    return [text.split(/\\s+/).length, (text.match(/[.?!](\\s|$)/g) || []).length];
";

struct Day {
    chromium: Chromium,
    start: Instant,
    steps: usize,
}

impl Day {
    async fn step(&mut self, what: &str) {
        self.steps += 1;
        let read = self.chromium.ask(READ).await;
        println!(
            "{:5.1} s  {what}   (page of {} words, {} sentences)",
            self.start.elapsed().as_secs_f64(),
            read[0],
            read[1]
        );
        sleep(THOUGHT).await;
    }

    async fn types(&mut self, field: &str, text: &str) {
        sleep(HAND + KEY * u32::try_from(text.chars().count()).expect("a short text")).await;
        self.chromium.fill(field, text).await;
    }

    async fn points_at(&mut self, button: &str) {
        sleep(HAND + POINT).await;
        self.chromium.press(button).await;
    }
}

#[tokio::main(flavor = "current_thread")]
async fn main() {
    let mut server = Server::on(Engine::Sqlite);
    server.json(&["org", "create", ORGANIZATION, "--name", "Acme Corp"], "");
    let owner = ["user", "create", "--email", EMAIL, "--name", "Ada", "--org", ORGANIZATION, "--role", "owner"];
    server.json(&[&owner[..], &["--verified", "--password-stdin"]].concat(), &format!("{PASSWORD}\n"));
    server.start().await;
    let chromium = Chromium::start().await;
    chromium.open(&format!("{}/login?next=/orgs/{ORGANIZATION}/portal/applications", server.url())).await;
    chromium.fill("E-mail address", EMAIL).await;
    chromium.fill("Password", PASSWORD).await;
    chromium.press("Sign in").await;
    chromium.wait_for("Create application").await;

    let mut day = Day { chromium, start: Instant::now(), steps: 0 };
    day.step("She is in her portal: Create application").await;
    sleep(HAND + POINT).await;
    day.chromium.open(&format!("{}/orgs/{ORGANIZATION}/portal/applications/new", server.url())).await;
    day.step("She says what it is called, and leaves the rest as it is").await;
    day.types("Name", "Report tool").await;
    day.points_at("Create application").await;
    day.chromium.wait_for("Try it").await;
    day.step("She copies the command below Try it, and pastes it into her terminal").await;
    let command = day.chromium.ask("return document.querySelector('#snippet-doorward').innerText").await;
    let below = "return Math.round(document.querySelector('#snippet-doorward').getBoundingClientRect().top)";
    println!("         it stands {} px below the top of the page", day.chromium.ask(below).await);
    sleep(HAND + POINT + HAND + POINT + KEY * 3).await;
    let terminal = run(command.as_str().expect("a command"));
    terminal.wait_for("Waiting for your approval").await;
    let shown = terminal.text();
    let (address, code) = (after(&shown, "Open"), after(&shown, "Code"));
    day.step("She follows the address, and types the code").await;
    sleep(HAND + POINT).await;
    day.chromium.open(&address).await;
    day.types("Device code", &code).await;
    day.points_at("Continue").await;
    day.chromium.wait_for("Approve this device?").await;
    day.step("She reads what it asks for, ticks that it is hers, and approves").await;
    sleep(HAND + POINT).await;
    day.chromium.tick(TICK).await;
    day.points_at("Approve").await;
    day.chromium.wait_for("connected").await;
    terminal.wait_for("Signed in as").await;
    day.step("The terminal says that she is signed in").await;
    println!("{} steps, {:.1} s", day.steps, day.start.elapsed().as_secs_f64());
}

/// The command as it was copied, in a shell that knows the program.
fn run(line: &str) -> Terminal {
    let folder = std::env::temp_dir().join(format!("doorward-first-day.{}", std::process::id()));
    let programs = program("doorward");
    let mut shell = Command::new("sh");
    shell.args(["-c", line]).env("HOME", &folder).env("XDG_CONFIG_HOME", &folder);
    shell.env("PATH", format!("{}:/usr/bin:/bin", programs.parent().expect("a folder").display()));
    Terminal::start(&shell, 100, 40)
}

/// What stands in the line that begins so.
fn after(shown: &str, label: &str) -> String {
    let mut lines = shown.lines().map(str::trim).filter_map(|line| line.strip_prefix(label));
    lines.next().expect("the terminal says so").trim().to_owned()
}
