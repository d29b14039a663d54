//! `make run`, from nothing to a signed-in terminal, and what it says the second time.

use std::net::TcpStream;
use std::path::Path;

use e2e::form_browser::FormBrowser;
use e2e::places::{command, free_port, program, tool};
use e2e::server::Answer;
use e2e::terminal::Terminal;
use reqwest::StatusCode;

const OWNER: &str = "owner@acme.example";
const GOES_ON: &str = "The server goes on until you press Ctrl-C.";

/// One place to run in: a folder and a port.
struct Run {
    folder: tempfile::TempDir,
    port: u16,
}

impl Run {
    fn terminal(&self, fresh: &str) -> Terminal {
        Terminal::start(&self.command(fresh), 100, 60)
    }

    fn command(&self, fresh: &str) -> std::process::Command {
        let programs = program("doorward-server");
        let mut run = command(tool("run"));
        run.env("PORT", self.port.to_string()).env("DATA", self.data()).env("FRESH", fresh);
        run.env("PROGRAMS", programs.parent().expect("a program lies in a folder"));
        run
    }

    fn data(&self) -> std::path::PathBuf {
        self.folder.path().join("data")
    }

    fn browser(&self) -> FormBrowser {
        FormBrowser::new(&format!("http://localhost:{}", self.port))
    }

    fn listens(&self) -> bool {
        TcpStream::connect(("127.0.0.1", self.port)).is_ok()
    }
}

/// The word that follows this one.
fn word_after<'a>(text: &'a str, word: &str) -> &'a str {
    let mut words = text.split_whitespace().skip_while(|found| *found != word).skip(1);
    words.next().unwrap_or_else(|| panic!("nothing follows {word:?}: {text}"))
}

async fn sign_in(browser: &mut FormBrowser, password: &str) -> StatusCode {
    browser.open("/login").await;
    let page = browser.press("Sign in", &[("email", OWNER), ("password", password)]).await;
    page.status
}

async fn approve(browser: &mut FormBrowser, user_code: &str) {
    browser.open("/orgs/acme-corp/device").await;
    browser.press("Continue", &[("user_code", user_code)]).await;
    let page = browser.press("Approve", &[("confirm", "yes")]).await;
    assert_eq!(page.url.path(), "/orgs/acme-corp/device/result", "{}", page.text());
}

async fn stops(mut terminal: Terminal, run: &Run) {
    terminal.press("\u{3}");
    terminal.wait_for("Stopped.").await;
    terminal.end().await;
    assert!(!run.listens(), "the server goes on after Ctrl-C");
}

#[tokio::test]
async fn from_nothing_to_signed_in_and_again() {
    let run = Run { folder: tempfile::tempdir().expect("a temporary folder"), port: free_port() };

    // The first time: an account, a password, a code.
    let terminal = run.terminal("");
    terminal.wait_for("Waiting").await;
    let shown = terminal.text();
    assert_eq!(word_after(&shown, "Account"), OWNER);
    assert_eq!(word_after(&shown, "Portal"), format!("http://localhost:{}/orgs/acme-corp/portal", run.port));
    let password = word_after(&shown, "Password").to_owned();
    assert!(shown.contains('█') || shown.contains('▄'), "no QR code: {shown}");
    let mut browser = run.browser();
    assert_eq!(sign_in(&mut browser, &password).await, StatusCode::OK);
    approve(&mut browser, word_after(&shown, "Code")).await;
    terminal.wait_for(GOES_ON).await;
    // What `whoami` says.
    let shown = terminal.text();
    assert_eq!(word_after(&shown, "Organization"), "acme-corp");
    assert!(shown.contains(&format!("Signed in as  {OWNER}")), "{shown}");
    stops(terminal, &run).await;

    second_run(&run, &password).await;
    fresh_run(&run).await;
}

/// Everything is still there, and says how to go on. The password is lost, and set anew.
async fn second_run(run: &Run, password: &str) {
    let terminal = run.terminal("");
    terminal.wait_for(GOES_ON).await;
    let shown = terminal.text();
    assert!(shown.contains(&format!("Signed in as  {OWNER}")), "{shown}");
    assert!(shown.contains("make run FRESH=1") && !shown.contains("Waiting"), "{shown}");
    assert!(!shown.contains(password), "the password is shown again");

    let line = shown.lines().find(|line| line.contains("set-password")).expect("how to set another password").trim();
    let other = "plum-colored folding ladder 4";
    let answer = Answer::of(command_line(line), &format!("{other}\n"));
    assert_eq!(answer.status, 0, "{line}: {answer:?}");
    assert_eq!(sign_in(&mut run.browser(), password).await, StatusCode::BAD_REQUEST);
    assert_eq!(sign_in(&mut run.browser(), other).await, StatusCode::OK);

    // A second one beside it: its port is taken.
    let answer = Answer::of(run.command(""), "");
    assert_ne!(answer.status, 0);
    let hint = format!("make run PORT={}", run.port + 1);
    assert!(answer.stderr.contains("taken") && answer.stderr.contains(&hint), "{answer:?}");
    stops(terminal, run).await;
}

/// As a person's shell runs it, in the project's folder.
fn command_line(line: &str) -> std::process::Command {
    let mut shell = command("sh");
    shell.args(["-c", line]).current_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join("../.."));
    shell
}

/// A new code in place of the sign-in that is kept; Ctrl-C while it waits.
async fn fresh_run(run: &Run) {
    let terminal = run.terminal("1");
    terminal.wait_for("Waiting").await;
    assert!(!run.data().join("config/doorward/credentials.json").exists() || !terminal.text().contains("Still"));
    stops(terminal, run).await;
}
